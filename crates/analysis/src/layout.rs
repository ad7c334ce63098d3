//! Positions for a picture of a part of the estate: layered left to right, so that "needs" points
//! right (Sugiyama, Tagawa and Toda 1981). Cycles are cut by the greedy order of Eades, Lin and Smyth
//! (1993), so that few edges point left; layers are the longest paths over the edges that are left,
//! and the order in a layer follows the barycentre of the neighbours.
//! The same nodes and edges give the same positions, in whatever order they are listed.
//! O(n³ + (n + sweeps)·m) for n nodes; meant for the few hundred that a picture can show.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the nodes of an answer stand, in units of a grid: x is the layer from left to right; y the
/// place in the layer from top to bottom.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Layout {
    /// Nodes, in order of id.
    pub nodes: Vec<LayoutNode>,
    /// Titles of the layers from left to right: the kinds they hold most of.
    pub layers: Vec<String>,
    /// Greatest number of places in a layer.
    pub height: u32,
}

/// One node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LayoutNode {
    /// Canonical id, or the key of a group.
    pub id: String,
    /// Layer, from 0 at the left.
    pub x: u32,
    /// Place in the layer, from 0 at the top.
    pub y: u32,
}

/// Passes over the layers, each from left to right and back.
const SWEEPS: usize = 6;

/// Places nodes, given as (id, kind); edges lead from what needs to what is needed, and those whose
/// ends are not among the nodes are left out.
pub fn layered(nodes: &[(String, String)], edges: &[(String, String)]) -> Layout {
    let nodes: BTreeMap<&str, &str> =
        nodes.iter().map(|(id, kind)| (id.as_str(), kind.as_str())).collect();
    let ids: Vec<&str> = nodes.keys().copied().collect();
    let place = |id: &String| ids.binary_search(&id.as_str()).ok();
    let mut links: Vec<(usize, usize)> = edges
        .iter()
        .filter_map(|(from, to)| Some((place(from)?, place(to)?)))
        .filter(|(from, to)| from != to)
        .collect();
    links.sort_unstable();
    links.dedup();
    let layer_of = longest_paths(ids.len(), &links);
    let layers = ordered(&layer_of, &links);
    let mut placed: Vec<LayoutNode> = Vec::with_capacity(ids.len());
    for (x, layer) in layers.iter().enumerate() {
        for (y, node) in layer.iter().enumerate() {
            placed.push(LayoutNode { id: ids[*node].to_owned(), x: x as u32, y: y as u32 });
        }
    }
    placed.sort_by(|a, b| a.id.cmp(&b.id));
    let kind_of = |node: &usize| nodes.get(ids[*node]).copied().unwrap_or_default();
    Layout {
        nodes: placed,
        layers: layers.iter().map(|layer| title(layer.iter().map(kind_of))).collect(),
        height: layers.iter().map(Vec::len).max().unwrap_or(0) as u32,
    }
}

/// What reaches what, by Warshall's closure over rows of bits.
fn closure(n: usize, links: &[(usize, usize)]) -> Vec<Vec<u64>> {
    let words = n.div_ceil(64);
    let mut reach = vec![vec![0_u64; words]; n];
    for (from, to) in links {
        reach[*from][to / 64] |= 1 << (to % 64);
    }
    for middle in 0..n {
        let through = reach[middle].clone();
        for row in &mut reach {
            if row[middle / 64] >> (middle % 64) & 1 == 1 {
                row.iter_mut().zip(&through).for_each(|(word, more)| *word |= more);
            }
        }
    }
    reach
}

