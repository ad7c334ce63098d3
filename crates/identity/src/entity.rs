//! The entities a resolution works on: those the store knows and those the batch brings, with what
//! changes about them.

use std::borrow::Cow;
use std::collections::HashMap;

use model::entity::EntityId;
use model::reference::Reference;
use model::resolution::{
    BySource, EntityState, EntityWrite, Known, KnownVersion, Merge, SubjectWrite, VersionWrite,
};
use model::scope::Scope;
use model::{AliasKey, EntityKind};

use crate::rename::Renames;

/// Position of an entity in [`Entities`].
pub(crate) type Slot = usize;

/// One entity.
#[derive(Debug)]
pub(crate) struct Entity<'a> {
    pub id: EntityId,
    pub canonical: AliasKey,
    pub kind: EntityKind,
    pub state: EntityState,
    /// Kind and state as stored; `None` for a new one.
    pub stored: Option<(EntityKind, EntityState)>,
    /// Rows in force other than `implemented_by` that touch it: as stored, with those made and ended
    /// here.
    pub relation_count: u64,
    /// What each source last said: as stored, until the batch says more.
    pub sources: Cow<'a, BySource>,
    pub implements: Vec<EntityId>,
    /// The one it turned out to be.
    pub redirect: Option<Slot>,
    /// Versions that the batch brings.
    pub versions: Vec<VersionWrite>,
    pub is_seen: bool,
    /// Whether its subject must be written.
    pub is_subject_changed: bool,
}

/// All of them.
pub(crate) struct Entities<'a> {
    slots: Vec<Entity<'a>>,
    by_key: HashMap<AliasKey, Slot>,
    by_id: HashMap<EntityId, Slot>,
    next_id: u64,
    renames: Renames,
    pub merges: Vec<(Slot, Slot, String)>,
}

impl<'a> Entities<'a> {
    pub fn new(known: &'a Known, renames: Renames) -> Self {
        let mut entities = Self {
            slots: Vec::with_capacity(known.entities.len()),
            by_key: HashMap::with_capacity(known.entities.len()),
            by_id: HashMap::with_capacity(known.entities.len()),
            next_id: known.next_id,
            renames,
            merges: Vec::new(),
        };
        for (key, entity) in &known.entities {
            let next = entities.slots.len();
            let slot = *entities.by_id.entry(entity.id).or_insert(next);
            entities.by_key.insert(key.clone(), slot);
            if slot == next {
                entities.by_key.insert(entity.canonical.clone(), slot);
                entities.slots.push(Entity {
                    id: entity.id,
                    canonical: entity.canonical.clone(),
                    kind: entity.kind,
                    state: entity.state,
                    stored: Some((entity.kind, entity.state)),
                    relation_count: entity.relation_count,
                    sources: Cow::Borrowed(&entity.sources),
                    implements: entity.implements.clone(),
                    redirect: None,
                    versions: Vec::new(),
                    is_seen: false,
                    is_subject_changed: false,
                });
            }
        }
        known.entities.keys().for_each(|key| entities.rename(key));
        entities
    }

    /// An id below the name of a cluster whose uid is known becomes the id below the uid.
    fn rename(&mut self, key: &AliasKey) {
        let Some(to) = self.renames.of(key) else { return };
        let Some(slot) = self.find(key) else { return };
        // What was renamed before leads there already.
        if self.slots[slot].canonical == *key {
            let into = self.ensure(&to, self.slots[slot].kind);
            self.merge(slot, into, &format!("{key} is {to}"));
        }
    }

