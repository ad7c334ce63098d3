//! From the failure model and a selection to the answer, pure.

use std::collections::{BTreeMap, BTreeSet};

use model::absence::Absence;
use model::envelope::Warning;
use model::kind::{EntityKind as K, RelationKind as R};
use model::measure::Measure;

use super::recovery::{Recovered, Room, TOLERATION_SECONDS, recovered};
use super::select::Selection;
use super::shape::{
    DegradedRow, FailedRow, KindTotal, Recovery, SelectedPart, Survivor, Unrecovered, WhatIfAnswer,
    WhatIfOutcome,
};
use crate::failure::{Cause, Entry, Extra, Model, Outcome, State};
use crate::question::critical_paths::judge::entity_ref;
use crate::question::critical_paths::remedy;
use crate::question::critical_paths::shape::FailureStep;

/// Entities of a selection that are named.
const FIRST_MAX: usize = 20;

/// What is asked.
pub(super) struct Asked<'a> {
    /// Selections, each with the nodes that it takes away.
    pub selected: &'a [(Selection, BTreeSet<u32>)],
    /// Entry points whose loss is counted.
    pub entries: &'a [&'a Entry],
    pub state: State,
    pub limit: usize,
}

/// The answer, the totals of what was cut, and warnings.
pub(super) fn answered(
    model: &Model,
    asked: &Asked<'_>,
) -> (WhatIfAnswer, BTreeMap<String, u64>, Vec<Warning>) {
    let Asked { selected, entries: _, state, limit } = *asked;
    let seeds: BTreeSet<u32> = selected.iter().flat_map(|(_, nodes)| nodes).copied().collect();
    let seed_list: Vec<u32> = seeds.iter().copied().collect();
    let outcome = model.closure(&seed_list, state);
    let bad: BTreeSet<u32> = selected
        .iter()
        .filter(|(selection, _)| selection.is_of_content())
        .flat_map(|(_, nodes)| nodes)
        .copied()
        .collect();
    let back = recovered(model, &outcome, &seeds, &|pod| bad.contains(&pod));
    let is_back: BTreeSet<u32> = back.back.iter().map(|(one, ..)| *one).collect();
    let after = model.closure_but(&seed_list, state, &is_back);
    let mut truncated = BTreeMap::new();
    let answer = WhatIfAnswer {
        selection: selected.iter().map(|(text, nodes)| part(model, text, nodes)).collect(),
        selected: entities(model, &seed_list),
        failed_already: entities(model, outcome.already()),
        at_once: outcome_of(model, asked, &outcome, "at_once", &mut truncated),
        after_recovery: outcome_of(model, asked, &after, "after_recovery", &mut truncated),
        recoveries: cut(recoveries(model, &back), limit, "recoveries", &mut truncated),
        unrecovered: cut(unrecovered(model, &back), limit, "unrecovered", &mut truncated),
        survivors: cut(survivors(model, &outcome, &back), limit, "survivors", &mut truncated),
        not_checked: not_checked(),
    };
    let nothing = answer.selection.iter().filter(|part| part.entities == 0);
    let warnings = nothing.map(|part| {
        Warning::new("nothing_selected", format!("`{}` matches nothing in the estate", part.select))
    });
    let warnings = warnings.collect();
    (answer, truncated, warnings)
}

fn entities(model: &Model, nodes: &[u32]) -> u64 {
    nodes.iter().filter(|node| is_own_entity(model, **node)).count() as u64
}

/// Whether a node is an entity that the viewer may see.
fn is_own_entity(model: &Model, node: u32) -> bool {
    model.extra(node).is_none() && !model.is_outside(node)
}

fn part(model: &Model, selection: &Selection, nodes: &BTreeSet<u32>) -> SelectedPart {
    SelectedPart {
        select: selection.to_string(),
        entities: nodes.len() as u64,
        first: nodes.iter().take(FIRST_MAX).map(|one| entity_ref(model, *one)).collect(),
    }
}

fn cut<T>(
    mut all: Vec<T>,
    most: usize,
    name: &str,
    truncated: &mut BTreeMap<String, u64>,
) -> Vec<T> {
    if all.len() > most {
        truncated.insert(name.to_owned(), all.len() as u64);
        all.truncate(most);
    }
    all
}

