//! What a payer can do: confirm and cancel. Forms from a browser without script are answered by a redirect to the page;
//! requests that ask for JSON get it.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use torana_domain::PaymentId;
use torana_domain::limits::{REFERENCE_CHARS, USER_AGENT_CHARS};
use torana_domain::payment::{AttemptState, Origin, Refusal};
use torana_domain::receipt::{ReceiptKey, normalise_reference};
use torana_rails::upi::is_utr;

use super::payer::Payer;
use super::{Linked, failed, view};
use crate::app::App;
use crate::gateway::{self, GatewayError};
use crate::http::rate::{Client, TooOften};
use crate::pages::{ErrorPage, Message, Page as _, StatusAnswer};
use crate::rails;

/// How much of a refused reference is given back: the length of its field.
const REFERENCE_TYPED_CHARS: usize = 64;

/// The fields of a confirmation.
struct Confirmation {
    method: String,
    reference: String,
}

impl Confirmation {
    fn read(headers: &HeaderMap, body: &[u8]) -> Self {
        let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_json = content_type.is_some_and(|value| value.contains("json"));
        let fields: Vec<(String, String)> = if is_json {
            match torana_dialects::json::parse(body) {
                Some(serde_json::Value::Object(object)) => object
                    .into_iter()
                    .filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())))
                    .collect(),
                _ => vec![],
            }
        } else {
            form_urlencoded::parse(body).into_owned().collect()
        };
        let field = |name: &str| {
            let found = fields.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
        };
        Self { method: field("method"), reference: field("reference") }
    }

    /// The reference as receipts are keyed by it, or what is wrong with it.
    fn checked_reference(&self) -> Result<String, Message> {
        let reference = normalise_reference(&self.reference);
        let length = reference.chars().count();
        if reference.is_empty() {
            Err(Message::ReferenceMissing)
        } else if !reference.chars().all(|c| c.is_ascii_alphanumeric()) {
            Err(Message::ReferenceCharacters)
        } else if length < *REFERENCE_CHARS.start() {
            Err(Message::ReferenceTooShort)
        } else if length > *REFERENCE_CHARS.end() {
            Err(Message::ReferenceTooLong)
        } else {
            Ok(reference)
        }
    }
}

/// `POST /checkout/{id}/confirm` `method`, `reference`: the payer says "I paid, and this is my TrxID".
pub(super) async fn confirm(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    Linked { brand, payment, payer }: Linked,
    body: Bytes,
) -> Response {
    let form = Confirmation::read(&headers, &body);
    let link = payment.id;
    let refuse = |status, message: &Message| refused(status, message, &payer, link, &form);
    if let Err(limit) = app.rates.check_confirmation(link) {
        return match payer.wants_json {
            true => too_often(limit, &payer),
            false => refuse(StatusCode::TOO_MANY_REQUESTS, &Message::TryLater),
        };
    }
    let reference = match form.checked_reference() {
        Ok(reference) => reference,
        Err(message) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, &message),
    };
    let account = view::account_of(&brand, &payment, &form.method);
    let Some(account) = account.filter(|account| !rails::tells_itself(account)) else {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, &Message::MethodUnavailable);
    };
    if account.rail == rails::UPI && !is_utr(&reference) {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, &Message::ReferenceUtr);
    }
    let key = ReceiptKey { method: account.method.clone(), reference };
    let origin = origin(client, &headers);
    // Before the claim is kept: what was kept could still pay. A payment's first reference is free, so that honest
    // payers behind one address do not use up each other's tries.
    if !payment.attempts.is_empty()
        && payment.attempt(&key).is_none()
        && !gateway::is_receipt_known(&app, &brand, &key)
        && let Some(limit) = app.rates.note_miss(client)
    {
        return match payer.wants_json {
            true => too_often(limit, &payer),
            false => refuse(StatusCode::TOO_MANY_REQUESTS, &Message::TryLater),
        };
    }
    let claimed =
        match gateway::claim(&app, &brand, link.number, account.id, key, Some(origin)).await {
            Ok(claimed) => claimed,
            Err(GatewayError::Refused(Refusal::TooManyAttempts)) => {
                return refuse(StatusCode::TOO_MANY_REQUESTS, &Message::TryLater);
            }
            Err(GatewayError::Refused(_)) => return refuse(StatusCode::CONFLICT, &Message::Closed),
            Err(error) => return failed(&error, &payer),
        };
    if !payer.wants_json {
        return Redirect::to(&page_url(
            &payer,
            link,
            &[("method", &form.method), ("code", "attempt")],
        ))
        .into_response();
    }
    let back = Some(format!("/checkout/{link}/return"));
    let language = payer.language;
    let status = view::payer_status(claimed.payment.state);
    let (code, answer) = match claimed.attempt {
        AttemptState::Paid => (StatusCode::OK, StatusAnswer::of(status, language, back)),
        AttemptState::Waiting => (
            StatusCode::ACCEPTED,
            StatusAnswer::with(status, &Message::NotFoundYet, language, back),
        ),
        AttemptState::Taken => {
            (StatusCode::CONFLICT, StatusAnswer::error(&Message::AlreadyUsed, language))
        }
        state @ (AttemptState::Short
        | AttemptState::InReview
        | AttemptState::Asked
        | AttemptState::Reserved
        | AttemptState::Refused) => {
            let message = view::attempt_message(&claimed.payment, state, claimed.received);
            (StatusCode::ACCEPTED, StatusAnswer::with(status, &message, language, back))
        }
    };
    (code, Json(answer)).into_response()
}

