//! Requests into calls: what the seed has no sample of, and what is refused at once.

use http::Method;
use proptest::prelude::*;
use torana_domain::PaymentId;
use torana_domain::card::Kind;

use super::super::FiservIpg;
use super::stage::*;
use super::*;
use crate::cards::{CardCall, FollowKind, KeepCard, OperationName, OperationOrOrder};
use crate::{Candidate, Dialect as _, Door};

const BASE: &str = "/ipp/payments-gateway/v2";

fn at(method: Method, path: &str, body: &str) -> Sent {
    Sent::new(method, &format!("{BASE}{path}"), body)
}

#[test]
fn every_route_is_answered() {
    let routes = FiservIpg.routes();
    assert_eq!(routes.len(), 24);
    for route in routes {
        let path = route.path.replace("{id}", "R-1");
        assert!(target(&path).is_some(), "{path}");
        for method in route.methods {
            let error = Sent::new(method.clone(), &path, "{}").call().err();
            assert_ne!(error, Some(WireError::MethodNotAllowed), "{method} {path}");
            assert_ne!(error, Some(WireError::NotFound), "{method} {path}");
        }
    }
    assert!(FiservIpg.pages().is_empty() && FiservIpg.takes_cards());
    let patch = at(Method::PATCH, "/payment-tokens", "{}").call();
    assert_eq!(patch, Err(WireError::MethodNotAllowed));
}

#[test]
fn inquiries_and_tokens_are_found_by_name() {
    let get = |path: &str| at(Method::GET, path, "").call().unwrap();
    assert_eq!(get("/payments/84439384258"), CardCall::Find(OperationName("84439384258".into())));
    assert_eq!(get("/payments/my%20id"), CardCall::Find(OperationName("my id".into())));
    assert_eq!(get("/orders/R-1/"), CardCall::FindOrder("R-1".into()));
    assert_eq!(get("/payment-tokens/T-1"), CardCall::FindKept("T-1".into()));
    let forget = at(Method::DELETE, "/payment-tokens/T-1", "").call();
    assert_eq!(forget, Ok(CardCall::ForgetKept("T-1".into())));
    assert_eq!(at(Method::GET, "/payments/%ff", "").call(), Err(WireError::NotFound));
}

