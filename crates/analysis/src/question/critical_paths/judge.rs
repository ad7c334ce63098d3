//! From the failure model to the answer, pure.

use std::collections::{BTreeMap, BTreeSet};

use graph::margin::{Margin, margins};
use model::absence::Absence;
use model::kind::{EntityKind as K, RelationKind as R};
use model::measure::Measure;

use super::candidate::{self, Candidate};
use super::params::Include;
use super::remedy;
use super::shape::{
    Assumptions, CriticalPathsAnswer, CriticalPathsSummary, CriticalTarget, EntityRef, FailureStep,
    Holds, InsidePoint, OwnershipConcentration, PointClass, SinglePoint, UnknownGroup,
    WorkloadRiskRow,
};
use super::single::{Found, points};
use crate::border::OUTSIDE;
use crate::failure::{Degraded, Entry, Extra, Model, RiskClass, State};

/// Share of the weight above which one owner has too much of it.
const CONCENTRATED: f64 = 0.5;

/// What is judged.
pub(super) struct Asked<'a> {
    /// What must not go down, as nodes, in order.
    pub targets: Vec<u32>,
    /// Workloads whose risks are listed.
    pub is_in: &'a dyn Fn(u32) -> bool,
    pub include: &'a [Include],
    pub class: &'a [PointClass],
    pub limit: usize,
}

/// The answer, and the totals of what was cut; false when the work was stopped before its end.
pub(super) fn judged(
    model: &Model,
    asked: &Asked<'_>,
    is_stopped: &mut dyn FnMut() -> bool,
) -> (CriticalPathsAnswer, BTreeMap<String, u64>, bool) {
    let weights = Weights::new(model, &asked.targets);
    let (mut physical, mut is_whole) =
        points(model, &candidate::physical(model, asked.include), &asked.targets, is_stopped);
    physical.extend(places(model, asked));
    let (mut logical, is_end) =
        points(model, &candidate::logical(model), &asked.targets, is_stopped);
    is_whole &= is_end;
    let mut truncated = BTreeMap::new();
    let mut rows = |name: &str, found: &mut Vec<Found>| {
        found.retain(|one| asked.class.is_empty() || asked.class.contains(&one.class));
        weights.order(model, found);
        let total = found.len() as u64;
        if found.len() > asked.limit {
            truncated.insert(name.to_owned(), total);
            found.truncate(asked.limit);
        }
        (found.iter().map(|one| row(model, one, &weights)).collect::<Vec<_>>(), total)
    };
    let (physical, physical_total) = rows("physical", &mut physical);
    let (logical, logical_total) = rows("logical", &mut logical);
    let (targets, is_end) = targets(model, &asked.targets, is_stopped);
    is_whole &= is_end;
    let mut summary = CriticalPathsSummary {
        failed_already: targets.iter().filter(|one| one.is_failed).count() as u64,
        entry_points: targets.iter().filter(|one| one.entry.is_some()).count() as u64,
        products: targets.iter().filter(|one| one.entity.kind == K::Product).count() as u64,
        physical: physical_total,
        logical: logical_total,
        workloads_off: off(model, asked.is_in),
        ..CriticalPathsSummary::default()
    };
    let mut workload_risks = risks(model, asked, &mut summary);
    if workload_risks.len() > asked.limit {
        truncated.insert("workload_risks".to_owned(), workload_risks.len() as u64);
        workload_risks.truncate(asked.limit);
    }
    let ownership = ownership(model, &weights);
    let assumptions = assumptions(model);
    let answer = CriticalPathsAnswer {
        summary,
        targets,
        physical,
        logical,
        workload_risks,
        ownership,
        assumptions,
    };
    (answer, truncated, is_whole)
}

