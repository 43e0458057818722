//! Measures Torana through real HTTP. Every figure stands beside two others of the same run, taken in turns with it:
//! the same handlers without storage, and the disk's own rate of flushed writes. Compare ratios, not figures: one
//! machine drifts by a quarter within minutes.
//!
//! `scripts/bench` builds and starts it; `docs/performance.md` says what it found.

#![allow(clippy::float_arithmetic, clippy::print_stdout)] // It computes statistics and prints them.

mod client;
mod disk;
mod load;
mod no_storage;
mod report;
mod scenario;
mod servers;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

use report::Report;
use scenario::{Plan, Scenario};

/// The same allocator as the server's, for both servers that are compared.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures Torana beside the same server without storage, and beside the disk.
#[derive(Debug, Parser)]
#[command(name = "torana-bench")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Shorter and fewer rounds: ends within three minutes.
    #[arg(long)]
    quick: bool,
    /// Also write the results to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Measure only scenarios whose name contains this.
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Numbers of connections to measure at.
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_values_t = [1, 64, 256])]
    connections: Vec<usize>,
    /// The server's binary; otherwise the one beside this program.
    #[arg(long, value_name = "FILE")]
    torana: Option<PathBuf>,
    /// Where the databases go: a directory on the disk that is to be measured.
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    dir: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the same answers without storage; the benchmark starts this itself.
    #[command(hide = true)]
    NoStorage {
        #[arg(long)]
        listen: SocketAddr,
        #[arg(long)]
        api_key: String,
    },
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match &cli.command {
        Some(Command::NoStorage { listen, api_key }) => {
            runtime.block_on(no_storage::serve(*listen, api_key))
        }
        None => runtime.block_on(measure(&cli)),
    }
}

async fn measure(cli: &Cli) -> anyhow::Result<()> {
    let torana = match &cli.torana {
        Some(path) => path.clone(),
        None => std::env::current_exe()?.with_file_name("torana"),
    };
    anyhow::ensure!(torana.exists(), "{} does not exist: build it first", torana.display());
    std::fs::create_dir_all(&cli.dir).with_context(|| cli.dir.display().to_string())?;
    let plan = match cli.quick {
        true => Plan { rounds: 2, slice: Duration::from_secs(3), disk: Duration::from_millis(700) },
        false => Plan { rounds: 5, slice: Duration::from_secs(6), disk: Duration::from_secs(2) },
    };
    let mut report = Report::new(&plan);
    report.print_head();
    for scenario in Scenario::all(&cli.connections) {
        if scenario.name().contains(&cli.only) {
            let results = scenario::run(scenario, &plan, &torana, &cli.dir).await;
            let results = results.with_context(|| scenario.name().to_owned())?;
            for result in results {
                report.add(result);
            }
        }
    }
    report.print_foot();
    if let Some(file) = &cli.json {
        std::fs::write(file, report.to_json()?).with_context(|| file.display().to_string())?;
    }
    Ok(())
}
