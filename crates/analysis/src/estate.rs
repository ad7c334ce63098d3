//! The estate at an instant as the questions about the whole graph walk it: facts with an index both
//! ways. Made once for a version and kept, so that questions asked together share it.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use model::envelope::Warning;
use model::error::StoreError;
use model::fact::{EntityFact, EstateFacts, EstateRelation};
use model::kind::{EntityKind, RelationKind};
use model::scope::OrgScope;
use model::time::Micros;

use crate::ask::{AskContext, AskError};
use crate::border::masked;
use crate::rule::{self, RuleConflict, UserRule};

/// Estates that are kept: the present one and one of the past, for two viewers.
const KEPT_MAX: usize = 4;

/// Ways in from outside, each from the outside in, by the ordinal of what they lead to.
pub(crate) type WaysIn = BTreeMap<u32, BTreeSet<Vec<u32>>>;

/// The estate at an instant. An entity's ordinal is its place in order of (kind, canonical id).
#[derive(Debug, Default)]
pub struct Estate {
    /// The facts.
    pub facts: EstateFacts,
    /// Where each entity's relations begin in `facts.relations`; one more than there are entities.
    from_offsets: Vec<u32>,
    to_offsets: Vec<u32>,
    /// Places in `facts.relations`, by far end, then kind, then near end.
    to_places: Vec<u32>,
    /// Ordinals in order of canonical id.
    by_id: Vec<u32>,
    /// What `failure::ways_in` found; kept here since several questions ask it of one estate.
    pub(crate) ways_in: OnceLock<WaysIn>,
    /// Users' rules that disagree, in order; none of them holds.
    pub rule_conflicts: Vec<RuleConflict>,
}

impl Estate {
    /// Facts with their index. O(relations + entities · log entities).
    pub fn new(mut facts: EstateFacts) -> Self {
        let order = |one: &EstateRelation| (one.from, one.kind, one.to);
        if !facts.relations.is_sorted_by_key(order) {
            facts.relations.sort_by_key(order);
        }
        let count = facts.entities.len();
        let mut from_offsets = vec![0_u32; count + 1];
        let mut to_offsets = vec![0_u32; count + 1];
        for one in &facts.relations {
            from_offsets[one.from as usize + 1] += 1;
            to_offsets[one.to as usize + 1] += 1;
        }
        for place in 0..count {
            from_offsets[place + 1] += from_offsets[place];
            to_offsets[place + 1] += to_offsets[place];
        }
        let mut next = to_offsets.clone();
        let mut to_places = vec![0_u32; facts.relations.len()];
        for (place, one) in (0_u32..).zip(&facts.relations) {
            let slot = &mut next[one.to as usize];
            to_places[*slot as usize] = place;
            *slot += 1;
        }
        for node in to_offsets.windows(2) {
            let places = &mut to_places[node[0] as usize..node[1] as usize];
            places.sort_by_key(|place| facts.relations[*place as usize].kind);
        }
        let mut by_id: Vec<u32> = (0_u32..).take(count).collect();
        by_id.sort_by(|a, b| facts.entities[*a as usize].id.cmp(&facts.entities[*b as usize].id));
        Self { facts, from_offsets, to_offsets, to_places, by_id, ..Self::default() }
    }

    /// How many entities there are.
    pub fn len(&self) -> usize {
        self.facts.entities.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.facts.entities.is_empty()
    }

    /// The entity with an ordinal; ordinals come from this estate only.
    pub fn entity(&self, ordinal: u32) -> &EntityFact {
        &self.facts.entities[ordinal as usize]
    }

    /// Ordinal of the entity with a canonical id. O(log entities).
    pub fn find(&self, id: &str) -> Option<u32> {
        let place = self.by_id.partition_point(|one| self.entity(*one).id.as_str() < id);
        self.by_id.get(place).copied().filter(|one| self.entity(*one).id == id)
    }

    /// Ordinals of one kind: entities of a kind are neighbours. O(log entities).
    pub fn of_kind(&self, kind: EntityKind) -> std::ops::Range<u32> {
        let entities = &self.facts.entities;
        let start = entities.partition_point(|one| one.kind < kind);
        let end = entities.partition_point(|one| one.kind <= kind);
        ordinal(start)..ordinal(end)
    }

    /// Relations from an entity, in order of (kind, far end).
    pub fn from(&self, ordinal: u32) -> &[EstateRelation] {
        let (start, end) = bounds(&self.from_offsets, ordinal);
        &self.facts.relations[start..end]
    }

