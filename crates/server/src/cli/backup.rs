//! `torana backup` and `torana restore`: copies of an embedded database, made while it serves. PostgreSQL has tools of its
//! own: docs/postgres.md.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde_json::json;
use torana_store::tables::table;
use torana_store::{Database, LedgerReport};

use super::serve::lock;
use super::{Workspace, create_private_dir, open_store, output};
use crate::config::{Config, Flags, embedded_database};
use crate::secrets::copy_private;

/// `torana backup`.
#[derive(Debug, clap::Args)]
pub struct BackupArgs {
    /// The file to make; it must not exist. It holds everything but the master key.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// `torana restore`.
#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// A file that `torana backup` made.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn back_up(flags: &Flags, args: &BackupArgs) -> anyhow::Result<()> {
    let config = Config::load(flags)?;
    match config.database()? {
        Database::Sqlite(path) if path.exists() => {}
        // A mistyped directory must not be backed up as an empty shop.
        Database::Sqlite(path) => bail!("there is no database at {}", path.display()),
        Database::Postgres(_) => bail!(
            "PostgreSQL is backed up by its own tools: pg_dump, or pgBackRest for any point in time; see docs/postgres.md"
        ),
    }
    let workspace = Workspace::from_config(config)?;
    let to = &args.to;
    if to.exists() {
        bail!("{} exists already", to.display());
    }
    // The name is given when the copy was read and found whole: a file that exists is a backup.
    let draft = beside(to, ".partial");
    remove_with_logs(&draft);
    let made = workspace.store.backup(&draft).map_err(anyhow::Error::from);
    let checked = made.and_then(|()| check(&draft));
    let content = match checked {
        Ok(content) => content,
        Err(error) => {
            remove_with_logs(&draft);
            return Err(error.context("the backup was not made"));
        }
    };
    fs::rename(&draft, to).with_context(|| format!("naming {}", to.display()))?;
    sync_directory(to)?;
    say(
        args.json,
        &content,
        to,
        "Keep master.key too, and elsewhere: without it no secret in the backup opens.",
    );
    Ok(())
}

pub(super) fn restore(flags: &Flags, args: &RestoreArgs) -> anyhow::Result<()> {
    let config = Config::load(flags)?;
    if matches!(config.database()?, Database::Postgres(_)) {
        bail!(
            "a backup is restored into a data directory; `torana migrate` then moves it to PostgreSQL"
        );
    }
    let to = embedded_database(&config.data_dir);
    // A log that another database left behind would be read into this one.
    for file in with_logs(&to) {
        if file.exists() {
            bail!("{} exists already: restore into an empty directory", file.display());
        }
    }
    create_private_dir(&config.data_dir)?;
    let _lock = lock(&to)?;
    let draft = beside(&to, ".partial");
    remove_with_logs(&draft);
    copy_private(&args.from, &draft).with_context(|| format!("copying {}", args.from.display()))?;
    let content = match check(&draft) {
        Ok(content) => content,
        Err(error) => {
            remove_with_logs(&draft);
            return Err(error.context("nothing was restored"));
        }
    };
    fs::rename(&draft, &to).with_context(|| format!("naming {}", to.display()))?;
    sync_directory(&to)?;
    // Under its own name once more: what is served is what was checked.
    if check(&to)? != content {
        bail!("{} is not what was copied: do not use it", to.display());
    }
    let next = if config.data_dir.join("master.key").exists() {
        "Start the server."
    } else {
        "Put its master.key beside it with mode 600, then start the server."
    };
    say(args.json, &content, &to, next);
    Ok(())
}

/// What a copy holds.
#[derive(PartialEq, Eq)]
struct Content {
    payments: i64,
    messages: i64,
    report: LedgerReport,
}

/// Reads a copy whole; ends the copy's own log, so that one file is everything.
fn check(path: &Path) -> anyhow::Result<Content> {
    let store = open_store(&Database::Sqlite(path.to_owned()))?;
    let pages = store.integrity();
    let content = store.read_at_length(|reader| {
        let count = |name| table(name).map_or(Ok(0), |table| reader.count_rows(table));
        let (payments, messages) = (count("payments")?, count("messages")?);
        Ok(Content { payments, messages, report: reader.ledger_check()? })
    });
    store.close();
    drop(store);
    let (pages, content) = (pages?, content?);
    if let Some(finding) = pages.first() {
        bail!("the file is damaged: {finding}");
    }
    if let Some(finding) = content.report.findings.first() {
        bail!("its books do not agree: {finding}");
    }
    if with_logs(path).iter().skip(1).any(|log| log.exists()) {
        bail!("{} is still in use", path.display());
    }
    Ok(content)
}

/// A database file and what SQLite may have put beside it.
fn with_logs(path: &Path) -> [PathBuf; 4] {
    ["", "-wal", "-shm", "-journal"].map(|suffix| beside(path, suffix))
}

fn remove_with_logs(path: &Path) {
    for file in with_logs(path) {
        let _ = fs::remove_file(file);
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn sync_directory(file: &Path) -> anyhow::Result<()> {
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    Ok(File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?)
}

fn say(as_json: bool, content: &Content, file: &Path, next: &str) {
    let Content { payments, messages, report } = content;
    if as_json {
        let line = json!({
            "file": file.display().to_string(), "payments": payments, "messages": messages,
            "paid_payments": report.paid, "entries": report.entries, "hash": report.hash,
        });
        output::line(&line.to_string());
        return;
    }
    output::line(&format!(
        "{}: {payments} payments ({} paid), {messages} messages, {} ledger entries",
        file.display(),
        report.paid,
        report.entries
    ));
    output::line(&format!("The books balance, ledger hash {}.", report.hash));
    output::line(next);
}
