//! What whole traces tell about entry points: which services a request needs, and which spans its time is
//! owed to. Traces are added one by one; nothing of them is kept but sums and the time of each service
//! in each request.

use std::collections::{BTreeMap, BTreeSet};

use graph::trace_path::{Children, Interval, trace_path};
use model::entity::EntityId;
use model::fact::{SpanFact, TraceFact};
use model::kind::Need;
use model::span::SpanKind;

/// Who calls whom with which need; what is not in it carries failure.
pub type CallNeeds = BTreeMap<(EntityId, EntityId), Need>;

/// Requests of entry points.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TraceTally {
    /// By entry point.
    pub entries: BTreeMap<EntityId, EntryTally>,
    /// Traces added.
    pub traces: u64,
    /// Traces of which a parent is missing, or that have no root.
    pub incomplete: u64,
    /// Spans whose clock was corrected.
    pub adjusted: u64,
    /// Spans added.
    pub spans: u64,
    operations: BTreeMap<(EntityId, String), u32>,
}

/// Requests of one entry point.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EntryTally {
    /// Requests.
    pub requests: u64,
    /// Requests of traces of which a parent is missing.
    pub incomplete: u64,
    /// Spans whose clock was corrected.
    pub adjusted: u64,
    /// Requests that reach each service by calls that carry failure; the entry among them.
    pub reached: BTreeMap<EntityId, u64>,
    /// The path of each request.
    pub paths: Vec<RequestPath>,
}

/// What the time of one request is owed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestPath {
    /// Microseconds of the request.
    pub micros: i64,
    /// Its trace.
    pub trace: [u8; 16],
    /// Microseconds by operation, in order; they add up to the request's.
    pub owned: Vec<(u32, i64)>,
}

/// Time owed to one operation of one service.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnedTime {
    /// Service.
    pub service: EntityId,
    /// Operation.
    pub operation: String,
    /// Microseconds.
    pub micros: i64,
    /// Requests whose path it is on.
    pub requests: u64,
}

/// Time of some requests.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PathSum {
    /// Requests.
    pub requests: u64,
    /// Microseconds of all of them.
    pub micros: i64,
    /// What they are owed to, the most first, then in order of service and operation.
    pub owned: Vec<OwnedTime>,
}

impl TraceTally {
    /// Adds a trace. A request begins at a span without a parent, or, below a client, at the first spans
    /// of other services.
    pub fn add(&mut self, trace: &TraceFact, clients: &BTreeSet<EntityId>, needs: &CallNeeds) {
        let spans = &trace.spans;
        let ends: Vec<(u64, u64, SpanKind)> =
            spans.iter().map(|span| (span.span, span.parent, span.kind)).collect();
        let parents = model::span::parents(&ends);
        let children = Children::new(parents.iter().copied());
        let is_root = |place: usize| parents[place].is_none() && spans[place].parent == 0;
        let is_orphan = |place: usize| parents[place].is_none() && spans[place].parent != 0;
        let has_root = (0..spans.len()).any(is_root);
        let is_incomplete = !has_root || (0..spans.len()).any(is_orphan);
        self.traces += 1;
        self.spans += spans.len() as u64;
        self.incomplete += u64::from(is_incomplete);
        let intervals: Vec<Interval> =
            spans.iter().zip(&parents).map(|(span, parent)| interval(span, *parent)).collect();
        let mut open: Vec<u32> =
            (0_u32..).take(spans.len()).filter(|place| is_root(*place as usize)).collect();
        while let Some(place) = open.pop() {
            let root = &spans[place as usize];
            if clients.contains(&root.service) {
                open.extend(children.of(place));
                continue;
            }
            self.add_request(trace, (&intervals, &children), place, needs, is_incomplete);
        }
    }

