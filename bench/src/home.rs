//! Where the data of one server is: a directory of its own, and on PostgreSQL a database of its own. Both go with it.

use std::fmt;
use std::path::Path;

use anyhow::ensure;
use clap::ValueEnum;
use tempfile::TempDir;
use torana_store::Database;
use torana_store::conformance::scratch::{Scratch, VARIABLE};

/// The database engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// What a commit promises, as the report says it.
    pub(crate) fn fsync(self) -> &'static str {
        match self {
            Self::Sqlite => "WAL, synchronous=FULL: each group commit is flushed",
            Self::Postgres => "fsync=on, synchronous_commit=on: each commit is flushed",
        }
    }

    /// The version and settings of the PostgreSQL at hand; an error if it does not flush.
    pub(crate) fn check_postgres() -> anyhow::Result<String> {
        ensure!(
            std::env::var_os(VARIABLE).is_some(),
            "{VARIABLE} is not set: scripts/bench sets it, or use --engine sqlite"
        );
        let settings = Scratch::new().durability();
        let off = settings.iter().find(|(_, value)| value == "off");
        ensure!(
            off.is_none(),
            "PostgreSQL has {off:?}: run it under scripts/with-postgres --durable"
        );
        let said: Vec<_> = settings.iter().map(|(name, value)| format!("{name} {value}")).collect();
        Ok(said.join(", "))
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        })
    }
}

/// See the module.
pub(crate) struct Home {
    engine: Engine,
    database: Database,
    scratch: Option<Scratch>,
    dir: TempDir,
}

impl Home {
    /// An empty one under `parent`.
    pub(crate) fn new(engine: Engine, parent: &Path) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir_in(parent)?;
        let scratch = (engine == Engine::Postgres).then(Scratch::new);
        let database = match &scratch {
            Some(scratch) => Database::Postgres(scratch.url()),
            None => Database::Sqlite(torana_server::config::embedded_database(dir.path())),
        };
        Ok(Self { engine, database, scratch, dir })
    }

    pub(crate) fn engine(&self) -> Engine {
        self.engine
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// As after a quiet night.
    pub(crate) fn rest(&self) {
        if let Some(scratch) = &self.scratch {
            scratch.rest();
        }
    }
}
