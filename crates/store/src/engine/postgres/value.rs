//! Our values as PostgreSQL's parameters and columns.

use std::error::Error;

use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::StoreError;
use crate::sql::{Columns, Datum, Value, without_nul};

type Failure = Box<dyn Error + Sync + Send>;

impl ToSql for Value<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        match *self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(value) if *ty == Type::INT4 => i32::try_from(value)?.to_sql(ty, out),
            Value::Int(value) if *ty == Type::INT8 => value.to_sql(ty, out),
            Value::Int(_) => Err(format!("an integer for a {ty}").into()),
            Value::Text(text) => without_nul(text).to_sql(ty, out),
            Value::Blob(bytes) => bytes.to_sql(ty, out),
            Value::Ints(values) => values.to_sql(ty, out),
            Value::Texts(texts) => {
                let texts: Vec<_> = texts.iter().map(|text| without_nul(text)).collect();
                texts.to_sql(ty, out)
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl ToSql for Datum {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        self.as_value().to_sql(ty, out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A column.
struct Column<'a>(Value<'a>);

impl<'a> FromSql<'a> for Column<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        let value = match *ty {
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Value::Int(i32::from_sql(ty, raw)?.into()),
            Type::TEXT | Type::VARCHAR | Type::NAME => Value::Text(std::str::from_utf8(raw)?),
            Type::BYTEA => Value::Blob(raw),
            _ => return Err(format!("a {ty} has no value of ours").into()),
        };
        Ok(Self(value))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Failure> {
        Ok(Self(Value::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A row as [`Columns`].
pub(super) struct PostgresRow<'a>(pub(super) &'a tokio_postgres::Row);

impl Columns for PostgresRow<'_> {
    fn column(&self, index: usize) -> Result<Value<'_>, StoreError> {
        match self.0.try_get::<_, Column<'_>>(index) {
            Ok(column) => Ok(column.0),
            Err(error) => Err(StoreError::Damaged(format!("column {index}: {error}"))),
        }
    }
}
