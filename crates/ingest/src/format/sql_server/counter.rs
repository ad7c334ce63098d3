//! Lines `counter | instance | object;server;Performance counters;value` of a collector. The line does
//! not carry the counter's type (`cntr_type`), so its name and its base tell it, and what the collector
//! did with it shows in the ratios: `sys.dm_os_performance_counters` has a ratio as two numbers, the
//! fraction and its base, of which the fraction is as large as the base; a collector that divided them
//! leaves ratios of at most 1. Then it has taken the difference of counters too.

use std::collections::BTreeMap;

use model::entity::Labels;
use model::series::SeriesType;

use super::{Row, TOTAL, Table, Value, snake};

/// A counter's name, instance and object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// `Batch Requests/sec`.
    pub counter: String,
    /// `_Total`, a database, a type of lock; empty without one.
    pub instance: String,
    /// `SQL Statistics`, without what stands before the colon.
    pub object: String,
}

impl Name {
    /// Of the three texts; the object of a named instance begins `MSSQL$NAME:`.
    pub fn new(counter: &str, instance: &str, object: &str) -> Self {
        let object = object.rsplit(':').next().unwrap_or(object).trim();
        Self {
            counter: counter.trim().to_owned(),
            instance: instance.trim().to_owned(),
            object: object.to_owned(),
        }
    }

    /// `counter | instance | object` or `counter | object`.
    fn of(text: &str) -> Option<Self> {
        let (counter, rest) = text.split_once(" | ")?;
        let (instance, object) = rest.rsplit_once(" | ").unwrap_or(("", rest));
        Some(Self::new(counter, instance, object))
    }

    /// The metric, without what its type adds.
    pub fn metric(&self) -> String {
        // Waits stand the other way round: the wait is the counter, what is counted the instance.
        let what = if self.is_wait() { &self.instance } else { &self.counter };
        format!("sqlserver_{}_{}", snake(&self.object), snake(what))
    }

    fn is_wait(&self) -> bool {
        self.object.eq_ignore_ascii_case("Wait Statistics")
            || self.object.eq_ignore_ascii_case("Exec Statistics")
    }

    /// What tells series of one metric apart.
    pub fn labels(&self) -> Labels {
        let mut labels = Labels::new();
        let is_of_databases = self.object.eq_ignore_ascii_case("Databases")
            || self.object.eq_ignore_ascii_case("Database Replica");
        let (name, value) = match (self.is_wait(), is_of_databases) {
            (true, _) => ("category", &self.counter),
            (_, true) => ("database", &self.instance),
            _ => ("counter_instance", &self.instance),
        };
        if !value.is_empty() {
            let value = if value.eq_ignore_ascii_case(TOTAL) { TOTAL } else { value };
            labels.insert(name.to_owned(), value.to_owned());
        }
        labels
    }

    /// Whether it is the base of another counter.
    fn is_base(&self) -> bool {
        let counter = self.counter.to_lowercase();
        counter.ends_with(" base") || counter.ends_with(" bs")
    }

    /// The name that a counter and its base share.
    pub fn stem(&self) -> (String, String, String) {
        let mut counter = self.counter.to_lowercase();
        for ending in [" base", " bs"] {
            if let Some(stem) = counter.strip_suffix(ending) {
                counter = stem.to_owned();
            }
        }
        for ending in ["(ms)", "avg", "average", "ratio"] {
            counter = counter.replace(ending, " ");
        }
        let words: Vec<&str> = counter.split_whitespace().collect();
        (self.object.to_lowercase(), self.instance.to_lowercase(), words.join(" "))
    }

    /// Whether it counts events, by its name.
    fn is_per_second(&self) -> bool {
        let name = if self.is_wait() { &self.instance } else { &self.counter };
        let name = name.to_lowercase();
        name.ends_with("/sec") || name.ends_with("per second")
    }

    fn is_ratio(&self) -> bool {
        self.counter.to_lowercase().ends_with("ratio")
    }
}

