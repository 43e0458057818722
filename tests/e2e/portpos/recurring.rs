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
    let (id, first) = begin(&shop, plan.clone()).await;
    world.sandbox().simulate(&first, "succeed").await;
    let (never, _) = begin(&shop, plan).await;
    world.sandbox().advance(1_000).await;
    assert_eq!(tell(&shop, &never).await["status"], "EXPIRED", "the first was not paid in time");
    world.sandbox().advance(7 * DAY_S).await;
    assert_eq!(history(&tell(&shop, &id).await), ["ACCEPTED", "PENDING"]);
    world.sandbox().advance(2 * DAY_S + 60).await;
    let over = tell(&shop, &id).await;
    assert_eq!(history(&over), ["ACCEPTED", "EXPIRED"]);
    assert_eq!(over["status"], "EXPIRED");
    world.sandbox().advance(30 * DAY_S).await;
    assert_eq!(history(&tell(&shop, &id).await).len(), 2);
}

/// The grace may be longer than the period: then several invoices are open beside each other.
#[tokio::test]
async fn a_period_begins_before_the_one_before_it_is_paid() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let (id, first) = begin(&shop, json!({"period": {"unit": "daily", "interval": 1}})).await;
    world.sandbox().simulate(&first, "succeed").await;
    for day in 1..=6 {
        world.sandbox().advance(DAY_S).await;
        let told = tell(&shop, &id).await;
        assert_eq!(history(&told).len(), day + 1, "one a day: {told}");
        // Paid two days later, within the three days of grace.
        if day > 2 {
            let invoice = told["history"][day - 2]["invoice_id"].as_str().unwrap().to_owned();
            world.sandbox().simulate(&invoice, "succeed").await;
        }
    }
    let told = tell(&shop, &id).await;
    assert_eq!((&told["status"], &told["payment"]["applied"]), (&"ACTIVE".into(), &5.into()));
}

#[tokio::test]
async fn the_merchant_ends_it() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let (id, first) = begin(&shop, json!({"period": {"unit": "daily", "interval": 1}})).await;
    world.sandbox().simulate(&first, "succeed").await;
    world.sandbox().advance(DAY_S).await;
    let cancel = |id: String| {
        let shop = shop.clone();
        let path = format!("/recurring/cancel/{id}");
        async move { shop.v2(Method::PUT, &path, Some(&json!({}))).await }
    };
    for _ in 0..2 {
        let answer = cancel(id.clone()).await.expect(200).json();
        let data = json!({"id": id, "message": "Recurring Cancel request accepted."});
        assert_eq!(answer["data"], data);
    }
    let over = tell(&shop, &id).await;
    assert_eq!(over["status"], "CANCELLED");
    assert_eq!(history(&over), ["ACCEPTED", "CANCELLED"], "what was open is cancelled with it");
    world.sandbox().advance(10 * DAY_S).await;
    assert_eq!(history(&tell(&shop, &id).await).len(), 2);
    cancel("R85E78E8316B89073".into()).await.expect(404);
    let plain = shop.create(json!(60)).await;
    shop.v2(Method::GET, &format!("/recurring/R{plain}"), None).await.expect(404);

    let plan = json!({"period": {"unit": "weekly", "interval": 1}, "cancel_at_period_end": true});
    let (id, first) = begin(&shop, plan).await;
    world.sandbox().simulate(&first, "succeed").await;
    assert_eq!(tell(&shop, &id).await["ended_at"], "");
    cancel(id.clone()).await.expect(200);
    let ending = tell(&shop, &id).await;
    assert_eq!(ending["status"], "ACTIVE");
    assert_ne!(ending["ended_at"], "", "when it will end is told");
    world.sandbox().advance(7 * DAY_S).await;
    let over = tell(&shop, &id).await;
    assert_eq!((&over["status"], history(&over).len()), (&"CANCELLED".into(), 1));
}

#[tokio::test]
async fn what_a_plan_asks_for_is_within_the_brands_limits() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    for (recurring, property) in [
        (
            json!({"trial": {"enable": 1, "amount": 9_999_999, "period_end": 600}}),
            "recurring.trial.amount",
        ),
        (
            json!({"offers": {"enable": 1, "amount": 9_999_999, "number_of_payment": 1}}),
            "recurring.offers.amount",
        ),
    ] {
        let mut order = shop.order(json!(30));
        order["recurring"] = recurring;
        order["recurring"]["period"] = json!({"unit": "daily", "interval": 1});
        let answer = shop.v2(Method::POST, "/recurring", Some(&order)).await.expect(400).json();
        assert_eq!(answer["error"]["property"], property);
    }
    // The rest of a day is nothing: the whole price is asked for.
    let plan = json!({"period": {"unit": "daily", "prorated": true}});
    let (_, first) = begin(&shop, plan).await;
    assert_eq!(shop.get_invoice(&first).await["data"]["amount"], "30.00");
}

/// A lever and a worker of each of two nodes look at the same plans.
#[tokio::test]
async fn two_nodes_make_each_invoice_once() {
    if !crate::world::on_postgres() {
        return;
    }
    let world = World::start().await;
    let node = world.another_node(&[]).await;
    let shop = PortPosShop::of(&world);
    let plan = json!({"period": {"unit": "daily", "interval": 1}, "grace_period": 30});
    let mut ids = vec![];
    for _ in 0..10 {
        let (id, first) = begin(&shop, plan.clone()).await;
        world.sandbox().simulate(&first, "succeed").await;
        ids.push(id);
    }
    for _ in 0..3 {
        world.sandbox().advance(DAY_S).await;
    }
    drop(node);
    for id in ids {
        assert_eq!(history(&tell(&shop, &id).await).len(), 4);
    }
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
