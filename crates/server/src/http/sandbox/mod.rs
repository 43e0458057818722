//! Test mode: make any outcome happen, and move the clock. Only the far end is simulated: a simulated transfer arrives as
//! a message of the brand's own phone and takes the same way as a live one.

mod acs;
mod epay;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;
use torana_domain::payout::Payout;

use crate::app::App;
use crate::brands::{Brand, SANDBOX};
use crate::gateway::{self, GatewayError, Transaction};
use crate::http::rate::Client;
use crate::simulator::{self, Outcome, SimulateError, Wishes};

/// Furthest that one call moves the clock: a leap year.
const ADVANCE_S_MAX: i64 = 366 * 24 * 60 * 60;

/// The routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/sandbox/simulate", post(simulate))
        .route("/sandbox/clock", post(clock))
        .merge(acs::routes())
        .merge(epay::routes())
}

fn refuse(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({ "error": { "code": code, "message": message } }))).into_response()
}

/// The brand whose sandbox token the request bears.
fn authenticate(app: &App, client: Client, headers: &HeaderMap) -> Result<Arc<Brand>, Response> {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let access = token.and_then(|token| app.brands.by_credential(SANDBOX, token));
    match access {
        Some(access) if access.brand.is_test() => Ok(access.brand),
        _ => {
            let message = "send Authorization: Bearer with the sandbox token of a test brand";
            let Some(limit) = app.rates.note_auth_failure(client) else {
                return Err(refuse(StatusCode::UNAUTHORIZED, "unauthenticated", message));
            };
            let mut response = refuse(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message);
            response.headers_mut().insert(header::RETRY_AFTER, limit.retry_after_s.into());
            Err(response)
        }
    }
}

#[derive(Deserialize)]
struct SimulateRequest {
    payment: String,
    outcome: String,
    method: Option<String>,
    amount: Option<String>,
    reason: Option<String>,
}

/// Longest reason, in characters.
const REASON_CHARS: usize = 200;

/// `POST /sandbox/simulate` `{"payment", "outcome", "method"?, "amount"?, "reason"?}`. The payment is named by any id or reference that its
/// API returned.
async fn simulate(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let brand = match authenticate(&app, client, &headers) {
        Ok(brand) => brand,
        Err(response) => return response,
    };
    let Ok(request) = serde_json::from_slice::<SimulateRequest>(&body) else {
        let message =
            "expected {\"payment\", \"outcome\"} and perhaps method, amount, reason, all texts";
        return refuse(StatusCode::BAD_REQUEST, "malformed", message);
    };
    let Some(outcome) = Outcome::from_code(&request.outcome) else {
        let known = Outcome::ALL.map(Outcome::code).join(", ");
        return refuse(StatusCode::BAD_REQUEST, "unknown_outcome", &format!("one of: {known}"));
    };
    let payment = match find(&app, &brand, &request.payment).await {
        Ok(Some(Transaction::Payment(payment))) => payment,
        Ok(Some(Transaction::Payout(payout))) => {
            return simulate_payout(&app, &brand, &payout, outcome, request.reason).await;
        }
        Ok(None) => return refuse(StatusCode::NOT_FOUND, "unknown_payment", "no such payment"),
        Err(error) => return failed(&error),
    };
    let reason = request.reason.map(|reason| reason.chars().take(REASON_CHARS).collect());
    let wishes = Wishes { method: request.method, amount: request.amount, reason };
    match simulator::simulate(&app, &brand, &payment, outcome, &wishes).await {
        Ok(simulated) => Json(json!({
            "payment": simulated.payment.id,
            "state": simulated.payment.state.code(),
            "outcome": outcome.code(),
            "reference": simulated.reference,
        }))
        .into_response(),
        Err(SimulateError::NoAccount) => refuse(
            StatusCode::CONFLICT,
            "no_account",
            "no enabled account of that method takes this currency",
        ),
        Err(error @ SimulateError::NotHere(_)) => {
            refuse(StatusCode::CONFLICT, "not_of_rail", &error.to_string())
        }
        Err(SimulateError::Site(error)) => {
            refuse(StatusCode::BAD_GATEWAY, "not_taken", &error.to_string())
        }
        Err(SimulateError::Gateway(error)) => failed(&error),
    }
}

