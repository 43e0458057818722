//! The names under which a network and we speak of one thing.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What an operation may be called at every network: IPG takes 40 bytes.
const OPERATION_BYTES_MAX: usize = 40;
/// What a network may call a thing.
const NETWORK_BYTES_MAX: usize = 64;

/// The text is empty, too long, or has other signs than letters, digits, `-` and `_`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not an identifier of a card network")]
pub struct NotAnId;

fn read(text: &str, bytes_max: usize) -> Result<String, NotAnId> {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let fits = !text.is_empty() && text.len() <= bytes_max && text.bytes().all(is_sign);
    if fits { Ok(text.to_owned()) } else { Err(NotAnId) }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $bytes_max:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                read(text, $bytes_max).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAnId;

            fn try_from(text: String) -> Result<Self, NotAnId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// What we call one operation. It is chosen before the operation is sent, so that its outcome can be
    /// asked for even where no answer came; the same name again is the same operation.
    OperationId,
    OPERATION_BYTES_MAX
);
id!(
    /// What the network calls the authentication of a payer.
    AuthenticationId,
    NETWORK_BYTES_MAX
);
id!(
    /// What the network calls an operation that moved money, or would have.
    TransactionId,
    NETWORK_BYTES_MAX
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_told_from_other_texts() {
        for text in
            ["84439384258", "R-1230671a-47d4-4630-8534-264b6df75926", "a_b", &"x".repeat(40)]
        {
            assert_eq!(text.parse::<OperationId>().unwrap().as_str(), text);
        }
        for text in ["", "a b", "a/b", "é", &"x".repeat(41)] {
            assert_eq!(text.parse::<OperationId>(), Err(NotAnId), "{text}");
        }
        assert!("x".repeat(64).parse::<TransactionId>().is_ok());
        assert!("x".repeat(65).parse::<AuthenticationId>().is_err());
    }
}
