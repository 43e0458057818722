//! Cards that a network keeps for the merchant: our name, and the network's. The number is with neither of us here.

use torana_domain::card::{CardFacts, Fingerprint};
use torana_domain::{AccountId, BrandId, Timestamp};

use crate::sql::{Row, Value};
use crate::{Reader, StoreError, Tx};

/// A card that a network keeps.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptCardRow {
    /// Whose customer's it is.
    pub brand: BrandId,
    /// The name that the merchant knows.
    pub value: String,
    /// The account at whose network it is kept.
    pub account: AccountId,
    /// The network's name of it: who has it can pay, so it does not print.
    pub network_token: String,
    /// Of number and expiry.
    pub fingerprint: Fingerprint,
    /// What may be shown.
    pub card: CardFacts,
    /// Whether it is good for more than one payment.
    pub reusable: bool,
    /// Whether the same card may not be kept under another name beside it.
    pub decline_duplicates: bool,
    /// Since when.
    pub at: Timestamp,
}

impl std::fmt::Debug for KeptCardRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeptCardRow").field("card", &self.card).finish_non_exhaustive()
    }
}

fn read(row: Row<'_>) -> Result<KeptCardRow, StoreError> {
    Ok(KeptCardRow {
        brand: row.brand(0)?,
        value: row.text(1)?,
        account: row.num(2).map(AccountId)?,
        network_token: row.text(3)?,
        fingerprint: Fingerprint::from_bytes(row.hash(4)?),
        card: row.json(5)?,
        reusable: row.bool(6)?,
        decline_duplicates: row.bool(7)?,
        at: row.time(8)?,
    })
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT brand, value, account, network_token, fingerprint, card, reusable, decline_duplicates, at
             FROM kept_cards ",
            $rest
        )
    };
}

impl Reader<'_> {
    /// The card that is kept under a name.
    pub fn kept_card(
        &self,
        brand: BrandId,
        value: &str,
    ) -> Result<Option<KeptCardRow>, StoreError> {
        self.sql.row(
            select!("WHERE brand = ?1 AND value = ?2"),
            &[brand.into(), value.into()],
            read,
        )
    }

    /// Names under which one card is kept, oldest first.
    pub fn kept_cards_of(
        &self,
        brand: BrandId,
        fingerprint: &Fingerprint,
    ) -> Result<Vec<KeptCardRow>, StoreError> {
        self.sql.rows(
            select!("WHERE brand = ?1 AND fingerprint = ?2 ORDER BY at, value"),
            &[brand.into(), Value::Blob(fingerprint.as_bytes())],
            read,
        )
    }
}

impl Tx<'_> {
    /// Keeps a card under a name; whether the name was free.
    pub fn keep_card(&mut self, row: &KeptCardRow) -> Result<bool, StoreError> {
        let inserted = self.sql.execute(
            "INSERT INTO kept_cards (brand, value, account, network_token, fingerprint, card, reusable,
                                     decline_duplicates, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT DO NOTHING",
            &[
                row.brand.into(),
                (&row.value).into(),
                row.account.into(),
                (&row.network_token).into(),
                Value::Blob(row.fingerprint.as_bytes()),
                (&crate::sql::to_json(&row.card)?).into(),
                row.reusable.into(),
                row.decline_duplicates.into(),
                row.at.into(),
            ],
        )?;
        Ok(inserted == 1)
    }

    /// Forgets what is kept under a name; whether there was something.
    pub fn forget_kept_card(&mut self, brand: BrandId, value: &str) -> Result<bool, StoreError> {
        let deleted = self.sql.execute(
            "DELETE FROM kept_cards WHERE brand = ?1 AND value = ?2",
            &[brand.into(), value.into()],
        )?;
        Ok(deleted == 1)
    }
}
