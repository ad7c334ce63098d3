//! The notice after a commit: caches, jobs and live subscriptions hang on it.

use std::collections::BTreeSet;

use model::Micros;
use model::commit::Committed;
use model::resolution::{TelemetryWrite, TopologyWrite};
use model::seam::DataKind;

/// Hours named in one notice; more are told as none, which means all.
const HOURS_MAX: usize = 2_000;
/// Places named in one notice; more are told as none, which means all.
const SCOPES_MAX: usize = 100;

/// The notice of a write of the topology alone, of places that are not told.
pub(crate) fn notice_of_topology(write: &TopologyWrite) -> Committed {
    Committed::of_kinds(write.sequence.clone(), vec![DataKind::Topology])
}

/// The notice of one batch in both stores.
pub(crate) fn notice_of(topology: &TopologyWrite, telemetry: &TelemetryWrite) -> Committed {
    let mut kinds = BTreeSet::from([DataKind::Intake]);
    let has_topology = !topology.entities.is_empty()
        || !topology.versions.is_empty()
        || !topology.relations.is_empty()
        || !topology.retirements.is_empty()
        || !topology.merges.is_empty()
        || !topology.references.is_empty();
    let mut has = |is_there: bool, kind: DataKind| is_there.then(|| kinds.insert(kind));
    has(has_topology, DataKind::Topology);
    has(!telemetry.series.is_empty() || !telemetry.logs.is_empty(), DataKind::Samples);
    has(!telemetry.edges.is_empty() || !telemetry.edges_paired.is_empty(), DataKind::Edges);
    has(!telemetry.spans.is_empty(), DataKind::Spans);
    has(!telemetry.charges.is_empty(), DataKind::Charges);
    has(!telemetry.incidents.is_empty(), DataKind::Incidents);
    has(!telemetry.changes.is_empty(), DataKind::Changes);
    has(!telemetry.findings.is_empty(), DataKind::Findings);
    has(!telemetry.values.is_empty() || !telemetry.budgets.is_empty(), DataKind::Values);
    kinds.extend(telemetry.stated.iter().map(|(_, one)| one.kind.data()));
    let scopes = topology.versions.iter().map(|version| version.scope.clone());
    Committed {
        sequence: topology.sequence.clone(),
        kinds: kinds.into_iter().collect(),
        hours: bounded(hours(telemetry), HOURS_MAX),
        scopes: bounded(scopes.collect(), SCOPES_MAX),
    }
}

fn hours(write: &TelemetryWrite) -> BTreeSet<Micros> {
    let series = write.series.iter().map(|(_, series)| series);
    let points = series.flat_map(|one| {
        one.points.iter().map(|point| point.at).chain(one.histograms.iter().map(|point| point.at))
    });
    let spans = write.spans.iter().map(|(_, span)| span.start);
    let edges = write.edges.iter().chain(&write.edges_paired).map(|(_, _, edge)| edge.at);
    let logs = write.logs.iter().map(|(_, log)| log.at);
    points.chain(spans).chain(edges).chain(logs).map(|at| at.floor_to(Micros::HOUR)).collect()
}

fn bounded<T>(all: BTreeSet<T>, max: usize) -> Vec<T> {
    if all.len() > max { Vec::new() } else { all.into_iter().collect() }
}
