//! Spans, one row a (trace, span, kind).

use std::collections::BTreeMap;

use duckdb::{Connection, Row, params};
use model::error::StoreResult;
use model::resolution::TelemetryWrite;
use model::seam::DataKind;
use model::span::{SpanKind, SpanObservation};
use model::{AliasKey, Micros, StoreError};
use telemetry_rows::Tally;
use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Failure, Outcome};
use crate::telemetry::state::NEVER;
use crate::telemetry::subject::stage;

/// Kinds in the order of their code.
const KINDS: [SpanKind; 6] = [
    SpanKind::Unspecified,
    SpanKind::Internal,
    SpanKind::Server,
    SpanKind::Client,
    SpanKind::Producer,
    SpanKind::Consumer,
];

/// Most traces that are asked for at once.
const TRACES: usize = 5_000;

type Key = ([u8; 16], [u8; 8], SpanKind);

/// Writes the spans of a batch.
pub fn write(conn: &Connection, write: &TelemetryWrite, tally: &mut Tally) -> Outcome<()> {
    if write.spans.is_empty() {
        return Ok(());
    }
    let mut unique: BTreeMap<Key, (u64, u64, &SpanObservation)> = BTreeMap::new();
    for (subject, span) in &write.spans {
        let fingerprint = xxh3_64(serde_json::to_string(span)?.as_bytes());
        let key = (span.trace_id, span.span_id, span.kind);
        let held = unique.entry(key).or_insert((fingerprint, subject.0, span));
        if fingerprint > held.0 {
            *held = (fingerprint, subject.0, span);
        }
    }
    let mut rows = stage(conn, "stage_span")?;
    let mut newest = NEVER;
    for (fingerprint, subject, span) in unique.into_values() {
        newest = newest.max(span.start.0);
        let (high, low) = halves(&span.trace_id);
        let peer = span.peer.as_ref().map(serde_json::to_string).transpose()?;
        rows.append_row(params![
            high,
            low,
            u64::from_be_bytes(span.span_id),
            u64::from_be_bytes(span.parent_id),
            subject,
            span.service.as_str(),
            span.name,
            span.kind as u8,
            span.start.0,
            span.end.0,
            span.is_error,
            peer,
            span.sampling_probability,
            serde_json::to_string(&span.attributes)?,
            fingerprint,
            write.input.observed_at.0
        ])?;
    }
    rows.flush()?;
    drop(rows);
    let changed = conn.execute(include_str!("span_drop.sql"), [])? as u64;
    conn.execute(include_str!("span_confirm.sql"), [])?;
    let written = conn.execute(include_str!("span_add.sql"), [])? as u64;
    conn.execute_batch("TRUNCATE stage_span")?;
    tally.changed("span", changed);
    tally.added("span", written.saturating_sub(changed));
    if written > 0 {
        tally.touch(DataKind::Spans, newest);
    }
    Ok(())
}

/// The spans of these traces, by trace and start.
pub fn of_traces(conn: &Connection, traces: &[[u8; 16]]) -> Outcome<Vec<SpanObservation>> {
    bounded(traces)?;
    let mut statement = conn.prepare(include_str!("span_of_traces.sql"))?;
    let mut rows = statement.query([listed(traces)])?;
    let mut spans = Vec::new();
    while let Some(row) = rows.next()? {
        spans.push(span_from_row(row)?);
    }
    Ok(spans)
}

/// Traces as statements take them: `high:low` joined by spaces.
pub fn listed(traces: &[[u8; 16]]) -> String {
    let text = |trace| {
        let (high, low) = halves(trace);
        format!("{high}:{low}")
    };
    traces.iter().map(text).collect::<Vec<_>>().join(" ")
}

/// Refuses more traces than are asked for at once.
pub fn bounded(traces: &[[u8; 16]]) -> StoreResult<()> {
    if traces.len() <= TRACES {
        return Ok(());
    }
    Err(StoreError::Exhausted {
        store: "embedded store".to_owned(),
        resource: "traces in one read".to_owned(),
        limit: TRACES.to_string(),
    })
}

fn span_from_row(row: &Row<'_>) -> Outcome<SpanObservation> {
    let mut trace_id = [0; 16];
    trace_id[..8].copy_from_slice(&row.get::<_, u64>(0)?.to_be_bytes());
    trace_id[8..].copy_from_slice(&row.get::<_, u64>(1)?.to_be_bytes());
    let peer: Option<String> = row.get(10)?;
    Ok(SpanObservation {
        trace_id,
        span_id: row.get::<_, u64>(2)?.to_be_bytes(),
        parent_id: row.get::<_, u64>(3)?.to_be_bytes(),
        service: AliasKey::from(row.get::<_, String>(4)?),
        name: row.get(5)?,
        kind: kind_of(row.get(6)?)?,
        start: Micros(row.get(7)?),
        end: Micros(row.get(8)?),
        is_error: row.get(9)?,
        peer: peer.map(|peer| serde_json::from_str(&peer)).transpose()?,
        sampling_probability: row.get(11)?,
        attributes: serde_json::from_str(&row.get::<_, String>(12)?)?,
    })
}

/// The kind of a code.
pub fn kind_of(code: u8) -> Outcome<SpanKind> {
    let kind = KINDS.get(usize::from(code)).copied();
    kind.ok_or_else(|| Failure::Row(format!("{code} is no kind of span")))
}

fn halves(trace: &[u8; 16]) -> (u64, u64) {
    let whole = u128::from_be_bytes(*trace);
    ((whole >> 64) as u64, whole as u64)
}
