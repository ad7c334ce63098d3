//! Graph algorithms on the large estate at a scale, in memory and without a store: closures, single
//! points of failure, margins, components, layers, cut vertices, reach, impact, and an order of rows.
//! `cargo xtask bench graph -- --scale 1`; scale 1 is 10 million entities and 100 million relations.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use bench::large_graph::{Failure, all_relations, calls};
use bench::machine;
use bench::percentile::Times;
use graph::{
    AndOr, Bounds, Closer, Flow, Kinds, Margin, OWN_READS, Soft, Tie, Walker, Way, components,
    cuts, degraded, layers, margins, seriation, single_points,
};
use scenario::large::{EntityKind, Large, LargeTruth, RelationKind};

/// Seed of the estate.
const SEED: u64 = 1;

fn main() -> Result<()> {
    let (mut scale, mut checks) = (0.1_f64, 1_000_u32);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match (arg.as_str(), args.next()) {
            ("--scale", Some(value)) => scale = value.parse()?,
            ("--checks", Some(value)) => checks = value.parse()?,
            _ => bail!("takes --scale N and --checks N"),
        }
    }
    machine::print();
    let large = Large::new(SEED, scale);
    println!(
        "load: scale {scale}, {} entities, {} relations",
        large.entity_count(),
        large.relation_count()
    );
    let failure = Failure::new(&large);
    println!("{} memberships carry failure", failure.memberships());
    let graph = timed("AND/OR graph built", || failure.build(large.entity_count()))?;
    resident();
    closures(&large, &graph, &failure);
    checked(&large, &graph, &failure, checks)?;
    points(&large, &graph)?;
    drop((graph, failure));
    whole(&large)?;
    impact(&large)?;
    rows();
    Ok(())
}

/// Prints how long some work took, and for how much of it the thread was on a processor.
fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let (begun, before) = (Instant::now(), machine::thread_seconds());
    let result = work();
    let seconds = begun.elapsed().as_secs_f64();
    match before.zip(machine::thread_seconds()) {
        Some((before, after)) => {
            println!("{what}: {seconds:.3} s, computing {:.3} s", after - before)
        }
        None => println!("{what}: {seconds:.3} s"),
    }
    result
}

fn resident() {
    let mib = machine::resident_mib(std::process::id()).unwrap_or(0);
    println!("resident: {mib} MiB");
}

fn closures(large: &Large, graph: &AndOr, failure: &Failure) {
    let truth = large.truth();
    let mut closer = timed("closer made", || Closer::new(graph));
    let some = |kind| -> Vec<u32> {
        let all = large.of_kind(kind);
        let step = (all.len() / 200).max(1);
        all.step_by(step).collect()
    };
    let asked = [
        ("pod", some(EntityKind::Pod)),
        ("node", some(EntityKind::KubernetesNode)),
        ("service", some(EntityKind::Service)),
        ("hub", vec![truth.hub]),
        ("zone", some(EntityKind::Zone)),
        ("big zone", vec![truth.big_zone]),
        ("region", some(EntityKind::Region)),
    ];
    for (name, seeds) in asked {
        let (mut times, mut most) = (Times::default(), 0);
        for seed in seeds {
            let begun = Instant::now();
            let closure = closer.close(&[seed]);
            times.add(begun.elapsed().as_secs_f64() * 1e3);
            most = most.max(closure.nodes().len());
        }
        println!("closure of a {name}: {}, at most {most} fail", times.line());
    }
    let soft = timed("soft uses built", || Soft::new(large.entity_count(), &failure.soft));
    let closure = closer.close(&[truth.big_zone]);
    let found = timed("degraded by the big zone", || degraded(graph, &soft, &[], closure.nodes()));
    println!("{} directly, {} indirectly", found.direct.len(), found.indirect.len());
}

/// Closures of entities drawn at random against plain sets and rounds.
fn checked(large: &Large, graph: &AndOr, failure: &Failure, checks: u32) -> Result<()> {
    let mut needed_by: HashMap<u32, Vec<u32>> = HashMap::new();
    for (owner, needed) in &failure.needs {
        needed_by.entry(*needed).or_default().push(*owner);
    }
    let mut groups_of: HashMap<u32, Vec<usize>> = HashMap::new();
    for (number, group) in failure.groups.iter().enumerate() {
        for member in &group.members {
            groups_of.entry(*member).or_default().push(number);
        }
    }
    let mut closer = Closer::new(graph);
    for check in 0..checks {
        let seed = (mix(u64::from(check)) % u64::from(large.entity_count())) as u32;
        let mut failed = HashSet::from([seed]);
        let mut open = vec![seed];
        while let Some(node) = open.pop() {
            let owners = needed_by.get(&node).into_iter().flatten().copied();
            let groups = groups_of.get(&node).into_iter().flatten().map(|g| &failure.groups[*g]);
            let is_lost = |members: &[u32]| members.iter().all(|member| failed.contains(member));
            let short = groups.filter(|group| is_lost(&group.members)).map(|group| group.owner);
            let next: Vec<u32> = owners.chain(short).collect();
            open.extend(next.into_iter().filter(|owner| failed.insert(*owner)));
        }
        let closure = closer.close(&[seed]);
        let is_same = closure.nodes().iter().all(|node| failed.contains(node));
        ensure!(is_same && closure.nodes().len() == failed.len(), "closure of {seed} differs");
    }
    println!("closures of {checks} random entities: as by plain sets");
    Ok(())
}

