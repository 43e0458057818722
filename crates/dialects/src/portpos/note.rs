//! What an invoice has beyond a payment, kept with it as JSON that only this dialect reads.

use serde::{Deserialize, Serialize};
use torana_domain::payment::Payment;

/// See the module. Texts are as the merchant sent them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Note {
    pub(super) product_name: String,
    pub(super) product_description: String,
    pub(super) address: Address,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) shipping: Option<Party>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reference: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) customs: Vec<(String, String)>,
    /// Months of instalments that the merchant offers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) emi_tenures: Option<Vec<u32>>,
    /// Codes of discounts that the merchant offers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) discount_codes: Option<Vec<String>>,
    /// The invoice of the subscription that this payment is of, and its number among them, from one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) recurring: Option<(String, u32)>,
}

/// A postal address; the country as an ISO code of two or three letters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Address {
    pub(super) street: String,
    pub(super) city: String,
    pub(super) state: String,
    pub(super) zipcode: String,
    pub(super) country: String,
}

/// To whom it is shipped; whatever the merchant did not say is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Party {
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) street: Option<String>,
    pub(super) city: Option<String>,
    pub(super) state: Option<String>,
    pub(super) zipcode: Option<String>,
    pub(super) country: Option<String>,
}

impl Note {
    /// Of a payment; empty if it has none that can be read.
    pub(super) fn of(payment: &Payment) -> Self {
        let text = payment.order.dialect_note.as_deref();
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// As it is kept.
    pub(super) fn to_text(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}

/// The note of the `n`-th payment of a subscription.
pub(super) fn renewed(first: &Payment, n: u32) -> Option<String> {
    let note = Note::of(first);
    let invoice = super::ids::invoice_id(first.id.number);
    Note { recurring: Some((invoice, n)), ..note }.to_text()
}
