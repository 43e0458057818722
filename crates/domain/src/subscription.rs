//! Subscriptions: a payment that comes again. Each period has a payment of its own, which the payer pays like any other:
//! no rail of a personal wallet can be charged without its owner.
//!
//! A subscription is known by its first payment. It ends when all payments were made and paid, when one was not paid, or
//! when the merchant ends it.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::{Span, ToSpan as _};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::payment::Payment;
use crate::{Money, PaymentId, Timestamp};

/// The calendar's unit of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A day.
    Daily,
    /// A week, from Monday.
    Weekly,
    /// A month.
    Monthly,
    /// Three months, from January, April, July or October.
    Quarterly,
    /// Six months, from January or July.
    HalfYearly,
    /// A year.
    Yearly,
}

/// How often a payment comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The unit.
    pub unit: Unit,
    /// So many units; at least one.
    pub interval: u32,
}

/// The first payments at another price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offers {
    /// Of how much each is.
    pub amount: Money,
    /// How many.
    pub payments: u32,
}

/// What was agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Of how much each payment is.
    pub amount: Money,
    /// How often one comes.
    pub period: Period,
    /// Whether periods begin with the calendar's unit, and the first payment is for the rest of the current one.
    pub prorated: bool,
    /// How many payments there are; zero for no end. What is paid before [`Terms::begins_at`] is not counted.
    pub payments: u32,
    /// The first payments' price, if it is another.
    pub offers: Option<Offers>,
    /// When the first period begins, if not at once: after a trial, or on a date. The first payment is then of its own
    /// price, and the next comes at that time.
    pub begins_at: Option<Timestamp>,
    /// How long, in milliseconds, a payment of a later period may be paid.
    pub grace_ms: i64,
    /// Whether an end that the merchant asks for waits for the current period's.
    pub ends_with_period: bool,
    /// How far the calendar is ahead of UTC, in milliseconds.
    pub calendar_ms: i64,
}

/// A time that is on no calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the calendar ends before that")]
pub struct OffTheCalendar;

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
    /// A payment was not paid.
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
    /// When something is to be done next; none once it is over.
    pub next_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ended, if it did.
    pub ended_at: Option<Timestamp>,
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

impl Terms {
    /// When the `n`-th regular payment is due, from zero, for a subscription that was made at `created`. The first
    /// payment of a prorated one is due when it is made.
    pub fn due(&self, created: Timestamp, n: u32) -> Result<Timestamp, OffTheCalendar> {
        let start = self.begins_at.unwrap_or(created);
        let civil = self.civil(start)?;
        let step = |from: DateTime, times: u32| {
            let span = self.span(times)?;
            from.checked_add(span).map_err(|_| OffTheCalendar)
        };
        let due = match (self.prorated, n) {
            (_, 0) => return Ok(start),
            (false, n) => step(civil, n)?,
            (true, n) => {
                let unit = self.unit_start(civil.date())?;
                step(unit.to_datetime(jiff::civil::Time::midnight()), n)?
            }
        };
        self.timestamp(due)
    }

    /// When the last regular period is over; none if there is no end.
    pub fn over_at(&self, created: Timestamp) -> Result<Option<Timestamp>, OffTheCalendar> {
        match self.payments {
            0 => Ok(None),
            n => self.due(created, n).map(Some),
        }
    }

    /// Of how much the first payment is, made at `created`, unless it has a price of its own: the part of the price for the
    /// whole days that are left of the calendar's period, where that is asked for. Never less than one minor unit.
    pub fn first_amount(&self, created: Timestamp) -> Result<Money, OffTheCalendar> {
        let price = self.price(0);
        if !self.prorated || self.begins_at.is_some() {
            return Ok(price);
        }
        let next = self.civil(self.due(created, 1)?)?.date();
        let from = self.unit_start(self.civil(created)?.date())?;
        let today = self.civil(created)?.date();
        // The day on which it is made is not charged for: 18 November pays for 12 of 30 days.
        let days =
            |from: Date, to: Date| from.until(to).map_or(0, |span| i64::from(span.get_days()));
        let (left, whole) = ((days(today, next) - 1).max(0), days(from, next).max(1));
        let part = i128::from(price.minor()) * i128::from(left) / i128::from(whole);
        let minor = i64::try_from(part).unwrap_or(price.minor()).max(1);
        Ok(Money::from_minor(minor, price.currency()))
    }

    /// The price of the `n`-th regular payment, from zero.
    pub fn price(&self, n: u32) -> Money {
        match self.offers {
            Some(offers) if n < offers.payments => offers.amount,
            _ => self.amount,
        }
    }