/// Who owns the services that most of the weight enters.
fn ownership(model: &Model, weights: &Weights) -> OwnershipConcentration {
    let estate = model.estate();
    let mut shares: BTreeMap<&str, f64> = BTreeMap::new();
    for entry in model.entries() {
        let Some(weight) = weights.of.get(&entry.node) else { continue };
        if let Some(owner) = &estate.entity(entry.subject).owner {
            *shares.entry(owner).or_default() += weight;
        }
    }
    // The first in order of id where two have the same.
    let most = shares.into_iter().rev().max_by(|a, b| a.1.total_cmp(&b.1));
    let Some((owner, weight)) = most.filter(|_| weights.sum > 0.0) else {
        let reason = match weights.sum > 0.0 {
            true => Absence::NotConfigured.because("no entry point has an owner"),
            false => Absence::NoData.because("no entry point has a weight"),
        };
        let share = Measure::absent("1", reason);
        return OwnershipConcentration { owner: None, share, is_concentrated: false };
    };
    let share = weight / weights.sum;
    OwnershipConcentration {
        owner: estate.find(owner).map(|one| entity_ref(model, one)),
        share: Measure::new(share, "1"),
        is_concentrated: share > CONCENTRATED,
    }
}

/// Weights of the entry points among the targets.
struct Weights {
    of: BTreeMap<u32, f64>,
    sum: f64,
}

impl Weights {
    fn new(model: &Model, targets: &[u32]) -> Self {
        let entries = model.entries().iter().filter(|one| targets.contains(&one.node));
        let of: BTreeMap<u32, f64> = entries.map(|one| (one.node, one.weight)).collect();
        let sum = of.values().sum();
        Self { of, sum }
    }

    /// The share of the weight that goes down with a point, its own entry among it.
    fn loss(&self, model: &Model, found: &Found) -> f64 {
        let own = model.entry_of(found.node).map(|entry| entry.node);
        let nodes = found.targets.iter().copied().chain(own);
        nodes.filter_map(|node| self.of.get(&node)).sum::<f64>() / self.sum
    }

    fn measure(&self, model: &Model, found: &Found) -> Measure {
        if self.sum > 0.0 {
            return Measure::new(self.loss(model, found), "1").of(self.of.len() as u64);
        }
        Measure::absent("1", Absence::NotApplicable.because("no entry point is among the targets"))
    }

    /// Loss, then targets taken down, greatest first, then id.
    fn order(&self, model: &Model, found: &mut [Found]) {
        let key = |one: &Found| match self.sum > 0.0 {
            true => self.loss(model, one),
            false => 0.0,
        };
        found.sort_by(|a, b| {
            key(b)
                .total_cmp(&key(a))
                .then(b.targets.len().cmp(&a.targets.len()))
                .then_with(|| id(model, a.node).cmp(&id(model, b.node)))
        });
    }
}

fn id(model: &Model, node: u32) -> String {
    match model.extra(node) {
        None => model.estate().entity(node).id.clone(),
        Some(_) => model.label(node),
    }
}

/// Whole places, each closed with what stands in it.
fn places(model: &Model, asked: &Asked<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (node, seeds) in candidate::places(model, asked.include) {
        let outcome = model.closure(&seeds, State::ByDesign);
        let mut failed: Vec<u32> = outcome.failed().to_vec();
        failed.sort_unstable();
        let hit = asked.targets.iter().copied().filter(|one| failed.binary_search(one).is_ok());
        let targets: Vec<u32> = hit.collect();
        if !targets.is_empty() {
            let class = PointClass::Place;
            found.push(Found { node, class, holds: Holds::ByDesign, targets, inside: Vec::new() });
        }
    }
    found
}

fn row(model: &Model, found: &Found, weights: &Weights) -> SinglePoint {
    let outcome = model.closure(&[found.node], found.holds.state());
    let weight = |node: &u32| weights.of.get(node).copied().unwrap_or(0.0);
    // Of equal weight the first.
    let heaviest = found.targets.iter().rev().max_by(|a, b| weight(a).total_cmp(&weight(b)));
    let path: Vec<FailureStep> = heaviest
        .map(|target| outcome.path(model, *target))
        .unwrap_or_default()
        .into_iter()
        .map(|step| FailureStep {
            entity: entity_ref(model, step.node),
            by: step.cause.map(|cause| remedy::by(cause).to_owned()),
            is_assumed: step.is_assumed,
        })
        .collect();
    let entity = entity_ref(model, found.node);
    let is_entity = |node: &&u32| model.extra(**node).is_none() && !model.is_outside(**node);
    let is_direct = |one: &&Degraded| one.distance == 0 && !model.is_outside(one.node);
    let assumed = outcome.assumed().iter().filter(|node| !model.is_outside(**node));
    SinglePoint {
        class: found.class,
        holds: found.holds,
        loss: weights.measure(model, found),
        takes_down: found.targets.iter().map(|target| entity_ref(model, *target)).collect(),
        fails: outcome.victims().iter().filter(is_entity).count() as u64,
        degrades: outcome.degraded().iter().filter(is_direct).count() as u64,
        why: remedy::why(&path),
        remedy: remedy::remedy(found.class, entity.kind, &entity.name),
        assumed: assumed.count() as u64,
        inside: found.inside.iter().map(|one| inside(model, one)).collect(),
        decision: None,
        path,
        entity,
    }
}

