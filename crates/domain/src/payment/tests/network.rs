//! A network that is asked for money, which answers, or does not.

use super::*;

fn ask(world: &mut World, reference: &str, n: usize) -> Result<(), Refusal> {
    let key = ReceiptKey::new("bkash", reference);
    world.apply(0, Command::Ask { account: ACCOUNT, key, origin: None }, at(n))
}

fn refuse(reference: &str, is_final: bool) -> Step {
    Step::Refuse { payment: 0, reference: reference.into(), is_final }
}

fn reserve(world: &mut World, n: usize) {
    ask(world, "AAAAAA1", n).unwrap();
    world.step(&Step::Reserve { payment: 0, reference: "AAAAAA1".into() }, at(n + 1));
    assert_eq!(world.payments[0].state, PaymentState::Authorised);
    assert_eq!(world.payments[0].attempts[0].state, AttemptState::Reserved);
}

#[test]
fn what_is_asked_for_is_unknown_until_it_is_answered() {
    let mut world = World::with_payments(vec![order(100, 0, 0)]);
    ask(&mut world, "AAAAAA1", 0).unwrap();
    assert_eq!(world.payments[0].state, PaymentState::Unknown);
    assert_eq!(ask(&mut world, "AAAAAA1", 1), Ok(()), "once");
    let busy = Err(Refusal::WrongState(PaymentState::Unknown));
    assert_eq!(ask(&mut world, "BBBBBB2", 2), busy, "one at a time");
    world.step(&Step::Expire { payment: 0 }, at(3));
    assert_eq!(world.payments[0].state, PaymentState::Unknown, "it does not expire");
    world.step(&Step::Arrive { reference: "AAAAAA1".into(), minor: 100 }, at(4));
    assert_eq!(world.payments[0].state, PaymentState::Succeeded);
    assert_eq!(world.payments[0].attempts[0].state, AttemptState::Paid);
    assert_eq!(ask(&mut world, "CCCCCC3", 5), Err(Refusal::AlreadyPaid));
    world.check();
}

#[test]
fn a_payer_who_is_refused_may_try_again_unless_that_was_final() {
    let mut world = World::with_payments(vec![order(100, 0, 0)]);
    ask(&mut world, "AAAAAA1", 0).unwrap();
    world.step(&refuse("AAAAAA1", false), at(1));
    world.step(&refuse("AAAAAA1", false), at(2));
    assert_eq!(world.payments[0].state, PaymentState::Pending);
    assert_eq!(world.payments[0].attempts[0].state, AttemptState::Refused);
    assert_eq!(world.payments[0].version, 3, "the second time changes nothing");
    ask(&mut world, "BBBBBB2", 3).unwrap();
    world.step(&refuse("BBBBBB2", true), at(4));
    let payment = &world.payments[0];
    assert_eq!((payment.state, payment.reason.as_deref()), (PaymentState::Declined, Some("05")));
    let over = Err(Refusal::WrongState(PaymentState::Declined));
    assert_eq!(ask(&mut world, "CCCCCC3", 5), over);
}

#[test]
fn what_was_given_up_while_it_was_asked_for_stays_given_up_or_is_paid_late() {
    let mut world = World::with_payments(vec![order(100, 0, 0), order(100, 0, 0)]);
    ask(&mut world, "AAAAAA1", 0).unwrap();
    world.step(&Step::Cancel { payment: 0 }, at(1));
    world.step(&refuse("AAAAAA1", true), at(2));
    assert_eq!(world.payments[0].state, PaymentState::Cancelled);
    let key = ReceiptKey::new("bkash", "BBBBBB2");
    world.apply(1, Command::Ask { account: ACCOUNT, key, origin: None }, at(3)).unwrap();
    world.step(&Step::Cancel { payment: 1 }, at(4));
    world.step(&Step::Arrive { reference: "BBBBBB2".into(), minor: 100 }, at(5));
    assert!(world.payments[1].paid.as_ref().unwrap().late);
    world.check();
}

#[test]
fn a_part_of_a_reservation_pays_with_that_part_of_the_fee() {
    let mut world = World::with_payments(vec![order(100, 10, 0)]);
    reserve(&mut world, 0);
    world.step(&Step::Expire { payment: 0 }, at(2));
    world.step(&Step::Cancel { payment: 0 }, at(3));
    assert_eq!(world.payments[0].state, PaymentState::Authorised, "only a release lets it go");
    world.arrive(receipt("BBBBBB2", 44), at(4));
    world.settle(0, "BBBBBB2", Settler::Rail, at(5));
    let payment = &world.payments[0];
    assert_eq!(payment.state, PaymentState::Succeeded);
    assert_eq!(payment.attempts[0].state, AttemptState::Paid);
    assert_eq!(payment.refundable(), bdt(44));
    let balance = |account| world.balance.balance(account, Currency::BDT);
    assert_eq!((balance(Account::Fees), balance(Account::Sales)), (-4, -40));
    world.check();
}

#[test]
fn a_reservation_is_let_go_once() {
    let mut world = World::with_payments(vec![order(100, 0, 0)]);
    world.step(&Step::Release { payment: 0 }, at(0));
    assert_eq!(world.payments[0].state, PaymentState::Created, "nothing is reserved");
    reserve(&mut world, 1);
    let version = world.payments[0].version;
    world.step(&Step::Release { payment: 0 }, at(3));
    world.step(&Step::Release { payment: 0 }, at(4));
    let payment = &world.payments[0];
    assert_eq!((payment.state, payment.version), (PaymentState::Cancelled, version + 1));
    assert_eq!(payment.attempts[0].state, AttemptState::Refused);
}

#[test]
fn references_that_nobody_saw_do_not_spoil_what_a_network_was_asked_for() {
    let mut world = World::with_payments(vec![order(100, 0, 0)]);
    for (n, reference) in ["BBBBBB2", "CCCCCC3", "DDDDDD4", "EEEEEE5"].into_iter().enumerate() {
        let key = ReceiptKey::new("bkash", reference);
        world.apply(0, Command::Claim { account: ACCOUNT, key, origin: None }, at(n)).unwrap();
    }
    ask(&mut world, "AAAAAA1", 5).unwrap();
    let others = world.payments[0].attempts.len();
    assert_eq!(others, 5);
    world.step(&Step::Arrive { reference: "AAAAAA1".into(), minor: 100 }, at(6));
    assert_eq!(world.payments[0].state, PaymentState::Succeeded);
    world.check();
}

#[test]
fn an_answer_that_does_not_fit_ends_the_doubt() {
    let mut world = World::with_payments(vec![order(100, 0, 0)]);
    ask(&mut world, "AAAAAA1", 0).unwrap();
    world.step(&Step::Arrive { reference: "AAAAAA1".into(), minor: 60 }, at(1));
    let payment = &world.payments[0];
    assert_eq!(
        (payment.state, payment.attempts[0].state),
        (PaymentState::Pending, AttemptState::Short)
    );
    world.check();
}
