//! The checks of one entity, from its signals.

use std::collections::BTreeSet;

use model::absence::Absence;
use model::fact::SignalFact;
use model::measure::Measure;
use model::series::SeriesType;

use super::latency::{classic, of_bins, of_classic, reported};
use super::read::{Chosen, Combine, Reading, Signals, fullest, increase, used_of_limit};
use super::shape::{CheckResult, Status};
use super::threshold::{self as limit, Threshold, shown};

/// Requests below which a share of errors says nothing.
const REQUESTS_MIN: f64 = 20.0;

/// Every check that the signals allow; `cores` is what the inventory says there is.
pub(super) fn checks_of(signals: &Signals<'_>, cores: Option<f64>) -> Vec<CheckResult> {
    let mut checks = Vec::new();
    readiness(signals, &mut checks);
    checks.extend(errors(signals));
    checks.extend(cpu(signals, cores));
    checks.extend(memory(signals));
    disk(signals, &mut checks);
    network(signals, &mut checks);
    saturation(signals, &mut checks);
    latency(signals, &mut checks);
    checks.extend(traffic(signals));
    checks
}

/// A result that is judged against its limit.
fn judged(threshold: Threshold, value: f64, from: &[(&str, &Chosen<'_>)]) -> CheckResult {
    let measure = Measure::measured(value, threshold.unit);
    let (status, passed) = match measure.value {
        Some(value) => threshold.judge(value),
        None => (None, None),
    };
    let figure = format!("{} {}", threshold.title, shown(value, threshold.unit));
    let reason = match passed {
        Some(limit) => format!("{figure}, limit {}", shown(limit, threshold.unit)),
        None => figure,
    };
    with(threshold, measure, (status, reason, passed), from)
}

fn with(
    threshold: Threshold,
    value: Measure,
    (status, reason, limit): (Option<Status>, String, Option<f64>),
    from: &[(&str, &Chosen<'_>)],
) -> CheckResult {
    let metrics: BTreeSet<String> = from.iter().map(|(_, chosen)| chosen.metric()).collect();
    let others: BTreeSet<String> =
        from.iter().flat_map(|(_, chosen)| chosen.others.iter().cloned()).collect();
    CheckResult {
        check: threshold.check,
        title: threshold.title.to_owned(),
        status,
        reason,
        value,
        limit,
        signals: from.iter().map(|(signal, _)| (*signal).to_owned()).collect(),
        metrics: metrics.into_iter().collect(),
        source: from.first().and_then(|(_, chosen)| chosen.source()),
        other_sources: others.into_iter().collect(),
        newest: from.iter().filter_map(|(_, chosen)| chosen.newest()).max(),
        reported: Vec::new(),
        bound: None,
    }
}

fn readiness(signals: &Signals<'_>, checks: &mut Vec<CheckResult>) {
    if let Some(up) = signals.level("up_ratio") {
        let value = up.level(Reading::Last, Combine::Min);
        let check = judged(limit::UP, value, &[("up_ratio", &up)]);
        let words = if value < 1.0 { "does not answer" } else { "answers" };
        checks.push(CheckResult { reason: words.to_owned(), ..check });
    }
    // kube-state-metrics sends one series for each answer to the question whether it is ready.
    let says_yes = |fact: &SignalFact| {
        let condition = fact.labels.get("condition").map(String::as_str);
        !matches!(condition, Some("false" | "unknown"))
    };
    if let Some(ready) = signals.choose("ready_ratio", says_yes) {
        let value = ready.level(Reading::Last, Combine::Min);
        let check = judged(limit::READY, value, &[("ready_ratio", &ready)]);
        let words = if value < 1.0 { "not ready" } else { "ready" };
        checks.push(CheckResult { reason: words.to_owned(), ..check });
    }
    if let Some(restarts) = signals.level("restart_count") {
        checks.push(judged(limit::RESTARTS, restarts.increase(), &[("restart_count", &restarts)]));
    }
}

/// Whether labels say that what is counted failed, for the ways in which exporters say it. `None`
/// when they say nothing about it.
fn says_error(fact: &SignalFact) -> Option<bool> {
    let http = ["http.response.status_code", "http_response_status_code", "http.status_code"];
    let more = ["http_status_code", "status_code", "code", "status"];
    let rpc = ["grpc_code", "grpc.status_code", "rpc.grpc.status_code", "rpc_grpc_status_code"];
    let named = ["unknown", "internal", "unavailable", "dataloss", "deadlineexceeded"];
    let numbered = ["2", "4", "13", "14", "15"];
    let label = |name: &&str| fact.labels.get(*name).filter(|value| !value.is_empty());
    if let Some(code) = rpc.iter().find_map(&label) {
        let plain = code.to_ascii_lowercase().replace('_', "");
        return Some(named.contains(&plain.as_str()) || numbered.contains(&code.as_str()));
    }
    if ["error.type", "error_type"].iter().any(|name| label(name).is_some()) {
        return Some(true);
    }
    let code = http.iter().chain(&more).find_map(label)?;
    let is_class = code.len() == 3 && code.as_bytes().first().is_some_and(u8::is_ascii_digit);
    is_class.then(|| code.starts_with('5'))
}

/// Counted requests: their own counter, or the count of a histogram of durations.
fn requests<'a>(signals: &Signals<'a>) -> Option<(&'static str, Chosen<'a>)> {
    let is_count = |fact: &SignalFact| {
        fact.series_type != SeriesType::Quantile
            && fact.series_type != SeriesType::Gauge
            && !fact.labels.contains_key("le")
    };
    let own = signals.choose("request_count", is_count);
    let of_durations = || {
        signals.choose("latency_seconds", |fact| is_count(fact) && fact.metric.ends_with("_count"))
    };
    own.map(|own| ("request_count", own))
        .or_else(|| of_durations().map(|counted| ("latency_seconds", counted)))
}

fn errors(signals: &Signals<'_>) -> Option<CheckResult> {
    if let Some(ratio) = signals.level("error_ratio") {
        let value = ratio.level(Reading::Mean, Combine::Max);
        return Some(judged(limit::ERRORS, value, &[("error_ratio", &ratio)]));
    }
    let (total, failed, from) = counted_errors(signals)?;
    let from: Vec<(&str, &Chosen<'_>)> =
        from.iter().map(|(signal, chosen)| (*signal, chosen)).collect();
    if total < REQUESTS_MIN {
        let n = total.max(0.0).round();
        let reason = format!("Errors: too few requests, n = {n}");
        let few = Absence::TooLittleData.because(format!("too few, n = {n}"));
        let measure = Measure::absent("1", few).of(n as u64);
        return Some(with(limit::ERRORS, measure, (None, reason, None), &from));
    }
    let mut check = judged(limit::ERRORS, (failed / total).clamp(0.0, 1.0), &from);
    check.value.n = Some(total.round() as u64);
    Some(check)
}

/// Requests and failed requests in the window, and what they come from.
type CountedErrors<'a> = (f64, f64, Vec<(&'static str, Chosen<'a>)>);

fn counted_errors<'a>(signals: &Signals<'a>) -> Option<CountedErrors<'a>> {
    let Some((signal, requests)) = requests(signals) else {
        // Every request failed: labels must say so, since a mere counter of errors has no whole.
        let failed = signals.choose("error_count", |fact| says_error(fact) == Some(true))?;
        return Some((failed.increase(), failed.increase(), vec![("error_count", failed)]));
    };
    let total = requests.increase();
    // Failed and other requests of one metric do not overlap: all requests are their sum.
    let metric = requests.metric();
    if let Some(failed) = signals.choose("error_count", |fact| fact.metric == metric) {
        let rise = failed.increase();
        return Some((total + rise, rise, vec![("error_count", failed), (signal, requests)]));
    }
    if let Some(failed) = signals.level("error_count") {
        return Some((total, failed.increase(), vec![("error_count", failed), (signal, requests)]));
    }
    let said: Vec<(&SignalFact, Option<bool>)> =
        requests.series.iter().map(|fact| (*fact, says_error(fact))).collect();
    // Series without any word of success or failure cannot give a share of errors.
    if said.iter().all(|(_, said)| said.is_none()) {
        return None;
    }
    let failed = said.iter().filter(|(_, said)| *said == Some(true));
    let failed = failed.map(|(fact, _)| increase(fact)).sum();
    Some((total, failed, vec![(signal, requests)]))
}

fn cpu(signals: &Signals<'_>, cores: Option<f64>) -> Option<CheckResult> {
    if let Some(ratio) = signals.level("cpu_utilization_ratio") {
        let is_by_core = ratio.series.iter().any(|fact| fact.labels.contains_key("cpu"));
        let combine = if is_by_core { Combine::Mean } else { Combine::Max };
        let value = ratio.level(Reading::Mean, combine);
        return Some(judged(limit::CPU, value, &[("cpu_utilization_ratio", &ratio)]));
    }
    let seconds = signals.level("cpu_seconds")?;
    if let Some(value) = busy_of_modes(&seconds) {
        return Some(judged(limit::CPU, value, &[("cpu_seconds", &seconds)]));
    }
    let limits = signals.level("cpu_limit_cores");
    if let Some(limits) = &limits
        && let Some(value) = used_of_limit(&seconds, limits, true)
    {
        let from = [("cpu_seconds", &seconds), ("cpu_limit_cores", limits)];
        return Some(judged(limit::CPU_OF_LIMIT, value, &from));
    }
    let used = seconds.rate()?;
    if let Some(cores) = cores.filter(|cores| *cores > 0.0) {
        return Some(judged(limit::CPU, used / cores, &[("cpu_seconds", &seconds)]));
    }
    Some(judged(limit::CPU_CORES, used, &[("cpu_seconds", &seconds)]))
}

/// Where time is counted by mode, what was not idle of all of it.
fn busy_of_modes(seconds: &Chosen<'_>) -> Option<f64> {
    let mode = |fact: &SignalFact| {
        fact.labels
            .get("mode")
            .or(fact.labels.get("state"))
            .or(fact.labels.get("cpu.mode"))
            .cloned()
    };
    let (mut idle, mut total, mut has_idle) = (0.0, 0.0, false);
    for fact in &seconds.series {
        let rise = increase(fact);
        total += rise;
        if matches!(mode(fact).as_deref(), Some("idle" | "iowait")) {
            idle += rise;
            has_idle = true;
        }
    }
    (has_idle && total > 0.0).then(|| 1.0 - idle / total)
}

fn memory(signals: &Signals<'_>) -> Option<CheckResult> {
    if let Some(ratio) = signals.level("memory_utilization_ratio") {
        let value = ratio.level(Reading::Last, Combine::Max);
        return Some(judged(limit::MEMORY, value, &[("memory_utilization_ratio", &ratio)]));
    }
    let used = signals.level("memory_used_bytes");
    let most = signals
        .level("memory_limit_bytes")
        .map(|limit| ("memory_limit_bytes", limit))
        .or_else(|| signals.level("memory_size_bytes").map(|size| ("memory_size_bytes", size)));
    if let (Some(used), Some((name, most))) = (&used, &most)
        && let Some(value) = used_of_limit(used, most, false)
    {
        let from = [("memory_used_bytes", used), (*name, most)];
        return Some(judged(limit::MEMORY, value, &from));
    }
    let free = signals.level("memory_available_bytes");
    let size = signals.level("memory_size_bytes");
    if let (Some(free), Some(size)) = (&free, &size)
        && let Some(value) = fullest(free, size)
    {
        let from = [("memory_available_bytes", free), ("memory_size_bytes", size)];
        return Some(judged(limit::MEMORY, value, &from));
    }
    let used = used?;
    let value = used.level(Reading::Last, Combine::Sum);
    Some(judged(limit::MEMORY_BYTES, value, &[("memory_used_bytes", &used)]))
}

fn disk(signals: &Signals<'_>, checks: &mut Vec<CheckResult>) {
    let free = signals.level("disk_free_bytes");
    let size = signals.level("disk_size_bytes");
    if let Some(ratio) = signals.level("disk_utilization_ratio") {
        let value = ratio.level(Reading::Last, Combine::Max);
        checks.push(judged(limit::DISK, value, &[("disk_utilization_ratio", &ratio)]));
    } else if let (Some(free), Some(size)) = (&free, &size)
        && let Some(value) = fullest(free, size)
    {
        let from = [("disk_free_bytes", free), ("disk_size_bytes", size)];
        checks.push(judged(limit::DISK, value, &from));
    }
    rate_figure(signals, "disk_read_bytes", limit::DISK_READ, checks);
    rate_figure(signals, "disk_write_bytes", limit::DISK_WRITE, checks);
    for (signal, threshold) in [
        ("read_latency_seconds", limit::READ_LATENCY),
        ("write_latency_seconds", limit::WRITE_LATENCY),
    ] {
        if let Some(chosen) = signals.choose(signal, |fact| fact.series_type == SeriesType::Gauge) {
            let value = chosen.level(Reading::Mean, Combine::Max);
            checks.push(judged(threshold, value, &[(signal, &chosen)]));
        }
    }
}

fn rate_figure(
    signals: &Signals<'_>,
    signal: &'static str,
    threshold: Threshold,
    checks: &mut Vec<CheckResult>,
) {
    if let Some(chosen) = signals.level(signal)
        && let Some(rate) = chosen.rate()
    {
        checks.push(judged(threshold, rate, &[(signal, &chosen)]));
    }
}

fn network(signals: &Signals<'_>, checks: &mut Vec<CheckResult>) {
    rate_figure(signals, "network_error_count", limit::NETWORK_ERRORS, checks);
    for (rate, total, threshold) in [
        ("network_receive_bytes_rate", "network_receive_bytes", limit::RECEIVE),
        ("network_transmit_bytes_rate", "network_transmit_bytes", limit::TRANSMIT),
    ] {
        if let Some(chosen) = signals.level(rate) {
            let value = chosen.level(Reading::Mean, Combine::Sum);
            checks.push(judged(threshold, value, &[(rate, &chosen)]));
        } else {
            rate_figure(signals, total, threshold, checks);
        }
    }
}

fn saturation(signals: &Signals<'_>, checks: &mut Vec<CheckResult>) {
    if let Some(ratio) = signals.level("saturation_ratio") {
        let value = ratio.level(Reading::Last, Combine::Max);
        checks.push(judged(limit::SATURATION, value, &[("saturation_ratio", &ratio)]));
    }
    if let (Some(open), Some(most)) =
        (signals.level("connection_count"), signals.level("connection_limit"))
        && let Some(value) = used_of_limit(&open, &most, false)
    {
        let from = [("connection_count", &open), ("connection_limit", &most)];
        checks.push(judged(limit::CONNECTIONS, value, &from));
    }
    for (signal, threshold) in
        [("cpu_throttled_seconds", limit::THROTTLED), ("disk_io_seconds", limit::DISK_BUSY)]
    {
        if let Some(chosen) = signals.level(signal)
            && let Some(value) = chosen.greatest_rate()
        {
            checks.push(judged(threshold, value, &[(signal, &chosen)]));
        }
    }
    if let Some(lag) = signals.level("replica_lag_seconds") {
        let value = lag.level(Reading::Last, Combine::Max);
        checks.push(judged(limit::REPLICA_LAG, value, &[("replica_lag_seconds", &lag)]));
    }
    if let Some(queue) = signals.level("queue_length") {
        let value = queue.level(Reading::Last, Combine::Sum);
        checks.push(judged(limit::QUEUE, value, &[("queue_length", &queue)]));
    }
}

fn traffic(signals: &Signals<'_>) -> Option<CheckResult> {
    if let Some((signal, requests)) = requests(signals)
        && let Some(rate) = requests.rate()
    {
        let metric = requests.metric();
        let failed = signals.choose("error_count", |fact| fact.metric == metric);
        let rate = rate + failed.and_then(|failed| failed.rate()).unwrap_or(0.0);
        return Some(judged(limit::REQUESTS, rate, &[(signal, &requests)]));
    }
    let rate = signals.level("request_rate")?;
    let value = rate.level(Reading::Mean, Combine::Sum);
    Some(judged(limit::REQUESTS, value, &[("request_rate", &rate)]))
}

const QUANTILES: [(f64, Threshold); 3] =
    [(0.5, limit::P50), (0.95, limit::P95), (0.99, limit::P99)];

fn latency(signals: &Signals<'_>, checks: &mut Vec<CheckResult>) {
    let name = "latency_seconds";
    let measured = |(threshold, value, bound): (Threshold, Measure, _), chosen: &Chosen<'_>| {
        let words = match value.value {
            Some(value) => shown(value, threshold.unit),
            None => value.absence_words(),
        };
        let reason = format!("{} {words}", threshold.title);
        let check = with(threshold, value, (None, reason, None), &[(name, chosen)]);
        CheckResult { bound, ..check }
    };
    if let Some(chosen) = signals.choose(name, |fact| !fact.bins.is_empty()) {
        let bins: Vec<_> = chosen.series.iter().flat_map(|fact| fact.bins.clone()).collect();
        let all = QUANTILES.map(|(q, threshold)| (threshold, of_bins(&bins, q), None));
        checks.extend(all.into_iter().map(|one| measured(one, &chosen)));
        return;
    }
    let is_bucket = |fact: &SignalFact| fact.labels.contains_key("le");
    if let Some(chosen) = signals.choose(name, is_bucket) {
        let bounds = classic(&chosen.series);
        let all = QUANTILES.map(|(q, threshold)| {
            let (value, bound) = of_classic(&bounds, q);
            (threshold, value, bound)
        });
        checks.extend(all.into_iter().map(|one| measured(one, &chosen)));
        return;
    }
    let is_reported = |fact: &SignalFact| fact.series_type == SeriesType::Quantile;
    let Some(chosen) = signals.choose(name, is_reported) else { return };
    let quantiles = reported(&chosen.series);
    if quantiles.is_empty() {
        return;
    }
    let words: Vec<String> = quantiles
        .iter()
        .map(|one| format!("p{} {}", one.quantile * 100.0, shown(one.median, "s")))
        .collect();
    let reason = format!("reported {}", words.join(", "));
    let value = Measure::absent("s", Absence::NotApplicable.because("they cannot be merged"));
    let check = with(limit::REPORTED, value, (None, reason, None), &[(name, &chosen)]);
    checks.push(CheckResult { reported: quantiles, ..check });
}
