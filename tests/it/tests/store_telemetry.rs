//! The `Telemetry` seam of each store against naive oracles over plain vectors.

mod age;
mod agree;
mod charges;
mod promql;
mod records;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use libtest_mimic::{Failed, Trial};
use model::entity::Labels;
use model::fact::{SeriesQuery, SignalQuery};
use model::input::{InputRecord, ObservedBy};
use model::resolution::{Sequence, SubjectWrite, TelemetryWrite, WriteOutcome};
use model::retention::{Retention, RetentionOutcome};
use model::scope::{OrgScope, Place};
use model::seam::{ReadContext, Telemetry};
use model::series::{Point, SeriesObservation, SeriesType};
use model::{EntityId, EntityKind, Micros, Reference, Scope, Window};
use tokio_util::sync::CancellationToken;

use crate::contract::{self, Done, Named, Opened, Pair, Site, TELEMETRIES};

/// An instant on a whole hour.
const START: i64 = 1_760_000_400_000_000 - 1_760_000_400_000_000 % Micros::HOUR;

/// The trials of this module.
pub fn trials() -> Vec<Trial> {
    let named: [Named; 21] = [
        ("rollups and raw values agree in any order of writes", orders_agree),
        ("a conflicting sample: the later observation wins", conflicts),
        ("counters rise over resets and boundaries", counters),
        ("bins count as sorted values do", bins),
        ("deliveries replace, are held and superseded in any order", charges::deliveries),
        ("sums are exact and say which rows lack the value", charges::sums),
        ("a known sequence changes nothing", known_sequence),
        ("a charge counts from its end on in the past", charges::past),
        ("charges follow window and owner between writes", charges::followed),
        ("the marker of an end is no value", age::ends),
        ("retention keeps what rollups hold, and later rows come too late", age::retention),
        ("a sample of the future takes nothing away", age::future),
        ("native histograms count what came since", age::native_histograms),
        ("the past holds what was measured by then", age::past),
        ("spans are held once and found by trace", records::spans),
        ("calls of another tool are set", records::edges),
        ("events are told newest first, as last observed", records::events),
        ("values and budgets are one row a key", records::stated),
        ("records are read by window, by the past and by whose they are", records::read),
        ("calls and traces are those of the embedded store", agree::calls),
        ("charges and durations are those of the embedded store", agree::amounts),
    ];
    let of = |(name, run): Named| {
        contract::trials(TELEMETRIES, &format!("store_telemetry: {name}"), run)
    };
    named.into_iter().flat_map(of).chain(promql::trials()).collect()
}

/// A store in a folder of its own, with a runtime and the number of the last write.
struct Bench {
    runtime: tokio::runtime::Runtime,
    telemetry: Arc<dyn Telemetry>,
    store: Opened,
    _site: Site,
    number: u64,
}

impl Bench {
    fn new(pair: Pair) -> Result<Self, Failed> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let site = runtime.block_on(Site::new(pair))?;
        let store = runtime.block_on(site.open())?;
        let telemetry = store.telemetry();
        Ok(Self { runtime, telemetry, store, _site: site, number: 0 })
    }

    fn write(&mut self, mut write: TelemetryWrite) -> Result<WriteOutcome, Failed> {
        self.number += 1;
        write.sequence.number = self.number;
        Ok(self.runtime.block_on(self.telemetry.write(write))?)
    }

    fn retain(&self, retention: Retention, now: Micros) -> Result<RetentionOutcome, Failed> {
        self.runtime.block_on(self.store.retain(retention, now))
    }

    fn series(&self, from: i64, to: i64, step: i64) -> Result<Vec<[f64; 7]>, Failed> {
        let query = SeriesQuery {
            entities: vec![EntityId(1)],
            signals: Vec::new(),
            metrics: Vec::new(),
            window: Window { from: Micros(from).timestamp(), to: Micros(to).timestamp() },
            step,
            limit: 10,
        };
        let facts = self.runtime.block_on(self.telemetry.series(&context(), query))?;
        let buckets = facts.iter().flat_map(|fact| &fact.buckets);
        Ok(buckets
            .map(|one| {
                let at = (one.at.0 - START) as f64;
                let count = one.count as f64;
                [at, count, one.sum, one.min, one.max, one.last, one.increase]
            })
            .collect())
    }
}

fn context() -> ReadContext {
    ReadContext {
        as_of: None,
        org_scope: OrgScope::Everything,
        deadline: Instant::now() + Duration::from_secs(60),
        cancel: CancellationToken::new(),
    }
}

