//! The series load at a scale through the telemetry seam of the embedded store: writing, then health over
//! fifteen minutes, charts over thirty days and costs through `analysis::answer` without a cache.
//! `cargo xtask bench series -- --scale 0.1 --draws 100`; scale 1 is 103.68 million samples.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use analysis::{AskContext, Limits, Viewer, question_of};
use anyhow::{Context, Result, bail};
use bench::machine;
use bench::percentile::Times;
use intake::{Intake, Stores};
use model::charge::{BillFormat, ChargeObservation, DeliveryObservation};
use model::entity::{EntityObservation, Labels};
use model::fact::TopologyQuery;
use model::input::{InputRecord, ObservedBy};
use model::resolution::{Sequence, SubjectWrite, TelemetryWrite};
use model::series::{Point, SeriesObservation, SeriesType};
use model::{Amount, Batch, EntityId, EntityKind, Micros, Reference, Scope};
use scenario::series::{ChargeChunk, SIGNALS, SampleChunk, SeriesLoad, service_name};
use serde_json::{Value, json};
use store_embedded::{Options, Store};
use tokio_util::sync::CancellationToken;

/// Seed of the load and of the draws.
const SEED: u64 = 1;
/// End of the load, seconds since 1970: 2026-11-01T10:07:00Z, inside an hour.
const END: i64 = 1_793_527_620;
/// Samples of one write.
const WRITE_ROWS: usize = 250_000;

fn main() -> Result<()> {
    let (mut scale, mut draws) = (0.1_f64, 100_usize);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match (arg.as_str(), args.next()) {
            ("--scale", Some(value)) => scale = value.parse()?,
            ("--draws", Some(value)) => draws = value.parse()?,
            _ => bail!("takes --scale N and --draws N"),
        }
    }
    machine::print();
    let folder = tempfile::tempdir()?;
    let load = SeriesLoad::new(SEED, scale, END);
    println!(
        "load: scale {scale}, {} series, {} samples, {} charges",
        load.series_count(),
        load.sample_count(),
        load.charge_count()
    );
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut options = Options::new(folder.path());
    options.reserve.bytes = 0;
    options.reserve.share = 0.0;
    let store = Store::open(&options)?;
    let services = runtime.block_on(services(&store, &load, folder.path()))?;
    runtime.block_on(write(&store, &load, &services))?;
    drop(store);
    println!("data folder: {} MiB", machine::folder_bytes(folder.path()) >> 20);
    let begun = Instant::now();
    let store = Store::open(&options)?;
    println!("open, page cache warm: {:.2} s", begun.elapsed().as_secs_f64());
    runtime.block_on(questions(&store, &services, draws))
}

/// Puts the services into the topology; gives each one's id and canonical id.
async fn services(
    store: &Store,
    load: &SeriesLoad,
    folder: &std::path::Path,
) -> Result<Vec<(EntityId, String)>> {
    let stores = Stores {
        topology: store.topology(),
        telemetry: store.telemetry(),
        records: store.records(),
    };
    let options = intake::Options {
        folder: folder.join("journal"),
        journal: "bench".to_owned(),
        bounds: intake::journal::Bounds::default(),
    };
    let intake = Intake::open(stores, options).await?;
    let mut batch = Batch::new(record("services"));
    let count = load.series_count() / SIGNALS.len() as u32;
    batch.entities = (0..count)
        .map(|number| {
            let name = service_name(number);
            EntityObservation::new(canonical(&name), EntityKind::Service, name)
        })
        .collect();
    batch.is_last = true;
    let ack = intake.push("bench", vec![batch]).await?;
    intake.wait(&ack).await?;
    intake.shutdown().await;
    let query = TopologyQuery { limit: count as usize + 10, ..TopologyQuery::default() };
    let facts = store.topology().topology(&context(store).read(None), query).await?;
    let mut all: Vec<_> = facts.entities.into_iter().map(|one| (one.entity, one.id)).collect();
    all.sort_by(|a, b| a.1.cmp(&b.1));
    anyhow::ensure!(all.len() == count as usize, "{} of {count} services", all.len());
    Ok(all)
}

