//! Reads payments: all that requests wait for at the moment, in one statement, which is one snapshot.

use std::collections::HashMap;
use std::sync::mpsc::Receiver;

use super::link::Link;
use super::session::Session;
use crate::engine::Load;
use crate::payments::PaymentKey;
use crate::{Reader, StoreError};

/// Payments in one read.
const BATCH: usize = 256;
/// Times that a read is tried on a new connection.
const TRIES: usize = 3;

/// How its session behaves. A read that takes longer than this is answered by an error.
pub(super) const SETUP: &str = "SET default_transaction_read_only = on;
    SET statement_timeout = '10s';
    SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off";

/// Runs until nobody can send any more. Takes all that waits, and never waits for more.
pub(super) fn run(mut link: Link, inbox: &Receiver<Load>) {
    let mut batch = Vec::with_capacity(BATCH);
    while let Ok(load) = inbox.recv() {
        batch.push(load);
        while batch.len() < BATCH
            && let Ok(load) = inbox.try_recv()
        {
            batch.push(load);
        }
        answer(&mut link, &mut batch);
    }
}

fn answer(link: &mut Link, batch: &mut Vec<Load>) {
    let mut tries = 0;
    let found = loop {
        tries += 1;
        match link.session().and_then(|session| read(session, batch)) {
            Err(StoreError::Unavailable) if tries < TRIES && !link.is_given_up() => {}
            other => break other,
        }
    };
    match found {
        Ok(mut found) => {
            for load in batch.drain(..) {
                // Two requests may ask for one payment.
                let payment =
                    found.get_mut(&(load.brand, load.number)).and_then(|(left, payment)| {
                        *left -= 1;
                        if *left == 0 { payment.take() } else { payment.clone() }
                    });
                let _ = load.reply.send(payment.transpose());
            }
        }
        Err(error) => {
            for load in batch.drain(..) {
                let _ = load.reply.send(Err(error.clone()));
            }
        }
    }
}

type Found =
    HashMap<PaymentKey, (usize, Option<Result<torana_domain::payment::Payment, StoreError>>)>;

fn read(session: &Session, batch: &[Load]) -> Result<Found, StoreError> {
    let mut found = Found::with_capacity(batch.len());
    for load in batch {
        found.entry((load.brand, load.number)).or_default().0 += 1;
    }
    let keys: Vec<PaymentKey> = found.keys().copied().collect();
    for (key, payment) in (Reader { sql: session }).payments_by_number(&keys)? {
        if let Some((_, slot)) = found.get_mut(&key) {
            *slot = Some(payment);
        }
    }
    Ok(found)
}
