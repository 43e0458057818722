//! India: UPI server to server, the hosted page, and a payout.

use anyhow::ensure;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::super::script::Script;
use super::super::stage::{Stage, field, simulate, text};
use super::call;

/// Create, pay by UPI, callback, ask; the hosted page with a UTR; a payout that is sent.
pub(super) async fn play(stage: &Stage, script: &mut Script) -> anyhow::Result<()> {
    script.chapter("Rumbapay, India");
    script.step("The shop asks for 200 rupees over UPI");
    let (status, made) =
        call(stage, script, Method::POST, "/v1/payment", &order(stage, "334545")).await?;
    ensure!(status == StatusCode::OK && field(&made, "error_code") == 0, "it was not made");
    let link = text(&made, "/challenge/challenge_redirect/url")?;
    ensure!(link.starts_with("upi://pay?") && link.contains("am=200"), "the link is {link}");
    let id = text(&made, "/request_id")?;

    script.step("The simulated payer pays with an app; the bank's SMS tells of the same UTR");
    let paid = simulate(stage, script, &id, "succeed").await?;
    ensure!(field(&paid, "state") == "succeeded", "the payment is {}", field(&paid, "state"));

    script.step("The shop's server is told");
    let told = stage.told(script).await?;
    ensure!(told.contains(&id) && told.contains("\"success\""), "the callback says {told}");

    script.step("The shop asks back");
    let path = format!("/v1/transaction/{id}");
    let (_, found) = call(stage, script, Method::GET, &path, &Value::Null).await?;
    ensure!(text(&found, "/status/name")? == "success", "the payment is {found}");

    script.step("Another order goes by the hosted page, with its code to scan");
    let mut hosted = order(stage, "334546");
    if let Some(fields) = hosted.as_object_mut() {
        fields.remove("method");
        fields.insert("widget".to_owned(), json!({ "method": "upi", "locale": "en" }));
    }
    let (_, made) = call(stage, script, Method::POST, "/v1/payment", &hosted).await?;
    let link = text(&made, "/challenge/challenge_redirect/url")?;
    script.request(&format!("GET {link}"), "");
    let page = stage.http.get(&link).send().await?;
    let status = page.status();
    let html = page.text().await?;
    script.answer(status, &format!("a page of {} bytes", html.len()));
    ensure!(html.contains("demoshop@torana"), "the page does not show the VPA");
    simulate(stage, script, "334546", "succeed_sms_first").await?;
    stage.told(script).await?;

    script.step("The shop pays 150 rupees out");
    let payout = json!({
        "method": "upi", "reference": "payout-1", "currency": "INR", "amount": "150", "description": "Winnings",
        "upi": { "account": "name@handle" }, "customer": { "identifier": "12345" },
        "callback_url": stage.merchant.url("/webhook"),
    });
    let (_, made) = call(stage, script, Method::POST, "/v1/payout", &payout).await?;
    ensure!(text(&made, "/status/name")? == "pending", "the payout is {made}");

    script.step("And 1000 more, which were never earned");
    let mut more = payout.clone();
    if let Some(fields) = more.as_object_mut() {
        fields.insert("reference".to_owned(), "payout-2".into());
        fields.insert("amount".to_owned(), "1000".into());
    }
    let (status, refused) = call(stage, script, Method::POST, "/v1/payout", &more).await?;
    ensure!(status == StatusCode::BAD_REQUEST, "it was answered {refused}");

    script.step("The merchant sends the 150 rupees");
    simulate(stage, script, "payout-1", "succeed").await?;
    let told = stage.told(script).await?;
    ensure!(told.contains("payout-1") && told.contains("\"success\""), "the callback says {told}");
    Ok(())
}

fn order(stage: &Stage, reference: &str) -> Value {
    json!({
        "method": "upi", "reference": reference, "currency": "INR", "amount": "200", "description": "My order",
        "customer": {
            "identifier": "12345", "email": "user@example.com", "phone": "913324627351", "first_name": "Darth",
            "last_name": "Vader", "country": "IN", "city": "Hansi", "address": "Shri Syam Mandir Near",
            "state_code": "12", "zip_code": "125042",
        },
        "callback_url": stage.merchant.url("/webhook"), "redirect_url": stage.merchant.url("/success"),
    })
}
