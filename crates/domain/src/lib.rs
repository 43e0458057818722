//! Torana's pure core: what a payment is, what may happen to it, and what each change is worth in the ledger.
//!
//! Nothing here does I/O, reads a clock, makes a random number or uses a float: time, identifiers and
//! everything else that varies are arguments, so that every rule can be tested exhaustively.
//! Nothing here knows a provider's field names (see the `dialects` crate) or an SMS (see `rails`).
//!
//! Start at [`payment::decide`]: every change of a payment's state goes through it.

pub mod brand;
pub mod card;
pub mod chargeback;
pub mod debit;
pub mod fee;
pub mod ids;
pub mod ledger;
pub mod limits;
pub mod luhn;
pub mod money;
pub mod payment;
pub mod payout;
pub mod receipt;
pub mod refund;
pub mod subscription;
pub mod time;

pub use brand::{Mode, Policy};
pub use ids::{AccountId, BrandId, DeviceId, PaymentId};
pub use money::{Currency, Money};
pub use time::Timestamp;
