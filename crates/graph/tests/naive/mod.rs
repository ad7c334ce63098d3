//! The definitions of AND/OR graphs, written down once more and as plainly as can be.
#![allow(dead_code, reason = "each test file takes the part that it needs")]

use std::collections::BTreeSet;

use graph::{AndOr, AndOrBuilder};
use proptest::prelude::{Just, Strategy, prop};

/// A group as a test gives it.
#[derive(Debug, Clone)]
pub struct Given {
    pub owner: u32,
    pub min_alive: u32,
    pub members: Vec<u32>,
}

impl Given {
    pub fn distinct(&self) -> BTreeSet<u32> {
        self.members.iter().copied().collect()
    }

    pub fn left(&self, failed: &BTreeSet<u32>) -> usize {
        self.distinct().difference(failed).count()
    }

    /// A group without members is none.
    pub fn is_short(&self, failed: &BTreeSet<u32>) -> bool {
        !self.members.is_empty() && self.left(failed) < self.min_alive as usize
    }
}

/// Everything that fails when the seeds fail: groups are looked at until nothing changes.
pub fn closure(groups: &[Given], seeds: impl IntoIterator<Item = u32>) -> BTreeSet<u32> {
    let mut failed: BTreeSet<u32> = seeds.into_iter().collect();
    loop {
        let before = failed.len();
        for group in groups {
            if group.is_short(&failed) {
                failed.insert(group.owner);
            }
        }
        if failed.len() == before {
            return failed;
        }
    }
}

pub fn built(nodes: u32, groups: &[Given]) -> AndOr {
    let mut builder = AndOrBuilder::new(nodes);
    for (number, group) in groups.iter().enumerate() {
        let given = builder.group(group.owner, group.min_alive, &group.members);
        assert_eq!(given as usize, number);
    }
    builder.build().expect("every end is a node")
}

/// Small graphs with cycles, empty groups, members named twice, and groups of every strictness.
pub fn graphs(nodes_max: u32, groups_max: usize) -> impl Strategy<Value = (u32, Vec<Given>)> {
    (1..=nodes_max).prop_flat_map(move |nodes| {
        let group = (0..nodes, 0_u32..8, prop::collection::vec(0..nodes, 0..7)).prop_map(
            |(owner, draw, members)| {
                // Mostly what holds at first: any one of them, or any two.
                let min_alive = [1, 1, 1, 1, 2, 2, 0, 3][draw as usize];
                Given { owner, min_alive, members }
            },
        );
        (Just(nodes), prop::collection::vec(group, 0..groups_max))
    })
}

/// A set of nodes, chosen by bits.
pub fn chosen(nodes: u32, bits: u64) -> Vec<u32> {
    (0..nodes).filter(|node| bits >> (node % 64) & 1 == 1).collect()
}
