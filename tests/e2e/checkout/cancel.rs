//! `POST /checkout/{id}/cancel` and what can still happen afterwards.

use crate::world::{Sms, World, send};

#[tokio::test]
async fn who_gives_up_is_led_back_to_the_shop() {
    let world = World::start().await;
    let shop = world.shop();
    let made = shop.create("10").await;
    let payer = world.payer(&made);
    let page = payer.cancel().await.location();
    assert!(page.starts_with(&format!("/checkout/{}", made.id)), "{page}");
    let page = payer.page().await.expect(200).body;
    assert!(page.contains("Payment cancelled") && page.contains("Return to Tea House"), "{page}");
    assert_eq!(shop.state(&made).await, "ERROR");
    let location = payer.go_back().await.location();
    assert!(location.starts_with(&world.merchant.url("/cancel?")), "{location}");
    // Twice is once.
    payer.cancel().await.location();
    assert_eq!(payer.state().await, "cancelled");
}

#[tokio::test]
async fn a_script_gets_json() {
    let world = World::start().await;
    let made = world.shop().create("10").await;
    let url = world.url(&format!("/checkout/{}/cancel", made.id));
    let answer = send(world.http.post(url).header("Accept", "application/json")).await.expect(200);
    assert_eq!(answer.json()["status"], "cancelled");
}

#[tokio::test]
async fn what_is_paid_cannot_be_given_up() {
    let world = World::start().await;
    let made = world.shop().create("10").await;
    world.sandbox().simulate(&made.id, "succeed").await;
    world.payer(&made).cancel().await.location();
    assert_eq!(world.payer(&made).state().await, "succeeded");
    assert_eq!(world.shop().state(&made).await, "COMPLETED");
}

#[tokio::test]
async fn money_that_was_sent_before_giving_up_still_pays() {
    let world = World::start().await;
    let shop = world.shop();
    let made = shop.create("10").await;
    let sms = Sms::bkash(10);
    let payer = world.payer(&made);
    payer.confirm("bkash", &sms.reference).await.expect(202);
    payer.cancel().await.location();
    assert_eq!(shop.state(&made).await, "ERROR");
    world.phone().hears(&sms).await;
    assert_eq!(shop.state(&made).await, "COMPLETED");
    let told = world.merchant.wait("/webhook", 1).await;
    assert_eq!(told[0].field("status"), "COMPLETED");
    world.check_books().await;
}
