//! Payments with their attempts, refunds and chargebacks: reading them whole, and writing what a decision changed.

use std::collections::{BTreeMap, HashMap};

use torana_domain::chargeback::Chargeback;
use torana_domain::ids::PaymentNumber;
use torana_domain::payment::{Attempt, AttemptState, Decision, Payment, PaymentState};
use torana_domain::receipt::ReceiptKey;
use torana_domain::refund::Refund;
use torana_domain::{AccountId, BrandId, Currency, Money, PaymentId};

use crate::prepared::PreparedPayment;
use crate::sql::{Row, Value, from_code, from_json, limit, to_json};
use crate::{Reader, StoreError, Tx};

/// What finds a payment.
pub(crate) type PaymentKey = (BrandId, PaymentNumber);

/// A payment without attempts and refunds.
fn read(row: Row<'_>) -> Result<Payment, StoreError> {
    let id = PaymentId { brand: row.brand(0)?, number: row.number(1)?, token: row.num(2)? };
    Ok(Payment {
        id,
        version: row.num(3)?,
        state: row.parsed(4, PaymentState::from_code)?,
        order: row.json(5)?,
        attempts: vec![],
        paid: row.opt_str(6)?.map(from_json).transpose()?,
        reason: row.opt_text(7)?,
        state_since: row.time(8)?,
        refunds: vec![],
        chargebacks: vec![],
    })
}

fn read_attempt(row: Row<'_>) -> Result<Attempt, StoreError> {
    Ok(Attempt {
        account: row.num(0).map(AccountId)?,
        key: ReceiptKey { method: row.text(1)?, reference: row.text(2)? },
        state: row.parsed(3, AttemptState::from_code)?,
        at: row.time(4)?,
        origin: row.opt_str(5)?.map(from_json).transpose()?,
    })
}

/// Payments with everything that belongs to them, a row each: kind, brand, number, four integers, five texts.
const PAYMENTS_BY_NUMBER: &str = "
    WITH k AS (SELECT * FROM unnest(?1::bigint[], ?2::bigint[]) AS k (brand, number))
    SELECT 0, p.brand, p.number, p.token, p.version, coalesce(p.state_since, p.created_at), NULL::bigint,
           p.state, p.order_json, p.paid_json, p.reason, NULL
    FROM k JOIN payments p ON p.brand = k.brand AND p.number = k.number
    UNION ALL
    SELECT 1, a.brand, a.number, a.n, a.account, a.at, NULL, a.state, a.method, a.reference, a.origin, NULL
    FROM k JOIN attempts a ON a.brand = k.brand AND a.number = k.number
    UNION ALL
    SELECT 2, r.brand, r.number, r.n, r.minor, r.requested_at, r.changed_at, r.state, r.reason, r.note, r.reference, r.payee
    FROM k JOIN refunds r ON r.brand = k.brand AND r.number = k.number
    UNION ALL
    SELECT 3, c.brand, c.number, c.n, c.minor, c.opened_at, c.changed_at, c.state, c.reason, NULL, NULL, NULL
    FROM k JOIN chargebacks c ON c.brand = k.brand AND c.number = k.number";

/// A payment while its rows arrive, in any order.
#[derive(Default)]
struct Parts {
    payment: Option<Payment>,
    attempts: BTreeMap<i64, Attempt>,
    /// With amounts in minor units, until the payment tells the currency.
    refunds: BTreeMap<i64, (i64, Refund)>,
    /// The same.
    chargebacks: BTreeMap<i64, (i64, Chargeback)>,
}

impl Parts {
    fn add(&mut self, row: Row<'_>) -> Result<(), StoreError> {
        match row.int(0)? {
            0 => {
                let token = row.num(3)?;
                let id = PaymentId { brand: row.brand(1)?, number: row.number(2)?, token };
                self.payment = Some(Payment {
                    id,
                    version: row.num(4)?,
                    state: row.parsed(7, PaymentState::from_code)?,
                    order: row.json(8)?,
                    attempts: vec![],
                    paid: row.opt_str(9)?.map(from_json).transpose()?,
                    reason: row.opt_text(10)?,
                    state_since: row.time(5)?,
                    refunds: vec![],
                    chargebacks: vec![],
                });
            }
            1 => {
                let attempt = Attempt {
                    account: row.num(4).map(AccountId)?,
                    key: ReceiptKey { method: row.text(8)?, reference: row.text(9)? },
                    state: row.parsed(7, AttemptState::from_code)?,
                    at: row.time(5)?,
                    origin: row.opt_str(10)?.map(from_json).transpose()?,
                };
                self.attempts.insert(row.int(3)?, attempt);
            }
            2 => {
                let refund = Refund {
                    number: row.num(3)?,
                    amount: Money::zero(Currency::BDT),
                    state: row.parsed(7, from_code)?,
                    reason: row.text(8)?,
                    reference: row.opt_text(10)?,
                    payee: row.opt_text(11)?,
                    note: row.opt_text(9)?,
                    requested_at: row.time(5)?,
                    changed_at: row.time(6)?,
                };
                self.refunds.insert(row.int(3)?, (row.int(4)?, refund));
            }
            _ => {
                let chargeback = Chargeback {
                    number: row.num(3)?,
                    amount: Money::zero(Currency::BDT),
                    state: row.parsed(7, from_code)?,
                    reason: row.text(8)?,
                    opened_at: row.time(5)?,
                    changed_at: row.time(6)?,
                };
                self.chargebacks.insert(row.int(3)?, (row.int(4)?, chargeback));
            }
        }
        Ok(())
    }

