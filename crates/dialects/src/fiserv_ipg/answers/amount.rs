//! Amounts: numbers, whose digits are chosen, since the seed writes `567.00`, `123.50` and `123.5`.

use serde::ser::{Error as _, SerializeMap as _};
use serde::{Serialize, Serializer};
use serde_json::Number;
use torana_domain::Money;

/// How many digits a number has after the point.
///
/// In the seed all four answers to POST have those of the currency, and both answers to PATCH as few as can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decimals {
    /// Those of the currency: `123.50`. Of POST and, which no page shows, of GET.
    Full,
    /// As few as can be: `123.5`. Of PATCH.
    Shortest,
}

/// A part of an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    /// What is left without the others.
    Subtotal,
    /// Value added tax.
    VatAmount,
    /// Other taxes.
    LocalTax,
    /// Carriage.
    Shipping,
    /// Cash that the payer gets.
    Cashback,
    /// What is given of free will.
    Tip,
    /// What the card costs more.
    Surcharge,
}

impl Component {
    /// All, in the order of the schema.
    pub const ALL: [Self; 7] = [
        Self::Subtotal,
        Self::VatAmount,
        Self::LocalTax,
        Self::Shipping,
        Self::Cashback,
        Self::Tip,
        Self::Surcharge,
    ];

    /// Its key.
    pub fn name(self) -> &'static str {
        match self {
            Self::Subtotal => "subtotal",
            Self::VatAmount => "vatAmount",
            Self::LocalTax => "localTax",
            Self::Shipping => "shipping",
            Self::Cashback => "cashback",
            Self::Tip => "tip",
            Self::Surcharge => "surcharge",
        }
    }
}

/// An amount with its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    /// The whole.
    pub total: Money,
    /// The parts: a payer's authentication has its whole as `subtotal`, a sale has none.
    pub components: Vec<(Component, Money)>,
    /// How they are written.
    pub decimals: Decimals,
}

impl Amount {
    /// Of a sale: without parts.
    pub fn whole(total: Money, decimals: Decimals) -> Self {
        Self { total, components: vec![], decimals }
    }

    /// Of a payer's authentication: the only part is the whole.
    pub fn with_subtotal(total: Money, decimals: Decimals) -> Self {
        Self { total, components: vec![(Component::Subtotal, total)], decimals }
    }
}

/// A number with exactly the digits of its text.
struct Digits(Money, Decimals);

impl Serialize for Digits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = match self.1 {
            Decimals::Full => self.0.to_decimal(0),
            Decimals::Shortest => self.0.to_shortest(),
        };
        text.parse::<Number>().map_err(S::Error::custom)?.serialize(serializer)
    }
}

struct Components<'a>(&'a Amount);

impl Serialize for Components<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Amount { components, decimals, .. } = self.0;
        serializer.collect_map(
            components.iter().map(|(name, part)| (name.name(), Digits(*part, *decimals))),
        )
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("total", &Digits(self.total, self.decimals))?;
        map.serialize_entry("currency", self.total.currency().code())?;
        map.serialize_entry("components", &Components(self))?;
        map.end()
    }
}
