//! What a series means for the search of a cause: by its signal where the table of signals knows it, else
//! by the words of its name. Nothing here knows an application.

use model::entity::Labels;
use model::series::SeriesType;

use super::facts::SeriesRole;

/// How a series is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    /// Role.
    pub role: SeriesRole,
    /// `mean`, a quantile, or empty.
    pub statistic: String,
    /// Whether a level between 0 and 1 is meant.
    pub is_ratio: bool,
}

/// Labels that name caller and callee of a call.
pub(super) const CALL_LABELS: [(&str, &str); 4] = [
    ("client", "server"),
    ("source_workload", "destination_workload"),
    ("source", "destination"),
    ("caller", "callee"),
];

/// Names of caller and callee, when a series is of a call.
pub(super) fn call_of(labels: &Labels) -> Option<(&str, &str)> {
    let label = |name: &str| {
        let known = |text: &&str| !matches!(*text, "" | "unknown" | "-" | "user");
        labels.get(name).map(|text| text.trim()).filter(known)
    };
    CALL_LABELS.iter().find_map(|(from, to)| Some((label(from)?, label(to)?)))
}

/// The words of a metric's name: split where letters end and where a capital begins.
fn words(metric: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut is_lower = false;
    for c in metric.chars() {
        let breaks = c.is_ascii_uppercase() && is_lower;
        is_lower = c.is_ascii_lowercase();
        if breaks || !c.is_ascii_alphanumeric() {
            all.push(String::new());
        }
        if let Some(last) = all.last_mut().filter(|_| c.is_ascii_alphanumeric()) {
            last.push(c.to_ascii_lowercase());
        }
    }
    all.retain(|word| !word.is_empty());
    all
}

const LATENCY: &[&str] = &["latency", "duration", "durations", "responsetime", "elapsed", "rtt"];
const ERRORS: &[&str] = &[
    "error",
    "errors",
    "err",
    "errs",
    "fail",
    "failed",
    "failure",
    "failures",
    "fault",
    "faults",
    "exception",
    "exceptions",
    "5xx",
    "4xx",
    "timeout",
    "timeouts",
    "aborted",
    "rejected",
];
const SUCCESS: &[&str] = &["success", "succeeded", "availability", "available"];
const RATE: &[&str] = &["request", "requests", "rps", "qps", "throughput", "calls", "invocations"];
/// Units that make a quantile, a call's figure or a request's one of time.
const TIME: &[&str] = &["seconds", "milliseconds", "millis", "ms", "microseconds"];
/// Words that make a duration one of the machine, not of requests.
const MACHINE: &[&str] = &[
    "cpu",
    "gc",
    "memory",
    "disk",
    "io",
    "network",
    "throttled",
    "node",
    "fs",
    "scrape",
    "thread",
    "threads",
    "container",
    "system",
];

/// How a series is read; `None` when it is not: buckets of histograms, and callers' durations as a
/// whole, which calls show better.
pub(super) fn reading(
    metric: &str,
    signal: Option<&str>,
    unit: &str,
    labels: &Labels,
    series_type: SeriesType,
) -> Option<Reading> {
    if series_type == SeriesType::Bucket {
        return None;
    }
    let words = words(metric);
    let has = |set: &[&str]| words.iter().any(|word| set.contains(&word.as_str()));
    let is_call = call_of(labels).is_some();
    let statistic = statistic(&words, labels);
    let is_share = has(&["ratio", "share", "percent", "percentage", "utilization"])
        || matches!(unit, "1" | "%" | "Percent" | "ratio");
    let role = match signal {
        Some("latency_seconds" | "read_latency_seconds" | "write_latency_seconds") => {
            SeriesRole::Latency
        }
        Some("error_count" | "error_ratio" | "network_error_count") => SeriesRole::Errors,
        Some("up_ratio" | "ready_ratio") => SeriesRole::Success,
        Some("request_count" | "request_rate") => SeriesRole::Rate,
        Some(_) => SeriesRole::Resource,
        None => of_words(&words, is_share, is_call || labels.contains_key("quantile")),
    };
    let is_counter = matches!(series_type, SeriesType::Counter | SeriesType::Delta);
    let is_ratio = is_share && !is_counter || role == SeriesRole::Success;
    let role = match role {
        // A count of what went well is a rate.
        SeriesRole::Success if is_counter => SeriesRole::Rate,
        SeriesRole::Latency if has(&["client", "caller", "source", "outbound", "upstream"]) => {
            if !is_call {
                return None;
            }
            SeriesRole::CallerLatency
        }
        SeriesRole::Latency if is_call && !has(&["server", "callee", "destination"]) => {
            SeriesRole::CallerLatency
        }
        role => role,
    };
    let is_of_call = matches!(
        role,
        SeriesRole::Latency
            | SeriesRole::CallerLatency
            | SeriesRole::Errors
            | SeriesRole::Success
            | SeriesRole::Rate
    );
    (!is_call || is_of_call).then_some(Reading {
        role,
        statistic,
        is_ratio: is_ratio && !is_counter,
    })
}

