//! The only crate with SQL: schema, queries, engines, and the conformance suite that every engine passes.
//!
//! A command is one call of [`Store::write`]: its closure reads and writes through a [`Tx`], and the call
//! returns once that is durable. Everything of one command commits together or not at all: state, ledger,
//! events, callbacks, audit, the idempotency answer. [`Store::read`] is a consistent snapshot.
//! [`Store::create`] is the shortest way in, for the payments that merchants make by the thousand.
//!
//! | failure | what happens |
//! |---|---|
//! | a command returns an error or panics | rolled back to its savepoint; its neighbours commit |
//! | the commit fails, the disk is full | every command of the group gets the error, none is kept |
//! | the process dies before the commit | nobody was answered, nothing is kept |
//! | the process dies after the commit | all is kept, whether or not anybody heard the answer |
//! | the queue is full | [`StoreError::Busy`] at once, nothing is queued |
//! | another process holds the lock | waits ten seconds, then [`StoreError::Locked`] |
//!
//! Files are named by the noun whose SQL they hold; what is special to an engine is under `engine/`, behind
//! two traits: `Engine` (transactions) and `Sql` (statements). Must never: put an engine's name into a noun
//! file, or SQL of a noun into an engine (but for the batched create, which each engine does its own way).

mod accounts;
mod audit;
mod brands;
mod callbacks;
mod cards;
mod chargebacks;
mod commands;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod credentials;
mod database_url;
mod debits;
mod devices;
mod earnings;
mod engine;
mod error;
mod events;
mod expected_amounts;
mod facts;
mod hash;
mod idempotency;
mod janitor;
mod lane;
mod ledger;
mod ledger_check;
mod messages;
mod notice;
mod payments;
mod payouts;
mod prepared;
mod receipts;
mod refunds;
mod schema;
mod sql;
mod store;
mod subscriptions;
pub mod tables;
mod timers;
pub mod transfer;
mod tx;

pub use accounts::{AccountDetails, AccountRow};
pub use audit::AuditRow;
pub use brands::BrandRow;
pub use callbacks::{
    CallbackCounts, CallbackDraft, CallbackLog, CallbackState, DeliveryRow, NextDelivery,
    OutboxRow, RESPONSE_BYTES, RenderCallbacks, SilentCallbacks,
};
pub use cards::{
    CardRequest, Found as CardOperationToAsk, KeptCardRow, NewCardOperation, SimulatedCardRow,
};
pub use commands::{ClaimOutcome, Hints, ReceiptOutcome};
pub use credentials::CredentialRow;
pub use database_url::DatabaseUrl;
pub use debits::DebitRow;
pub use devices::DeviceRow;
pub use earnings::Earnings;
pub use error::StoreError;
pub use idempotency::{IdempotencyKey, IdempotencyRow, Remembered};
pub use janitor::{PruneBefore, Pruned};
pub use lane::Lane;
pub use ledger::LedgerRow;
pub use ledger_check::LedgerReport;
pub use messages::{InsertedMessage, MessageProgress, MessageRow};
pub use notice::{Notice, Topic};
pub use payouts::Transfer;
pub use prepared::PreparedPayment;
pub use receipts::InboxRow;
pub use sql::Datum;
pub use store::{Database, Options, Stats, Store};
pub use tx::{Reader, Tx};
