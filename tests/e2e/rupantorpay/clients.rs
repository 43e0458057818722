//! Real clients, played as their public code does it.

use serde_json::{Value, json};

use crate::world::{Answer, Made, Sms, World, send};

const CHECKOUT: &str = "/api/payment/checkout";
const VERIFY: &str = "/api/payment/verify-payment";

fn query(url: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(url).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

async fn pay(world: &World, answer: &Answer, taka: i64) -> (Made, Sms) {
    let (made, sms) = (Made::of(answer), Sms::bkash(taka));
    world.phone().hears(&sms).await;
    world.payer(&made).confirm("bkash", &sms.reference).await.expect(200);
    (made, sms)
}

/// SMM panel: one route for redirect and callback, which reads only `transaction_id`; no X-CLIENT; anything but 200 is
/// an error; `status == 1` in PHP, which `true` is too.
#[tokio::test]
async fn smm_matrix() {
    let world = World::start().await;
    let ipn = world.merchant.url("/ipn/rupantorpay");
    let body = json!({
        "fullname": "user1", "email": "user1@a.example", "amount": 20.00,
        "metadata": {"txnid": "x1"}, "success_url": ipn, "cancel_url": world.merchant.url("/add"),
        "webhook_url": ipn,
    });
    let answer = world.shop().post(CHECKOUT, &body).await.expect(200);
    let status = &answer.json()["status"];
    assert!(*status == true || *status == 1);
    let (made, _) = pay(&world, &answer, 20).await;

    let told = world.merchant.wait("/ipn/rupantorpay", 1).await.remove(0);
    let back = world.payer(&made).go_back().await.location();
    for id in [told.field("transaction_id"), query(&back, "transaction_id").unwrap()] {
        let verified = world.shop().post(VERIFY, &json!({"transaction_id": id})).await.expect(200);
        let verified = verified.json();
        assert_eq!(verified["status"], "COMPLETED");
        assert_eq!(verified["metadata"]["txnid"], "x1");
    }
}

/// Its order number is the name: verify must echo it exactly, the e-mail in any case, the amount within one, and all
/// keys must be there. The callback is read as a form, then everything is verified.
#[tokio::test]
async fn komerza() {
    let world = World::start().await;
    let body = json!({
        "fullname": "order_9f3c-ABC", "email": "Buyer@A.example", "amount": "99",
        "success_url": "https://a.example/s", "cancel_url": "https://a.example/c",
        "webhook_url": world.merchant.url("/rupantor/webhook"),
    });
    let answer = world.shop().post(CHECKOUT, &body).await.expect(200);
    let (made, _) = pay(&world, &answer, 99).await;
    let told = world.merchant.wait("/rupantor/webhook", 1).await.remove(0);
    assert_eq!(told.field("status").to_uppercase(), "COMPLETED");
    assert_eq!(told.field("paymentAmount"), "99");
    assert_eq!(told.field("paymentFee"), "0");
    assert_eq!(told.field("paymentMethod"), "bkash");
    let id = told.field("transactionId");
    assert_eq!(id, made.transaction_id);

    let verified =
        world.shop().post(VERIFY, &json!({"transaction_id": id})).await.expect(200).json();
    for key in ["status", "fullname", "email", "amount", "payment_method", "transaction_id"] {
        assert!(verified.get(key).is_some_and(|value| !value.is_null()), "{key}");
    }
    assert_eq!(verified["fullname"], "order_9f3c-ABC");
    assert_eq!(verified["email"].as_str().unwrap().to_lowercase(), "buyer@a.example");
    assert_eq!(verified["amount"], "99.000");
}

/// Node: metadata must come back as an object even if it was sent as a text; JSON callback; `=== 'COMPLETED'`; both
/// `true` and 1 are taken; odd headers; a query in the URL.
#[tokio::test]
async fn easy_education() {
    let world =
        World::builder().setting("switches.rupantorpay.callback_json", "true").start().await;
    let body = json!({
        "fullname": "A", "email": "a@b.example", "amount": "500",
        "metadata": "{\"userId\":\"u1\",\"courses\":[1,2]}",
        "success_url": "https://a.example/payment-success?step=2&x=y",
        "cancel_url": "https://a.example/c", "webhook_url": world.merchant.url("/api/w"),
        "return_type": "GET", "tran_id": "t1",
    });
    let request = world
        .shop()
        .post_request(CHECKOUT, "application/json", body.to_string())
        .header("X-CLIENT", "Aff tour")
        .header("X-TEST-MODE", "true")
        .header("X-DEVICE-KEY", "k");
    let answer = send(request).await.expect(200);
    let (made, _) = pay(&world, &answer, 500).await;
    let told = world.merchant.wait("/api/w", 1).await.remove(0).json();
    assert_eq!(told["status"], "COMPLETED");
    assert_eq!(told["metadata"]["userId"], "u1");
    let back = world.payer(&made).go_back().await.location();
    assert_eq!(
        (query(&back, "step").as_deref(), query(&back, "x").as_deref()),
        (Some("2"), Some("y"))
    );
    let id = query(&back, "transactionId").unwrap();
    let verified =
        world.shop().post(VERIFY, &json!({"transaction_id": id})).await.expect(200).json();
    assert_eq!(
        (&verified["metadata"]["userId"], &verified["status"]),
        (&json!("u1"), &json!("COMPLETED"))
    );
}

/// Neither name nor e-mail; a form; a query in each URL, one with the placeholder; an empty webhook.
#[tokio::test]
async fn ssc94() {
    let world = World::start().await;
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("amount", "1200")
        .append_pair(
            "success_url",
            "https://a.example/pay?payment=success&orderId={transaction_id}",
        )
        .append_pair("cancel_url", "https://a.example/pay?payment=cancel&orderId=1")
        .append_pair("webhook_url", "")
        .append_pair("metadata[member]", "12");
    let kind = "application/x-www-form-urlencoded";
    let answer = world.shop().post_as(CHECKOUT, kind, form.finish()).await.expect(200);
    let (made, _) = pay(&world, &answer, 1200).await;
    let back = world.payer(&made).go_back().await.location();
    assert_eq!(query(&back, "payment").as_deref(), Some("success"));
    assert_eq!(query(&back, "orderId").as_deref(), Some(made.transaction_id.as_str()));
    let verified = world.shop().verify(&made).await;
    assert_eq!((&verified["fullname"], &verified["email"]), (&json!(""), &json!("")));
    assert_eq!(verified["metadata"], json!({"member": "12"}));
}

/// Clients that test `=== true`, and clients that test `=== 1`.
#[tokio::test]
async fn strict_clients() {
    let world = World::start().await;
    let order = world.shop().order("10");
    let body = world.shop().post(CHECKOUT, &order).await.expect(200).json();
    assert_eq!(body["status"], Value::Bool(true));
    let world =
        World::builder().setting("switches.rupantorpay.status_number", "true").start().await;
    let body = world.shop().post(CHECKOUT, &order).await.expect(200).json();
    assert_eq!(body["status"], json!(1));
}

/// A client of a sister of the provider, with the older engine's names.
#[tokio::test]
async fn nagorikpay() {
    let world = World::start().await;
    let key = world.brand.api_key();
    let post = |path: &str, body: Value| {
        let request = world.http.post(world.url(path)).header("API-KEY", &key);
        send(request.header("Content-Type", "application/json").body(body.to_string()))
    };
    let body = json!({
        "cus_name": "Karim", "cus_email": "karim@a.example", "amount": "75.5",
        "success_url": "https://a.example/s", "cancel_url": "https://a.example/c",
        "webhook_url": world.merchant.url("/n"), "metadata": {"k": "v"},
    });
    let answer = post("/api/payment/create", body).await.expect(200);
    let (made, sms) = pay(&world, &answer, 76).await;
    world.merchant.wait("/n", 1).await;
    let asked = json!({"transaction_id": made.transaction_id});
    let verified = post("/api/payment/verify", asked).await.expect(200).json();
    assert_eq!(
        (&verified["status"], &verified["trx_id"]),
        (&json!("COMPLETED"), &json!(sms.reference))
    );
}
