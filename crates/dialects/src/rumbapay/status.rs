//! Rumbapay's words for how a payment or payout stands (provider §4).

use torana_domain::payment::PaymentState;
use torana_domain::payout::PayoutState;

/// The word for a payment. Money that went back is an error: there is no word for it.
pub(super) fn word(state: PaymentState) -> &'static str {
    match state {
        PaymentState::Created => "created",
        PaymentState::Pending | PaymentState::Unknown | PaymentState::Authorised => "pending",
        PaymentState::Succeeded
        | PaymentState::RefundPending
        | PaymentState::RefundProcessing
        | PaymentState::PartiallyRefunded => "success",
        PaymentState::Refunded | PaymentState::ChargedBack => "error",
        PaymentState::Declined | PaymentState::Cancelled => "declined",
        PaymentState::Expired => "expired",
    }
}

/// The word for a payout.
pub(super) fn payout_word(state: PayoutState) -> &'static str {
    match state {
        PayoutState::Pending | PayoutState::Processing => "pending",
        PayoutState::Succeeded => "success",
        PayoutState::Failed => "declined",
    }
}
