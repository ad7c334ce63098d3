//! The entry points of an estate as the questions about calls use them: what leads in from outside, and
//! what traces show, with the requests that were seen.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::entity::EntityId;
use model::fact::{CallFact, RootFact};
use model::kind::EntityKind;

use crate::estate::Estate;
use crate::failure::{environment, jobs, ways_in};
use crate::traced_entry::{TracedEntries, traced_entries};

/// The rule of what leads in from outside.
const EXPOSED: &str = "exposed";

/// One entry point.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryService {
    /// Ordinal of the service.
    pub service: u32,
    /// Rule that found it: `exposed`, `traced` or `scheduled`.
    pub rule: &'static str,
    /// What enters: `request`, `job` or `consumer`.
    pub kind: &'static str,
    /// What leads to it from outside, ordinals.
    pub through: Vec<u32>,
    /// Requests from outside, as counted or sampled; `None` when nothing is known of them.
    pub requests: Option<u64>,
}

/// The entry points, the most requests first, then in order of ordinal. In each environment traces count
/// only where nothing leads in from outside (rule 3 of the vocabulary after rule 2); what leads in takes
/// its requests from them.
pub fn entry_services(
    estate: &Estate,
    traced: &TracedEntries,
    ends: &HashMap<EntityId, u32>,
) -> Vec<EntryService> {
    let mut entries: BTreeMap<u32, EntryService> = BTreeMap::new();
    for (service, ways) in exposed(estate) {
        let through: BTreeSet<u32> = ways.iter().flatten().copied().collect();
        let through = through.into_iter().collect();
        let entry =
            EntryService { service, rule: EXPOSED, kind: "request", through, requests: None };
        entries.insert(service, entry);
    }
    let known: BTreeSet<&str> =
        entries.keys().map(|service| environment(estate, *service)).collect();
    for one in &traced.entries {
        let Some(service) = ends.get(&one.service).copied() else { continue };
        if let Some(entry) = entries.get_mut(&service) {
            entry.requests = Some(one.requests);
            continue;
        }
        if !one.is_consumer && known.contains(environment(estate, service)) {
            continue;
        }
        let kind = if one.is_consumer { "consumer" } else { "request" };
        let requests = Some(one.requests);
        let through = Vec::new();
        let entry = EntryService { service, rule: "traced", kind, through, requests };
        entries.insert(service, entry);
    }
    for service in jobs(estate) {
        let job = || EntryService {
            service,
            rule: "scheduled",
            kind: "job",
            through: Vec::new(),
            requests: None,
        };
        entries.entry(service).or_insert_with(job);
    }
    let mut entries: Vec<EntryService> = entries.into_values().collect();
    entries.sort_by_key(|entry| (std::cmp::Reverse(entry.requests), entry.service));
    entries
}

/// What traces show of entry points and clients; what leads in from outside is no client.
pub fn traced_of(
    estate: &Estate,
    roots: &[RootFact],
    calls: &[CallFact],
    ends: &HashMap<EntityId, u32>,
) -> TracedEntries {
    let exposed: BTreeSet<u32> = exposed(estate).map(|(service, _)| service).collect();
    traced_entries(roots, calls, |id| ends.get(&id).is_some_and(|one| exposed.contains(one)))
}

/// Services and functions that something leads to from outside, with the ways.
fn exposed(estate: &Estate) -> impl Iterator<Item = (u32, &BTreeSet<Vec<u32>>)> {
    let is_called =
        |one: &u32| matches!(estate.entity(*one).kind, EntityKind::Service | EntityKind::Function);
    let ways = ways_in(estate).iter().filter(move |(one, _)| is_called(one));
    ways.map(|(one, ways)| (*one, ways))
}
