use torana_domain::PaymentId;
use torana_domain::payment::{Canceller, Command, EventKind, Expirer, PaymentState, Refusal};

use super::fixtures::{at, brand, check, claim, command, create, created, load, order, pay, taka};
use crate::{Lane, PreparedPayment, Store, StoreError};

pub async fn a_payment_comes_back_as_it_was_created(store: Store) {
    let id = brand(&store).await;
    let payment = create(&store, id, 0x1234_5678_9abc_def0).await;
    assert_eq!(load(&store, &payment), payment);
}

pub async fn a_taken_number_is_a_conflict(store: Store) {
    let id = brand(&store).await;
    let first = create(&store, id, 7).await;
    let mut other = order();
    other.expires_at = at(9);
    let second = PreparedPayment::new(&created(id, other, 7)).unwrap();
    assert_eq!(store.create(second).await, Err(StoreError::Conflict));
    assert_eq!(load(&store, &first), first);
    assert!(store.read(|reader| reader.due_timers(id, at(10), 10)).unwrap().is_empty());
}

pub async fn another_token_is_another_payment(store: Store) {
    let id = brand(&store).await;
    let payment = create(&store, id, 7).await;
    let forged = PaymentId { token: payment.id.token ^ 1, ..payment.id };
    assert_eq!(store.read(|reader| reader.payment_by_id(forged)), Ok(None));
}

pub async fn recent_payments_come_latest_first(store: Store) {
    let id = brand(&store).await;
    for random in 1..=5 {
        create(&store, id, random).await;
    }
    let page = store.read(|reader| reader.payments(id, None, 3)).unwrap();
    let rest = store.read(|reader| reader.payments(id, Some(page[2].id.number), 3)).unwrap();
    let bits: Vec<_> = page.iter().chain(&rest).map(|p| p.id.number.random_bits()).collect();
    assert_eq!(bits, [5, 4, 3, 2, 1]);
}

pub async fn brands_do_not_see_each_others_payments(store: Store) {
    let (one, other) = (brand(&store).await, brand(&store).await);
    let payment = create(&store, one, 7).await;
    assert_eq!(store.read(|reader| reader.payment(other, payment.id.number)), Ok(None));
    // The same number may exist in both.
    create(&store, other, 7).await;
    assert_eq!(store.read(|reader| reader.count_payments(one)), Ok(1));
}

pub async fn a_stale_version_is_a_conflict(store: Store) {
    let id = brand(&store).await;
    let before = create(&store, id, 7).await;
    let mut after = before.clone();
    after.version = 2;
    after.state = PaymentState::Cancelled;
    let (b, a) = (before.clone(), after.clone());
    store.write(Lane::Brand(id), move |tx| tx.update_payment(&b, &a)).await.unwrap();
    let again = store.write(Lane::Brand(id), move |tx| tx.update_payment(&before, &after)).await;
    assert_eq!(again, Err(StoreError::VersionConflict));
}

pub async fn a_repeated_command_changes_nothing(store: Store) {
    let id = brand(&store).await;
    let number = create(&store, id, 7).await.id.number;
    let cancel = Command::Cancel { by: Canceller::Payer };
    let first = command(&store, id, number, cancel.clone(), 1).await.unwrap();
    let second = command(&store, id, number, cancel, 2).await.unwrap();
    assert!(first.is_change() && !second.is_change());
    assert_eq!(first.payment, second.payment);
    let refused = command(&store, id, number, Command::Decline { reason: "late".into() }, 3).await;
    let refusal = Refusal::WrongState(PaymentState::Cancelled);
    assert_eq!(refused, Err(StoreError::Refused(refusal)));
}

pub async fn timers_end_with_the_waiting(store: Store) {
    let id = brand(&store).await;
    let (one, two) = (create(&store, id, 1).await, create(&store, id, 2).await);
    let due = |s| store.read(|reader| reader.due_timers(id, at(s), 10)).unwrap();
    assert!(due(3_599).is_empty());
    assert_eq!(due(3_600), [one.id.number, two.id.number]);
    command(&store, id, one.id.number, Command::Expire { by: Expirer::Clock }, 3_600)
        .await
        .unwrap();
    claim(&store, &two, "AAAAAA1111", 3_601).await.unwrap();
    assert_eq!(due(3_601), [two.id.number]);
    let brands = store.read(|reader| reader.brands_with_due_timers(at(3_600))).unwrap();
    assert_eq!(brands, [id]);
    command(&store, id, two.id.number, Command::Doubt { reason: "?".into() }, 3_602).await.unwrap();
    assert!(due(9_999).is_empty());
}

pub async fn a_timeline_begins_with_the_creation(store: Store) {
    let id = brand(&store).await;
    let payment = pay(&store, id, 7, "AAAAAA1111").await;
    let number = payment.id.number;
    let refund = Command::RequestRefund {
        amount: taka(100),
        reason: "r".into(),
        reference: None,
        unless_since: None,
    };
    command(&store, id, number, refund, 9).await.unwrap();
    let events = store.read(|reader| reader.timeline(id, number)).unwrap();
    assert_eq!((events.len(), &events[0].kind, events[0].at), (4, &EventKind::Created, at(0)));
    assert_eq!(events[2].kind, EventKind::Succeeded { late: false, by_hand: None });
    assert_eq!((&events[3].kind, events[3].at), (&EventKind::RefundRequested { number: 1 }, at(9)));
}

pub async fn refunds_come_back_and_are_booked(store: Store) {
    use torana_domain::ledger::Account;
    let id = brand(&store).await;
    let number = pay(&store, id, 7, "AAAAAA1111").await.id.number;
    let ask = |minor| Command::RequestRefund {
        amount: taka(minor),
        reason: "broken".into(),
        reference: None,
        unless_since: None,
    };
    command(&store, id, number, ask(4_000), 10).await.unwrap();
    command(&store, id, number, ask(1_000), 11).await.unwrap();
    command(&store, id, number, Command::ProcessRefund { number: 1 }, 12).await.unwrap();
    let done = Command::CompleteRefund { number: 1, reference: "OUT1".into(), cost: None };
    command(&store, id, number, done, 13).await.unwrap();
    let failed = Command::FailRefund { number: 2, reason: "closed".into() };
    let last = command(&store, id, number, failed, 14).await.unwrap();
    let loaded = store.read(|reader| reader.payment(id, number)).unwrap().unwrap();
    assert_eq!(loaded, last.payment);
    assert_eq!(loaded.state, PaymentState::PartiallyRefunded);
    let balance = store.read(|reader| reader.trial_balance(id)).unwrap();
    let of = |account| balance.balance(account, taka(0).currency());
    assert_eq!(of(Account::Rail(super::fixtures::ACCOUNT)), 6_000);
    assert_eq!((of(Account::Refunds), of(Account::RefundsPayable)), (4_000, 0));
    check(&store);
}
