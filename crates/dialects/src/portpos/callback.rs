//! The IPN: a form by POST to `ipn_url` (seed; provider §1.6). It is not signed by PortPos; the server adds headers of its
//! own. Merchants are expected to ask back with `ipn_validate`.

use torana_domain::payment::{Event, EventKind, Payment};

use super::note::Note;
use super::{Switches, return_url};
use crate::{Callback, urls};

/// The message about `event`, if there is one and the invoice has an `ipn_url`.
pub(super) fn callback(payment: &Payment, event: &Event, switches: &Switches) -> Option<Callback> {
    let url = payment.order.urls.callback.as_deref()?;
    if !is_told(payment, &event.kind, switches) {
        return None;
    }
    Some(Callback {
        url: urls::finished(url),
        content_type: "application/x-www-form-urlencoded",
        headers: vec![],
        body: return_url::parameters(payment).into_bytes(),
    })
}

fn is_told(payment: &Payment, kind: &EventKind, switches: &Switches) -> bool {
    match kind {
        EventKind::Succeeded { .. } | EventKind::Declined { .. } | EventKind::RefundDone { .. } => {
            true
        }
        EventKind::RefundRequested { .. }
        | EventKind::RefundProcessing { .. }
        | EventKind::RefundFailed { .. } => switches.ipn_refund_steps,
        EventKind::ChargebackOpened { .. }
        | EventKind::ChargebackWon { .. }
        | EventKind::ChargebackLost { .. } => switches.ipn_chargebacks,
        EventKind::Created => {
            let later = Note::of(payment).recurring.is_some_and(|(_, n)| n > 1);
            later && switches.ipn_recurring
        }
        EventKind::Claimed { .. }
        | EventKind::SetAside { .. }
        | EventKind::Cancelled { .. }
        | EventKind::Expired
        | EventKind::Doubted { .. }
        | EventKind::Asked { .. }
        | EventKind::Refused { .. }
        | EventKind::Reserved { .. }
        | EventKind::Released => false,
    }
}
