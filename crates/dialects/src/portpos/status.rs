//! PortPos's words and numbers for how a payment stands (seed, the last section; provider §3).

use torana_domain::payment::{Payment, PaymentState};

use super::Switches;

/// The words of the seed; those of requests are [`Status::InvalidRequest`] and [`Status::NotAllowed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Pending,
    Cancelled,
    Expired,
    Accepted,
    RefundPending,
    RefundProcessing,
    Refunded,
    PartiallyRefunded,
    ChargedBack,
    Rejected,
    InvalidRequest,
    NotAllowed,
}

impl Status {
    /// The numbers of all but EXPIRED.
    pub(super) const NUMBERS: [u16; 11] = [100, 120, 200, 210, 215, 220, 230, 240, 300, 400, 500];

    /// How a payment stands.
    pub(super) fn of(payment: &Payment) -> Self {
        Self::of_state(payment.state)
    }

    /// The word for a state.
    pub(super) fn of_state(state: PaymentState) -> Self {
        match state {
            PaymentState::Created
            | PaymentState::Pending
            | PaymentState::Unknown
            | PaymentState::Authorised => Self::Pending,
            PaymentState::Succeeded => Self::Accepted,
            PaymentState::Declined => Self::Rejected,
            PaymentState::Cancelled => Self::Cancelled,
            PaymentState::Expired => Self::Expired,
            PaymentState::RefundPending => Self::RefundPending,
            PaymentState::RefundProcessing => Self::RefundProcessing,
            PaymentState::PartiallyRefunded => Self::PartiallyRefunded,
            PaymentState::Refunded => Self::Refunded,
            PaymentState::ChargedBack => Self::ChargedBack,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Cancelled => "CANCELLED",
            Self::Expired => "EXPIRED",
            Self::Accepted => "ACCEPTED",
            Self::RefundPending => "REFUND_PENDING",
            Self::RefundProcessing => "REFUND_PROCESSING",
            Self::Refunded => "REFUNDED",
            Self::PartiallyRefunded => "PARTIALLY_REFUNDED",
            Self::ChargedBack => "CHARGED_BACK",
            Self::Rejected => "REJECTED",
            Self::InvalidRequest => "INVALID_REQUEST",
            Self::NotAllowed => "NOT_ALLOWED",
        }
    }

    /// v1's number.
    pub(super) fn number(self, switches: &Switches) -> u16 {
        match self {
            Self::Pending => 100,
            Self::Cancelled => 120,
            Self::Expired => switches.expired_number,
            Self::Accepted => 200,
            Self::RefundPending => 210,
            Self::RefundProcessing => 215,
            Self::Refunded => 220,
            Self::PartiallyRefunded => 230,
            Self::ChargedBack => 240,
            Self::Rejected => 300,
            Self::InvalidRequest => 400,
            Self::NotAllowed => 500,
        }
    }
}
