//! What fails when some nodes fail: the closure of a set in an AND/OR graph.
//!
//! Definition: the least set that contains the seeds and every node with a group that has fewer than
//! `min_alive` members outside the set (`and_or`). Least, so a cycle alone never fails. What has
//! failed already, and what is short from the start, is the base: it counts as lost, and a closure
//! gives what fails beyond it.
//! Complexity: O(memberships of what fails) time by one counter a group. The counters and marks are
//! undone from the list of what was touched, so a small closure is cheap in a large graph; the
//! closer itself takes 4 bytes a counted group and a bit a node.
//! Source: Dowling and Gallier, Linear-time algorithms for testing the satisfiability of propositional
//! Horn formulae (1984); least fixed point after Tarski (1955).

use crate::and_or::{AndOr, Dependent};

/// No node: what fails by itself.
const NONE: u32 = u32::MAX;

/// What fails, in order of failure: the seeds, then round by round.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Closure {
    nodes: Vec<u32>,
    /// The last loss that each node failed by, and the counted group that it made short.
    triggers: Vec<(u32, u32)>,
    seeds: usize,
}

impl Closure {
    /// What fails, in order of failure.
    pub fn nodes(&self) -> &[u32] {
        &self.nodes
    }

    /// The seeds that had not failed before, each once.
    pub fn seeds(&self) -> &[u32] {
        &self.nodes[..self.seeds]
    }

    /// What fails for lack of others, in order of failure.
    pub fn victims(&self) -> &[u32] {
        &self.nodes[self.seeds..]
    }

    fn clear(&mut self) {
        self.nodes.clear();
        self.triggers.clear();
        self.seeds = 0;
    }

    fn push(&mut self, node: u32, trigger: u32, group: u32) {
        self.nodes.push(node);
        self.triggers.push((trigger, group));
    }
}

/// Closures of one graph, one after the other.
#[derive(Debug, Clone)]
pub struct Closer<'a> {
    graph: &'a AndOr,
    failed: Vec<u64>,
    lost: Vec<u32>,
    touched: Vec<u32>,
    base: Closure,
}

impl<'a> Closer<'a> {
    /// From a state in which nothing has failed but what is short from the start.
    pub fn new(graph: &'a AndOr) -> Self {
        Self::since(graph, &[])
    }

    /// From a state in which some nodes have failed already, and what fails by that.
    pub fn since(graph: &'a AndOr, already: &[u32]) -> Self {
        let mut closer = Self {
            graph,
            failed: vec![0; (graph.nodes() as usize).div_ceil(64)],
            lost: vec![0; graph.group_count()],
            touched: Vec::new(),
            base: Closure::default(),
        };
        let mut base = Closure::default();
        closer.seed(already, &mut base);
        for (node, _) in graph.short() {
            if closer.mark(*node) {
                base.push(*node, NONE, NONE);
            }
        }
        closer.spread(&mut base, usize::MAX);
        closer.touched.clear();
        closer.base = base;
        closer
    }

    /// What has failed before any seed.
    pub fn base(&self) -> &Closure {
        &self.base
    }

    /// Whether a node has failed before any seed.
    pub fn is_failed(&self, node: u32) -> bool {
        self.failed.get(node as usize / 64).is_some_and(|word| word >> (node % 64) & 1 == 1)
    }

    /// What fails beyond the base when the seeds fail. A seed that is no node is left out.
    pub fn close(&mut self, seeds: &[u32]) -> Closure {
        let mut closure = Closure::default();
        self.close_into(seeds, usize::MAX, &mut closure);
        closure
    }

    /// The same into a closure that is used again, reading at most so many memberships. False when
    /// that was not enough: what is in the closure then does fail, and more might.
    pub fn close_into(&mut self, seeds: &[u32], reads: usize, closure: &mut Closure) -> bool {
        let is_whole = self.run(seeds, reads, closure);
        self.undo(closure);
        is_whole
    }

    /// The closure, and the groups beyond it that lost members and hold, each with how many it lost
    /// by the closure alone, in order of group.
    pub(crate) fn close_with_losses(&mut self, seeds: &[u32]) -> (Closure, Vec<(u32, u32)>) {
        let mut closure = Closure::default();
        self.run(seeds, usize::MAX, &mut closure);
        let mut touched = self.touched.clone();
        touched.sort_unstable();
        let holding: Vec<(u32, u32)> = touched
            .chunk_by(|a, b| a == b)
            .map(|same| (same[0], same.len() as u32))
            .filter(|(group, _)| !self.is_failed(self.graph.owner(*group)))
            .collect();
        self.undo(&closure);
        (closure, holding)
    }

    /// Why the nodes of a closure that this closer made failed.
    pub fn explain<'c>(&'c self, closure: &'c Closure) -> Explained<'c> {
        let mut places: Vec<(u32, u32)> = closure.nodes.iter().copied().zip(0..).collect();
        places.sort_unstable();
        Explained { closer: self, closure, places }
    }

