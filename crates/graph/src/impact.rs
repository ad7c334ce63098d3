//! The share of the traffic from some entries that comes through each node, estimated from means.
//!
//! Definition: a link u→v is taken `rate` times, on the mean, for each visit of u, so by a share
//! q(u→v) = min(1, rate) of visits at most. From an entry e: p(e) = 1 and p(v) = 1 − ∏(1 − p(u)·q(u→v))
//! over the links into v, which takes the links to be independent. Bounds whatever they depend on:
//! L(v) = max L(u)·q and U(v) = min(1, Σ U(u)·q) from L(e) = U(e) = 1. Components are taken in
//! topological order; inside one each of the three grows from 0, all nodes of a round from the values
//! of the round before, until nothing changes by more than 10⁻⁹, for at most 200 rounds. What e does
//! not reach has 0. A link from a node to itself counts for nothing: who visits a node visits it.
//! When a rate is only a mean of several calls to a visit, L is no bound: a call may be made many times
//! in a few visits. U is one; where it did not settle in a component it is taken as 1.
//! Complexity: O(links reached × rounds) an entry, 36 bytes a node.
//! Source: the definition, a noisy-OR network after Pearl, Probabilistic reasoning in intelligent
//! systems (1988); the bounds after Fréchet (1935).

use crate::component::components_by;
use crate::csr::TooLarge;
use crate::lists::Lists;

/// Most rounds inside a component.
const ROUNDS: u32 = 200;

/// What counts as no change.
const SETTLED: f64 = 1e-9;

/// How often a link is taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// From where.
    pub from: u32,
    /// To where.
    pub to: u32,
    /// Times for each visit of `from`, on the mean; at least 0.
    pub rate: f64,
}

/// What an entry needs of a node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// The node.
    pub node: u32,
    /// Estimated share of the entry's visits that come to the node, 0 to 1.
    pub estimate: f64,
    /// Lower bound, 0 to 1.
    pub lower: f64,
    /// Upper bound, 0 to 1.
    pub upper: f64,
    /// Whether the estimate settled within the rounds.
    pub is_settled: bool,
}

/// The weighted mean of the shares of all entries: 100 when every visit comes to the node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Estimate, 0 to 100.
    pub estimate: f64,
    /// Lower bound.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
    /// Whether all estimates in it settled.
    pub is_settled: bool,
}

/// Links, ready to be followed from entries.
#[derive(Debug, Clone, Default)]
pub struct Flow {
    forward: Lists,
    /// Places of links by far end.
    reverse: Lists,
    /// (from, q), in order of (from, to).
    links: Vec<(u32, f64)>,
    component_of: Vec<u32>,
}

/// The three values that are worked out together.
type Triple = [f64; 3];

impl Flow {
    /// Of some links. The rates of several links between the same two nodes are added; a rate that is
    /// not a number or below 0 counts as 0, and a link of rate 0 is none.
    ///
    /// # Errors
    /// When an end is no node, or there are more links than a `u32` counts.
    pub fn new(nodes: u32, links: &[Link]) -> Result<Self, TooLarge> {
        if u32::try_from(links.len()).is_err() {
            return Err(TooLarge::Edges(links.len()));
        }
        let mut ends = links.iter().flat_map(|link| [link.from, link.to]);
        if let Some(node) = ends.find(|node| *node >= nodes) {
            return Err(TooLarge::Node(node));
        }
        let mut kept: Vec<Link> =
            links.iter().copied().filter(|link| link.rate > 0.0 && link.from != link.to).collect();
        kept.sort_by(|a, b| (a.from, a.to).cmp(&(b.from, b.to)).then(a.rate.total_cmp(&b.rate)));
        kept.dedup_by(|next, first| {
            let is_same = (next.from, next.to) == (first.from, first.to);
            if is_same {
                first.rate += next.rate;
            }
            is_same
        });
        let forward = Lists::new(nodes, kept.iter().map(|link| (link.from, link.to)));
        let reverse = Lists::new(nodes, kept.iter().map(|link| link.to).zip(0..));
        let found =
            components_by(nodes, 0..nodes, |node, place| forward.row(node).get(place).copied());
        let links = kept.iter().map(|link| (link.from, link.rate.min(1.0))).collect();
        Ok(Self { forward, reverse, links, component_of: found.of })
    }

    /// What an entry needs of each node that it reaches, in order of node.
    pub fn shares(&self, entry: u32) -> Vec<Share> {
        let mut work = Work::new(self);
        let mut shares = self.shares_with(entry, &mut work);
        shares.sort_unstable_by_key(|share| share.node);
        shares
    }

    /// The score of each node by entries with their weights; none when the weights add up to nothing.
    /// A weight that is not a number or below 0 counts as 0.
    pub fn scores(&self, entries: &[(u32, f64)]) -> Option<Vec<Score>> {
        let weights: f64 = entries.iter().map(|(_, weight)| weight.max(0.0)).sum();
        if weights.is_nan() || weights <= 0.0 {
            return None;
        }
        let none = Score { estimate: 0.0, lower: 0.0, upper: 0.0, is_settled: true };
        let mut scores = vec![none; self.component_of.len()];
        let mut work = Work::new(self);
        for (entry, weight) in entries.iter().filter(|(_, weight)| *weight > 0.0) {
            for share in self.shares_with(*entry, &mut work) {
                let score = &mut scores[share.node as usize];
                let part = 100.0 * weight / weights;
                score.estimate += part * share.estimate;
                score.lower += part * share.lower;
                score.upper += part * share.upper;
                score.is_settled &= share.is_settled;
            }
        }
        for score in &mut scores {
            for value in [&mut score.estimate, &mut score.lower, &mut score.upper] {
                *value = value.min(100.0);
            }
        }
        Some(scores)
    }

