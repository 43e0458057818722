//! Where the payer's browser goes back to. The pages tell of no parameters: none are added.

use torana_domain::payment::{Payment, PaymentState};

use crate::urls;

/// `redirect_url` where money was sent, or is said to have been; otherwise `cancel_url`, or the former if there is none.
pub(super) fn return_url(payment: &Payment) -> String {
    let urls = &payment.order.urls;
    let is_waiting = matches!(
        payment.state,
        PaymentState::Pending | PaymentState::Unknown | PaymentState::Authorised
    );
    let was_sent = payment.paid.is_some() || is_waiting;
    let url = if was_sent || urls.cancel.is_empty() { &urls.success } else { &urls.cancel };
    if url.is_empty() { String::new() } else { urls::finished(url) }
}
