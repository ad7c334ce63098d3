//! The facts of the `topology` question, and what differs between two instants.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use model::EntityKind;
use model::entity::EntityId;
use model::error::StoreError;
use model::fact::{
    AggregateBy, EntityChange, EntityFact, GroupFact, TopologyComparison, TopologyFacts,
    TopologyQuery, is_picture,
};
use model::kind::RelationKind;
use model::scope::OrgScope;
use serde_json::Value;

use super::estate::Estate;
use super::fact::{RelationId, held_count, relation_fact};
use super::few::Few;
use super::group::Grouping;
use super::life::{Entity, NOW};
use super::matched::Matched;
use super::names::NONE;
use super::select::{each_relation, matched, relations};
use super::tally::{Tally, is_kept};

/// Facts of a part of the estate. Those of the whole are kept until the next write.
pub fn topology(
    estate: &Estate,
    query: &TopologyQuery,
    org: &OrgScope,
) -> Result<TopologyFacts, StoreError> {
    let whole = TopologyQuery {
        aggregate_by: query.aggregate_by,
        or_by: query.or_by.clone(),
        groups_max: query.groups_max,
        depth: query.depth,
        direction: query.direction,
        limit: query.limit,
        relations_max: query.relations_max,
        after: query.after.clone(),
        ..TopologyQuery::default()
    };
    if *query != whole || *org != OrgScope::Everything {
        return part(estate, query, org);
    }
    if query.aggregate_by.is_none() {
        return match whole_picture(estate, query, org)? {
            Some(facts) => Ok(facts),
            None => part(estate, query, org),
        };
    }
    if let Some(by) = query.aggregate_by.filter(|by| is_kept(*by) && estate.at == NOW) {
        let mut tallies = estate.tallies.lock().unwrap_or_else(PoisonError::into_inner);
        let held = tallies.iter().position(|tally| tally.by() == by);
        let place = held.unwrap_or_else(|| {
            tallies.push(Tally::new(estate, by));
            tallies.len() - 1
        });
        let mut facts = tallies[place].facts(estate);
        drop(tallies);
        limit_groups(&mut facts, query);
        return Ok(facts);
    }
    let mut kept = estate.whole.lock().unwrap_or_else(PoisonError::into_inner);
    let found = kept.iter().find(|(by, _)| *by == query.aggregate_by).map(|(_, facts)| facts);
    let facts = match found {
        Some(facts) => Arc::clone(facts),
        None => {
            let all = TopologyQuery { limit: usize::MAX, after: None, ..whole };
            let facts = Arc::new(part(estate, &all, org)?);
            kept.push((all.aggregate_by, Arc::clone(&facts)));
            facts
        }
    };
    drop(kept);
    let mut facts = TopologyFacts::clone(&facts);
    limit_groups(&mut facts, query);
    Ok(facts)
}

/// The grouping that shows the whole, if one was asked for and it is too much for a list; each is kept
/// until the next write.
fn whole_picture(
    estate: &Estate,
    query: &TopologyQuery,
    org: &OrgScope,
) -> Result<Option<TopologyFacts>, StoreError> {
    if query.or_by.is_empty() || query.after.is_some() {
        return Ok(None);
    }
    // A small estate is listed without counts that every write would have to keep right from now on.
    if estate.entities.iter().nth(query.limit).is_none() {
        return Ok(None);
    }
    let grouped = |by| {
        let all = TopologyQuery { aggregate_by: Some(by), limit: usize::MAX, ..query.clone() };
        topology(estate, &all, org)
    };
    if grouped(AggregateBy::Kind)?.entity_total <= query.limit as u64 {
        return Ok(None);
    }
    for by in &query.or_by {
        let mut facts = grouped(*by)?;
        let size = |group: &GroupFact| group.kinds.iter().map(|(_, count)| *count).sum();
        let sizes = facts.groups.iter().map(|group| (group.group.as_str(), size(group)));
        if is_picture(*by, query.groups_max, sizes) {
            limit_groups(&mut facts, query);
            return Ok(Some(facts));
        }
    }
    Ok(None)
}

fn part(
    estate: &Estate,
    query: &TopologyQuery,
    org: &OrgScope,
) -> Result<TopologyFacts, StoreError> {
    let found = matched(estate, query, org);
    let mut facts = TopologyFacts {
        version: estate.version,
        first_observation: estate.first_observation,
        entity_total: found.all.len() as u64,
        // Both are counts of the whole: of a part of the organisation they would tell of the rest.
        open_references: if *org == OrgScope::Everything {
            estate.references.open_count()
        } else {
            0
        },
        held: if *org == OrgScope::Everything { held_count(estate) } else { 0 },
        is_cut: found.is_cut,
        roots: found.roots(estate),
        ..TopologyFacts::default()
    };
    count_kinds(estate, &found, &mut facts);
    let grouping = match query.aggregate_by {
        Some(by) => Some(Grouping::new(estate, &found, by)),
        None => picture(estate, &found, query),
    };
    let mut relation_kinds: BTreeMap<RelationKind, u64> = BTreeMap::new();
    if let Some(mut grouping) = grouping {
        let mut near = (EntityId(0), None);
        each_relation(estate, &found, query, |(from, kind, to), _| {
            *relation_kinds.entry(kind).or_default() += 1;
            if near.0 != from || near.1.is_none() {
                near = (from, found.position(from));
            }
            grouping.relation(near.1, kind, found.position(to));
        });
        facts.grouped_by = Some(grouping.by());
        (facts.groups, facts.group_relations) = grouping.facts();
        limit_groups(&mut facts, query);
    } else {
        let is_cut = found.all.len() > query.limit || query.after.is_some();
        if is_cut {
            each_relation(estate, &found, query, |(_, kind, _), _| {
                *relation_kinds.entry(kind).or_default() += 1;
            });
        }
        let among = list(estate, page(estate, found, query, org)?, query, &mut facts);
        if !is_cut {
            relation_kinds = among;
        }
    }
    facts.relation_total = relation_kinds.values().sum();
    facts.relation_kinds = relation_kinds.into_iter().collect();
    Ok(facts)
}

