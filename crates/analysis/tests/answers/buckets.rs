//! Hand-written series in the buckets that a question asks for.

use std::collections::BTreeMap;

use model::Micros;
use model::fact::{
    CallBucket, CallSeriesFact, CallSeriesQuery, SeriesBucket, SeriesFact, SeriesQuery,
};
use model::series::Bin;

/// A series over a window, its buckets put together to those asked for.
pub fn series_in(series: &SeriesFact, query: &SeriesQuery) -> SeriesFact {
    let (from, to) = query.window.micros();
    let mut buckets: BTreeMap<Micros, SeriesBucket> = BTreeMap::new();
    for one in series.buckets.iter().filter(|one| from <= one.at && one.at < to) {
        let at = one.at.floor_to(query.step);
        let held = buckets.entry(at);
        held.and_modify(|held| {
            held.count += one.count;
            held.sum += one.sum;
            held.min = held.min.min(one.min);
            held.max = held.max.max(one.max);
            held.last = one.last;
            held.increase += one.increase;
        })
        .or_insert(SeriesBucket { at, ..*one });
    }
    SeriesFact { buckets: buckets.into_values().collect(), ..series.clone() }
}

/// Calls over a window, their buckets put together to those asked for.
pub fn calls_in(calls: &CallSeriesFact, query: &CallSeriesQuery) -> Option<CallSeriesFact> {
    let is_asked = |asked: &[model::EntityId], one| asked.is_empty() || asked.contains(&one);
    if !is_asked(&query.clients, calls.client) || !is_asked(&query.servers, calls.server) {
        return None;
    }
    let (from, to) = query.window.micros();
    let mut buckets: BTreeMap<Micros, CallBucket> = BTreeMap::new();
    for one in calls.buckets.iter().filter(|one| from <= one.at && one.at < to) {
        let at = one.at.floor_to(query.step);
        let held = buckets.entry(at).or_insert_with(|| CallBucket { at, ..CallBucket::default() });
        held.calls += one.calls;
        held.errors += one.errors;
        if query.with_bins {
            held.client_bins = added(&held.client_bins, &one.client_bins);
            held.server_bins = added(&held.server_bins, &one.server_bins);
        }
    }
    let buckets: Vec<CallBucket> = buckets.into_values().collect();
    (!buckets.is_empty()).then(|| CallSeriesFact { buckets, ..calls.clone() })
}

fn added(held: &[(Bin, u64)], more: &[(Bin, u64)]) -> Vec<(Bin, u64)> {
    let mut sums: BTreeMap<Bin, u64> = BTreeMap::new();
    for (bin, count) in held.iter().chain(more) {
        *sums.entry(*bin).or_default() += count;
    }
    sums.into_iter().collect()
}
