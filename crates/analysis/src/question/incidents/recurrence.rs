//! What keeps breaking: the same thing harmed again within 30 days.

use std::collections::{BTreeMap, BTreeSet};

use model::time::Micros;

use super::figure::Span;
use super::group::{Key, services};
use super::shape::IncidentRecurrence;
use crate::incident::Incident;
use crate::series::percentile::{median, sorted};

/// An incident that begins this soon after the one before of the same thing recurs.
const RECURS_WITHIN: i64 = 30 * Micros::DAY;

/// What recurs.
pub(super) struct Recurrences {
    /// By thing.
    pub list: Vec<IncidentRecurrence>,
    /// Source and id of those that recurred.
    pub recurred: BTreeSet<(String, String)>,
}

/// Judges all incidents that pass the filters; counts those that began in the span.
pub(super) fn recurrences(incidents: &[&Incident], span: Span) -> Recurrences {
    let mut by_thing: BTreeMap<Key, Vec<(Micros, &Incident)>> = BTreeMap::new();
    for one in incidents {
        let Some(began) = one.began() else { continue };
        for key in services(one) {
            by_thing.entry(key).or_default().push((began, one));
        }
    }
    let mut found = Recurrences { list: Vec::new(), recurred: BTreeSet::new() };
    for ((id, name), mut all) in by_thing {
        all.sort_by_key(|(began, one)| (*began, one.id.clone()));
        let count = all.iter().filter(|(began, _)| span.holds(*began)).count() as u64;
        let mut returned = 0;
        let mut gaps = Vec::new();
        for pair in all.windows(2) {
            let [(before, _), (began, one)] = pair else { continue };
            let gap = began.0 - before.0;
            if !span.holds(*began) {
                continue;
            }
            gaps.push(gap as f64 / Micros::DAY as f64);
            if gap <= RECURS_WITHIN {
                returned += 1;
                found.recurred.insert((one.source.clone(), one.id.clone()));
            }
        }
        if let Some(days_between) = median(&sorted(gaps)).filter(|_| count > 0) {
            let share = returned as f64 / count as f64;
            found.list.push(IncidentRecurrence { id, name, count, returned, share, days_between });
        }
    }
    found.list.sort_by(|a, b| {
        (b.returned, b.count, &a.name, &a.id).cmp(&(a.returned, a.count, &b.name, &b.id))
    });
    found
}
