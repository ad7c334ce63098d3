//! Which entities a query means: filters, roots with depth and direction, the viewer's part of the
//! organisation, and the relations among what matches.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use model::EntityKind;
use model::entity::EntityId;
use model::fact::{Direction, EntityFact, TopologyQuery};
use model::kind::RelationKind;
use model::reference::AliasKey;
use model::resolution::RelationWrite;
use model::scope::{OrgScope, Place};

use super::estate::Estate;
use super::fact::{RelationId, entity_fact, rows_in_force, visible};

/// Relations that one walk from roots may read.
const WALK_RELATIONS_MAX: usize = 1_000_000;
/// Steps that a walk may take.
const DEPTH_MAX: u32 = 6;

/// What matches, by id.
pub type Matched = BTreeMap<EntityId, EntityFact>;

/// Entities that a viewer may see and a query means, with their facts.
pub fn matched(estate: &Estate, query: &TopologyQuery, org: &OrgScope) -> Matched {
    let allowed = match org {
        OrgScope::Everything => None,
        OrgScope::Units(units) => Some(below(estate, units)),
    };
    let units = (!query.unit.is_empty()).then(|| below(estate, &query.unit));
    let is_in = |set: &Option<Subtree>, id: EntityId, fact: &EntityFact| {
        set.as_ref().is_none_or(|set| set.holds(id, fact))
    };
    let mut found = Matched::new();
    let roots: Option<BTreeSet<EntityId>> = (!query.roots.is_empty()).then(|| {
        query.roots.iter().filter_map(|root| named(estate, root, query.with_ended).ok()).collect()
    });
    let reached = roots.as_ref().map(|roots| walk(estate, query, roots));
    let ids: Box<dyn Iterator<Item = EntityId>> = match &reached {
        Some(reached) => Box::new(reached.iter().copied()),
        None => Box::new(estate.entities.keys().copied()),
    };
    for id in ids {
        let Some(entity) = estate.entities.get(&id) else { continue };
        let Some(existence) = visible(estate, entity, query.with_ended) else { continue };
        let is_root = roots.as_ref().is_some_and(|roots| roots.contains(&id));
        if !is_root && !query.kinds.is_empty() && !query.kinds.contains(&entity.kind) {
            continue;
        }
        let fact = entity_fact(estate, id, entity, &existence);
        if !is_in(&allowed, id, &fact) {
            continue;
        }
        if is_root || (matches(&fact, query) && is_in(&units, id, &fact)) {
            found.insert(id, fact);
        }
    }
    found
}

fn matches(fact: &EntityFact, query: &TopologyQuery) -> bool {
    let holds = |filter: &model::fact::LabelFilter| {
        fact.labels.get(&filter.name).is_some_and(|value| match filter.value.strip_suffix('*') {
            Some(start) => value.starts_with(start),
            None => *value == filter.value,
        })
    };
    let has_text = |text: &String| {
        let text = text.to_lowercase();
        fact.name.to_lowercase().contains(&text) || fact.id.to_lowercase().contains(&text)
    };
    is_placed(fact, &query.place)
        && query.labels.iter().all(holds)
        && query.text.as_ref().is_none_or(has_text)
}

/// Whether an entity is in a place: the place's own entity (the cluster, the namespace) is in it too.
fn is_placed(fact: &EntityFact, place: &Place) -> bool {
    let is = |wanted: &[String], parts: [Option<&str>; 2]| {
        wanted.is_empty() || parts.iter().flatten().any(|part| wanted.iter().any(|one| one == part))
    };
    let scope = &fact.scope;
    let itself = |kind| (fact.kind == kind).then_some(fact.name.as_str());
    let cluster = fact.cluster_name.as_deref().or(itself(EntityKind::KubernetesCluster));
    let own_uid = fact.id.strip_prefix("k8s://");
    let own_uid = own_uid.filter(|_| fact.kind == EntityKind::KubernetesCluster);
    is(&place.account, [scope.account.as_deref(), itself(EntityKind::Account)])
        && is(&place.region, [scope.region.as_deref(), itself(EntityKind::Region)])
        && is(&place.cluster, [scope.cluster.as_deref().or(own_uid), cluster])
        && is(
            &place.namespace,
            [scope.namespace.as_deref(), itself(EntityKind::KubernetesNamespace)],
        )
        && is(&place.environment, [scope.environment.as_deref(), None])
}

/// What hangs below some units.
pub struct Subtree {
    entities: BTreeSet<EntityId>,
    ids: BTreeSet<String>,
}

impl Subtree {
    fn holds(&self, id: EntityId, fact: &EntityFact) -> bool {
        let is_in = |unit: &Option<String>| unit.as_ref().is_some_and(|one| self.ids.contains(one));
        self.entities.contains(&id) || is_in(&fact.owner) || is_in(&fact.application)
    }
}

