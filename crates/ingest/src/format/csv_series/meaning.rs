//! What a column of a table means: its signal, unit and way of reading, from `--signal`, from the
//! column's own name and the unit at its end, or from the table of signals. A name that says nothing is
//! kept as it is.

use std::collections::BTreeMap;

use model::entity::Labels;
use model::series::SeriesType;
use model::signal::{SIGNALS, signal_of};

use super::header::normalised;
use crate::signal::SignalTable;

/// What a metric means.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Meaning {
    /// Metric's name, as it is kept.
    pub metric: String,
    /// Signal.
    pub signal: Option<String>,
    /// Turns a value into the signal's unit.
    pub factor: f64,
    /// Unit as received.
    pub unit: Option<String>,
    /// How to read the values; `None` for a level.
    pub series_type: Option<SeriesType>,
    /// The quantile that the values are, 0 to 1.
    pub quantile: Option<String>,
}

/// A unit as it is written at the end of a name, its base and the factor to it.
type Unit = (&'static str, &'static str, f64);

/// Longer endings first, so that `bytes_per_second` is not read as `second`.
const UNITS: &[Unit] = &[
    ("bytes_per_second", "By/s", 1.0),
    ("kilobytes_per_second", "By/s", 1e3),
    ("megabytes_per_second", "By/s", 1e6),
    ("per_second", "/s", 1.0),
    ("per_sec", "/s", 1.0),
    ("per_minute", "/s", 1.0 / 60.0),
    ("per_min", "/s", 1.0 / 60.0),
    ("percentage", "1", 0.01),
    ("percent", "1", 0.01),
    ("pct", "1", 0.01),
    ("ratio", "1", 1.0),
    ("fraction", "1", 1.0),
    ("nanoseconds", "s", 1e-9),
    ("ns", "s", 1e-9),
    ("microseconds", "s", 1e-6),
    ("micros", "s", 1e-6),
    ("us", "s", 1e-6),
    ("milliseconds", "s", 1e-3),
    ("millis", "s", 1e-3),
    ("msec", "s", 1e-3),
    ("ms", "s", 1e-3),
    ("seconds", "s", 1.0),
    ("secs", "s", 1.0),
    ("sec", "s", 1.0),
    ("s", "s", 1.0),
    ("minutes", "s", 60.0),
    ("hours", "s", 3_600.0),
    ("kibibytes", "By", 1_024.0),
    ("kib", "By", 1_024.0),
    ("mebibytes", "By", 1_048_576.0),
    ("mib", "By", 1_048_576.0),
    ("gibibytes", "By", 1_073_741_824.0),
    ("gib", "By", 1_073_741_824.0),
    ("kilobytes", "By", 1e3),
    ("kb", "By", 1e3),
    ("megabytes", "By", 1e6),
    ("mb", "By", 1e6),
    ("gigabytes", "By", 1e9),
    ("gb", "By", 1e9),
    ("bytes", "By", 1.0),
    ("millicores", "cores", 1e-3),
    ("cores", "cores", 1.0),
    ("count", "count", 1.0),
    ("total", "count", 1.0),
    ("rate", "/s", 1.0),
];

/// What people call a thing: by base unit, its stem and the stem of our signal.
const STEMS: &[(&str, &str, &str)] = &[
    ("1", "cpu", "cpu_utilization"),
    ("1", "cpu_usage", "cpu_utilization"),
    ("1", "cpu_util", "cpu_utilization"),
    ("1", "cpuutilization", "cpu_utilization"),
    ("1", "memory", "memory_utilization"),
    ("1", "mem", "memory_utilization"),
    ("1", "memory_usage", "memory_utilization"),
    ("1", "memory_used", "memory_utilization"),
    ("1", "disk", "disk_utilization"),
    ("1", "disk_usage", "disk_utilization"),
    ("1", "disk_used", "disk_utilization"),
    ("1", "error_rate", "error"),
    ("1", "errors", "error"),
    ("1", "failure", "error"),
    ("s", "duration", "latency"),
    ("s", "response_time", "latency"),
    ("s", "request_duration", "latency"),
    ("s", "rt", "latency"),
    ("By", "memory", "memory_used"),
    ("By", "mem", "memory_used"),
    ("By", "memory_usage", "memory_used"),
    ("/s", "requests", "request"),
    ("count", "requests", "request"),
    ("count", "errors", "error"),
    ("count", "connections", "connection"),
];

