//! Sends what merchants are owed, and tries again until it is taken or the schedule is over.
//!
//! One dispatcher reads what is due and starts deliveries; each runs by itself, bounded over all, per brand and per
//! endpoint, so that neither a dead endpoint nor one brand's many holds up anybody else; test brands have slots of their
//! own. A delivery that a crash cut off is simply due again: merchants see a message at least once, always under the same
//! `webhook-id`. Nodes that share a database lease what they send, so that one sends what another does not; what a dead
//! node had leased is due again when the lease is over.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::RETRY_AFTER;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use torana_domain::{BrandId, Timestamp};
use torana_store::{DeliveryRow, Lane, NextDelivery, OutboxRow, RESPONSE_BYTES, StoreError, Tx};

use super::pause;
use crate::app::App;
use crate::bounded::read_at_most;
use crate::brands::Brand;
use crate::callbacks::{schedule, signature, target};
use crate::clock;
use crate::config::Callbacks;

/// How often the outbox is looked at when nobody says that something is due.
const TICK: Duration = Duration::from_secs(1);
/// Rows of one brand that are looked at in one go. Larger than what one dead endpoint piles up in a few minutes.
const LOOK: usize = 1_000;
/// The part of all slots that one brand may have at once.
const BRAND_SHARE: usize = 8;
/// A brand with so many callbacks due of which none can start (its endpoints have enough) is not looked at again before one
/// of its deliveries ends or a tick: reading them at every other brand's delivery would cost the others.
const STUCK: usize = 100;
/// How much longer than a delivery may take a node keeps it to itself. Clocks of nodes may differ by less than this.
const LEASE_MARGIN_MS: i64 = 5_000;
/// Pause before a message is sent again whose delivery could not be recorded.
const UNRECORDED_PAUSE: Duration = Duration::from_secs(30);

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
        let (id, at) = (row.webhook_id(), clock::now());
        let mut request = client
            .post(url)
            .header(reqwest::header::CONTENT_TYPE, &row.draft.content_type)
            .header("webhook-id", &id)
            .header("webhook-timestamp", at.as_s())
            .header(
                "webhook-signature",
                signature::sign(&brand.webhook_key, &id, at, &row.draft.body),
            );
        let own = brand.callback_headers(&row.draft);
        for (name, value) in row.draft.headers.iter().chain(&own) {
            request = request.header(name, value);
        }
        let mut response =
            request.body(row.draft.body.clone()).send().await.map_err(|error| describe(&error))?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get(RETRY_AFTER);
        let retry_after = retry_after.and_then(|value| value.to_str().ok()).map(str::to_owned);
        // The status said what matters; the body is only for the log.
        let (body, _) = read_at_most(&mut response, RESPONSE_BYTES).await.unwrap_or_default();
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

/// What is under way, so that nothing is sent twice at once, and every endpoint and brand has its bound.
#[derive(Default)]
struct UnderWay {
    rows: HashSet<(BrandId, i64)>,
    endpoints: HashMap<String, usize>,
    brands: HashMap<BrandId, usize>,
    /// See [`STUCK`].
    stuck: HashSet<BrandId>,
}

/// The dispatcher's state, shared with the deliveries.
struct Dispatcher {
    app: App,
    sender: Sender,
    under_way: Mutex<UnderWay>,
    forgot_at: Mutex<Instant>,
    /// Live brands' slots and test brands': a test never holds up a message about money.
    live: Arc<Semaphore>,
    test: Arc<Semaphore>,
}