fn failed(error: &GatewayError) -> Response {
    match error {
        GatewayError::Refused(refusal) => {
            refuse(StatusCode::CONFLICT, refusal.code(), &refusal.to_string())
        }
        GatewayError::Amount(error) => {
            refuse(StatusCode::BAD_REQUEST, error.code(), &error.to_string())
        }
        GatewayError::Calendar(error) => {
            refuse(StatusCode::CONFLICT, "off_the_calendar", &error.to_string())
        }
        GatewayError::NotFound => {
            refuse(StatusCode::NOT_FOUND, "unknown_payment", "no such payment")
        }
        GatewayError::NoRoute => {
            refuse(StatusCode::CONFLICT, "no_account", "no account takes such a payment")
        }
        GatewayError::Store(error) => {
            tracing::error!(%error, "the sandbox failed");
            refuse(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "try again")
        }
    }
}

/// What becomes of a payout: it is sent, refused, or somebody begins to send it.
async fn simulate_payout(
    app: &App,
    brand: &Brand,
    payout: &Payout,
    outcome: Outcome,
    reason: Option<String>,
) -> Response {
    match simulator::simulate_payout(app, brand, payout, outcome, reason).await {
        Ok(Some((payout, reference))) => Json(json!({
            "payout": payout.id,
            "state": payout.state.code(),
            "outcome": outcome.code(),
            "reference": reference,
        }))
        .into_response(),
        Err(SimulateError::NoAccount) => {
            refuse(StatusCode::CONFLICT, "no_account", "no account can send that currency")
        }
        Ok(None) => {
            let message = "a payout can succeed, be pending or decline";
            refuse(StatusCode::CONFLICT, "not_of_payouts", message)
        }
        Err(error @ (SimulateError::NotHere(_) | SimulateError::Site(_))) => {
            refuse(StatusCode::CONFLICT, "not_of_payouts", &error.to_string())
        }
        Err(SimulateError::Gateway(error)) => failed(&error),
    }
}

/// The payment or payout that a text means in any dialect.
async fn find(app: &App, brand: &Brand, text: &str) -> Result<Option<Transaction>, GatewayError> {
    // An API of cards names operations; what happens to one happens to its payment.
    if let Ok(number) = text.parse()
        && let Some(operation) =
            app.store.read(|reader| reader.card_operation(brand.id(), number))?
    {
        let payment = app.store.payment(brand.id(), operation.payment.number).await?;
        return Ok(payment.map(|payment| Transaction::Payment(Box::new(payment))));
    }
    let caller = brand.caller(&app.public_url, &[]);
    for dialect in torana_dialects::all().iter().copied() {
        let candidates = dialect.candidates(text, &caller);
        if let Some(found) = gateway::find_transaction(app, brand, dialect, &candidates).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

#[derive(Deserialize)]
struct ClockRequest {
    advance_s: i64,
}

/// `POST /sandbox/clock` `{"advance_s": N}`: moves the brand's own clock forward; what is due then happens at once.
async fn clock(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let brand = match authenticate(&app, client, &headers) {
        Ok(brand) => brand,
        Err(response) => return response,
    };
    let request = serde_json::from_slice::<ClockRequest>(&body).ok();
    let Some(request) = request.filter(|r| (0..=ADVANCE_S_MAX).contains(&r.advance_s)) else {
        let message =
            "expected {\"advance_s\": N} with N from 0 to 31622400: the clock never goes back";
        return refuse(StatusCode::BAD_REQUEST, "malformed", message);
    };
    match simulator::advance(&app, &brand, request.advance_s).await {
        Ok(now) => {
            Json(json!({ "now": now.as_s(), "advanced_s": request.advance_s })).into_response()
        }
        Err(error) => failed(&error),
    }
}
