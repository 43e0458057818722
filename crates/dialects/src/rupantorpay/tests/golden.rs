//! Every JSON of the seed, and our own bytes beside it.

use http::StatusCode;
use torana_domain::payment::{Event, EventKind};

use super::*;

const SEED_CREATE: &str = include_str!("../fixtures/seed-create-request.json");
const SEED_CREATED: &str = include_str!("../fixtures/seed-create-reply.json");
const SEED_VERIFY: &str = include_str!("../fixtures/seed-verify-request.json");
const SEED_FOUND: &str = include_str!("../fixtures/seed-verify-reply.txt");
const SEED_NAMES: &str = include_str!("../fixtures/seed-redirect-names.txt");

/// The seed's text without its white space; its keys keep their order.
fn compact(text: &str) -> String {
    serde_json::from_str::<Value>(text).unwrap().to_string()
}

#[track_caller]
fn assert_fixture(bytes: &[u8], fixture: &str) {
    assert_eq!(String::from_utf8_lossy(bytes), fixture.trim_end());
}

fn seed_payment() -> Payment {
    let text = r#"{"fullname":"John Doe","email":"john@gmail.com","amount":"900","metadata":{"phone":"015****"},
        "success_url":"https://yourdomain.com/success.php","cancel_url":"https://yourdomain.com/cancel.php",
        "webhook_url":"https://yourdomain.com/webhook.php"}"#;
    paid(payment(Shop::default().create(text).unwrap()), "bkash", "7TRKHJH")
}

#[test]
fn the_seeds_request_is_read() {
    let call = Shop::default().create(SEED_CREATE).unwrap();
    assert_eq!(call.amount, bdt("10"));
    assert_eq!(call.urls.success, "https://yourdomain.com/success");
    assert_eq!(call.urls.cancel, "https://yourdomain.com/cancel");
    assert_eq!(call.urls.callback.as_deref(), Some("https://yourdomain.com/webhook"));
    assert_eq!(call.metadata.as_deref(), Some(r#"{"phone":"016****"}"#));
    assert_eq!((call.customer.name.as_str(), call.customer.email.as_str()), ("", ""));
}

#[test]
fn the_answer_to_create_begins_with_the_seeds() {
    let shop = Shop::with(|switches| switches.status_number = true);
    let call = shop.create(SEED_CREATE).unwrap();
    let id = seed_payment_id();
    let reply = shop.create_reply(&call);
    assert_eq!(reply.status, StatusCode::OK);
    let ours = String::from_utf8_lossy(&reply.body);
    let seed = compact(SEED_CREATED).replace("b32174038622a436c132a893183a8f74", &id.to_string());
    assert!(ours.starts_with(seed.trim_end_matches('}')), "{ours}\n{seed}");
    assert_fixture(&reply.body, include_str!("../fixtures/create-reply-number.json"));

    let shop = Shop::default();
    let reply = shop.create_reply(&call);
    assert_fixture(&reply.body, include_str!("../fixtures/create-reply.json"));
}

#[test]
fn the_seeds_verify_request_is_read() {
    let shop = Shop::default();
    let verify = |body: &str| shop.post(VERIFY, "application/json", body.as_bytes());
    // The seed's placeholder is no real identifier.
    assert_eq!(verify(SEED_VERIFY), Ok(find(vec![])));
    let real = SEED_VERIFY.replace("ABCDEFH", SEED_ID);
    assert_eq!(verify(&real), Ok(find(vec![Candidate::Number(seed_number())])));
}

#[test]
fn the_answer_to_verify_is_the_seeds_byte_for_byte() {
    let shop = Shop::default();
    let reply = shop.verify_reply(&seed_payment());
    assert_eq!(reply.status, StatusCode::OK);
    assert_fixture(&reply.body, &compact(&SEED_FOUND.replace(" =>", ":")));
    let unpaid = payment(shop.create(SEED_CREATE).unwrap());
    let reply = shop.verify_reply(&unpaid);
    assert_fixture(&reply.body, include_str!("../fixtures/verify-reply-unpaid.json"));
}

#[test]
fn the_redirect_has_the_seeds_parameters_in_order() {
    let shop = Shop::default();
    let url = shop.return_url(&seed_payment());
    assert_fixture(url.as_bytes(), include_str!("../fixtures/redirect.txt"));
    let query = url.split_once('?').unwrap().1;
    let names: Vec<_> = query.split('&').map(|pair| pair.split('=').next().unwrap()).collect();
    let seed: Vec<_> = SEED_NAMES.lines().collect();
    assert_eq!(names.split_last(), Some((&"transaction_id", &seed[..])));
}

#[test]
fn callbacks_are_as_recorded() {
    let event = Event { at: NOW, kind: EventKind::Succeeded { late: false, by_hand: None } };
    let told = |shop: Shop| RupantorPay.callback(&seed_payment(), &event, &shop.switches).unwrap();
    let form = told(Shop::default());
    assert_eq!(form.url, "https://yourdomain.com/webhook.php");
    assert_eq!(form.content_type, "application/x-www-form-urlencoded");
    assert_fixture(&form.body, include_str!("../fixtures/callback.txt"));
    let json = told(Shop::with(|switches| switches.callback_json = true));
    assert_eq!(json.content_type, "application/json");
    assert_fixture(&json.body, include_str!("../fixtures/callback.json"));
}

#[test]
fn errors_are_in_the_seeds_envelope() {
    let invalid = |field, message: &str| WireError::invalid(field, message);
    let errors = [
        WireError::Unauthenticated,
        WireError::RateLimited { retry_after_s: 30 },
        invalid("amount", "must be more than 0"),
        invalid("metadata", "Metadata must be in JSON format."),
        WireError::Malformed("The request body is not valid JSON."),
        WireError::NotFound,
        WireError::MethodNotAllowed,
        WireError::TooLarge,
        WireError::Unavailable,
    ];
    let lines: Vec<_> = errors
        .iter()
        .map(refuse)
        .map(|reply| format!("{} {}", reply.status.as_u16(), String::from_utf8_lossy(&reply.body)))
        .collect();
    assert_fixture(lines.join("\n").as_bytes(), include_str!("../fixtures/errors.txt"));
}