fn write_of(hash: &str, observed_at: i64) -> TelemetryWrite {
    TelemetryWrite {
        sequence: Sequence { journal: "test".into(), number: 0 },
        input: InputRecord {
            name: hash.into(),
            content_hash: hash.into(),
            format: "test".into(),
            source: "test".into(),
            observed_at: Micros(observed_at),
            observed_by: ObservedBy::Stated,
            received_at: Micros(START + 1000 * Micros::DAY),
        },
        subjects: vec![SubjectWrite {
            id: EntityId(1),
            entity: EntityId(1),
            canonical: "service://_/_/one".into(),
            kind: EntityKind::Service,
            name: "one".into(),
            scope: Scope::default(),
            owner: Some("org://team/one".into()),
            application: None,
        }],
        series: Vec::new(),
        spans: Vec::new(),
        edges: Vec::new(),
        edges_paired: Vec::new(),
        edges_unpaired: Vec::new(),
        logs: Vec::new(),
        delivery: None,
        charges: Vec::new(),
        incidents: Vec::new(),
        changes: Vec::new(),
        findings: Vec::new(),
        values: Vec::new(),
        budgets: Vec::new(),
        stated: Vec::new(),
        ownership: Vec::new(),
        is_last: true,
    }
}

fn samples(points: &[(i64, f64)], series_type: SeriesType, observed_at: i64) -> TelemetryWrite {
    let mut write = write_of("samples", observed_at);
    write.series.push((
        EntityId(1),
        SeriesObservation {
            subject: Reference::id("service://_/_/one"),
            metric: "measured".into(),
            labels: Labels::new(),
            signal: Some("latency_seconds".into()),
            signal_factor: 1.0,
            unit: None,
            series_type,
            points: points
                .iter()
                .map(|(at, value)| Point { at: Micros(*at), value: *value, is_stale: false })
                .collect(),
            histograms: Vec::new(),
        },
    ));
    write
}

/// Numbers that look random, the same every time.
fn draws(count: usize) -> impl Iterator<Item = u64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    (0..count).map(move |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    })
}

/// Values every 7 minutes over three days, with falls.
fn measured() -> Vec<(i64, f64)> {
    let mut level = 0.0;
    draws(600)
        .enumerate()
        .map(|(position, draw)| {
            level = if draw % 50 == 0 { 1.0 } else { level + (draw % 16) as f64 };
            (START + position as i64 * 7 * Micros::MINUTE, level)
        })
        .collect()
}

/// Buckets as their definition says, from sorted values.
fn naive(points: &[(i64, f64)], from: i64, to: i64, step: i64) -> Vec<[f64; 7]> {
    let mut buckets: BTreeMap<i64, [f64; 7]> = BTreeMap::new();
    let mut before: Option<f64> = None;
    for (at, value) in points {
        let rise =
            before.map_or(0.0, |before| if *value >= before { value - before } else { *value });
        before = Some(*value);
        if *at < from || *at >= to {
            continue;
        }
        let start = at - at.rem_euclid(step);
        let fresh = [(start - START) as f64, 0.0, 0.0, f64::INFINITY, f64::NEG_INFINITY, 0.0, 0.0];
        let bucket = buckets.entry(start).or_insert(fresh);
        bucket[1] += 1.0;
        bucket[2] += value;
        bucket[3] = bucket[3].min(*value);
        bucket[4] = bucket[4].max(*value);
        bucket[5] = *value;
        bucket[6] += rise;
    }
    buckets.into_values().collect()
}

fn same(found: &[[f64; 7]], expected: &[[f64; 7]], what: &str) -> Done {
    if found == expected {
        return Ok(());
    }
    let first = found.iter().zip(expected).find(|(one, other)| one != other);
    Err(format!("{what}: {} of {} buckets, {first:?}", found.len(), expected.len()).into())
}

fn orders_agree(pair: Pair) -> Done {
    let points = measured();
    let mut shuffled = points.clone();
    let mut keys: Vec<u64> = draws(points.len()).collect();
    for last in (1..shuffled.len()).rev() {
        shuffled.swap(last, (keys.pop().unwrap_or(0) % (last as u64 + 1)) as usize);
    }
    let reversed: Vec<_> = points.iter().rev().copied().collect();
    for (name, order) in [("in order", &points), ("shuffled", &shuffled), ("reversed", &reversed)] {
        for size in [37, 600] {
            let mut bench = Bench::new(pair)?;
            for (number, chunk) in order.chunks(size).enumerate() {
                let mut write = samples(chunk, SeriesType::Counter, 5);
                // Some hours stay dirty and some open, so that every kind of reading is met.
                write.is_last = number % 3 == 0;
                bench.write(write)?;
            }
            let again = bench.write(samples(order, SeriesType::Counter, 5))?;
            if !again.added.is_empty() || !again.changed.is_empty() {
                return Err(format!("{name}: the same again changed {again:?}").into());
            }
            let end = START + 600 * 7 * Micros::MINUTE;
            for step in [Micros::HOUR, 6 * Micros::HOUR, 20 * Micros::MINUTE] {
                for from in [START, START + 90 * Micros::MINUTE, START + 26 * Micros::HOUR] {
                    let found = bench.series(from, end, step)?;
                    same(
                        &found,
                        &naive(&points, from, end, step),
                        &format!("{name} {size} {step}"),
                    )?;
                }
            }
        }
    }
    Ok(())
}

