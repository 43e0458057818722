//! Dates and times as wallets write them: Dhaka time, UTC+6 all year.

use jiff::civil::DateTime;
use jiff::tz::Offset;
use torana_domain::Timestamp;

const DHAKA: Offset = Offset::constant(6);

/// The time that is on clocks in Dhaka; `None` beyond the calendar.
pub(super) fn civil(at: Timestamp) -> Option<DateTime> {
    let instant = jiff::Timestamp::from_millisecond(at.as_ms()).ok()?;
    Some(DHAKA.to_datetime(instant))
}

/// Reads `05/11/2025 14:07`, `08-NOV-25 06:21:43 am`, `01-09-2025 02:11:54 AM`.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let fields: Vec<&str> =
        text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let (&[day, month, year], clock) = fields.split_first_chunk::<3>()?;
    let (&[hour, minute], rest) = clock.split_first_chunk::<2>()?;
    let (second, half) = match rest {
        [] => ("0", None),
        [second] => split_half(second),
        [second, half] => (*second, Some(*half)),
        _ => return None,
    };
    // Without seconds the half of the day may be glued to the minutes.
    let (minute, half) = match (half, split_half(minute)) {
        (None, (minute, half)) => (minute, half),
        (half, _) => (minute, half),
    };
    let civil = DateTime::new(
        full_year(year)?,
        month_number(month)?,
        day.parse().ok()?,
        hour_of_day(hour.parse().ok()?, half)?,
        minute.parse().ok()?,
        second.parse().ok()?,
        0,
    )
    .ok()?;
    let instant = DHAKA.to_timestamp(civil).ok()?;
    Some(Timestamp::from_ms(instant.as_millisecond()))
}

/// `43am` is `43` and `am`; `am` alone is no seconds and `am`.
fn split_half(text: &str) -> (&str, Option<&str>) {
    match text.find(|c: char| c.is_ascii_alphabetic()).and_then(|at| text.split_at_checked(at)) {
        Some(("", half)) => ("0", Some(half)),
        Some((number, half)) => (number, Some(half)),
        None => (text, None),
    }
}

fn hour_of_day(hour: i8, half: Option<&str>) -> Option<i8> {
    let Some(half) = half else { return Some(hour) };
    let twelve = if hour == 12 { 0 } else { hour };
    let is_after_noon = half.eq_ignore_ascii_case("pm");
    let is_known = is_after_noon || half.eq_ignore_ascii_case("am");
    (is_known && (0..12).contains(&twelve)).then_some(twelve + if is_after_noon { 12 } else { 0 })
}

fn full_year(text: &str) -> Option<i16> {
    let year: i16 = text.parse().ok()?;
    match text.len() {
        2 => Some(2000 + year),
        4 => Some(year),
        _ => None,
    }
}

fn month_number(text: &str) -> Option<i8> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    (1..=12).find(|month| MONTHS.get(*month as usize).is_some_and(|name| matches_month(name, text)))
}

fn matches_month(name: &str, text: &str) -> bool {
    text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(name))
}

const MONTHS: [&str; 13] =
    ["", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// `05/11/2025 14:07`, as most wallets write it.
pub(super) fn slashed(at: DateTime) -> String {
    format!(
        "{:02}/{:02}/{:04} {:02}:{:02}",
        at.day(),
        at.month(),
        at.year(),
        at.hour(),
        at.minute()
    )
}

/// `08-NOV-25 06:21:43 am`, as Rocket writes it.
pub(super) fn dashed(at: DateTime) -> String {
    let half = if at.hour() < 12 { "am" } else { "pm" };
    let hour = if at.hour() % 12 == 0 { 12 } else { at.hour() % 12 };
    format!(
        "{:02}-{}-{:02} {hour:02}:{:02}:{:02} {half}",
        at.day(),
        month_name(at),
        at.year().rem_euclid(100),
        at.minute(),
        at.second()
    )
}

/// `28-SEP-2026`, as banks write it.
pub(super) fn date_only(at: DateTime) -> String {
    format!("{:02}-{}-{:04}", at.day(), month_name(at), at.year())
}

fn month_name(at: DateTime) -> &'static str {
    MONTHS.get(at.month().unsigned_abs() as usize).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> Timestamp {
        let instant: jiff::Timestamp = text.parse().unwrap();
        Timestamp::from_ms(instant.as_millisecond())
    }

    #[test]
    fn every_form_of_time_is_read_as_dhaka_time() {
        assert_eq!(parse("05/11/2025 14:07"), Some(utc("2025-11-05T08:07:00Z")));
        assert_eq!(parse("08-NOV-25 06:21:43 am"), Some(utc("2025-11-08T00:21:43Z")));
        assert_eq!(parse("27-DEC-25 07:17:16 pm"), Some(utc("2025-12-27T13:17:16Z")));
        assert_eq!(parse("01-09-2025 02:11:54 AM"), Some(utc("2025-08-31T20:11:54Z")));
        assert_eq!(parse("01-09-2025 12:00 AM"), Some(utc("2025-08-31T18:00:00Z")));
        assert_eq!(parse("01-09-2025 12:00PM"), Some(utc("2025-09-01T06:00:00Z")));
    }

    #[test]
    fn impossible_times_are_refused() {
        for text in
            ["31/02/2025 10:00", "05/13/2025 10:00", "05/11/2025 24:00", "05/11/2025", "", "x"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse("01-09-2025 13:00 PM"), None);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let at = utc("2026-11-21T18:05:09Z");
        let civil = civil(at).unwrap();
        assert_eq!(slashed(civil), "22/11/2026 00:05");
        assert_eq!(dashed(civil), "22-NOV-26 12:05:09 am");
        assert_eq!(date_only(civil), "22-NOV-2026");
        assert_eq!(parse(&dashed(civil)), Some(at));
    }
}
