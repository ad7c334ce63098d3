//! Shares and costliest paths against their definitions, on small random graphs.

use std::collections::{BTreeMap, BTreeSet};

use graph::{CostLink, Flow, Link, TooLarge, critical_path};
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use proptest::prelude::{
    Just, ProptestConfig, Strategy, prop, prop_assert, prop_assert_eq, proptest,
};

/// Links with rates in twentieths, so that 0, 1 and more than 1 come up.
fn flows(nodes_max: u32, links_max: usize) -> impl Strategy<Value = (u32, Vec<Link>)> {
    (1..=nodes_max).prop_flat_map(move |nodes| {
        let link = (0..nodes, 0..nodes, 0_u32..30).prop_map(|(from, to, rate)| Link {
            from,
            to,
            rate: f64::from(rate) / 20.0,
        });
        (Just(nodes), prop::collection::vec(link, 0..links_max))
    })
}

/// Components in topological order, from another tool.
fn in_order(nodes: u32, links: &[(u32, u32)]) -> Vec<Vec<u32>> {
    let mut other = DiGraph::<(), ()>::new();
    (0..nodes).for_each(|_| {
        other.add_node(());
    });
    for (from, to) in links {
        other.add_edge(NodeIndex::new(*from as usize), NodeIndex::new(*to as usize), ());
    }
    let mut found: Vec<Vec<u32>> = kosaraju_scc(&other)
        .into_iter()
        .map(|part| part.into_iter().map(|node| node.index() as u32).collect())
        .collect();
    found.reverse();
    found
}

/// q of each pair of different nodes.
fn shares_of_visits(links: &[Link]) -> BTreeMap<(u32, u32), f64> {
    let mut rates: BTreeMap<(u32, u32), f64> = BTreeMap::new();
    for link in links.iter().filter(|link| link.from != link.to && link.rate > 0.0) {
        *rates.entry((link.from, link.to)).or_default() += link.rate;
    }
    rates.into_iter().map(|(ends, rate)| (ends, rate.min(1.0))).collect()
}

