//! Times as the provider writes them: `Wed, 22 Jul 2020 10:15:27 +0600` (provider §2.4).

use torana_domain::Timestamp;

/// Bangladesh is six hours ahead of UTC, all year.
pub(super) const DHAKA_MS: i64 = 6 * 60 * 60 * 1000;

/// A time in Dhaka; empty for what is on no calendar.
pub(super) fn written(at: Timestamp) -> String {
    let local = jiff::Timestamp::from_millisecond(at.plus_ms(DHAKA_MS).as_ms());
    local
        .map_or_else(|_| String::new(), |at| at.strftime("%a, %d %b %Y %H:%M:%S +0600").to_string())
}

/// A time in Dhaka from `YYYY-MM-DD HH:MM:SS` (provider §2.6).
pub(super) fn read(text: &str) -> Option<Timestamp> {
    let civil = jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", text.trim()).ok()?;
    let utc = jiff::tz::Offset::UTC.to_timestamp(civil).ok()?;
    Some(Timestamp::from_ms(utc.as_millisecond()).plus_ms(-DHAKA_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_in_the_providers_answers() {
        let at = Timestamp::from_s(0x5F17_BD5F);
        assert_eq!(written(at), "Wed, 22 Jul 2020 10:15:27 +0600");
        assert_eq!(read("2020-07-22 10:15:27"), Some(at));
        assert_eq!(read("22.07.2020"), None);
        assert_eq!(written(Timestamp::from_ms(i64::MAX)), "");
    }
}
