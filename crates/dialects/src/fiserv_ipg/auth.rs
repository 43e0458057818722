//! Who calls (provider §1): `Message-Signature` is HMAC-SHA256 under the API secret of `Api-Key`, `Client-Request-Id`,
//! `Timestamp` and the raw body, one after the other. Official samples write its bytes in base64 (RAW) or its hexadecimal
//! digits in base64 (HEX); both are taken.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, Method};
use serde::Deserialize;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use torana_domain::Timestamp;

use super::Hidden;
use super::answers::{ErrorBody, ErrorResponse, ResponseType};
use crate::{Caller, Credential, Door, Request, Secret, WireError};

/// How old a request may be, and how far ahead the caller's clock.
pub const WINDOW_MS: i64 = 5 * 60 * 1000;
/// Longest `Client-Request-Id` that is taken; a UUID has 36 characters.
const REQUEST_ID_MAX: usize = 128;
/// Longest key and signature that are looked at.
const KEY_MAX: usize = 128;
const SIGNATURE_MAX: usize = 128;
/// Digits of a time in milliseconds from 2001 to 2286. With any number of them, one time could be written in several ways,
/// and digits could go from the identifier before it into it, or from it into the body, under one signature.
const TIMESTAMP_DIGITS: usize = 13;

/// A brand's secret for this API as it is sealed.
#[derive(Clone, Debug, Deserialize)]
pub struct Keys {
    /// Header `Api-Key`, by which the brand is looked up.
    pub api_key: String,
    /// Key of `Message-Signature`.
    pub api_secret: Hidden,
    /// The store.
    pub store_id: String,
    /// Key of the hashes of Connect.
    pub shared_secret: Hidden,
}

impl Keys {
    /// As they were sealed; none if they cannot be read, or are empty: nobody may sign with nothing.
    pub fn of(secret: Secret<'_>) -> Option<Self> {
        let keys: Self = serde_json::from_slice(secret.0).ok()?;
        let is_empty =
            keys.api_secret.reveal().is_empty() || keys.shared_secret.reveal().is_empty();
        (!is_empty).then_some(keys)
    }
}

/// How a request is turned away, with the provider's own words for each case; a key that nobody has is no [`Door`]. There is
/// no trace identifier, since the request gets no further than the door. The caller's identifier is repeated unless the
/// signature is missing.
pub fn turned_away(door: Option<Door>, client_request_id: Option<&str>) -> ErrorResponse {
    use ResponseType::{BadRequest, Forbidden, Unauthorized};
    let (response_type, message) = match door {
        None => (Unauthorized, "Invalid API key"),
        Some(Door::KeyMissing | Door::Malformed) => {
            (BadRequest, "The request is invalid or not properly formed")
        }
        Some(Door::ProofMissing) => (Unauthorized, "Not authorized to access the resource"),
        Some(Door::TokenUnknown) => {
            (Unauthorized, "The token is invalid. It may have expired, or is maybe incorrect")
        }
        Some(Door::ProofWrong) => (Forbidden, "Message Signature validation error"),
        Some(Door::Stale) => (Forbidden, "Message Signature has expired"),
    };
    let echoed = client_request_id.filter(|_| door != Some(Door::ProofMissing));
    ErrorResponse {
        client_request_id: echoed.map(str::to_owned),
        api_trace_id: None,
        response_type,
        error: Some(ErrorBody::new(response_type.status().as_str(), message)),
    }
}

/// The key that a request shows.
pub(super) fn credential(request: &Request<'_>) -> Result<Credential, WireError> {
    Ok(Credential::key(Shown::of(request.headers)?.api_key.to_owned()))
}

/// Whether the caller has signed the request.
pub(super) fn authenticate(request: &Request<'_>, caller: &Caller<'_>) -> Result<(), WireError> {
    let keys = Keys::of(caller.secret).ok_or(WireError::Unauthenticated)?;
    let shown = Shown::of(request.headers)?;
    shown.verify(&keys, request.method, request.body, caller.real_now).map(|_| ())
}

/// What a request shows of who calls.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// Header `Api-Key`.
    pub api_key: &'a str,
    /// Header `Client-Request-Id`, if it is of its form.
    pub client_request_id: Option<&'a str>,
    timestamp: Option<&'a str>,
    signature: Option<&'a str>,
    has_authorization: bool,
}

impl std::fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shown(…)")
    }
}

/// A header that is there, trimmed, of visible ASCII, not empty and not longer than that.
fn header<'a>(headers: &'a HeaderMap, name: &str, most: usize) -> Option<&'a str> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    (1..=most).contains(&text.len()).then_some(text)
}

/// The caller's own identifier of a request, for answers that are made before anything else is known.
pub fn client_request_id(headers: &HeaderMap) -> Option<&str> {
    header(headers, "client-request-id", REQUEST_ID_MAX)
}

