//! What goes on in a poorer way when others have failed: the second pass after a closure.
//!
//! Definition: a node that has not failed degrades *directly* when something that it only makes soft use
//! of has failed, or when a group that can lose members has lost some and holds. It degrades
//! *indirectly*, at distance k + 1, when it cannot do without a node that degraded at distance k and no
//! nearer, where distance 0 is a direct degradation by soft use; lost members never spread. Failed and
//! directly degraded nodes are never listed as indirect, but what they pass on spreads through them.
//! Complexity: O(memberships and soft uses of what failed and degraded), and a bit a node.
//! Source: the definition; breadth first after Moore (1959).

use std::collections::BTreeMap;

use crate::and_or::{AndOr, Dependent};
use crate::lists::Lists;

/// Soft uses: what a node makes use of and can do without.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Soft {
    /// For each node the uses that name it.
    used_by: Lists,
    /// (owner, used, number), in order.
    uses: Vec<(u32, u32, u32)>,
}

impl Soft {
    /// The uses (owner, used), each numbered by its place. One with an end that is no node is left out.
    pub fn new(nodes: u32, uses: &[(u32, u32)]) -> Self {
        let mut uses: Vec<(u32, u32, u32)> = uses
            .iter()
            .zip(0..)
            .filter(|((owner, used), _)| *owner < nodes && *used < nodes)
            .map(|((owner, used), number)| (*owner, *used, number))
            .collect();
        uses.sort_unstable();
        let pairs = uses.iter().zip(0..).map(|((_, used, _), place)| (*used, place));
        Self { used_by: Lists::new(nodes, pairs), uses }
    }
}

/// A group that lost members and holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Thinned {
    /// Number of the group.
    pub group: u32,
    /// Members that have failed.
    pub lost: u32,
    /// Members that are left.
    pub left: u32,
}

/// A node that degrades by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Direct {
    /// The node.
    pub node: u32,
    /// Numbers of the soft uses whose other end has failed, in order.
    pub soft: Vec<u32>,
    /// Groups that lost members and hold, in order of number.
    pub thinned: Vec<Thinned>,
}

/// A node that degrades because what it needs does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Indirect {
    /// The node.
    pub node: u32,
    /// Steps from the direct degradation, at least 1.
    pub distance: u32,
    /// The next node on the way to it: what this node needs.
    pub via: u32,
    /// The number of the first group through which it does.
    pub group: u32,
}

/// What degrades.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Degraded {
    /// Directly, in order of node.
    pub direct: Vec<Direct>,
    /// Indirectly, in order of distance, then of node.
    pub indirect: Vec<Indirect>,
}

/// What degrades because `failed` failed, when `before` had failed already. Both are closed sets: a
/// closer's base and a closure beyond it. What only `before` degrades is not listed; what it lost counts.
pub fn degraded(graph: &AndOr, soft: &Soft, before: &[u32], failed: &[u32]) -> Degraded {
    let mut is_failed = vec![0_u64; (graph.nodes() as usize).div_ceil(64)];
    for node in before.iter().chain(failed) {
        is_failed[*node as usize / 64] |= 1 << (node % 64);
    }
    let has_failed = |node: u32| is_failed[node as usize / 64] >> (node % 64) & 1 == 1;
    let mut groups: Vec<u32> = Vec::new();
    let mut used: Vec<u32> = Vec::new();
    for node in failed {
        used.extend_from_slice(soft.used_by.row(*node));
        groups.extend(graph.dependents(*node).filter_map(|dependent| match dependent {
            Dependent::Group(group) => Some(group),
            Dependent::Node(_) => None,
        }));
    }
    groups.sort_unstable();
    groups.dedup();
    let mut direct: BTreeMap<u32, Direct> = BTreeMap::new();
    let of = |node: u32| Direct { node, soft: Vec::new(), thinned: Vec::new() };
    for place in used {
        let (owner, _, number) = soft.uses[place as usize];
        if !has_failed(owner) {
            direct.entry(owner).or_insert_with(|| of(owner)).soft.push(number);
        }
    }
    for group in groups.into_iter().filter(|group| !has_failed(graph.owner(*group))) {
        let owner = graph.owner(group);
        let members = graph.members(group);
        let lost = members.iter().filter(|member| has_failed(**member)).count() as u32;
        let left = members.len() as u32 - lost;
        let thinned = Thinned { group: graph.number(group), lost, left };
        direct.entry(owner).or_insert_with(|| of(owner)).thinned.push(thinned);
    }
    let mut direct: Vec<Direct> = direct.into_values().collect();
    for found in &mut direct {
        found.soft.sort_unstable();
        found.thinned.sort_unstable();
    }
    let indirect = spread(graph, &direct, has_failed);
    Degraded { direct, indirect }
}

fn spread(graph: &AndOr, direct: &[Direct], has_failed: impl Fn(u32) -> bool) -> Vec<Indirect> {
    let mut indirect = Vec::new();
    let mut layer: Vec<u32> =
        direct.iter().filter(|found| !found.soft.is_empty()).map(|found| found.node).collect();
    let mut is_seen = vec![0_u64; (graph.nodes() as usize).div_ceil(64)];
    layer.iter().for_each(|node| is_seen[*node as usize / 64] |= 1 << (node % 64));
    let is_direct = |node: u32| direct.binary_search_by_key(&node, |found| found.node).is_ok();
    let mut distance = 0;
    while !layer.is_empty() {
        distance += 1;
        let mut next: Vec<(u32, u32)> = Vec::new();
        for via in &layer {
            for owner in graph.needed_by(*via) {
                let (word, bit) = (&mut is_seen[owner as usize / 64], 1_u64 << (owner % 64));
                if *word & bit == 0 && !has_failed(owner) {
                    *word |= bit;
                    next.push((owner, *via));
                }
            }
        }
        next.sort_unstable();
        for (node, via) in next.iter().copied().filter(|(node, _)| !is_direct(*node)) {
            let group = graph.need_number(node, via).unwrap_or_default();
            indirect.push(Indirect { node, distance, via, group });
        }
        layer = next.into_iter().map(|(node, _)| node).collect();
    }
    indirect
}
