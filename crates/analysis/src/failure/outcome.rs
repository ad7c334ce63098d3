//! What fails and what degrades when some things fail, with the reasons.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ::model::kind::Need;
use graph::closure::{self, Closer};
use graph::{AndOr, AndOrBuilder, degrade};

use super::model::{Model, State};
use super::node::{Cause, Extra, SoftCause};

/// Something that goes on in a poorer way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Degraded {
    /// The node.
    pub node: u32,
    /// 0 when it degrades directly; else the steps from what does, counted in entities.
    pub distance: u32,
    /// Soft dependencies that failed: what, and why it matters.
    pub soft: Vec<(u32, SoftCause)>,
    /// Groups that lost members and hold: what they stand for, members lost, members left.
    pub thinned: Vec<(Cause, u32, u32)>,
    /// The next node on the way to what degrades directly.
    pub via: Option<u32>,
}

/// One step of a failure on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What failed: an entity, an entry or a zone that only labels name.
    pub node: u32,
    /// The dependency by which it failed; none for what failed first.
    pub cause: Option<Cause>,
    /// Whether it was a call whose need nobody states.
    pub is_assumed: bool,
}

/// What follows from some failures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    failed: Vec<u32>,
    seeds: usize,
    already: Vec<u32>,
    degraded: Vec<Degraded>,
    /// For each failed node the group that was short, and the last of its members to fail.
    why: BTreeMap<u32, (u32, u32)>,
    assumed: Vec<u32>,
}

impl Outcome {
    /// What fails, in order of failure: what was asked first.
    pub fn failed(&self) -> &[u32] {
        &self.failed
    }

    /// What fails for lack of others, in order of failure.
    pub fn victims(&self) -> &[u32] {
        &self.failed[self.seeds..]
    }

    /// What had failed before, in order.
    pub fn already(&self) -> &[u32] {
        &self.already
    }

    /// What degrades: directly first, in order of node, then by distance.
    pub fn degraded(&self) -> &[Degraded] {
        &self.degraded
    }

    /// Calls that carried the failure though nobody states their need, as nodes.
    pub fn assumed(&self) -> &[u32] {
        &self.assumed
    }

    /// Whether a node fails.
    pub fn has_failed(&self, node: u32) -> bool {
        self.why.contains_key(&node) || self.failed[..self.seeds].contains(&node)
    }

    /// How a failure came to a node, from what failed first; empty when it has not failed.
    pub fn path(&self, model: &Model, node: u32) -> Vec<Step> {
        let mut steps = Vec::new();
        let (mut at, mut is_assumed) = (node, false);
        while self.has_failed(at) {
            let found = self.why.get(&at).copied();
            let cause = found.map(|(group, _)| model.groups[group as usize].cause);
            match model.extra(at) {
                Some(Extra::Call { need, .. }) => {
                    // The step that it led to is the one that is shown.
                    if let Some(Step { is_assumed, .. }) = steps.last_mut() {
                        *is_assumed = *need == Need::Unknown;
                    }
                }
                Some(Extra::Entrance { .. } | Extra::Way { .. } | Extra::Target { .. }) => {}
                _ => {
                    steps.push(Step { node: at, cause, is_assumed });
                    is_assumed = false;
                }
            }
            match found {
                Some((_, before)) => at = before,
                None => break,
            }
        }
        steps.reverse();
        steps
    }
}

impl Model {
    /// What follows when some nodes fail. O(memberships of what fails), and a pass over the nodes.
    pub fn closure(&self, seeds: &[u32], state: State) -> Outcome {
        self.closed(&self.graph, seeds, self.down(state))
    }

    /// The same when some nodes stand whatever happens: they were put back. O(the whole model).
    pub fn closure_but(&self, seeds: &[u32], state: State, standing: &BTreeSet<u32>) -> Outcome {
        let mut builder = AndOrBuilder::new(self.graph.nodes());
        for group in &self.groups {
            let members: &[u32] =
                if standing.contains(&group.owner) { &[] } else { &group.members };
            builder.group(group.owner, group.min_alive, members);
        }
        let graph = builder.build().expect("a part of a graph that was built is not larger");
        let stands = |one: &&u32| standing.contains(*one);
        let left = |nodes: &[u32]| -> Vec<u32> {
            nodes.iter().filter(|one| !stands(one)).copied().collect()
        };
        self.closed(&graph, &left(seeds), &left(self.down(state)))
    }