    fn add_request(
        &mut self,
        trace: &TraceFact,
        (intervals, children): (&[Interval], &Children),
        root: u32,
        needs: &CallNeeds,
        is_incomplete: bool,
    ) {
        let path = trace_path(intervals, children, root);
        let mut owned: BTreeMap<u32, i64> = BTreeMap::new();
        for piece in &path.pieces {
            let span = &trace.spans[piece.span as usize];
            let operation = self.operation(span);
            *owned.entry(operation).or_default() += piece.end - piece.start;
        }
        let span = &trace.spans[root as usize];
        let reached = reached(&trace.spans, children, root, needs);
        let entry = self.entries.entry(span.service).or_default();
        entry.requests += 1;
        entry.incomplete += u64::from(is_incomplete);
        entry.adjusted += path.adjusted;
        self.adjusted += path.adjusted;
        for service in reached {
            *entry.reached.entry(service).or_default() += 1;
        }
        entry.paths.push(RequestPath {
            micros: span.end.0.saturating_sub(span.start.0),
            trace: trace.trace,
            owned: owned.into_iter().collect(),
        });
    }

    fn operation(&mut self, span: &SpanFact) -> u32 {
        let next = u32::try_from(self.operations.len()).unwrap_or(u32::MAX);
        *self.operations.entry((span.service, span.name.clone())).or_insert(next)
    }

    /// The time of all requests of an entry point, or of the slowest share of them (at least one).
    pub fn paths(&self, entry: EntityId, slowest: Option<f64>) -> PathSum {
        let Some(tally) = self.entries.get(&entry) else { return PathSum::default() };
        let mut paths: Vec<&RequestPath> = tally.paths.iter().collect();
        paths.sort_by(|a, b| b.micros.cmp(&a.micros).then(a.trace.cmp(&b.trace)));
        if let Some(share) = slowest {
            let count = (paths.len() as f64 * share).ceil() as usize;
            paths.truncate(count.max(1));
        }
        let mut sums: BTreeMap<u32, (i64, u64)> = BTreeMap::new();
        for (operation, micros) in paths.iter().flat_map(|path| &path.owned) {
            let sum = sums.entry(*operation).or_default();
            *sum = (sum.0.saturating_add(*micros), sum.1 + 1);
        }
        let mut owned: Vec<OwnedTime> = Vec::with_capacity(sums.len());
        for ((service, operation), number) in &self.operations {
            if let Some((micros, requests)) = sums.get(number) {
                let operation = operation.clone();
                owned.push(OwnedTime {
                    service: *service,
                    operation,
                    micros: *micros,
                    requests: *requests,
                });
            }
        }
        owned.sort_by_key(|one| std::cmp::Reverse(one.micros));
        let micros = paths.iter().fold(0_i64, |sum, path| sum.saturating_add(path.micros));
        PathSum { requests: paths.len() as u64, micros, owned }
    }
}

/// Spans of one service share a clock.
fn interval(span: &SpanFact, parent: Option<u32>) -> Interval {
    Interval {
        parent,
        id: span.span,
        host: span.service.0,
        start: span.start.0,
        end: span.end.0.max(span.start.0),
        is_asynchronous: span.kind == SpanKind::Consumer,
    }
}

/// Services that a request reaches by calls that carry failure, the entry among them.
fn reached(
    spans: &[SpanFact],
    children: &Children,
    root: u32,
    needs: &CallNeeds,
) -> BTreeSet<EntityId> {
    let mut found = BTreeSet::new();
    let mut open = vec![root];
    while let Some(place) = open.pop() {
        let span = &spans[place as usize];
        found.insert(span.service);
        for child in children.of(place) {
            let callee = &spans[*child as usize];
            let is_inside = callee.service == span.service;
            let need = needs.get(&(span.service, callee.service)).copied();
            let is_asynchronous =
                callee.kind == SpanKind::Consumer || span.kind == SpanKind::Producer;
            let carries = !matches!(need, Some(Need::Optional | Need::Asynchronous));
            if is_inside || (carries && !is_asynchronous) {
                open.push(*child);
            }
        }
    }
    found
}

