//! Entry points as traces show them (rule 3 of the vocabulary), and clients: who calls and is never
//! called. Pure, over the spans without a parent and the calls of a window.

use std::collections::{BTreeMap, BTreeSet};

use model::entity::EntityId;
use model::fact::{CallFact, RootFact};
use model::span::SpanKind;

/// Share of a service's requests that must come from outside for it to be an entry point.
const SHARE_MIN: f64 = 0.01;

/// A service whose requests come from outside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TracedEntry {
    /// The service.
    pub service: EntityId,
    /// Requests from outside, as far as they are traced.
    pub requests: u64,
    /// Failed ones.
    pub errors: u64,
    /// Requests from outside of all its requests.
    pub share: f64,
    /// Whether counts stand for all requests; otherwise for an unknown sample.
    pub is_scaled: bool,
    /// Whether all of them are messages taken from a queue.
    pub is_consumer: bool,
}

/// What traces say about where requests come from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TracedEntries {
    /// Entry points, in order of service.
    pub entries: Vec<TracedEntry>,
    /// Services that call, are never called, and whose spans without a parent are all of kind client or
    /// internal; in order. What a load generator or a prober looks like.
    pub clients: Vec<EntityId>,
}

/// Requests of one service from outside.
#[derive(Debug, Clone, Copy)]
struct Outside {
    requests: u64,
    errors: u64,
    consumed: u64,
    is_scaled: bool,
}

const NOTHING: Outside = Outside { requests: 0, errors: 0, consumed: 0, is_scaled: true };

/// Entry points and clients of a window. `is_entry` says which services a configuration, a load balancer
/// or an ingress already makes entry points: they are no clients. What a client calls comes from outside.
pub fn traced_entries(
    roots: &[RootFact],
    calls: &[CallFact],
    is_entry: impl Fn(EntityId) -> bool,
) -> TracedEntries {
    let mut outside = roots_by_service(roots);
    let others = || calls.iter().filter(|call| call.client != call.server);
    let callees: BTreeSet<EntityId> = others().map(|call| call.server).collect();
    let is_client = |service: &EntityId| {
        let is_quiet = outside.get(service).is_none_or(|sum| sum.requests == 0);
        is_quiet && !callees.contains(service) && !is_entry(*service)
    };
    let clients: BTreeSet<EntityId> = others().map(|call| call.client).filter(is_client).collect();
    // Spans without a parent come from traces, so only calls of traces are compared with them.
    let mut called: BTreeMap<EntityId, u64> = BTreeMap::new();
    for call in others().filter(|call| call.origin.is_empty()) {
        if clients.contains(&call.client) {
            let sum = outside.entry(call.server).or_insert(NOTHING);
            sum.requests = sum.requests.saturating_add(call.calls);
            sum.errors = sum.errors.saturating_add(call.errors);
            sum.is_scaled &= call.is_scaled;
        } else {
            let sum = called.entry(call.server).or_default();
            *sum = sum.saturating_add(call.calls);
        }
    }
    let mut entries = Vec::new();
    for (service, sum) in &outside {
        let inside = called.get(service).copied().unwrap_or(0);
        let all = sum.requests.saturating_add(inside);
        let share = sum.requests as f64 / all.max(1) as f64;
        if sum.requests > 0 && share >= SHARE_MIN {
            entries.push(TracedEntry {
                service: *service,
                requests: sum.requests,
                errors: sum.errors,
                share,
                is_scaled: sum.is_scaled,
                is_consumer: sum.consumed == sum.requests,
            });
        }
    }
    TracedEntries { entries, clients: clients.into_iter().collect() }
}

fn roots_by_service(roots: &[RootFact]) -> BTreeMap<EntityId, Outside> {
    let mut outside: BTreeMap<EntityId, Outside> = BTreeMap::new();
    let is_request =
        |kind| matches!(kind, SpanKind::Server | SpanKind::Consumer | SpanKind::Unspecified);
    for root in roots.iter().filter(|root| is_request(root.kind)) {
        let sum = outside.entry(root.service).or_insert(NOTHING);
        sum.requests = sum.requests.saturating_add(root.requests);
        sum.errors = sum.errors.saturating_add(root.errors);
        sum.is_scaled &= root.is_scaled;
        if root.kind == SpanKind::Consumer {
            sum.consumed = sum.consumed.saturating_add(root.requests);
        }
    }
    outside
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Micros;

    fn root(service: u64, kind: SpanKind, requests: u64) -> RootFact {
        let service = EntityId(service);
        RootFact { service, kind, is_scaled: false, requests, errors: 0, bins: Vec::new() }
    }

    fn call(client: u64, server: u64, calls: u64) -> CallFact {
        CallFact {
            client: EntityId(client),
            server: EntityId(server),
            is_asynchronous: false,
            is_scaled: false,
            origin: String::new(),
            calls,
            errors: 0,
            client_bins: Vec::new(),
            server_bins: Vec::new(),
            first: Micros(0),
            last: Micros(0),
        }
    }

    /// A load generator (1) sends 1,000 requests to the shop (2), which gets 500 more from nobody known and
    /// calls the basket (3); 5 requests of the basket lost their parent, half a percent of its 1,012. A
    /// consumer (4) calls the basket for each message.
    #[test]
    fn what_calls_and_is_never_called_is_a_client_and_stray_spans_make_no_entry() {
        let roots = [
            root(1, SpanKind::Client, 900),
            root(1, SpanKind::Internal, 100),
            root(2, SpanKind::Unspecified, 500),
            root(3, SpanKind::Server, 5),
            root(4, SpanKind::Consumer, 7),
        ];
        let calls = [call(1, 2, 1_000), call(2, 3, 1_000), call(4, 3, 7)];
        let found = traced_entries(&roots, &calls, |_| false);
        let entries: Vec<(u64, bool)> =
            found.entries.iter().map(|one| (one.service.0, one.is_consumer)).collect();
        assert_eq!(entries, [(2, false), (4, true)]);
        assert_eq!(found.clients, [EntityId(1)]);
        assert_eq!((found.entries[0].requests, found.entries[0].share), (1_500, 1.0));
        assert!(traced_entries(&roots, &calls, |one| one.0 == 1).clients.is_empty());
    }
}
