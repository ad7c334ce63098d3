//! How many failures of some sort a target survives.
//!
//! Definition: the margin of a target t over candidates C is the size of the smallest subset of
//! C without t whose closure contains t (`closure`): here exactly 1, exactly 2, or more than 2. When even all
//! of C without t does not take t down, there is none.
//! Complexity: one as `single_points`. Two: with x and y harmless alone, the first node that fails by
//! both but by neither has a group that each of them reaches without making it short. So each candidate
//! is closed once, candidates are paired where their losses in one group add up to what is fatal
//! for it, and only such pairs are closed together: O(Σ closures of candidates + Σ closures of pairs).
//! Source: minimal cut sets up to order two, Vesely et al., Fault tree handbook, NUREG-0492 (1981); the
//! choice of pairs follows from monotony as said.

use crate::and_or::AndOr;
use crate::closure::{Closer, Closure};
use crate::csr::TooLarge;
use crate::reduced::Reduced;
use crate::single_points::{OWN_READS, settled};

/// How few candidates take a target down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Margin {
    /// It has failed before.
    Failed,
    /// One: the first that does, in order of node.
    One(u32),
    /// Two and not one: the first such pair, in order of node.
    Two(u32, u32),
    /// Three or more.
    More,
    /// Not all of them together.
    Never,
    /// Not one; whether two was not settled before the work was stopped.
    NotOne,
    /// Not settled before the work was stopped.
    Unsettled,
}

/// The margin of each target, in the order given, when some nodes have failed already. `is_stopped` is
/// asked now and then.
///
/// # Errors
/// Never for a graph that was built; a part of it is not larger than itself.
pub fn margins(
    graph: &AndOr,
    already: &[u32],
    candidates: &[u32],
    targets: &[u32],
    is_stopped: &mut dyn FnMut() -> bool,
) -> Result<Vec<Margin>, TooLarge> {
    let closer = Closer::since(graph, already);
    let reduced = Reduced::new(graph, &closer, targets)?;
    let mut candidates = candidates.to_vec();
    candidates.sort_unstable();
    candidates.dedup();
    let singles = settled(&reduced, &candidates, targets, OWN_READS, is_stopped);
    let mut first: Vec<(u32, u32)> = Vec::new();
    for (number, candidate) in candidates.iter().enumerate() {
        let hit = singles.targets_of(number).unwrap_or_default();
        first.extend(hit.iter().map(|target| (*target, *candidate)));
    }
    first.sort_unstable();
    first.dedup_by_key(|(target, _)| *target);
    let margin = |target: &u32| {
        if *target >= graph.nodes() {
            return Margin::Never;
        }
        if closer.is_failed(*target) {
            return Margin::Failed;
        }
        match first.binary_search_by_key(target, |(target, _)| *target) {
            Ok(place) => Margin::One(first[place].1),
            Err(_) if singles.left > 0 => Margin::Unsettled,
            Err(_) => Margin::NotOne,
        }
    };
    let mut margins: Vec<Margin> = targets.iter().map(margin).collect();
    drop(closer);
    pairs(graph, already, &candidates, targets, &mut margins, is_stopped)?;
    Ok(margins)
}

