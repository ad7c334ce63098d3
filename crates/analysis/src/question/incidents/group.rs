//! What incidents are grouped by, and what holds for a group.

use std::collections::BTreeMap;

use model::absence::Absence;
use model::kind::EntityKind;
use model::time::Micros;

use super::figure::{Span, durations};
use super::params::IncidentDimension;
use super::shape::{IncidentBreakdown, IncidentEntity, IncidentGroup, IncidentRates};
use crate::incident::Incident;
use crate::series::poisson::rate_test;

/// Below this, two rates are called different.
const SIGNIFICANT: f64 = 0.05;

/// A key and its name; the key is absent for those that have none.
pub(super) type Key = (Option<String>, String);

/// What an incident harmed: services where any are known, else whatever is known, else the names that
/// the source gives.
pub(super) fn harmed(incident: &Incident) -> Vec<IncidentEntity> {
    let known = || incident.subjects.iter().filter(|one| one.kind != EntityKind::Unknown);
    let mut all: Vec<IncidentEntity> = known()
        .map(|one| IncidentEntity {
            id: Some(one.id.clone()),
            kind: Some(one.kind.as_str().to_owned()),
            name: one.name.clone(),
            owner: one.owner.clone(),
        })
        .collect();
    if all.is_empty() {
        let named = |name: &String| IncidentEntity {
            id: None,
            kind: None,
            name: name.clone(),
            owner: None,
        };
        all.extend(incident.harmed.iter().map(named));
    }
    if all.is_empty() {
        // Named by a key alone, which leads nowhere yet.
        all.extend(incident.subjects.iter().map(|one| IncidentEntity {
            id: None,
            kind: None,
            name: one.id.clone(),
            owner: None,
        }));
    }
    all
}

/// Keys of what was harmed.
pub(super) fn services(incident: &Incident) -> Vec<Key> {
    let all = harmed(incident);
    let is_service = |one: &&IncidentEntity| one.kind.as_deref() == Some("service");
    let services: Vec<&IncidentEntity> = all.iter().filter(is_service).collect();
    let chosen = if services.is_empty() { all.iter().collect() } else { services };
    chosen.into_iter().map(|one| (one.id.clone(), one.name.clone())).collect()
}

/// Owners of what was harmed by canonical id, else the teams that the source names.
pub(super) fn teams(incident: &Incident) -> Vec<String> {
    let mut owners: Vec<String> =
        incident.subjects.iter().filter_map(|one| one.owner.clone()).collect();
    if owners.is_empty() {
        owners.clone_from(&incident.teams);
    }
    owners.sort();
    owners.dedup();
    owners
}

fn keys(incident: &Incident, by: IncidentDimension) -> Vec<Key> {
    let word = |text: &String| (Some(text.clone()), text.clone());
    let mut keys: Vec<Key> = match by {
        IncidentDimension::Severity => incident.severity.iter().map(word).collect(),
        IncidentDimension::Service => services(incident),
        IncidentDimension::Team => {
            let named = |team: String| {
                let name = team.rsplit('/').next().unwrap_or_default().to_owned();
                (Some(team), name)
            };
            teams(incident).into_iter().map(named).collect()
        }
        IncidentDimension::Source => vec![word(&incident.source)],
    };
    if keys.is_empty() {
        keys.push((None, format!("no {}", by.as_str())));
    }
    keys.sort();
    keys.dedup();
    keys
}

/// What holds for some incidents that touch the span.
pub(super) fn group((key, name): Key, incidents: &[&Incident], span: Span) -> IncidentGroup {
    let count =
        |is: &dyn Fn(&Incident) -> bool| incidents.iter().filter(|one| is(one)).count() as u64;
    IncidentGroup {
        key,
        name,
        count: incidents.len() as u64,
        began: count(&|one| one.began().is_some_and(|at| span.holds(at))),
        ended: count(&|one| one.resolved_at.is_some_and(|(_, latest)| span.holds(latest))),
        open: count(&Incident::is_open),
        ended_unknown: count(&Incident::has_unknown_end),
        reopened: incidents.iter().map(|one| one.reopened).sum(),
        durations: durations(incidents, span),
    }
}

/// The incidents by one dimension.
pub(super) fn breakdown(
    by: IncidentDimension,
    incidents: &[&Incident],
    span: Span,
    top: usize,
) -> IncidentBreakdown {
    let mut groups: BTreeMap<Key, Vec<&Incident>> = BTreeMap::new();
    for one in incidents {
        for key in keys(one, by) {
            groups.entry(key).or_default().push(one);
        }
    }
    let groups_total = groups.len() as u64;
    let mut ranked: Vec<(Key, Vec<&Incident>)> = groups.into_iter().collect();
    ranked.sort_by_key(|(_, all)| std::cmp::Reverse(all.len()));
    ranked.truncate(top);
    let groups = ranked.into_iter().map(|(key, all)| group(key, &all, span)).collect();
    IncidentBreakdown { by, groups, groups_total }
}

/// Counts of two times compared; `before` is absent with the reason.
pub(super) fn rates(
    (count, from, to): (u64, Micros, Micros),
    before: Result<(u64, Micros, Micros), Absence>,
) -> IncidentRates {
    let days = |from: Micros, to: Micros| (to.0 - from.0).max(0) as f64 / Micros::DAY as f64;
    let mut rates = IncidentRates {
        count,
        days: days(from, to),
        count_before: None,
        days_before: None,
        ratio: None,
        p_value: None,
        is_different: None,
        reason: None,
    };
    match before {
        Err(reason) => rates.reason = Some(reason),
        Ok((count_before, from, to)) => {
            let days_before = days(from, to);
            rates.count_before = Some(count_before);
            rates.days_before = Some(days_before);
            let is_rate = count_before > 0 && rates.days > 0.0 && days_before > 0.0;
            rates.ratio =
                is_rate.then(|| (count as f64 / rates.days) / (count_before as f64 / days_before));
            rates.p_value = rate_test((count, rates.days), (count_before, days_before)).ok();
            rates.is_different = rates.p_value.map(|p| p < SIGNIFICANT);
        }
    }
    rates
}