/// From where the payer acts, as the merchant is told where its API has a word for it.
pub(super) fn origin(client: Client, headers: &HeaderMap) -> Origin {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let user_agent = agent.unwrap_or_default().chars().take(USER_AGENT_CHARS).collect();
    Origin { ip: client.to_string(), user_agent }
}

/// `POST /checkout/{id}/cancel`: the payer gives up.
pub(super) async fn cancel(
    State(app): State<App>,
    Linked { brand, payment, payer }: Linked,
) -> Response {
    match gateway::cancel(&app, &brand, payment.id.number).await {
        Ok(payment) if payer.wants_json => {
            Json(view::status(&payment, payer.language, None)).into_response()
        }
        Ok(payment) => Redirect::to(&page_url(&payer, payment.id, &[])).into_response(),
        Err(error) => failed(&error, &payer),
    }
}

fn refused(
    status: StatusCode,
    message: &Message,
    payer: &Payer,
    id: PaymentId,
    form: &Confirmation,
) -> Response {
    if payer.wants_json {
        return (status, Json(StatusAnswer::error(message, payer.language))).into_response();
    }
    let typed: String = form.reference.chars().take(REFERENCE_TYPED_CHARS).collect();
    let fields =
        [("method", form.method.as_str()), ("code", message.code()), ("reference", &typed)];
    Redirect::to(&page_url(payer, id, &fields)).into_response()
}

/// The answer to who tries too often.
pub(super) fn too_often(limit: TooOften, payer: &Payer) -> Response {
    let mut response = if payer.wants_json {
        let answer = StatusAnswer::error(&Message::TryLater, payer.language);
        (StatusCode::TOO_MANY_REQUESTS, Json(answer)).into_response()
    } else {
        let page =
            ErrorPage { language: payer.language, path: payer.path.clone(), request_id: None };
        super::html(StatusCode::TOO_MANY_REQUESTS, page.html())
    };
    response.headers_mut().insert(header::RETRY_AFTER, limit.retry_after_s.into());
    response
}

/// The page again, in the same language: a frame may have no cookies.
pub(super) fn page_url(payer: &Payer, id: PaymentId, fields: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .append_pair("lang", payer.language.code())
        .finish();
    format!("/checkout/{id}?{query}")
}
