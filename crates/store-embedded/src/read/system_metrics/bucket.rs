//! Values of series in buckets, counts by bin and newest instants: which hours are read from rollups and
//! what is read raw, and the statements that do it.

use std::collections::HashMap;

use arrow::array::{Array, Float64Array, Int64Array, RecordBatch, UInt32Array, UInt64Array};
use duckdb::Connection;
use model::seam::ReadContext;
use model::series::Bin;
use model::{Micros, Window};

use super::fold::{Fold, Piece};
use crate::error::{Failure, Outcome};
use crate::read::statement::{filled, listed, number};
use crate::recorded::prepared;
use crate::telemetry::state::{NEVER, hour, mark};

/// A bucket that holds every instant.
pub const WHOLE: i64 = i64::MAX / 4;

/// How much time one read of raw rows covers at least, and how many of them there are at most.
const STRETCH: i64 = 2 * Micros::DAY;
const STRETCHES_MAX: i64 = 32;

/// What the window of a read takes from where.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    since: i64,
    from: i64,
    /// End of the window, not included.
    pub to: i64,
    roll_from: i64,
    roll_to: i64,
    rolled_until: i64,
    /// Hours of the rollups to be read raw, from the first to the end of the last; empty when all are clean.
    dirty: (i64, i64),
    step: i64,
}

/// One bucket of one series, as received.
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    /// Series.
    pub series: u32,
    /// Start.
    pub at: i64,
    /// How many values.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// The earliest, and when.
    pub first: (i64, f64),
    /// The latest, and when.
    pub last: (i64, f64),
    /// For counters: the rise.
    pub increase: f64,
}

/// How the values of asked series are read.
#[derive(Debug, Default)]
pub struct Ids {
    /// Series that only rise.
    pub counters: Vec<u32>,
    /// All others.
    pub levels: Vec<u32>,
    /// Those of which durations are counted by bin.
    pub durations: Vec<u32>,
}

impl Ids {
    /// All asked series.
    pub fn all(&self) -> Vec<u32> {
        self.counters.iter().chain(&self.levels).copied().collect()
    }
}

impl Plan {
    /// The plan for a window in buckets of `step`; `WHOLE` for one bucket.
    pub fn of(conn: &Connection, ctx: &ReadContext, window: Window, step: i64) -> Outcome<Self> {
        let (from, to) = window.micros();
        let to = ctx.as_of.map_or(to.0, |as_of| to.0.min(as_of.plus(1).0));
        let from = from.0.min(to);
        let rolled_until = mark(conn, "rolled_until")?.unwrap_or(NEVER);
        let raw_from = mark(conn, "raw_from")?.unwrap_or(NEVER);
        let is_by_hour = step == WHOLE || step % Micros::HOUR == 0;
        // What is not held raw any more is read by the hour, whatever the step.
        let roll_to = if is_by_hour { hour(to) } else { raw_from };
        let roll_to = roll_to.min(rolled_until).min(hour(to));
        let whole = if from == hour(from) { from } else { hour(from).saturating_add(Micros::HOUR) };
        let roll_from = if from < raw_from { hour(from) } else { whole };
        let before = if step == WHOLE { 0 } else { step.max(Micros::HOUR) };
        let (roll_from, roll_to) =
            if roll_from < roll_to { (roll_from, roll_to) } else { (from, from) };
        Ok(Self {
            since: from.saturating_sub(before),
            from,
            to,
            roll_from,
            roll_to,
            rolled_until,
            dirty: dirty(conn, roll_from, roll_to)?,
            step,
        })
    }

    /// Where the raw rows before the rolled up hours end.
    fn head_to(&self) -> i64 {
        self.roll_from.min(self.to)
    }

    /// Where the raw rows after the rolled up hours begin.
    fn tail_from(&self, since: i64) -> i64 {
        self.roll_to.max(since)
    }

    /// The statement with the plan's bounds and these series; raw rows are read from `since`.
    fn statement(&self, sql: &str, ids: &[u32], since: i64) -> String {
        let numbers = [
            ("since", since),
            ("from", self.from),
            ("head_to", self.head_to()),
            ("tail_from", self.tail_from(since)),
            ("to", self.to),
            ("roll_from", self.roll_from),
            ("roll_to", self.roll_to),
            ("dirty_from", self.dirty.0),
            ("dirty_to", self.dirty.1),
            ("step", self.step),
        ];
        with_numbers(sql, ids, &numbers)
    }
}

