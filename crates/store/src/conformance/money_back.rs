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
    Command::RequestRefund { amount: taka(minor), reason: "broken".into(), reference: None }
}

fn debit(reference: &str, minor: i64, payee: &str) -> Debit {
    Debit {
        key: key(reference),
        account: ACCOUNT,
        amount: taka(minor),
        fee: Some(taka(500)),
        payee: Some(payee.into()),
        heard_at: at(20),
    }
}

async fn leave(store: &Store, brand: BrandId, debit: Debit) -> Option<PaymentId> {
    let write = move |tx: &mut crate::Tx<'_>| tx.record_debit(brand, &debit, at(20));
    store.write(Lane::Brand(brand), write).await.unwrap()
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
    // Its message comes after the person's word.
    assert_eq!(leave(&store, id, debit("OUT2", 2_000, PAYER)).await, None);
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
