//! Times as the seed writes them: no zeros at the end of the fraction, and no point without one.

use torana_domain::Timestamp;

/// `2025-04-11T16:58:57.11`, in UTC; empty for what is on no calendar.
pub(super) fn bare(at: Timestamp) -> String {
    let Ok(time) = jiff::Timestamp::from_millisecond(at.as_ms()) else { return String::new() };
    let text = time.strftime("%Y-%m-%dT%H:%M:%S.%3f").to_string();
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The same with its `Z`.
pub(super) fn zoned(at: Timestamp) -> String {
    let text = bare(at);
    if text.is_empty() { text } else { text + "Z" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_at_the_end_are_left_out() {
        let at = Timestamp::from_ms(1_744_390_737_110);
        assert_eq!(zoned(at), "2025-04-11T16:58:57.11Z");
        assert_eq!(bare(at.plus_ms(114)), "2025-04-11T16:58:57.224");
        assert_eq!(bare(at.plus_ms(-110)), "2025-04-11T16:58:57");
        assert_eq!(bare(at.plus_ms(-7_110)), "2025-04-11T16:58:50");
        assert_eq!(zoned(Timestamp::from_ms(i64::MAX)), "");
    }
}
