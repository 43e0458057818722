//! What can go wrong, in one enum with stable codes.

use thiserror::Error;
use torana_domain::ledger::LedgerError;
use torana_domain::payment::Refusal;

/// Why nothing was written or read. Whatever the command had written before is rolled back.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The domain's rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What the command names does not exist.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// Something with this key exists already.
    #[error("the key is taken")]
    Conflict,
    /// The row changed between reading and writing it.
    #[error("changed by somebody else meanwhile")]
    VersionConflict,
    /// Not allowed, whatever the state; the text says why.
    #[error("not allowed: {0}")]
    Forbidden(&'static str),
    /// The writer's queue is full: try again later.
    #[error("the store is too busy")]
    Busy,
    /// Another process held the database for too long.
    #[error("the database is locked by another process")]
    Locked,
    /// The database asks for the transaction to be run again; the store does so by itself, a few times.
    #[error("the database asked for a repetition too often")]
    Contended,
    /// There is no connection to the database; the text says why, for operators. Nothing was done.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// The database went away. Nothing was done.
    #[error("the database cannot be reached")]
    Unavailable,
    /// The connection broke during the commit: the command was carried out whole or not at all, and which is not known.
    #[error("the database was lost during the commit: whether it was done is not known")]
    Unknown,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// A command panicked; it was rolled back.
    #[error("internal error")]
    Internal,
    /// A stored value is not what this version writes.
    #[error("damaged row: {0}")]
    Damaged(String),
    /// A value cannot be written.
    #[error("cannot be stored: {0}")]
    Unstorable(String),
    /// The schema cannot be brought up to date.
    #[error("migration failed: {0}")]
    Migration(String),
    /// The engine failed: disk full, I/O error, a statement refused.
    #[error("database: {0}")]
    Engine(String),
}

impl StoreError {
    /// Whether the same may work a little later; it may have worked already where the outcome is unknown.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Busy
                | Self::Locked
                | Self::Contended
                | Self::Unavailable
                | Self::Unreachable(_)
                | Self::Unknown
        )
    }

    /// A stable code for logs and machine-readable errors.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::NotFound(_) => "not_found",
            Self::Conflict => "conflict",
            Self::VersionConflict => "version_conflict",
            Self::Forbidden(_) => "forbidden",
            Self::Busy => "store_busy",
            Self::Locked => "store_locked",
            Self::Contended => "store_contended",
            Self::Unavailable | Self::Unreachable(_) => "store_unavailable",
            Self::Unknown => "store_unknown",
            Self::Closed => "store_closed",
            Self::Internal => "internal",
            Self::Damaged(_) => "store_damaged",
            Self::Unstorable(_) => "unstorable",
            Self::Migration(_) => "migration_failed",
            Self::Engine(_) => "store_engine",
        }
    }
}

impl From<LedgerError> for StoreError {
    fn from(error: LedgerError) -> Self {
        Self::Refused(Refusal::Ledger(error))
    }
}
