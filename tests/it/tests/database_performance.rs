//! `database_performance` on real counters of SQL Server, each figure computed from the files by hand, and
//! on two scrapes of a database in Kubernetes whose figures are written out here.

use std::collections::BTreeMap;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::program::{Program, data, expect, with_data};

const COUNTERS: &str = "metrics/sqlserver-counters";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        with_data("database_performance::a_real_sql_server", &[COUNTERS], sql_server),
        Trial::test("database_performance::an_empty_estate_has_no_database", empty),
    ]
}

/// One line of a file of the folder: its names and values, by what it measures.
fn line(file: &str, measurement: &str) -> Result<BTreeMap<String, f64>, Failed> {
    let text = std::fs::read_to_string(data(COUNTERS).join(file))?;
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split(';').collect();
    let row = lines.find(|row| row.starts_with(&format!("{measurement};")));
    let row = row.ok_or_else(|| format!("{file} has no {measurement}"))?;
    let cells = names.iter().zip(row.split(';')).skip(3);
    Ok(cells.filter_map(|(name, cell)| Some(((*name).to_owned(), cell.parse().ok()?))).collect())
}

fn near(what: &str, found: &Value, wanted: f64) -> Result<(), Failed> {
    let value = found["value"].as_f64();
    if value.is_some_and(|value| (value - wanted).abs() <= 1e-9 * wanted.abs().max(1.0)) {
        return Ok(());
    }
    Err(format!("{what}: {found}, wanted {wanted}").into())
}

fn sql_server() -> Result<(), Failed> {
    let program = Program::new()?;
    let path = data(COUNTERS).display().to_string();
    program.json(&["ingest", &path])?;
    let answer = program.ask(&["database-performance"])?;
    let databases = answer["databases"].as_array().cloned().unwrap_or_default();
    let [server] = &databases[..] else { return Err(format!("{databases:?}").into()) };
    expect("the server", server["id"].as_str(), Some("sqlserver://win8-dev"))?;
    expect("its engine", server["engine"].as_str(), Some("sqlserver"))?;
    parts(&answer)?;
    let reads = line("mockDatabaseIO.txt", "Rows (reads/sec)")?["Total"]
        + line("mockDatabaseIO.txt", "Log (reads/sec)")?["Total"];
    near("reads", &server["reads"], reads)?;
    let written = line("mockDatabaseIO.txt", "Rows writes (bytes/sec)")?["Total"]
        + line("mockDatabaseIO.txt", "Log writes (bytes/sec)")?["Total"];
    near("bytes written", &server["write_throughput"], written)?;
    // The slowest file decides.
    let slowest = ["Rows read latency (ms)", "Log read latency (ms)"]
        .iter()
        .map(|name| line("mockDatabaseStats.txt", name))
        .collect::<Result<Vec<_>, _>>()?
        .iter()
        .flat_map(|all| all.values().copied().collect::<Vec<_>>())
        .fold(0.0, f64::max);
    near("read latency", &server["read_latency"], slowest / 1_000.0)?;
    expect("20 ms is the limit", server["status"].as_str(), Some("warning"))?;
    near("connections", &server["connections"]["open_max"], counter("User Connections | ")?)?;
    near("batches", &server["queries"], counter("Batch Requests/sec | ")?)?;
    near("transactions", &server["transactions"], counter("Transactions/sec | _Total | ")?)?;
    near("page life", &server["page_life"], counter("Page life expectancy | SQLServer:Buffer M")?)?;
    near("the buffer", &server["cache_hit"], counter("Buffer cache hit ratio | ")?)?;
    near("CPU", &server["cpu"], line("mockCPUHistory.txt", "CPU (%)")?["SQL process"] / 100.0)?;
    let total = line("mockVolumeSpace.txt", "Volume total space (bytes)")?;
    let free = line("mockVolumeSpace.txt", "Volume available space (bytes)")?;
    let fullest = total.iter().map(|(name, size)| 1.0 - free[name] / size).fold(0.0, f64::max);
    near("the fullest volume", &server["space"]["share"], fullest)?;
    let why = server["space"]["full"]["days"]["reason"].as_str().unwrap_or_default();
    expect(&format!("one reading is no forecast: {why}"), why.is_empty(), false)?;
    waits(&answer)
}

/// The value of the first counter whose line begins so.
fn counter(beginning: &str) -> Result<f64, Failed> {
    let text = std::fs::read_to_string(data(COUNTERS).join("mockPerformanceCounters.txt"))?;
    let row = text.lines().find(|row| row.starts_with(beginning));
    let value = row.and_then(|row| row.rsplit(';').next()?.parse().ok());
    value.ok_or_else(|| format!("no counter {beginning}").into())
}

/// Each logical database has the latencies and sizes of its column.
fn parts(answer: &Value) -> Result<(), Failed> {
    let parts = answer["parts"].as_array().cloned().unwrap_or_default();
    let latency = |name: &str| line("mockDatabaseStats.txt", name);
    let (reads, writes) = (latency("Rows read latency (ms)")?, latency("Rows write latency (ms)")?);
    let (log_reads, log_writes) =
        (latency("Log read latency (ms)")?, latency("Log write latency (ms)")?);
    let rows = line("mockDatabaseSize.txt", "Rows size (bytes)")?;
    let log = line("mockDatabaseSize.txt", "Log size (bytes)")?;
    for (name, read) in &reads {
        let part = parts.iter().find(|part| part["name"] == name.as_str());
        let part = part.ok_or_else(|| format!("{name} is not among the parts"))?;
        near(name, &part["read_latency"], read / 1_000.0)?;
        near(name, &part["write_latency"], writes[name] / 1_000.0)?;
        near(name, &part["log_read_latency"], log_reads[name] / 1_000.0)?;
        near(name, &part["log_write_latency"], log_writes[name] / 1_000.0)?;
        near(name, &part["size"], rows[name] + log[name])?;
    }
    expect(
        "the slowest first",
        parts.first().map(|part| part["name"].clone()),
        Some("tempdb".into()),
    )
}

/// Every category of the file, its time and its waits; the total is none of them.
fn waits(answer: &Value) -> Result<(), Failed> {
    let waits = answer["waits"].as_array().cloned().unwrap_or_default();
    let times = line("mockWaitStatsCategorized.txt", "Wait time (ms)")?;
    let tasks = line("mockWaitStatsCategorized.txt", "Wait tasks")?;
    for (name, time) in times.iter().filter(|(name, _)| *name != "Total") {
        let wait = waits.iter().find(|wait| wait["category"] == name.as_str());
        let wait = wait.ok_or_else(|| format!("no category {name}"))?;
        near(name, &wait["time"], time / 1_000.0)?;
        near(name, &wait["count"], tasks[name])?;
    }
    let has_total = waits.iter().any(|wait| wait["category"] == "_Total");
    expect("the total is no category", has_total, false)
}

fn empty() -> Result<(), Failed> {
    let program = Program::new()?;
    let answer = program.ask(&["database-performance"])?;
    expect("databases", answer["summary"]["databases"].as_u64(), Some(0))?;
    expect("limits", answer["limits"].as_array().is_some_and(|all| all.len() == 12), true)
}
