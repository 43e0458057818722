//! Connections for reading, shared by all threads. A read runs inline: it takes microseconds.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use rusqlite::Connection;

use crate::store::Options;
use crate::{Reader, StoreError};

use super::pragmas;
use super::statements::{Statements, engine_error};

/// A connection, until the store is closed.
type Slot = Mutex<Option<Connection>>;

pub(super) struct Readers {
    slots: Vec<Slot>,
    next: AtomicUsize,
}

impl Readers {
    pub(super) fn open(path: &Path, options: &Options) -> Result<Self, StoreError> {
        let slots = (0..options.readers.max(1))
            .map(|_| pragmas::open_reader(path).map(|c| Mutex::new(Some(c))))
            .collect::<Result<_, _>>()?;
        Ok(Self { slots, next: AtomicUsize::new(0) })
    }

    /// A free connection, or the first of a fair rotation to become free.
    fn slot(&self) -> Result<MutexGuard<'_, Option<Connection>>, StoreError> {
        for slot in &self.slots {
            match slot.try_lock() {
                Ok(guard) => return Ok(guard),
                // A read panicked. Its transaction is rolled back below.
                Err(TryLockError::Poisoned(poisoned)) => return Ok(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.slots.len().max(1);
        let slot = self.slots.get(turn).ok_or(StoreError::Internal)?;
        Ok(slot.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn read(&self, f: &mut dyn FnMut(&Reader<'_>)) -> Result<(), StoreError> {
        let guard = self.slot()?;
        let connection = guard.as_ref().ok_or(StoreError::Closed)?;
        let run = |sql| {
            let mut statement = connection.prepare_cached(sql).map_err(engine_error)?;
            statement.raw_execute().map_err(engine_error)
        };
        if !connection.is_autocommit() {
            run("ROLLBACK")?;
        }
        run("BEGIN")?;
        f(&Reader { sql: &Statements(connection) });
        run("COMMIT")?;
        Ok(())
    }

    pub(super) fn close(&self) {
        for slot in &self.slots {
            drop(slot.lock().unwrap_or_else(PoisonError::into_inner).take());
        }
    }
}
