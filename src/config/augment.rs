use super::error::{ConfigError, check};
use crate::data::Augmentation;

pub(super) fn validate(augmentation: &Augmentation) -> Result<(), ConfigError> {
    for (field, probability) in [
        ("augment.flip", augmentation.flip),
        ("augment.rotate.probability", augmentation.rotate.probability),
        ("augment.crop.probability", augmentation.crop.probability),
        ("augment.scale.probability", augmentation.scale.probability),
        ("augment.brightness.probability", augmentation.brightness.probability),
        ("augment.erase.probability", augmentation.erase.probability),
    ] {
        check((0.0..=1.0).contains(&probability), field, probability, "a probability, 0 to 1")?;
    }
    let degrees = augmentation.rotate.degrees;
    check((0.0..=180.0).contains(&degrees), "augment.rotate.degrees", degrees, "0 to 180")?;
    let padding = augmentation.crop.padding;
    check(padding <= 32, "augment.crop.padding", padding, "0 to 32 pixels")?;
    let range = augmentation.scale.range;
    check((0.0..1.0).contains(&range), "augment.scale.range", range, "at least 0 and below 1")?;
    let range = augmentation.brightness.range;
    check((0.0..=1.0).contains(&range), "augment.brightness.range", range, "0 to 1")?;
    let [low, high] = augmentation.erase.scale;
    check(
        0.0 < low && low <= high && high < 1.0,
        "augment.erase.scale",
        format!("[{low}, {high}]"),
        "two shares of the picture's area, the smaller first, above 0 and below 1",
    )
}
