//! Subscriptions: a payment that comes again. Each period has a payment of its own, which the payer pays like any other:
//! no rail of a personal wallet can be charged without its owner.
//!
//! A subscription is known by its first payment. It ends when all payments were made and paid, when one was not paid, or
//! when the merchant ends it.

mod terms;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use terms::{OffTheCalendar, Offers, Period, Terms, Unit};

use crate::{Money, PaymentId, Timestamp};

/// Where a subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionState {
    /// Payments come.
    Running,
    /// The merchant ended it, and the current period still runs.
    Ending,
    /// The merchant ended it.
    Cancelled,
    /// All payments were made and paid.
    Completed,
    /// A payment was not paid in its time, or was charged back.
    Lapsed,
}

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Its first payment, by which it is known.
    pub first: PaymentId,
    /// Counts its changes, from one.
    pub version: u32,
    /// Where it stands.
    pub state: SubscriptionState,
    /// What was agreed.
    pub terms: Terms,
    /// How many payments were made so far; the first counts.
    pub made: u32,
    /// The period of [`Terms::due`] whose payment comes next.
    pub next_period: u32,
    /// When it is looked at next; none once it is over. Not later than the next payment is due.
    pub next_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ended, if it did.
    pub ended_at: Option<Timestamp>,
}

/// How the payments of a subscription stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether the first was paid.
    pub has_begun: bool,
    /// Whether one was declined, cancelled, not paid in its time, or charged back.
    pub is_broken: bool,
    /// When the first of those that can still be paid expires; none if none can.
    pub open_until: Option<Timestamp>,
    /// How many regular ones were paid, and neither refunded whole nor charged back.
    pub paid: u32,
}

/// What is to be done with a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// Nothing yet.
    NotYet,
    /// It changes, without a payment.
    Change(Subscription),
    /// A payment of that amount is to be made, which expires at that time.
    Pay {
        /// The subscription as it then is.
        next: Subscription,
        /// Of how much.
        amount: Money,
        /// Until when it can be paid.
        expires_at: Timestamp,
    },
}

/// How soon, in milliseconds, one whose payments are still open is looked at again, and how late at the latest.
const LOOK_SOON_MS: i64 = 60 * 1000;
const LOOK_LATE_MS: i64 = 60 * 60 * 1000;
/// Periods that may have gone by unseen, such as while no server ran: the daily ones of a century.
const PERIODS_SKIPPED: u32 = 40_000;

impl Subscription {
    /// A subscription whose first payment is being made at `now`, and expires at `first_expires_at` if unpaid.
    pub fn start(
        first: PaymentId,
        terms: Terms,
        now: Timestamp,
        first_expires_at: Timestamp,
    ) -> Result<Self, OffTheCalendar> {
        let started = Self {
            first,
            version: 1,
            state: SubscriptionState::Running,
            made: 1,
            next_period: u32::from(terms.first_is_regular),
            terms,
            next_at: None,
            created_at: now,
            ended_at: None,
        };
        // An end that is on no calendar is refused now rather than in the middle.
        started.over_at()?;
        let next_at = started.next_due()?.min(first_expires_at);
        Ok(Self { next_at: Some(next_at), ..started })
    }

    /// How many regular payments were made.
    pub fn regular(&self) -> u32 {
        self.made.saturating_sub(u32::from(!self.terms.first_is_regular))
    }

    /// When the last period will be over; none if there is no end.
    pub fn over_at(&self) -> Result<Option<Timestamp>, OffTheCalendar> {
        if self.state == SubscriptionState::Ending {
            return self.next_due().map(Some);
        }
        if self.terms.payments == 0 {
            return Ok(None);
        }
        let left = self.terms.payments.saturating_sub(self.regular());
        self.terms.due(self.created_at, self.next_period.saturating_add(left)).map(Some)
    }

