//! The shape of the large estate and of the series load, counted naively at a small scale.

use std::collections::{BTreeMap, BTreeSet};

use scenario::large::{Large, RelationKind};
use scenario::series::SeriesLoad;

const SCALE: f64 = 0.01;

struct Counted {
    large: Large,
    kinds: Vec<&'static str>,
    relations: Vec<(u32, RelationKind, u32)>,
}

fn counted() -> Counted {
    let large = Large::new(5, SCALE);
    let kinds = large.entities(7_001).flat_map(|c| c.kind).collect();
    let mut relations = Vec::new();
    for chunk in large.relations(10_007) {
        for n in 0..chunk.len() {
            if chunk.valid_to[n] == i64::MAX {
                relations.push((chunk.from[n], chunk.kind[n], chunk.to[n]));
            }
        }
    }
    Counted { large, kinds, relations }
}

#[test]
fn counts_and_uniqueness() {
    let c = counted();
    assert_eq!(c.kinds.len(), 100_000);
    assert_eq!(c.relations.len() as u64, c.large.relation_count());
    assert!((990_000..=1_000_000).contains(&c.relations.len()), "{}", c.relations.len());
    let pods = c.kinds.iter().filter(|k| **k == "pod").count();
    assert_eq!(pods * 10, c.kinds.len() * 6);
    let failing = c.relations.iter().filter(|r| r.1.carries_failure()).count();
    assert!(failing >= 300_000, "{failing}");
    let distinct: BTreeSet<_> = c.relations.iter().collect();
    assert_eq!(distinct.len(), c.relations.len());
    assert!(c.relations.iter().all(|r| r.0 != r.2 && r.0 < 100_000 && r.2 < 100_000));
    let ids: BTreeSet<String> = c.large.entities(5_000).flat_map(|e| e.id).collect();
    assert_eq!(ids.len(), c.kinds.len());
    let bytes: usize = ids.iter().map(String::len).sum();
    assert!((55..100).contains(&(bytes / ids.len())), "{}", bytes / ids.len());
    let again = Large::new(5, SCALE);
    assert!((0..1000).all(|n| again.entity(n * 99) == c.large.entity(n * 99)));
    assert!((0..1000).all(|n| again.relation(n * 997) == c.large.relation(n * 997)));
}

#[test]
fn hub_zone_replicas_and_single_points() {
    let c = counted();
    let truth = c.large.truth();
    let mut callers: BTreeMap<u32, usize> = BTreeMap::new();
    let mut zones: BTreeMap<u32, usize> = BTreeMap::new();
    let mut replicas: BTreeMap<u32, usize> = BTreeMap::new();
    for (from, kind, to) in &c.relations {
        match kind {
            RelationKind::Calls => *callers.entry(*to).or_default() += 1,
            RelationKind::PlacedIn if c.kinds[*from as usize] == "pod" => {
                *zones.entry(*to).or_default() += 1;
            }
            RelationKind::HasReplica => *replicas.entry(*from).or_default() += 1,
            _ => {}
        }
    }
    assert!(callers[&truth.hub] >= truth.hub_callers as usize);
    assert_eq!(truth.hub_callers, 1_000);
    assert!((19_500..20_500).contains(&zones[&truth.big_zone]), "{}", zones[&truth.big_zone]);
    let workloads = c.kinds.iter().filter(|k| **k == "workload").count();
    assert_eq!(replicas.len(), workloads);
    let single = replicas.values().filter(|r| **r == 1).count();
    assert_eq!(single, truth.single_replica_workloads as usize);
    assert_eq!(single, workloads / 20);
    // Each planted workload implements one service, which one entry calls and nobody else.
    for workload in &truth.single_points {
        assert_eq!(replicas[workload], 1);
        let service: Vec<u32> = c
            .relations
            .iter()
            .filter(|r| r.1 == RelationKind::ImplementedBy && r.2 == *workload)
            .map(|r| r.0)
            .collect();
        assert_eq!(service.len(), 1);
        let from: Vec<u32> = c
            .relations
            .iter()
            .filter(|r| r.1 == RelationKind::Calls && r.2 == service[0])
            .map(|r| r.0)
            .collect();
        assert_eq!(from.len(), 1);
        assert!(truth.entries.contains(&from[0]));
    }
}

