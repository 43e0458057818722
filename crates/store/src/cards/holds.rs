//! Cards between their holder's authentication and the sale: sealed by the caller, and gone as soon as can be.

use torana_domain::{BrandId, Timestamp};

use super::operations::as_stored;
use crate::sql::{Value, limit};
use crate::{Reader, StoreError, Tx};

impl Reader<'_> {
    /// What is held for an authentication, as it was sealed; none once its time is over.
    pub fn held_card(
        &self,
        brand: BrandId,
        operation: u64,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.sql.row(
            "SELECT sealed FROM card_holds WHERE brand = ?1 AND operation = ?2 AND until > ?3",
            &[brand.into(), as_stored(operation)?.into(), now.into()],
            |row| row.blob(0),
        )
    }

    /// How many cards of a brand are held.
    pub fn count_held_cards(&self, brand: BrandId) -> Result<i64, StoreError> {
        self.sql.int("SELECT count(*) FROM card_holds WHERE brand = ?1", &[brand.into()])
    }
}

impl Tx<'_> {
    /// Holds a sealed card for an authentication, until `until` at the latest.
    pub fn hold_card(
        &mut self,
        brand: BrandId,
        operation: u64,
        sealed: &[u8],
        until: Timestamp,
    ) -> Result<(), StoreError> {
        self.sql.execute_later(
            "INSERT INTO card_holds (brand, operation, sealed, until) VALUES (?1, ?2, ?3, ?4)",
            &[brand.into(), as_stored(operation)?.into(), Value::Blob(sealed), until.into()],
            None,
        )
    }

    /// Destroys what is held for an authentication.
    pub fn drop_held_card(&mut self, brand: BrandId, operation: u64) -> Result<(), StoreError> {
        self.sql.execute_later(
            "DELETE FROM card_holds WHERE brand = ?1 AND operation = ?2",
            &[brand.into(), as_stored(operation)?.into()],
            None,
        )
    }

    /// Destroys what is held of a brand and over; how many there were, at most `most`.
    pub fn drop_held_cards(
        &mut self,
        brand: BrandId,
        now: Timestamp,
        most: usize,
    ) -> Result<usize, StoreError> {
        self.sql.execute(
            "DELETE FROM card_holds WHERE brand = ?1 AND operation IN (
                 SELECT operation FROM card_holds WHERE brand = ?1 AND until <= ?2 LIMIT ?3)",
            &[brand.into(), now.into(), limit(most)],
        )
    }
}
