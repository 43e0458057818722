use torana_domain::ledger::Account;
use torana_domain::payment::{AttemptState, Canceller, Command, Expirer, PaymentState, Refusal};
use torana_domain::receipt::{Confidence, Problem, Receipt, ReceiptState};
use torana_domain::{BrandId, PaymentId};

use super::fixtures::{
    DUE, arrive, at, brand, check, claim, command, create, key, load, pay, receipt, taka,
};
use crate::{Hints, Lane, ReceiptOutcome, Store, StoreError};

const REF: &str = "AAAAAA1111";

fn suspense(store: &Store, id: BrandId) -> i128 {
    let balance = store.read(|reader| reader.trial_balance(id)).unwrap();
    balance.balance(Account::Suspense, taka(0).currency())
}

pub async fn a_duplicate_receipt_changes_nothing(store: Store) {
    let id = brand(&store).await;
    let first = arrive(&store, id, receipt(REF, DUE), 1).await;
    assert_eq!(first, ReceiptOutcome::New { paid: None });
    assert_eq!(arrive(&store, id, receipt(REF, 99), 2).await, ReceiptOutcome::Duplicate);
    assert_eq!(suspense(&store, id), -i128::from(DUE));
    let kept = store.read(|reader| reader.receipt(id, &key(REF))).unwrap();
    assert_eq!(kept, Some(receipt(REF, DUE)));
    check(&store);
}

pub async fn a_claim_then_its_receipt_pay_once(store: Store) {
    let id = brand(&store).await;
    let payment = pay(&store, id, 7, REF).await;
    assert_eq!(payment.state, PaymentState::Succeeded);
    assert_eq!(payment.attempts[0].state, AttemptState::Paid);
    assert_eq!(arrive(&store, id, receipt(REF, DUE), 9).await, ReceiptOutcome::Duplicate);
    let again = claim(&store, &payment, REF, 9).await.unwrap();
    assert_eq!(again.payment, payment);
    assert_eq!(again.receipt.unwrap().claimed_by(), Some(payment.id));
    assert_eq!(suspense(&store, id), 0);
    check(&store);
}

pub async fn a_receipt_then_its_claim_pay_once(store: Store) {
    let id = brand(&store).await;
    let payment = create(&store, id, 7).await;
    arrive(&store, id, receipt(REF, DUE), 1).await;
    let paid = claim(&store, &payment, REF, 2).await.unwrap();
    assert_eq!(paid.payment.state, PaymentState::Succeeded);
    assert_eq!(paid.receipt.unwrap().claimed_by(), Some(payment.id));
    assert_eq!(load(&store, &payment), paid.payment);
    let again = claim(&store, &payment, REF, 3).await.unwrap();
    assert_eq!(again.payment, paid.payment);
    check(&store);
}

pub async fn the_first_fitting_claim_has_the_receipt(store: Store) {
    let id = brand(&store).await;
    let mut dear = super::fixtures::order();
    dear.amount = taka(3 * DUE);
    dear.due = dear.amount;
    let dear = super::fixtures::created(id, dear, 1);
    let prepared = crate::PreparedPayment::new(&dear).unwrap();
    store.create(prepared).await.unwrap();
    let (second, third) = (create(&store, id, 2).await, create(&store, id, 3).await);
    claim(&store, &dear.payment, REF, 1).await.unwrap();
    claim(&store, &third, REF, 3).await.unwrap();
    claim(&store, &second, REF, 2).await.unwrap();
    let outcome = arrive(&store, id, receipt(REF, DUE), 4).await;
    assert_eq!(outcome, ReceiptOutcome::New { paid: Some(second.id) });
    let states =
        [&dear.payment, &second, &third].map(|payment| load(&store, payment).attempts[0].state);
    assert_eq!(states, [AttemptState::Short, AttemptState::Paid, AttemptState::Taken]);
    check(&store);
}

pub async fn a_later_claim_finds_the_receipt_taken(store: Store) {
    let id = brand(&store).await;
    let owner = pay(&store, id, 1, REF).await;
    let thief = create(&store, id, 2).await;
    for s in [10, 11] {
        let outcome = claim(&store, &thief, REF, s).await.unwrap();
        assert_eq!(outcome.payment.state, PaymentState::Pending);
        assert_eq!(outcome.payment.attempts[0].state, AttemptState::Taken);
        assert_eq!(outcome.receipt.unwrap().claimed_by(), Some(owner.id));
    }
    check(&store);
}

