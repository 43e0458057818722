//! Payment links, `upi://pay?…`, as NPCI's linking specification has them; a QR code is one of them drawn.
//!
//! Writing is exact (one order, one escaping), reading is tolerant of order and nothing else: a parameter
//! that is there twice, or an amount that is no amount, could be understood by an app in another way
//! than by us. A link that a bank signed must be passed on as it came, and not be written anew.

use std::fmt::Write as _;
use std::str::FromStr;

use thiserror::Error;
use torana_domain::{Currency, Money};

use super::Vpa;

const NAME_CHARS_MAX: usize = 99;
const NOTE_CHARS_MAX: usize = 50;
const REFERENCE_CHARS_MAX: usize = 35;
const OTHER_CHARS_MAX: usize = 2000;
/// Bytes. A QR code holds less than 3000.
const URI_BYTES_MAX: usize = 8000;
/// Parameters that are not known, beyond any that was seen.
const OTHERS_MAX: usize = 32;

const KNOWN: [&str; 14] = [
    "mode", "cu", "pa", "pn", "am", "mam", "tid", "tr", "mc", "tn", "url", "purpose", "orgid",
    "sign",
];

/// How the payer comes to the link (`mode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// 00: nothing is said.
    Default,
    /// 01: a QR code.
    Qr,
    /// 02: a QR code with a signature.
    SignedQr,
    /// 03: a Bharat QR code.
    BharatQr,
    /// 04: a link that opens an app.
    Intent,
    /// 05: the same with a signature.
    SignedIntent,
    /// 06: NFC.
    Nfc,
    /// Any other number, 07 to 99.
    Other(u8),
}

impl Mode {
    /// The number of two digits.
    pub const fn number(self) -> u8 {
        match self {
            Self::Default => 0,
            Self::Qr => 1,
            Self::SignedQr => 2,
            Self::BharatQr => 3,
            Self::Intent => 4,
            Self::SignedIntent => 5,
            Self::Nfc => 6,
            Self::Other(number) => number,
        }
    }

    /// The mode of a number; `None` for more than two digits.
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Default,
            1 => Self::Qr,
            2 => Self::SignedQr,
            3 => Self::BharatQr,
            4 => Self::Intent,
            5 => Self::SignedIntent,
            6 => Self::Nfc,
            7..=99 => Self::Other(number),
            _ => return None,
        })
    }
}

/// What a link says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// `pa`: who is paid.
    pub payee: Vpa,
    /// `pn`: the payee's name.
    pub name: String,
    /// `mc`: the merchant's category, four digits.
    pub merchant_code: Option<String>,
    /// `tid`: given by a payment service provider, and by nobody else.
    pub transaction_id: Option<String>,
    /// `tr`: the order's reference, up to 35 letters and digits.
    pub reference: Option<String>,
    /// `tn`: what the payer sees, up to 50 characters.
    pub note: Option<String>,
    /// `am`: how much, in rupees. Without it the payer chooses.
    pub amount: Option<Money>,
    /// `mam`: the least that may be paid. Equal to the amount, it fixes it.
    pub minimum: Option<Money>,
    /// `mode`: how the payer comes to the link.
    pub mode: Option<Mode>,
    /// `url`: a page about this very payment.
    pub url: Option<String>,
    /// `purpose`: a code of NPCI's.
    pub purpose: Option<String>,
    /// `orgid`: six digits, who signed.
    pub orgid: Option<String>,
    /// `sign`: the signature over all that stands before it.
    pub sign: Option<String>,
    /// Parameters that are not known, in their order.
    pub others: Vec<(String, String)>,
}

/// Why a text is no link, or a link cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LinkError {
    /// It does not begin with `upi://pay?`.
    #[error("not a UPI payment link")]
    NotALink,
    /// More bytes or parameters than any link has.
    #[error("the link is too long")]
    TooLong,
    /// A percent sign without two hexadecimal digits, or bytes that are not UTF-8.
    #[error("the link is not percent-encoded UTF-8")]
    Encoding,
    /// A parameter of the specification is there twice.
    #[error("the parameter {0} is there twice")]
    Duplicate(&'static str),
    /// `pa` or `pn` is missing.
    #[error("the parameter {0} is missing")]
    Missing(&'static str),
    /// The parameter has a value that the specification does not allow.
    #[error("the parameter {0} is not valid")]
    Invalid(&'static str),
    /// Another currency than the rupee.
    #[error("UPI moves rupees only")]
    Currency,
    /// Among the unknown parameters there is one of the specification's, or one without a name.
    #[error("a parameter stands among the unknown ones and is none")]
    NotUnknown,
    /// NPCI forbids links that open an app for the address of a person.
    #[error("a personal UPI address can be paid by QR code only")]
    PersonalIntent,
}

impl LinkError {
    /// A stable code for logs and machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotALink => "not_a_link",
            Self::TooLong => "link_too_long",
            Self::Encoding => "link_encoding",
            Self::Duplicate(_) => "link_duplicate",
            Self::Missing(_) => "link_missing",
            Self::Invalid(_) => "link_invalid",
            Self::Currency => "link_currency",
            Self::NotUnknown => "link_not_unknown",
            Self::PersonalIntent => "personal_intent",
        }
    }
}