impl Meaning {
    /// Of a metric with its labels, the unit, statistic and type that its row or column states, and
    /// what the user states of metrics by name.
    ///
    /// # Errors
    /// When a unit, type or signal is not understood.
    pub fn of(
        metric: &str,
        labels: &Labels,
        (unit, statistic, series_type): (Option<&str>, Option<&str>, Option<&str>),
        signals: &BTreeMap<String, String>,
    ) -> Result<Self, String> {
        let mut meaning = Self { metric: metric.to_owned(), factor: 1.0, ..Self::default() };
        let stated = signals.get(metric).or_else(|| signals.get(""));
        match stated {
            Some(text) => meaning.take_stated(text)?,
            None => meaning.take_own(labels),
        }
        if let Some(unit) = unit {
            meaning.take_unit(unit)?;
        }
        if let Some(statistic) = statistic {
            match quantile(statistic) {
                Some(of) => meaning.quantile = Some(of),
                None if is_amount(statistic) => meaning.series_type = Some(SeriesType::Delta),
                // A mean, least or greatest of a period is a level, whatever the metric is else.
                None => meaning.series_type = Some(SeriesType::Gauge),
            }
        }
        if let Some(word) = series_type {
            meaning.series_type = Some(type_of(word)?);
        }
        if meaning.quantile.is_some() {
            meaning.series_type = Some(SeriesType::Quantile);
        }
        Ok(meaning)
    }

    /// `--signal`: a signal, or its stem with another unit; `:counter` and its like behind it.
    fn take_stated(&mut self, text: &str) -> Result<(), String> {
        let (name, word) = match text.split_once(':') {
            Some((name, word)) => (name, Some(word)),
            None => (text, None),
        };
        let found = by_name(name).ok_or_else(|| {
            let known: Vec<&str> = SIGNALS.iter().map(|signal| signal.name).collect();
            format!(
                "`{name}` is no signal, with or without another unit at its end \
                 (cpu_utilization_percent, latency_ms); signals are {}",
                known.join(", ")
            )
        })?;
        self.take(found);
        if let Some(word) = word {
            self.series_type = Some(type_of(word)?);
        }
        Ok(())
    }

    /// By the metric's own name.
    fn take_own(&mut self, labels: &Labels) {
        let name = normalised(&self.metric);
        if let Some(known) = SignalTable::built_in().meaning(&self.metric, labels) {
            self.signal.clone_from(&known.signal);
            self.factor = if known.signal.is_some() { known.factor } else { 1.0 };
            self.series_type = known.series_type;
        } else if let Some(found) = by_name(&name) {
            self.take(found);
        } else if let Some((_, (word, ..))) = split(&without_quantile(&name).0) {
            self.unit = Some(word.to_owned());
            if word == "total" {
                self.series_type = Some(SeriesType::Counter);
            }
        }
    }

    fn take(&mut self, found: Found) {
        self.signal = Some(found.signal.to_owned());
        self.factor = found.factor;
        self.unit = found.unit.map(str::to_owned);
        self.quantile = found.quantile;
        self.series_type = found.series_type;
    }

    /// The unit that a row states beside its value.
    fn take_unit(&mut self, text: &str) -> Result<(), String> {
        let found = unit_of(text);
        if let Some(signal) = self.signal.as_deref().and_then(signal_of) {
            let (.., factor) =
                found.filter(|(_, base, _)| *base == signal.unit).ok_or_else(|| {
                    format!(
                        "the unit `{text}` of {} is not understood; it is measured in {}",
                        signal.name, signal.unit
                    )
                })?;
            self.factor = factor;
        } else if let Some((_, base, factor)) = found {
            // The unit completes the name: `latency` in `ms`.
            let word = UNITS.iter().find(|(_, of, times)| *of == base && *times == 1.0);
            let word = word.map_or("", |(word, ..)| *word);
            if let Some(known) = by_name(&format!("{}_{word}", normalised(&self.metric))) {
                self.take(known);
                self.factor = factor;
            }
        }
        self.unit = Some(text.to_owned());
        Ok(())
    }
}

/// Reads `--signal`: `SIGNAL` for every metric of a table (the name is then empty), `METRIC=SIGNAL` for
/// one.
///
/// # Errors
/// When the signal is none, with those there are.
pub fn signal(text: &str) -> Result<(String, String), String> {
    let (metric, signal) = text.rsplit_once('=').unwrap_or(("", text));
    let mut meaning = Meaning::default();
    meaning.take_stated(signal).map_err(|reason| format!("--signal {text}: {reason}"))?;
    Ok((metric.to_owned(), signal.to_owned()))
}

