//! The seed's seamless flow.

use serde_json::json;

use super::IpgShop;
use super::shop::{card, id};
use crate::cards::{CODE, SEAMLESS, SECURITY_CODE, assert_nothing_is_left, world};

#[tokio::test]
async fn a_code_is_wrong_sent_again_right_and_the_sale_is_approved() {
    let world = world().await;
    let shop = IpgShop::of(&world);
    let begun = shop.begin(&shop.seamless_auth("123.50")).await;
    assert_eq!(begun["transactionType"], "PAYER_AUTH");
    assert_eq!(begun["transactionStatus"], "WAITING");
    assert_eq!(begun["approvalCode"], "?:waiting authentication");
    assert_eq!(begun["country"], "India");
    let otp = &begun["authenticationResponse"]["otpVerificationResponse"];
    assert_eq!(otp["otpValidityInMinutes"], 1);
    let card_shown = &begun["paymentMethodDetails"]["paymentCard"];
    assert_eq!((&card_shown["bin"], &card_shown["last4"]), (&json!("607148"), &json!("3212")));
    assert_eq!(card_shown["expiryDate"], json!({ "month": "12", "year": "2031" }));

    let wrong = shop.patch(&begun, &shop.otp(SEAMLESS, "verifyOtp", "654321")).await;
    let wrong = wrong.expect(200).json();
    assert_eq!(wrong["transactionStatus"], "WAITING");
    assert!(wrong["approvalCode"].as_str().unwrap().starts_with("N:"), "{wrong}");
    let again = shop.patch(&begun, &shop.otp(SEAMLESS, "regenerateOtp", "true")).await;
    let again = again.expect(200).json();
    assert_eq!(again["authenticationResponse"], begun["authenticationResponse"]);
    let right = shop.patch(&begun, &shop.otp(SEAMLESS, "verifyOtp", CODE)).await;
    let right = right.expect(200).json();
    assert_eq!(right["approvalCode"], "Y:00:OTP verified successfully.");
    assert_eq!(right["transactionTime"], begun["transactionTime"]);
    let told = &right["authenticationResponse"]["otpVerificationResponse"];
    assert_eq!(told["responseCode"], "00");
    let seen = shop.get(&format!("/payments/{}", id(&begun))).await;
    assert_eq!(seen["approvalCode"], "Y:00:OTP verified successfully.");

    let mut sale = shop.sale(&begun, "123.50");
    sale["paymentMethod"] = card(SEAMLESS);
    let sale = shop.post("/payments", &sale).await.expect(200).json();
    assert_eq!(sale["transactionStatus"], "APPROVED");
    let (number, of) = (id(&sale), id(&begun));
    let processor = &sale["processor"];
    let reference = processor["referenceNumber"].as_str().unwrap();
    assert!(reference.ends_with(&of[of.len() - 6..]), "{reference} of {of}");
    let approval = format!(
        "Y:{}:{}:PPX :{reference}",
        processor["authorizationCode"].as_str().unwrap(),
        &number[number.len() - 10..],
    );
    assert_eq!(sale["approvalCode"], json!(approval));
    let scheme = sale["schemeTransactionId"].as_str().unwrap();
    assert!(scheme.len() == 30 && scheme.starts_with("10012"), "{scheme}");
    assert_eq!(sale["terminalId"].as_str().unwrap().len(), 8);
    assert_eq!(sale["merchantId"].as_str().unwrap().len(), 15);
    let order = shop.get(&format!("/orders/{}", begun["orderId"].as_str().unwrap())).await;
    assert_eq!(order["transactions"].as_array().unwrap().len(), 2);
    assert_nothing_is_left(&world, &[SEAMLESS, SECURITY_CODE, CODE, "654321"]);
    world.check_books().await;
}

#[tokio::test]
async fn three_wrong_codes_end_it() {
    let world = world().await;
    let shop = IpgShop::of(&world);
    let begun = shop.begin(&shop.seamless_auth("10")).await;
    for n in 0..2 {
        let body = shop.otp(SEAMLESS, "verifyOtp", &format!("99990{n}"));
        shop.patch(&begun, &body).await.expect(200);
    }
    let ended = shop.patch(&begun, &shop.otp(SEAMLESS, "verifyOtp", "999909")).await.expect(409);
    let ended = ended.json();
    assert_eq!(ended["responseType"], "GatewayDeclined");
    assert_eq!(ended["error"]["code"], "28319");
    let late = shop.patch(&begun, &shop.otp(SEAMLESS, "verifyOtp", CODE)).await;
    assert_eq!(late.status, 409);
    let sale = shop.post("/payments", &shop.sale(&begun, "10")).await.expect(409).json();
    assert_eq!(sale["responseType"], "GatewayDeclined", "{sale}");
}

#[tokio::test]
async fn the_same_request_is_one_try() {
    let world = world().await;
    let shop = IpgShop::of(&world);
    let begun = shop.begin(&shop.seamless_auth("10")).await;
    let (body, path) = (
        shop.otp(SEAMLESS, "verifyOtp", "999900").to_string(),
        format!("/payments/{}", id(&begun)),
    );
    let at = IpgShop::now_ms().to_string();
    let signature = shop.signature("one", &at, &body);
    for _ in 0..4 {
        let answer = shop
            .call_signed("one", &at, &signature, reqwest::Method::PATCH, &path, &body)
            .await
            .expect(200);
        assert_eq!(answer.json()["transactionStatus"], "WAITING");
    }
    shop.patch(&begun, &shop.otp(SEAMLESS, "verifyOtp", CODE)).await.expect(200);
}
