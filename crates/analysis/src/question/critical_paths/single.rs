//! Single points of failure: which candidates take targets down by themselves, in both states, with
//! those that take the same down in one row.

use std::collections::BTreeMap;

use graph::{Closer, Closure, OWN_READS, single_points};

use super::candidate::Candidate;
use super::shape::{Holds, PointClass};
use crate::failure::{Model, State};

/// A row: a point and those inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub node: u32,
    pub class: PointClass,
    pub holds: Holds,
    /// Targets that go down, in order, the point's own entry left out.
    pub targets: Vec<u32>,
    /// The rest of its row, in order.
    pub inside: Vec<Candidate>,
}

impl Holds {
    /// The state in which a point is judged.
    pub(super) fn state(self) -> State {
        match self {
            Self::ByDesign => State::ByDesign,
            Self::Now => State::Now,
        }
    }
}

/// The rows of one list: every candidate that takes a target down by design, and those that do only
/// now. False when the work was stopped before every candidate was judged.
pub(super) fn points(
    model: &Model,
    candidates: &[Candidate],
    targets: &[u32],
    is_stopped: &mut dyn FnMut() -> bool,
) -> (Vec<Found>, bool) {
    let nodes: Vec<u32> = candidates.iter().map(|one| one.node).collect();
    let mut found: Vec<Found> = Vec::new();
    let mut is_whole = true;
    let mut is_known = vec![false; candidates.len()];
    for holds in [Holds::ByDesign, Holds::Now] {
        let down = model.down(holds.state());
        if holds == Holds::Now && down.is_empty() {
            break;
        }
        let judged = single_points(model.graph(), down, &nodes, targets, OWN_READS, is_stopped);
        let judged = judged.expect("a part of a graph that was built is not larger than it");
        is_whole &= judged.left == 0;
        let mut of_state = Vec::new();
        for (place, candidate) in candidates.iter().enumerate() {
            let own = model.entry_of(candidate.node).map(|entry| entry.node);
            let hit = judged.targets_of(place).unwrap_or_default();
            let targets: Vec<u32> =
                hit.iter().copied().filter(|target| Some(*target) != own).collect();
            if !targets.is_empty() && !is_known[place] {
                is_known[place] = true;
                let Candidate { node, class } = *candidate;
                of_state.push(Found { node, class, holds, targets, inside: Vec::new() });
            }
        }
        found.append(&mut merged(model, of_state, holds));
    }
    (found, is_whole)
}

/// Puts a point inside another where both take the same targets down and the other fails with it: what
/// is nearest to the targets heads the row. Points that fail with each other have the first as head.
fn merged(model: &Model, found: Vec<Found>, holds: Holds) -> Vec<Found> {
    let mut of_set: BTreeMap<Vec<u32>, Vec<Found>> = BTreeMap::new();
    for one in found {
        of_set.entry(one.targets.clone()).or_default().push(one);
    }
    let mut closer = Closer::since(model.graph(), model.down(holds.state()));
    let mut rows = Vec::new();
    for (_, mut same) in of_set {
        if same.len() > 1 {
            same = merged_set(&mut closer, same);
        }
        rows.append(&mut same);
    }
    rows
}

fn merged_set(closer: &mut Closer<'_>, mut same: Vec<Found>) -> Vec<Found> {
    same.sort_by_key(|one| one.node);
    let place_of: BTreeMap<u32, usize> =
        same.iter().enumerate().map(|(place, one)| (one.node, place)).collect();
    let mut closure = Closure::default();
    // For each the others that fail with it.
    let takes: Vec<Vec<usize>> = same
        .iter()
        .map(|one| {
            closer.close_into(&[one.node], usize::MAX, &mut closure);
            let victims = closure.victims().iter();
            let mut all: Vec<usize> =
                victims.filter_map(|node| place_of.get(node)).copied().collect();
            all.sort_unstable();
            all
        })
        .collect();
    let is_mutual = |a: usize, b: usize| takes[b].binary_search(&a).is_ok();
    // A head takes nobody down but those that take it down too, and is the first of them.
    let is_head =
        |one: usize| takes[one].iter().all(|other| is_mutual(one, *other) && *other > one);
    let heads: Vec<Option<usize>> = (0..same.len())
        .map(|one| match is_head(one) {
            true => None,
            false => takes[one].iter().copied().find(|other| is_head(*other)),
        })
        .collect();
    let mut inside: BTreeMap<usize, Vec<Candidate>> = BTreeMap::new();
    for (place, head) in heads.iter().enumerate() {
        if let Some(head) = head {
            let Found { node, class, .. } = same[place];
            inside.entry(*head).or_default().push(Candidate { node, class });
        }
    }
    let is_row = |place: &usize| heads[*place].is_none();
    let mut rows: Vec<Found> = Vec::new();
    for (place, one) in same.into_iter().enumerate() {
        if is_row(&place) {
            rows.push(Found { inside: inside.remove(&place).unwrap_or_default(), ..one });
        }
    }
    rows
}
