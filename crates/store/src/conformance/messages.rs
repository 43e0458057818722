use torana_domain::{AccountId, BrandId, DeviceId};

use super::configuration::device;
use super::fixtures::{at, brand, key};
use crate::{InsertedMessage, Lane, MessageRow, Store};

fn message(brand: BrandId, device: Option<DeviceId>, seq: Option<i64>) -> MessageRow {
    MessageRow {
        brand,
        id: 0,
        device,
        seq,
        sender: "bKash".into(),
        body: "Tk 100 পেয়েছেন".into(),
        heard_at: at(1),
        received_at: at(2),
        reading: "receipt".into(),
        why: None,
        method: Some("bkash".into()),
        balance_minor: Some(5),
        receipt: Some(key("AAAAAA1111")),
        resolved: false,
    }
}

async fn insert(store: &Store, row: MessageRow) -> InsertedMessage {
    store.write(Lane::Brand(row.brand), move |tx| tx.insert_message(&row)).await.unwrap()
}

pub async fn a_message_is_kept_once(store: Store) {
    let id = brand(&store).await;
    let phone = device(&store, id, 1).await.id;
    let row = message(id, Some(phone), Some(1));
    assert_eq!(insert(&store, row.clone()).await, InsertedMessage::Inserted(1));
    assert_eq!(insert(&store, row.clone()).await, InsertedMessage::Duplicate);
    // Without a number of the phone's own, nothing says that it is a repeat.
    let unnumbered = message(id, None, None);
    assert_eq!(insert(&store, unnumbered.clone()).await, InsertedMessage::Inserted(2));
    assert_eq!(insert(&store, unnumbered).await, InsertedMessage::Inserted(3));
    let kept = store.read(|reader| reader.message(id, 1)).unwrap();
    assert_eq!(kept, Some(MessageRow { id: 1, ..row }));
    assert_eq!(store.read(|reader| reader.messages(id, Some(3), 9)).unwrap().len(), 2);
}

pub async fn gaps_are_named_until_they_close(store: Store) {
    let id = brand(&store).await;
    let phone = device(&store, id, 1).await.id;
    let progress = |most| {
        let store = store.clone();
        async move {
            let ask =
                store.write(Lane::Brand(id), move |tx| tx.acknowledge_messages(id, phone, most));
            let progress = ask.await.unwrap();
            (progress.acknowledged_through, progress.gaps)
        }
    };
    assert_eq!(progress(9).await, (0, vec![]));
    for seq in [1, 2, 4, 5, 9] {
        insert(&store, message(id, Some(phone), Some(seq))).await;
    }
    assert_eq!(progress(9).await, (2, vec![(3, 3), (6, 8)]));
    assert_eq!(progress(1).await, (2, vec![(3, 3)]));
    insert(&store, message(id, Some(phone), Some(3))).await;
    assert_eq!(progress(9).await, (5, vec![(6, 8)]));
    let row = store.read(|reader| reader.device(id, phone)).unwrap().unwrap();
    assert_eq!(row.acknowledged_seq, 5);
}

pub async fn a_phone_that_counts_anew_loses_no_message(store: Store) {
    let id = brand(&store).await;
    let phone = device(&store, id, 1).await.id;
    for seq in [1, 3, 4] {
        insert(&store, message(id, Some(phone), Some(seq))).await;
    }
    let other = MessageRow { body: "another".into(), ..message(id, Some(phone), Some(3)) };
    assert_eq!(insert(&store, other).await, InsertedMessage::Inserted(4));
    let kept = store.read(|reader| reader.message(id, 4)).unwrap().unwrap();
    assert_eq!((kept.body.as_str(), kept.seq), ("another", None));

    let paired = store.write(Lane::Brand(id), move |tx| {
        tx.offer_pairing(id, phone, [9; 32], at(60))?;
        tx.pair_device(id, phone, "New phone", &[8; 32], &[1], at(10))?;
        tx.device(id, phone)
    });
    assert_eq!(paired.await.unwrap().unwrap().acknowledged_seq, 4, "it counts on from here");
}

pub async fn a_receipt_settled_by_hand_carries_the_balance_on(store: Store) {
    let id = brand(&store).await;
    let payment = super::fixtures::create(&store, id, 7).await;
    let receipt = super::fixtures::receipt("AAAAAA1111", super::fixtures::DUE);
    let account = receipt.account;
    insert(&store, MessageRow { balance_minor: Some(777), ..message(id, None, None) }).await;
    super::fixtures::arrive(&store, id, receipt, 2).await;
    let number = payment.id.number;
    let settled = store
        .write(Lane::Brand(id), move |tx| {
            tx.settle_by_hand(id, number, &key("AAAAAA1111"), "seen", at(3))
        })
        .await
        .unwrap();
    assert!(settled.payment.state.is_paid());
    assert_eq!(store.read(|reader| reader.last_balance(id, account)), Ok(Some(777)));
    store.write(Lane::Brand(id), move |tx| tx.forget_balance(id, account)).await.unwrap();
    assert_eq!(store.read(|reader| reader.last_balance(id, account)), Ok(None));
}

pub async fn unread_messages_wait_for_a_person(store: Store) {
    let id = brand(&store).await;
    let unread = MessageRow { reading: "unread".into(), receipt: None, ..message(id, None, None) };
    for _ in 0..3 {
        insert(&store, unread.clone()).await;
    }
    insert(&store, message(id, None, None)).await;
    store.write(Lane::Brand(id), move |tx| tx.resolve_message(id, 2)).await.unwrap();
    let waiting = store.read(|reader| reader.unread_messages(id, None, 9)).unwrap();
    assert_eq!(waiting.iter().map(|row| row.id).collect::<Vec<_>>(), [3, 1]);
}

pub async fn the_last_balance_is_known(store: Store) {
    let id = brand(&store).await;
    let account = AccountId(4);
    assert_eq!(store.read(|reader| reader.last_balance(id, account)), Ok(None));
    for minor in [100, 250] {
        store
            .write(Lane::Brand(id), move |tx| tx.set_last_balance(id, account, minor))
            .await
            .unwrap();
    }
    assert_eq!(store.read(|reader| reader.last_balance(id, account)), Ok(Some(250)));
}

pub async fn a_nul_loses_no_message(store: Store) {
    let id = brand(&store).await;
    let phone = device(&store, id, 1).await.id;
    let row = MessageRow { body: "a\0b".into(), ..message(id, Some(phone), Some(1)) };
    assert_eq!(insert(&store, row.clone()).await, InsertedMessage::Inserted(1));
    assert_eq!(insert(&store, row).await, InsertedMessage::Duplicate);
    let kept = store.read(|reader| reader.message(id, 1)).unwrap().unwrap();
    assert_eq!((kept.body.as_str(), kept.seq), ("a\u{fffd}b", Some(1)));
}
