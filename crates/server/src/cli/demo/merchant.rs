//! The demo's shop: a small server that keeps what it is told.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// How long a callback may take before the demo counts it as lost.
const PATIENCE: Duration = Duration::from_secs(10);

/// A callback as it came.
pub(super) struct Told {
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

/// A shop that listens on a free port of the loopback interface.
pub(super) struct Merchant {
    address: SocketAddr,
    told: tokio::sync::Mutex<mpsc::Receiver<Told>>,
}

impl Merchant {
    pub(super) async fn start() -> anyhow::Result<Self> {
        let (sender, told) = mpsc::channel(64);
        let hook = move |headers: HeaderMap, body: Bytes| {
            let sender = sender.clone();
            async move {
                let body = String::from_utf8_lossy(&body).into_owned();
                match sender.send(Told { headers, body }).await {
                    Ok(()) => StatusCode::OK,
                    Err(_) => StatusCode::SERVICE_UNAVAILABLE,
                }
            }
        };
        let router = Router::new()
            .route("/webhook", post(hook))
            .route("/success", get(|| async { "Thank you. Your tea is on its way.\n" }))
            .route("/cancel", get(|| async { "You cancelled. Come back soon.\n" }));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, told: tokio::sync::Mutex::new(told) })
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The next callback.
    pub(super) async fn told(&self) -> anyhow::Result<Told> {
        let mut told = self.told.lock().await;
        match tokio::time::timeout(PATIENCE, told.recv()).await {
            Ok(told) => told.context("the shop is closed"),
            Err(_) => bail!("no callback came within {} seconds", PATIENCE.as_secs()),
        }
    }
}
