//! Calls between the services of an estate over a window: one figure for each pair, from the source that
//! knows most about it. Shared by every question about who talks to whom.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::absence::{Absence, Absent};
use model::entity::EntityId;
use model::envelope::{AnswerWindow, ChosenBy, Warning};
use model::fact::CallFact;
use model::kind::EntityKind;
use model::measure::Measure;
use model::series::Bin;
use model::time::{Micros, Window, WindowParam};
use schemars::JsonSchema;
use serde::Serialize;

use crate::ask::{AskContext, AskError};
use crate::estate::Estate;
use crate::param::{Text, window_ending};
use crate::question::system_metrics::latency::of_bins;

/// The name of calls paired from spans among sources.
pub const SPANS: &str = "spans";

/// Kinds that are ends of calls.
const ENDS: [EntityKind; 14] = [
    EntityKind::Service,
    EntityKind::Function,
    EntityKind::ExternalEndpoint,
    EntityKind::Client,
    EntityKind::Database,
    EntityKind::DatabaseCluster,
    EntityKind::DatabaseProxy,
    EntityKind::Cache,
    EntityKind::Queue,
    EntityKind::Bucket,
    EntityKind::Workload,
    EntityKind::Instance,
    EntityKind::ContainerService,
    EntityKind::Resource,
];

/// A window of calls, and how it came about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CallWindow {
    /// The window.
    pub window: AnswerWindow,
    /// Where the end was moved to, when the newest call is older: (asked end, newest).
    pub moved: Option<(Micros, Micros)>,
}

impl CallWindow {
    /// What a reader must know when the window was moved.
    pub fn warning(&self) -> Option<Warning> {
        let (asked, newest) = self.moved?;
        let message = format!(
            "no call in the window that ends at {asked}; the window ends at {newest}, after the \
             newest call"
        );
        Some(Warning::new("newest_data", message))
    }
}

/// The calls that a question is about: those of the window asked for. Without a stated range the window
/// ends where the newest call is when it would hold none.
///
/// # Errors
/// When the store gives no facts.
pub async fn windowed_calls(
    ctx: &AskContext,
    param: Option<&Text<WindowParam>>,
    default: i64,
    (as_of, now): (Option<Micros>, Micros),
) -> Result<(CallWindow, Vec<CallFact>), AskError> {
    let plain = |window: Window, chosen_by| CallWindow {
        window: AnswerWindow { from: window.from, to: window.to, chosen_by },
        moved: None,
    };
    let read = ctx.read(as_of);
    let end = as_of.unwrap_or(now);
    let (micros, mut chosen) = match param {
        Some(Text(WindowParam::Range(window))) => (None, plain(*window, ChosenBy::Request)),
        Some(Text(WindowParam::All)) => {
            let held = held(ctx, as_of).await?;
            let all = |(first, last): (Micros, Micros)| Window {
                from: first.timestamp(),
                to: last.plus(Micros::MINUTE).timestamp(),
            };
            let window = held.map_or_else(|| window_ending(end, default), all);
            (None, plain(window, ChosenBy::All))
        }
        Some(Text(WindowParam::Last(micros))) if *micros != default => {
            (Some(*micros), plain(window_ending(end, *micros), ChosenBy::Request))
        }
        _ => (Some(default), plain(window_ending(end, default), ChosenBy::Default)),
    };
    let facts = ctx.telemetry.calls(&read, chosen.window.window()).await?;
    let Some(micros) = micros.filter(|_| facts.is_empty()) else { return Ok((chosen, facts)) };
    let Some((_, last)) = held(ctx, as_of).await? else { return Ok((chosen, facts)) };
    let newest = last.plus(Micros::MINUTE).min(end);
    chosen = plain(window_ending(newest, micros), ChosenBy::NewestData);
    chosen.moved = Some((end, newest));
    let facts = ctx.telemetry.calls(&read, chosen.window.window()).await?;
    Ok((chosen, facts))
}

/// First and last minute with calls.
async fn held(
    ctx: &AskContext,
    as_of: Option<Micros>,
) -> Result<Option<(Micros, Micros)>, AskError> {
    let presence = ctx.telemetry.presence(&ctx.read(as_of)).await?;
    let edges = presence.into_iter().find(|one| one.data == "edges");
    Ok(edges.and_then(|one| Some((Micros::of(one.first?), Micros::of(one.last?)))))
}

/// Calls of one pair, from one source.
#[derive(Debug, Clone, PartialEq)]
pub struct PairCalls {
    /// How many.
    pub calls: u64,
    /// How many failed.
    pub errors: u64,
    /// How many of them went through a message.
    pub asynchronous: u64,
    /// Whether counts stand for all calls; otherwise they are ratios of an unknown sample.
    pub is_scaled: bool,
    /// The source that answers.
    pub source: String,
    /// Other sources that know the pair and were not added.
    pub others: Vec<String>,
    /// Callers' durations, and the source they are of.
    pub client: Durations,
    /// Callees' durations, and the source they are of.
    pub server: Durations,
    /// First minute with calls.
    pub first: Micros,
    /// Last minute with calls.
    pub last: Micros,
}

