//! Methods of payments that have rails, and what each requires.

use torana_domain::Currency;

/// A method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PayIn {
    Upi,
    Epay,
}

impl PayIn {
    /// The method of a word of the API.
    pub(super) fn of(word: &str) -> Option<Self> {
        [Self::Upi, Self::Epay].into_iter().find(|method| method.slug() == word.trim())
    }

    /// The word of the API, and of our rails.
    pub(super) fn slug(self) -> &'static str {
        match self {
            Self::Upi => "upi",
            Self::Epay => "epay",
        }
    }

    /// Whether its rail has that currency.
    pub(super) fn has(self, currency: Currency) -> bool {
        match self {
            Self::Upi => currency.code() == "INR",
            Self::Epay => matches!(currency.code(), "BGN" | "EUR"),
        }
    }

    /// Fields of `customer` that must be there (seed).
    pub(super) fn needed(self) -> &'static [&'static str] {
        match self {
            Self::Upi => &[
                "identifier",
                "email",
                "phone",
                "first_name",
                "last_name",
                "country",
                "city",
                "address",
                "state_code",
                "zip_code",
            ],
            Self::Epay => COMMON,
        }
    }
}

/// What every method requires of `customer`.
pub(super) const COMMON: &[&str] = &["identifier", "first_name", "last_name", "country"];
