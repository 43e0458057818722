//! Which money pays which payment.

use serde_json::{Value, json};

use crate::world::{Delivery, Made, Sms, World, bkash_id, until};

/// The inbox's receipts.
async fn inbox(world: &World) -> Vec<Value> {
    let printed = world.cli(&["inbox", "list", "--brand", &world.brand.id, "--json"]).await;
    printed.expect_ok().json()["receipts"].as_array().unwrap().clone()
}

/// Payments of so many taka.
async fn payments(world: &World, count: usize, amount: &str) -> Vec<Made> {
    let mut made = vec![];
    for _ in 0..count {
        made.push(world.shop().create(amount).await);
    }
    made
}

#[tokio::test]
async fn too_little_money_waits_for_a_person() {
    let world = World::start().await;
    let made = world.shop().create("900").await;
    let sms = Sms::bkash_paisa(89_999);
    world.phone().hears(&sms).await;
    let answer = world.payer(&made).confirm("bkash", &sms.reference).await.expect(202).json();
    assert_eq!((&answer["status"], &answer["code"]), (&json!("pending"), &json!("amount_short")));
    assert_eq!(world.shop().state(&made).await, "PENDING");
    let waiting = inbox(&world).await;
    assert_eq!(waiting.len(), 1);
    assert_eq!(
        (&waiting[0]["problem"], &waiting[0]["payment"]),
        (&json!("short"), &json!(made.id))
    );
    assert_eq!(waiting[0]["amount"], "899.99");

    let args = ["--brand", &world.brand.id, "--method", "bkash", "--reference", &sms.reference];
    let settle = ["inbox", "settle", "--payment", &made.id, "--reason", "a regular"];
    world.cli(&[&settle[..], &args[..]].concat()).await.expect_ok();
    assert_eq!(world.shop().state(&made).await, "COMPLETED");
    let told = world.merchant.wait("/webhook", 1).await;
    assert_eq!(told[0].field("paymentAmount"), "899.99");
    assert!(inbox(&world).await.is_empty());
    world.check_books().await;
}

#[tokio::test]
async fn a_tolerance_takes_a_little_less() {
    let world = World::builder().setting("policy.tolerance_minor", "100").start().await;
    for (paisa, code) in [(89_900, "succeeded"), (89_899, "amount_short")] {
        let made = world.shop().create("900").await;
        let sms = Sms::bkash_paisa(paisa);
        world.phone().hears(&sms).await;
        assert_eq!(world.payer(&made).confirm_code("bkash", &sms.reference).await, code, "{paisa}");
    }
    world.check_books().await;
}

#[tokio::test]
async fn too_much_money_pays_and_the_rest_stays_in_the_books() {
    let world = World::start().await;
    let made = world.shop().create("900").await;
    let sms = Sms::bkash(950);
    world.phone().hears(&sms).await;
    world.payer(&made).confirm("bkash", &sms.reference).await.expect(200);
    assert_eq!(world.shop().verify(&made).await["amount"], "900.000");
    let balance = world.cli(&["ledger", "balance", "--brand", &world.brand.id]).await;
    let balance = balance.expect_ok();
    assert!(
        balance.stdout.contains("-5000") && balance.stdout.contains("95000"),
        "{}",
        balance.stdout
    );
    assert!(balance.stdout.contains("sum: zero"), "{}", balance.stdout);
}

#[tokio::test]
async fn money_after_the_time_is_over_still_pays() {
    let world = World::start().await;
    let shop = world.shop();
    let (claimed, unclaimed) = (shop.create("900").await, shop.create("900").await);
    let (first, second) = (Sms::bkash(900), Sms::bkash(900));
    world.payer(&claimed).confirm("bkash", &first.reference).await.expect(202);
    world.sandbox().advance(3_700).await;
    for made in [&claimed, &unclaimed] {
        assert_eq!(shop.state(made).await, "ERROR");
    }
    world.phone().hears(&first).await;
    assert_eq!(shop.state(&claimed).await, "COMPLETED");
    world.phone().hears(&second).await;
    world.payer(&unclaimed).confirm("bkash", &second.reference).await.expect(200);
    assert_eq!(shop.state(&unclaimed).await, "COMPLETED");
    assert_eq!(world.merchant.wait("/webhook", 2).await.len(), 2);
    world.check_books().await;
}

