//! Value per request of entry points: the value of the narrowest of entry, application and product that
//! has the metric, over the requests of that one's entry points in the same days. Pure.

use std::collections::{BTreeMap, BTreeSet};

use model::absence::Absence;
use model::entity::EntityId;
use model::fact::SeriesFact;
use model::kind::EntityKind;
use model::measure::Measure;
use model::money::Amount;
use model::series::SeriesType;
use model::time::{Micros, Window};

use super::added_up::Value;
use super::period::{Span, day_of, spans, start_of};
use super::shape::ValuePerRequest;
use crate::estate::Estate;
use crate::exact::scaled;
use crate::value::products_of;

/// Requests by day, of whole days only.
pub(super) type Requests = BTreeMap<i64, f64>;

/// Requests of each entity: of its own counter, else of the count of its durations. Of several sources and
/// metrics the one with the most days answers, then the first by name. The first and the last day of a
/// series are seldom whole and are left out.
pub(super) fn requests_of(facts: &[SeriesFact]) -> BTreeMap<EntityId, Requests> {
    let mut by_entity: BTreeMap<EntityId, Vec<&SeriesFact>> = BTreeMap::new();
    for fact in facts {
        by_entity.entry(fact.entity).or_default().push(fact);
    }
    let counted = by_entity.into_iter().map(|(entity, facts)| (entity, counted(&facts)));
    counted.filter(|(_, requests)| !requests.is_empty()).collect()
}

fn counted(facts: &[&SeriesFact]) -> Requests {
    let is_count = |fact: &SeriesFact| {
        let is_total = !matches!(fact.series_type, SeriesType::Gauge | SeriesType::Quantile);
        is_total && !fact.labels.contains_key("le")
    };
    let rivals = |signal: &str, end: &str| {
        let mut rivals: BTreeMap<(&str, &str), Vec<&SeriesFact>> = BTreeMap::new();
        for fact in facts.iter().copied() {
            // Failed requests of one metric are apart from the others and count, too.
            let is_failed = signal == "request_count" && is_signal(fact, "error_count");
            if (is_signal(fact, signal) || is_failed)
                && is_count(fact)
                && fact.metric.ends_with(end)
            {
                rivals.entry((&fact.source, &fact.metric)).or_default().push(fact);
            }
        }
        rivals.retain(|_, facts| facts.iter().any(|fact| is_signal(fact, signal)));
        rivals
    };
    let best = |rivals: BTreeMap<(&str, &str), Vec<&SeriesFact>>| {
        let days = rivals.into_values().map(|facts| daily(&facts));
        days.reduce(|best, one| if one.len() > best.len() { one } else { best })
    };
    let own = best(rivals("request_count", "")).filter(|days| !days.is_empty());
    own.or_else(|| best(rivals("latency_seconds", "_count"))).unwrap_or_default()
}

fn is_signal(fact: &SeriesFact, signal: &str) -> bool {
    fact.signal.as_deref() == Some(signal)
}

fn daily(facts: &[&SeriesFact]) -> Requests {
    let mut days = Requests::new();
    for fact in facts {
        for bucket in &fact.buckets {
            let is_delta = fact.series_type == SeriesType::Delta;
            let count = if is_delta { bucket.sum } else { bucket.increase };
            *days.entry(day_of(bucket.at)).or_default() += count.max(0.0);
        }
    }
    days.pop_first();
    days.pop_last();
    days
}

/// What is known of entry points.
pub(super) struct Entries<'a> {
    pub estate: &'a Estate,
    /// Ordinals of their services, in order.
    pub services: &'a [u32],
    /// Requests by service.
    pub requests: &'a BTreeMap<EntityId, Requests>,
    /// Part of a service's requests that comes from outside, where it is not all.
    pub outside: &'a BTreeMap<u32, f64>,
    /// Days asked about.
    pub days: (i64, i64),
}

