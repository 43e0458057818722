//! The existing phone app's API, as the older engine's app calls it (provider notes §7.3): form or query, device key in
//! the clear, every answer 200 with a status as text.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::{Json, body::Bytes};
use serde_json::json;
use torana_store::{DeviceRow, Lane, StoreError};

use crate::app::App;
use crate::brands::Brand;
use crate::clock;
use crate::devices::{BODY_CHARS, Heard, Kept, SENDER_CHARS, keep_stubbornly};
use crate::http::rate::{Client, TooOften};

/// The kind of credential under which device keys are hashed.
pub const DEVICE_KEY: &str = "device";

struct Fields(Vec<(String, String)>);

impl Fields {
    /// From the body (form, or a JSON object of texts), then the query.
    fn read(query: Option<String>, headers: &HeaderMap, body: &[u8]) -> Self {
        let is_json = headers
            .get(http::header::CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
        let mut fields = if is_json {
            let object = match torana_dialects::json::parse(body) {
                Some(serde_json::Value::Object(object)) => object,
                _ => serde_json::Map::new(),
            };
            let text = |value: serde_json::Value| match value {
                serde_json::Value::String(text) => text,
                other => other.to_string(),
            };
            object.into_iter().map(|(name, value)| (name, text(value))).collect()
        } else {
            form_urlencoded::parse(body).into_owned().collect::<Vec<_>>()
        };
        fields.extend(form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned());
        Self(fields)
    }

    fn get(&self, names: &[&str]) -> Option<&str> {
        let find = |name: &&str| self.0.iter().find(|(key, _)| key == name);
        names.iter().find_map(find).map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }
}

fn answer(status: &str, message: &str) -> Response {
    Json(json!({ "status": status, "message": message })).into_response()
}

/// Who does not authenticate.
enum Stranger {
    /// E-mail and key fit, and the key was taken back.
    Revoked,
    /// Nobody that is known; with a limit once it happens too often.
    Unknown(Option<TooOften>),
}

impl Stranger {
    fn answer(self, unknown: &str) -> Response {
        match self {
            Self::Revoked => answer("2", "Your key is expired"),
            Self::Unknown(None) => answer("0", unknown),
            Self::Unknown(Some(limit)) => {
                let headers = [(http::header::RETRY_AFTER, limit.retry_after_s.to_string())];
                let status = http::StatusCode::TOO_MANY_REQUESTS;
                (status, headers, answer("0", unknown)).into_response()
            }
        }
    }
}

/// A failure of ours must not look like an answer: a careful app keeps the message and comes again.
fn unavailable() -> Response {
    (http::StatusCode::SERVICE_UNAVAILABLE, answer("0", "Try again")).into_response()
}

/// The phone and its brand, if e-mail and key fit together.
fn authenticate(
    app: &App,
    client: Client,
    fields: &Fields,
) -> Result<(Arc<Brand>, Arc<DeviceRow>), Stranger> {
    let email = fields.get(&["user_email", "email"]).unwrap_or_default();
    let lookup = app.vault.lookup(DEVICE_KEY, fields.get(&["device_key"]).unwrap_or_default());
    // From memory: a message must not be lost because the store is away.
    let device = app.brands.device_by_key(&lookup);
    let device = device.filter(|device| device.email.eq_ignore_ascii_case(email));
    let known = device.and_then(|device| Some((app.brands.get(device.brand)?, device)));
    match known {
        None => Err(Stranger::Unknown(app.rates.note_auth_failure(client))),
        Some((_, device)) if device.revoked_at.is_some() => Err(Stranger::Revoked),
        Some(known) => Ok(known),
    }
}

/// `GET|POST /api/device-connect`: binds the key to the first phone that shows it. `device_ip` is the phone's own id.
pub async fn connect(
    State(app): State<App>,
    client: Client,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fields = Fields::read(query, &headers, &body);
    // Unbound or revoked a moment ago, perhaps: this is asked once in a phone's life.
    app.brands.refresh_or_log();
    let (brand, device) = match authenticate(&app, client, &fields) {
        Ok(known) => known,
        Err(stranger) => return stranger.answer("Failed to connect with the server"),
    };
    let binding = fields.get(&["device_ip", "device_id"]).unwrap_or("unknown").to_owned();
    if device.binding.as_ref().is_some_and(|bound| *bound != binding) {
        return answer("3", "Already connected with a different device");
    }
    let (brand_id, device_id, now) = (brand.id(), device.id, clock::now());
    let bound = app
        .store
        .write(Lane::Brand(brand_id), move |tx| {
            tx.bind_device(brand_id, device_id, &binding)?;
            tx.touch_device(brand_id, device_id, now, None)
        })
        .await;
    match bound {
        Ok(()) => {
            app.brands.refresh_or_log();
            answer("1", &brand_id.to_string())
        }
        // Another phone was quicker.
        Err(StoreError::Conflict) => answer("3", "Already connected with a different device"),
        Err(error) => {
            tracing::error!(%error, "cannot bind a device");
            unavailable()
        }
    }
}

/// `GET|POST /api/add-data`: one message. The existing app deletes the message whatever is answered, so everything
/// that authenticates is kept before the answer, whether it can be read or not.
pub async fn add_data(
    State(app): State<App>,
    client: Client,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fields = Fields::read(query, &headers, &body);
    let (brand, device) = match authenticate(&app, client, &fields) {
        Ok(known) => known,
        Err(stranger) => return stranger.answer("Unknown device key"),
    };
    // The app sends no binding with data. One that does and sends another handset's is believed less, but not dropped:
    // the app deletes the message whatever it is answered.
    let binding = fields.get(&["device_ip", "device_id"]);
    let other_handset =
        binding.is_some_and(|sent| device.binding.as_deref().is_some_and(|bound| sent != bound));
    let (Some(sender), Some(text)) =
        (fields.get(&["address", "sender"]), fields.get(&["message", "body"]))
    else {
        return answer("0", "address and message are required");
    };
    let heard = Heard {
        device: Some(device.id),
        seq: None,
        sim: fields.get(&["sim", "sim_slot"]).and_then(|slot| slot.parse().ok()),
        sender: sender.chars().take(SENDER_CHARS).collect(),
        body: text.chars().take(BODY_CHARS).collect(),
        heard_at: brand.now(),
        other_handset,
    };
    // Of its own, so that it goes on when the phone hangs up.
    let kept = tokio::spawn(keep_stubbornly(app.clone(), brand, heard)).await;
    match kept.unwrap_or(Err(StoreError::Internal)) {
        Ok(Kept::Receipt { .. } | Kept::Debit { .. } | Kept::Other | Kept::Repeat) => {
            Json(json!({ "status": 1, "message": "Data inserted successfully" })).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "cannot keep a message");
            unavailable()
        }
    }
}
