//! What stands beside the findings as it was recorded: incidents and detections, scans, lists.

use std::collections::{BTreeMap, BTreeSet};

use model::time::{Micros, Window};

use super::fetch::SecurityFacts;
use super::item::{self, Item};
use super::shape::{FindingState, ScanState, SecurityIncident, SecurityLists};
use crate::finding::Episode;

/// Labels by which an incident says that it is one of security.
const INCIDENT_LABELS: [&str; 5] = ["category", "type", "kind", "incident_type", "class"];

/// Security incidents, and threats that were detected, newest first.
pub(super) fn incidents(
    facts: &SecurityFacts,
    items: &[Item],
    window: Window,
) -> Vec<SecurityIncident> {
    let (from, to) = window.micros();
    let mut all = Vec::new();
    for record in &facts.incidents {
        let body = &record.body;
        let is_security = INCIDENT_LABELS.iter().any(|name| {
            body.labels.get(*name).is_some_and(|value| value.to_lowercase().contains("security"))
        });
        let began = body.started_at.or(body.detected_at);
        let Some(began) = began.filter(|at| is_security && *at < to && *at <= facts.at) else {
            continue;
        };
        let ended = body.resolved_at_latest.or(body.resolved_at).filter(|end| *end <= facts.at);
        if ended.is_some_and(|end| end < from) {
            continue;
        }
        let status =
            if ended.is_none() && body.status == "resolved" { "open" } else { &body.status };
        all.push(SecurityIncident {
            id: body.external_id.clone(),
            source: record.source.clone(),
            kind: "incident".to_owned(),
            title: body.title.clone(),
            severity: body.severity.clone(),
            status: status.to_owned(),
            from: began.timestamp(),
            to: ended.map(Micros::timestamp),
            entities: record.subjects.iter().map(|one| one.id.clone()).collect(),
        });
    }
    for item in items.iter().filter(|one| one.finding.item.kind == "threat") {
        all.extend(detections(item, (from, to)));
    }
    all.sort_by(|a, b| {
        b.from.cmp(&a.from).then_with(|| (&a.source, &a.id).cmp(&(&b.source, &b.id)))
    });
    all
}

/// One row for each stretch of time during which a threat was seen.
fn detections(item: &Item, (from, to): (Micros, Micros)) -> Vec<SecurityIncident> {
    let key = &item.finding.key;
    let status = match item.state {
        FindingState::Fixed => "fixed",
        FindingState::Suppressed => "suppressed",
        _ => "open",
    };
    let is_in = |one: &&Episode| one.from < to && one.until.is_none_or(|end| end >= from);
    let episodes = item.finding.episodes.iter().filter(is_in);
    episodes
        .map(|episode| SecurityIncident {
            id: item::id_of(key),
            source: item.finding.scanners.iter().next().cloned().unwrap_or_default(),
            kind: "detection".to_owned(),
            title: item.finding.item.title.clone(),
            severity: Some(item.finding.item.severity.clone()),
            status: if episode.until.is_some() { "fixed" } else { status }.to_owned(),
            from: episode.from.timestamp(),
            to: episode.until.map(Micros::timestamp),
            entities: vec![key.target.clone()],
        })
        .collect()
}

/// The newest scan of each lane whose target the answer is about.
pub(super) fn scans(facts: &SecurityFacts, items: &[Item]) -> Vec<ScanState> {
    let targets: BTreeSet<&str> = items.iter().map(|one| one.finding.key.target.as_str()).collect();
    let is_narrowed = facts.is_scoped || facts.asked.is_some() || !facts.units.is_empty();
    let mut all: BTreeMap<_, ScanState> = BTreeMap::new();
    let held = facts.known.reports.iter().filter(|one| one.at <= facts.at);
    for one in held.filter(|one| !is_narrowed || targets.contains(one.target.as_str())) {
        let key = (&one.scanner, &one.class, &one.target, &one.workload);
        let state = all.entry(key).or_insert_with(|| ScanState {
            scanner: one.scanner.clone(),
            class: one.class.clone(),
            target: one.target.clone(),
            workload: one.workload.clone(),
            at: one.at.timestamp(),
            is_complete: one.is_complete,
            listed: 0,
            scans: 0,
        });
        state.scans += 1;
        let at = one.at.timestamp();
        let listed = one.items.len() as u64;
        if at > state.at {
            (state.at, state.is_complete, state.listed) = (at, one.is_complete, listed);
        } else if at == state.at {
            state.listed = state.listed.max(listed);
        }
    }
    let mut all: Vec<ScanState> = all.into_values().collect();
    all.sort_by(|a, b| {
        b.at.cmp(&a.at)
            .then_with(|| (&a.target, &a.scanner, &a.class).cmp(&(&b.target, &b.scanner, &b.class)))
    });
    all
}

pub(super) fn lists(facts: &SecurityFacts) -> SecurityLists {
    let added = facts.exploited.values().filter_map(|one| one.added).max();
    let scored = facts.likelihood.values().filter_map(|one| one.2).max();
    SecurityLists {
        known_exploited: facts.exploited.len() as u64,
        known_exploited_newest: added.map(Micros::timestamp),
        exploit_likelihood: facts.likelihood.len() as u64,
        exploit_likelihood_scored: scored.map(Micros::timestamp),
        exclusions: facts.said.len() as u64,
    }
}
