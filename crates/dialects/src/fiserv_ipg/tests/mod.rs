//! What the wire layer must keep: the provider's vectors, the seed's samples, and what is refused.

mod answers;
mod auth;
mod browser;
mod calls;
mod client;
mod connect;
mod golden;
mod hashes;
mod properties;
mod refusals;
mod repeats;
mod requests;
mod stage;
mod trace;

use torana_domain::card::{Card, CardBrand, CardFacts, Flow, Means, SecurityCode};
use torana_domain::{Money, Timestamp};

use super::answers::*;
use super::approval::*;
use super::requests::*;
use super::trace::*;
use super::*;
use crate::{Flaw, Reply, Secret, WireError};

/// A card that fits the seed's first six and last four digits, and its check digit (provider §5).
const REDIRECT_CARD: &str = "6074820000084938";
const SEAMLESS_CARD: &str = "6071480000033212";
const STORE: &str = "72305408";

/// The brand's secret, with the keys of the provider's vectors.
const SEALED: &[u8] = br#"{"api_key":"test-api-key-0001","api_secret":"test-api-secret-0001","store_id":"72305408","shared_secret":"sharedsecret"}"#;

fn inr(text: &str) -> Money {
    Money::parse(text, Currency::INR).unwrap()
}

/// A pretty fixture as a server writes it, with the digits of numbers and the order of keys kept.
fn compact(pretty: &str) -> String {
    crate::json::parse(pretty.as_bytes()).unwrap().to_string()
}

fn text(reply: &Reply) -> &str {
    std::str::from_utf8(&reply.body).unwrap()
}

fn body(text: &str) -> Body {
    Body::read(text.as_bytes()).unwrap()
}

/// A request of the seed with its placeholders filled in.
fn filled(fixture: &str) -> String {
    let filled = [
        ("{{storeid}}", STORE),
        ("{{rupay.cardnumber}}", REDIRECT_CARD),
        ("{{rupay.cardnumberSeamless}}", SEAMLESS_CARD),
        ("{{rupay.cvv}}", "123"),
        ("{{rupay.exp_mon}}", "02"),
        ("{{rupay.exp_year}}", "25"),
        ("{{rupay.termUrl}}", "https://shop.example/back"),
    ];
    filled.iter().fold(fixture.to_owned(), |text, (theirs, ours)| text.replace(theirs, ours))
}

/// What is wrong, as `field: message`.
fn flaws<T: std::fmt::Debug>(read: Result<T, WireError>) -> Vec<String> {
    match read.unwrap_err() {
        WireError::Invalid(flaws) => flaws.iter().map(Flaw::to_string).collect(),
        other => vec![other.to_string()],
    }
}
