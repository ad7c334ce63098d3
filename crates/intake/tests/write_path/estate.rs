//! A small world of records that name each other in every way, for the tests of the write path.

use model::entity::Presence;
use model::input::{InputRecord, ObservedBy};
use model::kind::Confidence;
use model::reference::Claim;
use model::series::{Point, SeriesObservation, SeriesType};
use model::span::{SpanKind, SpanObservation};
use model::{
    AliasKey, Batch, EntityKind, EntityObservation, Micros, Reference, RelationKind,
    RelationObservation,
};

/// One thing that an input can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    Workload(u8, u8),
    Pod(u8, u8),
    /// The same under a name of the cluster.
    NamedPod(u8, u8),
    ServiceObject(u8, u8),
    Telemetry(u8, u8),
    Volume(u8),
    Provisional(u8),
    OwnCall(u8, u8),
    Series(u8, u8),
    Span(u8, u8),
}

impl Item {
    /// What it is about.
    pub fn thing(self) -> Self {
        match self {
            Self::Workload(index, _) => Self::Workload(index, 0),
            Self::Pod(index, _) | Self::NamedPod(index, _) => Self::Pod(index, 0),
            Self::ServiceObject(index, _) => Self::ServiceObject(index, 0),
            Self::Telemetry(index, _) => Self::Telemetry(index, 0),
            other => other,
        }
    }
}

pub const MINUTE: i64 = Micros::MINUTE;

pub fn input(source: &str, at: i64, hash: usize) -> InputRecord {
    InputRecord {
        name: format!("{source}-{hash}"),
        content_hash: format!("{hash:032x}"),
        format: "test".to_owned(),
        source: source.to_owned(),
        observed_at: Micros(at * MINUTE),
        observed_by: ObservedBy::Stated,
        received_at: Micros(0),
    }
}

fn k8s(kind: &str, name: &str) -> AliasKey {
    format!("k8s://c/n/{kind}/{name}").into()
}

/// The source that says such things.
pub fn source_of(item: Item) -> &'static str {
    match item {
        Item::Telemetry(..) | Item::Series(..) | Item::Span(..) => "otlp",
        Item::Volume(_) | Item::Provisional(_) => "aws",
        Item::OwnCall(..) => "own",
        _ => "kubernetes:c",
    }
}

/// Puts what the item says into a batch.
pub fn put(item: Item, batch: &mut Batch) {
    match item {
        Item::Workload(index, variant) => workload(index, variant, batch),
        Item::Pod(index, variant) => pod("c", index, variant, batch),
        Item::NamedPod(index, variant) => pod("name", index, variant, batch),
        Item::ServiceObject(index, variant) => service_object(index, variant, batch),
        Item::Telemetry(index, variant) => telemetry(index, variant, batch),
        Item::Volume(index) => {
            let arn = format!("arn:aws:ec2:r:1:volume/vol-{index}");
            batch.entities.push(volume(&arn, index));
        }
        Item::Provisional(index) => {
            batch.entities.push(volume(&format!("aws:?/volume/vol-{index}"), index));
        }
        Item::OwnCall(from, to) => batch.relations.push(RelationObservation::declared(
            Reference::id(format!("service://_/n/w{from}")),
            RelationKind::Calls,
            Reference::id(format!("service://own/n/{to}")),
        )),
        Item::Series(pod, minute) => batch.series.push(series(pod, minute)),
        Item::Span(trace, index) => batch.spans.push(span(trace, index)),
    }
}

fn workload(index: u8, variant: u8, batch: &mut Batch) {
    let id = k8s("deployment.apps", &format!("w{index}"));
    let mut one = EntityObservation::new(id.clone(), EntityKind::Workload, format!("w{index}"));
    one.properties.insert("replicas".into(), u64::from(variant).into());
    one.claims
        .push(Claim::alias(format!("pod-label:c/n/app={}", (index + variant) % 3), id.clone()));
    one.claims.push(Claim::alias(format!("controller-of:{id}"), id.clone()));
    let by_name = id.as_str().replacen("//c/", "//name/", 1);
    one.claims.push(Claim::alias(format!("controller-of:{by_name}"), id.clone()));
    if variant > 0 {
        one.relations.push(RelationObservation::declared(
            Reference::id(id.clone()),
            RelationKind::UsesImage,
            Reference::id(format!("image://i{variant}")),
        ));
    }
    batch.entities.push(one);
    // The service it implements is there as soon as anything calls it.
    let service: AliasKey = format!("service://_/n/w{index}").into();
    let mut implied = EntityObservation::new(service.clone(), EntityKind::Service, "implied");
    implied.presence = Presence::Implied;
    implied.claims.push(Claim::alias(format!("service-of:{id}"), service.clone()));
    implied.claims.push(Claim::alias(format!("service-label:c/n/app={index}"), service.clone()));
    implied
        .claims
        .push(Claim::alias(format!("service-label:c/n/tier={}", index % 2), service.clone()));
    implied.relations.push(RelationObservation::declared(
        Reference::id(service),
        RelationKind::ImplementedBy,
        Reference::id(id.clone()),
    ));
    batch.entities.push(implied);
    // Calls what its environment names.
    let mut caller = batch.entities.len() - 2;
    for host in [format!("s{}", (index + 1) % 3), format!("s{}", (index + 1 + variant) % 3)] {
        let endpoint = format!("endpoint:c/n/{host}:80");
        let call = RelationObservation::declared(
            Reference::key("service-of", format!("service-of:{id}")),
            RelationKind::Calls,
            Reference::key("endpoint", endpoint),
        );
        batch.entities[caller].relations.push(call);
        caller = batch.entities.len() - 2;
    }
}

