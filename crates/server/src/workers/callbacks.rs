//! Sends what merchants are owed, and tries again until it is taken or the schedule is over.
//!
//! One dispatcher reads what is due and starts deliveries; each runs by itself, bounded over all and per endpoint, so
//! that a dead endpoint holds up nobody else. A delivery that a crash cut off is simply due again: merchants see a
//! message at least once, always under the same `webhook-id`.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::RETRY_AFTER;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use torana_domain::BrandId;
use torana_store::{DeliveryRow, NextDelivery, OutboxRow};

use super::pause;
use crate::app::App;
use crate::brands::Brand;
use crate::callbacks::{schedule, signature, target};
use crate::config::Callbacks;

/// How often the outbox is looked at when nobody says that something is due.
const TICK: Duration = Duration::from_secs(1);
/// Rows of one brand that are looked at in one go. Larger than what one dead endpoint piles up in a few minutes.
const LOOK: usize = 1_000;
/// Bytes of a merchant's answer that are read and kept in the log.
const RESPONSE_BYTES: usize = 4_096;

/// The HTTP side: one client for live brands and one for test brands, which may call private addresses.
pub struct Sender {
    live: reqwest::Client,
    test: reqwest::Client,
    allow_private: bool,
}

impl Sender {
    /// From the settings.
    pub fn new(config: &Callbacks) -> anyhow::Result<Self> {
        let timeout = Duration::from_secs(config.timeout_s);
        Ok(Self {
            live: target::client(!config.allow_private, timeout)?,
            test: target::client(false, timeout)?,
            allow_private: config.allow_private,
        })
    }

    /// Sends one message; what came of it, and what the merchant's server asked for by `Retry-After`.
    async fn send(&self, brand: &Brand, row: &OutboxRow) -> (DeliveryRow, Option<i64>) {
        let started = Instant::now();
        let at = brand.now();
        let sent = self.try_send(brand, row).await;
        let duration_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        let mut delivery = DeliveryRow {
            attempt: row.attempts + 1,
            at,
            status: None,
            error: None,
            duration_ms,
            response: vec![],
        };
        let mut retry_after = None;
        match sent {
            Ok(answer) => {
                delivery.status = Some(answer.status);
                delivery.response = answer.body;
                retry_after = answer.retry_after;
            }
            Err(error) => delivery.error = Some(error),
        }
        (delivery, retry_after.and_then(|text| schedule::parse_retry_after(&text, at)))
    }

    async fn try_send(&self, brand: &Brand, row: &OutboxRow) -> Result<Answer, String> {
        let only_public = !brand.is_test() && !self.allow_private;
        let url = target::check(&row.draft.url, only_public).map_err(|error| error.to_string())?;
        let client = if brand.is_test() { &self.test } else { &self.live };
        let (id, at) = (row.webhook_id(), crate::clock::now());
        let mut request = client
            .post(url)
            .header(reqwest::header::CONTENT_TYPE, &row.draft.content_type)
            .header("webhook-id", &id)
            .header("webhook-timestamp", at.as_s())
            .header(
                "webhook-signature",
                signature::sign(&brand.webhook_key, &id, at, &row.draft.body),
            );
        for (name, value) in &row.draft.headers {
            request = request.header(name, value);
        }
        let mut response =
            request.body(row.draft.body.clone()).send().await.map_err(|error| describe(&error))?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get(RETRY_AFTER);
        let retry_after = retry_after.and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mut body = vec![];
        while body.len() < RESPONSE_BYTES {
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    let room = RESPONSE_BYTES - body.len();
                    body.extend(chunk.iter().take(room));
                }
                Ok(None) => break,
                // The status said what matters; the rest of the body is only for the log.
                Err(_) => break,
            }
        }
        Ok(Answer { status, retry_after, body })
    }
}

struct Answer {
    status: u16,
    retry_after: Option<String>,
    body: Vec<u8>,
}

/// What went wrong, without the URL: it may hold the merchant's secrets.
fn describe(error: &reqwest::Error) -> String {
    let kind = if error.is_timeout() {
        "timed out"
    } else if error.is_connect() {
        "cannot connect"
    } else {
        "failed"
    };
    let mut source = std::error::Error::source(error);
    let mut deepest = None;
    while let Some(inner) = source {
        deepest = Some(inner.to_string());
        source = inner.source();
    }
    match deepest {
        Some(cause) => format!("{kind}: {cause}"),
        None => kind.to_owned(),
    }
}

