//! Where the payer's browser goes back to, and with what (provider §1.6).

use torana_domain::payment::Payment;

use super::ids;
use super::status::Status;
use crate::urls;

/// `redirect_url` with the five parameters after the merchant's own.
pub(super) fn return_url(payment: &Payment) -> String {
    let url = &payment.order.urls.success;
    if url.is_empty() {
        return String::new();
    }
    urls::finished(&urls::with_query(url, &parameters(payment)))
}

/// `invoice`, `status`, `amount`, `currency`, `transaction_id`. The amount is the invoice's, as clients compare it.
pub(super) fn parameters(payment: &Payment) -> String {
    let order = &payment.order;
    let paid = payment.paid.as_ref();
    let reference = paid.map_or("", |paid| paid.receipt.reference.as_str());
    form_urlencoded::Serializer::new(String::new())
        .append_pair("invoice", &ids::invoice_id(payment.id.number))
        .append_pair("status", Status::of(payment).word())
        .append_pair("amount", &order.amount.to_decimal(2))
        .append_pair("currency", order.amount.currency().code())
        .append_pair("transaction_id", reference)
        .finish()
}
