//! `POST /checkout/{id}/confirm`.

use serde_json::json;

use crate::world::{Sms, World, send};

#[tokio::test]
async fn the_message_may_come_after_the_trxid() {
    let world = World::start().await;
    let made = world.shop().create("900").await;
    let payer = world.payer(&made);
    let sms = Sms::bkash(900);
    let answer = payer.confirm("bkash", &sms.reference).await.expect(202).json();
    assert_eq!((&answer["status"], &answer["code"]), (&json!("pending"), &json!("not_found_yet")));
    assert!(answer["message"].as_str().is_some_and(|text| !text.is_empty()));
    world.phone().hears(&sms).await;
    assert_eq!(payer.state().await, "succeeded");
}

#[tokio::test]
async fn the_message_may_come_before_the_trxid() {
    let world = World::start().await;
    let made = world.shop().create("900").await;
    let sms = Sms::bkash(900);
    world.phone().hears(&sms).await;
    assert_eq!(world.payer(&made).state().await, "created", "money alone pays nothing");
    let answer = world.payer(&made).confirm("bkash", &sms.reference).await.expect(200).json();
    let expected = json!({
        "status": "succeeded", "code": "succeeded", "message": "Payment received.",
        "return_url": format!("/checkout/{}/return", made.id),
    });
    assert_eq!(answer, expected);
    // Whoever says it again gets the same answer.
    let again = world.payer(&made).confirm("bkash", &sms.reference).await.expect(200).json();
    assert_eq!(again, expected);
}

#[tokio::test]
async fn a_form_is_answered_by_a_redirect_to_the_page() {
    let world = World::start().await;
    let made = world.shop().create("900").await;
    let payer = world.payer(&made);
    let sms = Sms::bkash(900);
    for (method, reference, text) in [
        ("bkash", "", "Enter the TrxID"),
        ("bkash", "AB1", "too short"),
        ("bkash", "CK5-1234567", "letters and digits only"),
        ("bkash", "A234567890123456789012345678901234567890", "too long"),
        ("cash", "CK51234567", "not available"),
        ("bkash", sms.reference.as_str(), "Waiting for confirmation"),
    ] {
        let to = payer.confirm_by_form(method, reference).await.location();
        assert!(to.starts_with(&format!("/checkout/{}?", made.id)), "{to}");
        let request = world.http.get(world.url(&to)).header("Accept-Language", "en");
        let page = send(request).await.expect(200).body;
        assert!(page.contains(text), "{reference:?} gives no {text:?}: {page}");
    }
    world.phone().hears(&sms).await;
    payer.confirm_by_form("bkash", &sms.reference).await.location();
    assert!(payer.page().await.body.contains("Payment received"));
}

#[tokio::test]
async fn what_is_typed_wrong_is_explained_with_a_code() {
    let world =
        World::builder().env("TORANA_RATE_LIMITS_CONFIRMATIONS_PER_MINUTE", "100").start().await;
    let made = world.shop().create("900").await;
    let payer = world.payer(&made);
    let long = "A".repeat(31);
    for (method, reference, code) in [
        ("bkash", "", "reference_missing"),
        ("bkash", "   ", "reference_missing"),
        ("bkash", "AB123", "reference_too_short"),
        ("bkash", long.as_str(), "reference_too_long"),
        ("bkash", "CK5 123456", "reference_characters"),
        ("bkash", "CK5%' OR 1=1", "reference_characters"),
        ("bkash", "ΝΕΚΟ123456", "reference_characters"),
        ("", "CK51234567", "method_unavailable"),
        ("paypal", "CK51234567", "method_unavailable"),
        ("bkash:99", "CK51234567", "method_unavailable"),
    ] {
        let answer = payer.confirm(method, reference).await.expect(422).json();
        assert_eq!(
            (&answer["status"], &answer["code"]),
            (&json!("error"), &json!(code)),
            "{reference}"
        );
    }
    assert_eq!(payer.state().await, "created", "none of it was a claim");
}

#[tokio::test]
async fn case_blanks_and_bengali_digits_do_not_matter() {
    let world = World::start().await;
    for change in [
        |reference: &str| reference.to_lowercase(),
        |reference: &str| format!(" {reference}\n"),
        |reference: &str| {
            let bengali = |c: char| match c.to_digit(10) {
                Some(digit) => char::from_u32(0x09E6 + digit).unwrap(),
                None => c,
            };
            reference.chars().map(bengali).collect()
        },
    ] {
        let made = world.shop().create("900").await;
        let sms = Sms::bkash(900);
        world.phone().hears(&sms).await;
        let typed = change(&sms.reference);
        let answer = world.payer(&made).confirm("bkash", &typed).await.expect(200).json();
        assert_eq!(answer["status"], "succeeded", "{typed}");
    }
}

#[tokio::test]
async fn bodies_that_are_no_confirmation_are_explained_too() {
    let world = World::start().await;
    let made = world.shop().create("900").await;
    let url = world.url(&format!("/checkout/{}/confirm", made.id));
    for (kind, body) in [
        ("application/json", "{"),
        ("application/json", "[]"),
        ("application/json", r#"{"method":1,"reference":{"a":1}}"#),
        ("application/json", ""),
        ("text/plain", "hello"),
        ("application/x-www-form-urlencoded", "%ff%fe&&&=="),
    ] {
        let request = world.http.post(&url).header("Content-Type", kind);
        let answer = send(request.header("Accept", "application/json").body(body)).await;
        assert_eq!(answer.expect(422).json()["status"], "error", "{kind} {body}");
    }
}

#[tokio::test]
async fn a_second_transfer_for_a_paid_payment_is_kept_for_a_person() {
    let world = World::start().await;
    let made = world.shop().create("900").await;
    let (first, second) = (Sms::bkash(900), Sms::bkash(900));
    world.phone().hears(&first).await;
    world.payer(&made).confirm("bkash", &first.reference).await.expect(200);
    world.phone().hears(&second).await;
    let answer = world.payer(&made).confirm("bkash", &second.reference).await.expect(200).json();
    assert_eq!(answer["status"], "succeeded", "the payer hears that it is paid");
    assert_eq!(world.shop().verify(&made).await["trx_id"], first.reference);
    let inbox = world.cli(&["inbox", "list", "--brand", &world.brand.id, "--json"]).await.json();
    let receipt = &inbox["receipts"][0];
    assert_eq!((&receipt["problem"], &receipt["payment"]), (&json!("duplicate"), &json!(made.id)));
    assert_eq!(receipt["reference"], second.reference);

    // Naming it does not take it from the payment that it was sent for.
    let other = world.shop().create("900").await;
    world.payer(&other).confirm("bkash", &second.reference).await.expect(200);
    assert_eq!(world.shop().verify(&other).await["trx_id"], second.reference);
    assert_eq!(world.shop().verify(&made).await["trx_id"], first.reference);
    world.check_books().await;
}
