//! Phones that forward messages.

use torana_domain::{BrandId, DeviceId, Timestamp};

use crate::sql::{Row, Value};
use crate::{Reader, StoreError, Tx};

/// A phone as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRow {
    /// Whose it is.
    pub brand: BrandId,
    /// Its identity within the brand.
    pub id: DeviceId,
    /// What the merchant calls it.
    pub name: String,
    /// The e-mail address that the existing app sends with its key.
    pub email: String,
    /// The keyed hash of its key; unique over all brands.
    pub key_lookup: [u8; 32],
    /// Its sealed secret.
    pub sealed_secret: Vec<u8>,
    /// The handset that the key is bound to, once it is.
    pub binding: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last heard of.
    pub last_seen_at: Option<Timestamp>,
    /// Its battery in percent.
    pub battery: Option<i32>,
    /// The highest message number that was received without a gap before it; the first is one.
    pub acknowledged_seq: i64,
    /// The keyed hash of its pairing code, until that is used.
    pub pairing_lookup: Option<[u8; 32]>,
    /// Until when the pairing code is valid.
    pub pairing_expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT brand, id, name, email, key_lookup, sealed_secret, binding, created_at, last_seen_at,
                    battery, acknowledged_seq, pairing_lookup, pairing_expires_at, revoked_at
             FROM devices ",
            $rest
        )
    };
}

fn read(row: Row<'_>) -> Result<DeviceRow, StoreError> {
    Ok(DeviceRow {
        brand: row.brand(0)?,
        id: row.num(1).map(DeviceId)?,
        name: row.text(2)?,
        email: row.text(3)?,
        key_lookup: row.hash(4)?,
        sealed_secret: row.blob(5)?,
        binding: row.opt_text(6)?,
        created_at: row.time(7)?,
        last_seen_at: row.opt_time(8)?,
        battery: row.opt_num(9)?,
        acknowledged_seq: row.int(10)?,
        pairing_lookup: row.opt_hash(11)?,
        pairing_expires_at: row.opt_time(12)?,
        revoked_at: row.opt_time(13)?,
    })
}

const GONE: StoreError = StoreError::NotFound("device");

impl Reader<'_> {
    /// One phone.
    pub fn device(&self, brand: BrandId, id: DeviceId) -> Result<Option<DeviceRow>, StoreError> {
        let params = [brand.into(), id.into()];
        self.sql.row(select!("WHERE brand = ?1 AND id = ?2"), &params, read)
    }

    /// A brand's phones, revoked or not.
    pub fn devices(&self, brand: BrandId) -> Result<Vec<DeviceRow>, StoreError> {
        self.sql.rows(select!("WHERE brand = ?1 ORDER BY id"), &[brand.into()], read)
    }

    /// The phone with that key, revoked or not.
    pub fn device_by_key_lookup(&self, lookup: &[u8; 32]) -> Result<Option<DeviceRow>, StoreError> {
        self.sql.row(select!("WHERE key_lookup = ?1"), &[lookup.into()], read)
    }

    /// The phone that waits for that pairing code; the caller checks until when it is valid.
    pub fn device_by_pairing_lookup(
        &self,
        lookup: &[u8; 32],
    ) -> Result<Option<DeviceRow>, StoreError> {
        self.sql.row(select!("WHERE pairing_lookup = ?1"), &[lookup.into()], read)
    }
}

