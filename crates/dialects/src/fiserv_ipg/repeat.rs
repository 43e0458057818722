//! When two requests are one, and what a signature was good for.
//!
//! `Client-Request-Id` is said to be for idempotency and to be a nonce (provider §1), and the seed sends one and the same with
//! three requests that differ, within 40 s. So it is a part of what makes a request itself, and never all of it.

use http::Method;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::auth::Shown;
use super::requests::{Body, Environment, Target};
use super::wiped::Wiped;
use crate::cards::Repeat;
use crate::{Pin, WireError};

const MINUTE_MS: i64 = 60 * 1000;
/// What begins something: as long as the provider takes a request for fresh. A shop may well sell the same again later.
const BEGINS_MS: i64 = 5 * MINUTE_MS;
/// What follows upon something: a refund that is asked for again by a job of the next day is the same refund.
const FOLLOWS_MS: i64 = 24 * 60 * MINUTE_MS;
/// What is no part of a request: a payer who types the code again does not want to pay twice, and a code must not be told
/// from others by what is stored of it.
const SECRETS: [&str; 2] = ["securityCode", "verifyOtp"];

/// Of a request that begins something.
pub(super) fn beginning(asked: &Asked<'_>, body: &Body) -> Repeat {
    Repeat { content: content(asked, body), for_ms: BEGINS_MS }
}

/// Of a request that follows upon something.
pub(super) fn following(asked: &Asked<'_>, body: &Body) -> Repeat {
    Repeat { content: content(asked, body), for_ms: FOLLOWS_MS }
}

/// Of a step of the payer's. Its one-time password is not part of what is kept, and another password is another try: so only
/// the very same signature, which covers it, is the same step.
pub(super) fn step(asked: &Asked<'_>, shown: &Shown<'_>) -> Result<Repeat, WireError> {
    let signature = shown.canonical_signature().ok_or(WireError::Unauthenticated)?;
    let mut wiped = Wiped::new();
    wiped.part(b"step");
    wiped.part(signature.as_bytes());
    wiped.part(asked.target().as_bytes());
    Ok(Repeat { content: wiped.done(), for_ms: BEGINS_MS })
}

/// See [`Pin`].
pub(super) fn pin(asked: &Asked<'_>, shown: &Shown<'_>) -> Option<Pin> {
    Some(Pin { proof: shown.canonical_signature()?, target: asked.target() })
}

/// Who asks under which name for what.
pub(super) struct Asked<'a> {
    pub(super) client_request_id: &'a str,
    pub(super) method: &'a Method,
    pub(super) environment: Environment,
    pub(super) target: &'a Target,
}

impl Asked<'_> {
    /// One text for one method of one thing. Only identifiers at its end are the caller's.
    fn target(&self) -> String {
        format!("{} {} {}", self.method, self.environment.word(), self.target)
    }
}

fn content(asked: &Asked<'_>, body: &Body) -> Zeroizing<Vec<u8>> {
    let mut wiped = Wiped::new();
    wiped.part(b"content");
    wiped.part(asked.client_request_id.as_bytes());
    wiped.part(asked.target().as_bytes());
    object(&mut wiped, body.object());
    wiped.done()
}

/// In one form, whatever the order of its keys and the blanks between them. What is null is as good as absent.
fn object(wiped: &mut Wiped, object: &Map<String, Value>) {
    let mut fields: Vec<_> = object
        .iter()
        .filter(|(key, value)| !value.is_null() && !SECRETS.contains(&key.as_str()))
        .collect();
    fields.sort_unstable_by_key(|(key, _)| key.as_str());
    wiped.push(b"{");
    for (key, field) in fields {
        wiped.part(key.as_bytes());
        value(wiped, field);
    }
    wiped.push(b"}");
}

/// Each kind has a sign of its own, and texts have their length before them: no two values are one text.
fn value(wiped: &mut Wiped, of: &Value) {
    match of {
        Value::Null => wiped.push(b"-"),
        Value::Bool(true) => wiped.push(b"y"),
        Value::Bool(false) => wiped.push(b"n"),
        Value::Number(number) => {
            wiped.push(b"#");
            wiped.part(number.to_string().as_bytes());
        }
        Value::String(text) => {
            wiped.push(b"\"");
            wiped.part(text.as_bytes());
        }
        Value::Array(items) => {
            wiped.push(b"[");
            items.iter().for_each(|item| value(wiped, item));
            wiped.push(b"]");
        }
        Value::Object(fields) => object(wiped, fields),
    }
}
