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
