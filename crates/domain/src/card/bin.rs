//! The first digits of a card's number, which say who issued it. No secret: they may be stored and shown.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

const SHORT: usize = 6;
const LONG: usize = 8;
/// Of a shorter number, eight digits beside the last four would leave too little to guess.
const PAN_DIGITS_FOR_LONG: usize = 16;

/// The first six or eight digits of a number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bin(String);

/// The text is not six or eight digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a BIN has six or eight digits")]
pub struct NotABin;

impl Bin {
    pub(super) fn of_pan(digits: &str) -> Self {
        let count = if digits.len() >= PAN_DIGITS_FOR_LONG { LONG } else { SHORT };
        Self(digits.get(..count).unwrap_or_default().to_owned())
    }

    /// All that is known: six digits or eight.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// The first six, which every API means by `bin`.
    pub fn six(&self) -> &str {
        self.0.get(..SHORT).unwrap_or_default()
    }

    /// The first eight, where they are known.
    pub fn eight(&self) -> Option<&str> {
        self.0.get(..LONG)
    }

    /// The first and the last number of eight digits that begin so.
    pub fn span(&self) -> (u32, u32) {
        // Six or eight digits fit.
        let number: u32 = self.0.parse().unwrap_or(0);
        if self.0.len() == LONG { (number, number) } else { (number * 100, number * 100 + 99) }
    }
}

impl FromStr for Bin {
    type Err = NotABin;

    fn from_str(text: &str) -> Result<Self, NotABin> {
        let is_bin = matches!(text.len(), SHORT | LONG) && text.bytes().all(|b| b.is_ascii_digit());
        if is_bin { Ok(Self(text.to_owned())) } else { Err(NotABin) }
    }
}

impl TryFrom<String> for Bin {
    type Error = NotABin;

    fn try_from(text: String) -> Result<Self, NotABin> {
        text.parse()
    }
}

impl From<Bin> for String {
    fn from(bin: Bin) -> Self {
        bin.0
    }
}

impl fmt::Display for Bin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_span_a_hundred_numbers() {
        let bin: Bin = "607482".parse().unwrap();
        assert_eq!(
            (bin.span(), bin.six(), bin.eight()),
            ((60_748_200, 60_748_299), "607482", None)
        );
        let bin: Bin = "06074820".parse().unwrap();
        assert_eq!((bin.span(), bin.six()), ((6_074_820, 6_074_820), "060748"));
        assert_eq!(bin.eight(), Some("06074820"));
    }

    #[test]
    fn other_texts_are_no_bins() {
        for text in ["", "60748", "6074820", "607482000", "60748a", "６０"] {
            assert_eq!(text.parse::<Bin>(), Err(NotABin), "{text}");
        }
    }
}