    fn span(&self, times: u32) -> Result<Span, OffTheCalendar> {
        let count = i64::from(self.period.interval.max(1)) * i64::from(times);
        let span = match self.period.unit {
            Unit::Daily => Span::new().try_days(count),
            Unit::Weekly => Span::new().try_weeks(count),
            Unit::Monthly => Span::new().try_months(count),
            Unit::Quarterly => Span::new().try_months(count.saturating_mul(3)),
            Unit::HalfYearly => Span::new().try_months(count.saturating_mul(6)),
            Unit::Yearly => Span::new().try_years(count),
        };
        span.map_err(|_| OffTheCalendar)
    }

    /// The first day of the calendar's unit in which a day is.
    fn unit_start(&self, day: Date) -> Result<Date, OffTheCalendar> {
        let month = |months: i8| {
            let first = (day.month() - 1) / months * months + 1;
            Date::new(day.year(), first, 1)
        };
        let start = match self.period.unit {
            Unit::Daily => Ok(day),
            Unit::Weekly => {
                let since = i64::from(Weekday::Monday.until(day.weekday()));
                day.checked_sub(since.days())
            }
            Unit::Monthly => month(1),
            Unit::Quarterly => month(3),
            Unit::HalfYearly => month(6),
            Unit::Yearly => month(12),
        };
        start.map_err(|_| OffTheCalendar)
    }

    fn civil(&self, at: Timestamp) -> Result<DateTime, OffTheCalendar> {
        let local = at.plus_ms(self.calendar_ms).as_ms();
        let local = jiff::Timestamp::from_millisecond(local).map_err(|_| OffTheCalendar)?;
        Ok(jiff::tz::Offset::UTC.to_datetime(local))
    }

    fn timestamp(&self, at: DateTime) -> Result<Timestamp, OffTheCalendar> {
        let local = jiff::tz::Offset::UTC.to_timestamp(at).map_err(|_| OffTheCalendar)?;
        Ok(Timestamp::from_ms(local.as_millisecond()).plus_ms(-self.calendar_ms))
    }
}

impl Subscription {
    /// A subscription whose first payment is being made at `now`.
    pub fn start(first: PaymentId, terms: Terms, now: Timestamp) -> Result<Self, OffTheCalendar> {
        let next_at = Some(match terms.begins_at {
            Some(begins_at) => begins_at,
            None => terms.due(now, 1)?,
        });
        // An end that is on no calendar is refused now rather than in the middle.
        terms.over_at(now)?;
        let state = SubscriptionState::Running;
        Ok(Self {
            first,
            version: 1,
            state,
            terms,
            made: 1,
            next_at,
            created_at: now,
            ended_at: None,
        })
    }

    /// How many regular payments were made: one before the first period began is none.
    pub fn regular(&self) -> u32 {
        self.made.saturating_sub(u32::from(self.terms.begins_at.is_some()))
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.ended_at.is_some()
    }

    /// When the next payment comes and of how much it will be; none if none comes.
    pub fn next_payment(&self) -> Option<(Timestamp, Money)> {
        let at = self.next_at.filter(|_| self.state == SubscriptionState::Running)?;
        let all = self.terms.payments;
        (all == 0 || self.regular() < all).then(|| (at, self.terms.price(self.regular())))
    }

    /// What is to be done at `now`, given the last payment that it made.
    pub fn renew(&self, last: &Payment, now: Timestamp) -> Result<Renewal, OffTheCalendar> {
        let Some(next_at) = self.next_at.filter(|at| *at <= now) else {
            return Ok(Renewal::NotYet);
        };
        if self.state == SubscriptionState::Ending {
            return Ok(Renewal::Change(self.ended(SubscriptionState::Cancelled, next_at)));
        }
        // What is still open may be paid yet: looked at again when it no longer can be.
        if last.state.is_open() {
            let wait = last.order.expires_at.max(now.plus_ms(1));
            return Ok(Renewal::Change(Self { next_at: Some(wait), ..self.changed() }));
        }
        if !last.state.is_paid() {
            return Ok(Renewal::Change(self.ended(SubscriptionState::Lapsed, now)));
        }
        let n = self.regular();
        if self.terms.payments != 0 && n >= self.terms.payments {
            return Ok(Renewal::Change(self.ended(SubscriptionState::Completed, next_at)));
        }
        // A payment that comes late, since nobody looked, is followed by the next at its own time.
        let next = Self {
            made: self.made.saturating_add(1),
            next_at: Some(self.terms.due(self.created_at, n + 1)?),
            ..self.changed()
        };
        let expires_at = now.plus_ms(self.terms.grace_ms);
        Ok(Renewal::Pay { next, amount: self.terms.price(n), expires_at })
    }

