//! SQLite: the conformance suite, and what only a file can show.

// Helpers of tests are not seen as tests by the lint.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use tempfile::TempDir;
use torana_store::conformance::fixtures::{at, brand, callbacks, check, create, load, pay};
use torana_store::conformance::upgrade;
use torana_store::{
    Database, Lane, Options, SilentCallbacks, Store, StoreError, Tx, conformance_suite,
};

fn options(dir: &TempDir) -> Options {
    Options::sqlite(dir.path().join("torana.db"))
}

fn open() -> (Store, TempDir) {
    let dir = TempDir::new().unwrap();
    (Store::open(&options(&dir), callbacks()).unwrap(), dir)
}

conformance_suite!(open);

#[tokio::test]
async fn reopening_keeps_everything() {
    let (store, dir) = open();
    let id = brand(&store).await;
    let payment = pay(&store, id, 7, "AAAAAA1111").await;
    let before = store.read(|reader| reader.ledger_check()).unwrap();
    store.close();
    let store = Store::open(&options(&dir), callbacks()).unwrap();
    assert_eq!(load(&store, &payment), payment);
    assert_eq!(store.read(|reader| reader.ledger_check()), Ok(before));
    assert_eq!(store.read(|reader| reader.count_callbacks(id)).unwrap().pending, 2);
}

#[tokio::test]
async fn a_backup_of_a_store_in_use_has_the_same_books() {
    let (store, dir) = open();
    let id = brand(&store).await;
    let payment = pay(&store, id, 7, "AAAAAA1111").await;
    let path = dir.path().join("backup.db");
    store.backup(&path).unwrap();
    let copy = Store::open(&Options::sqlite(path), Arc::new(SilentCallbacks)).unwrap();
    assert_eq!(load(&copy, &payment), payment);
    let books = |store: &Store| store.read(|reader| reader.ledger_check()).unwrap();
    assert_eq!(books(&copy), books(&store));
}

#[tokio::test]
async fn two_stores_write_one_file() {
    let (one, dir) = open();
    let other = Store::open(&options(&dir), callbacks()).unwrap();
    let id = brand(&one).await;
    for random in 0..20 {
        let (one, other) = (create(&one, id, random), create(&other, id, 100 + random));
        tokio::join!(one, other);
    }
    assert_eq!(one.read(|reader| reader.count_payments(id)), Ok(40));
    check(&other);
}

#[tokio::test]
async fn a_full_queue_says_so_at_once() {
    let dir = TempDir::new().unwrap();
    let small = Options { queue: 1, ..options(&dir) };
    let store = Store::open(&small, callbacks()).unwrap();
    let slow = || {
        let store = store.clone();
        tokio::spawn(async move {
            let sleep = std::time::Duration::from_millis(100);
            let job = move |_: &mut Tx<'_>| {
                std::thread::sleep(sleep);
                Ok(())
            };
            store.write(Lane::Shared, job).await
        })
    };
    let results: Vec<_> = (0..8).map(|_| slow()).collect();
    let mut busy = 0;
    for result in results {
        busy += usize::from(result.await.unwrap() == Err(StoreError::Busy));
    }
    assert!(busy >= 5, "{busy}");
    assert_eq!(store.write(Lane::Shared, |tx| tx.config_version()).await, Ok(1));
}

#[tokio::test]
async fn the_log_stays_bounded() {
    let dir = TempDir::new().unwrap();
    let small = Options { checkpoint_pages: 20, ..options(&dir) };
    let store = Store::open(&small, callbacks()).unwrap();
    let id = brand(&store).await;
    for n in 0..300 {
        store
            .write(Lane::Brand(id), move |tx| tx.audit(id, "x", &"y".repeat(3_000), at(n)))
            .await
            .unwrap();
        assert!(store.stats().wal_pages <= 20 * 4 + 40, "{:?}", store.stats());
    }
    assert!(store.stats().checkpoints > 0);
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let (store, dir) = open();
    brand(&store).await;
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let mode = file.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
}

#[tokio::test]
async fn an_older_file_is_brought_up_to_date() {
    let dir = TempDir::new().unwrap();
    let database = Database::Sqlite(dir.path().join("torana.db"));
    upgrade::make_old(&database).unwrap();
    let store = upgrade::expect_upgraded(&database);
    assert_eq!(store.other_nodes(), Ok(0));
}
