//! Minutes of calls, of what became of failing requests, and of log records, as rows that add up.

use std::collections::BTreeMap;

use model::EntityId;
use model::resolution::TelemetryWrite;
use model::series::Bin;
use model::span::EdgeMinute;
use xxhash_rust::xxh3::Xxh3;

use crate::hash::text_into;

/// Client, server, operation, minute, asynchronous, scaled.
pub type Key<'a> = (u64, u64, &'a str, i64, bool, bool);
/// Client, server and what they did in one minute.
pub type Edge = (EntityId, EntityId, EdgeMinute);

/// Counts, of which some may be taken off.
#[derive(Debug, Default, PartialEq)]
pub struct Counts {
    /// Calls.
    pub calls: i64,
    /// Calls that failed.
    pub errors: i64,
    /// Durations as the client saw them, by bin.
    pub client: BTreeMap<Bin, i64>,
    /// Durations as the server saw them, by bin.
    pub server: BTreeMap<Bin, i64>,
}

impl Counts {
    fn add(&mut self, edge: &EdgeMinute, sign: i64) {
        let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX).saturating_mul(sign);
        self.calls = self.calls.saturating_add(signed(edge.calls));
        self.errors = self.errors.saturating_add(signed(edge.errors));
        let both =
            [(&mut self.client, &edge.client_seconds), (&mut self.server, &edge.server_seconds)];
        for (held, bins) in both {
            for (bin, count) in bins {
                let sum = held.entry(*bin).or_default();
                *sum = sum.saturating_add(signed(*count));
            }
        }
    }

    fn is_nothing(&self) -> bool {
        self.calls == 0
            && self.errors == 0
            && self.client.values().chain(self.server.values()).all(|count| *count == 0)
    }
}

/// Minutes of calls that a batch pairs, less those that it takes apart; what cancels out is left out.
pub fn paired(write: &TelemetryWrite) -> BTreeMap<Key<'_>, Counts> {
    let mut paired: BTreeMap<Key<'_>, Counts> = BTreeMap::new();
    for (edges, sign) in [(&write.edges_paired, 1), (&write.edges_unpaired, -1)] {
        for edge in edges {
            paired.entry(key(edge)).or_default().add(&edge.2, sign);
        }
    }
    paired.retain(|_, counts| !counts.is_nothing());
    paired
}

/// Failures, requests and survivals by client, server and minute, of which some may be taken off.
pub fn outcomes(write: &TelemetryWrite) -> BTreeMap<(u64, u64, i64), [i64; 3]> {
    let mut outcomes: BTreeMap<(u64, u64, i64), [i64; 3]> = BTreeMap::new();
    for (edges, sign) in [(&write.edges_paired, 1), (&write.edges_unpaired, -1)] {
        for (client, server, edge) in edges.iter().filter(|one| one.2.outcome.failures > 0) {
            let one = &edge.outcome;
            let sums = outcomes.entry((client.0, server.0, edge.at.0)).or_default();
            for (sum, count) in sums.iter_mut().zip([one.failures, one.requests, one.survived]) {
                let count = i64::try_from(count).unwrap_or(i64::MAX);
                *sum = sum.saturating_add(count.saturating_mul(sign));
            }
        }
    }
    outcomes.retain(|_, sums| *sums != [0; 3]);
    outcomes
}

/// Minutes that another tool counted; of two of one key in a batch the fuller one, whatever the order.
pub fn counted(edges: &[Edge]) -> BTreeMap<Key<'_>, Counts> {
    let mut counted: BTreeMap<Key<'_>, Counts> = BTreeMap::new();
    for edge in edges {
        let mut counts = Counts::default();
        counts.add(&edge.2, 1);
        let held = counted.entry(key(edge)).or_default();
        if (counts.calls, counts.errors) > (held.calls, held.errors) {
            *held = counts;
        }
    }
    counted
}

fn key((client, server, edge): &Edge) -> Key<'_> {
    (client.0, server.0, &edge.operation, edge.at.0, edge.is_asynchronous, edge.is_scaled)
}

/// Bins as the tables hold them: `bin:count` joined by spaces, without those that cancel out.
pub fn bins_text(bins: &BTreeMap<Bin, i64>) -> String {
    let pairs: Vec<String> = bins
        .iter()
        .filter(|(_, count)| **count != 0)
        .map(|(bin, count)| format!("{}:{count}", bin.0))
        .collect();
    pairs.join(" ")
}

/// Log records of a batch.
pub struct Logs<'a> {
    /// Records by subject, minute and severity.
    pub minutes: BTreeMap<(u64, i64, &'a str), u64>,
    /// Hash of the batch: the same batch is counted once.
    pub origin: u64,
}

/// The log records of a batch, counted.
pub fn logs(write: &TelemetryWrite) -> Logs<'_> {
    let mut minutes: BTreeMap<(u64, i64, &str), u64> = BTreeMap::new();
    let mut hash = Xxh3::new();
    text_into(&mut hash, &write.input.content_hash);
    for (subject, log) in &write.logs {
        text_into(&mut hash, log.service.as_str());
        text_into(&mut hash, &log.severity);
        hash.update(&log.at.0.to_le_bytes());
        hash.update(&log.count.to_le_bytes());
        let count = minutes.entry((subject.0, log.at.0, &log.severity)).or_default();
        *count = count.saturating_add(log.count);
    }
    Logs { minutes, origin: hash.digest() }
}
