//! One line: a scenario's figures over all rounds, with what stands beside them.

use std::sync::Arc;

use hdrhistogram::Histogram;
use serde_json::{Value, json};

use crate::home::Engine;
use crate::load::{self, Measured};

/// How requests followed each other.
#[derive(Clone, Debug)]
pub(crate) enum Loop {
    /// The next when the last was answered.
    Closed,
    /// At fixed times.
    Open { rate: f64, generator_late: Arc<Histogram<u64>> },
}

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) name: &'static str,
    pub(crate) engine: Engine,
    pub(crate) connections: usize,
    pub(crate) stored: u64,
    pub(crate) kind: Loop,
    pub(crate) bare_engine: Option<f64>,
    pub(crate) pgbench: Option<f64>,
    pub(crate) resident_mib: Option<u64>,
    pub(crate) ready_ms: Option<f64>,
    ours: Measured,
    no_storage: Option<Measured>,
    naive: Option<Measured>,
    flushes: Histogram<u64>,
    /// To no storage, of each round.
    ratios: Vec<f64>,
    /// Medians of each round.
    medians_ms: Vec<f64>,
}

impl Line {
    pub(crate) fn new(
        name: &'static str,
        engine: Engine,
        connections: usize,
        stored: u64,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            name,
            engine,
            connections,
            stored,
            kind: Loop::Closed,
            bare_engine: None,
            pgbench: None,
            resident_mib: None,
            ready_ms: None,
            ours: Measured::nothing()?,
            no_storage: None,
            naive: None,
            flushes: load::histogram()?,
            ratios: vec![],
            medians_ms: vec![],
        })
    }

    /// Takes in a round.
    pub(crate) fn add(
        &mut self,
        ours: &Measured,
        no_storage: Option<&Measured>,
        naive: Option<&Measured>,
        flushes: &Histogram<u64>,
    ) -> anyhow::Result<()> {
        if let Some(no_storage) = no_storage {
            self.ratios.push(ours.per_second() / no_storage.per_second());
        }
        self.medians_ms.push(ms(&ours.times, 50.0));
        self.ours.add(ours)?;
        add(&mut self.no_storage, no_storage)?;
        add(&mut self.naive, naive)?;
        self.flushes.add(flushes)?;
        Ok(())
    }

    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.kind, Loop::Closed)
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.ours.per_second()
    }

    /// Milliseconds within which that share of the requests was answered.
    pub(crate) fn ms(&self, percentile: f64) -> f64 {
        ms(&self.ours.times, percentile)
    }

    pub(crate) fn flush_ms(&self) -> f64 {
        ms(&self.flushes, 50.0)
    }

    /// Both rates are the same in the open loop: there is nothing to compare.
    pub(crate) fn ratio(&self) -> Option<f64> {
        let no_storage = self.no_storage.as_ref().filter(|_| self.is_closed())?;
        Some(self.ours.per_second() / no_storage.per_second())
    }

    pub(crate) fn ratio_naive(&self) -> Option<f64> {
        Some(self.ours.per_second() / self.naive.as_ref()?.per_second())
    }

    fn ratio_range(&self) -> (f64, f64) {
        range(&self.ratios)
    }

    /// The least and the largest median of the rounds, in milliseconds.
    pub(super) fn median_range(&self) -> (f64, f64) {
        range(&self.medians_ms)
    }

    pub(crate) fn full_name(&self) -> String {
        let end = if self.is_closed() || self.name.starts_with("callbacks") { "" } else { "/open" };
        format!("{}{end}", self.name)
    }

    pub(super) fn to_json(&self) -> Value {
        let (least, most) = self.ratio_range();
        let ratio = self.ratio();
        let (open_rate, late) = match &self.kind {
            Loop::Closed => (None, None),
            Loop::Open { rate, generator_late } => (Some(rate), Some(ms(generator_late, 99.0))),
        };
        let rate = |of: &Option<Measured>| of.as_ref().map(|of| round(of.per_second(), 1));
        let time = |of: &Option<Measured>, p| of.as_ref().map(|of| ms(&of.times, p));
        json!({
            "name": self.full_name(),
            "engine": self.engine.to_string(),
            "connections": self.connections,
            "stored": self.stored,
            "loop": if self.is_closed() { "closed" } else { "open" },
            "open_rate": open_rate.map(|rate| round(*rate, 1)),
            "generator_late_p99_ms": late,
            "fsync": self.engine.fsync(),
            "per_second": round(self.per_second(), 1),
            "no_storage_per_second": rate(&self.no_storage),
            "ratio_no_storage": ratio.map(|ratio| round(ratio, 4)),
            "ratio_no_storage_least": ratio.map(|_| round(least, 4)),
            "ratio_no_storage_most": ratio.map(|_| round(most, 4)),
            "naive_per_second": rate(&self.naive),
            "ratio_naive": self.ratio_naive().map(|ratio| round(ratio, 3)),
            "bare_engine_per_second": self.bare_engine.map(|rate| round(rate, 1)),
            "pgbench_per_second": self.pgbench.map(|rate| round(rate, 1)),
            "p50_ms": self.ms(50.0),
            "p50_ms_of_rounds": self.medians_ms,
            "p99_ms": self.ms(99.0),
            "p999_ms": self.ms(99.9),
            "max_ms": self.ms(100.0),
            "no_storage_p50_ms": time(&self.no_storage, 50.0),
            "no_storage_p99_ms": time(&self.no_storage, 99.0),
            "naive_p99_ms": time(&self.naive, 99.0),
            "fdatasync_p50_ms": self.flush_ms(),
            "fdatasync_per_second": round(flushes_per_second(&self.flushes), 1),
            "requests": self.ours.times.len(),
            "resident_mib": self.resident_mib,
            "ready_ms": self.ready_ms.map(|ready| round(ready, 1)),
        })
    }

    pub(super) fn print(&self) {
        let (least, most) = self.ratio_range();
        let ratio = match (self.ratio(), &self.kind) {
            (Some(ratio), _) => format!("{ratio:.2} ({least:.2} to {most:.2})"),
            (None, Loop::Open { .. }) => "fixed rate".to_owned(),
            (None, Loop::Closed) => String::new(),
        };
        let rate = |of: &Option<Measured>| {
            of.as_ref().map(|of| format!("{:.0}", of.per_second())).unwrap_or_default()
        };
        println!(
            "{:<35} {:<8} {:>8} {:>5} {:>9.0} {:>9} {:<19} {:>8} {:>8.2} {:>8.2} {:>8.2} {:>8.2}",
            self.full_name(),
            self.engine.to_string(),
            self.stored,
            self.connections,
            self.per_second(),
            rate(&self.no_storage),
            ratio,
            rate(&self.naive),
            self.ms(50.0),
            self.ms(99.0),
            self.ms(99.9),
            self.flush_ms(),
        );
    }
}