#[test]
fn one_cycle_and_chains_of_the_stated_depth() {
    let c = counted();
    let truth = c.large.truth();
    let mut calls: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for (from, kind, to) in &c.relations {
        if *kind == RelationKind::Calls && c.kinds[*from as usize] == "service" {
            calls.entry(*from).or_default().insert(*to);
        }
    }
    // Take away what calls nobody that is left; what remains leads to a cycle.
    let services: Vec<u32> =
        (0..c.kinds.len() as u32).filter(|n| c.kinds[*n as usize] == "service").collect();
    assert!(truth.entries.clone().all(|e| calls.values().all(|to| !to.contains(&e))));
    let none = BTreeSet::new();
    let of = |n: &u32| calls.get(n).unwrap_or(&none);
    // Longest chain outside the cycle: services only call up, the cycle aside.
    let mut depth: BTreeMap<u32, u32> = BTreeMap::new();
    for n in services.iter().rev() {
        let below = of(n).iter().filter(|t| **t > *n).map(|t| depth[t] + 1).max().unwrap_or(0);
        depth.insert(*n, below);
    }
    let deepest = truth.entries.clone().map(|e| depth[&e]).max().unwrap();
    assert!(deepest >= truth.depth, "{deepest}");
    let backward: Vec<(u32, u32)> = services
        .iter()
        .flat_map(|n| of(n).iter().filter(move |t| **t <= *n).map(move |t| (*n, *t)))
        .collect();
    // Exactly one call leads back: from the last of the cycle to its first.
    assert_eq!(backward, [(truth.cycle.end - 1, truth.cycle.start)]);
    for n in truth.cycle.start..truth.cycle.end - 1 {
        assert!(of(&n).contains(&(n + 1)));
    }
    assert_eq!(truth.cycle.len(), 10);
}

#[test]
fn the_full_scale_has_the_stated_numbers() {
    let large = Large::new(1, 1.0);
    let truth = large.truth();
    assert_eq!(large.entity_count(), 10_000_000);
    assert_eq!(large.relation_count(), 100_000_000);
    assert_eq!(large.ended_count(), 4_000_000);
    assert_eq!(truth.entries.len(), 500);
    assert_eq!(truth.cycle.len(), 1_000);
    assert_eq!(truth.hub_callers, 100_000);
    assert_eq!(truth.single_points.len(), 50);
    // The ends of relations from all over the stream are entities.
    for n in 0..200_000u64 {
        let r = large.relation(n * 500);
        assert!(r.from < large.entity_count() && r.to < large.entity_count());
    }
}

#[test]
fn the_series_load_is_in_time_order_and_complete() {
    let load = SeriesLoad::new(1, 0.005, 1_790_000_000);
    assert_eq!(load.series_count(), 12);
    assert_eq!(load.series().count(), 12);
    let (mut rows, mut last) = (0u64, i64::MIN);
    for chunk in load.samples(5_000) {
        for n in 0..chunk.time.len() {
            assert!(chunk.time[n] >= last && chunk.value[n].is_finite());
            last = chunk.time[n];
        }
        rows += chunk.time.len() as u64;
    }
    assert_eq!(rows, load.sample_count());
    assert_eq!(SeriesLoad::new(1, 1.0, 0).sample_count(), 103_680_000);
    assert_eq!(SeriesLoad::new(1, 1.0, 0).charge_count(), 5_000_000);
    let charges: u64 = load.charges(999).map(|c| c.billed.len() as u64).sum();
    assert_eq!(charges, load.charge_count());
    let incidents: Vec<_> = load.incidents().collect();
    assert!(incidents.windows(2).all(|w| w[0].start <= w[1].start));
    assert_eq!(SeriesLoad::new(1, 1.0, 0).incidents().count(), 5_000);
}