fn canonical(name: &str) -> String {
    format!("service://load/_/{name}")
}

async fn write(store: &Store, load: &SeriesLoad, services: &[(EntityId, String)]) -> Result<()> {
    let mut number = 0;
    let telemetry = store.telemetry();
    let chunks = (load.sample_count() as usize).div_ceil(WRITE_ROWS);
    let (mut inside, begun) = (Duration::ZERO, Instant::now());
    for (position, chunk) in load.samples(WRITE_ROWS).enumerate() {
        number += 1;
        let mut write = empty(number, "samples");
        if number == 1 {
            write.subjects = services.iter().map(subject).collect();
        }
        write.series = series(&chunk, load.series_count(), services);
        write.is_last = position + 1 >= chunks;
        let begun = Instant::now();
        telemetry.write(write).await?;
        inside += begun.elapsed();
    }
    let rows = load.sample_count() as f64;
    println!(
        "samples: {:.0}/s with rollups, {:.1} s in the store, {:.1} s with making them",
        rows / inside.as_secs_f64(),
        inside.as_secs_f64(),
        begun.elapsed().as_secs_f64()
    );
    let (mut inside, mut row) = (Duration::ZERO, 0);
    let size = 50_000;
    let chunks = (load.charge_count() as usize).div_ceil(size);
    for (position, chunk) in load.charges(size).enumerate() {
        number += 1;
        let mut write = empty(number, "charges");
        write.delivery = Some(DeliveryObservation {
            format: BillFormat::Focus,
            name: "load".to_owned(),
            exported_at: Some(Micros(END * Micros::SECOND)),
        });
        write.charges = charges(&chunk, &mut row, services);
        write.is_last = position + 1 >= chunks;
        let begun = Instant::now();
        telemetry.write(write).await?;
        inside += begun.elapsed();
    }
    println!("charges: {:.0}/s", load.charge_count() as f64 / inside.as_secs_f64());
    Ok(())
}

fn series(
    chunk: &SampleChunk,
    count: u32,
    services: &[(EntityId, String)],
) -> Vec<(EntityId, SeriesObservation)> {
    let mut all: Vec<(EntityId, SeriesObservation)> = (0..count as usize)
        .map(|number| {
            let (entity, id) = &services[number / SIGNALS.len()];
            let signal = SIGNALS[number % SIGNALS.len()].0;
            let observation = SeriesObservation {
                subject: Reference::id(id.as_str()),
                metric: signal.to_owned(),
                labels: Labels::new(),
                signal: Some(signal.to_owned()),
                signal_factor: 1.0,
                unit: None,
                series_type: SeriesType::Gauge,
                points: Vec::new(),
                histograms: Vec::new(),
            };
            (*entity, observation)
        })
        .collect();
    for ((series, at), value) in chunk.series.iter().zip(&chunk.time).zip(&chunk.value) {
        let point = Point { at: Micros(*at), value: *value, is_stale: false };
        all[*series as usize].1.points.push(point);
    }
    all
}

fn charges(
    chunk: &ChargeChunk,
    row: &mut u64,
    services: &[(EntityId, String)],
) -> Vec<(Option<EntityId>, ChargeObservation)> {
    (0..chunk.day.len())
        .map(|at| {
            *row += 1;
            let start = Micros(chunk.day[at] * Micros::SECOND);
            let charge = ChargeObservation {
                row: *row,
                billing_account: "load".to_owned(),
                sub_account: Some(format!("{:012}", chunk.account[at])),
                sub_account_name: None,
                billing_period_start: Micros((END - END % 86_400 - 90 * 86_400) * Micros::SECOND),
                billing_period_end: Micros(END * Micros::SECOND),
                charge_period_start: start,
                charge_period_end: start.plus(Micros::DAY),
                provider: "Provider".to_owned(),
                publisher: None,
                service: Some(format!("product-{}", chunk.product[at])),
                service_category: None,
                region: None,
                zone: None,
                category: "Usage".to_owned(),
                class: None,
                frequency: None,
                description: None,
                pricing_category: None,
                commitment_id: None,
                commitment_status: None,
                sku: None,
                resource_id: Some(format!("resource-{}", chunk.resource[at])),
                resource_name: None,
                resource_type: None,
                resource: None,
                currency: "EUR".to_owned(),
                billed: Some(Amount(i128::from(chunk.billed[at]) * 100_000_000)),
                effective: Some(Amount(i128::from(chunk.effective[at]) * 100_000_000)),
                list: None,
                contracted: None,
                quantity: None,
                unit: None,
                operation: None,
                tags: Labels::new(),
            };
            (Some(services[chunk.service[at] as usize].0), charge)
        })
        .collect()
}

