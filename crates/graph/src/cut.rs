//! Cut vertices and bridges: single nodes and links that hold a graph together.
//!
//! Definition: edges count both ways, and all edges between two nodes are one link; loops count for
//! nothing. A cut vertex is a node without which there are more connected parts; a bridge is a link
//! without which there are.
//! Complexity: O(nodes + edges) time, 12 bytes a node; no recursion.
//! Source: Hopcroft and Tarjan, Efficient algorithms for graph manipulation (1973).

use crate::csr::Csr;
use crate::neighbourhood::Kinds;

/// Not visited.
const NONE: u32 = u32::MAX;

/// What holds a graph together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cuts {
    /// Cut vertices, in order.
    pub vertices: Vec<u32>,
    /// Bridges, each as (lower, higher end), in order.
    pub bridges: Vec<(u32, u32)>,
}

/// The cut vertices and bridges over edges of some kinds.
pub fn cuts(graph: &Csr, kinds: Kinds) -> Cuts {
    let nodes = graph.nodes() as usize;
    let (mut index, mut low) = (vec![NONE; nodes], vec![NONE; nodes]);
    let mut is_cut = vec![false; nodes];
    let mut bridges = Vec::new();
    let mut discovered = 0;
    // (node, parent, place among its edges)
    let mut path: Vec<(u32, u32, usize)> = Vec::new();
    for start in 0..graph.nodes() {
        if index[start as usize] != NONE {
            continue;
        }
        let mut branches = 0;
        path.push((start, NONE, 0));
        (index[start as usize], low[start as usize]) = (discovered, discovered);
        discovered += 1;
        while let Some((node, parent, place)) = path.last_mut() {
            let (at, parent) = (*node as usize, *parent);
            if let Some((far, kind)) = neighbour(graph, *node, *place) {
                *place += 1;
                let to = far as usize;
                if !kinds.contains(kind) || far == parent {
                    continue;
                }
                if index[to] == NONE {
                    (index[to], low[to]) = (discovered, discovered);
                    discovered += 1;
                    path.push((far, at as u32, 0));
                } else {
                    low[at] = low[at].min(index[to]);
                }
                continue;
            }
            path.pop();
            if parent == NONE {
                continue;
            }
            let above = parent as usize;
            low[above] = low[above].min(low[at]);
            if parent == start {
                branches += 1;
            } else if low[at] >= index[above] {
                is_cut[above] = true;
            }
            if low[at] > index[above] {
                bridges.push((parent.min(at as u32), parent.max(at as u32)));
            }
        }
        is_cut[start as usize] = branches > 1;
    }
    bridges.sort_unstable();
    let vertices = (0..).zip(is_cut).filter(|(_, is_cut)| *is_cut).map(|(node, _)| node).collect();
    Cuts { vertices, bridges }
}

fn neighbour(graph: &Csr, node: u32, place: usize) -> Option<(u32, u8)> {
    let (far, kinds) = graph.forward.row(node);
    match far.get(place).zip(kinds.get(place)) {
        Some((far, kind)) => Some((*far, *kind)),
        None => {
            let place = place - far.len();
            let (far, kinds) = graph.reverse.row(node);
            Some((*far.get(place)?, *kinds.get(place)?))
        }
    }
}
