//! Answers and errors into bytes (provider §2.4, §2.5, §2.7).

use http::StatusCode;
use serde_json::{Map, Value, json};
use torana_domain::payment::{Payment, Refusal};
use torana_domain::refund::{Refund, RefundState};
use torana_domain::{Money, Timestamp};

use super::super::countries;
use super::super::details::Details;
use super::super::note::{Address, Note, Party};
use super::super::status::Status;
use super::super::{ids, php, times};
use super::Endpoint;
use super::body::Body;
use crate::{Caller, Reply, Request, WireError};

/// The answer about a payment.
pub(in super::super) fn answer(
    request: &Request<'_>,
    caller: &Caller<'_>,
    payment: &Payment,
) -> Reply {
    let status = match Endpoint::of(request) {
        Endpoint::Create => StatusCode::CREATED,
        Endpoint::Cancel { .. } => StatusCode::ACCEPTED,
        Endpoint::Refund { .. } => return refunded(request, payment),
        _ => StatusCode::OK,
    };
    success(status, invoice(caller, payment))
}

/// `{"result":"success","data":…}`; clients compare the word as it is.
pub(super) fn success(status: StatusCode, data: Value) -> Reply {
    php::reply(status, &json!({ "result": "success", "data": data }))
}

/// An invoice, in the order of the provider's own answers.
pub(super) fn invoice(caller: &Caller<'_>, payment: &Payment) -> Value {
    let note = Note::of(payment);
    let status = Status::of(payment);
    let mut data = Map::new();
    let mut put = |name: &str, value: Value| drop(data.insert(name.to_owned(), value));
    put("invoice_id", ids::invoice_id(payment.id.number).into());
    put("reference", note.reference.clone().into());
    put("order", order(payment, &note, status));
    put("product", json!({ "name": note.product_name, "description": note.product_description }));
    put("billing", billing(payment, &note, status));
    put("shipping", json!({ "customer": shipping(note.shipping.as_ref()) }));
    if status == Status::Pending {
        put("action", action(caller, payment));
    }
    if payment.paid.is_some() {
        put("transactions", transactions(payment));
    }
    let customs = customs(&note);
    if !customs.is_empty() {
        put("customs", customs.into());
    }
    Value::Object(data)
}

fn order(payment: &Payment, note: &Note, status: Status) -> Value {
    let order = &payment.order;
    let is_later = note.recurring.as_ref().is_some_and(|(_, n)| *n > 1);
    json!({
        "amount": order.amount.to_decimal(2),
        "currency": order.amount.currency().code(),
        "type": "purchase",
        "has_emi": u8::from(note.emi_tenures.is_some()),
        "discount_availed": 0,
        "redirect_url": order.urls.success,
        "created_at": times::written(payment.id.number.created_at()),
        "status": status.word(),
        "is_recurring_payment": u8::from(is_later),
    })
}

fn billing(payment: &Payment, note: &Note, status: Status) -> Value {
    let customer = &payment.order.customer;
    let mut billing = Map::new();
    let person = json!({
        "name": customer.name,
        "email": customer.email,
        "phone": customer.phone,
        "address": address(&note.address),
    });
    billing.insert("customer".to_owned(), person);
    let tried = payment.paid.is_some() || (status == Status::Rejected);
    if !tried {
        return Value::Object(billing);
    }
    let details = Details::of(payment);
    let approved = payment.paid.is_some();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    billing.insert(
        "payer".to_owned(),
        json!({
            "name": text(&details.payer_name),
            "account": text(&details.payer_account),
            "ip_address": details.ip_address,
            "user_agent": details.user_agent,
        }),
    );
    // As of bKash: the transfer is told of in `reason` (provider §2.4).
    let reason = payment.paid.as_ref().map_or(details.reason, |paid| {
        let received = paid.received;
        format!("{}( {} {} ) ", details.gateway_txn_id, received.to_shortest(), received.currency())
    });
    billing.insert(
        "gateway".to_owned(),
        json!({
            "category": text(&details.gateway_category),
            "network": text(&details.gateway_network),
            "status": if approved { "APPROVED" } else { "DECLINED" },
            "approval_code": "",
            "reason": reason,
            "transaction_id": details.gateway_txn_id,
        }),
    );
    billing.insert(
        "source".to_owned(),
        json!({
            "category": text(&details.gateway_category),
            "number": text(&details.payer_account),
            "brand": { "name": details.card_brand, "type": details.card_type, "category": details.card_category },
            "issuer": {
                "name": details.issuer_name,
                "phone": details.issuer_phone,
                "website": details.issuer_website,
                "country": { "name": details.issuer_country, "iso2": details.issuer_country_iso2, "iso3": null },
            },
        }),
    );
    Value::Object(billing)
}

