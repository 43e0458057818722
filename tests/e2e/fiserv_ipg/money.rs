//! Sales that do not fit, reservations, captures, voids and returns; what is unknown; kept cards.

use reqwest::Method;
use serde_json::{Value, json};

use super::IpgShop;
use super::shop::{card, id};
use crate::cards::{CODE, REDIRECT, SEAMLESS, SECURITY_CODE, assert_nothing_is_left, world};

#[tokio::test]
async fn only_what_was_authenticated_is_sold_and_once() {
    let world = world().await;
    let shop = IpgShop::of(&world);
    let bare = json!({
        "requestType": "PaymentCardSaleTransaction",
        "transactionAmount": { "total": 10, "currency": "INR" },
        "paymentMethod": card(SEAMLESS),
    });
    assert_eq!(shop.post("/payments", &bare).await.status, 409, "RuPay must be authenticated");
    let early = shop.begin(&shop.seamless_auth("10")).await;
    assert_eq!(shop.post("/payments", &shop.sale(&early, "10")).await.status, 409);
    let begun = shop.proved("10").await;
    let more = shop.post("/payments", &shop.sale(&begun, "10.01")).await.expect(409).json();
    assert_eq!(more["error"]["code"], "10503", "{more}");
    let mut other = shop.sale(&begun, "10");
    other["order"]["orderId"] = "another".into();
    assert_eq!(shop.post("/payments", &other).await.status, 409);
    let mut other = shop.sale(&begun, "10");
    other["paymentMethod"] = card(REDIRECT);
    assert_eq!(shop.post("/payments", &other).await.status, 409);
    let sold = shop.post("/payments", &shop.sale(&begun, "10")).await.expect(200).json();
    assert_eq!(sold["transactionStatus"], "APPROVED");
    assert_eq!(shop.post("/payments", &shop.sale(&begun, "10")).await.status, 409, "once");
    assert_nothing_is_left(&world, &[SEAMLESS, REDIRECT, SECURITY_CODE, CODE]);
    world.check_books().await;
}

#[tokio::test]
async fn a_part_of_a_reservation_is_captured_and_comes_back_in_parts() {
    let world = world().await;
    let shop = IpgShop::of(&world);
    let begun = shop.proved("100").await;
    let mut preauth = shop.sale(&begun, "100");
    preauth["requestType"] = "PaymentCardPreAuthTransaction".into();
    let reserved = shop.post("/payments", &preauth).await.expect(200).json();
    assert_eq!(reserved["transactionType"], "PREAUTH");
    let refund = shop.follow(&reserved, "ReturnTransaction", "1").await;
    assert_eq!(refund.status, 409, "nothing was taken");
    assert_eq!(shop.follow(&reserved, "PostAuthTransaction", "100.01").await.status, 409);
    let captured = shop.follow(&reserved, "PostAuthTransaction", "60").await.expect(200).json();
    assert_eq!(captured["transactionType"], "POSTAUTH");
    assert_eq!(captured["approvedAmount"]["total"].as_f64(), Some(60.0));
    assert_eq!(shop.follow(&reserved, "PostAuthTransaction", "40").await.status, 409, "once");
    for (total, status) in [("20", 200), ("30", 200), ("10.01", 409), ("10", 200), ("1", 409)] {
        let back = shop.follow(&captured, "ReturnTransaction", total).await;
        assert_eq!(back.status, status, "{total}: {back:?}");
    }
    world.check_books().await;
}

#[tokio::test]
async fn what_was_taken_or_reserved_today_is_undone() {
    let world = world().await;
    let shop = IpgShop::of(&world);
    let sold = shop.sold("50").await;
    let void = json!({ "requestType": "VoidTransaction" });
    let part = shop.follow(&sold, "VoidTransaction", "10").await.expect(409).json();
    assert_eq!(part["error"]["code"], "5007", "{part}");
    let path = format!("/payments/{}", id(&sold));
    let undone = shop.post(&path, &void).await.expect(200).json();
    assert_eq!(undone["transactionType"], "VOID");
    assert_ne!(id(&undone), id(&sold));
    assert_eq!(shop.get(&path).await["transactionState"], "VOIDED");
    assert_eq!(shop.post(&path, &void).await.status, 409);
    let begun = shop.proved("70").await;
    let mut preauth = shop.sale(&begun, "70");
    preauth["requestType"] = "PaymentCardPreAuthTransaction".into();
    shop.post("/payments", &preauth).await.expect(200);
    let order = format!("/orders/{}", begun["orderId"].as_str().unwrap());
    let all = json!({ "requestType": "VoidPreAuthTransactions", "storeId": shop.store_id });
    shop.post(&order, &all).await.expect(200);
    assert_eq!(shop.post(&order, &shop.secondary("PostAuthTransaction", "70")).await.status, 409);
    let late = shop.sold("80").await;
    world.sandbox().advance(2 * 24 * 60 * 60).await;
    let too_late = shop.post(&format!("/payments/{}", id(&late)), &void).await;
    assert_eq!(too_late.status, 409, "a day later it is a return");
    shop.follow(&late, "ReturnTransaction", "80").await.expect(200);
    world.check_books().await;
}