impl Tx<'_> {
    /// Adds a phone. Its `id` is assigned here, whatever it was; the row comes back with it.
    pub fn insert_device(&mut self, row: &DeviceRow) -> Result<DeviceRow, StoreError> {
        let mut row = row.clone();
        let brand = row.brand;
        let last = self.sql.int("SELECT max(id) FROM devices WHERE brand = ?1", &[brand.into()])?;
        let id = u32::try_from(last + 1).map_err(|_| StoreError::Forbidden("too many devices"))?;
        row.id = DeviceId(id);
        self.sql.execute(
            "INSERT INTO devices (brand, id, name, email, key_lookup, sealed_secret, binding, created_at,
                                  last_seen_at, battery, acknowledged_seq, pairing_lookup,
                                  pairing_expires_at, revoked_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            &[
                brand.into(),
                row.id.into(),
                (&row.name).into(),
                (&row.email).into(),
                (&row.key_lookup).into(),
                (&row.sealed_secret).into(),
                row.binding.as_ref().into(),
                row.created_at.into(),
                row.last_seen_at.into(),
                row.battery.into(),
                row.acknowledged_seq.into(),
                row.pairing_lookup.as_ref().into(),
                row.pairing_expires_at.into(),
                row.revoked_at.into(),
            ],
        )?;
        self.bump_config()?;
        Ok(row)
    }

    /// Binds a phone's key to a handset. [`StoreError::Conflict`] if it is bound to another.
    pub fn bind_device(
        &mut self,
        brand: BrandId,
        id: DeviceId,
        binding: &str,
    ) -> Result<(), StoreError> {
        let device = self.device(brand, id)?.ok_or(GONE)?;
        match device.binding {
            Some(bound) if bound == binding => return Ok(()),
            Some(_) => return Err(StoreError::Conflict),
            None => {}
        }
        self.sql.execute_one(
            "UPDATE devices SET binding = ?3 WHERE brand = ?1 AND id = ?2 AND binding IS NULL",
            &[brand.into(), id.into(), binding.into()],
            StoreError::VersionConflict,
        )?;
        self.bump_config()
    }

    /// Lets a phone's key be bound to another handset.
    pub fn unbind_device(&mut self, brand: BrandId, id: DeviceId) -> Result<(), StoreError> {
        self.sql.execute_one(
            "UPDATE devices SET binding = NULL WHERE brand = ?1 AND id = ?2",
            &[brand.into(), id.into()],
            GONE,
        )?;
        self.bump_config()
    }

    /// Notes that a phone lives. Does not count as a change of configuration.
    pub fn touch_device(
        &mut self,
        brand: BrandId,
        id: DeviceId,
        now: Timestamp,
        battery: Option<i32>,
    ) -> Result<(), StoreError> {
        self.sql.execute_later(
            "UPDATE devices SET last_seen_at = ?3, battery = coalesce(?4, battery)
             WHERE brand = ?1 AND id = ?2",
            &[brand.into(), id.into(), now.into(), battery.into()],
            Some(GONE),
        )
    }

    /// Gives a phone a pairing code, which replaces an earlier one.
    pub fn offer_pairing(
        &mut self,
        brand: BrandId,
        id: DeviceId,
        lookup: [u8; 32],
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.sql.execute_one(
            "UPDATE devices SET pairing_lookup = ?3, pairing_expires_at = ?4
             WHERE brand = ?1 AND id = ?2 AND revoked_at IS NULL",
            &[brand.into(), id.into(), (&lookup).into(), expires_at.into()],
            GONE,
        )?;
        self.bump_config()
    }

    /// Uses a pairing code up and gives the phone its new secret; it counts on from the highest message of the old one,
    /// whose gaps nobody can fill any more. An empty name keeps the old one.
    pub fn pair_device(
        &mut self,
        brand: BrandId,
        id: DeviceId,
        name: &str,
        key_lookup: &[u8; 32],
        sealed_secret: &[u8],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.sql.execute_one(
            "UPDATE devices SET name = CASE WHEN ?3 = '' THEN name ELSE ?3 END, key_lookup = ?4,
                    sealed_secret = ?5, last_seen_at = ?6, pairing_lookup = NULL,
                    pairing_expires_at = NULL,
                    acknowledged_seq = coalesce(
                        (SELECT max(seq) FROM messages WHERE brand = ?1 AND device = ?2),
                        acknowledged_seq)
             WHERE brand = ?1 AND id = ?2 AND pairing_lookup IS NOT NULL AND revoked_at IS NULL",
            &[
                brand.into(),
                id.into(),
                name.into(),
                key_lookup.into(),
                Value::Blob(sealed_secret),
                now.into(),
            ],
            GONE,
        )?;
        self.bump_config()
    }

    /// Revokes a phone; revoking it twice changes nothing.
    pub fn revoke_device(
        &mut self,
        brand: BrandId,
        id: DeviceId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.sql.execute_one(
            "UPDATE devices SET revoked_at = coalesce(revoked_at, ?3), pairing_lookup = NULL,
                    pairing_expires_at = NULL
             WHERE brand = ?1 AND id = ?2",
            &[brand.into(), id.into(), now.into()],
            GONE,
        )?;
        self.bump_config()
    }
}