/// The layer of each node: right of all that need it, but for edges cut to open a cycle.
fn longest_paths(n: usize, links: &[(usize, usize)]) -> Vec<usize> {
    let reach = closure(n, links);
    let reaches = |a: usize, b: usize| reach[a][b / 64] >> (b % 64) & 1 == 1;
    let is_inside = |from: usize, to: usize| reaches(from, to) && reaches(to, from);
    let inside: Vec<(usize, usize)> =
        links.iter().copied().filter(|(from, to)| is_inside(*from, *to)).collect();
    let rank = greedy_order(n, &inside);
    let kept: Vec<(usize, usize)> = links
        .iter()
        .copied()
        .filter(|(from, to)| !is_inside(*from, *to) || rank[*from] < rank[*to])
        .collect();
    let mut layer = vec![0_usize; n];
    // A path has at most n steps, so n rounds reach the longest.
    for _ in 0..n {
        let mut is_moved = false;
        for (from, to) in &kept {
            if layer[*to] <= layer[*from] {
                layer[*to] = layer[*from] + 1;
                is_moved = true;
            }
        }
        if !is_moved {
            break;
        }
    }
    layer
}

/// Ranks in which few edges lead backwards: sinks go to the end, sources to the front, and else the
/// node with the greatest surplus of outgoing over incoming edges to the front; ties by number.
fn greedy_order(n: usize, links: &[(usize, usize)]) -> Vec<usize> {
    let mut is_left = vec![true; n];
    let (mut front, mut back) = (Vec::new(), Vec::new());
    while front.len() + back.len() < n {
        let mut degrees = vec![(0_i64, 0_i64); n];
        for (from, to) in links.iter().filter(|(from, to)| is_left[*from] && is_left[*to]) {
            degrees[*from].0 += 1;
            degrees[*to].1 += 1;
        }
        let left: Vec<usize> = (0..n).filter(|node| is_left[*node]).collect();
        let sink = left.iter().rev().find(|node| degrees[**node].0 == 0);
        let source = left.iter().find(|node| degrees[**node].1 == 0);
        let surplus = |node: usize| degrees[node].0 - degrees[node].1;
        let richest = left.iter().max_by_key(|node| (surplus(**node), std::cmp::Reverse(**node)));
        match (sink, source, richest) {
            (Some(node), ..) => {
                back.push(*node);
                is_left[*node] = false;
            }
            (None, Some(node), _) | (None, None, Some(node)) => {
                front.push(*node);
                is_left[*node] = false;
            }
            (None, None, None) => break,
        }
    }
    let mut rank = vec![0; n];
    for (place, node) in front.into_iter().chain(back.into_iter().rev()).enumerate() {
        rank[node] = place;
    }
    rank
}

/// The nodes of each layer in order. Nodes without a neighbour stand below the others.
fn ordered(layer_of: &[usize], links: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let count = layer_of.iter().max().map_or(0, |last| last + 1);
    let mut neighbours: Vec<Vec<usize>> = vec![Vec::new(); layer_of.len()];
    for (from, to) in links {
        neighbours[*from].push(*to);
        neighbours[*to].push(*from);
    }
    let mut layers: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (node, layer) in layer_of.iter().enumerate() {
        layers[*layer].push(node);
    }
    for layer in &mut layers {
        layer.sort_by_key(|node| (neighbours[*node].is_empty(), *node));
    }
    // Twice the place from the middle of the layer, so that layers of different heights compare.
    let mut height = vec![0_i64; layer_of.len()];
    let settle = |layer: &[usize], height: &mut Vec<i64>| {
        for (y, node) in layer.iter().enumerate() {
            height[*node] = 2 * y as i64 + 1 - layer.len() as i64;
        }
    };
    layers.iter().for_each(|layer| settle(layer, &mut height));
    let rightwards = 0..count;
    let both_ways: Vec<(usize, bool)> = rightwards
        .clone()
        .map(|layer| (layer, true))
        .chain(rightwards.rev().map(|layer| (layer, false)))
        .collect();
    for _ in 0..SWEEPS {
        for (at, looks_left) in &both_ways {
            let beside = |node: usize| {
                let is_beside = |other: &&usize| {
                    if *looks_left { layer_of[**other] < *at } else { layer_of[**other] > *at }
                };
                let those = || neighbours[node].iter().filter(is_beside);
                let sum: i64 = those().map(|other| height[*other]).sum();
                (sum, those().count() as i64)
            };
            let means: BTreeMap<usize, (i64, i64)> = layers[*at]
                .iter()
                .map(|node| {
                    let (sum, n) = beside(*node);
                    (*node, if n == 0 { (height[*node], 1) } else { (sum, n) })
                })
                .collect();
            let is_alone = |node: &usize| neighbours[*node].is_empty();
            layers[*at].sort_by(|a, b| {
                let ((sum_a, n_a), (sum_b, n_b)) = (means[a], means[b]);
                let by_mean = (sum_a * n_b).cmp(&(sum_b * n_a));
                is_alone(a).cmp(&is_alone(b)).then(by_mean)
            });
            settle(&layers[*at], &mut height);
        }
    }
    layers
}

