//! The one thread that writes. It takes all that waits, runs it in one transaction with a savepoint for each
//! command, commits once, and only then answers. It never waits for more to come.
//!
//! The write-ahead log is carried over into the file by a thread of its own, so that commits go on
//! meanwhile. What was written in the meantime keeps SQLite from starting the log again; the writer carries
//! that small rest over itself, between two groups. So the log stays bounded and no commit waits long.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::callbacks::RenderCallbacks;
use crate::engine::{Job, Submission};
use crate::store::{Options, Stats};
use crate::{StoreError, Tx};

use super::pragmas;
use super::statements::{Statements, engine_error};

/// Commands in one commit. Beyond this the first of them would wait for too long.
const BATCH: usize = 512;
/// Times that the lock is asked for, each time waiting for [`pragmas::BUSY_TIMEOUT`].
const LOCK_TRIES: usize = 2;
/// The log may be this many times longer than wished before the writer itself carries it over.
const LOG_BOUND: u64 = 4;

enum Message {
    Work(Submission),
    Close,
}

#[derive(Default)]
struct Counters {
    queued: AtomicU64,
    batches: AtomicU64,
    jobs: AtomicU64,
    failed: AtomicU64,
    last_commit_us: AtomicU64,
    max_commit_us: AtomicU64,
    wal_pages: AtomicU64,
    checkpoints: AtomicU64,
    is_checkpointing: AtomicBool,
    has_checkpoint_rest: AtomicBool,
}

/// The writer's handle.
pub(super) struct Writer {
    queue: SyncSender<Message>,
    counters: Arc<Counters>,
    is_closed: AtomicBool,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(
        mut connection: Connection,
        path: &Path,
        options: &Options,
        render: Arc<dyn RenderCallbacks>,
    ) -> Result<Self, StoreError> {
        let (queue, inbox) = sync_channel(options.queue.max(1));
        let counters = Arc::new(Counters::default());
        let of_hook = Arc::clone(&counters);
        let hook = move |_: &mut rusqlite::hooks::Wal, pages: std::ffi::c_int| {
            of_hook.wal_pages.store(u64::try_from(pages).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        };
        connection.wal_hook(Some(hook)).map_err(engine_error)?;
        let checkpointer = Checkpointer::start(path, Arc::clone(&counters))?;
        let worker = Worker {
            connection,
            render,
            counters: Arc::clone(&counters),
            checkpointer,
            checkpoint_pages: u64::from(options.checkpoint_pages.max(1)),
        };
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || worker.run(&inbox))
            .map_err(|error| StoreError::Engine(error.to_string()))?;
        let is_closed = AtomicBool::new(false);
        Ok(Self { queue, counters, is_closed, thread: Mutex::new(Some(thread)) })
    }

    pub(super) fn submit(&self, submission: Submission) -> Result<(), StoreError> {
        if self.is_closed.load(Ordering::Acquire) {
            return Err(StoreError::Closed);
        }
        self.counters.queued.fetch_add(1, Ordering::Relaxed);
        self.queue.try_send(Message::Work(submission)).map_err(|error| {
            self.counters.queued.fetch_sub(1, Ordering::Relaxed);
            match error {
                TrySendError::Full(_) => StoreError::Busy,
                TrySendError::Disconnected(_) => StoreError::Closed,
            }
        })
    }

    pub(super) fn stats(&self) -> Stats {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let of = &*self.counters;
        Stats {
            queued: get(&of.queued),
            batches: get(&of.batches),
            jobs: get(&of.jobs),
            failed: get(&of.failed),
            last_commit_us: get(&of.last_commit_us),
            max_commit_us: get(&of.max_commit_us),
            wal_pages: get(&of.wal_pages),
            checkpoints: get(&of.checkpoints),
        }
    }

    pub(super) fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else { return };
        // The queue is in order: what was accepted before is carried out before.
        let _ = self.queue.send(Message::Close);
        if thread.join().is_err() {
            tracing::error!("the store's writer panicked");
        }
    }
}