    fn closed(&self, graph: &AndOr, seeds: &[u32], down: &[u32]) -> Outcome {
        let mut closer = Closer::since(graph, down);
        let closure = closer.close(seeds);
        let explained = closer.explain(&closure);
        let place: BTreeMap<u32, usize> = closure.nodes().iter().copied().zip(0..).collect();
        let mut why = BTreeMap::new();
        for node in closure.victims() {
            let Some(closure::Cause::Lost { group, members }) = explained.cause(*node) else {
                continue;
            };
            let last = members.iter().filter(|one| place.contains_key(one));
            if let Some(last) = last.max_by_key(|one| place[one]) {
                why.insert(*node, (group, *last));
            }
        }
        let uses: Vec<(u32, u32)> = self.softs.iter().map(|one| (one.owner, one.to)).collect();
        let soft = degrade::Soft::new(graph.nodes(), &uses);
        let mut already = closer.base().nodes().to_vec();
        let found = degrade::degraded(graph, &soft, &already, closure.nodes());
        already.sort_unstable();
        let assumed = closure.nodes().iter().copied().filter(|node| self.has_carried(*node, &why));
        Outcome {
            assumed: assumed.collect(),
            degraded: self.degradations(found),
            failed: closure.nodes().to_vec(),
            seeds: closure.seeds().len(),
            already,
            why,
        }
    }

    /// Whether a call of unknown need failed and took its caller with it.
    fn has_carried(&self, node: u32, why: &BTreeMap<u32, (u32, u32)>) -> bool {
        match self.extra(node) {
            Some(Extra::Call { from, need: Need::Unknown, .. }) => {
                why.get(from).is_some_and(|(_, last)| *last == node)
            }
            _ => false,
        }
    }

    fn degradations(&self, found: degrade::Degraded) -> Vec<Degraded> {
        let starts: Vec<u32> =
            found.direct.iter().filter(|one| !one.soft.is_empty()).map(|one| one.node).collect();
        let distances = self.distances(&starts, &found.indirect);
        let mut all: Vec<Degraded> = found
            .direct
            .into_iter()
            .map(|one| Degraded {
                node: one.node,
                distance: 0,
                soft: one
                    .soft
                    .iter()
                    .map(|soft| self.softs[*soft as usize])
                    .map(|soft| (soft.to, soft.cause))
                    .collect(),
                thinned: one
                    .thinned
                    .iter()
                    .map(|one| (self.groups[one.group as usize].cause, one.lost, one.left))
                    .collect(),
                via: None,
            })
            .collect();
        let mut indirect: Vec<Degraded> = found
            .indirect
            .into_iter()
            .map(|one| Degraded {
                node: one.node,
                distance: distances.get(&one.node).copied().unwrap_or(one.distance),
                soft: Vec::new(),
                thinned: Vec::new(),
                via: Some(one.via),
            })
            .collect();
        indirect.sort_by_key(|one| (one.distance, one.node));
        all.append(&mut indirect);
        all.retain(|one| !self.is_between(one.node));
        all
    }

    /// Whether a node only stands between entities and is no answer of its own.
    pub(super) fn is_between(&self, node: u32) -> bool {
        !matches!(self.extra(node), None | Some(Extra::Entry { .. } | Extra::Zone { .. }))
    }

    /// Steps from what degrades directly, a node that stands between entities being none.
    fn distances(&self, starts: &[u32], indirect: &[degrade::Indirect]) -> BTreeMap<u32, u32> {
        let mut distances: BTreeMap<u32, u32> =
            indirect.iter().map(|one| (one.node, u32::MAX)).collect();
        let mut open: VecDeque<(u32, u32)> = starts.iter().map(|node| (*node, 0)).collect();
        while let Some((node, distance)) = open.pop_front() {
            if distances.get(&node).is_some_and(|known| *known < distance) {
                continue;
            }
            for owner in self.graph.needed_by(node) {
                let step = u32::from(!self.is_between(owner));
                let Some(known) = distances.get_mut(&owner) else { continue };
                if distance + step < *known {
                    *known = distance + step;
                    match step {
                        0 => open.push_front((owner, *known)),
                        _ => open.push_back((owner, *known)),
                    }
                }
            }
        }
        distances
    }
}