fn inside(model: &Model, one: &Candidate) -> InsidePoint {
    InsidePoint { entity: entity_ref(model, one.node), class: one.class }
}

/// An entity as the viewer may see it; an entry point is named by its service.
pub(super) fn entity_ref(model: &Model, node: u32) -> EntityRef {
    let estate = model.estate();
    let ordinal = match model.extra(node) {
        None => node,
        Some(Extra::Entry { subject }) => *subject,
        Some(Extra::Zone { name }) => {
            let name = if model.is_outside(node) { OUTSIDE.to_owned() } else { name.clone() };
            return EntityRef { id: None, kind: K::Zone, name, owner: None, environment: None };
        }
        Some(_) => {
            let (kind, name) = (K::Unknown, model.label(node));
            return EntityRef { id: None, kind, name, owner: None, environment: None };
        }
    };
    let entity = estate.entity(ordinal);
    if estate.is_outside(ordinal) {
        let (kind, name) = (entity.kind, OUTSIDE.to_owned());
        return EntityRef { id: None, kind, name, owner: None, environment: None };
    }
    EntityRef {
        id: Some(entity.id.clone()),
        kind: entity.kind,
        name: entity.name.clone(),
        owner: entity.owner.clone(),
        environment: environment(entity),
    }
}

fn environment(entity: &model::fact::EntityFact) -> Option<String> {
    let of_id = entity.id.strip_prefix("service://").and_then(|rest| rest.split('/').next());
    let of_id = of_id.filter(|name| *name != "_").map(str::to_owned);
    entity.scope.environment.clone().or(of_id)
}

fn targets(
    model: &Model,
    nodes: &[u32],
    is_stopped: &mut dyn FnMut() -> bool,
) -> (Vec<CriticalTarget>, bool) {
    let machines = candidate::machines(model);
    let margins = margins(model.graph(), &[], &machines, nodes, is_stopped);
    let margins = margins.expect("a part of a graph that was built is not larger than it");
    let already = model.closure(&[], State::Now);
    let entry_of: BTreeMap<u32, &Entry> =
        model.entries().iter().map(|entry| (entry.node, entry)).collect();
    let is_whole = !margins.iter().any(|one| matches!(one, Margin::NotOne | Margin::Unsettled));
    let mut all: Vec<CriticalTarget> = nodes
        .iter()
        .zip(margins)
        .map(|(node, margin)| {
            let entry = entry_of.get(node);
            let is_failed = already.already().binary_search(node).is_ok();
            let entrances = entry.map(|entry| entry.entrances.as_slice()).unwrap_or_default();
            let way = |through: &Vec<u32>| {
                through.iter().map(|one| entity_ref(model, *one).name).collect()
            };
            let (margin, points) = margin_of(margin);
            CriticalTarget {
                entity: entity_ref(model, *node),
                entry: entry.map(|entry| entry.kind),
                entrances: entrances.iter().map(way).collect(),
                weight: match entry {
                    Some(entry) => Measure::new(entry.weight, weighted_by(model)),
                    None => Measure::absent(
                        weighted_by(model),
                        Absence::NotApplicable.because("no entry point"),
                    ),
                },
                is_failed,
                margin,
                margin_points: points.iter().map(|one| entity_ref(model, *one)).collect(),
            }
        })
        .collect();
    let weight = |one: &CriticalTarget| one.weight.value.unwrap_or(0.0);
    all.sort_by(|a, b| {
        let is_later = |one: &CriticalTarget| one.entry.is_none();
        (is_later(a).cmp(&is_later(b)))
            .then(weight(b).total_cmp(&weight(a)))
            .then_with(|| a.entity.id.cmp(&b.entity.id))
    });
    (all, is_whole)
}

