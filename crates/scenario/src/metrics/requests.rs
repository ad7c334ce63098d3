//! Requests: the server side by the OpenTelemetry conventions, and the calls between services as a
//! service graph.

use std::io;

use super::exposition::{Exposition, Kind, rounded, whole};
use super::times::Times;
use crate::behaviour::{Behaviour, Outcome};
use crate::services::{SERVICES, Service, service};

/// Bucket bounds of server durations in seconds.
const BOUNDS: [f64; 7] = [0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];
/// Bucket bounds of client durations.
const EDGE_BOUNDS: [f64; 4] = [0.025, 0.1, 0.25, 1.0];

/// Services whose whole history is written, whatever the size.
const WATCHED: [&str; 18] = [
    "web-storefront",
    "mobile-bff",
    "search",
    "catalogue",
    "promotions",
    "cart",
    "checkout",
    "orders",
    "payments",
    "payment-gateway",
    "fraud",
    "ledger",
    "inventory",
    "auth",
    "accounts",
    "seller-portal",
    "listings",
    "warehouse",
];
/// The same, in the other production region.
const WATCHED_EU: [&str; 2] = ["web-storefront", "checkout"];

/// The service whose counters start anew with its newest release.
pub const RESET_SERVICE: &str = "orders";

fn times_of<'t>(b: &Behaviour, s: &Service, times: &'t Times, all_long: bool) -> &'t [i64] {
    let watched = match b.env.index {
        0 => WATCHED.contains(&s.name),
        1 => WATCHED_EU.contains(&s.name),
        _ => false,
    };
    if watched || all_long { &times.long } else { &times.short }
}

/// `http_server_request_duration_seconds` of every service with traffic. Failed requests have a
/// histogram of one bucket.
pub fn server(
    out: &mut Exposition<'_>,
    b: &Behaviour,
    times: &Times,
    all_long: bool,
    reset_at: i64,
) -> io::Result<()> {
    let name = "http_server_request_duration_seconds";
    out.family(name, Kind::Histogram, "Duration of HTTP server requests.")?;
    for s in SERVICES.iter().filter(|s| b.has_traffic(s) && !s.is_client()) {
        let counters = b.counters(s, None);
        let reset = (s.name == RESET_SERVICE && b.env.index == 0).then_some(reset_at);
        for (outcome, status, bounds) in
            [(Outcome::Succeeded, 200, &BOUNDS[..]), (Outcome::Failed, 500, &[][..])]
        {
            let labels = format!(
                "service_name=\"{}\",service_namespace=\"{}\",http_response_status_code=\"{status}\"",
                s.name, s.namespace
            );
            let mut buckets: Vec<(String, _)> = bounds
                .iter()
                .map(|le| {
                    let series = format!("{name}_bucket{{{labels},le=\"{le:?}\"}}");
                    (series, counters.bucket(outcome, *le))
                })
                .collect();
            let all = counters.bucket(outcome, f64::INFINITY);
            buckets.push((
                format!("{name}_bucket{{{labels},le=\"+Inf\"}}"),
                counters.bucket(outcome, f64::INFINITY),
            ));
            let seconds = counters.seconds(outcome);
            let sum_series = format!("{name}_sum{{{labels}}}");
            let count_series = format!("{name}_count{{{labels}}}");
            for at in times_of(b, s, times, all_long) {
                let now = counters.at(*at);
                let base = reset.filter(|r| r <= at).map(|r| counters.at(r));
                let read = |q: &crate::behaviour::Quantity| {
                    q.value(now) - base.map_or(0.0, |b| q.value(b))
                };
                for (series, quantity) in &buckets {
                    out.sample(series, whole(read(quantity)), *at)?;
                }
                out.sample(&count_series, whole(read(&all)), *at)?;
                out.sample(&sum_series, rounded(read(&seconds), 3), *at)?;
            }
        }
    }
    Ok(())
}

/// The calls that traffic shows in an environment: caller and callee.
pub fn observed_calls(b: &Behaviour) -> Vec<(&'static Service, &'static Service)> {
    let mut all = Vec::new();
    for caller in SERVICES.iter().filter(|s| b.has_traffic(s)) {
        for call in caller.calls.iter().filter(|c| c.known.is_observed()) {
            if let Some(callee) = service(call.to).filter(|s| b.has_traffic(s)) {
                all.push((caller, callee));
            }
        }
    }
    all
}

fn edge_labels(caller: &Service, callee: &Service) -> String {
    format!(
        "client=\"{}\",server=\"{}\",client_service_namespace=\"{}\",server_service_namespace=\"{}\"",
        caller.name, callee.name, caller.namespace, callee.namespace
    )
}

/// `traces_service_graph_request_total`, `…_failed_total` and `…_client_seconds`.
pub fn service_graph(out: &mut Exposition<'_>, b: &Behaviour, times: &Times) -> io::Result<()> {
    let grid = if b.env.index == 0 { &times.medium } else { &times.short };
    let edges: Vec<_> = observed_calls(b)
        .into_iter()
        .map(|(caller, callee)| {
            (caller, edge_labels(caller, callee), b.counters(callee, Some(caller)))
        })
        .collect();
    let name = "traces_service_graph_request";
    out.family(name, Kind::Counter, "Total count of requests between two services.")?;
    for (_, labels, counters) in &edges {
        let series = format!("{name}_total{{{labels}}}");
        let (good, bad) = (
            counters.bucket(Outcome::Succeeded, f64::INFINITY),
            counters.bucket(Outcome::Failed, f64::INFINITY),
        );
        for at in grid {
            let now = counters.at(*at);
            out.sample(&series, whole(good.value(now) + bad.value(now)), *at)?;
        }
    }
    let name = "traces_service_graph_request_failed";
    out.family(name, Kind::Counter, "Total count of failed requests between two services.")?;
    for (_, labels, counters) in &edges {
        let series = format!("{name}_total{{{labels}}}");
        let bad = counters.bucket(Outcome::Failed, f64::INFINITY);
        for at in grid {
            out.sample(&series, whole(bad.value(counters.at(*at))), *at)?;
        }
    }
    let name = "traces_service_graph_request_client_seconds";
    out.family(name, Kind::Histogram, "Time of a request as the client sees it.")?;
    for (_, labels, counters) in edges.iter().filter(|e| e.0.name == "checkout") {
        let mut buckets: Vec<(String, _)> = EDGE_BOUNDS
            .iter()
            .map(|le| {
                let series = format!("{name}_bucket{{{labels},le=\"{le:?}\"}}");
                (series, counters.bucket(Outcome::Succeeded, *le))
            })
            .collect();
        let all = counters.bucket(Outcome::Succeeded, f64::INFINITY);
        buckets.push((
            format!("{name}_bucket{{{labels},le=\"+Inf\"}}"),
            counters.bucket(Outcome::Succeeded, f64::INFINITY),
        ));
        let seconds = counters.seconds(Outcome::Succeeded);
        for at in grid {
            let now = counters.at(*at);
            for (series, quantity) in &buckets {
                out.sample(series, whole(quantity.value(now)), *at)?;
            }
            out.sample(&format!("{name}_count{{{labels}}}"), whole(all.value(now)), *at)?;
            out.sample(&format!("{name}_sum{{{labels}}}"), rounded(seconds.value(now), 3), *at)?;
        }
    }
    Ok(())
}
