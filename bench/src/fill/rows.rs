//! Rows of payments that were never made: copies of those of one real payment, with their own numbers, times and
//! references.

use anyhow::Context as _;
use torana_domain::ids::PaymentNumber;
use torana_domain::{BrandId, Timestamp};
use torana_store::tables::{self, Table};
use torana_store::{Datum, Reader, StoreError};

/// Rows in this order can be inserted one table after the other.
pub(super) const TABLES: [&str; 7] =
    ["payments", "attempts", "events", "receipts", "timers", "ledger_entries", "messages"];
/// Rows of a table that one payment can have.
const MOST: usize = 1_000;

/// A row of a table.
pub(super) type Cells = Vec<Datum>;

/// Rows of one table.
type Rows = (&'static Table, Vec<Cells>);

/// One real payment, all of its rows.
pub(super) struct Template {
    rows: Vec<Rows>,
    created_at: i64,
    expires_at: i64,
    reference: Option<String>,
    /// How many messages, whose numbers have no gaps.
    messages: i64,
}

/// What is a copy's own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Own {
    pub(super) index: u64,
    pub(super) number: PaymentNumber,
    pub(super) token: u32,
    /// When it expires, if it is not to be as long after its creation as with the original.
    pub(super) expires_at: Option<Timestamp>,
}

/// What goes on counting from copy to copy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counters {
    pub(super) transaction: i64,
    pub(super) message: i64,
}

pub(super) fn table(name: &str) -> anyhow::Result<&'static Table> {
    tables::table(name).with_context(|| format!("no table {name}"))
}

fn column(table: &Table, name: &str) -> Option<usize> {
    table.columns.iter().position(|(column, _)| *column == name)
}

fn int(table: &Table, row: &[Datum], name: &str) -> Option<i64> {
    match row.get(column(table, name)?)? {
        Datum::Int(value) => Some(*value),
        _ => None,
    }
}

fn text<'a>(table: &Table, row: &'a [Datum], name: &str) -> Option<&'a str> {
    match row.get(column(table, name)?)? {
        Datum::Text(value) => Some(value),
        _ => None,
    }
}

impl Template {
    /// Reads what a database holds of a payment.
    pub(super) fn read(
        reader: &Reader<'_>,
        brand: BrandId,
        number: PaymentNumber,
    ) -> Result<Self, StoreError> {
        let lost = || StoreError::Damaged("a template without its payment".into());
        let all = |name: &str| -> Result<Rows, StoreError> {
            let table = tables::table(name).ok_or_else(lost)?;
            let mut rows = reader.table_rows(table, None, MOST)?;
            rows.retain(|row| int(table, row, "brand") == Some(brand.0.into()));
            Ok((table, rows))
        };
        let of_payment = |name: &str, column: &str| -> Result<Rows, StoreError> {
            let (table, mut rows) = all(name)?;
            rows.retain(|row| int(table, row, column) == Some(number.as_i64()));
            Ok((table, rows))
        };
        let payments = of_payment("payments", "number")?;
        let receipts = of_payment("receipts", "number")?;
        let reference = receipts.1.first().and_then(|row| text(receipts.0, row, "reference"));
        let reference = reference.map(str::to_owned);
        let mut messages = all("messages")?;
        messages.1.retain(|row| text(messages.0, row, "receipt_reference") == reference.as_deref());
        let mut ledger = all("ledger_entries")?;
        ledger.1.retain(|row| {
            let receipt = text(ledger.0, row, "receipt").and_then(|text| text.split_once(':'));
            reference.is_some() && receipt.map(|(_, of)| of) == reference.as_deref()
        });
        if reference.is_none() {
            messages.1.clear();
        }
        let payment = payments.1.first().ok_or_else(lost)?;
        let created_at = int(payments.0, payment, "created_at").ok_or_else(lost)?;
        let order = reader.payment(brand, number)?.ok_or_else(lost)?.order;
        Ok(Self {
            created_at,
            expires_at: order.expires_at.as_ms(),
            reference,
            messages: i64::try_from(messages.1.len()).unwrap_or(0),
            rows: vec![
                payments,
                of_payment("attempts", "number")?,
                of_payment("events", "number")?,
                receipts,
                of_payment("timers", "number")?,
                ledger,
                messages,
            ],
        })
    }

    /// Adds a copy's rows to those of each table.
    pub(super) fn copy(&self, own: Own, counters: &mut Counters, into: &mut [Vec<Cells>]) {
        let created_at = own.number.created_at().as_ms();
        let later = created_at - self.created_at;
        let expires_at = own.expires_at.map_or(self.expires_at + later, Timestamp::as_ms);
        // Grow with the number, so that their rows are appended like everything else.
        let reference = format!("G{:09X}", own.index);
        for ((table, rows), into) in self.rows.iter().zip(into) {
            let mut last_id = None;
            for row in rows {
                let copied =
                    table.columns.iter().zip(row).map(|((name, _), cell)| match (*name, cell) {
                        ("number" | "payment", Datum::Int(_)) => Datum::Int(own.number.as_i64()),
                        ("token", Datum::Int(_)) => Datum::Int(own.token.into()),
                        ("due_ms", Datum::Int(_)) => Datum::Int(expires_at),
                        ("created_at" | "at" | "received_at" | "heard_at", Datum::Int(at)) => {
                            Datum::Int(at + later)
                        }
                        ("tx_id", Datum::Int(id)) => {
                            if last_id.replace(*id).is_some_and(|last| last != *id) {
                                counters.transaction += 1;
                            }
                            Datum::Int(counters.transaction)
                        }
                        ("id", Datum::Int(_)) => Datum::Int(counters.message),
                        ("order_json", Datum::Text(json)) => {
                            let (was, is) = (self.expires_at.to_string(), expires_at.to_string());
                            Datum::Text(json.replace(&was, &is))
                        }
                        (_, Datum::Text(text)) => Datum::Text(match &self.reference {
                            Some(was) => text.replace(was, &reference),
                            None => text.clone(),
                        }),
                        (_, cell) => cell.clone(),
                    });
                into.push(copied.collect());
            }
            if last_id.is_some() {
                counters.transaction += 1;
            }
        }
        counters.message += self.messages;
    }
}
