//! Cards: typed on our own pages, and what is left of them.

mod checkout;

use crate::world::{Answer, Made, World, on_postgres, send};

/// A card whose holder goes to a page of the issuer.
pub const REDIRECT: &str = "6074820000084938";
/// A card whose holder types a code on our page.
pub const SEAMLESS: &str = "6071480000033212";
/// A security code that no other text of a test contains.
pub const SECURITY_CODE: &str = "9071";
/// The code that every simulated phone receives.
pub const CODE: &str = "123456";

/// A world that is paid in rupees.
pub async fn world() -> World {
    World::builder().setting("policy.currency", "INR").start().await
}

/// A payer at the checkout, without a script.
pub struct Holder<'a> {
    pub world: &'a World,
    pub made: &'a Made,
}

impl Holder<'_> {
    fn url(&self, path: &str) -> String {
        self.world.url(&format!("/checkout/{}/{path}", self.made.id))
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        post(self.world, &self.url(path), form).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.world.http.get(self.url(path))).await
    }

    /// Types a card.
    pub async fn types(&self, number: &str) -> Answer {
        let form = [("number", number), ("expiry", "12/31"), ("security_code", SECURITY_CODE)];
        self.post("card", &form).await
    }

    pub async fn types_code(&self, code: &str) -> Answer {
        self.post("card/code", &[("code", code)]).await
    }
}

/// Posts a form as a browser does.
pub async fn post(world: &World, url: &str, form: &[(&str, &str)]) -> Answer {
    let body: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let kind = "application/x-www-form-urlencoded";
    send(world.http.post(url).header("content-type", kind).body(body)).await
}

/// Where the one form of a page goes.
pub fn action(page: &str) -> String {
    let (_, rest) = page.split_once("method=\"post\" action=\"").expect("a form");
    rest.split_once('"').expect("its end").0.replace("&#38;", "&").replace("&amp;", "&")
}

/// Nothing of a card, and no code, is in the database, in what else is in the data directory, or in the log.
pub fn assert_nothing_is_left(world: &World, secrets: &[&str]) {
    let log = world.server.log();
    for secret in secrets {
        assert!(!log.contains(secret), "{secret} in the log");
    }
    if on_postgres() {
        return;
    }
    for entry in std::fs::read_dir(world.data_dir()).unwrap() {
        let path = entry.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} in {}", path.display());
        }
    }
}
