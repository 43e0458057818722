//! Keys under which merchants repeat a request. Inserted in the command's own transaction.

use torana_domain::payment::{Decision, Refusal};
use torana_domain::{BrandId, PaymentId, Timestamp};

use crate::{Reader, StoreError, Tx};

/// What was answered to a request with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyRow {
    /// The hash of the request.
    pub request_hash: [u8; 32],
    /// The answer.
    pub answer: Vec<u8>,
    /// When.
    pub at: Timestamp,
}

/// A merchant's own name of a request, by which it may be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The dialect in which it was said.
    pub dialect: &'static str,
    /// The name.
    pub key: String,
    /// The hash of what was asked for: another request under the same name is a conflict.
    pub request_hash: [u8; 32],
}

/// What remembering a key found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remembered {
    /// The key is new: the answer is kept with the rest of the transaction.
    New,
    /// The same request was answered before, like this.
    Repeat(Vec<u8>),
    /// Another request had this key.
    Conflict,
}

impl Reader<'_> {
    /// What was answered to the request with that key.
    pub fn idempotency(
        &self,
        brand: BrandId,
        dialect: &str,
        key: &str,
    ) -> Result<Option<IdempotencyRow>, StoreError> {
        self.sql.row(
            "SELECT request_hash, answer, at FROM idempotency
             WHERE brand = ?1 AND dialect = ?2 AND key = ?3",
            &[brand.into(), dialect.into(), key.into()],
            |row| {
                Ok(IdempotencyRow {
                    request_hash: row.hash(0)?,
                    answer: row.blob(1)?,
                    at: row.time(2)?,
                })
            },
        )
    }
}

/// An identity as it is kept as the answer to the request that made it.
fn to_answer(id: PaymentId) -> String {
    id.to_string()
}

fn of_answer(answer: &[u8]) -> Result<PaymentId, StoreError> {
    let text = std::str::from_utf8(answer).ok().and_then(|text| text.parse().ok());
    text.ok_or_else(|| StoreError::Damaged("an idempotency answer".into()))
}

impl Reader<'_> {
    /// The payment or payout that the request with that key made.
    pub fn made_under(
        &self,
        brand: BrandId,
        dialect: &str,
        key: &str,
    ) -> Result<Option<PaymentId>, StoreError> {
        let known = self.idempotency(brand, dialect, key)?;
        known.map(|row| of_answer(&row.answer)).transpose()
    }
}

impl Tx<'_> {
    /// Keeps that a request makes `id`, unless it was made before: then what it made. [`Refusal::KeyUsed`] where another
    /// request has the key.
    pub fn name_request(
        &mut self,
        key: &IdempotencyKey,
        id: PaymentId,
        now: Timestamp,
    ) -> Result<Option<PaymentId>, StoreError> {
        let IdempotencyKey { dialect, key, request_hash } = key;
        let answer = to_answer(id);
        match self.remember(id.brand, dialect, key, request_hash, answer.as_bytes(), now)? {
            Remembered::New => Ok(None),
            Remembered::Repeat(answer) => of_answer(&answer).map(Some),
            Remembered::Conflict => Err(Refusal::KeyUsed.into()),
        }
    }

    /// Writes a payment under a key, unless the key's request was carried out before: then the payment that it made.
    pub fn create_payment_once(
        &mut self,
        key: &IdempotencyKey,
        decision: &Decision,
        now: Timestamp,
    ) -> Result<Option<PaymentId>, StoreError> {
        let known = self.name_request(key, decision.payment.id, now)?;
        if known.is_none() {
            self.create_payment(decision)?;
        }
        Ok(known)
    }

    /// Keeps the answer to a request under its key, unless the key is known.
    pub fn remember(
        &mut self,
        brand: BrandId,
        dialect: &str,
        key: &str,
        request_hash: &[u8; 32],
        answer: &[u8],
        now: Timestamp,
    ) -> Result<Remembered, StoreError> {
        let inserted = self.sql.execute(
            "INSERT INTO idempotency (brand, dialect, key, request_hash, answer, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO NOTHING",
            &[
                brand.into(),
                dialect.into(),
                key.into(),
                request_hash.into(),
                crate::sql::Value::Blob(answer),
                now.into(),
            ],
        )?;
        if inserted == 1 {
            return Ok(Remembered::New);
        }
        Ok(match self.idempotency(brand, dialect, key)? {
            Some(known) if known.request_hash == *request_hash => Remembered::Repeat(known.answer),
            Some(_) | None => Remembered::Conflict,
        })
    }
}
