//! What CloudWatch itself answers, each response with its request beside it: load balancers, NAT
//! gateways, and of databases what the exporter does not say.

use serde_json::{Value, json};

use super::noise::Noise;
use crate::aws::{balancer_arn, entries, nat_gateway, nat_zones};
use crate::behaviour::Behaviour;
use crate::clock::{HOUR, rfc3339};
use crate::estate::{Cluster, Estate};
use crate::files::Files;
use crate::outcome::{InputStep, ScenarioError};
use crate::stores::{STORES, StoreKind};

/// Seconds of a value.
const PERIOD: i64 = 300;
/// Length of the history.
const LENGTH: i64 = 6 * HOUR;

/// One metric that is asked for, with its values in order of time.
struct Metric {
    namespace: &'static str,
    name: &'static str,
    dimension: (&'static str, String),
    statistic: &'static str,
    values: Vec<f64>,
}

/// Writes requests and responses of one environment.
pub fn write(
    files: &mut Files,
    estate: &Estate,
    cluster: &Cluster,
    behaviour: &Behaviour,
) -> Result<InputStep, ScenarioError> {
    let env = cluster.env;
    let last = estate.until.div_euclid(PERIOD) * PERIOD - PERIOD;
    let times: Vec<i64> = (0..LENGTH / PERIOD).map(|n| last - LENGTH + (n + 1) * PERIOD).collect();
    let folder = format!("cloudwatch/{}", env.name);
    for (name, metrics) in [
        ("load-balancers", balancers(estate, cluster, behaviour, &times)),
        ("nat-gateways", gateways(estate, cluster, behaviour, &times)),
        ("databases", databases(estate, cluster, &times)),
    ] {
        files.json(&format!("{folder}/{name}-request.json"), &request(&metrics, &times))?;
        files.json(&format!("{folder}/{name}.json"), &response(&metrics, &times))?;
    }
    Ok(InputStep {
        path: folder,
        environment: Some(env.name.to_owned()),
        account: Some(env.account.id.to_owned()),
        region: Some(env.region.to_owned()),
        ..InputStep::default()
    })
}

/// Requests at the public load balancer: those of the entries behind it.
fn balancers(
    estate: &Estate,
    cluster: &Cluster,
    behaviour: &Behaviour,
    times: &[i64],
) -> Vec<Metric> {
    let arn = balancer_arn(estate, cluster.env, "larkfield-public");
    let name = arn.split_once("loadbalancer/").map_or("", |(_, name)| name).to_owned();
    let behind: Vec<_> = entries(cluster)
        .filter_map(|workload| workload.service)
        .filter(|service| behaviour.has_traffic(service))
        .map(|service| behaviour.counters(service, None))
        .collect();
    let requests = |at: i64| behind.iter().map(|one| one.rate(at)).sum::<f64>() * PERIOD as f64;
    vec![Metric {
        namespace: "AWS/ApplicationELB",
        name: "RequestCount",
        dimension: ("LoadBalancer", name),
        statistic: "Sum",
        values: times.iter().map(|at| requests(*at).round()).collect(),
    }]
}

/// Bytes that leave through each NAT gateway, and connections that found no port: none.
fn gateways(
    estate: &Estate,
    cluster: &Cluster,
    behaviour: &Behaviour,
    times: &[i64],
) -> Vec<Metric> {
    let env = cluster.env;
    nat_zones(env)
        .into_iter()
        .flat_map(|zone| {
            let id = nat_gateway(estate, env, zone);
            let noise = Noise::new(estate.random, &format!("{id}/bytes"));
            let bytes = |at: i64| {
                let level = 4e6 * PERIOD as f64 * env.traffic.max(0.05) * behaviour.traffic(at);
                (level * (1.0 + 0.1 * noise.at(at))).round()
            };
            let dimension = ("NatGatewayId", id.clone());
            let metric = |name: &'static str, values: Vec<f64>| Metric {
                namespace: "AWS/NATGateway",
                name,
                dimension: dimension.clone(),
                statistic: "Sum",
                values,
            };
            let bytes = times.iter().map(|at| bytes(*at)).collect();
            let refused = vec![0.0; times.len()];
            [metric("BytesOutToDestination", bytes), metric("ErrorPortAllocation", refused)]
        })
        .collect()
}

/// Latency of reads and writes of RDS instances.
fn databases(estate: &Estate, cluster: &Cluster, times: &[i64]) -> Vec<Metric> {
    let index = cluster.env.index;
    let instances = STORES
        .iter()
        .filter(|store| store.environment == index && matches!(store.kind, StoreKind::Rds { .. }));
    instances
        .flat_map(|store| {
            [("ReadLatency", 0.0006), ("WriteLatency", 0.0012)].map(|(name, level)| {
                let noise = Noise::new(estate.random, &format!("{}/{name}", store.id));
                let value = |at: i64| ((level * (1.0 + 0.2 * noise.at(at))) * 1e7).round() / 1e7;
                Metric {
                    namespace: "AWS/RDS",
                    name,
                    dimension: ("DBInstanceIdentifier", store.id.to_owned()),
                    statistic: "Average",
                    values: times.iter().map(|at| value(*at)).collect(),
                }
            })
        })
        .collect()
}

/// `--cli-input-json` of `get-metric-data`.
fn request(metrics: &[Metric], times: &[i64]) -> Value {
    let queries: Vec<Value> = metrics
        .iter()
        .enumerate()
        .map(|(number, metric)| {
            let (name, value) = &metric.dimension;
            json!({
                "Id": format!("m{number}"),
                "MetricStat": {
                    "Metric": {
                        "Namespace": metric.namespace,
                        "MetricName": metric.name,
                        "Dimensions": [{ "Name": name, "Value": value }]
                    },
                    "Period": PERIOD,
                    "Stat": metric.statistic
                },
                "ReturnData": true
            })
        })
        .collect();
    let (first, last) = (times.first().copied(), times.last().copied());
    json!({
        "MetricDataQueries": queries,
        "StartTime": rfc3339(first.unwrap_or_default()),
        "EndTime": rfc3339(last.unwrap_or_default() + PERIOD),
        "ScanBy": "TimestampDescending"
    })
}

/// The answer: newest first.
fn response(metrics: &[Metric], times: &[i64]) -> Value {
    let instants: Vec<String> = times.iter().rev().map(|at| rfc3339(*at)).collect();
    let results: Vec<Value> = metrics
        .iter()
        .enumerate()
        .map(|(number, metric)| {
            json!({
                "Id": format!("m{number}"),
                "Label": metric.name,
                "Timestamps": instants,
                "Values": metric.values.iter().rev().collect::<Vec<_>>(),
                "StatusCode": "Complete"
            })
        })
        .collect();
    json!({ "MetricDataResults": results, "Messages": [] })
}
