//! Runs a scenario: torana, no storage, the naive build, the disk take turns; and again.

use std::sync::Arc;

use anyhow::Context as _;

use crate::calls::Calls;
use crate::disk;
use crate::home::Home;
use crate::load::{self, Work};
use crate::plan::{MANY_CONNECTIONS, Plan, Scenario};
use crate::purchase::Purchases;
use crate::report::{Line, Loop};
use crate::servers::{self, Server};
use crate::site::{Ground, Site};
use crate::yardsticks;

/// The open loop's rate, of what the closed loop reached: busy, and not yet a queue.
const OPEN_LOAD: f64 = 0.5;

/// The naive build on a database of its own.
struct NaiveBuild {
    server: Server,
    _home: Home,
}

/// Runs one scenario on a site.
pub(crate) async fn run(
    scenario: Scenario,
    connections: usize,
    stored: u64,
    plan: &Plan,
    ground: &Ground,
    site: &Site,
) -> anyhow::Result<Vec<Line>> {
    let line = Line::new(scenario.name(), site.home.engine(), connections, stored)?;
    let run = Run { connections, plan, ground, site };
    match scenario {
        Scenario::Create => run.create(line).await,
        Scenario::Invoice => {
            let brand = site.brands.first().context("no brand")?;
            let invoice = Calls::gen_invoice(&brand.portpos);
            Ok(vec![run.rounds(line, &invoice, true, None).await?])
        }
        Scenario::Verify => {
            let known = site.known().await?;
            let verify = Calls::verify(site.api_key(), &known.transaction_ids);
            run.read(line, &verify).await
        }
        Scenario::Page => {
            let known = site.known().await?;
            Ok(vec![run.rounds(line, &Calls::page(&known.open_links), true, None).await?])
        }
        Scenario::Sms | Scenario::SmsManyBrands => {
            let brands = site.brands.get(..scenario.brands()).context("too few brands")?;
            let purchases = Purchases::new(brands, site.ahead_ms);
            Ok(vec![run.rounds(line, &purchases, false, None).await?])
        }
        Scenario::Callbacks => crate::callbacks::run(line, connections, plan, ground, site).await,
    }
}

struct Run<'a> {
    connections: usize,
    plan: &'a Plan,
    ground: &'a Ground,
    site: &'a Site,
}

impl Run<'_> {
    async fn create(&self, line: Line) -> anyhow::Result<Vec<Line>> {
        let engine = self.site.home.engine();
        let call = Calls::create(self.site.api_key());
        let many = self.connections == MANY_CONNECTIONS;
        let empty = line.stored == 0;
        let naive = match empty && (many || !self.plan.quick) {
            true => Some(self.start_naive().await?),
            false => None,
        };
        let mut closed = self.rounds(line, &call, true, naive.as_ref()).await?;
        drop(naive);
        if many && empty {
            let bare = yardsticks::bare_engine(engine, &self.ground.dir, self.plan.slice).await?;
            closed.bare_engine = Some(bare.per_second());
            if engine == crate::home::Engine::Postgres {
                let (dir, length) = (self.ground.dir.clone(), self.plan.pgbench);
                let run = move || yardsticks::pgbench(&dir, length);
                closed.pgbench = tokio::task::spawn_blocking(run).await??;
            }
        }
        self.with_open(closed, &call).await
    }

    async fn read(&self, line: Line, call: &Calls) -> anyhow::Result<Vec<Line>> {
        let closed = self.rounds(line, call, true, None).await?;
        self.with_open(closed, call).await
    }

    async fn start_naive(&self) -> anyhow::Result<NaiveBuild> {
        let home = Home::new(self.site.home.engine(), &self.ground.dir)?;
        let server = servers::start_naive(&home, self.site.api_key()).await?;
        Ok(NaiveBuild { server, _home: home })
    }

    /// The closed loop, in turns.
    async fn rounds(
        &self,
        mut line: Line,
        work: &impl Work,
        has_no_storage: bool,
        naive: Option<&NaiveBuild>,
    ) -> anyhow::Result<Line> {
        let Self { connections, plan, site, .. } = *self;
        let closed = |address| load::closed(address, work, connections, plan.slice);
        for _ in 0..plan.rounds {
            let ours = closed(site.server.address).await.context("torana")?;
            let no_storage = match has_no_storage {
                true => Some(closed(site.no_storage.address).await.context("no storage")?),
                false => None,
            };
            let naive = match naive {
                Some(naive) => Some(closed(naive.server.address).await.context("naive")?),
                None => None,
            };
            let flushes = disk::flush_for(site.home.dir(), plan.disk)?;
            line.add(&ours, no_storage.as_ref(), naive.as_ref(), &flushes)?;
        }
        line.resident_mib = site.server.resident_mib();
        line.ready_ms = Some(site.server.ready_after.as_secs_f64() * 1000.0);
        Ok(line)
    }

    /// Adds the open loop at half of the closed loop's rate.
    async fn with_open(&self, closed: Line, call: &Calls) -> anyhow::Result<Vec<Line>> {
        let Self { connections, plan, site, .. } = *self;
        // Of the reads only in the full run: there is little time.
        if connections != MANY_CONNECTIONS || (plan.quick && !closed.name.starts_with("create")) {
            return Ok(vec![closed]);
        }
        let rate = closed.per_second() * OPEN_LOAD;
        let slice = load::Slice { length: plan.slice.length * 2, ..plan.slice };
        let open = |address| load::open(address, call, connections, rate, slice);
        let ours = open(site.server.address).await?;
        let no_storage = match plan.quick {
            true => None,
            false => Some(open(site.no_storage.address).await?.of),
        };
        let flushes = disk::flush_for(site.home.dir(), plan.disk)?;
        let mut line = Line::new(closed.name, closed.engine, connections, closed.stored)?;
        line.add(&ours.of, no_storage.as_ref(), None, &flushes)?;
        line.kind = Loop::Open { rate, generator_late: Arc::new(ours.generator_late) };
        Ok(vec![closed, line])
    }
}
