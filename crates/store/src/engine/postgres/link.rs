//! A connection that is made again when it breaks.

use std::time::{Duration, Instant};

use super::session::Session;
use super::target::Target;
use crate::StoreError;

/// Pause between attempts to connect.
const PAUSE: Duration = Duration::from_millis(100);
/// How long what waits is kept while the database cannot be reached. Long enough for a restart; a failover takes longer,
/// and then callers get an answer that tells them to come back.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long an answer of the database may take: longer than any lock is waited for, and shorter than whoever waits for the
/// answer of a request.
const ANSWER: Duration = Duration::from_secs(15);

/// A connection of one thread's own.
pub(super) struct Link {
    target: Target,
    setup: &'static str,
    session: Option<Session>,
    /// Since when the database cannot be reached.
    lost_at: Option<Instant>,
}

impl Link {
    pub(super) fn new(target: Target, setup: &'static str) -> Self {
        Self { target, setup, session: None, lost_at: None }
    }

    /// The connection, made anew if there is none. Waits until the database has been away for [`PATIENCE`]; from then on
    /// each call tries once.
    pub(super) fn session(&mut self) -> Result<&Session, StoreError> {
        if self.session.as_ref().is_some_and(Session::is_lost) {
            self.session = None;
            // A database that hangs has been away for as long as it was waited for.
            self.lost_at.get_or_insert_with(Instant::now);
        }
        while self.session.is_none() {
            let lost_at = *self.lost_at.get_or_insert_with(Instant::now);
            match Session::connect(&self.target, self.setup, ANSWER) {
                Ok(session) => {
                    self.session = Some(session);
                    self.lost_at = None;
                }
                Err(error) if lost_at.elapsed() >= PATIENCE => return Err(error),
                Err(StoreError::Unavailable | StoreError::Unreachable(_)) => {
                    std::thread::sleep(PAUSE);
                }
                Err(error) => return Err(error),
            }
        }
        self.session.as_ref().ok_or(StoreError::Internal)
    }

    /// Whether the database was away for so long that nobody should wait for it any more.
    pub(super) fn is_given_up(&self) -> bool {
        self.lost_at.is_some_and(|at| at.elapsed() >= PATIENCE)
    }
}
