//! Facts about calls over time: calls of pairs and requests without a caller, in buckets.

use std::collections::BTreeMap;

use duckdb::{Connection, Row};
use model::fact::{CallBucket, CallSeriesFact, CallSeriesQuery, RootBucket, RootSeriesFact};
use model::series::Bin;
use model::{EntityId, Micros};

use crate::error::Outcome;
use crate::read::statement::{filled, number};
use crate::recorded::prepared;
use crate::telemetry::span::kind_of;

/// Client, server, way, scaling, origin.
type Key = (u64, u64, bool, bool, String);

/// Callers' and callees' durations.
type Bins = [Vec<(Bin, u64)>; 2];

/// The statement with the ends of the window, the step and the asked entities written in.
fn stated(sql: &str, (from, to): (i64, i64), query: &CallSeriesQuery) -> String {
    let step = number(query.step.max(Micros::MINUTE));
    let names = [
        ("from", number(from)),
        ("to", number(to)),
        ("step", step),
        ("client", condition("client.entity", &query.clients)),
        ("server", condition("server.entity", &query.servers)),
    ];
    let names: Vec<(&str, &str)> =
        names.iter().map(|(name, text)| (*name, text.as_str())).collect();
    filled(sql, &names)
}

/// A condition that holds for the asked entities; none are asked for all.
fn condition(column: &str, asked: &[EntityId]) -> String {
    if asked.is_empty() {
        return "true".to_owned();
    }
    let ids: Vec<String> = asked.iter().map(|id| id.0.to_string()).collect();
    format!("{column} IN (SELECT unnest(string_split('{}', ','))::UBIGINT)", ids.join(","))
}

/// Calls of each pair in buckets.
pub fn calls(
    conn: &Connection,
    range: (i64, i64),
    query: &CallSeriesQuery,
) -> Outcome<Vec<CallSeriesFact>> {
    let mut bins = match query.with_bins {
        true => call_bins(conn, range, query)?,
        false => BTreeMap::new(),
    };
    let mut statement =
        prepared(conn, "call_series", &stated(include_str!("call_series.sql"), range, query))?;
    let mut rows = statement.query([])?;
    let mut facts: Vec<(Key, Vec<CallBucket>)> = Vec::new();
    while let Some(row) = rows.next()? {
        let (key, at) = (key(row)?, row.get(5)?);
        let [client_bins, server_bins] =
            bins.get_mut(&key).and_then(|held| held.remove(&at)).unwrap_or_default();
        let (calls, errors) = (row.get(6)?, row.get(7)?);
        let bucket = CallBucket { at: Micros(at), calls, errors, client_bins, server_bins };
        match facts.last_mut() {
            Some((last, buckets)) if *last == key => buckets.push(bucket),
            _ => facts.push((key, vec![bucket])),
        }
    }
    let fact = |((client, server, is_asynchronous, is_scaled, origin), buckets)| CallSeriesFact {
        client: EntityId(client),
        server: EntityId(server),
        is_asynchronous,
        is_scaled,
        origin,
        buckets,
    };
    Ok(facts.into_iter().map(fact).collect())
}

fn call_bins(
    conn: &Connection,
    range: (i64, i64),
    query: &CallSeriesQuery,
) -> Outcome<BTreeMap<Key, BTreeMap<i64, Bins>>> {
    let mut bins: BTreeMap<Key, BTreeMap<i64, Bins>> = BTreeMap::new();
    let sql = stated(include_str!("call_series_bins.sql"), range, query);
    let mut statement = prepared(conn, "call_series_bins", &sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let is_client: bool = row.get(6)?;
        let held = bins.entry(key(row)?).or_default().entry(row.get(5)?).or_default();
        held[usize::from(!is_client)].push((Bin(row.get(7)?), row.get(8)?));
    }
    Ok(bins)
}

fn key(row: &Row<'_>) -> Outcome<Key> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
}

/// Spans without a parent in buckets.
pub fn roots(
    conn: &Connection,
    range: (i64, i64),
    query: &CallSeriesQuery,
) -> Outcome<Vec<RootSeriesFact>> {
    let mut statement =
        prepared(conn, "root_series", &stated(include_str!("root_series.sql"), range, query))?;
    let mut rows = statement.query([])?;
    let mut facts: Vec<RootSeriesFact> = Vec::new();
    while let Some(row) = rows.next()? {
        let (service, kind) = (EntityId(row.get(0)?), kind_of(row.get(1)?)?);
        let (is_scaled, at): (bool, i64) = (row.get(2)?, row.get(3)?);
        let (requests, errors): (u64, u64) = (row.get(5)?, row.get(6)?);
        let is_same = |one: &RootSeriesFact| {
            (one.service, one.kind, one.is_scaled) == (service, kind, is_scaled)
        };
        if !facts.last().is_some_and(is_same) {
            facts.push(RootSeriesFact { service, kind, is_scaled, buckets: Vec::new() });
        }
        let Some(fact) = facts.last_mut() else { continue };
        if fact.buckets.last().is_none_or(|bucket| bucket.at != Micros(at)) {
            fact.buckets.push(RootBucket { at: Micros(at), ..RootBucket::default() });
        }
        let Some(bucket) = fact.buckets.last_mut() else { continue };
        bucket.requests = bucket.requests.saturating_add(requests);
        bucket.errors = bucket.errors.saturating_add(errors);
        if query.with_bins {
            bucket.bins.push((Bin(row.get(4)?), requests));
        }
    }
    Ok(facts)
}
