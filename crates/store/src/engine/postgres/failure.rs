//! Errors of the driver as ours.

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::StoreError;

/// What an error means for whoever asked. [`StoreError::Unavailable`] and [`StoreError::Contended`] mean that nothing was
/// done and the same may be tried again; at a commit the caller knows better.
pub(super) fn engine_error(error: &Error) -> StoreError {
    if let Some(database) = error.as_db_error() {
        return of_database(database);
    }
    let source = std::error::Error::source(error);
    // Without a word from the database the connection is at fault: closed, timed out, reset, or no TLS.
    tracing::debug!(%error, ?source, "the database's connection failed");
    StoreError::Unavailable
}

fn of_database(error: &tokio_postgres::error::DbError) -> StoreError {
    let code = error.code();
    match *code {
        SqlState::UNIQUE_VIOLATION => StoreError::Conflict,
        SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => {
            StoreError::Contended
        }
        SqlState::LOCK_NOT_AVAILABLE => StoreError::Locked,
        // Stopped, starting, or no longer the primary: another host, or the same a little later, will serve.
        SqlState::ADMIN_SHUTDOWN
        | SqlState::CRASH_SHUTDOWN
        | SqlState::CANNOT_CONNECT_NOW
        | SqlState::READ_ONLY_SQL_TRANSACTION
        | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
        | SqlState::TOO_MANY_CONNECTIONS => StoreError::Unavailable,
        // And where a distributed database does not know what became of a commit.
        _ if code.code().starts_with("08") || code.code() == "40003" => StoreError::Unavailable,
        // The message only: the detail may quote values.
        _ => StoreError::Engine(format!("{} ({})", error.message(), code.code())),
    }
}