/// Durations in seconds by bin, of one source.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Durations {
    /// Source; empty without durations.
    pub source: String,
    /// Counts by bin.
    pub bins: BTreeMap<Bin, u64>,
}

impl Durations {
    /// Adds counts.
    pub fn add(&mut self, bins: impl IntoIterator<Item = (Bin, u64)>) {
        for (bin, count) in bins {
            let sum = self.bins.entry(bin).or_default();
            *sum = sum.saturating_add(count);
        }
    }

    /// How many durations.
    pub fn count(&self) -> u64 {
        self.bins.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Their mean in seconds; `None` without any.
    pub fn mean(&self) -> Option<f64> {
        let n = self.count();
        let sum: f64 = self.bins.iter().map(|(bin, count)| bin.value() * *count as f64).sum();
        (n > 0).then(|| sum / n as f64)
    }

    /// Percentiles.
    pub fn latency(&self) -> Latency {
        let bins: Vec<(Bin, u64)> = self.bins.iter().map(|(bin, count)| (*bin, *count)).collect();
        let at = |quantile| match bins.is_empty() {
            true => Measure::absent("s", Absence::NotCollected),
            false => of_bins(&bins, quantile),
        };
        Latency { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
    }
}

/// Percentiles of durations, from merged bins of 1 % relative accuracy; one with too few values behind
/// it is null.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Latency {
    /// Median.
    pub p50: Measure,
    /// 95th percentile; needs 100 values.
    pub p95: Measure,
    /// 99th percentile; needs 500 values.
    pub p99: Measure,
}

impl Latency {
    /// No percentiles, and why.
    pub fn absent(why: impl Into<Absent>) -> Self {
        let why = why.into();
        let none = || Measure::absent("s", why.clone());
        Self { p50: none(), p95: none(), p99: none() }
    }
}

/// All calls of a window.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Calls {
    /// By ordinals of caller and callee.
    pub pairs: BTreeMap<(u32, u32), PairCalls>,
    /// Calls of which an end is not in the estate at the instant asked about.
    pub unplaced: u64,
    /// First and last minute with calls, by source: what rates are per second of.
    pub extent: BTreeMap<String, (Micros, Micros)>,
}

/// The entities that may be ends of calls, by internal id. O(ends).
pub fn ends_of(estate: &Estate) -> HashMap<EntityId, u32> {
    let all = ENDS.iter().flat_map(|kind| estate.of_kind(*kind));
    all.map(|one| (estate.entity(one).entity, one)).collect()
}

impl Calls {
    /// The calls that facts tell, by pair. Of several sources of one pair the one that covers most of
    /// the window answers, another tool's counts before those of spans; they are never added.
    pub fn new(facts: Vec<CallFact>, ends: &HashMap<EntityId, u32>) -> Self {
        let mut calls = Self::default();
        let mut by_pair: BTreeMap<(u32, u32), BTreeMap<String, PairCalls>> = BTreeMap::new();
        for fact in facts {
            let source = source_of(&fact);
            let extent = calls.extent.entry(source.clone()).or_insert((fact.first, fact.last));
            *extent = (extent.0.min(fact.first), extent.1.max(fact.last));
            let (Some(from), Some(to)) = (ends.get(&fact.client), ends.get(&fact.server)) else {
                calls.unplaced = calls.unplaced.saturating_add(fact.calls);
                continue;
            };
            let sources = by_pair.entry((*from, *to)).or_default();
            add(sources.entry(source.clone()).or_insert_with(|| nothing(&fact, source)), fact);
        }
        calls.pairs = by_pair
            .into_iter()
            .filter_map(|(pair, sources)| Some((pair, chosen(sources)?)))
            .collect();
        calls
    }

    /// Seconds that a source covers: from its first to the end of its last minute.
    pub fn seconds(&self, source: &str) -> f64 {
        let extent = self.extent.get(source);
        extent.map_or(0.0, |(first, last)| {
            last.0.saturating_sub(first.0).saturating_add(Micros::MINUTE) as f64 / 1e6
        })
    }

    /// Calls per second; null where the sample is unknown.
    pub fn rate(&self, count: u64, is_scaled: bool, source: &str) -> Measure {
        if !is_scaled {
            return Measure::absent("/s", Absence::NotCollected.because("sampled"));
        }
        match self.seconds(source) {
            seconds if seconds > 0.0 => Measure::new(count as f64 / seconds, "/s").of(count),
            _ => Measure::absent("/s", Absence::NoData),
        }
    }
}

fn source_of(fact: &CallFact) -> String {
    if fact.origin.is_empty() { SPANS.to_owned() } else { fact.origin.clone() }
}

