//! SQLite: one writer thread with group commit, readers on connections of their own.
//!
//! Where next: [`writer`] is the heart; [`pragmas`] says how connections are set up, and why; [`statements`]
//! runs SQL; [`readers`] pools.

mod pragmas;
mod readers;
mod statements;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use crate::callbacks::RenderCallbacks;
use crate::engine::{Engine, Submission};
use crate::store::{Options, Stats};
use crate::{Reader, StoreError};

use readers::Readers;
use writer::Writer;

mod migrations {
    #![allow(missing_docs)]
    refinery::embed_migrations!("migrations");
}

/// Pages that a backup copies before it lets others in.
const BACKUP_PAGES: std::ffi::c_int = 1_000;

/// An open database file.
pub(crate) struct Sqlite {
    path: PathBuf,
    readers: Readers,
    writer: Writer,
}

impl Sqlite {
    pub(crate) fn open(
        options: &Options,
        render: Arc<dyn RenderCallbacks>,
    ) -> Result<Self, StoreError> {
        pragmas::create_private(&options.path)?;
        let mut connection = pragmas::open_writer(options)?;
        migrate(&mut connection)?;
        let readers = Readers::open(options)?;
        let writer = Writer::start(connection, options, render)?;
        Ok(Self { path: options.path.clone(), readers, writer })
    }
}

/// Two processes may start at once: the second waits for the first's lock, and may find that its reading of
/// what is missing is out of date. It then looks again.
fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let runner = migrations::migrations::runner();
    let again = match runner.run(connection) {
        Ok(_) => return Ok(()),
        Err(error) => error,
    };
    tracing::debug!(error = %again, "migrations are tried once more");
    std::thread::sleep(Duration::from_millis(200));
    runner.run(connection).map_err(|error| StoreError::Migration(error.to_string()))?;
    Ok(())
}

impl Engine for Sqlite {
    fn submit(&self, submission: Submission) -> Result<(), StoreError> {
        self.writer.submit(submission)
    }

    fn read(&self, f: &mut dyn FnMut(&Reader<'_>)) -> Result<(), StoreError> {
        self.readers.read(f)
    }

    fn stats(&self) -> Stats {
        self.writer.stats()
    }

    fn backup(&self, to: &Path) -> Result<(), StoreError> {
        pragmas::create_private(to)?;
        let source = Connection::open(&self.path).map_err(statements::engine_error)?;
        source.busy_timeout(pragmas::BUSY_TIMEOUT).map_err(statements::engine_error)?;
        let mut target = Connection::open(to).map_err(statements::engine_error)?;
        let backup = rusqlite::backup::Backup::new(&source, &mut target)
            .map_err(statements::engine_error)?;
        backup
            .run_to_completion(BACKUP_PAGES, Duration::from_millis(1), None)
            .map_err(statements::engine_error)
    }

    fn close(&self) {
        self.readers.close();
        self.writer.close();
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.close();
    }
}
