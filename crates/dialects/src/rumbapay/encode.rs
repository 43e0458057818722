//! Answers and errors into bytes, in the order of the seed's samples.

use http::StatusCode;
use serde_json::{Map, Number, Value, json};
use torana_domain::payment::{Payment, Refusal};
use torana_domain::payout::Payout;
use torana_domain::{Money, Timestamp};

use super::decode::{Endpoint, TRANSACTION_ID};
use super::ids::{self, Prefix};
use super::methods::PayIn;
use super::note::{self, Note};
use super::payout::Way;
use super::{Identifier, Switches, auth, challenge, status, times};
use crate::{Caller, Flaw, Reply, Request, WireError};

/// Decimals of amounts in answers to GET about UPI (seed).
const UPI_DECIMALS: u32 = 4;

/// A JSON number with exactly these digits.
pub(super) fn number(text: &str) -> Value {
    text.parse::<Number>().map_or(Value::Null, Value::Number)
}

/// What is paid to or by whoever bears the fee. What tells payments apart by their amounts is the payer's, whoever bears
/// the rest.
fn billed(payment: &Payment) -> Money {
    let order = &payment.order;
    let borne_by_payer = order.due.minor() - order.amount.minor();
    match order.fee.minor() - borne_by_payer {
        0 => order.due,
        rest => Money::from_minor(order.amount.minor() - rest, order.amount.currency()),
    }
}

fn identifier(payment: &Payment, note: &Note, switches: &Switches) -> String {
    let is_internal = match switches.identifier {
        Identifier::ByMethod => note.pay_in() == PayIn::Upi,
        Identifier::Internal => true,
        Identifier::Customer => false,
    };
    match is_internal {
        true => ids::identifier(Prefix::Payment, payment.id.number),
        false => note.identifier.clone(),
    }
}

/// Where an answer about a payment goes.
enum For<'a> {
    /// Whoever made it.
    Maker(&'a Caller<'a>),
    /// Whoever asks how it stands.
    Asker,
    /// The merchant's server.
    Listener,
}

/// Both pages have the same fields, but ePay's has the error first.
fn body(
    payment: &Payment,
    switches: &Switches,
    answered: &For<'_>,
    timestamp: Timestamp,
) -> Map<String, Value> {
    let note = Note::of(payment);
    let method = note.pay_in();
    let created = matches!(answered, For::Maker(_));
    let amount = |money: Money| match (answered, method) {
        (For::Asker, PayIn::Upi) => number(&money.to_decimal(UPI_DECIMALS)),
        _ => number(&money.to_shortest()),
    };
    let date = payment.state_since;
    let date = match (created, method) {
        (true, PayIn::Upi) => times::zoned(date),
        _ => times::bare(date),
    };
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    if method == PayIn::Epay {
        put("error_code", 0.into());
        put("error_message", "".into());
    }
    if !created || method == PayIn::Epay {
        put("identifier", identifier(payment, &note, switches).into());
    }
    put("request_id", ids::uuid(payment.id).into());
    put("reference", note.reference.clone().into());
    put("description", note.description.clone().into());
    put("status", json!({ "name": status::word(payment.state), "date": date }));
    put("created_date", times::bare(payment.id.number.created_at()).into());
    put("amount", amount(payment.order.amount));
    put("billing_amount", amount(billed(payment)));
    put("currency", payment.order.amount.currency().code().into());
    match answered {
        For::Maker(caller) => put("challenge", challenge::of(caller, payment, &note)),
        For::Asker | For::Listener => {
            put("extra", note::extra_back(payment.order.metadata.as_deref()));
        }
    }
    put("timestamp", times::zoned(timestamp).into());
    if method == PayIn::Upi {
        put("error_code", 0.into());
        put("error_message", "".into());
    }
    body
}

/// The body of a callback about a payment.
pub(super) fn told(payment: &Payment, switches: &Switches, at: Timestamp) -> String {
    Value::Object(body(payment, switches, &For::Listener, at)).to_string()
}

/// The answer about a payment.
pub(super) fn answer(request: &Request<'_>, caller: &Caller<'_>, payment: &Payment) -> Reply {
    let answered = match Endpoint::of(request) {
        Endpoint::Create => For::Maker(caller),
        _ => For::Asker,
    };
    let body = body(payment, &caller.switches.rumbapay, &answered, request.at);
    reply(StatusCode::OK, Some(caller), &Value::Object(body))
}

/// A payout as it stands (provider §3.5), with the fields of the seed's answers after those of the sample.
pub(super) fn payout_body(payout: &Payout, timestamp: Timestamp) -> Value {
    let note = Note::of_payout(payout);
    let order = &payout.order;
    let amount = number(&order.amount.to_shortest());
    let date = times::bare(payout.changed_at);
    json!({
        "identifier": ids::identifier(Way::of_slug(&order.method).prefix(), payout.id.number),
        "request_id": ids::uuid(payout.id),
        "reference": note.reference,
        "description": note.description,
        "status": { "name": status::payout_word(payout.state), "date": date },
        "created_date": times::bare(payout.id.number.created_at()),
        "amount": amount,
        "billing_amount": amount,
        "currency": order.amount.currency().code(),
        "extra": note::extra_back(order.metadata.as_deref()),
        "timestamp": times::zoned(timestamp),
        "error_code": 0,
        "error_message": "",
    })
}

