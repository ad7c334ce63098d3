//! Tables for a terminal: numbers right-aligned with their unit in the header, the middle of long
//! text left out and columns that do not fit named, unless `--wide`; and the line that every answer
//! ends with: window, as of, source, coverage and time.

use std::io::{self, Write};

use comfy_table::{CellAlignment, ContentArrangement, Table as Grid, presets};
use model::envelope::{AnswerSource, ChosenBy, Envelope};
use model::table::{Cell, Column, Table};
use serde_json::Value;

/// Rows printed of one table; the rest is counted.
const ROWS_MAX: usize = 60;

/// Letters of one cell before its middle is left out; `--wide` shows all of it.
const CELL_MAX: usize = 44;

/// Blanks between two columns.
const GAP: usize = 2;

/// Width when stdout is no terminal.
const WIDTH_DEFAULT: u16 = 120;

/// Prints the tables of an answer and its last lines.
pub fn answer(tables: &[Table], envelope: &Envelope, is_wide: bool) -> io::Result<()> {
    self::tables(tables, is_wide)?;
    let mut out = io::stdout().lock();
    for warning in &envelope.warnings {
        writeln!(out, "note: {}", warning.message)?;
    }
    for (list, total) in &envelope.truncated {
        writeln!(out, "cut: {total} {list} in all")?;
    }
    writeln!(out, "{}", foot(envelope))
}

