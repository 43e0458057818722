//! What `ipn_validate`, `get_invoice` and `refund_request` say of an invoice: the seed's fields in the seed's order, which
//! differs between a paid, a rejected and a pending one.

use serde_json::{Map, Value};
use torana_domain::payment::Payment;

use super::super::note::Note;
use super::super::status::Status;
use super::super::{gateways, ids};

const BUYER: [&str; 8] = [
    "invoice_id",
    "amount",
    "buyer_email",
    "buyer_name",
    "buyer_phone",
    "buyer_address",
    "product_name",
    "product_description",
];
const PAYER: [&str; 10] = [
    "payer_account",
    "status",
    "payer_name",
    "ip_address",
    "user_agent",
    "gateway_name",
    "gateway_url",
    "issuer_name",
    "issuer_phone",
    "issuer_website",
];
const ISSUER: [&str; 3] = ["card_category", "issuer_country_iso2", "issuer_country"];
/// What later servers had too (provider §1.4).
const LATER: [&str; 3] = ["gateway_category", "gateway_network", "issuer"];

/// What an invoice's answer is made of. All are as the wire has them; none is null there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Details {
    pub(in super::super) invoice_id: String,
    pub(in super::super) amount: String,
    pub(in super::super) currency: String,
    pub(in super::super) buyer_email: String,
    pub(in super::super) buyer_name: String,
    pub(in super::super) buyer_phone: String,
    pub(in super::super) buyer_address: String,
    pub(in super::super) product_name: String,
    pub(in super::super) product_description: String,
    pub(in super::super) payer_account: Option<String>,
    pub(in super::super) payer_name: Option<String>,
    pub(in super::super) ip_address: Option<String>,
    pub(in super::super) user_agent: Option<String>,
    pub(in super::super) gateway_name: Option<String>,
    pub(in super::super) gateway_url: Option<String>,
    pub(in super::super) gateway_category: Option<String>,
    pub(in super::super) gateway_network: Option<String>,
    pub(in super::super) gateway_txn_id: String,
    pub(in super::super) reason: String,
    pub(in super::super) issuer_name: Option<String>,
    pub(in super::super) issuer_phone: Option<String>,
    pub(in super::super) issuer_website: Option<String>,
    pub(in super::super) issuer_country_iso2: Option<String>,
    pub(in super::super) issuer_country: Option<String>,
    pub(in super::super) card_brand: Option<String>,
    pub(in super::super) card_type: Option<String>,
    pub(in super::super) card_category: Option<String>,
}

impl Details {
    /// Of a payment.
    pub(in super::super) fn of(payment: &Payment) -> Self {
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

    /// As the wire has it.
    pub(super) fn to_json(&self, status: Status, later_fields: bool) -> Map<String, Value> {
        let order: &[&[&str]] = match status {
            Status::Pending => {
                &[&BUYER, &PAYER, &["gateway_txn_id", "reason", "card_brand", "card_type"], &ISSUER]
            }
            Status::Rejected | Status::Cancelled | Status::Expired => &[
                &BUYER,
                &["currency"],
                &PAYER,
                &["card_brand", "gateway_txn_id", "reason", "card_type"],
                &ISSUER,
            ],
            _ => &[
                &BUYER,
                &["currency"],
                &PAYER,
                &["card_brand", "card_type", "gateway_txn_id", "reason"],
                &ISSUER,
            ],
        };
        let later: &[&str] = if later_fields { &LATER } else { &[] };
        let names = order.iter().copied().flatten().chain(later);
        names.map(|name| ((*name).to_owned(), self.field(name, status))).collect()
    }

    fn field(&self, name: &str, status: Status) -> Value {
        let text = |text: &str| Value::from(text);
        let maybe = |text: &Option<String>| text.as_deref().map_or(Value::Null, Value::from);
        match name {
            "invoice_id" => text(&self.invoice_id),
            "amount" => text(&self.amount),
            "currency" => text(&self.currency),
            "buyer_email" => text(&self.buyer_email),
            "buyer_name" => text(&self.buyer_name),
            "buyer_phone" => text(&self.buyer_phone),
            "buyer_address" => text(&self.buyer_address),
            "product_name" => text(&self.product_name),
            "product_description" => text(&self.product_description),
            "payer_account" => maybe(&self.payer_account),
            "status" if status == Status::Pending => Value::Null,
            "status" => text(status.word()),
            "payer_name" => maybe(&self.payer_name),
            "ip_address" => maybe(&self.ip_address),
            "user_agent" => maybe(&self.user_agent),
            "gateway_name" => maybe(&self.gateway_name),
            "gateway_url" => maybe(&self.gateway_url),
            "gateway_category" => maybe(&self.gateway_category),
            "gateway_network" => maybe(&self.gateway_network),
            "gateway_txn_id" => text(&self.gateway_txn_id),
            "reason" => text(&self.reason),
            "issuer_name" | "issuer" => maybe(&self.issuer_name),
            "issuer_phone" => maybe(&self.issuer_phone),
            "issuer_website" => maybe(&self.issuer_website),
            "issuer_country_iso2" => maybe(&self.issuer_country_iso2),
            "issuer_country" => maybe(&self.issuer_country),
            "card_brand" => maybe(&self.card_brand),
            "card_type" => maybe(&self.card_type),
            "card_category" => maybe(&self.card_category),
            _ => Value::Null,
        }
    }
}
