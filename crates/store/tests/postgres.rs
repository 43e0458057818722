//! PostgreSQL: the conformance suite, and what only several nodes and lost connections can show. Run it under
//! `scripts/with-postgres`.

// Helpers of tests are not seen as tests by the lint.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use torana_domain::payment::PaymentState;
use torana_domain::{BrandId, Mode};
use torana_store::conformance::fixtures::{
    DUE, arrive, at, brand, callbacks, check, claim, create, created, load, order, pay, receipt,
};
use torana_store::conformance::scratch::Scratch;
use torana_store::conformance::upgrade;
use torana_store::tables::{Kind, tables};
use torana_store::{
    Database, DatabaseUrl, Lane, Options, PreparedPayment, Store, StoreError, Topic,
    conformance_suite,
};

/// How long anything may take before it counts as failed.
const DEADLINE: Duration = Duration::from_secs(30);

fn database(scratch: &Scratch) -> Database {
    Database::Postgres(scratch.url())
}

fn node(scratch: &Scratch) -> Store {
    Store::open(&Options::new(database(scratch)), callbacks()).unwrap()
}

fn open() -> (Store, Scratch) {
    let scratch = Scratch::new();
    (node(&scratch), scratch)
}

conformance_suite!(open);

#[test]
fn nodes_that_start_at_once_share_one_schema() {
    let scratch = Scratch::new();
    let nodes: Vec<Store> = std::thread::scope(|scope| {
        let starting: Vec<_> = (0..4).map(|_| scope.spawn(|| node(&scratch))).collect();
        starting.into_iter().map(|node| node.join().unwrap()).collect()
    });
    for (n, node) in nodes.iter().enumerate() {
        let made =
            node.write_blocking(Lane::Shared, |tx| tx.insert_brand("x", Mode::Live, "{}", at(0)));
        assert_eq!(made.unwrap().id, BrandId(u32::try_from(n).unwrap() + 1));
    }
    assert_eq!(nodes[0].read(|reader| reader.brands()).unwrap().len(), 4);
    assert_eq!(nodes[0].other_nodes(), Ok(3));
}

#[test]
fn an_older_database_is_brought_up_to_date() {
    let scratch = Scratch::new();
    upgrade::make_old(&database(&scratch)).unwrap();
    upgrade::expect_upgraded(&database(&scratch));
}