/// The grouping that shows what is too much for a list, if one was asked for.
fn picture<'a>(
    estate: &'a Estate,
    found: &Matched<'_>,
    query: &TopologyQuery,
) -> Option<Grouping<'a>> {
    let is_list = found.all.len() <= query.limit || query.after.is_some();
    let by = if is_list { &[] } else { query.or_by.as_slice() };
    by.iter()
        .map(|by| Grouping::new(estate, found, *by))
        .find(|grouping| grouping.is_picture(query.groups_max))
}

/// Entities, and the relations among them; gives the counts of these by kind.
fn list(
    estate: &Estate,
    given: Matched<'_>,
    query: &TopologyQuery,
    facts: &mut TopologyFacts,
) -> BTreeMap<RelationKind, u64> {
    let mut all = Vec::new();
    let mut kinds: BTreeMap<RelationKind, u64> = BTreeMap::new();
    each_relation(estate, &given, query, |id, rows| {
        *kinds.entry(id.1).or_default() += 1;
        all.push((id, rows.iter().copied().collect::<Few<_>>()));
    });
    facts.relations_among = all.len() as u64;
    let order = |a: &RelationId, b: &RelationId| {
        let compare = |a: EntityId, b: EntityId| {
            let key = |id| estate.entities.get(&id).map_or(NONE, |entity| entity.key);
            estate.names.keys.compare(key(a), key(b))
        };
        compare(a.0, b.0).then(a.1.cmp(&b.1)).then_with(|| compare(a.2, b.2))
    };
    let most = query.relations_max.unwrap_or(usize::MAX);
    if all.len() > most {
        all.select_nth_unstable_by(most, |a, b| order(&a.0, &b.0));
        all.truncate(most);
    }
    all.sort_unstable_by(|a, b| order(&a.0, &b.0));
    facts.relations =
        all.iter().filter_map(|(_, rows)| relation_fact(estate, rows.as_slice())).collect();
    facts.entities = given.facts(estate).into_values().collect();
    facts.entities.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
    kinds
}

fn count_kinds(estate: &Estate, found: &Matched<'_>, facts: &mut TopologyFacts) {
    let mut kinds: BTreeMap<EntityKind, u64> = BTreeMap::new();
    let mut controllers: BTreeMap<&str, u64> = BTreeMap::new();
    for one in &found.all {
        *kinds.entry(one.entity.kind).or_default() += 1;
        if one.entity.kind == EntityKind::Workload
            && let Some(controller) =
                one.entity.says(|content| estate.names.text(content.controller))
        {
            *controllers.entry(controller).or_default() += 1;
        }
    }
    facts.controllers =
        controllers.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
    facts.kinds = kinds.into_iter().collect();
}

/// The groups of one page, and the relations between those.
fn limit_groups(facts: &mut TopologyFacts, query: &TopologyQuery) {
    let after = query.after.as_deref();
    facts.groups.retain(|group| after.is_none_or(|after| group.group.as_str() > after));
    facts.groups.truncate(query.limit);
    let groups = &facts.groups;
    let is_given = |key: &String| groups.binary_search_by(|one| one.group.cmp(key)).is_ok();
    facts.group_relations.retain(|one| is_given(&one.from) && is_given(&one.to));
}

/// The entities of one page: the first in order of (kind, id) after the cursor, given by id.
fn page<'a>(
    estate: &Estate,
    found: Matched<'a>,
    query: &TopologyQuery,
    org: &OrgScope,
) -> Result<Matched<'a>, StoreError> {
    // What a viewer may not see is as unknown as what does not exist.
    let is_seen = |id: &EntityId| *org == OrgScope::Everything || found.contains(*id);
    let cursor = query.after.as_ref().map(|after| {
        let seen = estate.find(after).filter(is_seen);
        seen.and_then(|id| estate.entities.get(&id))
    });
    let mut all = found.all;
    if let (Some(after), Some(cursor)) = (&query.after, cursor) {
        let kind = cursor.map(|entity| entity.kind).ok_or_else(|| StoreError::NotFound {
            what: format!("the entity {after} that the page goes on after"),
        })?;
        let order = |one: &Entity| {
            one.kind.cmp(&kind).then_with(|| estate.names.keys.compare_text(one.key, after))
        };
        all.retain(|one| order(one.entity).is_gt());
    }
    if all.len() > query.limit {
        // Only those of the page need be told from the others; the facts are sorted later.
        all.select_nth_unstable_by(query.limit, |a, b| {
            let (a, b) = (a.entity, b.entity);
            a.kind.cmp(&b.kind).then_with(|| estate.names.keys.compare(a.key, b.key))
        });
        all.truncate(query.limit);
        all.sort_by_key(|one| one.id);
    }
    Ok(Matched::new(all))
}