/// Reads the lines.
pub fn read(rows: &[Row], table: &mut Table<'_>) {
    let mut counters: Vec<(&Row, Name, f64)> = Vec::new();
    for row in rows {
        let Some(name) = Name::of(row.cell(0)) else {
            table.reject(row.line, "the measurement is no `counter | object`");
            continue;
        };
        if let Some(value) = table.number(row, 3, "value") {
            counters.push((row, name, value));
        }
    }
    let bases: BTreeMap<_, f64> = counters
        .iter()
        .filter(|(_, name, _)| name.is_base())
        .map(|(row, name, value)| ((row.cell(1).to_owned(), name.stem()), *value))
        .collect();
    let is_raw = counters.iter().any(|(row, name, value)| {
        let key = (row.cell(1).to_owned(), name.stem());
        name.is_ratio() && *value > 1.0 && bases.get(&key).is_some_and(|base| *base > 1.0)
    });
    for (row, name, value) in counters {
        let base = bases.get(&(row.cell(1).to_owned(), name.stem())).copied();
        put(row, &name, value, base.filter(|_| !name.is_base()), is_raw, table);
    }
}

fn put(row: &Row, name: &Name, value: f64, base: Option<f64>, is_raw: bool, table: &mut Table<'_>) {
    let (mut metric, mut value, mut has_signal) = (name.metric(), value, true);
    let mut series_type = SeriesType::Gauge;
    if name.is_ratio() && !name.is_base() {
        match base {
            // The collector writes whole numbers: of its ratios 1 says all, and 0 says nothing.
            Some(base) if !is_raw => has_signal = base > 0.0 && value > 0.0,
            Some(base) if base > 0.0 => value /= base,
            // Nothing was looked up.
            Some(_) => has_signal = false,
            None => has_signal = (0.0..=1.0).contains(&value),
        }
    } else if is_raw && name.is_per_second() {
        series_type = SeriesType::Counter;
        metric = total(&metric);
    } else if is_raw && base.is_some() {
        // The numerator of an average over all time; its base stands beside it.
        series_type = SeriesType::Counter;
        has_signal = false;
    }
    let labels = name.labels();
    let server = row.cell(1);
    table.put(row.line, Value { server, metric, labels, series_type, has_signal, at: None, value });
}

/// The name of a running total of what is counted per second.
pub fn total(metric: &str) -> String {
    format!("{}_total", metric.trim_end_matches("_per_second"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_counters() {
        let name = Name::of("Batch Requests/sec | SQLServer:SQL Statistics").unwrap();
        assert_eq!(name.metric(), "sqlserver_sql_statistics_batch_requests_per_second");
        assert_eq!(total(&name.metric()), "sqlserver_sql_statistics_batch_requests_total");
        let name = Name::of("Transactions/sec | _Total | MSSQL$SALES:Databases").unwrap();
        assert_eq!(name.metric(), "sqlserver_databases_transactions_per_second");
        assert_eq!(name.labels()["database"], TOTAL);
        let wait = "Lock waits | Average wait time (ms) | SQLServer:Wait Statistics";
        let name = Name::of(wait).unwrap();
        assert_eq!(name.metric(), "sqlserver_wait_statistics_average_wait_time_ms");
        assert_eq!(name.labels()["category"], "Lock waits");
    }

    #[test]
    fn a_counter_and_its_base_share_a_stem() {
        for (counter, base) in [
            ("Buffer cache hit ratio", "Buffer cache hit ratio base"),
            ("Average Wait Time (ms)", "Average Wait Time Base"),
            ("Avg. Length of Batched Writes", "Avg. Length of Batched Writes BS"),
            ("Worktables From Cache Ratio", "Worktables From Cache Base"),
            ("Avg Disk Read IO (ms)", "Avg Disk Read IO (ms) Base"),
        ] {
            let of = |counter| Name::new(counter, "", "SQLServer:X");
            assert_eq!(of(counter).stem(), of(base).stem(), "{counter}");
            assert!(of(base).is_base() && !of(counter).is_base());
        }
    }
}
