//! PetShop (Hardt et al., CLeaR 2024): an AWS application at two loads, 16 labelled issues with one cause.
//! Each issue is read into a store of its own with the normal period laid before it. What the folder holds
//! as wide CSV becomes OpenMetrics, its graph our own rows; a node that the tracing service marks `remote`
//! is one that only its callers know.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{count_at, heads, place, suspects};
use crate::program::Program;

/// The folder below the data.
pub const FOLDER: &str = "root-cause/petshop";
/// Seconds that one row stands for.
const PERIOD: i64 = 300;

/// Series by (node, metric, statistic): (second, value) in order.
type Wide = BTreeMap<(String, String, String), Vec<(i64, f64)>>;

/// Asks once an issue; gives each cause's place.
pub fn run(data: &Path, is_listed: bool) -> Result<Vec<Option<usize>>> {
    let mut places = Vec::new();
    for load in ["low_traffic", "high_traffic"] {
        let folder = data.join(FOLDER).join(load);
        let normal = wide(&folder.join("noissue/metrics.csv"))?;
        let graph = graph(&folder.join("graph.csv"))?;
        for issue in 0..8 {
            let folder = folder.join(format!("train/issue_{issue}"));
            let (found, cause) = asked(&folder, &normal, &graph)?;
            let at = place(&found, &cause);
            if is_listed {
                let rank = at.map_or("-".to_owned(), |at| at.to_string());
                println!("  {rank:>2}  {load} {issue}  {}", heads(&found));
            }
            places.push(at);
        }
    }
    Ok(places)
}

/// The table, with what others published.
pub fn print(places: &[Option<usize>]) {
    println!("{:<58} {:>8} {:>8}", "petshop", "top 1", "top 3");
    let of = |k| format!("{} of {}", count_at(places, k), places.len());
    println!("{:<58} {:>8} {:>8}", "suspects, metrics and graph", of(1), of(3));
    let name = "published: PetShop's traversal method, all issues";
    println!("{name:<58} {:>8} {:>8}", "34 of 52", "43 of 52");
}

fn asked(folder: &Path, normal: &Wide, graph: &[Value]) -> Result<(Vec<Value>, String)> {
    let issue = wide(&folder.join("metrics.csv"))?;
    let target: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("target.json"))?)?;
    let instants = || issue.values().flatten().map(|one| one.0);
    let (first, last) =
        instants().min().zip(instants().max()).context("an issue without values")?;
    let newest = normal.values().flatten().map(|one| one.0).max().context("no normal values")?;
    let shift = first - PERIOD - newest;
    let mut all = issue.clone();
    for (key, points) in normal {
        let held = all.entry(key.clone()).or_default();
        held.splice(0..0, points.iter().map(|(at, value)| (at + shift, *value)));
    }
    let store = tempfile::tempdir()?;
    let (rows, metrics) = (store.path().join("graph.ndjson"), store.path().join("metrics.om"));
    let began = all.values().flatten().map(|one| one.0).min().unwrap_or(first);
    let line = |row: &Value| {
        let mut row = row.clone();
        row["observed_at"] = json!(rfc3339(began));
        format!("{row}\n")
    };
    std::fs::write(&rows, graph.iter().map(line).collect::<String>())?;
    std::fs::write(&metrics, open_metrics(&all))?;
    let program = Program::new(&store.path().join("data"), &[]);
    program.json(&["ingest", &rows.display().to_string()])?;
    program.json(&["ingest", &metrics.display().to_string()])?;
    let (server, _) = program.serve()?;
    let symptom = target["target"]["node"].as_str().context("no node")?;
    let at = target["target"]["timestamp"].as_i64().context("no timestamp")?;
    let until = rfc3339(last + PERIOD);
    let found = suspects(&server, symptom, &rfc3339(at), Some(&until))?;
    let cause = target["root_cause"]["node"].as_str().context("no cause")?;
    Ok((found, cause.to_owned()))
}

fn rfc3339(second: i64) -> String {
    jiff::Timestamp::from_second(second).unwrap_or_default().to_string()
}

/// Cells of a line; the files quote nothing.
fn cells(line: &str) -> Vec<&str> {
    line.trim_end().split(',').collect()
}

fn wide(path: &Path) -> Result<Wide> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let mut lines = text.lines();
    let mut head = || lines.next().map(cells).context("a header line");
    let (nodes, metrics, statistics) = (head()?, head()?, head()?);
    let mut all = Wide::new();
    for line in lines {
        let row = cells(line);
        let Some(at) = row.first().and_then(|at| at.parse::<f64>().ok()) else { continue };
        for (place, cell) in row.iter().enumerate().skip(1) {
            let Ok(value) = cell.parse::<f64>() else { continue };
            let of = |names: &[&str]| names.get(place).copied().unwrap_or_default().to_owned();
            let key = (of(&nodes), of(&metrics), of(&statistics));
            all.entry(key).or_default().push((at as i64, value));
        }
    }
    Ok(all)
}

/// Nodes and calls as our own rows.
fn graph(path: &Path) -> Result<Vec<Value>> {
    let text = std::fs::read_to_string(path)?;
    let mut lines = text.lines();
    let names = cells(lines.next().context("a header line")?);
    let id = |place: usize| format!("service://petshop/_/n{place}");
    let entity = |(place, name): (usize, &&str)| {
        let is_remote = name.ends_with("_remote");
        let kind = if is_remote { "external_endpoint" } else { "service" };
        json!({"type": "entity", "kind": kind, "id": id(place), "name": name, "source": "graph"})
    };
    let mut rows: Vec<Value> = names.iter().enumerate().skip(1).map(entity).collect();
    for line in lines {
        let row = cells(line);
        let Some(from) = names.iter().position(|name| Some(name) == row.first()) else { continue };
        for (to, cell) in row.iter().enumerate().skip(1) {
            if cell.parse::<f64>().is_ok_and(|cell| cell > 0.0) {
                rows.push(json!({
                    "type": "relation", "from": id(from), "kind": "calls", "to": id(to),
                    "source": "graph",
                }));
            }
        }
    }
    Ok(rows)
}

fn open_metrics(all: &Wide) -> String {
    let mut text = String::new();
    let name = |metric: &str| match metric {
        "latency" => "latency_seconds",
        "availability" => "availability_percent",
        _ => "requests_per_period",
    };
    for family in ["latency_seconds", "availability_percent", "requests_per_period"] {
        let _ = writeln!(text, "# TYPE {family} gauge");
        for ((node, metric, statistic), points) in all.iter().filter(|one| name(&one.0.1) == family)
        {
            for (at, value) in points {
                let labels = format!("service=\"{node}\",statistic=\"{statistic}\"");
                let _ = writeln!(text, "{}{{{labels}}} {value} {at}", name(metric));
            }
        }
    }
    text.push_str("# EOF\n");
    text
}
