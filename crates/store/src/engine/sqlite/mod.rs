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
use tokio::sync::broadcast;

use crate::callbacks::RenderCallbacks;
use crate::engine::{Engine, Length, Load, Submission};
use crate::schema;
use crate::store::{Options, Stats};
use crate::{Notice, Reader, StoreError, Topic};

use readers::Readers;
use writer::Writer;

/// An open database file.
pub(crate) struct Sqlite {
    path: PathBuf,
    readers: Readers,
    writer: Writer,
    /// Nobody sends here: a file has one server, and commands of other processes are noticed by looking.
    notices: broadcast::Sender<Notice>,
}

impl Sqlite {
    pub(crate) fn open(
        path: &Path,
        options: &Options,
        render: Arc<dyn RenderCallbacks>,
    ) -> Result<Self, StoreError> {
        pragmas::create_private(path)?;
        let mut connection = pragmas::open_writer(path, options)?;
        migrate(&mut connection)?;
        let readers = Readers::open(path, options)?;
        let writer = Writer::start(connection, path, options, render)?;
        let notices = broadcast::Sender::new(1);
        Ok(Self { path: path.to_owned(), readers, writer, notices })
    }
}

/// Two processes may start at once: the second waits for the first's lock, and may find that its reading of
/// what is missing is out of date. It then looks again.
fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    // A newer version may have been here: its migrations only add.
    let runner = schema::migrations::runner().set_abort_missing(false);
    let again = match runner.run(connection) {
        Ok(_) => return Ok(()),
        Err(error) => error,
    };
    tracing::debug!(error = %again, "migrations are tried once more");
    std::thread::sleep(Duration::from_millis(200));
    runner.run(connection).map_err(|error| StoreError::Migration(error.to_string()))?;
    Ok(())
}

/// The schema as an earlier version made it.
#[cfg(any(test, feature = "conformance"))]
pub(crate) fn make_schema(path: &Path, version: i32) -> Result<(), StoreError> {
    let mut connection = Connection::open(path).map_err(statements::engine_error)?;
    let runner = schema::migrations::runner().set_target(refinery::Target::Version(version));
    let migrated = runner.run(&mut connection);
    migrated.map(drop).map_err(|error| StoreError::Migration(error.to_string()))
}

/// Runs statements on a file, as somebody else would.
#[cfg(any(test, feature = "conformance"))]
pub(crate) fn run_sql(path: &Path, sql: &str) -> Result<(), StoreError> {
    let connection = Connection::open(path).map_err(statements::engine_error)?;
    connection.execute_batch(sql).map_err(statements::engine_error)
}

impl Engine for Sqlite {
    fn submit(&self, submission: Submission) -> Result<(), StoreError> {
        self.writer.submit(submission)
    }

    fn read(&self, _: Length, f: &mut (dyn FnMut(&Reader<'_>) + Send)) -> Result<(), StoreError> {
        self.readers.read(f)
    }

    /// A read that is in the page cache takes microseconds, less than handing it to another thread.
    fn load(&self, load: Load) -> Result<(), StoreError> {
        let mut found = Err(StoreError::Internal);
        self.read(Length::Short, &mut |reader| found = reader.payment(load.brand, load.number))?;
        let _ = load.reply.send(found);
        Ok(())
    }

    fn integrity(&self) -> Result<Vec<String>, StoreError> {
        let connection = pragmas::open_reader(&self.path)?;
        let mut statement =
            connection.prepare("PRAGMA integrity_check").map_err(statements::engine_error)?;
        let found = statement.query_map([], |row| row.get::<_, String>(0));
        let found = found.and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>);
        let mut found = found.map_err(statements::engine_error)?;
        found.retain(|line| line != "ok");
        Ok(found)
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn other_nodes(&self) -> Result<usize, StoreError> {
        Ok(0)
    }

    fn publish(&self, _: Topic, _: &str) {}

    fn notices(&self) -> broadcast::Receiver<Notice> {
        self.notices.subscribe()
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
        // All pages in one step, which is one snapshot: with several, every write in between would begin it anew. Nobody
        // waits for it; only the log cannot be emptied meanwhile.
        match backup.step(-1).map_err(statements::engine_error)? {
            rusqlite::backup::StepResult::Done => {}
            _ => return Err(StoreError::Locked),
        }
        drop(backup);
        drop(target);
        let file = std::fs::File::open(to).and_then(|file| file.sync_all());
        file.map_err(|error| StoreError::Engine(format!("{}: {error}", to.display())))
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
