//! One card that the simulated network keeps.

use serde::{Deserialize, Serialize};
use torana_domain::card::{
    Card, CardBrand, CardFacts, Expiry, Fingerprint, Flow, OperationId, Pan, Refusal, ResponseCode,
};

use super::cards::{self, Behaviour};

/// A card that is kept under a name, or was: without its number, because what a test card does is all that anybody needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptCard {
    number: u64,
    operation: OperationId,
    /// None once it is forgotten.
    known: Option<Known>,
}

/// What the network knows of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Known {
    pub(super) behaviour: Behaviour,
    pub(super) flow: Flow,
    /// Of number and expiry.
    pub(super) fingerprint: Fingerprint,
    pub(super) facts: CardFacts,
}

impl Known {
    /// Of a card of test mode; `None` for a stranger, and for one whose issuer takes no part.
    pub(super) fn of(card: &Card, key: &[u8]) -> Option<Self> {
        let pan: &Pan = &card.pan;
        Some(Self {
            behaviour: cards::behaviour_of(pan)?,
            flow: cards::flow_of(&pan.bin())?,
            fingerprint: card.fingerprint(key),
            facts: card.facts(CardBrand::RuPay),
        })
    }

    /// Why nothing is begun with it at that time.
    pub(super) fn refuses(&self, now: torana_domain::Timestamp) -> Option<Refusal> {
        let expiry = Expiry::parse(&self.facts.expiry_month, &self.facts.expiry_year);
        let is_over = expiry.map_or(true, |expiry| expiry.is_over(now));
        is_over.then_some(Refusal::Network(ResponseCode::EXPIRED))
    }
}

impl KeptCard {
    pub(super) const fn new(number: u64, operation: OperationId, known: Known) -> Self {
        Self { number, operation, known: Some(known) }
    }

    /// The network's number for it, which is its name.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The name under which it was asked to be kept.
    pub const fn operation(&self) -> &OperationId {
        &self.operation
    }

    /// What may be shown of it, until it is forgotten.
    pub fn facts(&self) -> Option<&CardFacts> {
        self.known.as_ref().map(|known| &known.facts)
    }

    pub(super) const fn known(&self) -> Option<&Known> {
        self.known.as_ref()
    }

    pub(super) fn forget(&mut self) {
        self.known = None;
    }
}
