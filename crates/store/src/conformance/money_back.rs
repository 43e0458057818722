use torana_domain::chargeback::ChargebackState;
use torana_domain::debit::Debit;
use torana_domain::ledger::Account;
use torana_domain::payment::{Command, Origin, Payment, PaymentState, Refusal};
use torana_domain::refund::RefundState;
use torana_domain::{BrandId, Money, PaymentId};

use super::fixtures::{ACCOUNT, at, brand, check, command, create, key, load, pay, taka};
use crate::{Lane, Store, StoreError};

/// Who paid, and is paid back: see the fixtures' receipt.
const PAYER: &str = "01700000000";

fn refund(minor: i64) -> Command<'static> {
    Command::RequestRefund {
        amount: taka(minor),
        reason: "broken".into(),
        reference: None,
        unless_since: None,
    }
}

fn debit(reference: &str, minor: i64, payee: &str) -> Debit {
    Debit {
        key: key(reference),
        account: ACCOUNT,
        amount: taka(minor),
        fee: Some(taka(500)),
        payee: Some(payee.into()),
        sent_at: Some(at(19)),
        heard_at: at(20),
    }
}

async fn leave(store: &Store, brand: BrandId, debit: Debit) -> Option<PaymentId> {
    tell(store, brand, debit, true).await
}

async fn leave_doubtfully(store: &Store, brand: BrandId, debit: Debit) {
    assert_eq!(tell(store, brand, debit, false).await, None);
}

async fn tell(store: &Store, brand: BrandId, debit: Debit, is_believed: bool) -> Option<PaymentId> {
    let write = move |tx: &mut crate::Tx<'_>| tx.record_debit(brand, &debit, is_believed, at(20));
    store.write(Lane::Brand(brand), write).await.unwrap()
}

async fn ask(store: &Store, payment: &Payment, minor: i64, s: i64) -> RefundState {
    let PaymentId { brand, number, .. } = payment.id;
    let write =
        move |tx: &mut crate::Tx<'_>| tx.request_refund(brand, number, refund(minor), at(s));
    let asked = store.write(Lane::Brand(brand), write).await.unwrap();
    asked.payment.refunds.last().unwrap().state
}

async fn done_by_hand(
    store: &Store,
    payment: &Payment,
    number: u32,
    reference: &'static str,
) -> Result<(), StoreError> {
    let PaymentId { brand, number: of, .. } = payment.id;
    let write = move |tx: &mut crate::Tx<'_>| {
        tx.complete_refund_by_hand(brand, of, number, reference, at(30)).map(drop)
    };
    store.write(Lane::Brand(brand), write).await
}

fn balance(store: &Store, brand: BrandId, account: Account) -> i128 {
    let balance = store.read(|reader| reader.trial_balance(brand)).unwrap();
    balance.balance(account, taka(0).currency())
}

pub async fn a_debit_confirms_one_refund_once(store: Store) {
    let id = brand(&store).await;
    let one = pay(&store, id, 1, "AAAAAA1111").await;
    let two = pay(&store, id, 2, "BBBBBB2222").await;
    command(&store, id, two.id.number, refund(4_000), 10).await.unwrap();
    command(&store, id, one.id.number, refund(4_000), 11).await.unwrap();
    assert_eq!(leave(&store, id, debit("OUT1", 4_000, "01700000009")).await, None);
    assert_eq!(leave(&store, id, debit("OUT2", 4_001, PAYER)).await, None);
    assert_eq!(leave(&store, id, debit("OUT3", 4_000, PAYER)).await, Some(two.id), "the older");
    assert_eq!(leave(&store, id, debit("OUT3", 4_000, PAYER)).await, None, "heard again");
    let after = load(&store, &two);
    assert_eq!(after.refunds[0].state, RefundState::Done);
    assert_eq!(after.refunds[0].note.as_deref(), Some("OUT3"));
    assert_eq!(after.state, PaymentState::PartiallyRefunded);
    assert_eq!(load(&store, &one).state, PaymentState::RefundPending);
    let kept = store.read(|reader| reader.debit(id, &key("OUT3"))).unwrap().unwrap();
    assert_eq!(kept.refund, Some((two.id.number, 1)));
    assert_eq!(kept.debit, debit("OUT3", 4_000, PAYER));
    assert_eq!(balance(&store, id, Account::RailFees), 500);
    assert_eq!(balance(&store, id, Account::Rail(ACCOUNT)), 20_000 - 4_500);
    check(&store);
}