/// The statement with these series and numbers.
fn with_numbers(sql: &str, ids: &[u32], numbers: &[(&str, i64)]) -> String {
    let texts: Vec<(&str, String)> =
        numbers.iter().map(|(name, value)| (*name, number(*value))).collect();
    let ids = listed(ids);
    let mut names: Vec<(&str, &str)> =
        texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    names.push(("asked", &ids));
    filled(sql, &names)
}

/// From the first to the end of the last hour of a range that is to be rolled up again.
fn dirty(conn: &Connection, from: i64, to: i64) -> Outcome<(i64, i64)> {
    let mut statement = conn.prepare_cached(include_str!("../system_metrics_dirty.sql"))?;
    let mut rows = statement.query([from, to])?;
    let Some(row) = rows.next()? else { return Ok((0, 0)) };
    let ends: (Option<i64>, Option<i64>) = (row.get(0)?, row.get(1)?);
    Ok(match ends {
        (Some(first), Some(last)) => (first, last.saturating_add(Micros::HOUR)),
        _ => (0, 0),
    })
}

/// The asked series in buckets: by series within each kind, then by time.
pub fn buckets(conn: &Connection, ids: &Ids, plan: Plan) -> Outcome<Vec<Bucket>> {
    let mut fold = Fold::new(&ids.counters, &ids.levels, plan.from, plan.step);
    let all = ids.all();
    if all.is_empty() {
        return Ok(Vec::new());
    }
    if plan.dirty.0 < plan.dirty.1 {
        let sql = include_str!("../system_metrics_stale.sql");
        let sql = between(sql, &all, plan.dirty);
        let mut statement = prepared(conn, "system_metrics_stale", &sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            fold.leave(row.get(0)?);
        }
    }
    // Rows before the window say where counters stood.
    raw(conn, &ids.counters, (plan.since, plan.from.min(plan.head_to())), &mut fold)?;
    raw(conn, &all, (plan.from, plan.head_to()), &mut fold)?;
    let hours = (plan.roll_from, plan.roll_to);
    if hours.0 < hours.1 {
        let sql = between(include_str!("../system_metrics_hours.sql"), &all, hours);
        pieces(conn, "system_metrics_hours", &sql, &mut fold)?;
    }
    raw(conn, &all, (plan.tail_from(plan.from), plan.to), &mut fold)?;
    let (counters, levels) = fold.late();
    let mut found: Vec<Bucket> = fold.buckets().collect();
    for (late, is_counter) in [(counters, true), (levels, false)] {
        if late.is_empty() {
            continue;
        }
        let since = if is_counter { plan.since } else { plan.from };
        let none: &[u32] = &[];
        let (counters, levels) = if is_counter { (&late[..], none) } else { (none, &late[..]) };
        let mut fold = Fold::new(counters, levels, plan.from, plan.step);
        let sql = include_str!("../system_metrics_pieces.sql");
        let sql = plan.statement(sql, &late, since);
        pieces(conn, "system_metrics_pieces", &sql, &mut fold)?;
        found.extend(fold.buckets());
    }
    Ok(found)
}

/// The statement between two instants.
fn between(sql: &str, ids: &[u32], (from, to): (i64, i64)) -> String {
    with_numbers(sql, ids, &[("from", from), ("to", to)])
}

/// Values as received, a stretch of time after the other, so that few are held at once.
fn raw(conn: &Connection, ids: &[u32], (mut from, to): (i64, i64), fold: &mut Fold) -> Outcome<()> {
    let stretch = STRETCH.max(to.saturating_sub(from) / STRETCHES_MAX);
    while from < to && !ids.is_empty() {
        let end = to.min(from.saturating_add(stretch));
        let sql = between(include_str!("../system_metrics_raw.sql"), ids, (from, end));
        let mut statement = prepared(conn, "system_metrics_raw", &sql)?;
        for batch in statement.query_arrow([])? {
            values(&batch, fold)?;
        }
        from = end;
    }
    Ok(())
}

fn values(batch: &RecordBatch, fold: &mut Fold) -> Outcome<()> {
    let series = column::<UInt32Array>(batch, 0)?;
    let (at, value) = (column::<Int64Array>(batch, 1)?, column::<Float64Array>(batch, 2)?);
    let values = at.values().iter().zip(value.values());
    for (series, (at, value)) in series.values().iter().zip(values) {
        if !value.is_nan() {
            fold.add(*series, &Piece::of(*at, *value));
        }
    }
    Ok(())
}

