//! What redirect and callback say of a payment, in the redirect's words (seed, "Returned Parameters").

use torana_domain::Money;
use torana_domain::payment::Payment;

use super::ids;

/// What the engine calls a wallet that the payer never named (provider §4).
const UNDETECTED: &str = "undetected";

/// The parameters, but for the status.
#[derive(Debug)]
pub(super) struct Outcome<'a> {
    /// The identifier.
    pub(super) transaction_id: String,
    /// The wallet's slug.
    pub(super) method: &'a str,
    /// "Amount paid by customer": what was taken, or else what is due.
    pub(super) amount: String,
    /// "Transaction fee deducted".
    pub(super) fee: String,
    /// The currency's code.
    pub(super) currency: &'static str,
}

impl<'a> Outcome<'a> {
    /// Of a payment as it stands.
    pub(super) fn of(payment: &'a Payment) -> Self {
        let order = &payment.order;
        let currency = order.amount.currency();
        let amount = payment.paid.as_ref().map_or(order.due, |paid| paid.applied);
        // The fee never exceeds what was taken, see the settlement in `decide`.
        let fee = Money::from_minor(order.fee.minor().min(amount.minor()), currency);
        Self {
            transaction_id: ids::transaction_id(payment.id.number),
            method: method(payment).unwrap_or(UNDETECTED),
            amount: amount.to_shortest(),
            fee: fee.to_shortest(),
            currency: currency.code(),
        }
    }

    /// The pairs in the seed's order, then `transaction_id`, which some clients read instead (provider §4).
    pub(super) fn pairs<'b>(&'b self, status: &'b str) -> [(&'static str, &'b str); 7] {
        [
            ("transactionId", &self.transaction_id),
            ("paymentMethod", self.method),
            ("paymentAmount", &self.amount),
            ("paymentFee", &self.fee),
            ("currency", self.currency),
            ("status", status),
            ("transaction_id", &self.transaction_id),
        ]
    }
}

/// The wallet that paid, or else the last that the payer named.
pub(super) fn method(payment: &Payment) -> Option<&str> {
    let paid = payment.paid.as_ref().map(|paid| &paid.receipt);
    let claimed = || payment.attempts.last().map(|attempt| &attempt.key);
    paid.or_else(claimed).map(|key| key.method.as_str())
}

/// The rail's own reference of the money that arrived; what a payer merely claims is not one.
pub(super) fn trx_id(payment: &Payment) -> Option<&str> {
    payment.paid.as_ref().map(|paid| paid.receipt.reference.as_str())
}
