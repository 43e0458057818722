//! Carries out commands: a lane's waiting commands in one transaction, each in a savepoint of its own.
//!
//! | failure | what happens |
//! |---|---|
//! | a command refuses or panics | rolled back to its savepoint; its neighbours commit |
//! | a serialization failure or a deadlock | all is rolled back and run again, a few times |
//! | the connection breaks before the commit | nothing is kept; run again on a new connection |
//! | the connection breaks during the commit | [`StoreError::Unknown`]: done whole or not at all |
//!
//! Nothing cancels a statement on these connections, on purpose. A commit that waits for its synchronous standby and is
//! cancelled is reported as a success, with a warning, though a failover may lose it. So there is no `statement_timeout`,
//! and whoever lost his patience closes the connection and calls the outcome unknown.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::lanes::Lanes;
use super::link::Link;
use super::session::Session;
use super::{Counters, REPETITIONS, repetition_pause};
use crate::callbacks::RenderCallbacks;
use crate::engine::Job;
use crate::sql::Sql as _;
use crate::{Lane, StoreError, Tx};

/// How the sessions of commands behave. An index is always the right way to a row here, whatever the statistics of a
/// table that was empty a moment ago say. A node that stops in the middle of a transaction gives its locks back.
pub(super) const SETUP: &str = "SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '10s';
    SET default_transaction_isolation = 'read committed';
    SET enable_seqscan = off";

/// Runs until the store is closed and nothing waits.
pub(super) fn run(
    mut link: Link,
    lanes: &Lanes,
    render: &Arc<dyn RenderCallbacks>,
    counters: &Counters,
) {
    while let Some((lane, jobs)) = lanes.take() {
        let count = jobs.len() as u64;
        carry_out(&mut link, lane, jobs, &**render, counters);
        counters.jobs.fetch_add(count, Ordering::Relaxed);
        lanes.done(lane);
    }
}

/// A command, and what is wrong with it if that is not its own result.
type Ran = (Box<dyn Job>, Option<StoreError>);

fn carry_out(
    link: &mut Link,
    lane: Lane,
    jobs: Vec<Box<dyn Job>>,
    render: &dyn RenderCallbacks,
    counters: &Counters,
) {
    let mut jobs: Vec<Ran> = jobs.into_iter().map(|job| (job, None)).collect();
    let mut tries = 0;
    let failure = loop {
        tries += 1;
        let tried =
            link.session().and_then(|session| attempt(session, lane, &mut jobs, render, counters));
        match tried {
            Ok(()) => break None,
            Err(StoreError::Contended) => match repetition_pause(tries) {
                Some(pause) => std::thread::sleep(pause),
                None => break Some(StoreError::Contended),
            },
            Err(StoreError::Unavailable) if tries < REPETITIONS && !link.is_given_up() => {}
            Err(error) => break Some(error),
        }
    };
    if let Some(error) = &failure {
        tracing::error!(%error, commands = jobs.len(), ?lane, "a group of commands failed");
        counters.failed.fetch_add(jobs.len() as u64, Ordering::Relaxed);
    }
    for (job, error) in jobs {
        job.finish(failure.clone().or(error));
    }
}

/// One transaction. An error means that nothing was kept, but for [`StoreError::Unknown`].
fn attempt(
    session: &Session,
    lane: Lane,
    jobs: &mut [Ran],
    render: &dyn RenderCallbacks,
    counters: &Counters,
) -> Result<(), StoreError> {
    let _ = session.take_broken();
    session.later("BEGIN");
    let transaction = within(session, lane, jobs, render, counters);
    let started = Instant::now();
    match transaction {
        Ok(()) => {
            session.now("COMMIT").map_err(|error| match error {
                // Also what a shutdown says to a commit that waits for a standby: it may have been kept.
                StoreError::Unavailable => StoreError::Unknown,
                other => other,
            })?;
            counters.committed(started);
            Ok(())
        }
        Err(error) => {
            if !session.is_lost() {
                let _ = session.settle();
                let _ = session.now("ROLLBACK");
            }
            let _ = session.take_broken();
            Err(error)
        }
    }
}

fn within(
    session: &Session,
    lane: Lane,
    jobs: &mut [Ran],
    render: &dyn RenderCallbacks,
    counters: &Counters,
) -> Result<(), StoreError> {
    if let Some((sql, params)) = lane.lock() {
        session.execute_later(sql, params.as_slice(), None)?;
    }
    for (job, error) in jobs {
        session.later("SAVEPOINT job");
        session.forget_failure();
        let mut tx = Tx::new(session, render);
        let ran = catch_unwind(AssertUnwindSafe(|| job.run(&mut tx)));
        let settled = session.settle();
        if let Some(broken) = session.take_broken() {
            return Err(broken.error());
        }
        // After any failure the transaction is as good as rolled back, even if the command made light of it.
        let failure = session.failure().or_else(|| settled.err());
        if failure == Some(StoreError::Locked) {
            // The lane's lock, which all of them need.
            return Err(StoreError::Locked);
        }
        *error = match (ran, failure) {
            (Ok(true), None) => {
                session.later("RELEASE SAVEPOINT job");
                *error = None;
                continue;
            }
            // It refused, and says why itself.
            (Ok(false), _) => None,
            (Ok(true), Some(failure)) => Some(failure),
            (Err(_), _) => {
                tracing::error!("a command panicked; it was rolled back");
                Some(StoreError::Internal)
            }
        };
        counters.failed.fetch_add(1, Ordering::Relaxed);
        session.now("ROLLBACK TO SAVEPOINT job")?;
    }
    session.settle()
}
