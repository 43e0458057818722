//! A database of an earlier version with data in it, brought up to date.
//!
//! Add to [`OLD_DATA`] what a new migration touches; it runs on the schema of the version before.

use torana_domain::ids::PaymentNumber;
use torana_domain::payment::PaymentState;
use torana_domain::{BrandId, DeviceId};

use super::fixtures::{callbacks, check};
use crate::{Database, Options, Store, StoreError};

/// The version before the newest.
pub const BEFORE: i32 = 3;

/// What that version left behind.
pub const OLD_DATA: &str = r#"
    INSERT INTO brands (id, name, mode, created_at, settings, version)
    VALUES (1, 'Old shop', 'live', 5, '{}', 1);
    INSERT INTO devices (brand, id, name, email, key_lookup, sealed_secret, created_at, pairing_lookup)
    VALUES (1, 1, 'Phone', 'a@b', X'0102030405060708091011121314151617181920212223242526272829303132', X'00', 5,
            X'0202030405060708091011121314151617181920212223242526272829303132');
    INSERT INTO accounts (brand, id, rail, method, kind, number, label, instructions, limits, position, enabled)
    VALUES (1, 1, 'wallet', 'bkash', 'personal', '017', 'bKash', '', '{}', 0, 1);
    INSERT INTO outbox (brand, id, payment, url, content_type, headers, body, created_at, state, attempts, next_at)
    VALUES (1, 1, 78, 'https://old.example', 'text/plain', '[]', X'00', 5, 'pending', 0, 5);
    INSERT INTO payments (brand, number, token, created_at, version, state, order_json)
    VALUES (1, 77, 9, 5, 1, 'created', '{"dialect":"native","amount":{"minor":100,"currency":"BDT"},
            "fee":{"minor":0,"currency":"BDT"},"due":{"minor":100,"currency":"BDT"},"tolerance_minor":0,
            "customer":{"name":"n","email":"e","phone":null},
            "urls":{"success":"","cancel":"","callback":null},"metadata":null,"dialect_note":null,
            "expires_at":99}');
    INSERT INTO timers (brand, due_ms, number) VALUES (1, 99, 77);
    INSERT INTO payments (brand, number, token, created_at, version, state, order_json, paid_json)
    VALUES (1, 78, 9, 5, 4, 'refund_pending', '{"dialect":"native","amount":{"minor":100,"currency":"BDT"},
            "fee":{"minor":0,"currency":"BDT"},"due":{"minor":100,"currency":"BDT"},"tolerance_minor":0,
            "customer":{"name":"n","email":"e","phone":null},
            "urls":{"success":"","cancel":"","callback":null},"metadata":null,"dialect_note":null,
            "expires_at":99}', '{"receipt":{"method":"bkash","reference":"AAAAAA1"},"account":1,
            "received":{"minor":100,"currency":"BDT"},"applied":{"minor":100,"currency":"BDT"},"at":6,"late":false}');
    INSERT INTO attempts (brand, number, n, account, method, reference, state, at)
    VALUES (1, 78, 1, 1, 'bkash', 'AAAAAA1', 'paid', 6);
    INSERT INTO receipts (brand, method, reference, account, currency, minor, at, received_at, confidence, warnings,
                          state, number, token)
    VALUES (1, 'bkash', 'AAAAAA1', 1, 'BDT', 100, 6, 6, 'high', '[]', 'claimed', 78, 9);
    INSERT INTO refunds (brand, number, n, minor, state, reason, requested_at, changed_at)
    VALUES (1, 78, 1, 40, 'pending', 'broken', 7, 7);
    INSERT INTO ledger_entries (brand, tx_id, line, account, currency, minor, purpose, at) VALUES
        (1, 1, 0, 'rail:1', 'BDT', 100, 'receipt', 6), (1, 1, 1, 'suspense', 'BDT', -100, 'receipt', 6),
        (1, 2, 0, 'suspense', 'BDT', 100, 'settlement', 6), (1, 2, 1, 'sales', 'BDT', -100, 'settlement', 6),
        (1, 3, 0, 'refunds', 'BDT', 40, 'refund_requested', 7),
        (1, 3, 1, 'refunds_payable', 'BDT', -40, 'refund_requested', 7);
"#;

/// Makes the earlier version's schema and data.
pub fn make_old(database: &Database) -> Result<(), StoreError> {
    match database {
        Database::Sqlite(path) => {
            crate::engine::sqlite::make_schema(path, BEFORE)?;
            crate::engine::sqlite::run_sql(path, OLD_DATA)
        }
        Database::Postgres(url) => {
            crate::engine::postgres::make_schema(url, BEFORE)?;
            // The one thing that the engines write differently.
            let data = OLD_DATA.replace("X'", "'\\x");
            super::scratch::run(url.expose(), &data);
            Ok(())
        }
    }
}

/// Opens it with this version: everything is there, and usable.
pub fn expect_upgraded(database: &Database) -> Store {
    let store = Store::open(&Options::new(database.clone()), callbacks()).unwrap();
    let brand = BrandId(1);
    let row = store.read(|reader| reader.brand(brand)).unwrap().unwrap();
    assert_eq!(row.name, "Old shop");
    let number = PaymentNumber::from_i64(77).unwrap();
    let payment = store.read(|reader| reader.payment(brand, number)).unwrap().unwrap();
    assert_eq!((payment.state, payment.order.amount.minor()), (PaymentState::Created, 100));
    let number = PaymentNumber::from_i64(78).unwrap();
    let paid = store.read(|reader| reader.payment(brand, number)).unwrap().unwrap();
    assert_eq!((paid.state, paid.refundable().minor()), (PaymentState::RefundPending, 60));
    assert_eq!((&paid.attempts[0].origin, &paid.refunds[0].reference), (&None, &None));
    let account = store.read(|reader| reader.accounts(brand)).unwrap().remove(0);
    assert_eq!((account.details, account.sealed), (crate::AccountDetails::default(), None));
    let owed = store.read(|reader| reader.callback(brand, 1)).unwrap().unwrap();
    assert_eq!(owed.draft.dialect, None);
    let currency = payment.order.amount.currency();
    let earnings = store.read(|reader| reader.earnings(brand, currency)).unwrap();
    assert_eq!((earnings.available.minor(), earnings.up_to), (60, 3));
    let device = store.read(|reader| reader.device(brand, DeviceId(1))).unwrap().unwrap();
    let by_key = store.read(|reader| reader.device_by_key_lookup(&device.key_lookup)).unwrap();
    assert_eq!(by_key, Some(device.clone()));
    let code = device.pairing_lookup.unwrap();
    let by_code = store.read(|reader| reader.device_by_pairing_lookup(&code)).unwrap();
    assert_eq!(by_code, Some(device));
    check(&store);
    store
}
