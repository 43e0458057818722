//! Who is let in: signatures, times, and what is answered to others.

use reqwest::Method;
use serde_json::Value;

use super::IpgShop;
use crate::cards::world;
use crate::world::send;

#[tokio::test]
async fn both_ways_of_writing_a_signature_are_taken_and_no_other() {
    let world = world().await;
    let mut shop = IpgShop::of(&world);
    let order = "/orders/none";
    for in_hex in [false, true] {
        shop.in_hex = in_hex;
        assert_eq!(shop.call(Method::GET, order, &Value::Null).await.status, 404, "let in");
    }
    let now = IpgShop::now_ms();
    for (at, message) in [
        (now - 301_000, "Message Signature has expired"),
        (now + 301_000, "Message Signature has expired"),
    ] {
        let at = at.to_string();
        let signature = shop.signature("a", &at, "");
        let stale = shop.call_signed("a", &at, &signature, Method::GET, order, "").await;
        let body = stale.expect(403).json();
        assert_eq!(
            (&body["error"]["message"], &body["clientRequestId"]),
            (&message.into(), &"a".into())
        );
    }
    let wrong = shop.call_signed("a", &now.to_string(), "AAAA", Method::GET, order, "").await;
    assert_eq!(wrong.expect(403).json()["responseType"], "Forbidden");
    let bare = send(world.http.get(world.url("/ipp/payments-gateway/v2/orders/none"))).await;
    assert_eq!(bare.expect(400).json()["responseType"], "BadRequest");
    let sandbox = "/sandbox/ipp/payments-gateway/v2/orders/none";
    let stranger = send(world.http.get(world.url(sandbox)).header("Api-Key", "nobody")).await;
    assert_eq!(stranger.expect(401).json()["error"]["message"], "Invalid API key");
}

#[tokio::test]
async fn a_signature_is_good_for_one_target() {
    let world = world().await;
    let shop = IpgShop::of(&world);
    let at = IpgShop::now_ms().to_string();
    let signature = shop.signature("a", &at, "");
    let get = |path: &'static str| shop.call_signed("a", &at, &signature, Method::GET, path, "");
    assert_eq!(get("/orders/one").await.status, 404);
    assert_eq!(get("/orders/one").await.status, 404, "again");
    assert_eq!(get("/orders/two").await.status, 403, "another target");
}

#[tokio::test]
async fn what_is_wrong_is_told_by_field() {
    let world = world().await;
    let shop = IpgShop::of(&world);
    let mut begin = shop.seamless_auth("10");
    begin["paymentMethod"]["paymentCard"]["number"] = "6071480000033213".into();
    let wrong = shop.post("/payments", &begin).await.expect(400).json();
    assert_eq!(wrong["error"]["code"], "2303", "{wrong}");
    assert!(!wrong.to_string().contains("6071480000033213"));
    let visa = shop.post("/payments", &shop.auth_of("4111111111111111", "10")).await;
    assert_eq!(visa.expect(409).json()["error"]["code"], "5002");
    let mut foreign = shop.seamless_auth("10");
    foreign["storeId"] = "7200000000".into();
    assert_eq!(shop.post("/payments", &foreign).await.status, 400);
    let mut euro = shop.seamless_auth("10");
    euro["transactionAmount"]["currency"] = "EUR".into();
    assert_eq!(shop.post("/payments", &euro).await.status, 409);
}
