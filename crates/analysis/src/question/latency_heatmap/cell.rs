//! One cell: the calls of several pairs together.

use std::collections::BTreeSet;

use model::absence::Absence;
use model::measure::Measure;
use model::time::Micros;

use super::params::HeatmapSide;
use super::shape::{HeatmapCell, ZoneCrossing};
use crate::calls::{Calls, Durations, PairCalls, ratio};

/// Sums over pairs.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct CellSum {
    pub pairs: u64,
    pub calls: u64,
    pub errors: u64,
    pub is_sampled: bool,
    pub client: Durations,
    pub server: Durations,
    pub crossing: u64,
    pub known: u64,
    pub sources: BTreeSet<String>,
    pub last: Option<Micros>,
}

impl CellSum {
    /// Adds a pair; `is_crossing` when both ends' zones are known.
    pub fn add(&mut self, pair: &PairCalls, is_crossing: Option<bool>) {
        self.pairs += 1;
        self.calls = self.calls.saturating_add(pair.calls);
        self.errors = self.errors.saturating_add(pair.errors);
        self.is_sampled |= !pair.is_scaled;
        let bins = |side: &Durations| -> Vec<_> {
            side.bins.iter().map(|(bin, count)| (*bin, *count)).collect()
        };
        self.client.add(bins(&pair.client));
        self.server.add(bins(&pair.server));
        if let Some(is_crossing) = is_crossing {
            self.known = self.known.saturating_add(pair.calls);
            if is_crossing {
                self.crossing = self.crossing.saturating_add(pair.calls);
            }
        }
        self.sources.insert(pair.source.clone());
        self.last = self.last.max(Some(pair.last));
    }

    /// Adds the sums of another cell.
    pub fn join(&mut self, other: &Self) {
        self.pairs += other.pairs;
        self.calls = self.calls.saturating_add(other.calls);
        self.errors = self.errors.saturating_add(other.errors);
        self.is_sampled |= other.is_sampled;
        self.crossing = self.crossing.saturating_add(other.crossing);
        self.known = self.known.saturating_add(other.known);
    }

    /// Durations as one side sees them, else the other.
    pub fn side(&self, side: HeatmapSide) -> &Durations {
        let (first, second) = match side {
            HeatmapSide::Client => (&self.client, &self.server),
            HeatmapSide::Server => (&self.server, &self.client),
        };
        if first.bins.is_empty() { second } else { first }
    }

    /// Calls that cross zones.
    pub fn zone_crossing(&self) -> ZoneCrossing {
        ZoneCrossing {
            share: match self.known {
                0 => Measure::absent("1", Absence::NotCollected),
                known => ratio(self.crossing, known),
            },
            crossing: self.crossing,
            known: self.known,
            calls: self.calls,
            coverage: ratio(self.known, self.calls),
        }
    }

    /// The cell of the answer.
    pub fn shown(&self, calls: &Calls, (row, column): (u32, u32)) -> HeatmapCell {
        let network = match (self.client.mean(), self.server.mean()) {
            (Some(client), Some(server)) => Measure::new((client - server).max(0.0), "s"),
            _ => Measure::absent("s", Absence::NotCollected),
        };
        let longest =
            self.sources.iter().max_by(|a, b| calls.seconds(a).total_cmp(&calls.seconds(b)));
        let source = longest.map(String::as_str).unwrap_or_default();
        HeatmapCell {
            row,
            column,
            pairs: self.pairs,
            calls: self.calls,
            request_rate: calls.rate(self.calls, !self.is_sampled, source),
            error_ratio: ratio(self.errors, self.calls),
            is_sampled: self.is_sampled,
            client_latency: self.client.latency(),
            server_latency: self.server.latency(),
            network_seconds: network,
            zone_crossing: self.zone_crossing(),
            sources: self.sources.iter().cloned().collect(),
            last_call: self.last.unwrap_or_default(),
        }
    }
}