    /// When the next payment comes and of how much it will be; none if none comes.
    pub fn next_payment(&self) -> Option<(Timestamp, Money)> {
        let all = self.terms.payments;
        let comes = self.state == SubscriptionState::Running && (all == 0 || self.regular() < all);
        let due = self.next_due().ok().filter(|_| comes)?;
        Some((due, self.terms.price(self.regular())))
    }

    fn next_due(&self) -> Result<Timestamp, OffTheCalendar> {
        self.terms.due(self.created_at, self.next_period)
    }

    /// What is to be done at `now`. A payment is made when its period begins, whether or not those before it are paid
    /// already; one that can no longer be paid ends it all. Of periods that went by unseen only the current one is asked for.
    pub fn renew(&self, standing: &Standing, now: Timestamp) -> Result<Renewal, OffTheCalendar> {
        if self.next_at.is_none_or(|at| at > now) {
            return Ok(Renewal::NotYet);
        }
        let due = self.next_due()?;
        if self.state == SubscriptionState::Ending {
            return Ok(Renewal::Change(match now < due {
                true => Self { next_at: Some(due), ..self.changed() },
                false => self.ended(SubscriptionState::Cancelled, due),
            }));
        }
        if standing.is_broken {
            return Ok(Renewal::Change(self.ended(SubscriptionState::Lapsed, now)));
        }
        let all_made = self.terms.payments != 0 && self.regular() >= self.terms.payments;
        let waits = now < due || !standing.has_begun || (all_made && standing.open_until.is_some());
        if waits {
            let next_at = Some(look_at(due, standing, now));
            return Ok(Renewal::Change(Self { next_at, ..self.changed() }));
        }
        if all_made {
            return Ok(Renewal::Change(self.ended(SubscriptionState::Completed, due)));
        }
        let current = self.period_at(now)?;
        let expires_at = now.plus_ms(self.terms.grace_ms);
        let mut next = Self {
            made: self.made.saturating_add(1),
            next_period: current.saturating_add(1),
            ..self.changed()
        };
        next.next_at = Some(next.next_due()?.min(expires_at));
        Ok(Renewal::Pay { next, amount: self.terms.price(self.regular()), expires_at })
    }

    /// The period that runs at `now`, of which the next one is the earliest.
    fn period_at(&self, now: Timestamp) -> Result<u32, OffTheCalendar> {
        let mut current = self.next_period;
        for _ in 0..PERIODS_SKIPPED {
            if self.terms.due(self.created_at, current.saturating_add(1))? > now {
                break;
            }
            current = current.saturating_add(1);
        }
        Ok(current)
    }

    /// The merchant ends it; none if it is over, or ending, already. Payments that are still open are for the caller to
    /// cancel, unless it ends with its period.
    pub fn end(&self, now: Timestamp) -> Option<Self> {
        match self.state {
            SubscriptionState::Running if self.terms.ends_with_period => {
                Some(Self { state: SubscriptionState::Ending, ..self.changed() })
            }
            SubscriptionState::Running => Some(self.ended(SubscriptionState::Cancelled, now)),
            SubscriptionState::Ending
            | SubscriptionState::Cancelled
            | SubscriptionState::Completed
            | SubscriptionState::Lapsed => None,
        }
    }

    fn changed(&self) -> Self {
        Self { version: self.version.saturating_add(1), ..self.clone() }
    }

    fn ended(&self, state: SubscriptionState, at: Timestamp) -> Self {
        Self { state, next_at: None, ended_at: Some(at), ..self.changed() }
    }
}

/// When one that waits is looked at again: when its next payment is due, or a payment that is open expires, but neither
/// at once nor much later.
fn look_at(due: Timestamp, standing: &Standing, now: Timestamp) -> Timestamp {
    let latest = if due > now { due } else { now.plus_ms(LOOK_LATE_MS) };
    let expiry = standing.open_until.unwrap_or(latest);
    expiry.max(now.plus_ms(LOOK_SOON_MS)).min(latest)
}
