//! Which targets each of up to 512 failures takes down, all at once.
//!
//! Definition: lane i of a node is set when the node is in the closure of candidate i. A node's lanes
//! are its own lane as a candidate, or those of what it needs alone, or for each group the lanes in
//! which too many members are set: AND over the members when all must be lost, else a count in
//! bit-sliced form. Inside a component they grow from nothing to the least fixed point.
//! Complexity: O(memberships of the nodes that fail when all candidates fail together) words of 512
//! bits, times the rounds inside components; 64 bytes for each such node. By monotony no lane is set
//! at any other node.
//! Source: bit-parallel search after Then et al., The more the merrier: efficient multi-source graph
//! traversal (2014); carry-save counting after Harley (1996).

use std::collections::VecDeque;

use crate::and_or::NEVER;
use crate::closure::{Closer, Closure};
use crate::reduced::Reduced;

/// Candidates in one run.
pub(crate) const LANES: usize = 512;

/// One bit a candidate.
type Lane = [u64; LANES / 64];

const NO_LANE: Lane = [0; LANES / 64];

fn or(into: &mut Lane, lane: &Lane) {
    into.iter_mut().zip(lane).for_each(|(word, other)| *word |= other);
}

fn and(into: &mut Lane, lane: &Lane) {
    into.iter_mut().zip(lane).for_each(|(word, other)| *word &= other);
}

/// Runs over one reduced graph, keeping the room they take.
#[derive(Debug)]
pub(crate) struct Lanes<'a> {
    reduced: &'a Reduced,
    closer: Closer<'a>,
    /// Slot of each place that is affected, 0 for the others.
    slot_of: Vec<u32>,
    /// Lanes of each slot; slot 0 stays empty.
    slots: Vec<Lane>,
    closure: Closure,
    order: Vec<u32>,
    planes: Vec<Lane>,
    marks: Vec<u64>,
    is_queued: Vec<bool>,
}

impl<'a> Lanes<'a> {
    pub fn new(reduced: &'a Reduced) -> Self {
        let places = reduced.graph.nodes() as usize;
        Self {
            reduced,
            closer: Closer::new(&reduced.graph),
            slot_of: vec![0; places],
            slots: Vec::new(),
            closure: Closure::default(),
            order: Vec::new(),
            planes: Vec::new(),
            marks: vec![0; places.div_ceil(64)],
            is_queued: Vec::new(),
        }
    }

    /// Calls `hit` with (number of the candidate, target) for every target that a candidate takes down
    /// beside itself, in order of target. At most `LANES` candidates; both are places.
    pub fn run(&mut self, candidates: &[u32], targets: &[u32], mut hit: impl FnMut(usize, u32)) {
        self.closer.close_into(candidates, usize::MAX, &mut self.closure);
        self.sort();
        self.slots.clear();
        self.slots.resize(self.order.len() + 1, NO_LANE);
        for (slot, place) in (1..).zip(&self.order) {
            self.slot_of[*place as usize] = slot;
        }
        for (number, candidate) in candidates.iter().enumerate() {
            let slot = self.slot_of[*candidate as usize] as usize;
            self.slots[slot][number / 64] |= 1 << (number % 64);
        }
        let mut from = 0;
        while from < self.order.len() {
            let component = |at: usize| self.reduced.component_of[self.order[at] as usize];
            let mut to = from + 1;
            while to < self.order.len() && component(to) == component(from) {
                to += 1;
            }
            if to == from + 1 {
                self.slots[from + 1] = self.lane(self.order[from]);
            } else {
                self.settle(from, to);
            }
            from = to;
        }
        for target in targets {
            let slot = self.slot_of[*target as usize] as usize;
            for (word, bits) in self.slots[slot].iter().enumerate() {
                let mut bits = *bits;
                while bits != 0 {
                    let number = word * 64 + bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    if candidates.get(number).is_some_and(|candidate| candidate != target) {
                        hit(number, *target);
                    }
                }
            }
        }
        for place in &self.order {
            self.slot_of[*place as usize] = 0;
        }
    }

