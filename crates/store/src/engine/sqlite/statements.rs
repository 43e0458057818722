//! Runs SQL on a connection, each statement prepared once.

use std::borrow::Cow;

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode};

use crate::StoreError;
use crate::sql::{Columns, Row, Sql, Value, without_nul};

/// A connection as [`Sql`].
pub(super) struct Statements<'a>(pub(super) &'a Connection);

impl Statements<'_> {
    fn prepare(
        &self,
        sql: &'static str,
        params: &[Value<'_>],
    ) -> Result<CachedStatement<'_>, StoreError> {
        let mut statement = self.0.prepare_cached(sql).map_err(engine_error)?;
        for (index, param) in params.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, param).map_err(engine_error)?;
        }
        Ok(statement)
    }
}

impl Sql for Statements<'_> {
    fn execute(&self, sql: &'static str, params: &[Value<'_>]) -> Result<usize, StoreError> {
        self.prepare(sql, params)?.raw_execute().map_err(engine_error)
    }

    fn query(
        &self,
        sql: &'static str,
        params: &[Value<'_>],
        each: &mut dyn FnMut(Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.prepare(sql, params)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(engine_error)? {
            each(Row(&SqliteRow(row)))?;
        }
        Ok(())
    }
}

struct SqliteRow<'a>(&'a rusqlite::Row<'a>);

impl Columns for SqliteRow<'_> {
    fn column(&self, index: usize) -> Result<Value<'_>, StoreError> {
        match self.0.get_ref(index).map_err(engine_error)? {
            ValueRef::Null => Ok(Value::Null),
            ValueRef::Integer(value) => Ok(Value::Int(value)),
            ValueRef::Text(text) => std::str::from_utf8(text)
                .map(Value::Text)
                .map_err(|_| StoreError::Damaged(format!("column {index} is not UTF-8"))),
            ValueRef::Blob(bytes) => Ok(Value::Blob(bytes)),
            ValueRef::Real(_) => Err(StoreError::Damaged(format!("column {index} is a float"))),
        }
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        if let Self::Text(text) = self
            && let Cow::Owned(text) = without_nul(text)
        {
            return Ok(ToSqlOutput::from(text));
        }
        Ok(ToSqlOutput::Borrowed(match *self {
            Value::Null => ValueRef::Null,
            Value::Int(value) => ValueRef::Integer(value),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
            Value::Ints(_) | Value::Texts(_) => {
                let error = StoreError::Unstorable("SQLite knows no arrays".into());
                return Err(rusqlite::Error::ToSqlConversionFailure(error.into()));
            }
        }))
    }
}

/// An error of the driver as ours: taken keys and locks have names of their own.
pub(super) fn engine_error(error: rusqlite::Error) -> StoreError {
    use rusqlite::ffi;
    let rusqlite::Error::SqliteFailure(failure, _) = &error else {
        return StoreError::Engine(error.to_string());
    };
    match (failure.code, failure.extended_code) {
        (_, ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_UNIQUE) => {
            StoreError::Conflict
        }
        (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => StoreError::Locked,
        _ => StoreError::Engine(error.to_string()),
    }
}
