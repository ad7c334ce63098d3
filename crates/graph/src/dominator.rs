//! Dominators: what every way from the roots to a node goes through.
//!
//! Definition: d dominates v when every path from a root to v contains d; the immediate dominator of v
//! is the dominator other than v that all others dominate too. With several roots a node may have none.
//! Complexity: O(edges × rounds); rounds are 2 for reducible graphs, at most the nodes; 12 bytes a node.
//! Source: Cooper, Harvey and Kennedy, A simple, fast dominance algorithm (2001).

use crate::csr::Csr;
use crate::neighbourhood::Kinds;

/// Not reached.
const NONE: u32 = u32::MAX;

/// The one that is before all roots.
const ORIGIN: u32 = 0;

/// The dominators of a graph from some roots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dominators {
    /// Rank of each node in reverse postorder from 1, `NONE` for what is not reached.
    rank_of: Vec<u32>,
    /// Node of each rank; rank 0 is the origin.
    node_of: Vec<u32>,
    /// Rank of the immediate dominator of each rank.
    parent_of: Vec<u32>,
}

impl Dominators {
    /// Over edges of some kinds. A root that is no node is left out.
    pub fn new(graph: &Csr, roots: &[u32], kinds: Kinds) -> Self {
        let (rank_of, node_of) = reverse_postorder(graph, roots, kinds);
        let mut parent_of = vec![NONE; node_of.len()];
        parent_of[ORIGIN as usize] = ORIGIN;
        let mut is_root = vec![false; node_of.len()];
        for root in roots {
            if let Some(rank) = rank_of.get(*root as usize) {
                is_root[*rank as usize] = true;
            }
        }
        let mut is_changed = true;
        while is_changed {
            is_changed = false;
            for rank in 1..node_of.len() {
                let mut parent = if is_root[rank] { ORIGIN } else { NONE };
                for (from, kind) in graph.reverse.edges(node_of[rank]) {
                    let before = rank_of[from as usize];
                    if !kinds.contains(kind) || before == NONE || parent_of[before as usize] == NONE
                    {
                        continue;
                    }
                    parent = match parent {
                        NONE => before,
                        _ => meeting(&parent_of, parent, before),
                    };
                }
                if parent_of[rank] != parent {
                    parent_of[rank] = parent;
                    is_changed = true;
                }
            }
        }
        Self { rank_of, node_of, parent_of }
    }

    fn rank(&self, node: u32) -> Option<u32> {
        self.rank_of.get(node as usize).copied().filter(|rank| *rank != NONE)
    }

    /// Whether a node is reached from a root.
    pub fn is_reached(&self, node: u32) -> bool {
        self.rank(node).is_some()
    }

    /// The immediate dominator; none for what is not reached, for a root that no other dominates, and
    /// for what no single node dominates.
    pub fn parent(&self, node: u32) -> Option<u32> {
        let parent = self.parent_of[self.rank(node)? as usize];
        (parent != ORIGIN).then(|| self.node_of[parent as usize])
    }

    /// All dominators of a node but itself, the nearest first.
    pub fn chain(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        std::iter::successors(self.parent(node), |dominator| self.parent(*dominator))
    }

    /// The farthest dominator of a node, itself if there is no other: the node through which all ways from
    /// the roots to it enter. None when it is not reached.
    pub fn entrance(&self, node: u32) -> Option<u32> {
        self.rank(node)?;
        Some(self.chain(node).last().unwrap_or(node))
    }
}

/// The nearest that is on both chains.
fn meeting(parent_of: &[u32], mut a: u32, mut b: u32) -> u32 {
    while a != b {
        while a > b {
            a = parent_of[a as usize];
        }
        while b > a {
            b = parent_of[b as usize];
        }
    }
    a
}

fn reverse_postorder(graph: &Csr, roots: &[u32], kinds: Kinds) -> (Vec<u32>, Vec<u32>) {
    let mut rank_of = vec![NONE; graph.nodes() as usize];
    let mut done: Vec<u32> = Vec::new();
    let mut path: Vec<(u32, usize)> = Vec::new();
    // Ranks are given at the end; until then 0 says that a node was seen.
    for root in roots.iter().copied().filter(|root| *root < graph.nodes()) {
        if rank_of[root as usize] != NONE {
            continue;
        }
        rank_of[root as usize] = 0;
        path.push((root, 0));
        while let Some((node, place)) = path.last_mut() {
            let (far, far_kinds) = graph.forward.row(*node);
            let Some((far, kind)) = far.get(*place).zip(far_kinds.get(*place)) else {
                done.push(*node);
                path.pop();
                continue;
            };
            *place += 1;
            if kinds.contains(*kind) && rank_of[*far as usize] == NONE {
                rank_of[*far as usize] = 0;
                path.push((*far, 0));
            }
        }
    }
    done.push(NONE);
    done.reverse();
    for (rank, node) in (1..).zip(&done[1..]) {
        rank_of[*node as usize] = rank;
    }
    (rank_of, done)
}
