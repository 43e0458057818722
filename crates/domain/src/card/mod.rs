//! Cards: what stands on them, how a holder is authenticated, and what becomes of what is asked of their networks. One set of
//! types for the APIs that take cards, the rail that carries them and the pages on which they are typed.
//!
//! *Invariant:* none of the secrets here prints, is compared in a time that tells of it, can be serialised, or outlives
//! its use in memory; security codes and one-time codes cannot even be cloned.

pub mod operation;
pub mod otp;

mod authentication;
mod bin;
mod brands;
mod expiry;
mod ids;
mod outcome;
mod pan;
mod responses;
mod secret;

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

pub use authentication::{Authentication, NotServed, Use};
pub use bin::{Bin, NotABin};
pub use brands::CardBrand;
pub use expiry::{Expiry, ExpiryError};
pub use ids::{AuthenticationId, NotAnId, OperationId, TransactionId};
pub use outcome::{Approval, AuthenticationEnd, Contradiction, Kind, Refusal};
pub use pan::{
    Fingerprint, Masked, NotAOneTimeCode, NotASecurityCode, OneTimeCode, Pan, PanError,
    SecurityCode, keyed_hash,
};
pub use responses::{Advice, Certainty, NotAResponseCode, ResponseCode};

/// Parts fingerprints of whole cards from those of numbers alone.
const CARD_PURPOSE: &[u8] = b"torana/card/number-and-expiry/v1";

/// How a payer proves to be the holder of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// On a page of the issuer.
    Redirect,
    /// By a one-time code that our page, or the merchant's, takes.
    Seamless,
}

/// A card as a payer types it in.
#[derive(PartialEq, Eq)]
pub struct Card {
    /// The number.
    pub pan: Pan,
    /// Its last month.
    pub expiry: Expiry,
    /// The code beside it; gone after the first authorisation.
    pub security_code: Option<SecurityCode>,
    /// The name on it.
    pub holder: Option<String>,
}

impl Card {
    /// Says whether two cards are one, by number and expiry, without keeping either.
    pub fn fingerprint(&self, key: &[u8]) -> Fingerprint {
        let (month, year) =
            (Zeroizing::new(self.expiry.month()), Zeroizing::new(self.expiry.year()));
        let parts = [CARD_PURPOSE, self.pan.reveal().as_bytes(), month.as_bytes(), year.as_bytes()];
        Fingerprint::from_bytes(keyed_hash(key, &parts))
    }

    /// What may be shown of it.
    pub fn facts(&self, brand: CardBrand) -> CardFacts {
        CardFacts {
            bin: self.pan.bin().six().to_owned(),
            last4: self.pan.last4().to_owned(),
            expiry_month: self.expiry.month(),
            expiry_year: self.expiry.year(),
            brand,
        }
    }
}

impl fmt::Debug for Card {
    /// As much as a log may show.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Card({})", self.pan.masked())
    }
}

/// With what is paid.
#[derive(PartialEq, Eq)]
pub enum Means {
    /// A card.
    Card(Card),
    /// A card that somebody keeps under a name, with its security code if the payer typed it again. Whose name it is depends
    /// on who is asked: the merchant knows one of ours, we one of the network's.
    Token {
        /// The name.
        value: String,
        /// The code.
        security_code: Option<SecurityCode>,
    },
}

impl fmt::Debug for Means {
    /// The name of a kept card does not print: with it, others could pay.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Card(card) => card.fmt(f),
            Self::Token { .. } => f.write_str("Token(…)"),
        }
    }
}

/// As much of a card as may be kept and shown to its merchant: enough to recognise it, too little to pay with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardFacts {
    /// The first six digits.
    pub bin: String,
    /// The last four.
    pub last4: String,
    /// `02`.
    pub expiry_month: String,
    /// `2026`.
    pub expiry_year: String,
    /// Whose it is.
    pub brand: CardBrand,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(pan: &str, month: &str) -> Card {
        Card {
            pan: pan.parse().unwrap(),
            expiry: Expiry::parse(month, "31").unwrap(),
            security_code: Some("975".parse().unwrap()),
            holder: None,
        }
    }

    #[test]
    fn a_card_is_its_number_and_its_month() {
        let (one, same) = (card("6074820000084938", "11"), card("6074820000084938", "11"));
        assert!(one.fingerprint(b"k") == same.fingerprint(b"k"));
        assert!(one.fingerprint(b"k") != card("6074820000084938", "12").fingerprint(b"k"));
        assert!(one.fingerprint(b"k") != card("6071480000033212", "11").fingerprint(b"k"));
        assert!(one.fingerprint(b"k") != one.fingerprint(b"l"));
        assert!(one.fingerprint(b"k") != one.pan.fingerprint(b"k"));
    }

    #[test]
    fn with_what_is_paid_does_not_print() {
        let token = |code: &str| Means::Token {
            value: "kept-8642".to_owned(),
            security_code: Some(code.parse().unwrap()),
        };
        assert_eq!(format!("{:?}", token("975")), "Token(…)");
        assert_eq!(
            format!("{:?}", Means::Card(card("6074820000084938", "11"))),
            "Card(607482******4938)"
        );
    }

    #[test]
    fn what_may_be_shown_is_little() {
        let facts = card("6074820000084938", "2").facts(CardBrand::RuPay);
        let text = serde_json::to_string(&facts).unwrap();
        assert_eq!((facts.bin.as_str(), facts.last4.as_str()), ("607482", "4938"));
        assert!(!text.contains("6074820000084938") && !text.contains("975"));
    }
}
