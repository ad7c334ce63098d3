//! Entry points with their weight.

use model::absence::Absence;
use model::measure::Measure;

use super::fetch::DependencyFacts;
use super::judge::Judged;
use super::shape::EntryPoint;
pub(super) use crate::entry_point::EntryService as Entry;
use crate::entry_point::entry_services;

/// The entry points asked for, the most requests first, then in order of ordinal.
pub(super) fn entries_of(facts: &DependencyFacts) -> Vec<Entry> {
    let mut entries = entry_services(&facts.estate, &facts.traced, &facts.ends);
    entries.retain(|one| facts.entries.is_empty() || facts.entries.contains(&one.service));
    entries
}

impl Judged<'_> {
    /// Weight of each entry point, 0 to 1; `None` while no requests are known.
    pub fn weights(&self) -> Option<Vec<f64>> {
        let requests = |entry: &Entry| entry.requests.unwrap_or(0) as f64;
        let total: f64 = self.entries.iter().map(requests).sum();
        (total > 0.0).then(|| self.entries.iter().map(|entry| requests(entry) / total).collect())
    }
}

/// The entry points that the viewer may see.
pub(super) fn shown(it: &Judged<'_>) -> Vec<EntryPoint> {
    let estate = &it.facts.estate;
    let weights = it.weights();
    let row = |(place, entry): (usize, &Entry)| {
        let entity = estate.entity(entry.service);
        let weight = weights.as_ref().and_then(|all| all.get(place)).copied();
        let visible = entry.through.iter().filter(|one| !estate.is_outside(**one));
        EntryPoint {
            service: entity.id.clone(),
            name: entity.name.clone(),
            rule: entry.rule.to_owned(),
            kind: entry.kind.to_owned(),
            through: visible.map(|one| estate.entity(*one).id.clone()).collect(),
            requests: match entry.requests {
                Some(requests) => Measure::measured(requests as f64, "count"),
                None => Measure::absent("count", Absence::NotCollected),
            },
            weight: match weight {
                Some(weight) => Measure::new(weight, "1"),
                None => Measure::absent("1", Absence::NotCollected),
            },
        }
    };
    let is_seen = |(_, entry): &(usize, &Entry)| !estate.is_outside(entry.service);
    it.entries.iter().enumerate().filter(is_seen).map(row).collect()
}
