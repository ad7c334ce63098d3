//! Plain tables of values over time: a time column and value columns (wide), or one value a row with the
//! metric's name beside it (long). What the columns do not say comes from `--signal` and `--entity`;
//! nothing is guessed. docs/formats/csv-series.md is the definition.

mod cell;
mod entity;
mod header;
mod meaning;

use std::collections::HashMap;

use csv::{ByteRecord, Reader, ReaderBuilder};
use model::entity::Labels;
use model::series::{SeriesObservation, SeriesType};

use super::Format;
use super::prometheus::{Filling, point};
use super::subject;
use super::tally::Tally;
use crate::error::EnvelopeError;
use crate::input::{Input, Out};
use crate::shape::{Shape, without_mark};

pub(crate) use cell::{Scale, instant};
pub(crate) use entity::{reference, state};
use header::{Header, Role};
use meaning::Meaning;
pub use meaning::signal;

/// A table of series.
pub const TABLE: Format = Format {
    name: "csv-series",
    title: "series as a table (CSV with a time column and value columns)",
    recognise,
    read,
};

/// Bytes that a table is recognised by.
const HEAD_BYTES: usize = 64 << 10;
/// Rows at the beginning that are looked at.
const HEAD_ROWS: usize = 50;
/// Series of one table.
const SERIES_MAX: usize = 50_000;
/// Rejects of single cells; more of one reason are counted.
const CELL_REJECTS_MAX: u64 = 1_000;

fn recognise(input: &Input<'_>) -> Option<String> {
    if !matches!(Shape::of(input.bytes), Shape::Text(_)) {
        return None;
    }
    let bytes = without_mark(input.bytes);
    let head = &bytes[..bytes.len().min(HEAD_BYTES)];
    // The last line of the head may be cut; a row less does not matter.
    let rows: Vec<Vec<String>> = reader(head)
        .byte_records()
        .take(HEAD_ROWS)
        .map_while(Result::ok)
        .map(|row| row.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect())
        .collect();
    let header = Header::of(&rows, input)?;
    let time = header.time;
    let data = rows.get(header.rows..)?;
    let is_row = |row: &&Vec<String>| {
        let at = row.get(time).and_then(|text| instant(text, header.scale));
        let has_value = header.columns.iter().any(|column| {
            let is_value = matches!(column.role, Role::Value(_) | Role::LongValue);
            is_value
                && row.get(column.at).is_some_and(|text| matches!(cell::number(text), Ok(Some(_))))
        });
        at.is_some() && has_value
    };
    data.iter().find(is_row)?;
    Some(format!("a table of series: the time is in column {}", header.time_name))
}

fn reader(bytes: &[u8]) -> Reader<&[u8]> {
    let delimiter = super::bill::delimiter(bytes);
    ReaderBuilder::new().flexible(true).has_headers(false).delimiter(delimiter).from_reader(bytes)
}

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let bytes = without_mark(input.bytes);
    let mut reader = reader(bytes);
    let mut head: Vec<Vec<String>> = Vec::new();
    let mut raw = ByteRecord::new();
    while head.len() < HEAD_ROWS && reader.read_byte_record(&mut raw).unwrap_or(false) {
        head.push(raw.iter().map(|one| String::from_utf8_lossy(one).trim().to_owned()).collect());
    }
    let header = Header::of(&head, input);
    let header = header.ok_or_else(|| {
        EnvelopeError::malformed(input.name, "line 1", "no column is the time of the rows")
    })?;
    out.source("csv-series");
    state(input.context, out);
    let mut table = Table {
        input,
        width: head.first().map_or(0, Vec::len),
        header,
        filling: Filling::default(),
        open: HashMap::new(),
        tally: Tally::default(),
        cell_rejects: 0,
    };
    // From the start again: what was looked at is read as every other row.
    let mut reader = self::reader(bytes);
    let mut row = 0_usize;
    loop {
        match reader.read_byte_record(&mut raw) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => {
                out.reject(format!("row {}", row + 1), format!("{error}; export it again"));
                break;
            }
        }
        row += 1;
        let line = raw.position().map_or(row as u64, csv::Position::line);
        let is_blank = raw.iter().all(|one| one.trim_ascii().is_empty());
        if row > table.header.rows && !is_blank && !table.row(line, &raw, out) {
            break;
        }
    }
    let Table { filling, mut tally, .. } = table;
    filling.finish(input.context, &mut tally, out);
    tally.close(out);
    Ok(())
}

/// A table that is being read.
struct Table<'a> {
    input: &'a Input<'a>,
    width: usize,
    header: Header,
    filling: Filling,
    /// Numbers of the open series: by column, and by what the row says of entity, metric and labels.
    open: HashMap<(usize, String), Option<usize>>,
    tally: Tally,
    cell_rejects: u64,
}

