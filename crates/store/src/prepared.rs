//! Payments on their way in: everything that costs time is done before the writer's thread sees them.

use torana_domain::payment::{Decision, Payment, PaymentState};
use torana_domain::{PaymentId, Timestamp};

use crate::StoreError;
use crate::sql::{Sql, Value, to_json};

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

    /// Inserts many, or none: [`StoreError::Conflict`] if the number of one is taken. One statement, so that it needs no
    /// transaction around it.
    pub(crate) fn insert_all(sql: &dyn Sql, payments: &[&Self]) -> Result<(), StoreError> {
        let ints = |of: fn(&Self) -> i64| payments.iter().map(|payment| of(payment)).collect();
        let brands: Vec<i64> = ints(|payment| payment.id.brand.0.into());
        let numbers: Vec<i64> = ints(|payment| payment.id.number.as_i64());
        let tokens: Vec<i64> = ints(|payment| payment.id.token.into());
        let created: Vec<i64> = ints(|payment| payment.created_at.as_ms());
        let due: Vec<i64> = ints(|payment| payment.expires_at.as_ms());
        let orders: Vec<&str> =
            payments.iter().map(|payment| payment.order_json.as_str()).collect();
        sql.execute(
            "WITH timed AS (
                 INSERT INTO timers (brand, due_ms, number)
                 SELECT * FROM unnest(?1::bigint[], ?5::bigint[], ?2::bigint[]))
             INSERT INTO payments (brand, number, token, created_at, version, state, order_json)
             SELECT brand, number, token, created_at, 1, 'created', order_json
             FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[], ?4::bigint[], ?6::text[])
                  AS new (brand, number, token, created_at, order_json)",
            &[
                Value::Ints(&brands),
                Value::Ints(&numbers),
                Value::Ints(&tokens),
                Value::Ints(&created),
                Value::Ints(&due),
                Value::Texts(&orders),
            ],
        )?;
        Ok(())
    }

    /// Whether this very payment is there: after an insertion whose answer was lost.
    pub(crate) fn is_stored(&self, sql: &dyn Sql) -> Result<bool, StoreError> {
        let PaymentId { brand, number, token } = self.id;
        let same = sql.int(
            "SELECT count(*) FROM payments
             WHERE brand = ?1 AND number = ?2 AND token = ?3 AND created_at = ?4 AND order_json = ?5",
            &[
                brand.into(),
                number.into(),
                token.into(),
                self.created_at.into(),
                (&self.order_json).into(),
            ],
        )?;
        Ok(same == 1)
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
