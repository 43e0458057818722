//! `POST|GET /api/payment/checkout`.

use serde_json::{Value, json};

use crate::world::{Made, World, send};

const CHECKOUT: &str = "/api/payment/checkout";

#[tokio::test]
async fn the_seeds_sample_request_gives_a_payment_link() {
    let world = World::start().await;
    let sample = json!({
        "success_url": "yourdomain.com/success",
        "cancel_url": "yourdomain.com/cancel",
        "webhook_url": "yourdomain.com/webhook",
        "metadata": {"phone": "016****"},
        "amount": "10",
    });
    let answer = world.shop().post(CHECKOUT, &sample).await.expect(200);
    let body = answer.json();
    assert_eq!(body["status"], true);
    assert_eq!(body["message"], "Payment Link");
    let made = Made::of(&answer);
    assert_eq!(made.link, world.url(&format!("/api/execute/{}", made.id)));
    let (letters, digits) = made.transaction_id.split_at(6);
    assert!(letters.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()), "{letters}");
    let now = jiff::Timestamp::now().as_second() % 1_000_000;
    let age = (now - digits.parse::<i64>().unwrap()).rem_euclid(1_000_000);
    assert!(age < 60, "the last six digits are the time of creation, not {age} seconds ago");
    assert_eq!(world.get(&format!("/api/execute/{}", made.id)).await.status, 200);
}

