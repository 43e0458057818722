//! `torana migrate`: everything from one database to another, SQLite to PostgreSQL or back.

use std::fs::File;
use std::path::PathBuf;

use anyhow::bail;
use indicatif::{ProgressBar, ProgressStyle};
use torana_store::transfer::{self, Progress, TransferError};
use torana_store::{Database, DatabaseUrl, Store};

use super::serve::lock;
use super::{MASTER_KEY, open_store, output};
use crate::config::{embedded_database, parse_database};

/// `torana migrate`.
#[derive(Debug, clap::Args)]
pub struct MigrateArgs {
    /// Where the data is: a data directory, sqlite:PATH, or postgres://USER:PASSWORD@HOST:PORT/DATABASE.
    #[arg(long, value_name = "DIR|URL")]
    from: DatabaseUrl,
    /// Where it is to go, likewise; made if it is not there. It must be empty, or hold what an interrupted run brought.
    #[arg(long, value_name = "DIR|URL")]
    to: DatabaseUrl,
}

/// One side.
struct Side {
    database: Database,
    /// The data directory that was named, if it was one.
    directory: Option<PathBuf>,
}

impl Side {
    fn parse(text: &DatabaseUrl) -> anyhow::Result<Self> {
        if text.expose().starts_with("sqlite:") || text.expose().contains("://") {
            return Ok(Self { database: parse_database(text)?, directory: None });
        }
        if text.expose().contains('=') {
            bail!(
                "--from and --to take a directory, sqlite:PATH or postgres://…, and no key=value pairs"
            );
        }
        let directory = PathBuf::from(text.expose());
        let database = Database::Sqlite(embedded_database(&directory));
        Ok(Self { database, directory: Some(directory) })
    }

    fn name(&self) -> String {
        match &self.database {
            Database::Sqlite(path) => path.display().to_string(),
            Database::Postgres(url) => url.to_string(),
        }
    }

    /// Keeps servers away from an embedded database as long as the lock is held.
    fn lock(&self) -> anyhow::Result<Option<File>> {
        match &self.database {
            Database::Sqlite(path) => lock(path).map(Some),
            Database::Postgres(_) => Ok(None),
        }
    }

    fn check_alone(&self, store: &Store) -> anyhow::Result<()> {
        match store.other_nodes()? {
            0 => Ok(()),
            n => bail!("{n} other torana processes use {}: stop them first", self.name()),
        }
    }
}

pub(super) fn run(args: &MigrateArgs) -> anyhow::Result<()> {
    let (from, to) = (Side::parse(&args.from)?, Side::parse(&args.to)?);
    if from.database == to.database {
        bail!("--from and --to are the same database");
    }
    if matches!(&from.database, Database::Sqlite(path) if !path.exists()) {
        bail!("there is no database at {}", from.name());
    }
    // The source first: what is refused makes no target.
    let _source_lock = from.lock()?;
    let source = open_store(&from.database)?;
    from.check_alone(&source)?;
    check_finished(&source)?;
    if source.read(|reader| reader.fact(MASTER_KEY))?.is_none() {
        bail!(
            "{} does not say yet which master key it belongs to: open it once with this version \
             (`torana brand list`), then run this again",
            from.name()
        );
    }
    if let Some(directory) = &to.directory {
        super::create_private_dir(directory)?;
    }
    let _target_lock = to.lock()?;
    let target = open_store(&to.database)?;
    to.check_alone(&target)?;
    let bar = Bar::new("copied");
    let copied = transfer::copy(&source, &target, MASTER_KEY, &mut |progress| bar.show(progress));
    bar.end();
    copied.map_err(|error| explain(error, &to))?;
    let bar = Bar::new("compared");
    let verified = transfer::verify(&source, &target, &mut |progress| bar.show(progress));
    bar.end();
    let verified = verified.map_err(|error| explain(error, &to))?;
    from.check_alone(&source)?;
    let finished = transfer::finish(&source, &target, MASTER_KEY, &verified);
    finished.map_err(|error| explain(error, &to))?;
    source.close();
    target.close();
    let rows: Vec<_> = verified
        .rows
        .iter()
        .map(|(table, rows)| vec![(*table).to_owned(), rows.to_string()])
        .collect();
    output::table(&["table", "rows"], &rows);
    output::line(&format!(
        "All rows are equal, the books balance on both sides, ledger hash {}.",
        verified.ledger_hash
    ));
    output::line(&format!("{} is ready. {}", to.name(), next_step(&to)));
    Ok(())
}

fn explain(error: TransferError, to: &Side) -> anyhow::Error {
    let name = to.name();
    let advice = match &error {
        TransferError::NotEmpty => {
            format!("{name} must be empty, or hold this source's unfinished copy")
        }
        TransferError::UnfinishedSource => "finish that copy first".to_owned(),
        TransferError::Differs(_) => {
            format!("something used a database meanwhile: stop it, empty {name} and run this again")
        }
        TransferError::Store(_) => "run it again: it goes on where it was".to_owned(),
    };
    anyhow::anyhow!("{error}: {advice}")
}

fn next_step(to: &Side) -> &'static str {
    match to.database {
        Database::Sqlite(_) => "Serve it with the same master key: put master.key beside it.",
        Database::Postgres(_) => {
            "Serve it with --database-url and the same master key, on every node. The old database is as it was."
        }
    }
}

/// A bar on a terminal; elsewhere a line for each table.
struct Bar {
    bar: ProgressBar,
    verb: &'static str,
    said: std::cell::Cell<&'static str>,
}

impl Bar {
    fn new(verb: &'static str) -> Self {
        let bar = ProgressBar::new(0);
        let style = ProgressStyle::with_template(
            "{msg:>24} {wide_bar} {human_pos} of {human_len} {per_sec} {eta}",
        );
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, verb, said: std::cell::Cell::new("") }
    }

    fn show(&self, progress: Progress) {
        let Progress { table, done, total } = progress;
        if self.said.replace(table) != table {
            self.bar.reset();
            self.bar.set_message(format!("{table} {}", self.verb));
        }
        self.bar.set_length(total);
        self.bar.set_position(done);
        if self.bar.is_hidden() && total > 0 && done >= total {
            output::error_line(&format!("{table}: {done} of {total} rows {}", self.verb));
        }
    }

    fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// Refuses what [`run`] left in the middle.
pub(super) fn check_finished(store: &Store) -> anyhow::Result<()> {
    if store.read(|reader| reader.fact(transfer::UNFINISHED))?.is_some() {
        bail!(
            "this database is an unfinished copy: run `torana migrate` again, it goes on where it was; or empty it"
        );
    }
    Ok(())
}
