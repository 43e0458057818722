//! Merchants' servers: a fast one that notes when each callback comes, and a dead one that takes connections and never
//! answers.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::ensure;
use axum::Router;
use axum::extract::{Path, State};
use axum::routing::post;
use hdrhistogram::Histogram;
use tokio::net::TcpListener;
use tokio::sync::watch;
use torana_server::config::{Config, Flags};
use torana_server::http::listen;

use crate::load;
use crate::purchase::Told;

/// How long the last callbacks may be on their way.
const PATIENCE: Duration = Duration::from_secs(60);

/// A fast server.
pub(crate) struct Sink {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    _stop: watch::Sender<bool>,
}

struct Seen {
    /// SMS that were sent and whose callback has not come.
    awaited: HashMap<u64, Instant>,
    delays: Histogram<u64>,
    first_sent: Option<Instant>,
    last_came: Option<Instant>,
}

/// What came in a while.
pub(crate) struct Came {
    /// From when the SMS was sent until the callback was there, in microseconds.
    pub(crate) delays: Histogram<u64>,
    /// From the first SMS to the last callback.
    pub(crate) took: Duration,
}

impl Seen {
    fn new() -> anyhow::Result<Self> {
        let (awaited, delays) = (HashMap::new(), load::histogram()?);
        Ok(Self { awaited, delays, first_sent: None, last_came: None })
    }

    fn came(&mut self, serial: u64) {
        let now = Instant::now();
        // A second delivery of the same callback finds nothing, and counts for nothing.
        if let Some(sent) = self.awaited.remove(&serial) {
            self.delays.saturating_record(load::micros(now - sent));
            self.last_came = Some(now);
        }
    }
}

impl Sink {
    pub(crate) async fn start() -> anyhow::Result<Arc<Self>> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let seen = Arc::new(Mutex::new(Seen::new()?));
        let router = Router::new().route("/{serial}", post(take)).with_state(Arc::clone(&seen));
        let limits = Config::load(&Flags::default())?.http;
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(async move { listen::serve(listener, router, &limits, stopped).await });
        Ok(Arc::new(Self { address, seen, _stop: stop }))
    }

    /// Waits until every callback is there, and says what came since the last time.
    pub(crate) async fn drain(&self) -> anyhow::Result<Came> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let missing = self.seen.lock().unwrap_or_else(PoisonError::into_inner).awaited.len();
            if missing == 0 {
                break;
            }
            ensure!(Instant::now() < deadline, "{missing} callbacks did not come in {PATIENCE:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let Seen { delays, first_sent, last_came, .. } =
            std::mem::replace(&mut *seen, Seen::new()?);
        let took = first_sent.zip(last_came).map(|(first, last)| last - first);
        Ok(Came { delays, took: took.unwrap_or_default() })
    }
}

async fn take(State(seen): State<Arc<Mutex<Seen>>>, Path(serial): Path<u64>) -> &'static str {
    seen.lock().unwrap_or_else(PoisonError::into_inner).came(serial);
    "ok"
}

impl Told for Sink {
    fn webhook(&self, serial: u64) -> String {
        format!("http://{}/{serial}", self.address)
    }

    fn sms_sent(&self, serial: u64, at: Instant) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.awaited.insert(serial, at);
        seen.first_sent.get_or_insert(at);
    }
}

/// A server that takes connections and never answers.
pub(crate) struct Dead {
    address: SocketAddr,
}

impl Dead {
    pub(crate) async fn start() -> anyhow::Result<Arc<Self>> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move {
            let mut held = vec![];
            while let Ok((stream, _)) = listener.accept().await {
                held.push(stream);
            }
        });
        Ok(Arc::new(Self { address }))
    }
}

impl Told for Dead {
    fn webhook(&self, serial: u64) -> String {
        format!("http://{}/{serial}", self.address)
    }

    fn sms_sent(&self, _: u64, _: Instant) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_callback_counts_once() {
        let mut seen = Seen::new().unwrap();
        seen.awaited.insert(1, Instant::now());
        seen.came(1);
        seen.came(1);
        seen.came(2);
        assert_eq!(seen.delays.len(), 1);
    }
}
