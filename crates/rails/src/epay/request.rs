//! What a payer carries to ePay's page: who is paid, for which invoice, how much, until when.

use thiserror::Error;
use torana_domain::{Currency, Money, Timestamp};

use super::checksum::{Sealed, decode, verify};
use super::{lines, sofia};

const DESCRIPTION_CHARS_MAX: usize = 100;
const CLIENT_CHARS_MAX: usize = 200;
const INVOICE_DIGITS_MAX: usize = 64;
/// Bytes of base64; a request has fewer than 2000.
const ENCODED_BYTES_MAX: usize = 16 * 1024;
/// An amount must be more than this many hundredths.
const MINOR_MIN: i64 = 1;
const CURRENCIES: [&str; 3] = ["BGN", "EUR", "USD"];

/// Whether ePay takes that currency.
pub fn takes_currency(currency: Currency) -> bool {
    CURRENCIES.contains(&currency.code())
}

/// Whether ePay takes that amount of a currency that it takes.
pub fn takes_amount(amount: Money) -> bool {
    amount.minor() > MINOR_MIN
}

/// Who is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Client {
    /// The number of the merchant at ePay (`MIN`).
    Min(String),
    /// The address that the merchant is registered under (`EMAIL`).
    Email(String),
}

/// On which of ePay's pages the payer pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Page {
    /// From an account at ePay.
    Login,
    /// By card, without an account.
    Card,
}

impl Page {
    /// The word in the field `PAGE`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Login => "paylogin",
            Self::Card => "credit_paydirect",
        }
    }

    /// The page of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Login, Self::Card].into_iter().find(|page| page.word() == word)
    }
}

/// A request for payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentRequest {
    /// Who is paid.
    pub client: Client,
    /// The merchant's number for it: digits, used once.
    pub invoice: String,
    /// How much.
    pub amount: Money,
    /// Until when it may be paid, to the second.
    pub expires_at: Timestamp,
    /// What the payer sees. Line ends become blanks, and it is cut at 100 characters.
    pub description: String,
}

/// Why a request cannot be sealed, or is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RequestError {
    /// The checksum is not that of the request under this secret.
    #[error("Invalid CHECKSUM")]
    BadChecksum,
    /// Longer than any request.
    #[error("ENCODED is too long")]
    TooLong,
    /// No base64, or lines that are not text in the encoding that they name.
    #[error("Invalid ENCODED")]
    Unreadable,
    /// A field that must be there is not.
    #[error("Missing {0}")]
    Missing(&'static str),
    /// A field is there twice.
    #[error("Duplicate {0}")]
    Duplicate(&'static str),
    /// A field has a value that ePay does not take.
    #[error("Invalid {0}")]
    Invalid(&'static str),
}

impl RequestError {
    /// A stable code for logs and machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::BadChecksum => "bad_checksum",
            Self::TooLong => "request_too_long",
            Self::Unreadable => "request_unreadable",
            Self::Missing(_) => "request_missing",
            Self::Duplicate(_) => "request_duplicate",
            Self::Invalid(_) => "request_invalid",
        }
    }
}

impl PaymentRequest {
    /// The request's two fields.
    pub fn seal(&self, secret: &[u8]) -> Result<Sealed, RequestError> {
        self.check()?;
        let client = match &self.client {
            Client::Min(min) => format!("MIN={min}"),
            Client::Email(email) => format!("EMAIL={email}"),
        };
        let expires = sofia::dotted(self.expires_at).ok_or(RequestError::Invalid("EXP_TIME"))?;
        let mut written = vec![
            client,
            format!("INVOICE={}", self.invoice),
            format!("AMOUNT={}", self.amount.to_decimal(2)),
            format!("CURRENCY={}", self.amount.currency()),
            format!("EXP_TIME={expires}"),
        ];
        let description = on_one_line(&self.description);
        if !description.is_empty() {
            written.push(format!("DESCR={description}"));
        }
        written.push("ENCODING=utf-8".to_owned());
        Ok(Sealed::new(written.join("\n").as_bytes(), secret))
    }

