use torana_domain::payment::{Command, Expirer};

use super::fixtures::{
    DUE, arrive, at, brand, check, claim, command, create, created, order, pay, receipt,
};
use crate::{
    CallbackCounts, CallbackState, DeliveryRow, Lane, NextDelivery, OutboxRow, PreparedPayment,
    PruneBefore, RESPONSE_BYTES, ReceiptOutcome, Store, StoreError,
};

fn delivery(s: i64, status: Option<u16>) -> DeliveryRow {
    let error = status.is_none().then(|| "timeout".to_owned());
    let response = vec![b'x'; RESPONSE_BYTES + 1];
    DeliveryRow { attempt: 0, at: at(s), status, error, duration_ms: 12, response }
}

pub async fn a_callback_is_owed_only_if_its_cause_is_kept(store: Store) {
    let id = brand(&store).await;
    let payment = create(&store, id, 1).await;
    let number = payment.id.number;
    let lost = store
        .write(Lane::Brand(id), move |tx| {
            tx.claim(
                id,
                number,
                super::fixtures::ACCOUNT,
                &super::fixtures::key("AAAAAA1"),
                None,
                at(1),
            )?;
            Err::<(), _>(StoreError::Forbidden("on purpose"))
        })
        .await;
    assert!(lost.is_err());
    assert!(store.read(|reader| reader.due_callbacks(id, at(9), at(9), 9)).unwrap().is_empty());
    let mut silent = order();
    silent.urls.callback = None;
    let silent = created(id, silent, 2);
    store.create(PreparedPayment::new(&silent).unwrap()).await.unwrap();
    claim(&store, &silent.payment, "AAAAAA1", 2).await.unwrap();
    claim(&store, &payment, "AAAAAA1", 2).await.unwrap();
    let due = store.read(|reader| reader.due_callbacks(id, at(9), at(9), 9)).unwrap();
    assert_eq!((due.len(), due[0].payment), (1, number));
    assert_eq!(due[0].draft.body, b"claimed");
    assert_eq!(due[0].draft.headers, [("x-state".to_owned(), "pending".to_owned())]);
    assert!(due[0].webhook_id().starts_with("msg_00000001"));
}

pub async fn a_silent_endpoint_is_put_off_and_no_other(store: Store) {
    let id = brand(&store).await;
    let dear = |host: &str, random| {
        let mut order = order();
        order.urls.callback = Some(format!("{host}/hook"));
        created(id, order, random)
    };
    for (host, random) in [("https://dead.example", 1), ("https://dead.example.org", 2)] {
        let decision = dear(host, random);
        store.create(PreparedPayment::new(&decision).unwrap()).await.unwrap();
        claim(&store, &decision.payment, "AAAAAA1", 1).await.unwrap();
    }
    let put_off = store
        .write(Lane::Brand(id), move |tx| {
            tx.postpone_callbacks(id, "https://dead.example", at(5), at(5), at(60))
        })
        .await;
    assert_eq!(put_off, Ok(1));
    let due = |s| store.read(|reader| reader.due_callbacks(id, at(s), at(s), 9)).unwrap();
    let urls: Vec<_> = due(9).into_iter().map(|row| row.draft.url).collect();
    assert_eq!(urls, ["https://dead.example.org/hook"]);
    assert_eq!(due(60).len(), 2);
}

