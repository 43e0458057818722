use super::fixtures::{DUE, arrive, at, brand, check, pay, receipt};
use crate::{Lane, Store, StoreError};

pub async fn every_brands_books_balance(store: Store) {
    let (one, other) = (brand(&store).await, brand(&store).await);
    pay(&store, one, 1, "AAAAAA1111").await;
    // The same reference may arrive at another brand.
    pay(&store, other, 1, "AAAAAA1111").await;
    arrive(&store, other, receipt("BBBBBB2222", 5), 9).await;
    let report = store.read(|reader| reader.ledger_check()).unwrap();
    assert!(report.is_ok(), "{:?}", report.findings);
    assert_eq!((report.paid, report.transactions, report.entries), (2, 5, 12));
    let again = store.read(|reader| reader.ledger_check()).unwrap();
    assert_eq!(report.hash, again.hash);
    arrive(&store, other, receipt("CCCCCC3333", 5), 9).await;
    assert_ne!(store.read(|reader| reader.ledger_check()).unwrap().hash, report.hash);
}

async fn refuses(store: &Store, sql: &'static str) {
    let result = store.write(Lane::Shared, move |tx| tx.sql.execute(sql, &[])).await;
    assert!(matches!(result, Err(StoreError::Engine(_))), "{sql}: {result:?}");
}

pub async fn the_ledger_refuses_changes(store: Store) {
    let id = brand(&store).await;
    pay(&store, id, 1, "AAAAAA1111").await;
    refuses(&store, "UPDATE ledger_entries SET minor = 1").await;
    refuses(&store, "DELETE FROM ledger_entries").await;
    check(&store);
}

pub async fn the_audit_log_refuses_changes(store: Store) {
    let id = brand(&store).await;
    store.write(Lane::Brand(id), move |tx| tx.audit(id, "x", "", at(1))).await.unwrap();
    refuses(&store, "UPDATE audit SET actor = 'nobody'").await;
    refuses(&store, "DELETE FROM audit").await;
    assert_eq!(store.read(|reader| reader.audit_log(id, None, 9)).unwrap()[0].actor, "system");
}

pub async fn a_statement_pages_without_gaps(store: Store) {
    let id = brand(&store).await;
    pay(&store, id, 1, "AAAAAA1111").await;
    let page = store.read(|reader| reader.statement(id, None, 2)).unwrap();
    let last = page.last().map(|row| (row.tx_id, row.line));
    let rest = store.read(|reader| reader.statement(id, last, 9)).unwrap();
    let lines: Vec<_> = page.iter().chain(&rest).map(|row| (row.tx_id, row.line)).collect();
    assert_eq!(lines, [(2, 2), (2, 1), (2, 0), (1, 1), (1, 0)]);
    assert_eq!(rest[2].amount.minor(), DUE);
    assert_eq!(rest[2].receipt.as_deref(), Some("bkash:AAAAAA1111"));
}

pub async fn a_check_finds_what_is_wrong(store: Store) {
    let id = brand(&store).await;
    pay(&store, id, 1, "AAAAAA1111").await;
    store
        .write(Lane::Shared, |tx| {
            tx.sql.execute(
                "INSERT INTO ledger_entries (brand, tx_id, line, account, currency, minor, purpose, at)
                 VALUES (1, 9, 0, 'sales', 'BDT', 1, 'receipt', 0)",
                &[],
            )?;
            tx.sql.execute("UPDATE payments SET paid_json = NULL", &[])
        })
        .await
        .unwrap();
    let report = store.read(|reader| reader.ledger_check()).unwrap();
    assert_eq!(report.findings.len(), 6, "{:?}", report.findings);
}
