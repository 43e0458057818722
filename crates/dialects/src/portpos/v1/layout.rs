//! What `ipn_validate`, `get_invoice` and `refund_request` say of an invoice: the seed's fields in the seed's order, which
//! differs between a paid, a rejected and a pending one.

use serde_json::{Map, Value};

use super::super::details::Details;
use super::super::status::Status;

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

/// As the wire has it.
pub(super) fn to_json(details: &Details, status: Status, later_fields: bool) -> Map<String, Value> {
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
    names.map(|name| ((*name).to_owned(), field(details, name, status))).collect()
}

fn field(details: &Details, name: &str, status: Status) -> Value {
    let text = |text: &str| Value::from(text);
    let maybe = |text: &Option<String>| text.as_deref().map_or(Value::Null, Value::from);
    match name {
        "invoice_id" => text(&details.invoice_id),
        "amount" => text(&details.amount),
        "currency" => text(&details.currency),
        "buyer_email" => text(&details.buyer_email),
        "buyer_name" => text(&details.buyer_name),
        "buyer_phone" => text(&details.buyer_phone),
        "buyer_address" => text(&details.buyer_address),
        "product_name" => text(&details.product_name),
        "product_description" => text(&details.product_description),
        "payer_account" => maybe(&details.payer_account),
        "status" if status == Status::Pending => Value::Null,
        "status" => text(status.word()),
        "payer_name" => maybe(&details.payer_name),
        "ip_address" => maybe(&details.ip_address),
        "user_agent" => maybe(&details.user_agent),
        "gateway_name" => maybe(&details.gateway_name),
        "gateway_url" => maybe(&details.gateway_url),
        "gateway_category" => maybe(&details.gateway_category),
        "gateway_network" => maybe(&details.gateway_network),
        "gateway_txn_id" => text(&details.gateway_txn_id),
        "reason" => text(&details.reason),
        "issuer_name" | "issuer" => maybe(&details.issuer_name),
        "issuer_phone" => maybe(&details.issuer_phone),
        "issuer_website" => maybe(&details.issuer_website),
        "issuer_country_iso2" => maybe(&details.issuer_country_iso2),
        "issuer_country" => maybe(&details.issuer_country),
        "card_brand" => maybe(&details.card_brand),
        "card_type" => maybe(&details.card_type),
        "card_category" => maybe(&details.card_category),
        _ => Value::Null,
    }
}
