//! Rules one by one: claims, receipts, ends.

use super::*;

#[test]
fn a_receipt_that_is_short_waits_for_a_person() {
    let mut world = World::with_payments(vec![order(100, 0, 5)]);
    world.step(&Step::Claim { payment: 0, reference: "AAAAAA1".into() }, at(0));
    world.step(&Step::Arrive { reference: "AAAAAA1".into(), minor: 94 }, at(1));
    let payment = &world.payments[0];
    assert_eq!(payment.state, PaymentState::Pending);
    assert_eq!(payment.attempts[0].state, AttemptState::Short);
    let flagged = ReceiptState::Open { problem: Some(Problem::Short), suggested: Some(payment.id) };
    assert_eq!(world.receipts["AAAAAA1"].state, flagged);
    world.step(&Step::Hand { payment: 0, reference: "AAAAAA1".into() }, at(2));
    assert_eq!(world.payments[0].state, PaymentState::Succeeded);
    world.check();
}

#[test]
fn a_receipt_within_tolerance_pays() {
    let mut world = World::with_payments(vec![order(100, 0, 5)]);
    world.step(&Step::Arrive { reference: "AAAAAA1".into(), minor: 95 }, at(0));
    world.step(&Step::Claim { payment: 0, reference: "AAAAAA1".into() }, at(1));
    assert_eq!(world.payments[0].state, PaymentState::Succeeded);
    world.check();
}

#[test]
fn a_doubtful_receipt_does_not_pay_by_itself() {
    let mut world = World::with_payments(vec![order(100, 0, 0)]);
    let doubtful = Receipt { confidence: Confidence::Low, ..receipt("AAAAAA1", 100) };
    world.arrive(doubtful, at(0));
    world.step(&Step::Claim { payment: 0, reference: "AAAAAA1".into() }, at(1));
    assert_eq!(world.payments[0].attempts[0].state, AttemptState::InReview);
    assert!(!world.payments[0].state.is_paid());
    world.check();
}

#[test]
fn the_second_payment_that_names_a_receipt_is_told_that_it_is_taken() {
    let mut world = paid_world();
    world.step(&Step::Claim { payment: 1, reference: "AAAAAA1".into() }, at(2));
    assert_eq!(world.payments[1].attempts[0].state, AttemptState::Taken);
    assert_eq!(world.receipts["AAAAAA1"].claimed_by(), Some(world.payments[0].id));
    world.check();
}

#[test]
fn a_prefix_of_a_reference_matches_nothing() {
    let mut world = World::with_payments(vec![order(100, 0, 0)]);
    world.step(&Step::Arrive { reference: "AAAAAA1".into(), minor: 100 }, at(0));
    world.step(&Step::Claim { payment: 0, reference: "AAAAAA".into() }, at(1));
    assert_eq!(world.payments[0].state, PaymentState::Pending);
}

#[test]
fn success_after_expiry_is_late_and_says_so() {
    let mut world = World::with_payments(vec![order(100, 0, 0)]);
    world.step(&Step::Claim { payment: 0, reference: "AAAAAA1".into() }, at(0));
    world.step(&Step::Expire { payment: 0 }, at(1));
    assert_eq!(world.payments[0].state, PaymentState::Expired);
    world.step(&Step::Arrive { reference: "AAAAAA1".into(), minor: 100 }, EXPIRES);
    assert!(world.payments[0].paid.as_ref().unwrap().late);
    world.check();
}

#[test]
fn nothing_expires_before_its_time() {
    let world = World::with_payments(vec![order(100, 0, 0)]);
    let early = decide(
        Some(&world.payments[0]),
        Command::Expire { by: Expirer::Clock },
        EXPIRES.plus_ms(-1),
    );
    assert_eq!(early, Err(Refusal::NotExpiredYet));
    let told = decide(Some(&world.payments[0]), Command::Expire { by: Expirer::FarEnd }, at(1));
    assert_eq!(told.unwrap().payment.state, PaymentState::Expired, "the far end knows");
}

#[test]
fn a_decline_keeps_its_reason_until_the_money_comes() {
    let mut world = World::with_payments(vec![order(100, 0, 0)]);
    world.step(&Step::Decline { payment: 0 }, at(0));
    assert_eq!(world.payments[0].reason.as_deref(), Some("no"));
    world.step(&Step::Claim { payment: 0, reference: "AAAAAA1".into() }, at(1));
    world.step(&Step::Arrive { reference: "AAAAAA1".into(), minor: 100 }, at(2));
    assert_eq!(
        (world.payments[0].state, &world.payments[0].reason),
        (PaymentState::Succeeded, &None)
    );
}

#[test]
fn attempts_are_bounded() {
    let mut world = World::with_payments(vec![order(100, 0, 0)]);
    for n in 0..crate::limits::WAITING_ATTEMPTS {
        world.step(&Step::Claim { payment: 0, reference: format!("REF{n:05}") }, at(n));
    }
    let key = ReceiptKey::new("bkash", "ONEMORE");
    let refused = decide(
        Some(&world.payments[0]),
        Command::Claim { account: ACCOUNT, key, origin: None },
        at(99),
    );
    assert_eq!(refused, Err(Refusal::TooManyAttempts));
}

#[test]
fn state_codes_are_unique_and_survive() {
    for state in PaymentState::ALL {
        assert_eq!(PaymentState::from_code(state.code()), Some(state));
    }
}

#[test]
fn money_beyond_what_was_due_pays_and_leaves_a_remark() {
    let mut world = World::with_payments(vec![order(100, 0, 0)]);
    world.step(&Step::Claim { payment: 0, reference: "AAAAAA1".into() }, at(0));
    world.step(&Step::Arrive { reference: "AAAAAA1".into(), minor: 130 }, at(1));
    let payment = world.payments[0].id;
    let remarked = ReceiptState::Claimed { payment, remark: Some(Problem::Excess) };
    assert_eq!(world.receipts["AAAAAA1"].state, remarked);
    assert_eq!(world.balance.balance(Account::Suspense, Currency::BDT), -30);
    world.check();
}

#[test]
fn money_of_last_week_does_not_pay_todays_order_by_itself() {
    let mut world = World::with_payments(vec![order(100, 0, 0)]);
    let heard_at = CREATED.plus_ms(-crate::limits::RECEIPT_AGE_MS_MAX - 1);
    world.arrive(Receipt { heard_at, ..receipt("AAAAAA1", 100) }, heard_at);
    world.step(&Step::Claim { payment: 0, reference: "AAAAAA1".into() }, at(0));
    assert!(!world.payments[0].state.is_paid());
    let suggested = Some(world.payments[0].id);
    let flagged = ReceiptState::Open { problem: Some(Problem::Stale), suggested };
    assert_eq!(world.receipts["AAAAAA1"].state, flagged);
    world.check();
}

#[test]
fn whoever_names_many_references_is_not_paid_by_one_of_them() {
    let mut world = World::with_payments(vec![order(100, 0, 0)]);
    for n in 0..=crate::limits::WAITING_ATTEMPTS_UNDOUBTED {
        world.step(&Step::Claim { payment: 0, reference: format!("REF{n:05}") }, at(n));
    }
    world.step(&Step::Arrive { reference: "REF00001".into(), minor: 100 }, at(9));
    assert!(!world.payments[0].state.is_paid());
    world.check();
}
