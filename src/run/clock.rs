use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970 in UTC, with fractions.
pub fn unix_seconds() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

/// The moment as `%Y%m%d-%H%M%S` and the like, in UTC.
pub(super) fn utc(format: &str) -> String {
    jiff::Timestamp::now().strftime(format).to_string()
}

/// Reads `yyyymmdd-hhmmss` in UTC as seconds since 1970.
pub(super) fn parse_utc(text: &str) -> Option<f64> {
    let moment = jiff::civil::DateTime::strptime("%Y%m%d-%H%M%S", text).ok()?;
    let zoned = moment.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_second() as f64)
}

/// A length of time in words a person reads at a glance: `45 s`, `12 min`, `3 h`, `5 days`; `ever` for what is
/// no length of time.
pub fn span(seconds: f64) -> String {
    match seconds.max(0.0) {
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.0} h", s / 3600.0),
        s if s < 1e9 => format!("{:.0} days", s / 86_400.0),
        _ => "ever".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_the_unit_that_fits() {
        for (seconds, words) in [
            (-3.0, "0 s"),
            (45.2, "45 s"),
            (720.0, "12 min"),
            (10_800.0, "3 h"),
            (432_000.0, "5 days"),
            (f64::INFINITY, "ever"),
        ] {
            assert_eq!(span(seconds), words);
        }
    }
}
