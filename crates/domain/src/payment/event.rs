//! What happened to a payment, for its timeline and for those who are told of it.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::receipt::Problem;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventKind {
    /// The merchant made it.
    Created,
    /// The payer named a receipt.
    Claimed {
        /// The reference that was typed.
        reference: String,
    },
    /// It was paid.
    Succeeded {
        /// Whether it had been lost before: a late success.
        late: bool,
        /// The reason, where a person decided it.
        by_hand: Option<String>,
    },
    /// A receipt that names it cannot pay it.
    SetAside {
        /// The receipt's reference.
        reference: String,
        /// What is wrong with it.
        problem: Problem,
    },
    /// It was refused.
    Declined {
        /// Why.
        reason: String,
    },
    /// It was given up.
    Cancelled {
        /// Whether by the payer; otherwise by the merchant.
        by_payer: bool,
    },
    /// Its time ran out.
    Expired,
    /// A far end did not say what became of it.
    Doubted {
        /// What happened.
        reason: String,
    },
    /// A network was asked for money.
    Asked {
        /// Our name of the operation.
        reference: String,
    },
    /// It said no; another attempt may follow.
    Refused {
        /// Our name of the operation.
        reference: String,
        /// Why.
        reason: String,
    },
    /// It reserved the money.
    Reserved {
        /// Our name of the operation.
        reference: String,
    },
    /// What was reserved was let go.
    Released,
    /// A refund was promised.
    RefundRequested {
        /// The refund's number.
        number: u32,
    },
    /// A refund is being sent.
    RefundProcessing {
        /// The refund's number.
        number: u32,
    },
    /// A refund was sent.
    RefundDone {
        /// The refund's number.
        number: u32,
    },
    /// A refund will not be sent.
    RefundFailed {
        /// The refund's number.
        number: u32,
    },
    /// The payer's issuer took money back.
    ChargebackOpened {
        /// The chargeback's number.
        number: u32,
    },
    /// The issuer gave it back.
    ChargebackWon {
        /// The chargeback's number.
        number: u32,
    },
    /// It is gone for good.
    ChargebackLost {
        /// The chargeback's number.
        number: u32,
    },
}

/// Something that happened, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When, by the brand's clock.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub kind: EventKind,
}
