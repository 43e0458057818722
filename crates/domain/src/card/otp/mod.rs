//! One-time codes, by our own rules: no provider says how often a code may be tried or sent again, how long
//! it holds, or what becomes of the old one.
//!
//! A [`Challenge`] is one payer being asked for one payment. It counts, and it forgets nothing that protects
//! the holder:
//!
//! - a try is counted before the issuer is asked ([`Challenge::begin_try`]), and stored so: an answer that is
//!   lost, or a second process that asks at the same time, buys nobody another try;
//! - what an answer means is judged by when its try began ([`Challenge::answered`]);
//! - tries are counted over the whole challenge. A new code buys no new ones, else who can ask for codes can
//!   guess on;
//! - a new code ends the one before, whatever time that had left. How long it holds, its issuer says;
//! - codes are sent again only so often, and not at once: each is a message on somebody's phone. They too are
//!   counted before they are asked for ([`Challenge::begin_resend`]);
//! - a code that is too old proves nothing and tells nothing, so it is not asked about, and where the issuer
//!   finds it too old the try is given back;
//! - what passed once passes never again, and what is locked stays locked: only a new payment attempt, and
//!   with it a new challenge, begins anew. [`CardGuard`] counts over those, by card.
//!
//! It serves on both sides. The simulated issuer knows a keyed hash of the code, which [`Challenge::compare`]
//! compares; a live issuer alone knows its code, and says what it is.
//!
//! A code is never held, only [`CodeHash`]; and that hash of six digits is worth its key, no more.

use std::fmt;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use super::pan::{OneTimeCode, keyed_hash};

mod challenge;
mod guard;

pub use challenge::{Challenge, Refusal, Resend, ResendAnswer, Try, TryAnswer, Verdict};
pub use guard::CardGuard;

/// Parts these hashes from every other use of the same key.
const PURPOSE: &[u8] = b"torana/card/one-time-code/v1";
const MINUTE_MS: i64 = 60 * 1000;
/// What the network's field for the minutes can hold.
const VALID_MINUTES_MAX: u16 = 30;
const TRIES_MAX: u8 = 10;
const RESENDS_MAX: u8 = 10;
const WAIT_S_MAX: u16 = 600;
const LIFE_MINUTES_MAX: u16 = 120;

/// How strict challenges are. A challenge keeps those with which it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Minutes for which a code of our own simulated issuer holds, 1 to 30; a live one says it itself. Five: a message may need two to come, and the payer one.
    pub valid_minutes: u16,
    /// How many codes may be tried; when none of them passed the challenge is locked; 1 to 10. Three: 3 in 1,000,000 is the chance of who guesses.
    pub tries: u8,
    /// How many codes may follow the first, 0 to 10. Three: who has none by then has another problem.
    pub resends: u8,
    /// Seconds between two codes, up to 600. Ten: a published exchange with IPG asks again after fifteen and
    /// is given a code, and before ten the first is not even late.
    pub resend_wait_s: u16,
    /// Minutes after which nothing passes any more, whatever was sent again, up to 120. Fifteen: no page is
    /// left open for longer in good faith.
    pub life_minutes: u16,
}

impl Default for Rules {
    fn default() -> Self {
        Self { valid_minutes: 5, tries: 3, resends: 3, resend_wait_s: 10, life_minutes: 15 }
    }
}

impl Rules {
    /// The rules of test mode: codes hold one minute, as IPG's test host says of its own, and follow each other
    /// at once, because programs ask for them.
    pub const TEST: Self =
        Self { valid_minutes: 1, tries: 3, resends: 3, resend_wait_s: 0, life_minutes: 15 };

    /// The nearest rules within the bounds that each field names: a misconfigured gateway is still careful.
    #[must_use]
    pub fn bounded(self) -> Self {
        Self {
            valid_minutes: self.valid_minutes.clamp(1, VALID_MINUTES_MAX),
            tries: self.tries.clamp(1, TRIES_MAX),
            resends: self.resends.min(RESENDS_MAX),
            resend_wait_s: self.resend_wait_s.min(WAIT_S_MAX),
            life_minutes: self.life_minutes.clamp(1, LIFE_MINUTES_MAX),
        }
    }
}

/// A keyed hash of a code, bound to its challenge. Compared in constant time.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CodeHash([u8; 32]);

impl CodeHash {
    /// Of the code of one challenge. The same code of another challenge has another hash.
    pub fn of(key: &[u8], challenge: &str, code: &OneTimeCode) -> Self {
        Self(keyed_hash(key, &[PURPOSE, challenge.as_bytes(), code.reveal().as_bytes()]))
    }
}

impl PartialEq for CodeHash {
    fn eq(&self, other: &Self) -> bool {
        bool::from(self.0.ct_eq(&other.0))
    }
}

impl Eq for CodeHash {}

impl fmt::Debug for CodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeHash(…)")
    }
}

#[cfg(test)]
mod tests;
