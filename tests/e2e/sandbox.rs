//! `/sandbox/…`: any outcome at will, and a clock that moves.

use serde_json::{Value, json};

use crate::world::{Sandbox, World};

/// Every outcome, the state in which it leaves a payment, and how verify tells it.
const OUTCOMES: [(&str, &str, &str); 12] = [
    ("succeed", "succeeded", "COMPLETED"),
    ("succeed_sms_first", "succeeded", "COMPLETED"),
    ("pending", "pending", "PENDING"),
    ("short", "pending", "PENDING"),
    ("excess", "succeeded", "COMPLETED"),
    ("late", "succeeded", "COMPLETED"),
    ("duplicate", "succeeded", "COMPLETED"),
    ("forged", "pending", "PENDING"),
    ("unmatched", "created", "PENDING"),
    ("decline", "declined", "ERROR"),
    ("cancel", "cancelled", "ERROR"),
    ("expire", "expired", "ERROR"),
];

/// What can happen to a paid one, the state after it, and how verify tells it.
const MONEY_BACK: [(&str, &str, &str); 7] = [
    ("refund_pending", "refund_pending", "COMPLETED"),
    ("refund_processing", "refund_processing", "COMPLETED"),
    ("refund", "refunded", "ERROR"),
    ("refund_fail", "succeeded", "COMPLETED"),
    ("chargeback", "charged_back", "ERROR"),
    ("chargeback_won", "succeeded", "COMPLETED"),
    ("chargeback_lost", "charged_back", "ERROR"),
];

#[tokio::test]
async fn money_goes_back_over_every_wallet() {
    let world = World::start().await;
    for method in ["bkash", "nagad", "rocket", "upay"] {
        for (outcome, state, verified) in MONEY_BACK {
            let made = world.shop().create("60").await;
            let paid = json!({"payment": made.id, "outcome": "succeed", "method": method});
            world.sandbox().post("/sandbox/simulate", &paid).await.expect(200);
            let answer = world.sandbox().simulate(&made.id, outcome).await;
            assert_eq!(answer["state"], state, "{method} {outcome}");
            assert_eq!(answer["reference"].is_string(), outcome == "refund", "{method} {outcome}");
            assert_eq!(world.shop().state(&made).await, verified, "{method} {outcome}");
        }
    }
    world.check_books().await;
}

#[tokio::test]
async fn a_part_goes_back_and_then_no_more_than_the_rest() {
    let world = World::start().await;
    let made = world.shop().create("60").await;
    let ask = |outcome: &str, amount: &str| {
        let body = json!({"payment": made.id, "outcome": outcome, "amount": amount});
        let sandbox = world.sandbox();
        async move { sandbox.post("/sandbox/simulate", &body).await }
    };
    ask("refund", "10").await.expect(409);
    world.sandbox().simulate(&made.id, "succeed").await;
    let partly = ask("refund", "10.50").await.expect(200).json();
    assert_eq!(partly["state"], "partially_refunded");
    let answer = ask("refund", "49.51").await.expect(409).json();
    assert_eq!(answer["error"]["code"], "refund_too_large");
    ask("refund", "lots").await.expect(400);
    ask("refund_pending", "9").await.expect(200);
    ask("refund", "9").await.expect(200);
    assert_eq!(ask("refund", "40.50").await.expect(200).json()["state"], "refunded");
    world.check_books().await;
}

#[tokio::test]
async fn every_outcome_ends_as_verify_says() {
    let world = World::start().await;
    let shop = world.shop();
    for (outcome, state, verified) in OUTCOMES {
        let made = shop.create("60").await;
        let answer = world.sandbox().simulate(&made.transaction_id, outcome).await;
        assert_eq!(answer["payment"], made.id, "{outcome}");
        assert_eq!(answer["outcome"], outcome);
        assert_eq!(answer["state"], state, "{outcome}");
        let after = shop.verify(&made).await;
        assert_eq!(after["status"], verified, "{outcome}");
        let paid = verified == "COMPLETED";
        let reference = if paid { answer["reference"].clone() } else { Value::Null };
        assert_eq!(after["trx_id"], reference, "{outcome}");
        let moves_money = !["decline", "cancel", "expire"].contains(&outcome);
        assert_eq!(answer["reference"].is_string(), moves_money, "{outcome}");
    }
    world.check_books().await;
}

#[tokio::test]
async fn the_list_of_outcomes_is_what_the_server_names() {
    let world = World::start().await;
    let made = world.shop().create("60").await;
    let body = json!({"payment": made.id, "outcome": "teleport"});
    let answer = world.sandbox().post("/sandbox/simulate", &body).await.expect(400).json();
    assert_eq!(answer["error"]["code"], "unknown_outcome");
    let named =
        answer["error"]["message"].as_str().unwrap().trim_start_matches("one of: ").to_owned();
    let named: Vec<&str> = named.split(", ").collect();
    let known = OUTCOMES.iter().chain(&MONEY_BACK).map(|(outcome, _, _)| *outcome);
    assert_eq!(named, known.collect::<Vec<_>>());
}

