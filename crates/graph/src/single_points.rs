//! Which targets each of many nodes takes down by itself: single points of failure.
//!
//! Definition: x takes t down when t is in the closure of {x} (`closure`), t is not x, and t has not
//! failed before. Candidates that take down the same targets share one set.
//! Complexity: no whole-graph closure per candidate. A closure of its own that reads a bounded number
//! of memberships settles most candidates; the others run 512 at a time (`lanes`) over the part of the
//! graph that can take a target down (`reduced`), in the order of that part.
//! Source: fault trees after Vesely et al., Fault tree handbook, NUREG-0492 (1981): minimal cut sets of
//! order one.

use std::collections::HashMap;

use crate::and_or::AndOr;
use crate::closure::{Closer, Closure};
use crate::csr::TooLarge;
use crate::lanes::{LANES, Lanes};
use crate::reduced::Reduced;

/// A good bound of what one candidate's own closure reads.
pub const OWN_READS: usize = 2_000;

/// Candidates between two looks at whether to stop.
const STRIDE: usize = 4_096;

/// What each candidate takes down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SinglePoints {
    /// For each candidate, in the order given, the number of its set; none when it was left out.
    pub set_of: Vec<Option<u32>>,
    /// The distinct sets of targets, each in order; the first is empty.
    pub sets: Vec<Vec<u32>>,
    /// How many candidates were left out because the work was stopped.
    pub left: usize,
    /// An upper bound of what any of those takes down: the targets that fail when all of them fail
    /// together. Empty when none was left out.
    pub left_bound: Vec<u32>,
}

impl SinglePoints {
    /// The targets that a candidate takes down, by its place among the candidates; none when it was
    /// left out.
    pub fn targets_of(&self, candidate: usize) -> Option<&[u32]> {
        let set = (*self.set_of.get(candidate)?)?;
        self.sets.get(set as usize).map(Vec::as_slice)
    }
}

/// What each candidate takes down, when some nodes have failed already. Give the candidates that
/// matter most first: `is_stopped` is asked now and then, and once it says so the rest is left out.
/// A candidate whose own closure reads more than `own_reads` memberships (`OWN_READS` is a good bound)
/// waits for a run of many; the result does not depend on it.
/// Targets are given back as nodes, each once; one that is no node, or has failed, is never taken down.
///
/// # Errors
/// Never for a graph that was built; a part of it is not larger than itself.
pub fn single_points(
    graph: &AndOr,
    already: &[u32],
    candidates: &[u32],
    targets: &[u32],
    own_reads: usize,
    is_stopped: &mut dyn FnMut() -> bool,
) -> Result<SinglePoints, TooLarge> {
    let closer = Closer::since(graph, already);
    let reduced = Reduced::new(graph, &closer, targets)?;
    drop(closer);
    Ok(settled(&reduced, candidates, targets, own_reads, is_stopped))
}

/// The same on a reduced graph; candidates and targets are nodes.
pub(crate) fn settled(
    reduced: &Reduced,
    candidates: &[u32],
    targets: &[u32],
    own_reads: usize,
    is_stopped: &mut dyn FnMut() -> bool,
) -> SinglePoints {
    let mut targets: Vec<u32> = targets.iter().filter_map(|node| reduced.place(*node)).collect();
    targets.sort_unstable();
    targets.dedup();
    let mut sets = Sets::default();
    sets.number(Vec::new());
    let mut set_of = vec![None; candidates.len()];
    let rest = small(reduced, candidates, &targets, own_reads, &mut set_of, &mut sets, is_stopped);
    // Neighbours fail much the same, so that runs of them work on little; those given first come
    // first by the thousand.
    let places: Vec<u32> =
        rest.iter().filter_map(|number| reduced.place(candidates[*number as usize])).collect();
    let mut order: Vec<usize> = (0..rest.len()).collect();
    for part in order.chunks_mut(LANES * 32) {
        part.sort_by_key(|at| places[*at]);
    }
    let mut lanes = Lanes::new(reduced);
    let mut batch: Vec<u32> = Vec::new();
    for part in order.chunks(LANES) {
        if is_stopped() {
            break;
        }
        batch.clear();
        batch.extend(part.iter().map(|at| places[*at]));
        let mut found: Vec<Vec<u32>> = vec![Vec::new(); part.len()];
        lanes.run(&batch, &targets, |lane, target| {
            found[lane].push(reduced.node_of[target as usize]);
        });
        for (at, found) in part.iter().zip(found) {
            set_of[rest[*at] as usize] = Some(sets.number(found));
        }
    }
    let left = set_of.iter().filter(|set| set.is_none()).count();
    let left_bound = bound(reduced, candidates, &targets, &set_of);
    SinglePoints { set_of, sets: sets.sets, left, left_bound }
}

/// Settles the candidates whose closures are small, and gives the numbers of the others.
fn small(
    reduced: &Reduced,
    candidates: &[u32],
    targets: &[u32],
    own_reads: usize,
    set_of: &mut [Option<u32>],
    sets: &mut Sets,
    is_stopped: &mut dyn FnMut() -> bool,
) -> Vec<u32> {
    let mut is_target = vec![false; reduced.node_of.len()];
    targets.iter().for_each(|target| is_target[*target as usize] = true);
    let mut closer = Closer::new(&reduced.graph);
    let mut closure = Closure::default();
    let mut rest = Vec::new();
    for (number, candidate) in candidates.iter().enumerate() {
        if number % STRIDE == 0 && is_stopped() {
            break;
        }
        let Some(place) = reduced.place(*candidate) else {
            set_of[number] = Some(0);
            continue;
        };
        if !closer.close_into(&[place], own_reads, &mut closure) {
            rest.push(number as u32);
            continue;
        }
        let hit = closure.victims().iter().filter(|place| is_target[**place as usize]);
        let found: Vec<u32> = hit.map(|place| reduced.node_of[*place as usize]).collect();
        set_of[number] = Some(sets.number(found));
    }
    rest
}

/// What fails when all that was left out fails.
fn bound(
    reduced: &Reduced,
    candidates: &[u32],
    targets: &[u32],
    set_of: &[Option<u32>],
) -> Vec<u32> {
    let left = candidates.iter().zip(set_of).filter(|(_, set)| set.is_none());
    let seeds: Vec<u32> = left.filter_map(|(node, _)| reduced.place(*node)).collect();
    if seeds.is_empty() {
        return Vec::new();
    }
    let closure = Closer::new(&reduced.graph).close(&seeds);
    let mut hit: Vec<u32> = closure
        .nodes()
        .iter()
        .filter(|place| targets.binary_search(place).is_ok())
        .map(|place| reduced.node_of[*place as usize])
        .collect();
    hit.sort_unstable();
    hit
}

/// Numbers for distinct sets, in order of first sight.
#[derive(Debug, Default)]
struct Sets {
    sets: Vec<Vec<u32>>,
    numbers: HashMap<Vec<u32>, u32>,
}

impl Sets {
    fn number(&mut self, mut set: Vec<u32>) -> u32 {
        set.sort_unstable();
        if let Some(number) = self.numbers.get(&set) {
            return *number;
        }
        let number = self.sets.len() as u32;
        self.sets.push(set.clone());
        self.numbers.insert(set, number);
        number
    }
}
