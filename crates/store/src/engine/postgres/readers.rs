//! Reads on one consistent snapshot, on the caller's thread, on a pool of connections.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::session::Session;
use super::target::Target;
use crate::engine::Length;
use crate::{Reader, StoreError};

/// How long a caller waits for a connection when all are in use.
const WAIT: Duration = Duration::from_secs(5);
/// How long the database may take for an answer; a check of all books is one.
const SHORT: Duration = Duration::from_secs(10);
const LONG: Duration = Duration::from_secs(3_600);
/// Callers that may wait or read at once: each holds a thread.
const TURNS: usize = 128;
/// After a failed attempt to connect, callers are answered at once for this long: threads must not pile up on a database
/// that is away.
const REST: Duration = Duration::from_millis(250);

/// How their sessions behave.
const SETUP: &str = "SET default_transaction_isolation = 'repeatable read';
    SET default_transaction_read_only = on;
    SET idle_in_transaction_session_timeout = '60s'";

#[derive(Default)]
struct Pool {
    idle: Vec<Session>,
    in_use: usize,
    failed_at: Option<Instant>,
    is_closed: bool,
}

/// The pool.
pub(super) struct Readers {
    target: Target,
    size: usize,
    pool: Mutex<Pool>,
    has_idle: Condvar,
    turns: AtomicUsize,
}

/// The right to block a thread for a read; given back when it is dropped.
pub(super) struct Turn<'a>(&'a AtomicUsize);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Readers {
    pub(super) fn new(target: Target, size: usize) -> Self {
        Self {
            target,
            size: size.max(1),
            pool: Mutex::default(),
            has_idle: Condvar::new(),
            turns: AtomicUsize::new(0),
        }
    }

    /// A turn, if not too many have one: a database that hangs must not take every thread with it.
    pub(super) fn turn(&self) -> Result<Turn<'_>, StoreError> {
        let before = self.turns.fetch_add(1, Ordering::Relaxed);
        let turn = Turn(&self.turns);
        if before < TURNS { Ok(turn) } else { Err(StoreError::Busy) }
    }

    /// Blocks: call it where blocking is allowed.
    pub(super) fn read(
        &self,
        length: Length,
        f: &mut dyn FnMut(&Reader<'_>),
    ) -> Result<(), StoreError> {
        let mut tries_left = 2;
        loop {
            tries_left -= 1;
            let session = self.take()?;
            // Idle connections may have died unnoticed: where one does not even begin, none of them is trusted.
            match session.now("BEGIN") {
                Ok(()) => {}
                Err(StoreError::Unavailable) if tries_left > 0 => {
                    self.forget_idle();
                    self.give_back(None);
                    continue;
                }
                Err(error) => {
                    self.give_back(None);
                    return Err(error);
                }
            }
            let guard = GiveBack { readers: self, session: Some(session) };
            if let Some(session) = &guard.session {
                session.set_patience(match length {
                    Length::Short => SHORT,
                    Length::Long => LONG,
                });
                f(&Reader { sql: session });
            }
            return Ok(());
        }
    }

    fn take(&self) -> Result<Session, StoreError> {
        let deadline = Instant::now() + WAIT;
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if pool.is_closed {
                return Err(StoreError::Closed);
            }
            if let Some(session) = pool.idle.pop() {
                pool.in_use += 1;
                return Ok(session);
            }
            if pool.in_use < self.size {
                if pool.failed_at.is_some_and(|at| at.elapsed() < REST) {
                    return Err(StoreError::Unavailable);
                }
                pool.in_use += 1;
                break;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(StoreError::Busy);
            }
            (pool, _) =
                self.has_idle.wait_timeout(pool, left).unwrap_or_else(PoisonError::into_inner);
        }
        drop(pool);
        let connected = Session::connect(&self.target, SETUP, SHORT);
        if connected.is_err() {
            self.give_back(None);
        }
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        pool.failed_at = connected.is_err().then(Instant::now);
        connected
    }

    fn forget_idle(&self) {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner).idle.clear();
    }

    fn give_back(&self, session: Option<Session>) {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        pool.in_use -= 1;
        if !pool.is_closed {
            pool.idle.extend(session);
        }
        self.has_idle.notify_one();
    }

    pub(super) fn close(&self) {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        pool.is_closed = true;
        pool.idle.clear();
        self.has_idle.notify_all();
    }
}

/// Gives the connection back, also when the read panics.
struct GiveBack<'a> {
    readers: &'a Readers,
    session: Option<Session>,
}

impl Drop for GiveBack<'_> {
    fn drop(&mut self) {
        let session = self.session.take().filter(|session| {
            let _ = session.settle();
            let _ = session.take_broken();
            session.set_patience(SHORT);
            !session.is_lost() && session.now("ROLLBACK").is_ok()
        });
        self.readers.give_back(session);
    }
}
