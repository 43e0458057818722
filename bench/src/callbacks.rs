//! Callbacks: how many a second a fast endpoint gets, and how long each takes from the SMS that paid, without and with
//! a dead endpoint of another shop beside.

use std::sync::Arc;

use anyhow::Context as _;

use crate::client::Connection;
use crate::load::{self, Measured, Slice, Work};
use crate::plan::Plan;
use crate::purchase::{Purchases, Told};
use crate::report::{Line, Loop};
use crate::servers::Brand;
use crate::sink::{Dead, Sink};
use crate::site::{Ground, Site};

/// Purchases a second at the shop whose callbacks are timed: far below what the dispatcher can do.
const RATE: f64 = 100.0;
/// Purchases a second at the other shop.
const OTHER_RATE: f64 = 20.0;
/// Connections of the steady load.
const CONNECTIONS: usize = 8;
/// Callbacks that the dead endpoint owes answers to before it begins.
const DEAD_BACKLOG: u64 = 200;

/// Two shops: the first is watched, the other's endpoint may be dead.
struct Town<'a> {
    site: &'a Site,
    sink: Arc<Sink>,
    watched: Purchases,
    other: Purchases,
}

impl<'a> Town<'a> {
    fn new(site: &'a Site, sink: &Arc<Sink>, other_told: Arc<dyn Told>) -> anyhow::Result<Self> {
        let shop = |index: usize| -> anyhow::Result<&[Brand]> {
            site.brands.get(index..=index).context("two brands are needed")
        };
        Ok(Self {
            site,
            sink: Arc::clone(sink),
            watched: Purchases::new(shop(0)?, site.ahead_ms).telling(Arc::clone(sink) as _),
            other: Purchases::new(shop(1)?, site.ahead_ms).telling(other_told),
        })
    }

    /// Steady purchases at both shops; the delays of the watched one's callbacks.
    async fn steady(&self, slice: Slice) -> anyhow::Result<Measured> {
        let address = self.site.server.address;
        let watched = load::open(address, &self.watched, CONNECTIONS, RATE, slice);
        let other = load::open(address, &self.other, CONNECTIONS, OTHER_RATE, slice);
        tokio::try_join!(watched, other)?;
        let came = self.sink.drain().await?;
        let seconds = (slice.warm_up + slice.length).as_secs_f64();
        Ok(Measured { times: came.delays, seconds })
    }
}

/// Runs the scenario on this site and one more, with the dead endpoint.
pub(crate) async fn run(
    peak: Line,
    connections: usize,
    plan: &Plan,
    ground: &Ground,
    site: &Site,
) -> anyhow::Result<Vec<Line>> {
    let engine = peak.engine;
    let other_site = Site::open(ground, engine, site.brands.len(), 0).await?;
    let (sink, other_sink) = (Sink::start().await?, Sink::start().await?);
    let alone = Town::new(site, &sink, Arc::clone(&other_sink) as _)?;
    let peak = burst(peak, connections, plan, &alone).await?;

    let beside_dead = Town::new(&other_site, &sink, Dead::start().await?)?;
    purchase(&beside_dead.other, other_site.server.address, connections, DEAD_BACKLOG).await?;
    let mut lines = [
        Line::new("callbacks-alone/rupantorpay", engine, CONNECTIONS, 0)?,
        Line::new("callbacks-beside-dead/rupantorpay", engine, CONNECTIONS, 0)?,
    ];
    for _ in 0..plan.rounds * 2 {
        for (line, town) in lines.iter_mut().zip([&alone, &beside_dead]) {
            let delays = town.steady(plan.slice).await?;
            let flushes = crate::disk::flush_for(town.site.home.dir(), plan.disk)?;
            line.add(&delays, None, None, &flushes)?;
        }
    }
    for line in &mut lines {
        line.kind = Loop::Open { rate: RATE, generator_late: Arc::new(load::histogram()?) };
    }
    let [alone, beside_dead] = lines;
    Ok(vec![peak, alone, beside_dead])
}

/// Many purchases at once: callbacks a second from the first SMS to the last callback.
async fn burst(
    mut line: Line,
    connections: usize,
    plan: &Plan,
    town: &Town<'_>,
) -> anyhow::Result<Line> {
    let server = &town.site.server;
    purchase(&town.watched, server.address, connections, plan.burst).await?;
    let came = town.sink.drain().await?;
    let ours = Measured { times: came.delays, seconds: came.took.as_secs_f64() };
    let flushes = crate::disk::flush_for(town.site.home.dir(), plan.disk)?;
    line.add(&ours, None, None, &flushes)?;
    line.resident_mib = server.resident_mib();
    line.ready_ms = Some(server.ready_after.as_secs_f64() * 1000.0);
    Ok(line)
}

/// So many purchases, as fast as can be.
async fn purchase(
    work: &Purchases,
    to: std::net::SocketAddr,
    connections: usize,
    count: u64,
) -> anyhow::Result<()> {
    let mut workers = tokio::task::JoinSet::new();
    let each = usize::try_from(count)?.div_ceil(connections.max(1));
    for worker in 0..connections {
        let work = work.clone();
        workers.spawn(async move {
            let mut connection = Connection::open(to).await?;
            for turn in 0..each {
                work.once(&mut connection, worker + turn * connections).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = workers.join_next().await {
        done??;
    }
    Ok(())
}