pub async fn a_refund_is_done_by_hand_with_a_transfer_of_its_own(store: Store) {
    let id = brand(&store).await;
    let one = pay(&store, id, 1, "AAAAAA1111").await;
    for _ in 0..3 {
        command(&store, id, one.id.number, refund(2_000), 10).await.unwrap();
    }
    // Heard of before anybody said what it was for.
    leave(&store, id, debit("OUT1", 2_000, "01700000009")).await;
    leave(&store, id, debit("OUT9", 1_999, "01700000009")).await;
    done_by_hand(&store, &one, 1, "out1").await.unwrap();
    assert_eq!(balance(&store, id, Account::RailFees), 500, "known from its message");
    done_by_hand(&store, &one, 1, "OUT1").await.unwrap();
    let taken = Err(StoreError::Refused(Refusal::DebitTaken));
    assert_eq!(done_by_hand(&store, &one, 2, "OUT1").await, taken);
    assert_eq!(done_by_hand(&store, &one, 2, "OUT9").await, taken, "another amount");
    done_by_hand(&store, &one, 2, "OUT2").await.unwrap();
    let done = Err(StoreError::Refused(Refusal::WrongRefundState(RefundState::Done)));
    assert_eq!(done_by_hand(&store, &one, 2, "OUT3").await, done);
    let none = Err(StoreError::Refused(Refusal::NoSuchRefund));
    assert_eq!(done_by_hand(&store, &one, 7, "OUT4").await, none);
    // Its message comes after the person's word: only the fee is new.
    assert_eq!(balance(&store, id, Account::RailFees), 500);
    for _ in 0..2 {
        assert_eq!(leave(&store, id, debit("OUT2", 2_000, PAYER)).await, None);
        assert_eq!(balance(&store, id, Account::RailFees), 1_000);
    }
    let states: Vec<_> = load(&store, &one).refunds.iter().map(|refund| refund.state).collect();
    assert_eq!(states, [RefundState::Done, RefundState::Done, RefundState::Pending]);
    assert_eq!(store.read(|reader| reader.debit(id, &key("OUT4"))), Ok(None));
    check(&store);
}

pub async fn refunds_to_send_are_listed_longest_waiting_first(store: Store) {
    let id = brand(&store).await;
    let one = pay(&store, id, 1, "AAAAAA1111").await;
    let two = pay(&store, id, 2, "BBBBBB2222").await;
    command(&store, id, two.id.number, refund(1_000), 10).await.unwrap();
    command(&store, id, one.id.number, refund(1_000), 11).await.unwrap();
    command(&store, id, two.id.number, refund(1_000), 12).await.unwrap();
    let listed = || {
        let listed = store.read(|reader| reader.payments_to_refund(id, 10)).unwrap();
        listed.iter().map(|payment| payment.id).collect::<Vec<_>>()
    };
    assert_eq!(listed(), [two.id, one.id]);
    done_by_hand(&store, &one, 1, "OUT1").await.unwrap();
    command(&store, id, two.id.number, Command::ProcessRefund { number: 1 }, 13).await.unwrap();
    assert_eq!(listed(), [two.id]);
}

pub async fn chargebacks_come_back_and_are_booked(store: Store) {
    let id = brand(&store).await;
    let paid = pay(&store, id, 1, "AAAAAA1111").await;
    let number = paid.id.number;
    let open = |minor: Option<i64>| Command::OpenChargeback {
        amount: minor.map(taka),
        reason: "not recognised".into(),
    };
    command(&store, id, number, refund(4_000), 10).await.unwrap();
    command(&store, id, number, open(Some(3_000)), 11).await.unwrap();
    command(&store, id, number, Command::WinChargeback { number: 1 }, 12).await.unwrap();
    command(&store, id, number, open(None), 13).await.unwrap();
    let last =
        command(&store, id, number, Command::LoseChargeback { number: 2 }, 14).await.unwrap();
    let loaded = load(&store, &paid);
    assert_eq!(loaded, last.payment);
    assert_eq!(store.payment_by_id(paid.id).await, Ok(Some(last.payment)));
    assert_eq!(loaded.state, PaymentState::ChargedBack);
    let states: Vec<_> = loaded.chargebacks.iter().map(|it| it.state).collect();
    assert_eq!(states, [ChargebackState::Won, ChargebackState::Lost]);
    assert_eq!(loaded.refunds[0].state, RefundState::Failed, "the money is gone");
    let due = i128::from(Money::minor(paid.paid.unwrap().applied));
    assert_eq!(balance(&store, id, Account::Chargebacks), due);
    assert_eq!(balance(&store, id, Account::Disputes), 0);
    assert_eq!(balance(&store, id, Account::Rail(ACCOUNT)), 0);
    check(&store);
}