async fn proved_with(shop: &IpgShop, number: &str) -> Value {
    let begun = shop.begin(&shop.auth_of(number, "10")).await;
    shop.patch(&begun, &shop.otp(number, "verifyOtp", CODE)).await.expect(200);
    begun
}

#[tokio::test]
async fn refusals_and_silences_are_told_apart() {
    let world = world().await;
    let shop = IpgShop::of(&world);
    let begun = proved_with(&shop, "6071480005510008").await;
    let refused = shop.post("/payments", &shop.sale(&begun, "10")).await.expect(422).json();
    assert_eq!(refused["responseType"], "EndpointDeclined");
    assert_eq!(refused["processor"]["responseCode"], "51");
    for (number, status) in [("6071480009050001", "APPROVED"), ("6071480009060000", "DECLINED")] {
        let begun = proved_with(&shop, number).await;
        let unknown = shop.post("/payments", &shop.sale(&begun, "10")).await.expect(200).json();
        assert_eq!(unknown["transactionStatus"], "WAITING", "{unknown}");
        let path = format!("/payments/{}", id(&unknown));
        assert_eq!(shop.get(&path).await["transactionStatus"], "WAITING");
        world.sandbox().advance(120).await;
        assert_eq!(shop.get(&path).await["transactionStatus"], status, "{number}");
    }
    let unreached = proved_with(&shop, "6071480009070009").await;
    assert_eq!(shop.post("/payments", &shop.sale(&unreached, "10")).await.status, 502);
    world.check_books().await;
}

#[tokio::test]
async fn the_same_request_is_carried_out_once() {
    let world = world().await;
    let shop = IpgShop::of(&world);
    let begun = shop.proved("30").await;
    let sale = shop.sale(&begun, "30").to_string();
    let first = shop.call_as("sale", Method::POST, "/payments", &sale).await.expect(200).json();
    let again = shop.call_as("sale", Method::POST, "/payments", &sale).await.expect(200).json();
    assert_eq!(id(&first), id(&again));
    let back = shop.secondary("ReturnTransaction", "10").to_string();
    let path = format!("/payments/{}", id(&first));
    let one = shop.call_as("back", Method::POST, &path, &back).await.expect(200).json();
    let two = shop.call_as("back", Method::POST, &path, &back).await.expect(200).json();
    assert_eq!(id(&one), id(&two));
    let other = shop.call_as("more", Method::POST, &path, &back).await.expect(200).json();
    assert_ne!(id(&one), id(&other), "another request, another return");
    let begin = shop.seamless_auth("30");
    let mut named = begin.clone();
    named["order"] = json!({ "orderId": "A-1" });
    shop.begin(&named).await;
    let twice = shop.post("/payments", &named).await.expect(409).json();
    assert_eq!(twice["error"]["code"], "5003", "{twice}");
    world.check_books().await;
}

#[tokio::test]
async fn a_card_is_kept_used_and_forgotten() {
    let world = world().await;
    let shop = IpgShop::of(&world);
    let keep = json!({
        "requestType": "PaymentCardPaymentTokenizationRequest",
        "paymentCard": card(SEAMLESS)["paymentCard"],
        "createToken": { "value": "customer-7", "reusable": true },
    });
    let kept = shop.post("/payment-tokens", &keep).await.expect(200).json();
    assert_eq!(kept["paymentToken"]["value"], "customer-7");
    let mut begin = shop.seamless_auth("10");
    begin["requestType"] = "PaymentTokenPayerauthTransaction".into();
    begin["paymentMethod"] = json!({ "paymentToken": { "value": "customer-7" } });
    let begun = shop.begin(&begin).await;
    let verify = json!({
        "authenticationType": "RupayAuthenticationUpdateRequest", "verifyOtp": CODE,
    });
    shop.patch(&begun, &verify).await.expect(200);
    let sold = shop.post("/payments", &shop.sale(&begun, "10")).await.expect(200).json();
    assert_eq!(sold["transactionStatus"], "APPROVED", "{sold}");
    shop.call(Method::DELETE, "/payment-tokens/customer-7", &Value::Null).await.expect(200);
    let gone = shop.call(Method::GET, "/payment-tokens/customer-7", &Value::Null).await;
    assert_eq!(gone.status, 404);
    let known = json!({ "paymentCard": { "number": SEAMLESS } });
    let known = shop.post("/card-information", &known).await.expect(200).json();
    assert_eq!(known["cardDetails"][0]["brand"], "RUPAY");
    assert_nothing_is_left(&world, &[SEAMLESS, SECURITY_CODE, CODE]);
}
