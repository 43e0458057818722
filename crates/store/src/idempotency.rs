//! Keys under which merchants repeat a request. Inserted in the command's own transaction.

use torana_domain::{BrandId, Timestamp};

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

impl Tx<'_> {
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
