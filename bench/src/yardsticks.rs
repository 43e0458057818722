//! What the storage can do by itself: the bare engine without HTTP, and pgbench with the same rows.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use rand::Rng as _;
use torana_domain::payment::{Command as PaymentCommand, NewPayment, decide};
use torana_domain::{BrandId, PaymentId};
use torana_server::clock;
use torana_store::{Database, Options, PreparedPayment, SilentCallbacks, Store, StoreError};

use crate::home::{Engine, Home};
use crate::load::{self, Measured, Slice};
use crate::plain;

/// Those who ask at once.
pub(crate) const SUBMITTERS: usize = 64;
/// Threads of pgbench.
const PGBENCH_THREADS: usize = 2;

/// Creates the same payments through the store's own interface, in this process: `decide`, the rows, the group commit,
/// and nothing else.
pub(crate) async fn bare_engine(
    engine: Engine,
    parent: &Path,
    slice: Slice,
) -> anyhow::Result<Measured> {
    let home = Home::new(engine, parent)?;
    let store = Store::open(&Options::new(home.database().clone()), Arc::new(SilentCallbacks))?;
    let begin = Instant::now() + slice.warm_up;
    let end = begin + slice.length;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..SUBMITTERS {
        let store = store.clone();
        tasks.spawn(async move {
            let mut times = load::histogram()?;
            loop {
                let sent = Instant::now();
                create(&store).await?;
                let answered = Instant::now();
                if answered >= end {
                    return anyhow::Ok(times);
                }
                if answered >= begin {
                    times.saturating_record(load::micros(answered - sent));
                }
            }
        });
    }
    let mut times = load::histogram()?;
    while let Some(of_one) = tasks.join_next().await {
        times.add(of_one??)?;
    }
    store.close();
    Ok(Measured { times, seconds: slice.length.as_secs_f64() })
}

async fn create(store: &Store) -> anyhow::Result<()> {
    loop {
        let now = clock::now();
        let id = PaymentId::new(BrandId(1), now, rand::rng().next_u64());
        let new = NewPayment { id, order: plain::order(now) };
        let decision = decide(None, PaymentCommand::Create(Box::new(new)), now)?;
        match store.create(PreparedPayment::new(&decision)?).await {
            Err(StoreError::Conflict) => {}
            other => return Ok(other?),
        }
    }
}

/// Transactions a second of pgbench, one of which inserts the same two rows; none where there is no pgbench.
pub(crate) fn pgbench(parent: &Path, length: Duration) -> anyhow::Result<Option<f64>> {
    let Some(program) = find_pgbench() else { return Ok(None) };
    let home = Home::new(Engine::Postgres, parent)?;
    let Database::Postgres(url) = home.database() else { return Ok(None) };
    Store::open(&Options::new(home.database().clone()), Arc::new(SilentCallbacks))?.close();
    let script = home.dir().join("create.sql");
    std::fs::write(&script, include_str!("../create.sql"))?;
    let seconds = length.as_secs().max(1).to_string();
    let (clients, threads) = (SUBMITTERS.to_string(), PGBENCH_THREADS.to_string());
    let mut command = Command::new(program);
    command.args(["-n", "-M", "prepared", "-T", &seconds, "-c", &clients, "-j", &threads, "-f"]);
    let output = command.arg(&script).arg(url.expose()).output().context("pgbench")?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "pgbench: {}", String::from_utf8_lossy(&output.stderr));
    parse_tps(&said).map(Some).with_context(|| format!("pgbench said: {said}"))
}

fn parse_tps(said: &str) -> Option<f64> {
    let line = said.lines().find(|line| line.starts_with("tps = "))?;
    line.trim_start_matches("tps = ").split_whitespace().next()?.parse().ok()
}

/// In the path, or where Debian keeps it.
fn find_pgbench() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    folders.into_iter().map(|folder| folder.join("pgbench")).find(|program| program.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_found_in_what_pgbench_says() {
        let said = "number of failed transactions: 0 (0.000%)\nlatency average = 9.3 ms\n\
                    tps = 6832.117455 (without initial connection time)\n";
        assert_eq!(parse_tps(said), Some(6_832.117_455));
        assert_eq!(parse_tps("nothing"), None);
    }
}