#[test]
fn what_follows_names_what_it_follows() {
    for (name, kind) in [
        ("VoidTransaction", FollowKind::Void),
        ("VoidPreAuthTransactions", FollowKind::VoidReservations),
        ("PostAuthTransaction", FollowKind::Capture),
        ("ReturnTransaction", FollowKind::Refund),
    ] {
        let body = format!(
            r#"{{"requestType":"{name}","transactionAmount":{{"total":12.5,"currency":"INR"}},"comments":"why","merchantTransactionId":"M-1"}}"#
        );
        for (path, of) in [
            ("/payments/1", OperationOrOrder::Operation(OperationName("1".into()))),
            ("/orders/R-1", OperationOrOrder::Order("R-1".into())),
        ] {
            let CardCall::Follow(call) = at(Method::POST, path, &body).call().unwrap() else {
                panic!("it follows")
            };
            assert_eq!((call.of, call.kind, call.amount), (of, kind, Some(inr("12.5"))));
            assert_eq!((call.reason.as_str(), call.merchant_name.as_deref()), ("why", Some("M-1")));
        }
    }
    let whole = at(Method::POST, "/payments/1", r#"{"requestType":"VoidTransaction"}"#);
    let CardCall::Follow(call) = whole.call().unwrap() else { panic!("it follows") };
    assert_eq!(call.amount, None);
}

#[test]
fn an_order_without_a_name_gets_one() {
    let body = filled(include_str!("../fixtures/seed-redirect-payer-auth-request.json"));
    let order = |id: u128| {
        let CardCall::Authenticate(call) = Sent { id, ..Sent::post(&body) }.call().unwrap() else {
            panic!("an authentication")
        };
        let key = call.payment.key.unwrap();
        assert_eq!(call.payment.dialect_note, Some(format!(r#"{{"order":"{key}"}}"#)));
        key
    };
    assert_eq!(order(0), "R-00000000-0000-4000-8000-000000000000");
    assert_eq!(order(u128::MAX), "R-ffffffff-ffff-4fff-bfff-ffffffffffff");
    let named = body.replacen('{', r#"{"order":{"orderId":"my-order"},"#, 1);
    let CardCall::Authenticate(call) = Sent::post(&named).call().unwrap() else {
        panic!("an authentication")
    };
    assert_eq!(call.payment.key.as_deref(), Some("my-order"));
}

#[test]
fn tokens_and_reservations_are_asked_for() {
    let hold = r#"{"requestType":"PaymentTokenPreAuthTransaction","transactionAmount":{"total":"1","currency":"INR"},"paymentMethod":{"paymentToken":{"value":"T-1"}},"createToken":{"reusable":true}}"#;
    let CardCall::Authorise(call) = Sent::post(hold).call().unwrap() else { panic!("a hold") };
    assert_eq!((call.kind, call.upon), (Kind::Preauthorisation, None));
    let keep = KeepCard { value: None, reusable: true, decline_duplicates: false };
    assert_eq!(call.keep, Some(keep));
    let card = format!(
        r#"{{"requestType":"PaymentCardPaymentTokenizationRequest","paymentCard":{{"number":"{REDIRECT_CARD}","brand":"RUPAY","expiryDate":{{"month":"12","year":"26"}}}},"createToken":{{"value":"T-9","declineDuplicates":true}}}}"#
    );
    let CardCall::Keep { card, named_brand, keep, repeat } =
        at(Method::POST, "/payment-tokens", &card).call().unwrap()
    else {
        panic!("it is kept")
    };
    assert_eq!((card.pan.reveal(), named_brand), (REDIRECT_CARD, Some(CardBrand::RuPay)));
    assert_eq!((keep.value.as_deref(), keep.decline_duplicates), (Some("T-9"), true));
    assert_eq!(repeat.for_ms, 300_000);
    let card = format!(r#"{{"paymentCard":{{"number":"{REDIRECT_CARD}"}}}}"#);
    let CardCall::Information { bin, named_brand } =
        at(Method::POST, "/card-information", &card).call().unwrap()
    else {
        panic!("it is asked")
    };
    assert_eq!((bin.digits(), named_brand), ("60748200", None));
}

#[test]
fn another_store_is_refused_everywhere() {
    let wrong =
        |sent: Sent| assert_eq!(flaws(sent.call()), ["storeId: is not a store of this Api-Key"]);
    let right = |sent: Sent| assert!(sent.call().is_ok(), "{}", sent.path);
    for path in ["/payments/1", "/orders/R-1", "/payment-tokens/T-1"] {
        let asked = |query: &str| Sent { query: query.into(), ..at(Method::GET, path, "") };
        wrong(asked("storeId=72305409"));
        right(asked("storeId=72305408"));
        right(asked(""));
    }
    let card = format!(r#""number":"{REDIRECT_CARD}","expiryDate":{{"month":"12","year":"26"}}"#);
    let amount = r#""transactionAmount":{"total":"1","currency":"INR"}"#;
    for (method, path, rest) in [
        (
            Method::POST,
            "/payments",
            format!(
                r#""requestType":"PaymentCardSaleTransaction",{amount},"paymentMethod":{{"paymentCard":{{{card}}}}}"#
            ),
        ),
        (Method::POST, "/payments/1", r#""requestType":"VoidTransaction""#.into()),
        (Method::POST, "/orders/R-1", format!(r#""requestType":"ReturnTransaction",{amount}"#)),
        (
            Method::PATCH,
            "/payments/1",
            r#""authenticationType":"RupayAuthenticationUpdateRequest","regenerateOtp":true"#
                .into(),
        ),
        (
            Method::POST,
            "/payment-tokens",
            format!(
                r#""requestType":"PaymentCardPaymentTokenizationRequest","paymentCard":{{{card}}}"#
            ),
        ),
        (Method::POST, "/card-information", format!(r#""paymentCard":{{{card}}}"#)),
    ] {
        let of =
            |store: &str| at(method.clone(), path, &format!(r#"{{"storeId":"{store}",{rest}}}"#));
        right(of(STORE));
        wrong(of("72305409"));
        wrong(Sent { query: "storeId=1".into(), ..of(STORE) });
    }
}

#[test]
fn other_media_types_are_refused() {
    let body = r#"{"requestType":"VoidTransaction"}"#;
    let sent = at(Method::POST, "/payments/1", body);
    for kind in ["text/plain", "application/x-www-form-urlencoded"] {
        let error = sent.clone().with("content-type", kind).call().unwrap_err();
        assert_eq!(error, WireError::UnsupportedMediaType);
        let reply = sent.refused(&error);
        assert_eq!(reply.status.as_u16(), 415);
        assert!(
            text(&reply).contains(r#""responseType":"UnsupportedMediaType","error":{"code":"415""#)
        );
    }
    assert!(sent.clone().with("content-type", "application/json;charset=UTF-8").call().is_ok());
    assert!(sent.without("content-type").call().is_ok());
}

#[test]
fn the_door_is_the_dialects() {
    let sent = Sent::post(r#"{"requestType":"x"}"#);
    assert_eq!(sent.let_in(), Ok(()));
    assert_eq!(FiservIpg.credential(&sent.request()).unwrap().key, KEY);
    for (sent, why) in [
        (sent.clone().without("api-key"), Door::KeyMissing),
        (sent.clone().without("message-signature"), Door::ProofMissing),
        (sent.clone().with("message-signature", "x"), Door::ProofWrong),
        (sent.clone().signed(AT.plus_ms(-300_001)), Door::Stale),
        (sent.clone().signed(AT.plus_ms(300_001)), Door::Stale),
        (sent.clone().with("timestamp", "1"), Door::Malformed),
    ] {
        let error = sent.let_in().unwrap_err();
        assert_eq!(error, WireError::Door(why));
        let body = text(&sent.refused(&error)).to_owned();
        assert_eq!(body.contains("2838649"), why != Door::ProofMissing, "{body}");
        assert!(!body.contains("apiTraceId"), "{body}");
    }
    let stranger = sent.with("api-key", "another").let_in();
    assert_eq!(stranger, Err(WireError::Unauthenticated));
}

#[test]
fn a_payment_is_found_by_its_order_or_its_whole_identity() {
    let shop = Shop::at(AT);
    let of = |text: &str| FiservIpg.candidates(text, &shop.caller());
    let payment = Stage::new("R-1", vec![]).payment;
    let id: PaymentId = payment.id;
    let public = FiservIpg.public_id(id);
    assert_eq!(of(&public), [Candidate::Id(id), Candidate::Key(public.clone())]);
    assert_eq!(of(" R-1 "), [Candidate::Key("R-1".into())]);
    assert_eq!(of(""), []);
    assert_eq!(of(&"x".repeat(101)), []);
    assert_eq!(FiservIpg.invoice(&payment), "R-1");
}

proptest! {
    #[test]
    fn nothing_that_is_read_prints(seed in 0_u64..10_000_000_000, code in 100_u16..=999, otp in 100_000_u32..=999_999) {
        let number = with_check_digit(&format!("60748{seed:010}"));
        let sale = format!(
            r#"{{"requestType":"PaymentCardSaleTransaction","transactionAmount":{{"total":"1","currency":"EUR"}},"paymentMethod":{{"paymentCard":{{"number":"{number}","securityCode":"S{code}","expiryDate":{{"month":"12","year":"26"}}}}}}}}"#
        );
        // One with a flaw beside it, one without.
        for body in [sale.clone(), sale.replace("\"S", "\"")] {
            let sent = Sent::post(&body);
            let printed = format!("{:?} {:?}", sent.request(), sent.call());
            prop_assert!(!printed.contains(&number), "{}", printed);
            prop_assert!(!printed.contains(&number[6..12]), "{}", printed);
            prop_assert!(!printed.contains(&format!("S{code}")), "{}", printed);
        }
        let update = format!(r#"{{"authenticationType":"RupayAuthenticationUpdateRequest","verifyOtp":"{otp}"}}"#);
        let sent = at(Method::PATCH, "/payments/1", &update);
        let printed = format!("{:?} {:?}", sent.request(), sent.call());
        prop_assert!(!printed.contains(&otp.to_string()), "{}", printed);
    }
}

/// Fifteen digits and the one that makes them a card's number.
fn with_check_digit(digits: &str) -> String {
    (0..10)
        .map(|check| format!("{digits}{check}"))
        .find(|number| number.parse::<torana_domain::card::Pan>().is_ok())
        .unwrap()
}
