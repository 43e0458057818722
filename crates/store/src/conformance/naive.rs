//! How payments are stored where nobody thought of batches: a transaction a request. The benchmark's yardstick, on both
//! engines; tests have no use for it.

use std::sync::{Arc, Mutex};

use rusqlite::params;
use tokio::sync::Semaphore;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Statement};
use torana_domain::PaymentId;
use torana_domain::payment::Decision;

use crate::{Database, SilentCallbacks, Store, StoreError};

/// Connections of the pool: what a developer might choose for a small server. Not tuned.
pub const POOL: usize = 20;

const INSERT_PAYMENT: [&str; 2] = [
    "INSERT INTO payments (brand, number, token, created_at, version, state, order_json)
     VALUES (?1, ?2, ?3, ?4, 1, 'created', ?5)",
    "INSERT INTO payments (brand, number, token, created_at, version, state, order_json)
     VALUES ($1, $2, $3, $4, 1, 'created', $5)",
];
const INSERT_TIMER: [&str; 2] = [
    "INSERT INTO timers (brand, due_ms, number) VALUES (?1, ?2, ?3)",
    "INSERT INTO timers (brand, due_ms, number) VALUES ($1, $2, $3)",
];

/// The store of somebody in a hurry.
#[derive(Clone)]
pub enum Naive {
    /// One connection behind a mutex, on the runtime's threads for blocking work.
    Sqlite(Arc<Mutex<rusqlite::Connection>>),
    /// A pool of connections with prepared statements.
    Postgres(Arc<Pool>),
}

/// See [`Naive`].
pub struct Pool {
    idle: Mutex<Vec<Pooled>>,
    free: Semaphore,
}

struct Pooled {
    client: Client,
    insert_payment: Statement,
    insert_timer: Statement,
}

/// What both rows of a new payment hold.
struct Rows {
    id: PaymentId,
    created_at: i64,
    due_ms: i64,
    order_json: String,
}

impl Naive {
    /// Opens a database and gives it the schema.
    pub async fn open(database: &Database) -> Result<Self, StoreError> {
        let options = crate::Options::new(database.clone());
        Store::open(&options, Arc::new(SilentCallbacks))?.close();
        Ok(match database {
            Database::Sqlite(path) => {
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.pragma_update(None, "journal_mode", "wal").unwrap();
                connection.pragma_update(None, "synchronous", "full").unwrap();
                Self::Sqlite(Arc::new(Mutex::new(connection)))
            }
            Database::Postgres(url) => {
                let mut idle = vec![];
                for _ in 0..POOL {
                    let (client, wire) =
                        tokio_postgres::connect(url.expose(), NoTls).await.unwrap();
                    tokio::spawn(wire);
                    let insert_payment = client.prepare(INSERT_PAYMENT[1]).await.unwrap();
                    let insert_timer = client.prepare(INSERT_TIMER[1]).await.unwrap();
                    idle.push(Pooled { client, insert_payment, insert_timer });
                }
                let free = Semaphore::new(idle.len());
                Self::Postgres(Arc::new(Pool { idle: Mutex::new(idle), free }))
            }
        })
    }

    /// Writes a new payment; whether its number was free. Returns once it is durable. A failure is a panic.
    pub async fn create(&self, decision: &Decision) -> bool {
        let order = &decision.payment.order;
        let rows = Rows {
            id: decision.payment.id,
            created_at: decision.events[0].at.as_ms(),
            due_ms: order.expires_at.as_ms(),
            order_json: serde_json::to_string(order).unwrap(),
        };
        match self {
            Self::Sqlite(connection) => {
                let connection = Arc::clone(connection);
                let write = move || insert_blocking(&mut connection.lock().unwrap(), &rows);
                tokio::task::spawn_blocking(write).await.unwrap()
            }
            Self::Postgres(pool) => {
                let _free = pool.free.acquire().await.unwrap();
                let pooled = pool.idle.lock().unwrap().pop().unwrap();
                let is_new = insert(&pooled, &rows).await;
                pool.idle.lock().unwrap().push(pooled);
                is_new
            }
        }
    }
}

fn insert_blocking(connection: &mut rusqlite::Connection, rows: &Rows) -> bool {
    let Rows { id, created_at, due_ms, order_json } = rows;
    let tx = connection.transaction().unwrap();
    let payment = params![id.brand.0, id.number.as_i64(), id.token, created_at, order_json];
    let inserted = tx.prepare_cached(INSERT_PAYMENT[0]).unwrap().execute(payment);
    if let Err(rusqlite::Error::SqliteFailure(error, _)) = inserted
        && error.code == rusqlite::ErrorCode::ConstraintViolation
    {
        return false;
    }
    inserted.unwrap();
    tx.prepare_cached(INSERT_TIMER[0])
        .unwrap()
        .execute(params![id.brand.0, due_ms, id.number.as_i64()])
        .unwrap();
    tx.commit().unwrap();
    true
}

/// Four round trips.
async fn insert(pooled: &Pooled, rows: &Rows) -> bool {
    let Pooled { client, insert_payment, insert_timer } = pooled;
    let (brand, number) = (i64::from(rows.id.brand.0), rows.id.number.as_i64());
    let token = i64::from(rows.id.token);
    client.batch_execute("BEGIN").await.unwrap();
    let payment: [&(dyn ToSql + Sync); 5] =
        [&brand, &number, &token, &rows.created_at, &rows.order_json];
    let inserted = client.execute(insert_payment, &payment).await;
    if inserted.as_ref().is_err_and(|e| e.code() == Some(&SqlState::UNIQUE_VIOLATION)) {
        client.batch_execute("ROLLBACK").await.unwrap();
        return false;
    }
    inserted.unwrap();
    client.execute(insert_timer, &[&brand, &rows.due_ms, &number]).await.unwrap();
    client.batch_execute("COMMIT").await.unwrap();
    true
}