/// Runs until told to stop; deliveries under way are given the time that they need.
pub async fn run(app: App, sender: Sender, mut stop: watch::Receiver<bool>) {
    let slots = app.config.callbacks.concurrency.max(4);
    let dispatcher = Arc::new(Dispatcher {
        sender,
        under_way: Mutex::default(),
        forgot_at: Mutex::new(Instant::now()),
        live: Arc::new(Semaphore::new(slots)),
        test: Arc::new(Semaphore::new(slots / 4)),
        app,
    });
    loop {
        if let Err(error) = dispatcher.dispatch_all().await {
            tracing::error!(%error, "cannot read the outbox");
        }
        if !pause(TICK, Some(&dispatcher.app.callbacks_due), &mut stop).await {
            break;
        }
        dispatcher.forget_stuck();
    }
    let timeout = Duration::from_secs(dispatcher.app.config.callbacks.timeout_s + 1);
    let all = |slots: usize| u32::try_from(slots).unwrap_or(u32::MAX);
    let idle = async {
        let _ = dispatcher.live.acquire_many(all(slots)).await;
        let _ = dispatcher.test.acquire_many(all(slots / 4)).await;
    };
    let _ = tokio::time::timeout(timeout, idle).await;
}

impl Dispatcher {
    fn under_way(&self) -> MutexGuard<'_, UnderWay> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at every brand again, at most once a tick.
    fn forget_stuck(&self) {
        let mut last = self.forgot_at.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() >= TICK {
            *last = Instant::now();
            self.under_way().stuck.clear();
        }
    }

    async fn dispatch_all(self: &Arc<Self>) -> Result<(), StoreError> {
        let brands = self.app.store.read(|r| r.brands_with_due_callbacks(clock::now()))?;
        let is_stuck = |id: &BrandId| self.under_way().stuck.contains(id);
        let brands = brands.into_iter().filter(|id| !is_stuck(id));
        for brand in brands.filter_map(|id| self.app.brands.get(id)).collect::<Vec<_>>() {
            // What goes wrong with one brand's callbacks does not hold up the others'.
            if let Err(error) = self.dispatch(&brand).await {
                tracing::error!(%error, brand = %brand.id(), "cannot dispatch callbacks");
            }
        }
        Ok(())
    }

    async fn dispatch(self: &Arc<Self>, brand: &Arc<Brand>) -> Result<(), StoreError> {
        let (id, now, real_now) = (brand.id(), brand.now(), clock::now());
        let slots = if brand.is_test() { &self.test } else { &self.live };
        let due = self.app.store.read(|reader| reader.due_callbacks(id, now, real_now, LOOK))?;
        let found = due.len();
        let mut deliveries = HashMap::new();
        let mut rows = vec![];
        for row in due {
            let Ok(slot) = Arc::clone(slots).try_acquire_owned() else { break };
            let Some(place) = self.take_place(brand, &row) else { continue };
            deliveries.insert(row.id, Delivery { place, brand: Arc::clone(brand), _slot: slot });
            rows.push(row);
        }
        if rows.is_empty() && found >= STUCK {
            self.under_way().stuck.insert(id);
        }
        let claimed = self.claim(brand, rows).await?;
        if claimed.len() < deliveries.len() {
            // Others had the rest. There may be more behind it, for which there is room.
            self.app.callbacks_due.notify_one();
        }
        for row in claimed {
            if let Some(delivery) = deliveries.remove(&row.id) {
                tokio::spawn(delivery.run(row));
            }
        }
        Ok(())
    }

    /// Those of the rows that are still as they were read, and for a while nobody else's.
    async fn claim(
        &self,
        brand: &Brand,
        rows: Vec<OutboxRow>,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let (store, id) = (&self.app.store, brand.id());
        if rows.is_empty() {
            return Ok(rows);
        }
        if store.is_shared() {
            let timeout_s = i64::try_from(self.app.config.callbacks.timeout_s).unwrap_or(0);
            let lease_ms = timeout_s * 1000 + LEASE_MARGIN_MS;
            let lease = move |tx: &mut Tx<'_>| {
                let now = clock::now();
                tx.lease_callbacks(&rows, now, now.plus_ms(lease_ms))
            };
            return store.write(Lane::Outbox(id), lease).await;
        }
        // Delivered, perhaps, between the reading and the taking of its place.
        store.read(|reader| {
            let mut current = vec![];
            for row in rows {
                if reader.callback(id, row.id)?.as_ref() == Some(&row) {
                    current.push(row);
                }
            }
            Ok(current)
        })
    }

    /// A place for one delivery within the bounds; none if it is under way, or its endpoint or brand has enough.
    fn take_place(self: &Arc<Self>, brand: &Brand, row: &OutboxRow) -> Option<Place> {
        let limits = &self.app.config.callbacks;
        let per_brand = (limits.concurrency / BRAND_SHARE).max(limits.per_endpoint);
        let (brand, endpoint) = (brand.id(), endpoint_of(&row.draft.url));
        let mut under_way = self.under_way();
        let at_endpoint = under_way.endpoints.get(&endpoint).copied().unwrap_or(0);
        let of_brand = under_way.brands.get(&brand).copied().unwrap_or(0);
        if at_endpoint >= limits.per_endpoint
            || of_brand >= per_brand
            || !under_way.rows.insert((brand, row.id))
        {
            return None;
        }
        *under_way.endpoints.entry(endpoint.clone()).or_default() += 1;
        *under_way.brands.entry(brand).or_default() += 1;
        Some(Place { dispatcher: Arc::clone(self), brand, endpoint, row: row.id })
    }
}