/// What is under way, so that nothing is sent twice at once and every endpoint has its bound.
#[derive(Default)]
struct UnderWay {
    rows: HashSet<(BrandId, i64)>,
    endpoints: HashMap<String, usize>,
}

/// Runs until told to stop; deliveries under way are given the time that they need.
pub async fn run(app: App, sender: Sender, mut stop: watch::Receiver<bool>) {
    let sender = Arc::new(sender);
    let under_way = Arc::new(Mutex::new(UnderWay::default()));
    let slots = Arc::new(Semaphore::new(app.config.callbacks.concurrency));
    loop {
        for brand in app.brands.all() {
            if let Err(error) = dispatch(&app, &sender, &brand, &under_way, &slots) {
                tracing::error!(%error, brand = %brand.id(), "cannot read the outbox");
            }
        }
        if !pause(TICK, Some(&app.callbacks_due), &mut stop).await {
            break;
        }
    }
    let all = u32::try_from(app.config.callbacks.concurrency).unwrap_or(u32::MAX);
    let timeout = Duration::from_secs(app.config.callbacks.timeout_s + 1);
    let _ = tokio::time::timeout(timeout, slots.acquire_many(all)).await;
}

fn dispatch(
    app: &App,
    sender: &Arc<Sender>,
    brand: &Arc<Brand>,
    under_way: &Arc<Mutex<UnderWay>>,
    slots: &Arc<Semaphore>,
) -> Result<(), torana_store::StoreError> {
    let (brand_id, now) = (brand.id(), brand.now());
    let due = app.store.read(|reader| reader.due_callbacks(brand_id, now, LOOK))?;
    for row in due {
        let Ok(permit) = Arc::clone(slots).try_acquire_owned() else { break };
        let endpoint = endpoint_of(&row.draft.url);
        {
            let mut under_way = under_way.lock().unwrap_or_else(PoisonError::into_inner);
            let busy = under_way.endpoints.get(&endpoint).copied().unwrap_or(0);
            if busy >= app.config.callbacks.per_endpoint
                || !under_way.rows.insert((brand_id, row.id))
            {
                continue;
            }
            *under_way.endpoints.entry(endpoint.clone()).or_default() += 1;
        }
        let delivery = Delivery {
            app: app.clone(),
            sender: Arc::clone(sender),
            brand: Arc::clone(brand),
            under_way: Arc::clone(under_way),
            endpoint,
            _slot: permit,
        };
        tokio::spawn(delivery.run(row));
    }
    Ok(())
}

/// Scheme, host and port; the whole text where it is not a URL.
fn endpoint_of(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(url) => url.origin().ascii_serialization(),
        Err(_) => url.to_owned(),
    }
}

struct Delivery {
    app: App,
    sender: Arc<Sender>,
    brand: Arc<Brand>,
    under_way: Arc<Mutex<UnderWay>>,
    endpoint: String,
    _slot: OwnedSemaphorePermit,
}

impl Delivery {
    async fn run(self, row: OutboxRow) {
        let (delivery, retry_after) = self.sender.send(&self.brand, &row).await;
        let taken = delivery.status.is_some_and(|status| (200..300).contains(&status));
        let next = if taken {
            NextDelivery::Done
        } else {
            let jitter = rand::random_range(0..=1000);
            let now = self.brand.now();
            match schedule::next_attempt(delivery.attempt, now, jitter, retry_after) {
                Some(at) => NextDelivery::RetryAt(at),
                None => NextDelivery::GiveUp,
            }
        };
        let result = match &next {
            NextDelivery::Done => "delivered",
            NextDelivery::RetryAt(_) => "retried",
            NextDelivery::GiveUp => "given_up",
        };
        metrics::counter!("torana_callbacks_total", "result" => result).increment(1);
        let (brand_id, id) = (self.brand.id(), row.id);
        tracing::debug!(brand = %brand_id, id, result, status = delivery.status, "callback");
        let recorded =
            self.app.store.write(move |tx| tx.record_delivery(brand_id, id, &delivery, next)).await;
        if let Err(error) = recorded {
            tracing::error!(%error, "cannot record a delivery: it will be sent again");
        }
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.rows.remove(&(brand_id, row.id));
        if let Some(busy) = under_way.endpoints.get_mut(&self.endpoint) {
            *busy -= 1;
            if *busy == 0 {
                under_way.endpoints.remove(&self.endpoint);
            }
        }
        drop(under_way);
        // A slot is free again.
        self.app.callbacks_due.notify_one();
    }
}
