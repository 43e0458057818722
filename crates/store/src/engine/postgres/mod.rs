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
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::broadcast;

use crate::callbacks::RenderCallbacks;
use crate::engine::{Engine, Load, Submission};
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
/// Threads that read payments for requests, each with a connection: one reads while another's answer is on its way.
const LOADERS: usize = 2;

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

/// The database, as this node uses it.
pub(crate) struct Postgres {
    lanes: Arc<Lanes>,
    creates: SyncSender<creates::Message>,
    loads: Vec<SyncSender<loads::Message>>,
    next_loader: AtomicU64,
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
        let of_creates = Arc::clone(&counters);
        let run = move || creates::run(link, &inbox, &of_creates);
        threads.push(spawn("store-create".into(), run)?);
        let mut loads = vec![];
        for n in 0..LOADERS {
            let (load, inbox) = sync_channel(options.queue.max(1));
            let link = Link::new(target.clone(), loads::SETUP);
            threads.push(spawn(format!("store-load-{n}"), move || loads::run(link, &inbox))?);
            loads.push(load);
        }
        Ok(Self {
            lanes,
            creates,
            loads,
            next_loader: AtomicU64::new(0),
            readers: Readers::new(target.clone(), options.readers),
            application: target.application(),
            notices: Notices::start(target)?,
            counters,
            threads: Mutex::new(threads),
        })
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
    let failed = |error: &dyn std::fmt::Display| StoreError::Migration(error.to_string());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| failed(&error))?;
    runtime.block_on(async {
        let (mut client, wire) = target.connect().await?;
        let driving = tokio::spawn(wire);
        let locked = client.execute("SELECT pg_advisory_lock($1)", &[&MIGRATING]).await;
        locked.map_err(|error| failed(&error))?;
        let migrated = schema::postgres::runner()?.set_target(version).run_async(&mut client).await;
        migrated.map_err(|error| failed(&error))?;
        // The lock ends with the connection.
        drop(client);
        let _ = tokio::time::timeout(Duration::from_secs(1), driving).await;
        Ok(())
    })
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
                let sent = queued(&self.creates, creates::Message::Create((payment, reply)));
                if sent.is_err() {
                    self.counters.creates_queued.fetch_sub(1, Ordering::Relaxed);
                }
                sent
            }
        }
    }

    fn load(&self, load: Load) -> Result<(), StoreError> {
        let turn = self.next_loader.fetch_add(1, Ordering::Relaxed);
        let index = usize::try_from(turn).unwrap_or(0) % self.loads.len().max(1);
        let queue = self.loads.get(index).ok_or(StoreError::Internal)?;
        queued(queue, loads::Message::Load(load))
    }

    fn read(&self, f: &mut (dyn FnMut(&Reader<'_>) + Send)) -> Result<(), StoreError> {
        blocking(|| self.readers.read(f))
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn other_nodes(&self) -> Result<usize, StoreError> {
        let mut nodes = Err(StoreError::Internal);
        self.read(&mut |reader| {
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
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        if threads.is_empty() {
            return;
        }
        let _ = self.creates.send(creates::Message::Close);
        for loader in &self.loads {
            let _ = loader.send(loads::Message::Close);
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