pub async fn a_short_receipt_waits_in_the_inbox(store: Store) {
    let id = brand(&store).await;
    let payment = create(&store, id, 7).await;
    claim(&store, &payment, REF, 1).await.unwrap();
    arrive(&store, id, receipt(REF, DUE - 101), 2).await;
    assert_eq!(load(&store, &payment).attempts[0].state, AttemptState::Short);
    let inbox = store.read(|reader| reader.inbox(id, None, 10)).unwrap();
    let flagged = ReceiptState::Open { problem: Some(Problem::Short), suggested: Some(payment.id) };
    assert_eq!(inbox[0].receipt.state, flagged);
    let number = payment.id.number;
    let by_hand = store.write(Lane::Brand(id), move |tx| {
        tx.set_actor("rahim");
        tx.settle_by_hand(id, number, &key(REF), "regular customer", at(3))
    });
    assert_eq!(by_hand.await.unwrap().payment.state, PaymentState::Succeeded);
    let log = store.read(|reader| reader.audit_log(id, None, 10)).unwrap();
    assert_eq!((log[0].actor.as_str(), log[0].action.as_str()), ("rahim", "receipt.settle"));
    check(&store);
}

pub async fn a_tolerated_shortfall_pays(store: Store) {
    let id = brand(&store).await;
    let payment = create(&store, id, 7).await;
    claim(&store, &payment, REF, 1).await.unwrap();
    arrive(&store, id, receipt(REF, DUE - 100), 2).await;
    assert_eq!(load(&store, &payment).paid.unwrap().applied, taka(DUE - 100));
    check(&store);
}

pub async fn an_excess_stays_in_suspense(store: Store) {
    let id = brand(&store).await;
    let payment = create(&store, id, 7).await;
    claim(&store, &payment, REF, 1).await.unwrap();
    arrive(&store, id, receipt(REF, DUE + 250), 2).await;
    let paid = load(&store, &payment).paid.unwrap();
    assert_eq!((paid.received, paid.applied), (taka(DUE + 250), taka(DUE)));
    assert_eq!(suspense(&store, id), -250);
    check(&store);
}

pub async fn a_late_receipt_makes_a_late_success(store: Store) {
    let id = brand(&store).await;
    let payment = create(&store, id, 7).await;
    claim(&store, &payment, REF, 1).await.unwrap();
    command(&store, id, payment.id.number, Command::Expire { by: Expirer::Clock }, 3_600)
        .await
        .unwrap();
    arrive(&store, id, receipt(REF, DUE), 3_700).await;
    let paid = load(&store, &payment);
    assert_eq!(paid.state, PaymentState::Succeeded);
    assert!(paid.paid.unwrap().late);
    check(&store);
}

pub async fn a_doubtful_receipt_pays_only_by_hand(store: Store) {
    let id = brand(&store).await;
    let payment = create(&store, id, 7).await;
    claim(&store, &payment, REF, 1).await.unwrap();
    let mut doubtful = receipt(REF, DUE);
    doubtful.confidence = Confidence::Low;
    let outcome = arrive(&store, id, doubtful, 2).await;
    assert_eq!(outcome, ReceiptOutcome::New { paid: None });
    assert_eq!(load(&store, &payment).attempts[0].state, AttemptState::InReview);
    let number = payment.id.number;
    let settle = move |s| {
        store.write_blocking(Lane::Brand(id), move |tx| {
            tx.settle_by_hand(id, number, &key(REF), "seen", at(s))
        })
    };
    assert!(settle(3).unwrap().is_change());
    assert!(!settle(4).unwrap().is_change());
}

pub async fn a_second_receipt_of_a_paid_payment_is_set_aside(store: Store) {
    let id = brand(&store).await;
    let payment = create(&store, id, 7).await;
    claim(&store, &payment, REF, 1).await.unwrap();
    claim(&store, &payment, "BBBBBB2222", 2).await.unwrap();
    arrive(&store, id, receipt(REF, DUE), 3).await;
    let second = arrive(&store, id, receipt("BBBBBB2222", DUE), 4).await;
    assert_eq!(second, ReceiptOutcome::New { paid: None });
    let inbox = store.read(|reader| reader.inbox(id, None, 10)).unwrap();
    let problem = Some(Problem::Duplicate);
    let flagged = ReceiptState::Open { problem, suggested: Some(payment.id) };
    assert_eq!((inbox.len(), &inbox[0].receipt.state), (1, &flagged));
    assert_eq!(suspense(&store, id), -i128::from(DUE));
    check(&store);
}

