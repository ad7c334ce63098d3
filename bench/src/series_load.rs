//! The series load in the embedded store: services, samples, charges, incidents and releases.

use std::sync::Arc;
use std::time::{Duration, Instant};

use analysis::{AskContext, Limits, Viewer};
use anyhow::Result;
use intake::{Intake, Stores};
use model::charge::{BillFormat, ChargeObservation, DeliveryObservation};
use model::entity::{EntityObservation, Labels};
use model::event::{ChangeObservation, IncidentObservation};
use model::fact::TopologyQuery;
use model::input::{InputRecord, ObservedBy};
use model::resolution::{Sequence, SubjectWrite, TelemetryWrite};
use model::series::{Point, SeriesObservation, SeriesType};
use model::{Amount, Batch, EntityId, EntityKind, Micros, Reference, Scope};
use scenario::series::{ChargeChunk, SIGNALS, SampleChunk, SeriesLoad, service_name};
use store_embedded::Store;
use tokio_util::sync::CancellationToken;

/// End of the load, seconds since 1970: 2026-11-01T10:07:00Z, inside an hour.
pub const END: i64 = 1_793_527_620;
/// Samples of one write.
pub const WRITE_ROWS: usize = 250_000;
/// Charges of one write.
pub const CHARGE_ROWS: usize = 50_000;
/// Name of the currency of the charges.
const CURRENCY: &str = "EUR";

/// What the catalogue calls the signals of the load that it knows by another name, with the label that
/// tells quantiles apart.
pub fn signal_of(metric: &str) -> (&'static str, Option<&'static str>) {
    match metric {
        "request_rate" => ("request_rate", None),
        "latency_seconds_p50" => ("latency_seconds", Some("0.5")),
        "latency_seconds_p95" => ("latency_seconds", Some("0.95")),
        "cpu_utilization_ratio" => ("cpu_utilization_ratio", None),
        "memory_utilization_ratio" => ("memory_utilization_ratio", None),
        "queue_length" => ("queue_length", None),
        "open_connections" => ("connection_count", None),
        _ => ("", None),
    }
}

/// Puts the services into the topology; gives each one's id and canonical id.
///
/// # Errors
/// Whatever the store fails with.
pub async fn services(
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

/// Writes samples, charges, incidents and releases, and prints how many a second.
///
/// # Errors
/// Whatever the store fails with.
pub async fn write(
    store: &Store,
    load: &SeriesLoad,
    services: &[(EntityId, String)],
) -> Result<()> {
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
    let size = CHARGE_ROWS;
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
    number += 1;
    let mut write = empty(number, "incidents");
    write.incidents = load.incidents().map(|one| incident(&one, services)).collect();
    write.changes = load.incidents().map(|one| release(&one, services)).collect();
    write.is_last = true;
    let begun = Instant::now();
    let count = write.incidents.len() + write.changes.len();
    telemetry.write(write).await?;
    println!("incidents and releases: {:.0}/s", count as f64 / begun.elapsed().as_secs_f64());
    Ok(())
}

fn incident(
    one: &scenario::series::LoadIncident,
    services: &[(EntityId, String)],
) -> (Vec<EntityId>, IncidentObservation) {
    let (entity, id) = &services[one.service as usize % services.len()];
    let start = Micros(one.start * Micros::SECOND);
    let observation = IncidentObservation {
        external_id: format!("incident-{}", one.number),
        title: format!("Trouble {}", one.number),
        severity: Some(one.severity.to_owned()),
        status: if one.end.is_some() { "resolved" } else { "open" }.to_owned(),
        started_at: Some(start),
        detected_at: Some(start.plus(2 * Micros::MINUTE)),
        acknowledged_at: Some(start.plus(5 * Micros::MINUTE)),
        mitigated_at: None,
        resolved_at: one.end.map(|end| Micros(end * Micros::SECOND)),
        resolved_at_latest: None,
        entities: vec![Reference::id(id.as_str())],
        parent: None,
        cause: None,
        labels: Labels::new(),
    };
    (vec![*entity], observation)
}

/// A release an hour before the incident.
fn release(
    one: &scenario::series::LoadIncident,
    services: &[(EntityId, String)],
) -> (Vec<EntityId>, ChangeObservation) {
    let (entity, id) = &services[one.service as usize % services.len()];
    let observation = ChangeObservation {
        external_id: format!("release-{}", one.number),
        kind: "deployment".to_owned(),
        title: format!("Release {}", one.number),
        at: Micros((one.start - 3_600) * Micros::SECOND),
        actor: None,
        link: None,
        entities: vec![Reference::id(id.as_str())],
        count: 1,
        labels: Labels::new(),
    };
    (vec![*entity], observation)
}

fn series(
    chunk: &SampleChunk,
    count: u32,
    services: &[(EntityId, String)],
) -> Vec<(EntityId, SeriesObservation)> {
    let mut all: Vec<(EntityId, SeriesObservation)> = (0..count as usize)
        .map(|number| {
            let (entity, id) = &services[number / SIGNALS.len()];
            let metric = SIGNALS[number % SIGNALS.len()].0;
            let (signal, quantile) = signal_of(metric);
            let label = |share: &str| ("quantile".to_owned(), share.to_owned());
            let observation = SeriesObservation {
                subject: Reference::id(id.as_str()),
                metric: metric.to_owned(),
                labels: quantile.map(label).into_iter().collect(),
                signal: Some(signal.to_owned()).filter(|signal| !signal.is_empty()),
                signal_factor: 1.0,
                unit: None,
                series_type: match quantile {
                    Some(_) => SeriesType::Quantile,
                    None => SeriesType::Gauge,
                },
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
                currency: CURRENCY.to_owned(),
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

/// A context that sees everything, without a cache, just after the end of the load.
pub fn context(store: &Store) -> AskContext {
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
        progress: Arc::default(),
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
