//! What every answer carries: a request id, and headers that keep browsers careful. Logs and counts requests, without
//! query strings, bodies or addresses: they hold keys and personal data.

use std::sync::atomic::Ordering;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;

use crate::app::App;

/// What pages may do: nothing but their own styles, scripts and requests, and forms that go to `form_action`. Shops frame
/// the checkout (see the popup script), so any page may; a payer has to type a reference, which a covered page cannot make
/// happen, or pays on another site's own page, outside of the frame.
macro_rules! content_security_policy {
    ($form_action:literal) => {
        HeaderValue::from_static(concat!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; ",
            "connect-src 'self'; form-action ",
            $form_action,
            "; base-uri 'none'; frame-ancestors *"
        ))
    };
}

const CONTENT_SECURITY_POLICY: HeaderValue = content_security_policy!("'self'");
/// Of the page that carries payers to ePay.bg. The site has several hosts, and a browser holds redirects between them to
/// this too.
pub const TO_EPAY_POLICY: HeaderValue = content_security_policy!("https://*.epay.bg");

/// The policy of a page on which a card or a code is typed: no other page may lay anything over it.
pub fn unframed_policy() -> Option<HeaderValue> {
    let own = CONTENT_SECURITY_POLICY;
    HeaderValue::from_str(
        &own.to_str().ok()?.replace("frame-ancestors *", "frame-ancestors 'none'"),
    )
    .ok()
}

/// The policy of a page whose one form goes to that address; none if it is no address of the web.
pub fn form_policy(action: &str) -> Option<HeaderValue> {
    let origin = url::Url::parse(action).ok()?.origin();
    let own = CONTENT_SECURITY_POLICY;
    let policy = own.to_str().ok()?;
    let to = format!("form-action {};", origin.is_tuple().then(|| origin.ascii_serialization())?);
    HeaderValue::from_str(&policy.replace("form-action 'self';", &to)).ok()
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// See the module.
pub async fn add(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = format!("{:016x}", app.random());
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_else(|| "unknown".to_owned());
    let method = request.method().clone();
    let span = tracing::info_span!("request", id, %method, route);

    let mut response = next.run(request).instrument(span.clone()).await;

    let status = response.status();
    let elapsed = started.elapsed();
    metrics::counter!("torana_http_requests_total", "route" => route.clone(), "status" => status.as_u16().to_string())
        .increment(1);
    metrics::histogram!("torana_http_request_seconds", "route" => route).record(elapsed);
    span.in_scope(|| {
        let elapsed_us = elapsed.as_micros();
        let is_leaving =
            app.leaving.load(Ordering::Relaxed) && status == StatusCode::SERVICE_UNAVAILABLE;
        if status.is_server_error() && !is_leaving {
            tracing::error!(status = status.as_u16(), elapsed_us, "answered");
        } else {
            tracing::debug!(status = status.as_u16(), elapsed_us, "answered");
        }
    });

    let headers = response.headers_mut();
    if app.leaving.load(Ordering::Relaxed) {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    let mut default = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    default(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    default(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    default(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    default(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    if app.public_url.starts_with("https://") {
        default(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}
