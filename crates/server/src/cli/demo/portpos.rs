//! The demo's purchases through the PortPos API: version 1 with a refund and a chargeback, then version 2.

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, StatusCode, header};
use md5::{Digest as _, Md5};
use serde_json::{Value, json};

use super::script::Script;
use super::stage::{Stage, field, go_back, read, simulate, text};
use crate::clock;
use crate::secrets::hex;

/// Invoice, page, pay, IPN, validate, redirect, refunds, chargeback; then version 2, with a cancellation.
pub(super) async fn play(stage: &Stage, script: &mut Script) -> anyhow::Result<()> {
    script.chapter("PortPos, version 1");
    script.step("The shop makes an invoice of 100 taka");
    let (redirect, ipn) =
        (stage.merchant.url("/success?order_id=7"), stage.merchant.url("/webhook"));
    let order = [
        ("amount", "100"),
        ("currency", "BDT"),
        ("product_name", "Polo T-shirt"),
        ("product_description", "1x Polo T-shirt with shipping and handling"),
        ("name", "Robbie Amell"),
        ("email", "robbie@example.com"),
        ("phone", "+880123456789"),
        ("address", "House 1, Road1, Gulshan 1"),
        ("city", "Dhaka"),
        ("state", "Dhaka"),
        ("zipcode", "1212"),
        ("country", "BD"),
        ("redirect_url", &redirect),
        ("ipn_url", &ipn),
    ];
    let made = call(stage, script, "gen_invoice", &order).await?;
    ensure!(field(&made, "status") == 200, "the invoice was not made");
    let invoice = text(&made, "/data/invoice_id")?;

    script.step("The payer opens the provider's link");
    let page = open(stage, script, &invoice).await?;

    script.step("Before the payer has paid, the shop asks");
    let about = [("amount", "100.00"), ("invoice", invoice.as_str())];
    let pending = call(stage, script, "ipn_validate", &about).await?;
    ensure!(field(&pending, "status") == 100, "an unpaid invoice is {}", field(&pending, "status"));

    script.step("The simulated payer sends 100 taka by bKash and types the TrxID");
    let paid = simulate(stage, script, &invoice, "succeed").await?;
    ensure!(field(&paid, "state") == "succeeded", "the payment is {}", field(&paid, "state"));

    script.step("The shop's server is told (IPN)");
    let told = stage.told(script).await?;
    ensure!(told.contains(&invoice) && told.contains("status=ACCEPTED"), "the IPN says {told}");

    script.step("The shop validates");
    let valid = call(stage, script, "ipn_validate", &about).await?;
    ensure!(field(&valid, "status") == 200, "a paid invoice is {}", field(&valid, "status"));

    script.step("The payer's browser goes back to the shop");
    let back = go_back(stage, script, &page).await?;
    ensure!(back.contains("order_id=7&invoice=") && back.contains("status=ACCEPTED"), "{back}");

    script.step("The shop refunds 81 taka");
    let part = [("invoice", invoice.as_str()), ("amount", "81.00")];
    let refund = call(stage, script, "refund_request", &part).await?;
    ensure!(field(&refund, "status") == 210, "the refund is {}", field(&refund, "status"));

    script.step("And 20 more, which is too much");
    let rest = [("invoice", invoice.as_str()), ("amount", "20.00")];
    let refused = call(stage, script, "refund_request", &rest).await?;
    let message = "Refund amount exceeded. Refundable amount is 19.00";
    ensure!(field(&refused, "message") == message, "it was answered {refused}");

    script.step("The merchant sends the 81 taka with the wallet app; the phone hears of it, and the refund is done");
    simulate(stage, script, &invoice, "refund").await?;
    let told = stage.told(script).await?;
    ensure!(told.contains("status=PARTIALLY_REFUNDED"), "the IPN says {told}");

    script.step("The payer's issuer takes money back");
    simulate(stage, script, &invoice, "chargeback").await?;
    let taken = call(stage, script, "get_invoice", &[("invoice", &invoice)]).await?;
    ensure!(field(&taken, "status") == 240, "the invoice is {}", field(&taken, "status"));

    play_v2(stage, script).await
}

