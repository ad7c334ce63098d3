//! Groups of entities by place, application, team or kind, and the relations between the groups.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::EntityKind;
use model::entity::EntityId;
use model::fact::{AggregateBy, GroupFact, GroupRelationFact, is_picture};
use model::kind::RelationKind;

use super::estate::Estate;
use super::fact::{application_above, own_owner, owner_of_application, rows_in_force};
use super::matched::{Match, Matched};

/// Steps from an entity to the VPC it is in.
const VPC_STEPS: u32 = 4;

/// What matches, by group.
pub struct Grouping<'a> {
    estate: &'a Estate,
    by: AggregateBy,
    /// Keys of the groups, in order of first sight, and the place of each.
    keys: Vec<String>,
    places: HashMap<String, u32>,
    /// Group of each match.
    of: Vec<u32>,
    counts: BTreeMap<(u32, EntityKind), u64>,
    between: HashMap<(u32, RelationKind, u32), u64>,
}

impl<'a> Grouping<'a> {
    /// Groups everything that matches.
    pub fn new(estate: &'a Estate, found: &Matched<'_>, by: AggregateBy) -> Self {
        let mut grouping = Self {
            estate,
            by,
            keys: Vec::new(),
            places: HashMap::new(),
            of: Vec::with_capacity(found.all.len()),
            counts: BTreeMap::new(),
            between: HashMap::new(),
        };
        for one in &found.all {
            let key = key(estate, one, by).unwrap_or_default();
            let group = grouping.place(&key);
            grouping.of.push(group);
            *grouping.counts.entry((group, one.entity.kind)).or_default() += 1;
        }
        grouping
    }

    /// What the groups are by.
    pub fn by(&self) -> AggregateBy {
        self.by
    }

    /// Whether the groups tell more than that there is much.
    pub fn is_picture(&self, groups_max: usize) -> bool {
        let mut sizes = vec![0; self.keys.len()];
        for ((group, _), count) in &self.counts {
            sizes[*group as usize] += *count;
        }
        is_picture(self.by, groups_max, self.keys.iter().map(String::as_str).zip(sizes))
    }

    fn place(&mut self, key: &str) -> u32 {
        if let Some(place) = self.places.get(key) {
            return *place;
        }
        let place = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
        self.keys.push(key.to_owned());
        self.places.insert(key.to_owned(), place);
        place
    }

    /// Counts a relation between two matches, given by their places.
    pub fn relation(&mut self, from: Option<usize>, kind: RelationKind, to: Option<usize>) {
        let group = |place: Option<usize>| self.of.get(place?).copied();
        if let (Some(from), Some(to)) = (group(from), group(to)) {
            *self.between.entry((from, kind, to)).or_default() += 1;
        }
    }

    /// Groups in order of key, and the relations between them in order.
    pub fn facts(self) -> (Vec<GroupFact>, Vec<GroupRelationFact>) {
        let key = |place: u32| self.keys.get(place as usize).cloned().unwrap_or_default();
        let mut kinds: BTreeMap<u32, Vec<(EntityKind, u64)>> = BTreeMap::new();
        for ((group, kind), count) in &self.counts {
            kinds.entry(*group).or_default().push((*kind, *count));
        }
        let mut groups: Vec<GroupFact> = kinds
            .into_iter()
            .map(|(group, kinds)| {
                let group = key(group);
                GroupFact { name: name(self.estate, &group, self.by), group, kinds }
            })
            .collect();
        groups.sort_by(|a, b| a.group.cmp(&b.group));
        let mut between: Vec<GroupRelationFact> = self
            .between
            .iter()
            .map(|((from, kind, to), count)| GroupRelationFact {
                from: key(*from),
                kind: *kind,
                to: key(*to),
                count: *count,
            })
            .collect();
        between.sort_by(|a, b| (&a.from, a.kind, &a.to).cmp(&(&b.from, b.kind, &b.to)));
        (groups, between)
    }
}

/// The group of an entity; none when it has none.
pub fn key<'a>(estate: &'a Estate, one: &Match<'a>, by: AggregateBy) -> Option<Cow<'a, str>> {
    let itself = |kind| (one.entity.kind == kind).then(|| Cow::Owned(estate.canonical(one.entity)));
    match by {
        AggregateBy::Account => one.place(estate, |scope| &scope.account).map(Cow::Borrowed),
        AggregateBy::Region => one.place(estate, |scope| &scope.region).map(Cow::Borrowed),
        AggregateBy::Zone => one.place(estate, |scope| &scope.zone).map(Cow::Borrowed),
        AggregateBy::Vpc => vpc(estate, one.id).map(Cow::Owned),
        AggregateBy::Cluster => one.place(estate, |scope| &scope.cluster).map(Cow::Borrowed),
        AggregateBy::Namespace => one.place(estate, |scope| &scope.namespace).map(|namespace| {
            let cluster = one.place(estate, |scope| &scope.cluster).unwrap_or("_");
            Cow::Owned(format!("{cluster}/{namespace}"))
        }),
        AggregateBy::Application => {
            let stated = one.entity.says(|content| estate.names.text(content.application));
            let above = || application_above(estate, one.entity).map(Cow::Owned);
            stated.map(Cow::Borrowed).or_else(above).or_else(|| itself(EntityKind::Application))
        }
        AggregateBy::Team => {
            let with_application = || {
                let application = key(estate, one, AggregateBy::Application)?;
                owner_of_application(estate, &application).map(Cow::Owned)
            };
            own_owner(estate, one.entity)
                .or_else(with_application)
                .or_else(|| itself(EntityKind::Team))
        }
        AggregateBy::Kind => Some(Cow::Borrowed(one.entity.kind.as_str())),
    }
}

/// What people call a group.
pub fn name(estate: &Estate, key: &str, by: AggregateBy) -> String {
    let entity = match by {
        AggregateBy::Cluster => estate.find(&format!("k8s://{key}")),
        AggregateBy::Vpc | AggregateBy::Application | AggregateBy::Team => estate.find(key),
        AggregateBy::Namespace => {
            return key.rsplit_once('/').map_or(key, |(_, namespace)| namespace).to_owned();
        }
        _ => None,
    };
    let entity = entity.and_then(|id| estate.entities.get(&id));
    let ranked = entity.map(super::life::Entity::ranked).unwrap_or_default();
    let named = ranked.iter().next().map(|(_, content)| estate.names.name(content.name));
    named.filter(|name| !name.is_empty()).unwrap_or(key).to_owned()
}

/// Canonical id of the VPC that an entity is in: up from what contains it and down to where it is.
fn vpc(estate: &Estate, id: EntityId) -> Option<String> {
    let mut near = BTreeSet::from([id]);
    for _ in 0..=VPC_STEPS {
        let is_vpc =
            |id: &EntityId| estate.entities.get(id).filter(|entity| entity.kind == EntityKind::Vpc);
        if let Some(vpc) = near.iter().filter_map(is_vpc).map(|vpc| estate.canonical(vpc)).min() {
            return Some(vpc);
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
                rows_in_force(estate, [entity.ends.used])
                    .filter(|row| row.kind == RelationKind::Contains)
                    .map(|row| row.from),
            );
            next.extend(
                rows_in_force(estate, [entity.ends.outgoing])
                    .filter(|row| is_place(row.kind))
                    .map(|row| row.to),
            );
        }
        near = next;
    }
    None
}
