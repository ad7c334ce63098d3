//! Impact: the share of entry traffic whose requests need a service. Counted from traces where there are
//! any, and estimated from mean calls per request, with its bounds.

use std::collections::{BTreeMap, BTreeSet};

use graph::impact::{Flow, Link, Share};
use model::EntityId;
use model::absence::Absence;
use model::measure::{Measure, MeasureBasis};

use super::entry::Entry;
use super::judge::{Judged, is_visible};
use super::shape::{EntryImpact, ServiceImpact};
use crate::trace_tally::wilson;

/// Services of which the impact is given.
pub(super) const SERVICES_MAX: usize = 1_000;
/// Entry points that are given for one service, those with the most requests.
const ENTRIES_MAX: usize = 20;

/// Share of one entry point's requests that need a service, with the ends of what is known.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Part {
    share: f64,
    low: Option<f64>,
    high: f64,
    hits: u64,
    is_counted: bool,
}

/// Mean calls of each visit over every link that carries failure and was measured; `None` without any.
fn flow_of(it: &Judged<'_>) -> Option<Flow> {
    let requests: Vec<u64> =
        (0_u32..).take(it.graph.nodes.len()).map(|node| it.requests(node)).collect();
    let mut links = Vec::new();
    for link in it.graph.links.iter().filter(|link| link.carries_failure()) {
        let Some(pair) = link.calls else { continue };
        let waited = pair.calls.saturating_sub(pair.asynchronous);
        let visits = requests[link.from as usize];
        if waited > 0 && visits > 0 {
            let rate = waited as f64 / visits as f64;
            links.push(Link { from: link.from, to: link.to, rate });
        }
    }
    if links.is_empty() {
        return None;
    }
    Flow::new(it.graph.nodes.len() as u32, &links).ok()
}

/// The impact of every service that requests of the entry points reach, the greatest first.
pub(super) fn impacts(it: &Judged<'_>) -> Vec<ServiceImpact> {
    let Some(weights) = it.weights() else { return Vec::new() };
    let flow = flow_of(it);
    let mut rows: BTreeMap<u32, Row> = BTreeMap::new();
    for (entry, weight) in it.entries.iter().zip(weights).filter(|(_, weight)| *weight > 0.0) {
        let estimated = estimates(it, flow.as_ref(), entry);
        let counted = counts(it, entry);
        let nodes: BTreeSet<u32> =
            estimated.keys().chain(counted.iter().flat_map(BTreeMap::keys)).copied().collect();
        for node in nodes.into_iter().filter(|node| is_visible(it, *node)) {
            let estimate = estimated.get(&node).copied();
            let part = match &counted {
                Some(counted) => counted.get(&node).copied().unwrap_or_else(|| none(it, entry)),
                None => match estimate {
                    Some(share) => part_of(&share),
                    None => continue,
                },
            };
            rows.entry(node).or_default().add(it, entry, (weight, part, estimate));
        }
    }
    let mut all: Vec<ServiceImpact> =
        rows.into_iter().map(|(node, row)| row.shown(it, node, flow.is_some())).collect();
    all.sort_by(|a, b| {
        let score = |one: &ServiceImpact| one.score.value.unwrap_or(-1.0);
        score(b).total_cmp(&score(a)).then_with(|| a.service.cmp(&b.service))
    });
    all.truncate(SERVICES_MAX);
    all
}

/// Sums over the entry points, in percent.
#[derive(Debug, Default)]
struct Row {
    score: f64,
    low: f64,
    high: f64,
    is_low_known: bool,
    is_estimated: bool,
    traces: u64,
    estimate: (f64, f64),
    entries: Vec<EntryImpact>,
    is_begun: bool,
}

