//! Cards: typed on our own pages, and what is left of them.

mod bins;
mod checkout;
mod faults;
mod upstream;

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
///
/// A number is looked for anywhere. A code is so short that identifiers, times and hashes hold it by chance: it is looked
/// for as a word of its own, which any text or JSON that kept it would have it be.
pub fn assert_nothing_is_left(world: &World, secrets: &[&str]) {
    let mut places = vec![("the log".to_owned(), world.server.log().into_bytes())];
    if !on_postgres() {
        for entry in std::fs::read_dir(world.data_dir()).unwrap() {
            let path = entry.unwrap().path();
            let Ok(bytes) = std::fs::read(&path) else { continue };
            places.push((path.display().to_string(), bytes));
        }
        assert!(places.iter().any(|(name, bytes)| name.ends_with("sqlite") && !bytes.is_empty()));
    }
    for (place, bytes) in &places {
        for secret in secrets {
            let is_word = secret.len() < 13;
            assert!(!holds(bytes, secret.as_bytes(), is_word), "{secret} in {place}");
        }
    }
}

fn holds(bytes: &[u8], wanted: &[u8], is_word: bool) -> bool {
    let of_word = |at: Option<&u8>| at.is_some_and(|it| it.is_ascii_alphanumeric() || *it == b'-');
    bytes.windows(wanted.len()).enumerate().any(|(at, window)| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        let is_within = of_word(before) || of_word(bytes.get(at + wanted.len()));
        window == wanted && !(is_word && is_within)
    })
}

#[test]
fn what_is_looked_for_would_be_found() {
    assert!(holds(br#"{"securityCode":"9071"}"#, b"9071", true));
    assert!(holds(b"otp=123456&", b"123456", true));
    assert!(!holds(b"812345678901234", b"123456", true));
    assert!(holds(b"x6074820000084938y", REDIRECT.as_bytes(), false));
}