/// Settles the targets that no single candidate takes down.
fn pairs(
    graph: &AndOr,
    already: &[u32],
    candidates: &[u32],
    targets: &[u32],
    margins: &mut [Margin],
    is_stopped: &mut dyn FnMut() -> bool,
) -> Result<(), TooLarge> {
    let open = |margins: &[Margin]| -> Vec<u32> {
        let both = targets.iter().zip(margins);
        both.filter(|(_, margin)| **margin == Margin::NotOne).map(|(target, _)| *target).collect()
    };
    let closer = Closer::since(graph, already);
    // What takes the open targets down is less than what takes any down.
    let reduced = Reduced::new(graph, &closer, &open(margins))?;
    drop(closer);
    let places: Vec<u32> = candidates.iter().filter_map(|node| reduced.place(*node)).collect();
    let mut closer = Closer::new(&reduced.graph);
    let all = closer.close(&places);
    let mut has_failed = vec![false; reduced.node_of.len()];
    all.nodes().iter().for_each(|place| has_failed[*place as usize] = true);
    let mut is_open = vec![false; reduced.node_of.len()];
    for (target, margin) in targets.iter().zip(margins.iter_mut()) {
        let Some(place) = reduced.place(*target).filter(|_| *margin == Margin::NotOne) else {
            continue;
        };
        let is_never = if places.contains(&place) {
            // The target is itself a candidate: it must fall to the others.
            let others: Vec<u32> = places.iter().copied().filter(|other| *other != place).collect();
            !closer.close(&others).nodes().contains(&place)
        } else {
            !has_failed[place as usize]
        };
        if is_never {
            *margin = Margin::Never;
        } else {
            is_open[place as usize] = true;
        }
    }
    let Some(tried) = fatal_pairs(&reduced, &mut closer, &places, is_stopped) else {
        return Ok(());
    };
    let mut found: Vec<Option<(u32, u32)>> = vec![None; reduced.node_of.len()];
    let mut left = is_open.iter().filter(|is_open| **is_open).count();
    let mut closure = Closure::default();
    let mut is_whole = true;
    for (number, (a, b)) in tried.into_iter().enumerate() {
        if left == 0 {
            break;
        }
        if number % 256 == 255 && is_stopped() {
            is_whole = false;
            break;
        }
        let pair = [reduced.place_of[a as usize], reduced.place_of[b as usize]];
        closer.close_into(&pair, usize::MAX, &mut closure);
        for place in closure.victims().iter().map(|place| *place as usize) {
            if is_open[place] && found[place].is_none() {
                found[place] = Some((a, b));
                left -= 1;
            }
        }
    }
    for (target, margin) in targets.iter().zip(margins.iter_mut()) {
        let place = reduced.place(*target).filter(|_| *margin == Margin::NotOne);
        match place.and_then(|place| found[place as usize]) {
            Some((a, b)) => *margin = Margin::Two(a, b),
            None if place.is_some() && is_whole => *margin = Margin::More,
            None => {}
        }
    }
    Ok(())
}

/// The pairs of candidates, as nodes in order, whose losses in one group add up to what is fatal for it;
/// none when the work was stopped.
fn fatal_pairs(
    reduced: &Reduced,
    closer: &mut Closer<'_>,
    places: &[u32],
    is_stopped: &mut dyn FnMut() -> bool,
) -> Option<Vec<(u32, u32)>> {
    let graph = &reduced.graph;
    // (group, losses, candidate)
    let mut losses: Vec<(u32, u32, u32)> = Vec::new();
    for (number, place) in places.iter().enumerate() {
        if number % 256 == 255 && is_stopped() {
            return None;
        }
        let (_, holding) = closer.close_with_losses(&[*place]);
        let node = reduced.node_of[*place as usize];
        losses.extend(holding.iter().map(|(group, lost)| (*group, *lost, node)));
    }
    losses.sort_unstable();
    let mut pairs = Vec::new();
    for same in losses.chunk_by(|a, b| a.0 == b.0) {
        let fatal = u64::from(graph.fatal(same[0].0));
        // In order of losses, so the partners of each candidate are the last ones.
        for (at, (_, lost, node)) in same.iter().enumerate() {
            let partners = same[at + 1..].iter().rev();
            let is_enough = |other: &&(u32, u32, u32)| u64::from(other.1 + lost) >= fatal;
            pairs.extend(
                partners
                    .take_while(is_enough)
                    .map(|(.., other)| (*node.min(other), *node.max(other))),
            );
        }
        if pairs.len() > 1 << 20 {
            if is_stopped() {
                return None;
            }
            pairs.sort_unstable();
            pairs.dedup();
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    Some(pairs)
}
