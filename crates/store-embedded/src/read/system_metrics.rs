//! Facts of `system_metrics` and of charts: series condensed over a window or in buckets. Whole hours
//! are read from rollups, the window's ends and what is open or dirty raw.

mod bucket;
mod fold;

use std::collections::{BTreeMap, HashMap};

use duckdb::{Connection, Row, named_params};
use model::fact::{
    DurationSeriesFact, SeriesBucket, SeriesFact, SeriesQuery, SignalFact, SignalQuery,
};
use model::kind::EntityKind;
use model::seam::ReadContext;
use model::series::{Bin, SeriesType};
use model::{EntityId, Micros, Scope};

use crate::error::{Failure, Outcome};
use crate::read::cost_analysis::{joined, org};
use crate::recorded::cached;
use crate::telemetry::state::NEVER;

use bucket::{Bucket, Ids, Plan, WHOLE, bins, buckets, newest};

/// Most series that one read of signals gives.
const SIGNALS_MAX: usize = 200_000;

/// A series with whom it is of.
struct Asked {
    id: u32,
    factor: f64,
    unit: Option<String>,
    fact: SignalFact,
}

/// Each asked series, condensed over the window.
pub fn signals(
    conn: &Connection,
    ctx: &ReadContext,
    query: &SignalQuery,
) -> Outcome<Vec<SignalFact>> {
    let plan = Plan::of(conn, ctx, query.window, WHOLE)?;
    let mut asked = asked_signals(conn, ctx, query)?;
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let ids = ids(&asked);
    let places: HashMap<u32, usize> =
        asked.iter().enumerate().map(|(place, one)| (one.id, place)).collect();
    let place = |series: u32| places.get(&series).copied();
    for bucket in buckets(conn, &ids, plan)? {
        if let Some(one) = place(bucket.series).and_then(|place| asked.get_mut(place)) {
            let bucket = scaled(bucket, one.factor);
            one.fact.count = bucket.count;
            one.fact.sum = bucket.sum;
            one.fact.min = bucket.min;
            one.fact.max = bucket.max;
            one.fact.first = (Micros(bucket.first.0), bucket.first.1);
            one.fact.last = (Micros(bucket.last.0), bucket.last.1);
            one.fact.increase = bucket.increase;
        }
    }
    bins(conn, &ids, plan, &mut |one| {
        if let Some(held) = place(one.series).and_then(|place| asked.get_mut(place)) {
            held.fact.bins.push((one.bin, one.count));
        }
    })?;
    let last: Vec<(u32, Option<i64>)> = asked
        .iter()
        .map(|one| (one.id, Some(one.fact.last.0.0).filter(|_| one.fact.count > 0)))
        .collect();
    let to = ctx.as_of.map_or(i64::MAX, |as_of| as_of.plus(1).0);
    let newest = newest(conn, plan, &last, to)?;
    for one in &mut asked {
        if let Some(at) = newest.get(&one.id) {
            one.fact.newest = Micros(*at);
        }
    }
    // A series whose values all came after the instant asked about was not there yet.
    asked.retain(|one| one.fact.newest != Micros(NEVER));
    Ok(asked.into_iter().map(|one| one.fact).collect())
}

/// Each asked series in buckets; buckets begin at whole steps since 1970.
pub fn series(
    conn: &Connection,
    ctx: &ReadContext,
    query: &SeriesQuery,
) -> Outcome<Vec<SeriesFact>> {
    let plan = Plan::of(conn, ctx, query.window, query.step.max(1))?;
    let asked = asked_series(conn, ctx, query)?;
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: HashMap<u32, Vec<Bucket>> = HashMap::new();
    for bucket in buckets(conn, &ids(&asked), plan)? {
        found.entry(bucket.series).or_default().push(bucket);
    }
    let facts = asked.into_iter().map(|one| {
        let buckets = found.remove(&one.id).unwrap_or_default();
        let buckets = buckets.into_iter().map(|bucket| {
            let bucket = scaled(bucket, one.factor);
            SeriesBucket {
                at: Micros(bucket.at),
                count: bucket.count,
                sum: bucket.sum,
                min: bucket.min,
                max: bucket.max,
                last: bucket.last.1,
                increase: bucket.increase,
            }
        });
        let signal = Some(one.fact.signal).filter(|signal| !signal.is_empty());
        let unit = signal.as_deref().and_then(model::signal::signal_of).map(|signal| signal.unit);
        SeriesFact {
            entity: one.fact.entity,
            id: one.fact.id,
            unit: unit.map(str::to_owned).or(one.unit).unwrap_or_default(),
            signal,
            metric: one.fact.metric,
            labels: one.fact.labels,
            series_type: one.fact.series_type,
            source: one.fact.source,
            buckets: buckets.collect(),
        }
    });
    Ok(facts.collect())
}

/// Durations of the asked series by bin, in the same buckets.
pub fn durations(
    conn: &Connection,
    ctx: &ReadContext,
    query: &SeriesQuery,
) -> Outcome<Vec<DurationSeriesFact>> {
    let plan = Plan::of(conn, ctx, query.window, query.step.max(1))?;
    let asked = asked_series(conn, ctx, query)?;
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: HashMap<u32, BTreeMap<i64, BTreeMap<Bin, u64>>> = HashMap::new();
    bins(conn, &ids(&asked), plan, &mut |one| {
        let buckets = found.entry(one.series).or_default();
        let count = buckets.entry(one.at).or_default().entry(one.bin).or_default();
        *count = count.saturating_add(one.count);
    })?;
    let facts = asked.into_iter().filter_map(|one| {
        let buckets = found.remove(&one.id)?;
        let bins = |(at, bins): (i64, BTreeMap<Bin, u64>)| (Micros(at), bins.into_iter().collect());
        Some(DurationSeriesFact {
            entity: one.fact.entity,
            signal: Some(one.fact.signal).filter(|signal| !signal.is_empty()),
            metric: one.fact.metric,
            labels: one.fact.labels,
            source: one.fact.source,
            buckets: buckets.into_iter().map(bins).collect(),
        })
    });
    Ok(facts.collect())
}

