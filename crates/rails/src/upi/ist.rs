//! Dates and times as banks of India write them: UTC+5:30 all year.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use torana_domain::Timestamp;

const AHEAD_MS: i64 = (5 * 60 + 30) * 60 * 1000;

/// The time that is on clocks in India; `None` beyond the calendar.
pub fn civil(at: Timestamp) -> Option<DateTime> {
    let shifted = at.plus_ms(AHEAD_MS).as_ms();
    let instant = jiff::Timestamp::from_millisecond(shifted).ok()?;
    Some(Offset::UTC.to_datetime(instant))
}

/// When clocks in India show this.
pub(super) fn timestamp(civil: DateTime) -> Option<Timestamp> {
    let instant = Offset::UTC.to_timestamp(civil).ok()?;
    Some(Timestamp::from_ms(instant.as_millisecond()).plus_ms(-AHEAD_MS))
}

/// From the day's first moment to the next day's.
pub(super) fn day(date: Date) -> Option<(Timestamp, Timestamp)> {
    let start = timestamp(date.to_datetime(Time::midnight()))?;
    let end = timestamp(date.tomorrow().ok()?.to_datetime(Time::midnight()))?;
    Some((start, end))
}

/// Reads `03-11-26`, `03/11/2026`, `03-Nov-26`, `03NOV2026`, `2026-11-03`: the day before the month, except
/// after a year.
pub(super) fn parse_date(text: &str) -> Option<Date> {
    let fields = split(text);
    let (year, month, day) = match fields.as_slice() {
        [year, month, day] if year.len() == 4 => (*year, *month, *day),
        [day, month, year] => (*year, *month, *day),
        _ => return None,
    };
    let full_year = match year.len() {
        2 => 2000 + year.parse::<i16>().ok()?,
        4 => year.parse().ok()?,
        _ => return None,
    };
    Date::new(full_year, month_number(month)?, day.parse().ok()?).ok()
}

/// Reads `14:32:11`, `17:36`, `08:14:23 AM`.
pub(super) fn parse_time(text: &str) -> Option<Time> {
    let digits_end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (clock, half) = text.split_at_checked(digits_end)?;
    let fields: Vec<i8> =
        clock.trim().split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let (hour, minute, second) = match fields.as_slice() {
        [hour, minute] => (*hour, *minute, 0),
        [hour, minute, second] => (*hour, *minute, *second),
        _ => return None,
    };
    Time::new(hour_of_day(hour, half)?, minute, second, 0).ok()
}

fn hour_of_day(hour: i8, half: &str) -> Option<i8> {
    // `17:36 PM` is written by banks that print both.
    if half.is_empty() || hour > 12 {
        return Some(hour);
    }
    let twelve = if hour == 12 { 0 } else { hour };
    Some(twelve + if half.eq_ignore_ascii_case("pm") { 12 } else { 0 })
}

/// The runs of digits and of letters.
fn split(text: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let same = |c: char| {
            c.is_ascii_digit() == first.is_ascii_digit()
                && c.is_ascii_alphabetic() == first.is_ascii_alphabetic()
        };
        let end = rest.find(|c| !same(c)).unwrap_or(rest.len());
        let Some((field, after)) = rest.split_at_checked(end) else { break };
        if first.is_ascii_alphanumeric() {
            fields.push(field);
        }
        rest = after;
    }
    fields
}

fn month_number(text: &str) -> Option<i8> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let named = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(text))?;
    i8::try_from(named + 1).ok()
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `Nov`.
pub(super) fn month_name(at: DateTime) -> &'static str {
    let index = usize::from(at.month().unsigned_abs()).saturating_sub(1);
    MONTHS.get(index).copied().unwrap_or_default()
}

/// `03-11-26`.
pub(super) fn dashed(at: DateTime) -> String {
    format!("{:02}-{:02}-{:02}", at.day(), at.month(), at.year().rem_euclid(100))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> Timestamp {
        let instant: jiff::Timestamp = text.parse().unwrap();
        Timestamp::from_ms(instant.as_millisecond())
    }

    #[test]
    fn every_form_of_date_is_read() {
        let day = Date::new(2026, 11, 3).unwrap();
        for text in [
            "03-11-26",
            "3/11/2026",
            "03-Nov-26",
            "03-NOV-2026",
            "03Nov26",
            "03NOV2026",
            "2026-11-03",
        ] {
            assert_eq!(parse_date(text), Some(day), "{text}");
        }
        for text in ["31-02-26", "03-13-26", "03-11", "2026-11-03-01", "", "03-Nob-26"] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn every_form_of_time_is_read() {
        let time = |hour, minute, second| Time::new(hour, minute, second, 0).ok();
        assert_eq!(parse_time("14:32:11"), time(14, 32, 11));
        assert_eq!(parse_time("17:36"), time(17, 36, 0));
        assert_eq!(parse_time("08:14:23 AM"), time(8, 14, 23));
        assert_eq!(parse_time("12:00 AM"), time(0, 0, 0));
        assert_eq!(parse_time("1:05PM"), time(13, 5, 0));
        assert_eq!(parse_time("24:00"), None);
    }

    #[test]
    fn a_day_of_india_begins_on_the_evening_before() {
        let (start, end) = day(Date::new(2026, 11, 3).unwrap()).unwrap();
        assert_eq!((start, end), (utc("2026-11-02T18:30:00Z"), utc("2026-11-03T18:30:00Z")));
        let civil = civil(utc("2026-11-03T03:32:11Z")).unwrap();
        assert_eq!((dashed(civil).as_str(), month_name(civil)), ("03-11-26", "Nov"));
        assert_eq!(timestamp(civil), Some(utc("2026-11-03T03:32:11Z")));
    }
}
