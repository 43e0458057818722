//! Rules one by one: what goes back.

use super::*;
use crate::chargeback::ChargebackState;
use crate::debit::Debit;

#[test]
fn a_refund_goes_through_its_states_and_the_books_follow() {
    let mut world = paid_world();
    let refund = |world: &mut World, command: Command<'_>| world.apply(0, command, at(9)).unwrap();
    let ask = |minor| Command::RequestRefund {
        amount: bdt(minor),
        reason: "returned".into(),
        reference: None,
        unless_since: None,
    };
    let balance = |world: &World, account| world.balance.balance(account, Currency::BDT);
    refund(&mut world, ask(60));
    assert_eq!(world.payments[0].state, PaymentState::RefundPending);
    assert_eq!(balance(&world, Account::RefundsPayable), -60);
    refund(&mut world, Command::ProcessRefund { number: 1 });
    assert_eq!(world.payments[0].state, PaymentState::RefundProcessing);
    refund(
        &mut world,
        Command::CompleteRefund { number: 1, reference: "BBBBBB2".into(), cost: None },
    );
    assert_eq!(world.payments[0].state, PaymentState::PartiallyRefunded);
    assert_eq!(balance(&world, Account::Rail(ACCOUNT)), 40);
    refund(&mut world, ask(40));
    refund(&mut world, Command::FailRefund { number: 2, reason: "number closed".into() });
    assert_eq!(world.payments[0].state, PaymentState::PartiallyRefunded);
    refund(&mut world, ask(40));
    refund(
        &mut world,
        Command::CompleteRefund { number: 3, reference: "CCCCCC3".into(), cost: None },
    );
    assert_eq!(world.payments[0].state, PaymentState::Refunded);
    assert_eq!(balance(&world, Account::RefundsPayable), 0);
    assert_eq!(balance(&world, Account::Refunds), 100);
    world.check();
}

#[test]
fn a_refund_that_is_named_twice_is_one() {
    let mut world = paid_world();
    let ask = |minor, name: &'static str| Command::RequestRefund {
        amount: bdt(minor),
        reason: "".into(),
        reference: Some(name.into()),
        unless_since: None,
    };
    for _ in 0..2 {
        assert_eq!(world.apply(0, ask(60, "R-1"), at(2)), Ok(()));
    }
    assert_eq!(world.apply(0, ask(20, "R-1"), at(3)), Err(Refusal::RefundReferenceUsed));
    assert_eq!(world.apply(0, ask(20, "R-2"), at(3)), Ok(()));
    assert_eq!(world.payments[0].refunds.len(), 2);
    world.step(&Step::FailRefund { payment: 0, number: 1 }, at(4));
    assert_eq!(world.apply(0, ask(60, "R-1"), at(5)), Ok(()));
    assert_eq!(world.payments[0].refunds.len(), 3, "one that failed leaves its name to the next");
    world.check();
}

#[test]
fn a_chargeback_is_won_or_lost_once() {
    let mut world = paid_world();
    let apply = |world: &mut World, command: Command<'_>| world.apply(0, command, at(9));
    let open = |amount: Option<i64>| Command::OpenChargeback {
        amount: amount.map(bdt),
        reason: "not recognised".into(),
    };
    let balance = |world: &World, account| world.balance.balance(account, Currency::BDT);
    apply(&mut world, open(Some(30))).unwrap();
    assert_eq!(world.payments[0].state, PaymentState::ChargedBack);
    assert_eq!(balance(&world, Account::Disputes), 30);
    assert_eq!(apply(&mut world, open(Some(71))), Err(Refusal::ChargebackTooLarge(bdt(70))));
    apply(&mut world, Command::WinChargeback { number: 1 }).unwrap();
    assert_eq!(world.payments[0].state, PaymentState::Succeeded);
    assert_eq!(balance(&world, Account::Rail(ACCOUNT)), 100);
    let decided = Refusal::WrongChargebackState(ChargebackState::Won);
    assert_eq!(apply(&mut world, Command::LoseChargeback { number: 1 }), Err(decided));
    apply(&mut world, open(None)).unwrap();
    apply(&mut world, Command::LoseChargeback { number: 2 }).unwrap();
    assert_eq!(world.payments[0].state, PaymentState::ChargedBack);
    assert_eq!(balance(&world, Account::Chargebacks), 100);
    assert_eq!(balance(&world, Account::Rail(ACCOUNT)), 0);
    assert_eq!(apply(&mut world, open(None)), Err(Refusal::ChargebackTooLarge(bdt(0))));
    let refused = Command::OpenChargeback { amount: None, reason: "".into() };
    assert_eq!(
        world.apply(1, refused, at(9)),
        Err(Refusal::WrongState(PaymentState::Created)),
        "what was not paid cannot be charged back"
    );
    world.check();
}

