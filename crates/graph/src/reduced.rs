//! The part of an AND/OR graph that can take some targets down, in an order in which it is worked
//! through.
//!
//! Definition: what the targets reach through their groups, without what has failed already; a group
//! keeps the members that are left and its `min_alive`. What is left out changes no target's fate.
//! Nodes are numbered anew by component: what a node needs has a lower number unless both are in one
//! component, whose nodes are neighbours.
//! Complexity: O(nodes + memberships), as building an AND/OR graph in order is.
//! Source: components after Tarjan (`component`).

use crate::and_or::{AndOr, AndOrBuilder, NEVER};
use crate::closure::Closer;
use crate::component::components_by;
use crate::csr::TooLarge;

/// In no place.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// A reduced graph. Its nodes are called places.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reduced {
    /// The graph, over places.
    pub graph: AndOr,
    /// Place of each node, `NOWHERE` for what was left out.
    pub place_of: Vec<u32>,
    /// Node of each place.
    pub node_of: Vec<u32>,
    /// Component of each place; never falls from one place to the next.
    pub component_of: Vec<u32>,
}

impl Reduced {
    /// What can take the targets down once the closer's base has failed. A target in the base or
    /// beyond the graph has no place.
    pub fn new(graph: &AndOr, closer: &Closer<'_>, targets: &[u32]) -> Result<Self, TooLarge> {
        let is_left = |node: u32| !closer.is_failed(node);
        let starts = targets.iter().copied().filter(|node| *node < graph.nodes() && is_left(*node));
        let found = components_by(graph.nodes(), starts, |node, place| {
            let far = graph.far(node, place)?;
            Some(if is_left(far) { far } else { node })
        });
        let members = found.members();
        let mut reduced = Self { place_of: vec![NOWHERE; found.of.len()], ..Self::default() };
        for component in 0..found.count {
            for node in members.of(component) {
                reduced.place_of[*node as usize] = reduced.node_of.len() as u32;
                reduced.node_of.push(*node);
                reduced.component_of.push(component);
            }
        }
        drop((members, found));
        let mut builder = AndOrBuilder::new(reduced.node_of.len() as u32);
        let mut places: Vec<u32> = Vec::new();
        for (place, node) in (0..).zip(&reduced.node_of) {
            let place_of = |far: &u32| reduced.place_of[*far as usize];
            places.clear();
            places.extend(graph.needed(*node).iter().map(place_of));
            places.sort_unstable();
            for needed in &places {
                builder.group(place, 1, &[*needed]);
            }
            for group in graph.groups_of(*node).filter(|group| graph.fatal(*group) != NEVER) {
                let members = graph.members(group);
                let min_alive = (members.len() as u32 + 1).saturating_sub(graph.fatal(group));
                places.clear();
                places.extend(members.iter().filter(|far| is_left(**far)).map(place_of));
                builder.group(place, min_alive, &places);
            }
        }
        reduced.graph = builder.build()?;
        Ok(reduced)
    }

    /// The place of a node that is in the graph.
    pub fn place(&self, node: u32) -> Option<u32> {
        self.place_of.get(node as usize).copied().filter(|place| *place != NOWHERE)
    }
}