fn conflicts(pair: Pair) -> Done {
    let at = START + Micros::MINUTE;
    let versions = [(3.0, 10), (7.0, 20), (5.0, 20), (3.0, 15), (9.0, 12)];
    for turn in 0..versions.len() {
        let mut bench = Bench::new(pair)?;
        let mut order = versions;
        order.rotate_left(turn);
        for (value, observed_at) in order {
            bench.write(samples(
                &[(at, value), (at + Micros::DAY, 1.0)],
                SeriesType::Gauge,
                observed_at,
            ))?;
        }
        let found = bench.series(START, START + Micros::HOUR, Micros::HOUR)?;
        if found.len() != 1 || found[0][1] != 1.0 || found[0][2] != 7.0 {
            return Err(format!("turn {turn}: {found:?}").into());
        }
    }
    Ok(())
}

fn signals(bench: &Bench, from: i64, to: i64) -> Result<Vec<model::fact::SignalFact>, Failed> {
    let query = SignalQuery {
        place: Place::default(),
        unit: Vec::new(),
        kinds: Vec::new(),
        entities: Vec::new(),
        signals: vec!["latency_seconds".into()],
        window: Window { from: Micros(from).timestamp(), to: Micros(to).timestamp() },
    };
    Ok(bench.runtime.block_on(bench.telemetry.signals(&context(), query))?)
}

fn counters(pair: Pair) -> Done {
    let points = measured();
    let mut bench = Bench::new(pair)?;
    bench.write(samples(&points, SeriesType::Counter, 5))?;
    let (from, to) = (START + 100 * Micros::MINUTE, START + 50 * Micros::HOUR);
    let inside: Vec<f64> =
        points.iter().filter(|(at, _)| (from..to).contains(at)).map(|(_, value)| *value).collect();
    let rise: f64 =
        inside.windows(2).map(|two| if two[1] >= two[0] { two[1] - two[0] } else { two[1] }).sum();
    let found = signals(&bench, from, to)?;
    let newest = points.iter().map(|(at, _)| *at).max();
    match found.as_slice() {
        [one]
            if one.increase == rise
                && one.count == inside.len() as u64
                && Some(one.newest.0) == newest =>
        {
            Ok(())
        }
        other => Err(format!("{rise}: {other:?}").into()),
    }
}

fn bins(pair: Pair) -> Done {
    let points: Vec<(i64, f64)> = measured()
        .into_iter()
        .zip(draws(600))
        .map(|((at, _), draw)| (at, (draw % 100_000) as f64 / 7_000.0))
        .collect();
    let mut bench = Bench::new(pair)?;
    bench.write(samples(&points, SeriesType::Gauge, 5))?;
    let found = signals(&bench, START + 100 * Micros::MINUTE, START + 60 * Micros::HOUR)?;
    let mut sorted: Vec<f64> = points
        .iter()
        .filter(|(at, _)| *at >= START + 100 * Micros::MINUTE && *at < START + 60 * Micros::HOUR)
        .map(|(_, value)| *value)
        .collect();
    sorted.sort_by(f64::total_cmp);
    let one = found.first().ok_or("no series")?;
    let counted: u64 = one.bins.iter().map(|(_, count)| count).sum();
    if counted != sorted.len() as u64 {
        return Err(format!("{counted} of {}", sorted.len()).into());
    }
    for share in [0.5, 0.95, 0.99] {
        let rank = (share * sorted.len() as f64).ceil() as u64;
        let mut passed = 0;
        let bin = one.bins.iter().find(|(_, count)| {
            passed += count;
            passed >= rank
        });
        let (exact, near) = (sorted[rank as usize - 1], bin.ok_or("no bin")?.0.value());
        if (near - exact).abs() > exact * 0.0101 {
            return Err(format!("p{share}: {near} for {exact}").into());
        }
    }
    Ok(())
}

fn known_sequence(pair: Pair) -> Done {
    let mut bench = Bench::new(pair)?;
    let first = bench.write(samples(&measured(), SeriesType::Gauge, 5))?;
    if first.added.get("sample") != Some(&600) || first.added.get("series") != Some(&1) {
        return Err(format!("{first:?}").into());
    }
    bench.number -= 1;
    let again = bench.write(samples(&[(START + 1, 2.0)], SeriesType::Gauge, 9))?;
    let expected = WriteOutcome { is_known: true, ..WriteOutcome::default() };
    if again == expected { Ok(()) } else { Err(format!("{again:?}").into()) }
}
