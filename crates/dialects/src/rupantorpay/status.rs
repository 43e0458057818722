//! RupantorPay's words for how a payment stands (seed, "Response Details").

use torana_domain::payment::PaymentState;

/// The three words of the seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// Paid.
    Completed,
    /// May still be paid.
    Pending,
    /// Will not be paid, was paid back whole, or was charged back.
    Error,
}

impl Status {
    /// The word for a state; see the module's parent for why `Refunded` and `ChargedBack` are errors.
    pub(super) fn of(state: PaymentState) -> Self {
        match state {
            PaymentState::Succeeded
            | PaymentState::RefundPending
            | PaymentState::RefundProcessing
            | PaymentState::PartiallyRefunded => Self::Completed,
            PaymentState::Created
            | PaymentState::Pending
            | PaymentState::Unknown
            | PaymentState::Authorised => Self::Pending,
            PaymentState::Declined
            | PaymentState::Cancelled
            | PaymentState::Expired
            | PaymentState::Refunded
            | PaymentState::ChargedBack => Self::Error,
        }
    }

    /// The seed's word.
    pub(super) fn upper(self) -> &'static str {
        match self {
            Self::Completed => "COMPLETED",
            Self::Pending => "PENDING",
            Self::Error => "ERROR",
        }
    }

    /// The live word in redirects and callbacks (provider §4).
    pub(super) fn lower(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Pending => "pending",
            Self::Error => "failed",
        }
    }

    /// Either, by a switch.
    pub(super) fn word(self, lowercase: bool) -> &'static str {
        if lowercase { self.lower() } else { self.upper() }
    }
}
