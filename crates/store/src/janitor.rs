//! Throwing away what is only a log. Payments, receipts, messages, ledger and audit are kept for ever.

use torana_domain::{BrandId, Timestamp};

use crate::sql::limit;
use crate::{StoreError, Tx};

/// Ages beyond which logs go; `None` keeps them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PruneBefore {
    /// Callbacks that are done with and were made before this, with their deliveries.
    pub callbacks: Option<Timestamp>,
    /// Idempotency keys from before this.
    pub idempotency: Option<Timestamp>,
}

/// What was thrown away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Callbacks.
    pub callbacks: usize,
    /// Idempotency keys.
    pub idempotency: usize,
}

impl Tx<'_> {
    /// Throws away at most `most` rows of each kind of a brand, so that the writer is not held for long.
    pub fn prune(
        &mut self,
        brand: BrandId,
        before: PruneBefore,
        most: usize,
    ) -> Result<Pruned, StoreError> {
        let mut pruned = Pruned::default();
        if let Some(at) = before.callbacks {
            pruned.callbacks = self.sql.execute(
                // Said twice: one that somebody makes due again meanwhile stays.
                "DELETE FROM outbox WHERE brand = ?1 AND state <> 'pending' AND id IN (
                     SELECT id FROM outbox WHERE brand = ?1 AND state <> 'pending' AND created_at < ?2
                     ORDER BY id LIMIT ?3 /*pg: FOR UPDATE SKIP LOCKED */)",
                &[brand.into(), at.into(), limit(most)],
            )?;
        }
        if let Some(at) = before.idempotency {
            pruned.idempotency = self.sql.execute(
                "DELETE FROM idempotency WHERE brand = ?1 AND (dialect, key) IN (
                     SELECT dialect, key FROM idempotency WHERE brand = ?1 AND at < ?2 LIMIT ?3)",
                &[brand.into(), at.into(), limit(most)],
            )?;
        }
        Ok(pruned)
    }
}