/// Values and hours as one kind of row.
fn pieces(conn: &Connection, name: &'static str, sql: &str, fold: &mut Fold) -> Outcome<()> {
    let mut statement = prepared(conn, name, sql)?;
    for batch in statement.query_arrow([])? {
        let (series, count) =
            (column::<UInt32Array>(&batch, 0)?, column::<UInt64Array>(&batch, 1)?);
        let real = |place: usize| column::<Float64Array>(&batch, place);
        let (sum, min, max) = (real(2)?, real(3)?, real(4)?);
        let (first_at, last_at) =
            (column::<Int64Array>(&batch, 5)?, column::<Int64Array>(&batch, 7)?);
        let (first, last, increase) = (real(6)?, real(8)?, real(9)?);
        for row in 0..batch.num_rows() {
            let piece = Piece {
                count: count.value(row),
                sum: sum.value(row),
                min: min.value(row),
                max: max.value(row),
                first: (first_at.value(row), first.value(row)),
                last: (last_at.value(row), last.value(row)),
                increase: increase.value(row),
            };
            fold.add(series.value(row), &piece);
        }
    }
    Ok(())
}

fn column<T: 'static>(batch: &RecordBatch, place: usize) -> Outcome<&T> {
    let column = batch.columns().get(place).and_then(|one| one.as_any().downcast_ref::<T>());
    column.ok_or_else(|| Failure::Row(format!("column {place} is of another type")))
}

/// One bin of one bucket of one series.
#[derive(Debug, Clone, Copy)]
pub struct Binned {
    /// Series.
    pub series: u32,
    /// Start of the bucket.
    pub at: i64,
    /// Bin.
    pub bin: Bin,
    /// How many values.
    pub count: u64,
}

/// Counts by bin: of durations, and of native histograms; each by series, bucket and bin.
pub fn bins(conn: &Connection, ids: &Ids, plan: Plan, take: &mut dyn FnMut(Binned)) -> Outcome<()> {
    let mut texts = Vec::new();
    if !ids.durations.is_empty() {
        let sql = include_str!("../system_metrics_durations.sql");
        texts.push(("system_metrics_durations", plan.statement(sql, &ids.durations, plan.from)));
    }
    if conn.prepare_cached(include_str!("../system_metrics_has_histogram.sql"))?.exists([])? {
        let sql = include_str!("../system_metrics_histograms.sql");
        texts.push(("system_metrics_histograms", plan.statement(sql, &ids.all(), plan.from)));
    }
    for (name, text) in texts {
        let mut statement = prepared(conn, name, &text)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            take(Binned {
                series: row.get(0)?,
                at: row.get(1)?,
                bin: Bin(row.get(2)?),
                count: row.get(3)?,
            });
        }
    }
    Ok(())
}

/// The newest value of each series before `to`. Of series with a value in the window (`last`) only what
/// comes after it is looked at; of the others everything.
pub fn newest(
    conn: &Connection,
    plan: Plan,
    last: &[(u32, Option<i64>)],
    to: i64,
) -> Outcome<HashMap<u32, i64>> {
    let mut found: HashMap<u32, i64> =
        last.iter().filter_map(|(id, at)| at.map(|at| (*id, at))).collect();
    for (is_inside, since) in [(true, plan.to), (false, NEVER)] {
        let ids: Vec<u32> =
            last.iter().filter(|(_, at)| at.is_some() == is_inside).map(|(id, _)| *id).collect();
        if ids.is_empty() || since >= to {
            continue;
        }
        let since_hour = if since == NEVER { NEVER } else { hour(since) };
        // The hour of the end is known by the hour only.
        let raw_from = plan.rolled_until.min(hour(to)).max(since);
        let dirty = dirty(conn, since_hour, to)?;
        let numbers = [
            ("since", since),
            ("since_hour", since_hour),
            ("open_from", raw_from),
            ("to", to),
            ("dirty_from", dirty.0),
            ("dirty_to", dirty.1),
        ];
        let sql = include_str!("../system_metrics_newest.sql");
        let sql = with_numbers(sql, &ids, &numbers);
        let mut statement = prepared(conn, "system_metrics_newest", &sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (series, at): (u32, i64) = (row.get(0)?, row.get(1)?);
            let newest = found.entry(series).or_insert(at);
            *newest = (*newest).max(at);
        }
    }
    Ok(found)
}
