//! The hashes of Connect, the provider's pages in the payer's browser (provider §4): HMAC under the store's shared secret,
//! which is not the API secret, over values joined by `|`, in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq as _;

use super::Hidden;

/// The field of a request's hash over all fields.
pub const HASH_EXTENDED: &str = "hashExtended";
/// The field of an answer's hash over all fields.
pub const EXTENDED_RESPONSE_HASH: &str = "extended_response_hash";
/// The field of an answer's hash over five values.
pub const RESPONSE_HASH: &str = "response_hash";
/// The field of the same in what is told to the merchant's server.
pub const NOTIFICATION_HASH: &str = "notification_hash";

/// With what a hash is made, as `hash_algorithm` names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// `HMACSHA256`, what is meant where nothing is said.
    #[default]
    Sha256,
    /// `HMACSHA384`.
    Sha384,
    /// `HMACSHA512`.
    Sha512,
}

impl Algorithm {
    /// By its name; none for what is not offered, such as plain SHA.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Sha256, Self::Sha384, Self::Sha512]
            .into_iter()
            .find(|algorithm| name.eq_ignore_ascii_case(algorithm.name()))
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "HMACSHA256",
            Self::Sha384 => "HMACSHA384",
            Self::Sha512 => "HMACSHA512",
        }
    }

    /// The hash of a text.
    fn hash(self, secret: &Hidden, text: &str) -> String {
        let (key, text) = (secret.reveal().as_bytes(), text.as_bytes());
        // A key of any length will do: the empty text, which is no hash, is never seen.
        let hash = match self {
            Self::Sha256 => Hmac::<Sha256>::new_from_slice(key)
                .map(|mac| STANDARD.encode(mac.chain_update(text).finalize().into_bytes())),
            Self::Sha384 => Hmac::<Sha384>::new_from_slice(key)
                .map(|mac| STANDARD.encode(mac.chain_update(text).finalize().into_bytes())),
            Self::Sha512 => Hmac::<Sha512>::new_from_slice(key)
                .map(|mac| STANDARD.encode(mac.chain_update(text).finalize().into_bytes())),
        };
        hash.unwrap_or_default()
    }
}

/// The five values that the short hashes cover, as text just as the form has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Covered<'a> {
    /// `approval_code`.
    pub approval_code: &'a str,
    /// `chargetotal`.
    pub chargetotal: &'a str,
    /// `currency`, three digits.
    pub currency: &'a str,
    /// `txndatetime`.
    pub txndatetime: &'a str,
    /// `storename`.
    pub storename: &'a str,
}

/// `response_hash`. It says nothing of the order, of the status or of the transaction's identifier.
pub fn response(algorithm: Algorithm, secret: &Hidden, covered: &Covered<'_>) -> String {
    let Covered { approval_code, chargetotal, currency, txndatetime, storename } = covered;
    let text = [*approval_code, chargetotal, currency, txndatetime, storename].join("|");
    algorithm.hash(secret, &text)
}

/// `notification_hash`: the same values in another order.
pub fn notification(algorithm: Algorithm, secret: &Hidden, covered: &Covered<'_>) -> String {
    let Covered { approval_code, chargetotal, currency, txndatetime, storename } = covered;
    let text = [*chargetotal, currency, txndatetime, storename, approval_code].join("|");
    algorithm.hash(secret, &text)
}

/// `hashExtended` of a request: over every field that is not empty, but for itself.
pub fn request<'a>(
    algorithm: Algorithm,
    secret: &Hidden,
    fields: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    extended(algorithm, secret, fields, HASH_EXTENDED)
}

/// `extended_response_hash` of an answer: over every field that is not empty, the short hash too, but for itself.
pub fn extended_response<'a>(
    algorithm: Algorithm,
    secret: &Hidden,
    fields: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    extended(algorithm, secret, fields, EXTENDED_RESPONSE_HASH)
}

/// Values in the order of their names, capitals before small letters.
fn extended<'a>(
    algorithm: Algorithm,
    secret: &Hidden,
    fields: impl IntoIterator<Item = (&'a str, &'a str)>,
    itself: &str,
) -> String {
    let mut fields: Vec<(&str, &str)> =
        fields.into_iter().filter(|(name, value)| *name != itself && !value.is_empty()).collect();
    fields.sort_by_key(|(name, _)| *name);
    let values: Vec<&str> = fields.into_iter().map(|(_, value)| value).collect();
    algorithm.hash(secret, &values.join("|"))
}

/// Whether a hash that was given is the one that is due, in a time that tells nothing but its length.
pub fn is(due: &str, given: &str) -> bool {
    !due.is_empty() && bool::from(due.as_bytes().ct_eq(given.as_bytes()))
}