/// The claim does not see the receipt's transaction, nor the other way round, unless commands of a brand take turns over
/// all nodes.
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_and_its_receipt_on_two_nodes_at_once_pay() {
    let (one, scratch) = open();
    let other = node(&scratch);
    let id = brand(&one).await;
    for n in 0..60 {
        let payment = create(&one, id, n).await;
        let reference = format!("RACE{n:06}");
        let claiming = claim(&one, &payment, &reference, 1);
        let arriving = arrive(&other, id, receipt(&reference, DUE), 1);
        let (claimed, _) = tokio::join!(claiming, arriving);
        claimed.unwrap();
        assert_eq!(load(&one, &payment).state, PaymentState::Succeeded, "{n}");
    }
    check(&one);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_receipt_pays_once_whichever_node_hears_it() {
    let (one, scratch) = open();
    let other = node(&scratch);
    let id = brand(&one).await;
    for n in 0..20 {
        let reference = format!("TWICE{n:05}");
        let (a, b) = (create(&one, id, 2 * n).await, create(&one, id, 2 * n + 1).await);
        let (at_one, at_other) =
            tokio::join!(claim(&one, &a, &reference, 1), claim(&other, &b, &reference, 1));
        at_one.unwrap();
        at_other.unwrap();
        let (first, second) = tokio::join!(
            arrive(&one, id, receipt(&reference, DUE), 2),
            arrive(&other, id, receipt(&reference, DUE), 2)
        );
        assert_ne!(first, second, "one of them was the second");
        let states = [load(&one, &a).state, load(&one, &b).state];
        let paid = states.iter().filter(|state| **state == PaymentState::Succeeded).count();
        assert_eq!(paid, 1, "{states:?}");
    }
    check(&one);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_loses_nothing_and_repeats_nothing() {
    let (store, scratch) = open();
    let id = brand(&store).await;
    let mut paying = tokio::task::JoinSet::new();
    for n in 0..200_u64 {
        let store = store.clone();
        paying.spawn(async move {
            // Whether a payment was made is known even when the connection broke: its row tells.
            let payment = create(&store, id, n).await;
            store.payment_by_id(payment.id).await.unwrap().unwrap();
            claim(&store, &payment, &format!("LOST{n:06}"), 1).await.map(|_| payment)
        });
    }
    let mut cuts = 0;
    let mut acknowledged = vec![];
    while let Some(result) = paying.join_next().await {
        match result.unwrap() {
            Ok(payment) => acknowledged.push(payment),
            Err(StoreError::Unknown) => {}
            Err(error) => panic!("{error}"),
        }
        if acknowledged.len().is_multiple_of(40) && cuts < 4 {
            cuts += 1;
            scratch.disconnect_all();
        }
    }
    assert!(cuts == 4 && acknowledged.len() > 150, "{cuts} {}", acknowledged.len());
    for payment in &acknowledged {
        assert_eq!(load(&store, payment).state, PaymentState::Pending);
    }
    assert_eq!(store.read(|reader| reader.count_payments(id)), Ok(200));
    check(&store);
}

#[tokio::test]
async fn what_the_database_wants_repeated_is_repeated() {
    let (store, scratch) = open();
    let id = brand(&store).await;
    // A sequence is not rolled back: the first two tries fail, as on a database that serializes otherwise.
    scratch.run(
        "CREATE SEQUENCE tries;
         CREATE FUNCTION contend() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             IF nextval('tries') < 3 THEN
                 RAISE EXCEPTION 'try again' USING ERRCODE = 'serialization_failure';
             END IF;
             RETURN NEW;
         END $$;
         CREATE TRIGGER contend BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION contend();",
    );
    store.write(Lane::Brand(id), move |tx| tx.audit(id, "x", "", at(1))).await.unwrap();
    assert_eq!(store.read(|reader| reader.audit_log(id, None, 9)).unwrap().len(), 1);
    assert_eq!(scratch.texts("SELECT last_value FROM tries"), ["3"]);
}

#[tokio::test]
async fn what_never_works_out_is_said_so() {
    let (store, scratch) = open();
    let id = brand(&store).await;
    scratch.run(
        "CREATE FUNCTION contend() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN RAISE EXCEPTION 'try again' USING ERRCODE = 'deadlock_detected'; END $$;
         CREATE TRIGGER contend BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION contend();",
    );
    let never = store.write(Lane::Brand(id), move |tx| tx.audit(id, "x", "", at(1))).await;
    assert_eq!(never, Err(StoreError::Contended));
    // Others go on.
    create(&store, id, 1).await;
}

#[tokio::test]
async fn a_taken_number_in_a_batch_is_its_own_payments_conflict() {
    let (store, _scratch) = open();
    let id = brand(&store).await;
    create(&store, id, 7).await;
    let prepared = |random| PreparedPayment::new(&created(id, order(), random)).unwrap();
    let mut other_order = order();
    other_order.tolerance_minor = 7;
    let taken = PreparedPayment::new(&created(id, other_order, 7)).unwrap();
    let (first, second, third) =
        tokio::join!(store.create(prepared(8)), store.create(taken), store.create(prepared(9)));
    assert_eq!((first, second, third), (Ok(()), Err(StoreError::Conflict), Ok(())));
    assert_eq!(store.read(|reader| reader.count_payments(id)), Ok(3));
}

#[tokio::test]
async fn a_change_on_one_node_is_told_to_the_other_at_once() {
    let (one, scratch) = open();
    let other = node(&scratch);
    let mut notices = other.notices();
    let mut hear = async |topic| {
        let hearing = async {
            loop {
                let notice = notices.recv().await.unwrap();
                if notice.topic == topic && !(topic == Topic::Rates && notice.text.is_empty()) {
                    return notice.text;
                }
            }
        };
        tokio::time::timeout(DEADLINE, hearing).await.unwrap()
    };
    // When it begins to listen it is told to look: from then on nothing is missed.
    hear(Topic::Callbacks).await;
    brand(&one).await;
    hear(Topic::Config).await;
    one.publish(Topic::Rates, "m192.0.2.1=3,");
    assert_eq!(hear(Topic::Rates).await, "m192.0.2.1=3,");
    // A listener that was cut off is told to look, whatever it missed.
    scratch.disconnect_all();
    hear(Topic::Config).await;
}

#[tokio::test]
async fn a_database_that_is_not_there_is_said_so() {
    let nowhere = Database::Postgres(DatabaseUrl::new("postgres://torana@127.0.0.1:1/torana"));
    let opened = Store::open(&Options::new(nowhere), callbacks());
    let why = opened.err().unwrap().to_string();
    assert!(why.contains("cannot be reached") && why.contains("refused"), "{why}");
    for wrong in ["postgres://127.0.0.1:notaport/x", "postgres:///torana"] {
        let wrong = Database::Postgres(DatabaseUrl::new(wrong));
        let opened = Store::open(&Options::new(wrong), callbacks());
        assert!(matches!(opened.err(), Some(StoreError::Engine(_))));
    }
}

#[tokio::test]
async fn several_brands_do_not_wait_for_each_other() {
    let (store, scratch) = open();
    let (slow, fast) = (brand(&store).await, brand(&store).await);
    // Somebody else holds the slow brand's lock, as another node in the middle of a command does.
    let (locked, is_locked) = std::sync::mpsc::channel();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let holder = node(&scratch);
    let holding = std::thread::spawn(move || {
        let released = std::sync::Mutex::new(released);
        holder.write_blocking(Lane::Brand(slow), move |tx| {
            // The lock is taken with the first statement that is waited for.
            tx.brand(slow)?;
            locked.send(()).unwrap();
            let _ = released.lock().unwrap().recv();
            Ok(())
        })
    });
    is_locked.recv().unwrap();
    let waiting = store.clone();
    let waiting = tokio::spawn(async move {
        waiting.write(Lane::Brand(slow), move |tx| tx.audit(slow, "x", "", at(1))).await
    });
    store.write(Lane::Brand(fast), move |tx| tx.audit(fast, "x", "", at(1))).await.unwrap();
    store.write(Lane::Outbox(slow), |_| Ok(())).await.unwrap();
    create(&store, slow, 1).await;
    assert!(!waiting.is_finished());
    release.send(()).unwrap();
    waiting.await.unwrap().unwrap();
    holding.join().unwrap().unwrap();
}

/// Ready to be spread over shards by brand (Citus, or a distributed database): every key of a brand's table begins with the
/// brand, no foreign key crosses brands, nothing counts by a sequence. Tables that are looked up before the brand is
/// known are named here: they are copied to every shard.
#[test]
fn every_key_begins_with_the_brand() {
    const EVERYWHERE: [&str; 4] =
        ["config_version", "credentials", "facts", "refinery_schema_history"];
    let (_store, scratch) = open();
    let keys = scratch.texts(
        "SELECT c.relname || ' ' || i.relname || ' ' || a.attname
         FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
              JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
              JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0]
         WHERE x.indisunique ORDER BY 1",
    );
    assert!(keys.len() > 15, "{keys:?}");
    for key in &keys {
        let [table, index, first] = key.split(' ').collect::<Vec<_>>()[..] else { panic!("{key}") };
        let brand_column = if table == "brands" { "id" } else { "brand" };
        assert!(
            EVERYWHERE.contains(&table) || first == brand_column,
            "{index} of {table}: {first}"
        );
    }
    let foreign = scratch.texts(
        "SELECT conrelid::regclass || ': ' || pg_get_constraintdef(oid) FROM pg_constraint
         WHERE contype = 'f' ORDER BY 1",
    );
    assert!(!foreign.is_empty());
    for key in &foreign {
        let columns: Vec<&str> =
            key.split('(').skip(1).filter_map(|part| part.split(',').next()).collect();
        assert_eq!(columns, ["brand", "brand"], "{key}");
    }
    assert_eq!(scratch.texts("SELECT relname FROM pg_class WHERE relkind = 'S'"), [""; 0]);
    let without_key = scratch.texts(
        "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'public' AND relkind = 'r'
               AND NOT EXISTS (SELECT 1 FROM pg_index x WHERE x.indrelid = c.oid AND x.indisprimary)",
    );
    assert_eq!(without_key, [""; 0]);
}

#[test]
fn every_table_and_column_is_moved() {
    let (_store, scratch) = open();
    let mut found = scratch.texts(
        "SELECT table_name || ' ' || column_name || ' ' || data_type FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name NOT IN ('config_version', 'refinery_schema_history')",
    );
    let mut known: Vec<String> = tables()
        .iter()
        .flat_map(|table| {
            table.columns.iter().map(move |(column, kind)| (table.name, column, kind))
        })
        .map(|(table, column, kind)| {
            let kind = match kind {
                Kind::Int => "bigint",
                Kind::Text => "text",
                Kind::Blob => "bytea",
            };
            format!("{table} {column} {kind}")
        })
        .collect();
    found.sort();
    known.sort();
    assert_eq!(found, known);
    // Rows are paged by the key: a wrong one would leave rows out on both sides alike.
    for table in tables() {
        let key = scratch.texts(&format!(
            "SELECT a.attname FROM pg_index x, unnest(x.indkey) WITH ORDINALITY k (attnum, place)
                    JOIN pg_attribute a ON a.attnum = k.attnum
             WHERE x.indrelid = '{}'::regclass AND x.indisprimary AND a.attrelid = x.indrelid
             ORDER BY k.place",
            table.name
        ));
        let known: Vec<&str> =
            table.columns.iter().take(table.key).map(|(name, _)| *name).collect();
        assert_eq!(key, known, "{}", table.name);
    }
}

#[tokio::test]
async fn an_interrupted_move_goes_on_where_it_was() {
    use torana_store::transfer::{self, TransferError};
    const MARK: &str = "master_key";
    let dir = tempfile::TempDir::new().unwrap();
    let source = Store::open(&Options::sqlite(dir.path().join("torana.db")), callbacks()).unwrap();
    let id = brand(&source).await;
    for n in 0..50 {
        pay(&source, id, n, &format!("MOVE{n:06}")).await;
    }
    let say = |store: &Store, mark: &'static [u8]| {
        store.write_blocking(Lane::Shared, move |tx| tx.insert_fact(MARK, mark).map(drop)).unwrap();
    };
    say(&source, b"k");
    let (target, scratch) = open();
    // Whoever tried the connection has left a key of his own there.
    say(&target, b"other");
    let interrupted = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        transfer::copy(&source, &target, MARK, &mut |progress| {
            assert!(progress.table != "receipts", "pulled the plug");
        })
    }));
    assert!(interrupted.is_err());
    let foreign = Store::open(&Options::sqlite(dir.path().join("other.db")), callbacks()).unwrap();
    say(&foreign, b"other");
    let foreign = transfer::copy(&foreign, &target, MARK, &mut |_| {});
    assert!(matches!(foreign, Err(TransferError::NotEmpty)));
    assert!(transfer::verify(&source, &target, &mut |_| {}).is_err());
    let mut copied = vec![];
    transfer::copy(&source, &target, MARK, &mut |progress| {
        if progress.done == 0 && progress.total > 0 {
            copied.push(progress.table);
        }
    })
    .unwrap();
    assert_eq!(copied.first(), Some(&"receipts"), "what was there is not copied again");
    let verified = transfer::verify(&source, &target, &mut |_| {}).unwrap();
    assert!(verified.rows.contains(&("payments", 50)));
    // One changed row is found.
    let token = |change| {
        scratch.run(&format!(
            "UPDATE payments SET token = token {change} WHERE number = (SELECT min(number) FROM payments)"
        ));
    };
    token("+ 1");
    let differs = transfer::verify(&source, &target, &mut |_| {});
    assert!(matches!(differs, Err(TransferError::Differs(text)) if text.contains("payments")));
    token("- 1");
    brand(&source).await;
    let grown = transfer::finish(&source, &target, MARK, &verified);
    assert!(matches!(grown, Err(TransferError::Differs(text)) if text.contains("brands")));
    let mut smaller = verified.clone();
    smaller.rows.retain(|(table, _)| *table != "brands");
    transfer::finish(&source, &target, MARK, &smaller).unwrap();
    assert_eq!(target.read(|reader| reader.fact(MARK)), Ok(Some(b"k".to_vec())));
    let again = transfer::copy(&source, &target, MARK, &mut |_| {});
    assert!(matches!(again, Err(TransferError::NotEmpty)));
}
