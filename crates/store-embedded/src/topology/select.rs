//! Which entities a query means: filters, roots with depth and direction, the viewer's part of the
//! organisation, and the relations among what matches.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use model::EntityKind;
use model::entity::EntityId;
use model::fact::{Direction, EntityFact, TopologyQuery};
use model::kind::RelationKind;
use model::reference::AliasKey;
use model::resolution::RelationWrite;
use model::scope::{OrgScope, Place, Scope};

use super::estate::Estate;
use super::fact::{RelationId, cluster_name, rows_in_force, visible};
use super::life::Entity;
use super::matched::{Match, Matched};

/// Relations that one walk from roots may read.
const WALK_RELATIONS_MAX: usize = 1_000_000;
/// Steps that a walk may take.
const DEPTH_MAX: u32 = 6;

/// Entities that a viewer may see and a query means.
pub fn matched<'a>(estate: &'a Estate, query: &TopologyQuery, org: &OrgScope) -> Matched<'a> {
    let allowed = match org {
        OrgScope::Everything => None,
        OrgScope::Units(units) => Some(below(estate, units)),
    };
    let units = (!query.unit.is_empty()).then(|| below(estate, &query.unit));
    let is_in = |set: &Option<Subtree>, one: &Match<'_>| {
        set.as_ref().is_none_or(|set| set.holds(one.id, one.fact(estate)))
    };
    let roots: Option<BTreeSet<EntityId>> = (!query.roots.is_empty()).then(|| {
        query.roots.iter().filter_map(|root| named(estate, root, query.with_ended).ok()).collect()
    });
    let is_root = |id: EntityId| roots.as_ref().is_some_and(|roots| roots.contains(&id));
    let is_meant = |(id, entity): (EntityId, &'a Entity)| {
        let is_root = is_root(id);
        if !is_root && !query.kinds.is_empty() && !query.kinds.contains(&entity.kind) {
            return None;
        }
        let found = Match::new(id, entity, visible(estate, entity, query.with_ended)?);
        let is_meant = is_in(&allowed, &found)
            && (is_root || (matches(estate, &found, query) && is_in(&units, &found)));
        is_meant.then_some(found)
    };
    let all = match &roots {
        Some(roots) => walk(estate, query, roots)
            .into_iter()
            .filter_map(|id| Some((id, estate.entities.get(&id)?)))
            .filter_map(is_meant)
            .collect(),
        None => estate.entities.iter().filter_map(is_meant).collect(),
    };
    Matched::new(all)
}

fn matches(estate: &Estate, one: &Match<'_>, query: &TopologyQuery) -> bool {
    if query.place != Place::default() && !is_placed(estate, one, &query.place) {
        return false;
    }
    let holds = |filter: &model::fact::LabelFilter| {
        let value = one.says(|content| content.labels.get(&filter.name));
        value.is_some_and(|value| match filter.value.strip_suffix('*') {
            Some(start) => value.starts_with(start),
            None => *value == filter.value,
        })
    };
    let has_text = |text: &String| {
        let text = text.to_lowercase();
        one.name().to_lowercase().contains(&text)
            || one.entity.canonical.as_str().to_lowercase().contains(&text)
    };
    query.labels.iter().all(holds) && query.text.as_ref().is_none_or(has_text)
}

/// Whether an entity is in a place: the place's own entity (the cluster, the namespace) is in it too.
fn is_placed(estate: &Estate, one: &Match<'_>, place: &Place) -> bool {
    let is =
        |wanted: &[String], part: fn(&Scope) -> &Option<String>, itself: Option<EntityKind>| {
            let is_wanted = |text: &str| wanted.iter().any(|one| one == text);
            wanted.is_empty()
                || one.place(part).is_some_and(is_wanted)
                || (itself == Some(one.entity.kind) && is_wanted(one.name()))
        };
    is(&place.account, |scope| &scope.account, Some(EntityKind::Account))
        && is(&place.region, |scope| &scope.region, Some(EntityKind::Region))
        && (place.cluster.is_empty() || is_of_cluster(estate, one, &place.cluster))
        && is(&place.namespace, |scope| &scope.namespace, Some(EntityKind::KubernetesNamespace))
        && is(&place.environment, |scope| &scope.environment, None)
}

/// A cluster is wanted by its uid or its name; the cluster itself is in it.
fn is_of_cluster(estate: &Estate, one: &Match<'_>, wanted: &[String]) -> bool {
    let is_cluster = one.entity.kind == EntityKind::KubernetesCluster;
    let cluster = one.place(|scope| &scope.cluster);
    let own_uid = one.entity.canonical.as_str().strip_prefix("k8s://").filter(|_| is_cluster);
    let is_wanted = |text: &str| wanted.iter().any(|one| one == text);
    if cluster.or(own_uid).is_some_and(is_wanted) {
        return true;
    }
    let name = cluster.and_then(|cluster| cluster_name(estate, cluster));
    name.as_deref().or(is_cluster.then(|| one.name())).is_some_and(is_wanted)
}

/// What hangs below some units.
pub struct Subtree {
    entities: BTreeSet<EntityId>,
    ids: BTreeSet<String>,
}

impl Subtree {
    /// Whether an entity belongs to it.
    pub fn holds(&self, id: EntityId, fact: &EntityFact) -> bool {
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
    found: &Matched<'_>,
    query: &TopologyQuery,
) -> BTreeMap<RelationId, Vec<&'a RelationWrite>> {
    let mut relations = BTreeMap::new();
    each_relation(estate, found, query, |id, rows| {
        relations.insert(id, rows.to_vec());
    });
    relations
}

/// Calls `take` for every relation among what matches, with its rows, in order of ids.
pub fn each_relation<'a>(
    estate: &'a Estate,
    found: &Matched<'_>,
    query: &TopologyQuery,
    mut take: impl FnMut(RelationId, &[&'a RelationWrite]),
) {
    let mut rows: Vec<&RelationWrite> = Vec::new();
    let is_asked = |row: &&RelationWrite| {
        (query.relations.is_empty() || query.relations.contains(&row.kind))
            && found.contains(row.to)
    };
    for one in &found.all {
        let Some(entity) = estate.entities.get(&one.id) else { continue };
        rows.clear();
        if query.with_ended {
            let places = entity.outgoing.iter().filter_map(|place| estate.edges.row(*place));
            rows.extend(places.filter(|row| row.valid_from <= estate.at).filter(is_asked));
        } else {
            rows.extend(rows_in_force(estate, &entity.outgoing).filter(is_asked));
        }
        rows.sort_by_key(|row| (row.kind, row.to));
        for of_one in rows.chunk_by(|a, b| (a.kind, a.to) == (b.kind, b.to)) {
            if let Some(row) = of_one.first() {
                take((row.from, row.kind, row.to), of_one);
            }
        }
    }
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
        .filter_map(|(id, _)| present(id))
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
