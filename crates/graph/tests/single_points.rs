//! Single points of failure and margins against one closure per candidate, or per subset.

mod naive;

use std::collections::BTreeSet;

use graph::{AndOrBuilder, Closer, Margin, margins, single_points};
use naive::{Given, built, chosen, closure, graphs};
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};

/// What the candidates take down together, none of it failed before or one of them.
fn hit(groups: &[Given], already: &[u32], candidates: &[u32], targets: &[u32]) -> Vec<u32> {
    let base = closure(groups, already.iter().copied());
    let all = closure(groups, already.iter().chain(candidates).copied());
    let targets: BTreeSet<u32> = targets.iter().copied().collect();
    let is_hit = |t: &u32| all.contains(t) && !base.contains(t) && !candidates.contains(t);
    targets.into_iter().filter(is_hit).collect()
}

fn margin(groups: &[Given], already: &[u32], candidates: &[u32], target: u32) -> Margin {
    if closure(groups, already.iter().copied()).contains(&target) {
        return Margin::Failed;
    }
    let others: BTreeSet<u32> = candidates.iter().copied().filter(|c| *c != target).collect();
    let others: Vec<u32> = others.into_iter().collect();
    let falls = |seeds: &[u32]| hit(groups, already, seeds, &[target]) == [target];
    for a in &others {
        if falls(&[*a]) {
            return Margin::One(*a);
        }
    }
    for (place, a) in others.iter().enumerate() {
        for b in &others[place + 1..] {
            if falls(&[*a, *b]) {
                return Margin::Two(*a, *b);
            }
        }
    }
    if falls(&others) { Margin::More } else { Margin::Never }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn each_candidate_takes_down_what_its_closure_holds(
        (nodes, groups) in graphs(16, 30),
        already in any::<u64>(),
        candidates in any::<u64>(),
        targets in any::<u64>(),
        own_reads in 0_usize..12,
    ) {
        let graph = built(nodes, &groups);
        let already = chosen(nodes, already & already.rotate_left(17) & already.rotate_left(31));
        let mut candidates = chosen(nodes, candidates);
        candidates.extend(candidates.clone().iter().rev());
        let targets = chosen(nodes, targets);
        let found =
            single_points(&graph, &already, &candidates, &targets, own_reads, &mut || false)
                .unwrap();
        prop_assert_eq!(found.left, 0);
        prop_assert!(found.left_bound.is_empty());
        for (place, candidate) in candidates.iter().enumerate() {
            let expected = hit(&groups, &already, &[*candidate], &targets);
            prop_assert_eq!(found.targets_of(place).unwrap(), expected);
        }
        let distinct: BTreeSet<&Vec<u32>> = found.sets.iter().collect();
        prop_assert_eq!(distinct.len(), found.sets.len());
    }

    #[test]
    fn what_is_left_out_is_bounded(
        (nodes, groups) in graphs(16, 30), targets in any::<u64>(),
    ) {
        let graph = built(nodes, &groups);
        let candidates: Vec<u32> = (0..nodes).collect();
        let targets = chosen(nodes, targets);
        let found = single_points(&graph, &[], &candidates, &targets, 9, &mut || true).unwrap();
        prop_assert_eq!(found.left, candidates.len());
        for candidate in candidates {
            prop_assert!(found.targets_of(candidate as usize).is_none());
            for target in hit(&groups, &[], &[candidate], &targets) {
                prop_assert!(found.left_bound.contains(&target));
            }
        }
    }

    #[test]
    fn margins_are_exact_up_to_two(
        (nodes, groups) in graphs(12, 16),
        already in any::<u64>(),
        candidates in any::<u64>(),
        targets in any::<u64>(),
    ) {
        let graph = built(nodes, &groups);
        let already = chosen(nodes, already & already.rotate_left(17) & already.rotate_left(31));
        let candidates = chosen(nodes, candidates);
        let targets = chosen(nodes, targets);
        let found = margins(&graph, &already, &candidates, &targets, &mut || false).unwrap();
        for (target, found) in targets.iter().zip(found) {
            let expected = margin(&groups, &already, &candidates, *target);
            prop_assert_eq!(found, expected);
        }
    }
}

/// A graph of some thousand nodes: a hub, a cycle of hundreds, pairs and quorums, so that the
/// candidates of one run fill its lanes and closures are large.
fn large(seed: u64) -> (u32, Vec<Given>) {
    let nodes = 3_000_u32;
    let mut state = seed;
    let mut draw = |below: u32| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32 % below
    };
    let mut groups = Vec::new();
    for node in 0..nodes {
        for _ in 0..draw(4) {
            let members: Vec<u32> = match draw(12) {
                0 => vec![nodes - 1],
                1 => vec![draw(nodes)],
                // What needs several is mostly above what it needs.
                count => (0..count.min(5)).map(|_| node + draw(nodes - node)).collect(),
            };
            let min_alive = 1 + draw(2).min(members.len() as u32 - 1);
            groups.push(Given { owner: node, min_alive, members });
        }
    }
    for node in 400..900 {
        groups.push(Given {
            owner: node,
            min_alive: 1,
            members: vec![if node == 899 { 400 } else { node + 1 }],
        });
    }
    groups.retain(|group| group.members.iter().any(|member| *member != group.owner));
    (nodes, groups)
}

#[test]
fn runs_of_many_equal_one_by_one() {
    let mut most = 0;
    for seed in 0..8 {
        let (nodes, groups) = large(seed);
        let mut builder = AndOrBuilder::new(nodes);
        for group in &groups {
            builder.group(group.owner, group.min_alive, &group.members);
        }
        let graph = builder.build().unwrap();
        let candidates: Vec<u32> = (0..nodes).rev().collect();
        let targets: Vec<u32> = (0..nodes).filter(|node| node % 7 == 0).collect();
        for own_reads in [0, 40, usize::MAX] {
            let found = single_points(&graph, &[], &candidates, &targets, own_reads, &mut || false)
                .unwrap();
            // The closer is itself held against the definition elsewhere.
            let mut closer = Closer::new(&graph);
            for (place, candidate) in candidates.iter().enumerate() {
                let closure = closer.close(&[*candidate]);
                let mut expected: Vec<u32> =
                    closure.victims().iter().copied().filter(|node| node % 7 == 0).collect();
                expected.sort_unstable();
                most = most.max(expected.len());
                assert_eq!(found.targets_of(place).unwrap(), expected);
            }
        }
    }
    assert!(most > 50, "the load has no large closures: {most}");
}
