//! Brands, and the counter that tells other processes that what they keep in memory is out of date.

use torana_domain::{BrandId, Mode, Timestamp};

use crate::sql::Row;
use crate::{Reader, StoreError, Topic, Tx};

/// A brand as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrandRow {
    /// Its identity.
    pub id: BrandId,
    /// The shop's name, as payers see it.
    pub name: String,
    /// Whether its money is real; never changes.
    pub mode: Mode,
    /// When it was made.
    pub created_at: Timestamp,
    /// What the merchant can set: a JSON text that the store does not read.
    pub settings: String,
    /// How far its clock is ahead; zero in live mode.
    pub clock_offset_ms: i64,
    /// Counts its changes, from one.
    pub version: i64,
}

fn read(row: Row<'_>) -> Result<BrandRow, StoreError> {
    Ok(BrandRow {
        id: row.brand(0)?,
        name: row.text(1)?,
        mode: row.parsed(2, |mode| mode.parse().ok())?,
        created_at: row.time(3)?,
        settings: row.text(4)?,
        clock_offset_ms: row.int(5)?,
        version: row.int(6)?,
    })
}

impl Reader<'_> {
    /// The brand with that id.
    pub fn brand(&self, id: BrandId) -> Result<Option<BrandRow>, StoreError> {
        self.sql.row(
            "SELECT id, name, mode, created_at, settings, clock_offset_ms, version
             FROM brands WHERE id = ?1",
            &[id.into()],
            read,
        )
    }

    /// All brands.
    pub fn brands(&self) -> Result<Vec<BrandRow>, StoreError> {
        self.sql.rows(
            "SELECT id, name, mode, created_at, settings, clock_offset_ms, version
             FROM brands ORDER BY id",
            &[],
            read,
        )
    }

    /// Grows with every change of brands, credentials, accounts and devices, by any process; at least one.
    pub fn config_version(&self) -> Result<i64, StoreError> {
        self.sql.int("SELECT version FROM config_version WHERE id = 1", &[])
    }
}

impl Tx<'_> {
    /// Makes a brand.
    pub fn insert_brand(
        &mut self,
        name: &str,
        mode: Mode,
        settings: &str,
        now: Timestamp,
    ) -> Result<BrandRow, StoreError> {
        let last = self.sql.int("SELECT max(id) FROM brands", &[])?;
        let id = u32::try_from(last + 1).map_err(|_| StoreError::Forbidden("too many brands"))?;
        let id = BrandId(id);
        self.sql.execute(
            "INSERT INTO brands (id, name, mode, created_at, settings, clock_offset_ms, version)
             VALUES (?1, ?2, ?3, ?4, ?5, 0, 1)",
            &[id.into(), name.into(), mode.as_str().into(), now.into(), settings.into()],
        )?;
        self.bump_config()?;
        let (name, settings) = (name.to_owned(), settings.to_owned());
        let (created_at, clock_offset_ms, version) = (now, 0, 1);
        Ok(BrandRow { id, name, mode, created_at, settings, clock_offset_ms, version })
    }

    /// Replaces a brand's name and settings, if it still has `version`.
    pub fn update_brand_settings(
        &mut self,
        id: BrandId,
        version: i64,
        name: &str,
        settings: &str,
    ) -> Result<(), StoreError> {
        self.sql.execute_one(
            "UPDATE brands SET name = ?3, settings = ?4, version = version + 1
             WHERE id = ?1 AND version = ?2",
            &[id.into(), version.into(), name.into(), settings.into()],
            StoreError::VersionConflict,
        )?;
        self.bump_config()
    }

    /// Moves a test brand's clock forward; the new offset in milliseconds.
    pub fn advance_clock(&mut self, id: BrandId, ms: i64) -> Result<i64, StoreError> {
        let brand = self.brand(id)?.ok_or(StoreError::NotFound("brand"))?;
        if brand.mode != Mode::Test {
            return Err(StoreError::Forbidden("only a test brand's clock can be moved"));
        }
        if ms < 0 {
            return Err(StoreError::Forbidden("a clock only moves forward"));
        }
        let offset = brand
            .clock_offset_ms
            .checked_add(ms)
            .ok_or(StoreError::Forbidden("the clock cannot be moved that far"))?;
        self.sql.execute(
            "UPDATE brands SET clock_offset_ms = ?2, version = version + 1 WHERE id = ?1",
            &[id.into(), offset.into()],
        )?;
        self.bump_config()?;
        Ok(offset)
    }

    /// Tells every process that what it keeps in memory is out of date.
    pub fn announce_changes(&mut self) -> Result<(), StoreError> {
        self.bump_config()
    }

    pub(crate) fn bump_config(&self) -> Result<(), StoreError> {
        let sql = "UPDATE config_version SET version = version + 1 WHERE id = 1";
        self.sql.execute_later(sql, &[], None)?;
        self.sql.notify(Topic::Config)
    }
}
