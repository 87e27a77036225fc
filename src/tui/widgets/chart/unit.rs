//! What values are counted in: how an axis and a legend tell them.

use super::axis::{self, Bounds, LABEL, short};
use crate::tui::theme::Theme;
use std::borrow::Cow;
use std::ops::Range;

/// What a metric's values are counted in, as its name tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    #[default]
    Number,
    /// 0..=1
    Share,
    /// 0..=100
    Percent,
    Bytes,
    Celsius,
    Watts,
}

const ENDINGS: [(&str, Unit); 4] = [
    ("_percent", Unit::Percent),
    ("_bytes", Unit::Bytes),
    ("_celsius", Unit::Celsius),
    ("_watts", Unit::Watts),
];

const BYTES: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

impl Unit {
    /// The unit of a metric, by its key.
    pub fn of(key: &str) -> Self {
        let ending = ENDINGS.iter().find(|(ending, _)| key.ends_with(ending));
        let is_share = key.contains("accuracy") || key == "energy_in_region";
        let share = if is_share { Self::Share } else { Self::Number };
        ending.map_or(share, |(_, unit)| *unit)
    }

    /// A title without the unit that stands at the values.
    pub fn title(title: &str) -> &str {
        let without = ENDINGS.iter().find_map(|(ending, _)| title.strip_suffix(ending));
        without.filter(|title| !title.is_empty()).unwrap_or(title)
    }

    /// The y axis for new data after `previous`; in log10 of the values on a logarithmic axis.
    pub(super) fn bounds(self, previous: Option<Bounds>, data: Range<f64>, log: bool) -> Bounds {
        let wide = if log { data.clone() } else { self.widened(data.clone()) };
        // Round in the unit that is shown.
        let scale = match self {
            Self::Bytes if !log => 1024f64.powi(magnitude(data.start.abs().max(data.end.abs())) as i32),
            _ => 1.0,
        };
        let scaled = |bounds: Bounds, by: f64| Bounds { low: bounds.low * by, high: bounds.high * by };
        let previous = previous.map(|bounds| scaled(bounds, 1.0 / scale));
        let bounds = Bounds::settle(previous, wide.start / scale..wide.end / scale, log);
        let bounds = scaled(bounds, scale);
        let most = match self {
            Self::Share => 1.0,
            Self::Percent => 100.0,
            _ => f64::INFINITY,
        };
        let has_zero = self != Self::Number && self != Self::Celsius;
        if log || !has_zero || data.start < 0.0 || data.end > most {
            return bounds;
        }
        Bounds { low: bounds.low.max(0.0), high: bounds.high.min(most) }
    }

    /// A range of data that is wide enough to tell something: what a machine measures of itself always trembles a little,
    /// and that is no mountain range.
    fn widened(self, data: Range<f64>) -> Range<f64> {
        let least = match self {
            Self::Number | Self::Share => return data,
            Self::Percent => 10.0,
            Self::Bytes | Self::Celsius | Self::Watts => data.start.abs().max(data.end.abs()) / 20.0,
        };
        let more = (least - (data.end - data.start)).max(0.0) / 2.0;
        let start = if data.start >= 0.0 { (data.start - more).max(0.0) } else { data.start - more };
        start..data.end + more
    }

    /// The label of a height of the y axis, at most [`LABEL`] wide but for absurd values.
    pub(super) fn label(self, height: f64, log: bool, theme: &Theme) -> String {
        if matches!(self, Self::Number | Self::Share) {
            return axis::label(height, log);
        }
        let value = if log { 10f64.powf(height) } else { height };
        if self == Self::Bytes {
            return bytes(value, "");
        }
        let sign = self.sign(theme);
        let room = LABEL - sign.chars().count();
        let number = short(value);
        let number = if number.len() > room { format!("{value:.0}") } else { number };
        format!("{number}{sign}")
    }

    /// A value for a legend, always the same width, so that a new value moves nothing.
    pub(super) fn value(self, value: f64, theme: &Theme) -> String {
        let sign = self.sign(theme);
        match self {
            Self::Number | Self::Share => axis::value(value),
            Self::Bytes if !value.is_finite() => format!("{:>8}", "-"),
            Self::Bytes => format!("{:>8}", bytes(value, " ")),
            _ if !value.is_finite() => format!("{:>7}", "-"),
            _ if value.abs() < 99.95 => format!("{:>7}", format!("{value:.1}{sign}")),
            _ => format!("{:>7}", format!("{value:.0}{sign}")),
        }
    }

    fn sign(self, theme: &Theme) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Number | Self::Share | Self::Bytes => "",
            Self::Percent => " %",
            Self::Celsius if theme.symbols.braille => " °C",
            Self::Celsius => " C",
            Self::Watts => " W",
        })
    }
}

