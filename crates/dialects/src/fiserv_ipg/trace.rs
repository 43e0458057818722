//! The identifiers that answers carry, and what is in them (provider §4; each holds for every sample of the seed).
//!
//! Times within them are of India, where the seed's store is.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::civil::DateTime;
use serde::{Serialize, Serializer};
use torana_domain::Timestamp;
use torana_domain::card::Flow;

/// India's clock is ahead of UTC by so many seconds, all the year.
const INDIA_OFFSET_S: i32 = 5 * 3600 + 30 * 60;
/// Digits of an `ipgTransactionId` that a `referenceNumber` ends with.
const REFERENCE_DIGITS: usize = 6;
/// Where the counter of a `schemeTransactionId` begins anew.
const COUNTER_END: u64 = 10_u64.pow(17);

/// The clock on a wall in India; none for what is on no calendar.
pub(super) fn india(at: Timestamp) -> Option<DateTime> {
    let at = jiff::Timestamp::from_millisecond(at.as_ms()).ok()?;
    Some(jiff::tz::Offset::from_seconds(INDIA_OFFSET_S).ok()?.to_datetime(at))
}

/// The last so many characters of a text of ASCII; the whole of a shorter one.
pub(super) fn last(text: &str, count: usize) -> &str {
    text.get(text.len().saturating_sub(count)..).unwrap_or(text)
}

/// `apiTraceId`: 20 bytes in 27 characters, as Apache's unique identifiers are. The second of the request, ten bytes that
/// stay as they are in one process, a counter, and the number of a thread.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ApiTraceId([u8; 20]);

impl ApiTraceId {
    /// Of a request that came at that time, from random bits that are another's for each.
    pub fn new(at: Timestamp, random: u128) -> Self {
        let second = u32::try_from(at.as_s()).unwrap_or_default().to_be_bytes();
        let random = random.to_be_bytes();
        let (unique, rest) = random.split_at(12);
        // The seed's threads have numbers below 1,024.
        let thread = match rest {
            [high, low, ..] => [0, 0, high & 3, *low],
            _ => [0; 4],
        };
        let mut bytes = [0; 20];
        let all = second.iter().chain(unique).chain(&thread);
        bytes.iter_mut().zip(all).for_each(|(byte, made)| *byte = *made);
        Self(bytes)
    }

    /// When its request came, to the second.
    pub fn at(self) -> Timestamp {
        let [a, b, c, d, ..] = self.0;
        Timestamp::from_s(i64::from(u32::from_be_bytes([a, b, c, d])))
    }
}

impl fmt::Display for ApiTraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for ApiTraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What is not an identifier of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not of this form")]
pub struct NotOfThisForm;

impl FromStr for ApiTraceId {
    type Err = NotOfThisForm;

    fn from_str(text: &str) -> Result<Self, NotOfThisForm> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NotOfThisForm)?;
        bytes.try_into().map(Self).map_err(|_| NotOfThisForm)
    }
}

impl Serialize for ApiTraceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// `processor.referenceNumber`, the acquirer's own number (RRN) of twelve digits: last digit of the year, day of the year,
/// hour, and the end of the identifier of the payer's authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReferenceNumber {
    /// 0 to 9.
    pub year_digit: u8,
    /// 1 to 366.
    pub day: u16,
    /// 0 to 23.
    pub hour: u8,
    /// Six digits.
    pub trace: u32,
}

impl ReferenceNumber {
    /// Of money taken at that time upon an authentication with that `ipgTransactionId`; none if that is no number, or the time
    /// is on no calendar.
    pub fn new(at: Timestamp, ipg_transaction_id: &str) -> Option<Self> {
        let at = india(at)?;
        let trace = last(ipg_transaction_id, REFERENCE_DIGITS);
        Some(Self {
            year_digit: u8::try_from(at.year().rem_euclid(10)).ok()?,
            day: u16::try_from(at.day_of_year()).ok()?,
            hour: u8::try_from(at.hour()).ok()?,
            trace: digits(trace)?.parse().ok()?,
        })
    }
}

impl fmt::Display for ReferenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year_digit, day, hour, trace } = self;
        write!(f, "{year_digit}{day:03}{hour:02}{trace:06}")
    }
}

impl FromStr for ReferenceNumber {
    type Err = NotOfThisForm;

    fn from_str(text: &str) -> Result<Self, NotOfThisForm> {
        let read = || {
            let text = digits(text).filter(|text| text.len() == 12)?;
            let (year, rest) = text.split_at_checked(1)?;
            let (day, rest) = rest.split_at_checked(3)?;
            let (hour, trace) = rest.split_at_checked(2)?;
            Some(Self {
                year_digit: year.parse().ok()?,
                day: day.parse().ok().filter(|day| (1..=366).contains(day))?,
                hour: hour.parse().ok().filter(|hour| *hour < 24)?,
                trace: trace.parse().ok()?,
            })
        };
        read().ok_or(NotOfThisForm)
    }
}

fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

/// `processor.authorizationCode` as the seed's test host makes it: the time of day, `145601`.
pub fn authorization_code(at: Timestamp) -> Option<String> {
    Some(india(at)?.strftime("%H%M%S").to_string())
}

/// `schemeTransactionId`: the network's own number of 30 digits. A fixed head, a digit of the flow, the day, a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemeTransactionId {
    /// Its fifth digit.
    pub flow: Flow,
    /// `20230601`.
    pub day: u32,
    /// Seventeen digits.
    pub counter: u64,
}

impl SchemeTransactionId {
    const HEAD: &str = "1001";

    /// The `counter`-th of the day of that time; none if that is on no calendar.
    pub fn new(flow: Flow, at: Timestamp, counter: u64) -> Option<Self> {
        let day = india(at)?.strftime("%Y%m%d").to_string();
        let day = digits(&day).filter(|day| day.len() == 8)?.parse().ok()?;
        Some(Self { flow, day, counter: counter % COUNTER_END })
    }
}

impl fmt::Display for SchemeTransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flow = match self.flow {
            Flow::Redirect => 1,
            Flow::Seamless => 2,
        };
        write!(f, "{}{flow}{:08}{:017}", Self::HEAD, self.day, self.counter)
    }
}

impl FromStr for SchemeTransactionId {
    type Err = NotOfThisForm;

    fn from_str(text: &str) -> Result<Self, NotOfThisForm> {
        let read = || {
            let text = digits(text).filter(|text| text.len() == 30)?;
            let (flow, rest) = text.strip_prefix(Self::HEAD)?.split_at_checked(1)?;
            let flow = match flow {
                "1" => Flow::Redirect,
                "2" => Flow::Seamless,
                _ => return None,
            };
            let (day, counter) = rest.split_at_checked(8)?;
            Some(Self { flow, day: day.parse().ok()?, counter: counter.parse().ok()? })
        };
        read().ok_or(NotOfThisForm)
    }
}

impl Serialize for SchemeTransactionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
