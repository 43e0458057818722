//! Who calls (provider §1): `Message-Signature` is HMAC-SHA256 under the API secret of `Api-Key`, `Client-Request-Id`,
//! `Timestamp` and the raw body, one after the other. Official samples write its bytes in base64 (RAW) or its hexadecimal
//! digits in base64 (HEX); both are taken.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use thiserror::Error;
use torana_domain::Timestamp;

use super::Hidden;
use super::answers::{ErrorBody, ErrorResponse, ResponseType};
use crate::{Reply, Secret};

/// How old a request may be, and how far ahead the caller's clock.
pub const WINDOW_MS: i64 = 5 * 60 * 1000;
/// Longest `Client-Request-Id` that is taken; a UUID has 36 characters.
const REQUEST_ID_MAX: usize = 128;
/// Longest key and signature that are looked at.
const KEY_MAX: usize = 128;
const SIGNATURE_MAX: usize = 128;

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

/// Why a request is turned away at the door, with the provider's own words for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AuthError {
    /// No `Api-Key`.
    #[error("no Api-Key")]
    KeyMissing,
    /// No `Client-Request-Id` or `Timestamp`, or one that is not of its form.
    #[error("Client-Request-Id or Timestamp missing or malformed")]
    HeaderMalformed,
    /// Nobody has that `Api-Key`.
    #[error("unknown Api-Key")]
    KeyUnknown,
    /// Neither `Message-Signature` nor `Authorization`.
    #[error("no Message-Signature")]
    SignatureMissing,
    /// `Authorization` instead of a signature: no tokens are issued here.
    #[error("bearer token not known")]
    TokenInvalid,
    /// The signature is not that of this request.
    #[error("wrong Message-Signature")]
    SignatureWrong,
    /// The signature is right, but the request is too old or too far ahead.
    #[error("Timestamp outside of the window")]
    Expired,
}

impl AuthError {
    /// A stable code for logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::KeyMissing => "key_missing",
            Self::HeaderMalformed => "header_malformed",
            Self::KeyUnknown => "key_unknown",
            Self::SignatureMissing => "signature_missing",
            Self::TokenInvalid => "token_invalid",
            Self::SignatureWrong => "signature_wrong",
            Self::Expired => "expired",
        }
    }

    /// The word of the envelope and what it says.
    fn words(self) -> (ResponseType, &'static str) {
        use ResponseType::{BadRequest, Forbidden, Unauthorized};
        match self {
            Self::KeyMissing | Self::HeaderMalformed => {
                (BadRequest, "The request is invalid or not properly formed")
            }
            Self::KeyUnknown => (Unauthorized, "Invalid API key"),
            Self::SignatureMissing => (Unauthorized, "Not authorized to access the resource"),
            Self::TokenInvalid => {
                (Unauthorized, "The token is invalid. It may have expired, or is maybe incorrect")
            }
            Self::SignatureWrong => (Forbidden, "Message Signature validation error"),
            Self::Expired => (Forbidden, "Message Signature has expired"),
        }
    }

    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        self.words().0.status()
    }

    /// The envelope, without a trace identifier, since the request gets no further than the door. It repeats the
    /// caller's identifier unless the signature is missing.
    pub fn response(self, client_request_id: Option<&str>) -> ErrorResponse {
        let (response_type, message) = self.words();
        let echoed = client_request_id.filter(|_| self != Self::SignatureMissing);
        ErrorResponse {
            client_request_id: echoed.map(str::to_owned),
            api_trace_id: None,
            response_type,
            error: Some(ErrorBody::new(response_type.status().as_str(), message)),
        }
    }

    /// The whole answer.
    pub fn reply(self, client_request_id: Option<&str>) -> Reply {
        self.response(client_request_id).reply()
    }
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
    pub fn of(headers: &'a HeaderMap) -> Result<Self, AuthError> {
        Ok(Self {
            api_key: match headers.contains_key("api-key") {
                true => header(headers, "api-key", KEY_MAX).ok_or(AuthError::KeyUnknown)?,
                false => return Err(AuthError::KeyMissing),
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

    /// Checks the signature, then the time.
    pub fn verify(
        &self,
        keys: &Keys,
        method: &Method,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Authentic<'a>, AuthError> {
        let given = match self.signature {
            Some(given) => given,
            None if self.has_authorization => return Err(AuthError::TokenInvalid),
            None => return Err(AuthError::SignatureMissing),
        };
        let client_request_id = self.client_request_id.ok_or(AuthError::HeaderMalformed)?;
        let timestamp = self.timestamp.ok_or(AuthError::HeaderMalformed)?;
        let at = timestamp.parse().map(Timestamp::from_ms);
        let at = at.map_err(|_| AuthError::HeaderMalformed)?;
        let body = signed_part(method, body);
        let signature = Signature::of(
            keys.api_secret.reveal(),
            [self.api_key.as_bytes(), client_request_id.as_bytes(), timestamp.as_bytes(), body],
        )
        .ok_or(AuthError::SignatureWrong)?;
        if !signature.is(given) {
            return Err(AuthError::SignatureWrong);
        }
        if now.ms_since(at).saturating_abs() > WINDOW_MS {
            return Err(AuthError::Expired);
        }
        Ok(Authentic { client_request_id, at })
    }
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

impl Authentic<'_> {
    /// Under which a deed is remembered: the same request again is the same deed, whenever it was signed, and gets the same
    /// answer. Another one is another deed even under one `Client-Request-Id`, since the seed sends it so. The digest is under
    /// the brand's secret: a plain one of a body with a card in it could be searched for the number and the security code.
    pub fn repeat_key(&self, keys: &Keys, method: &Method, path: &str, body: &[u8]) -> String {
        let body = signed_part(method, body);
        let lengths = [method.as_str().len(), path.len()].map(|length| format!("{length}/"));
        let head = format!("{}{method}{path}", lengths.concat());
        let parts = [b"repeat/".as_slice(), head.as_bytes(), b"/", body];
        let digest = Signature::of(keys.api_secret.reveal(), parts);
        let digest = digest.map_or_else(String::new, |digest| digest.raw());
        format!("{}/{digest}", self.client_request_id)
    }
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
