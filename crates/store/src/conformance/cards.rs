//! Card operations, what is held of cards for a while, and what is kept of them.

use torana_domain::card::operation::{
    CardOperation, OperationDetail, OperationKind, OperationState,
};
use torana_domain::card::{CardBrand, CardFacts, Fingerprint, Flow};
use torana_domain::payment::Payment;

use super::fixtures::{ACCOUNT, at, brand, create, taka};
use crate::{
    CardRequest, KeptCardRow, Lane, NewCardOperation, SimulatedCardRow, Store, StoreError, Tx,
};

fn facts() -> CardFacts {
    CardFacts {
        bin: "607482".into(),
        last4: "4938".into(),
        expiry_month: "12".into(),
        expiry_year: "2031".into(),
        brand: CardBrand::RuPay,
    }
}

fn operation(payment: &Payment, number: u64, s: i64) -> CardOperation {
    CardOperation {
        number,
        payment: payment.id,
        kind: OperationKind::Authentication,
        state: OperationState::Waiting,
        amount: taka(500),
        follows: None,
        account: ACCOUNT,
        card: facts(),
        merchant_name: Some("shop-7".into()),
        note: Some("{}".into()),
        at: at(s),
        changed_at: at(s),
        detail: OperationDetail { flow: Some(Flow::Redirect), ..OperationDetail::default() },
    }
}

async fn insert(
    store: &Store,
    operation: CardOperation,
    request: Option<CardRequest>,
) -> Result<(), StoreError> {
    let lane = Lane::Brand(operation.payment.brand);
    let write = move |tx: &mut Tx<'_>| {
        let request = request.as_ref();
        tx.insert_card_operation(&NewCardOperation {
            operation: &operation,
            request,
            ask_at: Some(at(60)),
        })
    };
    store.write(lane, write).await
}

pub async fn card_operations_come_back_in_their_order(store: Store) {
    let id = brand(&store).await;
    let made = create(&store, id, 1).await;
    let first = operation(&made, 812_345_678_901_234, 1);
    let second = CardOperation {
        number: 800_000_000_000_001,
        kind: OperationKind::Sale,
        state: OperationState::Unknown,
        follows: Some(first.number),
        merchant_name: None,
        note: None,
        ..operation(&made, 0, 1)
    };
    insert(&store, first.clone(), None).await.unwrap();
    insert(&store, second.clone(), None).await.unwrap();
    let taken = insert(&store, second.clone(), None).await;
    assert!(matches!(taken, Err(StoreError::Conflict)), "{taken:?}");
    let all = store.read(|reader| reader.card_operations(id, made.id.number)).unwrap();
    assert_eq!(all, [first.clone(), second.clone()]);
    let named = store.read(|reader| reader.card_operation_named(id, "shop-7")).unwrap();
    assert_eq!(named.as_ref(), Some(&first));
    let found = store.read(|reader| reader.only_card_operation(second.number)).unwrap();
    assert_eq!(found, Some(second));
    assert_eq!(store.read(|reader| reader.card_operation(id, u64::MAX)).unwrap(), None);
    let other = brand(&store).await;
    assert_eq!(store.read(|reader| reader.card_operation(other, first.number)).unwrap(), None);
    let twin = create(&store, other, 2).await;
    insert(&store, operation(&twin, first.number, 2), None).await.unwrap();
    let ambiguous = store.read(|reader| reader.only_card_operation(first.number)).unwrap();
    assert_eq!(ambiguous, None, "of two brands neither is meant");
}

pub async fn a_card_operation_is_looked_after_until_it_is_known(store: Store) {
    let id = brand(&store).await;
    let made = create(&store, id, 1).await;
    let asked = operation(&made, 7, 1);
    insert(&store, asked.clone(), None).await.unwrap();
    let due = |s| {
        let found = store.read(|reader| reader.card_operations_to_ask(id, at(s), 10)).unwrap();
        found.iter().map(|it| (it.number, it.asked)).collect::<Vec<_>>()
    };
    assert_eq!((due(59), due(60)), (vec![], vec![(7, 0)]));
    let brands = |s| store.read(|reader| reader.brands_with_due_card_operations(at(s))).unwrap();
    assert_eq!((brands(59), brands(60)), (vec![], vec![id]));
    let again = move |tx: &mut Tx<'_>| tx.ask_card_operation_again(id, 7, at(90));
    store.write(Lane::Brand(id), again).await.unwrap();
    assert_eq!((due(89), due(90)), (vec![], vec![(7, 1)]));
    let known = CardOperation { state: OperationState::Approved, changed_at: at(91), ..asked };
    let write = {
        let known = known.clone();
        move |tx: &mut Tx<'_>| tx.update_card_operation(&known, None)
    };
    store.write(Lane::Brand(id), write).await.unwrap();
    assert_eq!(due(1_000), vec![]);
    assert_eq!(store.read(|reader| reader.card_operation(id, 7)).unwrap(), Some(known));
}

