//! Who calls (provider §1, §2): `access-token` is HMAC-SHA256(key, login), `signature` is HMAC-SHA256(password, login and
//! body), both in lower-case hexadecimal. The older scheme is SHA-256 of login, body and password.

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::Method;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{GetSignature, Switches};
use crate::{Caller, Credential, Request, Secret, WireError};

/// The header that names the caller.
pub(super) const ACCESS_TOKEN: &str = "access-token";
/// The header of requests, answers and callbacks that signs their body.
pub(super) const SIGNATURE: &str = "signature";
/// Longest token that is looked at; ours have 64 digits.
const TOKEN_MAX: usize = 128;

/// The brand's secret as it is sealed. No `Debug`.
#[derive(Deserialize)]
struct Keys {
    login: String,
    key: String,
    password: String,
}

fn keys(secret: Secret<'_>) -> Option<Keys> {
    serde_json::from_slice(secret.0).ok()
}

fn hmac(key: &[u8], parts: [&[u8]; 2]) -> Option<[u8; 32]> {
    // A key of any length will do.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    parts.iter().for_each(|part| mac.update(part));
    Some(mac.finalize().into_bytes().into())
}

impl Keys {
    fn signature(&self, body: &[u8]) -> Option<[u8; 32]> {
        hmac(self.password.as_bytes(), [self.login.as_bytes(), body])
    }

    fn legacy_signature(&self, body: &[u8]) -> [u8; 32] {
        let hash = Sha256::new().chain_update(&self.login).chain_update(body);
        hash.chain_update(&self.password).finalize().into()
    }
}

fn hex(bytes: [u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of 64 hexadecimal digits in either case.
fn digest(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let (high, low) = text.split_at_checked(32)?;
    let half = |text| u128::from_str_radix(text, 16).ok().map(u128::to_be_bytes);
    let mut bytes = [0; 32];
    let both = half(high)?.into_iter().chain(half(low)?);
    bytes.iter_mut().zip(both).for_each(|(byte, given)| *byte = given);
    Some(bytes)
}

/// What requests of this brand show of it.
pub(super) fn access_token(secret: Secret<'_>) -> Option<String> {
    let keys = keys(secret)?;
    hmac(keys.key.as_bytes(), [keys.login.as_bytes(), b""]).map(hex)
}

/// The signature of what is sent to the brand; none if its secret cannot be read.
pub(super) fn signature(secret: Secret<'_>, switches: &Switches, body: &[u8]) -> Option<String> {
    let keys = keys(secret)?;
    match switches.legacy_signature {
        true => Some(hex(keys.legacy_signature(body))),
        false => keys.signature(body).map(hex),
    }
}

/// The token that a request shows.
pub(super) fn credential(request: &Request<'_>) -> Result<Credential, WireError> {
    let header = request.headers.get(ACCESS_TOKEN).and_then(|value| value.to_str().ok());
    let token = header.map(str::trim).unwrap_or_default();
    let is_token = (1..=TOKEN_MAX).contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_hexdigit());
    match is_token {
        true => Ok(Credential::key(token.to_ascii_lowercase())),
        false => Err(WireError::Unauthenticated),
    }
}

/// Checks the signature of a request.
pub(super) fn authenticate(request: &Request<'_>, caller: &Caller<'_>) -> Result<(), WireError> {
    let switches = &caller.switches.rumbapay;
    let header = request.headers.get(SIGNATURE);
    if request.method == Method::GET {
        match switches.get_signature {
            GetSignature::Ignored => return Ok(()),
            GetSignature::Optional if header.is_none() => return Ok(()),
            GetSignature::Optional | GetSignature::Required => {}
        }
    }
    let given = header.and_then(|value| value.to_str().ok()).and_then(|text| digest(text.trim()));
    let given = given.ok_or(WireError::Unauthenticated)?;
    let keys = keys(caller.secret).ok_or(WireError::Unauthenticated)?;
    let expected = keys.signature(request.body).ok_or(WireError::Unauthenticated)?;
    let mut is_right = given.ct_eq(&expected);
    if switches.legacy_signature {
        is_right |= given.ct_eq(&keys.legacy_signature(request.body));
    }
    match bool::from(is_right) {
        true => Ok(()),
        false => Err(WireError::Unauthenticated),
    }
}