    fn join(self) -> Result<Payment, StoreError> {
        let lost = || StoreError::Damaged("an attempt or a refund of no payment".into());
        let mut payment = self.payment.ok_or_else(lost)?;
        let currency = payment.order.amount.currency();
        payment.attempts = self.attempts.into_values().collect();
        let refunds = self.refunds.into_values();
        payment.refunds = refunds
            .map(|(minor, refund)| Refund { amount: Money::from_minor(minor, currency), ..refund })
            .collect();
        let chargebacks = self.chargebacks.into_values();
        payment.chargebacks = chargebacks
            .map(|(minor, it)| Chargeback { amount: Money::from_minor(minor, currency), ..it })
            .collect();
        Ok(payment)
    }
}

impl Reader<'_> {
    /// A payment by its number within the brand.
    pub fn payment(
        &self,
        brand: BrandId,
        number: PaymentNumber,
    ) -> Result<Option<Payment>, StoreError> {
        let payment = self.sql.row(
            "SELECT brand, number, token, version, state, order_json, paid_json, reason,
                    coalesce(state_since, created_at)
             FROM payments WHERE brand = ?1 AND number = ?2",
            &[brand.into(), number.into()],
            read,
        )?;
        payment.map(|payment| self.with_rows(payment)).transpose()
    }

    /// A brand's payments in the order of `numbers`, without those that do not exist; on every engine.
    pub(crate) fn existing_payments(
        &self,
        brand: BrandId,
        numbers: Vec<PaymentNumber>,
    ) -> Result<Vec<Payment>, StoreError> {
        let load = |number| self.payment(brand, number).transpose();
        numbers.into_iter().filter_map(load).collect()
    }

    /// A payment by its whole identity: one with another token does not exist.
    pub fn payment_by_id(&self, id: PaymentId) -> Result<Option<Payment>, StoreError> {
        let payment = self.payment(id.brand, id.number)?;
        Ok(payment.filter(|payment| payment.has_id(id)))
    }

    /// A brand's payments, latest first, from before `before`.
    pub fn payments(
        &self,
        brand: BrandId,
        before: Option<PaymentNumber>,
        most: usize,
    ) -> Result<Vec<Payment>, StoreError> {
        let before = before.map_or(i64::MAX, PaymentNumber::as_i64);
        let payments = self.sql.rows(
            "SELECT brand, number, token, version, state, order_json, paid_json, reason,
                    coalesce(state_since, created_at)
             FROM payments WHERE brand = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3",
            &[brand.into(), before.into(), limit(most)],
            read,
        )?;
        payments.into_iter().map(|payment| self.with_rows(payment)).collect()
    }

    /// The only payment of a brand with a number in that range; none if there are several.
    pub fn only_payment_within(
        &self,
        brand: BrandId,
        first: PaymentNumber,
        last: PaymentNumber,
    ) -> Result<Option<PaymentNumber>, StoreError> {
        let found = self.sql.rows(
            "SELECT number FROM payments WHERE brand = ?1 AND number BETWEEN ?2 AND ?3 LIMIT 2",
            &[brand.into(), first.into(), last.into()],
            |row| row.number(0),
        )?;
        Ok(match found.as_slice() {
            [only] => Some(*only),
            _ => None,
        })
    }

    /// How many payments a brand has. Counts them: not for every request.
    pub fn count_payments(&self, brand: BrandId) -> Result<i64, StoreError> {
        self.sql.int("SELECT count(*) FROM payments WHERE brand = ?1", &[brand.into()])
    }

    fn with_rows(&self, mut payment: Payment) -> Result<Payment, StoreError> {
        // Nothing happened since it was created: the commonest case by far.
        if payment.version == 1 {
            return Ok(payment);
        }
        let params = [payment.id.brand.into(), payment.id.number.into()];
        payment.attempts = self.sql.rows(
            "SELECT account, method, reference, state, at, origin
             FROM attempts WHERE brand = ?1 AND number = ?2 ORDER BY n",
            &params,
            read_attempt,
        )?;
        if payment.paid.is_some() {
            let currency = payment.order.amount.currency();
            payment.refunds = self.sql.rows(
                "SELECT n, minor, state, reason, note, requested_at, changed_at, reference, payee
                 FROM refunds WHERE brand = ?1 AND number = ?2 ORDER BY n",
                &params,
                |row| {
                    Ok(Refund {
                        number: row.num(0)?,
                        amount: Money::from_minor(row.int(1)?, currency),
                        state: row.parsed(2, from_code)?,
                        reason: row.text(3)?,
                        reference: row.opt_text(7)?,
                        payee: row.opt_text(8)?,
                        note: row.opt_text(4)?,
                        requested_at: row.time(5)?,
                        changed_at: row.time(6)?,
                    })
                },
            )?;
            payment.chargebacks = self.chargebacks(&payment)?;
        }
        Ok(payment)
    }

    /// Payments by their numbers, in one statement and therefore as they were at one moment; in any order, and without
    /// those that do not exist. One damaged row is the error of its own payment. Needs [`Value::Ints`].
    pub(crate) fn payments_by_number(
        &self,
        keys: &[PaymentKey],
    ) -> Result<HashMap<PaymentKey, Result<Payment, StoreError>>, StoreError> {
        let brands: Vec<i64> = keys.iter().map(|(brand, _)| i64::from(brand.0)).collect();
        let numbers: Vec<i64> = keys.iter().map(|(_, number)| number.as_i64()).collect();
        let mut parts = HashMap::<PaymentKey, Result<Parts, StoreError>>::new();
        self.sql.query(
            PAYMENTS_BY_NUMBER,
            &[Value::Ints(&brands), Value::Ints(&numbers)],
            &mut |row| {
                let slot = parts
                    .entry((row.brand(1)?, row.number(2)?))
                    .or_insert_with(|| Ok(Parts::default()));
                if let Ok(known) = slot
                    && let Err(error) = known.add(row)
                {
                    *slot = Err(error);
                }
                Ok(())
            },
        )?;
        Ok(parts.into_iter().map(|(key, parts)| (key, parts.and_then(Parts::join))).collect())
    }

    /// Payments that claim a receipt, in the order of their claims.
    pub(crate) fn claimants(
        &self,
        brand: BrandId,
        key: &ReceiptKey,
        most: usize,
    ) -> Result<Vec<PaymentNumber>, StoreError> {
        let params = [brand.into(), (&key.method).into(), (&key.reference).into(), limit(most)];
        self.sql.rows(
            "SELECT number FROM attempts WHERE brand = ?1 AND method = ?2 AND reference = ?3
             ORDER BY at, number LIMIT ?4",
            &params,
            |row| row.number(0),
        )
    }
}