/// A signal by a name with a unit.
#[derive(Debug, Clone, PartialEq)]
struct Found {
    signal: &'static str,
    factor: f64,
    unit: Option<&'static str>,
    quantile: Option<String>,
    series_type: Option<SeriesType>,
}

fn by_name(name: &str) -> Option<Found> {
    let (name, quantile) = without_quantile(name);
    let found = |signal: &'static str, factor, unit: Option<&'static str>, is_total| {
        let known = signal_of(signal)?;
        // A table has amounts of its periods, unless a name says that it is a total.
        let series_type = known.meaning.ends_with("a counter").then_some(match is_total {
            true => SeriesType::Counter,
            false => SeriesType::Delta,
        });
        Some(Found { signal: known.name, factor, unit, quantile: quantile.clone(), series_type })
    };
    if let Some(known) = signal_of(&name) {
        return found(known.name, 1.0, None, false);
    }
    let (stem, (word, base, factor)) = split(&name)?;
    let alias = STEMS.iter().find(|(of, known, _)| *of == base && *known == stem);
    let stem = alias.map_or(stem, |(.., ours)| *ours);
    let is_ours = |signal: &&model::signal::Signal| {
        let ending = UNITS.iter().any(|(word, of, times)| {
            let is_base = *of == base && *times == 1.0;
            is_base
                && signal.name.strip_suffix(word).and_then(|s| s.strip_suffix('_')) == Some(stem)
        });
        ending && signal.unit == base
    };
    let known = SIGNALS.iter().find(is_ours)?;
    found(known.name, factor, Some(word), word == "total")
}

/// A name without the unit at its end, and the unit.
fn split(name: &str) -> Option<(&str, Unit)> {
    UNITS.iter().find_map(|unit| {
        let stem = name.strip_suffix(unit.0)?.strip_suffix('_')?;
        (!stem.is_empty()).then_some((stem, *unit))
    })
}

/// The unit that a text names.
fn unit_of(text: &str) -> Option<Unit> {
    let ucum: &[Unit] = &[
        ("percent", "1", 0.01),
        ("ratio", "1", 1.0),
        ("bytes", "By", 1.0),
        ("per_second", "/s", 1.0),
        ("bytes_per_second", "By/s", 1.0),
        ("count", "count", 1.0),
    ];
    let symbol = match text.trim() {
        "%" => Some("percent"),
        "1" => Some("ratio"),
        "By" | "B" => Some("bytes"),
        "/s" | "1/s" | "req/s" | "rps" => Some("per_second"),
        "By/s" | "B/s" => Some("bytes_per_second"),
        "" | "none" | "None" => Some("count"),
        _ => None,
    };
    if let Some(symbol) = symbol {
        return ucum.iter().find(|(word, ..)| *word == symbol).copied();
    }
    let name = normalised(text);
    UNITS.iter().find(|(word, ..)| *word == name).copied()
}

/// A name without a part such as `p99` or `50th`, and the quantile that it means.
fn without_quantile(name: &str) -> (String, Option<String>) {
    let mut found = None;
    let words: Vec<&str> = name
        .split('_')
        .filter(|word| {
            let of = quantile(word).filter(|_| found.is_none());
            let is_other = of.is_none();
            found = found.take().or(of);
            is_other
        })
        .collect();
    (words.join("_"), found)
}

/// `p99` is 0.99, `p99.9` and `p999` 0.999.
fn quantile(word: &str) -> Option<String> {
    let digits = word.strip_prefix(['p', 'P'])?;
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    let number: f64 = digits.parse().ok().filter(|_| is_number)?;
    let percent = if number > 100.0 && digits.starts_with('9') && !digits.contains('.') {
        number / 10_f64.powi(digits.len() as i32 - 2)
    } else {
        number
    };
    (0.0..=100.0).contains(&percent).then(|| ((percent * 1e6).round() / 1e8).to_string())
}

/// Whether a statistic is an amount of its period.
fn is_amount(statistic: &str) -> bool {
    ["sum", "samplecount", "count", "increase", "delta"]
        .iter()
        .any(|known| statistic.eq_ignore_ascii_case(known))
}

fn type_of(word: &str) -> Result<SeriesType, String> {
    match word.to_ascii_lowercase().as_str() {
        "gauge" | "level" => Ok(SeriesType::Gauge),
        "counter" | "total" => Ok(SeriesType::Counter),
        "delta" | "sum" => Ok(SeriesType::Delta),
        other => Err(format!("`{other}` is no type of series; gauge, counter and delta are")),
    }
}
