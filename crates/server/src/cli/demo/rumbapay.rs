//! The demo's purchases through the Rumbapay API, in both countries.

mod bulgaria;
mod india;

use anyhow::ensure;
use http::{Method, StatusCode, header};
use serde_json::Value;

use super::script::Script;
use super::stage::Stage;
use crate::secrets::{hex, hmac_sha256};

/// One chapter a country.
pub(super) async fn play(stage: &Stage, script: &mut Script) -> anyhow::Result<()> {
    india::play(stage, script).await?;
    bulgaria::play(stage, script).await
}

/// A signed request; the answer's signature is checked as a client would.
pub(super) async fn call(
    stage: &Stage,
    script: &Script,
    method: Method,
    path: &str,
    body: &Value,
) -> anyhow::Result<(StatusCode, Value)> {
    let keys = &stage.brand.rumbapay;
    let sign = |body: &str| {
        hex(&hmac_sha256(keys.password.as_bytes(), &[keys.login.as_bytes(), body.as_bytes()]))
    };
    let body = if body.is_null() { String::new() } else { body.to_string() };
    script.request(&format!("{method} {path} (access-token: …, signature: …)"), &body);
    let request = stage
        .http
        .request(method, format!("{}{path}", stage.base))
        .header("access-token", hex(&hmac_sha256(keys.key.as_bytes(), &[keys.login.as_bytes()])))
        .header("signature", sign(&body))
        .header(header::CONTENT_TYPE, "application/json")
        .body(body);
    let response = request.send().await?;
    let status = response.status();
    let signature = response.headers().get("signature").and_then(|value| value.to_str().ok());
    let signature = signature.unwrap_or_default().to_owned();
    let answer = response.text().await?;
    script.answer(status, &answer);
    ensure!(signature == sign(&answer), "the answer is not signed");
    Ok((status, serde_json::from_str(&answer)?))
}
