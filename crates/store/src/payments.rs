//! Payments with their attempts and refunds: reading them whole, and writing what a decision changed.

use torana_domain::ids::PaymentNumber;
use torana_domain::payment::{Attempt, AttemptState, Decision, Payment, PaymentState};
use torana_domain::receipt::ReceiptKey;
use torana_domain::refund::Refund;
use torana_domain::{AccountId, BrandId, Money, PaymentId};

use crate::prepared::PreparedPayment;
use crate::sql::{Row, from_code, from_json, limit, to_code, to_json};
use crate::{Reader, StoreError, Tx};

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
        refunds: vec![],
    })
}

fn read_attempt(row: Row<'_>) -> Result<Attempt, StoreError> {
    Ok(Attempt {
        account: row.num(0).map(AccountId)?,
        key: ReceiptKey { method: row.text(1)?, reference: row.text(2)? },
        state: row.parsed(3, AttemptState::from_code)?,
        at: row.time(4)?,
    })
}

impl Reader<'_> {
    /// A payment by its number within the brand.
    pub fn payment(
        &self,
        brand: BrandId,
        number: PaymentNumber,
    ) -> Result<Option<Payment>, StoreError> {
        let payment = self.sql.row(
            "SELECT brand, number, token, version, state, order_json, paid_json
             FROM payments WHERE brand = ?1 AND number = ?2",
            &[brand.into(), number.into()],
            read,
        )?;
        payment.map(|payment| self.with_rows(payment)).transpose()
    }

    /// A payment by its whole identity: one with another token does not exist.
    pub fn payment_by_id(&self, id: PaymentId) -> Result<Option<Payment>, StoreError> {
        let payment = self.payment(id.brand, id.number)?;
        // One comparison of a machine word: its time says nothing about where the tokens differ.
        Ok(payment.filter(|payment| payment.id.token ^ id.token == 0))
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
            "SELECT brand, number, token, version, state, order_json, paid_json
             FROM payments WHERE brand = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3",
            &[brand.into(), before.into(), limit(most)],
            read,
        )?;
        payments.into_iter().map(|payment| self.with_rows(payment)).collect()
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
            "SELECT account, method, reference, state, at
             FROM attempts WHERE brand = ?1 AND number = ?2 ORDER BY n",
            &params,
            read_attempt,
        )?;
        if payment.paid.is_some() {
            let currency = payment.order.amount.currency();
            payment.refunds = self.sql.rows(
                "SELECT n, minor, state, reason, note, requested_at, changed_at
                 FROM refunds WHERE brand = ?1 AND number = ?2 ORDER BY n",
                &params,
                |row| {
                    Ok(Refund {
                        number: row.num(0)?,
                        amount: Money::from_minor(row.int(1)?, currency),
                        state: row.parsed(2, from_code)?,
                        reason: row.text(3)?,
                        note: row.opt_text(4)?,
                        requested_at: row.time(5)?,
                        changed_at: row.time(6)?,
                    })
                },
            )?;
        }
        Ok(payment)
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
        self.sql.execute_one(
            "UPDATE payments SET version = ?4, state = ?5, paid_json = ?6
             WHERE brand = ?1 AND number = ?2 AND version = ?3",
            &[
                brand.into(),
                number.into(),
                before.version.into(),
                after.version.into(),
                after.state.code().into(),
                paid.as_ref().into(),
            ],
            StoreError::VersionConflict,
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
        let has_timer = |state| matches!(state, PaymentState::Created | PaymentState::Pending);
        if has_timer(before.state) && !has_timer(after.state) {
            self.remove_timer(brand, after.order.expires_at, number)?;
        }
        Ok(())
    }

    fn write_attempt(&self, id: PaymentId, n: i64, attempt: &Attempt) -> Result<(), StoreError> {
        self.sql.execute(
            "INSERT INTO attempts (brand, number, n, account, method, reference, state, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
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
            ],
        )?;
        Ok(())
    }

    fn write_refund(&self, id: PaymentId, refund: &Refund) -> Result<(), StoreError> {
        let state = to_code(&refund.state)?;
        self.sql.execute(
            "INSERT INTO refunds (brand, number, n, minor, state, reason, note, requested_at, changed_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (brand, number, n) DO UPDATE
             SET state = excluded.state, note = excluded.note, changed_at = excluded.changed_at",
            &[
                id.brand.into(),
                id.number.into(),
                refund.number.into(),
                refund.amount.minor().into(),
                (&state).into(),
                (&refund.reason).into(),
                refund.note.as_ref().into(),
                refund.requested_at.into(),
                refund.changed_at.into(),
            ],
        )?;
        Ok(())
    }
}
