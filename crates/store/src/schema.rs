//! The schema's migrations, written once. A migration only expands what may be stored (a column or a table more, a
//! constraint less), and what it replaces is removed by a later release: so nodes of the release before go on working
//! beside it, and may start again after it.
//!
//! They are written as SQLite reads them. [`postgres`] says the same to PostgreSQL; what it does not know it refuses, and
//! then the tests fail.

pub(crate) mod migrations {
    #![allow(missing_docs)]
    use refinery::embed_migrations;

    embed_migrations!("migrations");

    pub(crate) use self::migrations::runner;
}

/// The same in PostgreSQL's words.
pub(crate) mod postgres {
    use refinery::{Migration, Runner};

    use crate::StoreError;

    /// The migrations as PostgreSQL reads them.
    pub(crate) fn runner() -> Result<Runner, StoreError> {
        let of_sqlite = super::migrations::runner();
        let migrations = of_sqlite
            .get_migrations()
            .iter()
            .map(|migration| {
                let name = format!("V{}__{}", migration.version(), migration.name());
                let sql = translate(migration.sql().unwrap_or_default())?;
                Migration::unapplied(&name, &sql)
                    .map_err(|error| StoreError::Migration(error.to_string()))
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Runner::new(&migrations))
    }

    /// SQLite's column types in PostgreSQL's words. Texts compare by their bytes, as in SQLite, whatever the database's
    /// own collation is.
    const TYPES: [(&str, &str); 3] =
        [("INTEGER", "BIGINT"), ("BLOB", "BYTEA"), ("TEXT", "TEXT COLLATE \"C\"")];

    fn translate(sql: &str) -> Result<String, StoreError> {
        let mut translated = String::with_capacity(sql.len() * 2);
        let mut trigger: Option<String> = None;
        for line in sql.lines() {
            let code = line.split("--").next().unwrap_or_default().trim_end();
            if let Some(head) = trigger.take() {
                translated.push_str(&insert_only(&head, code)?);
            } else if code.starts_with("CREATE TRIGGER") {
                trigger = Some(code.to_owned());
            } else {
                translated.push_str(&translate_line(code));
                translated.push('\n');
            }
        }
        Ok(translated)
    }

    fn translate_line(line: &str) -> String {
        let line = line.replace(") STRICT, WITHOUT ROWID;", ");").replace(") STRICT;", ");");
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let mut translated = String::new();
        let mut rest = line.as_str();
        while let Some(start) = rest.find(is_word) {
            let (before, from) = rest.split_at(start);
            let end = from.find(|letter| !is_word(letter)).unwrap_or(from.len());
            let (word, after) = from.split_at(end);
            translated.push_str(before);
            let known = TYPES.iter().find(|(of_sqlite, _)| *of_sqlite == word);
            translated.push_str(known.map_or(word, |(_, of_postgres)| of_postgres));
            rest = after;
        }
        translated + rest
    }

    /// A trigger whose only purpose is to refuse:
    /// `CREATE TRIGGER name BEFORE UPDATE ON table` / `BEGIN SELECT RAISE(ABORT, 'why'); END;`.
    fn insert_only(head: &str, body: &str) -> Result<String, StoreError> {
        let words: Vec<_> = head.split_whitespace().collect();
        let why = body
            .strip_prefix("BEGIN SELECT RAISE(ABORT, '")
            .and_then(|rest| rest.strip_suffix("'); END;"));
        let (["CREATE", "TRIGGER", name, "BEFORE", event, "ON", table], Some(why)) =
            (words.as_slice(), why)
        else {
            return Err(StoreError::Migration(format!("a trigger that cannot be said: {head}")));
        };
        Ok(format!(
            "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$\n\
             BEGIN RAISE EXCEPTION '{why}'; END $$;\n\
             CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}();\n"
        ))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn every_migration_is_said() {
            let runner = runner().unwrap();
            for migration in runner.get_migrations() {
                let sql = migration.sql().unwrap();
                for word in ["INTEGER", "BLOB", "STRICT", "ROWID", "RAISE(ABORT"] {
                    assert!(!sql.contains(word), "{word} in {}", migration.name());
                }
            }
        }

        #[test]
        fn only_whole_words_are_types() {
            assert_eq!(translate_line("    my_TEXT BLOB NOT NULL,"), "    my_TEXT BYTEA NOT NULL,");
            assert_eq!(translate_line("    id INTEGER PRIMARY KEY"), "    id BIGINT PRIMARY KEY");
        }

        #[test]
        fn an_unknown_trigger_is_refused() {
            let sql = "CREATE TRIGGER t AFTER INSERT ON x\nBEGIN DELETE FROM x; END;";
            assert!(translate(sql).is_err());
        }
    }
}
