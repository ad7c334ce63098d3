//! Where a subject stands: on which path from the symptom, and how soon before the start it was altered.
//! Pure.

use std::collections::{BTreeMap, VecDeque};

use model::time::Micros;

use super::facts::SuspectFacts;

/// How long before the start a change counts.
pub(super) const CHANGE_BEFORE: i64 = 4 * Micros::HOUR;
/// Time in which a change's weight halves.
pub(super) const CHANGE_HALF: i64 = Micros::HOUR;
/// What an event of a cluster counts beside a change that somebody made: it is often a consequence.
const EVENT: f64 = 0.3;

/// Changes of a subject that count, heaviest first.
pub(super) fn changes(facts: &SuspectFacts, subject: usize, start: Micros) -> Vec<(usize, f64)> {
    let mut all: Vec<(usize, f64)> = facts
        .changes
        .iter()
        .enumerate()
        .filter(|(_, change)| change.subject == subject)
        .filter_map(|(place, change)| {
            let before = start.0.saturating_sub(change.at.0);
            let halves = before as f64 / CHANGE_HALF as f64;
            let weight = 0.5_f64.powf(halves) * if change.kind == "event" { EVENT } else { 1.0 };
            (0..=CHANGE_BEFORE).contains(&before).then_some((place, weight))
        })
        .collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    all
}

/// The shortest path from the symptom to each subject it depends on.
pub(super) fn paths(facts: &SuspectFacts) -> BTreeMap<usize, Vec<usize>> {
    let mut paths = BTreeMap::from([(facts.symptom, vec![facts.symptom])]);
    let mut open = VecDeque::from([facts.symptom]);
    while let Some(one) = open.pop_front() {
        let here = paths.get(&one).cloned().unwrap_or_default();
        for (_, to) in facts.calls.range((one, 0)..=(one, usize::MAX)) {
            if !paths.contains_key(to) {
                let path = here.iter().copied().chain([*to]).collect();
                paths.insert(*to, path);
                open.push_back(*to);
            }
        }
    }
    paths
}
