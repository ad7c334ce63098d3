//! SQL Server: performance counters, waits, latency and IO of its databases, as tables. Two forms are
//! read: lines `measurement;servername;type;…` as a collector writes them, and the server's own views
//! (`sys.dm_os_performance_counters`, `sys.dm_os_wait_stats`) as tables.
//! docs/formats/sql-server.md is the definition.

mod counter;
mod server;
mod view;
mod wait;
mod wide;

use csv::{ByteRecord, Reader, ReaderBuilder};
use model::Micros;
use model::entity::Labels;
use model::series::SeriesType;

use super::Format;
use super::prometheus::{Filling, open, point};
use super::tally::Tally;
use crate::error::EnvelopeError;
use crate::input::{Input, Out};
use crate::shape::{Shape, without_mark};

use server::Servers;

/// The tables.
pub const TABLES: Format = Format {
    name: "sql-server",
    title: "SQL Server counters and waits (`measurement;servername;type;…`, or its views as CSV)",
    recognise: |input| {
        let Shape::Text(_) = Shape::of(input.bytes) else { return None };
        let bytes = without_mark(input.bytes);
        let head = &bytes[..bytes.len().min(HEAD_BYTES)];
        let names = header(head)?;
        Some(format!("it has the columns of {}", Form::of(&names)?.title()))
    },
    read,
};

/// Bytes that a header is looked for in.
const HEAD_BYTES: usize = 64 << 10;
/// Rows of one table.
const ROWS_MAX: usize = 1_000_000;
/// The label of a whole server beside those of its databases, and of all categories together.
const TOTAL: &str = "_Total";

/// Which table it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `measurement;servername;type;value`, one counter a line.
    Counters,
    /// `measurement;servername;type;name;name;…`, one measurement a line.
    Wide,
    /// `sys.dm_os_performance_counters`.
    CounterView,
    /// `sys.dm_os_wait_stats`.
    WaitView,
}

impl Form {
    fn of(names: &[String]) -> Option<Self> {
        let has = |name: &str| names.iter().any(|one| one == name);
        match names {
            [measurement, server, of, rest @ ..]
                if (measurement.as_str(), server.as_str(), of.as_str())
                    == ("measurement", "servername", "type")
                    && !rest.is_empty() =>
            {
                let is_one = rest.len() == 1 && rest[0] == "value";
                Some(if is_one { Self::Counters } else { Self::Wide })
            }
            _ if has("object_name") && has("counter_name") && has("cntr_value") => {
                Some(Self::CounterView)
            }
            _ if has("wait_type") && has("wait_time_ms") => Some(Self::WaitView),
            _ => None,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Counters => "performance counters of SQL Server",
            Self::Wide => "measurements of SQL Server by database or category",
            Self::CounterView => "sys.dm_os_performance_counters",
            Self::WaitView => "sys.dm_os_wait_stats",
        }
    }
}

fn reader(bytes: &[u8]) -> Reader<&[u8]> {
    ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        // Instances' names hold quotes of their own.
        .quoting(super::bill::delimiter(bytes) != b';')
        .delimiter(super::bill::delimiter(bytes))
        .from_reader(bytes)
}

/// Names of the columns, in lower case.
fn header(bytes: &[u8]) -> Option<Vec<String>> {
    let mut raw = ByteRecord::new();
    reader(bytes).read_byte_record(&mut raw).ok().filter(|is_row| *is_row)?;
    Some(raw.iter().map(|name| String::from_utf8_lossy(name).trim().to_ascii_lowercase()).collect())
}

/// One line, as texts.
struct Row {
    line: u64,
    cells: Vec<String>,
}

impl Row {
    fn cell(&self, at: usize) -> &str {
        self.cells.get(at).map_or("", String::as_str)
    }
}

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let bytes = without_mark(input.bytes);
    let names = header(bytes).unwrap_or_default();
    let form = Form::of(&names).ok_or_else(|| {
        EnvelopeError::malformed(input.name, "line 1", "no table of SQL Server has these columns")
    })?;
    let rows = rows(bytes, out);
    if rows.is_empty() {
        out.reject("line 1", "the table has names of columns and no row; export it again");
        return Ok(());
    }
    let mut table = Table::new(input, out.batch().input.observed_at);
    match form {
        Form::Counters => counter::read(&rows, &mut table),
        Form::Wide => wide::read(&original_names(bytes), &rows, &mut table),
        Form::CounterView => view::counters(&names, &rows, &mut table),
        Form::WaitView => view::waits(&names, &rows, &mut table),
    }
    table.finish(out);
    Ok(())
}

