//! `GET /checkout/{id}/status`.

use serde_json::{Value, json};

use crate::world::{World, send};

#[tokio::test]
async fn every_state_has_its_word() {
    let world = World::start().await;
    let back = |id: &str| Value::String(format!("/checkout/{id}/return"));
    for (outcome, status, code) in [
        ("", "created", "open"),
        ("pending", "pending", "not_found_yet"),
        ("succeed", "succeeded", "succeeded"),
        ("short", "pending", "amount_short"),
        ("forged", "pending", "unknown"),
        ("cancel", "cancelled", "cancelled"),
        ("decline", "declined", "declined"),
        ("expire", "expired", "expired"),
        ("late", "succeeded", "succeeded"),
    ] {
        let made = world.shop().create("20").await;
        if !outcome.is_empty() {
            world.sandbox().simulate(&made.id, outcome).await;
        }
        let answer = world.payer(&made).status().await;
        let keys: Vec<&String> = answer.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["status", "code", "message", "return_url"]);
        assert_eq!(answer["status"], status, "{outcome}");
        let codes = if outcome == "pending" { vec!["waiting", code] } else { vec![code] };
        assert!(codes.contains(&answer["code"].as_str().unwrap()), "{outcome}: {answer}");
        let expected = if outcome.is_empty() { Value::Null } else { back(&made.id) };
        assert_eq!(answer["return_url"], expected, "{outcome}");
    }
}

#[tokio::test]
async fn who_sent_too_little_reads_how_much_was_sent_and_is_due() {
    let world = World::start().await;
    let made = world.shop().create("80").await;
    world.sandbox().simulate(&made.id, "short").await;
    let answer = world.payer(&made).status().await;
    let message = answer["message"].as_str().unwrap();
    assert!(message.contains("80.00") && message.contains("40.00"), "{message}");
}

#[tokio::test]
async fn the_message_is_in_the_payers_language() {
    let world = World::start().await;
    let made = world.shop().create("80").await;
    let mut messages = vec![];
    for language in ["bn", "en", "hi", "bg"] {
        let url = world.url(&format!("/checkout/{}/status?lang={language}", made.id));
        let answer = send(world.http.get(url)).await.expect(200).json();
        messages.push(answer["message"].as_str().unwrap().to_owned());
    }
    messages.sort();
    messages.dedup();
    assert_eq!(messages.len(), 4, "{messages:?}");
}

#[tokio::test]
async fn what_does_not_exist_is_not_found_in_json() {
    let world = World::start().await;
    let url = world.url(&format!("/checkout/{}/status", "0".repeat(32)));
    let answer = send(world.http.get(url).header("Accept", "application/json")).await.expect(404);
    assert_eq!(answer.json()["status"], json!("error"));
}
