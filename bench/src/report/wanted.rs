//! What is wanted of the server, and what was found.

use serde_json::{Value, json};

use super::Line;
use super::line::round;
use crate::home::Engine;
use crate::plan::MANY_CONNECTIONS;

/// One target.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) what: String,
    pub(super) engine: Engine,
    pub(super) floor: String,
    pub(super) aim: String,
    pub(super) found: String,
    /// None where nothing was measured that could tell.
    pub(super) is_met: Option<bool>,
}

/// How a figure is compared.
#[derive(Clone, Copy)]
enum Bound {
    AtLeast(f64, f64),
    AtMost(f64, f64),
}

impl Bound {
    fn row(self, engine: Engine, what: &str, unit: &str, found: f64) -> Row {
        let (sign, floor, aim, is_met) = match self {
            Self::AtLeast(floor, aim) => ("≥", floor, aim, found >= floor),
            Self::AtMost(floor, aim) => ("≤", floor, aim, found <= floor),
        };
        Row {
            what: what.to_owned(),
            engine,
            floor: format!("{sign} {floor}{unit}"),
            aim: format!("{sign} {aim}{unit}"),
            found: format!("{}{unit}", round(found, 2)),
            is_met: Some(is_met),
        }
    }
}

/// Every target that the lines can tell of.
pub(super) fn rows(lines: &[Line]) -> Vec<Row> {
    [Engine::Sqlite, Engine::Postgres].iter().flat_map(|engine| of_engine(lines, *engine)).collect()
}

fn of_engine(lines: &[Line], engine: Engine) -> Vec<Row> {
    use Bound::{AtLeast, AtMost};
    let find = |name: &str, connections: usize, stored: u64, closed: bool| {
        lines.iter().find(|line| {
            line.engine == engine
                && line.name.starts_with(name)
                && line.connections == connections
                && line.stored == stored
                && line.is_closed() == closed
        })
    };
    let mut rows = vec![];
    let (ratio, p99) = match engine {
        Engine::Sqlite => (AtLeast(0.3, 0.6), AtMost(30.0, 15.0)),
        Engine::Postgres => (AtLeast(0.4, 0.6), AtMost(12.0, 12.0)),
    };
    let create = find("create", MANY_CONNECTIONS, 0, true);
    if let Some(found) = create.and_then(Line::ratio) {
        rows.push(ratio.row(engine, "creates at 64 connections, of no storage", "", found));
    }
    if let (Engine::Postgres, Some(found)) = (engine, create.and_then(Line::ratio_naive)) {
        rows.push(AtLeast(3.0, 3.0).row(engine, "the same, of the naive build", "", found));
    }
    if let Some(line) = create {
        rows.push(p99.row(engine, "their p99, closed loop", " ms", line.ms(99.0)));
    }
    if let Some(line) = find("create", MANY_CONNECTIONS, 0, false) {
        let what = "their p99, open loop at half of that";
        rows.push(p99.row(engine, what, " ms", line.ms(99.0)));
    }
    if let Some(line) = find("create", 1, 0, true) {
        let over = line.ms(50.0) - line.flush_ms();
        let what = "create on one connection, median beyond one flush";
        rows.push(AtMost(1.0, 0.5).row(engine, what, " ms", over));
    }
    if let Some(found) = find("verify", MANY_CONNECTIONS, 0, true).and_then(Line::ratio) {
        let what = "reads at 64 connections, of no storage";
        rows.push(AtLeast(0.6, 0.8).row(engine, what, "", found));
    }
    let most = lines.iter().filter(|line| line.engine == engine).map(|line| line.stored).max();
    if let Some(most) = most.filter(|most| *most > 0) {
        rows.extend(with_stored(lines, engine, most));
    }
    rows.extend(callbacks(lines, engine));
    rows
}

/// Ratios to no storage are compared, so that a machine that drifted meanwhile does not count.
fn with_stored(lines: &[Line], engine: Engine, most: u64) -> Vec<Row> {
    use Bound::{AtLeast, AtMost};
    let of = |name: &str, stored: u64| {
        let fits = |line: &&Line| {
            line.engine == engine
                && line.name.starts_with(name)
                && line.connections == MANY_CONNECTIONS
                && line.stored == stored
        };
        lines.iter().filter(fits).find_map(Line::ratio)
    };
    let mut rows = vec![];
    for (name, what) in [("create", "creates"), ("verify", "reads")] {
        if let (Some(full), Some(empty)) = (of(name, most), of(name, 0)) {
            let what = format!("{what} with {most} payments stored, of empty");
            rows.push(AtLeast(0.5, 0.9).row(engine, &what, "", full / empty));
        }
    }
    let full = || lines.iter().filter(|line| line.engine == engine && line.stored == most);
    if let Some(mib) = full().filter_map(|line| line.resident_mib).max() {
        let what = format!("most memory held with {most} stored");
        rows.push(AtMost(300.0, 150.0).row(engine, &what, " MiB", mib as f64));
    }
    if let Some(ready) = full().filter_map(|line| line.ready_ms).reduce(f64::max) {
        let what = format!("start to ready with {most} stored");
        rows.push(AtMost(1_000.0, 300.0).row(engine, &what, " ms", ready));
    }
    rows
}

/// A change is what lies outside of what rounds differ by anyway.
fn callbacks(lines: &[Line], engine: Engine) -> Option<Row> {
    let find =
        |name: &str| lines.iter().find(|line| line.engine == engine && line.name.starts_with(name));
    let (alone, beside) = (find("callbacks-alone")?, find("callbacks-beside-dead")?);
    let times = |line: &Line| {
        let (least, most) = line.median_range();
        let (least, most) = (round(least, 2), round(most, 2));
        format!("p50 {least} to {most}, p99 {} ms", round(line.ms(99.0), 1))
    };
    let is_met = beside.ms(50.0) <= alone.median_range().1;
    Some(Row {
        what: "delay of callbacks while another endpoint is dead".to_owned(),
        engine,
        floor: times(alone),
        aim: "the same".to_owned(),
        found: times(beside),
        is_met: Some(is_met),
    })
}

pub(super) fn print(lines: &[Line]) {
    println!("{:<52} {:<8} {:<36} {:<11} found", "wanted", "engine", "at the least", "aim");
    for row in rows(lines) {
        let missed = if row.is_met == Some(false) { "   MISSED" } else { "" };
        let Row { what, engine, floor, aim, found, .. } = row;
        let engine = engine.to_string();
        println!("{what:<52} {engine:<8} {floor:<36} {aim:<11} {found}{missed}");
    }
}

pub(super) fn to_json(lines: &[Line]) -> Vec<Value> {
    let row = |row: Row| {
        json!({
            "what": row.what,
            "engine": row.engine.to_string(),
            "floor": row.floor,
            "aim": row.aim,
            "found": row.found,
            "is_met": row.is_met,
        })
    };
    rows(lines).into_iter().map(row).collect()
}
