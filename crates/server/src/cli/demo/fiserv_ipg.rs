//! The demo's purchases through Fiserv's IPG API: a RuPay card whose holder types a code in the shop, and one whose holder
//! goes to a page of the issuer.

use anyhow::ensure;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::script::Script;
use super::stage::{Stage, field, read, simulate, text};
use crate::clock;
use crate::secrets::{hmac_sha256, random_hex};

const BASE: &str = "/ipp/payments-gateway/v2";
/// See `torana_rails::card::simulator`.
const SEAMLESS: &str = "6071480000033212";
const REDIRECT: &str = "6074820000084938";

/// Both flows of the provider's page.
pub(super) async fn play(stage: &Stage, script: &mut Script) -> anyhow::Result<()> {
    seamless(stage, script).await?;
    redirect(stage, script).await
}

/// Begin, a wrong code, another code, the right one, the sale, a part back, the order.
async fn seamless(stage: &Stage, script: &mut Script) -> anyhow::Result<()> {
    script.chapter("Fiserv IPG, a RuPay card with a code");
    script.step("The shop asks the holder of a card for 123.50 rupees");
    let body = payer_auth(stage, SEAMLESS, "123.50");
    let (_, begun) = call(stage, script, Method::POST, "/payments", &body).await?;
    let id = text(&begun, "/ipgTransactionId")?;
    let minutes = "/authenticationResponse/otpVerificationResponse/otpValidityInMinutes";
    ensure!(begun.pointer(minutes).is_some(), "no code was sent: {begun}");
    let path = format!("/payments/{id}");

    script.step("The holder mistypes the code");
    let (_, wrong) = call(stage, script, Method::PATCH, &path, &otp("verifyOtp", "654321")).await?;
    ensure!(text(&wrong, "/approvalCode")?.starts_with("N:"), "it was answered {wrong}");

    script.step("And asks for another");
    let (_, again) =
        call(stage, script, Method::PATCH, &path, &otp("regenerateOtp", "true")).await?;
    ensure!(again.pointer(minutes).is_some(), "no code was sent: {again}");

    script.step("The code is right");
    let (_, proved) =
        call(stage, script, Method::PATCH, &path, &otp("verifyOtp", "123456")).await?;
    ensure!(text(&proved, "/approvalCode")?.starts_with("Y:00:"), "it was answered {proved}");

    script.step("The shop takes the money");
    let (status, sold) =
        call(stage, script, Method::POST, "/payments", &sale(&begun, "123.50")).await?;
    let is_sold = status == StatusCode::OK && field(&sold, "transactionStatus") == "APPROVED";
    ensure!(is_sold, "the sale is {sold}");

    script.step("And gives 23.50 back");
    let back = json!({
        "requestType": "ReturnTransaction",
        "transactionAmount": { "total": "23.50", "currency": "INR" },
    });
    let path = format!("/payments/{}", text(&sold, "/ipgTransactionId")?);
    let (_, returned) = call(stage, script, Method::POST, &path, &back).await?;
    ensure!(field(&returned, "transactionType") == "RETURN", "it was answered {returned}");

    script.step("The shop asks back");
    let path = format!("/orders/{}", text(&begun, "/orderId")?);
    let (_, order) = call(stage, script, Method::GET, &path, &Value::Null).await?;
    let count = field(&order, "transactions").as_array().map_or(0, Vec::len);
    ensure!(count == 3, "the order has {count} transactions");
    Ok(())
}

/// Begin, the holder at the issuer's page, the sale.
async fn redirect(stage: &Stage, script: &mut Script) -> anyhow::Result<()> {
    script.chapter("Fiserv IPG, a RuPay card by the issuer's page");
    script.step("The shop asks the holder of another card for 567 rupees");
    let body = payer_auth(stage, REDIRECT, "567");
    let (_, begun) = call(stage, script, Method::POST, "/payments", &body).await?;
    let acs = text(&begun, "/authenticationResponse/params/acsURL")?;
    ensure!(acs.contains("/connect/gateway/processing?rupayId="), "the page is {acs}");

    script.step("The holder types the code there, simulated");
    simulate(stage, script, &text(&begun, "/ipgTransactionId")?, "succeed").await?;

    script.step("The shop takes the money");
    let (_, sold) = call(stage, script, Method::POST, "/payments", &sale(&begun, "567.00")).await?;
    ensure!(field(&sold, "transactionStatus") == "APPROVED", "the sale is {sold}");

    script.step("An authentication serves one sale");
    let (status, again) =
        call(stage, script, Method::POST, "/payments", &sale(&begun, "567.00")).await?;
    ensure!(status == StatusCode::CONFLICT, "it was answered {again}");
    Ok(())
}

fn payer_auth(stage: &Stage, number: &str, total: &str) -> Value {
    json!({
        "requestType": "PaymentCardPayerAuthTransaction",
        "storeId": stage.brand.fiserv_ipg.store_id,
        "transactionAmount": { "total": total, "currency": "INR" },
        "paymentMethod": { "paymentCard": {
            "number": number,
            "securityCode": "111",
            "expiryDate": { "month": "12", "year": "49" },
        }},
        "authenticationRequest": {
            "authenticationType": "RupayAuthenticationRequest",
            "termURL": stage.merchant.url("/success"),
            "cardHolderBrowserParams": {
                "browserAcceptHeaders": "text/html",
                "browserIP": "192.0.2.1",
                "browserLanguage": "en",
                "browserUserAgent": "Mozilla/5.0",
            },
        },
    })
}

fn otp(field: &str, value: &str) -> Value {
    json!({ "authenticationType": "RupayAuthenticationUpdateRequest", field: value })
}

fn sale(begun: &Value, total: &str) -> Value {
    json!({
        "requestType": "PaymentCardSaleTransaction",
        "transactionAmount": { "total": total, "currency": "INR" },
        "order": { "orderId": field(begun, "orderId") },
        "ipgTransactionId": field(begun, "ipgTransactionId"),
    })
}

/// A signed request. What it prints shows neither card nor code, as no log should.
async fn call(
    stage: &Stage,
    script: &Script,
    method: Method,
    path: &str,
    body: &Value,
) -> anyhow::Result<(StatusCode, Value)> {
    let keys = &stage.brand.fiserv_ipg;
    let text = if body.is_null() { String::new() } else { body.to_string() };
    let (id, at) = (random_hex(16), clock::now().as_ms().to_string());
    let parts = [&keys.api_key, &id, &at, &text].map(|part| part.as_bytes());
    let signature = STANDARD.encode(hmac_sha256(keys.api_secret.as_bytes(), &parts));
    let head = format!("{method} {BASE}{path} (Api-Key: …, Timestamp: …, Message-Signature: …)");
    script.request(&head, &shown(body).to_string());
    let request = stage
        .http
        .request(method, format!("{}{BASE}{path}", stage.base))
        .header("Api-Key", &keys.api_key)
        .header("Client-Request-Id", id)
        .header("Timestamp", at)
        .header("Message-Signature", signature)
        .header(header::CONTENT_TYPE, "application/json")
        .body(text);
    let (status, answer) = read(request).await?;
    script.answer(status, &answer.to_string());
    Ok((status, answer))
}

fn shown(body: &Value) -> Value {
    let mut shown = body.clone();
    let card = "/paymentMethod/paymentCard";
    for hidden in [format!("{card}/number"), format!("{card}/securityCode"), "/verifyOtp".into()] {
        if let Some(value) = shown.pointer_mut(&hidden) {
            *value = "…".into();
        }
    }
    shown
}