fn address(address: &Address) -> Value {
    json!({
        "street": address.street,
        "city": address.city,
        "state": address.state,
        "zipcode": address.zipcode,
        "country": country_name(&address.country),
    })
}

/// A code goes in, a name comes out (provider §2.4).
fn country_name(code: &str) -> String {
    countries::find(code).map_or_else(|| code.to_owned(), |country| country.name.to_owned())
}

/// Always there; what was not sent is null, but for two fields (provider §2.4).
fn shipping(party: Option<&Party>) -> Value {
    let empty = Party::default();
    let party = party.unwrap_or(&empty);
    json!({
        "name": party.name,
        "email": party.email,
        "phone": party.phone,
        "address": {
            "street": party.street.as_deref().unwrap_or_default(),
            "city": party.city,
            "state": party.state,
            "zipcode": party.zipcode,
            "country": country_name(party.country.as_deref().unwrap_or("BD")),
        },
    })
}

fn action(caller: &Caller<'_>, payment: &Payment) -> Value {
    let invoice = ids::invoice_id(payment.id.number);
    json!({
        "type": "redirect",
        "url": format!("{}/payment/?invoice={invoice}", caller.public_url),
        "payload": null,
        "method": "GET",
    })
}

/// The purchase first (clients look at the first), then the fee, then whatever went back.
fn transactions(payment: &Payment) -> Value {
    let Some(paid) = &payment.paid else { return Value::Array(vec![]) };
    let currency = payment.order.amount.currency();
    let row = |minor: i64, status: &str, kind: &str, at: Timestamp| {
        json!({
            "amount": Money::from_minor(minor, currency).to_decimal(2),
            "currency": currency.code(),
            "status": status,
            "type": kind,
            "time": times::written(at),
        })
    };
    // A fee that the payer bore is not taken from the merchant's part.
    let borne = payment.order.due.minor() - payment.order.amount.minor();
    let fee = payment.order.fee.minor() - borne;
    let purchase = row(payment.order.amount.minor(), "ACCEPTED", "purchase", paid.at);
    let fee = (fee > 0).then(|| row(-fee, "ACCEPTED", "fee", paid.at));
    let refunds = payment.refunds.iter().filter(|refund| refund.state != RefundState::Failed);
    let refunds = refunds.map(|refund| {
        row(-refund.amount.minor(), refund_word(refund), "refund", refund.requested_at)
    });
    let taken = payment.chargebacks.iter().filter(|it| it.state.is_taken());
    let taken = taken.map(|it| row(-it.amount.minor(), "CHARGED_BACK", "chargeback", it.opened_at));
    std::iter::once(purchase).chain(fee).chain(refunds).chain(taken).collect()
}

fn customs(note: &Note) -> Vec<Value> {
    let one = |key: &str, value: &str| json!({ key: value });
    let own = note.customs.iter().map(|(key, value)| one(key, value));
    let recurring = note.recurring.iter();
    own.chain(recurring.map(|(invoice, _)| one("recurringId", &format!("R{invoice}")))).collect()
}

fn refund_word(refund: &Refund) -> &'static str {
    match refund.state {
        RefundState::Pending => "REFUND_PENDING",
        RefundState::Processing => "REFUND_PROCESSING",
        RefundState::Done => "REFUNDED",
        RefundState::Failed => "FAILED",
    }
}

/// Under `data`, as the provider has it, and at the top, where its own SDK looks (provider §2.5).
fn refunded(request: &Request<'_>, payment: &Payment) -> Reply {
    let note = Note::of(payment);
    let named =
        Body::read(request).ok().and_then(|body| body.text("refund.reference", 100).ok()?);
    // The last of that name: one that failed leaves it to the next.
    let mut latest = payment.refunds.iter().rev();
    let by_name = latest.find(|it| named.is_some() && it.reference == named);
    let Some(refund) = by_name.or(payment.refunds.last()) else {
        return refuse(request, &WireError::NotFound);
    };
    let mut of = order(payment, &note, Status::of(payment));
    let invoice = ids::invoice_id(payment.id.number);
    if let Value::Object(fields) = &mut of {
        for name in ["invoice_id", "invoice"] {
            fields.insert(name.to_owned(), invoice.clone().into());
        }
    }
    let refund = json!({
        "amount": refund.amount.to_decimal(2),
        "currency": refund.amount.currency().code(),
        "status": refund_word(refund),
        "reference": refund.reference,
    });
    let body = json!({
        "result": "success",
        "data": { "order": of, "refund": refund },
        "order": of,
        "refund": refund,
    });
    php::reply(StatusCode::ACCEPTED, &body)
}

