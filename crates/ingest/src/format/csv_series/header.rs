//! What the columns of a table of series are: from the names in its header, which may have several
//! lines (entity, metric, statistic above each other, as data frames are exported).

use std::collections::{BTreeMap, BTreeSet};

use model::entity::Labels;

use super::cell::{self, Scale};
use crate::format::prometheus::series_name;
use crate::input::Input;

/// Names of a time column, normalised.
const TIMES: &[&str] = &[
    "time",
    "timestamp",
    "datetime",
    "date_time",
    "date",
    "ts",
    "unix_timestamp",
    "unix_time",
    "epoch",
    "_time",
    "event_time",
    "utc",
    "timestamp_utc",
    "time_utc",
];
/// Endings that say what numbers in it count.
const SCALES: &[(&str, Scale)] = &[
    ("_nanoseconds", Scale::Nanos),
    ("_ns", Scale::Nanos),
    ("_microseconds", Scale::Micros),
    ("_us", Scale::Micros),
    ("_milliseconds", Scale::Millis),
    ("_ms", Scale::Millis),
    ("_seconds", Scale::Seconds),
    ("_s", Scale::Seconds),
];
/// Names of a column with the entity measured, where they are not labels that telemetry knows anyway.
const ENTITIES: &[&str] =
    &["entity", "microservice", "component", "resource", "host", "server", "database"];
/// The same as the name of a level above the columns.
const ENTITY_LEVELS: &[&str] =
    &["service", "node", "instance", "name", "application", "app", "pod"];
/// Names of a column or level with the metric.
const METRICS: &[&str] = &["metric", "metric_name", "measurement", "kpi", "signal", "series"];
/// Names of a column or level with the statistic.
const STATISTICS: &[&str] = &["statistic", "stat", "aggregation", "agg"];
/// Lines of a header.
const LINES_MAX: usize = 5;
/// Metrics that column names of the form `entity_metric` end with.
const TAILS: &[&str] = &[
    "cpu",
    "mem",
    "memory",
    "latency",
    "load",
    "workload",
    "error",
    "errors",
    "rt",
    "qps",
    "rps",
    "requests",
    "diskio",
    "disk",
    "socket",
    "network",
    "net",
    "throughput",
];

/// What a column is.
#[derive(Debug, Clone, PartialEq)]
pub enum Role {
    /// Values of one metric.
    Value(ValueColumn),
    /// Values of the metric that another column names.
    LongValue,
    /// The metric of the row.
    Metric,
    /// What the row is about.
    Entity,
    /// The unit of the row's value.
    Unit,
    /// How it was condensed.
    Statistic,
    /// `gauge`, `counter` or `delta`.
    Type,
    /// A label.
    Label,
}

/// What the header says about a column of values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValueColumn {
    /// Metric.
    pub metric: String,
    /// Entity, if the header names it.
    pub entity: Option<String>,
    /// Statistic, if the header names it.
    pub statistic: Option<String>,
    /// Labels.
    pub labels: Labels,
}

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Position.
    pub at: usize,
    /// Name for people and labels.
    pub name: String,
    /// What it is.
    pub role: Role,
}

/// The header.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Lines before the first row.
    pub rows: usize,
    /// Position of the time.
    pub time: usize,
    /// Name of the time.
    pub time_name: String,
    /// What numbers in it count.
    pub scale: Scale,
    /// The other columns.
    pub columns: Vec<Column>,
}

impl Header {
    /// The header of a table whose beginning these rows are; `None` when it has no time.
    pub fn of(rows: &[Vec<String>], input: &Input<'_>) -> Option<Self> {
        let context = input.context;
        let names = rows.first().filter(|names| names.len() >= 2)?;
        let found = names.iter().position(|name| time_of(name).is_some());
        if let Some(time) = found {
            return Some(Self::single(rows, time, input));
        }
        if let Some(last) = index_line(rows) {
            return Some(Self::levels(rows, last));
        }
        // The index of a data frame has no name; what stands in it decides.
        let first = rows.get(1)?.first()?;
        let is_unnamed = names[0].is_empty() || names[0].starts_with("Unnamed");
        let is_stated = !context.signals.is_empty() || context.entity.is_some();
        let is_time = cell::instant(first, Scale::Unsaid).is_some();
        (is_time && (is_unnamed || is_stated)).then(|| Self::single(rows, 0, input))
    }

