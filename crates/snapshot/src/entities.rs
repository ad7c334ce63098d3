//! Entities by internal id. Ids come from one counter, so they are places in a slab.

use std::io::{self, Read};
use std::sync::Arc;

use model::entity::EntityId;
use model::kind::EntityKind;
use model::resolution::EntityState;

use super::file::{Frames, Part, Sources, Unusable, kind};
use super::life::Entity;
use super::names::NONE;
use super::slab::Slab;

/// The entities, in order of id. A place that no entity has is one without a key.
#[derive(Debug, Default)]
pub struct Entities {
    slots: Slab<Entity>,
}

impl Entities {
    /// The entity with an id.
    pub fn get(&self, id: &EntityId) -> Option<&Entity> {
        self.slots.get(place(*id)?).filter(|entity| entity.key != NONE)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, id: &EntityId) -> Option<&mut Entity> {
        self.slots.get_mut(place(*id)?).filter(|entity| entity.key != NONE)
    }

    /// The entity with an id, made if there is none.
    pub fn get_or_insert(&mut self, id: EntityId, make: impl FnOnce() -> Entity) -> &mut Entity {
        let place = place(id).expect("a store holds fewer entities than memory has words");
        self.slots.grow(place + 1, nothing);
        let slot = &mut self.slots[place];
        if slot.key == NONE {
            *slot = make();
        }
        slot
    }

    /// Takes one out.
    pub fn remove(&mut self, id: &EntityId) -> Option<Entity> {
        let slot = self.slots.get_mut(place(*id)?).filter(|entity| entity.key != NONE)?;
        Some(std::mem::replace(slot, nothing()))
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is one with this id.
    pub fn contains(&self, id: EntityId) -> bool {
        self.get(&id).is_some()
    }

    /// All, in order of id.
    pub fn iter(&self) -> impl Iterator<Item = (EntityId, &Entity)> {
        (0..).map(EntityId).zip(self.slots.iter()).filter(|(_, entity)| entity.key != NONE)
    }

    /// Writes every place, those that no entity has too.
    pub fn put(&self, part: &mut Part<'_>, sources: &Sources<'_>) -> io::Result<()> {
        part.item(kind::ENTITY_COUNT, |out| out.number(self.slots.len() as u64))?;
        self.slots.iter().try_for_each(|one| part.item(kind::ENTITY, |out| one.put(out, sources)))
    }

    /// Reads every place.
    pub fn take(frames: &mut Frames<impl Read>, sources: &[Arc<str>]) -> Result<Self, Unusable> {
        let count = frames.item(kind::ENTITY_COUNT, |input| input.count())?;
        let mut slots = Slab::default();
        frames.items(kind::ENTITY, |input| {
            slots.push(Entity::take(input, sources)?.unwrap_or_else(nothing));
            Ok(())
        })?;
        let is_whole = slots.len() == count;
        is_whole.then_some(Self { slots }).ok_or(kind::CUT)
    }
}

fn nothing() -> Entity {
    Entity::new(NONE, EntityKind::Unknown, EntityState::Named)
}

fn place(id: EntityId) -> Option<usize> {
    usize::try_from(id.0).ok()
}
