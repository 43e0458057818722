//! What commands must not run beside each other.

use torana_domain::BrandId;

use crate::sql::Value;

/// Commands of one lane run one after the other, on all nodes; those of different lanes may run beside each other. So a
/// command may read, decide and write without fearing that its lane changes in between. SQLite has one writer and
/// therefore one lane for everything; PostgreSQL locks the lane's row and runs waiting commands of one lane in one
/// transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Payments, receipts, messages, ledger, audit and settings of a brand.
    Brand(BrandId),
    /// Deliveries of a brand's callbacks: they never wait for its payments. Locks nothing: what two nodes may do to one
    /// callback is settled by conditional updates.
    Outbox(BrandId),
    /// What belongs to no brand, such as making one.
    Shared,
    /// Whether anything can be written at all. Waits for nobody, and nobody waits for it.
    Probe,
}

/// A statement with its parameters.
pub(crate) type Lock = (&'static str, Vec<Value<'static>>);

impl Lane {
    /// What takes the lane's lock until the end of the transaction, for engines with several writers.
    pub(crate) fn lock(self) -> Option<Lock> {
        match self {
            Self::Brand(brand) => Some((
                "SELECT id FROM brands WHERE id = ?1 /*pg: FOR UPDATE */",
                vec![brand.into()],
            )),
            Self::Outbox(_) | Self::Probe => None,
            Self::Shared => {
                Some(("SELECT id FROM config_version WHERE id = 1 /*pg: FOR UPDATE */", vec![]))
            }
        }
    }
}
