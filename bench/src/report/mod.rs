//! What was found: a table as it comes, a comparison with what is wanted at the end, and a JSON file.

mod line;
mod wanted;

use serde_json::{Value, json};

pub(crate) use line::{Line, Loop};

use crate::home::Engine;
use crate::plan::Plan;

/// All results of a run.
#[derive(Debug)]
pub(crate) struct Report {
    plan: Plan,
    /// What the PostgreSQL at hand says of itself.
    postgres: Option<String>,
    lines: Vec<Line>,
    fills: Vec<(Engine, u64, f64)>,
    left_out: Vec<String>,
}

impl Report {
    pub(crate) fn new(plan: &Plan, postgres: Option<String>) -> Self {
        Self { plan: plan.clone(), postgres, lines: vec![], fills: vec![], left_out: vec![] }
    }

    /// A line is printed as soon as it is there.
    pub(crate) fn add(&mut self, line: Line) {
        line.print();
        self.lines.push(line);
    }

    pub(crate) fn filled(&mut self, engine: Engine, stored: u64, per_second: f64) {
        println!("{engine}: filled with {stored} payments, {per_second:.0} a second");
        self.fills.push((engine, stored, per_second));
    }

    pub(crate) fn leave_out(&mut self, what: String) {
        println!("{what}: left out, the time is over");
        self.left_out.push(what);
    }

    pub(crate) fn print_head(&self) {
        let Plan { rounds, slice, disk, .. } = self.plan;
        println!(
            "{rounds} rounds of: torana, no storage, for creates a naive build, {:?} each; then 4 KiB appends with \
             fdatasync for {disk:?}. {} cores, load generator on the same ones, loopback, HTTP/1.1 kept alive.",
            slice.length,
            cores()
        );
        for engine in &self.plan.engines {
            println!("{engine}: {}; answered after it", engine.fsync());
        }
        if let Some(postgres) = &self.postgres {
            println!("postgres: {postgres}, else as it comes; on the same cores");
        }
        println!();
        line::print_head();
    }

    pub(crate) fn print_foot(&self) {
        println!();
        line::print_notes(&self.lines);
        wanted::print(&self.lines);
    }

    pub(crate) fn to_json(&self) -> anyhow::Result<String> {
        let fill = |(engine, stored, per_second): &(Engine, u64, f64)| {
            json!({
                "engine": engine.to_string(),
                "stored": stored,
                "per_second": line::round(*per_second, 1),
            })
        };
        let report = json!({
            "conditions": {
                "cores": cores(),
                "load_generator": "same machine, loopback, HTTP/1.1 kept alive",
                "postgres": self.postgres,
                "rounds": self.plan.rounds,
                "slice_s": self.plan.slice.length.as_secs_f64(),
                "quick": self.plan.quick,
            },
            "scenarios": self.lines.iter().map(Line::to_json).collect::<Vec<Value>>(),
            "wanted": wanted::to_json(&self.lines),
            "filled": self.fills.iter().map(fill).collect::<Vec<Value>>(),
            "left_out": self.left_out,
        });
        Ok(serde_json::to_string_pretty(&report)? + "\n")
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(0, usize::from)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::load::{self, Measured};

    fn measured(count: u64, micros: u64) -> Measured {
        let mut times = load::histogram().unwrap();
        times.record_n(micros, count).unwrap();
        Measured { times, seconds: 1.0 }
    }

    fn of(name: &'static str, count: u64, micros: u64) -> Line {
        let mut line = Line::new(name, Engine::Sqlite, 64, 0).unwrap();
        let (ours, no_storage) = (measured(count, micros), measured(1_000, 1_000));
        let naive = measured(count / 4, 1);
        line.add(&ours, Some(&no_storage), Some(&naive), &measured(10, 200).times).unwrap();
        line
    }

    #[test]
    fn the_file_has_what_its_readers_look_for() {
        let mut report = Report::new(&Plan::quick(), None);
        report.add(of("create/rupantorpay", 400, 5_000));
        let json: Value = serde_json::from_str(&report.to_json().unwrap()).unwrap();
        let line = &json["scenarios"][0];
        assert_eq!(line["name"], "create/rupantorpay");
        assert_eq!(line["engine"], "sqlite");
        assert_eq!(line["connections"], 64);
        assert_eq!(line["loop"], "closed");
        let number = |name: &str| line[name].as_f64().unwrap();
        assert!((number("per_second") - 400.0).abs() < 0.1);
        assert!((number("no_storage_per_second") - 1_000.0).abs() < 0.1);
        assert!((number("ratio_no_storage") - 0.4).abs() < 0.001);
        assert!((number("ratio_naive") - 4.0).abs() < 0.001);
        assert!((number("p50_ms") - 5.0).abs() < 0.01);
        assert!((number("p99_ms") - 5.0).abs() < 0.01);
        assert!(line["fsync"].as_str().unwrap().contains("FULL"));
    }

    #[test]
    fn a_target_is_met_or_missed() {
        let rows = wanted::rows(&[of("create/rupantorpay", 400, 40_000)]);
        let found = |what: &str| rows.iter().find(|row| row.what.contains(what)).unwrap().clone();
        assert_eq!(found("of no storage").is_met, Some(true));
        assert_eq!(found("p99").is_met, Some(false));
    }

    #[test]
    fn a_quick_run_knows_when_to_stop() {
        let mut plan = Plan::quick();
        assert!(!plan.is_over());
        plan.until = plan.until.map(|until| until - Duration::from_secs(200));
        assert!(plan.is_over());
    }
}
