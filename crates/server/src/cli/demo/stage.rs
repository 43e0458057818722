//! What every chapter of the demo uses: the server, the shop, and test mode's levers.

use anyhow::{Context as _, bail, ensure};
use http::{StatusCode, header};
use serde_json::{Value, json};

use super::merchant::Merchant;
use super::script::Script;
use crate::provision::NewBrand;

/// What the steps of every API need.
pub(super) struct Stage {
    pub(super) base: String,
    pub(super) brand: NewBrand,
    pub(super) merchant: Merchant,
    pub(super) http: reqwest::Client,
}

impl Stage {
    /// The next message to the shop's server, printed as it came; it must be signed.
    pub(super) async fn told(&self, script: &Script) -> anyhow::Result<String> {
        let told = self.merchant.told().await?;
        let content_type = told.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
        let head =
            format!("POST {} ({})", self.merchant.url("/webhook"), content_type.unwrap_or(""));
        script.request(&head, &told.body);
        ensure!(told.headers.contains_key("webhook-signature"), "the callback is not signed");
        Ok(told.body)
    }
}

/// Makes an outcome happen to a payment, by whatever id or link its API gave.
pub(super) async fn simulate(
    stage: &Stage,
    script: &Script,
    link: &str,
    outcome: &str,
) -> anyhow::Result<Value> {
    let id = link.rsplit('/').next().unwrap_or_default();
    let body = json!({ "payment": id, "outcome": outcome });
    script.request("POST /sandbox/simulate", &body.to_string());
    let request = stage
        .http
        .post(format!("{}/sandbox/simulate", stage.base))
        .bearer_auth(&stage.brand.sandbox.token)
        .body(body.to_string());
    let (status, answer) = read(request).await?;
    script.answer(status, &answer.to_string());
    ensure!(status == StatusCode::OK, "the sandbox refused");
    Ok(answer)
}

/// Sends, and reads the answer as JSON.
pub(super) async fn read(request: reqwest::RequestBuilder) -> anyhow::Result<(StatusCode, Value)> {
    let response = request.send().await?;
    let status = response.status();
    let body = response.text().await?;
    let Ok(answer) = serde_json::from_str(&body) else {
        bail!("{status} and no JSON: {body}");
    };
    Ok((status, answer))
}

/// Where the payer's browser goes when it leaves the page.
pub(super) async fn go_back(stage: &Stage, script: &Script, link: &str) -> anyhow::Result<String> {
    let id = link.rsplit('/').next().unwrap_or_default();
    let url = format!("{}/checkout/{id}/return", stage.base);
    script.request(&format!("GET {url}"), "");
    let response = stage.http.get(url).send().await?;
    let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    let location = location.context("no redirect")?.to_owned();
    script.answer(response.status(), &format!("Location: {location}"));
    Ok(location)
}

/// A member of an answer; null where it is missing.
pub(super) fn field<'a>(answer: &'a Value, name: &str) -> &'a Value {
    answer.get(name).unwrap_or(&Value::Null)
}

/// A text in an answer; an error where it is missing.
pub(super) fn text(answer: &Value, pointer: &str) -> anyhow::Result<String> {
    let text = answer.pointer(pointer).and_then(Value::as_str);
    Ok(text.with_context(|| format!("no {pointer} in {answer}"))?.to_owned())
}
