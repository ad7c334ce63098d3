//! Groups as a store gives them: those asked for, or those that show what is too much for a list.

use std::collections::BTreeMap;

use model::fact::{AggregateBy, GroupFact, TopologyFacts, TopologyQuery, is_picture};

/// Cuts facts to the query's limit, or gives groups instead of entities.
pub fn group(
    facts: &mut TopologyFacts,
    groups: &BTreeMap<&'static str, Vec<GroupFact>>,
    query: &TopologyQuery,
) {
    let by_word = |by: AggregateBy| {
        let word = serde_json::to_value(by).unwrap();
        groups.get(word.as_str().unwrap()).cloned().unwrap_or_default()
    };
    let tells = |by: &&AggregateBy| {
        let groups = by_word(**by);
        let size = |one: &GroupFact| one.kinds.iter().map(|kind| kind.1).sum();
        let sizes = groups.iter().map(|one| (one.group.as_str(), size(one)));
        is_picture(**by, query.groups_max, sizes)
    };
    let is_over = facts.entities.len() > query.limit && query.after.is_none();
    let chosen = query.or_by.iter().filter(|_| is_over).find(tells).copied();
    facts.entities.truncate(query.limit);
    if let Some(by) = query.aggregate_by.or(chosen) {
        facts.grouped_by = Some(by);
        facts.groups = by_word(by);
        facts.groups.truncate(query.limit);
        facts.entities.clear();
    }
}
