//! Requests into calls (provider §2.2, §2.3, §2.5).

use serde_json::Value;
use torana_domain::payment::{Customer, Urls};
use torana_domain::{Currency, Money};

use super::super::note::{Address, Note, Party};
use super::super::{amounts, ids};
use super::body::Body;
use super::{Endpoint, recurring};
use crate::{Call, Caller, CreatePayment, FindPayment, Flaw, RefundPayment, Request, WireError};

/// The largest amount, in major units (provider §2.3).
pub(super) const AMOUNT_MAX: i64 = 99_999_999;
/// Longest text where the provider names no limit that clients keep.
const CHARS: usize = 50;
/// Shortest and longest phone number, in characters: clients pad shorter ones when they are told (provider §2.3).
const PHONE_CHARS: std::ops::RangeInclusive<usize> = 9..=15;
/// Seconds that an invoice may wait (provider §2.3).
const VALIDITY_S: std::ops::RangeInclusive<i64> = 60..=31_536_000;
/// Most customs, codes and tenures, and longest value of one.
const ITEMS_MAX: usize = 60;
const VALUE_CHARS: usize = 500;

/// What the request asks for.
pub(in super::super) fn decode(
    request: &Request<'_>,
    caller: &Caller<'_>,
) -> Result<Call, WireError> {
    match Endpoint::of(request) {
        Endpoint::Create => {
            let call = create(&Body::read(request)?, caller)?;
            Ok(Call::Create(Box::new(call)))
        }
        Endpoint::Retrieve { id } => {
            Ok(Call::Find(FindPayment { candidates: ids::candidates(id), amount: None }))
        }
        Endpoint::Ipn { id, amount } => {
            // What is no amount is not the invoice's amount.
            let amount = amounts::parse(amount, caller.policy.currency);
            let amount = Some(amount.map_err(|_| WireError::NotFound)?);
            Ok(Call::Find(FindPayment { candidates: ids::candidates(id), amount }))
        }
        Endpoint::Refund { id } => refund(id, &Body::read(request)?, caller.policy.currency),
        Endpoint::Cancel { id } => Ok(Call::Cancel(ids::candidates(id))),
        Endpoint::CreateRecurring => recurring::decode(&Body::read(request)?, caller),
        Endpoint::RetrieveRecurring { id } => Ok(Call::FindSubscription(ids::candidates(id))),
        Endpoint::CancelRecurring { id } => Ok(Call::EndSubscription(ids::candidates(id))),
        Endpoint::Unknown => Err(WireError::NotFound),
    }
}

fn refund(id: &str, body: &Body, currency: Currency) -> Result<Call, WireError> {
    const AMOUNT: &str = "refund.amount";
    const CURRENCY: &str = "refund.currency";
    let named = body.text(CURRENCY, 3)?;
    if named.as_deref().is_some_and(|code| code.trim().parse() != Ok(currency)) {
        return Err(WireError::invalid(CURRENCY, format!("must be {currency}")));
    }
    let value = body.get(AMOUNT).ok_or_else(|| Flaw::missing(AMOUNT, "is required"))?;
    let text = crate::amount_of_json(value).and_then(|text| amounts::plain(&text));
    let amount = text.ok_or_else(|| Flaw::new(AMOUNT, "must be a number such as 50.00"))?;
    Ok(Call::Refund(Box::new(RefundPayment {
        candidates: ids::candidates(id),
        amount,
        currency: named,
        reason: String::new(),
        reference: body.text("refund.reference", 100)?,
        repeat_ms: None,
    })))
}

/// The body of a new invoice; of a new subscription's too.
pub(super) fn create(body: &Body, caller: &Caller<'_>) -> Result<CreatePayment, WireError> {
    let amount = body.amount("order.amount", currency(body, caller)?, AMOUNT_MAX)?;
    let amount = amount.ok_or_else(|| Flaw::missing("order.amount", "is required"))?;
    within_limits("order.amount", amount, caller)?;
    let redirect = body.url("order.redirect_url")?;
    let redirect = redirect.ok_or_else(|| Flaw::missing("order.redirect_url", "is required"))?;
    for source in ["billing.source_of_fund", "billing.source"] {
        if body.get(source).is_some_and(|value| !is_nothing(value)) {
            let message = "Cards and stored sources are not taken here: leave this out, and send the payer to action.url.";
            return Err(WireError::invalid(source, message));
        }
    }
    Ok(CreatePayment {
        amount,
        customer: customer(body)?,
        urls: Urls {
            success: redirect.clone(),
            cancel: redirect,
            callback: body.url("order.ipn_url")?,
        },
        metadata: None,
        dialect_note: note(body)?.to_text(),
        expiry_ms: body.number("order.validity", VALIDITY_S)?.map(|seconds| seconds * 1_000),
        method: None,
        key: None,
    })
}

/// Whether the brand takes payments of that amount.
pub(super) fn within_limits(
    path: &'static str,
    amount: Money,
    caller: &Caller<'_>,
) -> Result<(), Flaw> {
    let limits = &caller.policy.limits;
    let limit = |minor| Money::from_minor(minor, amount.currency());
    match amount.minor() {
        _ if limits.allow(amount) => Ok(()),
        minor if minor > limits.max_minor => {
            Err(Flaw::new(path, format!("must be at most {}", limit(limits.max_minor))))
        }
        _ => Err(Flaw::new(path, format!("must be at least {}", limit(limits.min_minor)))),
    }
}

/// Whether it is one of the ways in which PHP writes an empty array.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