fn outcome_of(
    model: &Model,
    asked: &Asked<'_>,
    outcome: &Outcome,
    name: &str,
    truncated: &mut BTreeMap<String, u64>,
) -> WhatIfOutcome {
    let mut by_kind: BTreeMap<K, u64> = BTreeMap::new();
    for node in outcome.failed().iter().filter(|node| is_own_entity(model, **node)) {
        *by_kind.entry(model.estate().entity(*node).kind).or_default() += 1;
    }
    let limit = asked.limit;
    let lost = asked.entries.iter().filter(|entry| outcome.has_failed(entry.node));
    let sum: f64 = asked.entries.iter().map(|entry| entry.weight).sum();
    let lost_sum: f64 = lost.clone().map(|entry| entry.weight).sum();
    let loss = match sum > 0.0 {
        true => Measure::new(lost_sum / sum, "1").of(asked.entries.len() as u64),
        false => Measure::absent("1", Absence::NotApplicable.because("no entry point is known")),
    };
    let products = model.estate().of_kind(K::Product);
    let products =
        products.filter(|one| outcome.has_failed(*one) && !model.estate().is_outside(*one));
    let shown = |node: &&u32| match model.extra(**node) {
        None | Some(Extra::Entry { .. } | Extra::Zone { .. }) => true,
        Some(_) => false,
    };
    let is_own = |node: &u32| !model.is_outside(*node);
    let victims: Vec<u32> =
        outcome.victims().iter().filter(shown).copied().filter(is_own).collect();
    let mut degraded = outcome.degraded().to_vec();
    degraded.retain(|one| is_own(&one.node));
    let direct = degraded.iter().filter(|one| one.distance == 0).count() as u64;
    let indirect = degraded.len() as u64 - direct;
    let degraded = cut(degraded, limit, &format!("{name}_degraded"), truncated);
    let victims = cut(victims, limit, &format!("{name}_failed"), truncated);
    WhatIfOutcome {
        loss,
        entry_points: lost.map(|entry| entity_ref(model, entry.node)).collect(),
        products: products.map(|one| entity_ref(model, one)).collect(),
        fails: by_kind.values().sum(),
        fails_by_kind: by_kind.into_iter().map(|(kind, count)| KindTotal { kind, count }).collect(),
        degrades: direct,
        degrades_indirectly: indirect,
        assumed: outcome.assumed().iter().filter(|node| is_own(node)).count() as u64,
        failed: victims.iter().map(|node| failed_row(model, outcome, *node)).collect(),
        degraded: degraded.iter().map(|one| degraded_row(model, one)).collect(),
    }
}

fn failed_row(model: &Model, outcome: &Outcome, node: u32) -> FailedRow {
    let path: Vec<FailureStep> = outcome
        .path(model, node)
        .into_iter()
        .map(|step| FailureStep {
            entity: entity_ref(model, step.node),
            by: step.cause.map(|cause| remedy::by(cause).to_owned()),
            is_assumed: step.is_assumed,
        })
        .collect();
    FailedRow {
        entity: entity_ref(model, node),
        is_entry: matches!(model.extra(node), Some(Extra::Entry { .. })),
        why: remedy::why(&path),
        path: path.into_iter().map(|step| step.entity.name).collect(),
    }
}

fn degraded_row(model: &Model, one: &crate::failure::Degraded) -> DegradedRow {
    let soft = one.soft.iter().map(|(to, cause)| {
        let far = match model.extra(*to) {
            Some(Extra::Call { to, .. }) => *to,
            _ => *to,
        };
        format!("{}: {}", remedy::soft(*cause), entity_ref(model, far).name)
    });
    let thinned = one.thinned.iter().map(|(cause, lost, left)| match cause {
        Cause::PlacedIn => format!("lost {lost} of {} places: fails over", lost + left),
        _ => format!("lost {lost} of {} ({})", lost + left, remedy::by(*cause)),
    });
    let via = one.via.map(|via| {
        let far = match model.extra(via) {
            Some(Extra::Call { to, .. }) => *to,
            _ => via,
        };
        format!("needs {}, which degrades", entity_ref(model, far).name)
    });
    let all: Vec<String> = soft.chain(thinned).chain(via).collect();
    DegradedRow { entity: entity_ref(model, one.node), distance: one.distance, why: all.join("; ") }
}

