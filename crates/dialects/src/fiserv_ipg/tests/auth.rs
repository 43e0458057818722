//! Who is let in (provider §1).

use http::{HeaderMap, HeaderName, Method};

use super::super::auth::*;
use super::*;
use crate::Door;

const ID: &str = "30dd879c-ee2f-11db-8314-0800200c9a66";
const AT: i64 = 1_685_611_500_000;
const BODY: &str = r#"{"requestType":"PaymentCardSaleTransaction","transactionAmount":{"total":"13","currency":"GBP"}}"#;
const POST_RAW: &str = "YvCjYVn/2JJOqjSAZsf7V2MRiSv/EK7OL9KwwKWQ07I=";
const POST_HEX: &str =
    "NjJmMGEzNjE1OWZmZDg5MjRlYWEzNDgwNjZjN2ZiNTc2MzExODkyYmZmMTBhZWNlMmZkMmIwYzBhNTkwZDNiMg==";
const GET_RAW: &str = "YLYN3Nco77112LpyX/foNIV05GRdm2o6yDsuqV9Ne+E=";
const GET_HEX: &str =
    "NjBiNjBkZGNkNzI4ZWZiZDc1ZDhiYTcyNWZmN2U4MzQ4NTc0ZTQ2NDVkOWI2YTNhYzgzYjJlYTk1ZjRkN2JlMQ==";

fn keys() -> Keys {
    Keys::of(Secret(SEALED)).unwrap()
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| {
        (name.parse::<HeaderName>().unwrap(), value.parse().unwrap())
    };
    pairs.iter().map(pair).collect()
}

fn signed(signature: &str) -> HeaderMap {
    let at = AT.to_string();
    headers(&[
        ("Api-Key", "test-api-key-0001"),
        ("Client-Request-Id", ID),
        ("Timestamp", &at),
        ("Message-Signature", signature),
    ])
}

/// What becomes of a request that comes so many milliseconds after it was made.
fn verify(headers: &HeaderMap, method: &Method, body: &str, late_ms: i64) -> Result<(), WireError> {
    let now = Timestamp::from_ms(AT).plus_ms(late_ms);
    let shown = Shown::of(headers)?;
    shown.verify(&keys(), method, body.as_bytes(), now).map(|authentic| {
        assert_eq!(authentic.client_request_id, ID);
        assert_eq!(authentic.at, Timestamp::from_ms(AT));
    })
}

#[test]
fn both_encodings_are_let_in() {
    for signature in [POST_RAW, POST_HEX] {
        assert_eq!(verify(&signed(signature), &Method::POST, BODY, 0), Ok(()));
        assert_eq!(verify(&signed(signature), &Method::PATCH, BODY, 0), Ok(()));
        let padded = format!(" {signature} ");
        assert_eq!(verify(&signed(&padded), &Method::POST, BODY, 0), Ok(()));
    }
    let parts = ["test-api-key-0001", ID, "1685611500000", BODY].map(str::as_bytes);
    let ours = Signature::of("test-api-secret-0001", parts).unwrap();
    assert_eq!((ours.raw().as_str(), ours.hex().as_str()), (POST_RAW, POST_HEX));
    assert_eq!((POST_RAW.len(), POST_HEX.len()), (44, 88));
}

#[test]
fn get_and_delete_sign_no_body() {
    for signature in [GET_RAW, GET_HEX] {
        for method in [Method::GET, Method::DELETE] {
            assert_eq!(verify(&signed(signature), &method, "", 0), Ok(()));
            assert_eq!(verify(&signed(signature), &method, "{}", 0), Ok(()), "as the demo app");
        }
        let post = verify(&signed(signature), &Method::POST, "{}", 0);
        assert_eq!(post, Err(WireError::Door(Door::ProofWrong)));
        assert_eq!(verify(&signed(signature), &Method::POST, "", 0), Ok(()));
    }
}

#[test]
fn the_raw_bytes_are_signed() {
    let spaced = BODY.replacen(':', ": ", 1);
    let wrong = Err(WireError::Door(Door::ProofWrong));
    assert_eq!(verify(&signed(POST_RAW), &Method::POST, &spaced, 0), wrong);
    for signature in [&POST_RAW[..43], &POST_HEX.to_lowercase(), GET_RAW, "x", "=", "0"] {
        assert_eq!(verify(&signed(signature), &Method::POST, BODY, 0), wrong, "{signature}");
    }
    let mut other = signed(POST_RAW);
    other.insert("client-request-id", "2838649".parse().unwrap());
    assert_eq!(verify(&other, &Method::POST, BODY, 0), wrong);
}

#[test]
fn five_minutes_either_way() {
    let late = |ms| verify(&signed(POST_RAW), &Method::POST, BODY, ms);
    for ms in [0, 300_000, -300_000] {
        assert_eq!(late(ms), Ok(()), "{ms}");
    }
    for ms in [300_001, -300_001, i64::MAX / 2] {
        assert_eq!(late(ms), Err(WireError::Door(Door::Stale)), "{ms}");
    }
    let wrong = verify(&signed(GET_RAW), &Method::POST, BODY, 300_001);
    assert_eq!(wrong, Err(WireError::Door(Door::ProofWrong)), "only the owner learns of the time");
}