pub async fn a_card_request_is_the_same_for_a_while(store: Store) {
    let id = brand(&store).await;
    let made = create(&store, id, 1).await;
    let request = CardRequest { key: "k".into(), until: at(300) };
    insert(&store, operation(&made, 7, 1), Some(request)).await.unwrap();
    let of = |s| {
        let found = store.read(|reader| reader.card_operation_of_request(id, "k", at(s))).unwrap();
        found.map(|it| it.number)
    };
    assert_eq!((of(299), of(300)), (Some(7), None));
    let forget = |s| {
        let forget = move |tx: &mut Tx<'_>| tx.forget_card_requests(id, at(s), 10);
        store.write(Lane::Brand(id), forget)
    };
    assert_eq!(forget(299).await.unwrap(), 0);
    assert_eq!(forget(300).await.unwrap(), 1);
    assert_eq!(of(1), None);
}

pub async fn a_held_card_is_gone_when_it_is_over(store: Store) {
    let id = brand(&store).await;
    let hold = move |tx: &mut Tx<'_>| {
        tx.hold_card(id, 7, b"sealed", at(100))?;
        tx.hold_card(id, 8, b"other", at(200))
    };
    store.write(Lane::Brand(id), hold).await.unwrap();
    let held = |number, s| store.read(|reader| reader.held_card(id, number, at(s))).unwrap();
    assert_eq!((held(7, 99), held(7, 100)), (Some(b"sealed".to_vec()), None));
    let end = move |tx: &mut Tx<'_>| tx.drop_held_cards(id, at(100), 10);
    assert_eq!(store.write(Lane::Brand(id), end).await.unwrap(), 1);
    assert_eq!(held(7, 0), None);
    let sale = move |tx: &mut Tx<'_>| tx.drop_held_card(id, 8);
    store.write(Lane::Brand(id), sale).await.unwrap();
    assert_eq!(store.read(|reader| reader.count_held_cards(id)).unwrap(), 0);
}

pub async fn a_card_is_guarded_per_brand(store: Store) {
    let (id, other) = (brand(&store).await, brand(&store).await);
    let card = Fingerprint::from_bytes([3; 32]);
    let write = move |tx: &mut Tx<'_>| {
        let mut guard = tx.card_guard(id, &card)?;
        guard.wrong(at(1));
        tx.write_card_guard(id, &card, &guard, at(1))
    };
    store.write(Lane::Brand(id), write).await.unwrap();
    let guard = |brand| store.read(|reader| reader.card_guard(brand, &card)).unwrap();
    assert!(guard(id) != guard(other));
    let forget = move |tx: &mut Tx<'_>| tx.forget_card_guards(id, at(2), 10);
    assert_eq!(store.write(Lane::Brand(id), forget).await.unwrap(), 1);
    assert!(guard(id) == guard(other));
}

pub async fn a_kept_card_has_one_name_until_it_is_forgotten(store: Store) {
    let id = brand(&store).await;
    let row = KeptCardRow {
        brand: id,
        value: "token-1".into(),
        account: ACCOUNT,
        network_token: "n-1".into(),
        fingerprint: Fingerprint::from_bytes([3; 32]),
        card: facts(),
        reusable: true,
        decline_duplicates: false,
        at: at(1),
    };
    let keep =
        |row: KeptCardRow| store.write(Lane::Brand(id), move |tx: &mut Tx<'_>| tx.keep_card(&row));
    assert!(keep(row.clone()).await.unwrap());
    assert!(!keep(row.clone()).await.unwrap(), "the name is taken");
    assert_eq!(store.read(|reader| reader.kept_card(id, "token-1")).unwrap(), Some(row.clone()));
    let same = store.read(|reader| reader.kept_cards_of(id, &row.fingerprint)).unwrap();
    assert_eq!(same, [row]);
    let forget = move |tx: &mut Tx<'_>| tx.forget_kept_card(id, "token-1");
    assert!(store.write(Lane::Brand(id), forget).await.unwrap());
    assert!(!store.write(Lane::Brand(id), forget).await.unwrap());
    assert_eq!(store.read(|reader| reader.kept_card(id, "token-1")).unwrap(), None);
}

pub async fn the_simulated_network_remembers(store: Store) {
    let id = brand(&store).await;
    let row = |record: &str| SimulatedCardRow { number: 7, record: record.into() };
    for record in ["a", "b"] {
        let row = row(record);
        let write = move |tx: &mut Tx<'_>| tx.write_simulated_card(id, &row);
        store.write(Lane::Brand(id), write).await.unwrap();
    }
    assert_eq!(store.read(|reader| reader.simulated_card(id, 7)).unwrap(), Some(row("b")));
    assert_eq!(store.read(|reader| reader.simulated_card(id, u64::MAX)).unwrap(), None);
}
