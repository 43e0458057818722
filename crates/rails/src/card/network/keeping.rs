//! What is said of cards that a network keeps.

use std::fmt;

use torana_domain::card::{Card, OperationId, Refusal};

/// Asks to keep a card.
#[derive(Debug, PartialEq, Eq)]
pub struct Keep {
    /// Our name for asking; the same name again is the same card under the same name.
    pub operation: OperationId,
    /// The card. Its security code is not kept.
    pub card: Card,
}

/// Whether it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// It is.
    Kept(Kept),
    /// The network will not.
    Refused(Refusal),
}

/// A card that is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Kept {
    /// The network's name for it, for [`Means::Token`](torana_domain::card::Means::Token).
    pub token: String,
}

impl fmt::Debug for Kept {
    /// With the name, others could pay.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept(…)")
    }
}

/// Asks to forget a card.
#[derive(Clone, PartialEq, Eq)]
pub struct Forget {
    /// The network's name for it.
    pub token: String,
}

impl fmt::Debug for Forget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Forget(…)")
    }
}
