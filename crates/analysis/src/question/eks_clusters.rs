//! How do the Kubernetes clusters stand? Version and support, settings, compute, load, workloads, what
//! an upgrade meets and what a cluster depends on, from the estate at one instant, what was measured
//! before it and what was billed. Clusters that are not of EKS get the same, minus what only EKS has.
//! Cost: one estate, one read of signals, one of free addresses, two of charges, and one of the
//! findings held.

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

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use model::entity::EntityId;
use model::envelope::Coverage;
use model::fact::{SeriesQuery, SignalQuery};
use model::kind::EntityKind as K;
use model::scope::Place;
use model::seam::{DataKind, ReadContext};
use model::time::Micros;

use crate::ask::{AskContext, AskError};
use crate::decision::decisions;
use crate::estate::{Estate, estate};
use crate::measured::measured;
use crate::param::window_ending;
use crate::question::security_events::{OpenFinding, counted, open_findings};
use crate::question::{Draft, Question};
use crate::table::DatedTable;
use crate::unit::{telemetry_read, with_below};
use member::Members;

pub use params::EksClustersParams;
pub use shape::{
    Absent, Addon, Cluster, ClusterCost, ClusterHealth, ClusterSummary, ComputeGroup, ControlPlane,
    Dependency, Dismissal, EksClustersAnswer, HealthState, NameCount, NodeSummary, PodSummary,
    ReadinessCheck, ReadinessState, Resource, SupportCount, WorkloadCheck,
};

/// The question.
pub struct EksClustersQuestion;

/// The dated tables that it uses.
const TABLES: [DatedTable; 3] =
    [DatedTable::AmiReleases, DatedTable::EksVersions, DatedTable::RemovedApis];

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
    const IS_WHOLE: bool = true;
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
        let members = judge::matching(&params, &estate, &units);
        let subjects = subjects(&estate, &members, ctx.limits.entities);
        let query = subjects.map(|entities| SignalQuery {
            place: Place::default(),
            unit: Vec::new(),
            kinds: vec![K::KubernetesNode, K::Pod],
            entities,
            signals: load::SIGNALS.iter().map(|name| (*name).to_owned()).collect(),
            window: window_ending(at, Micros::HOUR),
        });
        let asked = params.window.as_ref();
        let measured = measured(ctx, &telemetry, asked, (Micros::HOUR, at), query).await?;
        let free = free_addresses(&estate, &members, at, ctx, &telemetry).await?;
        let charges = cost::charges(ctx, &telemetry, at).await?;
        let facts = judge::Facts {
            estate: &estate,
            tables: &ctx.tables,
            at,
            signals: &measured.signals,
            charges: &charges,
            free: &free,
        };
        let decisions = decisions(ctx, params.as_of).await?;
        let mut page = judge::page(&params, &facts, &members);
        let open = open_findings(ctx, params.as_of).await?;
        for (cluster, place) in page.answer.clusters.iter_mut().zip(&page.places) {
            cluster.findings = findings(&open, &estate, &members[*place]);
            check::dismiss(&mut cluster.workload_checks, &decisions);
        }
        let mut draft = Draft::new(page.answer, at);
        draft.tables = draft.answer.tables();
        draft.window = Some(measured.window);
        draft.stores = measured.stores(&estate);
        draft.coverage = coverage(&draft.answer);
        draft.truncated = page.truncated;
        draft.next = page.next;
        draft.warnings = ctx.tables.age_warnings(&TABLES, at);
        draft.warnings.extend(measured.warning);
        Ok(draft)
    }
}

/// Nodes and pods of the clusters, as far as one read may name them; empty for all there are, `None`
/// when there are none.
fn subjects(estate: &Estate, members: &[Members], most: usize) -> Option<Vec<EntityId>> {
    let of = |cluster: &Members| -> Vec<u32> {
        [K::KubernetesNode, K::Pod].iter().flat_map(|kind| cluster.kind(*kind)).copied().collect()
    };
    let all: Vec<u32> = members.iter().flat_map(of).collect();
    if all.len() > most {
        return Some(Vec::new());
    }
    (!all.is_empty()).then(|| all.into_iter().map(|one| estate.entity(one).entity).collect())
}

/// Days for which a count of free addresses is taken to hold.
const FREE_DAYS: i64 = 30;

/// The newest count of free addresses of every subnet that a control plane stands in.
async fn free_addresses(
    estate: &Estate,
    members: &[Members],
    at: Micros,
    ctx: &AskContext,
    read: &ReadContext,
) -> Result<BTreeMap<EntityId, f64>, AskError> {
    let subnets = members.iter().flat_map(|cluster| readiness::subnets(estate, cluster));
    let mut entities: Vec<EntityId> = subnets.map(|one| estate.entity(one).entity).collect();
    entities.sort_unstable();
    entities.dedup();
    entities.truncate(ctx.limits.entities);
    if entities.is_empty() {
        return Ok(BTreeMap::new());
    }
    let query = SeriesQuery {
        limit: entities.len(),
        entities,
        signals: Vec::new(),
        metrics: vec!["aws_subnet_available_ip_address_count".to_owned()],
        window: window_ending(at.plus(1), FREE_DAYS * Micros::DAY),
        step: Micros::DAY,
    };
    let series = ctx.telemetry.series(read, query).await?;
    let newest = series.iter().filter_map(|one| Some((one.entity, one.buckets.last()?.last)));
    Ok(newest.collect())
}

/// Open findings about a cluster and what is in it.
fn findings(open: &[OpenFinding], estate: &Estate, cluster: &Members) -> Vec<NameCount> {
    if open.is_empty() {
        return Vec::new();
    }
    let members = cluster.of_kind.values().flatten().copied().chain(cluster.own());
    let inside: BTreeSet<EntityId> = members.map(|one| estate.entity(one).entity).collect();
    let counts = counted(open, |one| inside.contains(&one)).into_iter();
    counts
        .map(|one| NameCount { name: one.severity.as_str().to_owned(), count: one.count })
        .collect()
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