#[tokio::test]
async fn a_forged_message_waits_for_a_person() {
    let world = World::start().await;
    let made = world.shop().create("900").await;
    let body = "You have received Tk 900.00 from 01711000001. Fee Tk 0.00. Balance Tk 450.00. TrxID FAKE123 at 05/11/2025 14:07";
    world.payer(&made).confirm("bkash", "FAKE123").await.expect(202);
    world.phone().hears(&Sms::new("bKash", body, "FAKE123")).await;
    assert_eq!(world.shop().state(&made).await, "PENDING");
    let waiting = inbox(&world).await;
    assert_eq!(
        (&waiting[0]["problem"], &waiting[0]["payment"]),
        (&json!("doubtful"), &json!(made.id))
    );
    let warnings = waiting[0]["warnings"].to_string();
    assert!(warnings.contains("trxid_structure") && warnings.contains("balance_gap"), "{warnings}");

    let args = ["--brand", &world.brand.id, "--method", "bkash", "--reference", "FAKE123"];
    let dismiss = ["inbox", "dismiss", "--reason", "forged"];
    world.cli(&[&dismiss[..], &args[..]].concat()).await.expect_ok();
    assert!(inbox(&world).await.is_empty());
    assert_eq!(world.shop().state(&made).await, "PENDING");
    world.check_books().await;
}

#[tokio::test]
async fn money_that_nobody_claims_is_kept_and_shown() {
    let world = World::start().await;
    let sms = Sms::bkash(70);
    world.phone().hears(&sms).await;
    let waiting = inbox(&world).await;
    assert_eq!(
        (&waiting[0]["problem"], &waiting[0]["reference"]),
        (&json!("unmatched"), &json!(sms.reference))
    );
    let made = world.shop().create("70").await;
    world.payer(&made).confirm("bkash", &sms.reference).await.expect(200);
    assert!(inbox(&world).await.is_empty());
}

#[tokio::test]
async fn a_message_that_comes_twice_is_one_receipt() {
    let world = World::start().await;
    let sms = Sms::bkash(70);
    for _ in 0..3 {
        world.phone().hears(&sms).await;
    }
    assert_eq!(inbox(&world).await.len(), 1);
    let made = world.shop().create("70").await;
    world.payer(&made).confirm("bkash", &sms.reference).await.expect(200);
    world.phone().hears(&sms).await;
    assert!(inbox(&world).await.is_empty());
    let balance = world.cli(&["ledger", "balance", "--brand", &world.brand.id]).await;
    assert!(!balance.stdout.contains("14000"), "counted twice: {}", balance.stdout);
    world.check_books().await;
}

#[tokio::test]
async fn a_second_receipt_for_a_paid_payment_stays_in_the_inbox() {
    let world = World::start().await;
    let made = world.shop().create("70").await;
    let (first, second) = (Sms::bkash(70), Sms::bkash(70));
    world.payer(&made).confirm("bkash", &first.reference).await.expect(202);
    world.payer(&made).confirm("bkash", &second.reference).await.expect(202);
    world.phone().hears(&first).await;
    world.phone().hears(&second).await;
    assert_eq!(world.shop().verify(&made).await["trx_id"], first.reference);
    let waiting = inbox(&world).await;
    assert_eq!(waiting.len(), 1);
    assert_eq!(
        (&waiting[0]["problem"], &waiting[0]["reference"]),
        (&json!("duplicate"), &json!(second.reference))
    );
    world.check_books().await;
}

#[tokio::test]
async fn one_receipt_pays_one_payment() {
    let world = World::start().await;
    let made = payments(&world, 3, "70").await;
    let sms = Sms::bkash(70);
    // Two claim before the money is seen, one after.
    world.payer(&made[0]).confirm("bkash", &sms.reference).await.expect(202);
    world.payer(&made[1]).confirm("bkash", &sms.reference).await.expect(202);
    world.phone().hears(&sms).await;
    let answer = world.payer(&made[2]).confirm("bkash", &sms.reference).await.expect(409).json();
    assert_eq!(answer["code"], "already_used");
    assert_eq!(world.shop().state(&made[0]).await, "COMPLETED", "the first that claimed it has it");
    for other in &made[1..] {
        assert_eq!(world.shop().state(other).await, "PENDING");
        assert_eq!(world.payer(other).status().await["code"], "already_used");
    }
    world.check_books().await;
}

