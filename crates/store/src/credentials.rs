//! What merchants authenticate with. The secret itself is not here: a keyed hash to find it, and a sealed
//! copy for the dialects that need it to check signatures.

use torana_domain::{BrandId, Timestamp};

use crate::sql::Row;
use crate::{Reader, StoreError, Tx};

/// A credential as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialRow {
    /// Whose it is.
    pub brand: BrandId,
    /// The dialect that it is for.
    pub dialect: String,
    /// The keyed hash by which it is found; unique over all brands.
    pub lookup: [u8; 32],
    /// The sealed secret, if the dialect needs it.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

fn read(row: Row<'_>) -> Result<CredentialRow, StoreError> {
    Ok(CredentialRow {
        brand: row.brand(0)?,
        dialect: row.text(1)?,
        lookup: row.hash(2)?,
        sealed: row.blob(3)?,
        created_at: row.time(4)?,
        revoked_at: row.opt_time(5)?,
    })
}

impl Reader<'_> {
    /// The credential with that keyed hash, revoked or not.
    pub fn credential_by_lookup(
        &self,
        lookup: &[u8; 32],
    ) -> Result<Option<CredentialRow>, StoreError> {
        self.sql.row(
            "SELECT brand, dialect, lookup, sealed, created_at, revoked_at
             FROM credentials WHERE lookup = ?1",
            &[lookup.into()],
            read,
        )
    }

    /// A brand's credentials, oldest first, revoked or not.
    pub fn credentials(&self, brand: BrandId) -> Result<Vec<CredentialRow>, StoreError> {
        self.sql.rows(
            "SELECT brand, dialect, lookup, sealed, created_at, revoked_at
             FROM credentials WHERE brand = ?1 ORDER BY created_at, lookup",
            &[brand.into()],
            read,
        )
    }
}

impl Tx<'_> {
    /// Adds a credential; [`StoreError::Conflict`] if the keyed hash is known.
    pub fn insert_credential(&mut self, row: &CredentialRow) -> Result<(), StoreError> {
        self.sql.execute(
            "INSERT INTO credentials (brand, dialect, lookup, sealed, created_at, revoked_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            &[
                row.brand.into(),
                (&row.dialect).into(),
                (&row.lookup).into(),
                (&row.sealed).into(),
                row.created_at.into(),
                row.revoked_at.into(),
            ],
        )?;
        self.bump_config()
    }

    /// Revokes a credential; revoking it twice changes nothing.
    pub fn revoke_credential(
        &mut self,
        brand: BrandId,
        lookup: &[u8; 32],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.sql.execute_one(
            "UPDATE credentials SET revoked_at = coalesce(revoked_at, ?3)
             WHERE lookup = ?2 AND brand = ?1",
            &[brand.into(), lookup.into(), now.into()],
            StoreError::NotFound("credential"),
        )?;
        self.bump_config()
    }
}
