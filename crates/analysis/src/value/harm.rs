//! Which incidents touched whose value, and what they cost together. Pure. Shared by the questions about
//! value and about incidents.

use std::collections::{BTreeMap, BTreeSet};

use model::table::{Cell, Table};
use model::time::{Micros, Window};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::book::ValueBook;
use super::downtime::{DowntimeCost, Interval};
use crate::estate::Estate;
use crate::incident::Incident;

/// What incidents cost one subject.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ValueDowntime {
    /// Canonical id of the narrowest of entry, application and product whose value is known; null where
    /// none is.
    pub of: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// How many incidents touched it.
    pub incidents: u64,
    /// What they cost together.
    pub cost: DowntimeCost,
}

/// Whose incidents are counted.
#[derive(Clone, Copy)]
pub(crate) struct HarmScope<'a> {
    /// The window.
    pub window: Window,
    /// The instant asked about: what goes on lasts until then.
    pub now: Micros,
    /// Which incidents are meant; the others only say which hours are no example.
    pub is_meant: &'a dyn Fn(&Incident) -> bool,
    /// Which entities may be touched.
    pub is_asked: &'a dyn Fn(u32) -> bool,
    /// Whether every entity may be touched, and with it what names none.
    pub is_everything: bool,
}

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

/// What incidents cost each subject whose value they touched, the longest harm first.
pub(crate) fn value_downtime(
    book: &ValueBook,
    estate: &Estate,
    incidents: &[Incident],
    scope: HarmScope<'_>,
) -> Vec<ValueDowntime> {
    let (from, to) = scope.window.micros();
    let mut touched: BTreeMap<Option<String>, Harm> = BTreeMap::new();
    for incident in incidents {
        let Some(interval) = harm_of(incident, scope.now) else { continue };
        let entities = incident.subjects.iter().filter_map(|one| estate.find(&one.id));
        let entities: Vec<u32> = entities.filter(|one| (scope.is_asked)(*one)).collect();
        if entities.is_empty() && !scope.is_everything {
            continue;
        }
        let ids: BTreeSet<String> =
            entities.iter().flat_map(|one| book.touched(estate, *one)).collect();
        let mut of: Vec<Option<String>> = ids.into_iter().map(Some).collect();
        if of.is_empty() {
            of.push(None);
        }
        let inside = (interval.0.max(from), interval.1.min(to).min(scope.now));
        let is_meant = inside.0 < inside.1 && (scope.is_meant)(incident);
        for id in of {
            let harm = touched.entry(id).or_default();
            harm.known.push(interval);
            harm.inside.extend(is_meant.then_some(inside));
        }
    }
    touched.retain(|_, harm| !harm.inside.is_empty());
    let cost = |(of, harm): (Option<String>, Harm)| {
        let name = of.as_deref().and_then(|id| estate.find(id));
        let id = of.as_deref().unwrap_or_default();
        let mut cost = book.downtime(id, &harm.inside, &harm.known);
        cost.of.clone_from(&of);
        ValueDowntime {
            name: name.map(|one| estate.entity(one).name.clone()),
            of,
            incidents: harm.inside.len() as u64,
            cost,
        }
    };
    let mut all: Vec<ValueDowntime> = touched.into_iter().map(cost).collect();
    all.sort_by(|a, b| b.cost.minutes.total_cmp(&a.cost.minutes).then_with(|| a.of.cmp(&b.of)));
    all
}

/// The table of it.
pub fn downtime_table(name: &str, all: &[ValueDowntime]) -> Table {
    let columns = [
        ("of", "Value of", Cell::Text, ""),
        ("incidents", "Incidents", Cell::Count, ""),
        ("minutes", "Minutes", Cell::Number, "min"),
        ("minutes_measured", "Measured", Cell::Number, "min"),
        ("minutes_assumed", "Assumed", Cell::Number, "min"),
        ("method", "Method", Cell::Text, ""),
        ("currency", "Currency", Cell::Text, ""),
        ("expected", "Expected", Cell::Amount, ""),
        ("observed", "Observed", Cell::Amount, ""),
        ("cost", "Cost", Cell::Amount, ""),
        ("reason", "Why not", Cell::Text, ""),
    ];
    let mut table = Table::new(name, &columns);
    for one in all {
        let cost = &one.cost;
        table.rows.push(vec![
            json!(one.of),
            json!(one.incidents),
            json!(cost.minutes),
            json!(cost.minutes_measured),
            json!(cost.minutes_assumed),
            json!(cost.method),
            json!(cost.currency),
            json!(cost.expected),
            json!(cost.observed),
            json!(cost.amount),
            json!(cost.reason),
        ]);
    }
    table
}