pub async fn a_remark_stays_in_the_inbox_until_it_is_seen_to(store: Store) {
    let id = brand(&store).await;
    let payment = create(&store, id, 7).await;
    claim(&store, &payment, REF, 1).await.unwrap();
    arrive(&store, id, receipt(REF, DUE + 5), 2).await;
    let inbox = store.read(|reader| reader.inbox(id, None, 10)).unwrap();
    let remark = Some(Problem::Excess);
    assert_eq!(inbox[0].receipt.state, ReceiptState::Claimed { payment: payment.id, remark });
    let seen = store
        .write(Lane::Brand(id), move |tx| tx.dismiss_receipt(id, &key(REF), "sent back", at(3)));
    seen.await.unwrap();
    assert_eq!(store.read(|reader| reader.count_inbox(id)), Ok(0));
    assert!(load(&store, &payment).state.is_paid());
    check(&store);
}

pub async fn a_second_transfer_for_a_paid_payment_is_flagged_with_it(store: Store) {
    let id = brand(&store).await;
    let payment = pay(&store, id, 7, REF).await;
    arrive(&store, id, receipt("SECOND1", DUE), 8).await;
    let outcome = claim(&store, &payment, "SECOND1", 9).await.unwrap();
    assert_eq!(outcome.payment.paid.unwrap().receipt, key(REF));
    let flagged =
        ReceiptState::Open { problem: Some(Problem::Duplicate), suggested: Some(payment.id) };
    assert_eq!(outcome.receipt.unwrap().state, flagged);
    check(&store);
}

pub async fn a_dismissed_receipt_pays_no_more(store: Store) {
    let id = brand(&store).await;
    let payment = create(&store, id, 7).await;
    arrive(&store, id, receipt(REF, DUE), 1).await;
    for s in [2, 3] {
        let dismiss = store
            .write(Lane::Brand(id), move |tx| tx.dismiss_receipt(id, &key(REF), "a gift", at(s)));
        dismiss.await.unwrap();
    }
    assert_eq!(store.read(|reader| reader.count_inbox(id)), Ok(0));
    assert_eq!(store.read(|reader| reader.audit_log(id, None, 9)).unwrap().len(), 1);
    let outcome = claim(&store, &payment, REF, 4).await.unwrap();
    assert_eq!(outcome.payment.attempts[0].state, AttemptState::Waiting);
    pay(&store, id, 8, "BBBBBB2222").await;
    let paid = key("BBBBBB2222");
    let refused =
        store.write(Lane::Brand(id), move |tx| tx.dismiss_receipt(id, &paid, "no", at(5))).await;
    assert_eq!(refused, Err(StoreError::Refused(Refusal::ReceiptTaken)));
    check(&store);
}

pub async fn the_inbox_pages_without_gaps(store: Store) {
    let id = brand(&store).await;
    for (n, s) in [(1, 1), (2, 2), (3, 2), (4, 2), (5, 3)] {
        arrive(&store, id, receipt(&format!("AAAAAA{n}"), DUE), s).await;
    }
    let page = store.read(|reader| reader.inbox(id, None, 2)).unwrap();
    let rest = store.read(|reader| reader.inbox(id, page.last(), 9)).unwrap();
    let order: Vec<_> =
        page.iter().chain(&rest).map(|row| row.receipt.key.reference.as_str()).collect();
    assert_eq!(order, ["AAAAAA5", "AAAAAA4", "AAAAAA3", "AAAAAA2", "AAAAAA1"]);
}

async fn arrive_with(
    store: &Store,
    brand: BrandId,
    receipt: Receipt,
    hints: Hints,
) -> ReceiptOutcome {
    let now = receipt.heard_at;
    let write = move |tx: &mut crate::Tx<'_>| tx.record_receipt(brand, &receipt, hints, now);
    store.write(Lane::Brand(brand), write).await.unwrap()
}

pub async fn a_reference_in_the_rails_words_pays_the_payment_that_it_names(store: Store) {
    let id = brand(&store).await;
    let payment = create(&store, id, 1).await;
    let named = Hints { names: Some(payment.id.number), by_amount: false };
    let short = arrive_with(&store, id, receipt("AAAAAA1111", DUE / 2), named).await;
    assert_eq!(short, ReceiptOutcome::New { paid: None });
    let whole = arrive_with(&store, id, receipt("BBBBBB2222", DUE), named).await;
    assert_eq!(whole, ReceiptOutcome::New { paid: Some(payment.id) });
    let again = arrive_with(&store, id, receipt("CCCCCC3333", DUE), named).await;
    assert_eq!(again, ReceiptOutcome::New { paid: None });
    let stranger = PaymentId::new(id, at(0), 9).number;
    let unknown = Hints { names: Some(stranger), by_amount: false };
    let nobody = arrive_with(&store, id, receipt("DDDDDD4444", DUE), unknown).await;
    assert_eq!(nobody, ReceiptOutcome::New { paid: None });
    check(&store);
}

