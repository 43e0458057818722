//! A shop that uses Rumbapay's API. Written after the provider's page, not by the product's own code.

use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::world::{Answer, Delivery, Payer, World, send};

/// See the module.
#[derive(Clone)]
pub struct RumbapayShop {
    base: String,
    http: reqwest::Client,
    pub login: String,
    pub key: String,
    pub password: String,
    pub callback_url: String,
    pub redirect_url: String,
}

fn hmac_hex(key: &str, message: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl RumbapayShop {
    pub fn of(world: &World) -> Self {
        let of = |name: &str| world.brand.printed["rumbapay"][name].as_str().unwrap().to_owned();
        Self {
            base: world.server.base.clone(),
            http: world.http.clone(),
            login: of("login"),
            key: of("key"),
            password: of("password"),
            callback_url: world.merchant.url("/callback"),
            redirect_url: world.merchant.url("/done?order=7"),
        }
    }

    pub fn access_token(&self) -> String {
        hmac_hex(&self.key, self.login.as_bytes())
    }

    pub fn signature(&self, body: &str) -> String {
        hmac_hex(&self.password, format!("{}{body}", self.login).as_bytes())
    }

    /// Any request, signed.
    pub async fn call(&self, method: Method, path: &str, body: &str) -> Answer {
        let answer = self.call_signed(method, path, body, Some(&self.signature(body))).await;
        assert_eq!(answer.header("signature"), self.signature(&answer.body), "{answer:?}");
        answer
    }

    /// The same under any signature; the answer's is not looked at.
    pub async fn call_signed(
        &self,
        method: Method,
        path: &str,
        body: &str,
        signature: Option<&str>,
    ) -> Answer {
        let request = self.http.request(method, format!("{}{path}", self.base));
        let mut request = request.header("access-token", self.access_token());
        request = request.header("Content-Type", "application/json");
        if let Some(signature) = signature {
            request = request.header("signature", signature);
        }
        send(request.body(body.to_owned())).await
    }

    /// The UPI page's own customer.
    pub fn customer() -> Value {
        json!({
            "identifier": "12345", "email": "user@example.com", "phone": "913324627351",
            "first_name": "Darth", "last_name": "Vader", "middle_name": "Skywalker", "country": "IN",
            "city": "Hansi", "address": "Shri Syam Mandir Near", "state_code": "12", "zip_code": "125042",
            "itn": "22*******99", "birthday": "2006-01-02", "ip": "192.168.0.1", "gender": "female",
        })
    }

    /// The UPI page's request, server to server.
    pub fn h2h(&self, reference: &str, amount: &str) -> Value {
        json!({
            "method": "upi", "reference": reference, "currency": "INR", "amount": amount,
            "description": "My order", "customer": Self::customer(), "callback_url": self.callback_url,
            "redirect_url": self.redirect_url, "cancel_url": "cancel_url",
            "extra": [{"key_1": "value"}, {"key_2": "value"}],
        })
    }

    /// The same for the hosted page.
    pub fn hpp(&self, reference: &str, amount: &str) -> Value {
        let mut body = self.h2h(reference, amount);
        let fields = body.as_object_mut().unwrap();
        fields.remove("method");
        fields.insert("widget".into(), json!({"method": "upi", "locale": "hi"}));
        body
    }

    pub async fn create(&self, body: &Value) -> Value {
        self.call(Method::POST, "/v1/payment", &body.to_string()).await.expect(200).json()
    }

    pub async fn transaction(&self, request_id: &str) -> Value {
        let path = format!("/v1/transaction/{request_id}");
        self.call(Method::GET, &path, "").await.expect(200).json()
    }

    pub async fn state(&self, request_id: &str) -> String {
        self.transaction(request_id).await["status"]["name"].as_str().unwrap().to_owned()
    }

    /// A callback's body, if its signature is right.
    pub fn told(&self, delivery: &Delivery) -> Value {
        let body = String::from_utf8(delivery.body.clone()).unwrap();
        assert_eq!(delivery.header("signature"), self.signature(&body));
        delivery.json()
    }

    /// The payer, by the link of the answer.
    pub async fn payer(&self, world: &World, link: &str) -> Payer {
        let page = send(world.http.get(link)).await.expect(200).body;
        let (_, after) = page.split_once("/checkout/").unwrap();
        Payer::new(&self.base, &self.http, &after[..32])
    }
}

pub fn text(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no {pointer} in {value}"))
        .to_owned()
}
