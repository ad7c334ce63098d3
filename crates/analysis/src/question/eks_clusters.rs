//! How do the Kubernetes clusters stand? Version and support, settings, compute, load, workloads, what
//! an upgrade meets and what a cluster depends on, from the estate at one instant, what was measured
//! before it and what was billed. Clusters that are not of EKS get the same, minus what only EKS has.
//! Cost: one estate, one read of signals, two of charges, and one of events for each cluster given.

mod check;
mod compute;
mod control_plane;
mod cost;
mod health;
mod judge;
mod load;
mod member;
mod outside;
mod params;
mod readiness;
mod shape;
mod table;

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::envelope::{AnswerWindow, ChosenBy, Coverage, StoreFreshness, Warning};
use model::fact::{EventFact, SignalFact, SignalQuery};
use model::kind::EntityKind as K;
use model::scope::Place;
use model::seam::{DataKind, ReadContext};
use model::time::{Micros, Window, WindowParam};

use crate::ask::{AskContext, AskError};
use crate::estate::estate;
use crate::param::{Text, window_ending};
use crate::question::{Draft, Question};
use crate::table::DatedTable;
use crate::unit::{telemetry_read, with_below};

pub use params::EksClustersParams;
pub use shape::{
    Absent, Addon, Cluster, ClusterCost, ClusterHealth, ClusterSummary, ComputeGroup, ControlPlane,
    Dependency, Dismissal, EksClustersAnswer, HealthState, NamedCount, NodeSummary, PodSummary,
    ReadinessCheck, ReadinessState, Resource, SupportCount, WorkloadCheck,
};

/// The question.
pub struct EksClustersQuestion;

/// The dated tables that it uses.
const TABLES: [DatedTable; 3] =
    [DatedTable::AmiReleases, DatedTable::EksVersions, DatedTable::RemovedApis];

/// Most events of one cluster that are read.
const EVENTS_MAX: usize = 500;

#[async_trait]
impl Question for EksClustersQuestion {
    const NAME: &'static str = "eks_clusters";
    const TITLE: &'static str = "EKS clusters";
    const ABOUT: &'static str = "Kubernetes clusters: version and support, settings, nodes, load, \
                                 workloads, upgrade readiness, dependencies and cost.";
    const READS: &'static [DataKind] = &[
        DataKind::Topology,
        DataKind::Samples,
        DataKind::Charges,
        DataKind::Findings,
        DataKind::Decisions,
    ];
    const STEP: Option<i64> = Some(Micros::MINUTE);
    type Params = EksClustersParams;
    type Answer = EksClustersAnswer;

    fn fill(params: &mut EksClustersParams) -> Result<(), AskError> {
        params.fill()
    }

    async fn ask(
        params: EksClustersParams,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<EksClustersAnswer>, AskError> {
        let at = params.as_of.unwrap_or(now);
        let estate = estate(ctx, params.as_of).await?;
        let read = ctx.read(params.as_of);
        let units = with_below(ctx.topology.as_ref(), &read, &params.unit).await?;
        let telemetry = telemetry_read(ctx.topology.as_ref(), read).await?;
        let measured = measured(&params, at, ctx, &telemetry).await?;
        let charges = cost::charges(ctx, &telemetry, at).await?;
        let facts = judge::Facts {
            estate: &estate,
            tables: &ctx.tables,
            at,
            units: &units,
            signals: &measured.signals,
            charges: &charges,
        };
        let mut page = judge::page(&params, &facts);
        for (cluster, entities) in page.answer.clusters.iter_mut().zip(&page.entities) {
            let mut findings = Vec::new();
            for entity in entities {
                findings.extend(ctx.telemetry.events(&telemetry, *entity, EVENTS_MAX).await?);
            }
            cluster.findings = open_findings(&findings);
        }
        let mut draft = Draft::new(page.answer, at);
        draft.tables = draft.answer.tables();
        draft.window = Some(AnswerWindow {
            from: measured.window.from,
            to: measured.window.to,
            chosen_by: measured.chosen_by,
        });
        draft.stores = freshness(&estate.facts.version, &measured);
        draft.coverage = coverage(&draft.answer);
        draft.truncated = page.truncated;
        draft.next = page.next;
        draft.warnings = ctx.tables.age_warnings(&TABLES, at);
        draft.warnings.extend(measured.warning);
        Ok(draft)
    }
}

