//! What ePay says of invoices, and what it is answered, in the same exchange.
//!
//! `INVOICE=n:STATUS=OK` and `STATUS=NO` (no such invoice) end the notifications about an invoice; after
//! `STATUS=ERR`, or no answer about it, ePay comes again.

use std::fmt;

use thiserror::Error;
use torana_domain::Timestamp;

use super::checksum::{Sealed, decode, verify};
use super::request::is_invoice;
use super::{lines, sofia};

/// Bytes of base64.
const ENCODED_BYTES_MAX: usize = 64 * 1024;
const LINES_MAX: usize = 1000;
const CODE_CHARS_MAX: usize = 32;

/// The answer to a notification whose checksum is wrong.
pub const BAD_CHECKSUM_ANSWER: &str = "ERR=Not valid CHECKSUM\n";
/// The answer to a notification that cannot be read.
pub const INVALID_ANSWER: &str = "ERR=Invalid response\n";

/// What became of one invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The merchant's number.
    pub invoice: String,
    /// What became of it.
    pub status: Status,
}

/// As it is sent, in the one form that all receivers read.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match &self.status {
            Status::Paid(_) => "PAID",
            Status::Denied => "DENIED",
            Status::Expired => "EXPIRED",
        };
        write!(f, "INVOICE={}:STATUS={word}", self.invoice)?;
        if let Status::Paid(Some(PaidDetails { pay_time_text, stan, bcode, .. })) = &self.status {
            write!(f, ":PAY_TIME={pay_time_text}:STAN={stan}:BCODE={bcode}")?;
        }
        Ok(())
    }
}

/// What becomes of an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It was paid.
    Paid(Option<PaidDetails>),
    /// It was declined.
    Denied,
    /// It was not paid in time.
    Expired,
}

/// By what a paid invoice was paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidDetails {
    /// When.
    pub pay_time: Timestamp,
    /// The same as ePay wrote it: what clocks in Bulgaria showed, `YYYYMMDDhhmmss`.
    pub pay_time_text: String,
    /// The trace number of the card payment, six digits; zeros where it was paid in cash, at EasyPay.
    pub stan: String,
    /// The authorisation code, six letters and digits.
    pub bcode: String,
}

impl PaidDetails {
    /// Details of a payment at this time; `None` for a time that is on no calendar.
    pub fn new(pay_time: Timestamp, stan: String, bcode: String) -> Option<Self> {
        Some(Self { pay_time_text: sofia::packed(pay_time)?, pay_time, stan, bcode })
    }
}

/// One line of a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Understood.
    Line(Line),
    /// Not understood: a person should look, and ePay should come again.
    Bad {
        /// The invoice, where at least that is clear.
        invoice: Option<String>,
        /// The line as it came.
        text: String,
    },
}

/// Why a notification was not read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotificationError {
    /// The checksum is not that of the notification under this secret.
    #[error("not valid CHECKSUM")]
    BadChecksum,
    /// Longer than any notification.
    #[error("the notification is too long")]
    TooLong,
    /// No base64, or nothing in it.
    #[error("the notification holds no lines")]
    Unreadable,
}

impl NotificationError {
    /// A stable code for logs and machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::BadChecksum => "bad_checksum",
            Self::TooLong => "notification_too_long",
            Self::Unreadable => "notification_unreadable",
        }
    }

    /// What ePay is answered.
    pub const fn answer(self) -> &'static str {
        match self {
            Self::BadChecksum => BAD_CHECKSUM_ANSWER,
            Self::TooLong | Self::Unreadable => INVALID_ANSWER,
        }
    }
}

/// A notification's two fields, in the form that the strictest receivers read. Send them under their names
/// in lower case.
pub fn seal_notification(notices: &[Line], secret: &[u8]) -> Sealed {
    let text: String = notices.iter().map(|line| format!("{line}\n")).collect();
    Sealed::new(text.as_bytes(), secret)
}

/// Reads a notification: keys in either case, blank lines passed over, fields that are not known too.
pub fn open_notification(
    encoded: &str,
    checksum: &str,
    secret: &[u8],
) -> Result<Vec<Entry>, NotificationError> {
    if encoded.len() > ENCODED_BYTES_MAX {
        return Err(NotificationError::TooLong);
    }
    if !verify(secret, encoded, checksum) {
        return Err(NotificationError::BadChecksum);
    }
    let bytes = decode(encoded).ok_or(NotificationError::Unreadable)?;
    // What is understood is ASCII; the rest is only shown.
    let text = lines::from_cp1251(&bytes);
    let entries: Vec<Entry> = lines::of(&text).take(LINES_MAX + 1).map(entry).collect();
    match entries.len() {
        0 => Err(NotificationError::Unreadable),
        1..=LINES_MAX => Ok(entries),
        _ => Err(NotificationError::TooLong),
    }
}

