//! Series and samples. A sample newer than its series' newest is new without a look-up and goes in by
//! columns; any other is compared with what is held: the later observation wins, ties go to the
//! greater value, and the marker of an end (NaN in the table) loses to any value.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, UInt32Array};
use arrow::datatypes::{DataType, Field, Schema};
use duckdb::{Connection, params};
use model::EntityId;
use model::resolution::TelemetryWrite;
use model::seam::DataKind;
use model::series::SeriesObservation;
use telemetry_rows::{Tally, hash};

use crate::error::Outcome;
use crate::telemetry::state::{NEVER, SeriesState, State, hour};
use crate::telemetry::subject::stage;

/// Samples by column.
#[derive(Default)]
struct Columns {
    series: Vec<u32>,
    at: Vec<i64>,
    value: Vec<f64>,
}

impl Columns {
    fn push(&mut self, series: u32, at: i64, value: f64) {
        self.series.push(series);
        self.at.push(at);
        self.value.push(value);
    }
}

/// Writes the samples of a batch, with the series that are new.
pub fn write(
    conn: &Connection,
    state: &mut State,
    write: &TelemetryWrite,
    tally: &mut Tally,
) -> Outcome<()> {
    if write.series.is_empty() {
        return Ok(());
    }
    let ids = series_ids(conn, state, write, tally)?;
    let mut fresh = Columns::default();
    let mut late: BTreeMap<(u32, i64), f64> = BTreeMap::new();
    let (mut too_late, mut dirty) = (0, Vec::new());
    for ((_, observation), id) in write.series.iter().zip(&ids) {
        let Some(series) = state.series.get_mut(*id as usize) else { continue };
        for point in &observation.points {
            let at = point.at.0;
            if at < state.raw_from {
                too_late += 1;
                continue;
            }
            let value = if point.is_stale { f64::NAN } else { point.value };
            if at > series.newest {
                series.newest = at;
                fresh.push(*id, at, value);
                if at < state.rolled_until && dirty.last() != Some(&(hour(at), *id)) {
                    dirty.push((hour(at), *id));
                }
            } else {
                let held = late.entry((*id, at)).or_insert(value);
                if rank(value) > rank(*held) {
                    *held = value;
                }
            }
        }
        state.newest = state.newest.max(series.newest);
    }
    tally.too_late("sample", too_late);
    tally.added("sample", fresh.at.len() as u64);
    if let Some(newest) = fresh.at.iter().max() {
        tally.touch(DataKind::Samples, *newest);
    }
    let observed_at = write.input.observed_at.0;
    append(conn, fresh, observed_at)?;
    merge(conn, state, &late, observed_at, tally, &mut dirty)?;
    mark_dirty(conn, state, dirty)
}

/// Order of two values of one instant and one observation.
fn rank(value: f64) -> (bool, i64) {
    // Bits of a float, turned so that integers compare as the numbers do.
    let bits = value.to_bits() as i64;
    (!value.is_nan(), bits ^ (((bits >> 63) as u64) >> 1) as i64)
}

/// The id of each series of the batch; new ones get theirs by signal first, so that the values of
/// one signal lie together.
fn series_ids(
    conn: &Connection,
    state: &mut State,
    write: &TelemetryWrite,
    tally: &mut Tally,
) -> Outcome<Vec<u32>> {
    let source = &write.input.source;
    let mut ids = vec![0; write.series.len()];
    let mut unknown = Vec::new();
    let mut labels = String::new();
    for (position, (subject, observation)) in write.series.iter().enumerate() {
        labels.clear();
        labels_into(&mut labels, &observation.labels);
        let name = hash::name_hash(source, &observation.metric, &labels);
        let entity = state.entity(subject.0);
        match state.series_by_identity.get(&(name, entity)) {
            Some(id) => {
                ids[position] = *id;
                describe(conn, state, *id, observation, tally)?;
            }
            None => unknown.push((observation, *subject, name, position)),
        }
    }
    unknown.sort_by(|(a, subject_a, ..), (b, subject_b, ..)| {
        let key = |one: &SeriesObservation| (one.signal.is_none(), one.signal.clone());
        key(a)
            .cmp(&key(b))
            .then_with(|| a.metric.cmp(&b.metric))
            .then_with(|| subject_a.cmp(subject_b))
    });
    let mut rows = conn.appender("series")?;
    let mut added = 0;
    for (observation, subject, name, position) in unknown {
        let identity = (name, state.entity(subject.0));
        if let Some(id) = state.series_by_identity.get(&identity) {
            ids[position] = *id;
            continue;
        }
        ids[position] = add(state, &mut rows, source, (observation, subject, name))?;
        added += 1;
    }
    rows.flush()?;
    tally.added("series", added);
    Ok(ids)
}