#[tokio::test]
async fn a_request_may_be_json_form_multipart_or_query() {
    let world = World::start().await;
    let shop = world.shop();
    let form = "amount=10.50&success_url=https%3A%2F%2Fa.example%2Fs&cancel_url=https%3A%2F%2Fa.example%2Fc&metadata%5Bid%5D=7";
    let json = r#"{"amount":10.50,"success_url":"https://a.example/s","cancel_url":"https://a.example/c","metadata":{"id":"7"}}"#;
    let part = |name: &str, value: &str| {
        format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let multipart = [
        part("amount", "10.50"),
        part("success_url", "https://a.example/s"),
        part("cancel_url", "https://a.example/c"),
        part("metadata[id]", "7"),
        "--XX--\r\n".to_owned(),
    ]
    .concat();
    let url_encoded = "application/x-www-form-urlencoded";
    let answers = [
        shop.post_as(CHECKOUT, "application/json; charset=utf-8", json).await,
        shop.post_as(CHECKOUT, url_encoded, json).await,
        shop.post_as(CHECKOUT, "text/plain", json).await,
        shop.post_as(CHECKOUT, url_encoded, form).await,
        shop.post_as(CHECKOUT, "multipart/form-data; boundary=XX", multipart).await,
        shop.post_as(&format!("{CHECKOUT}?{form}"), url_encoded, "").await,
        shop.get(&format!("{CHECKOUT}?{form}")).await,
    ];
    for answer in answers {
        let made = Made::of(&answer.expect(200));
        let verified = shop.verify(&made).await;
        assert_eq!(
            (&verified["amount"], &verified["metadata"]),
            (&json!("10.500"), &json!({"id": "7"}))
        );
    }
}

#[tokio::test]
async fn amounts_are_exact_whether_text_or_number() {
    let world = World::start().await;
    let shop = world.shop();
    for (amount, expected) in [
        ("10", "10.000"),
        ("\"10\"", "10.000"),
        ("\" 10.6 \"", "10.600"),
        ("10.50", "10.500"),
        ("\"900.000\"", "900.000"),
        ("0.01", "0.010"),
        ("0.29", "0.290"),
        ("16777217.0000001e0", ""),
        ("999999.99", "999999.990"),
        ("1000000", "1000000.000"),
        ("1000000.01", ""),
        ("99999999999999999999999", ""),
        ("10.001", ""),
        ("0", ""),
        ("\"0.00\"", ""),
        ("-5", ""),
        ("1e3", ""),
        ("\"NaN\"", ""),
        ("\"Infinity\"", ""),
        ("\"1,000\"", ""),
        ("\"ten\"", ""),
        ("\"\"", ""),
        ("null", ""),
        ("true", ""),
        ("[10]", ""),
        ("{}", ""),
    ] {
        let body = format!(
            r#"{{"amount":{amount},"success_url":"https://a.example/s","cancel_url":"https://a.example/c"}}"#
        );
        let answer = shop.post_as(CHECKOUT, "application/json", body).await;
        if expected.is_empty() {
            let message = answer.expect_refusal(400);
            assert!(message.contains("amount"), "{amount}: {message}");
        } else {
            let made = Made::of(&answer.expect(200));
            assert_eq!(shop.verify(&made).await["amount"], expected, "{amount}");
        }
    }
}

#[tokio::test]
async fn what_is_missing_or_wrong_is_named() {
    let world = World::start().await;
    let shop = world.shop();
    let with = |name: &str, value: Value| {
        let mut order = shop.order("10");
        order[name] = value;
        order
    };
    for (order, field) in [
        (with("amount", Value::Null), "amount"),
        (with("success_url", Value::Null), "success_url"),
        (with("cancel_url", json!("")), "cancel_url"),
        (with("success_url", json!("javascript:alert(1)")), "success_url"),
        (with("cancel_url", json!("ftp://a.example/")), "cancel_url"),
        (with("webhook_url", json!("nowhere")), "webhook_url"),
        (with("success_url", json!("https://u:p@a.example/")), "success_url"),
        (with("fullname", json!("x".repeat(201))), "fullname"),
        (with("email", json!(["a@b.example"])), "email"),
        (with("meta_data", json!("no JSON")), "Metadata"),
        (with("meta_data", json!(["a"])), "Metadata"),
        (with("currency", json!("USD")), "currency"),
    ] {
        let message = shop.post(CHECKOUT, &order).await.expect_refusal(400);
        assert!(message.contains(field), "{field}: {message}");
    }
}

#[tokio::test]
async fn what_clients_send_besides_is_ignored() {
    let world = World::start().await;
    let shop = world.shop();
    let mut order = shop.order("10");
    for (name, value) in [
        ("webhook_url", Value::Null),
        ("tran_id", json!("t1")),
        ("phone", json!("01711000001")),
        ("return_type", json!("GET")),
        ("currency", json!("taka")),
        ("fail_url", json!("https://a.example/f")),
        ("customer_phone", json!(1_711_000_001)),
    ] {
        order[name] = value;
    }
    for client in ["a.example", "localhost:3000", "Aff tour", ""] {
        let request = shop
            .post_request(CHECKOUT, "application/json", order.to_string())
            .header("X-CLIENT", client)
            .header("X-TEST-MODE", "true")
            .header("X-DEVICE-KEY", "k");
        Made::of(&send(request).await.expect(200));
    }
}

#[tokio::test]
async fn names_and_paths_of_the_older_engine_are_taken() {
    let world = World::start().await;
    let body = json!({
        "cus_name": "Rahim", "cus_email": "rahim@a.example", "amount": 55, "metadata": {"x": 1},
        "success_url": "https://a.example/s", "cancel_url": "https://a.example/c",
    });
    let key = world.brand.api_key();
    for header in ["API-KEY", "api-key", "X-Api-Key", "RT-UDDOKTAPAY-API-KEY"] {
        let request = world.http.post(world.url("/api/payment/create")).header(header, &key);
        let request = request.header("Content-Type", "application/json").body(body.to_string());
        let made = Made::of(&send(request).await.expect(200));
        let verified = world.shop().verify(&made).await;
        assert_eq!(verified["fullname"], "Rahim");
        assert_eq!(verified["email"], "rahim@a.example");
    }
    let mut with_key = body.clone();
    with_key["api_key"] = json!(key);
    let request = world.http.post(world.url(CHECKOUT)).header("Content-Type", "application/json");
    Made::of(&send(request.body(with_key.to_string())).await.expect(200));
}

#[tokio::test]
async fn without_a_known_key_nothing_is_made() {
    let world = World::start().await;
    let order = world.shop().order("10").to_string();
    let (key, token) = (world.brand.api_key(), world.brand.sandbox_token());
    let nearly = &key[..key.len() - 1];
    for wrong in ["", " ", "wrong", nearly, &token, &"k".repeat(5000)] {
        let request = world.http.post(world.url(CHECKOUT)).header("X-API-KEY", wrong);
        let request = request.header("Content-Type", "application/json").body(order.clone());
        send(request).await.expect_refusal(401);
    }
    let request = world.http.post(world.url(CHECKOUT)).header("Content-Type", "application/json");
    send(request.body(order)).await.expect_refusal(401);
}

#[tokio::test]
async fn a_brand_that_is_made_while_the_server_runs_can_sell_at_once() {
    let world = World::start().await;
    let brand = world.another_brand("test").await;
    let shop = world.shop_of(&brand);
    let made = shop.create("10").await;
    assert_eq!(shop.state(&made).await, "PENDING");
}

#[tokio::test]
async fn the_payers_fee_is_added_to_what_is_due_and_not_to_the_amount() {
    let world = World::builder()
        .setting("policy.fee.basis_points", "150")
        .setting("policy.fee.bearer", "payer")
        .setting("policy.fee.round_up_to_major", "true")
        .start()
        .await;
    let shop = world.shop();
    let made = shop.create("100").await;
    assert_eq!(shop.verify(&made).await["amount"], "100.000");
    let page = world.payer(&made).page().await;
    assert!(page.body.contains("102.00"), "the page does not ask for 102 taka");
}
