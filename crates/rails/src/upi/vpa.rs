//! Virtual payment addresses: `shop@bank`, what UPI calls an account.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

const NAME_CHARS: std::ops::RangeInclusive<usize> = 2..=256;
/// With its first letter.
const HANDLE_CHARS: std::ops::RangeInclusive<usize> = 2..=64;

/// A virtual payment address, as it was written: letters keep their case, though UPI ignores it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Vpa(String);

/// The text is not a virtual payment address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a UPI address")]
pub struct NotAVpa;

impl Vpa {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Vpa {
    type Err = NotAVpa;

    fn from_str(text: &str) -> Result<Self, NotAVpa> {
        if is_vpa(text) { Ok(Self(text.to_owned())) } else { Err(NotAVpa) }
    }
}

impl TryFrom<String> for Vpa {
    type Error = NotAVpa;

    fn try_from(text: String) -> Result<Self, NotAVpa> {
        text.parse()
    }
}

impl From<Vpa> for String {
    fn from(vpa: Vpa) -> Self {
        vpa.0
    }
}

impl fmt::Display for Vpa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_vpa(text: &str) -> bool {
    let Some((name, handle)) = text.split_once('@') else { return false };
    let is_handle_byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let is_name_byte = |byte: u8| is_handle_byte(byte) || byte == b'_';
    NAME_CHARS.contains(&name.len())
        && HANDLE_CHARS.contains(&handle.len())
        && name.bytes().all(is_name_byte)
        && handle.bytes().all(is_handle_byte)
        && handle.starts_with(|c: char| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_texts() {
        for text in [
            "sinauratek4@suryoday",
            "9876500000@ybl",
            "a.b-c_d@okhdfcbank",
            "00123@SBIN0000001.ifsc.npci",
        ] {
            assert_eq!(text.parse::<Vpa>().map(String::from), Ok(text.to_owned()));
        }
        for text in
            ["", "@", "a@ybl", "ab@y", "ab@1bl", "a b@ybl", "ab@ybl@x", "ab", "ab@yb_l", "अब@ybl"]
        {
            assert_eq!(text.parse::<Vpa>(), Err(NotAVpa), "{text}");
        }
        let long = "a".repeat(256);
        assert!(format!("{long}@b{}", "c".repeat(63)).parse::<Vpa>().is_ok());
        assert!(format!("{long}a@bc").parse::<Vpa>().is_err());
        assert!(format!("ab@b{}", "c".repeat(64)).parse::<Vpa>().is_err());
    }
}
