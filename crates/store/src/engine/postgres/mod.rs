//! PostgreSQL: for those who outgrow one machine. Nodes share it and keep no state that matters.
//!
//! | what | how | where |
//! |---|---|---|
//! | payments are created | all that wait in one statement | [`creates`] |
//! | payments are read by requests | all that wait in one statement | [`loads`] |
//! | commands | one transaction for what waits in a lane, under the lane's lock | [`commands`], [`lanes`] |
//! | other reads | on the caller's thread, one snapshot | [`readers`] |
//! | notices between nodes | LISTEN and NOTIFY | [`notices`] |
//!
//! None of these waits for more to come. While the database is away, what waits is kept for ten seconds ([`link`]) and then
//! answered with [`StoreError::Unavailable`]; after a failover everything connects again by itself.

mod commands;
mod creates;
mod failure;
mod lanes;
mod link;
mod loads;
mod notices;
mod readers;
mod session;
mod target;
mod value;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::broadcast;

use crate::callbacks::RenderCallbacks;
use crate::engine::{Engine, Length, Load, Submission};
use crate::schema;
use crate::store::{Options, Stats};
use crate::{DatabaseUrl, Notice, Reader, StoreError, Topic};

use lanes::Lanes;
use link::Link;
use notices::Notices;
use readers::Readers;
use target::Target;

/// The key of the advisory lock under which a node brings the schema up to date: "torana" in ASCII.
const MIGRATING: i64 = 0x746f_7261_6e61;

/// Processes that named themselves as ours do.
const OTHER_NODES: &str = "
    SELECT count(DISTINCT application_name) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'torana %'
          AND application_name <> ?1";

/// What the writing threads did, for metrics.
#[derive(Default)]
pub(super) struct Counters {
    creates_queued: AtomicU64,
    batches: AtomicU64,
    jobs: AtomicU64,
    failed: AtomicU64,
    last_commit_us: AtomicU64,
    max_commit_us: AtomicU64,
}

impl Counters {
    fn committed(&self, started: Instant) {
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.last_commit_us.store(micros, Ordering::Relaxed);
        self.max_commit_us.fetch_max(micros, Ordering::Relaxed);
    }
}

/// What waits for the threads that insert and read payments; they end when these are gone.
struct Queues {
    creates: SyncSender<creates::Create>,
    loads: SyncSender<Load>,
}

/// Times that a transaction is run before its commands are told that it does not work out.
pub(super) const REPETITIONS: u32 = 8;

/// The pause before a transaction is run for the next time, twice as long each time, with jitter; none after
/// [`REPETITIONS`].
#[allow(clippy::float_arithmetic)] // A pause, not money.
pub(super) fn repetition_pause(tries: u32) -> Option<Duration> {
    const FIRST: Duration = Duration::from_millis(1);
    let random = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), tries);
    let jitter = 0.5 + (random % 1024) as f64 / 1024.0;
    (tries < REPETITIONS).then(|| (FIRST * 2_u32.pow(tries)).mul_f64(jitter))
}

/// The database, as this node uses it.
pub(crate) struct Postgres {
    lanes: Arc<Lanes>,
    queues: RwLock<Option<Queues>>,
    /// Ends what would go on trying.
    is_closing: Arc<AtomicBool>,
    readers: Readers,
    notices: Notices,
    counters: Arc<Counters>,
    /// What this process is called among the database's sessions.
    application: String,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Postgres {
    pub(crate) fn open(
        url: &DatabaseUrl,
        options: &Options,
        render: Arc<dyn RenderCallbacks>,
    ) -> Result<Self, StoreError> {
        let target = Target::parse(url)?;
        blocking(|| migrate(&target, refinery::Target::Latest))?;
        let counters = Arc::new(Counters::default());
        let lanes = Arc::new(Lanes::new(options.queue));
        let mut threads = vec![];
        for n in 0..options.writers.max(1) {
            let link = Link::new(target.clone(), commands::SETUP);
            let (lanes, counters) = (Arc::clone(&lanes), Arc::clone(&counters));
            let render = Arc::clone(&render);
            let run = move || commands::run(link, &lanes, &render, &counters);
            threads.push(spawn(format!("store-write-{n}"), run)?);
        }
        let (creates, inbox) = sync_channel(options.queue.max(1));
        let link = Link::new(target.clone(), creates::SETUP);
        let is_closing = Arc::new(AtomicBool::new(false));
        let (closing, of_creates) = (Arc::clone(&is_closing), Arc::clone(&counters));
        let run = move || creates::run(link, &inbox, &closing, &of_creates);
        threads.push(spawn("store-create".into(), run)?);
        // One: with two on two cores the batches are smaller, and 14 % fewer payments were read.
        let (loads, inbox) = sync_channel(options.queue.max(1));
        let link = Link::new(target.clone(), loads::SETUP);
        threads.push(spawn("store-load".into(), move || loads::run(link, &inbox))?);
        Ok(Self {
            lanes,
            queues: RwLock::new(Some(Queues { creates, loads })),
            is_closing,
            readers: Readers::new(target.clone(), options.readers),
            application: target.application(),
            notices: Notices::start(target)?,
            counters,
            threads: Mutex::new(threads),
        })
    }
}

impl Postgres {
    fn with_queues<T>(
        &self,
        f: impl FnOnce(&Queues) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let queues = self.queues.read().unwrap_or_else(PoisonError::into_inner);
        queues.as_ref().map_or(Err(StoreError::Closed), f)
    }
}

fn spawn(name: String, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    let thread = std::thread::Builder::new().name(name).spawn(run);
    thread.map_err(|error| StoreError::Engine(error.to_string()))
}

/// Runs what blocks and drives a runtime of its own, wherever the caller is.
fn blocking<T: Send>(f: impl FnOnce() -> T + Send) -> T {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Err(_) => f(),
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(f),
        // A runtime with one thread cannot lend it.
        Ok(_) => std::thread::scope(|scope| match scope.spawn(f).join() {
            Ok(value) => value,
            Err(panic) => std::panic::resume_unwind(panic),
        }),
    }
}

