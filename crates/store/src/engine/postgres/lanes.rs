//! What waits to be carried out, by lane: one worker at a time has a lane, and takes all that waits in it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::engine::Job;
use crate::{Lane, StoreError};

/// Commands of one lane in one transaction: the lane's lock is held for as long as they take.
const BATCH: usize = 64;

#[derive(Default)]
struct Waiting {
    lanes: HashMap<Lane, VecDeque<Box<dyn Job>>>,
    /// Lanes with something to do that no worker has, in the order in which they got it.
    ready: VecDeque<Lane>,
    count: usize,
    is_closed: bool,
}

/// The queues of all lanes.
pub(super) struct Lanes {
    waiting: Mutex<Waiting>,
    has_work: Condvar,
    limit: usize,
}

impl Lanes {
    pub(super) fn new(limit: usize) -> Self {
        Self { waiting: Mutex::default(), has_work: Condvar::new(), limit: limit.max(1) }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, lane: Lane, job: Box<dyn Job>) -> Result<(), StoreError> {
        let mut waiting = self.lock();
        if waiting.is_closed {
            return Err(StoreError::Closed);
        }
        if waiting.count >= self.limit {
            return Err(StoreError::Busy);
        }
        waiting.count += 1;
        // A lane that is in the map is ready already, or a worker has it and will look again.
        let is_new = !waiting.lanes.contains_key(&lane);
        waiting.lanes.entry(lane).or_default().push_back(job);
        if is_new {
            waiting.ready.push_back(lane);
            self.has_work.notify_one();
        }
        Ok(())
    }

    /// Waits for a lane with work and takes it; none when the store is closed and nothing is left. Give the lane back
    /// with [`Lanes::done`].
    pub(super) fn take(&self) -> Option<(Lane, Vec<Box<dyn Job>>)> {
        let mut waiting = self.lock();
        loop {
            if let Some(lane) = waiting.ready.pop_front() {
                let queue = waiting.lanes.entry(lane).or_default();
                let jobs: Vec<_> = queue.drain(..queue.len().min(BATCH)).collect();
                waiting.count -= jobs.len();
                return Some((lane, jobs));
            }
            if waiting.is_closed {
                return None;
            }
            waiting = self.has_work.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(super) fn done(&self, lane: Lane) {
        let mut waiting = self.lock();
        if waiting.lanes.get(&lane).is_some_and(VecDeque::is_empty) {
            waiting.lanes.remove(&lane);
        } else {
            waiting.ready.push_back(lane);
            self.has_work.notify_one();
        }
    }

    pub(super) fn len(&self) -> usize {
        self.lock().count
    }

    /// Takes nothing more; what waits is still carried out.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.has_work.notify_all();
    }
}
