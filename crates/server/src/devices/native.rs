//! Torana's own device API, for an app that loses nothing.
//!
//! A phone pairs once with a one-time code (shown as a QR code by `torana device pair`) and gets a secret. Afterwards
//! every request carries `X-Torana-Device: BRAND.DEVICE`, `X-Torana-Timestamp` (Unix seconds) and `X-Torana-Signature`,
//! the hexadecimal HMAC-SHA256 under that secret of `timestamp.path.body`. Messages carry the phone's own sequence
//! numbers from one; the answer acknowledges up to the highest without a gap before it, and names the gaps. A phone
//! keeps a message until it is acknowledged.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing::post};
use serde::{Deserialize, Serialize};
use serde_json::json;
use torana_domain::{BrandId, DeviceId, Timestamp};
use torana_store::{DeviceRow, Lane};

use crate::app::App;
use crate::brands::{Brand, seal_purpose};
use crate::clock;
use crate::devices::legacy::DEVICE_KEY;
use crate::devices::{BODY_CHARS, Heard, SENDER_CHARS, keep};
use crate::http::rate::Client;
use crate::secrets;

/// The kind of credential under which pairing codes are hashed.
pub const PAIRING: &str = "pairing";
/// How far a phone's clock may be off, in seconds.
const CLOCK_SKEW_S: i64 = 300;
/// Messages in one batch. A phone that was offline for a day sends several.
const BATCH_MESSAGES: usize = 200;
/// Gaps named in one answer.
const GAPS: usize = 50;

/// The routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/device/v1/pair", post(pair))
        .route("/device/v1/messages", post(messages))
        .route("/device/v1/heartbeat", post(heartbeat))
}

fn refuse(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({ "error": { "code": code, "message": message } }))).into_response()
}

fn unavailable(error: &torana_store::StoreError) -> Response {
    tracing::error!(%error, "a device request failed");
    refuse(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "try again")
}

#[derive(Deserialize)]
struct PairRequest {
    code: String,
    #[serde(default)]
    name: String,
}

#[derive(Serialize)]
struct PairAnswer {
    device: String,
    secret: String,
    next_seq: i64,
}

/// `POST /device/v1/pair` `{"code", "name"}`: uses up a pairing code.
async fn pair(State(app): State<App>, client: Client, body: Bytes) -> Response {
    let Ok(request) = serde_json::from_slice::<PairRequest>(&body) else {
        return refuse(StatusCode::BAD_REQUEST, "malformed", "expected {\"code\", \"name\"}");
    };
    let lookup = app.vault.lookup(PAIRING, request.code.trim());
    let secret = secrets::random_alphanumeric(40);
    let key_lookup = app.vault.lookup(DEVICE_KEY, &secret);
    let (vault, now) = (app.vault.clone(), clock::now());
    let sealed_by = secret.clone();
    let name: String = request.name.chars().take(SENDER_CHARS).collect();
    // Looked at before the writer is asked: guesses must not queue before payments.
    let brand = match app.store.read(|reader| reader.device_by_pairing_lookup(&lookup)) {
        Ok(Some(device)) => device.brand,
        Ok(None) => {
            let message = "the code is unknown, used or too old";
            return rejected(&app, client, StatusCode::FORBIDDEN, "unknown_code", message);
        }
        Err(error) => return unavailable(&error),
    };
    let paired = app
        .store
        .write(Lane::Brand(brand), move |tx| {
            let Some(device) = tx.device_by_pairing_lookup(&lookup)? else { return Ok(None) };
            if device.pairing_expires_at.is_none_or(|expires| expires < now) {
                return Ok(None);
            }
            let purpose = seal_purpose(device.brand, DEVICE_KEY);
            let Ok(sealed) = vault.seal(&purpose, sealed_by.as_bytes()) else { return Ok(None) };
            tx.pair_device(device.brand, device.id, &name, &key_lookup, &sealed, now)?;
            tx.device(device.brand, device.id)
        })
        .await;
    match paired {
        Ok(Some(device)) => {
            app.brands.refresh_or_log();
            Json(PairAnswer {
                device: format!("{}.{}", device.brand, device.id),
                secret,
                next_seq: device.acknowledged_seq + 1,
            })
            .into_response()
        }
        Ok(None) => {
            let message = "the code is unknown, used or too old";
            rejected(&app, client, StatusCode::FORBIDDEN, "unknown_code", message)
        }
        Err(error) => unavailable(&error),
    }
}

/// The answer to who does not authenticate, with 429 once it happens too often.
fn rejected(app: &App, client: Client, status: StatusCode, code: &str, message: &str) -> Response {
    match app.rates.note_auth_failure(client) {
        None => refuse(status, code, message),
        Some(limit) => {
            let mut response = refuse(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message);
            response.headers_mut().insert(http::header::RETRY_AFTER, limit.retry_after_s.into());
            response
        }
    }
}

