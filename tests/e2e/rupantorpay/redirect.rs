//! Where the payer's browser goes: the success and cancel URL with the documented parameters.

use serde_json::json;

use crate::world::{Made, Shop, Sms, World};

async fn pay(world: &World, made: &Made, taka: i64) -> Sms {
    let sms = Sms::bkash(taka);
    world.phone().hears(&sms).await;
    let answer = world.payer(made).confirm("bkash", &sms.reference).await.expect(200).json();
    assert_eq!(answer["status"], "succeeded");
    assert_eq!(answer["return_url"], format!("/checkout/{}/return", made.id));
    sms
}

async fn made_with(shop: &Shop, amount: &str, success_url: &str) -> Made {
    let mut order = shop.order(amount);
    order["success_url"] = json!(success_url);
    shop.create_with(&order).await
}

#[tokio::test]
async fn a_paid_payment_leads_to_the_success_url() {
    let world = World::start().await;
    let made = world.shop().create("900").await;
    pay(&world, &made, 900).await;
    let id = &made.transaction_id;
    let expected = format!(
        "{}?transactionId={id}&paymentMethod=bkash&paymentAmount=900&paymentFee=0&currency=BDT&status=COMPLETED&transaction_id={id}",
        world.merchant.url("/success")
    );
    assert_eq!(world.payer(&made).go_back().await.location(), expected);
}

#[tokio::test]
async fn the_merchants_own_query_fragment_and_placeholder_stay() {
    let world = World::start().await;
    let shop = world.shop();
    let url = "https://a.example/done?step=2&order={transaction_id}#top";
    let made = made_with(&shop, "12.50", url).await;
    pay(&world, &made, 13).await;
    let id = &made.transaction_id;
    let location = world.payer(&made).go_back().await.location();
    let expected = format!(
        "https://a.example/done?step=2&order={id}&transactionId={id}&paymentMethod=bkash&paymentAmount=12.5&paymentFee=0&currency=BDT&status=COMPLETED&transaction_id={id}#top"
    );
    assert_eq!(location, expected);

    let made = made_with(&shop, "10", "yourdomain.com/success").await;
    pay(&world, &made, 10).await;
    let location = world.payer(&made).go_back().await.location();
    assert!(location.starts_with("https://yourdomain.com/success?transactionId="), "{location}");
}

#[tokio::test]
async fn a_claim_leads_to_the_success_url_as_pending_and_nothing_leads_nowhere() {
    let world = World::start().await;
    let made = world.shop().create("10").await;
    let location = world.payer(&made).go_back().await.location();
    assert_eq!(location, format!("/checkout/{}", made.id), "nothing was done yet");
    world.payer(&made).confirm("nagad", "76ABCDEF").await.expect(202);
    let location = world.payer(&made).go_back().await.location();
    assert!(location.starts_with(&world.merchant.url("/success?")), "{location}");
    assert!(
        location.contains("paymentMethod=nagad") && location.contains("status=PENDING"),
        "{location}"
    );
}

#[tokio::test]
async fn what_was_lost_leads_to_the_cancel_url() {
    let world = World::start().await;
    for outcome in ["cancel", "decline", "expire"] {
        let made = world.shop().create("10").await;
        world.sandbox().simulate(&made.transaction_id, outcome).await;
        let location = world.payer(&made).go_back().await.location();
        assert!(location.starts_with(&world.merchant.url("/cancel?")), "{outcome}: {location}");
        assert!(location.contains("status=ERROR"), "{outcome}: {location}");
        assert!(location.contains("paymentMethod=undetected"), "{outcome}: {location}");
    }
}

#[tokio::test]
async fn the_status_may_be_written_small() {
    let world = World::builder()
        .setting("switches.rupantorpay.redirect_status_lowercase", "true")
        .start()
        .await;
    let made = world.shop().create("10").await;
    pay(&world, &made, 10).await;
    let location = world.payer(&made).go_back().await.location();
    assert!(location.contains("status=completed"), "{location}");
}
