//! Facts about calls: calls and their durations over a window, what became of requests, roots of traces
//! and whole traces.

use std::collections::BTreeMap;

use model::Micros;
use model::fact::{CallFact, CallOutcomeFact, RootFact, SpanFact, TraceFact, TraceIds};
use model::series::Bin;
use tokio_postgres::Row;

use super::row::{bytes, count, entity};
use crate::postgres::connection::Session;
use crate::postgres::error::Outcome;
use crate::postgres::statement::{Parameter, Statement, statement};
use crate::postgres::telemetry::span::{bounded, kind_of, listed};

const BINS: Statement = statement!("service_dependencies_bins");
const CALLS: Statement = statement!("service_dependencies_calls");
const OUTCOMES: Statement = statement!("service_dependencies_outcomes");
const ROOTS: Statement = statement!("service_dependencies_roots");
const TRACE_IDS: Statement = statement!("service_dependencies_trace_ids");
const TRACES: Statement = statement!("service_dependencies_traces");

/// Client, server, way, scaling, origin.
type Key = (i64, i64, bool, bool, String);

/// Calls of each pair over a window.
pub async fn calls(session: &Session, (from, to): (i64, i64)) -> Outcome<Vec<CallFact>> {
    let ends: [Parameter<'_>; 2] = [("from", &from), ("to", &to)];
    let mut bins: BTreeMap<Key, [Vec<(Bin, u64)>; 2]> = BTreeMap::new();
    for row in session.rows(BINS, &ends).await? {
        let is_client: bool = row.try_get(5)?;
        let held = bins.entry(key(&row)?).or_default();
        held[usize::from(!is_client)].push((Bin(row.try_get(6)?), count(&row, 7)?));
    }
    let rows = session.rows(CALLS, &ends).await?;
    let fact = |row: &Row| -> Outcome<CallFact> {
        let key = key(row)?;
        let [client_bins, server_bins] = bins.remove(&key).unwrap_or_default();
        let (_, _, is_asynchronous, is_scaled, origin) = key;
        Ok(CallFact {
            client: entity(row, 0)?,
            server: entity(row, 1)?,
            is_asynchronous,
            is_scaled,
            origin,
            calls: count(row, 5)?,
            errors: count(row, 6)?,
            client_bins,
            server_bins,
            first: Micros(row.try_get(7)?),
            last: Micros(row.try_get(8)?),
        })
    };
    rows.iter().map(fact).collect()
}

fn key(row: &Row) -> Outcome<Key> {
    Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?, row.try_get(4)?))
}

/// What became of requests in which calls failed.
pub async fn outcomes(session: &Session, (from, to): (i64, i64)) -> Outcome<Vec<CallOutcomeFact>> {
    let rows = session.rows(OUTCOMES, &[("from", &from), ("to", &to)]).await?;
    let fact = |row: &Row| -> Outcome<CallOutcomeFact> {
        Ok(CallOutcomeFact {
            client: entity(row, 0)?,
            server: entity(row, 1)?,
            failures: count(row, 2)?,
            requests: count(row, 3)?,
            survived: count(row, 4)?,
        })
    };
    rows.iter().map(fact).collect()
}

/// Spans without a parent.
pub async fn roots(session: &Session, (from, to): (i64, i64)) -> Outcome<Vec<RootFact>> {
    let mut facts: Vec<RootFact> = Vec::new();
    for row in session.rows(ROOTS, &[("from", &from), ("to", &to)]).await? {
        let (service, kind) = (entity(&row, 0)?, kind_of(row.try_get(1)?)?);
        let is_scaled: bool = row.try_get(2)?;
        let (requests, errors) = (count(&row, 4)?, count(&row, 5)?);
        let bin = (Bin(row.try_get(3)?), requests);
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
pub async fn trace_ids(
    session: &Session,
    (from, to): (i64, i64),
    limit: usize,
) -> Outcome<TraceIds> {
    let since = from.saturating_sub(Micros::HOUR);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let parameters: [Parameter<'_>; 4] =
        [("since", &since), ("from", &from), ("to", &to), ("limit", &limit)];
    let mut found = TraceIds::default();
    for row in session.rows(TRACE_IDS, &parameters).await? {
        found.traces.push(bytes(&row, 0)?);
        found.total = count(&row, 1)?;
    }
    Ok(found)
}

/// Whole traces.
pub async fn traces(session: &Session, traces: &[[u8; 16]]) -> Outcome<Vec<TraceFact>> {
    bounded(traces)?;
    let asked = listed(traces);
    let mut found: Vec<TraceFact> = Vec::new();
    for row in session.rows(TRACES, &[("traces", &asked)]).await? {
        let (trace, span): ([u8; 16], SpanFact) = (bytes(&row, 0)?, span_of(&row)?);
        match found.last_mut() {
            Some(last) if last.trace == trace => last.spans.push(span),
            _ => found.push(TraceFact { trace, spans: vec![span] }),
        }
    }
    Ok(found)
}

fn span_of(row: &Row) -> Outcome<SpanFact> {
    Ok(SpanFact {
        span: u64::from_be_bytes(bytes(row, 1)?),
        parent: u64::from_be_bytes(bytes(row, 2)?),
        service: entity(row, 3)?,
        name: row.try_get(4)?,
        kind: kind_of(row.try_get(5)?)?,
        start: Micros(row.try_get(6)?),
        end: Micros(row.try_get(7)?),
        is_error: row.try_get(8)?,
        sampling_probability: row.try_get(9)?,
    })
}
