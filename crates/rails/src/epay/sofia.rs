//! Dates and times as ePay writes them: what clocks in Bulgaria show. In the hour that is there twice in
//! October, the first one is meant.

use std::sync::LazyLock;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use torana_domain::Timestamp;

/// UTC+2, in summer UTC+3, by the rule that holds since 1997. A test holds that it is one.
static ZONE: LazyLock<Option<TimeZone>> =
    LazyLock::new(|| TimeZone::posix("EET-2EEST,M3.5.0/3,M10.5.0/4").ok());

/// The time that is on clocks in Bulgaria; `None` beyond the calendar.
pub fn civil(at: Timestamp) -> Option<DateTime> {
    let instant = jiff::Timestamp::from_millisecond(at.as_ms()).ok()?;
    Some(ZONE.as_ref()?.to_datetime(instant))
}

fn timestamp(civil: DateTime) -> Option<Timestamp> {
    let instant = ZONE.as_ref()?.to_timestamp(civil).ok()?;
    Some(Timestamp::from_ms(instant.as_millisecond()))
}

/// Reads `DD.MM.YYYY`, `DD.MM.YYYY hh:mm` and `DD.MM.YYYY hh:mm:ss`. Without a time, the day's last second
/// is meant: until then the day is not over.
pub(super) fn parse_dotted(text: &str) -> Option<Timestamp> {
    let (date, clock) = text.split_once(' ').unwrap_or((text, "23:59:59"));
    let (day, rest) = date.split_once('.')?;
    let (month, year) = rest.split_once('.')?;
    let date = Date::new(
        number(year, 4)?,
        i8::try_from(number(month, 2)?).ok()?,
        i8::try_from(number(day, 2)?).ok()?,
    )
    .ok()?;
    let fields: Vec<&str> = clock.trim().split(':').collect();
    let (hour, minute, second) = match fields.as_slice() {
        [hour, minute] => (*hour, *minute, "00"),
        [hour, minute, second] => (*hour, *minute, *second),
        _ => return None,
    };
    timestamp(date.to_datetime(time(hour, minute, second)?))
}

/// `DD.MM.YYYY hh:mm:ss`.
pub(super) fn dotted(at: Timestamp) -> Option<String> {
    let at = civil(at)?;
    let (day, month, year) = (at.day(), at.month(), at.year());
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    Some(format!("{day:02}.{month:02}.{year:04} {hour:02}:{minute:02}:{second:02}"))
}

/// Reads `YYYYMMDDhhmmss`.
pub(super) fn parse_packed(text: &str) -> Option<Timestamp> {
    if text.len() != 14 {
        return None;
    }
    let pair = |at: usize| text.get(at..at + 2);
    let small = |at: usize| i8::try_from(number(pair(at)?, 2)?).ok();
    let date = Date::new(number(text.get(..4)?, 4)?, small(4)?, small(6)?).ok()?;
    timestamp(date.to_datetime(time(pair(8)?, pair(10)?, pair(12)?)?))
}

/// `YYYYMMDDhhmmss`.
pub(super) fn packed(at: Timestamp) -> Option<String> {
    let at = civil(at)?;
    let (year, month, day) = (at.year(), at.month(), at.day());
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    Some(format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}"))
}

fn time(hour: &str, minute: &str, second: &str) -> Option<Time> {
    let small = |text: &str| i8::try_from(number(text, 2)?).ok();
    Time::new(small(hour)?, small(minute)?, small(second)?, 0).ok()
}

/// Digits, at most so many of them.
fn number(text: &str, digits_max: usize) -> Option<i16> {
    let is_number =
        (1..=digits_max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> Option<Timestamp> {
        let instant: jiff::Timestamp = text.parse().unwrap();
        Some(Timestamp::from_ms(instant.as_millisecond()))
    }

    #[test]
    fn winter_and_summer_are_told_apart() {
        assert_eq!(parse_dotted("01.08.2020 23:15:30"), utc("2020-08-01T20:15:30Z"));
        assert_eq!(parse_dotted("01.12.2026 09:05"), utc("2026-12-01T07:05:00Z"));
        assert_eq!(parse_dotted("1.1.2026"), utc("2026-01-01T21:59:59Z"));
        assert_eq!(parse_packed("20200408022032"), utc("2020-04-07T23:20:32Z"));
        assert_eq!(packed(utc("2020-04-07T23:20:32Z").unwrap()).unwrap(), "20200408022032");
        assert_eq!(dotted(utc("2026-12-01T07:05:00Z").unwrap()).unwrap(), "01.12.2026 09:05:00");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in
            ["", "31.02.2026", "01.13.2026", "01.01.26 10", "01.01.2026 24:00", "2026-01-01"]
        {
            assert_eq!(parse_dotted(text), None, "{text}");
        }
        for text in ["", "2020040802203", "20200230022032", "20200408022o32", "2020040802203２"] {
            assert_eq!(parse_packed(text), None, "{text}");
        }
    }

    #[test]
    fn the_hour_that_is_there_twice_is_the_first() {
        assert_eq!(parse_dotted("25.10.2026 03:30:00"), utc("2026-10-25T00:30:00Z"));
    }
}