    pub fn get(&self, slot: Slot) -> &Entity<'a> {
        &self.slots[slot]
    }

    pub fn get_mut(&mut self, slot: Slot) -> &mut Entity<'a> {
        &mut self.slots[slot]
    }

    /// What a slot stands for after the merges so far.
    pub fn root(&self, mut slot: Slot) -> Slot {
        while let Some(next) = self.slots[slot].redirect {
            slot = next;
        }
        slot
    }

    /// The entity with this canonical id, redirects followed.
    pub fn find(&self, key: &AliasKey) -> Option<Slot> {
        self.by_key.get(key).map(|slot| self.root(*slot))
    }

    /// The entity with this internal id, redirects followed.
    pub fn find_id(&self, id: EntityId) -> Option<Slot> {
        self.by_id.get(&id).map(|slot| self.root(*slot))
    }

    /// The id in force of what this id stands for.
    pub fn root_id(&self, id: EntityId) -> EntityId {
        self.find_id(id).map_or(id, |slot| self.slots[slot].id)
    }

    /// The entity with this canonical id, as a name without a thing when it is new.
    pub fn ensure(&mut self, key: &AliasKey, kind: EntityKind) -> Slot {
        if let Some(slot) = self.find(key) {
            return slot;
        }
        let slot = self.slots.len();
        let id = EntityId(self.next_id);
        self.next_id = self.next_id.saturating_add(1);
        self.slots.push(Entity {
            id,
            canonical: key.clone(),
            kind,
            state: EntityState::Named,
            stored: None,
            relation_count: 0,
            sources: Cow::Owned(BySource::default()),
            implements: Vec::new(),
            redirect: None,
            versions: Vec::new(),
            is_seen: false,
            is_subject_changed: true,
        });
        self.by_key.insert(key.clone(), slot);
        self.by_id.insert(id, slot);
        self.rename(key);
        self.root(slot)
    }

    /// The stand-in with this id, which the store need not have told.
    pub fn adopt(&mut self, id: EntityId, reference: &Reference) {
        if self.by_id.contains_key(&id) {
            return;
        }
        let kind = reference.kinds.first().copied().unwrap_or(EntityKind::Unknown);
        let next_id = std::mem::replace(&mut self.next_id, id.0);
        let slot = self.ensure(&crate::subject::stand_in(reference), kind);
        self.slots[slot].stored = Some((kind, EntityState::Named));
        self.slots[slot].is_subject_changed = false;
        self.next_id = next_id;
    }

    /// Two that are one: `from` becomes a redirect to `into`. Returns whether they were two.
    pub fn merge(&mut self, from: Slot, into: Slot, evidence: &str) -> bool {
        let (from, into) = (self.root(from), self.root(into));
        if from == into {
            return false;
        }
        let sources = std::mem::take(&mut self.slots[from].sources);
        let implements = std::mem::take(&mut self.slots[from].implements);
        let (state, count) = (self.slots[from].state, self.slots[from].relation_count);
        self.slots[from].redirect = Some(into);
        self.slots[from].is_subject_changed = true;
        let target = &mut self.slots[into];
        for (source, version) in sources.into_owned() {
            let rank = |one: &KnownVersion| (!one.is_implied, one.observed_at, one.fingerprint);
            match target.sources.get(&source) {
                Some(other) if rank(other) >= rank(&version) => {}
                _ => target.sources.to_mut().insert(source, version),
            }
        }
        target.implements.extend(implements);
        target.state = target.state.max(state);
        target.relation_count = target.relation_count.saturating_add(count);
        target.is_subject_changed = true;
        self.merges.push((from, into, evidence.to_owned()));
        true
    }

    /// A row other than `implemented_by` touches it from now on, or does not any more.
    pub fn touch(&mut self, slot: Slot, is_ended: bool) {
        let entity = &mut self.slots[slot];
        entity.relation_count = match is_ended {
            true => entity.relation_count.saturating_sub(1),
            false => entity.relation_count.saturating_add(1),
        };
    }

    /// What is only implied is there while a relation touches it.
    pub fn settle_implied(&mut self) {
        for entity in self.slots.iter_mut().filter(|one| one.redirect.is_none()) {
            let is_implied = entity.sources.values().all(|version| version.is_implied);
            if is_implied && !entity.sources.is_empty() {
                entity.state = match entity.relation_count {
                    0 => EntityState::Implied,
                    _ => EntityState::Present,
                };
            }
        }
    }

    /// Rows of entities that are new or changed, in order of id.
    pub fn writes(&self) -> Vec<EntityWrite> {
        let is_changed = |one: &&Entity<'_>| {
            one.redirect.is_none() && one.stored != Some((one.kind, one.state))
                || one.stored.is_none()
        };
        let write = |one: &Entity<'_>| EntityWrite {
            id: one.id,
            canonical: one.canonical.clone(),
            kind: one.kind,
            state: one.state,
        };
        let mut writes: Vec<EntityWrite> =
            self.slots.iter().filter(is_changed).map(write).collect();
        writes.sort_unstable_by_key(|write| write.id);
        writes
    }

    /// The merges as the store keeps them, in the order in which they were found.
    pub fn merge_writes(&self, observed_at: model::Micros) -> Vec<Merge> {
        let write = |(from, into, evidence): &(Slot, Slot, String)| Merge {
            from: self.slots[*from].id,
            into: self.slots[*into].id,
            evidence: evidence.clone(),
            observed_at,
        };
        self.merges.iter().map(write).collect()
    }

    /// Versions and seen entities, in order of id. What a redirect was told goes to what it became.
    pub fn versions(&mut self) -> (Vec<VersionWrite>, Vec<EntityId>) {
        let (mut versions, mut seen) = (Vec::new(), Vec::new());
        for slot in 0..self.slots.len() {
            let id = self.slots[self.root(slot)].id;
            let entity = &mut self.slots[slot];
            versions.extend(std::mem::take(&mut entity.versions).into_iter().map(|mut version| {
                version.entity = id;
                version
            }));
            if entity.is_seen {
                seen.push(id);
            }
        }
        versions.sort_by(|a, b| {
            (a.entity, a.observed_at, a.fingerprint).cmp(&(b.entity, b.observed_at, b.fingerprint))
        });
        versions.dedup_by_key(|one| (one.entity, one.observed_at, one.fingerprint));
        seen.sort_unstable();
        seen.dedup();
        (versions, seen)
    }

    /// The subject's row of a slot.
    pub fn subject(&self, slot: Slot, stands_for: Slot) -> SubjectWrite {
        let entity = &self.slots[self.root(stands_for)];
        let mut ranked: Vec<&KnownVersion> = entity.sources.values().collect();
        ranked.sort_by_key(|version| version.is_implied);
        let first = |part: fn(&KnownVersion) -> Option<&String>| {
            ranked.iter().find_map(|version| part(version)).cloned()
        };
        let name = ranked.iter().map(|version| &version.name).find(|name| !name.is_empty());
        SubjectWrite {
            id: self.slots[slot].id,
            entity: entity.id,
            canonical: entity.canonical.clone(),
            kind: entity.kind,
            name: name.cloned().unwrap_or_else(|| entity.canonical.as_str().to_owned()),
            scope: Scope {
                account: first(|version| version.scope.account.as_ref()),
                region: first(|version| version.scope.region.as_ref()),
                zone: first(|version| version.scope.zone.as_ref()),
                cluster: first(|version| version.scope.cluster.as_ref()),
                namespace: first(|version| version.scope.namespace.as_ref()),
                environment: first(|version| version.scope.environment.as_ref()),
            },
            owner: first(|version| version.owner.as_ref()),
            application: first(|version| version.application.as_ref()),
        }
    }

    /// Every slot, in the order in which it was made.
    pub fn slots(&self) -> impl Iterator<Item = (Slot, &Entity<'a>)> {
        self.slots.iter().enumerate()
    }
}
