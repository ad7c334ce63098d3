//! Closures and degradation against the definitions, on small random AND/OR graphs.

mod naive;

use std::collections::{BTreeMap, BTreeSet};

use graph::{AndOrBuilder, Cause, Closer, Closure, Soft, Thinned, TooLarge, degraded};
use naive::{Given, built, chosen, closure, graphs};
use proptest::prelude::{ProptestConfig, any, prop, prop_assert, prop_assert_eq, proptest};

fn set(nodes: &[u32]) -> BTreeSet<u32> {
    nodes.iter().copied().collect()
}

/// Rounds after which each node fails, round 0 being `at_once`.
fn rounds(groups: &[Given], base: &BTreeSet<u32>, at_once: &[u32]) -> BTreeMap<u32, u32> {
    let mut failed = base.clone();
    let mut found = BTreeMap::new();
    let mut next: BTreeSet<u32> = set(at_once).difference(base).copied().collect();
    for round in 0.. {
        next.retain(|node| failed.insert(*node));
        if next.is_empty() {
            break;
        }
        found.extend(next.iter().map(|node| (*node, round)));
        next = groups.iter().filter(|g| g.is_short(&failed)).map(|g| g.owner).collect();
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_closure_is_the_least_fixed_point(
        (nodes, groups) in graphs(14, 24),
        already in any::<u64>(),
        seeds in prop::collection::vec(any::<u64>(), 1..4),
    ) {
        let graph = built(nodes, &groups);
        // Few have failed before.
        let already = chosen(nodes, already & already.rotate_left(17) & already.rotate_left(31));
        let base = closure(&groups, already.iter().copied());
        let mut closer = Closer::since(&graph, &already);
        prop_assert_eq!(set(closer.base().nodes()), base.clone());
        for bits in seeds {
            let mut seeds = chosen(nodes, bits & bits.rotate_left(9));
            seeds.push(nodes + 3);
            let found = closer.close(&seeds);
            seeds.pop();
            let all = closure(&groups, already.iter().chain(&seeds).copied());
            prop_assert_eq!(set(found.nodes()), all.difference(&base).copied().collect());
            prop_assert_eq!(found.nodes().len(), set(found.nodes()).len());
            let new: BTreeSet<u32> = set(&seeds).difference(&base).copied().collect();
            prop_assert_eq!(set(found.seeds()), new);
        }
        for node in 0..nodes {
            prop_assert_eq!(closer.is_failed(node), base.contains(&node));
        }
    }

    #[test]
    fn causes_and_paths_hold(
        (nodes, groups) in graphs(14, 24),
        already in any::<u64>(),
        bits in any::<u64>(),
    ) {
        let graph = built(nodes, &groups);
        let already = chosen(nodes, already & already.rotate_left(17) & already.rotate_left(31));
        let seeds = chosen(nodes, bits & bits.rotate_left(9));
        let mut closer = Closer::since(&graph, &already);
        let found = closer.close(&seeds);
        let base = set(closer.base().nodes());
        let expected = rounds(&groups, &base, found.seeds());
        let explained = closer.explain(&found);
        for node in 0..nodes {
            let path = explained.path(node);
            prop_assert_eq!(explained.distance(node), expected.get(&node).copied());
            prop_assert_eq!(explained.contains(node), expected.contains_key(&node));
            let Some(distance) = expected.get(&node) else {
                prop_assert!(path.is_empty() && explained.cause(node).is_none());
                continue;
            };
            prop_assert_eq!(path.len() as u32, distance + 1);
            prop_assert_eq!(path.last().unwrap().node, node);
            prop_assert!(found.seeds().contains(&path[0].node) && path[0].group.is_none());
            for pair in path.windows(2) {
                let group = &groups[pair[1].group.unwrap() as usize];
                prop_assert!(group.owner == pair[1].node && group.members.contains(&pair[0].node));
            }
            match explained.cause(node).unwrap() {
                Cause::Seed => prop_assert_eq!(*distance, 0),
                Cause::Short(_) => prop_assert!(false, "what is short is in the base"),
                Cause::Lost { group, members } => {
                    // The group is short by the members that are named, and they failed before.
                    let group = &groups[group as usize];
                    prop_assert_eq!(group.owner, node);
                    prop_assert!(group.is_short(&set(&members)));
                    for member in members {
                        let before = expected.get(&member).is_some_and(|round| round < distance);
                        prop_assert!(base.contains(&member) || before);
                    }
                }
            }
        }
        let explained = closer.explain(closer.base());
        for node in &base {
            match explained.cause(*node).unwrap() {
                Cause::Seed => prop_assert!(already.contains(node)),
                Cause::Short(group) => {
                    prop_assert!(groups[group as usize].is_short(&BTreeSet::new()));
                    prop_assert_eq!(groups[group as usize].owner, *node);
                }
                Cause::Lost { group, members } => {
                    prop_assert!(groups[group as usize].is_short(&set(&members)));
                }
            }
        }
    }

    #[test]
    fn a_bounded_closure_is_a_part(
        (nodes, groups) in graphs(14, 24), bits in any::<u64>(), reads in 0_usize..30,
    ) {
        let graph = built(nodes, &groups);
        let mut closer = Closer::new(&graph);
        let seeds = chosen(nodes, bits & bits.rotate_left(9));
        let whole = closer.close(&seeds);
        let mut part = Closure::default();
        let is_whole = closer.close_into(&seeds, reads, &mut part);
        prop_assert!(set(part.nodes()).is_subset(&set(whole.nodes())));
        if is_whole {
            prop_assert_eq!(&part, &whole);
        }
        prop_assert!(closer.close_into(&seeds, usize::MAX, &mut part));
        prop_assert_eq!(part, whole);
    }

    #[test]
    fn degradation_is_direct_or_spreads_by_need(
        (nodes, groups) in graphs(12, 20),
        uses in prop::collection::vec((0_u32..12, 0_u32..12), 0..14),
        already in any::<u64>(),
        bits in any::<u64>(),
    ) {
        let graph = built(nodes, &groups);
        let already = chosen(nodes, already & already.rotate_left(17) & already.rotate_left(31));
        let mut closer = Closer::since(&graph, &already);
        let new = closer.close(&chosen(nodes, bits & bits.rotate_left(9) & bits.rotate_left(23)));
        let before = closer.base().nodes();
        let failed: BTreeSet<u32> = before.iter().chain(new.nodes()).copied().collect();
        let found = degraded(&graph, &Soft::new(nodes, &uses), before, new.nodes());
        let news = set(new.nodes());
        let mut spreads: BTreeMap<u32, u32> = BTreeMap::new();
        let mut directs = BTreeSet::new();
        for node in (0..nodes).filter(|node| !failed.contains(node)) {
            let soft: Vec<u32> = (0..).zip(&uses)
                .filter(|(_, (owner, used))| *owner == node && news.contains(used))
                .map(|(number, _)| number)
                .collect();
            let thinned: Vec<Thinned> = (0..).zip(&groups)
                .filter(|(_, group)| group.owner == node && group.members.iter().any(|m| news.contains(m)))
                .map(|(number, group)| {
                    let left = group.left(&failed) as u32;
                    Thinned { group: number, lost: group.distinct().len() as u32 - left, left }
                })
                .collect();
            if !soft.is_empty() {
                spreads.insert(node, 0);
            }
            if !soft.is_empty() || !thinned.is_empty() {
                directs.insert(node);
                let direct = found.direct.iter().find(|direct| direct.node == node).unwrap();
                prop_assert_eq!(&direct.soft, &soft);
                prop_assert_eq!(&direct.thinned, &thinned);
            }
        }
        prop_assert_eq!(found.direct.len(), directs.len());
        prop_assert!(found.direct.is_sorted_by_key(|direct| direct.node));
        // A node needs another when that one alone would make a group of its short.
        let needs = |a: u32, b: u32| groups.iter().any(|group| {
            let count = group.distinct().len();
            group.owner == a && group.members.contains(&b)
                && count >= group.min_alive as usize && count - 1 < group.min_alive as usize
        });
        for distance in 1..=nodes {
            let next: Vec<u32> = (0..nodes)
                .filter(|a| !failed.contains(a) && !spreads.contains_key(a))
                .filter(|a| (0..nodes).any(|b| spreads.contains_key(&b) && needs(*a, b)))
                .collect();
            spreads.extend(next.into_iter().map(|node| (node, distance)));
        }
        let expected: Vec<(u32, u32)> = {
            let mut all: Vec<(u32, u32)> = spreads.iter()
                .filter(|(node, _)| !directs.contains(node))
                .map(|(node, distance)| (*distance, *node))
                .collect();
            all.sort_unstable();
            all
        };
        let mine: Vec<(u32, u32)> =
            found.indirect.iter().map(|indirect| (indirect.distance, indirect.node)).collect();
        prop_assert_eq!(mine, expected);
        for indirect in &found.indirect {
            prop_assert_eq!(spreads[&indirect.via] + 1, indirect.distance);
            let group = &groups[indirect.group as usize];
            prop_assert!(group.owner == indirect.node && group.members.contains(&indirect.via));
        }
    }
}

#[test]
fn a_cycle_alone_never_fails() {
    // Each of three needs the next; one of them needs an outsider too.
    let mut builder = AndOrBuilder::new(4);
    for node in 0..3 {
        builder.group(node, 1, &[(node + 1) % 3]);
    }
    builder.group(2, 1, &[3]);
    let graph = builder.build().unwrap();
    let mut closer = Closer::new(&graph);
    assert!(closer.base().nodes().is_empty());
    assert_eq!(closer.close(&[3]).nodes(), [3, 2, 1, 0]);
}

#[test]
fn two_of_three_are_a_quorum_and_a_member_counts_once() {
    let mut builder = AndOrBuilder::new(4);
    builder.group(0, 2, &[1, 2, 3, 1, 1]);
    let graph = builder.build().unwrap();
    let mut closer = Closer::new(&graph);
    assert_eq!(closer.close(&[1]).nodes(), [1]);
    assert_eq!(closer.close(&[1, 3]).nodes(), [1, 3, 0]);
    let one = closer.close(&[1]);
    let found = degraded(&graph, &Soft::default(), &[], one.nodes());
    assert_eq!(found.direct[0].thinned, [Thinned { group: 0, lost: 1, left: 2 }]);
}

#[test]
fn a_long_chain_and_a_wide_group_close() {
    let nodes = 1_000_000;
    let mut builder = AndOrBuilder::new(nodes);
    (1..nodes / 2).for_each(|node| {
        builder.group(node - 1, 1, &[node]);
    });
    let members: Vec<u32> = (nodes / 2..nodes).collect();
    builder.group(nodes / 2 - 1, 1, &members);
    let graph = builder.build().unwrap();
    let mut closer = Closer::new(&graph);
    assert_eq!(closer.close(&members[1..]).victims(), [0_u32; 0]);
    let found = closer.close(&members);
    assert_eq!(found.nodes().len(), nodes as usize);
    assert_eq!(closer.explain(&found).distance(0), Some(nodes / 2));
}

#[test]
fn what_is_no_graph_is_refused() {
    let mut builder = AndOrBuilder::new(2);
    builder.group(0, 1, &[2]);
    assert_eq!(builder.build(), Err(TooLarge::Node(2)));
    assert!(AndOrBuilder::new(1 << 31).build().is_err());
    assert_eq!(AndOrBuilder::new(0).build().unwrap().nodes(), 0);
}