impl Tx<'_> {
    /// Writes the decision to create a payment. [`crate::Store::create`] is faster.
    pub fn create_payment(&mut self, decision: &Decision) -> Result<(), StoreError> {
        PreparedPayment::new(decision)?.insert(self.sql)
    }

    /// Writes what differs between two versions of a payment.
    pub(crate) fn update_payment(
        &mut self,
        before: &Payment,
        after: &Payment,
    ) -> Result<(), StoreError> {
        let PaymentId { brand, number, .. } = after.id;
        let paid = after.paid.as_ref().map(to_json).transpose()?;
        self.sql.execute_later(
            "UPDATE payments SET version = ?4, state = ?5, paid_json = ?6, reason = ?7,
                 state_since = ?8
             WHERE brand = ?1 AND number = ?2 AND version = ?3",
            &[
                brand.into(),
                number.into(),
                before.version.into(),
                after.version.into(),
                after.state.code().into(),
                paid.as_ref().into(),
                after.reason.as_ref().into(),
                after.state_since.into(),
            ],
            Some(StoreError::VersionConflict),
        )?;
        for (n, attempt) in (1_i64..).zip(&after.attempts) {
            let index = usize::try_from(n - 1).unwrap_or(usize::MAX);
            if before.attempts.get(index) != Some(attempt) {
                self.write_attempt(after.id, n, attempt)?;
            }
        }
        for (index, refund) in after.refunds.iter().enumerate() {
            if before.refunds.get(index) != Some(refund) {
                self.write_refund(after.id, refund)?;
            }
        }
        for (index, chargeback) in after.chargebacks.iter().enumerate() {
            if before.chargebacks.get(index) != Some(chargeback) {
                self.write_chargeback(after.id, chargeback)?;
            }
        }
        let has_timer = |state| matches!(state, PaymentState::Created | PaymentState::Pending);
        if has_timer(before.state) && !has_timer(after.state) {
            self.remove_timer(brand, after.order.expires_at, number)?;
        }
        Ok(())
    }

    fn write_attempt(&self, id: PaymentId, n: i64, attempt: &Attempt) -> Result<(), StoreError> {
        self.sql.execute_later(
            "INSERT INTO attempts (brand, number, n, account, method, reference, state, at, origin)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (brand, number, n) DO UPDATE SET state = excluded.state",
            &[
                id.brand.into(),
                id.number.into(),
                n.into(),
                attempt.account.into(),
                (&attempt.key.method).into(),
                (&attempt.key.reference).into(),
                attempt.state.code().into(),
                attempt.at.into(),
                attempt.origin.as_ref().map(to_json).transpose()?.as_ref().into(),
            ],
            None,
        )?;
        Ok(())
    }
}
