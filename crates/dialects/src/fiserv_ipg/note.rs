//! What answers must repeat and nobody else needs, kept with operations and payments as JSON that only this dialect reads.

use serde::{Deserialize, Serialize};
use torana_domain::Money;
use torana_domain::payment::Payment;

use super::answers::Component;
use super::requests::{Asked, Origin};

/// Of an operation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Note {
    /// `transactionOrigin`.
    origin: String,
    /// The parts of the amount by their names, in minor units, if the caller named any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    components: Vec<(String, i64)>,
    /// `termURL` just as it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) term_url: Option<String>,
}

impl Note {
    pub(super) fn new(origin: Origin, asked: Option<&Asked>, term_url: Option<&str>) -> Self {
        let components = asked.map(|asked| asked.components.as_slice()).unwrap_or_default();
        let kept = |(name, part): &(Component, Money)| (name.name().to_owned(), part.minor());
        Self {
            origin: origin.word().to_owned(),
            components: components.iter().map(kept).collect(),
            term_url: term_url.map(str::to_owned),
        }
    }

    /// As it was kept; empty if it cannot be read.
    pub(super) fn read(text: Option<&str>) -> Self {
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    pub(super) fn to_text(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    pub(super) fn origin(&self) -> Origin {
        Origin::of(&self.origin).unwrap_or_default()
    }

    /// The parts of an amount of that currency.
    pub(super) fn components(&self, of: Money) -> Vec<(Component, Money)> {
        let part = |(name, minor): &(String, i64)| {
            let component = Component::ALL.into_iter().find(|it| it.name() == name)?;
            Some((component, Money::from_minor(*minor, of.currency())))
        };
        self.components.iter().filter_map(part).collect()
    }
}

/// Of a payment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct OrderNote {
    /// `orderId`, by which shop and payer know it.
    pub(super) order: String,
}

impl OrderNote {
    pub(super) fn of(payment: &Payment) -> Self {
        let note = payment.order.dialect_note.as_deref();
        note.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    pub(super) fn to_text(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}
