//! UPI: payers who scan, type a UTR, or send an amount that nobody else sends; the bank's message confirms.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;

use crate::world::{Made, Sms, World, send};

/// A test brand in rupees: it starts with a VPA whose bank account ends in 4821.
async fn world() -> World {
    World::builder().setting("policy.currency", "INR").start().await
}

/// Twelve digits that no other message of this run has.
fn utr() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(630_700_000_000);
    NEXT.fetch_add(1, Ordering::Relaxed).to_string()
}

/// HDFC's words, today's date in India.
fn credited(rupees: &str, tail: &str, utr: &str) -> Sms {
    let now = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(330);
    let body = format!(
        "Credit Alert!\nRs.{rupees} credited to HDFC Bank A/c XX{tail} on {} from VPA payer@okicici (UPI {utr})",
        now.strftime("%d-%m-%y")
    );
    Sms::new("AX-HDFCBK-S", &body, utr)
}

async fn page(world: &World, made: &Made) -> String {
    world.payer(made).page().await.expect(200).body
}

#[tokio::test]
async fn the_utr_first_then_the_banks_message() {
    let world = world().await;
    let made = world.shop().create("731.40").await;
    let utr = utr();
    let answer = world.payer(&made).confirm("upi", &utr).await.expect(202).json();
    assert_eq!(answer["status"], "pending");
    world.phone().hears(&credited("731.40", "4821", &utr)).await;
    let verified = world.shop().verify(&made).await;
    assert_eq!(verified["status"], "COMPLETED");
    assert_eq!((&verified["payment_method"], &verified["trx_id"]), (&json!("upi"), &json!(utr)));
    assert_eq!(verified["currency"], "INR");
    world.check_books().await;
}

#[tokio::test]
async fn the_banks_message_first_then_the_utr() {
    let world = world().await;
    let made = world.shop().create("200").await;
    let utr = utr();
    world.phone().hears(&credited("200", "4821", &utr)).await;
    assert_eq!(world.shop().state(&made).await, "PENDING", "an amount alone pays nothing");
    let answer = world.payer(&made).confirm("upi", &utr).await.expect(200).json();
    assert_eq!(answer["status"], "succeeded");
    // The same money pays nobody else.
    let other = world.shop().create("200").await;
    assert_eq!(world.payer(&other).confirm_code("upi", &utr).await, "already_used");
    world.check_books().await;
}

#[tokio::test]
async fn what_is_no_utr_is_refused_and_told() {
    let world = world().await;
    let made = world.shop().create("200").await;
    for wrong in ["63071234567", "6307123456712", "SUR61914517E3E84F5B900EE8D11B", "63071234567A"] {
        assert_eq!(world.payer(&made).confirm_code("upi", wrong).await, "reference_utr", "{wrong}");
    }
    assert_eq!(world.payer(&made).state().await, "created");
}

#[tokio::test]
async fn a_message_about_another_account_waits_for_a_person() {
    let world = world().await;
    let made = world.shop().create("200").await;
    let utr = utr();
    world.payer(&made).confirm("upi", &utr).await.expect(202);
    world.phone().hears(&credited("200", "9999", &utr)).await;
    assert_eq!(world.shop().state(&made).await, "PENDING");
    let inbox = world.cli(&["inbox", "list", "--brand", &world.brand.id, "--json"]).await.json();
    assert_eq!(inbox["receipts"][0]["reference"], utr);
    world.check_books().await;
}

#[tokio::test]
async fn what_left_the_account_pays_nobody() {
    let world = world().await;
    let made = world.shop().create("200").await;
    let utr = utr();
    world.payer(&made).confirm("upi", &utr).await.expect(202);
    let body = format!(
        "ICICI Bank Acct XX482 debited for Rs 200.00 on 03-Nov-26; SHOP credited. UPI:{utr}."
    );
    world.phone().hears(&Sms::new("VM-ICICIT-S", &body, &utr)).await;
    assert_eq!(world.shop().state(&made).await, "PENDING");
    world.check_books().await;
}

#[tokio::test]
async fn the_page_shows_a_code_and_opens_apps_for_merchants_only() {
    let personal = [
        "upi",
        "add",
        "--vpa",
        "ravi@okbank",
        "--kind",
        "personal",
        "--tail",
        "77",
        "--bank",
        "hdfc",
    ];
    let world = World::builder().setting("policy.currency", "INR").command(&personal);
    let world = world.start().await;
    let made = world.shop().create("200").await;
    let path = format!("/checkout/{}?method=upi&lang=en", made.id);
    let merchant = send(world.http.get(world.url(&path))).await.expect(200).body;
    let bare = page(&world, &made).await;
    assert!(!bare.contains("bKash"), "a wallet of Bangladesh takes no rupees");
    for found in ["demoshop@torana", "phonepe://pay?", "tez://upi/pay?", "am=200", "UTR"] {
        assert!(merchant.contains(found), "no {found} in {merchant}");
    }
    let path = format!("/checkout/{}?method=upi:8&lang=en", made.id);
    let personal = send(world.http.get(world.url(&path))).await.expect(200).body;
    assert!(personal.contains("ravi@okbank") && personal.contains("personal UPI ID"));
    assert!(!personal.contains("://pay?") && !personal.contains("upi/pay?"), "no link to a person");
}

#[tokio::test]
async fn an_amount_of_its_own_pays_without_a_utr() {
    let builder = World::builder().setting("policy.currency", "INR");
    let world = builder.setting("unique_amounts", "true").start().await;
    let (one, two) = (world.shop().create("200").await, world.shop().create("200").await);
    assert!(page(&world, &one).await.contains("200.01"));
    assert!(page(&world, &two).await.contains("200.02"));
    world.phone().hears(&credited("200.00", "4821", &utr())).await;
    world.phone().hears(&credited("200.02", "4821", &utr())).await;
    assert_eq!(world.shop().state(&one).await, "PENDING");
    assert_eq!(world.shop().state(&two).await, "COMPLETED");
    assert_eq!(world.shop().verify(&two).await["amount"], "200.000", "what the shop asked for");
    world.check_books().await;
}

#[tokio::test]
async fn every_outcome_can_be_made_to_happen() {
    let world = world().await;
    for (outcome, state) in [
        ("succeed", "succeeded"),
        ("succeed_sms_first", "succeeded"),
        ("pending", "pending"),
        ("short", "pending"),
        ("excess", "succeeded"),
        ("late", "succeeded"),
        ("duplicate", "succeeded"),
        ("forged", "pending"),
        ("unmatched", "created"),
        ("decline", "declined"),
        ("cancel", "cancelled"),
        ("expire", "expired"),
    ] {
        let made = world.shop().create("50").await;
        let simulated = world.sandbox().simulate(&made.id, outcome).await;
        assert_eq!(simulated["state"], state, "{outcome}");
    }
    world.check_books().await;
}

#[tokio::test]
async fn a_live_brand_must_say_which_bank_account_it_is() {
    let world = World::builder().live().start().await;
    let args = ["upi", "add", "--brand", &world.brand.id, "--vpa", "shop@okbank"];
    let refused = world.cli(&args).await;
    assert!(refused.stderr.contains("--tail"), "{refused:?}");
    world.cli(&[&args[..], &["--tail", "4821", "--bank", "hdfc"]].concat()).await.expect_ok();
    let bad = ["upi", "add", "--brand", &world.brand.id, "--vpa", "no vpa", "--tail", "4821"];
    assert!(!world.cli(&bad).await.stderr.is_empty());
}
