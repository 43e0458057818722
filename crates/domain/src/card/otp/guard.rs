//! What is counted over all the challenges of one card.

use serde::{Deserialize, Serialize};

use super::MINUTE_MS;
use crate::Timestamp;

/// Two challenges' worth, as banks allow before they ask their customer to call. Six guesses a day at a million codes:
/// three centuries for an even chance. A payer who mistypes once in every payment is still served five times a day.
const WRONG_A_DAY_MAX: usize = 6;
/// Payers who buy often prove themselves often, and what was proved does not count; what is begun and not proved is a
/// message on the holder's phone that nobody asked for, and the first half of a guess.
const UNPROVED_A_DAY_MAX: usize = 10;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// Wrong codes and unproved challenges of one card in the last 24 hours, whatever payments they were for; over which shops is decided by who keeps it. Each
/// new challenge brings new tries, so somebody who holds a stolen number would go on with new payments, and stop each
/// of them before its lock: here nothing is forgotten before its day is over, not even when a payment passes in between.
///
/// Ask it before every challenge and before every try, in one transaction with the challenge. A code is best counted as
/// [wrong](Self::wrong) *before* its issuer is asked, so that payments side by side do not guess more together, and taken
/// back by [`Self::not_wrong`] when the answer is that it was right or too old.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardGuard {
    /// When; oldest first.
    wrong: Vec<Timestamp>,
    /// When; oldest first.
    unproved: Vec<Timestamp>,
}

impl CardGuard {
    /// Whether the holder may be asked for another payment.
    pub fn may_begin(&self, now: Timestamp) -> bool {
        self.may_try(now) && within_a_day(&self.unproved, now) < UNPROVED_A_DAY_MAX
    }

    /// The holder is asked. Counted before the issuer is told to.
    pub fn begun(&mut self, now: Timestamp) {
        count(&mut self.unproved, UNPROVED_A_DAY_MAX, now);
    }

    /// Whether a code may be tried.
    pub fn may_try(&self, now: Timestamp) -> bool {
        within_a_day(&self.wrong, now) < WRONG_A_DAY_MAX
    }

    /// A code was wrong, or is about to be tried.
    pub fn wrong(&mut self, now: Timestamp) {
        count(&mut self.wrong, WRONG_A_DAY_MAX, now);
    }

    /// What was counted as wrong at that time was not.
    pub fn not_wrong(&mut self, counted_at: Timestamp) {
        take_back(&mut self.wrong, |at| at == counted_at);
    }

    /// A holder was authenticated: the last of the challenges is not unproved. Wrong codes stay counted.
    pub fn passed(&mut self, now: Timestamp) {
        take_back(&mut self.unproved, |at| now.ms_since(at) < DAY_MS);
    }
}

/// What is later than now, by another machine's clock, counts too.
fn within_a_day(times: &[Timestamp], now: Timestamp) -> usize {
    times.iter().filter(|at| now.ms_since(**at) < DAY_MS).count()
}

/// Keeps no more than decide anything: the last so many, and none whose day is over.
fn count(times: &mut Vec<Timestamp>, max: usize, now: Timestamp) {
    times.retain(|at| now.ms_since(*at) < DAY_MS);
    times.push(now);
    times.sort();
    let more = times.len().saturating_sub(max);
    times.drain(..more);
}

fn take_back(times: &mut Vec<Timestamp>, is_meant: impl Fn(Timestamp) -> bool) {
    if let Some(at) = times.iter().rposition(|at| is_meant(*at)) {
        times.remove(at);
    }
}
