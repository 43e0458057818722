//! `torana backup` and `torana restore`: copies of an embedded database, made while it serves. PostgreSQL has tools of its
//! own: docs/operations.md.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde_json::json;
use torana_store::{Database, LedgerReport};

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

pub(super) fn back_up(workspace: &Workspace, args: &BackupArgs) -> anyhow::Result<()> {
    if workspace.store.is_shared() {
        bail!(
            "PostgreSQL is backed up by its own tools: pg_dump, or pgBackRest for any point in time; see docs/operations.md"
        );
    }
    let to = &args.to;
    if to.exists() {
        bail!("{} exists already", to.display());
    }
    // The name is given when the copy was read and found whole: a file that exists is a backup.
    let draft = beside(to, "partial");
    let _ = fs::remove_file(&draft);
    let made = workspace.store.backup(&draft).map_err(anyhow::Error::from);
    let checked = made.and_then(|()| check(&draft));
    let report = match checked {
        Ok(report) => report,
        Err(error) => {
            let _ = fs::remove_file(&draft);
            return Err(error.context("the backup was not made"));
        }
    };
    fs::rename(&draft, to).with_context(|| format!("naming {}", to.display()))?;
    sync_directory(to)?;
    say(
        args.json,
        &report,
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
    if to.exists() {
        bail!("{} exists already: restore into an empty directory, then move it", to.display());
    }
    create_private_dir(&config.data_dir)?;
    let draft = beside(&to, "partial");
    let _ = fs::remove_file(&draft);
    copy_private(&args.from, &draft).with_context(|| format!("copying {}", args.from.display()))?;
    let report = match check(&draft) {
        Ok(report) => report,
        Err(error) => {
            let _ = fs::remove_file(&draft);
            return Err(error.context("nothing was restored"));
        }
    };
    fs::rename(&draft, &to).with_context(|| format!("naming {}", to.display()))?;
    sync_directory(&to)?;
    let next = if config.data_dir.join("master.key").exists() {
        "Start the server."
    } else {
        "Put its master.key beside it with mode 600, then start the server."
    };
    say(args.json, &report, &to, next);
    Ok(())
}

/// Reads a copy's books whole; ends the copy's own log, so that one file is everything.
fn check(path: &Path) -> anyhow::Result<LedgerReport> {
    let store = open_store(&Database::Sqlite(path.to_owned()))?;
    let report = store.read(|reader| reader.ledger_check());
    store.close();
    drop(store);
    let report = report?;
    if let Some(finding) = report.findings.first() {
        bail!("its books do not agree: {finding}");
    }
    for suffix in ["-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        if Path::new(&name).exists() {
            bail!("{} is still in use", path.display());
        }
    }
    Ok(report)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

fn sync_directory(file: &Path) -> anyhow::Result<()> {
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    Ok(File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?)
}

fn say(as_json: bool, report: &LedgerReport, file: &Path, next: &str) {
    if as_json {
        let line = json!({
            "file": file.display().to_string(), "entries": report.entries,
            "paid_payments": report.paid, "hash": report.hash,
        });
        output::line(&line.to_string());
        return;
    }
    output::line(&format!(
        "{}: {} paid payments, {} ledger entries",
        file.display(),
        report.paid,
        report.entries
    ));
    output::line(&format!("The books balance, ledger hash {}.", report.hash));
    output::line(next);
}