impl Table<'_> {
    /// Whether to go on.
    fn row(&mut self, line: u64, raw: &ByteRecord, out: &mut Out<'_>) -> bool {
        if raw.len() != self.width {
            let reason = format!(
                "{} cells where the header has {}; the row is cut off or has a delimiter in a text \
                 without quotes",
                raw.len(),
                self.width
            );
            self.reject(line, "all", &reason, out);
            return true;
        }
        let cells: Vec<_> = raw.iter().map(|one| String::from_utf8_lossy(one)).collect();
        let text = |at: usize| cells.get(at).map_or("", |one| one.trim());
        let Some(at) = instant(text(self.header.time), self.header.scale) else {
            let reason = format!(
                "`{}` is no instant between 1970 and 2199; write ISO 8601 \
                 (2026-10-01T12:00:00Z) or seconds since 1970",
                shortened(text(self.header.time))
            );
            let name = self.header.time_name.clone();
            self.reject(line, &name, &reason, out);
            return true;
        };
        let mut is_full = false;
        for position in 0..self.header.columns.len() {
            let column = &self.header.columns[position];
            if !matches!(column.role, Role::Value(_) | Role::LongValue) {
                continue;
            }
            let value = match cell::number(text(column.at)) {
                Ok(Some(value)) => value,
                Ok(None) => continue,
                Err(reason) => {
                    let name = column.name.clone();
                    self.reject(line, &name, &reason, out);
                    continue;
                }
            };
            let Some(number) = self.series(position, line, &text, out) else { continue };
            match point(at, value) {
                Ok(point) => is_full |= self.filling.point(number, point),
                Err(reason) => {
                    let name = self.header.columns[position].name.clone();
                    self.reject(line, &name, reason, out);
                }
            }
        }
        !is_full || self.filling.hand_on(out)
    }

    /// The number of the series that a cell belongs to; `None` when it was refused, which is said once
    /// for each series.
    fn series<'t>(
        &mut self,
        position: usize,
        line: u64,
        text: &dyn Fn(usize) -> &'t str,
        out: &mut Out<'_>,
    ) -> Option<usize> {
        let mut key = String::new();
        for column in &self.header.columns {
            if !matches!(column.role, Role::Value(_) | Role::LongValue) {
                key.push_str(text(column.at));
                key.push('\u{1f}');
            }
        }
        if let Some(known) = self.open.get(&(position, key.clone())) {
            return *known;
        }
        if self.open.len() >= SERIES_MAX {
            let reason = format!("more than {SERIES_MAX} series in one table");
            self.tally.add(&reason, 1, || format!("line {line}"));
            return None;
        }
        let opened = match opened(&self.header, position, text, self.input) {
            Ok(series) => Some(self.filling.add(series)),
            Err(reason) => {
                let name = self.header.columns[position].name.clone();
                self.reject(line, &name, &reason, out);
                None
            }
        };
        self.open.insert((position, key), opened);
        opened
    }

    /// One cell, or a row, that is not taken: each is named, up to a bound.
    fn reject(&mut self, line: u64, column: &str, reason: &str, out: &mut Out<'_>) {
        let place = format!("line {line}, column {}", shortened(column));
        self.cell_rejects += 1;
        if self.cell_rejects <= CELL_REJECTS_MAX {
            out.reject(place, reason);
        } else {
            self.tally.add("cells that are not taken, beyond the first 1,000", 1, || place);
        }
    }
}

/// A series without points, as its column and the row's texts describe it.
fn opened<'t>(
    header: &Header,
    position: usize,
    text: &dyn Fn(usize) -> &'t str,
    input: &Input<'_>,
) -> Result<SeriesObservation, String> {
    let column = &header.columns[position];
    let mut labels = Labels::new();
    let (mut entity, mut metric, mut unit, mut statistic) = (None, None, None, None);
    let mut series_type = None;
    for other in &header.columns {
        let value = text(other.at);
        if value.is_empty() {
            continue;
        }
        match other.role {
            Role::Entity => entity = Some(value),
            Role::Metric => metric = Some(value),
            Role::Unit => unit = Some(value),
            Role::Statistic => statistic = Some(value),
            Role::Type => series_type = Some(value),
            Role::Label => {
                labels.insert(other.name.clone(), value.chars().take(1_000).collect());
            }
            Role::Value(_) | Role::LongValue => {}
        }
    }
    let of_column = match &column.role {
        Role::Value(of) => Some(of),
        _ => None,
    };
    if let Some(of) = of_column {
        labels.extend(of.labels.clone());
        metric = Some(of.metric.as_str());
        entity = of.entity.as_deref().or(entity);
        statistic = of.statistic.as_deref().or(statistic);
    }
    let metric = metric.ok_or("the row names no metric")?;
    let mut meaning =
        Meaning::of(metric, &labels, (unit, statistic, series_type), &input.context.signals)?;
    if let Some(quantile) = meaning.quantile.take() {
        labels.insert("quantile".to_owned(), quantile);
    }
    if let Some(statistic) = statistic {
        labels.insert("statistic".to_owned(), statistic.to_owned());
    }
    let subject = match entity.or(input.context.entity.as_deref()) {
        Some(name) => {
            if entity.is_some() {
                labels.insert("entity".to_owned(), name.chars().take(1_000).collect());
            }
            reference(name, input.context)
        }
        None => subject::of_labels(metric, &labels, input.context),
    };
    Ok(SeriesObservation {
        subject,
        metric: meaning.metric,
        labels,
        signal: meaning.signal,
        signal_factor: meaning.factor,
        unit: meaning.unit,
        series_type: meaning.series_type.unwrap_or(SeriesType::Gauge),
        points: Vec::new(),
        histograms: Vec::new(),
    })
}

fn shortened(text: &str) -> &str {
    &text[..text.floor_char_boundary(80)]
}

#[cfg(test)]
mod tests;
