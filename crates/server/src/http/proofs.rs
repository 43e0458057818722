//! Proofs of callers that are sent again unchanged, such as PortPos's tokens: found good once, they need not be searched
//! for again; found wrong, neither. What is kept is a keyed hash, never the proof.
//!
//! A search keeps a processor busy for about a tenth of a second where a week has to be looked through. So a caller may
//! cause only so many, a brand's take turns, and brands take turns with each other for half of the processors, or one: who
//! knows only a brand's public key does not hold up another brand for long. From many addresses he can hold up searches of
//! that one brand, which is then asked to come again; its fresh and its remembered tokens need no search and are let in
//! all the while.
//!
//! What is remembered lives in memory: after a restart, and at another node, an old token is searched for again.

use std::collections::HashMap;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::{DefaultKeyedRateLimiter, Quota};
use quick_cache::sync::Cache;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use torana_domain::{BrandId, Timestamp};

use crate::http::rate::Client;
use crate::secrets::{Vault, hex};

/// Proofs that are remembered, good and wrong; the least used are forgotten.
const REMEMBERED: usize = 20_000;
/// How long, in milliseconds, a wrong proof is remembered: one that is made for a time to come may turn good.
const WRONG_MS: i64 = 10 * 60 * 1000;
/// How long, in milliseconds, it is remembered for what a proof was used: twice as long as one is good.
const PINNED_MS: i64 = 10 * 60 * 1000;
/// Searches that one address may cause for one brand: a second, and in a burst.
const SEARCHES_PER_S: NonZeroU32 = NonZeroU32::new(1).unwrap();
const SEARCHES_AT_ONCE: NonZeroU32 = NonZeroU32::new(3).unwrap();
/// How long a caller waits for its search to begin.
const PATIENCE: Duration = Duration::from_secs(3);

/// See the module.
pub struct Proofs {
    /// When each was last found good, by the server's clock.
    good: Cache<[u8; 32], Timestamp>,
    /// When each was found wrong.
    wrong: Cache<[u8; 32], Timestamp>,
    /// For which target each that names none was used, and when.
    pinned: Cache<[u8; 32], ([u8; 32], Timestamp)>,
    searches: DefaultKeyedRateLimiter<(BrandId, Client)>,
    /// One place for each brand that ever searched.
    by_brand: Mutex<HashMap<BrandId, Arc<Semaphore>>>,
    /// Fair: at most one search of each brand waits here.
    all: Semaphore,
}

/// The turn to search, until it is dropped.
pub struct Turn<'a> {
    _all: SemaphorePermit<'a>,
    _brand: OwnedSemaphorePermit,
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
    /// Searches take at most half of the processors.
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self::new((processors / 2).max(1))
    }
}

impl Proofs {
    /// With searches of so many brands beside each other.
    fn new(brands_at_once: usize) -> Self {
        let quota = Quota::per_second(SEARCHES_PER_S).allow_burst(SEARCHES_AT_ONCE);
        Self {
            good: Cache::new(REMEMBERED),
            wrong: Cache::new(REMEMBERED),
            pinned: Cache::new(REMEMBERED),
            searches: DefaultKeyedRateLimiter::keyed(quota),
            by_brand: Mutex::default(),
            all: Semaphore::new(brands_at_once),
        }
    }

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

    /// Whether a proof that names no target may be used for that one: it may for the first, and for no other within a
    /// while in which it is good. Each node remembers what it has seen itself.
    pub fn may_use_for(&self, proof: ProofHash, target: ProofHash, now: Timestamp) -> bool {
        let used = self.pinned.get(&proof.0).filter(|(_, at)| now.ms_since(*at) < PINNED_MS);
        if let Some((used_for, _)) = used {
            return used_for == target.0;
        }
        self.pinned.insert(proof.0, (target.0, now));
        true
    }

    /// Whether that caller may cause another search among that brand's; it counts as one.
    pub fn may_search(&self, brand: BrandId, client: Client) -> bool {
        self.searches.check_key(&(brand, client)).is_ok()
    }

    /// The turn to search among a brand's; none for who would wait too long.
    pub async fn turn(&self, brand: BrandId) -> Option<Turn<'_>> {
        let place = {
            let mut places = self.by_brand.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(places.entry(brand).or_insert_with(|| Arc::new(Semaphore::new(1))))
        };
        let turn = async {
            let brand = place.acquire_owned().await.ok()?;
            let all = self.all.acquire().await.ok()?;
            Some(Turn { _all: all, _brand: brand })
        };
        tokio::time::timeout(PATIENCE, turn).await.ok()?
    }

    /// Forgets callers that are within their limits again.
    pub fn sweep(&self) {
        self.searches.retain_recent();
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn client(last: u8) -> Client {
        Client::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)))
    }

    #[tokio::test(start_paused = true)]
    async fn a_brand_that_is_held_up_holds_up_no_other() {
        let proofs = Proofs::new(2);
        let (victim, other) = (BrandId(1), BrandId(2));
        let held = proofs.turn(victim).await;
        assert!(held.is_some());
        assert!(proofs.turn(victim).await.is_none(), "one at a time");
        assert!(proofs.turn(other).await.is_some());
        drop(held);
        assert!(proofs.turn(victim).await.is_some());
    }

    #[test]
    fn a_proof_is_good_for_one_target() {
        let proofs = Proofs::new(1);
        let vault = Vault::new(&[1; 32]).unwrap();
        let hash = |text: &str| ProofHash::new(&vault, BrandId(1), b"secret", text);
        let at = Timestamp::from_s;
        assert!(proofs.may_use_for(hash("mac"), hash("POST /a"), at(0)));
        assert!(proofs.may_use_for(hash("mac"), hash("POST /a"), at(1)), "a repetition");
        assert!(!proofs.may_use_for(hash("mac"), hash("POST /b"), at(599)));
        assert!(proofs.may_use_for(hash("other"), hash("POST /b"), at(1)));
        assert!(proofs.may_use_for(hash("mac"), hash("POST /b"), at(600)), "it is good no more");
    }

    #[test]
    fn one_caller_causes_only_so_many() {
        let proofs = Proofs::new(1);
        for _ in 0..SEARCHES_AT_ONCE.get() {
            assert!(proofs.may_search(BrandId(1), client(1)));
        }
        assert!(!proofs.may_search(BrandId(1), client(1)));
        assert!(proofs.may_search(BrandId(1), client(2)));
    }
}