/// Values in the signal's unit; a factor below zero turns least and greatest round.
fn scaled(bucket: Bucket, factor: f64) -> Bucket {
    let (low, high) = (bucket.min * factor, bucket.max * factor);
    Bucket {
        sum: bucket.sum * factor,
        min: low.min(high),
        max: low.max(high),
        first: (bucket.first.0, bucket.first.1 * factor),
        last: (bucket.last.0, bucket.last.1 * factor),
        increase: bucket.increase * factor,
        ..bucket
    }
}

/// The asked series by how they are read.
fn ids(asked: &[Asked]) -> Ids {
    let mut ids = Ids::default();
    for one in asked {
        let series_type = one.fact.series_type;
        if matches!(series_type, SeriesType::Counter | SeriesType::Bucket) {
            ids.counters.push(one.id);
        } else {
            ids.levels.push(one.id);
        }
        if series_type == SeriesType::Gauge && one.fact.signal.ends_with("latency_seconds") {
            ids.durations.push(one.id);
        }
    }
    ids
}

fn asked_signals(conn: &Connection, ctx: &ReadContext, query: &SignalQuery) -> Outcome<Vec<Asked>> {
    let kinds: Vec<String> = query.kinds.iter().map(|kind| kind.as_str().to_owned()).collect();
    let parameters = named_params! {
        "with_signal": true,
        "signals": joined(&query.signals),
        "metrics": "",
        "kinds": joined(&kinds),
        "entities": entities(&query.entities),
        "account": joined(&query.place.account),
        "region": joined(&query.place.region),
        "cluster": joined(&query.place.cluster),
        "namespace": joined(&query.place.namespace),
        "environment": joined(&query.place.environment),
        "unit": joined(&query.unit),
        "org": org(ctx),
        "limit": SIGNALS_MAX as i64,
    };
    let sql = include_str!("system_metrics_series.sql");
    let mut statement = cached(conn, "system_metrics_series", sql, parameters)?;
    let mut rows = statement.query(parameters)?;
    asked(&mut rows)
}

fn asked_series(conn: &Connection, ctx: &ReadContext, query: &SeriesQuery) -> Outcome<Vec<Asked>> {
    let parameters = named_params! {
        "with_signal": false,
        "signals": joined(&query.signals),
        "metrics": joined(&query.metrics),
        "kinds": "",
        "entities": entities(&query.entities),
        "account": "",
        "region": "",
        "cluster": "",
        "namespace": "",
        "environment": "",
        "unit": "",
        "org": org(ctx),
        "limit": query.limit.min(SIGNALS_MAX) as i64,
    };
    let sql = include_str!("system_metrics_series.sql");
    let mut statement = cached(conn, "system_metrics_series", sql, parameters)?;
    let mut rows = statement.query(parameters)?;
    asked(&mut rows)
}

fn entities(entities: &[EntityId]) -> String {
    let ids: Vec<String> = entities.iter().map(|id| id.0.to_string()).collect();
    ids.join(",")
}

fn asked(rows: &mut duckdb::Rows<'_>) -> Outcome<Vec<Asked>> {
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(asked_from_row(row)?);
    }
    Ok(found)
}

fn asked_from_row(row: &Row<'_>) -> Outcome<Asked> {
    let never = (Micros(NEVER), 0.0);
    let kind: String = row.get(3)?;
    Ok(Asked {
        id: row.get(0)?,
        factor: row.get(18)?,
        unit: row.get(19)?,
        fact: SignalFact {
            entity: EntityId(row.get(1)?),
            id: row.get(2)?,
            kind: kind.parse::<EntityKind>().map_err(Failure::Row)?,
            name: row.get(4)?,
            scope: scope_from_row(row, 5)?,
            owner: row.get(11)?,
            application: row.get(12)?,
            signal: row.get::<_, Option<String>>(13)?.unwrap_or_default(),
            metric: row.get(14)?,
            labels: serde_json::from_str(&row.get::<_, String>(15)?)?,
            series_type: series_type(&row.get::<_, String>(16)?)?,
            source: row.get(17)?,
            count: 0,
            sum: 0.0,
            min: 0.0,
            max: 0.0,
            first: never,
            last: never,
            increase: 0.0,
            bins: Vec::new(),
            newest: Micros(NEVER),
        },
    })
}

/// The place in six columns from `first` on: account, region, zone, cluster, namespace, environment.
pub fn scope_from_row(row: &Row<'_>, first: usize) -> Outcome<Scope> {
    Ok(Scope {
        account: row.get(first)?,
        region: row.get(first + 1)?,
        zone: row.get(first + 2)?,
        cluster: row.get(first + 3)?,
        namespace: row.get(first + 4)?,
        environment: row.get(first + 5)?,
    })
}

fn series_type(word: &str) -> Outcome<SeriesType> {
    let all = [
        SeriesType::Gauge,
        SeriesType::Counter,
        SeriesType::Delta,
        SeriesType::Bucket,
        SeriesType::Quantile,
    ];
    all.into_iter()
        .find(|one| format!("{one:?}") == word)
        .ok_or_else(|| Failure::Row(format!("`{word}` is no type of series")))
}
