use torana_domain::limits::AccountLimits;
use torana_domain::{AccountId, BrandId, DeviceId, Mode};

use super::fixtures::{at, brand};
use crate::{
    AccountDetails, AccountRow, CredentialRow, DeviceRow, Lane, Remembered, Store, StoreError,
};

fn version(store: &Store) -> i64 {
    store.read(|reader| reader.config_version()).unwrap()
}

fn credential(brand: BrandId, lookup: u8) -> CredentialRow {
    CredentialRow {
        brand,
        dialect: "rupantorpay".into(),
        lookup: [lookup; 32],
        sealed: vec![1, 2],
        created_at: at(1),
        revoked_at: None,
    }
}

fn account(brand: BrandId, position: i32) -> AccountRow {
    AccountRow {
        brand,
        id: AccountId(0),
        rail: "wallet".into(),
        method: "bkash".into(),
        kind: "personal".into(),
        number: "01700000000".into(),
        label: "bKash".into(),
        instructions: String::new(),
        limits: AccountLimits { min_minor: Some(10), max_minor: None },
        device: None,
        sim: None,
        position,
        enabled: true,
        details: AccountDetails { holder: Some("Shop".into()), ..AccountDetails::default() },
        sealed: Some(vec![7]),
    }
}

pub(super) async fn device(store: &Store, brand: BrandId, lookup: u8) -> DeviceRow {
    let row = DeviceRow {
        brand,
        id: DeviceId(0),
        name: "Counter".into(),
        email: "a@example.com".into(),
        key_lookup: [lookup; 32],
        sealed_secret: vec![9],
        binding: None,
        created_at: at(1),
        last_seen_at: None,
        battery: None,
        acknowledged_seq: 0,
        pairing_lookup: Some([lookup.wrapping_add(100); 32]),
        pairing_expires_at: Some(at(600)),
        revoked_at: None,
    };
    store.write(Lane::Brand(row.brand), move |tx| tx.insert_device(&row)).await.unwrap()
}

