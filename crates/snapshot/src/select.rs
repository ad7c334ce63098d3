//! Which entities a query means: filters, roots with depth and direction, the viewer's part of the
//! organisation, and the relations among what matches.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use model::EntityKind;
use model::entity::EntityId;
use model::fact::{Direction, EntityFact, TopologyQuery};
use model::kind::RelationKind;
use model::scope::{OrgScope, Place, Scope};

use super::edge::Row;
use super::estate::Estate;
use super::fact::{RelationId, cluster_name, rows_in_force, visible};
use super::life::Entity;
use super::matched::{Match, Matched};

/// Relations that one walk from roots may read.
const WALK_RELATIONS_MAX: usize = 1_000_000;
/// Entities that one walk may reach, when no more are asked for.
const WALK_ENTITIES_MAX: usize = 5_000;
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
    // A walk from what a viewer may not see would tell what is around it.
    let seen = |id: EntityId| {
        let entity = estate.entities.get(&id)?;
        let found = Match::new(id, entity, visible(estate, entity, query.with_ended)?);
        is_in(&allowed, &found).then_some(id)
    };
    let roots: Option<BTreeSet<EntityId>> = (!query.roots.is_empty()).then(|| {
        let named = query.roots.iter().map(|root| named(estate, root, query.with_ended));
        named.filter_map(|root| seen(root.ok()?)).collect()
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
    match &roots {
        Some(roots) => {
            let (reached, is_cut) = walk(estate, query, roots);
            let reached =
                reached.into_iter().filter_map(|id| Some((id, estate.entities.get(&id)?)));
            let mut found = Matched::new(reached.filter_map(is_meant).collect());
            found.is_cut = is_cut;
            found.roots = roots.iter().copied().collect();
            found
        }
        None => Matched::new(estate.entities.iter().filter_map(is_meant).collect()),
    }
}

/// Of some ids, the entities that are there now and that a viewer may see.
pub fn matched_among<'a>(estate: &'a Estate, ids: Vec<EntityId>, org: &OrgScope) -> Matched<'a> {
    let allowed = match org {
        OrgScope::Everything => None,
        OrgScope::Units(units) => Some(below(estate, units)),
    };
    let seen = |id: EntityId| {
        let entity = estate.entities.get(&id)?;
        let found = Match::new(id, entity, visible(estate, entity, false)?);
        let is_allowed = allowed.as_ref().is_none_or(|set| set.holds(id, found.fact(estate)));
        is_allowed.then_some(found)
    };
    Matched::new(ids.into_iter().filter_map(seen).collect())
}

fn matches(estate: &Estate, one: &Match<'_>, query: &TopologyQuery) -> bool {
    if query.place != Place::default() && !is_placed(estate, one, &query.place) {
        return false;
    }
    let holds = |filter: &model::fact::LabelFilter| {
        let value = one.entity.says(|content| {
            let mut labels = content.labels.iter().map(|label| estate.names.label(*label));
            labels.find(|(name, _)| *name == filter.name).map(|(_, value)| value)
        });
        value.is_some_and(|value| match filter.value.strip_suffix('*') {
            Some(start) => value.starts_with(start),
            None => value == filter.value,
        })
    };
    let has_text = |text: &String| {
        let text = text.to_lowercase();
        one.name(estate).to_lowercase().contains(&text)
            || estate.canonical(one.entity).to_lowercase().contains(&text)
    };
    query.labels.iter().all(holds) && query.text.as_ref().is_none_or(has_text)
}

