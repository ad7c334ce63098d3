//! Reading the signals of one entity: which source answers, and how several series make one figure.

use std::collections::{BTreeMap, BTreeSet};

use model::entity::Labels;
use model::fact::SignalFact;
use model::series::SeriesType;
use model::time::Micros;

/// The signals of one entity.
#[derive(Debug, Clone, Default)]
pub(super) struct Signals<'a> {
    facts: BTreeMap<&'a str, Vec<&'a SignalFact>>,
}

/// The series that answer for one signal.
#[derive(Debug, Clone)]
pub(super) struct Chosen<'a> {
    /// Series of one source and metric with values in the window; never empty.
    pub series: Vec<&'a SignalFact>,
    /// Other sources of the same signal, in order; they are named and never added.
    pub others: Vec<String>,
}

/// How the series of one signal make one figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Combine {
    /// Parts of a whole: containers, disks, interfaces.
    Sum,
    /// The scarcest decides.
    Max,
    /// The least decides.
    Min,
    /// Equal parts: cores.
    Mean,
}

/// What of a series is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// The mean over the window.
    Mean,
    /// The latest value.
    Last,
}

impl<'a> Signals<'a> {
    /// Takes a series in.
    pub fn add(&mut self, fact: &'a SignalFact) {
        self.facts.entry(&fact.signal).or_default().push(fact);
    }

    /// Newest value of any signal, also before the window.
    pub fn newest(&self) -> Option<Micros> {
        self.facts.values().flatten().map(|fact| fact.newest).max()
    }

    /// Whether any value lies in the window.
    pub fn has_values(&self) -> bool {
        self.facts.values().flatten().any(|fact| fact.count > 0)
    }

    /// The series that answer for a signal, of those that `accepts` lets through: of several sources
    /// or metrics the most complete, then the finest, then the first by name.
    pub fn choose(
        &self,
        signal: &str,
        accepts: impl Fn(&SignalFact) -> bool,
    ) -> Option<Chosen<'a>> {
        let mut rivals: BTreeMap<(&str, &str), Vec<&'a SignalFact>> = BTreeMap::new();
        for fact in self.facts.get(signal).into_iter().flatten().copied() {
            if fact.count > 0 && accepts(fact) {
                rivals.entry((&fact.source, &fact.metric)).or_default().push(fact);
            }
        }
        let rank = |series: &[&SignalFact]| {
            let covered = |fact: &&SignalFact| fact.last.0.0.saturating_sub(fact.first.0.0);
            let finest = series.iter().map(|fact| fact.count).max();
            (series.iter().map(covered).max(), finest)
        };
        let best = rivals
            .iter()
            .max_by(|(name_a, a), (name_b, b)| rank(a).cmp(&rank(b)).then(name_b.cmp(name_a)))
            .map(|(name, _)| *name)?;
        let others: BTreeSet<String> = rivals
            .keys()
            .map(|name| name.0)
            .filter(|name| *name != best.0)
            .map(str::to_owned)
            .collect();
        let series = without_totals(rivals.remove(&best)?);
        Some(Chosen { series, others: others.into_iter().collect() })
    }

    /// The same for levels: gauges and counters read as they are.
    pub fn level(&self, signal: &str) -> Option<Chosen<'a>> {
        self.choose(signal, |fact| {
            !matches!(fact.series_type, SeriesType::Bucket | SeriesType::Quantile)
        })
    }
}

/// Some exporters send a whole beside its parts (a pod beside its containers, all cores beside each);
/// where there are parts, the whole is left out.
fn without_totals(series: Vec<&SignalFact>) -> Vec<&SignalFact> {
    let is_part = |fact: &SignalFact, label: &str, whole: &[&str]| {
        fact.labels.get(label).is_some_and(|value| !whole.contains(&value.as_str()))
    };
    let mut kept = series;
    for (label, whole) in [("container", &["", "POD"][..]), ("k8s.container.name", &[""][..])] {
        if kept.iter().any(|fact| is_part(fact, label, whole)) {
            kept.retain(|fact| is_part(fact, label, whole));
        }
    }
    let is_total = |fact: &SignalFact| fact.labels.get("cpu").is_some_and(|cpu| cpu == "total");
    if kept.iter().any(|fact| is_total(fact)) {
        kept.retain(|fact| is_total(fact));
    }
    kept
}