#[tokio::test]
async fn a_claim_that_needs_less_gets_what_was_too_little_for_another() {
    let world = World::start().await;
    let (dear, cheap) = (world.shop().create("100").await, world.shop().create("50").await);
    let sms = Sms::bkash(50);
    world.payer(&dear).confirm("bkash", &sms.reference).await.expect(202);
    world.payer(&cheap).confirm("bkash", &sms.reference).await.expect(202);
    world.phone().hears(&sms).await;
    assert_eq!(world.shop().state(&dear).await, "PENDING");
    assert_eq!(world.shop().state(&cheap).await, "COMPLETED");
    world.check_books().await;
}

#[tokio::test]
async fn only_the_whole_trxid_of_the_same_wallet_matches() {
    let world = World::start().await;
    let reference = bkash_id();
    world.phone().hears(&Sms::bkash_with(7_000, &reference)).await;
    for (method, typed) in [
        ("bkash", &reference[..9]),
        ("bkash", &reference[..6]),
        ("bkash", &reference[1..]),
        ("bkash", &format!("{reference}0")),
        ("bkash", &format!("0{reference}")),
        ("nagad", &reference),
        ("upay", &reference),
    ] {
        let made = world.shop().create("70").await;
        let code = world.payer(&made).confirm_code(method, typed).await;
        assert_eq!(code, "not_found_yet", "{method} {typed}");
    }
    let made = world.shop().create("70").await;
    assert_eq!(world.payer(&made).confirm_code("bkash", &reference).await, "succeeded");
}

#[tokio::test]
async fn money_of_last_week_waits_for_a_person() {
    let world = World::start().await;
    let (old, recent) = (Sms::bkash(70), Sms::bkash(70));
    world.phone().hears(&old).await;
    world.sandbox().advance(20 * 3_600).await;
    world.phone().hears(&recent).await;
    world.sandbox().advance(5 * 3_600).await;
    let made = world.shop().create("70").await;
    world.payer(&made).confirm("bkash", &old.reference).await.expect(202);
    assert_eq!(world.shop().state(&made).await, "PENDING");
    let waiting = inbox(&world).await;
    let stale = waiting.iter().find(|row| row["reference"] == json!(old.reference)).unwrap();
    assert_eq!((&stale["problem"], &stale["payment"]), (&json!("stale"), &json!(made.id)));
    world.payer(&made).confirm("bkash", &recent.reference).await.expect(200);
    world.check_books().await;
}

#[tokio::test]
async fn a_second_message_with_the_same_trxid_and_other_money_is_shown() {
    let world = World::start().await;
    let sms = Sms::bkash(70);
    world.phone().hears(&sms).await;
    world.phone().hears(&Sms::bkash_with(99_900, &sms.reference)).await;
    let printed = world.cli(&["inbox", "list", "--brand", &world.brand.id, "--json"]).await.json();
    assert_eq!(printed["messages"][0]["why"], "conflicting_receipt", "{printed}");
    let (small, large) = (world.shop().create("70").await, world.shop().create("999").await);
    let code = world.payer(&large).confirm_code("bkash", &sms.reference).await;
    assert_eq!(code, "amount_short", "the first message counts");
    world.payer(&small).confirm("bkash", &sms.reference).await.expect(200);
    world.check_books().await;
}

#[tokio::test]
async fn of_many_that_race_for_one_receipt_one_is_paid() {
    let world = World::start().await;
    let made = payments(&world, 20, "70").await;
    let sms = Sms::bkash(70);
    world.phone().hears(&sms).await;
    let mut race = tokio::task::JoinSet::new();
    for payment in &made {
        let (payer, reference) = (world.payer(payment), sms.reference.clone());
        race.spawn(async move { payer.confirm("bkash", &reference).await });
    }
    let answers = race.join_all().await;
    let with = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((with(200), with(409)), (1, 19));
    only_one_is_paid(&world, &made).await;
}