/// What entry points are weighed by, which is also the unit of their weight.
fn weighted_by(model: &Model) -> &'static str {
    if model.is_weighed() { "requests" } else { "entry points" }
}

fn margin_of(margin: Margin) -> (Measure, Vec<u32>) {
    let exactly = |count: f64| Measure::new(count, "count");
    let absent =
        |why: Absence, words: &str| (Measure::absent("count", why.because(words)), Vec::new());
    let (none, untried) = (Absence::NotApplicable, Absence::NoData);
    match margin {
        Margin::Failed => (exactly(0.0), Vec::new()),
        Margin::One(point) => (exactly(1.0), vec![point]),
        Margin::Two(one, other) => (exactly(2.0), vec![one, other]),
        Margin::More => absent(none, "more than 2"),
        Margin::Never => absent(none, "not all known instances, nodes and zones together"),
        Margin::NotOne => absent(untried, "more than 1; two were not tried in time"),
        Margin::Unsettled => absent(untried, "not tried in time"),
    }
}

fn risks(
    model: &Model,
    asked: &Asked<'_>,
    summary: &mut CriticalPathsSummary,
) -> Vec<WorkloadRiskRow> {
    let mut rows = Vec::new();
    let all = model.workload_risks(State::ByDesign).into_iter();
    for risk in all.filter(|risk| (asked.is_in)(risk.workload)) {
        let is_capacity = risk.class == RiskClass::Capacity;
        summary.workload_risks += 1;
        match is_capacity {
            true => summary.workloads_capacity += 1,
            false => summary.workloads_placement += 1,
        }
        let on: Vec<EntityRef> = risk.on.iter().map(|one| entity_ref(model, *one)).collect();
        let names: Vec<&str> = on.iter().map(|one| one.name.as_str()).collect();
        let is_zone = on.iter().any(|one| one.kind == K::Zone);
        let entity = model.estate().entity(risk.workload);
        let controller = entity.properties.get("controller");
        rows.push(WorkloadRiskRow {
            entity: entity_ref(model, risk.workload),
            namespace: entity.scope.namespace.clone(),
            controller: controller.and_then(|one| one.as_str()).map(str::to_owned),
            class: risk.class,
            replicas: risk.members.len() as u64,
            min_alive: u64::from(risk.min_alive),
            remedy: remedy::workload_remedy(is_capacity, &names, is_zone),
            on,
            decision: None,
        });
    }
    rows.sort_by(|a, b| (a.class, &a.entity.id).cmp(&(b.class, &b.entity.id)));
    rows
}

/// Workloads that are off, by their topmost controller: a ReplicaSet is its Deployment's.
fn off(model: &Model, is_in: &dyn Fn(u32) -> bool) -> u64 {
    let estate = model.estate();
    let is_workload = |one: u32| estate.entity(one).kind == K::Workload;
    let is_part = |one: u32| estate.near(one, R::Contains).any(is_workload);
    let is_counted = |one: &&u32| is_workload(**one) && !is_part(**one) && is_in(**one);
    model.off().iter().filter(is_counted).count() as u64
}

fn assumptions(model: &Model) -> Assumptions {
    let estate = model.estate();
    let (calls, assumed) = model.assumed();
    let unknown = model
        .unknown()
        .iter()
        .map(|(cause, count)| UnknownGroup { of: remedy::by(*cause).to_owned(), count: *count });
    let hosts: BTreeSet<u32> = candidate::machines(model)
        .into_iter()
        .filter(|one| {
            let is_zone = model.extra(*one).is_some() || estate.entity(*one).kind == K::Zone;
            !is_zone && !model.is_outside(*one)
        })
        .collect();
    let with_zone = hosts.iter().filter(|one| model.zone_of(**one).is_some()).count() as u64;
    Assumptions {
        calls,
        assumed,
        weighted_by: weighted_by(model).to_owned(),
        unknown_groups: unknown.collect(),
        hosts: hosts.len() as u64,
        hosts_with_zone: with_zone,
    }
}
