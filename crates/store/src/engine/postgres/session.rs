//! One connection, driven by whichever thread uses it: it has a small runtime of its own, so that a command costs no hop
//! between threads.
//!
//! Statements whose results nobody waits for are sent with the next one that somebody does wait for
//! ([`Session::later`]): a command takes as many round trips as it has questions, not statements. Their failures are
//! found by [`Session::settle`] at the latest.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::TryStreamExt as _;
use tokio::runtime::Runtime;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Statement};

use super::failure::engine_error;
use super::target::Target;
use super::value::PostgresRow;
use crate::sql::{Datum, Row, Sql, Value};
use crate::tables::{Kind, Table};
use crate::{StoreError, Topic};

type Answer = Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send>>;

/// A statement that was sent and whose answer is not read yet.
struct Sent {
    answer: Answer,
    /// The error if it does not change exactly one row, where that is demanded.
    unless_one: Option<StoreError>,
}

/// An open connection.
pub(super) struct Session {
    /// Only taken by the drop.
    runtime: Option<Runtime>,
    client: Arc<Client>,
    statements: RefCell<HashMap<(usize, usize), Statement>>,
    sent: RefCell<Vec<Sent>>,
    /// Why whatever this session is in the middle of cannot go on.
    broken: Cell<Option<Broken>>,
    /// The first failure since it was last asked for: PostgreSQL refuses everything after it.
    failure: RefCell<Option<StoreError>>,
    /// How long an answer may take before the connection counts as lost.
    patience: Cell<Duration>,
    node: Arc<str>,
}

/// A failure that is the whole transaction's, whatever the command makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// It has to be run again.
    Contended,
    /// The connection is gone.
    Lost,
}

impl Broken {
    fn of(error: &StoreError) -> Option<Self> {
        match error {
            StoreError::Contended => Some(Self::Contended),
            StoreError::Unavailable => Some(Self::Lost),
            _ => None,
        }
    }

    /// As an error for whoever waits.
    pub(super) fn error(self) -> StoreError {
        match self {
            Self::Contended => StoreError::Contended,
            Self::Lost => StoreError::Unavailable,
        }
    }
}

impl Session {
    /// Connects and says how the session is to behave. Must not be called on a thread that drives another runtime.
    pub(super) fn connect(
        target: &Target,
        setup: &str,
        patience: Duration,
    ) -> Result<Self, StoreError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| StoreError::Engine(error.to_string()))?;
        let connecting = async {
            let (client, connection) = target.connect().await?;
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "a database connection ended");
                }
            });
            client.batch_execute(setup).await.map_err(|error| engine_error(&error))?;
            Ok(client)
        };
        let client = match runtime.block_on(connecting) {
            Ok(client) => Arc::new(client),
            Err(error) => {
                runtime.shutdown_background();
                return Err(error);
            }
        };
        Ok(Self {
            runtime: Some(runtime),
            client,
            statements: RefCell::default(),
            sent: RefCell::default(),
            broken: Cell::new(None),
            failure: RefCell::default(),
            patience: Cell::new(patience),
            node: Arc::clone(&target.node),
        })
    }

    /// Why it cannot go on, if it cannot; forgets a contention, which the next transaction need not have.
    pub(super) fn take_broken(&self) -> Option<Broken> {
        let broken = self.broken.get();
        if broken == Some(Broken::Contended) {
            self.broken.set(None);
        }
        broken
    }

    /// Whether the connection is gone.
    pub(super) fn is_lost(&self) -> bool {
        self.broken.get() == Some(Broken::Lost) || self.client.is_closed()
    }

    /// Begins to look out for failures.
    pub(super) fn forget_failure(&self) {
        *self.failure.borrow_mut() = None;
    }

    /// The first failure since [`Session::forget_failure`].
    pub(super) fn failure(&self) -> Option<StoreError> {
        self.failure.borrow().clone()
    }

    /// How long an answer may take from now on.
    pub(super) fn set_patience(&self, patience: Duration) {
        self.patience.set(patience);
    }

    fn note(&self, error: StoreError) -> StoreError {
        self.failure.borrow_mut().get_or_insert_with(|| error.clone());
        // A connection that is gone stays gone, whatever still comes of it.
        if let (Some(broken), false) = (Broken::of(&error), self.broken.get() == Some(Broken::Lost))
        {
            self.broken.set(Some(broken));
        }
        error
    }

    /// Runs a future on this thread, within the patience.
    fn wait<T>(
        &self,
        future: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let Some(runtime) = &self.runtime else { return Err(StoreError::Closed) };
        let patience = self.patience.get();
        let result = runtime.block_on(async move { tokio::time::timeout(patience, future).await });
        result.unwrap_or(Err(StoreError::Unavailable)).map_err(|error| self.note(error))
    }

    /// A statement, prepared once.
    fn prepared(&self, sql: &'static str) -> Result<Statement, StoreError> {
        let key = (sql.as_ptr().addr(), sql.len());
        if let Some(statement) = self.statements.borrow().get(&key) {
            return Ok(statement.clone());
        }
        // An earlier failure must show as itself, not as a refusal to prepare.
        self.settle()?;
        let text = for_postgres(sql);
        let preparing = self.client.prepare(&text);
        let statement =
            self.wait(async { preparing.await.map_err(|error| engine_error(&error)) })?;
        self.statements.borrow_mut().insert(key, statement.clone());
        Ok(statement)
    }

    fn send(&self, mut answer: Answer, unless_one: Option<StoreError>) {
        // The first poll puts the message into the connection's queue; it leaves with the next wait.
        let first = answer.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(result) = first {
            answer = Box::pin(std::future::ready(result));
        }
        self.sent.borrow_mut().push(Sent { answer, unless_one });
    }

    /// Sends a command of the transaction's own, such as BEGIN.
    pub(super) fn later(&self, sql: &'static str) {
        let client = Arc::clone(&self.client);
        let answer = Box::pin(async move { client.batch_execute(sql).await.map(|()| 0) });
        self.send(answer, None);
    }

    /// Runs a command of the transaction's own.
    pub(super) fn now(&self, sql: &'static str) -> Result<(), StoreError> {
        self.later(sql);
        self.settle()
    }

    /// Waits for everything that was sent; the first failure.
    pub(super) fn settle(&self) -> Result<(), StoreError> {
        let sent = std::mem::take(&mut *self.sent.borrow_mut());
        if sent.is_empty() {
            return Ok(());
        }
        self.wait(answers(sent))
    }
}