fn mix(value: u64) -> u64 {
    let mut bits = value.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits ^ (bits >> 31)
}

fn points(large: &Large, graph: &AndOr) -> Result<()> {
    let truth = large.truth();
    let targets: Vec<u32> = truth.entries.clone().collect();
    let mut candidates: Vec<u32> = (0..large.entity_count()).collect();
    candidates.sort_by_key(|node| (std::cmp::Reverse(graph.fan_in(*node)), *node));
    let mut never = || false;
    for (what, count) in [("the 10,000 of highest fan-in", 10_000), ("all", candidates.len())] {
        let candidates = &candidates[..count.min(candidates.len())];
        let found = timed(&format!("single points of failure, {what}"), || {
            single_points(graph, &[], candidates, &targets, OWN_READS, &mut never)
        })?;
        let points = found.set_of.iter().filter(|set| set.is_some_and(|set| set > 0)).count();
        println!(
            "{points} of {} take some entry down, {} sets",
            candidates.len(),
            found.sets.len()
        );
        resident();
        if candidates.len() == large.entity_count() as usize {
            planted(&truth, candidates, &found)?;
        }
    }
    let nodes: Vec<u32> = large.of_kind(EntityKind::KubernetesNode).collect();
    let until = Instant::now() + Duration::from_secs(60);
    let found = timed("margins of the entries over nodes (stopped at 60 s)", || {
        margins(graph, &[], &nodes, &targets, &mut || Instant::now() > until)
    })?;
    let count = |is_it: fn(&Margin) -> bool| found.iter().filter(|margin| is_it(margin)).count();
    println!(
        "one: {}, two: {}, more: {}, not settled: {}",
        count(|margin| matches!(margin, Margin::One(_))),
        count(|margin| matches!(margin, Margin::Two(..))),
        count(|margin| matches!(margin, Margin::More | Margin::Never)),
        count(|margin| matches!(margin, Margin::NotOne | Margin::Unsettled)),
    );
    Ok(())
}

fn planted(truth: &LargeTruth, candidates: &[u32], found: &graph::SinglePoints) -> Result<()> {
    let place: HashMap<u32, usize> =
        candidates.iter().enumerate().map(|(place, node)| (*node, place)).collect();
    for point in &truth.single_points {
        let targets = found.targets_of(place[point]).unwrap_or_default();
        ensure!(!targets.is_empty(), "planted single point {point} is not found");
    }
    println!("all {} planted single points found", truth.single_points.len());
    Ok(())
}

fn whole(large: &Large) -> Result<()> {
    let csr = timed("rows of all relations, made and built", || all_relations(large))?;
    resident();
    let carrying = [
        RelationKind::AttachedTo,
        RelationKind::Calls,
        RelationKind::ConnectsTo,
        RelationKind::HasReplica,
        RelationKind::ImplementedBy,
        RelationKind::Mounts,
        RelationKind::PlacedIn,
        RelationKind::RoutesTo,
        RelationKind::RunsOn,
        RelationKind::ServedThrough,
    ];
    let kinds = Kinds::of(carrying.map(|kind| kind as u8));
    let found = timed("components over what carries failure", || components(&csr, kinds));
    println!("{} components", found.count);
    let entries: Vec<u32> = large.truth().entries.collect();
    let layer_of = timed("layers", || layers(&csr, kinds, &found, &entries));
    println!("{:?} is the last", layer_of.iter().max().copied().flatten());
    let cut = timed("cut vertices and bridges", || cuts(&csr, kinds));
    println!("{} vertices, {} bridges", cut.vertices.len(), cut.bridges.len());
    let bounds = Bounds { depth: u32::MAX, results: usize::MAX, reads: usize::MAX };
    let mut walker = Walker::default();
    let reached: usize = timed("reach of all entries, one by one", || {
        let walk = |entry| walker.walk(&csr, &[entry], Way::Forward, kinds, bounds).nodes.len();
        entries.iter().copied().map(walk).sum()
    });
    println!("{reached} nodes together");
    Ok(())
}

fn impact(large: &Large) -> Result<()> {
    let (services, links) = calls(large);
    let flow = timed("calls between services built", || Flow::new(services, &links))?;
    let entries: Vec<(u32, f64)> = (0..large.truth().entries.len() as u32)
        .map(|entry| (entry, f64::from(entry + 1)))
        .collect();
    let scores =
        timed(&format!("impact of {services} services, {} entries", entries.len()), || {
            flow.scores(&entries)
        });
    let settled = scores.iter().flatten().filter(|score| score.is_settled).count();
    println!("{} links, {settled} scores settled", links.len());
    Ok(())
}

fn rows() {
    let rows = 2_000_u32;
    let ties: Vec<Tie> = (0..40_000_u64)
        .map(|tie| {
            let bits = mix(tie);
            let a = (bits % u64::from(rows)) as u32;
            let step = (bits >> 32) % 40 + 1;
            Tie { a, b: (a + step as u32) % rows, weight: (bits >> 48) as f64 + 1.0 }
        })
        .collect();
    let found = timed("order of 2,000 rows", || seriation(rows, &ties));
    println!("{} parts", found.parts.len());
}