/// The answer about a payout.
pub(super) fn payout(request: &Request<'_>, caller: &Caller<'_>, payout: &Payout) -> Reply {
    reply(StatusCode::OK, Some(caller), &payout_body(payout, request.at))
}

/// Signed over the bytes that are sent, if it is known with whose password.
fn reply(status: StatusCode, caller: Option<&Caller<'_>>, body: &Value) -> Reply {
    let body = body.to_string();
    let signature = caller.and_then(|caller| {
        auth::signature(caller.secret, &caller.switches.rumbapay, body.as_bytes())
    });
    let reply = Reply::json(status, body);
    match signature {
        Some(signature) => reply.with_header(auth::SIGNATURE, signature),
        None => reply,
    }
}

/// An error.
pub(super) fn refuse(
    request: &Request<'_>,
    caller: Option<&Caller<'_>>,
    error: &WireError,
) -> Reply {
    let envelope = |status: StatusCode, code: u16, reason: &str| {
        let body = json!({
            "error_code": code,
            "error_reason": reason,
            "request_id": ids::fresh(request.id),
            "timestamp": times::zoned(request.at),
        });
        reply(status, caller, &body)
    };
    let plain = |status: StatusCode, reason: &str| envelope(status, status.as_u16(), reason);
    match error {
        WireError::Invalid(flaws) => invalid(request, caller, flaws),
        WireError::Refused(refusal) => invalid(request, caller, &[refused(request, *refusal)]),
        WireError::NoRoute => {
            let message = "Invalid adapter route configuration";
            let body = json!({ "error_code": 273, "error_message": message });
            reply(StatusCode::BAD_REQUEST, caller, &body)
        }
        WireError::NotFound => match Endpoint::of(request) {
            Endpoint::Unknown => plain(StatusCode::NOT_FOUND, "Path not found"),
            _ => envelope(StatusCode::NOT_FOUND, 101, "Transaction not found"),
        },
        WireError::Unauthenticated | WireError::Door(_) => {
            let code = caller.map_or_else(
                || Switches::default().auth_error_code,
                |caller| caller.switches.rumbapay.auth_error_code,
            );
            let reason = match caller {
                Some(_) => "Missing or wrong signature",
                None => "Missing or unknown access token",
            };
            envelope(StatusCode::UNAUTHORIZED, code, reason)
        }
        WireError::RateLimited { retry_after_s } => {
            let reason = format!("Too many requests: try again in {retry_after_s} seconds");
            plain(StatusCode::TOO_MANY_REQUESTS, &reason)
        }
        WireError::Malformed(message) => plain(StatusCode::BAD_REQUEST, message),
        WireError::MethodNotAllowed => {
            plain(StatusCode::METHOD_NOT_ALLOWED, "This path does not take this method")
        }
        WireError::Card(error) => plain(StatusCode::BAD_REQUEST, &error.to_string()),
        WireError::UnsupportedMediaType => {
            plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Bodies are JSON here")
        }
        WireError::TooLarge => plain(StatusCode::PAYLOAD_TOO_LARGE, "The request is too large"),
        WireError::Unavailable => plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "Temporarily unavailable: nothing was changed, try again",
        ),
    }
}

fn invalid(request: &Request<'_>, caller: Option<&Caller<'_>>, flaws: &[Flaw]) -> Reply {
    let field = |flaw: &Flaw| {
        let message = format!("{} {}", flaw.field, flaw.message);
        json!({ "field": flaw.field, "message": message })
    };
    let body = json!({
        "error_code": 30,
        "error_reason": "Invalid params",
        "request_id": ids::fresh(request.id),
        "error_fields": flaws.iter().map(field).collect::<Vec<_>>(),
        "timestamp": times::zoned(request.at),
    });
    reply(StatusCode::BAD_REQUEST, caller, &body)
}

/// What the rules of payments refuse, as a field that is wrong.
fn refused(request: &Request<'_>, refusal: Refusal) -> Flaw {
    let field = match Endpoint::of(request) {
        Endpoint::Confirm { .. } => TRANSACTION_ID,
        _ => "reference",
    };
    match refusal {
        Refusal::KeyUsed => Flaw::new("reference", "was already used for another request"),
        Refusal::InsufficientBalance(available) => {
            let most = available.to_shortest();
            let code = available.currency();
            Flaw::new("amount", format!("is more than the {most} {code} that are available"))
        }
        Refusal::NotPositive => Flaw::new("amount", "must be greater than 0"),
        Refusal::Amount(_) => Flaw::new("amount", "is out of range"),
        other => Flaw::new(field, format!("cannot be taken: {other}")),
    }
}
