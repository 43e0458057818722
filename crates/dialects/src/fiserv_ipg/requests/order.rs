//! What every transaction has: how much, for which order, under which names.

use torana_domain::money::AmountError;
use torana_domain::payment::Customer;
use torana_domain::{Currency, Money};

use super::super::answers::Component;
use super::super::currency;
use super::fields::Fields;
use crate::amount_of_json;

/// Longest names (provider §2).
const STORE_MAX: usize = 20;
const MERCHANT_TRANSACTION_MAX: usize = 40;
pub(in super::super) const ORDER_MAX: usize = 100;

/// Longest name, address and number of a customer.
const CUSTOMER_MAX: usize = 254;

const TOTAL: &str = "transactionAmount.total";
const CURRENCY: &str = "transactionAmount.currency";
const COMPONENTS: &str = "transactionAmount.components";

/// Where the payer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// In a browser; what is meant where nothing is said.
    #[default]
    Ecom,
    /// Has written or called.
    Moto,
    /// Has written.
    Mail,
    /// Has called.
    Phone,
    /// In the shop.
    Retail,
}

impl Origin {
    const WORDS: [(&str, Self); 5] = [
        ("ECOM", Self::Ecom),
        ("MOTO", Self::Moto),
        ("MAIL", Self::Mail),
        ("PHONE", Self::Phone),
        ("RETAIL", Self::Retail),
    ];

    /// The one of that word.
    pub fn of(word: &str) -> Option<Self> {
        Self::WORDS.into_iter().find(|(known, _)| *known == word).map(|(_, origin)| origin)
    }

    /// As answers have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ecom => "ECOM",
            Self::Moto => "MOTO",
            Self::Mail => "MAIL",
            Self::Phone => "PHONE",
            Self::Retail => "RETAIL",
        }
    }
}

/// An amount that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The whole: more than nothing.
    pub total: Money,
    /// Its parts, which add up to it, if any were named.
    pub components: Vec<(Component, Money)>,
}

/// `transactionAmount`.
pub(super) fn amount(fields: &mut Fields<'_>, is_needed: bool) -> Option<Asked> {
    fields.within("transactionAmount");
    if !is_needed && fields.get("transactionAmount").is_none() {
        return None;
    }
    let currency = match fields.text(CURRENCY, 3) {
        Some(text) => {
            let currency = currency(&text);
            if currency.is_none() {
                fields.wrong(CURRENCY, "must be an ISO 4217 currency code");
            }
            currency
        }
        None => {
            if fields.get(CURRENCY).is_none() {
                fields.missing(CURRENCY);
            }
            None
        }
    };
    if fields.get(TOTAL).is_none() {
        fields.missing(TOTAL);
    }
    let currency = currency?;
    let total = money(fields, TOTAL, TOTAL, currency)?;
    if !total.is_positive() {
        fields.wrong(TOTAL, "must be greater than 0");
        return None;
    }
    let components = components(fields, currency);
    let sum =
        components.iter().try_fold(Money::zero(currency), |sum, (_, part)| sum.checked_add(*part));
    if !components.is_empty() && sum != Ok(total) {
        fields.wrong(COMPONENTS, "must add up to the total");
    }
    Some(Asked { total, components })
}

fn money(
    fields: &mut Fields<'_>,
    path: &str,
    name: &'static str,
    currency: Currency,
) -> Option<Money> {
    let text = amount_of_json(fields.get(path)?).unwrap_or_default();
    let flaw = match Money::parse(&text, currency) {
        Ok(money) => return Some(money),
        Err(AmountError::TooPrecise) => {
            format!("must have at most {} decimals", currency.exponent())
        }
        Err(AmountError::OutOfRange) => "is too large".to_owned(),
        Err(
            AmountError::NotDecimal | AmountError::CurrencyMismatch | AmountError::UnknownCurrency,
        ) => "must be a positive number".to_owned(),
    };
    fields.wrong(name, flaw);
    None
}

fn components(fields: &mut Fields<'_>, currency: Currency) -> Vec<(Component, Money)> {
    fields.within(COMPONENTS);
    let mut parts = vec![];
    for component in Component::ALL {
        let path = format!("{COMPONENTS}.{}", component.name());
        if let Some(part) = money(fields, &path, COMPONENTS, currency) {
            parts.push((component, part));
        }
    }
    parts
}

/// `storeId`.
pub(super) fn store(fields: &mut Fields<'_>) -> Option<String> {
    fields.text("storeId", STORE_MAX).map(|text| text.trim().to_owned())
}

/// `merchantTransactionId`.
pub(super) fn merchant_transaction(fields: &mut Fields<'_>) -> Option<String> {
    fields.text("merchantTransactionId", MERCHANT_TRANSACTION_MAX)
}

/// `transactionOrigin`.
pub(super) fn origin(fields: &mut Fields<'_>) -> Origin {
    fields.word("transactionOrigin", "transactionOrigin", &Origin::WORDS).unwrap_or_default()
}

/// `order.orderId`.
pub(super) fn order(fields: &mut Fields<'_>) -> Option<String> {
    fields.within("order");
    fields.text("order.orderId", ORDER_MAX)
}

/// `order.billing`, as far as we know what to do with it.
pub(super) fn customer(fields: &mut Fields<'_>) -> Customer {
    Customer {
        name: fields.text("order.billing.name", CUSTOMER_MAX).unwrap_or_default(),
        email: fields.text("order.billing.contact.email", CUSTOMER_MAX).unwrap_or_default(),
        phone: fields.text("order.billing.contact.phone", CUSTOMER_MAX),
    }
}
