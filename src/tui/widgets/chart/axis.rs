//! The ends of the axes: round, and slow to change, so that a new point repaints a few cells.

use super::columns::Window;
use std::ops::Range;

/// The y axis of a chart, from the bottom dot to the top one; log10 of the values on a logarithmic axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Bounds {
    /// Round bounds around `data`: multiples of 1, 2 or 5 times a power of ten, about five to the span.
    pub(crate) fn around(data: Range<f64>) -> Self {
        let (low, high) = (data.start, data.end);
        if !(low.is_finite() && high.is_finite()) {
            return Self { low: 0.0, high: 1.0 };
        }
        let span = high - low;
        // A flat curve stands in the middle of a span fit to its size.
        if span <= high.abs().max(low.abs()) * 1e-9 {
            let half = if high == 0.0 { 0.5 } else { round_step(high.abs() / 2.0) };
            return Self { low: low - half, high: high + half };
        }
        let step = round_step(span / 5.0);
        Self { low: (low / step).floor() * step, high: (high / step).ceil() * step }
    }

    /// As [`Bounds::around`] for data that are log10 of values: 1, 2 or 5 times a power of ten.
    fn around_decades(data: Range<f64>) -> Self {
        if !(data.start.is_finite() && data.end.is_finite()) {
            return Self { low: 0.0, high: 1.0 };
        }
        let (below, above) = (decade_step(data.start, f64::floor), decade_step(data.end, f64::ceil));
        if below < above {
            Self { low: below, high: above }
        } else {
            Self { low: below - 1.0, high: above + 1.0 }
        }
    }

    /// The bounds after `previous` for new data: the same while the data are inside and fill enough of them.
    pub(crate) fn settle(previous: Option<Self>, data: Range<f64>, log: bool) -> Self {
        match previous {
            Some(bounds)
                if bounds.low <= data.start
                    && data.end <= bounds.high
                    && data.end - data.start >= (bounds.high - bounds.low) * 0.4 =>
            {
                bounds
            }
            _ if log => Self::around_decades(data),
            _ => Self::around(data),
        }
    }

    /// The row of dots of `value` among `height`, counted from the top; outside of 0..height where the value
    /// is outside of the bounds.
    pub(crate) fn row(&self, value: f64, height: usize) -> f64 {
        (self.high - value) / (self.high - self.low) * (height.max(2) - 1) as f64
    }
}

/// The log10 of the nearest 1, 2, 5 times a power of ten below or above the value whose log10 is given.
fn decade_step(log: f64, towards: fn(f64) -> f64) -> f64 {
    let decade = log.floor();
    // A little slack, for a value that is round but for its last digit.
    let steps = [0.0, 2f64.log10(), 5f64.log10(), 1.0].map(|step| decade + step);
    if let Some(step) = steps.into_iter().find(|step| (step - log).abs() < 1e-9) {
        return step;
    }
    if towards(0.5) == 0.0 {
        steps.into_iter().rfind(|step| *step <= log).unwrap_or(decade)
    } else {
        steps.into_iter().find(|step| *step >= log).unwrap_or(decade + 1.0)
    }
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `least`.
fn round_step(least: f64) -> f64 {
    let power = 10f64.powi(least.log10().floor().clamp(-300.0, 300.0) as i32);
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|m| m * power)
        .find(|step| *step >= least * 0.999_999)
        .unwrap_or(least)
}

/// The whole x axis for data up to `end`: the next power of two times `unit` while a curve may grow, so that it
/// repaints only as often as it doubles; `end` itself when it will not.
pub(crate) fn whole(end: f64, unit: f64, growing: bool) -> Window {
    let least = unit * 16.0;
    let end = if growing {
        let mut power = least;
        while power < end && power.is_finite() {
            power *= 2.0;
        }
        power
    } else if end > 0.0 {
        end
    } else {
        least
    };
    Window { start: 0.0, end }
}

/// How wide a label of the y axis may be.
pub(crate) const LABEL: usize = 6;

/// The label of a height of the y axis, at most [`LABEL`] wide but for absurd values.
pub(crate) fn label(value: f64, log: bool) -> String {
    if log {
        let value = 10f64.powf(value);
        // Two digits: the middle of a logarithmic axis is no round number.
        return trim_exponent(format!("{value:.1e}")).parse().map_or_else(|_| short(value), short);
    }
    short(value)
}

pub(super) fn short(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        return "0".into();
    }
    if !(1e-4..1e5).contains(&size) {
        let exact = trim_exponent(format!("{value:.1e}"));
        let rough = format!("{value:.0e}");
        return match [exact, rough].into_iter().find(|text| text.len() <= LABEL) {
            Some(text) => text,
            // Further from 1 than any label can tell.
            None if size < 1.0 => "0".into(),
            None => format!("{value:.0e}"),
        };
    }
    let text = format!("{value:.5}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text.len() <= LABEL {
        text.into()
    } else if size < 0.01 {
        format!("{value:.0e}")
    } else {
        // No round number, as around a single value: as many digits as there is room for.
        let whole = format!("{value:.0}").len();
        format!("{value:.*}", (LABEL - 1).saturating_sub(whole))
    }
}

fn trim_exponent(text: String) -> String {
    text.replace(".0e", "e")
}

