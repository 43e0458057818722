//! Who calls: `md5(secret_key . timestamp)` (seed; provider §1.3, §2.1).
//!
//! v1 sends the time along. v2 does not: `Authorization: Bearer base64(APPKEY:md5)`, and the time is found by trying every
//! second of the window, newest first. The server remembers tokens that were found, and allows the search of the whole
//! window, which costs a tenth of a second, only so often ([`Known::may_search`]).

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::header::AUTHORIZATION;
use md5::{Digest as _, Md5};
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use crate::{Caller, Credential, Known, Request, Secret, WireError};

/// Clocks of shops may be ahead by so many seconds.
const AHEAD_S: i64 = 15 * 60;
/// Seconds back from now that are always tried: a token that was made for this request.
const NEAR_S: i64 = 10 * 60;
/// Longest header that is looked at.
const HEADER_MAX: usize = 512;
/// Clients pad the base64, or do not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The brand's secret as it is sealed.
#[derive(Deserialize)]
struct Keys {
    secret_key: String,
}

fn secret_key(secret: Secret<'_>) -> Result<String, WireError> {
    let keys = serde_json::from_slice::<Keys>(secret.0).map_err(|_| WireError::Unauthenticated)?;
    Ok(keys.secret_key)
}

/// The sixteen bytes of 32 hexadecimal digits in either case: one client writes capitals (provider §2.1).
fn digest(token: &str) -> Option<[u8; 16]> {
    if token.len() != 32 || !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u128::from_str_radix(token, 16).ok().map(u128::to_be_bytes)
}

/// Checks a v1 token, then whether its time, as text of seconds or milliseconds, is near enough.
pub(super) fn check_token(
    token: &str,
    timestamp: &str,
    caller: &Caller<'_>,
) -> Result<(), WireError> {
    let expected = Md5::new()
        .chain_update(secret_key(caller.secret)?.as_bytes())
        .chain_update(timestamp.as_bytes())
        .finalize();
    let given = digest(token.trim()).ok_or(WireError::Unauthenticated)?;
    if !bool::from(given.ct_eq(&expected)) {
        return Err(WireError::Unauthenticated);
    }
    let digits = timestamp.trim();
    let number = digits.parse::<i64>().map_err(|_| WireError::Unauthenticated)?;
    let made = if digits.len() > 11 { number / 1_000 } else { number };
    let apart = caller.real_now.as_s().saturating_sub(made).saturating_abs();
    match apart <= caller.switches.portpos.v1_window_s {
        true => Ok(()),
        false => Err(WireError::Unauthenticated),
    }
}

/// The application key and token of a v2 request.
pub(super) fn bearer(request: &Request<'_>) -> Result<Credential, WireError> {
    let (key, token) = parts(request).ok_or(WireError::Unauthenticated)?;
    Ok(Credential { key, proof: Some(token.to_ascii_lowercase()) })
}

fn parts(request: &Request<'_>) -> Option<(String, String)> {
    let header = request.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") || token.len() > HEADER_MAX {
        return None;
    }
    let text = String::from_utf8(BASE64.decode(token.trim()).ok()?).ok()?;
    let (key, token) = text.split_once(':')?;
    Some((key.to_owned(), token.trim().to_owned()))
}

/// Whether a v2 token was made in some second of the window, or was found good within it.
pub(super) fn check_bearer(
    request: &Request<'_>,
    caller: &Caller<'_>,
    known: Known,
) -> Result<(), WireError> {
    let now = caller.real_now.as_s();
    let oldest = now - caller.switches.portpos.v2_window_s;
    if known.good_at.is_some_and(|good_at| good_at.as_s() >= oldest) {
        return Ok(());
    }
    let (_, token) = parts(request).ok_or(WireError::Unauthenticated)?;
    let given = digest(&token).ok_or(WireError::Unauthenticated)?;
    let start = Md5::new().chain_update(secret_key(caller.secret)?.as_bytes());
    let is_of = |second: i64| -> bool {
        let made = start.clone().chain_update(second.to_string().as_bytes()).finalize();
        given.ct_eq(&made).into()
    };
    let near = (now - NEAR_S).max(oldest);
    if (near..=now).rev().chain(now + 1..=now + AHEAD_S).any(is_of) {
        return Ok(());
    }
    // Nothing is left to be searched for.
    if near == oldest {
        return Err(WireError::Unauthenticated);
    }
    if !known.may_search {
        return Err(WireError::RateLimited { retry_after_s: 1 });
    }
    match (oldest..near).rev().any(is_of) {
        true => Ok(()),
        false => Err(WireError::Unauthenticated),
    }
}
