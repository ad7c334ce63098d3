//! From the failure model to the answer of `service_dependencies/blast_radius`, pure.

use std::collections::BTreeMap;

use model::absence::Absence;
use model::envelope::{StoreFreshness, Warning};
use model::kind::EntityKind;
use model::measure::Measure;
use model::time::Micros;

use super::params::{BlastRadiusParams, BlastState};
use super::shape::{BlastEntity, BlastOwner, BlastRadiusAnswer, BlastStep, Degrading, Failing};
use crate::border::OUTSIDE;
use crate::failure::{Degraded, Extra, Model, Outcome, State};
use crate::question::Draft;

/// Closes the failure of the roots.
pub(super) fn judged(
    params: &BlastRadiusParams,
    model: &Model,
    roots: &[u32],
    as_of: Micros,
) -> Draft<BlastRadiusAnswer> {
    let state = match params.state.unwrap_or_default() {
        BlastState::ByDesign => State::ByDesign,
        BlastState::Now => State::Now,
    };
    let outcome = model.closure(roots, state);
    let limit = params.limit.unwrap_or(1) as usize;
    let is_shown = |node: &&u32| {
        matches!(model.extra(**node), None | Some(Extra::Entry { .. } | Extra::Zone { .. }))
    };
    // Paths lead through what lies outside the viewer's part; what fails or degrades there is not told.
    let is_own = |node: &&u32| !model.is_outside(**node);
    let shown = outcome.victims().iter().filter(is_shown);
    let victims: Vec<u32> = shown.clone().filter(is_own).copied().collect();
    let degraded: Vec<Degraded> =
        outcome.degraded().iter().filter(|one| is_own(&&one.node)).cloned().collect();
    let is_beyond = victims.len() < shown.count() || degraded.len() < outcome.degraded().len();
    let is_entity = |node: &&u32| model.extra(**node).is_none() && is_own(node);
    let count = |nodes: &[u32]| nodes.iter().filter(is_entity).count() as u64;
    let direct = degraded.iter().filter(|one| one.distance == 0).count() as u64;
    let entries: Vec<_> =
        model.entries().iter().filter(|entry| !model.is_outside(entry.node)).collect();
    let failed_entries: Vec<_> =
        entries.iter().filter(|entry| outcome.has_failed(entry.node)).collect();
    let weight: f64 = entries.iter().map(|entry| entry.weight).sum();
    let lost: f64 = failed_entries.iter().map(|entry| entry.weight).sum();
    let (calls, calls_assumed) = model.assumed();
    let answer = BlastRadiusAnswer {
        roots: roots.iter().map(|node| entity(model, *node)).collect(),
        failed_already: count(outcome.already()),
        fails_count: count(&victims),
        degrades_count: direct,
        degrades_indirectly_count: degraded.len() as u64 - direct,
        loss: match weight > 0.0 {
            true => Measure::new(lost / weight, "1").of(entries.len() as u64),
            false => Measure::absent("1", Absence::NotApplicable),
        },
        entry_points: failed_entries.iter().map(|one| entity(model, one.subject)).collect(),
        fails: victims.iter().take(limit).map(|node| failing(model, &outcome, *node)).collect(),
        degrades: degraded.iter().take(limit).map(|one| degrading(model, one)).collect(),
        owners: owners(model, &victims, &degraded),
        calls,
        calls_assumed,
        assumed_on_the_way: outcome.assumed().iter().filter(is_own).count() as u64,
    };
    let mut draft = Draft::new(answer, as_of);
    for (list, total) in [("fails", victims.len()), ("degrades", degraded.len())] {
        if total > limit {
            draft.truncated.insert(list.into(), total as u64);
        }
    }
    let version = model.estate().facts.version;
    let newest = version.newest.map(Micros::timestamp);
    draft.stores =
        vec![StoreFreshness { store: "topology".into(), version: version.number, newest }];
    draft.warnings = warnings(&draft.answer);
    draft.warnings.extend(is_beyond.then(beyond));
    draft.tables = draft.answer.tables();
    draft
}

fn warnings(answer: &BlastRadiusAnswer) -> Vec<Warning> {
    if answer.assumed_on_the_way == 0 {
        return Vec::new();
    }
    let message = format!(
        "{} calls on the way have a need that nobody states and are taken to be required",
        answer.assumed_on_the_way
    );
    vec![Warning::new("assumed", message)]
}

