//! Dominators, cut vertices, bridges, layers and routes against removal, counting and petgraph.

use std::collections::{BTreeMap, BTreeSet};

use graph::{
    Bounds, Csr, Cuts, Dominators, Edge, Kinds, Routes, Walker, Way, components, cuts, layers,
};
use petgraph::algo::dominators::simple_fast;
use petgraph::graph::{DiGraph, NodeIndex};
use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop, prop_assert, prop_assert_eq, proptest,
};

fn graphs(nodes_max: u32, edges_max: usize) -> impl Strategy<Value = (u32, Vec<Edge>)> {
    (1..=nodes_max).prop_flat_map(move |nodes| {
        let edge =
            (0..nodes, 0..nodes, 0_u8..3).prop_map(|(from, to, kind)| Edge { from, to, kind });
        (Just(nodes), prop::collection::vec(edge, 0..edges_max))
    })
}

/// Kind 2 is asked for by nobody here.
fn kinds() -> Kinds {
    Kinds::of([0, 1])
}

fn asked(edges: &[Edge]) -> impl Iterator<Item = &Edge> {
    edges.iter().filter(|edge| edge.kind < 2)
}

/// What is reached from the roots without going through one node.
fn reached(edges: &[Edge], roots: &[u32], without: Option<u32>) -> BTreeSet<u32> {
    let mut found: BTreeSet<u32> = roots.iter().copied().filter(|r| Some(*r) != without).collect();
    loop {
        let before = found.len();
        for edge in asked(edges) {
            if found.contains(&edge.from) && Some(edge.to) != without {
                found.insert(edge.to);
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// Connected parts of the nodes but one, over the links but one.
fn parts(nodes: u32, edges: &[Edge], without: Option<u32>, link: Option<(u32, u32)>) -> usize {
    let mut left: BTreeSet<u32> = (0..nodes).filter(|node| Some(*node) != without).collect();
    let mut parts = 0;
    while let Some(start) = left.pop_first() {
        parts += 1;
        let mut open = vec![start];
        while let Some(node) = open.pop() {
            for edge in asked(edges) {
                if link == Some((edge.from.min(edge.to), edge.from.max(edge.to))) {
                    continue;
                }
                for (near, far) in [(edge.from, edge.to), (edge.to, edge.from)] {
                    if near == node && left.remove(&far) {
                        open.push(far);
                    }
                }
            }
        }
    }
    parts
}

/// The longest path from the entries, one step a component, by trying all.
fn longest(of: &[u32], edges: &[Edge], entries: &[u32]) -> BTreeMap<u32, u32> {
    let mut found: BTreeMap<u32, u32> =
        entries.iter().map(|entry| (of[*entry as usize], 0)).collect();
    // A condensation has no cycle, so this ends.
    loop {
        let mut is_changed = false;
        for edge in asked(edges) {
            let (from, to) = (of[edge.from as usize], of[edge.to as usize]);
            if from != to
                && let Some(layer) = found.get(&from).map(|layer| layer + 1)
            {
                let further = found.entry(to).or_insert(0);
                if *further < layer {
                    *further = layer;
                    is_changed = true;
                }
            }
        }
        if !is_changed {
            return found;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn a_dominator_is_what_cannot_be_left_out(
        (nodes, edges) in graphs(14, 30), bits in any::<u16>(),
    ) {
        let csr = Csr::new(nodes, &edges).unwrap();
        let roots: Vec<u32> = (0..nodes).filter(|node| bits >> node & 1 == 1).collect();
        let found = Dominators::new(&csr, &roots, kinds());
        let all = reached(&edges, &roots, None);
        for node in 0..nodes {
            prop_assert_eq!(found.is_reached(node), all.contains(&node));
            let expected: BTreeSet<u32> = (0..nodes)
                .filter(|d| *d != node && all.contains(&node))
                .filter(|d| !reached(&edges, &roots, Some(*d)).contains(&node))
                .collect();
            let chain: Vec<u32> = found.chain(node).collect();
            prop_assert_eq!(chain.iter().copied().collect::<BTreeSet<u32>>(), expected.clone());
            prop_assert_eq!(chain.len(), expected.len());
            if let Some(parent) = found.parent(node) {
                prop_assert_eq!(found.chain(parent).count() + 1, chain.len());
            }
            let entrance = all.contains(&node).then(|| chain.last().copied().unwrap_or(node));
            prop_assert_eq!(found.entrance(node), entrance);
        }
    }

    #[test]
    fn dominators_are_those_of_another_tool((nodes, edges) in graphs(60, 200)) {
        let csr = Csr::new(nodes, &edges).unwrap();
        let found = Dominators::new(&csr, &[0], Kinds::ALL);
        let mut other = DiGraph::<(), ()>::new();
        (0..nodes).for_each(|_| { other.add_node(()); });
        for edge in &edges {
            other.add_edge(NodeIndex::new(edge.from as usize), NodeIndex::new(edge.to as usize), ());
        }
        let theirs = simple_fast(&other, NodeIndex::new(0));
        for node in 0..nodes {
            let parent = theirs.immediate_dominator(NodeIndex::new(node as usize));
            prop_assert_eq!(found.parent(node), parent.map(|parent| parent.index() as u32));
        }
    }

    #[test]
    fn a_cut_is_what_falls_apart_by_removal((nodes, edges) in graphs(14, 24)) {
        let csr = Csr::new(nodes, &edges).unwrap();
        let whole = parts(nodes, &edges, None, None);
        // Without a node that is alone there is one part less, so that is no cut vertex either.
        let vertices: Vec<u32> =
            (0..nodes).filter(|node| parts(nodes, &edges, Some(*node), None) > whole).collect();
        let links: BTreeSet<(u32, u32)> = asked(&edges)
            .filter(|edge| edge.from != edge.to)
            .map(|edge| (edge.from.min(edge.to), edge.from.max(edge.to)))
            .collect();
        let bridges: Vec<(u32, u32)> = links
            .into_iter()
            .filter(|link| parts(nodes, &edges, None, Some(*link)) > whole)
            .collect();
        prop_assert_eq!(cuts(&csr, kinds()), Cuts { vertices, bridges });
    }

    #[test]
    fn layers_are_longest_paths((nodes, edges) in graphs(16, 30), bits in any::<u16>()) {
        let csr = Csr::new(nodes, &edges).unwrap();
        let entries: Vec<u32> = (0..nodes).filter(|node| bits >> node & 1 == 1).collect();
        let found = components(&csr, kinds());
        let expected = longest(&found.of, &edges, &entries);
        let layers = layers(&csr, kinds(), &found, &entries);
        prop_assert_eq!(layers.len(), nodes as usize);
        for (component, layer) in found.of.iter().zip(layers) {
            prop_assert_eq!(layer, expected.get(component).copied());
        }
        let members = found.members();
        for component in 0..found.count {
            let all: Vec<u32> = (0..nodes).filter(|n| found.of[*n as usize] == component).collect();
            prop_assert_eq!(members.of(component), all);
        }
    }

    #[test]
    fn routes_are_shortest_and_made_of_edges(
        (nodes, edges) in graphs(30, 60),
        roots in prop::collection::vec(0_u32..40, 0..3),
        way in prop::sample::select(vec![Way::Forward, Way::Reverse, Way::Both]),
        depth in 0_u32..6,
        results in 1_usize..60,
    ) {
        let csr = Csr::new(nodes, &edges).unwrap();
        let bounds = Bounds { depth, results, reads: 50 };
        let found = Routes::new(&csr, &roots, way, kinds(), bounds);
        // The walk of the same bounds is held against its definition elsewhere.
        let reach = Walker::default().walk(&csr, &roots, way, kinds(), bounds);
        prop_assert_eq!(found.nodes(), reach.nodes);
        prop_assert_eq!(found.is_cut, reach.is_cut);
        for (node, steps) in found.nodes() {
            prop_assert_eq!(found.steps(*node), Some(*steps));
            let route = found.to(*node).unwrap();
            prop_assert_eq!(route.len(), *steps as usize);
            let mut at = *node;
            for edge in route.iter().rev() {
                prop_assert!(edges.contains(edge) && edge.kind < 2);
                at = match way {
                    Way::Forward => edge.from,
                    Way::Reverse => edge.to,
                    Way::Both => if edge.to == at { edge.from } else { edge.to },
                };
            }
            prop_assert!(roots.contains(&at));
        }
        prop_assert_eq!(found.steps(nodes), None);
        prop_assert_eq!(found.to(nodes), None);
    }
}

#[test]
fn long_chains_need_no_stack() {
    let nodes = 300_000;
    let edges: Vec<Edge> = (1..nodes).map(|to| Edge { from: to - 1, to, kind: 0 }).collect();
    let csr = Csr::new(nodes, &edges).unwrap();
    assert_eq!(cuts(&csr, Kinds::ALL).vertices.len(), nodes as usize - 2);
    assert_eq!(
        Dominators::new(&csr, &[0], Kinds::ALL).chain(nodes - 1).count(),
        nodes as usize - 1
    );
    let found = components(&csr, Kinds::ALL);
    assert_eq!(layers(&csr, Kinds::ALL, &found, &[0])[nodes as usize - 1], Some(nodes - 1));
}
