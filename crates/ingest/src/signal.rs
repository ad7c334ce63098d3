//! Which signal a series is: `signal_table.csv`, a readable table of metric names and conditions.

use std::collections::HashMap;
use std::sync::OnceLock;

use model::entity::Labels;
use model::series::SeriesType;
use model::signal::signal_of;

/// The table the program comes with.
const BUILT_IN: &str = include_str!("signal_table.csv");

/// What a series means.
#[derive(Debug, Clone, PartialEq)]
pub struct Meaning {
    /// The signal; `None` for a series that is kept by name on purpose.
    pub signal: Option<String>,
    /// Turns a value into the signal's unit.
    pub factor: f64,
    /// How to read the values, whatever the input declares.
    pub series_type: Option<SeriesType>,
}

#[derive(Debug, Clone, PartialEq)]
struct Row {
    conditions: Vec<Condition>,
    meaning: Meaning,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Condition {
    label: String,
    value: String,
    is_prefix: bool,
    is_negated: bool,
}

impl Condition {
    fn of(text: &str) -> Result<Self, String> {
        let (is_negated, (label, value)) = match text.split_once("!=") {
            Some(parts) => (true, parts),
            None => (false, text.split_once('=').ok_or_else(|| format!("`{text}` has no `=`"))?),
        };
        let (value, is_prefix) = value.strip_suffix('*').map_or((value, false), |v| (v, true));
        Ok(Self { label: label.to_owned(), value: value.to_owned(), is_prefix, is_negated })
    }

    fn holds(&self, labels: &Labels) -> bool {
        let found = labels.get(&self.label).map_or("", String::as_str);
        let fits =
            if self.is_prefix { found.starts_with(&self.value) } else { found == self.value };
        fits != self.is_negated
    }
}

/// The table, by metric.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SignalTable(HashMap<String, Vec<Row>>);

impl SignalTable {
    /// The table the program comes with.
    pub fn built_in() -> &'static Self {
        static TABLE: OnceLock<SignalTable> = OnceLock::new();
        TABLE.get_or_init(|| Self::parse(BUILT_IN).expect("a test reads the built-in table"))
    }

    /// Reads a table: `metric,where,signal,factor,type`, lines with `#` are comments.
    ///
    /// # Errors
    /// Names the line that cannot be read.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut table = Self::default();
        for (index, line) in text.lines().enumerate().skip(1) {
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            let wrong = |reason: String| format!("line {}: {reason}", index + 1);
            let cells: Vec<&str> = line.split(',').map(str::trim).collect();
            let [metric, conditions, signal, factor, series_type] = cells[..] else {
                return Err(wrong(format!("{} columns instead of 5", cells.len())));
            };
            if !signal.is_empty() && signal_of(signal).is_none() {
                return Err(wrong(format!("`{signal}` is no signal")));
            }
            let factor: f64 = factor
                .parse()
                .ok()
                .filter(|factor: &f64| factor.is_finite() && *factor != 0.0)
                .ok_or_else(|| wrong(format!("`{factor}` is no factor")))?;
            let conditions = conditions
                .split(';')
                .filter(|one| !one.is_empty())
                .map(Condition::of)
                .collect::<Result<_, _>>()
                .map_err(wrong)?;
            let meaning = Meaning {
                signal: Some(signal).filter(|signal| !signal.is_empty()).map(str::to_owned),
                factor,
                series_type: type_of(series_type).map_err(wrong)?,
            };
            table.0.entry(metric.to_owned()).or_default().push(Row { conditions, meaning });
        }
        Ok(table)
    }

    /// The meaning of a series: of the first row whose name and conditions fit.
    pub fn meaning(&self, metric: &str, labels: &Labels) -> Option<&Meaning> {
        let rows = self.0.get(metric)?;
        let fits = |row: &&Row| row.conditions.iter().all(|condition| condition.holds(labels));
        rows.iter().find(fits).map(|row| &row.meaning)
    }
}

fn type_of(text: &str) -> Result<Option<SeriesType>, String> {
    Ok(Some(match text {
        "" => return Ok(None),
        "gauge" => SeriesType::Gauge,
        "counter" => SeriesType::Counter,
        "delta" => SeriesType::Delta,
        "bucket" => SeriesType::Bucket,
        "quantile" => SeriesType::Quantile,
        other => return Err(format!("`{other}` is no type of series")),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(all: &[(&str, &str)]) -> Labels {
        all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_built_in_table_is_read_and_the_first_fit_wins() {
        let table = SignalTable::parse(BUILT_IN).unwrap();
        let of = |metric: &str, all: &[(&str, &str)]| {
            table.meaning(metric, &labels(all)).and_then(|meaning| meaning.signal.clone())
        };
        let count = "http_server_request_duration_seconds_count";
        assert_eq!(of(count, &[("http_response_status_code", "503")]).unwrap(), "error_count");
        assert_eq!(of(count, &[("http_response_status_code", "200")]).unwrap(), "request_count");
        assert_eq!(of("k8s_node_cpu_utilization_ratio", &[("pod", "a")]), None);
        assert!(of("k8s_node_cpu_utilization_ratio", &[]).is_some());
        assert_eq!(of("node_network_receive_bytes_total", &[("device", "lo")]), None);
        let rds = table.meaning("aws_rds_cpuutilization_average", &Labels::new()).unwrap();
        assert!((rds.factor - 0.01).abs() < 1e-12);
    }

    #[test]
    fn a_wrong_line_is_named() {
        let head = "metric,where,signal,factor,type\n";
        for line in
            ["a,,no_such,1,", "a,,cpu_seconds,0,", "a,b,cpu_seconds,1,", "a,,cpu_seconds,1,x", "a"]
        {
            let error = SignalTable::parse(&format!("{head}{line}\n")).unwrap_err();
            assert!(error.starts_with("line 2: "), "{error}");
        }
    }
}
