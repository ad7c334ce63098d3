//! Lists of references, linked both ways in one slab: of a hundred thousand that try one key, any is
//! taken out at once.

use crate::slab::Slab;

/// No link.
pub const NONE: u32 = u32::MAX;

/// That one reference is in one list.
#[derive(Debug, Clone, Copy)]
struct Link {
    /// Place of the reference.
    reference: u32,
    /// Whose list it is, as its owner knows it.
    list: u32,
    next: u32,
    before: u32,
    /// The next link of the same reference.
    sibling: u32,
}

/// What is to be known of a link that was taken out.
#[derive(Debug)]
pub struct Removed {
    /// Whose list it was in.
    pub list: u32,
    /// The list's first link now, when it is another.
    pub first: Option<u32>,
    /// The next link of the same reference.
    pub sibling: u32,
}

/// The links of all lists. The owner of a list keeps its first link.
#[derive(Debug)]
pub struct Chains {
    links: Slab<Link>,
    /// First link that is not used; the next is its sibling.
    free: u32,
}

impl Default for Chains {
    fn default() -> Self {
        Self { links: Slab::default(), free: NONE }
    }
}

impl Chains {
    /// Puts a reference into a list; gives the link, whose sibling is `sibling`.
    pub fn push(&mut self, first: &mut u32, list: u32, reference: u32, sibling: u32) -> u32 {
        let link = Link { reference, list, next: *first, before: NONE, sibling };
        let place = match self.links.get_mut(self.free as usize) {
            Some(unused) => {
                let place = std::mem::replace(&mut self.free, unused.sibling);
                *unused = link;
                place
            }
            None => {
                let place = u32::try_from(self.links.len()).ok().filter(|place| *place != NONE);
                self.links.push(link);
                place.expect("memory holds fewer links than 2^32")
            }
        };
        let former = std::mem::replace(first, place);
        if let Some(former) = self.links.get_mut(former as usize) {
            former.before = place;
        }
        place
    }

    /// Takes a link out of its list.
    pub fn remove(&mut self, place: u32) -> Option<Removed> {
        let link = self.links.get(place as usize).copied()?;
        if let Some(next) = self.links.get_mut(link.next as usize) {
            next.before = link.before;
        }
        let before = self.links.get_mut(link.before as usize);
        let first = before.is_none().then_some(link.next);
        if let Some(before) = before {
            before.next = link.next;
        }
        self.links[place as usize].sibling = std::mem::replace(&mut self.free, place);
        Some(Removed { list: link.list, first, sibling: link.sibling })
    }

    /// The references of a list, in no order.
    pub fn iter(&self, first: u32) -> impl Iterator<Item = u32> + '_ {
        let link = |place: u32| self.links.get(place as usize);
        std::iter::successors(link(first), move |held| link(held.next)).map(|held| held.reference)
    }

    /// Puts the links of one list before those of another.
    pub fn join(&mut self, first: u32, into: &mut u32) {
        let mut last = NONE;
        let mut next = first;
        while let Some(link) = self.links.get(next as usize) {
            (last, next) = (next, link.next);
        }
        let Some(link) = self.links.get_mut(last as usize) else { return };
        let after = std::mem::replace(into, first);
        link.next = after;
        if let Some(after) = self.links.get_mut(after as usize) {
            after.before = last;
        }
    }
}
