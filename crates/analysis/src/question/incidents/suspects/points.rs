//! From stored series to series that are judged: levels as they are, counters as rates, sums and counts
//! of histograms and summaries as means, failures as shares of requests where both are counted.

use std::collections::BTreeMap;

use model::fact::{SeriesBucket, SeriesFact};
use model::series::SeriesType;
use model::time::Micros;

use super::facts::{SeriesOwner, SeriesRole, SuspectSeries};
use super::role::{call_of, reading};
use super::roster::Roster;

/// Series as they are judged.
pub(super) fn judged(roster: &mut Roster, facts: Vec<SeriesFact>, step: i64) -> Vec<SuspectSeries> {
    for fact in &facts {
        roster.learn(&fact.labels);
    }
    let mut all = Vec::new();
    let mut parts: BTreeMap<String, [Option<SuspectSeries>; 2]> = BTreeMap::new();
    for fact in facts {
        let Some(owner) = owner(roster, &fact) else { continue };
        if let Some((base, is_count)) = part(&fact) {
            let series = part_series(&fact, owner, &base, step);
            let key = format!("{owner:?} {base} {:?} {}", fact.labels, fact.source);
            // How many there were is a rate of its own.
            if is_count && matches!(owner, SeriesOwner::Subject(_)) {
                let role = counted(&fact);
                let name = fact.metric.clone();
                let unit = "/s".to_owned();
                all.push(SuspectSeries {
                    role,
                    name,
                    unit,
                    statistic: String::new(),
                    ..series.clone()
                });
            }
            parts.entry(key).or_default()[usize::from(is_count)] = Some(series);
            continue;
        }
        let signal = fact.signal.as_deref();
        let read = reading(&fact.metric, signal, &fact.unit, &fact.labels, fact.series_type);
        let Some(read) = read else { continue };
        let points = points(&fact, step);
        let series = SuspectSeries {
            owner,
            role: read.role,
            name: name(&fact),
            statistic: read.statistic,
            unit: fact.unit,
            is_ratio: read.is_ratio,
            points,
            step,
        };
        all.push(ratio_of_percent(series));
    }
    all.extend(parts.into_values().filter_map(|[sum, count]| mean(sum?, &count?)));
    shares(&mut all);
    all.retain(|series| !series.points.is_empty());
    all
}

fn owner(roster: &mut Roster, fact: &SeriesFact) -> Option<SeriesOwner> {
    if let Some((from, to)) = call_of(&fact.labels) {
        let (from, to) = (from.to_owned(), to.to_owned());
        let (from, to) = (roster.of_name(&from)?, roster.of_name(&to)?);
        roster.calls.insert((from, to));
        return Some(SeriesOwner::Call(from, to));
    }
    roster.of_series(fact.entity, &fact.id, &fact.labels).map(SeriesOwner::Subject)
}

/// The metric with the labels that tell series of one subject apart.
fn name(fact: &SeriesFact) -> String {
    let apart = ["container", "device", "mountpoint", "interface", "state", "operation", "method"];
    let known = apart.iter().filter_map(|name| Some((name, fact.labels.get(*name)?)));
    let rest: Vec<String> = known.map(|(name, value)| format!("{name}={value}")).collect();
    if rest.is_empty() {
        fact.metric.clone()
    } else {
        format!("{} {}", fact.metric, rest.join(" "))
    }
}

/// The common name of `_sum` and `_count`, and whether it is the count.
fn part(fact: &SeriesFact) -> Option<(String, bool)> {
    if !matches!(fact.series_type, SeriesType::Bucket | SeriesType::Counter) {
        return None;
    }
    let of = |suffix: &str| fact.metric.strip_suffix(suffix).map(str::to_owned);
    of("_sum").map(|base| (base, false)).or_else(|| of("_count").map(|base| (base, true)))
}

fn part_series(fact: &SeriesFact, owner: SeriesOwner, base: &str, step: i64) -> SuspectSeries {
    let read = reading(base, None, &fact.unit, &fact.labels, SeriesType::Gauge);
    SuspectSeries {
        owner,
        role: read.map_or(SeriesRole::Resource, |read| read.role),
        name: base.to_owned(),
        statistic: "mean".to_owned(),
        unit: fact.unit.clone(),
        is_ratio: false,
        points: rates(&fact.buckets, step),
        step,
    }
}

/// What a count counts: failures by its name, else requests.
fn counted(fact: &SeriesFact) -> SeriesRole {
    let signal = fact.signal.as_deref();
    let read = reading(&fact.metric, signal, "", &fact.labels, SeriesType::Counter);
    match read.map(|read| read.role) {
        Some(SeriesRole::Errors) => SeriesRole::Errors,
        _ => SeriesRole::Rate,
    }
}

/// Sum by count, where something was counted.
fn mean(sum: SuspectSeries, count: &SuspectSeries) -> Option<SuspectSeries> {
    let counts: BTreeMap<Micros, f64> = count.points.iter().copied().collect();
    let points = sum.points.iter().filter_map(|(at, sum)| {
        let count = counts.get(at).filter(|count| **count > 0.0)?;
        Some((*at, sum / count))
    });
    let points: Vec<(Micros, f64)> = points.collect();
    let is_time = matches!(sum.role, SeriesRole::Latency | SeriesRole::CallerLatency);
    (is_time && !points.is_empty()).then_some(SuspectSeries { points, ..sum })
}

