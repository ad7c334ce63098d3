//! The server's own views as tables: every value is as the server holds it, cumulative since it started
//! unless the counter's type says otherwise.

use std::collections::BTreeMap;

use model::entity::Labels;
use model::series::SeriesType;

use super::counter::{Name, total};
use super::{Row, Table, Value, wait};
use crate::format::csv_series::{Scale, instant};

/// `cntr_type` of a level (PERF_COUNTER_LARGE_RAWCOUNT and its 32-bit form).
const LEVEL: [u64; 2] = [65_792, 65_536];
/// `cntr_type` of a count per second, cumulative (PERF_COUNTER_BULK_COUNT and PERF_COUNTER_COUNTER).
const PER_SECOND: [u64; 2] = [272_696_576, 272_696_320];
/// `cntr_type` of a fraction, to be divided by its base (PERF_LARGE_RAW_FRACTION).
const FRACTION: [u64; 1] = [537_003_264];
/// `cntr_type` of an average, cumulative, whose rise is divided by that of its base (PERF_AVERAGE_BULK).
const AVERAGE: [u64; 1] = [1_073_874_176];
/// `cntr_type` of a base (PERF_LARGE_RAW_BASE).
const BASE: u64 = 1_073_939_712;

/// Positions of columns.
struct Columns<'n>(&'n [String]);

impl Columns<'_> {
    fn at(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.0.iter().position(|one| one == name))
    }

    fn server(&self) -> Option<usize> {
        self.at(&["servername", "server_name", "sql_instance", "server", "instance"])
    }

    fn time(&self) -> Option<usize> {
        self.at(&["collection_time", "capture_time", "timestamp", "time", "sample_time"])
    }
}

/// Server and instant of a row; `None` when the instant cannot be read.
fn place<'r>(
    columns: &Columns<'_>,
    row: &'r Row,
    table: &mut Table<'_>,
) -> Option<(&'r str, Option<model::Micros>)> {
    let server = columns.server().map_or("", |at| row.cell(at));
    if !table.servers.is_known(server, table.input.context) {
        table
            .reject(row.line, "the row names no server: add a column servername, or give --entity");
    }
    let Some(at) = columns.time() else { return Some((server, None)) };
    match instant(row.cell(at), Scale::Unsaid) {
        Some(at) => Some((server, Some(at))),
        None => {
            table.reject(row.line, "the row's time is no instant");
            None
        }
    }
}

/// Reads `sys.dm_os_performance_counters`.
pub fn counters(names: &[String], rows: &[Row], table: &mut Table<'_>) {
    let columns = Columns(names);
    let find = |name: &str| columns.at(&[name]).unwrap_or(usize::MAX);
    let (object, counter, value) = (find("object_name"), find("counter_name"), find("cntr_value"));
    let (instance, of_type) = (find("instance_name"), find("cntr_type"));
    let mut read = Vec::new();
    for row in rows {
        let name = Name::new(row.cell(counter), row.cell(instance), row.cell(object));
        let Some(number) = table.number(row, value, "cntr_value") else { continue };
        let Some((server, at)) = place(&columns, row, table) else { continue };
        read.push((row, name, number, row.cell(of_type).parse::<u64>().ok(), server, at));
    }
    let bases: BTreeMap<_, f64> = read
        .iter()
        .filter(|(.., of, _, _)| *of == Some(BASE))
        .map(|(_, name, number, _, server, at)| ((*server, *at, name.stem()), *number))
        .collect();
    for (row, name, number, of, server, at) in &read {
        let is = |types: &[u64]| of.is_some_and(|of| types.contains(&of));
        let (mut metric, mut value, mut has_signal) = (name.metric(), *number, true);
        let mut series_type = SeriesType::Gauge;
        if is(&PER_SECOND) {
            series_type = SeriesType::Counter;
            metric = total(&metric);
        } else if is(&FRACTION) {
            match bases.get(&(*server, *at, name.stem())) {
                Some(base) if *base > 0.0 => value /= base,
                Some(_) => has_signal = false,
                None => {
                    table.reject(row.line, "a fraction without its base (cntr_type 1073939712)");
                    has_signal = false;
                }
            }
        } else if is(&AVERAGE) || *of == Some(BASE) {
            // What a fraction's base counts is of the last moments, not since the start.
            series_type = if is(&AVERAGE) { SeriesType::Counter } else { SeriesType::Gauge };
            has_signal = false;
        } else if !is(&LEVEL) {
            table.reject(row.line, "its cntr_type is not known: kept by name, as a level");
            has_signal = false;
        }
        let labels = name.labels();
        table.put(
            row.line,
            Value { server, metric, labels, series_type, has_signal, at: *at, value },
        );
    }
}

/// Reads `sys.dm_os_wait_stats`: times are milliseconds since the server started, or since they were
/// cleared.
pub fn waits(names: &[String], rows: &[Row], table: &mut Table<'_>) {
    let columns = Columns(names);
    let wait_type = columns.at(&["wait_type"]).unwrap_or(usize::MAX);
    let values = [
        ("wait_time_ms", "sqlserver_wait_time_ms_total"),
        ("waiting_tasks_count", "sqlserver_waiting_tasks_total"),
        ("signal_wait_time_ms", "sqlserver_signal_wait_time_ms_total"),
    ];
    for row in rows {
        let Some((server, at)) = place(&columns, row, table) else { continue };
        let name = row.cell(wait_type);
        let category = wait::category(name);
        let labels = Labels::from([
            ("wait_type".to_owned(), name.to_owned()),
            ("category".to_owned(), category.to_owned()),
        ]);
        for (column, metric) in values {
            let Some(position) = columns.at(&[column]) else { continue };
            let Some(value) = table.number(row, position, column) else { continue };
            table.put(
                row.line,
                Value {
                    server,
                    metric: metric.to_owned(),
                    labels: labels.clone(),
                    series_type: SeriesType::Counter,
                    // Threads that have nothing to do wait too.
                    has_signal: category != wait::IDLE,
                    at,
                    value,
                },
            );
        }
    }
}
