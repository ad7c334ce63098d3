//! Which incidents touched whose value, and what they cost together. Pure.

use std::collections::{BTreeMap, BTreeSet};

use model::time::Micros;

use super::fetch::Facts;
use super::judge::is_asked;
use super::shape::ValueDowntime;
use crate::incident::Incident;
use crate::value::Interval;

/// Intervals of harm within the window, and all that are known.
#[derive(Default)]
struct Harm {
    inside: Vec<Interval>,
    known: Vec<Interval>,
}

/// From the beginning of an incident's harm to its end, `until` while it goes on; `None` where either is
/// not known.
fn harm_of(incident: &Incident, until: Micros) -> Option<Interval> {
    let from = incident.started_at.or(incident.detected_at)?;
    let ended = incident.mitigated_at.or(incident.resolved_at.map(|(earliest, _)| earliest));
    let to = ended.or(incident.is_open().then_some(until))?;
    (from < to).then_some((from, to))
}

/// What incidents cost each subject whose value they touched.
pub(super) fn downtime(facts: &Facts) -> Vec<ValueDowntime> {
    let (from, to) = facts.window.0.micros();
    let mut touched: BTreeMap<Option<String>, Harm> = BTreeMap::new();
    for incident in &facts.incidents {
        let Some(interval) = harm_of(incident, facts.now) else { continue };
        let entities = incident.subjects.iter().filter_map(|one| facts.estate.find(&one.id));
        let entities: Vec<u32> = entities.filter(|one| is_asked(facts, *one)).collect();
        if entities.is_empty() && facts.asked.is_some() {
            continue;
        }
        let ids: BTreeSet<String> =
            entities.iter().flat_map(|one| facts.book.touched(&facts.estate, *one)).collect();
        let mut of: Vec<Option<String>> = ids.into_iter().map(Some).collect();
        if of.is_empty() {
            of.push(None);
        }
        let inside = (interval.0.max(from), interval.1.min(to).min(facts.now));
        for id in of {
            let harm = touched.entry(id).or_default();
            harm.known.push(interval);
            if inside.0 < inside.1 {
                harm.inside.push(inside);
            }
        }
    }
    touched.retain(|_, harm| !harm.inside.is_empty());
    let mut all: Vec<ValueDowntime> = touched
        .into_iter()
        .map(|(of, harm)| {
            let name = of.as_deref().and_then(|id| facts.estate.find(id));
            let id = of.as_deref().unwrap_or_default();
            let mut cost = facts.book.downtime(id, &harm.inside, &harm.known);
            cost.of.clone_from(&of);
            ValueDowntime {
                name: name.map(|one| facts.estate.entity(one).name.clone()),
                of,
                incidents: harm.inside.len() as u64,
                cost,
            }
        })
        .collect();
    all.sort_by(|a, b| b.cost.minutes.total_cmp(&a.cost.minutes).then_with(|| a.of.cmp(&b.of)));
    all
}