/// Brings the schema up to date, or up to a version for a test. Nodes that start at once take turns.
fn migrate(target: &Target, version: refinery::Target) -> Result<(), StoreError> {
    let failed = |error: &dyn std::error::Error| StoreError::Migration(target::causes(error));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| failed(&error))?;
    runtime.block_on(async {
        let (mut client, wire) = target.connect().await?;
        let driving = tokio::spawn(wire);
        check_server(&client).await?;
        let locked = client.execute("SELECT pg_advisory_lock($1)", &[&MIGRATING]).await;
        locked.map_err(|error| failed(&error))?;
        let migrated = schema::postgres::runner()?
            .set_abort_missing(false)
            .set_target(version)
            .run_async(&mut client)
            .await;
        migrated.map_err(|error| failed(&error))?;
        // The lock ends with the connection.
        drop(client);
        let _ = tokio::time::timeout(Duration::from_secs(1), driving).await;
        Ok(())
    })
}

/// What a database must be, to be trusted with payments.
async fn check_server(client: &tokio_postgres::Client) -> Result<(), StoreError> {
    let shown = async |sql| {
        let row =
            client.query_one(sql, &[]).await.map_err(|error| failure::engine_error(&error))?;
        row.try_get::<_, String>(0).map_err(|error| StoreError::Damaged(error.to_string()))
    };
    let encoding = shown("SHOW server_encoding").await?;
    if encoding != "UTF8" {
        return Err(StoreError::Engine(format!(
            "the database's encoding is {encoding}, which cannot hold every text: make it with ENCODING 'UTF8'"
        )));
    }
    if shown("SHOW synchronous_commit").await? == "off" || shown("SHOW fsync").await? == "off" {
        tracing::warn!(
            "the database does not flush its commits (synchronous_commit or fsync is off): what is answered may be lost"
        );
    }
    Ok(())
}

/// The schema as an earlier version made it.
#[cfg(any(test, feature = "conformance"))]
pub(crate) fn make_schema(url: &DatabaseUrl, version: i32) -> Result<(), StoreError> {
    let target = Target::parse(url)?;
    blocking(|| migrate(&target, refinery::Target::Version(version)))
}

fn queued<T>(queue: &SyncSender<T>, message: T) -> Result<(), StoreError> {
    queue.try_send(message).map_err(|error| match error {
        TrySendError::Full(_) => StoreError::Busy,
        TrySendError::Disconnected(_) => StoreError::Closed,
    })
}

impl Engine for Postgres {
    fn submit(&self, submission: Submission) -> Result<(), StoreError> {
        match submission {
            Submission::Run(lane, job) => self.lanes.push(lane, job),
            Submission::Create(payment, reply) => {
                self.counters.creates_queued.fetch_add(1, Ordering::Relaxed);
                let sent = self.with_queues(|queues| queued(&queues.creates, (payment, reply)));
                if sent.is_err() {
                    self.counters.creates_queued.fetch_sub(1, Ordering::Relaxed);
                }
                sent
            }
        }
    }

    fn load(&self, load: Load) -> Result<(), StoreError> {
        self.with_queues(|queues| queued(&queues.loads, load))
    }

    fn read(
        &self,
        length: Length,
        f: &mut (dyn FnMut(&Reader<'_>) + Send),
    ) -> Result<(), StoreError> {
        // Before any thread is blocked for it.
        let _turn = self.readers.turn()?;
        blocking(|| self.readers.read(length, f))
    }

    fn integrity(&self) -> Result<Vec<String>, StoreError> {
        // PostgreSQL looks after its own pages (data checksums, pg_amcheck).
        Ok(vec![])
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn other_nodes(&self) -> Result<usize, StoreError> {
        let mut nodes = Err(StoreError::Internal);
        self.read(Length::Short, &mut |reader| {
            nodes = reader.sql.int(OTHER_NODES, &[(&*self.application).into()]);
        })?;
        Ok(usize::try_from(nodes?).unwrap_or(0))
    }

    fn publish(&self, topic: Topic, text: &str) {
        self.notices.publish(topic, text);
    }

    fn notices(&self) -> broadcast::Receiver<Notice> {
        self.notices.subscribe()
    }

    fn stats(&self) -> Stats {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let of = &*self.counters;
        Stats {
            queued: get(&of.creates_queued) + self.lanes.len() as u64,
            batches: get(&of.batches),
            jobs: get(&of.jobs),
            failed: get(&of.failed),
            last_commit_us: get(&of.last_commit_us),
            max_commit_us: get(&of.max_commit_us),
            ..Stats::default()
        }
    }

    fn backup(&self, _: &Path) -> Result<(), StoreError> {
        Err(StoreError::Forbidden("PostgreSQL is backed up by its own tools: pg_dump, pgBackRest"))
    }

    fn close(&self) {
        self.lanes.close();
        self.is_closing.store(true, Ordering::Relaxed);
        drop(self.queues.write().unwrap_or_else(PoisonError::into_inner).take());
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        if threads.is_empty() {
            return;
        }
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the store panicked");
            }
        }
        self.readers.close();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.close();
    }
}