impl Entries<'_> {
    /// Value per request of each entry point and metric.
    pub fn per_request<'v>(
        &self,
        values: &'v BTreeMap<u32, BTreeMap<(String, Option<String>), Value>>,
    ) -> Vec<ValuePerRequest> {
        let mut all = Vec::new();
        for service in self.services {
            let chain = self.chain(*service);
            let keys: BTreeSet<&'v (String, Option<String>)> =
                chain.iter().filter_map(|one| values.get(one)).flat_map(BTreeMap::keys).collect();
            for key in keys {
                let found = chain.iter().find_map(|one| Some((*one, values.get(one)?.get(key)?)));
                if let Some((of, value)) = found {
                    all.push(self.one(*service, of, value));
                }
            }
        }
        all
    }

    /// The entry point, its applications, their products: the narrowest first.
    fn chain(&self, service: u32) -> Vec<u32> {
        let applications = crate::value::applications_of(self.estate, service);
        let products = applications.iter().flat_map(|one| products_of(self.estate, *one));
        let mut chain = vec![service];
        chain.extend(&applications);
        chain.extend(products.map(|one| one.product));
        chain
    }

    /// The entry points of an entry, an application or a product.
    fn entries_of(&self, of: u32) -> Vec<u32> {
        let mine = |service: &u32| self.chain(*service).contains(&of);
        self.services.iter().copied().filter(mine).collect()
    }

    fn one(&self, service: u32, of: u32, value: &Value) -> ValuePerRequest {
        let entries = self.entries_of(of);
        let known: Vec<(&Requests, f64)> = entries
            .iter()
            .filter_map(|entry| {
                let requests = self.requests.get(&self.estate.entity(*entry).entity)?;
                Some((requests, self.outside.get(entry).copied().unwrap_or(1.0)))
            })
            .collect();
        let is_counted = |span: &Span| {
            known.iter().all(|(days, _)| (span.from..span.to).all(|day| days.contains_key(&day)))
        };
        let has_all = known.len() == entries.len();
        let mut kept = spans(&value.series, self.days);
        kept.retain(|span| has_all && is_counted(span));
        let requests: f64 = kept
            .iter()
            .flat_map(|span| span.from..span.to)
            .map(|day| {
                let of_day =
                    known.iter().map(|(days, share)| days.get(&day).map_or(0.0, |n| n * share));
                of_day.sum::<f64>()
            })
            .sum();
        let sum = kept.iter().try_fold(Amount::ZERO, |sum, one| sum.checked_add(one.value));
        let sum = sum.filter(|_| !kept.is_empty());
        let count = Amount((requests.round() as i128).saturating_mul(Amount::ONE));
        let per_request =
            sum.filter(|_| count.0 > 0).and_then(|sum| scaled(sum, Amount(Amount::ONE), count));
        let reason = match (per_request, has_all, kept.is_empty()) {
            (Some(_), ..) => None,
            (None, false, _) => Some(Absence::NotCollected),
            (None, true, true) => Some(Absence::NoData),
            (None, true, false) => Some(Absence::NotApplicable),
        };
        let entity = self.estate.entity(service);
        let of = self.estate.entity(of);
        let id = |one: &u32| self.estate.entity(*one).id.clone();
        let is_uncounted =
            |one: &&u32| !self.requests.contains_key(&self.estate.entity(**one).entity);
        ValuePerRequest {
            entry: entity.id.clone(),
            name: entity.name.clone(),
            metric: value.series.metric.clone(),
            currency: value.series.currency.clone(),
            of: of.id.clone(),
            of_kind: of.kind,
            entries: entries.iter().map(id).collect(),
            uncounted: entries.iter().filter(is_uncounted).map(id).collect(),
            window: window_of(&kept),
            days: kept.iter().map(Span::days).sum(),
            value: sum,
            requests: match kept.is_empty() {
                true => Measure::absent("count", reason.unwrap_or(Absence::NoData)),
                false => Measure::new(requests.round(), "count"),
            },
            per_request,
            reason,
        }
    }
}

fn window_of(spans: &[Span]) -> Option<Window> {
    let (first, last) = (spans.first()?, spans.last()?);
    let at = |day: i64| -> Micros { start_of(day) };
    Some(Window { from: at(first.from).timestamp(), to: at(last.to).timestamp() })
}

/// Whether a kind can be an entry point.
pub(super) fn is_entry_kind(kind: EntityKind) -> bool {
    matches!(kind, EntityKind::Service | EntityKind::Function)
}

#[cfg(test)]
mod tests;
