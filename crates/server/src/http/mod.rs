//! HTTP: one router for everything that one host serves.

pub mod checkout;
mod connect;
mod dialects;
mod epay;
mod headers;
pub mod listen;
mod operations;
pub mod proofs;
pub mod rate;
mod sandbox;

use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::{Router, middleware};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

pub use operations::{install_metrics, keep_metrics};

use crate::app::App;
use crate::config::Role;
use crate::devices;

/// Everything that this node answers, with its limits and headers around it.
pub fn router(app: &App) -> Router {
    let limits = &app.config.http;
    let timeout = Duration::from_secs(limits.timeout_s);
    let routes = match app.config.role {
        Role::All | Role::Api => requests().merge(operations::routes()),
        Role::Worker => operations::routes(),
    };
    routes
        .layer(
            ServiceBuilder::new()
                .layer(middleware::from_fn_with_state(app.clone(), headers::add))
                .layer(CatchPanicLayer::new())
                .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, timeout))
                .layer(DefaultBodyLimit::max(limits.body_bytes)),
        )
        .with_state(app.clone())
}

/// What merchants, payers and phones ask.
fn requests() -> Router<App> {
    let pages = checkout::routes().layer(CompressionLayer::new());
    Router::new()
        .merge(dialects::routes())
        .merge(pages)
        .merge(sandbox::routes())
        .merge(connect::routes())
        .merge(epay::routes())
        .merge(devices::native::routes())
        .route("/api/device-connect", axum::routing::any(devices::legacy::connect))
        .route("/api/add-data", axum::routing::any(devices::legacy::add_data))
        .fallback(checkout::unknown_path)
}
