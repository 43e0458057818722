//! Payments on their way in: everything that costs time is done before the writer's thread sees them.

use torana_domain::payment::{Decision, Payment, PaymentState};
use torana_domain::{PaymentId, Timestamp};

use crate::StoreError;
use crate::sql::{Sql, to_json};

/// A payment ready to be inserted: made on the request's thread, so that the writer does no JSON.
#[derive(Clone, Debug)]
pub struct PreparedPayment {
    id: PaymentId,
    created_at: Timestamp,
    expires_at: Timestamp,
    order_json: String,
}

impl PreparedPayment {
    /// From the decision to create a payment. Creation owes nobody a callback: none is rendered.
    pub fn new(decision: &Decision) -> Result<Self, StoreError> {
        let Payment { id, state, order, .. } = &decision.payment;
        let is_new = *state == PaymentState::Created && decision.payment.version == 1;
        let Some(created) = decision.events.first().filter(|_| is_new) else {
            return Err(StoreError::Unstorable("not a decision to create".into()));
        };
        let order_json = to_json(order)?;
        Ok(Self { id: *id, created_at: created.at, expires_at: order.expires_at, order_json })
    }

    /// The payment's identity.
    pub fn id(&self) -> PaymentId {
        self.id
    }

    /// Inserts it, or nothing: needs no savepoint.
    pub(crate) fn insert(&self, sql: &dyn Sql) -> Result<(), StoreError> {
        let PaymentId { brand, number, token } = self.id;
        sql.execute(
            "INSERT INTO payments (brand, number, token, created_at, version, state, order_json)
             VALUES (?1, ?2, ?3, ?4, 1, 'created', ?5)",
            &[
                brand.into(),
                number.into(),
                token.into(),
                self.created_at.into(),
                (&self.order_json).into(),
            ],
        )?;
        let timed = sql.execute(
            "INSERT INTO timers (brand, due_ms, number) VALUES (?1, ?2, ?3)",
            &[brand.into(), self.expires_at.into(), number.into()],
        );
        if let Err(error) = timed {
            let params = [brand.into(), number.into()];
            sql.execute("DELETE FROM payments WHERE brand = ?1 AND number = ?2", &params)?;
            return Err(error);
        }
        Ok(())
    }
}