    /// What is affected, in order of place: by sorting when it is little, else by bits.
    fn sort(&mut self) {
        self.order.clear();
        let affected = self.closure.nodes();
        if affected.len() < self.marks.len() / 8 {
            self.order.extend_from_slice(affected);
            self.order.sort_unstable();
            return;
        }
        for place in affected {
            self.marks[*place as usize / 64] |= 1 << (place % 64);
        }
        for (word, bits) in (0_u32..).zip(&mut self.marks) {
            while *bits != 0 {
                self.order.push(word * 64 + bits.trailing_zeros());
                *bits &= *bits - 1;
            }
        }
    }

    /// The least fixed point inside a component: a node is looked at again when what it needs grew.
    fn settle(&mut self, from: usize, to: usize) {
        let reduced = self.reduced;
        self.is_queued.clear();
        self.is_queued.resize(to - from, true);
        let mut queue: VecDeque<usize> = (from..to).collect();
        while let Some(at) = queue.pop_front() {
            self.is_queued[at - from] = false;
            let place = self.order[at];
            let lane = self.lane(place);
            if lane == self.slots[at + 1] {
                continue;
            }
            self.slots[at + 1] = lane;
            for owner in reduced.graph.owners_of(place) {
                let slot = self.slot_of[owner as usize] as usize;
                if slot > from && slot <= to && !self.is_queued[slot - 1 - from] {
                    self.is_queued[slot - 1 - from] = true;
                    queue.push_back(slot - 1);
                }
            }
        }
    }

    /// The lanes in which a place fails, by those of what it needs as they are.
    fn lane(&mut self, place: u32) -> Lane {
        let graph = &self.reduced.graph;
        let mut lane = self.slots[self.slot_of[place as usize] as usize];
        for needed in graph.needed(place) {
            or(&mut lane, &self.slots[self.slot_of[*needed as usize] as usize]);
        }
        for group in graph.groups_of(place) {
            let members = graph.members(group);
            let fatal = graph.fatal(group);
            if fatal == NEVER {
                continue;
            }
            let short = if fatal as usize == members.len() {
                self.all_of(members)
            } else {
                self.at_least(fatal, members)
            };
            or(&mut lane, &short);
        }
        lane
    }

    fn all_of(&self, members: &[u32]) -> Lane {
        let mut all = [u64::MAX; LANES / 64];
        for member in members {
            and(&mut all, &self.slots[self.slot_of[*member as usize] as usize]);
            if all == NO_LANE {
                break;
            }
        }
        all
    }

    /// The lanes in which at least `least` members are set; `least` is 1 or more.
    fn at_least(&mut self, least: u32, members: &[u32]) -> Lane {
        // Plane k holds bit k of each lane's count.
        self.planes.clear();
        for member in members {
            let slot = self.slot_of[*member as usize] as usize;
            let mut carry = self.slots[slot];
            for plane in &mut self.planes {
                if carry == NO_LANE {
                    break;
                }
                for (word, carried) in plane.iter_mut().zip(&mut carry) {
                    (*word, *carried) = (*word ^ *carried, *word & *carried);
                }
            }
            if carry != NO_LANE {
                self.planes.push(carry);
            }
        }
        // From the highest bit down: greater once a count has a bit that `least` lacks while equal.
        let bits = (u32::BITS - least.leading_zeros()) as usize;
        if bits > self.planes.len() {
            return NO_LANE;
        }
        let (mut greater, mut equal) = (NO_LANE, [u64::MAX; LANES / 64]);
        for (bit, plane) in self.planes.iter().enumerate().rev() {
            let is_set = bit < 32 && least >> bit & 1 == 1;
            for word in 0..LANES / 64 {
                if is_set {
                    equal[word] &= plane[word];
                } else {
                    greater[word] |= equal[word] & plane[word];
                    equal[word] &= !plane[word];
                }
            }
        }
        or(&mut greater, &equal);
        greater
    }
}
