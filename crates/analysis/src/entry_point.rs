//! The entry points of an estate as the questions about calls use them: what leads in from outside, and
//! what traces show, with the requests that were seen.

use std::collections::{BTreeMap, HashMap};

use model::entity::EntityId;

use crate::estate::Estate;
use crate::traced_entry::TracedEntries;

/// One entry point.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryService {
    /// Ordinal of the service.
    pub service: u32,
    /// Rule that found it: `configured`, `exposed` or `traced`.
    pub rule: &'static str,
    /// What enters: `request`, `job` or `consumer`.
    pub kind: &'static str,
    /// What leads to it from outside, ordinals.
    pub through: Vec<u32>,
    /// Requests from outside, as counted or sampled; `None` when nothing is known of them.
    pub requests: Option<u64>,
}

/// The entry points, the most requests first, then in order of ordinal.
pub fn entry_services(
    _estate: &Estate,
    traced: &TracedEntries,
    ends: &HashMap<EntityId, u32>,
) -> Vec<EntryService> {
    let mut entries: BTreeMap<u32, EntryService> = BTreeMap::new();
    for one in &traced.entries {
        let Some(service) = ends.get(&one.service).copied() else { continue };
        let kind = if one.is_consumer { "consumer" } else { "request" };
        let requests = Some(one.requests);
        let through = Vec::new();
        let entry = EntryService { service, rule: "traced", kind, through, requests };
        entries.insert(service, entry);
    }
    let mut entries: Vec<EntryService> = entries.into_values().collect();
    entries.sort_by_key(|entry| (std::cmp::Reverse(entry.requests), entry.service));
    entries
}