pub(super) fn print_head() {
    println!(
        "{:<35} {:<8} {:>8} {:>5} {:>9} {:>9} {:<19} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "scenario",
        "engine",
        "stored",
        "conn.",
        "a second",
        "no store",
        "ratio (of rounds)",
        "naive",
        "p50 ms",
        "p99 ms",
        "p99.9",
        "flush"
    );
}

/// What stands beside the creates.
pub(super) fn print_notes(lines: &[Line]) {
    for line in lines {
        let rate = |rate: Option<f64>| rate.map_or("-".to_owned(), |rate| format!("{rate:.0}"));
        if line.bare_engine.is_some() {
            println!(
                "{} {}, 64 at once, a second: torana {:.0}, bare engine with group commit {}, pgbench {}, one flush \
                 after the other {:.0}",
                line.engine,
                line.name,
                line.per_second(),
                rate(line.bare_engine),
                rate(line.pgbench),
                flushes_per_second(&line.flushes),
            );
        }
    }
    println!();
}

fn add(sum: &mut Option<Measured>, more: Option<&Measured>) -> anyhow::Result<()> {
    match (sum.as_mut(), more) {
        (_, None) => Ok(()),
        (Some(sum), Some(more)) => sum.add(more),
        (None, Some(more)) => {
            *sum = Some(more.clone());
            Ok(())
        }
    }
}

fn range(values: &[f64]) -> (f64, f64) {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    (least, values.iter().copied().fold(0.0, f64::max))
}

fn ms(times: &Histogram<u64>, percentile: f64) -> f64 {
    round(times.value_at_percentile(percentile) as f64 / 1000.0, 3)
}

fn flushes_per_second(times: &Histogram<u64>) -> f64 {
    if times.is_empty() { 0.0 } else { 1_000_000.0 / times.mean() }
}

pub(super) fn round(value: f64, digits: i32) -> f64 {
    let unit = 10_f64.powi(digits);
    (value * unit).round() / unit
}
