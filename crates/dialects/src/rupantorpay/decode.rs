//! Requests into calls.

use http::Method;
use serde_json::{Map, Value};
use torana_domain::Currency;
use torana_domain::Money;
use torana_domain::money::AmountError;
use torana_domain::payment::{Customer, Urls};

use super::fields::Fields;
use super::{CHECKOUT, OLD_CHECKOUT, OLD_VERIFY, VERIFY, ids};
use crate::{
    Call, Caller, CreatePayment, Credential, FindPayment, Flaw, Request, WireError, amount_of_json,
    json, urls,
};

/// The key's headers: the seed's, then the older engine's and its sisters' (provider §1, §8).
const KEY_HEADERS: [&str; 5] = [
    "x-api-key",
    "api-key",
    "rt-uddoktapay-api-key",
    "mh-piprapay-api-key",
    "mhs-piprapay-api-key",
];
/// Longest key; the provider's have 50 characters, but nothing promises that (provider §2.1).
const KEY_MAX: usize = 256;
/// Longest name and e-mail address, in characters.
const NAME_CHARS_MAX: usize = 200;
/// Longest phone number, in characters.
const PHONE_CHARS_MAX: usize = 40;
/// Most metadata, in bytes of JSON.
const METADATA_MAX: usize = 8 * 1_024;

// Each field under all its names, the provider's own first (provider §1, §2.1, §8).
const FULLNAME: &[&str] = &["fullname", "full_name", "cus_name", "customer_name"];
const EMAIL: &[&str] = &["email", "cus_email", "customer_email", "email_address", "email_mobile"];
const PHONE: &[&str] = &["phone", "cus_phone", "customer_phone", "mobile_number"];
const AMOUNT: &[&str] = &["amount"];
const CURRENCY: &[&str] = &["currency"];
const SUCCESS_URL: &[&str] = &["success_url", "redirect_url"];
const CANCEL_URL: &[&str] = &["cancel_url"];
const WEBHOOK_URL: &[&str] = &["webhook_url"];
const METADATA: &[&str] = &["metadata", "meta_data"];
const TRANSACTION_ID: &[&str] =
    &["transaction_id", "transactionId", "transactionID", "invoice_id", "payment_id"];
const API_KEY: &[&str] = &["api_key"];

/// The brand's key: from a header, or from the field `api_key` (provider §2.1).
pub(super) fn credential(request: &Request<'_>) -> Result<Credential, WireError> {
    let in_headers = KEY_HEADERS
        .iter()
        .filter_map(|name| request.headers.get(*name)?.to_str().ok())
        .map(str::trim)
        .find(|key| !key.is_empty())
        .map(str::to_owned);
    let key = in_headers.or_else(|| {
        let key = Fields::read(request).ok()?.text(API_KEY).ok()??;
        Some(key.trim().to_owned())
    });
    let key = key.filter(|key| key.len() <= KEY_MAX).ok_or(WireError::Unauthenticated)?;
    Ok(Credential::key(key))
}

/// What the request asks for.
pub(super) fn decode(request: &Request<'_>, caller: &Caller<'_>) -> Result<Call, WireError> {
    if *request.method != Method::GET && *request.method != Method::POST {
        return Err(WireError::MethodNotAllowed);
    }
    match request.route {
        CHECKOUT | OLD_CHECKOUT => {
            create(&Fields::read(request)?, caller).map(|call| Call::Create(Box::new(call)))
        }
        VERIFY | OLD_VERIFY => {
            let text = Fields::read(request)?.text(TRANSACTION_ID)?;
            let text = text.ok_or_else(|| required(TRANSACTION_ID))?;
            let candidates = ids::candidates(&text, caller.since, caller.now);
            Ok(Call::Find(FindPayment { candidates, amount: None }))
        }
        _ => Err(WireError::Malformed("Invalid API request.")),
    }
}

fn create(fields: &Fields, caller: &Caller<'_>) -> Result<CreatePayment, WireError> {
    check_currency(fields, caller.policy.currency)?;
    let url = |names: &'static [&'static str]| match fields.text(names)? {
        Some(text) => urls::read(first(names), &text).map(Some),
        None => Ok(None),
    };
    Ok(CreatePayment {
        amount: amount(fields, caller)?,
        customer: Customer {
            name: name(fields, FULLNAME)?,
            email: name(fields, EMAIL)?,
            phone: phone(fields),
        },
        urls: Urls {
            success: url(SUCCESS_URL)?.ok_or_else(|| required(SUCCESS_URL))?,
            cancel: url(CANCEL_URL)?.ok_or_else(|| required(CANCEL_URL))?,
            callback: url(WEBHOOK_URL)?,
        },
        metadata: metadata(fields)?,
        dialect_note: None,
        expiry_ms: None,
        method: None,
        key: None,
    })
}

