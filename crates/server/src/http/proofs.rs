//! Proofs of callers that are sent again unchanged, such as PortPos's tokens: found good once, they need not be searched
//! for again; found wrong, neither. What is kept is a keyed hash, never the proof.
//!
//! A search keeps a processor busy for about a tenth of a second where a week has to be looked through. So there is one at a
//! time, a caller may cause only so many, and whoever waits too long is asked to come again: nobody who knows only a
//! brand's public key can keep the server busy, or another caller of that brand out.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::{DefaultKeyedRateLimiter, Quota};
use quick_cache::sync::Cache;
use tokio::sync::{Semaphore, SemaphorePermit};
use torana_domain::{BrandId, Timestamp};

use crate::http::rate::Client;
use crate::secrets::{Vault, hex};

/// Proofs that are remembered, good and wrong; the least used are forgotten.
const REMEMBERED: usize = 20_000;
/// How long, in milliseconds, a wrong proof is remembered: one that is made for a time to come may turn good.
const WRONG_MS: i64 = 10 * 60 * 1000;
/// Searches that one address may cause for one brand: a second, and in a burst.
const SEARCHES_PER_S: NonZeroU32 = NonZeroU32::new(1).unwrap();
const SEARCHES_AT_ONCE: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// How long a caller waits for its search to begin.
const PATIENCE: Duration = Duration::from_secs(3);

/// See the module.
pub struct Proofs {
    /// When each was last found good, by the server's clock.
    good: Cache<[u8; 32], Timestamp>,
    /// When each was found wrong.
    wrong: Cache<[u8; 32], Timestamp>,
    searches: DefaultKeyedRateLimiter<(BrandId, Client)>,
    turn: Semaphore,
}

/// Stands for a proof of a caller with a secret: another secret makes another one.
#[derive(Clone, Copy)]
pub struct ProofHash([u8; 32]);

impl ProofHash {
    /// Of a brand's proof.
    pub fn new(vault: &Vault, brand: BrandId, secret: &[u8], proof: &str) -> Self {
        Self(vault.lookup("proof", &format!("{brand}\0{}\0{proof}", hex(secret))))
    }
}

impl Default for Proofs {
    fn default() -> Self {
        let quota = Quota::per_second(SEARCHES_PER_S).allow_burst(SEARCHES_AT_ONCE);
        Self {
            good: Cache::new(REMEMBERED),
            wrong: Cache::new(REMEMBERED),
            searches: DefaultKeyedRateLimiter::keyed(quota),
            turn: Semaphore::new(1),
        }
    }
}

impl Proofs {
    /// When a proof was last found good, if it was.
    pub fn good_at(&self, proof: ProofHash) -> Option<Timestamp> {
        self.good.get(&proof.0)
    }

    /// Whether a proof was found wrong a short while ago.
    pub fn is_wrong(&self, proof: ProofHash, now: Timestamp) -> bool {
        self.wrong.get(&proof.0).is_some_and(|at| now.ms_since(at) < WRONG_MS)
    }

    /// Remembers a proof that was found good now.
    pub fn note_good(&self, proof: ProofHash, now: Timestamp) {
        self.good.insert(proof.0, now);
    }

    /// Remembers a proof that was found wrong now.
    pub fn note_wrong(&self, proof: ProofHash, now: Timestamp) {
        self.wrong.insert(proof.0, now);
    }

    /// The turn to search, for a caller of that brand; none if it caused too many, or would wait too long.
    pub async fn turn(&self, brand: BrandId, client: Client) -> Option<SemaphorePermit<'_>> {
        self.searches.check_key(&(brand, client)).ok()?;
        tokio::time::timeout(PATIENCE, self.turn.acquire()).await.ok()?.ok()
    }

    /// Forgets callers that are within their limits again.
    pub fn sweep(&self) {
        self.searches.retain_recent();
    }
}
