//! What an engine must do: run commands in durable transactions, and reads on consistent snapshots.
//!
//! Each implements [`Engine`] and [`crate::sql::Sql`], reads the migrations of [`crate::schema`], and passes
//! [`crate::conformance`]. Commands are synchronous closures, so that an engine runs them on a thread of
//! its own; creations arrive as data, so that it can write many in one statement.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use std::path::Path;

use tokio::sync::{broadcast, oneshot};
use torana_domain::BrandId;
use torana_domain::ids::PaymentNumber;
use torana_domain::payment::Payment;

use crate::store::Stats;
use crate::{Lane, Notice, PreparedPayment, Reader, StoreError, Topic, Tx};

/// A command that waits for its transaction.
pub(crate) trait Job: Send {
    /// Runs it; whether its writes are to be kept. May be called again if they were not.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;

    /// Answers its caller: with `failure` where the engine could not keep it, else with its own result.
    fn finish(self: Box<Self>, failure: Option<StoreError>);
}

/// What can be asked of a writer.
pub(crate) enum Submission {
    /// Run a command in its lane.
    Run(Lane, Box<dyn Job>),
    /// Insert a payment.
    Create(Box<PreparedPayment>, oneshot::Sender<Result<(), StoreError>>),
}

/// How much a read asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    /// What a request needs: answered within seconds or not at all.
    Short,
    /// All books, or whole tables.
    Long,
}

/// A payment that a request waits for.
pub(crate) struct Load {
    pub brand: BrandId,
    pub number: PaymentNumber,
    pub reply: oneshot::Sender<Result<Option<Payment>, StoreError>>,
}

/// A database.
pub(crate) trait Engine: Send + Sync {
    /// Queues a command; it is answered when it is durable or has failed.
    fn submit(&self, submission: Submission) -> Result<(), StoreError>;

    /// Reads a payment and answers whoever waits for it.
    fn load(&self, load: Load) -> Result<(), StoreError>;

    /// Calls `f` with a consistent snapshot.
    fn read(
        &self,
        length: Length,
        f: &mut (dyn FnMut(&Reader<'_>) + Send),
    ) -> Result<(), StoreError>;

    /// What is wrong with the database's own structure, for people; empty when all is well.
    fn integrity(&self) -> Result<Vec<String>, StoreError>;

    /// Counters.
    fn stats(&self) -> Stats;

    /// Whether other nodes may serve the same data.
    fn is_shared(&self) -> bool;

    /// Other processes that use the same data at the moment, as far as the engine can tell.
    fn other_nodes(&self) -> Result<usize, StoreError>;

    /// Tells the other nodes.
    fn publish(&self, topic: Topic, text: &str);

    /// What other nodes tell.
    fn notices(&self) -> broadcast::Receiver<Notice>;

    /// Copies the database to a file.
    fn backup(&self, to: &Path) -> Result<(), StoreError>;

    /// Drains and stops; may be called twice.
    fn close(&self);
}
