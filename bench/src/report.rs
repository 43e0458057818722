//! The table and the JSON file.

use hdrhistogram::Histogram;
use serde_json::{Value, json};

use crate::load::Measured;
use crate::scenario::Plan;

/// One scenario's figures, over all rounds.
#[derive(Debug)]
pub(crate) struct ScenarioResult {
    name: &'static str,
    connections: usize,
    ours: Measured,
    no_storage: Measured,
    flushes: Histogram<u64>,
    ratios: Vec<f64>,
    pub(crate) open_rate: Option<f64>,
    pub(crate) resident_mib: Option<u64>,
    pub(crate) ready_ms: Option<f64>,
}

impl ScenarioResult {
    pub(crate) fn new(
        name: &'static str,
        connections: usize,
        ours: Measured,
        no_storage: Measured,
        flushes: Histogram<u64>,
    ) -> Self {
        let ratios = vec![ours.per_second() / no_storage.per_second()];
        Self {
            name,
            connections,
            ours,
            no_storage,
            flushes,
            ratios,
            open_rate: None,
            resident_mib: None,
            ready_ms: None,
        }
    }

    pub(crate) fn add(
        &mut self,
        ours: &Measured,
        no_storage: &Measured,
        flushes: &Histogram<u64>,
    ) -> anyhow::Result<()> {
        self.ratios.push(ours.per_second() / no_storage.per_second());
        self.ours.add(ours)?;
        self.no_storage.add(no_storage)?;
        self.flushes.add(flushes)?;
        Ok(())
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.ours.per_second()
    }

    fn full_name(&self) -> String {
        match self.open_rate {
            Some(_) => format!("{}/open", self.name),
            None => self.name.to_owned(),
        }
    }

    /// Both rates are the same in the open loop: there is nothing to compare.
    fn ratio(&self) -> Option<f64> {
        let ratio = || self.ours.per_second() / self.no_storage.per_second();
        self.open_rate.is_none().then(ratio)
    }

    fn ratio_range(&self) -> (f64, f64) {
        let least = self.ratios.iter().copied().fold(f64::INFINITY, f64::min);
        let most = self.ratios.iter().copied().fold(0.0, f64::max);
        (least, most)
    }

    fn to_json(&self) -> Value {
        let (least, most) = self.ratio_range();
        json!({
            "name": self.full_name(),
            "engine": "sqlite",
            "connections": self.connections,
            "loop": if self.open_rate.is_some() { "open" } else { "closed" },
            "per_second": round(self.ours.per_second(), 1),
            "no_storage_per_second": round(self.no_storage.per_second(), 1),
            "ratio_no_storage": self.ratio().map(|ratio| round(ratio, 4)),
            "ratio_no_storage_least": self.ratio().map(|_| round(least, 4)),
            "ratio_no_storage_most": self.ratio().map(|_| round(most, 4)),
            "p50_ms": ms(&self.ours.times, 50.0),
            "p99_ms": ms(&self.ours.times, 99.0),
            "p999_ms": ms(&self.ours.times, 99.9),
            "max_ms": ms(&self.ours.times, 100.0),
            "no_storage_p50_ms": ms(&self.no_storage.times, 50.0),
            "no_storage_p99_ms": ms(&self.no_storage.times, 99.0),
            "fdatasync_p50_ms": ms(&self.flushes, 50.0),
            "fdatasync_per_second": round(flushes_per_second(&self.flushes), 1),
            "requests": self.ours.times.len(),
            "resident_mib": self.resident_mib,
            "ready_ms": self.ready_ms.map(|ready| round(ready, 1)),
        })
    }

    fn print(&self) {
        let (least, most) = self.ratio_range();
        let ratio = match self.ratio() {
            Some(ratio) => format!("{ratio:.2} ({least:.2} to {most:.2})"),
            None => "fixed rate".to_owned(),
        };
        println!(
            "{:<24} {:>5} {:>10.0} {:>10.0}  {:<21} {:>8.2} {:>8.2} {:>8.2} {:>10.2} {:>10.2}",
            self.full_name(),
            self.connections,
            self.ours.per_second(),
            self.no_storage.per_second(),
            ratio,
            ms(&self.ours.times, 50.0),
            ms(&self.ours.times, 99.0),
            ms(&self.ours.times, 99.9),
            ms(&self.no_storage.times, 50.0),
            ms(&self.flushes, 50.0),
        );
    }
}

/// All results of a run.
#[derive(Debug)]
pub(crate) struct Report {
    plan: Plan,
    results: Vec<ScenarioResult>,
}

impl Report {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self { plan: *plan, results: vec![] }
    }

    /// A line is printed as soon as it is there.
    pub(crate) fn add(&mut self, result: ScenarioResult) {
        result.print();
        self.results.push(result);
    }

    pub(crate) fn print_head(&self) {
        let Plan { rounds, slice, disk } = self.plan;
        println!(
            "{rounds} rounds of: torana {slice:?}, no storage {slice:?}, 4 KiB appends with fdatasync {disk:?}. \
             {} cores, load generator on the same ones, loopback, HTTP/1.1 kept alive.",
            cores()
        );
        println!(
            "torana: SQLite, WAL, synchronous=FULL, every answer after its commit is on the disk; an empty database."
        );
        println!();
        println!(
            "{:<24} {:>5} {:>10} {:>10}  {:<21} {:>8} {:>8} {:>8} {:>10} {:>10}",
            "scenario",
            "conn.",
            "a second",
            "no store",
            "ratio (of rounds)",
            "p50 ms",
            "p99 ms",
            "p99.9",
            "bare p50",
            "flush p50"
        );
    }

    pub(crate) fn print_foot(&self) {
        let closed = self.results.iter().filter(|result| result.open_rate.is_none());
        let memory = closed.clone().filter_map(|result| result.resident_mib).max();
        let ready = closed.filter_map(|result| result.ready_ms).fold(0.0, f64::max);
        println!();
        println!(
            "most memory held: {} MiB; slowest start to ready: {ready:.0} ms",
            memory.unwrap_or(0)
        );
    }

    pub(crate) fn to_json(&self) -> anyhow::Result<String> {
        let report = json!({
            "conditions": {
                "cores": cores(),
                "load_generator": "same machine, loopback, HTTP/1.1 kept alive",
                "durability": "SQLite WAL, synchronous=FULL, answered after commit",
                "payments_stored_before": 0,
                "rounds": self.plan.rounds,
                "slice_s": self.plan.slice.as_secs_f64(),
            },
            "scenarios": self.results.iter().map(ScenarioResult::to_json).collect::<Vec<_>>(),
        });
        Ok(serde_json::to_string_pretty(&report)? + "\n")
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(0, usize::from)
}

fn ms(times: &Histogram<u64>, percentile: f64) -> f64 {
    round(times.value_at_percentile(percentile) as f64 / 1000.0, 3)
}

fn flushes_per_second(times: &Histogram<u64>) -> f64 {
    if times.is_empty() { 0.0 } else { 1_000_000.0 / times.mean() }
}

fn round(value: f64, digits: i32) -> f64 {
    let unit = 10_f64.powi(digits);
    (value * unit).round() / unit
}
