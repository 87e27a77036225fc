//! Where the evidence of a map lies, in words: the same wherever a map is shown.

use crate::emotion::Emotion;
use crate::explain::FacePart;

/// The share of the evidence in the parts of a face where `class` shows, and what would lie there by chance; both 0 to 1.
pub fn in_parts(class: Emotion, share: f64, chance: f64) -> String {
    let parts: Vec<&str> = FacePart::of(class).iter().map(|part| part.name()).collect();
    format!("{} in {}; {} by chance", percent(share), parts.join(", "), percent(chance))
}

/// A share of the evidence.
pub fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}