#[test]
fn each_lack_has_its_answer() {
    let lacking = |name: &str| {
        let mut headers = signed(POST_RAW);
        headers.remove(name);
        headers
    };
    for (name, error) in [
        ("api-key", WireError::Door(Door::KeyMissing)),
        ("client-request-id", WireError::Door(Door::Malformed)),
        ("timestamp", WireError::Door(Door::Malformed)),
        ("message-signature", WireError::Door(Door::ProofMissing)),
    ] {
        assert_eq!(verify(&lacking(name), &Method::POST, BODY, 0), Err(error), "{name}");
    }
    let mut bearer = lacking("message-signature");
    bearer.insert("authorization", "Bearer x".parse().unwrap());
    assert_eq!(verify(&bearer, &Method::POST, BODY, 0), Err(WireError::Door(Door::TokenUnknown)));
    for (name, value) in [
        ("timestamp", "yesterday"),
        ("timestamp", "1685611500000.0"),
        ("timestamp", "99999999999999999999"),
        ("timestamp", "01685611500000"),
        ("timestamp", "0685611500000"),
        ("timestamp", "+685611500000"),
        ("client-request-id", " "),
        ("client-request-id", &"x".repeat(129)),
        ("client-request-id", "é"),
    ] {
        let mut headers = signed(POST_RAW);
        headers.insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        let refused = verify(&headers, &Method::POST, BODY, 0);
        assert_eq!(refused, Err(WireError::Door(Door::Malformed)), "{name} {value}");
    }
}

#[test]
fn the_key_is_that_of_the_secret() {
    let mut other = signed(POST_RAW);
    other.insert("api-key", "test-api-key-0002".parse().unwrap());
    assert_eq!(verify(&other, &Method::POST, BODY, 0), Err(WireError::Unauthenticated));
}

#[test]
fn one_signature_has_one_text() {
    for signature in [POST_RAW, POST_HEX] {
        let headers = signed(signature);
        let shown = Shown::of(&headers).unwrap();
        assert_eq!(shown.canonical_signature().as_deref(), Some(POST_RAW));
    }
    let headers = signed("x");
    assert_eq!(Shown::of(&headers).unwrap().canonical_signature(), None);
}

#[test]
fn what_cannot_be_read_is_not_missing() {
    let long = "x".repeat(129);
    for (name, error) in [
        ("api-key", WireError::Unauthenticated),
        ("message-signature", WireError::Door(Door::ProofWrong)),
    ] {
        for value in ["", "é", &long] {
            let mut headers = signed(POST_RAW);
            headers.insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
            assert_eq!(
                verify(&headers, &Method::POST, BODY, 0),
                Err(error.clone()),
                "{name} {value}"
            );
        }
    }
}

#[test]
fn refusals_have_the_providers_words() {
    let id = format!(r#""clientRequestId":"{ID}","#);
    for (door, status, has_id, kind, code, message) in [
        (
            Some(Door::KeyMissing),
            400,
            true,
            "BadRequest",
            "400",
            "The request is invalid or not properly formed",
        ),
        (
            Some(Door::Malformed),
            400,
            true,
            "BadRequest",
            "400",
            "The request is invalid or not properly formed",
        ),
        (None, 401, true, "Unauthorized", "401", "Invalid API key"),
        (
            Some(Door::ProofMissing),
            401,
            false,
            "Unauthorized",
            "401",
            "Not authorized to access the resource",
        ),
        (
            Some(Door::TokenUnknown),
            401,
            true,
            "Unauthorized",
            "401",
            "The token is invalid. It may have expired, or is maybe incorrect",
        ),
        (
            Some(Door::ProofWrong),
            403,
            true,
            "Forbidden",
            "403",
            "Message Signature validation error",
        ),
        (Some(Door::Stale), 403, true, "Forbidden", "403", "Message Signature has expired"),
    ] {
        let reply = turned_away(door, Some(ID)).reply();
        let id = if has_id { id.as_str() } else { "" };
        let due = format!(
            r#"{{{id}"responseType":"{kind}","error":{{"code":"{code}","message":"{message}"}}}}"#
        );
        assert_eq!((reply.status.as_u16(), text(&reply)), (status, due.as_str()), "{door:?}");
    }
    let none = turned_away(Some(Door::KeyMissing), None).reply();
    assert!(text(&none).starts_with(r#"{"responseType""#));
}

#[test]
fn nobody_signs_with_nothing() {
    let empty = std::str::from_utf8(SEALED).unwrap().replace("test-api-secret-0001", "");
    assert!(Keys::of(Secret(empty.as_bytes())).is_none());
    assert!(Keys::of(Secret(b"{}")).is_none());
    assert!(Keys::of(Secret(b"")).is_none());
}

#[test]
fn nothing_of_a_secret_prints() {
    let shown = signed(POST_RAW);
    let printed = format!("{:?} {:?}", keys(), Shown::of(&shown).unwrap());
    for secret in ["test-api-secret", "sharedsecret", POST_RAW] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
