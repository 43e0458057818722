//! A shop that uses the RupantorPay API.

use serde_json::{Value, json};

use super::UNAVAILABLE;
use super::answer::{Answer, send, try_send};
use super::merchant::Merchant;

pub const CHECKOUT: &str = "/api/payment/checkout";
pub const VERIFY: &str = "/api/payment/verify-payment";

/// See the module.
#[derive(Clone)]
pub struct Shop {
    base: String,
    http: reqwest::Client,
    key: String,
    pub success_url: String,
    pub cancel_url: String,
    pub webhook_url: String,
}

/// A payment that was made.
#[derive(Clone, Debug)]
pub struct Made {
    pub link: String,
    /// 32 hexadecimal digits.
    pub id: String,
    pub transaction_id: String,
}

impl Shop {
    pub fn new(base: &str, http: &reqwest::Client, key: &str, merchant: &Merchant) -> Self {
        Self {
            base: base.to_owned(),
            http: http.clone(),
            key: key.to_owned(),
            success_url: merchant.url("/success"),
            cancel_url: merchant.url("/cancel"),
            webhook_url: merchant.url("/webhook"),
        }
    }

    /// The same shop, told on another path of the merchant's server.
    pub fn told_at(mut self, url: String) -> Self {
        self.webhook_url = url;
        self
    }

    /// A complete order, as the seed's table has it.
    pub fn order(&self, amount: &str) -> Value {
        json!({
            "fullname": "John Doe",
            "email": "john@gmail.com",
            "amount": amount,
            "success_url": self.success_url,
            "cancel_url": self.cancel_url,
            "webhook_url": self.webhook_url,
            "meta_data": {"order_id": "12345", "product": "Premium"},
        })
    }

    /// POST of JSON with the key.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_as(path, "application/json", body.to_string()).await
    }

    pub async fn post_as(&self, path: &str, kind: &str, body: impl Into<reqwest::Body>) -> Answer {
        send(self.post_request(path, kind, body)).await
    }

    pub fn post_request(
        &self,
        path: &str,
        kind: &str,
        body: impl Into<reqwest::Body>,
    ) -> reqwest::RequestBuilder {
        self.http
            .post(format!("{}{path}", self.base))
            .header("X-API-KEY", &self.key)
            .header("Content-Type", kind)
            .body(body)
    }

    /// GET with the key.
    pub async fn get(&self, path_and_query: &str) -> Answer {
        let url = format!("{}{path_and_query}", self.base);
        send(self.http.get(url).header("X-API-KEY", &self.key)).await
    }

    /// Makes a payment of so many taka.
    pub async fn create(&self, amount: &str) -> Made {
        self.create_with(&self.order(amount)).await
    }

    pub async fn create_with(&self, order: &Value) -> Made {
        Made::of(&self.post(CHECKOUT, order).await.expect(200))
    }

    /// [`Shop::create`] of a server that may be gone, or whose database may be.
    #[allow(dead_code)] // Only tests/kill and tests/ha meet such a server.
    pub async fn try_create(&self, amount: &str) -> Option<Made> {
        let order = self.order(amount).to_string();
        let answer = try_send(self.post_request(CHECKOUT, "application/json", order)).await.ok()?;
        if answer.status == UNAVAILABLE {
            return None;
        }
        Some(Made::of(&answer.expect(200)))
    }

    /// Verify's answer about a payment; panics unless it is known.
    pub async fn verify(&self, payment: &Made) -> Value {
        let body = json!({"transaction_id": payment.transaction_id});
        self.post(VERIFY, &body).await.expect(200).json()
    }

    /// The word with which verify tells the state.
    pub async fn state(&self, payment: &Made) -> String {
        self.verify(payment).await["status"].as_str().unwrap().to_owned()
    }
}

impl Made {
    /// From the answer to create.
    pub fn of(answer: &Answer) -> Self {
        let body = answer.json();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let link = text("payment_url");
        let id = link.rsplit('/').next().unwrap_or_default().to_owned();
        let is_hex = id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        assert!(id.len() == 32 && is_hex, "no payment link: {body}");
        Self { link, id, transaction_id: text("transaction_id") }
    }
}
