//! Payments that come again, by a clock that is moved.

use reqwest::Method;
use serde_json::{Value, json};

use super::PortPosShop;
use crate::world::World;

const DAY_S: i64 = 24 * 60 * 60;

async fn begin(shop: &PortPosShop, recurring: Value) -> (String, String) {
    let mut order = shop.order(json!(30));
    order["recurring"] = recurring;
    let made = shop.v2(Method::POST, "/recurring", Some(&order)).await.expect(201).json();
    let text = |pointer: &str| made.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    assert_eq!(text("/data/recurring/id"), format!("R{}", text("/data/invoice_id")));
    (text("/data/recurring/id"), text("/data/invoice_id"))
}

async fn tell(shop: &PortPosShop, id: &str) -> Value {
    let answer = shop.v2(Method::GET, &format!("/recurring/{id}"), None).await;
    answer.expect(200).json()["data"].clone()
}

fn history(told: &Value) -> Vec<String> {
    let rows = told["history"].as_array().unwrap();
    rows.iter().map(|row| row["status"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_period_has_an_invoice_until_all_are_paid() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let plan = json!({"period": {"unit": "daily", "interval": 2}, "number_of_payment": 3});
    let (id, first) = begin(&shop, plan).await;
    assert_eq!(tell(&shop, &id).await["status"], "PENDING");
    world.sandbox().simulate(&first, "succeed").await;
    assert_eq!(tell(&shop, &id).await["status"], "ACTIVE");
    for n in 2..=3 {
        world.sandbox().advance(2 * DAY_S).await;
        let told = tell(&shop, &id).await;
        let row = told["history"][n - 1].clone();
        assert_eq!((&row["status"], &row["amount"]), (&"PENDING".into(), &30.into()), "{told}");
        let invoice = row["invoice_id"].as_str().unwrap().to_owned();
        // Somebody has to ask the payer for it.
        let ipns = world.merchant.wait("/ipn", 2 * n - 2).await;
        assert!(
            ipns.iter().any(|it| it.field("invoice") == invoice && it.field("status") == "PENDING")
        );
        world.get(&format!("/payment/?invoice={invoice}")).await.expect(200);
        let data =
            shop.v2(Method::GET, &format!("/invoice/{invoice}"), None).await.json()["data"].clone();
        assert_eq!(data["order"]["is_recurring_payment"], 1);
        assert_eq!(data["customs"], json!([{"cart": "c-17"}, {"recurringId": id}]));
        world.sandbox().simulate(&invoice, "succeed").await;
        world.merchant.wait("/ipn", 2 * n - 1).await;
    }
    let told = tell(&shop, &id).await;
    assert_eq!(
        told["payment"],
        json!({"amount": 30, "currency": "BDT", "total": 3, "applied": 3, "left": 0})
    );
    world.sandbox().advance(30 * DAY_S).await;
    let over = tell(&shop, &id).await;
    assert_eq!((&over["status"], history(&over).len()), (&"COMPLETED".into(), 3));
    world.check_books().await;
}

#[tokio::test]
async fn an_invoice_that_is_not_paid_ends_it() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let plan = json!({"period": {"unit": "weekly", "interval": 1}, "grace_period": 2});
    let (id, first) = begin(&shop, plan).await;
    world.sandbox().simulate(&first, "succeed").await;
    world.sandbox().advance(7 * DAY_S + 60).await;
    assert_eq!(history(&tell(&shop, &id).await), ["ACCEPTED", "PENDING"]);
    world.sandbox().advance(2 * DAY_S).await;
    assert_eq!(history(&tell(&shop, &id).await), ["ACCEPTED", "EXPIRED"]);
    world.sandbox().advance(5 * DAY_S).await;
    let over = tell(&shop, &id).await;
    assert_eq!((&over["status"], history(&over).len()), (&"EXPIRED".into(), 2));
}

#[tokio::test]
async fn the_merchant_ends_it() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let (id, first) = begin(&shop, json!({"period": {"unit": "daily", "interval": 1}})).await;
    world.sandbox().simulate(&first, "succeed").await;
    let cancel = |id: String| {
        let shop = shop.clone();
        async move { shop.v2(Method::PUT, &format!("/recurring/cancel/{id}"), Some(&json!({}))).await }
    };
    for _ in 0..2 {
        let answer = cancel(id.clone()).await.expect(200).json();
        assert_eq!(
            answer["data"],
            json!({"id": id, "message": "Recurring Cancel request accepted."})
        );
    }
    world.sandbox().advance(10 * DAY_S).await;
    let over = tell(&shop, &id).await;
    assert_eq!((&over["status"], history(&over).len()), (&"CANCELLED".into(), 1));
    cancel("R85E78E8316B89073".into()).await.expect(404);
    let plain = shop.create(json!(60)).await;
    shop.v2(Method::GET, &format!("/recurring/R{plain}"), None).await.expect(404);
}

/// By the worker, not by the lever that moves the clock.
#[tokio::test]
async fn a_trial_is_followed_by_the_price_without_anybody_asking() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let (id, first) = begin(
        &shop,
        json!({
            "period": {"unit": "monthly", "interval": 1}, "number_of_payment": 1,
            "trial": {"enable": true, "amount": 5, "period_end": 600},
        }),
    )
    .await;
    world.sandbox().simulate(&first, "succeed").await;
    let told = tell(&shop, &id).await;
    assert_eq!((&told["has_trial"], &told["trial"]["amount"]), (&true.into(), &5.into()));
    world.sandbox().advance(599).await;
    let made = crate::world::until("the first regular invoice", || async {
        let told = tell(&shop, &id).await;
        (history(&told).len() == 2).then_some(told)
    });
    let made = made.await;
    assert_eq!(
        (&made["history"][1]["amount"], &made["payment"]["applied"]),
        (&30.into(), &0.into())
    );
}