impl<'a> Shown<'a> {
    /// Reads the headers. Only the key must be there now: whether it is known is told before what else is missing.
    pub fn of(headers: &'a HeaderMap) -> Result<Self, WireError> {
        Ok(Self {
            api_key: match headers.contains_key("api-key") {
                true => header(headers, "api-key", KEY_MAX).ok_or(WireError::Unauthenticated)?,
                false => return Err(WireError::Door(Door::KeyMissing)),
            },
            client_request_id: client_request_id(headers),
            timestamp: header(headers, "timestamp", 20),
            // One that is there but cannot be read is as wrong as any other.
            signature: headers
                .contains_key("message-signature")
                .then(|| header(headers, "message-signature", SIGNATURE_MAX).unwrap_or_default()),
            has_authorization: headers.contains_key("authorization"),
        })
    }

    /// Checks the signature, then the time, so that only the owner of the secret learns that a request is stale.
    pub fn verify(
        &self,
        keys: &Keys,
        method: &Method,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Authentic<'a>, WireError> {
        if !bool::from(self.api_key.as_bytes().ct_eq(keys.api_key.as_bytes())) {
            return Err(WireError::Unauthenticated);
        }
        let given = match self.signature {
            Some(given) => given,
            None if self.has_authorization => return Err(WireError::Door(Door::TokenUnknown)),
            None => return Err(WireError::Door(Door::ProofMissing)),
        };
        let malformed = WireError::Door(Door::Malformed);
        let (Some(client_request_id), Some(timestamp)) = (self.client_request_id, self.timestamp)
        else {
            return Err(malformed);
        };
        let at = milliseconds(timestamp).ok_or(malformed)?;
        let body = signed_part(method, body);
        let signature = Signature::of(
            keys.api_secret.reveal(),
            [self.api_key.as_bytes(), client_request_id.as_bytes(), timestamp.as_bytes(), body],
        );
        if !signature.is_some_and(|signature| signature.is(given)) {
            return Err(WireError::Door(Door::ProofWrong));
        }
        if now.ms_since(at).saturating_abs() > WINDOW_MS {
            return Err(WireError::Door(Door::Stale));
        }
        Ok(Authentic { client_request_id, at })
    }

    /// The signature that was sent, as [`Signature::raw`] has it: one text for one signature, in whichever encoding it came.
    pub fn canonical_signature(&self) -> Option<String> {
        Signature::read(self.signature?).map(|signature| signature.raw())
    }
}

/// The time of a header.
fn milliseconds(text: &str) -> Option<Timestamp> {
    let is_time = text.len() == TIMESTAMP_DIGITS
        && !text.starts_with('0')
        && text.bytes().all(|byte| byte.is_ascii_digit());
    is_time.then(|| text.parse().ok().map(Timestamp::from_ms)).flatten()
}

/// What of the body is signed: a client of the provider's own sends `{}` with GET and signs nothing.
fn signed_part<'a>(method: &Method, body: &'a [u8]) -> &'a [u8] {
    match method == Method::GET || method == Method::DELETE {
        true => b"",
        false => body,
    }
}

/// A request that the brand has signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authentic<'a> {
    /// The caller's identifier of it, to be repeated in the answer.
    pub client_request_id: &'a str,
    /// When the caller made it, by its own clock.
    pub at: Timestamp,
}

/// A signature, of which a text can be told.
#[derive(Clone)]
pub struct Signature([u8; 32]);

impl Signature {
    /// Of the parts in the provider's order: key, identifier, timestamp, body.
    pub fn of(secret: &str, parts: [&[u8]; 4]) -> Option<Self> {
        // A key of any length will do.
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
        parts.iter().for_each(|part| mac.update(part));
        Some(Self(mac.finalize().into_bytes().into()))
    }

    /// The one that a text is, in either encoding, whoever made it.
    pub fn read(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text).ok()?;
        if let Ok(bytes) = bytes.as_slice().try_into() {
            return Some(Self(bytes));
        }
        let digits = std::str::from_utf8(&bytes).ok().filter(|digits| digits.len() == 64)?;
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if !digits.bytes().all(is_digit) {
            return None;
        }
        let mut read = [0; 32];
        for (at, byte) in read.iter_mut().enumerate() {
            *byte = u8::from_str_radix(digits.get(at * 2..at * 2 + 2)?, 16).ok()?;
        }
        Some(Self(read))
    }

    /// Base64 of the bytes: 44 characters.
    pub fn raw(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// Base64 of the lower-case hexadecimal digits: 88 characters.
    pub fn hex(&self) -> String {
        let digits: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        STANDARD.encode(digits)
    }

    /// Whether a text is either, in a time that tells nothing but its length.
    pub fn is(&self, given: &str) -> bool {
        let given = given.as_bytes();
        (given.ct_eq(self.raw().as_bytes()) | given.ct_eq(self.hex().as_bytes())).into()
    }
}