async fn answers(sent: Vec<Sent>) -> Result<(), StoreError> {
    let mut failure = None;
    for Sent { answer, unless_one } in sent {
        let error = match (answer.await, unless_one) {
            (Err(error), _) => engine_error(&error),
            (Ok(1), _) | (Ok(_), None) => continue,
            (Ok(_), Some(error)) => error,
        };
        // What comes after a failure fails because of it.
        failure.get_or_insert(error);
    }
    failure.map_or(Ok(()), Err)
}

impl Drop for Session {
    fn drop(&mut self) {
        // A runtime that waits for its end may not be dropped where others run.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Sql for Session {
    fn execute(&self, sql: &'static str, params: &[Value<'_>]) -> Result<usize, StoreError> {
        let statement = self.prepared(sql)?;
        let sent = std::mem::take(&mut *self.sent.borrow_mut());
        let changed = self.wait(async {
            let mut asked = pin!(self.client.execute_raw(&statement, params.iter().copied()));
            let first = futures_util::poll!(asked.as_mut());
            answers(sent).await?;
            let changed = match first {
                Poll::Ready(changed) => changed,
                Poll::Pending => asked.await,
            };
            changed.map_err(|error| engine_error(&error))
        })?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    fn execute_later(
        &self,
        sql: &'static str,
        params: &[Value<'_>],
        unless_one: Option<StoreError>,
    ) -> Result<(), StoreError> {
        let statement = self.prepared(sql)?;
        let client = Arc::clone(&self.client);
        let params: Vec<Datum> =
            params.iter().map(|value| Datum::try_from(*value)).collect::<Result<_, _>>()?;
        let answer = Box::pin(async move { client.execute_raw(&statement, params).await });
        self.send(answer, unless_one);
        Ok(())
    }

    fn query(
        &self,
        sql: &'static str,
        params: &[Value<'_>],
        each: &mut dyn FnMut(Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let statement = self.prepared(sql)?;
        let sent = std::mem::take(&mut *self.sent.borrow_mut());
        self.wait(async {
            let mut asked = pin!(self.client.query_raw(&statement, params.iter().copied()));
            let first = futures_util::poll!(asked.as_mut());
            answers(sent).await?;
            let rows = match first {
                Poll::Ready(rows) => rows,
                Poll::Pending => asked.await,
            };
            let mut rows = pin!(rows.map_err(|error| engine_error(&error))?);
            while let Some(row) = rows.try_next().await.map_err(|error| engine_error(&error))? {
                each(Row(&PostgresRow(&row)))?;
            }
            Ok(())
        })
    }

    fn insert_rows(&self, table: &'static Table, rows: &[Vec<Datum>]) -> Result<(), StoreError> {
        self.settle()?;
        let kinds: Vec<Type> = table
            .columns
            .iter()
            .map(|(_, kind)| match kind {
                Kind::Int => Type::INT8,
                Kind::Text => Type::TEXT,
                Kind::Blob => Type::BYTEA,
            })
            .collect();
        self.wait(async {
            let copying = async {
                let sink = self.client.copy_in(table.copy).await?;
                let mut writer = pin!(BinaryCopyInWriter::new(sink, &kinds));
                for row in rows {
                    let values = row.iter().map(|datum| -> &(dyn ToSql + Sync) { datum });
                    writer.as_mut().write_raw(values).await?;
                }
                writer.finish().await.map(drop)
            };
            copying.await.map_err(|error| engine_error(&error))
        })
    }

    fn notify(&self, topic: Topic) -> Result<(), StoreError> {
        let text = super::notices::encode(&self.node, topic, "");
        self.execute_later(super::notices::NOTIFY, &[Value::Text(&text)], None)
    }
}

/// The statement as PostgreSQL reads it: `?1` is `$1`, and what stands in `/*pg: … */` counts. No statement has a question
/// mark of another meaning: it would not be prepared.
fn for_postgres(sql: &str) -> String {
    sql.replace('?', "$").replace("/*pg:", "").replace("*/", "")
}