    /// Relations to an entity, in order of (kind, near end).
    pub fn to(&self, ordinal: u32) -> impl DoubleEndedIterator<Item = &EstateRelation> + '_ {
        let (start, end) = bounds(&self.to_offsets, ordinal);
        self.to_places[start..end].iter().map(|place| &self.facts.relations[*place as usize])
    }

    /// Far ends of an entity's relations of one kind, in order. Found in O(log relations): a workload
    /// of a hundred thousand pods is asked by each of them.
    pub fn far(&self, ordinal: u32, kind: RelationKind) -> impl Iterator<Item = u32> + '_ {
        let all = self.from(ordinal);
        let start = all.partition_point(|one| one.kind < kind);
        all[start..].iter().take_while(move |one| one.kind == kind).map(|one| one.to)
    }

    /// Near ends of an entity's relations of one kind, in order. Found as fast.
    pub fn near(&self, ordinal: u32, kind: RelationKind) -> impl Iterator<Item = u32> + '_ {
        let (first, last) = bounds(&self.to_offsets, ordinal);
        let all = &self.to_places[first..last];
        let relation = |place: &u32| &self.facts.relations[*place as usize];
        let start = all.partition_point(|place| relation(place).kind < kind);
        all[start..]
            .iter()
            .map(relation)
            .take_while(move |one| one.kind == kind)
            .map(|one| one.from)
    }

    /// Everything that is reached over relations of some kinds, the start among it, in order of
    /// distance and then of ordinal.
    pub fn reached(&self, starts: &[u32], kinds: &[RelationKind]) -> Vec<u32> {
        // No bit for each entity: it is asked for one pod after the other.
        let mut seen: HashSet<u32> = HashSet::new();
        let mut open: VecDeque<u32> = VecDeque::new();
        open.extend(starts.iter().copied().filter(|start| seen.insert(*start)));
        let mut found = Vec::new();
        while let Some(one) = open.pop_front() {
            found.push(one);
            for relation in self.from(one).iter().filter(|one| kinds.contains(&one.kind)) {
                if seen.insert(relation.to) {
                    open.push_back(relation.to);
                }
            }
        }
        found
    }

    /// Whether an entity lies outside what the viewer may see.
    pub fn is_outside(&self, ordinal: u32) -> bool {
        self.facts.outside.binary_search(&ordinal).is_ok()
    }
}

/// The places of an entity's relations in one direction.
fn bounds(offsets: &[u32], ordinal: u32) -> (usize, usize) {
    (offsets[ordinal as usize] as usize, offsets[ordinal as usize + 1] as usize)
}

