//! The handle that the server holds, whatever the engine.

use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};

use tokio::sync::{broadcast, oneshot};
use torana_domain::ids::PaymentNumber;
use torana_domain::payment::Payment;
use torana_domain::{BrandId, PaymentId};

use crate::callbacks::RenderCallbacks;
use crate::engine::{Engine, Job, Length, Load, Submission, postgres, sqlite};
use crate::{DatabaseUrl, Lane, Notice, PreparedPayment, Reader, StoreError, Topic, Tx};

/// Which database holds the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file of the embedded engine; made with permissions 0600 if it does not exist.
    Sqlite(PathBuf),
    /// A PostgreSQL, which other nodes may use as well.
    Postgres(DatabaseUrl),
}

/// Where the data is, and tuning with measured defaults.
#[derive(Clone, Debug)]
pub struct Options {
    /// The database.
    pub database: Database,
    /// SQLite: page cache of the writer, in KiB. A larger one was slower.
    pub page_cache_kib: u32,
    /// SQLite: pages in the write-ahead log from which it is carried over into the file.
    pub checkpoint_pages: u32,
    /// Connections for reading.
    pub readers: usize,
    /// PostgreSQL: connections that carry out commands, each of another lane.
    pub writers: usize,
    /// Commands that may wait; more get [`StoreError::Busy`].
    pub queue: usize,
}

impl Options {
    /// Defaults for a database.
    pub fn new(database: Database) -> Self {
        Self {
            database,
            page_cache_kib: 65_536,
            checkpoint_pages: 2_000,
            readers: 8,
            writers: 4,
            queue: 10_000,
        }
    }

    /// Defaults for an embedded database.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self::new(Database::Sqlite(path.into()))
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
    /// Opens the database, brings its schema up to date and starts the writers. Blocks meanwhile.
    pub fn open(options: &Options, render: Arc<dyn RenderCallbacks>) -> Result<Self, StoreError> {
        let engine: Arc<dyn Engine> = match &options.database {
            Database::Sqlite(path) => Arc::new(sqlite::Sqlite::open(path, options, render)?),
            Database::Postgres(url) => Arc::new(postgres::Postgres::open(url, options, render)?),
        };
        Ok(Self { engine })
    }

    /// Whether other nodes may serve the same data at the same time.
    pub fn is_shared(&self) -> bool {
        self.engine.is_shared()
    }

    /// Carries out what is queued, then closes. Later commands get [`StoreError::Closed`].
    pub fn close(&self) {
        self.engine.close();
    }

    /// Runs `f` in a transaction of its own, beside others in one group commit; returns once it is durable.
    /// A caller that stops waiting does not stop the command. `f` may run more than once, each time on a fresh
    /// transaction of which nothing was kept: where the database asks for a repetition, or was lost before the commit.
    pub async fn write<T, F>(&self, lane: Lane, f: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.submit(lane, f, move |result| drop(reply.send(result)))?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// [`Store::write`] for callers outside of an async runtime, such as the command line.
    pub fn write_blocking<T, F>(&self, lane: Lane, f: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = mpsc::sync_channel(1);
        self.submit(lane, f, move |result| drop(reply.send(result)))?;
        answer.recv().unwrap_or(Err(StoreError::Closed))
    }

    fn submit<T, F, R>(&self, lane: Lane, f: F, reply: R) -> Result<(), StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
        R: FnOnce(Result<T, StoreError>) + Send + 'static,
    {
        let job = Typed { f, result: None, reply };
        self.engine.submit(Submission::Run(lane, Box::new(job)))
    }

    /// Writes a payment that was prepared on the caller's thread; returns once it is durable.
    /// [`StoreError::Conflict`] when its number is taken: draw another.
    pub async fn create(&self, prepared: PreparedPayment) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.engine.submit(Submission::Create(Box::new(prepared), reply))?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// A payment by its number within the brand: the way for requests. PostgreSQL reads what waits together.
    pub async fn payment(
        &self,
        brand: BrandId,
        number: PaymentNumber,
    ) -> Result<Option<Payment>, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.engine.load(Load { brand, number, reply })?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// [`Store::payment`] by the whole identity: one with another token does not exist.
    pub async fn payment_by_id(&self, id: PaymentId) -> Result<Option<Payment>, StoreError> {
        let payment = self.payment(id.brand, id.number).await?;
        Ok(payment.filter(|payment| payment.has_id(id)))
    }

    /// Runs `f` on one consistent snapshot, on the caller's thread: keep it short.
    pub fn read<T: Send>(
        &self,
        f: impl FnOnce(&Reader<'_>) -> Result<T, StoreError> + Send,
    ) -> Result<T, StoreError> {
        self.read_for(Length::Short, f)
    }

    /// [`Store::read`] for what takes minutes: all books, whole tables. Not for requests.
    pub fn read_at_length<T: Send>(
        &self,
        f: impl FnOnce(&Reader<'_>) -> Result<T, StoreError> + Send,
    ) -> Result<T, StoreError> {
        self.read_for(Length::Long, f)
    }

    fn read_for<T: Send>(
        &self,
        length: Length,
        f: impl FnOnce(&Reader<'_>) -> Result<T, StoreError> + Send,
    ) -> Result<T, StoreError> {
        let mut f = Some(f);
        let mut result = Err(StoreError::Internal);
        self.engine.read(length, &mut |reader| {
            if let Some(f) = f.take() {
                result = f(reader);
            }
        })?;
        result
    }

    /// What is wrong with the database's own structure, for people; empty when all is well. Reads all of a file.
    pub fn integrity(&self) -> Result<Vec<String>, StoreError> {
        self.engine.integrity()
    }

    /// What the writer did so far.
    pub fn stats(&self) -> Stats {
        self.engine.stats()
    }

    /// Copies the database to a new file while it is in use. Blocks until it is done. SQLite only.
    pub fn backup(&self, to: &Path) -> Result<(), StoreError> {
        self.engine.backup(to)
    }

    /// Other processes that use the same shared data at the moment: servers and commands. Zero for an embedded database,
    /// whose server holds a lock instead.
    pub fn other_nodes(&self) -> Result<usize, StoreError> {
        self.engine.other_nodes()
    }

    /// Tells the other nodes. Best effort: whoever needs to know for sure looks for himself now and then.
    pub fn publish(&self, topic: Topic, text: &str) {
        self.engine.publish(topic, text);
    }

    /// What other nodes publish from now on.
    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.engine.notices()
    }
}

struct Typed<T, F, R> {
    f: F,
    result: Option<Result<T, StoreError>>,
    reply: R,
}

impl<T, F, R> Job for Typed<T, F, R>
where
    T: Send + 'static,
    F: Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send,
    R: FnOnce(Result<T, StoreError>) + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let result = (self.f)(tx);
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
