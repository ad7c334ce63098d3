//! Strongly connected components, and with them the order in which a condensation is worked through.
//!
//! Definition: two nodes are in one component when each reaches the other. Components are numbered in
//! reverse topological order: an edge between two leads from the higher number to the lower.
//! Complexity: O(nodes + edges) time, 12 bytes a node; no recursion, so that a long chain is no danger.
//! Source: Tarjan, Depth-first search and linear graph algorithms (1972).

use crate::csr::Csr;
use crate::neighbourhood::Kinds;

/// Not visited yet, or in no component yet.
const NONE: u32 = u32::MAX;

/// The components of a graph.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Components {
    /// Component of each node.
    pub of: Vec<u32>,
    /// How many there are.
    pub count: u32,
}

/// The strongly connected components over edges of some kinds.
pub fn components(graph: &Csr, kinds: Kinds) -> Components {
    let nodes = graph.nodes() as usize;
    let mut found = Components { of: vec![NONE; nodes], count: 0 };
    // `index` is the order of discovery, `low` the least index that a node's subtree reaches.
    let (mut index, mut low) = (vec![NONE; nodes], vec![NONE; nodes]);
    let mut discovered = 0;
    let mut open: Vec<u32> = Vec::new();
    let mut path: Vec<(u32, usize)> = Vec::new();
    for start in 0..graph.nodes() {
        if index[start as usize] != NONE {
            continue;
        }
        path.push((start, 0));
        while let Some((node, position)) = path.last_mut() {
            let at = *node as usize;
            if *position == 0 && index[at] == NONE {
                (index[at], low[at]) = (discovered, discovered);
                discovered += 1;
                open.push(*node);
            }
            let (far, edge_kinds) = graph.forward.row(*node);
            if let (Some(far), Some(kind)) = (far.get(*position), edge_kinds.get(*position)) {
                *position += 1;
                let to = *far as usize;
                if !kinds.contains(*kind) {
                    continue;
                }
                if index[to] == NONE {
                    path.push((*far, 0));
                } else if found.of[to] == NONE {
                    low[at] = low[at].min(index[to]);
                }
                continue;
            }
            path.pop();
            if let Some((parent, _)) = path.last() {
                let parent = *parent as usize;
                low[parent] = low[parent].min(low[at]);
            }
            if low[at] == index[at] {
                while let Some(member) = open.pop() {
                    found.of[member as usize] = found.count;
                    if member as usize == at {
                        break;
                    }
                }
                found.count += 1;
            }
        }
    }
    found
}
