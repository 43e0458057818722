//! Who is let in.

use reqwest::Method;
use serde_json::{Value, json};

use super::PortPosShop;
use crate::world::{Answer, World};

const DAY_S: i64 = 24 * 60 * 60;

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
    let elsewhere = shop.post_form("/api/v1/more", shop.form("get_invoice", &[])).await;
    let invalid = json!({"status": 400, "message": "Invalid Request"});
    assert_eq!(elsewhere.expect(200).json(), invalid);
    let other = PortPosShop::of_brand(&world, &world.another_brand("test").await);
    assert_eq!(ask(key, &now.to_string(), &other.token(now)).await, refused(), "another's secret");
}

fn cause(answer: &Answer) -> String {
    let body = answer.json();
    assert_eq!(body["result"], "ERROR", "{body}");
    body["error"]["cause"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn v2_finds_the_time_of_a_token() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let now = jiff::Timestamp::now().as_second();
    let ask = |bearer: String| {
        let shop = shop.clone();
        async move { shop.v2_as(&bearer, Method::GET, "/invoice/85E78E8316B89073", None).await }
    };
    for age in [0, 60, 3_600, 6 * DAY_S] {
        assert_eq!(cause(&ask(shop.bearer(now - age)).await.expect(404)), "not_found", "{age}");
    }
    for bearer in
        [shop.bearer(now - 8 * DAY_S), shop.bearer(now + 3_600), "x".into(), String::new()]
    {
        assert_eq!(cause(&ask(bearer).await.expect(401)), "unauthorized");
    }
    let none = world.get("/payment/v2/invoice/85E78E8316B89073").await.expect(401);
    assert_eq!(cause(&none), "unauthorized");
    for path in ["/what/is/this", "", "/"] {
        let answer = world.get(&format!("/payment/v2{path}")).await.expect(401);
        assert_eq!(cause(&answer), "unauthorized", "{path}");
        let answer = shop.v2(Method::GET, path, None).await;
        assert_eq!(cause(&answer.expect(404)), "not_found", "{path}");
    }
    let answer = shop.v2(Method::DELETE, "/invoice", None).await;
    assert_eq!(cause(&answer.expect(405)), "method_not_allowed");
}

#[tokio::test]
async fn a_window_is_the_brands_choice() {
    let world = World::builder()
        .setting("switches.portpos.v1_window_s", "60")
        .setting("switches.portpos.v2_window_s", "60")
        .start()
        .await;
    let shop = PortPosShop::of(&world);
    let now = jiff::Timestamp::now().as_second();
    for (age, status) in [(30, 404), (90, 401)] {
        let bearer = shop.bearer(now - age);
        let answer = shop.v2_as(&bearer, Method::GET, "/invoice/8", None).await;
        assert_eq!(answer.status, status, "{age}");
    }
    for (age, status) in [(30, 400), (90, 500)] {
        let made = now - age;
        let form = shop.form_of(made, "get_invoice", &[("invoice", "8")]);
        let answer = shop.post_form("/api/v1/", form).await.expect(200).json();
        assert_eq!(answer["status"], status, "{age}");
    }
}

/// Whoever knows only the public key cannot keep the server busy, nor keep out who knows the secret.
#[tokio::test]
async fn wrong_tokens_are_not_searched_for_without_end() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let now = jiff::Timestamp::now().as_second();
    let ask = |bearer: String| {
        let shop = shop.clone();
        async move { shop.v2_as(&bearer, Method::GET, "/invoice/8", None).await.status }
    };
    let kept = shop.bearer(now - 3 * DAY_S);
    assert_eq!(ask(kept.clone()).await, 404, "found by a search");
    let mut codes = std::collections::BTreeMap::<u16, usize>::new();
    let wrong = (0..40).map(|n| ask(shop.bearer(n)));
    for status in futures_util::future::join_all(wrong).await {
        *codes.entry(status).or_default() += 1;
    }
    assert!(codes.keys().all(|code| [401, 429].contains(code)), "{codes:?}");
    assert!(codes[&429] > 0, "{codes:?}");
    assert_eq!(ask(kept).await, 404, "what was found is remembered: no search is left");
    assert_eq!(ask(shop.bearer(now)).await, 404, "a fresh token is always let in");
}

#[tokio::test]
async fn a_clock_that_was_moved_makes_no_token_stale() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    world.sandbox().advance(40 * 24 * 60 * 60).await;
    let invoice = shop.gen_invoice("60").await;
    assert_eq!(shop.state(&invoice).await, "PENDING");
}
