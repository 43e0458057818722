//! What the merchant's server is told (provider §5; the seed only names the `webhook_url`).
//!
//! It carries no signature: clients are expected to call verify. The server adds its own headers.

use torana_domain::payment::{Event, EventKind, Payment};

use super::Switches;
use super::encode::{self, JSON};
use super::outcome::{self, Outcome};
use super::status::Status;
use super::wire::CallbackBody;
use crate::{Callback, urls};

const FORM: &str = "application/x-www-form-urlencoded";

/// The message about `event`, if there is one and the order has a `webhook_url`. `payment` is as it is after the
/// command: a claim that was paid at once is told of as a success only.
pub(super) fn callback(payment: &Payment, event: &Event, switches: &Switches) -> Option<Callback> {
    let url = payment.order.urls.callback.as_deref()?;
    let status = told_status(payment, &event.kind, switches)?;
    let status = status.word(switches.callback_status_lowercase);
    let outcome = Outcome::of(payment);
    let url = urls::finished(&urls::fill_in(url, &outcome.transaction_id));
    let (content_type, body) = match switches.callback_json {
        true => (JSON, json(payment, &outcome, status)?),
        false => (FORM, form(payment, &outcome, status)),
    };
    Some(Callback { url, content_type, headers: vec![], body })
}

/// As what the event is told, if at all: success, and by switch the first claim while its money is not there.
fn told_status(payment: &Payment, kind: &EventKind, switches: &Switches) -> Option<Status> {
    match kind {
        EventKind::Succeeded { .. } => Some(Status::Completed),
        EventKind::Claimed { reference } => {
            let first = payment.attempts.first().is_some_and(|it| it.key.reference == *reference);
            let tell = switches.callback_pending && first && payment.state.is_open();
            tell.then_some(Status::Pending)
        }
        EventKind::Created
        | EventKind::SetAside { .. }
        | EventKind::Declined { .. }
        | EventKind::Cancelled { .. }
        | EventKind::Expired
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
        | EventKind::ChargebackLost { .. } => None,
    }
}

/// The redirect's pairs, and the wallet's own reference once there is one.
fn form(payment: &Payment, outcome: &Outcome<'_>, status: &str) -> Vec<u8> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(outcome.pairs(status));
    if let Some(trx_id) = outcome::trx_id(payment) {
        form.append_pair("trx_id", trx_id);
    }
    form.finish().into_bytes()
}

fn json(payment: &Payment, outcome: &Outcome<'_>, status: &str) -> Option<Vec<u8>> {
    let body = CallbackBody {
        status,
        transaction_id: &outcome.transaction_id,
        transaction_id_snake: &outcome.transaction_id,
        trx_id: outcome::trx_id(payment),
        payment_method: outcome.method,
        payment_method_snake: outcome.method,
        payment_amount: &outcome.amount,
        amount: encode::amount(payment),
        payment_fee: &outcome.fee,
        currency: outcome.currency,
        fullname: &payment.order.customer.name,
        email: &payment.order.customer.email,
        metadata: encode::metadata(payment),
    };
    serde_json::to_vec(&body).ok()
}
