//! As `http::headers` of the server; the numbers go to the same kind of recorder.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use rand::Rng as _;
use tracing::Instrument as _;

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors *",
);

pub(super) async fn add(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = format!("{:016x}", rand::rng().next_u64());
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_else(|| "unknown".to_owned());
    let method = request.method().clone();
    let span = tracing::info_span!("request", id, %method, route);

    let mut response = next.run(request).instrument(span.clone()).await;

    let (status, elapsed) = (response.status(), started.elapsed());
    metrics::counter!("torana_http_requests_total", "route" => route.clone(), "status" => status.as_u16().to_string())
        .increment(1);
    metrics::histogram!("torana_http_request_seconds", "route" => route).record(elapsed);
    span.in_scope(|| {
        let elapsed_us = elapsed.as_micros();
        tracing::debug!(status = status.as_u16(), elapsed_us, "answered");
    });

    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    let mut default = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    default(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    default(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    default(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    default(header::CONTENT_SECURITY_POLICY, POLICY);
    default(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    response
}
