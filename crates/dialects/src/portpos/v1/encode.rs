//! Answers and errors into bytes. The HTTP status is always 200; the outcome is the number `status` (provider §1.1).

use http::StatusCode;
use serde_json::{Map, Value};
use torana_domain::payment::{Payment, Refusal};

use super::super::details::Details;
use super::super::status::Status;
use super::super::{Switches, ids, php};
use super::decode::Kind;
use super::fields::{Form, GEN_INVOICE};
use super::layout::to_json;
use crate::{Caller, Flaw, Reply, Request, WireError};

/// The seed's words for NOT_ALLOWED.
const NOT_ALLOWED: &str = "You are not allowed to perform this action.";
const INVALID: &str = "Invalid Request";
const INVALID_IPN: &str = "Invalid IPN Request";

/// The fields of `gen_invoice` in the order in which its answers echo them.
const ECHOED: [&str; 21] = [
    "amount",
    "currency",
    "name",
    "email",
    "phone",
    "address",
    "country",
    "state",
    "city",
    "zipcode",
    "ship_to_name",
    "ship_to_email",
    "ship_to_phone",
    "ship_to_address",
    "ship_to_country",
    "ship_to_state",
    "ship_to_city",
    "ship_to_zipcode",
    "product_name",
    "product_description",
    "ipn_url",
];

fn reply(status: u16, rest: impl IntoIterator<Item = (&'static str, Value)>) -> Reply {
    let mut body = Map::new();
    body.insert("status".to_owned(), status.into());
    body.extend(rest.into_iter().map(|(name, value)| (name.to_owned(), value)));
    php::reply(StatusCode::OK, &body)
}

/// The answer about a payment.
pub(in super::super) fn answer(
    request: &Request<'_>,
    caller: &Caller<'_>,
    payment: &Payment,
) -> Reply {
    let switches = &caller.switches.portpos;
    let form = Form::read(request).ok();
    let kind = form.as_ref().and_then(Kind::of);
    if let (Some(form), Some(Kind::GenInvoice)) = (&form, kind) {
        let number = Status::Accepted.number(switches);
        return reply(number, [("data", created(form, caller, payment))]);
    }
    let status = match kind {
        // Of an older refund too, which may be done: this one is asked for.
        Some(Kind::RefundRequest) => Status::RefundPending,
        _ => Status::of(payment),
    };
    let data = to_json(&Details::of(payment), status, switches.later_fields);
    reply(status.number(switches), [("data", Value::Object(data))])
}

fn created(form: &Form, caller: &Caller<'_>, payment: &Payment) -> Value {
    let mut data = Map::new();
    data.insert("id".to_owned(), payment.id.number.as_i64().to_string().into());
    data.insert("client_id".to_owned(), caller.brand.to_string().into());
    for name in ECHOED {
        data.insert(name.to_owned(), form.text(name).into());
    }
    data.insert("gateway_txn_id".to_owned(), "".into());
    data.insert("reason".to_owned(), "".into());
    data.insert("redirect_url".to_owned(), form.text("redirect_url").into());
    data.insert("invoice_id".to_owned(), ids::invoice_id(payment.id.number).into());
    Value::Object(data)
}

/// An error.
pub(in super::super) fn refuse(
    request: &Request<'_>,
    caller: Option<&Caller<'_>>,
    error: &WireError,
) -> Reply {
    let form = Form::read(request).ok();
    let kind = form.as_ref().and_then(Kind::of);
    let defaults = Switches::default();
    let say = |status: Status, message: &str| {
        reply(status.number(&defaults), [("message", message.into())])
    };
    let invalid = |message: &str| say(Status::InvalidRequest, message);
    let not_allowed = |message: &str| say(Status::NotAllowed, message);
    match (error, &form, caller) {
        (WireError::Unauthenticated | WireError::Door(_), ..) => not_allowed(NOT_ALLOWED),
        (WireError::RateLimited { retry_after_s }, ..) => {
            not_allowed(&format!("{NOT_ALLOWED} Try again in {retry_after_s} seconds."))
        }
        (WireError::Unavailable, ..) => {
            not_allowed("Temporarily unavailable: nothing was changed, try again.")
        }
        (WireError::Invalid(flaws), Some(form), Some(caller)) if kind == Some(Kind::GenInvoice) => {
            let messages: Map<_, _> = flaws
                .iter()
                .map(|flaw| (flaw.field.to_owned(), Value::from(flaw.message.as_str())))
                .collect();
            let data = echo(form, caller, flaws);
            let number = Status::InvalidRequest.number(&defaults);
            reply(number, [("data", data), ("message", Value::Object(messages))])
        }
        (WireError::Invalid(flaws), ..) => {
            let said: Vec<_> = flaws.iter().map(|flaw| flaw.message.as_str()).collect();
            invalid(&said.join(", "))
        }
        (WireError::Refused(refusal), ..) => invalid(&refused(*refusal)),
        (WireError::NotFound, ..) if kind == Some(Kind::IpnValidate) => invalid(INVALID_IPN),
        (WireError::NotFound | WireError::MethodNotAllowed, ..) => invalid(INVALID),
        (WireError::Malformed(message), ..) => invalid(message),
        (WireError::NoRoute, ..) => invalid("No account can take this payment."),
        (WireError::TooLarge, ..) => invalid("The request is too large."),
        (WireError::Card(error), ..) => invalid(&error.to_string()),
        (WireError::UnsupportedMediaType, ..) => invalid(INVALID),
    }
}

/// The inputs given back, but for those that are missing (seed, the second answer to `gen_invoice`).
fn echo(form: &Form, caller: &Caller<'_>, flaws: &[Flaw]) -> Value {
    let mut data = Map::new();
    data.insert("client_id".to_owned(), caller.brand.to_string().into());
    let is_missing = |name: &str| flaws.iter().any(|flaw| flaw.field == name && flaw.is_missing);
    let known = ECHOED.into_iter().chain(["redirect_url"]);
    for name in known.filter(|name| !is_missing(name)) {
        // What is over-long is not sent around in full.
        let most = GEN_INVOICE.iter().find(|field| field.name == name).map_or(0, |it| it.chars);
        let value: String = form.text(name).chars().take(most).collect();
        data.insert(name.to_owned(), value.into());
    }
    Value::Object(data)
}

fn refused(refusal: Refusal) -> String {
    match refusal {
        Refusal::RefundTooLarge(left) => {
            format!("Refund amount exceeded. Refundable amount is {}", left.to_decimal(2))
        }
        Refusal::WrongState(_) => "The invoice is not paid: nothing can be refunded.".to_owned(),
        Refusal::NotPositive => "amount must be more than 0".to_owned(),
        Refusal::Amount(_) => "amount must be a number such as 500.00".to_owned(),
        other => {
            let message = other.to_string();
            let mut letters = message.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters).collect()
        }
    }
}

/// For golden tests: an answer of details that no rail of this build can give, such as those of a card.
#[cfg(test)]
pub(in super::super) fn answer_of(details: &Details, status: Status) -> Reply {
    let switches = Switches::default();
    let data = Value::Object(to_json(details, status, false));
    reply(status.number(&switches), [("data", data)])
}
