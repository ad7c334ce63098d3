//! From running totals to calls a minute. Only differences between samples of one series count: what a
//! total was before the first sample is no call of any minute. A total that falls has started anew.

use std::collections::{BTreeMap, HashMap};

use model::entity::{Labels, RelationObservation};
use model::kind::{Evidence, Need, NeedSource};
use model::series::{SeriesObservation, SeriesType};
use model::span::{CallOutcome, EdgeMinute};
use model::{Micros, Reference, RelationKind};

use super::Ends;
use super::tool::{Call, Role, View, call_of};
use crate::context::InputContext;
use crate::format::bins;
use crate::format::tally::Tally;
use crate::input::Out;

/// A difference over at most this time is spread over its minutes; a longer one counts in the minute
/// of its end, since nothing says when in it the calls were.
const SPREAD_MAX: i64 = 5 * Micros::MINUTE;
/// Minutes of calls of one input that are held.
const MINUTES_MAX: usize = 500_000;
/// Calls whose ends are told apart.
const ENDS_MAX: usize = 100_000;

/// Calls of one input, counted.
#[derive(Debug, Default)]
pub struct Graph {
    numbers: HashMap<Ends, usize>,
    edges: Vec<Edge>,
    last: HashMap<(String, Labels), (Micros, f64)>,
    minutes: usize,
    dropped: u64,
}

#[derive(Debug)]
struct Edge {
    ends: Ends,
    /// First and last time at which calls were seen without being counted.
    seen: Option<(Micros, Micros)>,
    minutes: BTreeMap<(Micros, View), Count>,
}

/// Counts of one minute. Bounds of buckets are kept as bits in their order.
#[derive(Debug, Default)]
struct Count {
    calls: f64,
    errors: f64,
    client: BTreeMap<u64, f64>,
    server: BTreeMap<u64, f64>,
}

impl Graph {
    /// Counts what a series of calls holds; any other is left alone. Its points are in order of time.
    pub fn take(&mut self, series: &SeriesObservation) {
        let Some(call) = call_of(&series.metric, &series.labels) else { return };
        if series.points.is_empty() {
            return;
        }
        let next = self.edges.len();
        let number = match self.numbers.get(&call.ends) {
            Some(number) => *number,
            None if next >= ENDS_MAX => {
                self.dropped += series.points.len() as u64;
                return;
            }
            None => {
                let (ends, minutes) = (call.ends.clone(), BTreeMap::new());
                self.edges.push(Edge { ends: ends.clone(), seen: None, minutes });
                self.numbers.insert(ends, next);
                next
            }
        };
        let live = series.points.iter().filter(|point| !point.is_stale);
        if series.series_type == SeriesType::Delta {
            for point in live {
                self.increase(number, &call, series, (point.at, point.at), point.value);
            }
            return;
        }
        let known = (series.metric.clone(), series.labels.clone());
        let mut last = self.last.get(&known).copied();
        for point in live {
            self.edges[number].see(&call, point.at, point.value, last);
            if let Some((before, total)) = last
                && before < point.at
            {
                let more = if point.value < total { point.value } else { point.value - total };
                self.increase(number, &call, series, (before, point.at), more);
            }
            if last.is_none_or(|(before, _)| before < point.at) {
                last = Some((point.at, point.value));
            }
        }
        if let Some(last) = last {
            self.last.insert(known, last);
        }
    }

    fn increase(
        &mut self,
        number: usize,
        call: &Call,
        series: &SeriesObservation,
        (from, to): (Micros, Micros),
        more: f64,
    ) {
        if matches!(call.role, Role::Seen | Role::Opened) || more.is_nan() || more <= 0.0 {
            return;
        }
        for (minute, part) in spread(from, to, more) {
            let edge = &mut self.edges[number];
            let is_new = !edge.minutes.contains_key(&(minute, call.view));
            if is_new && self.minutes >= MINUTES_MAX {
                self.dropped += 1;
                continue;
            }
            self.minutes += usize::from(is_new);
            let count = edge.minutes.entry((minute, call.view)).or_default();
            count.add(call.role, &series.labels, part);
        }
    }

    /// Puts the calls out: minutes of those that were counted, and of others that they were seen.
    pub fn finish(self, context: &InputContext, tally: &mut Tally, out: &mut Out<'_>) {
        if self.dropped > 0 {
            let reason = "more calls than are counted of one input; split it by time";
            tally.add(reason, self.dropped, || "service graph".to_owned());
        }
        for edge in self.edges {
            let ends = &edge.ends;
            let (Some(client), Some(server)) =
                (ends.client.reference(context), ends.server.reference(context))
            else {
                continue;
            };
            let minutes = counted(&edge, &client, &server);
            if minutes.is_empty() {
                let Some((first, last)) = edge.seen else { continue };
                let mut call = RelationObservation::declared(client, RelationKind::Calls, server);
                call.evidence = Evidence::Observed;
                if ends.is_asynchronous {
                    (call.need, call.need_source) = (Need::Asynchronous, NeedSource::Messaging);
                }
                call.started_at = Some(first);
                call.ended_at = Some(last.plus(Micros::MINUTE));
                out.batch().relations.push(call);
                out.added(1);
                continue;
            }
            for minute in minutes {
                out.batch().edges.push(minute);
                out.added(1);
            }
        }
    }
}