/// Wilson's interval of a share at 95 % (Wilson 1927), 0 to 1; everything without trials.
pub fn wilson(hits: u64, trials: u64) -> [f64; 2] {
    const Z: f64 = 1.959_963_984_540_054;
    if trials == 0 {
        return [0.0, 1.0];
    }
    let (n, p) = (trials as f64, hits as f64 / trials as f64);
    let (z2, spread) = (Z * Z, (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt());
    let (middle, scale) = (p + z2 / (2.0 * n), 1.0 + z2 / n);
    let ends = [(middle - Z * spread) / scale, (middle + Z * spread) / scale];
    ends.map(|end| end.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Micros;

    fn span(id: u64, parent: u64, service: u64, (start, end): (i64, i64)) -> SpanFact {
        SpanFact {
            span: id,
            parent,
            service: EntityId(service),
            name: format!("op{service}"),
            kind: SpanKind::Unspecified,
            start: Micros(start),
            end: Micros(end),
            is_error: false,
            sampling_probability: None,
        }
    }

    fn tally(spans: Vec<SpanFact>, clients: &[u64], needs: &CallNeeds) -> TraceTally {
        let clients = clients.iter().map(|one| EntityId(*one)).collect();
        let mut tally = TraceTally::default();
        tally.add(&TraceFact { trace: [7; 16], spans }, &clients, needs);
        tally
    }

    /// Service 1 waits from 10 to 60 for 2, which waits from 20 to 30 for 3.
    fn chain() -> Vec<SpanFact> {
        vec![span(1, 0, 1, (0, 100)), span(2, 1, 2, (10, 60)), span(3, 2, 3, (20, 30))]
    }

    #[test]
    fn time_and_reach_of_a_request_are_counted_for_its_entry() {
        let tally = tally(chain(), &[], &CallNeeds::new());
        let sum = tally.paths(EntityId(1), None);
        let owned: Vec<(u64, i64)> =
            sum.owned.iter().map(|one| (one.service.0, one.micros)).collect();
        assert_eq!((sum.requests, sum.micros), (1, 100));
        assert_eq!(owned, [(1, 50), (2, 40), (3, 10)]);
        let reached: Vec<u64> = tally.entries[&EntityId(1)].reached.keys().map(|e| e.0).collect();
        assert_eq!(reached, [1, 2, 3]);
    }

    /// A call that the caller can do without, and what lies behind it, is not needed.
    #[test]
    fn optional_calls_reach_nothing() {
        let needs = CallNeeds::from([((EntityId(1), EntityId(2)), Need::Optional)]);
        let tally = tally(chain(), &[], &needs);
        let reached: Vec<u64> = tally.entries[&EntityId(1)].reached.keys().map(|e| e.0).collect();
        assert_eq!(reached, [1]);
    }

    /// The root is a load generator's: the request is that of the service which it calls.
    #[test]
    fn below_a_client_requests_begin_at_the_first_service() {
        let tally = tally(chain(), &[1], &CallNeeds::new());
        assert_eq!(tally.entries.keys().map(|e| e.0).collect::<Vec<_>>(), [2]);
        assert_eq!(tally.paths(EntityId(2), None).micros, 50);
    }

    #[test]
    fn a_trace_with_a_missing_parent_is_counted_as_incomplete() {
        let mut spans = chain();
        spans.push(span(9, 8, 3, (40, 50)));
        let tally = tally(spans, &[], &CallNeeds::new());
        assert_eq!((tally.traces, tally.incomplete), (1, 1));
        assert_eq!(tally.entries[&EntityId(1)].incomplete, 1);
    }

    /// Published: 8 of 10 gives 0.4902 to 0.9433 (Newcombe 1998, and R's `prop.test` without correction).
    #[test]
    fn wilsons_interval_is_the_published_one() {
        let [low, high] = wilson(8, 10);
        assert!((low - 0.490_16).abs() < 1e-4 && (high - 0.943_32).abs() < 1e-4, "{low} {high}");
        assert_eq!(wilson(0, 0), [0.0, 1.0]);
        assert!(wilson(10, 10)[1] <= 1.0);
    }
}