    /// The merchant ends it; none if it is over, or ending, already.
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::payment::{Command, Customer, NewPayment, Order, PaymentState, Urls, decide};
    use crate::{BrandId, Currency};

    const DHAKA_MS: i64 = 6 * 60 * 60 * 1000;
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;

    /// A time in Dhaka.
    fn at(text: &str) -> Timestamp {
        let civil: DateTime = text.parse().unwrap();
        let utc = jiff::tz::Offset::UTC.to_timestamp(civil).unwrap();
        Timestamp::from_ms(utc.as_millisecond() - DHAKA_MS)
    }

    fn bdt(minor: i64) -> Money {
        Money::from_minor(minor, Currency::BDT)
    }

    fn terms(unit: Unit, payments: u32) -> Terms {
        Terms {
            amount: bdt(3_000),
            period: Period { unit, interval: 1 },
            prorated: false,
            payments,
            offers: None,
            begins_at: None,
            grace_ms: 3 * DAY_MS,
            ends_with_period: false,
            calendar_ms: DHAKA_MS,
        }
    }

    fn payment(state: PaymentState, expires_at: Timestamp) -> Payment {
        let order = Order {
            dialect: "native".into(),
            amount: bdt(3_000),
            fee: bdt(0),
            due: bdt(3_000),
            tolerance_minor: 0,
            customer: Customer::default(),
            urls: Urls::default(),
            metadata: None,
            dialect_note: None,
            expires_at,
        };
        let id = PaymentId::new(BrandId(1), at("2020-11-18T14:54:36"), 1);
        let new = Command::Create(Box::new(NewPayment { id, order }));
        let payment = decide(None, new, at("2020-11-18T14:54:36")).unwrap().payment;
        Payment { state, ..payment }
    }

    /// The provider's own sample: 30 a month, prorated, six payments, made on 18 November.
    #[test]
    fn a_prorated_subscription_is_as_in_the_providers_sample() {
        let created = at("2020-11-18T14:54:36");
        let terms = Terms { prorated: true, ..terms(Unit::Monthly, 6) };
        assert_eq!(terms.first_amount(created), Ok(bdt(1_200)));
        assert_eq!(terms.due(created, 1), Ok(at("2020-12-01T00:00:00")));
        assert_eq!(terms.over_at(created), Ok(Some(at("2021-05-01T00:00:00"))));
        let subscription =
            Subscription::start(payment(PaymentState::Created, created).id, terms, created);
        let next = subscription.unwrap().next_payment();
        assert_eq!(next, Some((at("2020-12-01T00:00:00"), bdt(3_000))));
    }

    #[test]
    fn the_end_of_a_month_does_not_drift() {
        let created = at("2023-01-31T10:00:00");
        let due = |n| terms(Unit::Monthly, 0).due(created, n).unwrap();
        assert_eq!(due(1), at("2023-02-28T10:00:00"));
        assert_eq!(due(2), at("2023-03-31T10:00:00"));
        assert_eq!(due(13), at("2024-02-29T10:00:00"));
    }

    #[test]
    fn calendar_units_begin_where_people_expect() {
        let created = at("2026-11-25T23:30:00"); // A Wednesday.
        let due = |unit| Terms { prorated: true, ..terms(unit, 0) }.due(created, 1).unwrap();
        assert_eq!(due(Unit::Daily), at("2026-11-26T00:00:00"));
        assert_eq!(due(Unit::Weekly), at("2026-11-30T00:00:00"));
        assert_eq!(due(Unit::Quarterly), at("2027-01-01T00:00:00"));
        assert_eq!(due(Unit::HalfYearly), at("2027-01-01T00:00:00"));
        assert_eq!(due(Unit::Yearly), at("2027-01-01T00:00:00"));
    }

    #[test]
    fn payments_come_until_all_are_made() {
        let created = at("2026-01-01T10:00:00");
        let offers = Some(Offers { amount: bdt(1_000), payments: 2 });
        let terms = Terms { offers, ..terms(Unit::Monthly, 3) };
        assert_eq!(terms.first_amount(created), Ok(bdt(1_000)));
        let paid = payment(PaymentState::Succeeded, created);
        let mut now = Subscription::start(paid.id, terms, created).unwrap();
        assert_eq!(now.renew(&paid, at("2026-02-01T09:59:59")), Ok(Renewal::NotYet));
        let mut amounts = vec![];
        let mut ends = vec![];
        while let Some(next_at) = now.next_at {
            match now.renew(&paid, next_at).unwrap() {
                Renewal::Pay { next, amount, expires_at } => {
                    amounts.push(amount);
                    ends.push(expires_at);
                    now = next;
                }
                Renewal::Change(next) => now = next,
                Renewal::NotYet => panic!("nothing happens at its time"),
            }
        }
        assert_eq!(amounts, [bdt(1_000), bdt(3_000)]);
        assert_eq!(ends, [at("2026-02-04T10:00:00"), at("2026-03-04T10:00:00")]);
        assert_eq!((now.state, now.made), (SubscriptionState::Completed, 3));
        assert_eq!(now.ended_at, Some(at("2026-04-01T10:00:00")));
    }

