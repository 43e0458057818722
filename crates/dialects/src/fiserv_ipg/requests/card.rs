//! Cards as they are sent (provider §2). Their flaws are named as in the provider's only sample: `PaymentCard.number`.

use std::fmt;

use serde::Serialize;
use torana_domain::luhn;

use super::super::Hidden;
use super::super::answers::{ExpiryDate, PaymentCardDetails};
use super::fields::Fields;

const NUMBER: &str = "PaymentCard.number";
const MONTH: &str = "PaymentCard.expiryDate.month";
const YEAR: &str = "PaymentCard.expiryDate.year";
const SECURITY_CODE: &str = "PaymentCard.securityCode";
const HOLDER: &str = "PaymentCard.cardholderName";
const FUNCTION: &str = "PaymentCard.cardFunction";
const BRAND: &str = "PaymentCard.brand";
const HOLDER_MAX: usize = 96;
const DIGITS: std::ops::RangeInclusive<usize> = 13..=19;
/// The century that two digits of a year are of.
const CENTURY: u16 = 2000;

/// The last month in which a card is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expiry {
    /// All four digits.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
}

impl Expiry {
    /// As answers have it: `02` and `2025`.
    pub fn written(self) -> ExpiryDate {
        ExpiryDate { month: format!("{:02}", self.month), year: self.year.to_string() }
    }
}

/// What a card draws on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum CardFunction {
    /// A credit.
    Credit,
    /// An account.
    Debit,
    /// What was paid in.
    Prepaid,
    /// What was given.
    Voucher,
    /// Something.
    Undefined,
}

/// A card. Its `Debug` shows no more than an answer may.
#[derive(Clone, PartialEq, Eq)]
pub struct Card {
    /// 13 to 19 digits with the right check digit; a network's token looks the same.
    pub number: Hidden,
    /// Until when it is good; a look-up needs none.
    pub expiry: Option<Expiry>,
    /// 3 or 4 digits. It must not outlive the authorization.
    pub security_code: Option<Hidden>,
    /// The name on it.
    pub holder: Option<Hidden>,
    /// What the merchant says that it draws on.
    pub function: Option<CardFunction>,
    /// What the merchant says that its network is.
    pub brand: Option<String>,
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Card({}…{})", self.bin(), self.last4())
    }
}

impl Card {
    /// The first six digits.
    pub fn bin(&self) -> &str {
        self.number.reveal().get(..6).unwrap_or_default()
    }

    /// The last four digits.
    pub fn last4(&self) -> &str {
        let number = self.number.reveal();
        number.get(number.len().saturating_sub(4)..).unwrap_or_default()
    }

    /// What an answer may show of it, if it has an expiry date.
    pub fn details(&self, brand: &str) -> Option<PaymentCardDetails> {
        Some(PaymentCardDetails {
            expiry_date: self.expiry?.written(),
            bin: self.bin().to_owned(),
            last4: self.last4().to_owned(),
            brand: brand.to_owned(),
        })
    }
}

fn is_number(text: &str) -> bool {
    DIGITS.contains(&text.len()) && luhn::is_checked(text)
}

fn is_month(text: &str) -> bool {
    matches!(text.len(), 1 | 2)
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text.parse().is_ok_and(|month| (1_u8..=12).contains(&month))
}

fn is_year(text: &str) -> bool {
    matches!(text.len(), 2 | 4) && text.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) fn is_security_code(text: &str) -> bool {
    matches!(text.len(), 3 | 4) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The card whose object `fields` are. The expiry date must be there if `needs_expiry`.
pub(super) fn read(fields: &mut Fields<'_>, needs_expiry: bool) -> Option<Card> {
    let number = required(fields, "number", NUMBER, is_number, "Invalid credit card number");
    let expiry = match needs_expiry || fields.get("expiryDate").is_some() {
        true => expiry(fields),
        false => None,
    };
    let security_code =
        fields.formed("securityCode", SECURITY_CODE, is_security_code, "must be 3 or 4 digits");
    let holder = fields.named("cardholderName", HOLDER, HOLDER_MAX).map(Hidden::new);
    let words = [
        ("CREDIT", CardFunction::Credit),
        ("DEBIT", CardFunction::Debit),
        ("PREPAID", CardFunction::Prepaid),
        ("VOUCHER", CardFunction::Voucher),
        ("UNDEFINED", CardFunction::Undefined),
    ];
    let function = fields.word("cardFunction", FUNCTION, &words);
    let brand = fields.named("brand", BRAND, 30).map(|text| text.trim().to_ascii_uppercase());
    Some(Card { number: number?, expiry, security_code, holder, function, brand })
}

fn required(
    fields: &mut Fields<'_>,
    path: &str,
    name: &'static str,
    is_formed: fn(&str) -> bool,
    expected: &'static str,
) -> Option<Hidden> {
    if fields.get(path).is_none() {
        fields.missing(name);
    }
    fields.formed(path, name, is_formed, expected)
}

fn expiry(fields: &mut Fields<'_>) -> Option<Expiry> {
    let month = required(fields, "expiryDate.month", MONTH, is_month, "must be 01 to 12");
    let year = required(fields, "expiryDate.year", YEAR, is_year, "must be two digits");
    let (month, year) = (month?.reveal().parse().ok()?, year?);
    let digits: u16 = year.reveal().parse().ok()?;
    let year = if year.reveal().len() == 2 { CENTURY + digits } else { digits };
    Some(Expiry { year, month })
}