    fn check(&self) -> Result<(), RequestError> {
        let is_word = |text: &str| {
            (1..=CLIENT_CHARS_MAX).contains(&text.len())
                && !text.contains(|c: char| c.is_whitespace() || c.is_control())
        };
        let (name, client) = match &self.client {
            Client::Min(min) => ("MIN", min),
            Client::Email(email) => ("EMAIL", email),
        };
        if !is_word(client) {
            return Err(RequestError::Invalid(name));
        }
        if !is_invoice(&self.invoice) {
            return Err(RequestError::Invalid("INVOICE"));
        }
        if !takes_currency(self.amount.currency()) {
            return Err(RequestError::Invalid("CURRENCY"));
        }
        if !takes_amount(self.amount) {
            return Err(RequestError::Invalid("AMOUNT"));
        }
        Ok(())
    }
}

/// Reads a request as ePay does: lines in any order, keys in either case, blank lines passed over, in
/// Windows-1251 unless they name UTF-8. Where no currency is named, `default_currency` is meant.
pub fn open(
    encoded: &str,
    checksum: &str,
    secret: &[u8],
    default_currency: Currency,
) -> Result<PaymentRequest, RequestError> {
    if encoded.len() > ENCODED_BYTES_MAX {
        return Err(RequestError::TooLong);
    }
    if !verify(secret, encoded, checksum) {
        return Err(RequestError::BadChecksum);
    }
    let bytes = decode(encoded).ok_or(RequestError::Unreadable)?;
    let text = text(bytes)?;
    let field = |name| field(&text, name);
    let required = |name| field(name)?.ok_or(RequestError::Missing(name));
    let client = match (field("MIN")?, field("EMAIL")?) {
        (Some(min), _) => Client::Min(min.to_owned()),
        (None, Some(email)) => Client::Email(email.to_owned()),
        (None, None) => return Err(RequestError::Missing("MIN")),
    };
    let currency = match field("CURRENCY")? {
        Some(code) => code.parse().map_err(|_| RequestError::Invalid("CURRENCY"))?,
        None => default_currency,
    };
    let amount = Money::parse(required("AMOUNT")?, currency);
    let expires_at = sofia::parse_dotted(required("EXP_TIME")?);
    let request = PaymentRequest {
        client,
        invoice: required("INVOICE")?.to_owned(),
        amount: amount.map_err(|_| RequestError::Invalid("AMOUNT"))?,
        expires_at: expires_at.ok_or(RequestError::Invalid("EXP_TIME"))?,
        description: on_one_line(field("DESCR")?.unwrap_or_default()),
    };
    request.check()?;
    Ok(request)
}

/// The value of a field; `None` where it is missing or empty.
fn field<'t>(text: &'t str, name: &'static str) -> Result<Option<&'t str>, RequestError> {
    let pairs = lines::of(text).filter_map(lines::pair);
    let mut values = pairs.filter(|(key, _)| key.eq_ignore_ascii_case(name));
    let value = values.next().map(|(_, value)| value).filter(|value| !value.is_empty());
    if values.next().is_some() { Err(RequestError::Duplicate(name)) } else { Ok(value) }
}

fn text(bytes: Vec<u8>) -> Result<String, RequestError> {
    // The name of the encoding reads alike in both.
    let latin = lines::from_cp1251(&bytes);
    let encoding = field(&latin, "ENCODING")?.unwrap_or("cp1251").to_ascii_lowercase();
    match encoding.as_str() {
        "utf-8" | "utf8" => String::from_utf8(bytes).map_err(|_| RequestError::Unreadable),
        "cp1251" | "cp-1251" | "windows-1251" => Ok(latin),
        _ => Err(RequestError::Invalid("ENCODING")),
    }
}

pub(super) fn is_invoice(text: &str) -> bool {
    (1..=INVOICE_DIGITS_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Without control characters and line ends, at most as long as ePay takes it.
fn on_one_line(text: &str) -> String {
    let is_break = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let plain: String = text.chars().map(|c| if is_break(c) { ' ' } else { c }).collect();
    let cut: String = plain.trim().chars().take(DESCRIPTION_CHARS_MAX).collect();
    cut.trim_end().to_owned()
}