impl Row {
    fn add(
        &mut self,
        it: &Judged<'_>,
        entry: &Entry,
        (weight, part, estimate): (f64, Part, Option<Share>),
    ) {
        let percent = 100.0 * weight;
        self.is_low_known = part.low.is_some() && (self.is_low_known || !self.is_begun);
        self.is_begun = true;
        self.score += percent * part.share;
        self.low += percent * part.low.unwrap_or(0.0);
        self.high += percent * part.high;
        self.is_estimated |= !part.is_counted;
        let tally = it.tally(entry);
        self.traces += tally.filter(|_| part.is_counted).map_or(0, |tally| tally.requests);
        if let Some(share) = estimate {
            self.estimate.0 += percent * share.estimate;
            self.estimate.1 += percent * share.upper;
        }
        if self.entries.len() < ENTRIES_MAX && !it.facts.estate.is_outside(entry.service) {
            let share = Measure::new(part.share, "1");
            self.entries.push(EntryImpact {
                entry: it.facts.estate.entity(entry.service).id.clone(),
                share: match tally.filter(|_| part.is_counted) {
                    Some(tally) => share.of(tally.requests),
                    None => share,
                },
                basis: basis(part.is_counted).to_owned(),
                hits: part.hits,
                low: part.low,
                high: Some(part.high),
            });
        }
    }

    fn shown(self, it: &Judged<'_>, node: u32, has_flow: bool) -> ServiceImpact {
        let entity = it.facts.estate.entity(it.graph.nodes[node as usize]);
        let mut entries = self.entries;
        entries.sort_by(|a, b| a.entry.cmp(&b.entry));
        ServiceImpact {
            service: entity.id.clone(),
            name: entity.name.clone(),
            score: Measure::new(self.score.min(100.0), "%").of(self.traces).by(
                match self.is_estimated {
                    true => MeasureBasis::Estimated,
                    false => MeasureBasis::Computed,
                },
            ),
            basis: basis(!self.is_estimated).to_owned(),
            traces: self.traces,
            low: Some(self.low.min(100.0)).filter(|_| self.is_low_known),
            high: Some(self.high.min(100.0)),
            estimated: match has_flow {
                true => Measure::new(self.estimate.0.min(100.0), "%").by(MeasureBasis::Estimated),
                false => Measure::absent("%", Absence::NotCollected),
            },
            estimated_low: None,
            estimated_high: has_flow.then(|| self.estimate.1.min(100.0)),
            entries,
        }
    }
}

fn basis(is_counted: bool) -> &'static str {
    if is_counted { "counted" } else { "estimated" }
}

/// Of an estimate only the upper bound holds: mean calls of a request do not say how many requests make
/// one.
fn part_of(share: &Share) -> Part {
    Part { share: share.estimate, low: None, high: share.upper, hits: 0, is_counted: false }
}

/// A service that no counted request of an entry point reaches.
fn none(it: &Judged<'_>, entry: &Entry) -> Part {
    counted(0, it.tally(entry).map_or(0, |tally| tally.requests))
}

fn counted(hits: u64, requests: u64) -> Part {
    let [low, high] = wilson(hits, requests);
    let share = hits as f64 / requests.max(1) as f64;
    Part { share, low: Some(low), high, hits, is_counted: true }
}

/// What the requests of an entry point need by their traces; `None` without traces.
fn counts(it: &Judged<'_>, entry: &Entry) -> Option<BTreeMap<u32, Part>> {
    let tally = it.tally(entry)?;
    let place = |service: &EntityId| it.graph.node(*it.facts.ends.get(service)?);
    let part = |(service, hits): (&EntityId, &u64)| {
        Some((place(service)?, counted(*hits, tally.requests)))
    };
    Some(tally.reached.iter().filter_map(part).collect())
}

fn estimates(it: &Judged<'_>, flow: Option<&Flow>, entry: &Entry) -> BTreeMap<u32, Share> {
    let shares = flow.zip(it.graph.node(entry.service)).map(|(flow, node)| flow.shares(node));
    shares.into_iter().flatten().map(|share| (share.node, share)).collect()
}
