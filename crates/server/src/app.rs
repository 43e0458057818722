//! What every part of the running server shares.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rand::Rng as _;
use tokio::sync::{Notify, Semaphore};
use torana_dialects::Draw;
use torana_domain::Timestamp;
use torana_rails::card::BinTable;
use torana_store::Store;

use crate::brands::Brands;
use crate::callbacks::target;
use crate::config::Config;
use crate::http::proofs::Proofs;
use crate::http::rate::RateLimiters;
use crate::secrets::Vault;

/// How long the far end of a rail may take to answer, while a payer waits.
const FAR_END_TIMEOUT: Duration = Duration::from_secs(10);

/// What every part of the running server shares. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// See [`App`].
pub struct Shared {
    /// Settings, fixed at the start.
    pub config: Config,
    /// The data.
    pub store: Store,
    /// All brands, in memory.
    pub brands: Brands,
    /// Sealing and credential hashes.
    pub vault: Vault,
    /// Scheme and host for links, without a slash at the end.
    pub public_url: String,
    /// Abuse limits.
    pub rates: RateLimiters,
    /// Callers' proofs that were found good.
    pub proofs: Proofs,
    /// When it was last looked whether the store can be written, and whether it could.
    pub probed: tokio::sync::Mutex<Option<(Instant, bool)>>,
    /// Messages of phones that are tried again because the store was away: see `devices::keep_stubbornly`.
    pub kept_later: Arc<Semaphore>,
    /// Set when the server is told to stop: it still serves, but wants no more.
    pub leaving: AtomicBool,
    /// Counts the payments that this node drew a number for, and from where in each millisecond.
    pub drawn: AtomicU64,
    /// See [`Shared::drawn`]: keyed anew by each process.
    pub sequence_start: RandomState,
    /// Asks rails' far ends that are not on this machine.
    pub far: reqwest::Client,
    /// Asks the far ends of test mode, which this server plays itself.
    pub near: reqwest::Client,
    /// Whose cards are whose.
    pub bins: BinTable,
    /// Wakes the callback worker: something was committed that merchants are owed.
    pub callbacks_due: Notify,
}

impl std::ops::Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl App {
    /// Ties the parts together.
    pub fn new(
        config: Config,
        store: Store,
        vault: Vault,
        public_url: String,
    ) -> anyhow::Result<Self> {
        let brands = Brands::load(store.clone(), vault.clone())?;
        let rates = RateLimiters::new(&config.rate_limits, store.is_shared());
        let callbacks_due = Notify::new();
        let far = target::client(true, FAR_END_TIMEOUT)?;
        let near = target::client(false, FAR_END_TIMEOUT)?;
        let bins = config.cards.bins()?;
        Ok(Self(Arc::new(Shared {
            config,
            store,
            brands,
            vault,
            public_url,
            rates,
            proofs: Proofs::default(),
            probed: tokio::sync::Mutex::default(),
            kept_later: Arc::new(Semaphore::new(crate::devices::KEPT_LATER)),
            leaving: AtomicBool::new(false),
            drawn: AtomicU64::new(0),
            sequence_start: RandomState::new(),
            far,
            near,
            bins,
            callbacks_due,
        })))
    }

    /// From what the number of a payment that is made at `at` is drawn.
    pub fn draw(&self, at: Timestamp) -> Draw {
        let start = self.sequence_start.hash_one(at.as_ms());
        let count = self.drawn.fetch_add(1, Ordering::Relaxed);
        Draw { random: self.random(), sequence: start.wrapping_add(count) }
    }

    /// 64 random bits, for identifiers.
    pub fn random(&self) -> u64 {
        rand::rng().next_u64()
    }
}