async fn questions(store: &Store, services: &[(EntityId, String)], draws: usize) -> Result<()> {
    let health = |_: usize| json!({});
    ask(store, "health, 15 minutes, all series", "system_metrics", draws, &health).await?;
    for count in [20_usize, 50] {
        // Whole services: the number of series is the next multiple of a service's.
        let some = count.div_ceil(SIGNALS.len());
        let charts = |draw: usize| {
            let entity: Vec<&str> = (0..some.min(services.len()))
                .map(|one| services[(draw * 7 + one * 13) % services.len()].1.as_str())
                .collect();
            json!({"entity": entity, "series": true, "series_window": "P30D", "buckets": 60})
        };
        let name = format!("charts, 30 days, {} series", some * SIGNALS.len());
        ask(store, &name, "system_metrics", draws, &charts).await?;
    }
    let day = |draw: usize| {
        let by = ["service", "account"][draw % 2];
        json!({"by": [by], "window": "all"})
    };
    ask(store, "cost, 90 days, by service or account", "cost_analysis", draws.min(40), &day).await
}

/// Asks once with nothing cached by the store, then many times.
async fn ask(
    store: &Store,
    what: &str,
    question: &str,
    draws: usize,
    params: &dyn Fn(usize) -> Value,
) -> Result<()> {
    let question = question_of(question).context("no such question")?;
    let mut times = Times::default();
    let mut first = 0.0;
    for draw in 0..=draws {
        let ctx = context(store);
        let begun = Instant::now();
        let envelope = analysis::answer(question, params(draw), &ctx).await?;
        let milliseconds = begun.elapsed().as_secs_f64() * 1e3;
        drop(envelope);
        if draw == 0 {
            first = milliseconds;
        } else {
            times.add(milliseconds);
        }
    }
    println!("{what}: first {first:.1} ms, then {}", times.line());
    Ok(())
}

fn context(store: &Store) -> AskContext {
    AskContext {
        topology: store.topology(),
        telemetry: store.telemetry(),
        records: store.records(),
        cache: None,
        estates: Arc::default(),
        tables: analysis::DatedTables::built_in(),
        last_good: None,
        viewer: Viewer::default(),
        now: Micros(END * Micros::SECOND).plus(20 * Micros::SECOND).timestamp(),
        deadline: Instant::now() + Duration::from_secs(600),
        cancel: CancellationToken::new(),
        limits: Limits::default(),
    }
}

fn record(name: &str) -> InputRecord {
    InputRecord {
        name: name.to_owned(),
        content_hash: name.to_owned(),
        format: "bench".to_owned(),
        source: "load".to_owned(),
        observed_at: Micros(END * Micros::SECOND),
        observed_by: ObservedBy::Stated,
        received_at: Micros(END * Micros::SECOND),
    }
}

fn subject((entity, id): &(EntityId, String)) -> SubjectWrite {
    SubjectWrite {
        id: *entity,
        entity: *entity,
        canonical: id.as_str().into(),
        kind: EntityKind::Service,
        name: id.rsplit('/').next().unwrap_or(id).to_owned(),
        scope: Scope::default(),
        owner: None,
        application: None,
    }
}

fn empty(number: u64, name: &str) -> TelemetryWrite {
    TelemetryWrite {
        sequence: Sequence { journal: "load".to_owned(), number },
        input: record(name),
        subjects: Vec::new(),
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
        is_last: false,
    }
}