#[tokio::test]
async fn every_outcome_of_every_wallet() {
    let world = World::start().await;
    for method in ["bkash", "nagad", "rocket", "upay"] {
        for (outcome, state, _) in OUTCOMES {
            let made = world.shop().create("60").await;
            let body = json!({"payment": made.link, "outcome": outcome, "method": method});
            let answer = world.sandbox().post("/sandbox/simulate", &body).await.expect(200).json();
            assert_eq!(answer["state"], state, "{method} {outcome}");
        }
    }
    let made = world.shop().create("60").await;
    let body = json!({"payment": made.link, "outcome": "succeed", "method": "tap"});
    let answer = world.sandbox().post("/sandbox/simulate", &body).await.expect(409).json();
    assert_eq!(answer["error"]["code"], "no_account");
}

#[tokio::test]
async fn a_payment_is_named_by_anything_that_its_api_returned() {
    let world = World::start().await;
    for name in ["id", "link", "transaction_id", "lower"] {
        let made = world.shop().create("60").await;
        let name = match name {
            "id" => made.id.clone(),
            "link" => made.link.clone(),
            "lower" => made.transaction_id.to_lowercase(),
            _ => made.transaction_id.clone(),
        };
        assert_eq!(world.sandbox().simulate(&name, "succeed").await["payment"], made.id);
    }
}

#[tokio::test]
async fn outcomes_that_come_twice_change_nothing() {
    let world = World::start().await;
    let made = world.shop().create("60").await;
    let first = world.sandbox().simulate(&made.id, "succeed").await;
    assert_eq!(world.sandbox().simulate(&made.id, "cancel").await["state"], "succeeded");
    assert_eq!(world.sandbox().simulate(&made.id, "succeed").await["state"], "succeeded");
    assert_eq!(world.sandbox().simulate(&made.id, "expire").await["state"], "succeeded");
    let body = json!({"payment": made.id, "outcome": "decline"});
    let answer = world.sandbox().post("/sandbox/simulate", &body).await.expect(409).json();
    assert_eq!(answer["error"]["code"], "wrong_state");
    assert_eq!(world.shop().verify(&made).await["trx_id"], first["reference"]);
    world.merchant.wait("/webhook", 1).await;
    assert_eq!(world.metric("torana_callbacks_total{result=\"delivered\"}").await, 1);
}

#[tokio::test]
async fn only_the_brands_own_token_opens_it() {
    let world = World::start().await;
    let made = world.shop().create("60").await;
    let other = world.another_brand("test").await;
    let live = world.another_brand("live").await;
    let body = json!({"payment": made.id, "outcome": "succeed"});
    let with = |token: &str| Sandbox::new(&world.server.base, &world.http, token);

    let answer = with(&other.sandbox_token()).post("/sandbox/simulate", &body).await.expect(404);
    assert_eq!(answer.json()["error"]["code"], "unknown_payment");
    for token in
        [&live.sandbox_token(), "", "wrong", &world.brand.api_key(), &world.brand.device_key()]
    {
        for (path, body) in
            [("/sandbox/simulate", &body), ("/sandbox/clock", &json!({"advance_s": 1}))]
        {
            let answer = with(token).post(path, body).await.expect(401).json();
            assert_eq!(answer["error"]["code"], "unauthenticated");
        }
    }
    assert_eq!(world.shop().state(&made).await, "PENDING");
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let world = World::start().await;
    for body in [json!({}), json!([]), json!({"payment": 1, "outcome": "succeed"}), json!("x")] {
        let answer = world.sandbox().post("/sandbox/simulate", &body).await.expect(400).json();
        assert_eq!(answer["error"]["code"], "malformed", "{body}");
    }
    let body = json!({"payment": "nothing", "outcome": "succeed"});
    world.sandbox().post("/sandbox/simulate", &body).await.expect(404);
    for advance in
        [json!(-1), json!(31_622_401), json!("5"), json!(1.5), json!(null), json!(i64::MAX)]
    {
        let body = json!({"advance_s": advance});
        world.sandbox().post("/sandbox/clock", &body).await.expect(400);
    }
}

#[tokio::test]
async fn time_expires_payments_of_this_brand_only() {
    let world = World::start().await;
    let other = world.another_brand("test").await;
    let (shop, theirs) = (world.shop(), world.shop_of(&other));
    let (open, claimed, paid) =
        (shop.create("60").await, shop.create("60").await, shop.create("60").await);
    let foreign = theirs.create("60").await;
    world.payer(&claimed).confirm("bkash", "CK51234567").await.expect(202);
    world.sandbox().simulate(&paid.id, "succeed").await;

    world.sandbox().advance(3590).await;
    assert_eq!(shop.state(&open).await, "PENDING");
    let moved = world.sandbox().advance(20).await;
    let now = moved["now"].as_i64().unwrap() - jiff::Timestamp::now().as_second();
    assert!((3600..=3610).contains(&now), "the clock went {now} seconds");
    for made in [&open, &claimed] {
        assert_eq!(shop.state(made).await, "ERROR");
        assert_eq!(world.payer(made).state().await, "expired");
    }
    assert_eq!(shop.state(&paid).await, "COMPLETED");
    assert_eq!(theirs.state(&foreign).await, "PENDING");
    let fresh = shop.create("60").await;
    assert_eq!(shop.state(&fresh).await, "PENDING", "what is made later has its own hour");
}

#[tokio::test]
async fn payments_expire_by_themselves_too() {
    let world = World::builder().setting("policy.expiry_ms", "1").start().await;
    let made = world.shop().create("60").await;
    let payer = world.payer(&made);
    let state = crate::world::until("the payment expires", || async {
        (payer.state().await == "expired").then_some("expired")
    });
    assert_eq!(state.await, "expired");
}