/// p, L and U of every node by the definition: component after component, round after round.
fn by_definition(nodes: u32, links: &[Link], entry: u32) -> Vec<[f64; 3]> {
    let q = shares_of_visits(links);
    let ends: Vec<(u32, u32)> = q.keys().copied().collect();
    let mut values = vec![[0.0_f64; 3]; nodes as usize];
    values[entry as usize] = [1.0; 3];
    for part in in_order(nodes, &ends) {
        for which in 0..3 {
            for round in 1..=200 {
                let before = values.clone();
                for v in part.iter().filter(|v| **v != entry) {
                    let into = q.iter().filter(|((_, to), _)| to == v);
                    let terms: Vec<f64> =
                        into.map(|((u, _), q)| before[*u as usize][which] * q).collect();
                    values[*v as usize][which] = match which {
                        0 => 1.0 - terms.iter().map(|term| 1.0 - term).product::<f64>(),
                        1 => terms.iter().copied().fold(0.0, f64::max),
                        _ => terms.iter().sum::<f64>().min(1.0),
                    };
                }
                let change = part
                    .iter()
                    .map(|v| (values[*v as usize][which] - before[*v as usize][which]).abs())
                    .fold(0.0, f64::max);
                if change <= 1e-9 {
                    break;
                }
                if round == 200 && which == 2 {
                    for v in &part {
                        let upper = &mut values[*v as usize][2];
                        *upper = if *upper > 0.0 { 1.0 } else { 0.0 };
                    }
                }
            }
        }
    }
    values
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn shares_are_those_of_the_definition((nodes, links) in flows(10, 24)) {
        let flow = Flow::new(nodes, &links).unwrap();
        for entry in 0..nodes {
            let expected = by_definition(nodes, &links, entry);
            let shares = flow.shares(entry);
            let found: BTreeMap<u32, [f64; 3]> = shares.iter()
                .map(|share| (share.node, [share.estimate, share.lower, share.upper]))
                .collect();
            for node in 0..nodes {
                let mine = found.get(&node).copied().unwrap_or_default();
                for which in 0..3 {
                    let apart = (mine[which] - expected[node as usize][which]).abs();
                    prop_assert!(apart < 1e-7, "{} {:?} {:?}", node, mine, expected[node as usize]);
                }
                prop_assert!(mine[1] <= mine[0] + 1e-6 && mine[0] <= mine[2] + 1e-6);
            }
        }
    }

    #[test]
    fn scores_are_weighted_means(
        (nodes, links) in flows(8, 16),
        weights in prop::collection::vec((0_u32..8, 0_u32..5), 0..5),
    ) {
        let flow = Flow::new(nodes, &links).unwrap();
        let entries: Vec<(u32, f64)> =
            weights.iter().map(|(entry, weight)| (entry % nodes, f64::from(*weight))).collect();
        let total: f64 = entries.iter().map(|(_, weight)| weight).sum();
        let Some(scores) = flow.scores(&entries) else {
            prop_assert_eq!(total, 0.0);
            return Ok(());
        };
        for node in 0..nodes {
            let mut expected = 0.0;
            for (entry, weight) in &entries {
                let share = flow.shares(*entry).into_iter().find(|share| share.node == node);
                expected += weight * share.map_or(0.0, |share| share.estimate);
            }
            let score = scores[node as usize];
            prop_assert!((score.estimate - 100.0 * expected / total).abs() < 1e-6);
            prop_assert!(score.lower <= score.estimate + 1e-6 && score.estimate <= score.upper + 1e-6);
        }
    }

    /// Each link of a graph without cycles is taken with its own chance, by the toss of a coin: what
    /// really comes to each node lies within the bounds, and is the estimate where ways do not meet.
    #[test]
    fn bounds_hold_what_happens((nodes, links) in flows(6, 9)) {
        let q: Vec<((u32, u32), f64)> =
            shares_of_visits(&links).into_iter().filter(|((from, to), _)| from < to).collect();
        let kept: Vec<Link> =
            q.iter().map(|((from, to), rate)| Link { from: *from, to: *to, rate: *rate }).collect();
        let mut happens = vec![0.0_f64; nodes as usize];
        for taken in 0_u32..1 << q.len() {
            let chance: f64 = q.iter().enumerate()
                .map(|(place, (_, q))| if taken >> place & 1 == 1 { *q } else { 1.0 - q })
                .product();
            let mut reached = BTreeSet::from([0]);
            for (place, ((from, to), _)) in q.iter().enumerate() {
                // In order of `from`, and links lead upwards.
                if taken >> place & 1 == 1 && reached.contains(from) {
                    reached.insert(*to);
                }
            }
            reached.iter().for_each(|node| happens[*node as usize] += chance);
        }
        let shares = Flow::new(nodes, &kept).unwrap().shares(0);
        for node in 0..nodes {
            let share = shares.iter().find(|share| share.node == node);
            let (lower, upper) = share.map_or((0.0, 0.0), |share| (share.lower, share.upper));
            let real = happens[node as usize];
            prop_assert!(lower <= real + 1e-9 && real <= upper + 1e-9, "{lower} {real} {upper}");
        }
    }

    #[test]
    fn the_costliest_path_is_the_costliest(
        (nodes, links) in flows(8, 14),
        costs in prop::collection::vec(0_u32..9, 8),
    ) {
        let costs: Vec<f64> = costs.into_iter().map(f64::from).collect();
        let links: Vec<CostLink> = links.iter()
            .map(|link| CostLink { from: link.from, to: link.to, cost: link.rate * 20.0 })
            .collect();
        let found = critical_path(nodes, &costs, &links, 0).unwrap();
        let ends: Vec<(u32, u32)> = links.iter().map(|link| (link.from, link.to)).collect();
        let parts = in_order(nodes, &ends);
        let of = |node: u32| parts.iter().position(|part| part.contains(&node)).unwrap();
        let own = |part: usize| -> f64 {
            let nodes: f64 = parts[part].iter().map(|node| costs[*node as usize]).sum();
            let is_inside = |link: &&CostLink| of(link.from) == part && of(link.to) == part;
            nodes + links.iter().filter(is_inside).map(|link| link.cost).sum::<f64>()
        };
        // Every path through the condensation, one after the other.
        let mut best = 0.0_f64;
        let mut open = vec![(of(0), own(of(0)))];
        while let Some((part, cost)) = open.pop() {
            best = best.max(cost);
            for link in links.iter().filter(|link| of(link.from) == part && of(link.to) != part) {
                open.push((of(link.to), cost + link.cost + own(of(link.to))));
            }
        }
        prop_assert_eq!(found.cost, best);
        // The path is one, and costs what it says.
        let mut sum = 0.0;
        for (place, step) in found.steps.iter().enumerate() {
            let part = of(step.nodes[0]);
            let mut all = parts[part].clone();
            all.sort_unstable();
            prop_assert_eq!(&step.nodes, &all);
            prop_assert_eq!(step.cost, own(part));
            sum += step.cost;
            match step.link {
                None => prop_assert!(place == 0 && step.nodes.contains(&0)),
                Some(link) => {
                    let link = links[link as usize];
                    sum += link.cost;
                    prop_assert!(found.steps[place - 1].nodes.contains(&link.from));
                    prop_assert!(step.nodes.contains(&link.to));
                }
            }
        }
        prop_assert_eq!(sum, found.cost);
    }
}

#[test]
fn two_ways_to_one_node_are_taken_as_independent() {
    // The entry calls each of two others in half of its requests, and both always call a fourth.
    let link = |from, to, rate| Link { from, to, rate };
    let links = [link(0, 1, 0.5), link(0, 2, 0.5), link(1, 3, 1.0), link(2, 3, 2.0)];
    let shares = Flow::new(4, &links).unwrap().shares(0);
    assert_eq!(shares[3].estimate, 0.75);
    assert_eq!((shares[3].lower, shares[3].upper), (0.5, 1.0));
}

#[test]
fn what_is_no_graph_is_refused() {
    let link = Link { from: 0, to: 2, rate: 1.0 };
    assert_eq!(Flow::new(2, &[link]).unwrap_err(), TooLarge::Node(2));
    assert!(critical_path(2, &[], &[CostLink { from: 5, to: 0, cost: 1.0 }], 0).is_err());
    assert!(critical_path(0, &[], &[], 0).unwrap().steps.is_empty());
    assert!(Flow::new(0, &[]).unwrap().shares(0).is_empty());
    assert!(Flow::new(2, &[]).unwrap().scores(&[(0, 0.0)]).is_none());
}
