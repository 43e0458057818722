//! Who is let in, and what is said to who is not.

use reqwest::Method;
use serde_json::json;

use super::shop::RumbapayShop;
use crate::world::{World, send};

#[tokio::test]
async fn the_body_is_signed_as_it_was_sent() {
    let world = World::start().await;
    let shop = RumbapayShop::of(&world);
    let body = shop.h2h("1", "200").to_string();
    let good = shop.signature(&body);
    let path = "/v1/payment";
    for (sent, signature) in [
        (body.replace("\"200\"", "\"100\""), Some(good.as_str())),
        (body.clone(), Some("00")),
        (body.clone(), None),
    ] {
        let answer = shop.call_signed(Method::POST, path, &sent, signature).await.expect(401);
        assert_eq!(answer.json()["error_code"], 401);
        assert_eq!(
            answer.header("signature"),
            shop.signature(&answer.body),
            "an error is signed too"
        );
    }
    shop.call_signed(Method::POST, path, &body, Some(&good.to_uppercase())).await.expect(200);
}

#[tokio::test]
async fn an_unknown_token_opens_nothing() {
    let world = World::start().await;
    let request =
        world.http.get(world.url("/v1/transaction/x")).header("access-token", "0".repeat(64));
    let answer = send(request).await.expect(401).json();
    assert_eq!(answer["error_code"], 401);
    assert!(answer["request_id"].as_str().unwrap().len() == 36);
    send(world.http.get(world.url("/v1/transaction/x"))).await.expect(401);
}

#[tokio::test]
async fn a_get_needs_no_signature_unless_the_brand_says_so() {
    let world = World::start().await;
    let shop = RumbapayShop::of(&world);
    let made = shop.create(&shop.h2h("1", "200")).await;
    let path = format!("/v1/transaction/{}", made["request_id"].as_str().unwrap());
    shop.call_signed(Method::GET, &path, "", None).await.expect(200);
    shop.call_signed(Method::GET, &path, "", Some("00")).await.expect(401);
    let strict = World::builder().setting("switches.rumbapay.get_signature", "required");
    let world = strict.start().await;
    let shop = RumbapayShop::of(&world);
    shop.call_signed(Method::GET, "/v1/transaction/x", "", None).await.expect(401);
    shop.call(Method::GET, "/v1/transaction/x", "").await.expect(404);
}

#[tokio::test]
async fn bad_input_gets_an_answer_in_the_envelope() {
    let world = World::start().await;
    let shop = RumbapayShop::of(&world);
    for body in ["", "{", "[]", "null", "{\"a\":1", "\u{feff}"] {
        let answer = shop.call(Method::POST, "/v1/payment", body).await;
        assert!((400..500).contains(&answer.status), "{answer:?}");
        assert!(answer.json()["error_code"].is_number());
    }
    let wrong = shop.call(Method::DELETE, "/v1/payment", "").await;
    assert_eq!((wrong.status, wrong.json()["error_code"].clone()), (405, json!(405)));
    let nowhere = shop.call(Method::GET, "/v1/nowhere", "").await;
    assert_eq!((nowhere.status, nowhere.json()["error_code"].clone()), (404, json!(404)));
    let large = "x".repeat(3 * 1024 * 1024);
    let answer = shop.call_signed(Method::POST, "/v1/payment", &large, Some("00")).await;
    assert_eq!((answer.status, answer.json()["error_code"].clone()), (413, json!(413)));
}