/// Text or number, exact (seed: `10 or 10.50 or 10.6`); zeros beyond the currency's decimals are fine.
fn amount(fields: &Fields, caller: &Caller<'_>) -> Result<Money, WireError> {
    let invalid = |message: String| WireError::invalid(first(AMOUNT), message);
    let value = fields.get(AMOUNT).ok_or_else(|| required(AMOUNT))?;
    let currency = caller.policy.currency;
    let text = amount_of_json(value).unwrap_or_default();
    let limits = &caller.policy.limits;
    let limit = |minor| Money::from_minor(minor, currency).to_shortest();
    let too_large = || invalid(format!("must be at most {}", limit(limits.max_minor)));
    let amount = match Money::parse(&text, currency) {
        Ok(amount) => amount,
        Err(AmountError::TooPrecise) => {
            return Err(invalid(format!("{currency} has {} decimals", currency.exponent())));
        }
        Err(AmountError::OutOfRange) => return Err(too_large()),
        Err(
            AmountError::NotDecimal | AmountError::CurrencyMismatch | AmountError::UnknownCurrency,
        ) => {
            return Err(invalid("must be a positive number such as 10 or 10.50".to_owned()));
        }
    };
    if !amount.is_positive() {
        return Err(invalid("must be more than 0".to_owned()));
    }
    match limits.allow(amount) {
        true => Ok(amount),
        false if amount.minor() > limits.max_minor => Err(too_large()),
        false => Err(invalid(format!("must be at least {}", limit(limits.min_minor)))),
    }
}

/// See the parent module for why another currency than the brand's is refused.
fn check_currency(fields: &Fields, expected: Currency) -> Result<(), WireError> {
    let Some(Value::String(code)) = fields.get(CURRENCY) else { return Ok(()) };
    match code.trim().parse::<Currency>() {
        Ok(currency) if currency != expected => Err(WireError::invalid(
            first(CURRENCY),
            format!("this brand takes {expected}, not {currency}"),
        )),
        _ => Ok(()),
    }
}

/// A name or e-mail address as sent, without control characters; empty if absent.
fn name(fields: &Fields, names: &'static [&'static str]) -> Result<String, WireError> {
    let mut text = fields.text(names)?.unwrap_or_default();
    text.retain(|c| !c.is_control());
    if text.chars().count() > NAME_CHARS_MAX {
        let message = format!("must be at most {NAME_CHARS_MAX} characters long");
        return Err(WireError::invalid(first(names), message));
    }
    Ok(text)
}

/// Not a field of this API, but clients send it (provider §2.1): never a reason to refuse.
fn phone(fields: &Fields) -> Option<String> {
    let mut text = fields.text(PHONE).ok().flatten()?;
    text.retain(|c| !c.is_control());
    let text = text.trim();
    (!text.is_empty() && text.chars().count() <= PHONE_CHARS_MAX).then(|| text.to_owned())
}

/// An object, or a text that holds one (provider §2.1), as JSON with its order and numbers kept. Nothing,
/// in all its spellings (PHP writes an empty array as `[]`), is none.
fn metadata(fields: &Fields) -> Result<Option<String>, WireError> {
    let invalid = |message: String| WireError::invalid(first(METADATA), message);
    // The engine's own text (provider §2.3).
    let not_json = || invalid("Metadata must be in JSON format.".to_owned());
    let parsed: Value;
    let value = match fields.get(METADATA) {
        None => return Ok(None),
        Some(Value::String(text)) => {
            parsed = json::parse(text.as_bytes()).ok_or_else(not_json)?;
            &parsed
        }
        Some(value) => value,
    };
    match value {
        Value::Null => Ok(None),
        Value::Array(items) if items.is_empty() => Ok(None),
        Value::Object(object) if object.is_empty() => Ok(None),
        Value::Object(object) => match json_text(object) {
            Some(text) if text.len() <= METADATA_MAX => Ok(Some(text)),
            _ => Err(invalid(format!("must be at most {METADATA_MAX} bytes long"))),
        },
        Value::Array(_) | Value::Bool(_) | Value::Number(_) | Value::String(_) => Err(not_json()),
    }
}

fn json_text(object: &Map<String, Value>) -> Option<String> {
    serde_json::to_string(object).ok()
}

fn first(names: &[&'static str]) -> &'static str {
    names.first().copied().unwrap_or_default()
}

fn required(names: &[&'static str]) -> WireError {
    Flaw::missing(first(names), "this field is required").into()
}
