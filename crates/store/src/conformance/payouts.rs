//! Payouts, what may be paid out, and requests that come twice.

use torana_domain::debit::Debit;
use torana_domain::ledger::Account;
use torana_domain::payment::Refusal;
use torana_domain::payout::{Beneficiary, Command, Payout, PayoutOrder, PayoutState};
use torana_domain::receipt::ReceiptKey;
use torana_domain::{BrandId, PaymentId};

use super::fixtures::{ACCOUNT, DUE, FEE, at, brand, check, created, key, order, pay, taka};
use crate::{IdempotencyKey, Lane, Store, StoreError, Transfer};

/// What a brand can dispose of after one paid payment.
const EARNED: i64 = DUE - FEE;

fn wanted(minor: i64) -> PayoutOrder {
    PayoutOrder {
        dialect: "native".into(),
        method: "upi".into(),
        amount: taka(minor),
        beneficiary: Beneficiary { account: "4242".into(), ..Beneficiary::default() },
        customer: Default::default(),
        callback: Some("https://shop.example/payout".into()),
        metadata: None,
        dialect_note: None,
    }
}

async fn request(
    store: &Store,
    brand: BrandId,
    minor: i64,
    random: u64,
) -> Result<Payout, StoreError> {
    let id = PaymentId::new(brand, at(10), random);
    let known = store.read(|reader| reader.earnings(brand, taka(0).currency()))?;
    let write = move |tx: &mut crate::Tx<'_>| {
        tx.request_payout(id, &wanted(minor), Some(b"sealed"), &known, at(10))
    };
    Ok(store.write(Lane::Brand(brand), write).await?.payout)
}

async fn decide(
    store: &Store,
    payout: &Payout,
    command: Command<'static>,
) -> Result<Payout, StoreError> {
    let PaymentId { brand, number, .. } = payout.id;
    let write =
        move |tx: &mut crate::Tx<'_>| tx.decide_payout(brand, number, command.clone(), at(11));
    Ok(store.write(Lane::Brand(brand), write).await?.payout)
}

async fn complete(store: &Store, payout: &Payout, reference: &str) -> Result<Payout, StoreError> {
    let PaymentId { brand, number, .. } = payout.id;
    let transfer = Transfer { account: ACCOUNT, key: key(reference), cost: Some(taka(7)) };
    let write = move |tx: &mut crate::Tx<'_>| tx.complete_payout(brand, number, &transfer, at(12));
    Ok(store.write(Lane::Brand(brand), write).await?.payout)
}

fn available(store: &Store, brand: BrandId) -> i64 {
    let earnings = store.read(|reader| reader.earnings(brand, taka(0).currency())).unwrap();
    let books = store.read(|reader| reader.trial_balance(brand)).unwrap();
    assert_eq!(i128::from(earnings.available.minor()), books.available(taka(0).currency()));
    earnings.available.minor()
}

pub async fn a_payout_is_promised_sent_and_booked(store: Store) {
    let id = brand(&store).await;
    pay(&store, id, 1, "AAAAAA1111").await;
    assert_eq!(available(&store, id), EARNED);
    let payout = request(&store, id, 4_000, 50).await.unwrap();
    assert_eq!(available(&store, id), EARNED - 4_000);
    let load = || store.read(|reader| reader.payout_by_id(payout.id)).unwrap();
    assert_eq!(load(), Some(payout.clone()));
    let other = PaymentId { token: payout.id.token ^ 1, ..payout.id };
    assert_eq!(store.read(|reader| reader.payout_by_id(other)).unwrap(), None);
    let tasks = || store.read(|reader| reader.payouts_to_send(id, 10)).unwrap();
    assert_eq!(tasks(), vec![payout.clone()]);
    let secret = || store.read(|reader| reader.payout_secret(id, payout.id.number)).unwrap();
    assert_eq!(secret().as_deref(), Some(&b"sealed"[..]));
    decide(&store, &payout, Command::Process).await.unwrap();
    assert!(secret().is_some());
    let done = complete(&store, &payout, "OUT1").await.unwrap();
    assert_eq!((done.state, load()), (PayoutState::Succeeded, Some(done.clone())));
    assert_eq!((secret(), tasks()), (None, vec![]));
    assert_eq!(complete(&store, &payout, "OUT1").await.unwrap().version, 3, "said again");
    let events = store.read(|reader| reader.payout_events(id, payout.id.number)).unwrap();
    let states: Vec<_> = events.iter().map(|(_, state)| state.code()).collect();
    assert_eq!(states, ["pending", "processing", "succeeded"]);
    let told = store.read(|reader| reader.deliveries(id, payout.id.number)).unwrap();
    let told: Vec<_> = told.iter().map(|log| log.callback.draft.body.as_slice()).collect();
    assert_eq!(told, [&b"pending"[..], b"processing", b"succeeded"]);
    let books = store.read(|reader| reader.trial_balance(id)).unwrap();
    let rail = books.balance(Account::Rail(ACCOUNT), taka(0).currency());
    assert_eq!(rail, i128::from(DUE - 4_000 - 7));
    assert_eq!(available(&store, id), EARNED - 4_007);
    // The transfer's own message comes after: its fee is booked already.
    let debit = Debit {
        key: key("OUT1"),
        account: ACCOUNT,
        amount: taka(4_000),
        fee: Some(taka(7)),
        payee: Some("4242".into()),
        sent_at: Some(at(12)),
        heard_at: at(13),
    };
    let hear = move |tx: &mut crate::Tx<'_>| tx.record_debit(id, &debit, true, at(13));
    store.write(Lane::Brand(id), hear).await.unwrap();
    assert_eq!(available(&store, id), EARNED - 4_007);
    check(&store);
}