/// What was measured.
struct Measured {
    signals: Vec<SignalFact>,
    window: Window,
    chosen_by: ChosenBy,
    warning: Option<Warning>,
    version: model::seam::Version,
}

async fn measured(
    params: &EksClustersParams,
    at: Micros,
    ctx: &AskContext,
    read: &ReadContext,
) -> Result<Measured, AskError> {
    let micros = match params.window.as_ref() {
        Some(Text(WindowParam::Last(micros))) => *micros,
        _ => Micros::HOUR,
    };
    let (window, mut chosen_by) = match params.window.as_ref() {
        Some(Text(WindowParam::Range(window))) => (*window, ChosenBy::Request),
        Some(Text(WindowParam::Last(Micros::HOUR))) | None => {
            (window_ending(at, micros), ChosenBy::Default)
        }
        Some(_) => (window_ending(at, micros), ChosenBy::Request),
    };
    let query = |window: Window| SignalQuery {
        place: Place::default(),
        unit: Vec::new(),
        kinds: vec![K::KubernetesNode, K::Pod],
        entities: Vec::new(),
        signals: load::SIGNALS.iter().map(|name| (*name).to_owned()).collect(),
        window,
    };
    let version = ctx.telemetry.version(DataKind::Samples).await?;
    let mut signals = ctx.telemetry.signals(read, query(window)).await?;
    let mut window = window;
    let mut warning = None;
    let newest = signals.iter().map(|one| one.newest).max();
    let is_moved = chosen_by != ChosenBy::Request && signals.iter().all(|one| one.count == 0);
    if let Some(newest) = newest.filter(|newest| is_moved && *newest < at) {
        let message = format!(
            "nothing was measured in the window that ends at {at}; it was moved to the newest value, \
             at {newest}"
        );
        warning = Some(Warning::new("newest_data", message));
        window = window_ending(newest.plus(1), micros);
        chosen_by = ChosenBy::NewestData;
        signals = ctx.telemetry.signals(read, query(window)).await?;
    }
    Ok(Measured { signals, window, chosen_by, warning, version })
}

/// Findings that are open, by severity.
fn open_findings(events: &[EventFact]) -> Vec<NamedCount> {
    let is_closed = |status: &str| {
        let status = status.to_ascii_lowercase();
        ["resolved", "suppressed", "archived", "fixed", "closed"].contains(&status.as_str())
    };
    let open = events
        .iter()
        .filter(|one| one.event == "finding" && !one.status.as_deref().is_some_and(is_closed));
    load::counted(open.map(|one| one.kind.clone()))
}

fn freshness(topology: &model::seam::Version, measured: &Measured) -> Vec<StoreFreshness> {
    let of = |store: &str, version: &model::seam::Version| StoreFreshness {
        store: store.to_owned(),
        version: version.number,
        newest: version.newest.map(Micros::timestamp),
    };
    vec![of("topology", topology), of("telemetry", &measured.version)]
}

fn coverage(answer: &EksClustersAnswer) -> BTreeMap<String, Coverage> {
    let of = answer.clusters.len() as u64;
    let with = |is: &dyn Fn(&Cluster) -> bool| {
        answer.clusters.iter().filter(|cluster| is(cluster)).count() as u64
    };
    BTreeMap::from([
        ("version".to_owned(), Coverage::new(with(&|one| one.control_plane.version.is_some()), of)),
        ("objects".to_owned(), Coverage::new(with(&|one| one.namespaces > 0), of)),
        (
            "use".to_owned(),
            Coverage::new(
                with(&|one| one.resources.iter().any(|resource| resource.used.value.is_some())),
                of,
            ),
        ),
        ("charges".to_owned(), Coverage::new(with(&|one| one.cost.reason.is_none()), of)),
    ])
}
