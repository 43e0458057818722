//! Bulgaria: ePay.bg by its own protocol, from the payer's form to the site's notification, and cash at EasyPay.

use anyhow::{Context as _, ensure};
use http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::super::script::Script;
use super::super::stage::{Stage, field, simulate, text};
use super::call;

/// Create, pay at the site, callback, ask; another in cash; one that is denied.
pub(super) async fn play(stage: &Stage, script: &mut Script) -> anyhow::Result<()> {
    script.chapter("Rumbapay, Bulgaria");
    script.step("The shop asks for 25.01 euro over ePay.bg");
    let made = create(stage, script, "bg-1").await?;
    let id = text(&made, "/request_id")?;
    let link = text(&made, "/challenge/challenge_redirect/url")?;

    script.step("The payer opens the page and chooses to pay by card");
    script.request(&format!("GET {link}"), "");
    let response = stage.http.get(&link).send().await?;
    let (status, page) = (response.status(), response.text().await?);
    script.answer(status, &format!("a page of {} bytes", page.len()));
    ensure!(page.contains("ePay.bg"), "the page does not offer ePay.bg");
    let checkout = attribute(&page, "<form class=\"ways\" method=\"post\" action=\"")?;
    let handoff = post(stage, script, &checkout, &[("method", "epay"), ("way", "card")]).await?;

    script.step("The browser carries the sealed request to ePay.bg, here the simulated one");
    let fields = ["PAGE", "LANG", "ENCODED", "CHECKSUM", "URL_OK", "URL_CANCEL"];
    let mut form = vec![];
    for name in fields {
        form.push((name, attribute(&handoff, &format!("name=\"{name}\" value=\""))?));
    }
    let action = attribute(&handoff, "<form method=\"post\" action=\"")?;
    let action = action.strip_prefix(&stage.base).unwrap_or(&action).to_owned();
    let form: Vec<(&str, &str)> =
        form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let site = post(stage, script, &action, &form).await?;

    script.step("The payer pays there; ePay.bg tells the server, and leads back");
    let pay = attribute(&site, "<form class=\"card screen\" method=\"post\" action=\"")?;
    let mut decided = form;
    decided.push(("outcome", "pay"));
    post(stage, script, &pay, &decided).await?;

    script.step("The shop's server is told");
    let told = stage.told(script).await?;
    ensure!(told.contains(&id) && told.contains("\"success\""), "the callback says {told}");

    script.step("Another payer takes a code to a desk of EasyPay, and pays in cash");
    let made = create(stage, script, "bg-2").await?;
    let id = text(&made, "/request_id")?;
    let link = text(&made, "/challenge/challenge_redirect/url")?;
    let page = stage.http.get(&link).send().await?.text().await?;
    let checkout = attribute(&page, "<form class=\"ways\" method=\"post\" action=\"")?;
    post(stage, script, &checkout, &[("method", "epay"), ("way", "cash")]).await?;
    let page = stage.http.get(&link).send().await?.text().await?;
    let desk = attribute(&page, "<p class=\"sandbox\"><a href=\"")?;
    script.request(&format!("GET {desk}"), "");
    let paid = stage.http.get(format!("{}{desk}", stage.base)).send().await?;
    script.answer(paid.status(), paid.text().await?.trim());
    let told = stage.told(script).await?;
    ensure!(told.contains(&id) && told.contains("\"success\""), "the callback says {told}");

    script.step("A third is denied");
    create(stage, script, "bg-3").await?;
    let denied = simulate(stage, script, "bg-3", "decline").await?;
    ensure!(field(&denied, "state") == "declined", "the payment is {}", field(&denied, "state"));
    let told = stage.told(script).await?;
    ensure!(told.contains("bg-3") && told.contains("\"declined\""), "the callback says {told}");
    Ok(())
}

async fn create(stage: &Stage, script: &mut Script, reference: &str) -> anyhow::Result<Value> {
    let order = json!({
        "reference": reference, "currency": "EUR", "amount": 25.01, "description": "My order",
        "widget": { "method": "epay", "locale": "en" },
        "customer": {
            "identifier": "1111-1111-2211-2211", "email": "ivan@example.com", "first_name": "Ivan",
            "last_name": "Petrov", "country": "BG",
        },
        "callback_url": stage.merchant.url("/webhook"), "redirect_url": stage.merchant.url("/success"),
    });
    let (status, made) = call(stage, script, Method::POST, "/v1/payment", &order).await?;
    ensure!(status == StatusCode::OK && field(&made, "error_code") == 0, "it was answered {made}");
    Ok(made)
}

/// A browser posts a form; what it then shows.
async fn post(
    stage: &Stage,
    script: &mut Script,
    path: &str,
    form: &[(&str, &str)],
) -> anyhow::Result<String> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    script.request(&format!("POST {path}"), &body);
    let request = stage
        .http
        .post(format!("{}{path}", stage.base))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let response = request.body(body).send().await?;
    let status = response.status();
    let page = response.text().await?;
    script.answer(status, &format!("a page of {} bytes", page.len()));
    ensure!(status.is_success() || status.is_redirection(), "the server answered {status}");
    Ok(page)
}

/// What stands behind a beginning, up to the next quotation mark.
fn attribute(html: &str, beginning: &str) -> anyhow::Result<String> {
    let found = html.split_once(beginning).and_then(|(_, rest)| rest.split_once('"'));
    let (value, _) = found.with_context(|| format!("no {beginning} on the page"))?;
    Ok(value.replace("&#38;", "&").replace("&amp;", "&"))
}
