//! Payouts: money that the merchant sends to somebody, out of what it earned. Never more than its available balance
//! ([`crate::ledger::TrialBalance::available`]).
//!
//! A payout is promised, then somebody or something sends it, and it is done or failed. [`decide()`] is the one way to
//! change it; the ledger entries of each step come with the decision.

mod decide;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use decide::{Command, Decision, decide};

use crate::payment::Customer;
use crate::receipt::ReceiptKey;
use crate::{AccountId, Money, PaymentId, Timestamp};

/// Where a payout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayoutState {
    /// Promised; nobody works on it yet.
    Pending,
    /// Being sent.
    Processing,
    /// Sent.
    Succeeded,
    /// Will not be sent: the money is available again.
    Failed,
}

impl PayoutState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Processing, Self::Succeeded, Self::Failed];

    /// The stable code, as stored and shown to machines.
    pub fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    /// The state with that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether somebody still has to send it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Processing)
    }
}

/// Who gets the money, and where. Personal data: shown to the merchant only, and never logged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beneficiary {
    /// The account, as people write it: a VPA, an account number, a card's number with all but its ends masked.
    pub account: String,
    /// The name on the account, where the API has one.
    pub name: Option<String>,
    /// What else whoever sends the money has to know, such as the bank: names and values in the API's own words.
    pub details: Vec<(String, String)>,
}

/// What the merchant asked for. Never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutOrder {
    /// The dialect that made it, as a slug: answers and callbacks speak that dialect.
    pub dialect: String,
    /// The way on which it is to be sent, such as `upi`, in our own words.
    pub method: String,
    /// How much the other side gets.
    pub amount: Money,
    /// Who gets it.
    pub beneficiary: Beneficiary,
    /// The merchant's customer, for whom it is.
    pub customer: Customer,
    /// Where the merchant's server is told of the outcome.
    pub callback: Option<String>,
    /// The merchant's own data, a JSON text, given back as it came.
    pub metadata: Option<String>,
    /// What the dialect wants to remember, in a form that only it reads.
    pub dialect_note: Option<String>,
}

/// How a payout was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The rail account that the money left.
    pub account: AccountId,
    /// The rail and its reference of the transfer.
    pub key: ReceiptKey,
    /// What the rail charged for it, beyond the amount.
    pub cost: Option<Money>,
    /// When it was said to be sent.
    pub at: Timestamp,
}

/// A payout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout {
    /// Its identity, of the same form as a payment's: no payout has the identity of a payment.
    pub id: PaymentId,
    /// Counts its changes, from one.
    pub version: u32,
    /// Where it stands.
    pub state: PayoutState,
    /// What the merchant asked for.
    pub order: PayoutOrder,
    /// How it was sent, once it was.
    pub sent: Option<Sent>,
    /// Why it failed, if it did.
    pub reason: Option<String>,
    /// When it last changed.
    pub changed_at: Timestamp,
}
