//! The simulated site: what the payer's form brings there, and what it then tells.

use serde_json::json;

use super::payer::{go, hidden};
use super::{checksum, decode, encode, invoice};
use crate::world::{Answer, Made, World, send};

async fn world() -> World {
    World::builder().setting("policy.currency", "EUR").start().await
}

/// A browser posts the form of a page, with another field; the fields are those that are hidden.
async fn post(world: &World, html: &str, names: &[&str], more: &str) -> Answer {
    let (_, rest) = html.split_once("action=\"").unwrap();
    let (_, rest) = rest.split_once("action=\"").map_or(("", rest), |found| found);
    let action = rest.split_once('"').unwrap().0;
    let action = if action.starts_with('/') { world.url(action) } else { action.to_owned() };
    let mut form = form_urlencoded::Serializer::new(String::new());
    for name in names {
        form.append_pair(name, &hidden(html, name));
    }
    let body = format!("{}&{more}", form.finish());
    let request =
        world.http.post(action).header("Content-Type", "application/x-www-form-urlencoded");
    send(request.body(body)).await
}

const FIELDS: [&str; 5] = ["PAGE", "ENCODED", "CHECKSUM", "URL_OK", "URL_CANCEL"];

/// The payer goes to the site and decides there; where the browser then is.
async fn decide(world: &World, made: &Made, outcome: &str) -> String {
    let handoff = go(world, made, "card").await.expect(200).body;
    let form =
        &handoff[handoff.find("data-go").map_or(0, |at| handoff[..at].rfind("<form").unwrap())..];
    let site = post(world, form, &FIELDS, "LANG=en").await.expect(200).body;
    assert!(site.contains(&invoice(made)) && site.contains("25.01"), "{site}");
    let form = &site[site.find("<form").unwrap()..];
    post(world, form, &FIELDS, &format!("outcome={outcome}")).await.location()
}

#[tokio::test]
async fn every_end_of_a_visit() {
    let world = world().await;
    for (outcome, state) in [
        ("pay", "succeeded"),
        ("pay_twice", "succeeded"),
        ("deny", "declined"),
        ("expire", "expired"),
        ("untold", "pending"),
        ("leave", "pending"),
    ] {
        let made = world.shop().create("25.01").await;
        let location = decide(&world, &made, outcome).await;
        assert!(location.contains(&format!("/checkout/{}?", made.id)), "{location}");
        assert_eq!(world.payer(&made).state().await, state, "{outcome}");
        let page = world.payer(&made).page().await.body;
        assert!(!page.contains("TrxID"), "{outcome}: {page}");
    }
    world.check_books().await;
}

#[tokio::test]
async fn what_was_paid_is_shown_with_its_number_and_the_clock_of_the_country() {
    let world = world().await;
    let made = world.shop().create("25.01").await;
    decide(&world, &made, "pay").await;
    let page = world.payer(&made).page().await.body;
    assert!(page.contains(&invoice(&made)) && page.contains("ePay.bg number"), "{page}");
    assert!(page.contains("€25.01") && page.contains("ePay.bg"));
}

#[tokio::test]
async fn a_code_is_paid_at_a_desk_in_cash() {
    let world = world().await;
    let made = world.shop().create("25.01").await;
    go(&world, &made, "cash").await.expect(303);
    let page = world.payer(&made).page().await.body;
    let (_, rest) = page.split_once("IDN=").unwrap();
    let code = &rest[..10];
    assert!(page.contains(&format!("data-copy=\"{code}\"")), "{page}");
    // The same code, however often it is asked for.
    go(&world, &made, "cash").await.expect(303);
    assert!(world.payer(&made).page().await.body.contains(&format!("IDN={code}")));
    assert_eq!(world.payer(&made).state().await, "pending");
    let path = format!("/sandbox/epay/ezp/pay_bill.cgi?ACTION=PAY&IDN={code}");
    for _ in 0..2 {
        world.get(&path).await.expect(200);
        assert_eq!(world.payer(&made).state().await, "succeeded");
    }
    world.get("/sandbox/epay/ezp/pay_bill.cgi?ACTION=PAY&IDN=0000000000").await.expect(404);
    world.get(&format!("/sandbox/epay/ezp/pay_bill.cgi?IDN={code}")).await.expect(400);
    world.check_books().await;
}