fn of_words(words: &[String], is_share: bool, is_of_requests: bool) -> SeriesRole {
    let has = |set: &[&str]| words.iter().any(|word| set.contains(&word.as_str()));
    let is_pair = |a: &str, b: &str| words.windows(2).any(|two| two[0] == a && two[1] == b);
    let is_latency = has(LATENCY)
        || is_pair("response", "time")
        || is_pair("request", "time")
        || is_pair("processing", "time");
    let is_latency = is_latency || has(TIME) && (is_of_requests || has(RATE));
    let is_machine = has(MACHINE);
    if is_latency && !is_machine {
        SeriesRole::Latency
    } else if has(ERRORS) {
        SeriesRole::Errors
    } else if has(SUCCESS) && (is_share || has(&["availability", "success"])) && !is_machine {
        SeriesRole::Success
    } else if has(RATE) && !is_machine && !has(&["bytes", "restart", "restarts"]) {
        SeriesRole::Rate
    } else {
        SeriesRole::Resource
    }
}

/// Whether values are a mean, or which quantile.
fn statistic(words: &[String], labels: &Labels) -> String {
    if let Some(quantile) = labels.get("quantile") {
        return quantile.clone();
    }
    let named = labels.get("statistic").or_else(|| labels.get("stat")).map(String::as_str);
    let last = words.last().map_or("", String::as_str);
    match named.unwrap_or(last).to_ascii_lowercase().as_str() {
        "average" | "avg" | "mean" => "mean".to_owned(),
        other if is_quantile(other) => other.to_owned(),
        _ => String::new(),
    }
}

/// `p99`, `p95`, `p99.9`.
fn is_quantile(word: &str) -> bool {
    word.strip_prefix('p').is_some_and(|rest| rest.parse::<f64>().is_ok_and(|n| n <= 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(metric: &str, all: &[(&str, &str)], series_type: SeriesType) -> Option<SeriesRole> {
        let labels =
            all.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect::<Labels>();
        reading(metric, None, "", &labels, series_type).map(|one| one.role)
    }

    #[test]
    fn names_that_no_table_knows_are_read_by_their_words() {
        use SeriesRole as R;
        let gauge = |metric: &str| role(metric, &[], SeriesType::Gauge);
        assert_eq!(gauge("checkout_response_time_ms"), Some(R::Latency));
        assert_eq!(gauge("TargetResponseTime"), Some(R::Latency));
        assert_eq!(gauge("go_gc_duration_seconds"), Some(R::Resource));
        assert_eq!(gauge("availability"), Some(R::Success));
        assert_eq!(gauge("app_requests_per_second"), Some(R::Rate));
        assert_eq!(gauge("HTTPCode_Target_5XX_Count"), Some(R::Errors));
        assert_eq!(gauge("jvm_heap_used_bytes"), Some(R::Resource));
        assert_eq!(gauge("rpc_client_duration_seconds"), None);
    }

    #[test]
    fn calls_have_two_sides_and_buckets_are_left_to_their_means() {
        use SeriesRole as R;
        let ends = [("client", "a"), ("server", "b"), ("quantile", "0.5")];
        let quantile = SeriesType::Quantile;
        let of = |metric: &str| role(metric, &ends, quantile);
        assert_eq!(of("traces_service_graph_request_client_seconds"), Some(R::CallerLatency));
        assert_eq!(of("traces_service_graph_request_server_seconds"), Some(R::Latency));
        assert_eq!(of("call_duration_client_seconds"), Some(R::CallerLatency));
        assert_eq!(of("call_duration_server_seconds"), Some(R::Latency));
        assert_eq!(of("call_duration_seconds"), Some(R::CallerLatency));
        assert_eq!(role("x_seconds_bucket", &ends, SeriesType::Bucket), None);
    }
}
