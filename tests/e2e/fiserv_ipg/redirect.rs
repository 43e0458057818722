//! The seed's redirect flow: over the issuer's page, and back to the merchant with hashes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::IpgShop;
use super::shop::{hmac, id};
use crate::cards::{CODE, REDIRECT, SECURITY_CODE, action, assert_nothing_is_left, post, world};

/// The hidden fields of a page's form.
fn fields(page: &str) -> Vec<(String, String)> {
    let plain = |text: &str| {
        ["&#38;", "&#58;", "&#47;", "&#61;", "&#43;", "&#124;", "&#63;"]
            .iter()
            .zip(["&", ":", "/", "=", "+", "|", "?"])
            .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    };
    page.split("<input type=\"hidden\" name=\"")
        .skip(1)
        .map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"").unwrap();
            (name.to_owned(), plain(rest.split_once('"').unwrap().0))
        })
        .collect()
}

#[tokio::test]
async fn the_issuers_page_leads_back_to_the_merchant_with_hashes() {
    let world = world().await;
    let shop = IpgShop::of(&world);
    let begun = shop.begin(&shop.redirect_auth("567")).await;
    let params = &begun["authenticationResponse"]["params"];
    assert_eq!(params["termURL"], format!(" {}", shop.term_url));
    let acs = params["acsURL"].as_str().unwrap();
    let connect = world.url(&format!("/connect/gateway/processing?rupayId={}", id(&begun)));
    assert_eq!(acs, connect);

    let sent = post(&world, acs, &[]).await.expect(200).body;
    let issuer = action(&sent);
    post(&world, &issuer, &[]).await.expect(200);
    let right = post(&world, &issuer, &[("action", "code"), ("code", CODE)]).await.expect(200).body;
    let back = post(&world, &action(&right), &[]).await.expect(200);
    let origin = world.merchant.url("").trim_end_matches('/').to_owned();
    assert!(back.header("content-security-policy").contains(&format!("form-action {origin};")));
    assert_eq!(action(&back.body), shop.term_url);
    let mut told = fields(&back.body);
    let value = |name: &str, told: &[(String, String)]| {
        let found = told.iter().find(|(key, _)| key == name);
        found.unwrap_or_else(|| panic!("{name} in {told:?}")).1.clone()
    };
    assert_eq!(value("oid", &told), begun["orderId"].as_str().unwrap());
    assert_eq!(value("ipgTransactionId", &told), id(&begun));
    // As documented: five values, joined, under the store's shared secret.
    let names = ["approval_code", "chargetotal", "currency", "txndatetime"];
    let mut five: Vec<String> = names.iter().map(|name| value(name, &told)).collect();
    five.push(shop.store_id.clone());
    let hash = STANDARD.encode(hmac(&shop.shared_secret, &five.join("|")));
    assert_eq!(value("response_hash", &told), hash);
    // As documented: all values that are not empty, by name in ASCII order, without the hash itself.
    let extended = value("extended_response_hash", &told);
    told.retain(|(name, value)| name != "extended_response_hash" && !value.is_empty());
    told.sort();
    let all: Vec<&str> = told.iter().map(|(_, value)| value.as_str()).collect();
    assert_eq!(extended, STANDARD.encode(hmac(&shop.shared_secret, &all.join("|"))));

    let sale = shop.post("/payments", &shop.sale(&begun, "567.00")).await.expect(200).json();
    assert_eq!(sale["transactionStatus"], "APPROVED", "{sale}");
    assert_nothing_is_left(&world, &[REDIRECT, SECURITY_CODE, CODE]);
    world.check_books().await;
}

#[tokio::test]
async fn the_sandbox_is_the_payer_at_the_issuers_page() {
    let world = world().await;
    let shop = IpgShop::of(&world);
    for begin in [shop.redirect_auth("12"), shop.seamless_auth("12")] {
        let begun = shop.begin(&begin).await;
        world.sandbox().simulate(&id(&begun), "succeed").await;
        let sale = shop.post("/payments", &shop.sale(&begun, "12")).await.expect(200).json();
        assert_eq!(sale["transactionStatus"], "APPROVED", "{sale}");
        let refused = shop.begin(&begin).await;
        world.sandbox().simulate(&id(&refused), "decline").await;
        assert_eq!(shop.post("/payments", &shop.sale(&refused, "12")).await.status, 409);
    }
    world.check_books().await;
}

#[tokio::test]
async fn a_payer_who_cancels_there_is_not_authenticated() {
    let world = world().await;
    let shop = IpgShop::of(&world);
    let begun = shop.begin(&shop.redirect_auth("567")).await;
    // A code through the API proves nothing of a card that goes by the issuer's page.
    let other_way = shop.patch(&begun, &shop.otp(REDIRECT, "verifyOtp", CODE)).await;
    assert_eq!(other_way.status, 409, "{other_way:?}");
    let acs = begun["authenticationResponse"]["params"]["acsURL"].as_str().unwrap();
    let issuer = action(&post(&world, acs, &[]).await.expect(200).body);
    let ended = post(&world, &issuer, &[("action", "cancel")]).await.expect(200).body;
    let back = post(&world, &action(&ended), &[]).await.expect(200).body;
    assert!(fields(&back).iter().any(|(name, value)| name == "status" && value != "APPROVED"));
    let sale = shop.post("/payments", &shop.sale(&begun, "567.00")).await;
    assert_eq!(sale.status, 409);
    let nobody = post(&world, &world.url("/connect/gateway/processing?rupayId=7"), &[]).await;
    assert_eq!(nobody.status, 404);
}

#[tokio::test]
async fn a_payer_cannot_end_what_the_merchants_api_began() {
    let world = world().await;
    let shop = IpgShop::of(&world);
    let begun = shop.begin(&shop.redirect_auth("10")).await;
    let acs = begun["authenticationResponse"]["params"]["acsURL"].as_str().unwrap();
    let page = post(&world, acs, &[]).await.expect(200).body;
    let (_, rest) = page.split_once("/checkout/").expect("the payment's page");
    let payment = &rest[..32];
    world.sandbox().simulate(&id(&begun), "succeed").await;
    for path in ["card/continue", "card/code"] {
        let url = world.url(&format!("/checkout/{payment}/{path}"));
        crate::world::send(world.http.get(url)).await;
    }
    post(&world, &world.url(&format!("/checkout/{payment}/card/abandon")), &[]).await;
    let sale = shop.post("/payments", &shop.sale(&begun, "10")).await.expect(200).json();
    assert_eq!(sale["transactionStatus"], "APPROVED", "{sale}");
}
