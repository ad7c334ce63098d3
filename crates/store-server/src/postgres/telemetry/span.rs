//! Spans, one row a (trace, span, kind).

use std::collections::BTreeMap;

use model::error::StoreResult;
use model::resolution::TelemetryWrite;
use model::seam::DataKind;
use model::span::{SpanKind, SpanObservation};
use model::{AliasKey, Micros, StoreError};
use telemetry_rows::Tally;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use xxhash_rust::xxh3::xxh3_64;

use super::mark::NEVER;
use crate::postgres::connection::{Copy, Session};
use crate::postgres::error::{Failure, Outcome, STORE};
use crate::postgres::number::{Text, ordered};
use crate::postgres::read::row::bytes;
use crate::postgres::statement::{Statement, statement};

const COMPARE: Statement = statement!("span_compare");
const CHANGE: Statement = statement!("span_change");
const CONFIRM: Statement = statement!("span_confirm");
const ADD: Statement = statement!("span_add");
const OF_TRACES: Statement = statement!("span_of_traces");
const STAGE: Copy = Copy {
    name: "stage_span",
    sql: "COPY stage_span (trace_id, span_id, kind, parent_id, subject, service, name, start_at, end_at, \
          is_error, peer, sampling_probability, attributes, fingerprint, observed_at) \
          FROM STDIN (FORMAT binary)",
    types: &[
        Type::BYTEA,
        Type::BYTEA,
        Type::INT2,
        Type::BYTEA,
        Type::INT8,
        Type::TEXT,
        Type::TEXT,
        Type::INT8,
        Type::INT8,
        Type::BOOL,
        Type::TEXT,
        Type::FLOAT8,
        Type::TEXT,
        Type::INT8,
        Type::INT8,
    ],
};

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
pub async fn write(session: &Session, write: &TelemetryWrite, tally: &mut Tally) -> Outcome<()> {
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
    let mut rows = session.copy(STAGE).await?;
    let mut newest = NEVER;
    for (fingerprint, subject, span) in unique.into_values() {
        newest = newest.max(span.start.0);
        let peer = span.peer.as_ref().map(serde_json::to_string).transpose()?;
        rows.write(&[
            &span.trace_id.as_slice(),
            &span.span_id.as_slice(),
            &(span.kind as i16),
            &span.parent_id.as_slice(),
            &(subject as i64),
            &Text(span.service.as_str()),
            &Text(&span.name),
            &span.start.0,
            &span.end.0,
            &span.is_error,
            &peer,
            &span.sampling_probability,
            &serde_json::to_string(&span.attributes)?,
            &ordered(fingerprint),
            &write.input.observed_at.0,
        ])
        .await?;
    }
    rows.finish().await?;
    session.execute(COMPARE, &[]).await?;
    let changed = session.execute(CHANGE, &[]).await?;
    session.execute(CONFIRM, &[]).await?;
    let added = session.execute(ADD, &[]).await?;
    tally.changed("span", changed);
    tally.added("span", added);
    if added + changed > 0 {
        tally.touch(DataKind::Spans, newest);
    }
    Ok(())
}

/// The spans of these traces, by trace and start.
pub async fn of_traces(session: &Session, traces: &[[u8; 16]]) -> Outcome<Vec<SpanObservation>> {
    bounded(traces)?;
    let asked = listed(traces);
    let rows = session.rows(OF_TRACES, &[("traces", &asked)]).await?;
    rows.iter().map(span_from_row).collect()
}

/// Traces as statements take them.
pub fn listed(traces: &[[u8; 16]]) -> Vec<&[u8]> {
    traces.iter().map(<[u8; 16]>::as_slice).collect()
}

/// Refuses more traces than are asked for at once.
pub fn bounded(traces: &[[u8; 16]]) -> StoreResult<()> {
    if traces.len() <= TRACES {
        return Ok(());
    }
    Err(StoreError::Exhausted {
        store: STORE.to_owned(),
        resource: "traces in one read".to_owned(),
        limit: TRACES.to_string(),
    })
}

fn span_from_row(row: &Row) -> Outcome<SpanObservation> {
    let peer: Option<String> = row.try_get(9)?;
    Ok(SpanObservation {
        trace_id: bytes(row, 0)?,
        span_id: bytes(row, 1)?,
        parent_id: bytes(row, 2)?,
        service: AliasKey::from(row.try_get::<_, String>(3)?),
        name: row.try_get(4)?,
        kind: kind_of(row.try_get(5)?)?,
        start: Micros(row.try_get(6)?),
        end: Micros(row.try_get(7)?),
        is_error: row.try_get(8)?,
        peer: peer.map(|peer| serde_json::from_str(&peer)).transpose()?,
        sampling_probability: row.try_get(10)?,
        attributes: serde_json::from_str(&row.try_get::<_, String>(11)?)?,
    })
}

/// The kind of a code.
pub fn kind_of(code: i16) -> Outcome<SpanKind> {
    let kind = usize::try_from(code).ok().and_then(|code| KINDS.get(code)).copied();
    kind.ok_or_else(|| Failure::Row(format!("{code} is no kind of span")))
}
