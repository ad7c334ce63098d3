//! From rows to incidents: cut, join messages, join episodes, find parents.

use std::collections::BTreeMap;

use model::event::IncidentObservation;
use model::fact::RecordFact;
use model::time::Micros;

use super::Incident;
use super::parent::count_under_parents;
use super::row::Row;
use super::spell::{episodes, spells};

/// The incidents that these rows give at `as_of`, in order of beginning, source and id. The order of the
/// rows does not matter.
pub(crate) fn folded(facts: &[RecordFact<IncidentObservation>], as_of: Micros) -> Vec<Incident> {
    let mut told: BTreeMap<(&str, &str), Vec<Row<'_>>> = BTreeMap::new();
    let mut titles: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for row in facts.iter().filter_map(|fact| Row::cut(fact, as_of)) {
        if let (Some(key), Some(title)) = (row.episode_of, row.group_title()) {
            let held = titles.entry((row.source, key)).or_insert(title);
            *held = (*held).min(title);
        }
        told.entry((row.source, row.incident)).or_default().push(row);
    }
    let mut single: Vec<Incident> = Vec::new();
    let mut coming: BTreeMap<(String, String), Vec<Incident>> = BTreeMap::new();
    for rows in told.into_values() {
        for spell in spells(rows) {
            match spell.episode_of.clone() {
                None => single.push(spell),
                Some(key) => coming.entry((spell.source.clone(), key)).or_default().push(spell),
            }
        }
    }
    for ((source, key), spells) in coming {
        let title = titles.get(&(source.as_str(), key.as_str())).copied();
        single.extend(episodes(spells, title));
    }
    count_under_parents(&mut single);
    single.sort_by(|a, b| (a.began(), &a.source, &a.id).cmp(&(b.began(), &b.source, &b.id)));
    single
}
