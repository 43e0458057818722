//! Subscriptions, and the payments that they made.

use torana_domain::ids::PaymentNumber;
use torana_domain::payment::{Canceller, Command, Decision, Payment, PaymentState};
use torana_domain::subscription::{Standing, Subscription};
use torana_domain::{BrandId, PaymentId, Timestamp};

use crate::sql::{Row, from_code, from_json, limit, to_code, to_json};
use crate::{Reader, StoreError, Tx};

fn read(row: Row<'_>) -> Result<Subscription, StoreError> {
    let first = PaymentId { brand: row.brand(0)?, number: row.number(1)?, token: row.num(8)? };
    Ok(Subscription {
        first,
        version: row.num(2)?,
        state: row.parsed(3, from_code)?,
        terms: from_json(row.str(4)?)?,
        made: row.num(5)?,
        next_at: row.opt_time(6)?,
        created_at: row.time(7)?,
        ended_at: row.opt_time(9)?,
        next_period: row.num(10)?,
    })
}

impl Reader<'_> {
    /// A subscription by the number of its first payment.
    pub fn subscription(
        &self,
        brand: BrandId,
        number: PaymentNumber,
    ) -> Result<Option<Subscription>, StoreError> {
        self.sql.row(
            "SELECT s.brand, s.number, s.version, s.state, s.terms, s.made, s.next_at, s.created_at, p.token, s.ended_at,
                    s.next_period
             FROM subscriptions s JOIN payments p ON p.brand = s.brand AND p.number = s.number
             WHERE s.brand = ?1 AND s.number = ?2",
            &[brand.into(), number.into()],
            read,
        )
    }

    /// The payments that a subscription made, oldest first: the first `head` and the last `tail`.
    pub fn payments_of_subscription(
        &self,
        subscription: &Subscription,
        head: usize,
        tail: usize,
    ) -> Result<Vec<Payment>, StoreError> {
        let PaymentId { brand, number, .. } = subscription.first;
        let numbers = self.sql.rows(
            "SELECT number FROM (
                 SELECT n, number FROM (
                     SELECT n, number FROM subscription_payments WHERE brand = ?1 AND subscription = ?2
                     ORDER BY n LIMIT ?3) a
                 UNION
                 SELECT n, number FROM (
                     SELECT n, number FROM subscription_payments WHERE brand = ?1 AND subscription = ?2
                     ORDER BY n DESC LIMIT ?4) b) c
             ORDER BY n",
            &[brand.into(), number.into(), limit(head), limit(tail)],
            |row| row.number(0),
        )?;
        self.existing_payments(brand, numbers)
    }

    /// How a subscription's payments stand. Looks at each of them.
    pub fn standing(&self, subscription: &Subscription) -> Result<Standing, StoreError> {
        let PaymentId { brand, number, .. } = subscription.first;
        let before = i64::from(subscription.made - subscription.regular().min(subscription.made));
        let mut standing = Standing::default();
        self.sql.query(
            "SELECT p.state, count(*), CAST(sum(CASE WHEN s.n > ?3 THEN 1 ELSE 0 END) AS BIGINT),
                    CAST(sum(CASE WHEN s.n = 1 THEN 1 ELSE 0 END) AS BIGINT)
             FROM subscription_payments s JOIN payments p ON p.brand = s.brand AND p.number = s.number
             WHERE s.brand = ?1 AND s.subscription = ?2 GROUP BY p.state",
            &[brand.into(), number.into(), before.into()],
            &mut |row| {
                let state = row.parsed(0, PaymentState::from_code)?;
                let (regular, first) = (row.int(2)?, row.int(3)?);
                match state {
                    PaymentState::ChargedBack => standing.is_broken = true,
                    _ if state.is_lost() => standing.is_broken = true,
                    PaymentState::Refunded => {}
                    _ if state.is_paid() => standing.paid += u32::try_from(regular).unwrap_or(0),
                    _ => {}
                }
                standing.has_begun |= state.is_paid() && first > 0;
                Ok(())
            },
        )?;
        // All but the first have the same time to be paid in: the earliest of them expires first.
        let mut open = self.open_payments_of(subscription)?;
        open.truncate(2);
        let open = self.existing_payments(brand, open)?;
        standing.open_until = open.iter().map(|payment| payment.order.expires_at).min();
        Ok(standing)
    }

    /// The payments of a subscription that may still be paid in the ordinary way, oldest first.
    fn open_payments_of(
        &self,
        subscription: &Subscription,
    ) -> Result<Vec<PaymentNumber>, StoreError> {
        self.sql.rows(
            "SELECT s.number FROM subscription_payments s
             JOIN payments p ON p.brand = s.brand AND p.number = s.number
             WHERE s.brand = ?1 AND s.subscription = ?2 AND p.state IN ('created', 'pending', 'unknown')
             ORDER BY s.n",
            &[subscription.first.brand.into(), subscription.first.number.into()],
            |row| row.number(0),
        )
    }

    /// Subscriptions of a brand with which something is to be done at `now` by its clock, the longest due first.
    pub fn due_subscriptions(
        &self,
        brand: BrandId,
        now: Timestamp,
        most: usize,
    ) -> Result<Vec<PaymentNumber>, StoreError> {
        self.sql.rows(
            "SELECT number FROM subscriptions WHERE brand = ?1 AND next_at IS NOT NULL AND next_at <= ?2
             ORDER BY next_at, number LIMIT ?3",
            &[brand.into(), now.into(), limit(most)],
            |row| row.number(0),
        )
    }

    /// Brands that have a subscription due, each by its own clock; `now` is the real time.
    pub fn brands_with_due_subscriptions(
        &self,
        now: Timestamp,
    ) -> Result<Vec<BrandId>, StoreError> {
        self.sql.rows(
            "SELECT b.id FROM brands b WHERE EXISTS (
                 SELECT 1 FROM subscriptions s
                 WHERE s.brand = b.id AND s.next_at IS NOT NULL AND s.next_at <= ?1 + b.clock_offset_ms)
             ORDER BY b.id",
            &[now.into()],
            |row| row.brand(0),
        )
    }
}

