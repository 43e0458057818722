//! What the merchant's server is told.

use serde_json::json;

use crate::world::{Made, Sms, World};

async fn pay(world: &World, made: &Made, sms: &Sms) {
    world.payer(made).confirm("bkash", &sms.reference).await.expect(202);
    world.phone().hears(sms).await;
}

#[tokio::test]
async fn a_success_is_told_as_a_form() {
    let world = World::start().await;
    let mut order = world.shop().order("900");
    order["webhook_url"] = json!(world.merchant.url("/ipn.php?i=7&type=bkash"));
    let made = world.shop().create_with(&order).await;
    let sms = Sms::bkash(900);
    pay(&world, &made, &sms).await;
    let told = world.merchant.wait("/ipn.php", 1).await.remove(0);
    assert_eq!((told.method.as_str(), told.query.as_str()), ("POST", "i=7&type=bkash"));
    let id = &made.transaction_id;
    let expected = [
        ("transactionId", id.as_str()),
        ("paymentMethod", "bkash"),
        ("paymentAmount", "900"),
        ("paymentFee", "0"),
        ("currency", "BDT"),
        ("status", "COMPLETED"),
        ("transaction_id", id),
        ("trx_id", &sms.reference),
    ];
    let pairs = told.pairs();
    let pairs: Vec<_> = pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(pairs, expected);
}

#[tokio::test]
async fn a_brand_may_ask_for_json_and_small_letters() {
    let world = World::builder()
        .setting("switches.rupantorpay.callback_json", "true")
        .setting("switches.rupantorpay.callback_status_lowercase", "true")
        .start()
        .await;
    let made = world.shop().create("900").await;
    let sms = Sms::bkash(900);
    pay(&world, &made, &sms).await;
    let told = world.merchant.wait("/webhook", 1).await.remove(0).json();
    let expected = json!({
        "status": "completed", "transactionId": made.transaction_id,
        "transaction_id": made.transaction_id, "trx_id": sms.reference,
        "paymentMethod": "bkash", "payment_method": "bkash", "paymentAmount": "900",
        "amount": "900.000", "paymentFee": "0", "currency": "BDT", "fullname": "John Doe",
        "email": "john@gmail.com", "metadata": {"order_id": "12345", "product": "Premium"},
    });
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_mere_claim_is_told_only_where_the_brand_wants_it() {
    let world =
        World::builder().setting("switches.rupantorpay.callback_pending", "true").start().await;
    let made = world.shop().create("900").await;
    let sms = Sms::bkash(900);
    world.payer(&made).confirm("bkash", &sms.reference).await.expect(202);
    let told = world.merchant.wait("/webhook", 1).await.remove(0);
    assert_eq!(told.field("status"), "PENDING");
    assert_eq!(told.field("trx_id"), "", "what is only claimed has no TrxID");
    world.phone().hears(&sms).await;
    let told = world.merchant.wait("/webhook", 2).await.remove(1);
    assert_eq!(told.field("status"), "COMPLETED");
}

#[tokio::test]
async fn loss_is_not_told() {
    let world = World::start().await;
    let shop = world.shop();
    for outcome in ["cancel", "decline", "expire", "pending", "short", "forged", "unmatched"] {
        let made = shop.create("20").await;
        world.sandbox().simulate(&made.id, outcome).await;
        let log = world.cli(&["callbacks", "list", "--payment", &made.id, "--json"]).await;
        assert_eq!(log.expect_ok().json(), json!([]), "{outcome}");
    }
    // Whatever was owed before is sent before this.
    let made = shop.create("20").await;
    world.sandbox().simulate(&made.id, "succeed").await;
    let told = world.merchant.wait("/webhook", 1).await;
    assert_eq!(told[0].field("transactionId"), made.transaction_id);
}

#[tokio::test]
async fn a_shop_without_a_webhook_is_not_told() {
    let world = World::start().await;
    let shop = world.shop();
    let mut order = shop.order("20");
    order["webhook_url"] = json!("");
    let made = shop.create_with(&order).await;
    world.sandbox().simulate(&made.id, "succeed").await;
    assert_eq!(shop.state(&made).await, "COMPLETED");
    let log = world.cli(&["callbacks", "list", "--payment", &made.id, "--json"]).await;
    assert_eq!(log.expect_ok().json(), json!([]));
}
