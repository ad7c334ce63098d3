//! What lies within some steps of some nodes, breadth first and bounded.
//!
//! Definition: the roots are at 0 steps; a node is at k + 1 steps when an edge of an asked kind in an
//! asked direction joins it to a node at k steps and to none nearer. Nodes come in order of steps,
//! then of discovery. Two caps end the walk early, results and edges read; `is_cut` says so.
//! Complexity: O(edges read), never O(nodes): the visited bitmap is cleared from the result list.
//! Source: Moore, The shortest path through a maze (1959).

use crate::csr::{Csr, Rows};

/// Which way edges are walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// From near to far end.
    Forward,
    /// From far to near end.
    Reverse,
    /// Both.
    Both,
}

/// A set of kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kinds([u64; 4]);

impl Kinds {
    /// Every kind.
    pub const ALL: Self = Self([u64::MAX; 4]);

    /// These kinds.
    pub fn of(kinds: impl IntoIterator<Item = u8>) -> Self {
        let mut set = [0; 4];
        for kind in kinds {
            set[usize::from(kind >> 6)] |= 1 << (kind & 63);
        }
        Self(set)
    }

    /// Whether a kind is one of them.
    pub fn contains(self, kind: u8) -> bool {
        self.0[usize::from(kind >> 6)] >> (kind & 63) & 1 == 1
    }
}

/// How far a walk goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Steps.
    pub depth: u32,
    /// Most nodes to give, the roots among them.
    pub results: usize,
    /// Most edges to read, those of other kinds among them.
    pub reads: usize,
}

/// What a walk found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Nodes, each with its steps, in order of steps.
    pub nodes: Vec<(u32, u32)>,
    /// Edges read.
    pub reads: usize,
    /// Whether a cap ended the walk before its depth did.
    pub is_cut: bool,
}

/// Walks of one graph; keeps the bitmap from walk to walk.
#[derive(Debug, Clone, Default)]
pub struct Walker {
    visited: Vec<u64>,
}

impl Walker {
    /// The neighbourhood of some roots; a root that is no node is left out.
    pub fn walk(
        &mut self,
        graph: &Csr,
        roots: &[u32],
        way: Way,
        kinds: Kinds,
        bounds: Bounds,
    ) -> Reach {
        self.visited.resize((graph.nodes() as usize).div_ceil(64), 0);
        let mut reach = Reach::default();
        for root in roots.iter().copied().filter(|root| *root < graph.nodes()) {
            self.add(&mut reach, root, 0, bounds);
        }
        let directions: &[&Rows] = match way {
            Way::Forward => &[&graph.forward],
            Way::Reverse => &[&graph.reverse],
            Way::Both => &[&graph.forward, &graph.reverse],
        };
        let mut next = 0;
        'walk: while let Some((node, steps)) = reach.nodes.get(next).copied() {
            next += 1;
            if steps >= bounds.depth {
                // Every node after it is as far.
                break;
            }
            for rows in directions {
                for (far, kind) in rows.edges(node) {
                    if reach.reads == bounds.reads {
                        reach.is_cut = true;
                        break 'walk;
                    }
                    reach.reads += 1;
                    if kinds.contains(kind) && !self.add(&mut reach, far, steps + 1, bounds) {
                        break 'walk;
                    }
                }
            }
        }
        for (node, _) in &reach.nodes {
            self.visited[*node as usize / 64] = 0;
        }
        reach
    }

    /// Adds a node that was not there; false when there is no room for it.
    fn add(&mut self, reach: &mut Reach, node: u32, steps: u32, bounds: Bounds) -> bool {
        let (word, bit) = (node as usize / 64, 1_u64 << (node % 64));
        if self.visited[word] & bit != 0 {
            return true;
        }
        if reach.nodes.len() >= bounds.results {
            reach.is_cut = true;
            return false;
        }
        self.visited[word] |= bit;
        reach.nodes.push((node, steps));
        true
    }
}
