//! Who did what by hand. Insert-only: the engine refuses changes.

use torana_domain::{BrandId, Timestamp};

use crate::sql::limit;
use crate::{Reader, StoreError, Tx};

/// Something that a person or a process did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// The brand that it concerns.
    pub brand: BrandId,
    /// Its number within the brand.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What, as a stable code such as `receipt.dismiss`.
    pub action: String,
    /// The rest, for people.
    pub detail: String,
}

impl Reader<'_> {
    /// A brand's audit log, latest first, from before `before`.
    pub fn audit_log(
        &self,
        brand: BrandId,
        before: Option<i64>,
        most: usize,
    ) -> Result<Vec<AuditRow>, StoreError> {
        self.sql.rows(
            "SELECT brand, id, at, actor, action, detail FROM audit
             WHERE brand = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
            &[brand.into(), before.unwrap_or(i64::MAX).into(), limit(most)],
            |row| {
                Ok(AuditRow {
                    brand: row.brand(0)?,
                    id: row.int(1)?,
                    at: row.time(2)?,
                    actor: row.text(3)?,
                    action: row.text(4)?,
                    detail: row.text(5)?,
                })
            },
        )
    }
}

impl Tx<'_> {
    /// Adds to the audit log, in the name of the actor of [`Tx::set_actor`].
    pub fn audit(
        &mut self,
        brand: BrandId,
        action: &str,
        detail: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let last = self.sql.int("SELECT max(id) FROM audit WHERE brand = ?1", &[brand.into()])?;
        self.sql.execute_later(
            "INSERT INTO audit (brand, id, at, actor, action, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            &[
                brand.into(),
                (last + 1).into(),
                now.into(),
                (&self.actor).into(),
                action.into(),
                detail.into(),
            ],
            None,
        )?;
        Ok(())
    }
}