fn add(
    state: &mut State,
    rows: &mut duckdb::Appender<'_>,
    source: &str,
    (observation, subject, name): (&SeriesObservation, EntityId, u128),
) -> Outcome<u32> {
    let description = hash::description(observation);
    let id = state.add_series(SeriesState {
        subject: subject.0,
        newest: NEVER,
        newest_histogram: NEVER,
        description,
        name,
    });
    let mut labels = String::new();
    labels_into(&mut labels, &observation.labels);
    rows.append_row(params![
        id,
        subject.0,
        source,
        observation.metric,
        labels,
        observation.signal,
        observation.signal_factor,
        observation.unit,
        format!("{:?}", observation.series_type),
        description,
    ])?;
    Ok(id)
}

/// Labels as the table holds them: JSON, in order of name.
pub fn labels_into(text: &mut String, labels: &model::entity::Labels) {
    if labels.is_empty() {
        text.push_str("{}");
    } else {
        let json = serde_json::to_string(labels);
        text.push_str(&json.expect("a map of texts has no form that JSON lacks"));
    }
}

/// Of two descriptions of one series the one with the greater hash stays, whichever came first.
fn describe(
    conn: &Connection,
    state: &mut State,
    id: u32,
    observation: &SeriesObservation,
    tally: &mut Tally,
) -> Outcome<()> {
    let now = hash::description(observation);
    let Some(series) = state.series.get_mut(id as usize) else { return Ok(()) };
    if now <= series.description {
        return Ok(());
    }
    series.description = now;
    conn.execute(
        include_str!("series_describe.sql"),
        params![
            id,
            observation.signal,
            observation.signal_factor,
            observation.unit,
            format!("{:?}", observation.series_type),
            now
        ],
    )?;
    tally.changed("series", 1);
    tally.touch(DataKind::Samples, series.newest);
    Ok(())
}

fn append(conn: &Connection, columns: Columns, observed_at: i64) -> Outcome<()> {
    if columns.at.is_empty() {
        return Ok(());
    }
    let rows = columns.at.len();
    let arrays: Vec<ArrayRef> = vec![
        Arc::new(UInt32Array::from(columns.series)),
        Arc::new(Int64Array::from(columns.at)),
        Arc::new(Float64Array::from(columns.value)),
        Arc::new(Int64Array::from(vec![observed_at; rows])),
    ];
    let schema = Schema::new(vec![
        Field::new("series", DataType::UInt32, false),
        Field::new("at", DataType::Int64, false),
        Field::new("value", DataType::Float64, false),
        Field::new("observed_at", DataType::Int64, false),
    ]);
    let mut appender = conn.appender("sample")?;
    appender.append_record_batch(RecordBatch::try_new(Arc::new(schema), arrays)?)?;
    appender.flush()?;
    Ok(())
}

/// Compares what is not newest with what is held.
fn merge(
    conn: &Connection,
    state: &State,
    late: &BTreeMap<(u32, i64), f64>,
    observed_at: i64,
    tally: &mut Tally,
    dirty: &mut Vec<(i64, u32)>,
) -> Outcome<()> {
    let instants = || late.keys().map(|(_, at)| *at);
    let (Some(first), Some(last)) = (instants().min(), instants().max()) else { return Ok(()) };
    let mut rows = stage(conn, "stage_sample")?;
    for ((series, at), value) in late {
        rows.append_row(params![series, at, value, observed_at])?;
    }
    rows.flush()?;
    drop(rows);
    let mut statement = conn.prepare_cached(include_str!("sample_compare.sql"))?;
    let mut found = statement.query(params![first, last])?;
    let (mut added, mut changed, mut newest) = (0, 0, NEVER);
    while let Some(row) = found.next()? {
        let (series, at, is_new): (u32, i64, bool) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if is_new {
            added += 1;
        } else {
            changed += 1;
        }
        newest = newest.max(at);
        if at < state.rolled_until {
            dirty.push((hour(at), series));
        }
    }
    drop(found);
    if changed > 0 {
        conn.execute(include_str!("sample_change.sql"), params![first, last])?;
    }
    conn.execute(include_str!("sample_confirm.sql"), params![first, last])?;
    if added > 0 {
        conn.execute(include_str!("sample_add.sql"), params![first, last])?;
    }
    conn.execute_batch("TRUNCATE stage_sample")?;
    tally.added("sample", added);
    tally.changed("sample", changed);
    if newest > NEVER {
        tally.touch(DataKind::Samples, newest);
    }
    Ok(())
}

/// Marks rolled-up hours that got a row.
fn mark_dirty(conn: &Connection, state: &mut State, mut hours: Vec<(i64, u32)>) -> Outcome<()> {
    hours.sort_unstable();
    hours.dedup();
    hours.retain(|hour| !state.dirty.contains(hour));
    if hours.is_empty() {
        return Ok(());
    }
    let mut rows = conn.appender("rollup_dirty")?;
    for (at, series) in &hours {
        rows.append_row(params![series, at])?;
    }
    rows.flush()?;
    state.dirty.extend(hours);
    Ok(())
}
