//! The thin layer between the noun files, which hold the SQL, and an engine, which runs it.
//!
//! SQL is written once, in the subset that SQLite and PostgreSQL share, with parameters `?1`, `?2`. It is
//! always a constant text: engines prepare each once. An engine implements [`Sql`] for its transaction.
//!
//! What only PostgreSQL understands and SQLite, with its one writer, does not need, stands in `/*pg: … */`.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use torana_domain::ids::PaymentNumber;
use torana_domain::{AccountId, BrandId, DeviceId, Timestamp};

use crate::tables::Table;
use crate::{StoreError, Topic};

/// A parameter or a column. Never prints what it holds: drivers log their parameters.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Blob(&'a [u8]),
    /// Many integers: for the batches of PostgreSQL; SQLite knows no arrays.
    Ints(&'a [i64]),
    /// Many texts, likewise.
    Texts(&'a [&'a str]),
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Int(_) => "int",
            Self::Text(_) => "text",
            Self::Blob(_) => "blob",
            Self::Ints(_) => "ints",
            Self::Texts(_) => "texts",
        })
    }
}

/// A value on its own: of a row that is moved as it is, or of a statement that is sent later.
#[derive(Clone, PartialEq, Eq)]
pub enum Datum {
    /// NULL.
    Null,
    /// An integer.
    Int(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl fmt::Debug for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_value().fmt(f)
    }
}

impl Datum {
    pub(crate) fn as_value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Int(value) => Value::Int(*value),
            Self::Text(text) => Value::Text(text),
            Self::Blob(bytes) => Value::Blob(bytes),
        }
    }
}

impl TryFrom<Value<'_>> for Datum {
    type Error = StoreError;

    fn try_from(value: Value<'_>) -> Result<Self, StoreError> {
        match value {
            Value::Null => Ok(Self::Null),
            Value::Int(value) => Ok(Self::Int(value)),
            Value::Text(text) => Ok(Self::Text(text.to_owned())),
            Value::Blob(bytes) => Ok(Self::Blob(bytes.to_owned())),
            Value::Ints(_) | Value::Texts(_) => {
                Err(StoreError::Unstorable("an array is not a single value".into()))
            }
        }
    }
}

/// A row while it is being read.
pub(crate) trait Columns {
    fn column(&self, index: usize) -> Result<Value<'_>, StoreError>;
}