async fn play_v2(stage: &Stage, script: &mut Script) -> anyhow::Result<()> {
    script.chapter("PortPos, version 2");
    script.step("The shop makes an invoice");
    let order = json!({
        "order": {
            "amount": 250.5, "currency": "BDT", "reference": "ABC123", "validity": 900,
            "redirect_url": stage.merchant.url("/success"), "ipn_url": stage.merchant.url("/webhook"),
        },
        "product": { "name": "x Polo T-shirt", "description": "x Polo T-shirt with shipping" },
        "billing": { "customer": {
            "name": "Robbie Amell", "email": "robbie@example.com", "phone": "801234567893",
            "address": {
                "street": "House 1, Road1", "city": "Dhaka", "state": "Dhaka", "zipcode": "1212", "country": "BD",
            },
        } },
    });
    let (status, made) = v2(stage, script, Method::POST, "/invoice", &order).await?;
    ensure!(status == StatusCode::CREATED, "the invoice was not made");
    let invoice = text(&made, "/data/invoice_id")?;
    ensure!(text(&made, "/data/action/url")?.ends_with(&invoice), "the link is of another invoice");

    script.step("The payer pays, and the shop's server is told");
    simulate(stage, script, &invoice, "succeed_sms_first").await?;
    let told = stage.told(script).await?;
    ensure!(told.contains("status=ACCEPTED"), "the IPN says {told}");

    script.step("The shop asks back");
    let path = format!("/invoice/ipn/{invoice}/250.5");
    let (_, valid) = v2(stage, script, Method::GET, &path, &Value::Null).await?;
    let word = text(&valid, "/data/transactions/0/status")?;
    ensure!(word == "ACCEPTED", "the invoice is {word}");

    script.step("It refunds all of it");
    let body = json!({ "refund": { "amount": "250.50", "reference": "R-1" } });
    let path = format!("/invoice/refund/{invoice}");
    let (status, _) = v2(stage, script, Method::POST, &path, &body).await?;
    ensure!(status == StatusCode::ACCEPTED, "the refund was not taken");
    simulate(stage, script, &invoice, "refund").await?;
    let told = stage.told(script).await?;
    ensure!(told.contains("status=REFUNDED"), "the IPN says {told}");

    script.step("Another invoice is cancelled by the shop");
    let (_, other) = v2(stage, script, Method::POST, "/invoice", &order).await?;
    let path = format!("/invoice/cancel/{}", text(&other, "/data/invoice_id")?);
    let (status, _) = v2(stage, script, Method::POST, &path, &Value::Null).await?;
    ensure!(status == StatusCode::ACCEPTED, "the invoice was not cancelled");
    Ok(())
}

/// `md5(secret_key . timestamp)`.
fn token(stage: &Stage, now: i64) -> String {
    let secret = &stage.brand.portpos.secret_key;
    let digest = Md5::new().chain_update(secret).chain_update(now.to_string()).finalize();
    hex(&digest)
}

/// A call of version 1.
async fn call(
    stage: &Stage,
    script: &Script,
    call: &str,
    fields: &[(&str, &str)],
) -> anyhow::Result<Value> {
    let now = clock::now().as_s();
    let shown = form_urlencoded::Serializer::new(String::new())
        .append_pair("call", call)
        .extend_pairs(fields)
        .finish();
    script.request("POST /api/v1/ (with app_key, timestamp and token)", &shown);
    let body = form_urlencoded::Serializer::new(shown)
        .append_pair("app_key", &stage.brand.portpos.app_key)
        .append_pair("timestamp", &now.to_string())
        .append_pair("token", &token(stage, now))
        .finish();
    let request = stage
        .http
        .post(format!("{}/api/v1/", stage.base))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(body);
    let (status, answer) = read(request).await?;
    script.answer(status, &answer.to_string());
    ensure!(status == StatusCode::OK, "version 1 always answers 200");
    Ok(answer)
}

/// A request of version 2.
async fn v2(
    stage: &Stage,
    script: &Script,
    method: Method,
    path: &str,
    body: &Value,
) -> anyhow::Result<(StatusCode, Value)> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    script.request(&format!("{method} /payment/v2{path} (Authorization: Bearer …)"), &body);
    let keys = &stage.brand.portpos;
    let bearer = STANDARD.encode(format!("{}:{}", keys.app_key, token(stage, clock::now().as_s())));
    let request = stage
        .http
        .request(method, format!("{}/payment/v2{path}", stage.base))
        .bearer_auth(bearer)
        .header(header::CONTENT_TYPE, "application/json")
        .body(body);
    let (status, answer) = read(request).await?;
    script.answer(status, &answer.to_string());
    Ok((status, answer))
}

/// Opens the payer's page; the link under which Torana knows it.
async fn open(stage: &Stage, script: &Script, invoice: &str) -> anyhow::Result<String> {
    let link = format!("{}/payment/?invoice={invoice}", stage.base);
    script.request(&format!("GET {link}"), "");
    let page = stage.http.get(&link).send().await?;
    let status = page.status();
    let html = page.text().await?;
    script.answer(status, &format!("a page of {} bytes", html.len()));
    ensure!(
        status == StatusCode::OK && html.contains("Demo Tea House"),
        "the page does not show the shop"
    );
    // Some shops send their payers by an empty form: it leads to the page too.
    let posted = stage.http.post(&link).send().await?;
    let location = posted.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    Ok(location.context("the form leads nowhere")?.to_owned())
}
