//! Shortest ways from some roots to whatever they reach, each edge named.
//!
//! Definition: a way is a sequence of edges of asked kinds in an asked direction, each beginning where
//! the one before ended; a shortest one has the fewest. Of several, the one found first breadth first:
//! roots in the order given, edges in order of (far end, kind), forward before reverse.
//! Complexity: O(edges read), and 4 bytes a node; at most `Bounds` edges and results.
//! Source: Moore, The shortest path through a maze (1959).

use crate::csr::{Csr, Edge, Rows};
use crate::neighbourhood::{Bounds, Kinds, Way};

/// Not found.
const NONE: u32 = u32::MAX;

/// What was found, with the way to each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Routes {
    /// Place of each node among those found.
    place_of: Vec<u32>,
    /// Nodes in order of steps, each with its steps.
    nodes: Vec<(u32, u32)>,
    /// The last edge on the way to each, and the place of the node before; none for a root.
    before: Vec<Option<(Edge, u32)>>,
    /// Whether a bound ended the search before its depth did.
    pub is_cut: bool,
}

impl Routes {
    /// From some roots; a root that is no node is left out.
    pub fn new(graph: &Csr, roots: &[u32], way: Way, kinds: Kinds, bounds: Bounds) -> Self {
        let mut routes = Self { place_of: vec![NONE; graph.nodes() as usize], ..Self::default() };
        for root in roots.iter().copied().filter(|root| *root < graph.nodes()) {
            routes.add(root, 0, None, bounds);
        }
        let directions: &[(&Rows, bool)] = match way {
            Way::Forward => &[(&graph.forward, true)],
            Way::Reverse => &[(&graph.reverse, false)],
            Way::Both => &[(&graph.forward, true), (&graph.reverse, false)],
        };
        let (mut next, mut reads) = (0_usize, 0);
        'search: while let Some((node, steps)) = routes.nodes.get(next).copied() {
            if steps >= bounds.depth {
                break;
            }
            for (rows, is_forward) in directions {
                for (far, kind) in rows.edges(node) {
                    if reads == bounds.reads {
                        routes.is_cut = true;
                        break 'search;
                    }
                    reads += 1;
                    let (from, to) = if *is_forward { (node, far) } else { (far, node) };
                    let edge = Edge { from, to, kind };
                    if kinds.contains(kind)
                        && !routes.add(far, steps + 1, Some((edge, next as u32)), bounds)
                    {
                        break 'search;
                    }
                }
            }
            next += 1;
        }
        routes
    }

    /// Adds a node that was not there; false when there is no room for it.
    fn add(&mut self, node: u32, steps: u32, before: Option<(Edge, u32)>, bounds: Bounds) -> bool {
        let place = &mut self.place_of[node as usize];
        if *place != NONE {
            return true;
        }
        if self.nodes.len() >= bounds.results {
            self.is_cut = true;
            return false;
        }
        *place = self.nodes.len() as u32;
        self.nodes.push((node, steps));
        self.before.push(before);
        true
    }

    /// What was found, each with its steps, in order of steps.
    pub fn nodes(&self) -> &[(u32, u32)] {
        &self.nodes
    }

    /// The steps to a node; none when it was not found.
    pub fn steps(&self, node: u32) -> Option<u32> {
        let place = self.place_of.get(node as usize)?;
        self.nodes.get(*place as usize).map(|(_, steps)| *steps)
    }

    /// The edges of a shortest way to a node, from the root on, each in its own direction; none when it
    /// was not found, empty for a root.
    pub fn to(&self, node: u32) -> Option<Vec<Edge>> {
        let mut place = *self.place_of.get(node as usize)? as usize;
        let mut edges = Vec::new();
        while let Some((edge, before)) = self.before.get(place)? {
            edges.push(*edge);
            place = *before as usize;
        }
        edges.reverse();
        Some(edges)
    }
}