/// The phone that signed the request, or the answer to who is none.
fn authenticate(
    app: &App,
    client: Client,
    headers: &HeaderMap,
    path: &str,
    body: &[u8],
) -> Result<(Arc<Brand>, Arc<DeviceRow>), Response> {
    // Another process may have paired or revoked it a moment ago. While the store is away, what is known has to do.
    app.brands.refresh_or_log();
    signer(app, headers, path, body).ok_or_else(|| {
        let message = "unknown device or signature";
        rejected(app, client, StatusCode::UNAUTHORIZED, "unauthenticated", message)
    })
}

fn signer(
    app: &App,
    headers: &HeaderMap,
    path: &str,
    body: &[u8],
) -> Option<(Arc<Brand>, Arc<DeviceRow>)> {
    let header = |name: &str| headers.get(name)?.to_str().ok();
    let (brand, device) = header("x-torana-device")?.split_once('.')?;
    let (brand, device) = (BrandId(brand.parse().ok()?), DeviceId(device.parse().ok()?));
    let timestamp = header("x-torana-timestamp")?;
    let off = clock::now().as_s().checked_sub(timestamp.parse().ok()?)?;
    if off.abs() > CLOCK_SKEW_S {
        return None;
    }
    let row = app.brands.device(brand, device)?;
    let brand = app.brands.get(brand)?;
    let purpose = seal_purpose(row.brand, DEVICE_KEY);
    let secret = app.vault.open_sealed(&purpose, &row.sealed_secret).ok()?;
    let parts = [timestamp.as_bytes(), b".", path.as_bytes(), b".", body];
    let expected = secrets::hex(&secrets::hmac_sha256(&secret, &parts));
    let sent = header("x-torana-signature")?.to_ascii_lowercase();
    let fits = secrets::equal(expected.as_bytes(), sent.as_bytes());
    (fits && row.revoked_at.is_none()).then_some((brand, row))
}

#[derive(Deserialize)]
struct Batch {
    messages: Vec<BatchMessage>,
}

#[derive(Deserialize)]
struct BatchMessage {
    seq: i64,
    sender: String,
    body: String,
    heard_at_ms: i64,
    sim: Option<i32>,
}

/// `POST /device/v1/messages` `{"messages":[{"seq","sender","body","heard_at_ms","sim"}]}`.
async fn messages(
    State(app): State<App>,
    client: Client,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (brand, device) = match authenticate(&app, client, &headers, uri.path(), &body) {
        Ok(known) => known,
        Err(response) => return response,
    };
    let Ok(batch) = serde_json::from_slice::<Batch>(&body) else {
        return refuse(StatusCode::BAD_REQUEST, "malformed", "the body is not a batch of messages");
    };
    if batch.messages.len() > BATCH_MESSAGES {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "too_many", "at most 200 messages a batch");
    }
    if batch.messages.iter().any(|message| message.seq < 1) {
        return refuse(StatusCode::BAD_REQUEST, "malformed", "sequence numbers begin with one");
    }
    for message in batch.messages {
        let heard = Heard {
            device: Some(device.id),
            seq: Some(message.seq),
            sim: message.sim,
            sender: message.sender.chars().take(SENDER_CHARS).collect(),
            body: message.body.chars().take(BODY_CHARS).collect(),
            heard_at: Timestamp::from_ms(message.heard_at_ms),
            other_handset: false,
        };
        if let Err(error) = keep(&app, &brand, heard).await {
            return unavailable(&error);
        }
    }
    progress(&app, device.brand, device.id, None).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Heartbeat {
    battery: Option<i32>,
}

/// `POST /device/v1/heartbeat` `{"battery": percent}`.
async fn heartbeat(
    State(app): State<App>,
    client: Client,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (_, device) = match authenticate(&app, client, &headers, uri.path(), &body) {
        Ok(known) => known,
        Err(response) => return response,
    };
    let heartbeat: Heartbeat = serde_json::from_slice(&body).unwrap_or_default();
    let battery = heartbeat.battery.filter(|percent| (0..=100).contains(percent));
    progress(&app, device.brand, device.id, battery).await
}

/// Notes that the phone lives, and tells it what is acknowledged and what is missing.
async fn progress(app: &App, brand: BrandId, device: DeviceId, battery: Option<i32>) -> Response {
    let now = clock::now();
    let progress = app
        .store
        .write(Lane::Brand(brand), move |tx| {
            tx.touch_device(brand, device, now, battery)?;
            tx.acknowledge_messages(brand, device, GAPS)
        })
        .await;
    match progress {
        Ok(progress) => Json(json!({
            "acknowledged_through": progress.acknowledged_through,
            "missing": progress.gaps,
        }))
        .into_response(),
        Err(error) => unavailable(&error),
    }
}
