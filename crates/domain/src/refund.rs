//! Refunds of a payment: partial and repeated, never more than was paid for.

use serde::{Deserialize, Serialize};

use crate::{Money, Timestamp};

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// Promised; nobody works on it yet.
    Pending,
    /// Being sent.
    Processing,
    /// Sent.
    Done,
    /// Will not be sent; the amount can be refunded again.
    Failed,
}

impl RefundState {
    /// Whether the money is still promised.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Processing)
    }
}

/// A refund. Its number within the payment, from one, is its identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Number within the payment, from one.
    pub number: u32,
    /// What goes back to the payer.
    pub amount: Money,
    /// Where it stands.
    pub state: RefundState,
    /// To whom it goes: the payer's own number, possibly masked; none where a person has to ask.
    pub payee: Option<String>,
    /// Why, in the merchant's words.
    pub reason: String,
    /// The merchant's own name of it, where its API has one; unique within the payment.
    pub reference: Option<String>,
    /// The rail's reference of the money that went back, or why it failed.
    pub note: Option<String>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
}
