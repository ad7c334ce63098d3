//! Quantiles of calls as senders report them: each series by itself, least, latest and greatest.

use std::collections::BTreeMap;

use model::fact::SeriesFact;
use model::kind::EntityKind;

use super::fetch::METRICS;
use super::shape::ReportedPair;
use crate::estate::Estate;

/// Reported quantiles that are listed.
const REPORTED_MAX: usize = 2_000;

/// The reported quantiles, in order of caller, callee, side and quantile.
pub(super) fn reported(estate: &Estate, series: &[SeriesFact]) -> Vec<ReportedPair> {
    // A name leads to a service only when it is one service's.
    let mut by_name: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for one in estate.of_kind(EntityKind::Service) {
        by_name.entry(estate.entity(one).name.as_str()).or_default().push(one);
    }
    let end = |name: &str| -> Option<String> {
        match by_name.get(name).map(Vec::as_slice) {
            Some([one]) if estate.is_outside(*one) => None,
            Some([one]) => Some(estate.entity(*one).id.clone()),
            // What may be one of several services, or none, is told only to who sees all.
            _ if estate.facts.outside.is_empty() => Some(name.to_owned()),
            _ => None,
        }
    };
    let mut all: Vec<ReportedPair> = series
        .iter()
        .filter_map(|one| {
            let label = |name: &str| one.labels.get(name).map(String::as_str);
            let quantile: f64 = label("quantile")?.parse().ok()?;
            let last = one.buckets.last()?.last;
            Some(ReportedPair {
                from: end(label("client")?)?,
                to: end(label("server")?)?,
                side: if one.metric == METRICS[0] { "client" } else { "server" }.to_owned(),
                quantile,
                min: one.buckets.iter().map(|b| b.min).fold(f64::INFINITY, f64::min),
                last,
                max: one.buckets.iter().map(|b| b.max).fold(f64::NEG_INFINITY, f64::max),
                source: one.source.clone(),
                basis: "reported".to_owned(),
            })
        })
        .filter(|one| one.quantile.is_finite() && one.min.is_finite() && one.max.is_finite())
        .collect();
    all.sort_by(|a, b| {
        let key = |one: &ReportedPair| (one.from.clone(), one.to.clone(), one.side.clone());
        key(a).cmp(&key(b)).then(a.quantile.total_cmp(&b.quantile))
    });
    all.truncate(REPORTED_MAX);
    all
}