#[tokio::test]
async fn of_many_that_race_with_the_message_one_is_paid() {
    let world = World::start().await;
    let made = payments(&world, 20, "70").await;
    let sms = Sms::bkash(70);
    let mut race = tokio::task::JoinSet::new();
    for (turn, payment) in made.iter().enumerate() {
        let (payer, reference) = (world.payer(payment), sms.reference.clone());
        race.spawn(async move { payer.confirm("bkash", &reference).await.status });
        if turn % 5 == 0 {
            let (phone, sms) = (world.phone(), sms.clone());
            race.spawn(async move { phone.forward(&sms).await.status });
        }
    }
    let statuses = race.join_all().await;
    assert!(statuses.iter().all(|status| [200, 202, 409].contains(status)), "{statuses:?}");
    only_one_is_paid(&world, &made).await;
}

async fn only_one_is_paid(world: &World, made: &[Made]) {
    let mut paid = vec![];
    for payment in made {
        if world.shop().state(payment).await == "COMPLETED" {
            paid.push(payment.transaction_id.clone());
        }
    }
    assert_eq!(paid.len(), 1, "{paid:?}");
    let told = world.merchant.wait("/webhook", 1).await;
    assert_eq!(told[0].field("transactionId"), paid[0]);
    nothing_more_is_owed(world, 1).await;
    world.check_books().await;
}

/// No message was sent again although it was taken.
fn told_once(told: &[Delivery]) {
    let mut ids: Vec<&str> = told.iter().map(|one| one.header("webhook-id")).collect();
    ids.sort_unstable();
    let all = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), all, "a message that was taken was sent again: {told:#?}");
}

/// Exactly so many callbacks were delivered, and none is under way.
async fn nothing_more_is_owed(world: &World, delivered: usize) {
    let sentinel = world.shop().told_at(world.merchant.url("/sentinel")).create("1").await;
    world.sandbox().simulate(&sentinel.id, "succeed").await;
    world.merchant.wait("/sentinel", 1).await;
    let expected = u64::try_from(delivered).unwrap() + 1;
    until("every delivery is recorded", || async {
        let recorded = world.metric("torana_callbacks_total{result=\"delivered\"}").await;
        (recorded >= expected).then_some(())
    })
    .await;
    told_once(&world.merchant.got("/webhook"));
    assert_eq!(world.merchant.got("/webhook").len(), delivered);
    assert_eq!(world.metric("torana_callbacks_total{result=\"delivered\"}").await, expected);
}

#[tokio::test]
async fn messages_and_confirmations_in_parallel_pay_once_and_tell_once() {
    let world =
        World::builder().env("TORANA_RATE_LIMITS_CONFIRMATIONS_PER_MINUTE", "1000").start().await;
    let made = world.shop().create("70").await;
    let sms = Sms::bkash(70);
    let mut race = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (payer, reference) = (world.payer(&made), sms.reference.clone());
        race.spawn(async move { payer.confirm("bkash", &reference).await.status });
        let (phone, sms) = (world.phone(), sms.clone());
        race.spawn(async move { phone.forward(&sms).await.status });
    }
    let statuses = race.join_all().await;
    assert!(statuses.iter().all(|status| [200, 202].contains(status)), "{statuses:?}");
    assert_eq!(world.shop().state(&made).await, "COMPLETED");
    world.merchant.wait("/webhook", 1).await;
    nothing_more_is_owed(&world, 1).await;
    let log = world.cli(&["callbacks", "list", "--payment", &made.id, "--json"]).await.json();
    assert_eq!(log.as_array().unwrap().len(), 1, "{log}");
    assert!(inbox(&world).await.is_empty());
    world.check_books().await;
}

#[tokio::test]
async fn payer_and_clock_and_money_in_parallel_end_in_one_state() {
    let world = World::start().await;
    for _ in 0..5 {
        let made = world.shop().create("70").await;
        let sms = Sms::bkash(70);
        world.payer(&made).confirm("bkash", &sms.reference).await.expect(202);
        let (payer, sandbox, phone) = (world.payer(&made), world.sandbox(), world.phone());
        let id = made.id.clone();
        tokio::join!(payer.cancel(), sandbox.simulate(&id, "expire"), phone.hears(&sms));
        assert_eq!(world.shop().state(&made).await, "COMPLETED", "money that was seen always pays");
    }
    world.merchant.wait("/webhook", 5).await;
    nothing_more_is_owed(&world, 5).await;
    world.check_books().await;
}
