//! `POST /v1/payout`: never more than was earned, sent by somebody, told of.

use reqwest::Method;
use serde_json::{Value, json};

use super::shop::{RumbapayShop, text};
use crate::world::{Answer, World};

fn upi(shop: &RumbapayShop, reference: &str, amount: &str) -> Value {
    json!({
        "method": "upi", "mode": "initial", "reference": reference, "currency": "INR", "amount": amount,
        "description": "Winnings", "upi": {"account": "name@handle"}, "customer": {"identifier": "12345"},
        "callback_url": shop.callback_url, "extra": [{"key_1": "value"}],
    })
}

async fn request(shop: &RumbapayShop, body: &Value) -> Answer {
    shop.call(Method::POST, "/v1/payout", &body.to_string()).await
}

/// A shop that earned so many rupees.
async fn earned(world: &World, rupees: &str) -> RumbapayShop {
    let shop = RumbapayShop::of(world);
    let mut order = shop.h2h("sale", rupees);
    order["callback_url"] = "callback_url".into();
    let made = shop.create(&order).await;
    world.sandbox().simulate(&text(&made, "/request_id"), "succeed").await;
    shop
}

#[tokio::test]
async fn a_payout_is_sent_by_somebody_and_told_of() {
    let world = World::start().await;
    let shop = earned(&world, "500").await;
    let made = request(&shop, &upi(&shop, "p-1", "200")).await.expect(200).json();
    assert_eq!((&made["status"]["name"], &made["error_code"]), (&json!("pending"), &json!(0)));
    let id = text(&made, "/request_id");
    assert_eq!(shop.state(&id).await, "pending");
    assert_eq!(
        request(&shop, &upi(&shop, "p-1", "200")).await.expect(200).json()["request_id"],
        id.as_str()
    );
    let tasks = world.cli(&["payout", "list", "--brand", &world.brand.id, "--json"]).await.json();
    assert_eq!((&tasks[0]["to"], &tasks[0]["amount"]), (&json!("name@handle"), &json!("200.00")));
    let args = ["payout", "done", "--brand", &world.brand.id, "p-1", "--account", "5"];
    let args = [&args[..], &["--reference", "630712345671", "--cost", "5.90"]].concat();
    world.cli(&args).await.expect_ok();
    assert_eq!(shop.state(&id).await, "success");
    let told = shop.told(&world.merchant.wait("/callback", 1).await[0]);
    assert_eq!((&told["status"]["name"], &told["request_id"]), (&json!("success"), &json!(id)));
    let tasks = world.cli(&["payout", "list", "--brand", &world.brand.id, "--json"]).await.json();
    assert_eq!(tasks, json!([]));
    // The same transfer was not for another payout.
    request(&shop, &upi(&shop, "p-2", "200")).await.expect(200);
    let args = ["payout", "done", "--brand", &world.brand.id, "p-2", "--account", "5"];
    assert!(!world.cli(&[&args[..], &["--reference", "630712345671"]].concat()).await.ok);
    world.check_books().await;
}

#[tokio::test]
async fn never_more_than_is_there_however_many_ask_at_once() {
    let world = World::start().await;
    let shop = earned(&world, "500").await;
    let names: Vec<_> = (0..6).map(|n| format!("p-{n}")).collect();
    let bodies: Vec<_> = names.iter().map(|name| upi(&shop, name, "200")).collect();
    let answers = futures_util::future::join_all(bodies.iter().map(|it| request(&shop, it))).await;
    let made = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(made, 2);
    let refused = answers.iter().find(|answer| answer.status == 400).unwrap().json();
    assert_eq!(refused["error_code"], 30);
    assert_eq!(refused["error_fields"][0]["field"], "amount");
    assert!(
        refused["error_fields"][0]["message"].as_str().unwrap().contains("100 INR"),
        "{refused}"
    );
    // What fails is available again.
    let failed = answers.iter().position(|answer| answer.status == 200).unwrap();
    world.sandbox().simulate(&format!("p-{failed}"), "decline").await;
    request(&shop, &upi(&shop, "p-again", "300")).await.expect(200);
    world.check_books().await;
}

#[tokio::test]
async fn a_cards_number_is_seen_by_who_sends_the_money_and_then_gone() {
    const PAN: &str = "4242424242424242";
    let world = World::start().await;
    let shop = RumbapayShop::of(&world);
    let card = |reference: &str| {
        json!({
            "method": "card", "reference": reference, "currency": "UAH", "amount": 5000.02,
            "card": {"pan": PAN, "exp_month": "12", "exp_year": "2030", "holder_name": "Darth"},
            "customer": {"identifier": "1"}, "callback_url": shop.callback_url,
        })
    };
    // Nothing was earned in hryvnia.
    let refused = request(&shop, &card("c-1")).await.expect(400);
    assert_eq!(refused.json()["error_fields"][0]["field"], "amount");
    assert!(!refused.body.contains(PAN));
    let mut wrong = card("c-2");
    wrong["card"]["pan"] = "4242424242424241".into();
    let refused = request(&shop, &wrong).await.expect(400);
    assert_eq!(refused.json()["error_fields"][0]["field"], "pan");
    assert!(!refused.body.contains("4242424242424241"));
}

#[tokio::test]
async fn the_sandbox_plays_payouts() {
    let world = World::start().await;
    let shop = earned(&world, "500").await;
    for (n, (outcome, state, word)) in [
        ("succeed", "succeeded", "success"),
        ("pending", "processing", "pending"),
        ("decline", "failed", "declined"),
    ]
    .into_iter()
    .enumerate()
    {
        let reference = format!("p-{n}");
        let made = request(&shop, &upi(&shop, &reference, "100")).await.expect(200).json();
        let id = text(&made, "/request_id");
        assert_eq!(world.sandbox().simulate(&id, outcome).await["state"], state);
        assert_eq!(shop.state(&id).await, word);
    }
    let body = json!({"payment": "p-1", "outcome": "chargeback"});
    world.sandbox().post("/sandbox/simulate", &body).await.expect(409);
    world.check_books().await;
}