    fn run(&mut self, seeds: &[u32], reads: usize, closure: &mut Closure) -> bool {
        closure.clear();
        self.seed(seeds, closure);
        self.spread(closure, reads)
    }

    fn seed(&mut self, seeds: &[u32], closure: &mut Closure) {
        for seed in seeds.iter().copied().filter(|seed| *seed < self.graph.nodes()) {
            if self.mark(seed) {
                closure.push(seed, NONE, NONE);
            }
        }
        closure.seeds = closure.nodes.len();
    }

    /// Marks a node as failed; false when it was.
    fn mark(&mut self, node: u32) -> bool {
        let (word, bit) = (&mut self.failed[node as usize / 64], 1_u64 << (node % 64));
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    fn spread(&mut self, closure: &mut Closure, mut reads: usize) -> bool {
        let graph = self.graph;
        let mut next = 0;
        while let Some(node) = closure.nodes.get(next).copied() {
            next += 1;
            let dependents = graph.dependents(node);
            let Some(left) = reads.checked_sub(dependents.len()) else { return false };
            reads = left;
            for dependent in dependents {
                match dependent {
                    Dependent::Node(owner) => {
                        if self.mark(owner) {
                            closure.push(owner, node, NONE);
                        }
                    }
                    Dependent::Group(group) => {
                        let lost = &mut self.lost[group as usize];
                        *lost += 1;
                        let is_short = *lost == graph.fatal(group);
                        self.touched.push(group);
                        if is_short && self.mark(graph.owner(group)) {
                            closure.push(graph.owner(group), node, group);
                        }
                    }
                }
            }
        }
        true
    }

    fn undo(&mut self, closure: &Closure) {
        for group in self.touched.drain(..) {
            self.lost[group as usize] -= 1;
        }
        for node in &closure.nodes {
            self.failed[*node as usize / 64] &= !(1 << (node % 64));
        }
    }
}

/// Why a node failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// It is a seed.
    Seed,
    /// A group, by number, that had too few members from the start.
    Short(u32),
    /// A group, by number, that lost too many members: those it had lost by then, in order of number.
    Lost {
        /// Number of the group.
        group: u32,
        /// Members that had failed.
        members: Vec<u32>,
    },
}

/// One step of a failure on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What failed.
    pub node: u32,
    /// The number of its group that was short; none for a seed.
    pub group: Option<u32>,
}

/// A closure with the reasons.
#[derive(Debug, Clone)]
pub struct Explained<'a> {
    closer: &'a Closer<'a>,
    closure: &'a Closure,
    /// (node, place), in order of node.
    places: Vec<(u32, u32)>,
}

impl Explained<'_> {
    fn place(&self, node: u32) -> Option<usize> {
        let found = self.places.binary_search_by_key(&node, |(node, _)| *node).ok()?;
        Some(self.places[found].1 as usize)
    }

    /// Whether a node is in the closure.
    pub fn contains(&self, node: u32) -> bool {
        self.place(node).is_some()
    }

    /// Why a node failed; none when it is not in the closure.
    pub fn cause(&self, node: u32) -> Option<Cause> {
        let graph = self.closer.graph;
        let place = self.place(node)?;
        let (trigger, group) = self.closure.triggers[place];
        let Some(last) = self.place(trigger) else {
            let short = graph.short().binary_search_by_key(&node, |(node, _)| *node);
            return Some(match short {
                Ok(found) if place >= self.closure.seeds => Cause::Short(graph.short()[found].1),
                _ => Cause::Seed,
            });
        };
        if group == NONE {
            let group = graph.need_number(node, trigger)?;
            return Some(Cause::Lost { group, members: vec![trigger] });
        }
        let has_failed = |member: u32| {
            self.place(member).map_or(self.closer.is_failed(member), |place| place <= last)
        };
        let members = graph.members(group).iter().copied().filter(|member| has_failed(*member));
        Some(Cause::Lost { group: graph.number(group), members: members.collect() })
    }

    /// How a failure came to a node: from what failed by itself through the last loss of each group to
    /// the node; as many steps as the failure took rounds. Empty when it is not in the closure.
    pub fn path(&self, node: u32) -> Vec<Step> {
        let mut path = Vec::new();
        let mut at = node;
        while let (Some(place), Some(cause)) = (self.place(at), self.cause(at)) {
            let group = match cause {
                Cause::Seed => None,
                Cause::Short(group) | Cause::Lost { group, .. } => Some(group),
            };
            path.push(Step { node: at, group });
            at = self.closure.triggers[place].0;
        }
        path.reverse();
        path
    }

    /// How many rounds after the seeds a node failed; none when it is not in the closure.
    pub fn distance(&self, node: u32) -> Option<u32> {
        let mut place = self.place(node)?;
        let mut rounds = 0;
        while let Some(before) = self.place(self.closure.triggers[place].0) {
            place = before;
            rounds += 1;
        }
        Some(rounds)
    }
}