#[tokio::test]
async fn the_site_takes_nothing_but_the_requests_of_test_brands() {
    let world = world().await;
    let encoded = encode("MIN=D1\nINVOICE=1\nAMOUNT=1\nEXP_TIME=01.01.2030\n");
    let sum = checksum(&encoded, "guessed");
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("ENCODED", &encoded)
        .append_pair("CHECKSUM", &sum)
        .finish();
    for path in ["/sandbox/epay/", "/sandbox/epay/en/", "/sandbox/epay/pay/bg"] {
        let request = world.http.post(world.url(path));
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        send(request.body(form.clone())).await.expect(400);
    }
    let answer = world.get(&format!("/sandbox/epay/ezp/reg_bill.cgi?{form}")).await.expect(400);
    assert!(answer.body.starts_with("ERR="), "{answer:?}");
    let answer = world.get("/sandbox/epay/ezp/reg_bill.cgi").await.expect(400);
    assert!(answer.body.starts_with("ERR="), "{answer:?}");
}

#[tokio::test]
async fn no_address_but_this_servers_own_is_followed() {
    let world = world().await;
    let made = world.shop().create("25.01").await;
    let handoff = go(&world, &made, "card").await.expect(200).body;
    for evil in [
        "https://evil.example/",
        "//evil.example/",
        &format!("{}.evil.example/", world.server.base),
    ] {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("ENCODED", &hidden(&handoff, "ENCODED"))
            .append_pair("CHECKSUM", &hidden(&handoff, "CHECKSUM"))
            .append_pair("URL_CANCEL", evil)
            .append_pair("outcome", "leave")
            .finish();
        let request = world.http.post(world.url("/sandbox/epay/pay/en"));
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        assert_eq!(send(request.body(body)).await.location(), "/");
    }
}

#[tokio::test]
async fn after_its_time_the_site_takes_no_money() {
    let world = world().await;
    let made = world.shop().create("25.01").await;
    let handoff = go(&world, &made, "card").await.expect(200).body;
    let lines = decode(&hidden(&handoff, "ENCODED"));
    assert!(lines.contains("EXP_TIME="), "{lines}");
    world.sandbox().advance(366 * 24 * 3600).await;
    let form =
        &handoff[handoff.find("data-go").map_or(0, |at| handoff[..at].rfind("<form").unwrap())..];
    let site = post(&world, form, &FIELDS, "").await.expect(200).body;
    let form = &site[site.find("<form").unwrap()..];
    post(&world, form, &FIELDS, "outcome=pay").await.expect(409);
    assert_eq!(world.payer(&made).state().await, "expired");
}

#[tokio::test]
async fn every_outcome_of_the_sandbox() {
    let world = world().await;
    for (outcome, state) in [
        ("succeed", "succeeded"),
        ("succeed_sms_first", "succeeded"),
        ("pending", "pending"),
        ("late", "succeeded"),
        ("duplicate", "succeeded"),
        ("forged", "pending"),
        ("decline", "declined"),
        ("expire", "expired"),
        ("cancel", "cancelled"),
    ] {
        let made = world.shop().create("25.01").await;
        let answer = world.sandbox().simulate(&made.id, outcome).await;
        assert_eq!(answer["state"], state, "{outcome}");
    }
    for outcome in ["short", "excess", "unmatched"] {
        let made = world.shop().create("25.01").await;
        let body = json!({"payment": made.id, "outcome": outcome});
        let answer = world.sandbox().post("/sandbox/simulate", &body).await.expect(409).json();
        assert_eq!(answer["error"]["code"], "not_of_rail", "{outcome}");
        assert_eq!(world.payer(&made).state().await, "created");
    }
    let made = world.shop().create("25.01").await;
    for (outcome, state) in [("succeed", "succeeded"), ("refund", "refunded")] {
        assert_eq!(world.sandbox().simulate(&made.id, outcome).await["state"], state);
    }
    world.check_books().await;
}