/// The kinds a layer holds most of, at most two.
fn title<'a>(kinds: impl Iterator<Item = &'a str>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    kinds.for_each(|kind| *counts.entry(kind).or_default() += 1);
    let mut ranked: Vec<(&str, usize)> = counts.into_iter().collect();
    ranked.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let names: Vec<String> =
        ranked.iter().take(2).map(|(kind, _)| kind.replace('_', " ")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn named(n: usize) -> Vec<(String, String)> {
        (0..n).map(|node| (format!("n{node:03}"), "service".to_owned())).collect()
    }

    fn texts(links: &[(usize, usize)]) -> Vec<(String, String)> {
        links.iter().map(|(a, b)| (format!("n{a:03}"), format!("n{b:03}"))).collect()
    }

    fn x_of(layout: &Layout) -> BTreeMap<&str, u32> {
        layout.nodes.iter().map(|node| (node.id.as_str(), node.x)).collect()
    }

    #[test]
    fn a_chain_runs_from_left_to_right() {
        let layout = layered(&named(4), &texts(&[(2, 0), (0, 3), (3, 1), (2, 1)]));
        let x = x_of(&layout);
        assert_eq!([x["n002"], x["n000"], x["n003"], x["n001"]], [0, 1, 2, 3]);
    }

    #[test]
    fn crossing_edges_are_untangled() {
        // 0→3 and 1→2 cross when both layers are in order of name.
        let layout = layered(&named(4), &texts(&[(0, 3), (1, 2)]));
        let y: BTreeMap<&str, u32> = layout.nodes.iter().map(|n| (n.id.as_str(), n.y)).collect();
        assert_eq!(y["n000"] < y["n001"], y["n003"] < y["n002"]);
    }

    #[test]
    fn nothing_has_a_layout_too() {
        assert_eq!(layered(&[], &[]), Layout::default());
    }

    proptest! {
        #[test]
        fn places_are_apart_complete_and_the_same_in_any_order(
            n in 1_usize..40,
            raw in proptest::collection::vec((0_usize..40, 0_usize..40), 0..90),
        ) {
            let links: Vec<(usize, usize)> = raw.iter().map(|(a, b)| (a % n, b % n)).collect();
            let layout = layered(&named(n), &texts(&links));
            let places: BTreeSet<(u32, u32)> =
                layout.nodes.iter().map(|node| (node.x, node.y)).collect();
            prop_assert_eq!(places.len(), n);
            let reversed_nodes: Vec<_> = named(n).into_iter().rev().collect();
            let reversed_links: Vec<_> = texts(&links).into_iter().rev().collect();
            prop_assert_eq!(&layout, &layered(&reversed_nodes, &reversed_links));
            // An edge that lies on no cycle points right; of those on cycles, not all point left.
            let x = x_of(&layout);
            let reach = closure(n, &links);
            let (mut cut, mut cyclic) = (0, 0);
            let apart: BTreeSet<_> = links.iter().filter(|(a, b)| a != b).collect();
            for (a, b) in apart {
                let is_cycle = reach[*b][a / 64] >> (a % 64) & 1 == 1;
                let (from, to) = (x[format!("n{a:03}").as_str()], x[format!("n{b:03}").as_str()]);
                cyclic += usize::from(is_cycle);
                cut += usize::from(from >= to);
                prop_assert!(is_cycle || from < to, "{} {}", from, to);
            }
            // The method's bound: at most half of the edges, less a sixth of the nodes.
            prop_assert!(2 * cut <= cyclic, "{} of {}", cut, cyclic);
        }
    }
}
