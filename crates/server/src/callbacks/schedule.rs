//! When a callback that was not taken is tried again.

use torana_domain::Timestamp;

/// Waiting time before each further attempt, in seconds: quick at first, because most failures are a restart, then
/// ever slower. Three days in all.
const WAITS_S: [i64; 15] = [
    5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 28_800, 36_000, 36_000, 36_000, 36_000,
    36_000,
];
/// A merchant's `Retry-After` is honoured up to a day.
const RETRY_AFTER_S_MAX: i64 = 86_400;

/// When the attempt after number `attempt` (from one) is due; none when the schedule is over.
///
/// `jitter` in 0..=1000 spreads the wait from 80 % to 120 %, so that a merchant that comes back is not met by all at
/// once. `retry_after_s` is what the merchant's server asked for; it can only lengthen the wait.
pub fn next_attempt(
    attempt: u32,
    now: Timestamp,
    jitter: u16,
    retry_after_s: Option<i64>,
) -> Option<Timestamp> {
    let index = usize::try_from(attempt.saturating_sub(1)).ok()?;
    let wait_s = *WAITS_S.get(index)?;
    let wait_ms = wait_s * (800 + i64::from(jitter.min(1000)) * 400 / 1000);
    let asked_ms = retry_after_s.unwrap_or(0).clamp(0, RETRY_AFTER_S_MAX) * 1000;
    Some(now.plus_ms(wait_ms.max(asked_ms)))
}

/// Reads a `Retry-After` header: seconds, or an HTTP date.
pub fn parse_retry_after(text: &str, now: Timestamp) -> Option<i64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<i64>() {
        return (seconds >= 0).then_some(seconds);
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?;
    let seconds = date.timestamp().as_second() - now.as_s();
    (seconds >= 0).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_s(1_700_000_000);

    #[test]
    fn attempts_spread_over_three_days_and_end() {
        let mut now = NOW;
        let mut attempt = 1;
        while let Some(next) = next_attempt(attempt, now, 500, None) {
            assert!(next > now);
            now = next;
            attempt += 1;
        }
        let days_tenths = now.ms_since(NOW) / 8_640_000;
        assert!((28..=32).contains(&days_tenths), "{days_tenths} tenths of a day");
    }

    #[test]
    fn jitter_spreads_and_retry_after_only_lengthens() {
        let wait = |jitter, asked| next_attempt(2, NOW, jitter, asked).unwrap().ms_since(NOW);
        assert_eq!((wait(0, None), wait(1000, None)), (24_000, 36_000));
        assert_eq!(wait(500, Some(1)), 30_000);
        assert_eq!(wait(500, Some(120)), 120_000);
        assert_eq!(wait(500, Some(i64::MAX)), 86_400_000);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(parse_retry_after(" 120 ", NOW), Some(120));
        assert_eq!(parse_retry_after("Tue, 14 Nov 2023 22:14:20 GMT", NOW), Some(60));
        assert_eq!(parse_retry_after("-5", NOW), None);
        assert_eq!(parse_retry_after("soon", NOW), None);
    }
}