fn ordinal(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// Versions of the topology and of what users state about it.
type Versions = (u64, u64);

type Kept = (Versions, Option<Micros>, OrgScope, Arc<Estate>);

/// Estates of a version, an instant and a viewer, the newest first. An optimisation only.
#[derive(Debug, Default)]
pub struct EstateCache {
    kept: Mutex<Vec<Kept>>,
}

/// The estate at an instant, as the viewer may see it: what lies outside is nameless.
///
/// # Errors
/// When the store gives no facts.
pub async fn estate(ctx: &AskContext, as_of: Option<Micros>) -> Result<Arc<Estate>, AskError> {
    let version =
        (ctx.topology.version().await?.number, ctx.records.decisions_version().await?.number);
    let org = &ctx.viewer.org_scope;
    {
        let kept = ctx.estates.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = |one: &&Kept| one.0 == version && one.1 == as_of && one.2 == *org;
        if let Some((.., estate)) = kept.iter().find(is_same) {
            return Ok(Arc::clone(estate));
        }
    }
    ctx.progress.begin("reading the estate");
    let facts = ctx.topology.estate(&ctx.read(as_of)).await?;
    let rules = user_rules(ctx).await?;
    let is_whole = *org == OrgScope::Everything;
    let indexed = tokio::task::spawn_blocking(move || {
        let mut facts = facts;
        let mut rule_conflicts = rule::apply(&mut facts, &rules);
        if !is_whole {
            masked(&mut facts);
            // They are named by what they are about, which may be anywhere.
            rule_conflicts.clear();
        }
        Arc::new(Estate { rule_conflicts, ..Estate::new(facts) })
    });
    let estate = indexed.await.map_err(|error| {
        let operation = "index the estate".to_owned();
        StoreError::Internal { operation, reason: error.to_string() }
    })?;
    let mut kept = ctx.estates.kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.retain(|one| one.1 != as_of || one.2 != *org);
    let read = (estate.facts.version.number, version.1);
    kept.insert(0, (read, as_of, org.clone(), Arc::clone(&estate)));
    kept.truncate(KEPT_MAX);
    ctx.progress.begin("working out the answer");
    Ok(estate)
}

/// The rules that users state, as they were put in force last.
async fn user_rules(ctx: &AskContext) -> Result<Vec<UserRule>, AskError> {
    let Some(held) = ctx.records.rules().await? else { return Ok(Vec::new()) };
    rule::rules_of(&held.text).map_err(|reason| {
        let operation = "read the rules in force".to_owned();
        AskError::Store(StoreError::Internal { operation, reason })
    })
}

/// The entity of an estate that a canonical id, an alias or a name means. Of several of one name the only
/// service among them is meant; the answer then names the others.
///
/// # Errors
/// `StoreError::NotFound` when nothing has that name, or several things of which none stands out.
pub async fn named(
    ctx: &AskContext,
    as_of: Option<Micros>,
    estate: &Estate,
    name: &str,
) -> Result<u32, AskError> {
    named_as(ctx, as_of, estate, name, &[EntityKind::Service]).await
}

/// The same where things of other kinds are meant first.
async fn named_as(
    ctx: &AskContext,
    as_of: Option<Micros>,
    estate: &Estate,
    name: &str,
    kinds: &[EntityKind],
) -> Result<u32, AskError> {
    let visible = |one: &u32| !estate.is_outside(*one);
    if let Some(one) = estate.find(name).filter(visible) {
        return Ok(one);
    }
    let is_called = |one: &u32| estate.entity(*one).name == name && visible(one);
    let mut meant = kinds.iter().flat_map(|kind| estate.of_kind(*kind)).filter(is_called);
    let found = match (meant.next(), meant.next()) {
        (Some(one), None) => one,
        _ => {
            let page = ctx.topology.entity(&ctx.read(as_of), name, 1).await?;
            let unknown = || AskError::Store(StoreError::NotFound { what: name.to_owned() });
            estate.find(&page.entity.id).filter(visible).ok_or_else(unknown)?
        }
    };
    if estate.entity(found).name == name {
        let all = (0_u32..).take(estate.len()).filter(is_called).filter(|one| *one != found);
        let others = all.map(|one| estate.entity(one));
        if let Some(note) = namesakes(name, estate.entity(found), others) {
            ctx.progress.note(note);
        }
    }
    Ok(found)
}

/// What the name of a database means first.
pub(crate) const DATABASES: [EntityKind; 3] =
    [EntityKind::Database, EntityKind::DatabaseCluster, EntityKind::Cache];

/// Most namesakes that are named.
const NAMESAKES_MAX: usize = 5;

/// Which of several entities of one name is meant, and which others have it.
pub(crate) fn namesakes<'a>(
    name: &str,
    meant: &EntityFact,
    others: impl Iterator<Item = &'a EntityFact>,
) -> Option<Warning> {
    let others: Vec<String> =
        others.map(|one| format!("{} {}", one.kind.as_str(), one.id)).collect();
    if others.is_empty() {
        return None;
    }
    let more = match others.len().saturating_sub(NAMESAKES_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let shown = others.iter().take(NAMESAKES_MAX).cloned().collect::<Vec<_>>().join(", ");
    let message = format!(
        "`{name}` is taken to be the {} {}; {shown}{more} have that name too, give an id to mean one of \
         them",
        meant.kind.as_str(),
        meant.id
    );
    Some(Warning::new("shared_name", message))
}

/// The entities that names mean, each as [`named`] finds it, in the order of the names.
///
/// # Errors
/// As [`named`], of the first name that means nothing.
pub async fn all_named(
    ctx: &AskContext,
    as_of: Option<Micros>,
    estate: &Estate,
    names: &[String],
) -> Result<Vec<u32>, AskError> {
    all_named_as(ctx, as_of, estate, names, &[EntityKind::Service]).await
}

/// The same where things of other kinds are meant first.
///
/// # Errors
/// As [`named`], of the first name that means nothing.
pub async fn all_named_as(
    ctx: &AskContext,
    as_of: Option<Micros>,
    estate: &Estate,
    names: &[String],
    kinds: &[EntityKind],
) -> Result<Vec<u32>, AskError> {
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        found.push(named_as(ctx, as_of, estate, name, kinds).await?);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entity(kind: EntityKind, id: &str) -> EntityFact {
        EntityFact::new(kind, id, id)
    }

    #[test]
    fn index_finds_ids_kinds_and_both_ends() {
        let entities = vec![
            entity(EntityKind::Service, "z"),
            entity(EntityKind::Pod, "b"),
            entity(EntityKind::Pod, "y"),
        ];
        let relations = vec![
            EstateRelation::new(0, RelationKind::Calls, 0),
            EstateRelation::new(0, RelationKind::HasReplica, 1),
            EstateRelation::new(0, RelationKind::HasReplica, 2),
            EstateRelation::new(1, RelationKind::RunsOn, 2),
        ];
        let estate = Estate::new(EstateFacts { entities, relations, ..Default::default() });
        assert_eq!(["b", "y", "z"].map(|id| estate.find(id)), [Some(1), Some(2), Some(0)]);
        assert_eq!(estate.find("c"), None);
        assert_eq!(estate.of_kind(EntityKind::Pod), 1..3);
        assert_eq!(estate.of_kind(EntityKind::Image), 3..3);
        assert_eq!(estate.near(2, RelationKind::RunsOn).collect::<Vec<_>>(), [1]);
        assert_eq!(estate.to(2).map(|one| one.from).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(estate.far(0, RelationKind::HasReplica).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(estate.reached(&[0], &[RelationKind::HasReplica]), [0, 1, 2]);
    }
}