impl Chosen<'_> {
    /// One level from all series.
    pub fn level(&self, reading: Reading, combine: Combine) -> f64 {
        let values: Vec<f64> = self.series.iter().map(|fact| read(fact, reading)).collect();
        combined(&values, combine)
    }

    /// Rise per second, of all series that have at least two values; `None` when none has.
    pub fn rate(&self) -> Option<f64> {
        let rates: Vec<f64> = self.series.iter().filter_map(|fact| rate(fact)).collect();
        (!rates.is_empty()).then(|| rates.iter().sum())
    }

    /// The greatest rise per second of one series.
    pub fn greatest_rate(&self) -> Option<f64> {
        self.series.iter().filter_map(|fact| rate(fact)).reduce(f64::max)
    }

    /// Rise over the window.
    pub fn increase(&self) -> f64 {
        self.series.iter().map(|fact| increase(fact)).sum()
    }

    /// Instant of the newest value in the window.
    pub fn newest(&self) -> Option<Micros> {
        self.series.iter().map(|fact| fact.last.0).max()
    }

    /// The metric's own name.
    pub fn metric(&self) -> String {
        self.series.first().map(|fact| fact.metric.clone()).unwrap_or_default()
    }

    /// The source.
    pub fn source(&self) -> Option<String> {
        self.series.first().map(|fact| fact.source.clone())
    }
}

fn read(fact: &SignalFact, reading: Reading) -> f64 {
    match reading {
        Reading::Last => fact.last.1,
        Reading::Mean => fact.sum / fact.count.max(1) as f64,
    }
}

fn combined(values: &[f64], combine: Combine) -> f64 {
    match combine {
        Combine::Sum => values.iter().sum(),
        Combine::Max => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        Combine::Min => values.iter().copied().fold(f64::INFINITY, f64::min),
        Combine::Mean => values.iter().sum::<f64>() / values.len().max(1) as f64,
    }
}

/// How much a series rose, or what its periods add up to.
pub(super) fn increase(fact: &SignalFact) -> f64 {
    if fact.series_type == SeriesType::Delta { fact.sum } else { fact.increase }
}

/// Rise per second over the time that the values cover. A value of a delta series covers the period
/// before it, so n values cover n periods.
pub(super) fn rate(fact: &SignalFact) -> Option<f64> {
    let between = fact.last.0.0.saturating_sub(fact.first.0.0) as f64 / 1e6;
    if between <= 0.0 || fact.count < 2 {
        return None;
    }
    let covered = if fact.series_type == SeriesType::Delta {
        between * fact.count as f64 / (fact.count - 1) as f64
    } else {
        between
    };
    Some(increase(fact) / covered)
}

/// Used of allowed. Where both sides name containers, the container that is nearest to its own limit
/// decides; otherwise the sums are compared.
pub(super) fn used_of_limit(used: &Chosen<'_>, limit: &Chosen<'_>, is_rate: bool) -> Option<f64> {
    let container = |fact: &&SignalFact| {
        let label = fact.labels.get("container").or(fact.labels.get("k8s.container.name"));
        label.filter(|name| !name.is_empty()).cloned()
    };
    let value = |fact: &SignalFact| if is_rate { rate(fact) } else { Some(fact.last.1) };
    let has_names =
        |chosen: &Chosen<'_>| chosen.series.iter().all(|fact| container(fact).is_some());
    let ratio = |used: f64, limit: f64| (limit > 0.0).then(|| used / limit);
    if !has_names(used) || !has_names(limit) {
        let total = if is_rate { used.rate()? } else { used.level(Reading::Last, Combine::Sum) };
        return ratio(total, limit.level(Reading::Last, Combine::Sum));
    }
    let mut sums: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for fact in &used.series {
        let name = container(fact)?;
        sums.entry(name).or_default().0 += value(fact).unwrap_or(0.0);
    }
    for fact in &limit.series {
        let name = container(fact)?;
        if let Some(sum) = sums.get_mut(&name) {
            sum.1 += fact.last.1;
        }
    }
    sums.values().filter_map(|(used, limit)| ratio(*used, *limit)).reduce(f64::max)
}

/// The fullest disk, from free space and size with equal labels.
pub(super) fn fullest(free: &Chosen<'_>, size: &Chosen<'_>) -> Option<f64> {
    let size_of = |labels: &Labels| match size.series.as_slice() {
        [one] if free.series.len() == 1 => Some(one.last.1),
        many => many.iter().find(|fact| fact.labels == *labels).map(|fact| fact.last.1),
    };
    let full = |fact: &&SignalFact| {
        let size = size_of(&fact.labels).filter(|size| *size > 0.0)?;
        Some(1.0 - fact.last.1 / size)
    };
    free.series.iter().filter_map(full).reduce(f64::max)
}
