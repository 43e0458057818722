//! Test mode's levers.

use serde_json::{Value, json};

use super::answer::{Answer, send};

/// See the module.
#[derive(Clone)]
pub struct Sandbox {
    base: String,
    http: reqwest::Client,
    token: String,
}

impl Sandbox {
    pub fn new(base: &str, http: &reqwest::Client, token: &str) -> Self {
        Self { base: base.to_owned(), http: http.clone(), token: token.to_owned() }
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.http.post(format!("{}{path}", self.base));
        let request = request.bearer_auth(&self.token).header("Content-Type", "application/json");
        send(request.body(body.to_string())).await
    }

    /// Makes an outcome happen; what became of the payment.
    pub async fn simulate(&self, payment: &str, outcome: &str) -> Value {
        let body = json!({"payment": payment, "outcome": outcome});
        self.post("/sandbox/simulate", &body).await.expect(200).json()
    }

    /// Moves the brand's clock.
    pub async fn advance(&self, seconds: i64) -> Value {
        self.post("/sandbox/clock", &json!({"advance_s": seconds})).await.expect(200).json()
    }
}
