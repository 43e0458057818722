//! Answers, challenges, callbacks and the way back, beyond the seeds' samples.

use torana_domain::payment::Refusal;

use super::super::{Identifier, UpiChallenge};
use super::*;

fn made(shop: &Shop, seed: &str) -> Payment {
    payment(shop.create(seed).unwrap(), 0)
}

fn challenge(shop: &Shop, seed: &str) -> Value {
    json(&shop.answer(&Asked::post(seed), &made(shop, seed)))["challenge"].clone()
}

#[test]
fn the_challenge_of_upi_is_as_the_switch_says() {
    let with = |challenge| Shop::with(|switches| switches.upi_challenge = challenge);
    let id = RumbaPay.public_id(made(&Shop::default(), UPI_H2H).id);
    let page = json!({
        "challenge_type": "redirect",
        "challenge_redirect": { "url": format!("https://pay.example/p/{id}") },
    });
    assert_eq!(challenge(&with(UpiChallenge::Redirect), UPI_H2H), page, "no link");
    let qr = json!({
        "challenge_type": "qr", "challenge_qr": { "code": "upi://pay?pa=shop@bank" },
    });
    assert_eq!(challenge(&with(UpiChallenge::Qr), UPI_H2H), qr);
    assert_eq!(challenge(&with(UpiChallenge::Qr), UPI_HPP), page, "the hosted page was asked for");
    let requisites = r#"{"challenge_type":"requisites","challenge_requisites":{"account":"shop@bank","name":"Shop","amount":200,"currency":"INR","fields":[{"name":"transaction_id","pattern":"^[0-9]{12}$"}]}}"#;
    assert_eq!(challenge(&with(UpiChallenge::Requisites), UPI_H2H).to_string(), requisites);
    let url = challenge(&with(UpiChallenge::Qr), EPAY_H2H);
    let url = url["challenge_redirect"]["url"].as_str().unwrap();
    assert_eq!(url, format!("https://pay.example/p/{id}/confirm"));
    let path = url.strip_prefix("https://pay.example").unwrap();
    assert!(RumbaPay.linked(path, "").unwrap().may_be_of(BrandId(13)));
}

#[test]
fn what_is_billed_is_of_whoever_bears_the_fee() {
    let shop = Shop::default();
    let billed = |due_minor: i64, fee_minor: i64| {
        let mut payment = made(&shop, UPI_HPP);
        let currency = payment.order.amount.currency();
        payment.order.due = Money::from_minor(due_minor, currency);
        payment.order.fee = Money::from_minor(fee_minor, currency);
        json(&shop.answer(&Asked::post(UPI_HPP), &payment))["billing_amount"].to_string()
    };
    assert_eq!(billed(20_000, 1_500), "185", "the merchant's");
    assert_eq!(billed(21_500, 1_500), "215", "the payer's");
    // An amount of its own is one paisa more, which the payer bears.
    assert_eq!(billed(20_001, 1_501), "185");
    assert_eq!(billed(20_001, 1), "200.01");
}

#[test]
fn identifiers_are_as_the_switch_says() {
    let shown = |switch, seed| {
        let shop = Shop::with(|switches| switches.identifier = switch);
        json(&shop.answer(&Asked::get("x"), &made(&shop, seed)))["identifier"].clone()
    };
    for (switch, upi, epay) in [
        (Identifier::ByMethod, "P2C212163200050", "1111-1111-2211-2211"),
        (Identifier::Internal, "P2C212163200050", "P2C212163200050"),
        (Identifier::Customer, "12345", "1111-1111-2211-2211"),
    ] {
        assert_eq!((shown(switch, UPI_HPP), shown(switch, EPAY_HPP)), (upi.into(), epay.into()));
    }
}

