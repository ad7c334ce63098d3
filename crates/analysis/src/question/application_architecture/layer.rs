//! How far down the parts of an application stand, and how long its chains of calls are. Worked out of
//! what it calls, and of the whole once for all applications: there may be thousands.

use std::collections::BTreeMap;

use graph::{Csr, Edge, Kinds, components, layers};
use model::kind::RelationKind;

use super::judge::Judged;
use crate::call_graph::CallGraph;

/// Longest distance of each of some nodes from the tops among them, over what they call of each other;
/// cycles taken as one. Costs what they call, however large the rest is.
pub(super) fn layered(
    it: &Judged<'_>,
    nodes: &[u32],
    tops: &[u32],
) -> impl Iterator<Item = Option<u32>> + use<> {
    let places: BTreeMap<u32, u32> = nodes.iter().copied().zip(0..).collect();
    let links = nodes.iter().flat_map(|node| it.graph.from(*node));
    let edges: Vec<Edge> = links
        .filter_map(|link| {
            let (from, to) = (*places.get(&link.from)?, *places.get(&link.to)?);
            Some(Edge { from, to, kind: 0 })
        })
        .collect();
    let csr = Csr::new(nodes.len() as u32, &edges).unwrap_or_default();
    let found = components(&csr, Kinds::ALL);
    let tops: Vec<u32> = tops.iter().filter_map(|top| places.get(top).copied()).collect();
    layers(&csr, Kinds::ALL, &found, &tops).into_iter()
}

/// Longest chain of calls that wait for each other from each node; cycles taken as one. It is the
/// distance to the node from wherever it is longest, against the direction of the calls.
pub(super) fn chains(graph: &CallGraph<'_>) -> Vec<u32> {
    let Csr { forward, reverse } = graph.csr(|link| {
        link.kind == RelationKind::Calls
            && link.need != model::Need::Asynchronous
            && !link.calls.is_some_and(crate::calls::PairCalls::is_asynchronous)
    });
    let csr = Csr { forward: reverse, reverse: forward };
    let found = components(&csr, Kinds::ALL);
    let all: Vec<u32> = (0..csr.nodes()).collect();
    let longest = layers(&csr, Kinds::ALL, &found, &all).into_iter();
    longest.map(Option::unwrap_or_default).collect()
}
