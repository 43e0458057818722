//! Chargebacks of payments.

use torana_domain::chargeback::Chargeback;
use torana_domain::payment::Payment;
use torana_domain::{Money, PaymentId};

use crate::sql::{from_code, to_code};
use crate::{Reader, StoreError, Tx};

impl Reader<'_> {
    pub(crate) fn chargebacks(&self, payment: &Payment) -> Result<Vec<Chargeback>, StoreError> {
        let currency = payment.order.amount.currency();
        self.sql.rows(
            "SELECT n, minor, state, reason, opened_at, changed_at
             FROM chargebacks WHERE brand = ?1 AND number = ?2 ORDER BY n",
            &[payment.id.brand.into(), payment.id.number.into()],
            |row| {
                Ok(Chargeback {
                    number: row.num(0)?,
                    amount: Money::from_minor(row.int(1)?, currency),
                    state: row.parsed(2, from_code)?,
                    reason: row.text(3)?,
                    opened_at: row.time(4)?,
                    changed_at: row.time(5)?,
                })
            },
        )
    }
}

impl Tx<'_> {
    pub(crate) fn write_chargeback(
        &self,
        id: PaymentId,
        chargeback: &Chargeback,
    ) -> Result<(), StoreError> {
        let state = to_code(&chargeback.state)?;
        self.sql.execute_later(
            "INSERT INTO chargebacks (brand, number, n, minor, state, reason, opened_at, changed_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (brand, number, n) DO UPDATE
             SET state = excluded.state, changed_at = excluded.changed_at",
            &[
                id.brand.into(),
                id.number.into(),
                chargeback.number.into(),
                chargeback.amount.minor().into(),
                (&state).into(),
                (&chargeback.reason).into(),
                chargeback.opened_at.into(),
                chargeback.changed_at.into(),
            ],
            None,
        )
    }
}