pub async fn a_decline_and_an_attempt_keep_what_was_said(store: Store) {
    let id = brand(&store).await;
    let payment = create(&store, id, 1).await;
    let origin = Origin { ip: "192.0.2.7".into(), user_agent: "Telefon \"ফোন\"".into() };
    let said = origin.clone();
    let number = payment.id.number;
    let write = move |tx: &mut crate::Tx<'_>| {
        tx.claim(id, number, ACCOUNT, &key("AAAAAA1111"), Some(said.clone()), at(1))
    };
    store.write(Lane::Brand(id), write).await.unwrap();
    let decline = Command::Decline { reason: "Unsuccessful - Declined".into() };
    let last = command(&store, id, number, decline, 2).await.unwrap();
    let loaded = load(&store, &payment);
    assert_eq!(loaded, last.payment);
    assert_eq!(loaded.attempts[0].origin, Some(origin));
    assert_eq!(loaded.reason.as_deref(), Some("Unsuccessful - Declined"));
    assert_eq!(store.payment_by_id(payment.id).await, Ok(Some(loaded)));
}

pub async fn a_mistyped_word_does_not_let_one_transfer_count_twice(store: Store) {
    let id = brand(&store).await;
    let one = pay(&store, id, 1, "AAAAAA1111").await;
    for _ in 0..2 {
        command(&store, id, one.id.number, refund(2_000), 10).await.unwrap();
    }
    done_by_hand(&store, &one, 1, "OUT1X").await.unwrap();
    assert_eq!(leave(&store, id, debit("OUT1", 2_000, PAYER)).await, None, "a person must look");
    assert_eq!(load(&store, &one).refunds[1].state, RefundState::Pending);
    // Nor does it count for a refund that is asked for afterwards.
    assert_eq!(ask(&store, &one, 2_000, 20).await, RefundState::Pending);
    // Another amount is another transfer.
    command(&store, id, one.id.number, refund(3_000), 11).await.unwrap();
    assert_eq!(leave(&store, id, debit("OUT2", 3_000, PAYER)).await, Some(one.id));
    // Once the word is backed by its own message, the next counts again.
    assert_eq!(leave(&store, id, debit("OUT1X", 2_000, PAYER)).await, None);
    assert_eq!(leave(&store, id, debit("OUT3", 2_000, PAYER)).await, Some(one.id));
    check(&store);
}

pub async fn a_doubtful_message_moves_no_money_and_stands_in_no_way(store: Store) {
    let id = brand(&store).await;
    let one = pay(&store, id, 1, "AAAAAA1111").await;
    let loose = |minor| {
        let loose = store.read(|reader| reader.loose_debits(id, minor, at(0), 10)).unwrap();
        loose.into_iter().map(|row| row.debit.key.reference).collect::<Vec<_>>()
    };
    // Neither for a refund that waits, nor for one that is asked for a moment later.
    assert_eq!(ask(&store, &one, 2_000, 10).await, RefundState::Pending);
    leave_doubtfully(&store, id, debit("OUT1", 2_000, PAYER)).await;
    assert_eq!(ask(&store, &one, 2_000, 20).await, RefundState::Pending);
    assert_eq!(load(&store, &one).state, PaymentState::RefundPending);
    assert_eq!(loose(2_000), ["OUT1"], "a person sees it");
    // A person's word takes its place, whatever it said; the fee waits for a message that is believed.
    leave_doubtfully(&store, id, debit("OUT2", 999, "01700000009")).await;
    done_by_hand(&store, &one, 1, "OUT2").await.unwrap();
    assert!(loose(999).is_empty());
    let dear = Debit { fee: Some(taka(900_000)), ..debit("OUT2", 2_000, PAYER) };
    leave_doubtfully(&store, id, dear).await;
    assert_eq!(balance(&store, id, Account::RailFees), 0);
    assert_eq!(leave(&store, id, debit("OUT2", 2_000, PAYER)).await, None);
    assert_eq!(balance(&store, id, Account::RailFees), 500);
    // And so does the same transfer told again, and believed.
    assert_eq!(leave(&store, id, debit("OUT1", 2_000, PAYER)).await, Some(one.id));
    assert_eq!(balance(&store, id, Account::RailFees), 1_000);
    assert_eq!(leave(&store, id, debit("OUT1", 2_000, PAYER)).await, None);
    assert!(loose(2_000).is_empty());
    assert!(load(&store, &one).refunds.iter().all(|refund| refund.state == RefundState::Done));
    check(&store);
}

