//! Facts about calls over time: calls of pairs and requests without a caller, in buckets.

use std::collections::BTreeMap;

use model::fact::{CallBucket, CallSeriesFact, CallSeriesQuery, RootBucket, RootSeriesFact};
use model::series::Bin;
use model::{EntityId, Micros};
use tokio_postgres::Row;

use super::row::{count, entities, entity};
use crate::postgres::connection::Session;
use crate::postgres::error::Outcome;
use crate::postgres::statement::{Parameter, Statement, statement};
use crate::postgres::telemetry::span::kind_of;

const CALLS: Statement = statement!("call_series");
const BINS: Statement = statement!("call_series_bins");
const ROOTS: Statement = statement!("root_series");

/// Client, server, way, scaling, origin.
type Key = (i64, i64, bool, bool, String);

/// Callers' and callees' durations.
type Bins = [Vec<(Bin, u64)>; 2];

/// Calls of each pair in buckets.
pub async fn calls(
    session: &Session,
    (from, to): (i64, i64),
    query: &CallSeriesQuery,
) -> Outcome<Vec<CallSeriesFact>> {
    let step = query.step.max(Micros::MINUTE);
    let (clients, servers) = (entities(&query.clients), entities(&query.servers));
    let parameters: [Parameter<'_>; 5] = [
        ("from", &from),
        ("to", &to),
        ("step", &step),
        ("clients", &clients),
        ("servers", &servers),
    ];
    let mut bins = match query.with_bins {
        true => call_bins(session, &parameters).await?,
        false => BTreeMap::new(),
    };
    let mut facts: Vec<(Key, Vec<CallBucket>)> = Vec::new();
    for row in session.rows(CALLS, &parameters).await? {
        let (key, at) = (key(&row)?, row.try_get(5)?);
        let [client_bins, server_bins] =
            bins.get_mut(&key).and_then(|held| held.remove(&at)).unwrap_or_default();
        let (calls, errors) = (count(&row, 6)?, count(&row, 7)?);
        let bucket = CallBucket { at: Micros(at), calls, errors, client_bins, server_bins };
        match facts.last_mut() {
            Some((last, buckets)) if *last == key => buckets.push(bucket),
            _ => facts.push((key, vec![bucket])),
        }
    }
    let fact = |((client, server, is_asynchronous, is_scaled, origin), buckets): (Key, _)| {
        CallSeriesFact {
            client: EntityId(client as u64),
            server: EntityId(server as u64),
            is_asynchronous,
            is_scaled,
            origin,
            buckets,
        }
    };
    Ok(facts.into_iter().map(fact).collect())
}

async fn call_bins(
    session: &Session,
    parameters: &[Parameter<'_>],
) -> Outcome<BTreeMap<Key, BTreeMap<i64, Bins>>> {
    let mut bins: BTreeMap<Key, BTreeMap<i64, Bins>> = BTreeMap::new();
    for row in session.rows(BINS, parameters).await? {
        let is_client: bool = row.try_get(6)?;
        let held = bins.entry(key(&row)?).or_default().entry(row.try_get(5)?).or_default();
        held[usize::from(!is_client)].push((Bin(row.try_get(7)?), count(&row, 8)?));
    }
    Ok(bins)
}

fn key(row: &Row) -> Outcome<Key> {
    Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?, row.try_get(4)?))
}

/// Spans without a parent in buckets.
pub async fn roots(
    session: &Session,
    (from, to): (i64, i64),
    query: &CallSeriesQuery,
) -> Outcome<Vec<RootSeriesFact>> {
    let step = query.step.max(Micros::MINUTE);
    let servers = entities(&query.servers);
    let parameters: [Parameter<'_>; 4] =
        [("from", &from), ("to", &to), ("step", &step), ("servers", &servers)];
    let mut facts: Vec<RootSeriesFact> = Vec::new();
    for row in session.rows(ROOTS, &parameters).await? {
        let (service, kind) = (entity(&row, 0)?, kind_of(row.try_get(1)?)?);
        let (is_scaled, at): (bool, i64) = (row.try_get(2)?, row.try_get(3)?);
        let (requests, errors) = (count(&row, 5)?, count(&row, 6)?);
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
            bucket.bins.push((Bin(row.try_get(4)?), requests));
        }
    }
    Ok(facts)
}