    /// One line of names.
    fn single(rows: &[Vec<String>], time: usize, input: &Input<'_>) -> Self {
        let names = &rows[0];
        let has = |known: &[&str]| names.iter().any(|name| known.contains(&&*normalised(name)));
        let is_long = has(METRICS) && has(&["value"]);
        let others = || names.iter().enumerate().filter(|(at, _)| *at != time);
        let is_text = |at: usize| {
            let cells = rows.iter().skip(1).filter_map(|row| row.get(at));
            let read: Vec<_> = cells.map(|text| cell::number(text)).collect();
            let is_number = |one: &Result<Option<f64>, String>| matches!(one, Ok(Some(_)));
            read.iter().any(Result::is_err) && !read.iter().any(is_number)
        };
        let values: Vec<&str> = others()
            .filter(|(at, name)| plain_role(name).is_none() && !is_text(*at))
            .map(|(_, name)| name.as_str())
            .collect();
        let heads = if input.context.entity.is_none() { heads(&values) } else { BTreeMap::new() };
        let columns = others()
            .map(|(at, name)| {
                let role = match (plain_role(name), normalised(name).as_str()) {
                    (Some(Role::Metric), _) if !is_long => Role::Label,
                    (Some(role), _) => role,
                    (None, "value") if is_long => Role::LongValue,
                    (None, _) if is_text(at) || is_long => Role::Label,
                    (None, "value") => Role::Value(ValueColumn {
                        metric: stem(input.name),
                        ..ValueColumn::default()
                    }),
                    (None, _) => Role::Value(value_column(name, &heads)),
                };
                Column { at, name: shown(name, at), role }
            })
            .collect();
        let time_name = shown(&names[time], time);
        Self {
            rows: 1,
            time,
            scale: time_of(&names[time]).unwrap_or(Scale::Unsaid),
            time_name,
            columns,
        }
    }

    /// Several lines, of which the last names the index only.
    fn levels(rows: &[Vec<String>], last: usize) -> Self {
        let level = |line: &Vec<String>| normalised(line.first().map_or("", String::as_str));
        let names: Vec<String> = rows[..last].iter().map(level).collect();
        let width = rows[0].len();
        let columns = (1..width)
            .map(|at| {
                let mut of = ValueColumn::default();
                let mut parts: Vec<&str> = Vec::new();
                for (line, name) in names.iter().enumerate() {
                    let Some(text) = rows[line].get(at).filter(|text| !text.is_empty()) else {
                        continue;
                    };
                    parts.push(text);
                    match name.as_str() {
                        name if METRICS.contains(&name) => of.metric.clone_from(text),
                        name if STATISTICS.contains(&name) => of.statistic = Some(text.clone()),
                        name if ENTITIES.contains(&name) || ENTITY_LEVELS.contains(&name) => {
                            of.entity = Some(text.clone());
                        }
                        name => {
                            let name = if name.is_empty() {
                                format!("level_{line}")
                            } else {
                                name.to_owned()
                            };
                            of.labels.insert(name, text.clone());
                        }
                    }
                }
                let name = parts.join(" / ");
                if of.metric.is_empty() {
                    of.metric = "value".to_owned();
                }
                Column { at, name, role: Role::Value(of) }
            })
            .collect();
        let time_name = rows[last][0].clone();
        let scale = time_of(&time_name).unwrap_or(Scale::Unsaid);
        Self { rows: last + 1, time: 0, time_name, scale, columns }
    }
}

/// The line whose first cell names the time and that says nothing else, below at least one line.
fn index_line(rows: &[Vec<String>]) -> Option<usize> {
    rows.iter().take(LINES_MAX).enumerate().skip(1).find_map(|(at, row)| {
        let (first, rest) = row.split_first()?;
        (time_of(first).is_some() && rest.iter().all(String::is_empty)).then_some(at)
    })
}

