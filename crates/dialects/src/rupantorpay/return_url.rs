//! Where the payer's browser goes back to (seed, "Payment Completion Flow").

use torana_domain::payment::{Payment, PaymentState};

use super::Switches;
use super::outcome::Outcome;
use super::status::Status;
use crate::urls;

/// The success URL for a payment that is paid or that the payer says is; the cancel URL for all others. Empty if the
/// order has no such URL.
pub(super) fn return_url(payment: &Payment, switches: &Switches) -> String {
    let status = Status::of(payment.state);
    let to = &payment.order.urls;
    // A payer who did nothing yet is not sent to a page that may thank them.
    let is_success = status != Status::Error && payment.state != PaymentState::Created;
    let url = if is_success { &to.success } else { &to.cancel };
    if url.is_empty() {
        return String::new();
    }
    let outcome = Outcome::of(payment);
    let pairs = outcome.pairs(status.word(switches.redirect_status_lowercase));
    let parameters = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let url = urls::fill_in(url, &outcome.transaction_id);
    urls::finished(&urls::with_query(&url, &parameters))
}
