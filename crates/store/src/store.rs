//! The handle that the server holds, whatever the engine.

use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};

use tokio::sync::oneshot;

use crate::callbacks::RenderCallbacks;
use crate::engine::{Engine, Job, Submission, sqlite};
use crate::{PreparedPayment, Reader, StoreError, Tx};

/// Where the data is, and tuning with measured defaults.
#[derive(Clone, Debug)]
pub struct Options {
    /// The database file; made with permissions 0600 if it does not exist.
    pub path: PathBuf,
    /// Page cache of the writer, in KiB. A larger one was slower.
    pub page_cache_kib: u32,
    /// Pages in the write-ahead log from which it is carried over into the file.
    pub checkpoint_pages: u32,
    /// Connections for reading.
    pub readers: usize,
    /// Commands that may wait for the writer; more get [`StoreError::Busy`].
    pub queue: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            path: PathBuf::from("torana.db"),
            page_cache_kib: 65_536,
            checkpoint_pages: 2_000,
            readers: 8,
            queue: 10_000,
        }
    }
}

/// What the writer did so far, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Commands that wait now.
    pub queued: u64,
    /// Group commits.
    pub batches: u64,
    /// Commands in them.
    pub jobs: u64,
    /// Commands that failed or were refused.
    pub failed: u64,
    /// How long the last commit took, in microseconds.
    pub last_commit_us: u64,
    /// The longest commit so far, in microseconds.
    pub max_commit_us: u64,
    /// Pages in the write-ahead log after the last commit.
    pub wal_pages: u64,
    /// Checkpoints of the write-ahead log.
    pub checkpoints: u64,
}

/// The store. Cheap to clone; every clone is the same store.
#[derive(Clone)]
pub struct Store {
    engine: Arc<dyn Engine>,
}

impl Store {
    /// Opens the SQLite file, brings its schema up to date and starts the writer.
    pub fn open(options: &Options, render: Arc<dyn RenderCallbacks>) -> Result<Self, StoreError> {
        Ok(Self { engine: Arc::new(sqlite::Sqlite::open(options, render)?) })
    }

    /// Carries out what is queued, then closes. Later commands get [`StoreError::Closed`].
    pub fn close(&self) {
        self.engine.close();
    }

    /// Runs `f` in a transaction of its own, beside others in one group commit; returns once it is durable.
    /// A caller that stops waiting does not stop the command.
    pub async fn write<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.submit(f, move |result| drop(reply.send(result)))?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// [`Store::write`] for callers outside of an async runtime, such as the command line.
    pub fn write_blocking<T, F>(&self, f: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = mpsc::sync_channel(1);
        self.submit(f, move |result| drop(reply.send(result)))?;
        answer.recv().unwrap_or(Err(StoreError::Closed))
    }

    fn submit<T, F, R>(&self, f: F, reply: R) -> Result<(), StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
        R: FnOnce(Result<T, StoreError>) + Send + 'static,
    {
        let job = Typed { f: Some(f), result: None, reply };
        self.engine.submit(Submission::Run(Box::new(job)))
    }

    /// Writes a payment that was prepared on the caller's thread; returns once it is durable.
    /// [`StoreError::Conflict`] when its number is taken: draw another.
    pub async fn create(&self, prepared: PreparedPayment) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.engine.submit(Submission::Create(Box::new(prepared), reply))?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Runs `f` on one consistent snapshot, on the caller's thread: keep it short.
    pub fn read<T>(
        &self,
        f: impl FnOnce(&Reader<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut f = Some(f);
        let mut result = Err(StoreError::Internal);
        self.engine.read(&mut |reader| {
            if let Some(f) = f.take() {
                result = f(reader);
            }
        })?;
        result
    }

    /// What the writer did so far.
    pub fn stats(&self) -> Stats {
        self.engine.stats()
    }

    /// Copies the database to a new file while it is in use. Blocks until it is done.
    pub fn backup(&self, to: &Path) -> Result<(), StoreError> {
        self.engine.backup(to)
    }
}

struct Typed<T, F, R> {
    f: Option<F>,
    result: Option<Result<T, StoreError>>,
    reply: R,
}

impl<T, F, R> Job for Typed<T, F, R>
where
    T: Send + 'static,
    F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send,
    R: FnOnce(Result<T, StoreError>) + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let result = match self.f.take() {
            Some(f) => f(tx),
            None => Err(StoreError::Internal),
        };
        let is_ok = result.is_ok();
        self.result = Some(result);
        is_ok
    }

    fn finish(self: Box<Self>, failure: Option<StoreError>) {
        let result = match (failure, self.result) {
            (Some(error), _) => Err(error),
            (None, Some(result)) => result,
            (None, None) => Err(StoreError::Internal),
        };
        (self.reply)(result);
    }
}
