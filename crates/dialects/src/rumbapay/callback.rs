//! Callbacks: what GET would answer, by POST to `callback_url` (seed), signed when they are sent.

use torana_domain::payment::{Event, EventKind, Payment};
use torana_domain::payout::{Payout, PayoutState};

use super::{Switches, encode};
use crate::{Callback, urls};

/// The message about `event`, if there is one and the payment has an address for it.
pub(super) fn of_payment(
    payment: &Payment,
    event: &Event,
    switches: &Switches,
) -> Option<Callback> {
    let url = payment.order.urls.callback.as_deref()?;
    is_told(payment, &event.kind, switches)
        .then(|| message(url, encode::told(payment, switches, event.at)))
}

/// The message about a payout that is done or failed.
pub(super) fn of_payout(payout: &Payout) -> Option<Callback> {
    let url = payout.order.callback.as_deref()?;
    let is_told = matches!(payout.state, PayoutState::Succeeded | PayoutState::Failed);
    is_told.then(|| message(url, encode::payout_body(payout, payout.changed_at).to_string()))
}

fn message(url: &str, body: String) -> Callback {
    Callback {
        url: urls::finished(url),
        content_type: "application/json",
        headers: vec![],
        body: body.into_bytes(),
    }
}

fn is_told(payment: &Payment, kind: &EventKind, switches: &Switches) -> bool {
    match kind {
        EventKind::Succeeded { .. }
        | EventKind::Declined { .. }
        | EventKind::Cancelled { .. }
        | EventKind::Expired => true,
        EventKind::Claimed { .. } => {
            let is_first = payment.attempts.len() == 1;
            switches.callback_pending && is_first && payment.state.is_open()
        }
        EventKind::Created
        | EventKind::SetAside { .. }
        | EventKind::Doubted { .. }
        | EventKind::Asked { .. }
        | EventKind::Refused { .. }
        | EventKind::Reserved { .. }
        | EventKind::Released
        | EventKind::RefundRequested { .. }
        | EventKind::RefundProcessing { .. }
        | EventKind::RefundDone { .. }
        | EventKind::RefundFailed { .. }
        | EventKind::ChargebackOpened { .. }
        | EventKind::ChargebackWon { .. }
        | EventKind::ChargebackLost { .. } => false,
    }
}