pub async fn money_that_left_a_moment_before_the_refund_was_asked_for_counts(store: Store) {
    let id = brand(&store).await;
    let one = pay(&store, id, 1, "AAAAAA1111").await;
    let old = Debit { sent_at: Some(at(20 - 3_600)), ..debit("OUT0", 4_000, PAYER) };
    assert_eq!(leave(&store, id, old).await, None);
    assert_eq!(leave(&store, id, debit("OUT1", 4_000, PAYER)).await, None);
    let loose = store.read(|reader| reader.loose_debits(id, 4_000, at(0), 10)).unwrap();
    assert_eq!(loose.len(), 2);
    assert_eq!(ask(&store, &one, 4_000, 25).await, RefundState::Done);
    assert_eq!(ask(&store, &one, 4_000, 26).await, RefundState::Pending, "an old transfer is none");
    check(&store);
}

pub async fn a_subscription_makes_its_payments_in_one_transaction_each(store: Store) {
    use torana_domain::subscription::{
        Period, Renewal, Subscription, SubscriptionState, Terms, Unit,
    };
    let id = brand(&store).await;
    let first = super::fixtures::created(id, super::fixtures::order(), 1);
    let terms = Terms {
        amount: taka(10_000),
        period: Period { unit: Unit::Daily, interval: 1 },
        prorated: false,
        payments: 0,
        offers: None,
        begins_at: None,
        first_is_regular: true,
        is_trial: false,
        grace_ms: 1_000,
        ends_with_period: false,
        calendar_ms: 0,
    };
    let made = Subscription::start(first.payment.id, terms, at(0), at(3_600)).unwrap();
    let (decision, subscription) = (first.clone(), made.clone());
    let write = move |tx: &mut crate::Tx<'_>| tx.create_subscription(&decision, &subscription);
    store.write(Lane::Brand(id), write).await.unwrap();
    let number = first.payment.id.number;
    let stored = || store.read(|reader| reader.subscription(id, number)).unwrap().unwrap();
    assert_eq!(stored(), made);
    let standing = || store.read(|reader| reader.standing(&stored())).unwrap();
    assert_eq!((standing().has_begun, standing().open_until), (false, Some(at(3_600))));
    let due = |s| store.read(|reader| reader.due_subscriptions(id, at(s), 10)).unwrap();
    assert!(due(3_599).is_empty());
    assert_eq!(due(3_600), [number]);
    assert_eq!(store.read(|reader| reader.brands_with_due_subscriptions(at(3_600))).unwrap(), [id]);

    super::fixtures::claim(&store, &first.payment, "AAAAAA1111", 1).await.unwrap();
    super::fixtures::arrive(&store, id, super::fixtures::receipt("AAAAAA1111", 10_000), 2).await;
    assert_eq!((standing().has_begun, standing().paid, standing().open_until), (true, 1, None));

    let now = at(86_400);
    let looked = Subscription { next_at: Some(now), ..made.clone() };
    let Ok(Renewal::Pay { next, .. }) = looked.renew(&standing(), now) else { panic!("it is due") };
    let second = super::fixtures::created(id, super::fixtures::order(), 2);
    let (before, after, decision) = (made.clone(), next.clone(), second.clone());
    let write =
        move |tx: &mut crate::Tx<'_>| tx.update_subscription(&before, &after, Some(&decision), now);
    store.write(Lane::Brand(id), write.clone()).await.unwrap();
    assert_eq!(store.write(Lane::Brand(id), write).await, Err(StoreError::VersionConflict));
    assert_eq!(stored(), next);
    let ids: Vec<_> = store
        .read(|reader| reader.payments_of_subscription(&next, 1, 10))
        .unwrap()
        .iter()
        .map(|payment| payment.id)
        .collect();
    assert_eq!(ids, [first.payment.id, second.payment.id]);

    let ended = next.end(now).unwrap();
    let (before, after) = (next, ended.clone());
    let write = move |tx: &mut crate::Tx<'_>| {
        tx.update_subscription(&before, &after, None, now)?;
        tx.cancel_open_payments(&after, now)
    };
    store.write(Lane::Brand(id), write).await.unwrap();
    assert_eq!((stored().state, due(i64::MAX / 1_000)), (SubscriptionState::Cancelled, vec![]));
    assert_eq!(load(&store, &second.payment).state, PaymentState::Cancelled);
    assert_eq!(load(&store, &first.payment).state, PaymentState::Succeeded);
    check(&store);
}
