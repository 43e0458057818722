use std::time::Duration;

use torana_domain::Mode;

use super::fixtures::{at, brand, create, created, load, order};
use crate::{Lane, PreparedPayment, Store, StoreError};

pub async fn a_failing_command_leaves_its_neighbours_alone(store: Store) {
    let id = brand(&store).await;
    // The first holds the writer until the others wait, so that they share a group.
    let gate = store.write(Lane::Shared, |_| {
        std::thread::sleep(Duration::from_millis(50));
        Ok(())
    });
    let good = store.write(Lane::Brand(id), move |tx| tx.audit(id, "good", "", at(1)));
    let bad = store.write(Lane::Brand(id), move |tx| {
        tx.audit(id, "bad", "", at(1))?;
        Err::<(), _>(StoreError::Forbidden("on purpose"))
    });
    let after = store.write(Lane::Brand(id), move |tx| tx.audit(id, "after", "", at(1)));
    let (gate, good, bad, after) = tokio::join!(gate, good, bad, after);
    assert_eq!((gate, good, after), (Ok(()), Ok(()), Ok(())));
    assert_eq!(bad, Err(StoreError::Forbidden("on purpose")));
    let log = store.read(|reader| reader.audit_log(id, None, 10)).unwrap();
    let actions: Vec<_> = log.iter().map(|row| row.action.as_str()).collect();
    assert_eq!(actions, ["after", "good"]);
}

pub async fn a_panic_is_rolled_back_and_kills_nobody(store: Store) {
    let id = brand(&store).await;
    let result = store
        .write::<(), _>(Lane::Brand(id), move |tx| {
            tx.audit(id, "lost", "", at(1))?;
            panic!("on purpose")
        })
        .await;
    assert_eq!(result, Err(StoreError::Internal));
    store.write(Lane::Brand(id), move |tx| tx.audit(id, "kept", "", at(1))).await.unwrap();
    let log = store.read(|reader| reader.audit_log(id, None, 10)).unwrap();
    assert_eq!((log.len(), log[0].action.as_str()), (1, "kept"));
}

pub async fn a_command_reads_its_own_writes(store: Store) {
    let seen = store
        .write(Lane::Shared, |tx| {
            let brand = tx.insert_brand("Shop", Mode::Live, "{}", at(0))?;
            tx.brand(brand.id)
        })
        .await;
    assert_eq!(seen.unwrap().unwrap().name, "Shop");
}

pub async fn nothing_of_a_refused_command_is_kept(store: Store) {
    let id = brand(&store).await;
    let taken = create(&store, id, 1).await;
    let again = created(id, order(), 1);
    let result = store
        .write(Lane::Brand(id), move |tx| {
            tx.audit(id, "lost", "", at(1))?;
            tx.create_payment(&again)
        })
        .await;
    assert_eq!(result, Err(StoreError::Conflict));
    assert!(store.read(|reader| reader.audit_log(id, None, 10)).unwrap().is_empty());
    assert_eq!(load(&store, &taken), taken);
}

pub async fn a_read_does_not_see_what_is_not_committed(store: Store) {
    let id = brand(&store).await;
    let (inside, other) = (store.clone(), store.clone());
    let unseen = store
        .write(Lane::Brand(id), move |tx| {
            tx.audit(id, "now", "", at(1))?;
            inside.read(|reader| reader.audit_log(id, None, 1))
        })
        .await
        .unwrap();
    assert!(unseen.is_empty());
    assert_eq!(other.read(|reader| reader.audit_log(id, None, 1)).unwrap().len(), 1);
}

pub async fn a_blocking_write_is_a_write(store: Store) {
    let made =
        store.write_blocking(Lane::Shared, |tx| tx.insert_brand("Shop", Mode::Live, "{}", at(0)));
    let made = made.unwrap();
    assert_eq!(store.read(|reader| reader.brand(made.id)), Ok(Some(made)));
}

pub async fn a_closed_store_refuses(store: Store) {
    let id = brand(&store).await;
    let last = store.write(Lane::Brand(id), move |tx| tx.audit(id, "last", "", at(1)));
    last.await.unwrap();
    store.close();
    store.close();
    assert_eq!(store.write(Lane::Shared, |_| Ok(())).await, Err(StoreError::Closed));
    assert_eq!(store.read(|_| Ok(())), Err(StoreError::Closed));
    let prepared = PreparedPayment::new(&created(id, order(), 1)).unwrap();
    assert_eq!(store.create(prepared).await, Err(StoreError::Closed));
}

pub async fn many_writers_all_commit(store: Store) {
    let id = brand(&store).await;
    let tasks: Vec<_> = (0..200)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move { create(&store, id, n).await })
        })
        .collect();
    for task in tasks {
        let payment = task.await.unwrap();
        assert_eq!(load(&store, &payment), payment);
    }
    assert_eq!(store.read(|reader| reader.count_payments(id)), Ok(200));
    assert!(store.stats().jobs >= 201);
}
