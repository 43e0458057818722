//! Single requests that are sent over and over: create, verify, the checkout page.

use std::sync::Arc;
use std::time::Instant;

use anyhow::ensure;
use bytes::Bytes;
use md5::{Digest as _, Md5};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::client::{Body, Connection, Key};
use crate::load::Work;
use crate::servers::PortPos;

/// Where payments are made and asked after.
pub(crate) const CREATE: &str = "/api/payment/checkout";
pub(crate) const VERIFY: &str = "/api/payment/verify-payment";

/// Requests that are sent in turns.
#[derive(Clone, Debug)]
pub(crate) struct Calls {
    what: What,
    key: Key,
    kind: Body,
    /// Bodies, or the paths of pages.
    each: Arc<Vec<Bytes>>,
    /// How a right answer begins.
    answer_begins: &'static str,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Post(&'static str),
    Get,
}

impl Calls {
    /// One payment after the other.
    pub(crate) fn create(api_key: &str) -> Self {
        let order = order(Some("https://shop.example.com/webhook.php"));
        Self {
            what: What::Post(CREATE),
            key: Key::Api(api_key.to_owned()),
            kind: Body::Json,
            each: Arc::new(vec![Bytes::from(order.to_string())]),
            answer_begins: "{\"status\":true,",
        }
    }

    /// One PortPos invoice after the other, all with the token of one moment.
    pub(crate) fn gen_invoice(keys: &PortPos) -> Self {
        let now = torana_server::clock::now().as_s().to_string();
        let digest = Md5::new().chain_update(&keys.secret_key).chain_update(&now).finalize();
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("app_key", &keys.app_key)
            .append_pair("timestamp", &now)
            .append_pair("token", &torana_server::secrets::hex(&digest))
            .extend_pairs(INVOICE)
            .finish();
        Self {
            what: What::Post("/api/v1/"),
            key: Key::None,
            kind: Body::Form,
            each: Arc::new(vec![Bytes::from(body)]),
            answer_begins: "{\"status\":200,\"data\":{\"id\"",
        }
    }

    /// Asks after payments, by whatever id their merchant has.
    pub(crate) fn verify(api_key: &str, ids: &[String]) -> Self {
        let body = |id: &String| Bytes::from(json!({ "transaction_id": id }).to_string());
        Self {
            what: What::Post(VERIFY),
            key: Key::Api(api_key.to_owned()),
            kind: Body::Json,
            each: Arc::new(ids.iter().map(body).collect()),
            answer_begins: "{\"fullname\":\"John Doe\",",
        }
    }

    /// Opens the checkout of payments.
    pub(crate) fn page(links: &[String]) -> Self {
        let path = |link: &String| Bytes::from(format!("/checkout/{link}"));
        Self {
            what: What::Get,
            key: Key::None,
            kind: Body::Json,
            each: Arc::new(links.iter().map(path).collect()),
            answer_begins: "<!doctype html>",
        }
    }
}

impl Work for Calls {
    async fn once(&self, connection: &mut Connection, turn: usize) -> anyhow::Result<Instant> {
        let each = self.each.get(turn % self.each.len().max(1)).cloned().unwrap_or_default();
        let sent = Instant::now();
        let (status, answer) = match self.what {
            What::Post(path) => connection.post(path, &self.key, self.kind, each).await?,
            What::Get => connection.get(std::str::from_utf8(&each)?).await?,
        };
        let begin = answer.get(..self.answer_begins.len()).unwrap_or_default();
        ensure!(
            status.is_success() && begin.eq_ignore_ascii_case(self.answer_begins.as_bytes()),
            "{status}: {}",
            String::from_utf8_lossy(&answer)
        );
        Ok(sent)
    }
}

/// What a PortPos shop sends, but for who it is.
const INVOICE: [(&str, &str); 15] = [
    ("call", "gen_invoice"),
    ("amount", "900.00"),
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
    ("redirect_url", "https://shop.example.com/done"),
    ("ipn_url", "https://shop.example.com/ipn"),
];

/// What a shop sends.
pub(crate) fn order(webhook_url: Option<&str>) -> Value {
    json!({
        "fullname": "John Doe",
        "email": "john@gmail.com",
        "amount": "900",
        "success_url": "https://shop.example.com/success.php",
        "cancel_url": "https://shop.example.com/cancel.php",
        "webhook_url": webhook_url,
        "meta_data": { "order_id": "12345", "product": "Premium" },
    })
}

/// A payment, as its merchant knows it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Created {
    pub(crate) transaction_id: String,
    payment_url: String,
}

impl Created {
    /// The 32 digits of its link.
    pub(crate) fn link(&self) -> &str {
        self.payment_url.rsplit('/').next().unwrap_or_default()
    }
}

/// Makes one payment.
pub(crate) async fn create_one(
    connection: &mut Connection,
    api_key: &Key,
    order: impl Into<Bytes>,
) -> anyhow::Result<Created> {
    let answer = connection.ask(CREATE, api_key, Body::Json, order).await?;
    Ok(serde_json::from_slice(&answer)?)
}