    #[test]
    fn an_unpaid_payment_ends_it_once_it_can_no_longer_be_paid() {
        let created = at("2026-01-01T10:00:00");
        let open = payment(PaymentState::Created, at("2026-01-03T10:00:00"));
        let subscription = Subscription::start(open.id, terms(Unit::Daily, 0), created).unwrap();
        let Ok(Renewal::Change(waiting)) = subscription.renew(&open, at("2026-01-02T10:00:00"))
        else {
            panic!("it waits");
        };
        assert_eq!(waiting.next_at, Some(at("2026-01-03T10:00:00")));
        let expired = payment(PaymentState::Expired, at("2026-01-03T10:00:00"));
        let Ok(Renewal::Change(over)) = waiting.renew(&expired, at("2026-01-03T10:00:00")) else {
            panic!("it ends");
        };
        assert_eq!((over.state, over.next_at), (SubscriptionState::Lapsed, None));
    }

    #[test]
    fn a_trial_has_a_price_of_its_own_and_is_not_counted() {
        let created = at("2026-01-01T10:00:00");
        let begins_at = Some(at("2026-01-15T10:00:00"));
        let terms = Terms { begins_at, ..terms(Unit::Monthly, 1) };
        let paid = payment(PaymentState::Succeeded, created);
        let trial = Subscription::start(paid.id, terms, created).unwrap();
        assert_eq!(trial.next_payment(), Some((at("2026-01-15T10:00:00"), bdt(3_000))));
        let Ok(Renewal::Pay { next, .. }) = trial.renew(&paid, at("2026-01-15T10:00:00")) else {
            panic!("the first regular payment comes");
        };
        assert_eq!((next.regular(), next.next_payment()), (1, None));
        assert_eq!(next.next_at, Some(at("2026-02-15T10:00:00")));
    }

    #[test]
    fn the_merchant_ends_it_now_or_with_the_period() {
        let created = at("2026-01-01T10:00:00");
        let paid = payment(PaymentState::Succeeded, created);
        let now = Subscription::start(paid.id, terms(Unit::Monthly, 0), created).unwrap();
        let ended = now.end(at("2026-01-05T00:00:00")).unwrap();
        assert_eq!((ended.state, ended.next_at), (SubscriptionState::Cancelled, None));
        assert_eq!(ended.end(at("2026-01-06T00:00:00")), None);

        let terms = Terms { ends_with_period: true, ..terms(Unit::Monthly, 0) };
        let later = Subscription::start(paid.id, terms, created).unwrap();
        let ending = later.end(at("2026-01-05T00:00:00")).unwrap();
        assert_eq!((ending.state, ending.next_payment()), (SubscriptionState::Ending, None));
        let Ok(Renewal::Change(over)) = ending.renew(&paid, at("2026-02-01T10:00:00")) else {
            panic!("it ends with the period");
        };
        assert_eq!(over.ended_at, Some(at("2026-02-01T10:00:00")));
    }

    proptest! {
        #[test]
        fn dues_follow_each_other(
            start in 0_i64..4_000_000_000_000,
            unit in prop::sample::select(vec![
                Unit::Daily, Unit::Weekly, Unit::Monthly, Unit::Quarterly, Unit::HalfYearly, Unit::Yearly,
            ]),
            interval in 1_u32..20,
            prorated: bool,
        ) {
            let created = Timestamp::from_ms(start);
            let terms = Terms {
                prorated,
                period: Period { unit, interval },
                ..terms(unit, 0)
            };
            for n in 0..24 {
                prop_assert!(terms.due(created, n).unwrap() < terms.due(created, n + 1).unwrap());
            }
            let first = terms.first_amount(created).unwrap();
            prop_assert!(first.is_positive() && first.minor() <= 3_000);
        }

        #[test]
        fn nothing_panics(start: i64, interval: u32, n: u32, prorated: bool) {
            let terms = Terms {
                prorated,
                period: Period { unit: Unit::Yearly, interval },
                ..terms(Unit::Yearly, n)
            };
            let created = Timestamp::from_ms(start);
            let _ = (terms.due(created, n), terms.first_amount(created), terms.over_at(created));
        }
    }
}