/// An open transaction of an engine.
pub(crate) trait Sql {
    /// Runs a statement; how many rows it changed.
    fn execute(&self, sql: &'static str, params: &[Value<'_>]) -> Result<usize, StoreError>;

    /// Runs a statement whose count nobody needs now: an engine may send it together with the next. A failure shows at
    /// the next call or at the command's end, and fails the command. With `unless_one` it fails with that error
    /// unless exactly one row changes.
    fn execute_later(
        &self,
        sql: &'static str,
        params: &[Value<'_>],
        unless_one: Option<StoreError>,
    ) -> Result<(), StoreError> {
        match (self.execute(sql, params)?, unless_one) {
            (1, _) | (_, None) => Ok(()),
            (_, Some(error)) => Err(error),
        }
    }

    /// Inserts rows of a table, each with all of its columns, by whichever way is the fastest.
    fn insert_rows(&self, table: &'static Table, rows: &[Vec<Datum>]) -> Result<(), StoreError> {
        for row in rows {
            let values: Vec<Value<'_>> = row.iter().map(Datum::as_value).collect();
            self.execute(table.insert, &values)?;
        }
        Ok(())
    }

    /// Tells other nodes, if the transaction commits.
    fn notify(&self, _: Topic) -> Result<(), StoreError> {
        Ok(())
    }

    /// Runs a query and shows each row to `each`.
    fn query(
        &self,
        sql: &'static str,
        params: &[Value<'_>],
        each: &mut dyn FnMut(Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;
}

impl dyn Sql + '_ {
    /// All rows, each read by `read`.
    pub(crate) fn rows<T>(
        &self,
        sql: &'static str,
        params: &[Value<'_>],
        mut read: impl FnMut(Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = vec![];
        self.query(sql, params, &mut |row| {
            found.push(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// The first row, if there is one.
    pub(crate) fn row<T>(
        &self,
        sql: &'static str,
        params: &[Value<'_>],
        read: impl Fn(Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut found = None;
        self.query(sql, params, &mut |row| {
            if found.is_none() {
                found = Some(read(row)?);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// One integer; an absent row or NULL is zero.
    pub(crate) fn int(&self, sql: &'static str, params: &[Value<'_>]) -> Result<i64, StoreError> {
        Ok(self.row(sql, params, |row| row.opt_int(0))?.flatten().unwrap_or(0))
    }

    /// A statement that must change exactly one row; otherwise `error`.
    pub(crate) fn execute_one(
        &self,
        sql: &'static str,
        params: &[Value<'_>],
        error: StoreError,
    ) -> Result<(), StoreError> {
        if self.execute(sql, params)? == 1 { Ok(()) } else { Err(error) }
    }
}

/// A row, with typed access by column.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a>(pub(crate) &'a dyn Columns);

impl<'a> Row<'a> {
    fn damaged(index: usize, what: &str) -> StoreError {
        StoreError::Damaged(format!("column {index} is not {what}"))
    }

    pub(crate) fn opt_int(self, index: usize) -> Result<Option<i64>, StoreError> {
        match self.0.column(index)? {
            Value::Int(value) => Ok(Some(value)),
            Value::Null => Ok(None),
            _ => Err(Self::damaged(index, "an integer")),
        }
    }

    pub(crate) fn int(self, index: usize) -> Result<i64, StoreError> {
        self.opt_int(index)?.ok_or_else(|| Self::damaged(index, "an integer"))
    }

    /// An integer of a narrower type.
    pub(crate) fn num<T: TryFrom<i64>>(self, index: usize) -> Result<T, StoreError> {
        T::try_from(self.int(index)?).map_err(|_| Self::damaged(index, "in range"))
    }

    pub(crate) fn opt_num<T: TryFrom<i64>>(self, index: usize) -> Result<Option<T>, StoreError> {
        let value = self.opt_int(index)?;
        value
            .map(|value| T::try_from(value).map_err(|_| Self::damaged(index, "in range")))
            .transpose()
    }

    pub(crate) fn bool(self, index: usize) -> Result<bool, StoreError> {
        Ok(self.int(index)? != 0)
    }

    pub(crate) fn time(self, index: usize) -> Result<Timestamp, StoreError> {
        Ok(Timestamp::from_ms(self.int(index)?))
    }

    pub(crate) fn opt_time(self, index: usize) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.opt_int(index)?.map(Timestamp::from_ms))
    }

    pub(crate) fn brand(self, index: usize) -> Result<BrandId, StoreError> {
        self.num(index).map(BrandId)
    }

    pub(crate) fn number(self, index: usize) -> Result<PaymentNumber, StoreError> {
        PaymentNumber::from_i64(self.int(index)?)
            .ok_or_else(|| Self::damaged(index, "a payment number"))
    }

    pub(crate) fn opt_str(&self, index: usize) -> Result<Option<&'a str>, StoreError> {
        match self.0.column(index)? {
            Value::Text(text) => Ok(Some(text)),
            Value::Null => Ok(None),
            _ => Err(Self::damaged(index, "a text")),
        }
    }

    pub(crate) fn str(&self, index: usize) -> Result<&'a str, StoreError> {
        self.opt_str(index)?.ok_or_else(|| Self::damaged(index, "a text"))
    }

    pub(crate) fn text(self, index: usize) -> Result<String, StoreError> {
        Ok(self.str(index)?.to_owned())
    }

    pub(crate) fn opt_text(self, index: usize) -> Result<Option<String>, StoreError> {
        Ok(self.opt_str(index)?.map(str::to_owned))
    }

    pub(crate) fn blob(self, index: usize) -> Result<Vec<u8>, StoreError> {
        match self.0.column(index)? {
            Value::Blob(bytes) => Ok(bytes.to_vec()),
            _ => Err(Self::damaged(index, "bytes")),
        }
    }

    /// A keyed hash.
    pub(crate) fn opt_blob(self, index: usize) -> Result<Option<Vec<u8>>, StoreError> {
        match self.0.column(index)? {
            Value::Null => Ok(None),
            _ => self.blob(index).map(Some),
        }
    }

    pub(crate) fn hash(self, index: usize) -> Result<[u8; 32], StoreError> {
        self.blob(index)?.try_into().map_err(|_| Self::damaged(index, "32 bytes"))
    }

    pub(crate) fn opt_hash(self, index: usize) -> Result<Option<[u8; 32]>, StoreError> {
        match self.0.column(index)? {
            Value::Null => Ok(None),
            _ => self.hash(index).map(Some),
        }
    }

    /// A text that `parse` understands.
    pub(crate) fn parsed<T>(
        self,
        index: usize,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        parse(self.str(index)?).ok_or_else(|| Self::damaged(index, "a known code"))
    }

    pub(crate) fn json<T: DeserializeOwned>(self, index: usize) -> Result<T, StoreError> {
        from_json(self.str(index)?)
    }
}

/// A text as it is stored. PostgreSQL's texts cannot hold a NUL, so none does: a text from outside is not lost for one.
pub(crate) fn without_nul(text: &str) -> Cow<'_, str> {
    match text.contains('\0') {
        true => Cow::Owned(text.replace('\0', "\u{fffd}")),
        false => Cow::Borrowed(text),
    }
}

/// Reads JSON that the store wrote.
pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Damaged(error.to_string()))
}

/// Writes JSON.
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unstorable(error.to_string()))
}

/// The code that serde gives a plain enum, such as `high`: one source for names, the domain's.
pub(crate) fn to_code<T: Serialize>(value: &T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(code)) => Ok(code),
        _ => Err(StoreError::Unstorable("not a plain enum".into())),
    }
}

/// The opposite of [`to_code`].
pub(crate) fn from_code<T: DeserializeOwned>(code: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(code.to_owned())).ok()
}

/// A page size as SQL takes it.
pub(crate) fn limit(limit: usize) -> Value<'static> {
    Value::Int(i64::try_from(limit).unwrap_or(i64::MAX))
}

macro_rules! ints {
    ($($type:ty),*) => {
        $(impl From<$type> for Value<'_> {
            fn from(value: $type) -> Self {
                Self::Int(i64::from(value))
            }
        })*
    };
}
ints!(i64, i32, u32, u16, bool);

impl From<Timestamp> for Value<'_> {
    fn from(at: Timestamp) -> Self {
        Self::Int(at.as_ms())
    }
}

impl From<PaymentNumber> for Value<'_> {
    fn from(number: PaymentNumber) -> Self {
        Self::Int(number.as_i64())
    }
}

impl From<BrandId> for Value<'_> {
    fn from(id: BrandId) -> Self {
        Self::Int(i64::from(id.0))
    }
}

impl From<AccountId> for Value<'_> {
    fn from(id: AccountId) -> Self {
        Self::Int(i64::from(id.0))
    }
}

impl From<DeviceId> for Value<'_> {
    fn from(id: DeviceId) -> Self {
        Self::Int(i64::from(id.0))
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Blob(bytes)
    }
}

impl<'a> From<&'a [u8; 32]> for Value<'a> {
    fn from(bytes: &'a [u8; 32]) -> Self {
        Self::Blob(bytes)
    }
}

impl<'a, T: Into<Self>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