#[test]
fn every_state_has_its_word_and_its_way_back() {
    let shop = Shop::default();
    let body = changed(UPI_HPP, |body| body["cancel_url"] = "https://shop.example/no?a=1".into());
    let done = paid(made(&shop, &body));
    for state in PaymentState::ALL {
        let (word, is_paid) = match state {
            PaymentState::Created => ("created", false),
            PaymentState::Pending | PaymentState::Unknown | PaymentState::Authorised => {
                ("pending", false)
            }
            PaymentState::Refunded | PaymentState::ChargedBack => ("error", true),
            PaymentState::Declined | PaymentState::Cancelled => ("declined", false),
            PaymentState::Expired => ("expired", false),
            _ => ("success", true),
        };
        let paid = done.paid.clone().filter(|_| is_paid);
        let payment = Payment { state, paid, ..done.clone() };
        let answer = json(&shop.answer(&Asked::put("x", ""), &payment));
        assert_eq!(answer["status"]["name"], word);
        let back = match is_paid || word == "pending" {
            true => "https://google.com/",
            false => "https://shop.example/no?a=1",
        };
        assert_eq!(RumbaPay.return_url(&payment, &shop.switches), back, "{state:?}");
    }
    let fallback = made(&shop, UPI_HPP);
    assert_eq!(RumbaPay.return_url(&fallback, &shop.switches), "https://google.com/");
    assert_eq!(RumbaPay.return_url(&made(&shop, EPAY_HPP), &shop.switches), "");
}

#[test]
fn callbacks_tell_of_ends_only() {
    let shop = Shop::with(|switches| switches.callback_pending = true);
    let done = paid(made(&shop, UPI_HPP));
    let told = |payment: &Payment, kind| {
        RumbaPay.callback(payment, &event(kind), &shop.switches).is_some()
    };
    for kind in [
        EventKind::Succeeded { late: true, by_hand: None },
        EventKind::Declined { reason: String::new() },
        EventKind::Cancelled { by_payer: true },
        EventKind::Expired,
    ] {
        assert!(told(&done, kind));
    }
    for kind in [
        EventKind::Created,
        EventKind::Doubted { reason: String::new() },
        EventKind::RefundDone { number: 1 },
        EventKind::Claimed { reference: "1".into() },
    ] {
        assert!(!told(&done, kind), "it is paid");
    }
    let silent = made(&shop, EPAY_HPP);
    assert!(!told(&silent, EventKind::Expired), "no address");
}

#[test]
fn every_other_error_has_its_envelope() {
    let shop = Shop::default();
    let post = Asked::post("{}");
    let four = Money::from_minor(412, torana_domain::Currency::INR);
    for (error, status, code) in [
        (WireError::RateLimited { retry_after_s: 3 }, 429, 429),
        (WireError::MethodNotAllowed, 405, 405),
        (WireError::TooLarge, 413, 413),
        (WireError::Unavailable, 503, 503),
        (WireError::Malformed("x"), 400, 400),
        (WireError::Unauthenticated, 401, 401),
        (WireError::NotFound, 404, 101),
        (WireError::Refused(Refusal::KeyUsed), 400, 30),
        (WireError::Refused(Refusal::InsufficientBalance(four)), 400, 30),
    ] {
        let reply = shop.refuse(&post, &error);
        let body = json(&reply);
        assert_eq!((reply.status.as_u16(), &body["error_code"]), (status, &json!(code)), "{body}");
        assert_eq!(body["request_id"], "f4d30fac-7da9-4fa0-8918-46d56f7d38b0");
    }
    let field = |asked: &Asked, refusal| {
        json(&shop.refuse(asked, &WireError::Refused(refusal)))["error_fields"][0].clone()
    };
    assert_eq!(field(&post, Refusal::KeyUsed)["field"], "reference");
    assert_eq!(
        field(&post, Refusal::InsufficientBalance(four)),
        json!({ "field": "amount", "message": "amount is more than the 4.12 INR that are available" })
    );
    assert_eq!(field(&Asked::put("x", ""), Refusal::ReceiptTaken)["field"], "transaction_id");
    let elsewhere = Asked::new(Method::PATCH, "/v1/{*rest}", "/v1/balance", "");
    assert_eq!(shop.decode(&elsewhere), Err(WireError::NotFound));
    let body = json(&shop.refuse(&elsewhere, &WireError::NotFound));
    assert_eq!(
        (&body["error_code"], &body["error_reason"]),
        (&json!(404), &json!("Path not found"))
    );
}