/// What differs between two instants, within the same query.
pub fn comparison(
    before: &Estate,
    after: &Estate,
    query: &TopologyQuery,
    org: &OrgScope,
) -> TopologyComparison {
    let (old, new) = (matched(before, query, org), matched(after, query, org));
    let (rows_before, rows_after) = (relations(before, &old, query), relations(after, &new, query));
    let (old, new) = (old.facts(before), new.facts(after));
    let mut changes = Vec::new();
    for (id, fact) in &new {
        match old.get(id) {
            None => changes.push(change(fact, "added", Vec::new())),
            Some(former) => {
                let fields = fields(former, fact);
                if life(before, *id) != life(after, *id) {
                    changes.push(change(fact, "recreated", fields));
                } else if !fields.is_empty() {
                    changes.push(change(fact, "changed", fields));
                }
            }
        }
    }
    // Two that turned out to be one are no removal: the id that went is found under the other.
    let gone = old.iter().filter(|(id, _)| !new.contains_key(&after.resolve(**id)));
    changes.extend(gone.map(|(_, fact)| change(fact, "removed", Vec::new())));
    changes.sort_by(|a, b| (&a.change, a.kind, &a.id).cmp(&(&b.change, b.kind, &b.id)));
    let mut totals: BTreeMap<String, u64> = BTreeMap::new();
    for one in &changes {
        *totals.entry(one.change.clone()).or_default() += 1;
    }
    changes.truncate(query.limit);
    let only = |here: &Estate, rows: &BTreeMap<_, Vec<_>>, there: &BTreeMap<_, Vec<_>>| {
        let mut only: Vec<_> = rows
            .iter()
            .filter(|(id, _)| !there.contains_key(*id))
            .filter_map(|(_, rows)| relation_fact(here, rows))
            .collect();
        only.sort_by(|a, b| (&a.from, a.kind, &a.to).cmp(&(&b.from, b.kind, &b.to)));
        only
    };
    let mut relations_added = only(after, &rows_after, &rows_before);
    let mut relations_removed = only(before, &rows_before, &rows_after);
    for (name, count) in
        [("relations_added", relations_added.len()), ("relations_removed", relations_removed.len())]
    {
        if count > 0 {
            totals.insert(name.to_owned(), count as u64);
        }
    }
    relations_added.truncate(query.limit);
    relations_removed.truncate(query.limit);
    TopologyComparison {
        entities: changes,
        relations_added,
        relations_removed,
        totals: totals.into_iter().collect(),
    }
}

fn change(fact: &EntityFact, change: &str, fields: Vec<(String, Value, Value)>) -> EntityChange {
    EntityChange {
        id: fact.id.clone(),
        kind: fact.kind,
        name: fact.name.clone(),
        change: change.to_owned(),
        fields,
    }
}

/// What tells two lives under one name apart, by source.
fn life(estate: &Estate, id: EntityId) -> BTreeMap<String, String> {
    let Some(entity) = estate.entities.get(&id) else { return BTreeMap::new() };
    entity
        .records
        .iter()
        .filter_map(|record| {
            let incarnation = record.mark(record.content.as_ref()?).incarnation()?;
            Some((record.source.to_string(), incarnation.to_owned()))
        })
        .collect()
}

/// Every field that differs, with both values, in order.
fn fields(old: &EntityFact, new: &EntityFact) -> Vec<(String, Value, Value)> {
    let (old, new) = (flat(old), flat(new));
    let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    names
        .into_iter()
        .filter_map(|name| {
            let value = |of: &BTreeMap<String, Value>| of.get(name).cloned().unwrap_or(Value::Null);
            let (before, after) = (value(&old), value(&new));
            (before != after).then(|| (name.clone(), before, after))
        })
        .collect()
}

fn flat(fact: &EntityFact) -> BTreeMap<String, Value> {
    let mut flat = BTreeMap::from([("name".to_owned(), Value::from(fact.name.clone()))]);
    if let Ok(Value::Object(scope)) = serde_json::to_value(&fact.scope) {
        flat.extend(scope);
    }
    flat.insert("owner".to_owned(), Value::from(fact.owner.clone()));
    flat.insert("application".to_owned(), Value::from(fact.application.clone()));
    for (name, value) in &fact.labels {
        flat.insert(format!("labels.{name}"), Value::from(value.clone()));
    }
    for (name, value) in &fact.properties {
        flat.insert(format!("properties.{name}"), value.clone());
    }
    flat
}
