//! Facts of `system_metrics` and of charts: series condensed over a window or in buckets. Whole hours
//! are read from rollups, the window's ends and what is open or dirty raw.

mod bucket;

use std::collections::{BTreeMap, HashMap};

use model::Micros;
use model::fact::{
    DurationSeriesFact, SeriesBucket, SeriesFact, SeriesQuery, SignalFact, SignalQuery,
};
use model::kind::EntityKind;
use model::seam::ReadContext;
use model::series::{Bin, SeriesType};
use tokio_postgres::Row;

use super::row::{entities, entity, org, scope};
use crate::postgres::connection::Session;
use crate::postgres::error::{Failure, Outcome};
use crate::postgres::number::texts;
use crate::postgres::statement::{Parameter, Statement, shared_statement, statement};
use crate::postgres::telemetry::NEVER;

use bucket::{Bucket, Ids, Plan, WHOLE, bins, buckets, newest};

const ASKED: Statement = statement!("system_metrics_series");
const DIRTY: Statement = shared_statement!("read/system_metrics_dirty");
const LEVELS: Statement = statement!("system_metrics_levels");
const COUNTERS: Statement = statement!("system_metrics_counters");
const DURATIONS: Statement = statement!("system_metrics_durations");
const HAS_HISTOGRAM: Statement = shared_statement!("read/system_metrics_has_histogram");
const HISTOGRAMS: Statement = statement!("system_metrics_histograms");
const NEWEST: Statement = statement!("system_metrics_newest");

/// Most series that one read of signals gives.
const SIGNALS_MAX: usize = 200_000;

/// A series with whom it is of.
struct Asked {
    id: i32,
    factor: f64,
    unit: Option<String>,
    fact: SignalFact,
}

/// Each asked series, condensed over the window.
pub async fn signals(
    session: &Session,
    ctx: &ReadContext,
    query: &SignalQuery,
) -> Outcome<Vec<SignalFact>> {
    let plan = Plan::of(session, ctx, query.window, WHOLE).await?;
    let mut asked = asked_signals(session, ctx, query).await?;
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let ids = ids(&asked);
    let places: HashMap<i32, usize> =
        asked.iter().enumerate().map(|(place, one)| (one.id, place)).collect();
    let place = |series: i32| places.get(&series).copied();
    for bucket in buckets(session, &ids, plan).await? {
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
    for one in bins(session, &ids, plan).await? {
        if let Some(held) = place(one.series).and_then(|place| asked.get_mut(place)) {
            held.fact.bins.push((one.bin, one.count));
        }
    }
    let last: Vec<(i32, Option<i64>)> = asked
        .iter()
        .map(|one| (one.id, Some(one.fact.last.0.0).filter(|_| one.fact.count > 0)))
        .collect();
    let to = ctx.as_of.map_or(i64::MAX, |as_of| as_of.plus(1).0);
    let newest = newest(session, plan, &last, to).await?;
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
pub async fn series(
    session: &Session,
    ctx: &ReadContext,
    query: &SeriesQuery,
) -> Outcome<Vec<SeriesFact>> {
    let plan = Plan::of(session, ctx, query.window, query.step.max(1)).await?;
    let asked = asked_series(session, ctx, query).await?;
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: HashMap<i32, Vec<Bucket>> = HashMap::new();
    for bucket in buckets(session, &ids(&asked), plan).await? {
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
pub async fn durations(
    session: &Session,
    ctx: &ReadContext,
    query: &SeriesQuery,
) -> Outcome<Vec<DurationSeriesFact>> {
    let plan = Plan::of(session, ctx, query.window, query.step.max(1)).await?;
    let asked = asked_series(session, ctx, query).await?;
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: HashMap<i32, BTreeMap<i64, BTreeMap<Bin, u64>>> = HashMap::new();
    for one in bins(session, &ids(&asked), plan).await? {
        let buckets = found.entry(one.series).or_default();
        let count = buckets.entry(one.at).or_default().entry(one.bin).or_default();
        *count = count.saturating_add(one.count);
    }
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

async fn asked_signals(
    session: &Session,
    ctx: &ReadContext,
    query: &SignalQuery,
) -> Outcome<Vec<Asked>> {
    let kinds: Vec<&str> = query.kinds.iter().map(|kind| kind.as_str()).collect();
    let (asked, units) = (entities(&query.entities), org(ctx));
    let (place, none) = (&query.place, Vec::<String>::new());
    let (signals, limit) = (texts(&query.signals), SIGNALS_MAX as i64);
    let parameters: [Parameter<'_>; 13] = [
        ("with_signal", &true),
        ("signals", &signals),
        ("metrics", &none),
        ("kinds", &kinds),
        ("entities", &asked),
        ("account", &texts(&place.account)),
        ("region", &texts(&place.region)),
        ("cluster", &texts(&place.cluster)),
        ("namespace", &texts(&place.namespace)),
        ("environment", &texts(&place.environment)),
        ("unit", &texts(&query.unit)),
        ("org", &texts(&units)),
        ("limit", &limit),
    ];
    session.rows(ASKED, &parameters).await?.iter().map(asked_from_row).collect()
}

async fn asked_series(
    session: &Session,
    ctx: &ReadContext,
    query: &SeriesQuery,
) -> Outcome<Vec<Asked>> {
    let (asked, units, none) = (entities(&query.entities), org(ctx), Vec::<String>::new());
    let limit = query.limit.min(SIGNALS_MAX) as i64;
    let parameters: [Parameter<'_>; 13] = [
        ("with_signal", &false),
        ("signals", &texts(&query.signals)),
        ("metrics", &texts(&query.metrics)),
        ("kinds", &none),
        ("entities", &asked),
        ("account", &none),
        ("region", &none),
        ("cluster", &none),
        ("namespace", &none),
        ("environment", &none),
        ("unit", &none),
        ("org", &texts(&units)),
        ("limit", &limit),
    ];
    session.rows(ASKED, &parameters).await?.iter().map(asked_from_row).collect()
}

fn asked_from_row(row: &Row) -> Outcome<Asked> {
    let never = (Micros(NEVER), 0.0);
    let kind: String = row.try_get(3)?;
    Ok(Asked {
        id: row.try_get(0)?,
        factor: row.try_get(18)?,
        unit: row.try_get(19)?,
        fact: SignalFact {
            entity: entity(row, 1)?,
            id: row.try_get(2)?,
            kind: kind.parse::<EntityKind>().map_err(Failure::Row)?,
            name: row.try_get(4)?,
            scope: scope(row, 5)?,
            owner: row.try_get(11)?,
            application: row.try_get(12)?,
            signal: row.try_get::<_, Option<String>>(13)?.unwrap_or_default(),
            metric: row.try_get(14)?,
            labels: serde_json::from_str(&row.try_get::<_, String>(15)?)?,
            series_type: series_type(&row.try_get::<_, String>(16)?)?,
            source: row.try_get(17)?,
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
