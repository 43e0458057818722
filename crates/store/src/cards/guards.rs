//! How often a card was tried: `torana_domain::card::otp::CardGuard`, by a keyed hash of the card's number.

use torana_domain::card::Fingerprint;
use torana_domain::card::otp::CardGuard;
use torana_domain::{BrandId, Timestamp};

use crate::sql::{Value, limit, to_json};
use crate::{Reader, StoreError, Tx};

impl Reader<'_> {
    /// What is known of a card; nothing is the beginning.
    pub fn card_guard(&self, brand: BrandId, card: &Fingerprint) -> Result<CardGuard, StoreError> {
        let known = self.sql.row(
            "SELECT guard FROM card_guards WHERE brand = ?1 AND card = ?2",
            &[brand.into(), Value::Blob(card.as_bytes())],
            |row| row.json(0),
        )?;
        Ok(known.unwrap_or_default())
    }
}

impl Tx<'_> {
    /// Keeps what is known of a card.
    pub fn write_card_guard(
        &mut self,
        brand: BrandId,
        card: &Fingerprint,
        guard: &CardGuard,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.sql.execute_later(
            "INSERT INTO card_guards (brand, card, guard, changed_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (brand, card) DO UPDATE SET guard = excluded.guard, changed_at = excluded.changed_at",
            &[
                brand.into(),
                Value::Blob(card.as_bytes()),
                (&to_json(guard)?).into(),
                now.into(),
            ],
            None,
        )
    }

    /// Forgets cards of a brand that were last tried before `before`; at most `most`.
    pub fn forget_card_guards(
        &mut self,
        brand: BrandId,
        before: Timestamp,
        most: usize,
    ) -> Result<usize, StoreError> {
        self.sql.execute(
            "DELETE FROM card_guards WHERE brand = ?1 AND card IN (
                 SELECT card FROM card_guards WHERE brand = ?1 AND changed_at < ?2 LIMIT ?3)",
            &[brand.into(), before.into(), limit(most)],
        )
    }
}