fn recoveries(model: &Model, back: &Recovered) -> Vec<Recovery> {
    let estate = model.estate();
    let mut rows: Vec<Recovery> = back
        .back
        .iter()
        .filter(|(one, ..)| !estate.is_outside(*one))
        .map(|(one, by, to)| {
            let is_pod = estate.entity(*one).kind == K::Pod;
            let stayed = to.is_some_and(|to| estate.far(*one, R::RunsOn).any(|node| node == to));
            let delay = match (is_pod, stayed) {
                (true, false) => Measure::new(toleration(model, *one), "s"),
                (true, true) => Measure::absent(
                    "s",
                    Absence::NoData.because("it is started again where it was"),
                ),
                _ => Measure::absent(
                    "s",
                    Absence::NoData.because("depends on the image and the group's checks"),
                ),
            };
            Recovery {
                entity: entity_ref(model, *one),
                by: entity_ref(model, *by),
                to: to.map(|to| entity_ref(model, to)),
                delay,
            }
        })
        .collect();
    rows.sort_by(|a, b| {
        let key = |one: &Recovery| one.delay.value.unwrap_or(f64::INFINITY);
        key(a).total_cmp(&key(b)).then_with(|| a.entity.id.cmp(&b.entity.id))
    });
    rows
}

/// Seconds that a pod stays bound to a node that is lost: its own toleration, else the default.
fn toleration(model: &Model, pod: u32) -> f64 {
    let stated = model.estate().entity(pod).properties.get("toleration_seconds");
    stated.and_then(serde_json::Value::as_f64).unwrap_or(TOLERATION_SECONDS)
}

fn unrecovered(model: &Model, back: &Recovered) -> Vec<Unrecovered> {
    let row = |(one, reason): &(u32, String)| Unrecovered {
        entity: entity_ref(model, *one),
        reason: reason.clone(),
    };
    let own = back.lost.iter().filter(|(one, _)| !model.is_outside(*one));
    let mut rows: Vec<Unrecovered> = own.map(row).collect();
    rows.sort_by(|a, b| a.entity.id.cmp(&b.entity.id));
    rows
}

/// Nodes that take pods over, and what lost replicas and holds.
fn survivors(model: &Model, outcome: &Outcome, back: &Recovered) -> Vec<Survivor> {
    let peak =
        || Measure::absent("1", Absence::NotCollected.because("measured peaks are not read here"));
    let mut rows: Vec<Survivor> = Vec::new();
    for node in back.used.iter().filter(|node| !model.is_outside(**node)) {
        let room = back.nodes.get(node);
        let share = |of: fn(&Room) -> (f64, f64)| match room.map(of) {
            Some((used, all)) if all > 0.0 => Measure::new(used / all, "1"),
            _ => Measure::absent(
                "1",
                Absence::NoData.because("the allocatable capacity is not known"),
            ),
        };
        rows.push(Survivor {
            entity: entity_ref(model, *node),
            replicas_left: None,
            replicas: None,
            cpu_requests: share(|room| (room.cpu_used, room.cpu)),
            memory_requests: share(|room| (room.memory_used, room.memory)),
            peak: peak(),
        });
    }
    let fullness = |one: &Survivor| {
        let of = |measure: &Measure| measure.value.unwrap_or(0.0);
        of(&one.cpu_requests).max(of(&one.memory_requests))
    };
    rows.sort_by(|a, b| {
        fullness(b).total_cmp(&fullness(a)).then_with(|| a.entity.id.cmp(&b.entity.id))
    });
    let none =
        || Measure::absent("1", Absence::NotApplicable.because("requests are those of its nodes"));
    for one in outcome.degraded().iter().filter(|one| !model.is_outside(one.node)) {
        let replicas = one.thinned.iter().find(|(cause, ..)| *cause == Cause::Replicas);
        let Some((_, lost, left)) = replicas else { continue };
        rows.push(Survivor {
            entity: entity_ref(model, one.node),
            replicas_left: Some(u64::from(*left)),
            replicas: Some(u64::from(lost + left)),
            cpu_requests: none(),
            memory_requests: none(),
            peak: peak(),
        });
    }
    rows
}

fn not_checked() -> Vec<String> {
    vec![
        "affinity and topology spread of pods that come back".to_owned(),
        "tolerations: nodes with a taint that keeps pods away take none".to_owned(),
        "whether a cloud has instances to give".to_owned(),
    ]
}
