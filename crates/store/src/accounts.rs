//! Rail accounts: where payers send money to.

use serde::{Deserialize, Serialize};
use torana_domain::limits::AccountLimits;
use torana_domain::{AccountId, BrandId, DeviceId};

use crate::sql::{Row, Value, to_json};
use crate::{Reader, StoreError, Tx};

/// What some rails need to know of an account beside its number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountDetails {
    /// Whose account it is, as the payer's app shows it; the brand's name where it does not say.
    pub holder: Option<String>,
    /// The merchant category code (ISO 18245) that the account was registered with.
    pub merchant_code: Option<String>,
    /// The last digits of the bank account behind it, as the bank's messages show them.
    pub account_tail: Option<String>,
    /// The bank of that account, as a slug.
    pub bank: Option<String>,
    /// The acquirer's name of the terminal: eight characters.
    pub terminal: Option<String>,
    /// The acquirer's name of the merchant: fifteen characters.
    pub merchant_id: Option<String>,
    /// Which site of the far end is meant, where it has several.
    pub site: Option<String>,
}

/// A rail account as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// Whose it is.
    pub brand: BrandId,
    /// Its identity within the brand.
    pub id: AccountId,
    /// The rail, such as `wallet`.
    pub rail: String,
    /// The wallet or scheme, as a slug such as `bkash`.
    pub method: String,
    /// Personal, agent or merchant.
    pub kind: String,
    /// The number that payers send to.
    pub number: String,
    /// What payers see.
    pub label: String,
    /// The merchant's own words to payers.
    pub instructions: String,
    /// What it may take.
    pub limits: AccountLimits,
    /// The phone that hears of its money.
    pub device: Option<DeviceId>,
    /// The SIM slot in that phone.
    pub sim: Option<i32>,
    /// Its place in the merchant's order.
    pub position: i32,
    /// Whether it is offered.
    pub enabled: bool,
    /// What else its rail needs.
    pub details: AccountDetails,
    /// The secret that the brand shares with the far end, sealed, where there is one.
    pub sealed: Option<Vec<u8>>,
}

fn read(row: Row<'_>) -> Result<AccountRow, StoreError> {
    Ok(AccountRow {
        brand: row.brand(0)?,
        id: row.num(1).map(AccountId)?,
        rail: row.text(2)?,
        method: row.text(3)?,
        kind: row.text(4)?,
        number: row.text(5)?,
        label: row.text(6)?,
        instructions: row.text(7)?,
        limits: row.json(8)?,
        device: row.opt_num(9)?.map(DeviceId),
        sim: row.opt_num(10)?,
        position: row.num(11)?,
        enabled: row.bool(12)?,
        details: row.json(13)?,
        sealed: row.opt_blob(14)?,
    })
}

impl Reader<'_> {
    /// A brand's accounts in the merchant's order, enabled or not.
    pub fn accounts(&self, brand: BrandId) -> Result<Vec<AccountRow>, StoreError> {
        self.sql.rows(
            "SELECT brand, id, rail, method, kind, number, label, instructions, limits, device, sim,
                    position, enabled, details, sealed
             FROM accounts WHERE brand = ?1 ORDER BY position, id",
            &[brand.into()],
            read,
        )
    }

    /// One account.
    pub fn account(&self, brand: BrandId, id: AccountId) -> Result<Option<AccountRow>, StoreError> {
        self.sql.row(
            "SELECT brand, id, rail, method, kind, number, label, instructions, limits, device, sim,
                    position, enabled, details, sealed
             FROM accounts WHERE brand = ?1 AND id = ?2",
            &[brand.into(), id.into()],
            read,
        )
    }
}

impl Tx<'_> {
    /// Adds an account. Its `id` is assigned here, whatever it was; the row comes back with it.
    pub fn insert_account(&mut self, row: &AccountRow) -> Result<AccountRow, StoreError> {
        let mut row = row.clone();
        let brand = row.brand;
        let last =
            self.sql.int("SELECT max(id) FROM accounts WHERE brand = ?1", &[brand.into()])?;
        let id = u32::try_from(last + 1).map_err(|_| StoreError::Forbidden("too many accounts"))?;
        row.id = AccountId(id);
        self.sql.execute(
            "INSERT INTO accounts (brand, id, rail, method, kind, number, label, instructions, limits,
                                   device, sim, position, enabled, details, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            &[
                brand.into(),
                row.id.into(),
                (&row.rail).into(),
                (&row.method).into(),
                (&row.kind).into(),
                (&row.number).into(),
                (&row.label).into(),
                (&row.instructions).into(),
                (&to_json(&row.limits)?).into(),
                row.device.into(),
                row.sim.into(),
                row.position.into(),
                row.enabled.into(),
                (&to_json(&row.details)?).into(),
                row.sealed.as_deref().map_or(Value::Null, Value::Blob),
            ],
        )?;
        self.bump_config()?;
        Ok(row)
    }

    /// Replaces the secret that the brand shares with an account's far end, and which site that is.
    pub fn update_account_secret(
        &mut self,
        brand: BrandId,
        id: AccountId,
        sealed: &[u8],
        details: &AccountDetails,
    ) -> Result<(), StoreError> {
        self.sql.execute_one(
            "UPDATE accounts SET sealed = ?3, details = ?4 WHERE brand = ?1 AND id = ?2",
            &[brand.into(), id.into(), Value::Blob(sealed), (&to_json(details)?).into()],
            StoreError::NotFound("account"),
        )?;
        self.bump_config()
    }

    /// Offers an account to payers, or no longer.
    pub fn update_account_enabled(
        &mut self,
        brand: BrandId,
        id: AccountId,
        enabled: bool,
    ) -> Result<(), StoreError> {
        self.sql.execute_one(
            "UPDATE accounts SET enabled = ?3 WHERE brand = ?1 AND id = ?2",
            &[brand.into(), id.into(), enabled.into()],
            StoreError::NotFound("account"),
        )?;
        self.bump_config()
    }
}