#[test]
fn a_chargeback_gives_up_refunds_that_nobody_began_to_send() {
    let mut world = paid_world();
    let apply = |world: &mut World, command: Command<'_>| world.apply(0, command, at(9)).unwrap();
    let ask = |minor| Command::RequestRefund {
        amount: bdt(minor),
        reason: "".into(),
        reference: None,
        unless_since: None,
    };
    apply(&mut world, ask(30));
    apply(&mut world, ask(20));
    apply(&mut world, ask(10));
    apply(&mut world, Command::ProcessRefund { number: 1 });
    let open = Command::OpenChargeback { amount: Some(bdt(60)), reason: "".into() };
    apply(&mut world, open);
    let states: Vec<_> = world.payments[0].refunds.iter().map(|refund| refund.state).collect();
    assert_eq!(states, [RefundState::Processing, RefundState::Failed, RefundState::Failed]);
    assert_eq!(world.payments[0].refundable(), bdt(10));
    world.check();
}

#[test]
fn a_debit_confirms_only_the_refund_that_it_is() {
    let mut world = World::with_payments(vec![order(100, 0, 0)]);
    world.step(&Step::Claim { payment: 0, reference: "AAAAAA1".into() }, at(0));
    world.arrive(
        Receipt { refund_to: Some("01711000001".into()), ..receipt("AAAAAA1", 100) },
        at(1),
    );
    for (n, minor) in [(2, 40), (3, 40), (4, 20)] {
        world.step(&Step::Refund { payment: 0, minor }, at(n));
    }
    let debit = |minor, payee: &str| Debit {
        key: ReceiptKey::new("bkash", "OUT1"),
        account: ACCOUNT,
        amount: bdt(minor),
        fee: None,
        payee: Some(payee.to_owned()),
        sent_at: Some(at(5)),
        heard_at: at(500),
    };
    let payment = &world.payments[0];
    assert_eq!(debit(40, "01711000001").confirms(payment), Some(1), "the oldest of two alike");
    assert_eq!(debit(20, "01711000001").confirms(payment), Some(3));
    assert_eq!(debit(60, "01711000001").confirms(payment), None, "another amount");
    assert_eq!(debit(40, "01711000002").confirms(payment), None, "another payee");
    assert_eq!(debit(40, "***001").confirms(payment), None, "a masked payee");
    let elsewhere = Debit { account: AccountId(9), ..debit(40, "01711000001") };
    assert_eq!(elsewhere.confirms(payment), None, "another account");
    let long_before = CREATED.plus_ms(-10 * 60 * 1000);
    let before = Debit { sent_at: Some(long_before), ..debit(40, "01711000001") };
    assert_eq!(before.confirms(payment), None, "sent before the refund was asked for");
    let untimed = Debit { sent_at: None, ..debit(40, "01711000001") };
    assert_eq!(untimed.confirms(payment), None, "nobody says when it was sent");
    world.step(&Step::Complete { payment: 0, number: 1 }, at(6));
    assert_eq!(debit(40, "01711000001").confirms(&world.payments[0]), Some(2));
}
