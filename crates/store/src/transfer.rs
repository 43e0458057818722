//! Moves everything from one database to another, of the same engine or of the other.
//!
//! Tables are copied page by page in the order of their keys, each page durable before the next, so that an interrupted
//! copy goes on behind the highest key that arrived. Nobody may use either database meanwhile: the caller sees to that.
//! A target says that it is unfinished until [`verify`] has read both sides whole and found them equal.

use std::sync::mpsc::sync_channel;

use thiserror::Error;

use crate::hash::Hash;
use crate::sql::{Datum, without_nul};
use crate::tables::{Table, table, tables};
use crate::{Lane, Store, StoreError};

/// Rows that are durable together.
const PAGE: usize = 5_000;
/// Pages that are read ahead.
const AHEAD: usize = 2;
/// The fact that says that a database is the target of a copy that is not finished, and of which source.
pub const UNFINISHED: &str = "unfinished_copy";
/// Facts are the database's own: each is said anew, not copied.
const FACTS: &str = "facts";

/// Why a copy ended.
#[derive(Debug, Error)]
pub enum TransferError {
    /// The target holds data that this source's copy did not bring.
    #[error("the target is not empty")]
    NotEmpty,
    /// The source is itself a copy that is not finished.
    #[error("the source is itself an unfinished copy")]
    UnfinishedSource,
    /// The two sides are not the same.
    #[error("the copy differs from its source: {0}")]
    Differs(String),
    /// A database failed. Run it again: it goes on where it was.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The table that is being worked on.
    pub table: &'static str,
    /// Its rows that are done.
    pub done: u64,
    /// Its rows in all.
    pub total: u64,
}

/// What was found equal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Rows of each table.
    pub rows: Vec<(&'static str, u64)>,
    /// The hash of the ledger, as `torana ledger check` prints it.
    pub ledger_hash: String,
}

fn copied() -> impl Iterator<Item = &'static Table> {
    tables().iter().filter(|table| table.name != FACTS)
}

fn count(store: &Store, table: &'static Table) -> Result<u64, StoreError> {
    let rows = store.read_at_length(|reader| reader.count_rows(table))?;
    Ok(u64::try_from(rows).unwrap_or(0))
}

/// Copies every row that is not there yet. `mark` names the fact that tells sources apart: a copy that was begun from
/// another is not gone on with. An empty target's own value of it is forgotten: it holds for nothing there.
pub fn copy(
    from: &Store,
    to: &Store,
    mark: &'static str,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), TransferError> {
    if from.read_at_length(|reader| reader.fact(UNFINISHED))?.is_some() {
        return Err(TransferError::UnfinishedSource);
    }
    let source_mark = from.read_at_length(|reader| reader.fact(mark))?;
    let source_mark = source_mark.ok_or(StoreError::NotFound("mark of the source"))?;
    let begun_from = to.read_at_length(|reader| reader.fact(UNFINISHED))?;
    match begun_from {
        Some(begun) if begun == source_mark => {}
        Some(_) => return Err(TransferError::NotEmpty),
        None => {
            for table in copied() {
                if count(to, table)? > 0 {
                    return Err(TransferError::NotEmpty);
                }
            }
            to.write_blocking(Lane::Shared, move |tx| {
                tx.remove_fact(mark)?;
                tx.insert_fact(UNFINISHED, &source_mark)
            })?;
        }
    }
    for table in copied() {
        copy_table(from, to, table, progress)?;
    }
    Ok(())
}

fn copy_table(
    from: &Store,
    to: &Store,
    table: &'static Table,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), StoreError> {
    let total = count(from, table)?;
    let mut done = count(to, table)?;
    let mut after = to.read_at_length(|reader| reader.last_key(table))?;
    progress(Progress { table: table.name, done, total });
    let (send, pages) = sync_channel(AHEAD);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            loop {
                let page =
                    from.read_at_length(|reader| reader.table_rows(table, after.as_deref(), PAGE));
                let is_last = page.as_ref().map_or(true, |rows| rows.len() < PAGE);
                if let Ok(Some(last)) = page.as_ref().map(|rows| rows.last()) {
                    after = Some(last.clone());
                }
                if send.send(page).is_err() || is_last {
                    return;
                }
            }
        });
        for page in pages {
            let rows = page?;
            let arrived = rows.len() as u64;
            to.write_blocking(Lane::Shared, move |tx| tx.insert_rows(table, &rows))?;
            done += arrived;
            progress(Progress { table: table.name, done, total });
        }
        Ok(())
    })
}

