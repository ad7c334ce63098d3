//! Groups of entities by place, application, team or kind, and the relations between the groups.

use std::collections::{BTreeMap, BTreeSet};

use model::EntityKind;
use model::entity::EntityId;
use model::fact::{AggregateBy, EntityFact, GroupFact, GroupRelationFact};
use model::kind::RelationKind;

use super::estate::Estate;
use super::fact::{RelationId, rows_in_force};
use super::select::Matched;

/// Steps from an entity to the VPC it is in.
const VPC_STEPS: u32 = 4;

/// Groups in order of key, and the relations between them in order.
pub fn groups<'a>(
    estate: &Estate,
    found: &Matched,
    relations: impl Iterator<Item = &'a RelationId>,
    by: AggregateBy,
) -> (Vec<GroupFact>, Vec<GroupRelationFact>) {
    let keys: BTreeMap<EntityId, String> =
        found.iter().map(|(id, fact)| (*id, key(estate, *id, fact, by))).collect();
    let mut counts: BTreeMap<&str, BTreeMap<EntityKind, u64>> = BTreeMap::new();
    for (id, fact) in found {
        if let Some(key) = keys.get(id) {
            *counts.entry(key).or_default().entry(fact.kind).or_default() += 1;
        }
    }
    let groups = counts
        .into_iter()
        .map(|(key, kinds)| GroupFact {
            group: key.to_owned(),
            name: name(estate, key, by),
            kinds: kinds.into_iter().collect(),
        })
        .collect();
    let mut between: BTreeMap<(&str, RelationKind, &str), u64> = BTreeMap::new();
    for (from, kind, to) in relations {
        if let (Some(from), Some(to)) = (keys.get(from), keys.get(to)) {
            *between.entry((from, *kind, to)).or_default() += 1;
        }
    }
    let between = between
        .into_iter()
        .map(|((from, kind, to), count)| GroupRelationFact {
            from: from.to_owned(),
            kind,
            to: to.to_owned(),
            count,
        })
        .collect();
    (groups, between)
}

/// The group of an entity; empty when it has none.
fn key(estate: &Estate, id: EntityId, fact: &EntityFact, by: AggregateBy) -> String {
    let scope = &fact.scope;
    let itself = |kind| (fact.kind == kind).then(|| fact.id.clone());
    let key = match by {
        AggregateBy::Account => scope.account.clone(),
        AggregateBy::Region => scope.region.clone(),
        AggregateBy::Zone => scope.zone.clone(),
        AggregateBy::Vpc => vpc(estate, id),
        AggregateBy::Cluster => scope.cluster.clone(),
        AggregateBy::Namespace => scope
            .namespace
            .as_ref()
            .map(|namespace| format!("{}/{namespace}", scope.cluster.as_deref().unwrap_or("_"))),
        AggregateBy::Application => {
            fact.application.clone().or_else(|| itself(EntityKind::Application))
        }
        AggregateBy::Team => fact.owner.clone().or_else(|| itself(EntityKind::Team)),
        AggregateBy::Kind => Some(fact.kind.to_string()),
    };
    key.unwrap_or_default()
}

/// What people call a group.
fn name(estate: &Estate, key: &str, by: AggregateBy) -> String {
    let entity = match by {
        AggregateBy::Cluster => estate.find(&format!("k8s://{key}").into()),
        AggregateBy::Vpc | AggregateBy::Application | AggregateBy::Team => estate.find(&key.into()),
        AggregateBy::Namespace => {
            return key.rsplit_once('/').map_or(key, |(_, namespace)| namespace).to_owned();
        }
        _ => None,
    };
    let entity = entity.and_then(|id| estate.entities.get(&id));
    let ranked = entity.map(super::life::Entity::ranked).unwrap_or_default();
    let named = ranked.first().map(|(_, _, content)| content.name.clone());
    named.filter(|name| !name.is_empty()).unwrap_or_else(|| key.to_owned())
}

/// Canonical id of the VPC that an entity is in: up from what contains it and down to where it is.
fn vpc(estate: &Estate, id: EntityId) -> Option<String> {
    let mut near = BTreeSet::from([id]);
    for _ in 0..=VPC_STEPS {
        let is_vpc =
            |id: &EntityId| estate.entities.get(id).filter(|entity| entity.kind == EntityKind::Vpc);
        if let Some(vpc) = near.iter().filter_map(is_vpc).map(|vpc| &vpc.canonical).min() {
            return Some(vpc.to_string());
        }
        let mut next = BTreeSet::new();
        for id in &near {
            let Some(entity) = estate.entities.get(id) else { continue };
            let is_place = |kind| {
                matches!(
                    kind,
                    RelationKind::PlacedIn | RelationKind::RunsOn | RelationKind::AttachedTo
                )
            };
            next.extend(
                rows_in_force(estate, &entity.incoming)
                    .filter(|row| row.kind == RelationKind::Contains)
                    .map(|row| row.from),
            );
            next.extend(
                rows_in_force(estate, &entity.outgoing)
                    .filter(|row| is_place(row.kind))
                    .map(|row| row.to),
            );
        }
        near = next;
    }
    None
}
