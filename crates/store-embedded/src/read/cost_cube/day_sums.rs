//! Sums of charges by line and day, by columns and in order of day.

use std::ops::Range;

use arrow::array::{BooleanArray, Decimal128Array, Int64Array, RecordBatch, UInt32Array};
use duckdb::Connection;
use model::Micros;
use model::fact::CostQuery;
use model::seam::ReadContext;

use super::column::{Column, Reading};
use crate::column::column;
use crate::error::{Failure, Outcome};
use crate::recorded::cached;

/// Bytes of sums above which the charges themselves are asked.
const BYTES_MAX: usize = 256 << 20;
/// Sums that are read before it is known how many bytes they take.
const SUMS_MAX: usize = 8_000_000;
/// Amounts of a row: those of a charge by basis, quantity, and the price before commitments.
pub const AMOUNTS: usize = 6;
/// Column of the first of them.
const FIRST_AMOUNT: usize = 6;

/// Sums by line and day, in order of day.
#[derive(Debug, Default)]
pub struct DaySums {
    pub days: Vec<i32>,
    pub lines: Vec<u32>,
    pub is_long: Vec<bool>,
    pub rows: Vec<u32>,
    pub first: Vec<i64>,
    pub last: Vec<i64>,
    pub amounts: [Column; AMOUNTS],
    /// Of how many charges the list price stands for the price before commitments.
    pub list_used: Vec<u32>,
    /// Earliest start and latest end of any charge.
    extent: Option<(i64, i64)>,
}

impl DaySums {
    /// Reads the charges that count and begin in a time; none when there are too many sums.
    pub fn read(conn: &Connection, (from, to): (i64, i64)) -> Outcome<Option<Self>> {
        let mut sums = Self::default();
        let mut amounts: [Reading; AMOUNTS] = std::array::from_fn(|_| Reading::default());
        let parameters = duckdb::named_params! {"from": from, "to": to};
        let mut statement = cached(conn, "cost_cube", include_str!("charges.sql"), parameters)?;
        for batch in statement.query_arrow(parameters)? {
            if sums.days.len() + batch.num_rows() > SUMS_MAX {
                return Ok(None);
            }
            sums.lines.extend(column::<UInt32Array>(&batch, 0)?.values());
            let days = column::<Int64Array>(&batch, 1)?;
            for day in days.values() {
                let day = i32::try_from(*day).map_err(|_far| Failure::Row(format!("day {day}")))?;
                sums.days.push(day);
            }
            sums.is_long.extend(column::<BooleanArray>(&batch, 2)?.values());
            sums.rows.extend(counts(&batch, 3)?);
            sums.first.extend(column::<Int64Array>(&batch, 4)?.values());
            sums.last.extend(column::<Int64Array>(&batch, 5)?.values());
            for (number, amount) in amounts.iter_mut().enumerate() {
                let at = FIRST_AMOUNT + 2 * number;
                let values = column::<Decimal128Array>(&batch, at)?;
                amount.take(values, column::<Int64Array>(&batch, at + 1)?);
            }
            sums.list_used.extend(counts(&batch, FIRST_AMOUNT + 2 * AMOUNTS)?);
        }
        sums.amounts = amounts.map(|amount| amount.packed(&sums.rows));
        let (first, last) = (sums.first.iter().min(), sums.last.iter().max());
        sums.extent = first.copied().zip(last.copied());
        Ok((sums.bytes() <= BYTES_MAX).then_some(sums))
    }

    fn bytes(&self) -> usize {
        let amounts: usize = self.amounts.iter().map(Column::bytes).sum();
        // Day, line, whether it is long, rows, first, last, and how often the list price is used.
        self.days.len() * (4 + 4 + 1 + 4 + 8 + 8 + 4) + amounts
    }

    /// Whether nothing of the past is asked about: of a day it is not known which of its charges had ended.
    pub fn can_tell(&self, ctx: &ReadContext) -> bool {
        // Days before 1970 are not counted from their start.
        self.extent
            .is_none_or(|(first, last)| first >= 0 && ctx.as_of.is_none_or(|at| at.0 >= last))
    }

    /// The rows of the whole days that are asked about, and the times before and after them in which a day is
    /// asked about in part.
    pub fn split(&self, query: &CostQuery) -> Split {
        let window = query.window.filter(|_| !query.by_billing_period);
        let (Some(window), Some((first, last))) = (window, self.extent) else {
            return Split { whole: 0..self.days.len(), ..Split::default() };
        };
        // What lies beyond all charges cuts none of them off.
        let (from, to) = window.micros();
        let (from, to) = (
            from.0.max(first - first % Micros::DAY),
            to.0.min((last / Micros::DAY + 1) * Micros::DAY),
        );
        if from >= to {
            return Split::default();
        }
        let (up, down) =
            (from + (Micros::DAY - from % Micros::DAY) % Micros::DAY, to - to % Micros::DAY);
        if up > down {
            return Split { before: Some((from, to)), ..Split::default() };
        }
        let start = |at: i64| self.days.partition_point(|day| i64::from(*day) * Micros::DAY < at);
        Split {
            before: (from < up).then_some((from, up)),
            whole: start(up)..start(down),
            after: (down < to).then_some((down, to)),
        }
    }
}

/// A window, cut at the days that it holds whole.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// The time before the first of them.
    pub before: Option<(i64, i64)>,
    /// Rows of the whole days.
    pub whole: Range<usize>,
    /// The time after the last of them.
    pub after: Option<(i64, i64)>,
}

fn counts(batch: &RecordBatch, at: usize) -> Outcome<impl Iterator<Item = u32>> {
    let column = column::<Int64Array>(batch, at)?;
    Ok(column.values().iter().map(|count| *count as u32))
}