/// Reads both sides whole and compares rows, hashes and books. Does not change anything; [`finish`] does.
pub fn verify(
    from: &Store,
    to: &Store,
    progress: &mut dyn FnMut(Progress),
) -> Result<Verified, TransferError> {
    let mut verified = Verified::default();
    for table in copied() {
        let total = count(from, table)?;
        let (ours, theirs) = std::thread::scope(|scope| {
            let other = scope.spawn(move || hash(to, table, &mut |_| {}));
            let ours = hash(from, table, &mut |done| {
                progress(Progress { table: table.name, done, total });
            });
            (ours, other.join().unwrap_or(Err(StoreError::Internal)))
        });
        let ((rows, ours), (their_rows, theirs)) = (ours?, theirs?);
        if rows != total {
            let text = format!("{} of {total} rows of {} were read", rows, table.name);
            return Err(TransferError::Differs(text));
        }
        if rows != their_rows {
            let text = format!("{} has {rows} rows there and {their_rows} here", table.name);
            return Err(TransferError::Differs(text));
        }
        if ours != theirs {
            return Err(TransferError::Differs(format!("rows of {}", table.name)));
        }
        verified.rows.push((table.name, rows));
    }
    let (ours, theirs) = (
        from.read_at_length(|reader| reader.ledger_check())?,
        to.read_at_length(|reader| reader.ledger_check())?,
    );
    if ours != theirs {
        return Err(TransferError::Differs("the books".into()));
    }
    if let Some(finding) = theirs.findings.first() {
        return Err(TransferError::Differs(format!("the books do not balance: {finding}")));
    }
    verified.ledger_hash = theirs.hash;
    Ok(verified)
}

fn hash(
    store: &Store,
    table: &'static Table,
    progress: &mut dyn FnMut(u64),
) -> Result<(u64, Hash), StoreError> {
    let mut hash = Hash::default();
    let mut rows = 0;
    let mut after: Option<Vec<Datum>> = None;
    loop {
        let page =
            store.read_at_length(|reader| reader.table_rows(table, after.as_deref(), PAGE))?;
        for value in page.iter().flatten() {
            match value {
                Datum::Null => hash.add(b"n"),
                Datum::Int(value) => hash.add_tagged(b'i', &value.to_le_bytes()),
                Datum::Text(text) => hash.add_tagged(b't', without_nul(text).as_bytes()),
                Datum::Blob(bytes) => hash.add_tagged(b'b', bytes),
            }
        }
        rows += page.len() as u64;
        progress(rows);
        let is_last = page.len() < PAGE;
        match page.into_iter().last() {
            Some(last) if !is_last => after = Some(last),
            _ => return Ok((rows, hash)),
        }
    }
}

/// Says that the target is whole, if the source still is as it was verified.
pub fn finish(
    from: &Store,
    to: &Store,
    mark: &'static str,
    verified: &Verified,
) -> Result<(), TransferError> {
    for &(name, rows) in &verified.rows {
        let table = table(name).ok_or(StoreError::NotFound("table"))?;
        if count(from, table)? != rows {
            return Err(TransferError::Differs(format!("{name} grew meanwhile")));
        }
    }
    let value = from.read_at_length(|reader| reader.fact(mark))?;
    let value = value.ok_or(StoreError::NotFound("mark of the source"))?;
    let is_same = to.write_blocking(Lane::Shared, move |tx| {
        let is_same = tx.insert_fact(mark, &value)? == value;
        if is_same {
            tx.remove_fact(UNFINISHED)?;
            tx.announce_changes()?;
        }
        Ok(is_same)
    })?;
    match is_same {
        true => Ok(()),
        false => Err(TransferError::Differs(format!("the target's {mark}"))),
    }
}