/// How a command ended, before its transaction did.
enum Outcome {
    /// It has its own result.
    Ran(Box<dyn Job>),
    Created(oneshot::Sender<Result<(), StoreError>>, Result<(), StoreError>),
    /// It panicked.
    Panicked(Box<dyn Job>),
}

impl Outcome {
    fn finish(self, failure: Option<StoreError>) {
        match self {
            Self::Ran(job) => job.finish(failure),
            Self::Created(reply, result) => drop(reply.send(failure.map_or(result, Err))),
            Self::Panicked(job) => job.finish(Some(failure.unwrap_or(StoreError::Internal))),
        }
    }
}

struct Worker {
    connection: Connection,
    render: Arc<dyn RenderCallbacks>,
    counters: Arc<Counters>,
    checkpointer: Checkpointer,
    checkpoint_pages: u64,
}

impl Worker {
    fn run(mut self, inbox: &Receiver<Message>) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut is_open = true;
        while is_open {
            match inbox.recv() {
                Ok(Message::Work(work)) => batch.push(work),
                Ok(Message::Close) | Err(_) => break,
            }
            while is_open && batch.len() < BATCH {
                match inbox.try_recv() {
                    Ok(Message::Work(work)) => batch.push(work),
                    Ok(Message::Close) => is_open = false,
                    Err(_) => break,
                }
            }
            let len = batch.len() as u64;
            self.commit(&mut batch);
            self.counters.queued.fetch_sub(len, Ordering::Relaxed);
            self.counters.jobs.fetch_add(len, Ordering::Relaxed);
            self.counters.batches.fetch_add(1, Ordering::Relaxed);
            self.care_for_log();
        }
        self.checkpointer.stop();
        let _ = self.connection.wal_hook(None::<fn(&mut rusqlite::hooks::Wal, i32) -> _>);
        // Never one that waits for readers: it would hold up the writers of other processes. SQLite empties the log when
        // the last connection of all closes.
        if let Err(error) = checkpoint(&self.connection, PASSIVE) {
            tracing::warn!(%error, "the last checkpoint failed; the log is read at the next start");
        }
    }

    fn execute(&self, sql: &'static str) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(engine_error)?;
        statement.raw_execute().map(drop).map_err(engine_error)
    }

    fn begin(&self) -> Result<(), StoreError> {
        let mut tries_left = LOCK_TRIES;
        loop {
            tries_left -= 1;
            match self.execute("BEGIN IMMEDIATE") {
                Err(StoreError::Locked) if tries_left > 0 => {}
                other => return other,
            }
        }
    }

    fn commit(&mut self, batch: &mut Vec<Submission>) {
        let mut failure = self.begin().err();
        let mut outcomes = Vec::with_capacity(batch.len());
        for submission in batch.drain(..) {
            let outcome = match (submission, &failure) {
                (Submission::Run(_, job), Some(_)) => Outcome::Ran(job),
                (Submission::Create(_, reply), Some(_)) => Outcome::Created(reply, Ok(())),
                (Submission::Run(_, job), None) => match self.run_job(job) {
                    Ok(outcome) => outcome,
                    Err((job, error)) => {
                        failure = Some(error);
                        Outcome::Ran(job)
                    }
                },
                (Submission::Create(payment, reply), None) => {
                    let insert = || payment.insert(&Statements(&self.connection));
                    let result = catch_unwind(AssertUnwindSafe(insert));
                    let result = result.unwrap_or(Err(StoreError::Internal));
                    if result.is_err() {
                        self.counters.failed.fetch_add(1, Ordering::Relaxed);
                    }
                    Outcome::Created(reply, result)
                }
            };
            outcomes.push(outcome);
            // Some errors (disk full, I/O) make SQLite roll everything back.
            if failure.is_none() && self.connection.is_autocommit() {
                failure = Some(StoreError::Engine("the transaction was rolled back".into()));
            }
        }
        let started = Instant::now();
        if failure.is_none() {
            failure = self.execute("COMMIT").err();
        }
        if let Some(error) = &failure {
            tracing::error!(%error, commands = outcomes.len(), "a group of commands failed");
            self.counters.failed.fetch_add(outcomes.len() as u64, Ordering::Relaxed);
            if !self.connection.is_autocommit() {
                let _ = self.execute("ROLLBACK");
            }
        }
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.counters.last_commit_us.store(micros, Ordering::Relaxed);
        self.counters.max_commit_us.fetch_max(micros, Ordering::Relaxed);
        for outcome in outcomes {
            outcome.finish(failure.clone());
        }
    }

    /// Runs a command inside its savepoint; an error is the whole transaction's.
    fn run_job(&self, mut job: Box<dyn Job>) -> Result<Outcome, (Box<dyn Job>, StoreError)> {
        if let Err(error) = self.execute("SAVEPOINT job") {
            return Err((job, error));
        }
        let statements = Statements(&self.connection);
        let mut tx = Tx::new(&statements, &*self.render);
        let ran = catch_unwind(AssertUnwindSafe(|| job.run(&mut tx)));
        let is_kept = matches!(ran, Ok(true));
        if !is_kept {
            self.counters.failed.fetch_add(1, Ordering::Relaxed);
        }
        let rolled_back = if is_kept { Ok(()) } else { self.execute("ROLLBACK TO job") };
        if let Err(error) = rolled_back.and_then(|()| self.execute("RELEASE job")) {
            return Err((job, error));
        }
        match ran {
            Ok(_) => Ok(Outcome::Ran(job)),
            Err(_) => {
                tracing::error!("a command panicked; it was rolled back");
                Ok(Outcome::Panicked(job))
            }
        }
    }

    /// Between two groups: asks for a checkpoint, or carries the rest of one over.
    fn care_for_log(&self) {
        let pages = self.counters.wal_pages.load(Ordering::Relaxed);
        if self.counters.is_checkpointing.load(Ordering::Acquire) || pages < self.checkpoint_pages {
            return;
        }
        let has_rest = self.counters.has_checkpoint_rest.swap(false, Ordering::AcqRel);
        if !has_rest && pages < self.checkpoint_pages * LOG_BOUND {
            self.checkpointer.ask();
        } else if let Err(error) = checkpoint(&self.connection, PASSIVE) {
            tracing::warn!(%error, "a checkpoint failed");
        }
    }
}

