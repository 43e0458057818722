//! For whoever runs the server: is it alive, can it serve, what does it do.

use std::sync::OnceLock;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use torana_store::{Lane, StoreError};

use crate::app::App;

/// Buckets of the request times, in seconds: fixed, so that nodes can be added up.
const SECONDS: [f64; 10] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0, 5.0];

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// Starts to record metrics; once a process.
pub fn install_metrics() -> anyhow::Result<()> {
    if METRICS.get().is_none() {
        let handle = PrometheusBuilder::new().set_buckets(&SECONDS)?.install_recorder()?;
        let _ = METRICS.set(handle);
    }
    Ok(())
}

/// Tidies the metrics: without it, what was recorded and never scraped would pile up.
pub fn keep_metrics() {
    if let Some(handle) = METRICS.get() {
        handle.run_upkeep();
    }
}

/// The routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

/// How long the answer of a probe holds.
const PROBE_LASTS: Duration = Duration::from_millis(250);

/// How long a commit may take before the server counts as not ready.
const COMMIT_PATIENCE: Duration = Duration::from_secs(5);

/// Ready when the store can be written: a full disk or a dead writer can still be read from. A server that was told to
/// stop is not, so that balancers go elsewhere while it still serves.
async fn ready(State(app): State<App>) -> Response {
    if app.leaving.load(Ordering::Relaxed) {
        return (StatusCode::SERVICE_UNAVAILABLE, "leaving\n").into_response();
    }
    // One at a time: whoever asks often does not make the store write often.
    let mut last = app.probed.lock().await;
    let is_ready = match *last {
        Some((at, is_ready)) if at.elapsed() < PROBE_LASTS => is_ready,
        _ => {
            let is_ready = probe(&app).await;
            *last = Some((Instant::now(), is_ready));
            is_ready
        }
    };
    match is_ready {
        true => "ready\n".into_response(),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response(),
    }
}

async fn probe(app: &App) -> bool {
    let write = app.store.write(Lane::Probe, |tx| tx.probe());
    let written = tokio::time::timeout(COMMIT_PATIENCE, write).await;
    match written.unwrap_or(Err(StoreError::Busy)) {
        Ok(()) => true,
        Err(error) => {
            tracing::error!(%error, "not ready");
            false
        }
    }
}

async fn metrics(State(app): State<App>) -> Response {
    let stats = app.store.stats();
    metrics::gauge!("torana_store_queue").set(count(stats.queued));
    metrics::counter!("torana_store_commits_total").absolute(stats.batches);
    metrics::counter!("torana_store_jobs_total").absolute(stats.jobs);
    metrics::gauge!("torana_store_last_commit_microseconds").set(count(stats.last_commit_us));
    let Some(handle) = METRICS.get() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let content_type = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (content_type, handle.render()).into_response()
}

/// Gauges are floats by Prometheus's own definition; none of these numbers comes near to losing digits.
fn count(value: u64) -> f64 {
    value as f64
}