fn currency(body: &Body, caller: &Caller<'_>) -> Result<Currency, Flaw> {
    const CURRENCY: &str = "order.currency";
    let expected = caller.policy.currency;
    let wrong = || Flaw::new(CURRENCY, format!("must be {expected}"));
    let code = body.required(CURRENCY, 3)?;
    code.trim().parse().ok().filter(|it| *it == expected).ok_or_else(wrong)
}

fn customer(body: &Body) -> Result<Customer, Flaw> {
    const PHONE: &str = "billing.customer.phone";
    let phone = body.required(PHONE, *PHONE_CHARS.end())?;
    let is_number = |letter: char| letter.is_ascii_digit() || matches!(letter, '+' | ' ' | '-');
    if !PHONE_CHARS.contains(&phone.chars().count()) || !phone.chars().all(is_number) {
        return Err(Flaw::new(PHONE, "must be a phone number of 9 to 15 digits"));
    }
    let email = body.required("billing.customer.email", CHARS)?;
    if !email.contains('@') {
        return Err(Flaw::new("billing.customer.email", "must be an e-mail address"));
    }
    Ok(Customer { name: body.required("billing.customer.name", CHARS)?, email, phone: Some(phone) })
}

fn note(body: &Body) -> Result<Note, Flaw> {
    const COUNTRY: &str = "billing.customer.address.country";
    let country = body.country(COUNTRY)?.ok_or_else(|| Flaw::missing(COUNTRY, "is required"))?;
    Ok(Note {
        product_name: body.required("product.name", 150)?,
        product_description: body.required("product.description", 300)?,
        address: Address {
            street: body.required("billing.customer.address.street", 200)?,
            city: body.required("billing.customer.address.city", CHARS)?,
            state: body
                .text("billing.customer.address.state", CHARS)?
                .unwrap_or_else(|| "NA".to_owned()),
            zipcode: body.required("billing.customer.address.zipcode", CHARS)?,
            country,
        },
        shipping: shipping(body)?,
        reference: body.text("order.reference", 100)?,
        customs: customs(body)?,
        emi_tenures: emi(body)?,
        discount_codes: discount(body)?,
        recurring: None,
    })
}

fn shipping(body: &Body) -> Result<Option<Party>, Flaw> {
    if body.get("shipping.customer").is_none() {
        return Ok(None);
    }
    Ok(Some(Party {
        name: body.text("shipping.customer.name", CHARS)?,
        email: body.text("shipping.customer.email", CHARS)?,
        phone: body.text("shipping.customer.phone", CHARS)?,
        street: body.text("shipping.customer.address.street", 200)?,
        city: body.text("shipping.customer.address.city", CHARS)?,
        state: body.text("shipping.customer.address.state", CHARS)?,
        zipcode: body.text("shipping.customer.address.zipcode", CHARS)?,
        country: body.country("shipping.customer.address.country")?,
    }))
}

/// An array of objects of one text each.
fn customs(body: &Body) -> Result<Vec<(String, String)>, Flaw> {
    const CUSTOMS: &str = "customs";
    let wrong = || Flaw::new(CUSTOMS, "must be a list of objects of one text each");
    let items = match body.get(CUSTOMS) {
        None => return Ok(vec![]),
        Some(Value::Array(items)) if items.len() <= ITEMS_MAX => items,
        // PHP writes an empty array of keys as an object.
        Some(Value::Object(object)) if object.is_empty() => return Ok(vec![]),
        Some(_) => return Err(wrong()),
    };
    let pairs = items.iter().flat_map(|item| match item {
        Value::Object(object) => object.iter().map(Some).collect(),
        _ => vec![None],
    });
    let read = pairs.map(|pair| {
        let (key, value) = pair?;
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        let is_key = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
        let is_fine = (1..=CHARS).contains(&key.len())
            && key.chars().all(is_key)
            && value.chars().count() <= VALUE_CHARS;
        is_fine.then(|| (key.clone(), value))
    });
    let all = read.collect::<Option<Vec<_>>>().ok_or_else(wrong)?;
    if all.len() > ITEMS_MAX { Err(wrong()) } else { Ok(all) }
}

/// Months of instalments, where they are offered; under two names (provider §2.3).
fn emi(body: &Body) -> Result<Option<Vec<u32>>, Flaw> {
    const TENURES: &str = "emi.tenures";
    if !body.flag("emi.enable") {
        return Ok(None);
    }
    let given = body.get(TENURES).or_else(|| body.get("emi.tenors"));
    let wrong = || Flaw::new(TENURES, "must be a list of months");
    let month = |value: &Value| -> Option<u32> { crate::amount_of_json(value)?.parse().ok() };
    let months = match given {
        None => vec![],
        Some(Value::Array(items)) if items.len() <= ITEMS_MAX => {
            items.iter().map(month).collect::<Option<_>>().ok_or_else(wrong)?
        }
        Some(single) => vec![month(single).ok_or_else(wrong)?],
    };
    Ok(Some(months))
}

fn discount(body: &Body) -> Result<Option<Vec<String>>, Flaw> {
    const CODES: &str = "discount.codes";
    if !body.flag("discount.enable") {
        return Ok(None);
    }
    let wrong = || Flaw::new(CODES, "must be a list of texts");
    let code = |value: &Value| value.as_str().filter(|it| it.len() <= CHARS).map(str::to_owned);
    match body.get(CODES) {
        None => Ok(Some(vec![])),
        Some(Value::Array(items)) if items.len() <= ITEMS_MAX => {
            items.iter().map(code).collect::<Option<_>>().map(Some).ok_or_else(wrong)
        }
        Some(_) => Err(wrong()),
    }
}
