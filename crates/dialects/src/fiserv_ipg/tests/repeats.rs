//! What is one request, and what a signature was good for.

use http::Method;
use serde_json::{Value, json};

use super::super::FiservIpg;
use super::stage::*;
use super::*;
use crate::cards::{CardCall, Repeat};
use crate::{Dialect as _, Pin};

fn repeat(sent: &Sent) -> Repeat {
    match sent.call().unwrap() {
        CardCall::Authenticate(call) => call.repeat,
        CardCall::Prove(call) => call.repeat,
        CardCall::Authorise(call) => call.repeat,
        CardCall::Follow(call) => call.repeat,
        CardCall::Keep { repeat, .. } => repeat,
        other => panic!("{other:?}"),
    }
}

fn sale() -> Value {
    json!({
        "requestType": "PaymentCardSaleTransaction",
        "transactionAmount": { "total": "13", "currency": "INR" },
        "paymentMethod": { "paymentCard": {
            "number": REDIRECT_CARD,
            "securityCode": "977",
            "expiryDate": { "month": "12", "year": "26" },
        } },
    })
}

#[test]
fn the_same_request_is_one_whenever_and_however_it_is_written() {
    let first = Sent::post(&sale().to_string());
    let due = repeat(&first);
    assert_eq!(due.for_ms, 300_000);
    assert_eq!(repeat(&first.clone().signed(AT.plus_ms(9_000))), due);
    // Blanks, the order of keys, and what is null.
    let pretty = serde_json::to_string_pretty(&sale()).unwrap();
    assert_eq!(repeat(&Sent::post(&pretty)), due);
    let turned = sale().to_string().replacen('{', r#"{"comments":null,"#, 1);
    assert_eq!(repeat(&Sent::post(&turned)), due);
    // A security code is no part of it: neither is it kept, nor does one that was typed again pay twice.
    let other = sale().to_string().replace("977", "978");
    assert_eq!(repeat(&Sent::post(&other)), due);
    let slash = Sent::new(Method::POST, &format!("{PAYMENTS}/"), &sale().to_string());
    assert_eq!(repeat(&slash), due);
}

#[test]
fn another_request_is_another() {
    let text = sale().to_string();
    let due = repeat(&Sent::post(&text));
    let under = Sent::post(&text).with("client-request-id", "2838650").signed(AT);
    let sandbox = Sent::new(Method::POST, &format!("/sandbox{PAYMENTS}"), &text);
    let more = Sent::post(&text.replace("\"13\"", "\"13.01\""));
    let other_card = Sent::post(&text.replace(REDIRECT_CARD, SEAMLESS_CARD));
    let as_number = Sent::post(&text.replace("\"13\"", "13"));
    for other in [under, sandbox, more, other_card, as_number] {
        assert_ne!(repeat(&other), due, "{}", other.body);
    }
}

#[test]
fn what_follows_is_remembered_for_a_day() {
    let give_back =
        r#"{"requestType":"ReturnTransaction","transactionAmount":{"total":"1","currency":"INR"}}"#;
    let of = |path: &str| {
        repeat(&Sent::new(Method::POST, &format!("/ipp/payments-gateway/v2/{path}"), give_back))
    };
    assert_eq!(of("payments/1").for_ms, 86_400_000);
    assert_ne!(of("payments/1"), of("payments/2"));
    assert_ne!(of("payments/1"), of("orders/1"));
    assert_eq!(of("payments/my%20id"), of("payments/my%20id/"));
}

#[test]
fn a_step_is_repeated_by_its_very_signature() {
    let body = |otp: &str| {
        format!(
            r#"{{"authenticationType":"RupayAuthenticationUpdateRequest","verifyOtp":"{otp}"}}"#
        )
    };
    let sent = Sent::new(Method::PATCH, &format!("{PAYMENTS}/1"), &body("123456"));
    let due = repeat(&sent);
    assert_eq!(repeat(&sent.clone()), due);
    assert_ne!(repeat(&sent.clone().signed(AT.plus_ms(1))), due);
    assert_ne!(repeat(&Sent::new(Method::PATCH, &sent.path, &body("123457"))), due);
    let told: &[u8] = &due.content;
    assert!(!told.windows(6).any(|part| part == b"123456"), "a password is not kept");
    let card: &[u8] = &repeat(&Sent::post(&sale().to_string())).content;
    assert!(!card.windows(3).any(|part| part == b"977"), "nor is a security code");
    assert_eq!(format!("{due:?}"), "Repeat(… for 300000 ms)");
}

#[test]
fn a_signature_is_good_for_one_target() {
    let pin = |sent: &Sent| FiservIpg.pin(&sent.request()).unwrap();
    let body = r#"{"requestType":"VoidTransaction"}"#;
    let at = |path: &str| Sent::new(Method::POST, path, body);
    let first = pin(&at(&format!("{PAYMENTS}/1")));
    let again = pin(&at(&format!("{PAYMENTS}/1/")));
    assert_eq!(again, first);
    for path in [
        format!("{PAYMENTS}/2"),
        format!("/sandbox{PAYMENTS}/1"),
        "/ipp/payments-gateway/v2/orders/1".to_owned(),
    ] {
        let Pin { proof, target } = pin(&at(&path));
        assert_eq!(proof, first.proof, "the signature does not cover it");
        assert_ne!(target, first.target);
    }
    let get = Sent::new(Method::GET, &format!("{PAYMENTS}/1"), "");
    let delete = Sent::new(Method::DELETE, &format!("{PAYMENTS}/1"), "");
    assert_eq!(pin(&get).proof, pin(&delete).proof);
    assert_ne!(pin(&get).target, pin(&delete).target);
    // One proof, in whichever encoding it came.
    let raw = at(&format!("{PAYMENTS}/1"));
    let parts = [KEY, "2838649", "1685611500000", body].map(str::as_bytes);
    let hex = super::super::auth::Signature::of("test-api-secret-0001", parts).unwrap().hex();
    let hex = raw.with("message-signature", &hex);
    assert_eq!((hex.let_in(), pin(&hex)), (Ok(()), first.clone()));
    assert!(!format!("{first:?}").contains(&first.proof));
    assert_eq!(FiservIpg.pin(&at("/ipp/payments-gateway/v2/refunds").request()), None);
}
