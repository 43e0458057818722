//! What is asked, read from JSON as tolerantly as clients write it.
//!
//! *Invariant:* what is read of a card, and a one-time password, is in the types of `torana_domain::card`. The JSON that it came
//! in is wiped when its [`Body`] is dropped; the bytes that it came in belong to the server.

mod authentication;
mod card;
mod fields;
mod order;
mod paths;
mod primary;
mod secondary;
mod tokens;
mod update;

use serde_json::{Map, Value};
use zeroize::Zeroize as _;

pub use authentication::RupayAuthentication;
pub use card::NamedCard;
pub(super) use order::ORDER_MAX;
pub use order::{Asked, Origin};
pub use paths::{Environment, PREFIX, Target, store_id, target};
pub use primary::{Method, Primary, PrimaryKind};
pub use secondary::{Secondary, SecondaryKind};
pub use tokens::{CardInformation, Tokenization};
pub use update::AuthenticationUpdate;

use crate::{WireError, json};

/// The object that a body is. No `Debug`: there are cards in it.
pub struct Body(Map<String, Value>);

impl Body {
    /// Reads a body.
    pub fn read(bytes: &[u8]) -> Result<Self, WireError> {
        match json::parse(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)) {
            Some(Value::Object(object)) => Ok(Self(object)),
            Some(mut other) => {
                wipe(&mut other);
                Err(WireError::Malformed("The request body must be a JSON object"))
            }
            None => Err(WireError::Malformed("The request body is not valid JSON")),
        }
    }

    pub(super) fn object(&self) -> &Map<String, Value> {
        &self.0
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        self.0.values_mut().for_each(wipe);
    }
}

/// The order that a body names, if it can be read so far: for answers that refuse the rest of it.
pub(super) fn order_id(bytes: &[u8]) -> Option<String> {
    let body = Body::read(bytes).ok()?;
    order::order(&mut fields::Fields::new(body.object()))
}

/// Wipes every text. Numbers cannot be reached, and are never taken for a card's number or code.
fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(object) => object.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether a content type is JSON; so is none at all, since clients leave it out.
pub fn is_json(content_type: Option<&str>) -> bool {
    let kind = content_type.map(|text| text.split(';').next().unwrap_or_default().trim());
    kind.is_none_or(|kind| kind.eq_ignore_ascii_case("application/json"))
}
