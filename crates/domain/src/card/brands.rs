//! The names on cards, and what each asks of its numbers.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// The network whose name is on a card. (A *brand* alone is a shop; see `crate::brand`.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardBrand {
    /// RuPay, of India.
    #[serde(rename = "rupay")]
    RuPay,
    /// Visa.
    Visa,
    /// Mastercard.
    Mastercard,
    /// American Express.
    #[serde(rename = "amex")]
    AmericanExpress,
    /// JCB, of Japan.
    Jcb,
    /// Discover.
    Discover,
    /// Diners Club.
    Diners,
    /// Maestro.
    Maestro,
    /// UnionPay, of China.
    #[serde(rename = "unionpay")]
    UnionPay,
}

impl CardBrand {
    /// Every brand, ours first.
    pub const ALL: [Self; 9] = [
        Self::RuPay,
        Self::Visa,
        Self::Mastercard,
        Self::AmericanExpress,
        Self::Jcb,
        Self::Discover,
        Self::Diners,
        Self::Maestro,
        Self::UnionPay,
    ];

    /// The stable word for configuration and storage.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::RuPay => "rupay",
            Self::Visa => "visa",
            Self::Mastercard => "mastercard",
            Self::AmericanExpress => "amex",
            Self::Jcb => "jcb",
            Self::Discover => "discover",
            Self::Diners => "diners",
            Self::Maestro => "maestro",
            Self::UnionPay => "unionpay",
        }
    }

    /// The brand with that slug, in either case.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|brand| brand.slug().eq_ignore_ascii_case(slug))
    }

    /// The name as the brand spells it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::RuPay => "RuPay",
            Self::Visa => "Visa",
            Self::Mastercard => "Mastercard",
            Self::AmericanExpress => "American Express",
            Self::Jcb => "JCB",
            Self::Discover => "Discover",
            Self::Diners => "Diners Club",
            Self::Maestro => "Maestro",
            Self::UnionPay => "UnionPay",
        }
    }

    /// How many digits its numbers have.
    pub const fn pan_digits(self) -> RangeInclusive<usize> {
        match self {
            Self::RuPay | Self::Mastercard => 16..=16,
            Self::Visa | Self::Maestro => 13..=19,
            Self::AmericanExpress => 15..=15,
            Self::Jcb | Self::Discover | Self::UnionPay => 16..=19,
            Self::Diners => 14..=19,
        }
    }

    /// How many digits its security codes have.
    pub const fn security_code_digits(self) -> usize {
        match self {
            Self::AmericanExpress => 4,
            _ => 3,
        }
    }

    /// Whether nothing is authorised that was not authenticated before: RuPay's network declines it.
    pub const fn must_authenticate(self) -> bool {
        matches!(self, Self::RuPay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_brand_has_its_own_words() {
        for brand in CardBrand::ALL {
            assert_eq!(CardBrand::from_slug(&brand.slug().to_uppercase()), Some(brand));
            assert!(brand.pan_digits().start() >= &13 && brand.pan_digits().end() <= &19);
            assert_eq!(
                brand.title().to_lowercase().replace(' ', "").get(..2),
                brand.slug().get(..2)
            );
        }
        assert_eq!(CardBrand::from_slug("elo"), None);
        assert!(CardBrand::RuPay.must_authenticate() && !CardBrand::Visa.must_authenticate());
        assert_eq!(CardBrand::AmericanExpress.security_code_digits(), 4);
    }
}
