//! Counts of the whole estate as it is now, by kind or place. They are made by one walk when they are
//! first asked for; from then on every write keeps them right, by what it touches.

use std::collections::{BTreeMap, HashMap};

use model::entity::EntityId;
use model::fact::{AggregateBy, GroupFact, GroupRelationFact, TopologyFacts, TopologyQuery};
use model::kind::{EntityKind, RelationKind};
use model::scope::OrgScope;

use super::estate::Estate;
use super::fact::{held_count, visible};
use super::group::{key, name};
use super::matched::Match;
use super::select::{each_relation, matched};

/// Number of a group in a tally.
type Group = u32;

/// Counts by one grouping.
#[derive(Debug)]
pub struct Tally {
    by: AggregateBy,
    keys: Vec<String>,
    places: HashMap<String, Group>,
    entities: BTreeMap<(Group, EntityKind), u64>,
    controllers: BTreeMap<u32, u64>,
    relations: BTreeMap<(Group, RelationKind, Group), u64>,
}

/// How an entity counts: its kind, the number of its controller's name, and its group in each tally.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    kind: EntityKind,
    controller: Option<u32>,
    groups: Vec<Group>,
}

/// Whether an entity's own records alone say what group it is in.
pub fn is_kept(by: AggregateBy) -> bool {
    !matches!(by, AggregateBy::Vpc | AggregateBy::Application | AggregateBy::Team)
}

impl Tally {
    /// Counts everything.
    pub fn new(estate: &Estate, by: AggregateBy) -> Self {
        let mut tally = [Self {
            by,
            keys: Vec::new(),
            places: HashMap::new(),
            entities: BTreeMap::new(),
            controllers: BTreeMap::new(),
            relations: BTreeMap::new(),
        }];
        let query = TopologyQuery::default();
        let found = matched(estate, &query, &OrgScope::Everything);
        let mut groups: Vec<Group> = Vec::with_capacity(found.all.len());
        for one in &found.all {
            let view = view_of(estate, &mut tally, one);
            groups.push(view.groups.first().copied().unwrap_or_default());
            add(&mut tally, &view);
        }
        let [mut tally] = tally;
        let mut near = (EntityId(0), None);
        each_relation(estate, &found, &query, |(from, kind, to), _| {
            if near.0 != from || near.1.is_none() {
                near = (from, found.position(from));
            }
            let group = |place: Option<usize>| groups.get(place?).copied();
            if let (Some(from), Some(to)) = (group(near.1), group(found.position(to))) {
                *tally.relations.entry((from, kind, to)).or_default() += 1;
            }
        });
        tally
    }

    /// What it counts by.
    pub fn by(&self) -> AggregateBy {
        self.by
    }

    fn place(&mut self, key: &str) -> Group {
        if let Some(place) = self.places.get(key) {
            return *place;
        }
        let place = u32::try_from(self.keys.len()).expect("groups are fewer than entities");
        self.keys.push(key.to_owned());
        self.places.insert(key.to_owned(), place);
        place
    }

    /// The counts, with groups in order of key and the relations between them in order.
    pub fn facts(&self, estate: &Estate) -> TopologyFacts {
        let key = |group: Group| self.keys.get(group as usize).cloned().unwrap_or_default();
        let mut groups: BTreeMap<Group, Vec<(EntityKind, u64)>> = BTreeMap::new();
        let mut kinds: BTreeMap<EntityKind, u64> = BTreeMap::new();
        for ((group, kind), count) in &self.entities {
            groups.entry(*group).or_default().push((*kind, *count));
            *kinds.entry(*kind).or_default() += count;
        }
        let mut relation_kinds: BTreeMap<RelationKind, u64> = BTreeMap::new();
        let mut group_relations = Vec::with_capacity(self.relations.len());
        for ((from, kind, to), count) in &self.relations {
            *relation_kinds.entry(*kind).or_default() += count;
            let (from, to) = (key(*from), key(*to));
            group_relations.push(GroupRelationFact { from, kind: *kind, to, count: *count });
        }
        group_relations.sort_by(|a, b| (&a.from, a.kind, &a.to).cmp(&(&b.from, b.kind, &b.to)));
        let mut groups: Vec<GroupFact> = groups
            .into_iter()
            .map(|(group, kinds)| {
                let group = key(group);
                GroupFact { name: name(estate, &group, self.by), group, kinds }
            })
            .collect();
        groups.sort_by(|a, b| a.group.cmp(&b.group));
        let text = |place: &u32| estate.names.text(*place).unwrap_or_default().to_owned();
        let controllers = self.controllers.iter().map(|(place, count)| (text(place), *count));
        let mut controllers: Vec<(String, u64)> = controllers.collect();
        controllers.sort();
        TopologyFacts {
            version: estate.version,
            first_observation: estate.first_observation,
            entity_total: kinds.values().sum(),
            relation_total: relation_kinds.values().sum(),
            kinds: kinds.into_iter().collect(),
            relation_kinds: relation_kinds.into_iter().collect(),
            controllers,
            groups,
            group_relations,
            grouped_by: Some(self.by),
            open_references: estate.references.open_count(),
            held: held_count(estate),
            ..TopologyFacts::default()
        }
    }
}

/// How an entity counts now; `None` when it does not.
pub fn view(estate: &Estate, tallies: &mut [Tally], id: EntityId) -> Option<View> {
    let entity = estate.entities.get(&id)?;
    let existence = visible(estate, entity, false)?;
    Some(view_of(estate, tallies, &Match::new(id, entity, existence)))
}

fn view_of(estate: &Estate, tallies: &mut [Tally], one: &Match<'_>) -> View {
    let mut groups = Vec::with_capacity(tallies.len());
    for tally in tallies {
        groups.push(tally.place(&key(estate, one, tally.by).unwrap_or_default()));
    }
    let is_workload = one.entity.kind == EntityKind::Workload;
    let controller =
        one.entity.says(|said| estate.names.text(said.controller).map(|_| said.controller));
    View { kind: one.entity.kind, controller: controller.filter(|_| is_workload), groups }
}

/// Counts an entity.
pub fn add(tallies: &mut [Tally], view: &View) {
    for (tally, group) in tallies.iter_mut().zip(&view.groups) {
        *tally.entities.entry((*group, view.kind)).or_default() += 1;
        if let Some(controller) = view.controller {
            *tally.controllers.entry(controller).or_default() += 1;
        }
    }
}

/// Counts an entity no more.
pub fn take(tallies: &mut [Tally], view: &View) {
    for (tally, group) in tallies.iter_mut().zip(&view.groups) {
        less(&mut tally.entities, (*group, view.kind));
        if let Some(controller) = view.controller {
            less(&mut tally.controllers, controller);
        }
    }
}

/// Counts a relation between two that count.
pub fn add_relation(tallies: &mut [Tally], from: &View, kind: RelationKind, to: &View) {
    for (tally, (from, to)) in tallies.iter_mut().zip(from.groups.iter().zip(&to.groups)) {
        *tally.relations.entry((*from, kind, *to)).or_default() += 1;
    }
}

/// Counts a relation no more.
pub fn take_relation(tallies: &mut [Tally], from: &View, kind: RelationKind, to: &View) {
    for (tally, (from, to)) in tallies.iter_mut().zip(from.groups.iter().zip(&to.groups)) {
        less(&mut tally.relations, (*from, kind, *to));
    }
}

fn less<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K) {
    if let std::collections::btree_map::Entry::Occupied(mut count) = counts.entry(key) {
        *count.get_mut() -= 1;
        if *count.get() == 0 {
            count.remove();
        }
    }
}
