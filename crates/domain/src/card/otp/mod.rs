//! One-time codes, by our own rules: no provider says how often a code may be tried or sent again, how long
//! it holds, or what becomes of the old one.
//!
//! A [`Challenge`] is one payer being asked for one payment. It counts, and it forgets nothing that protects
//! the holder:
//!
//! - wrong codes are counted over the whole challenge. A new code buys no new tries, else who can ask for
//!   codes can guess on;
//! - a new code ends the one before, whatever time that had left;
//! - codes are sent again only so often, and not at once: each is a message on somebody's phone;
//! - a code that is too old is not compared, so that nothing is learnt of it, and not counted;
//! - what passed once passes never again, and what is locked stays locked: only a new payment attempt, and
//!   with it a new challenge, begins anew. [`CardGuard`] counts those, by card.
//!
//! It serves on both sides. The simulated issuer knows a keyed hash of the code and asks [`Challenge::try_code`].
//! Before a live issuer, who alone knows the code, [`Challenge::may_try`] is asked first and
//! [`Challenge::answered`] told what the issuer said; a try whose answer was lost was a try.
//!
//! A code is never held, only [`CodeHash`]; and that hash of six digits is worth its key, no more.

use std::fmt;

use crate::Timestamp;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use thiserror::Error;

use super::pan::{OneTimeCode, keyed_hash};

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
    /// Minutes for which a code holds, 1 to 30. Five: a message may need two to come, and the payer one.
    pub valid_minutes: u16,
    /// How many wrong codes lock a challenge, 1 to 10. Three: 3 in 1,000,000 is the chance of who guesses.
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

/// What became of a code that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was right: the payer is the holder.
    Passed,
    /// It was wrong.
    Wrong {
        /// How many wrong codes are left before the lock; at least one.
        tries_left: u8,
    },
}

/// Why a code is not tried, or not sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The code is too old. Another may be sent.
    #[error("the code is too old")]
    CodeExpired,
    /// The whole challenge is too old.
    #[error("the time for authentication is over")]
    Expired,
    /// Too many wrong codes.
    #[error("too many wrong codes")]
    Locked,
    /// The payer was authenticated already: a code passes once.
    #[error("already authenticated")]
    AlreadyPassed,
    /// No more codes are sent.
    #[error("no more codes are sent")]
    NoMoreCodes,
    /// The last code was sent a moment ago.
    #[error("the next code can be sent in {wait_s} seconds")]
    TooSoon {
        /// Seconds until one may be sent.
        wait_s: u16,
    },
}

impl Refusal {
    /// A stable code for logs and machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::CodeExpired => "otp_code_expired",
            Self::Expired => "otp_expired",
            Self::Locked => "otp_locked",
            Self::AlreadyPassed => "otp_already_passed",
            Self::NoMoreCodes => "otp_no_more_codes",
            Self::TooSoon { .. } => "otp_too_soon",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Waiting,
    Passed,
    Locked,
}

/// One payer being asked for one payment. See the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    rules: Rules,
    began_at: Timestamp,
    code_sent_at: Timestamp,
    /// Of the code that was sent last; none where only the issuer knows it.
    code: Option<CodeHash>,
    wrong: u8,
    resent: u8,
    stage: Stage,
}

impl Challenge {
    /// The first code was sent. Without `code`, the issuer alone knows it.
    pub fn begin(rules: Rules, code: Option<CodeHash>, now: Timestamp) -> Self {
        Self {
            rules: rules.bounded(),
            began_at: now,
            code_sent_at: now,
            code,
            wrong: 0,
            resent: 0,
            stage: Stage::Waiting,
        }
    }

    /// Whether a code may be tried now. Changes nothing.
    pub fn may_try(&self, now: Timestamp) -> Result<(), Refusal> {
        self.is_waiting(now)?;
        let valid_ms = i64::from(self.rules.valid_minutes) * MINUTE_MS;
        if now.ms_since(self.code_sent_at) >= valid_ms {
            return Err(Refusal::CodeExpired);
        }
        Ok(())
    }

    /// Compares a code with the one that was sent last, and counts. Where only the issuer knows the code,
    /// every code is wrong.
    pub fn try_code(&mut self, tried: CodeHash, now: Timestamp) -> Result<Verdict, Refusal> {
        let right = self.code.is_some_and(|code| code == tried);
        self.answered(right, now)
    }