fn entry(text: &str) -> Entry {
    match line(text) {
        Some(line) => Entry::Line(line),
        None => Entry::Bad { invoice: invoice(text), text: text.to_owned() },
    }
}

fn invoice(text: &str) -> Option<String> {
    field(text, "INVOICE")?.filter(|invoice| is_invoice(invoice)).map(str::to_owned)
}

fn line(text: &str) -> Option<Line> {
    let invoice = invoice(text)?;
    let status = field(text, "STATUS")??;
    let status = match status.to_ascii_uppercase().as_str() {
        "PAID" => Status::Paid(details(text)?),
        "DENIED" => Status::Denied,
        "EXPIRED" => Status::Expired,
        _ => return None,
    };
    Some(Line { invoice, status })
}

/// `Some(None)` where there are none, `None` where they are incomplete.
fn details(text: &str) -> Option<Option<PaidDetails>> {
    let is_code = |code: &str| {
        (1..=CODE_CHARS_MAX).contains(&code.len())
            && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let parts = (field(text, "PAY_TIME")?, field(text, "STAN")?, field(text, "BCODE")?);
    let (pay_time, stan, bcode) = match parts {
        (None, None, None) => return Some(None),
        (Some(pay_time), Some(stan), Some(bcode)) => (pay_time, stan, bcode),
        _ => return None,
    };
    let is_stan = is_code(stan) && stan.bytes().all(|byte| byte.is_ascii_digit());
    if !is_stan || !is_code(bcode) {
        return None;
    }
    Some(Some(PaidDetails {
        pay_time: sofia::parse_packed(pay_time)?,
        pay_time_text: pay_time.to_owned(),
        stan: stan.to_owned(),
        bcode: bcode.to_owned(),
    }))
}

/// `None` where a field is there twice, `Some(None)` where it is not there.
fn field<'t>(text: &'t str, name: &str) -> Option<Option<&'t str>> {
    let pairs = text.split(':').filter_map(lines::pair);
    let mut values = pairs.filter(|(key, _)| key.eq_ignore_ascii_case(name));
    let value = values.next().map(|(_, value)| value);
    values.next().is_none().then_some(value)
}

/// What ePay is told about one invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// It was taken: tell no more of it.
    Ok,
    /// It could not be taken now: tell it again.
    Err,
    /// There is no such invoice: tell no more of it.
    No,
}

impl Answer {
    /// Every answer.
    pub const ALL: [Self; 3] = [Self::Ok, Self::Err, Self::No];

    /// The word of the protocol.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Err => "ERR",
            Self::No => "NO",
        }
    }

    /// Whether ePay tells no more of the invoice.
    pub const fn ends(self) -> bool {
        match self {
            Self::Ok | Self::No => true,
            Self::Err => false,
        }
    }
}

/// The body that answers a notification.
pub fn write_answers(answers: &[(String, Answer)]) -> String {
    let lines = answers.iter();
    lines.map(|(invoice, answer)| format!("INVOICE={invoice}:STATUS={}\n", answer.word())).collect()
}

/// Why an answer says nothing of any invoice.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AnswersError {
    /// The receiver refused the notification, in its own words.
    #[error("the receiver refused it: {0}")]
    Refused(String),
    /// It is no answer.
    #[error("the answer is not readable")]
    Unreadable,
}

/// Reads a receiver's answer, as ePay does. Lines that are no answer are passed over: ePay comes again.
pub fn parse_answers(text: &str) -> Result<Vec<(String, Answer)>, AnswersError> {
    if text.len() > ENCODED_BYTES_MAX {
        return Err(AnswersError::Unreadable);
    }
    let answers: Vec<(String, Answer)> =
        lines::of(text).take(LINES_MAX).filter_map(answer).collect();
    if !answers.is_empty() {
        return Ok(answers);
    }
    let mut pairs = lines::of(text).filter_map(lines::pair);
    let refusal = pairs.find(|(key, _)| key.eq_ignore_ascii_case("ERR"));
    Err(match refusal {
        Some((_, why)) => AnswersError::Refused(why.to_owned()),
        None => AnswersError::Unreadable,
    })
}

fn answer(text: &str) -> Option<(String, Answer)> {
    let word = field(text, "STATUS")??;
    let answer = Answer::ALL.into_iter().find(|answer| answer.word().eq_ignore_ascii_case(word))?;
    Some((invoice(text)?, answer))
}
