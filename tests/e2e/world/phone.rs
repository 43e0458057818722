//! Phones that forward the merchant's messages: with the existing app, and with Torana's own.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::UNAVAILABLE;
use super::World;
use super::answer::{Answer, send, try_send};
use super::brand::Brand;
use super::sms::Sms;

/// A phone with the existing app.
#[derive(Clone)]
pub struct Phone {
    base: String,
    http: reqwest::Client,
    pub email: String,
    pub key: String,
}

impl Phone {
    pub fn new(base: &str, http: &reqwest::Client, brand: &Brand) -> Self {
        let (email, key) = (brand.device_email(), brand.device_key());
        Self { base: base.to_owned(), http: http.clone(), email, key }
    }

    pub fn form(&self, more: &[(&str, &str)]) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("user_email", &self.email).append_pair("device_key", &self.key);
        form.extend_pairs(more).finish()
    }

    fn post(&self, path: &str, form: String) -> reqwest::RequestBuilder {
        let request = self.http.post(format!("{}{path}", self.base));
        request.header("Content-Type", "application/x-www-form-urlencoded").body(form)
    }

    /// `/api/device-connect` of the phone with this id.
    pub async fn connect(&self, android_id: &str) -> Value {
        send(self.post("/api/device-connect", self.form(&[("device_ip", android_id)]))).await.json()
    }

    fn upload(&self, sms: &Sms) -> reqwest::RequestBuilder {
        let form = self.form(&[("address", &sms.sender), ("message", &sms.body)]);
        self.post("/api/add-data", form)
    }

    /// `/api/add-data`; the whole answer.
    pub async fn forward(&self, sms: &Sms) -> Answer {
        send(self.upload(sms)).await
    }

    /// The same, and it must be taken.
    pub async fn hears(&self, sms: &Sms) {
        let answer = self.forward(sms).await.expect(200).json();
        assert_eq!(answer, json!({"status": 1, "message": "Data inserted successfully"}));
    }

    /// The same to a server that may be gone: whether it was taken.
    #[allow(dead_code)] // Only tests/kill meets a server that may be gone.
    pub async fn try_hears(&self, sms: &Sms) -> bool {
        let Ok(answer) = try_send(self.upload(sms)).await else { return false };
        if answer.status == UNAVAILABLE {
            return false;
        }
        assert_eq!(answer.json()["status"], 1, "{answer:?}");
        true
    }
}

/// A phone with Torana's own app.
pub struct NativePhone {
    base: String,
    http: reqwest::Client,
    pub device: String,
    pub secret: String,
    pub next_seq: i64,
}

impl NativePhone {
    /// Pairs by the code that `torana device pair` prints.
    pub async fn pair(world: &World) -> Self {
        let code = Self::pairing_code(world).await;
        let answer = Self::pair_with(world, &code).await.expect(200).json();
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        Self {
            base: world.server.base.clone(),
            http: world.http.clone(),
            device: text("device"),
            secret: text("secret"),
            next_seq: answer["next_seq"].as_i64().unwrap(),
        }
    }

    pub async fn pairing_code(world: &World) -> String {
        let printed = world.cli(&["device", "pair", "--brand", &world.brand.id, "--json"]).await;
        printed.expect_ok().json()["code"].as_str().unwrap().to_owned()
    }

    pub async fn pair_with(world: &World, code: &str) -> Answer {
        let request = world.http.post(world.url("/device/v1/pair"));
        let body = json!({"code": code, "name": "Counter phone"}).to_string();
        send(request.header("Content-Type", "application/json").body(body)).await
    }

    pub fn signature(&self, timestamp: i64, path: &str, body: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).unwrap();
        mac.update(format!("{timestamp}.{path}.{body}").as_bytes());
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A signed request.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let body = body.to_string();
        let now = jiff::Timestamp::now().as_second();
        let signature = self.signature(now, path, &body);
        self.post_signed(path, &body, now, &signature).await
    }

    pub async fn post_signed(&self, path: &str, body: &str, at: i64, signature: &str) -> Answer {
        let request = self.http.post(format!("{}{path}", self.base));
        let request = request
            .header("Content-Type", "application/json")
            .header("X-Torana-Device", &self.device)
            .header("X-Torana-Timestamp", at.to_string())
            .header("X-Torana-Signature", signature);
        send(request.body(body.to_owned())).await
    }

    /// A batch; what is acknowledged and what is asked for.
    pub async fn forward(&self, messages: &[(i64, &Sms)]) -> (i64, Vec<Value>) {
        let answer = self.post("/device/v1/messages", &batch(messages)).await.expect(200).json();
        let missing = answer["missing"].as_array().unwrap().clone();
        (answer["acknowledged_through"].as_i64().unwrap(), missing)
    }
}

/// A batch of messages with their sequence numbers.
pub fn batch(messages: &[(i64, &Sms)]) -> Value {
    let now = jiff::Timestamp::now().as_millisecond();
    let messages: Vec<Value> = messages
        .iter()
        .map(|(seq, sms)| {
            json!({"seq": seq, "sender": sms.sender, "body": sms.body, "heard_at_ms": now, "sim": 0})
        })
        .collect();
    json!({ "messages": messages })
}