/// That there is more than a viewer of a part may see.
fn beyond() -> Warning {
    let message = "something outside your scope fails or degrades with it too; it is neither listed \
                   nor counted";
    Warning::new("scope", message)
}

fn entity(model: &Model, node: u32) -> BlastEntity {
    let estate = model.estate();
    let ordinal = match model.extra(node) {
        None => node,
        Some(Extra::Entry { subject }) => *subject,
        Some(Extra::Zone { name }) => {
            let name = if model.is_outside(node) { OUTSIDE } else { name };
            let (kind, name) = (EntityKind::Zone, name.to_owned());
            return BlastEntity { id: None, kind, name, owner: None };
        }
        Some(_) => {
            let (kind, name) = (EntityKind::Unknown, "a dependency".to_owned());
            return BlastEntity { id: None, kind, name, owner: None };
        }
    };
    let one = estate.entity(ordinal);
    if estate.is_outside(ordinal) {
        return BlastEntity { id: None, kind: one.kind, name: OUTSIDE.to_owned(), owner: None };
    }
    BlastEntity {
        id: Some(one.id.clone()),
        kind: one.kind,
        name: one.name.clone(),
        owner: one.owner.clone(),
    }
}

/// A word for a cause or a soft cause, as the answer writes it.
fn word(cause: impl std::fmt::Debug) -> String {
    let mut text = String::new();
    for letter in format!("{cause:?}").chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

fn failing(model: &Model, outcome: &Outcome, node: u32) -> Failing {
    let step = |step: crate::failure::Step| BlastStep {
        entity: entity(model, step.node),
        by: step.cause.map(word),
        is_assumed: step.is_assumed,
    };
    Failing {
        entity: entity(model, node),
        is_entry: matches!(model.extra(node), Some(Extra::Entry { .. })),
        path: outcome.path(model, node).into_iter().map(step).collect(),
    }
}

fn degrading(model: &Model, one: &Degraded) -> Degrading {
    let end = |node: u32| match model.extra(node) {
        Some(Extra::Call { to, .. }) => entity(model, *to).name,
        _ => entity(model, node).name,
    };
    let mut reasons: Vec<String> = one
        .soft
        .iter()
        .map(|(to, cause)| format!("{}: {} failed", word(cause), end(*to)))
        .collect();
    reasons.extend(
        one.thinned
            .iter()
            .map(|(cause, lost, left)| format!("{}: {lost} of {} lost", word(cause), lost + left)),
    );
    reasons.extend(one.via.map(|via| format!("needs {}, which degrades", end(via))));
    Degrading { entity: entity(model, one.node), distance: one.distance, reasons }
}

fn owners(model: &Model, victims: &[u32], degraded: &[Degraded]) -> Vec<BlastOwner> {
    let estate = model.estate();
    let mut counts: BTreeMap<Option<String>, (u64, u64)> = BTreeMap::new();
    let is_own = |node: &u32| model.extra(*node).is_none() && !estate.is_outside(*node);
    for node in victims.iter().filter(|node| is_own(node)) {
        counts.entry(estate.entity(*node).owner.clone()).or_default().0 += 1;
    }
    for one in degraded.iter().filter(|one| is_own(&one.node)) {
        counts.entry(estate.entity(one.node).owner.clone()).or_default().1 += 1;
    }
    let name = |owner: &Option<String>| match owner {
        None => "unowned".to_owned(),
        Some(id) => match estate.find(id).filter(|one| !estate.is_outside(*one)) {
            Some(one) => estate.entity(one).name.clone(),
            None => id.clone(),
        },
    };
    let row = |(owner, (fails, degrades)): (Option<String>, (u64, u64))| BlastOwner {
        name: name(&owner),
        owner,
        fails,
        degrades,
    };
    let mut owners: Vec<BlastOwner> = counts.into_iter().map(row).collect();
    owners.sort_by(|a, b| {
        let counts = (b.fails, b.degrades).cmp(&(a.fails, a.degrades));
        counts.then_with(|| a.owner.cmp(&b.owner))
    });
    owners
}