/// Whether an entity is in a place: the place's own entity (the cluster, the namespace) is in it too.
fn is_placed(estate: &Estate, one: &Match<'_>, place: &Place) -> bool {
    let is =
        |wanted: &[String], part: fn(&Scope) -> &Option<String>, itself: Option<EntityKind>| {
            let is_wanted = |text: &str| wanted.iter().any(|one| one == text);
            wanted.is_empty()
                || one.place(estate, part).is_some_and(is_wanted)
                || (itself == Some(one.entity.kind) && is_wanted(one.name(estate)))
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
    let cluster = one.place(estate, |scope| &scope.cluster);
    let own_id = is_cluster.then(|| estate.canonical(one.entity));
    let own_uid = own_id.as_deref().and_then(|id| id.strip_prefix("k8s://"));
    let is_wanted = |text: &str| wanted.iter().any(|one| one == text);
    if cluster.or(own_uid).is_some_and(is_wanted) {
        return true;
    }
    let name = cluster.and_then(|cluster| cluster_name(estate, cluster));
    name.as_deref().or(is_cluster.then(|| one.name(estate))).is_some_and(is_wanted)
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
        units.iter().filter_map(|unit| estate.find(unit)).collect();
    let mut open: Vec<EntityId> = entities.iter().copied().collect();
    while let Some(id) = open.pop() {
        let Some(entity) = estate.entities.get(&id) else { continue };
        for row in rows_in_force(estate, [entity.ends.outgoing]) {
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
    ids.extend(entities.iter().filter_map(|id| Some(estate.canonical(estate.entities.get(id)?))));
    Subtree { entities, ids }
}

/// The entities within reach of the roots, breadth first, in order of id, and whether it stopped
/// before it had them all.
fn walk(
    estate: &Estate,
    query: &TopologyQuery,
    roots: &BTreeSet<EntityId>,
) -> (Vec<EntityId>, bool) {
    let most = WALK_ENTITIES_MAX.max(query.limit).max(roots.len());
    let mut seen: HashSet<EntityId> = roots.iter().copied().collect();
    let mut reached: Vec<EntityId> = roots.iter().copied().collect();
    let (mut first, mut read, mut is_cut) = (0, 0_usize, false);
    let is_asked =
        |row: &Row<'_>| query.relations.is_empty() || query.relations.contains(&row.kind);
    for _ in 0..query.depth.min(DEPTH_MAX) {
        let step = first..reached.len();
        first = reached.len();
        for place in step {
            let Some(entity) = reached.get(place).and_then(|id| estate.entities.get(id)) else {
                continue;
            };
            let ends = entity.ends;
            let ways = [
                (Direction::Dependents, ends.outgoing, true),
                (Direction::Dependencies, ends.above, false),
                (Direction::Dependencies, ends.used, false),
            ];
            for (_, list, is_out) in ways.into_iter().filter(|way| query.direction != way.0) {
                for row in rows_in_force(estate, [list]) {
                    if read >= WALK_RELATIONS_MAX || reached.len() >= most {
                        is_cut = true;
                        break;
                    }
                    read += 1;
                    let id = if is_out { row.to } else { row.from };
                    if is_asked(&row) && !seen.contains(&id) && is_there(estate, id, query) {
                        seen.insert(id);
                        reached.push(id);
                    }
                }
            }
        }
    }
    reached.sort_unstable();
    (reached, is_cut)
}

fn is_there(estate: &Estate, id: EntityId, query: &TopologyQuery) -> bool {
    let entity = estate.entities.get(&id);
    entity.is_some_and(|entity| visible(estate, entity, query.with_ended).is_some())
}

/// Relations among what matches, each with its rows, in order of ids.
pub fn relations<'a>(
    estate: &'a Estate,
    found: &Matched<'_>,
    query: &TopologyQuery,
) -> BTreeMap<RelationId, Vec<Row<'a>>> {
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
    mut take: impl FnMut(RelationId, &[Row<'a>]),
) {
    let mut rows: Vec<Row<'_>> = Vec::new();
    let is_asked = |row: &Row<'_>| {
        (query.relations.is_empty() || query.relations.contains(&row.kind))
            && found.contains(row.to)
    };
    for one in &found.all {
        let Some(entity) = estate.entities.get(&one.id) else { continue };
        rows.clear();
        if query.with_ended {
            let all = estate.edges.rows([entity.ends.outgoing]);
            rows.extend(all.filter(|row| row.valid_from <= estate.at).filter(is_asked));
        } else {
            rows.extend(rows_in_force(estate, [entity.ends.outgoing]).filter(is_asked));
        }
        rows.sort_by_key(|row| (row.kind, row.to));
        for of_one in rows.chunk_by(|a, b| (a.kind, a.to) == (b.kind, b.to)) {
            if let Some(row) = of_one.first() {
                take((row.from, row.kind, row.to), of_one);
            }
        }
    }
}

/// The entity that a name means: a canonical id, an alias that leads to one thing, the name of exactly
/// one, or that of exactly one service, whatever else has it: its workload and its account mostly do.
/// `Err` holds how many have the name.
pub fn named(estate: &Estate, name: &str, with_ended: bool) -> Result<EntityId, usize> {
    let present = |id: EntityId| {
        let entity = estate.entities.get(&id)?;
        visible(estate, entity, with_ended).map(|_| id)
    };
    if let Some(id) = estate.find(name).and_then(present) {
        return Ok(id);
    }
    let by_alias = lead(estate, name);
    if let [id] = by_alias.as_slice()
        && let Some(id) = present(*id)
    {
        return Ok(id);
    }
    let by_name: Vec<EntityId> = estate
        .entities
        .iter()
        .filter(|(_, entity)| {
            let ranked = entity.ranked();
            ranked.iter().next().is_some_and(|(_, one)| estate.names.name(one.name) == name)
        })
        .filter_map(|(id, _)| present(id))
        .collect();
    let is_service = |id: &&EntityId| {
        estate.entities.get(id).is_some_and(|entity| entity.kind == EntityKind::Service)
    };
    let mut services = by_name.iter().filter(is_service);
    match (by_name.as_slice(), services.next(), services.next()) {
        ([id], ..) | (_, Some(id), None) => Ok(*id),
        (several, ..) => Err(several.len().max(by_alias.len())),
    }
}

/// The entities that a key leads to by plain aliases in force, in order.
pub fn lead(estate: &Estate, key: &str) -> Vec<EntityId> {
    let Some(key) = estate.names.keys.find(key) else { return Vec::new() };
    let mut seen = BTreeSet::from([key]);
    let mut open = vec![key];
    let mut found = BTreeSet::new();
    while let Some(key) = open.pop() {
        found.extend(estate.find_place(key));
        open.extend(estate.claims.leads(key).filter(|to| seen.insert(*to)));
    }
    found.into_iter().collect()
}
