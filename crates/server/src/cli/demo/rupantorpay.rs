//! The demo's purchase through the RupantorPay API.

use anyhow::{Context as _, ensure};
use http::{StatusCode, header};
use serde_json::{Value, json};

use super::script::Script;
use super::stage::{Stage, field, go_back, read, simulate};

/// Create, look, pay, be told, verify; then a payment that is cancelled.
pub(super) async fn play(stage: &Stage, script: &mut Script) -> anyhow::Result<()> {
    script.chapter("RupantorPay");
    let paid = create(stage, script, "900", "The shop asks for 900 taka").await?;

    script.step("The payer opens the link");
    script.request(&format!("GET {}", paid.link), "");
    let page = stage.http.get(&paid.link).send().await?;
    let status = page.status();
    let html = page.text().await?;
    script.answer(status, &format!("a page of {} bytes", html.len()));
    ensure!(
        status == StatusCode::OK && html.contains("Demo Tea House"),
        "the page does not show the shop"
    );

    script.step("Before the payer has paid, the shop asks");
    let before = verify(stage, script, &paid.transaction_id).await?;
    ensure!(
        field(&before, "status") == "PENDING",
        "an unpaid payment verifies as {}",
        field(&before, "status")
    );

    script.step("The simulated payer sends 900 taka by bKash and types the TrxID; the shop's phone hears of it");
    let outcome = simulate(stage, script, &paid.link, "succeed").await?;
    ensure!(field(&outcome, "state") == "succeeded", "the payment is {}", field(&outcome, "state"));

    script.step("The shop's server is told");
    let told = stage.told(script).await?;
    ensure!(
        told.contains(&paid.transaction_id) && told.contains("status=COMPLETED"),
        "the callback does not say that the payment is complete"
    );

    script.step("The shop verifies");
    let after = verify(stage, script, &paid.transaction_id).await?;
    ensure!(
        field(&after, "status") == "COMPLETED",
        "a paid payment verifies as {}",
        field(&after, "status")
    );
    ensure!(field(&after, "trx_id") == field(&outcome, "reference"), "the TrxID is another one");
    ensure!(field(&after, "amount") == "900.000", "the amount is {}", field(&after, "amount"));

    script.step("The payer's browser goes back to the shop");
    let back = go_back(stage, script, &paid.link).await?;
    ensure!(back.starts_with(&stage.merchant.url("/success")), "the payer lands on {back}");
    ensure!(back.contains("status=COMPLETED"), "the shop is not told that it is complete");

    let cancelled = create(stage, script, "10.50", "Another payer, 10.50 taka").await?;
    script.step("This payer gives up");
    simulate(stage, script, &cancelled.link, "cancel").await?;
    let back = go_back(stage, script, &cancelled.link).await?;
    ensure!(back.starts_with(&stage.merchant.url("/cancel")), "the payer lands on {back}");
    let after = verify(stage, script, &cancelled.transaction_id).await?;
    ensure!(
        field(&after, "status") == "ERROR",
        "a cancelled payment verifies as {}",
        field(&after, "status")
    );
    Ok(())
}

/// A payment that is left open; its link.
pub(super) async fn open_payment(stage: &Stage) -> anyhow::Result<String> {
    let (_, answer) = post(stage, "/api/payment/checkout", &order(stage, "120")).await?;
    Ok(field(&answer, "payment_url").as_str().context("no payment_url")?.to_owned())
}

struct Created {
    link: String,
    transaction_id: String,
}

fn order(stage: &Stage, amount: &str) -> Value {
    json!({
        "fullname": "John Doe",
        "email": "john@gmail.com",
        "amount": amount,
        "success_url": stage.merchant.url("/success"),
        "cancel_url": stage.merchant.url("/cancel"),
        "webhook_url": stage.merchant.url("/webhook"),
        "meta_data": { "order_id": "12345", "product": "Premium" },
    })
}

async fn create(
    stage: &Stage,
    script: &mut Script,
    amount: &str,
    title: &str,
) -> anyhow::Result<Created> {
    script.step(title);
    let order = order(stage, amount);
    script.request("POST /api/payment/checkout (X-API-KEY: the brand's key)", &order.to_string());
    let (status, answer) = post(stage, "/api/payment/checkout", &order).await?;
    script.answer(status, &answer.to_string());
    ensure!(
        status == StatusCode::OK && field(&answer, "status") == true,
        "the payment was not made"
    );
    let text = |name: &str| field(&answer, name).as_str().map(str::to_owned);
    Ok(Created {
        link: text("payment_url").context("no payment_url")?,
        transaction_id: text("transaction_id").context("no transaction_id")?,
    })
}

async fn verify(stage: &Stage, script: &Script, transaction_id: &str) -> anyhow::Result<Value> {
    let body = json!({ "transaction_id": transaction_id });
    script.request("POST /api/payment/verify-payment", &body.to_string());
    let (status, answer) = post(stage, "/api/payment/verify-payment", &body).await?;
    script.answer(status, &answer.to_string());
    Ok(answer)
}

async fn post(stage: &Stage, path: &str, body: &Value) -> anyhow::Result<(StatusCode, Value)> {
    let request = stage
        .http
        .post(format!("{}{path}", stage.base))
        .header("X-API-KEY", &stage.brand.rupantorpay.api_key)
        .header(header::CONTENT_TYPE, "application/json")
        .body(body.to_string());
    read(request).await
}