/// The subtrees of units: what they own, what they have as parts, and what implements those.
pub fn below(estate: &Estate, units: &[String]) -> Subtree {
    let mut entities: BTreeSet<EntityId> =
        units.iter().filter_map(|unit| estate.find(&AliasKey::from(unit))).collect();
    let mut open: Vec<EntityId> = entities.iter().copied().collect();
    while let Some(id) = open.pop() {
        let Some(entity) = estate.entities.get(&id) else { continue };
        for row in rows_in_force(estate, &entity.outgoing) {
            let is_down = matches!(
                row.kind,
                RelationKind::Owns | RelationKind::HasPart | RelationKind::ImplementedBy
            );
            if is_down && entities.insert(row.to) {
                open.push(row.to);
            }
        }
    }
    let mut ids: BTreeSet<String> = units.iter().cloned().collect();
    ids.extend(
        entities.iter().filter_map(|id| Some(estate.entities.get(id)?.canonical.to_string())),
    );
    Subtree { entities, ids }
}

/// The entities within reach of the roots, breadth first.
fn walk(estate: &Estate, query: &TopologyQuery, roots: &BTreeSet<EntityId>) -> BTreeSet<EntityId> {
    let mut reached = roots.clone();
    let mut open: VecDeque<(EntityId, u32)> = roots.iter().map(|id| (*id, 0)).collect();
    let mut read = 0_usize;
    while let Some((id, steps)) = open.pop_front() {
        if steps >= query.depth.min(DEPTH_MAX) || read >= WALK_RELATIONS_MAX {
            continue;
        }
        let Some(entity) = estate.entities.get(&id) else { continue };
        let mut far: BTreeSet<EntityId> = BTreeSet::new();
        let is_asked = |row: &&RelationWrite| {
            query.relations.is_empty() || query.relations.contains(&row.kind)
        };
        if query.direction != Direction::Dependents {
            far.extend(rows_in_force(estate, &entity.outgoing).filter(is_asked).map(|row| row.to));
            read = read.saturating_add(entity.outgoing.len());
        }
        if query.direction != Direction::Dependencies {
            far.extend(
                rows_in_force(estate, &entity.incoming).filter(is_asked).map(|row| row.from),
            );
            read = read.saturating_add(entity.incoming.len());
        }
        for id in far {
            let is_visible = estate
                .entities
                .get(&id)
                .is_some_and(|entity| visible(estate, entity, query.with_ended).is_some());
            if is_visible && reached.insert(id) {
                open.push_back((id, steps + 1));
            }
        }
    }
    reached
}

/// Relations among what matches, each with its rows, in order of ids.
pub fn relations<'a>(
    estate: &'a Estate,
    found: &Matched,
    query: &TopologyQuery,
) -> BTreeMap<RelationId, Vec<&'a RelationWrite>> {
    let mut relations: BTreeMap<RelationId, Vec<&RelationWrite>> = BTreeMap::new();
    for id in found.keys() {
        let Some(entity) = estate.entities.get(id) else { continue };
        let places = entity.outgoing.iter().filter_map(|place| estate.edges.row(*place));
        let holding: Vec<&RelationWrite> = if query.with_ended {
            places.filter(|row| row.valid_from <= estate.at).collect()
        } else {
            rows_in_force(estate, &entity.outgoing).collect()
        };
        for row in holding {
            let is_asked = query.relations.is_empty() || query.relations.contains(&row.kind);
            if is_asked && found.contains_key(&row.to) {
                relations.entry((row.from, row.kind, row.to)).or_default().push(row);
            }
        }
    }
    relations
}

/// The entity that a name means: a canonical id, an alias that leads to one thing, or the name of
/// exactly one. `Err` holds how many have the name.
pub fn named(estate: &Estate, name: &str, with_ended: bool) -> Result<EntityId, usize> {
    let key = AliasKey::from(name);
    let present = |id: EntityId| {
        let entity = estate.entities.get(&id)?;
        visible(estate, entity, with_ended).map(|_| id)
    };
    if let Some(id) = estate.find(&key).and_then(present) {
        return Ok(id);
    }
    let by_alias = lead(estate, &key);
    if let [id] = by_alias.as_slice()
        && let Some(id) = present(*id)
    {
        return Ok(id);
    }
    let by_name: Vec<EntityId> = estate
        .entities
        .iter()
        .filter(|(_, entity)| {
            entity.ranked().first().is_some_and(|(_, _, content)| content.name == name)
        })
        .filter_map(|(id, _)| present(*id))
        .collect();
    match by_name.as_slice() {
        [id] => Ok(*id),
        several => Err(several.len().max(by_alias.len())),
    }
}

/// The entities that a key leads to by plain aliases in force, in order.
pub fn lead(estate: &Estate, key: &AliasKey) -> Vec<EntityId> {
    let mut seen = BTreeSet::from([key.clone()]);
    let mut open = vec![key.clone()];
    let mut found = BTreeSet::new();
    while let Some(key) = open.pop() {
        found.extend(estate.find(&key));
        for claim in estate.claims.get(&key).into_iter().flatten() {
            if claim.observed_to.is_none()
                && let [to] = claim.claim.to.as_slice()
                && seen.insert(to.clone())
            {
                open.push(to.clone());
            }
        }
    }
    found.into_iter().collect()
}
