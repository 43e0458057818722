//! Inserts payments: all that wait in one statement, which is its own transaction.
//!
//! | failure | what happens |
//! |---|---|
//! | a number is taken, a value is refused | the payments are inserted one by one; the others are kept |
//! | a serialization failure | inserted again, a few times |
//! | the connection breaks before anything was sent | inserted on a new connection |
//! | the answer is lost | one by one: a payment's own row tells whether it is there |
//! | it cannot be found out in time | [`StoreError::Unknown`] |

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::link::Link;
use super::session::Session;
use super::{Counters, repetition_pause};
use crate::{PreparedPayment, StoreError};

/// Payments in one statement.
const BATCH: usize = 512;
/// How long a batch may take in all, whatever breaks: its callers wait.
const DEADLINE: Duration = Duration::from_secs(20);
/// Pause before a lost answer is asked for on a new connection.
const PAUSE: Duration = Duration::from_millis(100);

/// A payment that is to be inserted, and who waits for it.
pub(super) type Create = (Box<PreparedPayment>, oneshot::Sender<Result<(), StoreError>>);

/// How its session behaves. A lock is waited for only where an insertion whose answer was lost still holds the number.
pub(super) const SETUP: &str = "SET lock_timeout = '10s';
    SET default_transaction_isolation = 'read committed';
    SET enable_seqscan = off";

/// Runs until nobody can send any more. Takes all that waits, and never waits for more.
pub(super) fn run(
    mut link: Link,
    inbox: &Receiver<Create>,
    is_closing: &AtomicBool,
    counters: &Counters,
) {
    let mut batch = Vec::with_capacity(BATCH);
    while let Ok(create) = inbox.recv() {
        batch.push(create);
        while batch.len() < BATCH
            && let Ok(create) = inbox.try_recv()
        {
            batch.push(create);
        }
        let count = batch.len() as u64;
        let started = Instant::now();
        let turn = Turn { deadline: started + DEADLINE, is_closing };
        if insert(&mut link, &mut batch, &turn, counters) {
            counters.committed(started);
        }
        counters.creates_queued.fetch_sub(count, Ordering::Relaxed);
        counters.jobs.fetch_add(count, Ordering::Relaxed);
    }
}

/// How long a batch may go on.
struct Turn<'a> {
    deadline: Instant,
    is_closing: &'a AtomicBool,
}

impl Turn<'_> {
    fn is_over(&self) -> bool {
        Instant::now() >= self.deadline || self.is_closing.load(Ordering::Relaxed)
    }
}

/// Whether all went in together.
fn insert(link: &mut Link, batch: &mut Vec<Create>, turn: &Turn<'_>, counters: &Counters) -> bool {
    let payments: Vec<&PreparedPayment> = batch.iter().map(|(payment, _)| &**payment).collect();
    let mut may_be_there = false;
    match together(link, &payments, &mut may_be_there, turn) {
        Ok(()) => {
            for (_, reply) in batch.drain(..) {
                let _ = reply.send(Ok(()));
            }
            true
        }
        Err(_) => {
            for (payment, reply) in batch.drain(..) {
                let result = one(link, &payment, may_be_there, turn);
                if result.is_err() {
                    counters.failed.fetch_add(1, Ordering::Relaxed);
                }
                let _ = reply.send(result);
            }
            false
        }
    }
}

/// Inserts all or none; `may_be_there` says afterwards whether an answer was lost.
fn together(
    link: &mut Link,
    payments: &[&PreparedPayment],
    may_be_there: &mut bool,
    turn: &Turn<'_>,
) -> Result<(), StoreError> {
    let mut tries = 0;
    loop {
        let session = link.session()?;
        tries += 1;
        match PreparedPayment::insert_all(session, payments) {
            Err(StoreError::Contended) if !turn.is_over() => match repetition_pause(tries) {
                Some(pause) => std::thread::sleep(pause),
                None => return Err(StoreError::Contended),
            },
            Err(StoreError::Unavailable) => {
                *may_be_there = true;
                return Err(StoreError::Unavailable);
            }
            other => return other,
        }
    }
}

/// Inserts one payment. Asks again as long as it is not known whether it is there.
fn one(
    link: &mut Link,
    payment: &PreparedPayment,
    mut may_be_there: bool,
    turn: &Turn<'_>,
) -> Result<(), StoreError> {
    let mut tries = 0;
    loop {
        let failed = if turn.is_over() {
            Err(StoreError::Unavailable)
        } else {
            link.session().and_then(|session| insert_one(session, payment))
        };
        tries += 1;
        match failed {
            // The database is away, or it took too long.
            Err(error @ (StoreError::Unavailable | StoreError::Unreachable(_)))
                if turn.is_over() || link.is_given_up() =>
            {
                return Err(if may_be_there { StoreError::Unknown } else { error });
            }
            Err(StoreError::Unreachable(_)) => std::thread::sleep(PAUSE),
            Err(StoreError::Unavailable) => {
                may_be_there = true;
                std::thread::sleep(PAUSE);
            }
            // The earlier insertion is still under way.
            Err(StoreError::Locked) if may_be_there => return Err(StoreError::Unknown),
            Err(StoreError::Contended) => match repetition_pause(tries) {
                Some(pause) => std::thread::sleep(pause),
                None => return Err(StoreError::Contended),
            },
            other => return other,
        }
    }
}

fn insert_one(session: &Session, payment: &PreparedPayment) -> Result<(), StoreError> {
    match PreparedPayment::insert_all(session, &[payment]) {
        // By an insertion whose answer was lost, or another payment's.
        Err(StoreError::Conflict) if payment.is_stored(session)? => Ok(()),
        other => other,
    }
}
