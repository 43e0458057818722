//! Proofs of callers that are sent again unchanged, such as PortPos's tokens: found good once, they need not be searched
//! for again. What is kept is a keyed hash, never the proof.

use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota};
use quick_cache::sync::Cache;
use torana_domain::{BrandId, Timestamp};

use crate::secrets::Vault;

/// Proofs that are remembered; the least used are forgotten.
const REMEMBERED: usize = 20_000;
/// Costly searches a second and brand, and in a burst. Each takes the processor a hundredth of a second, so that nobody
/// who knows only a brand's public key can keep a server busy.
const SEARCHES_PER_S: NonZeroU32 = NonZeroU32::new(2).unwrap();
const SEARCHES_AT_ONCE: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// See the module.
pub struct Proofs {
    good: Cache<[u8; 32], Timestamp>,
    searches: DefaultKeyedRateLimiter<BrandId>,
}

/// Stands for a proof of a caller with a secret: another secret makes another one.
pub struct ProofHash([u8; 32]);

impl Default for Proofs {
    fn default() -> Self {
        let quota = Quota::per_second(SEARCHES_PER_S).allow_burst(SEARCHES_AT_ONCE);
        Self { good: Cache::new(REMEMBERED), searches: DefaultKeyedRateLimiter::keyed(quota) }
    }
}

impl Proofs {
    /// The hash under which a proof is remembered.
    pub fn hash(vault: &Vault, brand: BrandId, secret: &[u8], proof: &str) -> ProofHash {
        let secret = crate::secrets::hex(secret);
        ProofHash(vault.lookup("proof", &format!("{brand}\0{secret}\0{proof}")))
    }

    /// When a proof was made, if it was found good before.
    pub fn made_at(&self, proof: &ProofHash) -> Option<Timestamp> {
        self.good.get(&proof.0)
    }

    /// Whether a costly search may be made for a caller of that brand now. Counts it.
    pub fn may_search(&self, brand: BrandId) -> bool {
        self.searches.check_key(&brand).is_ok()
    }

    /// Remembers a proof that was found good.
    pub fn remember(&self, proof: ProofHash, made_at: Timestamp) {
        self.good.insert(proof.0, made_at);
    }

    /// Forgets brands that are within their limits again.
    pub fn sweep(&self) {
        self.searches.retain_recent();
    }
}