pub async fn deliveries_follow_their_schedule(store: Store) {
    let id = brand(&store).await;
    let number = pay(&store, id, 1, "AAAAAA1111").await.id.number;
    let due = |s| store.read(|reader| reader.due_callbacks(id, at(s), at(s), 9)).unwrap();
    let brands = |s| store.read(|reader| reader.brands_with_due_callbacks(at(s))).unwrap();
    let ids: Vec<_> = due(2).iter().map(|row| row.id).collect();
    assert_eq!((ids.len(), brands(0).len(), brands(2).as_slice()), (2, 0, [id].as_slice()));
    let (first, second) = (ids[0], ids[1]);
    let record = |callback, row, next| {
        let sent = store.read(|reader| reader.callback(id, callback)).unwrap().unwrap();
        store.write(Lane::Brand(id), move |tx| tx.record_delivery(&sent, &row, next))
    };
    record(first, delivery(3, None), NextDelivery::RetryAt(at(60))).await.unwrap();
    record(second, delivery(3, Some(200)), NextDelivery::Done).await.unwrap();
    assert!(due(59).is_empty());
    assert_eq!(due(60)[0].attempts, 1);
    record(first, delivery(60, Some(500)), NextDelivery::Done).await.unwrap();
    assert!(due(9_999).is_empty());
    let log = store.read(|reader| reader.deliveries(id, number)).unwrap();
    assert_eq!((log[0].deliveries.len(), log[1].deliveries.len()), (2, 1));
    let last = &log[0].deliveries[1];
    assert_eq!((last.attempt, last.status, last.response.len()), (2, Some(500), RESPONSE_BYTES));
    assert_eq!(log[0].deliveries[0].error.as_deref(), Some("timeout"));
    let counts = store.read(|reader| reader.count_callbacks(id)).unwrap();
    assert_eq!(counts, CallbackCounts { pending: 0, delivered: 2, failed: 0 });
}

pub async fn a_leased_callback_is_nobody_elses(store: Store) {
    let id = brand(&store).await;
    pay(&store, id, 1, "AAAAAA1111").await;
    let due = |s| store.read(|reader| reader.due_callbacks(id, at(2), at(s), 9)).unwrap();
    let lease = |rows: Vec<OutboxRow>, s| {
        store.write(Lane::Outbox(id), move |tx| tx.lease_callbacks(&rows, at(s), at(s + 30)))
    };
    let seen = due(2);
    assert_eq!(lease(seen.clone(), 2).await.unwrap().len(), 2);
    assert!(lease(seen.clone(), 3).await.unwrap().is_empty(), "seen, but taken meanwhile");
    assert!(due(31).is_empty());
    // Whoever had them is gone.
    assert_eq!(due(32).len(), 2);
    let first = seen[0].id;
    let sent = store.read(|reader| reader.callback(id, first)).unwrap().unwrap();
    let done = delivery(3, Some(200));
    store
        .write(Lane::Outbox(id), move |tx| {
            tx.record_delivery(&sent, &done, NextDelivery::RetryAt(at(99)))
        })
        .await
        .unwrap();
    let leased = lease(seen, 32).await.unwrap();
    assert_eq!(leased.iter().map(|row| row.id != first).collect::<Vec<_>>(), [true]);
    assert_eq!(leased[0].lease_until, Some(at(62)));
}

/// A node whose lease was over while it sent, and the one that took over, both record what they did.
pub async fn a_delivery_that_took_too_long_disturbs_nobody(store: Store) {
    let id = brand(&store).await;
    let number = pay(&store, id, 1, "AAAAAA1111").await.id.number;
    let due = |s| store.read(|reader| reader.due_callbacks(id, at(2), at(s), 1)).unwrap();
    let lease = |rows: Vec<OutboxRow>, s| {
        store.write(Lane::Outbox(id), move |tx| tx.lease_callbacks(&rows, at(s), at(s + 30)))
    };
    let record = |sent: OutboxRow, row, next| {
        store.write(Lane::Outbox(id), move |tx| tx.record_delivery(&sent, &row, next))
    };
    let slow = lease(due(2), 2).await.unwrap().remove(0);
    let quick = lease(due(40), 40).await.unwrap().remove(0);
    assert_eq!(slow.id, quick.id);
    // A late failure takes nothing from whoever has it now.
    record(slow.clone(), delivery(41, None), NextDelivery::RetryAt(at(50))).await.unwrap();
    let row = store.read(|reader| reader.callback(id, quick.id)).unwrap().unwrap();
    assert_eq!((row.lease_until, row.next_at), (quick.lease_until, quick.next_at));
    record(quick.clone(), delivery(42, Some(200)), NextDelivery::Done).await.unwrap();
    record(slow.clone(), delivery(43, None), NextDelivery::RetryAt(at(60))).await.unwrap();
    let row = store.read(|reader| reader.callback(id, quick.id)).unwrap().unwrap();
    assert_eq!((row.state, row.attempts), (CallbackState::Delivered, 3));
    // Sent again by hand, it goes on counting.
    let again = quick.id;
    store.write(Lane::Outbox(id), move |tx| tx.resend(id, again, at(70))).await.unwrap();
    let sent = store.read(|reader| reader.callback(id, again)).unwrap().unwrap();
    record(sent, delivery(71, Some(200)), NextDelivery::Done).await.unwrap();
    let log = store.read(|reader| reader.deliveries(id, number)).unwrap();
    let log = log.iter().find(|log| log.callback.id == again).unwrap();
    let attempts: Vec<u32> = log.deliveries.iter().map(|delivery| delivery.attempt).collect();
    assert_eq!((log.callback.state, attempts), (CallbackState::Delivered, vec![1, 2, 3, 4]));
}

