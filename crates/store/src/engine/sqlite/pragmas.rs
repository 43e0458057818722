//! How connections are set up, and why.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::StoreError;
use crate::store::Options;

use super::statements::engine_error;

/// How long one process waits for the lock of another, such as the command line for the server.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Statements that a connection keeps prepared: more than there are.
const STATEMENTS: usize = 256;
/// Readers share the file's pages through the operating system; their own cache is for the inner pages of the trees, which
/// ten million payments have 40 MB of. As many readers fill it as there are threads that read at once.
const READER_CACHE_KIB: u32 = 16_384;

/// Carrying pages over needs no cache.
const CHECKPOINTER_CACHE_KIB: u32 = 1_024;

/// Makes the file, readable by nobody else, before SQLite would make it readable by all. The files beside it
/// (`-wal`, `-shm`) take over its permissions.
pub(super) fn create_private(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .map(drop)
        .map_err(|error| StoreError::Engine(format!("{}: {error}", path.display())))
}

/// The connection that writes. Checkpoints are the writer's own business.
pub(super) fn open_writer(path: &Path, options: &Options) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags, options.page_cache_kib).map_err(engine_error)?;
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
        .map_err(engine_error)?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(StoreError::Engine(format!("journal mode is {mode}, not WAL")));
    }
    // FULL: each commit is on the disk before anybody is answered.
    connection.pragma_update(None, "synchronous", "FULL").map_err(engine_error)?;
    connection.pragma_update(None, "wal_autocheckpoint", 0).map_err(engine_error)?;
    Ok(connection)
}

/// A connection that only reads.
pub(super) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags, READER_CACHE_KIB).map_err(engine_error)?;
    connection.pragma_update(None, "query_only", true).map_err(engine_error)?;
    Ok(connection)
}

/// The connection that carries the log over. It syncs like the writer: the log before the file.
pub(super) fn open_checkpointer(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags, CHECKPOINTER_CACHE_KIB).map_err(engine_error)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(engine_error)?;
    Ok(connection)
}

fn open(path: &Path, flags: OpenFlags, cache_kib: u32) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Without this the planner looks at bound values, and a cached statement is planned anew at every use.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -i64::from(cache_kib))?;
    Ok(connection)
}