fn nothing(fact: &CallFact, source: String) -> PairCalls {
    let durations = || Durations { source: source.clone(), bins: BTreeMap::new() };
    PairCalls {
        calls: 0,
        errors: 0,
        asynchronous: 0,
        is_scaled: true,
        client: durations(),
        server: durations(),
        source,
        others: Vec::new(),
        first: fact.first,
        last: fact.last,
    }
}

fn add(held: &mut PairCalls, fact: CallFact) {
    held.calls = held.calls.saturating_add(fact.calls);
    held.errors = held.errors.saturating_add(fact.errors);
    if fact.is_asynchronous {
        held.asynchronous = held.asynchronous.saturating_add(fact.calls);
    }
    held.is_scaled &= fact.is_scaled;
    held.client.add(fact.client_bins);
    held.server.add(fact.server_bins);
    held.first = held.first.min(fact.first);
    held.last = held.last.max(fact.last);
}

fn chosen(sources: BTreeMap<String, PairCalls>) -> Option<PairCalls> {
    let rank = |one: &PairCalls| {
        let is_counted = one.source != SPANS;
        (is_counted, one.last.0.saturating_sub(one.first.0), one.calls)
    };
    let names: BTreeSet<String> = sources.keys().cloned().collect();
    let mut ranked: Vec<PairCalls> = sources.into_values().collect();
    ranked.sort_by(|a, b| rank(b).cmp(&rank(a)).then_with(|| a.source.cmp(&b.source)));
    let durations = |side: fn(&PairCalls) -> &Durations| {
        let found = ranked.iter().map(side).find(|one| !one.bins.is_empty());
        found.cloned().unwrap_or_default()
    };
    let (client, server) = (durations(|one| &one.client), durations(|one| &one.server));
    let best = ranked.into_iter().next()?;
    let others = names.into_iter().filter(|name| *name != best.source).collect();
    Some(PairCalls { client, server, others, ..best })
}

impl PairCalls {
    /// Whether every call went through a message.
    pub fn is_asynchronous(&self) -> bool {
        self.calls > 0 && self.asynchronous == self.calls
    }

    /// Failed of all.
    pub fn error_ratio(&self) -> Measure {
        ratio(self.errors, self.calls)
    }

    /// The caller's time less the callee's, between the medians' means: what the way between them takes.
    pub fn network(&self) -> Measure {
        match (self.client.mean(), self.server.mean()) {
            (Some(client), Some(server)) => Measure::new((client - server).max(0.0), "s"),
            _ => Measure::absent("s", Absence::NotCollected),
        }
    }
}

/// One count of another, 0 to 1.
pub fn ratio(part: u64, whole: u64) -> Measure {
    if whole == 0 {
        return Measure::absent("1", Absence::NoData);
    }
    Measure::new(part.min(whole) as f64 / whole as f64, "1").of(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(origin: &str, calls: u64, minutes: i64) -> CallFact {
        CallFact {
            client: EntityId(1),
            server: EntityId(2),
            is_asynchronous: false,
            is_scaled: !origin.is_empty(),
            origin: origin.to_owned(),
            calls,
            errors: 1,
            client_bins: vec![(Bin::of(0.2), calls)],
            server_bins: if origin.is_empty() { vec![(Bin::of(0.1), calls)] } else { vec![] },
            first: Micros(0),
            last: Micros(minutes * Micros::MINUTE),
        }
    }

    fn ends() -> HashMap<EntityId, u32> {
        HashMap::from([(EntityId(1), 0), (EntityId(2), 1)])
    }

    /// A tool that counted every call answers before sampled spans, and spans give what it has not.
    #[test]
    fn one_source_answers_and_the_others_are_named() {
        let facts = vec![fact("", 1_000, 60), fact("graph", 120, 1)];
        let calls = Calls::new(facts, &ends());
        let pair = &calls.pairs[&(0, 1)];
        assert_eq!((pair.calls, pair.source.as_str()), (120, "graph"));
        assert_eq!(pair.others, [SPANS]);
        assert_eq!((pair.client.source.as_str(), pair.server.source.as_str()), ("graph", SPANS));
        assert_eq!(calls.rate(pair.calls, pair.is_scaled, &pair.source).value, Some(1.0));
        assert!((pair.network().value.unwrap() - 0.1).abs() < 0.003);
    }

    #[test]
    fn sampled_calls_are_ratios_only() {
        let calls = Calls::new(vec![fact("", 10, 0)], &ends());
        let pair = &calls.pairs[&(0, 1)];
        assert_eq!(pair.error_ratio().value, Some(0.1));
        let rate = calls.rate(pair.calls, pair.is_scaled, &pair.source);
        assert_eq!((rate.value, rate.detail.as_deref()), (None, Some("sampled")));
    }

    #[test]
    fn calls_of_what_the_estate_does_not_hold_are_counted_apart() {
        let calls = Calls::new(vec![fact("", 10, 0)], &HashMap::from([(EntityId(1), 0)]));
        assert_eq!((calls.pairs.len(), calls.unplaced), (0, 10));
    }
}
