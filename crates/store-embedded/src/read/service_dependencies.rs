//! Facts about calls: calls and their durations over a window, what became of requests, roots of traces
//! and whole traces.

use std::collections::BTreeMap;

use duckdb::{Connection, Row};
use model::fact::{CallFact, CallOutcomeFact, RootFact, SpanFact, TraceFact, TraceIds};
use model::series::Bin;
use model::{EntityId, Micros};

use crate::error::Outcome;
use crate::read::statement::{filled, number};
use crate::recorded::prepared;
use crate::telemetry::span::{bounded, kind_of, listed};

/// Client, server, way, scaling, origin.
type Key = (u64, u64, bool, bool, String);

/// The statement with the ends of the window written in.
fn windowed(sql: &str, (from, to): (i64, i64)) -> String {
    filled(sql, &[("from", &number(from)), ("to", &number(to))])
}

/// Calls of each pair over a window.
pub fn calls(conn: &Connection, range: (i64, i64)) -> Outcome<Vec<CallFact>> {
    let mut bins: BTreeMap<Key, [Vec<(Bin, u64)>; 2]> = BTreeMap::new();
    let sql = windowed(include_str!("service_dependencies_bins.sql"), range);
    let mut statement = prepared(conn, "service_dependencies_bins", &sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let is_client: bool = row.get(5)?;
        let held = bins.entry(key(row)?).or_default();
        held[usize::from(!is_client)].push((Bin(row.get(6)?), row.get(7)?));
    }
    let sql = windowed(include_str!("service_dependencies_calls.sql"), range);
    let mut statement = prepared(conn, "service_dependencies_calls", &sql)?;
    let mut rows = statement.query([])?;
    let mut facts = Vec::new();
    while let Some(row) = rows.next()? {
        let key = key(row)?;
        let [client_bins, server_bins] = bins.remove(&key).unwrap_or_default();
        let (client, server, is_asynchronous, is_scaled, origin) = key;
        facts.push(CallFact {
            client: EntityId(client),
            server: EntityId(server),
            is_asynchronous,
            is_scaled,
            origin,
            calls: row.get(5)?,
            errors: row.get(6)?,
            client_bins,
            server_bins,
            first: Micros(row.get(7)?),
            last: Micros(row.get(8)?),
        });
    }
    Ok(facts)
}

fn key(row: &Row<'_>) -> Outcome<Key> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
}

/// What became of requests in which calls failed.
pub fn outcomes(conn: &Connection, range: (i64, i64)) -> Outcome<Vec<CallOutcomeFact>> {
    let sql = windowed(include_str!("service_dependencies_outcomes.sql"), range);
    let mut statement = prepared(conn, "service_dependencies_outcomes", &sql)?;
    let mut rows = statement.query([])?;
    let mut facts = Vec::new();
    while let Some(row) = rows.next()? {
        facts.push(CallOutcomeFact {
            client: EntityId(row.get(0)?),
            server: EntityId(row.get(1)?),
            failures: row.get(2)?,
            requests: row.get(3)?,
            survived: row.get(4)?,
        });
    }
    Ok(facts)
}

/// Spans without a parent.
pub fn roots(conn: &Connection, range: (i64, i64)) -> Outcome<Vec<RootFact>> {
    let sql = windowed(include_str!("service_dependencies_roots.sql"), range);
    let mut statement = prepared(conn, "service_dependencies_roots", &sql)?;
    let mut rows = statement.query([])?;
    let mut facts: Vec<RootFact> = Vec::new();
    while let Some(row) = rows.next()? {
        let (service, kind) = (EntityId(row.get(0)?), kind_of(row.get(1)?)?);
        let (is_scaled, requests, errors): (bool, u64, u64) =
            (row.get(2)?, row.get(4)?, row.get(5)?);
        let bin = (Bin(row.get(3)?), requests);
        match facts.last_mut() {
            Some(last)
                if (last.service, last.kind, last.is_scaled) == (service, kind, is_scaled) =>
            {
                last.requests = last.requests.saturating_add(requests);
                last.errors = last.errors.saturating_add(errors);
                last.bins.push(bin);
            }
            _ => {
                let bins = vec![bin];
                facts.push(RootFact { service, kind, is_scaled, requests, errors, bins });
            }
        }
    }
    Ok(facts)
}

/// Traces of a window.
pub fn trace_ids(conn: &Connection, range: (i64, i64), limit: usize) -> Outcome<TraceIds> {
    let since = number(range.0.saturating_sub(Micros::HOUR));
    let limit = limit.to_string();
    let sql = include_str!("service_dependencies_trace_ids.sql");
    let sql = filled(&windowed(sql, range), &[("since", &since), ("limit", &limit)]);
    let mut statement = prepared(conn, "service_dependencies_trace_ids", &sql)?;
    let mut rows = statement.query([])?;
    let mut found = TraceIds::default();
    while let Some(row) = rows.next()? {
        found.traces.push(trace_of(row)?);
        found.total = row.get(2)?;
    }
    Ok(found)
}

fn trace_of(row: &Row<'_>) -> Outcome<[u8; 16]> {
    let (high, low): (u64, u64) = (row.get(0)?, row.get(1)?);
    Ok((u128::from(high) << 64 | u128::from(low)).to_be_bytes())
}

/// Whole traces.
pub fn traces(conn: &Connection, traces: &[[u8; 16]]) -> Outcome<Vec<TraceFact>> {
    bounded(traces)?;
    let mut statement = conn.prepare(include_str!("service_dependencies_traces.sql"))?;
    let mut rows = statement.query([listed(traces)])?;
    let mut found: Vec<TraceFact> = Vec::new();
    while let Some(row) = rows.next()? {
        let (trace, span) = (trace_of(row)?, span_of(row)?);
        match found.last_mut() {
            Some(last) if last.trace == trace => last.spans.push(span),
            _ => found.push(TraceFact { trace, spans: vec![span] }),
        }
    }
    Ok(found)
}

fn span_of(row: &Row<'_>) -> Outcome<SpanFact> {
    Ok(SpanFact {
        span: row.get(2)?,
        parent: row.get(3)?,
        service: EntityId(row.get(4)?),
        name: row.get(5)?,
        kind: kind_of(row.get(6)?)?,
        start: Micros(row.get(7)?),
        end: Micros(row.get(8)?),
        is_error: row.get(9)?,
        sampling_probability: row.get(10)?,
    })
}