pub async fn a_given_up_callback_can_be_sent_again(store: Store) {
    let id = brand(&store).await;
    let number = pay(&store, id, 1, "AAAAAA1111").await.id.number;
    let first = store.read(|reader| reader.deliveries(id, number)).unwrap()[0].callback.id;
    let sent = store.read(|reader| reader.callback(id, first)).unwrap().unwrap();
    let failed = delivery(3, None);
    store
        .write(Lane::Brand(id), move |tx| tx.record_delivery(&sent, &failed, NextDelivery::GiveUp))
        .await
        .unwrap();
    let row = store.read(|reader| reader.callback(id, first)).unwrap().unwrap();
    assert_eq!(row.state, CallbackState::Failed);
    store.write(Lane::Brand(id), move |tx| tx.resend(id, first, at(100))).await.unwrap();
    let row = store.read(|reader| reader.callback(id, first)).unwrap().unwrap();
    assert_eq!((row.state, row.next_at, row.attempts), (CallbackState::Pending, at(100), 1));
    let missing = store.write(Lane::Brand(id), move |tx| tx.resend(id, 1, at(100))).await;
    assert_eq!(missing, Err(StoreError::NotFound("callback")));
}

pub async fn pruning_keeps_what_is_owed(store: Store) {
    let id = brand(&store).await;
    let number = pay(&store, id, 1, "AAAAAA1111").await.id.number;
    let first = store.read(|reader| reader.deliveries(id, number)).unwrap()[0].callback.id;
    let sent = store.read(|reader| reader.callback(id, first)).unwrap().unwrap();
    let done = delivery(3, Some(200));
    let pruned = store
        .write(Lane::Brand(id), move |tx| {
            tx.record_delivery(&sent, &done, NextDelivery::Done)?;
            tx.remember(id, "native", "k", &[1; 32], b"{}", at(1))?;
            let before = PruneBefore { callbacks: Some(at(50)), idempotency: Some(at(50)) };
            tx.prune(id, before, 100)
        })
        .await
        .unwrap();
    assert_eq!((pruned.callbacks, pruned.idempotency), (1, 1));
    let left = store.read(|reader| reader.deliveries(id, number)).unwrap();
    assert_eq!((left.len(), left[0].callback.state), (1, CallbackState::Pending));
}

pub async fn who_is_told_paid_is_not_told_lost_afterwards(store: Store) {
    let id = brand(&store).await;
    let payment = create(&store, id, 1).await;
    claim(&store, &payment, "AAAAAA1111", 1).await.unwrap();
    let expire = Command::Expire { by: Expirer::Clock };
    command(&store, id, payment.id.number, expire, 3_600).await.unwrap();
    let pending = || {
        let log = store.read(|reader| reader.deliveries(id, payment.id.number)).unwrap();
        let open = log.iter().filter(|log| log.callback.state == CallbackState::Pending);
        open.map(|log| log.callback.draft.body.clone()).collect::<Vec<_>>()
    };
    assert_eq!(pending(), [&b"claimed"[..], b"other"], "that it expired");
    let paid = arrive(&store, id, receipt("AAAAAA1111", DUE), 3_601).await;
    assert_eq!(paid, ReceiptOutcome::New { paid: Some(payment.id) });
    assert_eq!(pending(), [b"succeeded"], "only what it is now");
    check(&store);
}
