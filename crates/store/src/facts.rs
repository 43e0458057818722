//! Facts of the database itself: a name and some bytes, each said once.

use crate::{Reader, StoreError, Tx};

impl Reader<'_> {
    /// What is known under that name.
    pub fn fact(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT value FROM facts WHERE name = ?1";
        self.sql.row(sql, &[name.into()], |row| row.blob(0))
    }
}

impl Tx<'_> {
    /// Says a fact unless it is known; what is known then.
    pub fn insert_fact(&mut self, name: &str, value: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.sql.execute(
            "INSERT INTO facts (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            &[name.into(), crate::sql::Value::Blob(value)],
        )?;
        self.fact(name)?.ok_or(StoreError::NotFound("fact"))
    }

    /// Writes something that means nothing: whether it commits says whether anything can.
    pub fn probe(&mut self) -> Result<(), StoreError> {
        self.sql.execute(
            "INSERT INTO facts (name, value) VALUES ('probe', ?1)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            &[crate::sql::Value::Blob(b"written")],
        )?;
        Ok(())
    }

    /// Takes a fact back.
    pub fn remove_fact(&mut self, name: &str) -> Result<(), StoreError> {
        self.sql.execute_later("DELETE FROM facts WHERE name = ?1", &[name.into()], None)
    }
}