pub async fn a_brand_comes_back_as_it_was_made(store: Store) {
    let make =
        store.write(Lane::Shared, |tx| tx.insert_brand("দোকান", Mode::Live, r#"{"a":1}"#, at(3)));
    let made = make.await.unwrap();
    assert_eq!(store.read(|reader| reader.brand(made.id)), Ok(Some(made.clone())));
    assert_eq!(store.read(|reader| reader.brands()), Ok(vec![made.clone()]));
    let update = |version| {
        store.write(Lane::Brand(made.id), move |tx| {
            tx.update_brand_settings(made.id, version, "New", "{}")
        })
    };
    update(1).await.unwrap();
    assert_eq!(update(1).await, Err(StoreError::VersionConflict));
    let now = store.read(|reader| reader.brand(made.id)).unwrap().unwrap();
    assert_eq!((now.name.as_str(), now.settings.as_str(), now.version), ("New", "{}", 2));
}

pub async fn a_clock_moves_forward_and_in_test_mode_only(store: Store) {
    let id = brand(&store).await;
    let live = store
        .write(Lane::Shared, |tx| tx.insert_brand("Real", Mode::Live, "{}", at(0)))
        .await
        .unwrap()
        .id;
    let advance = |id, ms| store.write(Lane::Brand(id), move |tx| tx.advance_clock(id, ms));
    assert_eq!(advance(id, 500).await, Ok(500));
    assert_eq!(advance(id, 500).await, Ok(1_000));
    for result in [advance(id, -1).await, advance(live, 1).await, advance(id, i64::MAX).await] {
        assert!(matches!(result, Err(StoreError::Forbidden(_))), "{result:?}");
    }
    assert_eq!(store.read(|reader| reader.brand(id)).unwrap().unwrap().clock_offset_ms, 1_000);
}

pub async fn changes_of_configuration_are_counted(store: Store) {
    let mut last = version(&store);
    assert!(last >= 1);
    let id = brand(&store).await;
    let mut grew = || {
        let now = version(&store);
        let grew = now > last;
        last = now;
        grew
    };
    assert!(grew());
    store.write(Lane::Brand(id), move |tx| tx.insert_credential(&credential(id, 1))).await.unwrap();
    assert!(grew());
    store.write(Lane::Brand(id), move |tx| tx.insert_account(&account(id, 1))).await.unwrap();
    assert!(grew());
    let phone = device(&store, id, 1).await.id;
    assert!(grew());
    store.write(Lane::Brand(id), move |tx| tx.advance_clock(id, 1)).await.unwrap();
    assert!(grew());
    store
        .write(Lane::Brand(id), move |tx| tx.touch_device(id, phone, at(9), Some(50)))
        .await
        .unwrap();
    assert!(!grew());
}

pub async fn a_revoked_credential_says_so(store: Store) {
    let (id, other) = (brand(&store).await, brand(&store).await);
    let row = credential(id, 1);
    let insert =
        |row: CredentialRow| store.write(Lane::Brand(id), move |tx| tx.insert_credential(&row));
    insert(row.clone()).await.unwrap();
    assert_eq!(insert(credential(other, 1)).await, Err(StoreError::Conflict));
    let find = || store.read(|reader| reader.credential_by_lookup(&[1; 32])).unwrap();
    assert_eq!(find(), Some(row));
    let revoke = |brand, s| {
        store.write(Lane::Brand(id), move |tx| tx.revoke_credential(brand, &[1; 32], at(s)))
    };
    assert_eq!(revoke(other, 5).await, Err(StoreError::NotFound("credential")));
    revoke(id, 5).await.unwrap();
    revoke(id, 6).await.unwrap();
    assert_eq!(find().unwrap().revoked_at, Some(at(5)));
    assert_eq!(store.read(|reader| reader.credentials(id)).unwrap().len(), 1);
}

pub async fn accounts_keep_their_order(store: Store) {
    let id = brand(&store).await;
    let insert = |position| {
        store.write(Lane::Brand(id), move |tx| tx.insert_account(&account(id, position)))
    };
    let (last, first) = (insert(2).await.unwrap(), insert(1).await.unwrap());
    assert_eq!((last.id, first.id), (AccountId(1), AccountId(2)));
    let listed = store.read(|reader| reader.accounts(id)).unwrap();
    assert_eq!(listed, [first.clone(), last]);
    store
        .write(Lane::Brand(id), move |tx| tx.update_account_enabled(id, first.id, false))
        .await
        .unwrap();
    let details = AccountDetails { site: Some("demo".into()), ..AccountDetails::default() };
    let kept = details.clone();
    store
        .write(Lane::Brand(id), move |tx| tx.update_account_secret(id, first.id, b"new", &kept))
        .await
        .unwrap();
    let found = store.read(|reader| reader.account(id, first.id)).unwrap().unwrap();
    assert!(!found.enabled);
    assert_eq!((found.sealed.as_deref(), found.details), (Some(&b"new"[..]), details));
}

pub async fn a_pairing_code_works_once(store: Store) {
    let id = brand(&store).await;
    let row = device(&store, id, 1).await;
    let find = |lookup: [u8; 32]| store.read(|reader| reader.device_by_pairing_lookup(&lookup));
    assert_eq!(find([101; 32]), Ok(Some(row.clone())));
    let pair = || {
        let phone = row.id;
        store
            .write(Lane::Brand(id), move |tx| tx.pair_device(id, phone, "", &[7; 32], &[8], at(20)))
    };
    pair().await.unwrap();
    assert_eq!(pair().await, Err(StoreError::NotFound("device")));
    assert_eq!(find([101; 32]), Ok(None));
    let paired = store.read(|reader| reader.device_by_key_lookup(&[7; 32])).unwrap().unwrap();
    assert_eq!((paired.name.as_str(), paired.sealed_secret), ("Counter", vec![8]));
    assert_eq!(store.read(|reader| reader.device_by_key_lookup(&[1; 32])), Ok(None));
    let phone = row.id;
    store
        .write(Lane::Brand(id), move |tx| tx.offer_pairing(id, phone, [9; 32], at(900)))
        .await
        .unwrap();
    store.write(Lane::Brand(id), move |tx| tx.revoke_device(id, phone, at(30))).await.unwrap();
    assert_eq!(find([9; 32]), Ok(None));
}

pub async fn a_bound_device_stays_bound(store: Store) {
    let id = brand(&store).await;
    let phone = device(&store, id, 1).await.id;
    let bind =
        |to: &'static str| store.write(Lane::Brand(id), move |tx| tx.bind_device(id, phone, to));
    bind("a").await.unwrap();
    bind("a").await.unwrap();
    assert_eq!(bind("b").await, Err(StoreError::Conflict));
    store.write(Lane::Brand(id), move |tx| tx.unbind_device(id, phone)).await.unwrap();
    bind("b").await.unwrap();
    assert_eq!(store.read(|reader| reader.devices(id)).unwrap()[0].binding.as_deref(), Some("b"));
}

pub async fn an_idempotency_key_means_one_request(store: Store) {
    let (id, other) = (brand(&store).await, brand(&store).await);
    let remember = |brand, hash: u8, answer: &'static [u8]| {
        store.write(Lane::Brand(id), move |tx| {
            tx.remember(brand, "rumbapay", "k", &[hash; 32], answer, at(1))
        })
    };
    assert_eq!(remember(id, 1, b"one").await, Ok(Remembered::New));
    assert_eq!(remember(id, 1, b"two").await, Ok(Remembered::Repeat(b"one".into())));
    assert_eq!(remember(id, 2, b"two").await, Ok(Remembered::Conflict));
    assert_eq!(remember(other, 2, b"two").await, Ok(Remembered::New));
    let kept = store.read(|reader| reader.idempotency(id, "rumbapay", "k")).unwrap().unwrap();
    assert_eq!((kept.answer.as_slice(), kept.at), (b"one".as_slice(), at(1)));
}
