//! A shop that uses Fiserv's API. Written after the provider's page, not by the product's own code.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::cards::{REDIRECT, SEAMLESS, SECURITY_CODE};
use crate::world::{Answer, World, send};

pub const BASE: &str = "/ipp/payments-gateway/v2";

/// See the module.
pub struct IpgShop {
    base: String,
    http: reqwest::Client,
    pub api_key: String,
    pub api_secret: String,
    pub store_id: String,
    pub shared_secret: String,
    pub term_url: String,
    /// How signatures are written: as base64 of the hexadecimal digits, or of the bytes.
    pub in_hex: bool,
}

pub fn hmac(key: &str, message: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// A card as the provider's requests have it.
pub fn card(number: &str) -> Value {
    json!({ "paymentCard": {
        "number": number,
        "securityCode": SECURITY_CODE,
        "expiryDate": { "month": "12", "year": "31" },
    }})
}

impl IpgShop {
    pub fn of(world: &World) -> Self {
        let of = |name: &str| world.brand.printed["fiserv_ipg"][name].as_str().unwrap().to_owned();
        Self {
            base: world.server.base.clone(),
            http: world.http.clone(),
            api_key: of("api_key"),
            api_secret: of("api_secret"),
            store_id: of("store_id"),
            shared_secret: of("shared_secret"),
            term_url: world.merchant.url("/term"),
            in_hex: false,
        }
    }

    pub fn signature(&self, id: &str, timestamp: &str, body: &str) -> String {
        let bytes = hmac(&self.api_secret, &format!("{}{id}{timestamp}{body}", self.api_key));
        match self.in_hex {
            true => {
                let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                STANDARD.encode(digits)
            }
            false => STANDARD.encode(bytes),
        }
    }

    pub fn now_ms() -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.unwrap().as_millis() as i64
    }

    /// A request, signed under that identifier.
    pub async fn call_as(&self, id: &str, method: Method, path: &str, body: &str) -> Answer {
        let timestamp = Self::now_ms().to_string();
        let signature = self.signature(id, &timestamp, body);
        self.call_signed(id, &timestamp, &signature, method, path, body).await
    }

    pub async fn call_signed(
        &self,
        id: &str,
        timestamp: &str,
        signature: &str,
        method: Method,
        path: &str,
        body: &str,
    ) -> Answer {
        let request = self.http.request(method, format!("{}{BASE}{path}", self.base));
        let request = request
            .header("Content-Type", "application/json")
            .header("Api-Key", &self.api_key)
            .header("Client-Request-Id", id)
            .header("Timestamp", timestamp)
            .header("Message-Signature", signature);
        send(request.body(body.to_owned())).await
    }

    /// A request under an identifier of its own.
    pub async fn call(&self, method: Method, path: &str, body: &Value) -> Answer {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        self.call_as(&format!("{:032x}", rand::random::<u128>()), method, path, &text).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, body).await
    }

    pub async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, &Value::Null).await.expect(200).json()
    }

    fn payer_auth(&self, number: &str, total: &str) -> Value {
        json!({
            "requestType": "PaymentCardPayerAuthTransaction",
            "storeId": self.store_id,
            "transactionAmount": { "total": total, "currency": "INR" },
            "paymentMethod": card(number),
            "authenticationRequest": {
                "authenticationType": "RupayAuthenticationRequest",
                "termURL": format!(" {}", self.term_url),
                "cardHolderBrowserParams": {
                    "browserAcceptHeaders": "Accept: text/html",
                    "browserIP": "189.6.239.59",
                    "browserLanguage": "en",
                    "browserUserAgent": "Mozilla/5.0",
                },
            },
        })
    }

    /// The seed's first request of the redirect flow.
    pub fn redirect_auth(&self, total: &str) -> Value {
        self.payer_auth(REDIRECT, total)
    }

    /// The seed's first request of the seamless flow.
    pub fn seamless_auth(&self, total: &str) -> Value {
        self.payer_auth(SEAMLESS, total)
    }

    /// With any card.
    pub fn auth_of(&self, number: &str, total: &str) -> Value {
        self.payer_auth(number, total)
    }

    pub async fn begin(&self, request: &Value) -> Value {
        self.post("/payments", request).await.expect(200).json()
    }

    pub fn otp(&self, number: &str, field: &str, value: &str) -> Value {
        json!({
            "authenticationType": "RupayAuthenticationUpdateRequest",
            "storeId": self.store_id,
            "paymentMethod": card(number),
            field: value,
        })
    }

    pub async fn patch(&self, begun: &Value, body: &Value) -> Answer {
        self.call(Method::PATCH, &format!("/payments/{}", id(begun)), body).await
    }

    /// The seed's sale upon an authentication.
    pub fn sale(&self, begun: &Value, total: &str) -> Value {
        json!({
            "requestType": "PaymentCardSaleTransaction",
            "storeId": self.store_id,
            "transactionAmount": { "total": total, "currency": "INR" },
            "order": { "orderId": begun["orderId"] },
            "ipgTransactionId": begun["ipgTransactionId"],
        })
    }

    /// A payer who proved to be the holder of the seamless card.
    pub async fn proved(&self, total: &str) -> Value {
        let begun = self.begin(&self.seamless_auth(total)).await;
        self.patch(&begun, &self.otp(SEAMLESS, "verifyOtp", "123456")).await.expect(200);
        begun
    }

    /// A sale that was approved.
    pub async fn sold(&self, total: &str) -> Value {
        let begun = self.proved(total).await;
        let sale = self.post("/payments", &self.sale(&begun, total)).await.expect(200).json();
        assert_eq!(sale["transactionStatus"], "APPROVED", "{sale}");
        sale
    }

    pub fn secondary(&self, kind: &str, total: &str) -> Value {
        json!({
            "requestType": kind,
            "storeId": self.store_id,
            "transactionAmount": { "total": total, "currency": "INR" },
        })
    }

    pub async fn follow(&self, of: &Value, kind: &str, total: &str) -> Answer {
        self.post(&format!("/payments/{}", id(of)), &self.secondary(kind, total)).await
    }
}

/// The `ipgTransactionId` of an answer.
pub fn id(answer: &Value) -> String {
    answer["ipgTransactionId"].as_str().unwrap_or_else(|| panic!("an id in {answer}")).to_owned()
}
