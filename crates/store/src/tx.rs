//! What a command may touch: a [`Reader`] reads one consistent state, a [`Tx`] also writes.

use std::ops::Deref;

use crate::callbacks::RenderCallbacks;
use crate::sql::Sql;

/// Reads one consistent state of the store. Its methods are in the files of their nouns.
pub struct Reader<'a> {
    pub(crate) sql: &'a dyn Sql,
}

/// A command's transaction: reads see its own writes. Its methods are in the files of their nouns.
pub struct Tx<'a> {
    reader: Reader<'a>,
    pub(crate) render: &'a dyn RenderCallbacks,
    pub(crate) actor: String,
}

impl<'a> Tx<'a> {
    pub(crate) fn new(sql: &'a dyn Sql, render: &'a dyn RenderCallbacks) -> Self {
        Self { reader: Reader { sql }, render, actor: "system".to_owned() }
    }

    /// Says who acts, for the audit rows that decisions by hand leave; `system` unless told.
    pub fn set_actor(&mut self, actor: &str) {
        actor.clone_into(&mut self.actor);
    }
}

impl<'a> Deref for Tx<'a> {
    type Target = Reader<'a>;

    fn deref(&self) -> &Reader<'a> {
        &self.reader
    }
}
