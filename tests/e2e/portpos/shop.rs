//! A shop that uses PortPos's API, both versions. Written after the provider's page, not by the product's own code.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Brand, Payer, World, send};

/// See the module.
#[derive(Clone)]
pub struct PortPosShop {
    base: String,
    http: reqwest::Client,
    pub app_key: String,
    pub secret_key: String,
    pub redirect_url: String,
    pub ipn_url: String,
}

/// The pairs of a form.
pub type Pairs<'a> = [(&'a str, &'a str)];

impl PortPosShop {
    pub fn of(world: &World) -> Self {
        Self::of_brand(world, &world.brand)
    }

    pub fn of_brand(world: &World, brand: &Brand) -> Self {
        let key = |name: &str| brand.printed["portpos"][name].as_str().unwrap().to_owned();
        Self {
            base: world.server.base.clone(),
            http: world.http.clone(),
            app_key: key("app_key"),
            secret_key: key("secret_key"),
            redirect_url: world.merchant.url("/done?order_id=7"),
            ipn_url: world.merchant.url("/ipn?key=1"),
        }
    }

    /// `md5(secret_key . timestamp)`.
    pub fn token(&self, timestamp: i64) -> String {
        let digest = Md5::new()
            .chain_update(&self.secret_key)
            .chain_update(timestamp.to_string())
            .finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A form with the key, the time and the token.
    pub fn form(&self, call: &str, fields: &Pairs<'_>) -> String {
        self.form_of(jiff::Timestamp::now().as_second(), call, fields)
    }

    /// The same as if it was made at another time.
    pub fn form_of(&self, now: i64, call: &str, fields: &Pairs<'_>) -> String {
        form_urlencoded::Serializer::new(String::new())
            .append_pair("app_key", &self.app_key)
            .append_pair("timestamp", &now.to_string())
            .append_pair("token", &self.token(now))
            .append_pair("call", call)
            .extend_pairs(fields)
            .finish()
    }

    /// A v1 call, whose HTTP status is always 200.
    pub async fn call(&self, call: &str, fields: &Pairs<'_>) -> Value {
        self.post_form("/api/v1/", self.form(call, fields)).await.expect(200).json()
    }

    pub async fn post_form(&self, path: &str, body: String) -> Answer {
        let request = self.http.post(format!("{}{path}", self.base));
        send(request.header("Content-Type", "application/x-www-form-urlencoded").body(body)).await
    }

    /// The seed's invoice, of so much.
    pub fn invoice<'a>(&'a self, amount: &'a str) -> Vec<(&'a str, &'a str)> {
        vec![
            ("amount", amount),
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
            ("redirect_url", &self.redirect_url),
            ("ipn_url", &self.ipn_url),
        ]
    }

    /// Makes an invoice with v1; its id.
    pub async fn gen_invoice(&self, amount: &str) -> String {
        let answer = self.call("gen_invoice", &self.invoice(amount)).await;
        assert_eq!(answer["status"], 200, "{answer}");
        answer["data"]["invoice_id"].as_str().unwrap().to_owned()
    }

    pub async fn validate(&self, invoice: &str, amount: &str) -> Value {
        self.call("ipn_validate", &[("amount", amount), ("invoice", invoice)]).await
    }

    pub async fn get_invoice(&self, invoice: &str) -> Value {
        self.call("get_invoice", &[("invoice", invoice)]).await
    }

    pub async fn refund(&self, invoice: &str, amount: &str) -> Value {
        self.call("refund_request", &[("invoice", invoice), ("amount", amount)]).await
    }

    /// `Bearer` of a time.
    pub fn bearer(&self, timestamp: i64) -> String {
        STANDARD.encode(format!("{}:{}", self.app_key, self.token(timestamp)))
    }

    /// A v2 request.
    pub async fn v2(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let bearer = self.bearer(jiff::Timestamp::now().as_second());
        self.v2_as(&bearer, method, path, body).await
    }

    pub async fn v2_as(
        &self,
        bearer: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Answer {
        let url = format!("{}/payment/v2{path}", self.base);
        let request = self.http.request(method, url).bearer_auth(bearer);
        let request = request.header("Content-Type", "application/json");
        send(request.body(body.map(Value::to_string).unwrap_or_default())).await
    }

    /// A whole v2 order.
    pub fn order(&self, amount: Value) -> Value {
        json!({
            "order": {
                "amount": amount, "currency": "BDT", "redirect_url": self.redirect_url,
                "ipn_url": self.ipn_url, "reference": "ABC123", "validity": 900,
            },
            "product": {"name": "x Polo T-shirt", "description": "x Polo T-shirt with shipping"},
            "billing": {"customer": {
                "name": "Robbie Amell", "email": "robbie@example.com", "phone": "801234567893",
                "address": {
                    "street": "House 1, Road1, Gulshan 1", "city": "Dhaka", "state": "Dhaka",
                    "zipcode": 1212, "country": "BGD",
                },
            }},
            "customs": [{"cart": "c-17"}],
        })
    }

    /// Makes an invoice with v2; its id.
    pub async fn create(&self, amount: Value) -> String {
        let answer = self.v2(Method::POST, "/invoice", Some(&self.order(amount))).await;
        let body = answer.expect(201).json();
        assert_eq!(body["result"], "success");
        body["data"]["invoice_id"].as_str().unwrap().to_owned()
    }

    /// The word that v2 has for an invoice's state.
    pub async fn state(&self, invoice: &str) -> String {
        let answer = self.v2(Method::GET, &format!("/invoice/{invoice}"), None).await;
        answer.expect(200).json()["data"]["order"]["status"].as_str().unwrap().to_owned()
    }

    /// The payer of an invoice, who came by an empty form as some shops send them.
    pub async fn payer(&self, invoice: &str) -> Payer {
        let link = format!("{}/payment/?invoice={invoice}", self.base);
        let page = send(self.http.post(link)).await.location();
        Payer::new(&self.base, &self.http, page.rsplit('/').next().unwrap())
    }
}