/// A value for a legend: four significant digits, always the same width (6), so that a new value moves nothing.
pub(crate) fn value(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        return format!("{:>6}", "-");
    }
    let text = if value == 0.0 {
        "0.0000".into()
    } else if !(0.001..99_999.5).contains(&size) {
        trim_exponent(format!("{value:.1e}"))
    } else {
        let whole = size.log10().floor().max(0.0) as usize;
        format!("{value:.*}", 4usize.saturating_sub(whole))
    };
    format!("{text:>6}")
}

/// A count of steps: `950`, `12.5k`, `1.2M`.
pub(crate) fn steps(count: f64) -> String {
    let scaled = |value: f64, suffix: &str| {
        let text = format!("{value:.1}");
        format!("{}{suffix}", text.strip_suffix(".0").unwrap_or(&text))
    };
    match count {
        c if c >= 999_950.0 => scaled(c / 1e6, "M"),
        c if c >= 10_000.0 => scaled(c / 1e3, "k"),
        c => scaled(c, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(low: f64, high: f64) -> (f64, f64) {
        let Bounds { low, high } = Bounds::around(low..high);
        (low, high)
    }

    fn close(a: (f64, f64), b: (f64, f64)) {
        assert!((a.0 - b.0).abs() < 1e-9 && (a.1 - b.1).abs() < 1e-9, "{a:?} is not {b:?}");
    }

    #[test]
    fn bounds_are_round_and_hold_the_data() {
        close(around(0.13, 2.31), (0.0, 2.5));
        close(around(0.811, 0.934), (0.8, 0.95));
        close(around(-3.0, 47.0), (-10.0, 50.0));
        close(around(2.0, 2.0), (1.0, 3.0));
        close(around(0.0, 0.0), (-0.5, 0.5));
        for (low, high) in [(1e-12, 3e-12), (-1e300, 1e300), (5.0, 5.0 + 1e-7)] {
            let bounds = Bounds::around(low..high);
            assert!(
                bounds.low <= low && high <= bounds.high && bounds.low < bounds.high,
                "{low} {high} {bounds:?}"
            );
        }
    }

    #[test]
    fn bounds_stay_while_the_data_fit_and_fill_them() {
        let first = Bounds::around(0.2..2.3);
        let settle = |data| Bounds::settle(Some(first), data, false);
        assert_eq!(settle(0.1..2.45), first);
        assert_eq!(settle(0.8..2.0), first);
        assert_ne!(settle(0.1..2.6), first, "data outside");
        assert_ne!(settle(0.1..0.6), first, "data fill little");
    }

    #[test]
    fn a_logarithmic_axis_ends_at_1_2_or_5_of_a_decade() {
        let settle = |low: f64, high: f64| {
            let Bounds { low, high } = Bounds::settle(None, low.log10()..high.log10(), true);
            (10f64.powf(low), 10f64.powf(high))
        };
        close(settle(0.31, 2.4), (0.2, 5.0));
        close(settle(0.1, 1.0), (0.1, 1.0));
        close(settle(3.0, 3.0), (2.0, 5.0));
        close(settle(2.0, 2.0), (0.2, 20.0));
        assert_eq!(label(5f64.log10(), true), "5");
        assert_eq!(label(0.5, true), "3.2");
    }

    #[test]
    fn a_growing_axis_doubles_and_a_finished_one_fits() {
        assert_eq!(whole(0.0, 1.0, true).end, 16.0);
        assert_eq!(whole(16.0, 1.0, true).end, 16.0);
        assert_eq!(whole(17.0, 1.0, true).end, 32.0);
        assert_eq!(whole(50_000.0, 1.0, true).end, 65_536.0);
        assert_eq!(whole(50_000.0, 1.0, false).end, 50_000.0);
        assert!(
            whole(f64::INFINITY, 1.0, true).end.is_infinite() || whole(f64::INFINITY, 1.0, true).end > 1e300
        );
    }

    #[test]
    fn numbers_are_short_and_keep_their_width() {
        let labels =
            [(0.0, "0"), (0.05, "0.05"), (2.5, "2.5"), (12_000.0, "12000"), (2e6, "2e6"), (3e-7, "3e-7")];
        let around_one_value =
            [(2.417285, "2.4173"), (-2.417285, "-2.417"), (12_345.6, "12346"), (0.1234567, "0.1235")];
        for (number, text) in labels.into_iter().chain(around_one_value) {
            assert_eq!(label(number, false), text);
        }
        for (number, text) in [
            (-1.23e-10, "-1e-10"),
            (1.5e300, "2e300"),
            (-2e-300, "0"),
            (-1e300, "-1e300"),
            (1.234e7, "1.2e7"),
        ] {
            assert_eq!(label(number, false), text);
        }
        assert_eq!(label(-2.0, true), "0.01");
        assert_eq!(label(9.0, true), "1e9");
        let values = [
            (0.41234, "0.4123"),
            (12.3456, "12.346"),
            (1234.5, "1234.5"),
            (-0.5, "-0.5000"),
            (1e-5, "  1e-5"),
        ];
        for (number, text) in values {
            assert_eq!(value(number), text);
        }
        assert_eq!(
            (steps(950.0).as_str(), steps(12_500.0).as_str(), steps(1e6).as_str()),
            ("950", "12.5k", "1M")
        );
    }
}
