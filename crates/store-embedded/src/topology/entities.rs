//! Entities by internal id. Ids come from one counter, so they are places in a slab.

use model::entity::EntityId;

use super::life::Entity;

/// The entities, in order of id.
#[derive(Debug, Default)]
pub struct Entities {
    // Boxed, so that a place that a merge left costs a word.
    slots: Vec<Option<Box<Entity>>>,
}

impl Entities {
    /// The entity with an id.
    pub fn get(&self, id: &EntityId) -> Option<&Entity> {
        self.slots.get(place(*id)?)?.as_deref()
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, id: &EntityId) -> Option<&mut Entity> {
        self.slots.get_mut(place(*id)?)?.as_deref_mut()
    }

    /// The entity with an id, made if there is none.
    pub fn get_or_insert(&mut self, id: EntityId, make: impl FnOnce() -> Entity) -> &mut Entity {
        let place = place(id).expect("a store holds fewer entities than memory has words");
        if self.slots.len() <= place {
            self.slots.resize_with(place + 1, || None);
        }
        self.slots[place].get_or_insert_with(|| Box::new(make()))
    }

    /// Takes one out.
    pub fn remove(&mut self, id: &EntityId) -> Option<Entity> {
        self.slots.get_mut(place(*id)?)?.take().map(|entity| *entity)
    }

    /// Whether there is one with this id.
    pub fn contains(&self, id: EntityId) -> bool {
        self.get(&id).is_some()
    }

    /// All, in order of id.
    pub fn iter(&self) -> impl Iterator<Item = (EntityId, &Entity)> {
        (0..).map(EntityId).zip(&self.slots).filter_map(|(id, slot)| Some((id, slot.as_deref()?)))
    }
}

fn place(id: EntityId) -> Option<usize> {
    usize::try_from(id.0).ok()
}