    /// Counts what the issuer said of a code. Refuses as [`Self::may_try`] would have, and then nothing
    /// changes, whatever the issuer said.
    pub fn answered(&mut self, right: bool, now: Timestamp) -> Result<Verdict, Refusal> {
        self.may_try(now)?;
        if right {
            self.stage = Stage::Passed;
            self.code = None;
            return Ok(Verdict::Passed);
        }
        self.wrong = self.wrong.saturating_add(1);
        let tries_left = self.rules.tries.saturating_sub(self.wrong);
        if tries_left == 0 {
            self.lock();
            return Err(Refusal::Locked);
        }
        Ok(Verdict::Wrong { tries_left })
    }

    /// Whether another code may be sent now. Changes nothing.
    pub fn may_resend(&self, now: Timestamp) -> Result<(), Refusal> {
        self.is_waiting(now)?;
        if self.resent >= self.rules.resends {
            return Err(Refusal::NoMoreCodes);
        }
        let wait_ms = i64::from(self.rules.resend_wait_s) * 1000;
        let left_ms = wait_ms.saturating_sub(now.ms_since(self.code_sent_at)).min(wait_ms);
        if left_ms > 0 {
            // Rounded up, within the rule.
            let wait_s = u16::try_from((left_ms + 999) / 1000).unwrap_or(self.rules.resend_wait_s);
            return Err(Refusal::TooSoon { wait_s });
        }
        Ok(())
    }

    /// Another code was sent; the one before is worth nothing from now on. Wrong codes stay counted.
    pub fn resent(&mut self, code: Option<CodeHash>, now: Timestamp) -> Result<(), Refusal> {
        self.may_resend(now)?;
        self.resent = self.resent.saturating_add(1);
        self.code = code;
        self.code_sent_at = now;
        Ok(())
    }

    /// Nothing passes any more: the issuer says so, or the payer gave up. What has passed stays so.
    pub fn lock(&mut self) {
        if self.stage == Stage::Waiting {
            self.stage = Stage::Locked;
            self.code = None;
        }
    }

    /// Whether the payer was authenticated.
    pub fn has_passed(&self) -> bool {
        self.stage == Stage::Passed
    }

    /// Whether it was locked.
    pub fn is_locked(&self) -> bool {
        self.stage == Stage::Locked
    }

    /// The rules by which it goes.
    pub const fn rules(&self) -> Rules {
        self.rules
    }

    /// How many wrong codes are left before the lock.
    pub fn tries_left(&self) -> u8 {
        if self.is_locked() { 0 } else { self.rules.tries.saturating_sub(self.wrong) }
    }

    /// How many codes may still be sent.
    pub const fn resends_left(&self) -> u8 {
        self.rules.resends.saturating_sub(self.resent)
    }

    fn is_waiting(&self, now: Timestamp) -> Result<(), Refusal> {
        match self.stage {
            Stage::Passed => Err(Refusal::AlreadyPassed),
            Stage::Locked => Err(Refusal::Locked),
            Stage::Waiting => {
                let life_ms = i64::from(self.rules.life_minutes) * MINUTE_MS;
                if now.ms_since(self.began_at) >= life_ms { Err(Refusal::Expired) } else { Ok(()) }
            }
        }
    }
}

/// Locked challenges of one card. Each new challenge brings new tries, so somebody who holds a stolen number
/// would go on with new payments: after three locks the card is not asked any more for a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardGuard {
    locks: u8,
    last_lock_at: Timestamp,
}

/// Nine guesses a day at a million codes: two centuries for an even chance.
const LOCKS_MAX: u8 = 3;
const REST_MS: i64 = 24 * 60 * MINUTE_MS;

impl CardGuard {
    /// Whether the card may be asked. A day after its last lock all is forgotten.
    pub fn may_begin(&self, now: Timestamp) -> bool {
        self.locks < LOCKS_MAX || self.is_rested(now)
    }

    /// A challenge of the card was locked.
    pub fn locked(&mut self, now: Timestamp) {
        let before = if self.is_rested(now) { 0 } else { self.locks };
        self.locks = before.saturating_add(1);
        self.last_lock_at = now;
    }

    /// The holder was authenticated: the card is in good hands.
    pub fn passed(&mut self) {
        self.locks = 0;
    }

    fn is_rested(&self, now: Timestamp) -> bool {
        now.ms_since(self.last_lock_at) >= REST_MS
    }
}

#[cfg(test)]
mod tests;