/// The power of 1024 below a size, so that one to three digits stand before the point.
fn magnitude(size: f64) -> usize {
    let last = BYTES.len() - 1;
    (0..last).find(|power| size < 999.5 * 1024f64.powi(*power as i32)).unwrap_or(last)
}

/// A size in three characters and its unit.
fn bytes(size: f64, space: &str) -> String {
    let power = magnitude(size.abs());
    let value = size / 1024f64.powi(power as i32);
    let digits = if power == 0 || value.abs() >= 9.95 { 0 } else { 1 };
    let number = format!("{value:.digits$}");
    let number = if space.is_empty() { number.trim_end_matches(".0") } else { &number };
    if size == 0.0 { "0".into() } else { format!("{number}{space}{}", BYTES[power]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::Depth;

    const THEME: Theme = Theme::new(Depth::Palette, true);

    #[test]
    fn the_name_of_a_metric_tells_its_unit() {
        assert_eq!(Unit::of("gpu_use_percent"), Unit::Percent);
        assert_eq!(Unit::of("memory_bytes"), Unit::Bytes);
        assert_eq!((Unit::of("top2_accuracy"), Unit::of("loss")), (Unit::Share, Unit::Number));
        assert_eq!((Unit::title("system/gpu_watts"), Unit::title("_bytes")), ("system/gpu", "_bytes"));
    }

    #[test]
    fn values_stand_in_their_unit_and_keep_their_width() {
        let gib = 1024f64.powi(3);
        let values = [
            (Unit::Bytes, 7.512 * gib, "7.5 GiB", "7.5GiB"),
            (Unit::Bytes, 78.0 * gib, "78 GiB", "78GiB"),
            (Unit::Bytes, 1000.0 * 1024.0 * 1024.0, "1.0 GiB", "1GiB"),
            (Unit::Bytes, 0.0, "0", "0"),
            (Unit::Percent, 97.46, "97.5 %", "97 %"),
            (Unit::Percent, 100.0, "100 %", "100 %"),
            (Unit::Celsius, 63.0, "63.0 °C", "63 °C"),
            (Unit::Watts, 312.4, "312 W", "312 W"),
        ];
        for (unit, value, legend, label) in values {
            let shown = unit.value(value, &THEME);
            assert_eq!(shown.trim_start(), legend);
            assert_eq!(shown.chars().count(), unit.value(f64::NAN, &THEME).chars().count());
            assert_eq!(unit.label(value, false, &THEME), label);
            assert!(label.chars().count() <= LABEL);
        }
        let ascii = Theme::new(Depth::Mono, false);
        assert!(
            Unit::Celsius.value(63.0, &ascii).is_ascii()
                && Unit::Celsius.label(63.0, false, &ascii).is_ascii()
        );
    }

    #[test]
    fn an_axis_of_bytes_is_round_in_the_unit_that_is_shown() {
        let gib = 1024f64.powi(3);
        let bounds = Unit::Bytes.bounds(None, 0.3 * gib..13.0 * gib, false);
        assert_eq!((bounds.low, bounds.high / gib), (0.0, 15.0));
        let again = Unit::Bytes.bounds(Some(bounds), 0.2 * gib..14.5 * gib, false);
        assert_eq!(again, bounds);
    }

    #[test]
    fn what_only_trembles_is_drawn_flat() {
        let mib = 1024f64.powi(2);
        let memory = Unit::Bytes.bounds(None, 111.0 * mib..111.004 * mib, false);
        assert!(memory.high - memory.low > 5.0 * mib, "{memory:?}");
        let [low, high] = [memory.low, memory.high].map(|end| Unit::Bytes.label(end, false, &THEME));
        assert_ne!(low, high);
        let busy = Unit::Percent.bounds(None, 70.5..73.0, false);
        assert!(busy.high - busy.low >= 10.0, "{busy:?}");
        assert_eq!(Unit::Number.bounds(None, 1.0..1.001, false), Bounds::settle(None, 1.0..1.001, false));
        assert!(Unit::Bytes.bounds(None, 0.0..0.0, false).low >= 0.0);
    }

    #[test]
    fn a_share_of_all_never_passes_its_ends() {
        let bounds = Unit::Percent.bounds(None, 2.0..99.0, false);
        assert_eq!((bounds.low, bounds.high), (0.0, 100.0));
        let constant = Unit::Percent.bounds(None, 100.0..100.0, false);
        assert!(constant.low < 100.0 && constant.high == 100.0);
        let wrong = Unit::Percent.bounds(None, 2.0..180.0, false);
        assert!(wrong.high >= 180.0);
    }
}
