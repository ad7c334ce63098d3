//! Strongly connected components, and with them the order in which a condensation is worked through.
//!
//! Definition: two nodes are in one component when each reaches the other. Components are numbered in
//! reverse topological order: an edge between two leads from the higher number to the lower.
//! Complexity: O(nodes + edges) time, 12 bytes a node; no recursion, so that a long chain is no danger.
//! Source: Tarjan, Depth-first search and linear graph algorithms (1972).

use crate::csr::Csr;
use crate::lists::Lists;
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

impl Components {
    /// The nodes of each component.
    pub fn members(&self) -> Members {
        let placed = self.of.iter().copied().zip(0..).filter(|(component, _)| *component != NONE);
        Members(Lists::new(self.count, placed))
    }
}

/// The nodes of each component.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members(Lists);

impl Members {
    /// The nodes of a component, in order; none when there is no such component.
    pub fn of(&self, component: u32) -> &[u32] {
        self.0.row(component)
    }
}

/// The strongly connected components over edges of some kinds.
pub fn components(graph: &Csr, kinds: Kinds) -> Components {
    components_by(graph.nodes(), 0..graph.nodes(), |node, place| {
        let (far, edge_kinds) = graph.forward.row(node);
        let (far, kind) = far.get(place).zip(edge_kinds.get(place))?;
        // An edge to the node itself changes nothing.
        Some(if kinds.contains(*kind) { *far } else { node })
    })
}

/// The strongly connected components of what some nodes reach, of a graph that gives the far end of an
/// edge by node and place. What is not reached is in no component.
pub(crate) fn components_by(
    nodes: u32,
    starts: impl Iterator<Item = u32>,
    far: impl Fn(u32, usize) -> Option<u32>,
) -> Components {
    let nodes = nodes as usize;
    let mut found = Components { of: vec![NONE; nodes], count: 0 };
    // `index` is the order of discovery, `low` the least index that a node's subtree reaches.
    let (mut index, mut low) = (vec![NONE; nodes], vec![NONE; nodes]);
    let mut discovered = 0;
    let mut open: Vec<u32> = Vec::new();
    let mut path: Vec<(u32, usize)> = Vec::new();
    for start in starts {
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
            if let Some(far) = far(*node, *position) {
                *position += 1;
                let to = far as usize;
                if index[to] == NONE {
                    path.push((far, 0));
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
