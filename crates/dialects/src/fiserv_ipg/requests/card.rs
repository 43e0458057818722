//! Cards as they are sent (provider §2). Their flaws are named as in the provider's only sample: `PaymentCard.number`.
//!
//! Number, security code and one-time password are read from text alone: a JSON number has lost the zeros before it, and
//! cannot be wiped.

use torana_domain::card::{Card, CardBrand, Expiry, Pan, SecurityCode};

use super::fields::Fields;

const NUMBER: &str = "PaymentCard.number";
const MONTH: &str = "PaymentCard.expiryDate.month";
const YEAR: &str = "PaymentCard.expiryDate.year";
const SECURITY_CODE: &str = "PaymentCard.securityCode";
const HOLDER: &str = "PaymentCard.cardholderName";
const FUNCTION: &str = "PaymentCard.cardFunction";
const BRAND: &str = "PaymentCard.brand";
const HOLDER_MAX: usize = 96;
const BRAND_MAX: usize = 30;
/// What a card may be said to draw on. The issuer knows better: it is checked and not kept.
const FUNCTIONS: [(&str, ()); 5] =
    [("CREDIT", ()), ("DEBIT", ()), ("PREPAID", ()), ("VOUCHER", ()), ("UNDEFINED", ())];

/// A card, and whose the merchant says that it is.
#[derive(Debug, PartialEq, Eq)]
pub struct NamedCard {
    /// The card.
    pub card: Card,
    /// By the merchant's word, if that is one that is known.
    pub brand: Option<CardBrand>,
}

fn is_month(text: &str) -> bool {
    // A number would be read with a sign before it as well.
    let is_digits = matches!(text.len(), 1 | 2) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits && text.parse().is_ok_and(|month| (1_u8..=12).contains(&month))
}

/// The card whose object `fields` are.
pub(super) fn read(fields: &mut Fields<'_>) -> Option<NamedCard> {
    let number = number(fields);
    let expiry = expiry(fields);
    let security_code = security_code(fields, "securityCode", SECURITY_CODE);
    let holder = fields.named("cardholderName", HOLDER, HOLDER_MAX);
    fields.word("cardFunction", FUNCTION, &FUNCTIONS);
    let brand = brand(fields);
    let card = Card { pan: number?, expiry: expiry?, security_code, holder };
    Some(NamedCard { card, brand })
}

/// The number that must be there.
pub(super) fn number(fields: &mut Fields<'_>) -> Option<Pan> {
    if fields.get("number").is_none() {
        fields.missing(NUMBER);
    }
    let number = fields.secret("number", NUMBER)?.parse().ok();
    if number.is_none() {
        fields.wrong(NUMBER, "Invalid credit card number");
    }
    number
}

/// One that is there.
pub(super) fn security_code(
    fields: &mut Fields<'_>,
    path: &str,
    name: &'static str,
) -> Option<SecurityCode> {
    let code = fields.secret(path, name)?.parse().ok();
    if code.is_none() {
        fields.wrong(name, "must be 3 or 4 digits");
    }
    code
}

/// A word that is not known says nothing.
pub(super) fn brand(fields: &mut Fields<'_>) -> Option<CardBrand> {
    let word = fields.named("brand", BRAND, BRAND_MAX)?;
    CardBrand::from_slug(word.trim())
}

fn expiry(fields: &mut Fields<'_>) -> Option<Expiry> {
    let mut part = |path: &str, name: &'static str| {
        if fields.get(path).is_none() {
            fields.missing(name);
        }
        fields.named(path, name, 8).map(|text| text.trim().to_owned())
    };
    let (month, year) = (part("expiryDate.month", MONTH), part("expiryDate.year", YEAR));
    let month = month.and_then(|month| match is_month(&month) {
        true => Some(month),
        false => {
            fields.wrong(MONTH, "must be 01 to 12");
            None
        }
    });
    // Whatever the month is, the year can be told to be wrong.
    let year = year?;
    let expiry = Expiry::parse(month.as_deref().unwrap_or("01"), &year).ok();
    if expiry.is_none() {
        fields.wrong(YEAR, "must be two digits");
    }
    month.and(expiry)
}
