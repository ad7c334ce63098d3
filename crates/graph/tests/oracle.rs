//! The graph against naive oracles and petgraph, on random multigraphs with loops and parallel edges.

use std::collections::{BTreeMap, BTreeSet};

use graph::{Bounds, Csr, Edge, Kinds, Reach, TooLarge, Walker, Way, components};
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

const NODES_MAX: u32 = 150;

fn graphs() -> impl Strategy<Value = (u32, Vec<Edge>)> {
    (1..NODES_MAX).prop_flat_map(|nodes| {
        let edge = (0..nodes, 0..nodes, 0_u8..4).prop_map(|(from, to, kind)| Edge {
            from,
            to,
            kind: kind * 80,
        });
        (Just(nodes), prop::collection::vec(edge, 0..300))
    })
}

/// Steps of every node within reach, by relaxing all edges until nothing changes.
fn steps(edges: &[Edge], roots: &[u32], way: Way, kinds: Kinds, depth: u32) -> BTreeMap<u32, u32> {
    let mut found: BTreeMap<u32, u32> = roots.iter().map(|root| (*root, 0)).collect();
    for round in 0..depth {
        for edge in edges.iter().filter(|edge| kinds.contains(edge.kind)) {
            for (near, far, is_asked) in [
                (edge.from, edge.to, way != Way::Reverse),
                (edge.to, edge.from, way != Way::Forward),
            ] {
                if is_asked && found.get(&near) == Some(&round) {
                    found.entry(far).or_insert(round + 1);
                }
            }
        }
    }
    found
}

fn ways() -> impl Strategy<Value = Way> {
    prop::sample::select(vec![Way::Forward, Way::Reverse, Way::Both])
}

proptest! {
    #[test]
    fn rows_hold_the_edges_in_order((nodes, edges) in graphs(), seed in any::<u64>()) {
        let csr = Csr::new(nodes, &edges).unwrap();
        let mut sorted = edges.clone();
        sorted.sort_unstable();
        prop_assert_eq!(csr.edges().collect::<Vec<_>>(), sorted);
        let mut backward: Vec<Edge> = (0..nodes)
            .flat_map(|to| csr.reverse.edges(to).map(move |(from, kind)| Edge { from, to, kind }))
            .collect();
        prop_assert!(backward.is_sorted_by_key(|edge| (edge.to, edge.from, edge.kind)));
        backward.sort_unstable();
        let mut forward: Vec<Edge> = csr.edges().collect();
        forward.sort_unstable();
        prop_assert_eq!(backward, forward);
        let mut shuffled = edges.clone();
        shuffled.rotate_left(seed as usize % edges.len().max(1));
        shuffled.reverse();
        prop_assert_eq!(Csr::new(nodes, &shuffled).unwrap(), csr);
    }

    #[test]
    fn neighbourhoods_are_those_of_the_oracle(
        (nodes, edges) in graphs(),
        draws in prop::collection::vec((any::<u32>(), any::<u32>(), 0_u32..6, any::<u8>()), 1..6),
        way in ways(),
    ) {
        let csr = Csr::new(nodes, &edges).unwrap();
        let mut walker = Walker::default();
        // One walker for all draws: a bit that is left over would show.
        for (a, b, depth, chosen) in draws {
            let roots = [a % nodes, b % nodes];
            let kinds = Kinds::of((0..4).filter(|kind| chosen >> kind & 1 == 1).map(|kind| kind * 80));
            let bounds = Bounds { depth, results: usize::MAX, reads: usize::MAX };
            let reach = walker.walk(&csr, &roots, way, kinds, bounds);
            prop_assert!(!reach.is_cut);
            prop_assert!(reach.nodes.is_sorted_by_key(|(_, steps)| *steps));
            let expected = steps(&edges, &roots, way, kinds, depth);
            prop_assert_eq!(reach.nodes.len(), expected.len());
            prop_assert_eq!(reach.nodes.iter().copied().collect::<BTreeMap<_, _>>(), expected);
        }
    }

    #[test]
    fn caps_give_the_start_of_the_whole(
        (nodes, edges) in graphs(),
        results in 0_usize..20,
        reads in 0_usize..40,
        way in ways(),
    ) {
        let csr = Csr::new(nodes, &edges).unwrap();
        let mut walker = Walker::default();
        let whole = Bounds { depth: 4, results: usize::MAX, reads: usize::MAX };
        let full = walker.walk(&csr, &[0], way, Kinds::ALL, whole);
        let capped = walker.walk(&csr, &[0], way, Kinds::ALL, Bounds { results, reads, ..whole });
        prop_assert!(capped.nodes.len() <= results && capped.reads <= reads);
        prop_assert!(full.nodes.starts_with(&capped.nodes));
        prop_assert!(capped.is_cut || capped.nodes == full.nodes);
        prop_assert_eq!(walker.walk(&csr, &[0], way, Kinds::ALL, whole), full);
    }

    #[test]
    fn components_are_those_of_petgraph((nodes, edges) in graphs(), chosen in 1_u8..16) {
        let csr = Csr::new(nodes, &edges).unwrap();
        let kinds = Kinds::of((0..4).filter(|kind| chosen >> kind & 1 == 1).map(|kind| kind * 80));
        let found = components(&csr, kinds);
        let mut other = DiGraph::<(), ()>::new();
        (0..nodes).for_each(|_| { other.add_node(()); });
        for edge in edges.iter().filter(|edge| kinds.contains(edge.kind)) {
            other.add_edge(NodeIndex::new(edge.from as usize), NodeIndex::new(edge.to as usize), ());
            prop_assert!(found.of[edge.from as usize] >= found.of[edge.to as usize]);
        }
        let mut mine: BTreeMap<u32, BTreeSet<usize>> = BTreeMap::new();
        for (node, component) in found.of.iter().enumerate() {
            mine.entry(*component).or_default().insert(node);
        }
        prop_assert_eq!(mine.len(), found.count as usize);
        let mine: BTreeSet<BTreeSet<usize>> = mine.into_values().collect();
        let theirs: BTreeSet<BTreeSet<usize>> = kosaraju_scc(&other)
            .into_iter()
            .map(|component| component.into_iter().map(NodeIndex::index).collect())
            .collect();
        prop_assert_eq!(mine, theirs);
    }
}

#[test]
fn a_long_chain_needs_no_stack() {
    let nodes = 1_000_000;
    let edges: Vec<Edge> = (1..nodes).map(|to| Edge { from: to - 1, to, kind: 0 }).collect();
    let csr = Csr::new(nodes, &edges).unwrap();
    let found = components(&csr, Kinds::ALL);
    assert_eq!(found.count, nodes);
    assert_eq!(found.of[0], nodes - 1);
}

#[test]
fn what_is_no_graph_is_refused() {
    let edge = Edge { from: 0, to: 3, kind: 0 };
    assert_eq!(Csr::new(3, &[edge]), Err(TooLarge::Node(3)));
    assert_eq!(Csr::new(0, &[]).unwrap().nodes(), 0);
    let none = Csr::new(0, &[]).unwrap();
    let bounds = Bounds { depth: 3, results: 9, reads: 9 };
    assert_eq!(
        Walker::default().walk(&none, &[0], Way::Both, Kinds::ALL, bounds),
        Reach::default()
    );
}