/// Prints tables one under the other.
pub fn tables(tables: &[Table], is_wide: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for table in tables {
        if tables.len() > 1 {
            writeln!(out, "{}", table.name.replace('_', " "))?;
        }
        if table.rows.is_empty() {
            writeln!(out, "nothing\n")?;
            continue;
        }
        let (grid, hidden) = grid(table, is_wide);
        writeln!(out, "{grid}")?;
        if !hidden.is_empty() {
            writeln!(out, "not shown: {} (--wide, or --columns)", hidden.join(", "))?;
        }
        if table.rows.len() > ROWS_MAX && !is_wide {
            let (shown, all) = (ROWS_MAX, table.rows.len());
            writeln!(out, "{shown} of {all}; --wide or --output csv gives all")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn foot(envelope: &Envelope) -> String {
    let mut parts = Vec::new();
    if let Some(window) = &envelope.window {
        let chosen = match window.chosen_by {
            ChosenBy::Request => "",
            ChosenBy::Default => " (default)",
            ChosenBy::NewestData => " (ends at the newest data)",
            ChosenBy::All => " (all)",
        };
        parts.push(format!("{} to {}{chosen}", minute(window.from), minute(window.to)));
    }
    parts.push(format!("as of {}", minute(envelope.as_of)));
    parts.push(match envelope.source {
        AnswerSource::Live => "live".to_owned(),
        AnswerSource::Cached => "cached".to_owned(),
        AnswerSource::Stale => "stale: a store is down".to_owned(),
        AnswerSource::Demonstration => "demonstration data".to_owned(),
    });
    for (data, coverage) in &envelope.coverage {
        parts.push(format!("{data} {} of {}", coverage.with, coverage.of));
    }
    parts.push(format!("{:.1} ms", envelope.took_ms));
    parts.join(" · ")
}

fn minute(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%MZ").to_string()
}

/// The columns that fit, in order; the first two always do. Squeezing all of them would leave a few
/// letters of each.
fn fitting(widths: &[usize], width: usize) -> usize {
    let mut used = 0;
    let mut count = 0;
    for column in widths {
        used += column + GAP;
        if count >= 2 && used > width {
            break;
        }
        count += 1;
    }
    count
}

/// A grid, and the names of the columns that did not fit.
fn grid(table: &Table, is_wide: bool) -> (Grid, Vec<&str>) {
    let mut grid = Grid::new();
    grid.load_preset(presets::NOTHING);
    grid.set_content_arrangement(ContentArrangement::Disabled);
    let most = if is_wide { usize::MAX } else { CELL_MAX };
    let rows = if is_wide { table.rows.len() } else { ROWS_MAX };
    let cells: Vec<Vec<String>> = table
        .rows
        .iter()
        .take(rows)
        .map(|row| {
            let cells = table.columns.iter().zip(row);
            cells.map(|(column, value)| cut(text(column, value), most)).collect()
        })
        .collect();
    let headers: Vec<String> = table.columns.iter().map(header).collect();
    let widths: Vec<usize> = headers
        .iter()
        .enumerate()
        .map(|(at, header)| {
            let cells = cells.iter().map(|row| row[at].chars().count());
            cells.chain([header.chars().count()]).max().unwrap_or(0)
        })
        .collect();
    let width = grid.width().unwrap_or(WIDTH_DEFAULT);
    let shown = if is_wide { widths.len() } else { fitting(&widths, usize::from(width)) };
    grid.set_header(&headers[..shown]);
    for row in &cells {
        grid.add_row(&row[..shown]);
    }
    for (at, column) in table.columns.iter().take(shown).enumerate() {
        let is_number = matches!(column.cell, Cell::Count | Cell::Number | Cell::Amount);
        if let Some(column) = grid.column_mut(at) {
            let side = if is_number { CellAlignment::Right } else { CellAlignment::Left };
            column.set_cell_alignment(side);
            column.set_padding((0, GAP as u16));
        }
    }
    (grid, table.columns[shown..].iter().map(|column| column.name.as_str()).collect())
}

/// The text with its middle left out: ids differ at both ends.
fn cut(text: String, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text;
    }
    let head: String = text.chars().take(most / 2).collect();
    let tail: String = text.chars().skip(count - (most - most / 2 - 1)).collect();
    format!("{head}…{tail}")
}

fn header(column: &Column) -> String {
    if column.unit.is_empty() || column.unit == "count" {
        column.title.clone()
    } else {
        format!("{} [{}]", column.title, column.unit)
    }
}

fn text(column: &Column, value: &Value) -> String {
    match (column.cell, value) {
        (_, Value::Null) => "–".to_owned(),
        (Cell::Number, Value::Number(number)) => number.as_f64().map(rounded).unwrap_or_default(),
        (Cell::Instant, Value::String(text)) => text.parse().map_or_else(|_| text.clone(), minute),
        (Cell::Flag, Value::Bool(is_so)) => (if *is_so { "yes" } else { "no" }).to_owned(),
        (_, Value::String(text)) => printable(text),
        (_, other) => other.to_string(),
    }
}

/// Control characters of hostile names must not reach the terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Four significant digits.
fn rounded(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let digits = 3 - value.abs().log10().floor() as i32;
    if digits <= 0 {
        format!("{value:.0}")
    } else if digits < 10 {
        format!("{value:.*}", digits as usize)
    } else {
        format!("{value:.3e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_four_significant_digits() {
        assert_eq!(rounded(0.012_345), "0.01235");
        assert_eq!(rounded(183.26), "183.3");
        assert_eq!(rounded(123_456.7), "123457");
        assert_eq!(rounded(1.0e-12), "1.000e-12");
    }

    #[test]
    fn long_text_keeps_both_ends() {
        assert_eq!(cut("abcdefghij".to_owned(), 7), "abc…hij");
        assert_eq!(cut("abc".to_owned(), 7), "abc");
    }

    #[test]
    fn columns_that_do_not_fit_are_left_out_whole() {
        assert_eq!(fitting(&[10, 10, 10, 10], 36), 3);
        assert_eq!(fitting(&[100, 100, 10], 80), 2);
        assert_eq!(fitting(&[5], 80), 1);
    }

    #[test]
    fn escapes_do_not_reach_the_terminal() {
        assert_eq!(printable("a\u{1b}[31mb"), "a\u{fffd}[31mb");
    }
}
