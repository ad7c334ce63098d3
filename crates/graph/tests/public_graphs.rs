//! Reach and connected parts against the outputs that come with public graphs, and a real network
//! against another tool. Skipped by name where the data is not there.
#![expect(clippy::unwrap_used, reason = "public data that reads otherwise fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use graph::{Bounds, Csr, Dominators, Edge, Kinds, Routes, Walker, Way, components, cuts};
use libtest_mimic::{Arguments, Trial};
use petgraph::algo::dominators::simple_fast;
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

const ALL: Bounds = Bounds { depth: u32::MAX, results: usize::MAX, reads: usize::MAX };

/// A test on a folder of data.
type Test = fn(&Path);

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/graphs");
    let trials: [(&str, &str, Test); 3] = [
        ("reach_has_the_steps_that_come_with_the_graph", "ldbc", reach),
        ("connected_parts_are_those_that_come_with_the_graph", "ldbc", parts),
        ("a_real_network_is_what_another_tool_says", "as-topology", network),
    ];
    let trials = trials.into_iter().map(|(name, data, test)| {
        let path = folder.join(data);
        if path.exists() {
            Trial::test(name, move || {
                test(&path);
                Ok(())
            })
        } else {
            let name = format!("{name} [skipped: data set graphs/{data} is absent]");
            Trial::test(name, || Ok(())).with_ignored_flag(true)
        }
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

fn rows(path: &Path) -> Vec<Vec<u64>> {
    let text = std::fs::read_to_string(path).unwrap();
    let numbers = |line: &str| line.split_whitespace().map(|word| word.parse().unwrap()).collect();
    text.lines().filter(|line| !line.starts_with('#')).map(numbers).collect()
}

/// A graph with the names of its nodes; rows are a node and what it leads to.
struct Named {
    names: Vec<u64>,
    csr: Csr,
}

impl Named {
    fn new(rows: &[Vec<u64>]) -> Self {
        let names: BTreeSet<u64> = rows.iter().flatten().copied().collect();
        let names: Vec<u64> = names.into_iter().collect();
        let node = |name: &u64| names.binary_search(name).unwrap() as u32;
        let edges: Vec<Edge> = rows
            .iter()
            .filter_map(|row| row.split_first())
            .flat_map(|(from, far)| far.iter().map(move |to| (from, to)))
            .map(|(from, to)| Edge { from: node(from), to: node(to), kind: 0 })
            .collect();
        let csr = Csr::new(names.len() as u32, &edges).unwrap();
        Self { names, csr }
    }

    fn node(&self, name: u64) -> u32 {
        self.names.binary_search(&name).unwrap() as u32
    }
}

fn reach_equals(input: &Path, output: &Path) {
    let (input, output) = (rows(input), rows(output));
    let graph = Named::new(&input);
    let expected: BTreeMap<u64, u64> = output.iter().map(|row| (row[0], row[1])).collect();
    let root = expected.iter().find(|(_, steps)| **steps == 0).map(|(name, _)| *name).unwrap();
    let roots = [graph.node(root)];
    let found = Routes::new(&graph.csr, &roots, Way::Forward, Kinds::ALL, ALL);
    let walk = Walker::default().walk(&graph.csr, &roots, Way::Forward, Kinds::ALL, ALL);
    assert_eq!(walk.nodes, found.nodes());
    assert_eq!(expected.len(), graph.names.len());
    for (name, steps) in expected {
        // The greatest number stands for what is not reached.
        let mine = found.steps(graph.node(name)).map_or(i64::MAX as u64, u64::from);
        assert_eq!(mine, steps, "{name}");
    }
}

fn parts_equal(input: &Path, output: &Path) {
    let (input, output) = (rows(input), rows(output));
    let graph = Named::new(&input);
    let mut expected: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
    for row in &output {
        expected.entry(row[1]).or_default().insert(row[0]);
    }
    let expected: BTreeSet<BTreeSet<u64>> = expected.into_values().collect();
    let mut found = BTreeSet::new();
    let mut walker = Walker::default();
    for name in &graph.names {
        let reach = walker.walk(&graph.csr, &[graph.node(*name)], Way::Both, Kinds::ALL, ALL);
        let names = reach.nodes.iter().map(|(node, _)| graph.names[*node as usize]);
        found.insert(names.collect::<BTreeSet<u64>>());
    }
    assert_eq!(found, expected);
}

const CASES: [(&str, &str); 4] = [
    ("{}/dir-input", "{}/dir-output"),
    ("{}/undir-input", "{}/undir-output"),
    ("example/example-directed-input", "example/example-directed-{}"),
    ("example/example-undirected-input", "example/example-undirected-{}"),
];

fn reach(folder: &Path) {
    for (input, output) in CASES {
        let input = folder.join(input.replace("{}", "bfs"));
        let name = if output.starts_with("example") { "BFS" } else { "bfs" };
        reach_equals(&input, &folder.join(output.replace("{}", name)));
    }
}

fn parts(folder: &Path) {
    for (input, output) in CASES {
        let input = folder.join(input.replace("{}", "wcc"));
        let name = if output.starts_with("example") { "WCC" } else { "wcc" };
        parts_equal(&input, &folder.join(output.replace("{}", name)));
    }
}

fn network(folder: &Path) {
    let rows = rows(&folder.join("examples/as20graph.txt"));
    let graph = Named::new(&rows);
    let nodes = graph.csr.nodes();
    assert_eq!(nodes, 6_474);
    let mut other = DiGraph::<(), ()>::new();
    (0..nodes).for_each(|_| {
        other.add_node(());
    });
    // Each link is there both ways; the lower way alone makes a graph with more structure.
    let mut links: Vec<Edge> = graph.csr.edges().filter(|edge| edge.from < edge.to).collect();
    links.dedup();
    for edge in &links {
        other.add_edge(NodeIndex::new(edge.from as usize), NodeIndex::new(edge.to as usize), ());
    }
    let downwards = Csr::new(nodes, &links).unwrap();
    let mine = components(&graph.csr, Kinds::ALL);
    let both = other.clone().into_edge_type::<petgraph::Undirected>();
    assert_eq!(mine.count as usize, petgraph::algo::connected_components(&both));
    assert_eq!(components(&downwards, Kinds::ALL).count as usize, kosaraju_scc(&other).len());
    let found = cuts(&graph.csr, Kinds::ALL);
    let theirs: BTreeSet<u32> = petgraph::algo::articulation_points::articulation_points(&both)
        .into_iter()
        .map(|node| node.index() as u32)
        .collect();
    assert_eq!(found.vertices, theirs.into_iter().collect::<Vec<u32>>());
    let theirs: BTreeSet<(u32, u32)> = petgraph::algo::bridges(&both)
        .map(|edge| {
            let (a, b) = (edge.source().index() as u32, edge.target().index() as u32);
            (a.min(b), a.max(b))
        })
        .collect();
    assert_eq!(found.bridges, theirs.into_iter().collect::<Vec<(u32, u32)>>());
    let roots = [graph.node(1)];
    let dominators = Dominators::new(&downwards, &roots, Kinds::ALL);
    let theirs = simple_fast(&other, NodeIndex::new(roots[0] as usize));
    for node in 0..nodes {
        let parent = theirs.immediate_dominator(NodeIndex::new(node as usize));
        assert_eq!(dominators.parent(node), parent.map(|parent| parent.index() as u32));
    }
}