    fn shares_with(&self, entry: u32, work: &mut Work) -> Vec<Share> {
        if entry as usize >= self.component_of.len() {
            return Vec::new();
        }
        let mut reached = vec![entry];
        work.is_reached[entry as usize] = true;
        let mut next = 0;
        while let Some(node) = reached.get(next).copied() {
            next += 1;
            for far in self.forward.row(node) {
                if !std::mem::replace(&mut work.is_reached[*far as usize], true) {
                    reached.push(*far);
                }
            }
        }
        // Links lead to lower numbers, so this is the topological order.
        let component = |node: &u32| std::cmp::Reverse(self.component_of[*node as usize]);
        reached.sort_unstable_by_key(|node| (component(node), *node));
        work.values[entry as usize] = [1.0; 3];
        let mut shares = Vec::with_capacity(reached.len());
        for part in reached.chunk_by(|a, b| component(a) == component(b)) {
            let is_settled = self.settle(part, entry, work);
            shares.extend(part.iter().map(|node| {
                let [estimate, lower, upper] = work.values[*node as usize];
                Share { node: *node, estimate, lower, upper, is_settled }
            }));
        }
        for node in reached {
            work.values[node as usize] = [0.0; 3];
            work.is_reached[node as usize] = false;
        }
        shares
    }

    /// The values inside one component; false when the estimate did not settle.
    fn settle(&self, part: &[u32], entry: u32, work: &mut Work) -> bool {
        if let [only] = part {
            if *only != entry {
                let all = self.links_into(*only).fold(NOTHING, |sum, link| sum.with(link, work));
                work.values[*only as usize] = all.value();
            }
            return true;
        }
        // What comes from before the component stays the same from round to round.
        let component = |node: u32| self.component_of[node as usize];
        let own = part.first().map(|node| component(*node));
        work.inside.clear();
        let mut before = Vec::with_capacity(part.len());
        for node in part {
            let mut sum = NOTHING;
            for link in self.links_into(*node) {
                if Some(component(link.0)) == own {
                    work.inside.push(link);
                } else {
                    sum = sum.with(link, work);
                }
            }
            before.push((sum, work.inside.len()));
        }
        let mut is_open = [true; 3];
        for _ in 0..ROUNDS {
            work.next.clear();
            let mut from = 0;
            for (sum, to) in &before {
                let links = work.inside[from..*to].iter();
                let all = links.fold(*sum, |sum, link| sum.with(*link, work));
                work.next.push(all.value());
                from = *to;
            }
            let was_open = std::mem::take(&mut is_open);
            for (node, next) in part.iter().zip(&work.next).filter(|(node, _)| **node != entry) {
                let value = &mut work.values[*node as usize];
                for which in (0..3).filter(|which| was_open[*which]) {
                    is_open[which] |= (next[which] - value[which]).abs() > SETTLED;
                    value[which] = next[which];
                }
            }
            if is_open == [false; 3] {
                break;
            }
        }
        if is_open[2] {
            for node in part {
                let upper = &mut work.values[*node as usize][2];
                *upper = if *upper > 0.0 { 1.0 } else { 0.0 };
            }
        }
        !is_open[0]
    }

    /// The links into a node: from where, and q.
    fn links_into(&self, node: u32) -> impl Iterator<Item = (u32, f64)> + '_ {
        self.reverse.row(node).iter().map(|link| self.links[*link as usize])
    }
}

/// What has come together at a node: the chance that no link brought a visit, the greatest lower bound
/// and the sum of upper bounds.
#[derive(Debug, Clone, Copy)]
struct Gathered {
    misses: f64,
    lower: f64,
    upper: f64,
}

const NOTHING: Gathered = Gathered { misses: 1.0, lower: 0.0, upper: 0.0 };

impl Gathered {
    fn with(self, (from, q): (u32, f64), work: &Work) -> Self {
        let [p, l, u] = work.values[from as usize];
        Self {
            misses: self.misses * (1.0 - p * q),
            lower: self.lower.max(l * q),
            upper: self.upper + u * q,
        }
    }

    fn value(self) -> Triple {
        [1.0 - self.misses, self.lower, self.upper.min(1.0)]
    }
}

/// Room for one entry at a time, left clean.
#[derive(Debug)]
struct Work {
    values: Vec<Triple>,
    next: Vec<Triple>,
    inside: Vec<(u32, f64)>,
    is_reached: Vec<bool>,
}

impl Work {
    fn new(flow: &Flow) -> Self {
        let nodes = flow.component_of.len();
        Self {
            values: vec![[0.0; 3]; nodes],
            next: Vec::new(),
            inside: Vec::new(),
            is_reached: vec![false; nodes],
        }
    }
}
