//! Cards between authentication and sale, and the keys under which they are hashed.

use serde::{Deserialize, Serialize};
use torana_domain::BrandId;
use torana_domain::card::{Card, Expiry};
use zeroize::{Zeroize as _, Zeroizing};

use crate::brands::seal_purpose;
use crate::secrets::Vault;

/// What is sealed of a card: never its security code.
#[derive(Serialize, Deserialize)]
struct Sealed {
    number: String,
    month: String,
    year: String,
    holder: Option<String>,
}

impl Drop for Sealed {
    fn drop(&mut self) {
        self.number.zeroize();
        self.holder.zeroize();
    }
}

/// A card that is sealed for one authentication.
#[derive(Debug)]
pub struct HeldCard;

impl HeldCard {
    /// The purpose binds it to brand and authentication: moved to another row it does not open.
    fn purpose(brand: BrandId, operation: u64) -> String {
        seal_purpose(brand, &format!("card/{operation}"))
    }

    /// Seals number, expiry and name.
    pub fn seal(
        vault: &Vault,
        brand: BrandId,
        operation: u64,
        card: &Card,
    ) -> anyhow::Result<Vec<u8>> {
        let sealed = Sealed {
            number: card.pan.reveal().to_owned(),
            month: card.expiry.month(),
            year: card.expiry.year(),
            holder: card.holder.clone(),
        };
        // Room for all of it at once: a buffer that grows leaves its old bytes behind.
        let mut text = Zeroizing::new(Vec::with_capacity(512));
        serde_json::to_writer(&mut *text, &sealed)?;
        vault.seal(&Self::purpose(brand, operation), &text)
    }

    /// Opens it.
    pub fn open(
        vault: &Vault,
        brand: BrandId,
        operation: u64,
        sealed: &[u8],
    ) -> anyhow::Result<Card> {
        let text = vault.open_sealed(&Self::purpose(brand, operation), sealed)?;
        let held: Sealed = serde_json::from_slice(&text)?;
        Ok(Card {
            pan: held.number.parse()?,
            expiry: Expiry::parse(&held.month, &held.year)?,
            security_code: None,
            holder: held.holder.clone(),
        })
    }
}

/// The key of hashes that say whether two cards are one, by number and expiry. A brand's own.
pub fn fingerprint_key(vault: &Vault, brand: BrandId) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(vault.lookup("card/fingerprint", &brand.to_string()))
}

/// The key of hashes under which tries are counted, by number. A brand's own.
pub fn guard_key(vault: &Vault, brand: BrandId) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(vault.lookup("card/guard", &brand.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_card_opens_where_it_was_sealed_and_without_its_code() {
        let vault = Vault::new(&[7; 32]).unwrap();
        let card = Card {
            pan: "6074820000084938".parse().unwrap(),
            expiry: Expiry::parse("12", "31").unwrap(),
            security_code: Some("975".parse().unwrap()),
            holder: Some("A HOLDER".into()),
        };
        let sealed = HeldCard::seal(&vault, BrandId(1), 8, &card).unwrap();
        let opened = HeldCard::open(&vault, BrandId(1), 8, &sealed).unwrap();
        assert!(opened.pan == card.pan && opened.expiry == card.expiry);
        assert_eq!((opened.security_code, opened.holder), (None, card.holder));
        assert!(HeldCard::open(&vault, BrandId(1), 9, &sealed).is_err());
        assert!(HeldCard::open(&vault, BrandId(2), 8, &sealed).is_err());
        let text = String::from_utf8_lossy(&sealed);
        assert!(!text.contains("6074820000084938"));
    }
}