impl Link {
    /// A link that says only who is paid.
    pub fn to(payee: Vpa, name: String) -> Self {
        Self {
            payee,
            name,
            merchant_code: None,
            transaction_id: None,
            reference: None,
            note: None,
            amount: None,
            minimum: None,
            mode: None,
            url: None,
            purpose: None,
            orgid: None,
            sign: None,
            others: Vec::new(),
        }
    }

    /// The link as text, if everything in it is as the specification wants it.
    pub fn to_uri(&self) -> Result<String, LinkError> {
        self.check()?;
        let mode = self.mode.map(|mode| format!("{:02}", mode.number()));
        let (amount, minimum) = (self.amount.map(decimal), self.minimum.map(decimal));
        let known = [
            ("mode", mode.as_deref()),
            ("cu", Some("INR")),
            ("pa", Some(self.payee.as_str())),
            ("pn", Some(self.name.as_str())),
            ("am", amount.as_deref()),
            ("mam", minimum.as_deref()),
            ("tid", self.transaction_id.as_deref()),
            ("tr", self.reference.as_deref()),
            ("mc", self.merchant_code.as_deref()),
            ("tn", self.note.as_deref()),
            ("url", self.url.as_deref()),
            ("purpose", self.purpose.as_deref()),
            ("orgid", self.orgid.as_deref()),
        ];
        let known = known.into_iter().filter_map(|(key, value)| Some((key, value?)));
        let others = self.others.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let sign = self.sign.as_deref().map(|sign| ("sign", sign));
        let mut uri = String::from("upi://pay");
        for (index, (key, value)) in known.chain(others).chain(sign).enumerate() {
            uri.push(if index == 0 { '?' } else { '&' });
            push_encoded(&mut uri, key);
            uri.push('=');
            push_encoded(&mut uri, value);
        }
        if uri.len() > URI_BYTES_MAX { Err(LinkError::TooLong) } else { Ok(uri) }
    }

    /// Reads a link: parameters in any order, the scheme in any case. A parameter without a value is not
    /// there; a plus sign is a plus sign.
    pub fn parse(uri: &str) -> Result<Self, LinkError> {
        if uri.len() > URI_BYTES_MAX {
            return Err(LinkError::TooLong);
        }
        let mut found: [Option<String>; KNOWN.len()] = Default::default();
        let mut others = Vec::new();
        for pair in query(uri)?.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (key, value) = (decode(key)?, decode(value)?);
            let slot = KNOWN.iter().position(|known| *known == key);
            match slot.and_then(|at| Some((*KNOWN.get(at)?, found.get_mut(at)?))) {
                Some((name, Some(_))) => return Err(LinkError::Duplicate(name)),
                Some((_, slot)) => *slot = Some(value),
                None => others.push((key, value)),
            }
        }
        let found = found.map(|value| value.filter(|value| !value.is_empty()));
        let [mode, cu, pa, pn, am, mam, tid, tr, mc, tn, url, purpose, orgid, sign] = found;
        if cu.is_some_and(|cu| cu != "INR") {
            return Err(LinkError::Currency);
        }
        let payee = pa.ok_or(LinkError::Missing("pa"))?;
        let link = Self {
            payee: payee.parse().map_err(|_| LinkError::Invalid("pa"))?,
            name: pn.ok_or(LinkError::Missing("pn"))?,
            merchant_code: mc,
            transaction_id: tid,
            reference: tr,
            note: tn,
            amount: am.map(|text| rupees("am", &text)).transpose()?,
            minimum: mam.map(|text| rupees("mam", &text)).transpose()?,
            mode: mode.map(|text| mode_of(&text)).transpose()?,
            url,
            purpose,
            orgid,
            sign,
            others,
        };
        link.check()?;
        Ok(link)
    }

    fn check(&self) -> Result<(), LinkError> {
        let given = |text: &Option<String>, is_valid: fn(&str) -> bool| {
            text.as_deref().is_none_or(is_valid)
        };
        let is_sum = |sum: Option<Money>| {
            sum.is_none_or(|sum| sum.is_positive() && sum.currency() == Currency::INR)
        };
        let exceeds = |minimum: Money| self.amount.is_some_and(|am| am.minor() < minimum.minor());
        let is_mode = |mode: Mode| Mode::from_number(mode.number()) == Some(mode);
        let valid = [
            ("pn", is_text(&self.name, NAME_CHARS_MAX)),
            ("mc", given(&self.merchant_code, |mc| is_digits(mc, 4))),
            ("tid", given(&self.transaction_id, is_identifier)),
            ("tr", given(&self.reference, is_identifier)),
            ("tn", given(&self.note, |note| is_text(note, NOTE_CHARS_MAX))),
            ("am", is_sum(self.amount)),
            ("mam", is_sum(self.minimum) && !self.minimum.is_some_and(exceeds)),
            ("mode", self.mode.is_none_or(is_mode)),
            ("url", given(&self.url, is_page)),
            ("purpose", given(&self.purpose, |purpose| is_text(purpose, OTHER_CHARS_MAX))),
            ("orgid", given(&self.orgid, |orgid| is_digits(orgid, 6))),
            ("sign", given(&self.sign, |sign| is_text(sign, OTHER_CHARS_MAX))),
        ];
        if let Some((name, _)) = valid.into_iter().find(|(_, is_valid)| !is_valid) {
            return Err(LinkError::Invalid(name));
        }
        if self.others.len() > OTHERS_MAX {
            return Err(LinkError::TooLong);
        }
        let is_unknown = |key: &str| !key.is_empty() && !KNOWN.contains(&key);
        let are_unknown = self.others.iter().all(|(key, _)| is_unknown(key));
        if are_unknown { Ok(()) } else { Err(LinkError::NotUnknown) }
    }
}

