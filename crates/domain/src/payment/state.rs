//! Where a payment stands.

use serde::{Deserialize, Serialize};

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// Made by the merchant; the payer has done nothing yet.
    Created,
    /// The payer says that money was sent; Torana has not seen it yet.
    Pending,
    /// A far end did not say what became of it: asked again until it does, never guessed.
    Unknown,
    /// A card network has reserved the money, and it is not taken yet.
    Authorised,
    /// Paid.
    Succeeded,
    /// Refused by the merchant or a far end.
    Declined,
    /// Given up by the payer or the merchant.
    Cancelled,
    /// Not paid in time.
    Expired,
    /// Paid; a refund is promised.
    RefundPending,
    /// Paid; a refund is being sent.
    RefundProcessing,
    /// Paid; a part went back.
    PartiallyRefunded,
    /// Paid; all of it went back.
    Refunded,
    /// Paid; the payer's issuer took money back, and has not given it back so far.
    ChargedBack,
}

impl PaymentState {
    /// The stable code, as stored and shown to machines.
    pub fn code(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Pending => "pending",
            Self::Unknown => "unknown",
            Self::Authorised => "authorised",
            Self::Succeeded => "succeeded",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::RefundPending => "refund_pending",
            Self::RefundProcessing => "refund_processing",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Refunded => "refunded",
            Self::ChargedBack => "charged_back",
        }
    }

    /// The state with that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Every state.
    pub const ALL: [Self; 13] = [
        Self::Created,
        Self::Pending,
        Self::Unknown,
        Self::Authorised,
        Self::Succeeded,
        Self::Declined,
        Self::Cancelled,
        Self::Expired,
        Self::RefundPending,
        Self::RefundProcessing,
        Self::PartiallyRefunded,
        Self::Refunded,
        Self::ChargedBack,
    ];

    /// Whether it may still be paid in the ordinary way.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Created | Self::Pending | Self::Unknown)
    }

    /// Whether it ended without being paid. Money that arrives all the same makes a late success.
    pub fn is_lost(self) -> bool {
        matches!(self, Self::Declined | Self::Cancelled | Self::Expired)
    }

    /// Whether it was paid, whatever went back since.
    pub fn is_paid(self) -> bool {
        !self.is_open() && !self.is_lost() && self != Self::Authorised
    }
}
