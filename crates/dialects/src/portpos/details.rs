//! What both versions tell of an invoice and of how it was paid.

use torana_domain::payment::Payment;

use super::note::Note;
use super::status::Status;
use super::{gateways, ids};

/// What an invoice's answer is made of. All are as the wire has them; none is null there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Details {
    pub(super) invoice_id: String,
    pub(super) amount: String,
    pub(super) currency: String,
    pub(super) buyer_email: String,
    pub(super) buyer_name: String,
    pub(super) buyer_phone: String,
    pub(super) buyer_address: String,
    pub(super) product_name: String,
    pub(super) product_description: String,
    pub(super) payer_account: Option<String>,
    pub(super) payer_name: Option<String>,
    pub(super) ip_address: Option<String>,
    pub(super) user_agent: Option<String>,
    pub(super) gateway_name: Option<String>,
    pub(super) gateway_url: Option<String>,
    pub(super) gateway_category: Option<String>,
    pub(super) gateway_network: Option<String>,
    pub(super) gateway_txn_id: String,
    pub(super) reason: String,
    pub(super) issuer_name: Option<String>,
    pub(super) issuer_phone: Option<String>,
    pub(super) issuer_website: Option<String>,
    pub(super) issuer_country_iso2: Option<String>,
    pub(super) issuer_country: Option<String>,
    pub(super) card_brand: Option<String>,
    pub(super) card_type: Option<String>,
    pub(super) card_category: Option<String>,
}

impl Details {
    /// Of a payment.
    pub(super) fn of(payment: &Payment) -> Self {
        let order = &payment.order;
        let note = Note::of(payment);
        let mut details = Self {
            invoice_id: ids::invoice_id(payment.id.number),
            amount: order.amount.to_decimal(2),
            currency: order.amount.currency().code().to_owned(),
            buyer_email: order.customer.email.clone(),
            buyer_name: order.customer.name.clone(),
            buyer_phone: order.customer.phone.clone().unwrap_or_default(),
            buyer_address: note.address.street,
            product_name: note.product_name,
            product_description: note.product_description,
            ..Self::default()
        };
        if Status::of(payment) == Status::Pending {
            return details;
        }
        details.reason = payment.reason.clone().unwrap_or_default();
        // The attempt that paid, or else the last that the payer made.
        let paid = payment.paid.as_ref();
        let by = paid.and_then(|paid| payment.attempt(&paid.receipt)).or(payment.attempts.last());
        if let Some(origin) = by.and_then(|attempt| attempt.origin.as_ref()) {
            details.ip_address = Some(origin.ip.clone());
            details.user_agent = Some(origin.user_agent.clone());
        }
        let key = paid.map(|paid| &paid.receipt).or(by.map(|attempt| &attempt.key));
        if let Some(key) = key {
            let gateway = gateways::of(&key.method);
            details.gateway_name = Some(gateway.name.to_owned());
            details.gateway_url = Some(gateway.url.to_owned());
            details.gateway_category = Some(gateway.category.to_owned());
            details.gateway_network = Some(gateway.network.to_owned());
        }
        if let Some(paid) = paid {
            details.payer_account = Some(paid.payer.clone().unwrap_or_default());
            // A wallet's message does not say who it was (provider §2.4: empty for bKash).
            details.payer_name = Some(String::new());
            details.gateway_txn_id.clone_from(&paid.receipt.reference);
        }
        details
    }
}
