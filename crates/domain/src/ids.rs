//! Identifiers. All are made from arguments: the core makes no random number.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Timestamp;

/// 2020-01-01T00:00:00Z: payment numbers count milliseconds from here, so that they fit 42 bits until 2159.
const EPOCH_MS: i64 = 1_577_836_800_000;
/// Random bits below the milliseconds of a [`PaymentNumber`].
const RANDOM_BITS: u32 = 21;

macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

numbered! {
    /// One shop. Every key of a table that belongs to a shop begins with it.
    BrandId(u32)
}
numbered! {
    /// A rail account of a brand: a wallet number, a VPA. Unique within the brand.
    AccountId(u32)
}
numbered! {
    /// A phone that forwards messages. Unique within the brand.
    DeviceId(u32)
}

/// A payment's number within its brand: 42 bits of milliseconds since 2020, then 21 random bits. Numbers
/// grow with time, so that rows are appended; they are 63 bits wide, so that SQL integers hold them.
/// Dialects print their own short identifiers from it, which then need no index of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PaymentNumber(i64);

impl PaymentNumber {
    /// A number for a payment created at `now`; only the low 21 bits of `random` are used.
    pub fn new(now: Timestamp, random: u64) -> Self {
        let ms = now.as_ms().saturating_sub(EPOCH_MS).clamp(0, (1 << 42) - 1);
        let low = (random & ((1 << RANDOM_BITS) - 1)) as i64;
        Self(ms << RANDOM_BITS | low)
    }

    /// The number as SQL stores it; never negative.
    pub fn as_i64(self) -> i64 {
        self.0
    }

    /// From SQL; a negative value is not a number of ours.
    pub fn from_i64(value: i64) -> Option<Self> {
        (value >= 0).then_some(Self(value))
    }

    /// When the payment was created, to the millisecond.
    pub fn created_at(self) -> Timestamp {
        Timestamp::from_ms((self.0 >> RANDOM_BITS) + EPOCH_MS)
    }

    /// The 21 random bits.
    pub fn random_bits(self) -> u32 {
        (self.0 & ((1 << RANDOM_BITS) - 1)) as u32
    }
}

/// A payment's whole identity: 32 lower-case hexadecimal digits, as RupantorPay's links have (seed,
/// "Sample Response"). The last eight are a token that only the link's holder knows; with the random
/// bits of the number, 53 bits are not guessable.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PaymentId {
    /// The number within the brand.
    pub number: PaymentNumber,
    /// The shop that it belongs to.
    pub brand: BrandId,
    /// What makes the link a capability.
    pub token: u32,
}

impl PaymentId {
    /// An identity for a payment created at `now`, from 64 random bits of which 53 are used.
    pub fn new(brand: BrandId, now: Timestamp, random: u64) -> Self {
        Self { number: PaymentNumber::new(now, random), brand, token: (random >> 32) as u32 }
    }
}

impl fmt::Display for PaymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:08x}{:08x}", self.number.0, self.brand.0, self.token)
    }
}

impl fmt::Debug for PaymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not 32 lower-case hexadecimal digits of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a payment id")]
pub struct NotAPaymentId;

impl FromStr for PaymentId {
    type Err = NotAPaymentId;

    fn from_str(text: &str) -> Result<Self, NotAPaymentId> {
        let lower_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 32 || !text.bytes().all(lower_hex) {
            return Err(NotAPaymentId);
        }
        let bits = u128::from_str_radix(text, 16).map_err(|_| NotAPaymentId)?;
        let number = i64::try_from(bits >> 64).map_err(|_| NotAPaymentId)?;
        Ok(Self {
            number: PaymentNumber(number),
            brand: BrandId((bits >> 32) as u32),
            token: bits as u32,
        })
    }
}

impl Serialize for PaymentId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PaymentId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_id_survives_its_text(ms in EPOCH_MS..EPOCH_MS + (1_i64 << 42), brand: u32, random: u64) {
            let id = PaymentId::new(BrandId(brand), Timestamp::from_ms(ms), random);
            prop_assert_eq!(id.to_string().parse(), Ok(id));
            prop_assert_eq!(id.number.created_at().as_ms(), ms);
        }

        #[test]
        fn later_payments_have_larger_numbers(ms in EPOCH_MS..EPOCH_MS + (1_i64 << 41), a: u64, b: u64) {
            let earlier = PaymentNumber::new(Timestamp::from_ms(ms), a);
            let later = PaymentNumber::new(Timestamp::from_ms(ms + 1), b);
            prop_assert!(earlier < later);
        }

        #[test]
        fn no_text_panics(text in "[0-9a-fx]{0,40}") {
            let _ = text.parse::<PaymentId>();
        }
    }
}
