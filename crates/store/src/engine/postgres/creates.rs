//! Inserts payments: all that wait in one statement, which is its own transaction.

use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::time::Instant;

use tokio::sync::oneshot;

use super::Counters;
use super::link::Link;
use super::session::Session;
use crate::{PreparedPayment, StoreError};

/// Payments in one statement.
const BATCH: usize = 512;

/// A payment that is to be inserted, and who waits for it.
pub(super) type Create = (Box<PreparedPayment>, oneshot::Sender<Result<(), StoreError>>);

/// What the inserting thread is told.
pub(super) enum Message {
    Create(Create),
    Close,
}

/// How its session behaves: as that of commands, but that no lock is ever waited for.
pub(super) const SETUP: &str = "SET enable_seqscan = off";

/// Runs until told to close. Takes all that waits, and never waits for more.
pub(super) fn run(mut link: Link, inbox: &Receiver<Message>, counters: &Counters) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut is_open = true;
    while is_open {
        match inbox.recv() {
            Ok(Message::Create(create)) => batch.push(create),
            Ok(Message::Close) | Err(_) => break,
        }
        while is_open && batch.len() < BATCH {
            match inbox.try_recv() {
                Ok(Message::Create(create)) => batch.push(create),
                Ok(Message::Close) => is_open = false,
                Err(_) => break,
            }
        }
        let count = batch.len() as u64;
        let started = Instant::now();
        insert(&mut link, &mut batch, counters);
        counters.committed(started);
        counters.creates_queued.fetch_sub(count, Ordering::Relaxed);
        counters.jobs.fetch_add(count, Ordering::Relaxed);
    }
}

fn insert(link: &mut Link, batch: &mut Vec<Create>, counters: &Counters) {
    let payments: Vec<&PreparedPayment> = batch.iter().map(|(payment, _)| &**payment).collect();
    let together =
        link.session().and_then(|session| PreparedPayment::insert_all(session, &payments));
    match together {
        Ok(()) => {
            for (_, reply) in batch.drain(..) {
                let _ = reply.send(Ok(()));
            }
        }
        // A number was taken, or the connection broke and nobody knows whether it was done: one by one, looking first.
        Err(first) => {
            for (payment, reply) in batch.drain(..) {
                let result = match &first {
                    StoreError::Engine(_) | StoreError::Unstorable(_) => Err(first.clone()),
                    _ => one(link, &payment),
                };
                if result.is_err() {
                    counters.failed.fetch_add(1, Ordering::Relaxed);
                }
                let _ = reply.send(result);
            }
        }
    }
}

/// Inserts one payment. Asks again as long as it is not known whether it is there: its own row tells.
fn one(link: &mut Link, payment: &PreparedPayment) -> Result<(), StoreError> {
    let mut may_be_there = false;
    loop {
        let session = match link.session() {
            Ok(session) => session,
            Err(StoreError::Unavailable) if may_be_there => return Err(StoreError::Unknown),
            Err(error) => return Err(error),
        };
        match insert_one(session, payment) {
            Err(StoreError::Unavailable) => may_be_there = true,
            other => return other,
        }
    }
}

fn insert_one(session: &Session, payment: &PreparedPayment) -> Result<(), StoreError> {
    match PreparedPayment::insert_all(session, &[payment]) {
        // By an attempt whose answer was lost, or another payment's.
        Err(StoreError::Conflict) if payment.is_stored(session)? => Ok(()),
        other => {
            let _ = session.settle();
            other
        }
    }
}