/// Rises a second. A rise over a gap came in all of the gap: a rate is a rate however seldom a counter is
/// read.
fn rates(buckets: &[SeriesBucket], step: i64) -> Vec<(Micros, f64)> {
    let mut before: Option<Micros> = None;
    let rate = |one: &SeriesBucket| {
        let apart = before.map_or(step, |before| (one.at.0 - before.0).max(step));
        before = Some(one.at);
        (one.at, one.increase / (apart as f64 / Micros::SECOND as f64))
    };
    buckets.iter().map(rate).collect()
}

fn points(fact: &SeriesFact, step: i64) -> Vec<(Micros, f64)> {
    let value = |one: &SeriesBucket| match fact.series_type {
        SeriesType::Delta => one.sum / (step as f64 / Micros::SECOND as f64),
        _ => one.sum / one.count.max(1) as f64,
    };
    match fact.series_type {
        SeriesType::Counter => rates(&fact.buckets, step),
        _ => fact.buckets.iter().map(|one| (one.at, value(one))).collect(),
    }
}

/// Shares that are given in percent become ratios.
fn ratio_of_percent(mut series: SuspectSeries) -> SuspectSeries {
    let max = series.points.iter().map(|one| one.1).fold(0.0, f64::max);
    if series.is_ratio && max > 1.5 && max <= 100.5 {
        series.points.iter_mut().for_each(|one| one.1 /= 100.0);
        series.unit = "1".to_owned();
    } else if max > 1.5 {
        series.is_ratio = false;
        if series.role == SeriesRole::Success {
            series.role = SeriesRole::Resource;
        }
    }
    series
}

/// Failures per second become the share of requests that failed, where requests of the subject are
/// counted with as many points; of signals the table of which counts them apart.
fn shares(all: &mut [SuspectSeries]) {
    let mut requests: BTreeMap<SeriesOwner, BTreeMap<Micros, f64>> = BTreeMap::new();
    for series in all.iter().filter(|one| one.role == SeriesRole::Rate) {
        let sums = requests.entry(series.owner).or_default();
        for (at, rate) in &series.points {
            let most = sums.entry(*at).or_default();
            *most = most.max(*rate);
        }
    }
    for series in all.iter_mut() {
        if series.role != SeriesRole::Errors || series.is_ratio || series.unit == "1" {
            continue;
        }
        let Some(rates) = requests.get(&series.owner) else { continue };
        let shared = series.points.iter().filter_map(|(at, failures)| {
            let all = rates.get(at)? + failures;
            (all > 0.0).then(|| (*at, failures / all))
        });
        let shared: Vec<(Micros, f64)> = shared.collect();
        if shared.len() * 2 > series.points.len() {
            series.points = shared;
            series.is_ratio = true;
            series.unit = "1".to_owned();
        }
    }
}

#[cfg(test)]
mod tests {
    use model::entity::EntityId;

    use super::*;

    fn fact(metric: &str, series_type: SeriesType, values: &[f64]) -> SeriesFact {
        let bucket = |(place, value): (usize, &f64)| SeriesBucket {
            at: Micros(place as i64 * Micros::MINUTE),
            count: 1,
            sum: *value,
            min: *value,
            max: *value,
            last: *value,
            increase: *value,
        };
        SeriesFact {
            entity: EntityId(1),
            id: "ref://1".to_owned(),
            signal: None,
            metric: metric.to_owned(),
            labels: [("service".to_owned(), "cart".to_owned())].into_iter().collect(),
            series_type,
            unit: String::new(),
            source: "s".to_owned(),
            buckets: values.iter().enumerate().map(bucket).collect(),
        }
    }

    #[test]
    fn sums_and_counts_become_means_and_failures_become_shares() {
        let facts = vec![
            fact("http_request_duration_seconds_sum", SeriesType::Bucket, &[6.0, 30.0]),
            fact("http_request_duration_seconds_count", SeriesType::Bucket, &[60.0, 60.0]),
            fact("http_errors_total", SeriesType::Counter, &[0.0, 20.0]),
        ];
        let mut roster = Roster::default();
        let all = judged(&mut roster, facts, Micros::MINUTE);
        let of = |role: SeriesRole| all.iter().find(|one| one.role == role).expect("one");
        let latency = of(SeriesRole::Latency);
        assert_eq!(latency.statistic, "mean");
        assert!((latency.points[1].1 - 0.5).abs() < 1e-12);
        let errors = of(SeriesRole::Errors);
        assert!(errors.is_ratio && (errors.points[1].1 - 0.25).abs() < 1e-12);
        assert!((of(SeriesRole::Rate).points[0].1 - 1.0).abs() < 1e-12);
    }

    /// A counter that rises by one a second, read every minute and then every ten.
    #[test]
    fn a_rate_is_a_rate_however_seldom_a_counter_is_read() {
        let mut one = fact("bytes_total", SeriesType::Counter, &[60.0, 60.0, 60.0, 600.0, 600.0]);
        one.buckets[3].at = Micros(12 * Micros::MINUTE);
        one.buckets[4].at = Micros(22 * Micros::MINUTE);
        let all = judged(&mut Roster::default(), vec![one], Micros::MINUTE);
        let rates: Vec<f64> = all[0].points.iter().map(|point| point.1).collect();
        assert_eq!(rates, vec![1.0; 5]);
    }

    #[test]
    fn percent_becomes_a_ratio() {
        let facts = vec![fact("availability", SeriesType::Gauge, &[99.5, 100.0])];
        let all = judged(&mut Roster::default(), facts, Micros::MINUTE);
        assert!((all[0].points[0].1 - 0.995).abs() < 1e-12 && all[0].is_ratio);
    }
}