/// An error.
pub(in super::super) fn refuse(request: &Request<'_>, error: &WireError) -> Reply {
    let (status, cause, explanation, property): (_, _, _, Option<&str>) = match error {
        WireError::Unauthenticated | WireError::Door(_) => (
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "The application key is unknown, or the token is wrong or too old.".to_owned(),
            None,
        ),
        WireError::RateLimited { retry_after_s } => (
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_requests",
            format!("Too many requests: try again in {retry_after_s} seconds."),
            None,
        ),
        WireError::Invalid(flaws) => match flaws.first() {
            Some(flaw) => {
                let cause = if flaw.is_missing { "required" } else { "invalid" };
                let explanation = match flaw.message.starts_with(char::is_uppercase) {
                    true => flaw.message.clone(),
                    false => format!("{} {}", flaw.field, flaw.message),
                };
                (StatusCode::BAD_REQUEST, cause, explanation, Some(flaw.field))
            }
            None => (StatusCode::BAD_REQUEST, "invalid", error.to_string(), None),
        },
        WireError::Refused(refusal) => {
            let (explanation, property) = refused(request, *refusal);
            (StatusCode::BAD_REQUEST, refusal.code(), explanation, property)
        }
        WireError::Malformed(message) => {
            (StatusCode::BAD_REQUEST, "malformed", (*message).to_owned(), None)
        }
        WireError::NoRoute => (
            StatusCode::BAD_REQUEST,
            "no_route",
            "No account can take this payment.".to_owned(),
            None,
        ),
        WireError::NotFound => {
            (StatusCode::NOT_FOUND, "not_found", missing(request).to_owned(), None)
        }
        WireError::MethodNotAllowed => (
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "This path does not take this method.".to_owned(),
            None,
        ),
        WireError::TooLarge => (
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "The request is too large.".to_owned(),
            None,
        ),
        WireError::Card(_) => (StatusCode::BAD_REQUEST, "invalid", error.to_string(), None),
        WireError::UnsupportedMediaType => (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "Bodies are JSON here.".to_owned(),
            None,
        ),
        WireError::Unavailable => (
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "Temporarily unavailable: nothing was changed, try again.".to_owned(),
            None,
        ),
    };
    let error = json!({ "cause": cause, "explanation": explanation, "property": property });
    php::reply(status, &json!({ "error": error, "result": "ERROR" }))
}

fn missing(request: &Request<'_>) -> &'static str {
    match Endpoint::of(request) {
        Endpoint::Unknown => "There is no such path.",
        Endpoint::RetrieveRecurring { .. } | Endpoint::CancelRecurring { .. } => {
            "There is no such recurring payment."
        }
        Endpoint::Ipn { .. } => "There is no such invoice of that amount.",
        _ => "There is no such invoice.",
    }
}

fn refused(request: &Request<'_>, refusal: Refusal) -> (String, Option<&'static str>) {
    let is_refund = matches!(Endpoint::of(request), Endpoint::Refund { .. });
    match refusal {
        // The words of v1 (seed).
        Refusal::RefundTooLarge(left) => (
            format!("Refund amount exceeded. Refundable amount is {}", left.to_decimal(2)),
            Some("refund.amount"),
        ),
        Refusal::WrongState(state) => {
            let done = if is_refund { "refunded" } else { "cancelled" };
            (
                format!("An invoice that is {} cannot be {done}.", Status::of_state(state).word()),
                None,
            )
        }
        Refusal::RefundReferenceUsed => {
            ("Another refund has this reference.".to_owned(), Some("refund.reference"))
        }
        Refusal::NotPositive | Refusal::Amount(_) if is_refund => (
            "refund.amount must be a positive number such as 50.00".to_owned(),
            Some("refund.amount"),
        ),
        other => (other.to_string(), None),
    }
}