/// Names of the columns as written: databases and categories keep their case.
fn original_names(bytes: &[u8]) -> Vec<String> {
    let mut raw = ByteRecord::new();
    if reader(bytes).read_byte_record(&mut raw).is_err() {
        return Vec::new();
    }
    raw.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect()
}

/// Every row behind the header.
fn rows(bytes: &[u8], out: &mut Out<'_>) -> Vec<Row> {
    let (mut reader, mut raw, mut rows) = (reader(bytes), ByteRecord::new(), Vec::new());
    loop {
        match reader.read_byte_record(&mut raw) {
            Ok(false) => return rows,
            Ok(true) => {}
            Err(error) => {
                out.reject(format!("row {}", rows.len() + 1), format!("{error}; export it again"));
                return rows;
            }
        }
        let line = raw.position().map_or(0, csv::Position::line);
        if line <= 1 || raw.iter().all(|cell| cell.trim_ascii().is_empty()) {
            continue;
        }
        if rows.len() >= ROWS_MAX {
            out.reject(format!("line {line}"), "more than 1,000,000 rows; split it by time");
            return rows;
        }
        let cells = raw.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned());
        rows.push(Row { line, cells: cells.collect() });
    }
}

/// A table that is being read.
struct Table<'a> {
    input: &'a Input<'a>,
    /// When it was true, for rows that do not say.
    at: Micros,
    servers: Servers,
    filling: Filling,
    tally: Tally,
    /// Series by metric, server and labels.
    open: std::collections::HashMap<(String, String, Labels), usize>,
}

/// One value of one series.
struct Value<'v> {
    server: &'v str,
    metric: String,
    labels: Labels,
    series_type: SeriesType,
    /// Whether the signal that the metric has may be said of this value.
    has_signal: bool,
    at: Option<Micros>,
    value: f64,
}

impl<'a> Table<'a> {
    fn new(input: &'a Input<'a>, at: Micros) -> Self {
        Self {
            input,
            at,
            servers: Servers::default(),
            filling: Filling::default(),
            tally: Tally::default(),
            open: std::collections::HashMap::new(),
        }
    }

    fn put(&mut self, line: u64, value: Value<'_>) {
        let key = (value.metric.clone(), value.server.to_owned(), value.labels.clone());
        let number = match self.open.get(&key) {
            Some(number) => *number,
            None => {
                let subject = self.servers.subject(value.server, self.input.context);
                let mut series = open(value.metric, value.labels, value.series_type, None, subject);
                if !value.has_signal {
                    series.signal = None;
                    series.signal_factor = 1.0;
                }
                let number = self.filling.add(series);
                self.open.insert(key, number);
                number
            }
        };
        match point(value.at.unwrap_or(self.at), value.value) {
            Ok(point) => {
                self.filling.point(number, point);
            }
            Err(reason) => self.reject(line, reason),
        }
    }

    fn reject(&mut self, line: u64, reason: &str) {
        self.tally.add(reason, 1, || format!("line {line}"));
    }

    /// A number, or a reject that says which cell is none.
    fn number(&mut self, row: &Row, at: usize, name: &str) -> Option<f64> {
        let text = row.cell(at);
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        if number.is_none() {
            let shown: String = text.chars().take(40).collect();
            self.reject(row.line, &format!("`{shown}` in column {name} is no number"));
        }
        number
    }

    fn finish(self, out: &mut Out<'_>) {
        let Self { filling, mut tally, servers, input, .. } = self;
        servers.close(input.context, out);
        filling.finish(input.context, &mut tally, out);
        tally.close(out);
    }
}

/// A name as metrics are written: small letters, words joined by `_`, units in words.
fn snake(name: &str) -> String {
    let name = name.to_lowercase();
    let name = name.replace("/sec", " per second").replace('%', " percent ");
    let words: Vec<&str> = name
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.join("_")
}

#[cfg(test)]
mod tests;