impl FromStr for Link {
    type Err = LinkError;

    fn from_str(uri: &str) -> Result<Self, LinkError> {
        Self::parse(uri)
    }
}

/// A note that fits: without control characters, cut where it is too long; `None` if nothing is left.
pub fn fitting_note(text: &str) -> Option<String> {
    fitting(text, NOTE_CHARS_MAX)
}

/// A payee's name that fits, in the same way.
pub fn fitting_name(text: &str) -> Option<String> {
    fitting(text, NAME_CHARS_MAX)
}

fn fitting(text: &str, chars_max: usize) -> Option<String> {
    let clean: String = text.chars().filter(|c| !c.is_control()).collect();
    let cut: String = clean.trim().chars().take(chars_max).collect();
    let cut = cut.trim_end();
    (!cut.is_empty()).then(|| cut.to_owned())
}

fn is_text(text: &str, chars_max: usize) -> bool {
    !text.is_empty() && text.chars().count() <= chars_max && !text.chars().any(char::is_control)
}

fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_identifier(text: &str) -> bool {
    (1..=REFERENCE_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_page(url: &str) -> bool {
    is_text(url, OTHER_CHARS_MAX) && (url.starts_with("https://") || url.starts_with("http://"))
}

/// Whole rupees without decimals, anything else with two.
fn decimal(amount: Money) -> String {
    let text = amount.to_decimal(2);
    text.strip_suffix(".00").map(str::to_owned).unwrap_or(text)
}

fn rupees(name: &'static str, text: &str) -> Result<Money, LinkError> {
    Money::parse(text, Currency::INR).map_err(|_| LinkError::Invalid(name))
}

fn mode_of(text: &str) -> Result<Mode, LinkError> {
    let number = if is_digits(text, 2) { text.parse().ok() } else { None };
    number.and_then(Mode::from_number).ok_or(LinkError::Invalid("mode"))
}

/// What follows `upi://pay?`.
fn query(uri: &str) -> Result<&str, LinkError> {
    let (address, query) = uri.split_once('?').ok_or(LinkError::NotALink)?;
    let is_ours = address.trim_end_matches('/').eq_ignore_ascii_case("upi://pay");
    if is_ours { Ok(query) } else { Err(LinkError::NotALink) }
}

fn push_encoded(uri: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'@' | b'_' | b'-' | b'.' | b'~') {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
}

fn decode(text: &str) -> Result<String, LinkError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut left = text.bytes();
    while let Some(byte) = left.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = (digit(left.next()), digit(left.next()));
        let value = high.zip(low).map(|(high, low)| high * 16 + low);
        let value = value.and_then(|value| u8::try_from(value).ok());
        bytes.push(value.ok_or(LinkError::Encoding)?);
    }
    String::from_utf8(bytes).map_err(|_| LinkError::Encoding)
}
