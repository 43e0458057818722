//! Answers and errors into bytes.

use http::StatusCode;
use serde::Serialize;
use serde_json::value::RawValue;
use torana_domain::payment::Payment;

use super::status::Status;
use super::wire::{CreateReply, ErrorReply, Flag, VerifyReply};
use super::{ids, outcome};
use crate::{Caller, Flaw, Reply, WireError};

/// The content type of every answer.
pub(super) const JSON: &str = "application/json";
/// Decimals of verify's `amount` (seed: `900.000`).
const DECIMALS: u32 = 3;

/// The answer to create.
pub(super) fn created(caller: &Caller<'_>, payment: &Payment) -> Reply {
    let number = caller.switches.rupantorpay.status_number;
    let body = CreateReply {
        status: if number { Flag::Number(1) } else { Flag::Bool(true) },
        message: "Payment Link",
        payment_url: format!("{}/api/execute/{}", caller.public_url, payment.id),
        transaction_id: ids::transaction_id(payment.id.number),
    };
    reply(StatusCode::OK, &body)
}

/// The answer to verify.
pub(super) fn found(payment: &Payment) -> Reply {
    let order = &payment.order;
    let body = VerifyReply {
        fullname: &order.customer.name,
        email: &order.customer.email,
        amount: amount(payment),
        transaction_id: ids::transaction_id(payment.id.number),
        trx_id: outcome::trx_id(payment),
        currency: order.amount.currency().code(),
        metadata: metadata(payment),
        payment_method: outcome::method(payment),
        status: Status::of(payment.state).upper(),
    };
    reply(StatusCode::OK, &body)
}

/// An error: the seed's envelope, with the HTTP status that says the same.
pub(super) fn refuse(error: &WireError) -> Reply {
    let (status, message) = match error {
        WireError::Unauthenticated | WireError::Door(_) => (
            StatusCode::UNAUTHORIZED,
            "Invalid API key: send your brand's key in the X-API-KEY header.".to_owned(),
        ),
        WireError::RateLimited { retry_after_s } => (
            StatusCode::TOO_MANY_REQUESTS,
            format!("Too many requests: try again in {retry_after_s} seconds."),
        ),
        WireError::Invalid(flaws) => {
            let said = flaws.iter().map(|Flaw { field, message, .. }| named(field, message));
            (StatusCode::BAD_REQUEST, said.collect::<Vec<_>>().join("; "))
        }
        WireError::Refused(refusal) => (StatusCode::BAD_REQUEST, refusal.to_string()),
        WireError::Malformed(message) => (StatusCode::BAD_REQUEST, (*message).to_owned()),
        WireError::NoRoute => (
            StatusCode::BAD_REQUEST,
            "This brand has no account that can take this payment.".to_owned(),
        ),
        WireError::NotFound => (StatusCode::NOT_FOUND, "Transaction not found.".to_owned()),
        WireError::MethodNotAllowed => {
            (StatusCode::METHOD_NOT_ALLOWED, "Use GET or POST.".to_owned())
        }
        WireError::TooLarge => {
            (StatusCode::PAYLOAD_TOO_LARGE, "The request is too large.".to_owned())
        }
        WireError::Card(error) => (StatusCode::BAD_REQUEST, error.to_string()),
        WireError::UnsupportedMediaType => {
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send JSON or a form.".to_owned())
        }
        WireError::Unavailable => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Temporarily unavailable: nothing was changed, try again.".to_owned(),
        ),
    };
    reply(status, &ErrorReply { status: false, message: &message })
}

/// The order's amount as verify writes it.
pub(super) fn amount(payment: &Payment) -> String {
    payment.order.amount.to_decimal(DECIMALS)
}

/// The merchant's own data, byte for byte as stored; an empty object if there is none.
pub(super) fn metadata(payment: &Payment) -> Box<RawValue> {
    let text = payment.order.metadata.clone().unwrap_or_else(|| "{}".to_owned());
    RawValue::from_string(text).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// `amount: must be …`; a message that names its field already (the engine's about metadata) stays alone.
fn named(field: &str, message: &str) -> String {
    let start = message.get(..field.len()).unwrap_or_default();
    match start.eq_ignore_ascii_case(field) {
        true => message.to_owned(),
        false => format!("{field}: {message}"),
    }
}

fn reply(status: StatusCode, body: &impl Serialize) -> Reply {
    // Structs of text: their serialisation cannot fail.
    let body = serde_json::to_vec(body).unwrap_or_default();
    Reply::new(status, JSON, body)
}