pub async fn an_amount_that_one_payment_waits_for_pays_it(store: Store) {
    let id = brand(&store).await;
    let (one, two) = (create(&store, id, 1).await, create(&store, id, 2).await);
    let expect = |number, s| {
        let write =
            move |tx: &mut crate::Tx<'_>| tx.expect_amount(id, number, taka(DUE), at(3_600), at(s));
        store.write(Lane::Brand(id), write)
    };
    assert_eq!(expect(one.id.number, 1).await, Ok(Some(taka(DUE + 1))));
    assert_eq!(expect(two.id.number, 1).await, Ok(Some(taka(DUE + 2))));
    let hints = Hints { names: None, by_amount: true };
    let heard = |reference: &str, minor: i64, s: i64| Receipt {
        at: at(s),
        heard_at: at(s),
        ..receipt(reference, minor)
    };
    let nothing = ReceiptOutcome::New { paid: None };
    // Round, as who mistypes would send; of before the payment; where the brand does not want it.
    assert_eq!(arrive_with(&store, id, heard("AAAAAA1111", DUE, 5), hints).await, nothing);
    assert_eq!(arrive_with(&store, id, heard("BBBBBB2222", DUE + 2, -90), hints).await, nothing);
    let unwanted = arrive_with(&store, id, heard("CCCCCC3333", DUE + 2, 5), Hints::default());
    assert_eq!(unwanted.await, nothing);
    let paid = arrive_with(&store, id, heard("DDDDDD4444", DUE + 2, 6), hints).await;
    assert_eq!(paid, ReceiptOutcome::New { paid: Some(two.id) });
    // One that is over pays nobody else, and a person is told whose it may be.
    let cancel = Command::Cancel { by: Canceller::Payer };
    command(&store, id, one.id.number, cancel, 7).await.unwrap();
    assert_eq!(arrive_with(&store, id, heard("EEEEEE5555", DUE + 1, 8), hints).await, nothing);
    let told = store.read(|reader| reader.receipt(id, &key("EEEEEE5555"))).unwrap().unwrap();
    assert_eq!(told.state, ReceiptState::Open { problem: None, suggested: Some(one.id) });
    // Its amount is taken for a day more.
    let three = create(&store, id, 3).await;
    assert_eq!(expect(three.id.number, 80_000).await, Ok(Some(taka(DUE + 3))));
    assert_eq!(expect(three.id.number, 100_000).await, Ok(Some(taka(DUE + 1))));
    let forget = store.write(Lane::Brand(id), move |tx| tx.forget_amounts(id, at(100_000), 10));
    assert_eq!(forget.await, Ok(3));
    check(&store);
}

pub async fn an_amount_that_several_wait_for_pays_none(store: Store) {
    let id = brand(&store).await;
    let (own, plain) = (create(&store, id, 1).await, create(&store, id, 2).await);
    let hints = Hints { names: None, by_amount: true };
    let heard = |reference: &str, minor: i64| Receipt {
        at: at(5),
        heard_at: at(5),
        ..receipt(reference, minor)
    };
    // A whole unit is sent for other things too: it is passed over.
    let number = own.id.number;
    let expect = move |least: i64| {
        move |tx: &mut crate::Tx<'_>| tx.expect_amount(id, number, taka(least), at(3_600), at(1))
    };
    let given = store.write(Lane::Brand(id), expect(DUE - 1)).await;
    assert_eq!(given, Ok(Some(taka(DUE + 1))));
    let number = plain.id.number;
    let share = move |minor: i64| {
        move |tx: &mut crate::Tx<'_>| tx.share_amount(id, number, taka(minor), at(3_600), at(2))
    };
    store.write(Lane::Brand(id), share(DUE + 1)).await.unwrap();
    store.write(Lane::Brand(id), share(DUE + 2)).await.unwrap();
    for (reference, minor) in [("AAAAAA1111", DUE + 1), ("BBBBBB2222", DUE + 2)] {
        let outcome = arrive_with(&store, id, heard(reference, minor), hints).await;
        assert_eq!(outcome, ReceiptOutcome::New { paid: None }, "{minor}");
    }
    // Nobody is given what another waits for.
    let given = store.write(Lane::Brand(id), expect(DUE)).await;
    assert_eq!(given, Ok(Some(taka(DUE + 3))));
    check(&store);
}
