//! A payer with a browser, or with the page's script.

use serde_json::{Value, json};

use super::UNAVAILABLE;
use super::answer::{Answer, send, try_send};

/// See the module.
#[derive(Clone)]
pub struct Payer {
    base: String,
    http: reqwest::Client,
    id: String,
}

impl Payer {
    pub fn new(base: &str, http: &reqwest::Client, id: &str) -> Self {
        Self { base: base.to_owned(), http: http.clone(), id: id.to_owned() }
    }

    fn url(&self, verb: &str) -> String {
        match verb {
            "" => format!("{}/checkout/{}", self.base, self.id),
            _ => format!("{}/checkout/{}/{verb}", self.base, self.id),
        }
    }

    /// The page, as a browser that speaks English asks for it.
    pub async fn page(&self) -> Answer {
        self.page_in("en").await
    }

    /// The page for an `Accept-Language`.
    pub async fn page_in(&self, language: &str) -> Answer {
        send(self.http.get(self.url("")).header("Accept-Language", language)).await
    }

    pub fn confirm_request(&self, method: &str, reference: &str) -> reqwest::RequestBuilder {
        self.http
            .post(self.url("confirm"))
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .header("Accept-Language", "en")
            .body(json!({"method": method, "reference": reference}).to_string())
    }

    /// "I paid, this is my TrxID", as the script says it.
    pub async fn confirm(&self, method: &str, reference: &str) -> Answer {
        send(self.confirm_request(method, reference)).await
    }

    /// The same to a server that may be gone; the status word if it answered.
    #[allow(dead_code)] // Only tests/kill meets a server that may be gone.
    pub async fn try_confirm(&self, method: &str, reference: &str) -> Option<String> {
        let answer = try_send(self.confirm_request(method, reference)).await.ok()?;
        if answer.status == UNAVAILABLE {
            return None;
        }
        assert!([200, 202].contains(&answer.status), "{answer:?}");
        answer.json()["status"].as_str().map(str::to_owned)
    }

    /// The code in the answer to [`Payer::confirm`].
    pub async fn confirm_code(&self, method: &str, reference: &str) -> String {
        self.confirm(method, reference).await.json()["code"].as_str().unwrap().to_owned()
    }

    /// The same as a form, without script.
    pub async fn confirm_by_form(&self, method: &str, reference: &str) -> Answer {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("method", method).append_pair("reference", reference);
        let request = self.http.post(self.url("confirm"));
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        send(
            request
                .header("Accept", "text/html")
                .header("Accept-Language", "en")
                .body(form.finish()),
        )
        .await
    }

    /// What the script asks while it waits.
    pub async fn status(&self) -> Value {
        let request = self.http.get(self.url("status")).header("Accept", "application/json");
        send(request.header("Accept-Language", "en")).await.expect(200).json()
    }

    /// The status word.
    pub async fn state(&self) -> String {
        self.status().await["status"].as_str().unwrap().to_owned()
    }

    pub async fn cancel(&self) -> Answer {
        let request = self.http.post(self.url("cancel"));
        send(request.header("Content-Type", "application/x-www-form-urlencoded").body("")).await
    }

    /// Back to the shop.
    pub async fn go_back(&self) -> Answer {
        send(self.http.get(self.url("return"))).await
    }
}