const PASSIVE: &str = "PRAGMA wal_checkpoint(PASSIVE)";

fn checkpoint(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection.query_row(sql, [], |_| Ok(())).map_err(engine_error)
}

/// The thread that carries the log over while commits go on.
struct Checkpointer {
    wake: Option<SyncSender<()>>,
    counters: Arc<Counters>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    fn start(path: &Path, counters: Arc<Counters>) -> Result<Self, StoreError> {
        let connection = pragmas::open_checkpointer(path)?;
        let (wake, asked) = sync_channel::<()>(1);
        let of_thread = Arc::clone(&counters);
        let run = move || {
            while asked.recv().is_ok() {
                if let Err(error) = checkpoint(&connection, PASSIVE) {
                    tracing::warn!(%error, "a checkpoint failed");
                }
                of_thread.checkpoints.fetch_add(1, Ordering::Relaxed);
                of_thread.has_checkpoint_rest.store(true, Ordering::Release);
                of_thread.is_checkpointing.store(false, Ordering::Release);
            }
        };
        let thread = std::thread::Builder::new()
            .name("store-checkpoint".into())
            .spawn(run)
            .map_err(|error| StoreError::Engine(error.to_string()))?;
        Ok(Self { wake: Some(wake), counters, thread: Some(thread) })
    }

    fn ask(&self) {
        self.counters.is_checkpointing.store(true, Ordering::Release);
        let is_asked = self.wake.as_ref().is_some_and(|wake| wake.try_send(()).is_ok());
        if !is_asked {
            self.counters.is_checkpointing.store(false, Ordering::Release);
        }
    }

    fn stop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
