//! Measures Torana through real HTTP, on both engines. Every figure stands beside others of the same run, taken in turns
//! with it: the same handlers without storage, the same handlers with a naive one, what the engine can do by itself, and
//! the disk's own rate of flushed writes. Compare ratios, not figures: one machine drifts by a quarter within minutes.
//!
//! `scripts/bench` builds and starts it; `docs/performance.md` says what it found. Begin at `plan` (what and how long) and
//! `scenario` (the turns).

#![allow(clippy::float_arithmetic, clippy::print_stdout)] // It computes statistics and prints them.

mod callbacks;
mod calls;
mod client;
mod disk;
mod fill;
mod home;
mod load;
mod plain;
mod plan;
mod purchase;
mod report;
mod scenario;
mod servers;
mod sink;
mod site;
mod yardsticks;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

use home::Engine;
use plan::{Plan, Scenario};
use report::Report;
use site::{Ground, Site};

/// The same allocator as the server's, for all servers that are compared.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Brands of a database that is filled once and serves all scenarios.
const BRANDS: usize = 8;

/// Measures Torana beside the same server without storage, beside a naive build, and beside the disk.
#[derive(Debug, Parser)]
#[command(name = "torana-bench")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Fewer scenarios, shorter and fewer rounds: ends within three minutes.
    #[arg(long)]
    quick: bool,
    /// Also write the results to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Measure only scenarios whose name contains this.
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Numbers of connections to measure at. Default: 1,64,256; with --quick 1,64.
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    connections: Option<Vec<usize>>,
    /// Engines to measure. Default: both.
    #[arg(long, value_name = "ENGINE,…", value_delimiter = ',')]
    engine: Option<Vec<Engine>>,
    /// Numbers of payments in the database. Default: 0,1000000; with --quick 0. 10000000 takes minutes to fill and
    /// perhaps 15 GB a database.
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    stored: Option<Vec<u64>>,
    /// The server's binary; otherwise the one beside this program.
    #[arg(long, value_name = "FILE", global = true)]
    torana: Option<PathBuf>,
    /// Where the databases go: a directory on the disk that is to be measured.
    #[arg(long, value_name = "DIR", default_value = "target/bench", global = true)]
    dir: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the same answers without storage, or with a naive one; the benchmark starts this itself.
    #[command(hide = true)]
    Plain(plain::PlainArgs),
    /// Fill a database, say how fast that was, let `torana ledger check` look at the books, and throw it away.
    Fill { engine: Engine, count: u64 },
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match &cli.command {
        Some(Command::Plain(args)) => runtime.block_on(plain::serve(args)),
        Some(Command::Fill { engine, count }) => {
            let ground = site::ground(cli.torana.as_deref(), &cli.dir)?;
            let (rate, said) = runtime.block_on(site::check_generator(&ground, *engine, *count))?;
            println!("{rate:.0} payments a second\n{said}");
            Ok(())
        }
        None => runtime.block_on(measure(&cli)),
    }
}

async fn measure(cli: &Cli) -> anyhow::Result<()> {
    let ground = site::ground(cli.torana.as_deref(), &cli.dir)?;
    let mut plan = if cli.quick { Plan::quick() } else { Plan::full() };
    plan.only.clone_from(&cli.only);
    plan.connections = cli.connections.clone().unwrap_or(plan.connections);
    plan.engines = cli.engine.clone().unwrap_or(plan.engines);
    plan.stored = cli.stored.clone().unwrap_or(plan.stored);
    let postgres = match plan.engines.contains(&Engine::Postgres) {
        true => Some(Engine::check_postgres()?),
        false => None,
    };
    let mut report = Report::new(&plan, postgres);
    report.print_head();
    for &stored in &plan.stored {
        for &engine in &plan.engines {
            measure_engine(&plan, &ground, engine, stored, &mut report).await?;
        }
    }
    report.print_foot();
    if let Some(file) = &cli.json {
        std::fs::write(file, report.to_json()?).with_context(|| file.display().to_string())?;
    }
    Ok(())
}

/// An empty database is made anew for each scenario, a full one is filled once for all.
async fn measure_engine(
    plan: &Plan,
    ground: &Ground,
    engine: Engine,
    stored: u64,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut full = None;
    for scenario in Scenario::ALL.into_iter().filter(|scenario| scenario.wants(plan, stored)) {
        for connections in scenario.connections(plan) {
            if plan.is_over() {
                report.leave_out(format!("{} {engine} {connections}", scenario.name()));
                continue;
            }
            let empty;
            let site = match (stored, &mut full) {
                (0, _) => {
                    empty = Site::open(ground, engine, scenario.brands(), 0).await?;
                    &empty
                }
                (_, Some(site)) => site,
                (_, none @ None) => {
                    let site = none.insert(Site::open(ground, engine, BRANDS, stored).await?);
                    report.filled(engine, stored, site.fill_rate().unwrap_or(0.0));
                    site
                }
            };
            let lines = scenario::run(scenario, connections, stored, plan, ground, site).await;
            let lines = lines.with_context(|| format!("{} on {engine}", scenario.name()))?;
            lines.into_iter().for_each(|line| report.add(line));
        }
    }
    Ok(())
}
