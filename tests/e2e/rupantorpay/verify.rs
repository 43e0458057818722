//! `POST|GET /api/payment/verify-payment`.

use serde_json::{Value, json};

use crate::world::{Sms, World};

const VERIFY: &str = "/api/payment/verify-payment";
const KEYS: [&str; 9] = [
    "fullname",
    "email",
    "amount",
    "transaction_id",
    "trx_id",
    "currency",
    "metadata",
    "payment_method",
    "status",
];

#[tokio::test]
async fn a_payment_is_pending_until_its_money_is_seen() {
    let world = World::start().await;
    let shop = world.shop();
    let made = shop.create("900").await;

    let unpaid = shop.verify(&made).await;
    let keys: Vec<&String> = unpaid.as_object().unwrap().keys().collect();
    assert_eq!(keys, KEYS, "the seed's fields in the seed's order");
    assert_eq!(unpaid["status"], "PENDING");
    assert_eq!((&unpaid["trx_id"], &unpaid["payment_method"]), (&Value::Null, &Value::Null));

    let sms = Sms::bkash(900);
    assert_eq!(world.payer(&made).confirm_code("bkash", &sms.reference).await, "not_found_yet");
    let claimed = shop.verify(&made).await;
    assert_eq!(claimed["status"], "PENDING");
    assert_eq!(claimed["trx_id"], Value::Null, "what a payer claims is not a transaction");

    world.phone().hears(&sms).await;
    let paid = shop.verify(&made).await;
    let expected = json!({
        "fullname": "John Doe", "email": "john@gmail.com", "amount": "900.000",
        "transaction_id": made.transaction_id, "trx_id": sms.reference, "currency": "BDT",
        "metadata": {"order_id": "12345", "product": "Premium"},
        "payment_method": "bkash", "status": "COMPLETED",
    });
    assert_eq!(paid, expected);
}

#[tokio::test]
async fn a_payment_is_found_by_every_name_and_in_every_way() {
    let world = World::start().await;
    let shop = world.shop();
    let made = shop.create("15").await;
    let form = "application/x-www-form-urlencoded";
    let json = "application/json";
    let id = &made.transaction_id;
    let lower = id.to_lowercase();
    let answers = [
        shop.post_as(VERIFY, json, format!(r#"{{"transaction_id":"{id}"}}"#)).await,
        shop.post_as(VERIFY, json, format!(r#"{{"transactionId":" {lower} "}}"#)).await,
        shop.post_as(VERIFY, json, format!(r#"{{"transaction_id":"{}"}}"#, made.id)).await,
        shop.post_as(VERIFY, json, format!(r#"{{"transaction_id":"{}"}}"#, made.link)).await,
        shop.post_as(VERIFY, form, format!("transaction_id={id}")).await,
        shop.post_as("/api/payment/verify", form, format!("invoice_id={id}")).await,
        shop.get(&format!("{VERIFY}?transaction_id={id}")).await,
        shop.get(&format!("/api/payment/verify?transaction_id={id}")).await,
    ];
    for answer in answers {
        assert_eq!(answer.expect(200).json()["transaction_id"], made.transaction_id);
    }
}

#[tokio::test]
async fn what_is_not_known_is_refused_in_the_envelope() {
    let world = World::start().await;
    let shop = world.shop();
    let made = shop.create("15").await;
    for unknown in
        ["ABCDEFH", "OVKPXW165414", "", "x", &"0".repeat(32), "'; DROP TABLE payments; --"]
    {
        let answer = shop.post(VERIFY, &json!({"transaction_id": unknown})).await;
        answer.expect_refusal(if unknown.is_empty() { 400 } else { 404 });
    }
    shop.post(VERIFY, &json!({})).await.expect_refusal(400);
    shop.post(VERIFY, &json!({"transaction_id": {"a": 1}})).await.expect_refusal(400);
    shop.get(VERIFY).await.expect_refusal(400);

    let stranger = world.another_brand("test").await;
    for name in [&made.transaction_id, &made.id, &made.link] {
        let answer = world.shop_of(&stranger).post(VERIFY, &json!({"transaction_id": name})).await;
        answer.expect_refusal(404);
    }
}

#[tokio::test]
async fn metadata_comes_back_as_it_was_sent() {
    let world = World::start().await;
    let shop = world.shop();
    for (sent, back) in [
        (r#"{"z":1.10,"a":[1,{"b":null}],"ক":"খ"}"#, r#"{"z":1.10,"a":[1,{"b":null}],"ক":"খ"}"#),
        (r#""{\"uid\":\"u1\"}""#, r#"{"uid":"u1"}"#),
        ("{}", "{}"),
        ("[]", "{}"),
        ("null", "{}"),
        (r#""""#, "{}"),
        (r#"{"n":12345678901234567890.123}"#, r#"{"n":12345678901234567890.123}"#),
    ] {
        let body = format!(
            r#"{{"amount":1,"success_url":"https://a.example","cancel_url":"https://a.example","metadata":{sent}}}"#
        );
        let answer = shop.post_as("/api/payment/checkout", "application/json", body).await;
        let id = answer.expect(200).json()["transaction_id"].as_str().unwrap().to_owned();
        let verified = shop.get(&format!("{VERIFY}?transaction_id={id}")).await.expect(200);
        assert!(
            verified.body.contains(&format!(r#""metadata":{back}"#)),
            "{sent}: {}",
            verified.body
        );
    }
}
