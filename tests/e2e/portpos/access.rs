//! Who is let in.

use reqwest::Method;
use serde_json::{Value, json};

use super::PortPosShop;
use crate::world::{Answer, World};

fn refused() -> Value {
    json!({"status": 500, "message": "You are not allowed to perform this action."})
}

#[tokio::test]
async fn v1_takes_the_right_token_of_about_now() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let now = jiff::Timestamp::now().as_second();
    let ask = |app_key: &str, timestamp: &str, token: &str| {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("app_key", app_key), ("timestamp", timestamp), ("token", token)])
            .extend_pairs([("call", "get_invoice"), ("invoice", "x")])
            .finish();
        let shop = shop.clone();
        async move { shop.post_form("/api/v1", body).await.expect(200).json() }
    };
    let key = &shop.app_key;
    let in_time = ask(key, &now.to_string(), &shop.token(now)).await;
    assert_eq!(in_time["status"], 400, "let in, and then there is no such invoice");
    let stale = now - 25 * 60 * 60;
    for (key, timestamp, token) in [
        (key.as_str(), stale, shop.token(stale)),
        (key, now, shop.token(now - 1)),
        (key, now, String::new()),
        ("9c41cf8bce319cc6300cc2c4e9ef7c8f", now, shop.token(now)),
        ("", now, shop.token(now)),
    ] {
        assert_eq!(ask(key, &timestamp.to_string(), &token).await, refused());
    }
    let other = PortPosShop::of_brand(&world, &world.another_brand("test").await);
    assert_eq!(ask(key, &now.to_string(), &other.token(now)).await, refused(), "another's secret");
}

fn cause(answer: &Answer) -> String {
    let body = answer.json();
    assert_eq!(body["result"], "ERROR", "{body}");
    body["error"]["cause"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn v2_finds_the_time_of_a_token_and_remembers_it() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let now = jiff::Timestamp::now().as_second();
    let ask = |bearer: String| {
        let shop = shop.clone();
        async move { shop.v2_as(&bearer, Method::GET, "/invoice/85E78E8316B89073", None).await }
    };
    for age in [0, 60, 3_600, 23 * 3_600] {
        for _ in 0..2 {
            assert_eq!(cause(&ask(shop.bearer(now - age)).await.expect(404)), "not_found", "{age}");
        }
    }
    for bearer in
        [shop.bearer(now - 25 * 3_600), shop.bearer(now + 3_600), "x".into(), String::new()]
    {
        assert_eq!(cause(&ask(bearer).await.expect(401)), "unauthorized");
    }
    let none = world.get("/payment/v2/invoice/85E78E8316B89073").await.expect(401);
    assert_eq!(cause(&none), "unauthorized");
    assert_eq!(cause(&world.get("/payment/v2/what/is/this").await.expect(401)), "unauthorized");
    let shop = PortPosShop::of(&world);
    let answer = shop.v2(Method::GET, "/what/is/this", None).await;
    assert_eq!(cause(&answer.expect(404)), "not_found");
    let answer = shop.v2(Method::DELETE, "/invoice", None).await;
    assert_eq!(cause(&answer.expect(405)), "method_not_allowed");
}

#[tokio::test]
async fn a_wrong_token_is_not_searched_for_without_end() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let mut codes = std::collections::BTreeMap::<u16, usize>::new();
    let wrong = |n: usize| {
        let bearer = shop.bearer(n as i64);
        let shop = shop.clone();
        async move { shop.v2_as(&bearer, Method::GET, "/invoice/8", None).await.status }
    };
    for status in futures_util::future::join_all((0..40).map(wrong)).await {
        *codes.entry(status).or_default() += 1;
    }
    assert!(codes.keys().all(|code| [401, 429].contains(code)), "{codes:?}");
    assert!(codes[&401] < 40 && codes[&429] > 0, "{codes:?}");
    let fresh = shop.v2(Method::GET, "/invoice/8", None).await;
    assert_eq!(fresh.status, 404, "a fresh token is always let in");
}

#[tokio::test]
async fn a_clock_that_was_moved_makes_no_token_stale() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    world.sandbox().advance(40 * 24 * 60 * 60).await;
    let invoice = shop.gen_invoice("60").await;
    assert_eq!(shop.state(&invoice).await, "PENDING");
}