/// Lower case, words joined by `_`, what stands in brackets as a word of its own.
pub fn normalised(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut before = ' ';
    for letter in name.trim().chars() {
        if letter.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit()) {
            out.push('_');
        }
        match letter {
            '%' => out.push_str("_percent"),
            letter if letter.is_alphanumeric() || letter == '_' => {
                out.extend(letter.to_lowercase())
            }
            _ => out.push('_'),
        }
        before = letter;
    }
    let is_led = out.starts_with('_');
    let words: Vec<&str> = out.split('_').filter(|word| !word.is_empty()).collect();
    let joined = words.join("_");
    if is_led && joined == "time" { format!("_{joined}") } else { joined }
}

/// What numbers in a time column of this name count; `None` when it is none.
fn time_of(name: &str) -> Option<Scale> {
    let name = normalised(name);
    if TIMES.contains(&name.as_str()) {
        return Some(Scale::Unsaid);
    }
    SCALES
        .iter()
        .find(|(ending, _)| name.strip_suffix(ending).is_some_and(|stem| TIMES.contains(&stem)))
        .map(|(_, scale)| *scale)
}

/// What a column is by its name alone.
fn plain_role(name: &str) -> Option<Role> {
    let name = normalised(name);
    let name = name.as_str();
    match name {
        "unit" | "units" => Some(Role::Unit),
        "series_type" | "metric_type" => Some(Role::Type),
        _ if STATISTICS.contains(&name) => Some(Role::Statistic),
        _ if ENTITIES.contains(&name) => Some(Role::Entity),
        _ if METRICS.contains(&name) => Some(Role::Metric),
        _ => None,
    }
}

fn value_column(name: &str, heads: &BTreeMap<&str, (&str, &str)>) -> ValueColumn {
    if let Some((entity, metric)) = heads.get(name) {
        return ValueColumn {
            metric: (*metric).to_owned(),
            entity: Some((*entity).to_owned()),
            ..ValueColumn::default()
        };
    }
    // A series of Prometheus as its name, labels in braces.
    match series_name(name) {
        Some((metric, labels)) => ValueColumn { metric, labels, ..ValueColumn::default() },
        None => ValueColumn { metric: name.to_owned(), ..ValueColumn::default() },
    }
}

/// Column names of the form `entity_metric`, split: only when every one is, at least two entities have
/// one metric, and one entity has two. Otherwise a name is a metric.
fn heads<'n>(names: &[&'n str]) -> BTreeMap<&'n str, (&'n str, &'n str)> {
    let split = |name: &&'n str| -> Option<(&'n str, (&'n str, &'n str))> {
        let (entity, metric) = name.rsplit_once('_')?;
        let stem = metric.split_once('-').map_or(metric, |(stem, _)| stem);
        let is_metric = TAILS.contains(&stem.to_ascii_lowercase().as_str());
        (is_metric && !entity.is_empty()).then_some((*name, (entity, metric)))
    };
    let Some(all) = names.iter().map(split).collect::<Option<BTreeMap<_, _>>>() else {
        return BTreeMap::new();
    };
    let mut by_metric: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut by_entity: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (entity, metric) in all.values() {
        by_metric.entry(metric).or_default().insert(entity);
        by_entity.entry(entity).or_default().insert(metric);
    }
    let is_form = by_metric.values().any(|entities| entities.len() > 1)
        && by_entity.values().any(|metrics| metrics.len() > 1);
    if is_form { all } else { BTreeMap::new() }
}

fn shown(name: &str, at: usize) -> String {
    if name.is_empty() { format!("{}", at + 1) } else { name.to_owned() }
}

/// What a column that is only called `value` is called: as the file is, without folder and ending.
fn stem(name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = file.split('.').next().unwrap_or(file);
    if stem.is_empty() { "value".to_owned() } else { stem.to_owned() }
}