pub async fn a_payout_that_fails_gives_the_money_back(store: Store) {
    let id = brand(&store).await;
    pay(&store, id, 1, "AAAAAA1111").await;
    let payout = request(&store, id, EARNED, 50).await.unwrap();
    let failed = decide(&store, &payout, Command::Fail { reason: "closed".into() }).await.unwrap();
    assert_eq!((failed.state, failed.reason.as_deref()), (PayoutState::Failed, Some("closed")));
    let secret = store.read(|reader| reader.payout_secret(id, payout.id.number)).unwrap();
    assert_eq!((secret, available(&store, id)), (None, EARNED));
    let late = complete(&store, &payout, "OUT1").await;
    let refused = Refusal::WrongPayoutState(PayoutState::Failed);
    assert_eq!(late, Err(StoreError::Refused(refused)));
    request(&store, id, EARNED, 51).await.unwrap();
    check(&store);
}

pub async fn no_two_payouts_take_the_same_money(store: Store) {
    let id = brand(&store).await;
    pay(&store, id, 1, "AAAAAA1111").await;
    let all = (0..10).map(|n| request(&store, id, EARNED / 3, 50 + n));
    let all = futures_util::future::join_all(all).await;
    let made = all.iter().filter(|made| made.is_ok()).count();
    assert_eq!(made, 3);
    let left = taka(EARNED - EARNED / 3 * 3);
    let refused = StoreError::Refused(Refusal::InsufficientBalance(left));
    assert!(all.into_iter().filter_map(Result::err).all(|error| error == refused));
    check(&store);
}

pub async fn a_transfer_is_of_one_payout_or_refund(store: Store) {
    let id = brand(&store).await;
    pay(&store, id, 1, "AAAAAA1111").await;
    let one = request(&store, id, 1_000, 50).await.unwrap();
    let two = request(&store, id, 1_000, 51).await.unwrap();
    complete(&store, &one, "OUT1").await.unwrap();
    let taken = Err(StoreError::Refused(Refusal::DebitTaken));
    assert_eq!(complete(&store, &two, "OUT1").await, taken);
    assert_eq!(complete(&store, &one, "OUT2").await.map(|it| it.version), {
        Err(StoreError::Refused(Refusal::WrongPayoutState(PayoutState::Succeeded)))
    });
    complete(&store, &two, "OUT2").await.unwrap();
    let kept = store.read(|reader| reader.debit(id, &ReceiptKey::new("bkash", "OUT2"))).unwrap();
    assert_eq!(kept.unwrap().refund, Some((two.id.number, 0)));
    check(&store);
}

pub async fn a_named_request_is_carried_out_once(store: Store) {
    let id = brand(&store).await;
    let create = |random: u64, hash: u8| {
        let decision = created(id, order(), random);
        let key =
            IdempotencyKey { dialect: "native", key: "payment/1".into(), request_hash: [hash; 32] };
        let write = move |tx: &mut crate::Tx<'_>| tx.create_payment_once(&key, &decision, at(1));
        store.write(Lane::Brand(id), write)
    };
    assert_eq!(create(1, 7).await, Ok(None));
    let first = created(id, order(), 1).payment.id;
    assert_eq!(create(2, 7).await, Ok(Some(first)), "the same request");
    assert_eq!(create(3, 8).await, Err(StoreError::Refused(Refusal::KeyUsed)));
    assert_eq!(store.read(|reader| reader.count_payments(id)), Ok(1));
    let made = |key: &'static str| store.read(|reader| reader.made_under(id, "native", key));
    assert_eq!(made("payment/1"), Ok(Some(first)));
    assert_eq!(made("payment/2"), Ok(None));
    check(&store);
}