fn pod(cluster: &str, index: u8, variant: u8, batch: &mut Batch) {
    let id: AliasKey = format!("k8s://{cluster}/n/pod/p{index}").into();
    let owner = format!("k8s://{cluster}/n/deployment.apps/w{}", index % 3);
    let mut one = EntityObservation::new(id.clone(), EntityKind::Pod, format!("p{index}"));
    one.properties.insert("phase".into(), variant.into());
    // Under the uid of its cluster it answers to its id under the name too.
    if cluster == "c" {
        one.claims.push(Claim::alias(format!("k8s://name/n/pod/p{index}"), id.clone()));
    }
    one.claims.push(Claim::alias(format!("uid:u{index}"), id.clone()));
    one.claims
        .push(Claim::alias(format!("workload-of-uid:u{index}"), format!("controller-of:{owner}")));
    one.relations.push(RelationObservation::declared(
        Reference::key("owner", format!("controller-of:{owner}")),
        RelationKind::HasReplica,
        Reference::id(id.clone()),
    ));
    one.relations.push(RelationObservation::declared(
        Reference::id(id),
        RelationKind::RunsOn,
        Reference::id(format!("k8s://{cluster}/_/node/n{variant}")),
    ));
    batch.entities.push(one);
}

fn service_object(index: u8, variant: u8, batch: &mut Batch) {
    let id = k8s("service", &format!("s{index}"));
    let mut one =
        EntityObservation::new(id.clone(), EntityKind::KubernetesService, format!("s{index}"));
    // Variant 0 selects one service, 1 by two labels, 2 by a label that several carry.
    let to: Vec<AliasKey> = match variant {
        0 => vec![format!("service-label:c/n/app={index}").into()],
        1 => vec![
            format!("service-label:c/n/app={index}").into(),
            format!("service-label:c/n/tier={}", index % 2).into(),
        ],
        _ => vec![format!("service-label:c/n/tier={}", index % 2).into()],
    };
    let key: AliasKey = format!("endpoint:c/n/s{index}:80").into();
    one.claims.push(Claim { key, to, confidence: Confidence::High });
    one.relations.push(RelationObservation::declared(
        Reference::id(id),
        RelationKind::RoutesTo,
        Reference::key("selector", format!("pod-label:c/n/app={index}"))
            .of_kinds(&[EntityKind::Workload])
            .many(),
    ));
    batch.entities.push(one);
}

fn telemetry(index: u8, variant: u8, batch: &mut Batch) {
    let id: AliasKey = format!("service://prod/t/t{index}").into();
    let mut one = EntityObservation::new(id.clone(), EntityKind::Service, format!("t{index}"));
    one.scope.environment = Some("prod".to_owned());
    one.properties.insert("sdk".into(), variant.into());
    let joined = Reference::key("k8s.pod.uid", format!("workload-of-uid:u{index}"))
        .of_kinds(&[EntityKind::Workload]);
    one.relations.push(RelationObservation::declared(
        Reference::id(id),
        RelationKind::ImplementedBy,
        joined,
    ));
    batch.entities.push(one);
}

fn volume(id: &str, index: u8) -> EntityObservation {
    let mut one = EntityObservation::new(id, EntityKind::Volume, format!("vol-{index}"));
    one.claims.push(Claim::alias(format!("id:vol-{index}"), id));
    one
}

fn series(pod: u8, minute: u8) -> SeriesObservation {
    SeriesObservation {
        subject: Reference::key("k8s.pod.uid", format!("uid:u{pod}")).of_kinds(&[EntityKind::Pod]),
        metric: "cpu".to_owned(),
        labels: Default::default(),
        signal: None,
        signal_factor: 1.0,
        unit: None,
        series_type: SeriesType::Gauge,
        points: vec![Point {
            at: Micros(i64::from(minute) * MINUTE),
            value: f64::from(minute),
            is_stale: false,
        }],
        histograms: Vec::new(),
    }
}

/// Span `index` of a trace is a child of the one before; each is of another service.
fn span(trace: u8, index: u8) -> SpanObservation {
    let start = Micros(i64::from(trace) * MINUTE + i64::from(index));
    SpanObservation {
        trace_id: [trace + 1; 16],
        span_id: [index + 1; 8],
        parent_id: [index; 8],
        service: format!("service://prod/t/t{}", index % 3).into(),
        name: format!("op{index}"),
        kind: match index {
            1 => SpanKind::Server,
            2 => SpanKind::Unspecified,
            _ => SpanKind::Client,
        },
        start,
        end: start.plus(1_000),
        is_error: index == 2,
        peer: (index == 3).then(|| Reference::key("server.address", "endpoint:c/n/s1:80")),
        sampling_probability: None,
        attributes: Vec::new(),
    }
}
