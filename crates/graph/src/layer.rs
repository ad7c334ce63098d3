//! Layers: how far nodes are from some entries by the longest way, cycles taken as one.
//!
//! Definition: in the condensation (`component`), whose steps are the edges between components, the
//! layer of a node is the greatest number of steps on any path from the component of an entry to the
//! node's own. So an entry that another entry reaches is not in layer 0.
//! Complexity: O(nodes + edges).
//! Source: longest paths in an acyclic graph in topological order, Kahn (1962).

use crate::component::Components;
use crate::csr::Csr;
use crate::neighbourhood::Kinds;

/// The layer of each node, none for what no entry reaches. `components` are those of the same graph and
/// kinds; an entry that is no node is left out.
pub fn layers(
    graph: &Csr,
    kinds: Kinds,
    components: &Components,
    entries: &[u32],
) -> Vec<Option<u32>> {
    let mut layer_of: Vec<Option<u32>> = vec![None; components.count as usize];
    for entry in entries {
        if let Some(component) = components.of.get(*entry as usize) {
            layer_of[*component as usize] = Some(0);
        }
    }
    let members = components.members();
    // An edge leads to a lower number, so the layer of a component is known when its turn comes.
    for component in (0..components.count).rev() {
        let Some(layer) = layer_of[component as usize] else { continue };
        for node in members.of(component) {
            for (far, kind) in graph.forward.edges(*node) {
                let to = components.of[far as usize];
                if kinds.contains(kind) && to != component {
                    let further = &mut layer_of[to as usize];
                    *further = (*further).max(Some(layer + 1));
                }
            }
        }
    }
    components.of.iter().map(|component| layer_of[*component as usize]).collect()
}