impl Tx<'_> {
    /// Writes a new subscription with its first payment.
    pub fn create_subscription(
        &mut self,
        first: &Decision,
        subscription: &Subscription,
    ) -> Result<(), StoreError> {
        self.create_payment(first)?;
        let PaymentId { brand, number, .. } = subscription.first;
        self.sql.execute(
            "INSERT INTO subscriptions (brand, number, version, state, terms, made, next_at, created_at, ended_at,
                                        next_period)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            &[
                brand.into(),
                number.into(),
                subscription.version.into(),
                (&to_code(&subscription.state)?).into(),
                (&to_json(&subscription.terms)?).into(),
                subscription.made.into(),
                subscription.next_at.into(),
                subscription.created_at.into(),
                subscription.ended_at.into(),
                subscription.next_period.into(),
            ],
        )?;
        self.add_payment(subscription, number)
    }

    /// Cancels what is still open of a subscription's payments.
    pub fn cancel_open_payments(
        &mut self,
        subscription: &Subscription,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for number in self.open_payments_of(subscription)? {
            let cancel = Command::Cancel { by: Canceller::Merchant };
            self.decide(subscription.first.brand, number, cancel, now)?;
        }
        Ok(())
    }

    /// Writes a subscription's change; with the payment that it makes, of which the merchant is told, if it makes one.
    pub fn update_subscription(
        &mut self,
        before: &Subscription,
        after: &Subscription,
        made: Option<&Decision>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let PaymentId { brand, number, .. } = after.first;
        self.sql.execute_later(
            "UPDATE subscriptions SET version = ?4, state = ?5, made = ?6, next_at = ?7, ended_at = ?8, next_period = ?9
             WHERE brand = ?1 AND number = ?2 AND version = ?3",
            &[
                brand.into(),
                number.into(),
                before.version.into(),
                after.version.into(),
                (&to_code(&after.state)?).into(),
                after.made.into(),
                after.next_at.into(),
                after.ended_at.into(),
                after.next_period.into(),
            ],
            Some(StoreError::VersionConflict),
        )?;
        if let Some(made) = made {
            self.create_payment(made)?;
            self.add_payment(after, made.payment.id.number)?;
            self.write_callbacks(&made.payment, &made.events, now)?;
        }
        Ok(())
    }

    fn add_payment(
        &self,
        subscription: &Subscription,
        number: PaymentNumber,
    ) -> Result<(), StoreError> {
        let first = subscription.first;
        self.sql.execute_later(
            "INSERT INTO subscription_payments (brand, subscription, n, number) VALUES (?1, ?2, ?3, ?4)",
            &[
                first.brand.into(),
                first.number.into(),
                subscription.made.into(),
                number.into(),
            ],
            None,
        )
    }
}
