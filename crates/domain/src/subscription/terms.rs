//! What was agreed: when payments come, and of how much they are.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::{Span, ToSpan as _};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Money, Timestamp};

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
    /// When the first period begins, if not at once: after a trial, or on a date. Not beside `prorated`.
    pub begins_at: Option<Timestamp>,
    /// Whether the first payment is that of the first period. Otherwise it has a price of its own, is not counted, and the
    /// first period's comes when that begins.
    pub first_is_regular: bool,
    /// Whether what is before [`Terms::begins_at`] is a trial.
    pub is_trial: bool,
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

    /// Of how much the first payment is, made at `created`, unless it has a price of its own: the part of the price for the
    /// whole days that are left of the calendar's period, where that is asked for. The whole price, where that part is
    /// less than `least`: nobody can send a hundredth of a taka.
    pub fn first_amount(&self, created: Timestamp, least: Money) -> Result<Money, OffTheCalendar> {
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
        let minor = i64::try_from(part).unwrap_or(price.minor());
        let minor = if minor < least.minor().max(1) { price.minor() } else { minor };
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