impl Edge {
    /// Notes when calls were seen: now for what is measured of calls; for a total, that it is not
    /// zero at its first sample.
    fn see(&mut self, call: &Call, at: Micros, value: f64, last: Option<(Micros, f64)>) {
        let is_seen = match call.role {
            Role::Seen => true,
            Role::Opened => last.map_or(value > 0.0, |(_, before)| value > before),
            Role::Calls { .. } => last.is_none() && value > 0.0,
            _ => false,
        };
        if is_seen {
            let (first, last) = self.seen.unwrap_or((at, at));
            self.seen = Some((first.min(at), last.max(at)));
        }
    }
}

impl Count {
    fn add(&mut self, role: Role, labels: &Labels, more: f64) {
        let bound = |factor: f64| {
            let le = labels.get("le")?;
            let le = if le == "+Inf" { f64::INFINITY } else { le.parse::<f64>().ok()? * factor };
            (le > 0.0).then_some(le.to_bits())
        };
        match role {
            Role::Calls { is_error } => {
                self.calls += more;
                self.errors += if is_error { more } else { 0.0 };
            }
            Role::Errors => self.errors += more,
            Role::ClientSeconds { factor } => {
                if let Some(bound) = bound(factor) {
                    *self.client.entry(bound).or_default() += more;
                }
            }
            Role::ServerSeconds { factor } => {
                if let Some(bound) = bound(factor) {
                    *self.server.entry(bound).or_default() += more;
                }
            }
            Role::Seen | Role::Opened => {}
        }
    }
}

/// The minutes of an edge. Of two ends that report the same minute the one that saw more calls counts:
/// each can only have missed some.
fn counted(edge: &Edge, client: &Reference, server: &Reference) -> Vec<EdgeMinute> {
    let mut by_minute: BTreeMap<Micros, Vec<&Count>> = BTreeMap::new();
    for ((at, _), count) in &edge.minutes {
        by_minute.entry(*at).or_default().push(count);
    }
    let minutes = by_minute.into_iter().filter_map(|(at, counts)| {
        let fuller = |best: &&Count, one: &&Count| one.calls > best.calls;
        let most = counts
            .iter()
            .skip(1)
            .fold(counts.first()?, |best, one| if fuller(best, one) { one } else { best });
        let calls = most.calls.round().max(0.0) as u64;
        let bins = |of: fn(&Count) -> &BTreeMap<u64, f64>| {
            counts.iter().map(|count| seconds(of(count))).find(|bins| !bins.is_empty())
        };
        let count = EdgeMinute {
            at,
            client: client.clone(),
            server: server.clone(),
            operation: String::new(),
            is_asynchronous: edge.ends.is_asynchronous,
            calls,
            errors: (most.errors.round().max(0.0) as u64).min(calls),
            client_seconds: bins(|count| &count.client).unwrap_or_default(),
            server_seconds: bins(|count| &count.server).unwrap_or_default(),
            outcome: CallOutcome::default(),
            // The tool counts every call, or scales what it samples.
            is_scaled: true,
        };
        let has_any =
            calls > 0 || !count.client_seconds.is_empty() || !count.server_seconds.is_empty();
        has_any.then_some(count)
    });
    minutes.collect()
}

/// Buckets that rise, as our bins.
fn seconds(buckets: &BTreeMap<u64, f64>) -> Vec<(model::series::Bin, u64)> {
    let mut bounds = Vec::new();
    let mut counts = Vec::new();
    let mut below = 0.0_f64;
    for (bound, total) in buckets {
        let bound = f64::from_bits(*bound);
        counts.push((total - below).round().max(0.0) as u64);
        below = below.max(*total);
        if bound.is_finite() {
            bounds.push(bound);
        }
    }
    if counts.len() == bounds.len() {
        counts.push(0);
    }
    if counts.iter().all(|count| *count == 0) {
        return Vec::new();
    }
    bins::explicit(&bounds, &counts, None, None).unwrap_or_default()
}

/// An increase by minute, whole numbers whose sum is the increase.
fn spread(from: Micros, to: Micros, more: f64) -> Vec<(Micros, f64)> {
    let last = Micros(to.0.saturating_sub(i64::from(to > from))).floor_to(Micros::MINUTE);
    let length = to.0.saturating_sub(from.0);
    if length > SPREAD_MAX || length <= 0 {
        return vec![(last, more)];
    }
    let mut parts = Vec::new();
    let (mut minute, mut given) = (from.floor_to(Micros::MINUTE), 0.0);
    while minute <= last {
        let end = minute.plus(Micros::MINUTE).min(to);
        let share = (end.0 - from.0) as f64 / length as f64;
        let until = if end == to { more } else { (more * share).round() };
        if until > given {
            parts.push((minute, until - given));
        }
        given = given.max(until);
        minute = minute.plus(Micros::MINUTE);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_call_is_lost_between_minutes(
            from in 0_i64..1_000_000, seconds in 1_i64..400, more in 1_u32..10_000,
        ) {
            let from = Micros(1_700_000_000_000_000 + from * 1_000);
            let to = from.plus(seconds * Micros::SECOND);
            let parts = spread(from, to, f64::from(more));
            let sum: f64 = parts.iter().map(|(_, part)| part).sum();
            prop_assert!((sum - f64::from(more)).abs() < 1e-6);
            prop_assert!(parts.iter().all(|(at, _)| *at < to && at.plus(Micros::MINUTE) > from));
        }
    }

    #[test]
    fn buckets_become_bins_with_every_call() {
        let buckets = BTreeMap::from([
            (0.1_f64.to_bits(), 4.0),
            (1.0_f64.to_bits(), 9.0),
            (f64::INFINITY.to_bits(), 10.0),
        ]);
        let total: u64 = seconds(&buckets).iter().map(|(_, count)| count).sum();
        assert_eq!(total, 10);
        assert!(seconds(&BTreeMap::new()).is_empty());
    }
}