/// Scheme, host and port; the whole text where it is not a URL.
fn endpoint_of(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(url) => url.origin().ascii_serialization(),
        Err(_) => url.to_owned(),
    }
}

/// A delivery's place within the bounds, given back when it is dropped, whatever became of the delivery.
struct Place {
    dispatcher: Arc<Dispatcher>,
    brand: BrandId,
    endpoint: String,
    row: i64,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut under_way = self.dispatcher.under_way();
        under_way.stuck.remove(&self.brand);
        under_way.rows.remove(&(self.brand, self.row));
        release(&mut under_way.endpoints, &self.endpoint);
        release(&mut under_way.brands, &self.brand);
    }
}

fn release<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

struct Delivery {
    place: Place,
    brand: Arc<Brand>,
    _slot: OwnedSemaphorePermit,
}

impl Delivery {
    async fn run(self, row: OutboxRow) {
        let app = self.place.dispatcher.app.clone();
        self.deliver(row).await;
        // Its place and slot are free again: others may be waiting for them.
        app.callbacks_due.notify_one();
    }

    async fn deliver(self, row: OutboxRow) {
        let dispatcher = &self.place.dispatcher;
        let (delivery, retry_after) = dispatcher.sender.send(&self.brand, &row).await;
        let now = self.brand.now();
        let next = next_of(&delivery, retry_after, now);
        let result = match &next {
            NextDelivery::Done => "delivered",
            NextDelivery::RetryAt(_) => "retried",
            NextDelivery::GiveUp => "given_up",
        };
        metrics::counter!("torana_callbacks_total", "result" => result).increment(1);
        let (brand_id, id) = (self.brand.id(), row.id);
        tracing::debug!(brand = %brand_id, id, result, status = delivery.status, "callback");
        // An endpoint that does not answer at all would not answer for its other messages either.
        let silent = match (&next, delivery.status) {
            (NextDelivery::RetryAt(until), None) => Some((self.place.endpoint.clone(), *until)),
            _ => None,
        };
        let write = move |tx: &mut Tx<'_>| {
            tx.record_delivery(&row, &delivery, next)?;
            if let Some((endpoint, until)) = &silent {
                tx.postpone_callbacks(brand_id, endpoint, now, clock::now(), *until)?;
            }
            Ok(())
        };
        if let Err(error) = dispatcher.app.store.write(Lane::Outbox(brand_id), write).await {
            tracing::error!(%error, "cannot record a delivery: it will be sent again");
            // Its place is kept for a while: a full disk must not become a flood of messages.
            tokio::time::sleep(UNRECORDED_PAUSE).await;
        }
    }
}

fn next_of(delivery: &DeliveryRow, retry_after_s: Option<i64>, now: Timestamp) -> NextDelivery {
    if delivery.status.is_some_and(|status| (200..300).contains(&status)) {
        return NextDelivery::Done;
    }
    let jitter = rand::random_range(0..=1000);
    match schedule::next_attempt(delivery.attempt, now, jitter, retry_after_s) {
        Some(at) => NextDelivery::RetryAt(at),
        None => NextDelivery::GiveUp,
    }
}
