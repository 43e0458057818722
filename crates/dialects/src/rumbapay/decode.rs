//! Requests into calls.

use serde_json::{Map, Value};
use torana_domain::payment::Urls;
use torana_domain::{Currency, Money};

use super::body::{self, Form, TOP};
use super::methods::{COMMON, PayIn};
use super::note::{self, Note};
use super::{customer, ids, payout};
use crate::{Call, Caller, ClaimPayment, CreatePayment, Flaw, Request, WireError};

/// Longest description.
pub(super) const DESCRIPTION_MAX: usize = 500;
/// Longest word for a method.
const METHOD_MAX: usize = 64;
/// The field by which a UPI transfer is named.
pub(super) const TRANSACTION_ID: &str = "transaction_id";

/// What a path is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint<'a> {
    Create,
    Confirm { id: &'a str },
    Payout,
    Transaction { id: &'a str },
    Unknown,
}

impl<'a> Endpoint<'a> {
    pub(super) fn of(request: &Request<'a>) -> Self {
        let id = request.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        match request.route.strip_suffix('/').unwrap_or(request.route) {
            "/v1/payment" => Self::Create,
            "/v1/payment/{id}" => Self::Confirm { id },
            "/v1/payout" => Self::Payout,
            "/v1/transaction/{id}" => Self::Transaction { id },
            _ => Self::Unknown,
        }
    }
}

/// What the request asks for.
pub(super) fn decode(request: &Request<'_>, caller: &Caller<'_>) -> Result<Call, WireError> {
    match Endpoint::of(request) {
        Endpoint::Create | Endpoint::Payout if caller.brand.0 > ids::BRAND_MAX => {
            // Its payments could not be named.
            Err(WireError::Unavailable)
        }
        Endpoint::Create => Ok(Call::Create(Box::new(create(&body::read(request)?, caller)?))),
        Endpoint::Confirm { id } => confirm(id, &body::read(request)?),
        Endpoint::Payout => Ok(Call::Payout(Box::new(payout::create(&body::read(request)?)?))),
        Endpoint::Transaction { id } => Ok(Call::FindTransaction(ids::candidates(id))),
        Endpoint::Unknown => Err(WireError::NotFound),
    }
}

/// Of a currency's code, if there is one; [`WireError::NoRoute`] if it is none (seed: "incorrect values").
pub(super) fn currency(form: &mut Form<'_>) -> Result<Option<Currency>, WireError> {
    let code = form.required(TOP, "currency", METHOD_MAX);
    match code.trim() {
        "" => Ok(None),
        code => code.parse().map(Some).map_err(|_| WireError::NoRoute),
    }
}

/// The two bodies are one object, but for where the method is (provider §3.1).
fn create(object: &Map<String, Value>, caller: &Caller<'_>) -> Result<CreatePayment, WireError> {
    let mut form = Form::new(object);
    form.part("widget");
    let direct = form.text(TOP, "method", METHOD_MAX);
    let widget = form.text("widget", "method", METHOD_MAX);
    let hosted = direct.is_none();
    // Which of them decides what is required is not known: nothing else is looked at.
    if let (Some(direct), Some(widget)) = (&direct, &widget)
        && direct.trim() != widget.trim()
    {
        return Err(WireError::invalid("method", "must be the same as that of widget"));
    }
    let has_method = form.get(TOP, "method").or(form.get("widget", "method")).is_some();
    if !has_method {
        form.missing("method");
    }
    let word = direct.or(widget);
    let method = match &word {
        Some(word) => Some(PayIn::of(word).ok_or(WireError::NoRoute)?),
        None => None,
    };
    if method == Some(PayIn::Epay) && !hosted {
        let is_initial = |text: &str| text == "initial";
        form.required_formed(TOP, "mode", is_initial, "must be initial");
    }
    let reference = form.required(TOP, "reference", ids::REFERENCE_MAX);
    let currency = currency(&mut form)?;
    if let (Some(method), Some(currency)) = (method, currency)
        && !method.has(currency)
    {
        return Err(WireError::NoRoute);
    }
    let amount = form.amount(currency);
    if let Some(amount) = amount {
        within_limits(&mut form, amount, caller);
    }
    let description = form.text(TOP, "description", DESCRIPTION_MAX).unwrap_or_default();
    let (customer, identifier) = customer::read(&mut form, method.map_or(COMMON, PayIn::needed));
    let is_locale = |text: &str| {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (2..=35).contains(&text.len()) && text.bytes().all(is_letter)
    };
    let locale = form.formed("widget", "locale", is_locale, "must be a language such as en");
    let callback = form.url("callback_url");
    let success = form.url("redirect_url").unwrap_or_default();
    let cancel = form.url("cancel_url").unwrap_or_default();
    let metadata = note::extra(&mut form);
    form.done()?;
    // Neither is none: that would have been a flaw.
    let (Some(method), Some(amount)) = (method, amount) else { return Err(WireError::NoRoute) };
    let key = ids::payment_key(&reference);
    let slug = method.slug().to_owned();
    let method = slug.clone();
    let locale = locale.map(|locale| locale.replace('_', "-"));
    let note = Note { method, hosted, reference, description, identifier, locale };
    Ok(CreatePayment {
        amount,
        customer,
        urls: Urls { success, cancel, callback },
        metadata,
        dialect_note: note.to_text(),
        expiry_ms: None,
        method: Some(slug),
        key: Some(key),
    })
}

fn within_limits(form: &mut Form<'_>, amount: Money, caller: &Caller<'_>) {
    let limits = &caller.policy.limits;
    if limits.allow(amount) {
        return;
    }
    let limit = |minor| Money::from_minor(minor, amount.currency()).to_shortest();
    let message = match amount.minor() > limits.max_minor {
        true => format!("must be {} or less", limit(limits.max_minor)),
        false => format!("must be {} or greater", limit(limits.min_minor.max(1))),
    };
    form.wrong("amount", message);
}

/// The merchant tells what its payer typed: the twelve digits of a UPI transfer (provider §7.3).
fn confirm(id: &str, object: &Map<String, Value>) -> Result<Call, WireError> {
    let form = Form::new(object);
    let places = [TOP, "requisites", "confirmation"];
    let mut ways = places.iter().flat_map(|part| [(part, TRANSACTION_ID), (part, "utr")]);
    let given = ways.find_map(|(part, name)| form.get(part, name));
    let given = given.ok_or_else(|| Flaw::missing(TRANSACTION_ID, "is a required field"))?;
    let text = crate::amount_of_json(given).unwrap_or_default();
    if text.len() != 12 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        let message = "must be the 12 digits of the UPI transaction (UTR)";
        return Err(WireError::invalid(TRANSACTION_ID, message));
    }
    Ok(Call::Claim(ClaimPayment {
        candidates: ids::candidates(id),
        method: PayIn::Upi.slug().to_owned(),
        reference: text,
    }))
}
