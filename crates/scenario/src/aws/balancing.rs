//! Load balancers, listeners, rules, target groups and the health of their targets.

use serde_json::{Value, json};

use super::names::{Tier, security_group, subnet, vpc, zone_name};
use super::{balancer_host, encoded};
use crate::clock::{DAY, aws};
use crate::company::Environment;
use crate::estate::{Cluster, Estate, PodState, Workload};
use crate::kubernetes::entry_host;
use crate::services::ENTRIES;

fn hash(estate: &Estate, env: &Environment, what: &str) -> String {
    estate.random.hex(&format!("elbv2/{}/{what}", env.cluster), 16)
}

/// ARN of a load balancer; `larkfield-public` is in every environment.
pub fn balancer_arn(estate: &Estate, env: &Environment, name: &str) -> String {
    format!(
        "arn:aws:elasticloadbalancing:{}:{}:loadbalancer/app/{name}/{}",
        env.region,
        env.account.id,
        hash(estate, env, name)
    )
}

fn listener_arn(estate: &Estate, env: &Environment, name: &str, port: u16) -> String {
    let balancer = balancer_arn(estate, env, name).replace(":loadbalancer/", ":listener/");
    format!("{balancer}/{}", hash(estate, env, &format!("{name}/{port}")))
}

/// Names of target groups are cut to 32 characters.
fn target_group_name(env: &Environment, entry: &str) -> String {
    let area = ["us", "eu", "st"][env.index];
    format!("k8s-{area}-{entry}")
}

fn target_group_arn(estate: &Estate, env: &Environment, entry: &str) -> String {
    let name = target_group_name(env, entry);
    format!(
        "arn:aws:elasticloadbalancing:{}:{}:targetgroup/{name}/{}",
        env.region,
        env.account.id,
        hash(estate, env, &name)
    )
}

/// Balancers of an environment: the public one, and in production one left over.
fn balancers(env: &Environment) -> Vec<&'static str> {
    if env.index == 0 {
        vec!["larkfield-public", "larkfield-old-campaign"]
    } else {
        vec!["larkfield-public"]
    }
}

/// Workloads behind the public load balancer.
pub fn entries(cluster: &Cluster) -> impl Iterator<Item = &Workload> {
    cluster.workloads.iter().filter(|w| ENTRIES.contains(&w.name))
}

/// `elbv2 describe-load-balancers`.
pub fn load_balancers(estate: &Estate, env: &Environment) -> Value {
    let zones: Vec<Value> = (0..env.zones.len())
        .map(|z| {
            json!({
                "ZoneName": zone_name(env, z),
                "SubnetId": subnet(estate, env, Tier::Public, z),
                "LoadBalancerAddresses": []
            })
        })
        .collect();
    let all: Vec<Value> = balancers(env)
        .into_iter()
        .map(|name| {
            let host = balancer_host(estate, env).replacen("larkfield-public", name, 1);
            json!({
                "LoadBalancerArn": balancer_arn(estate, env, name),
                "DNSName": host,
                "CanonicalHostedZoneId": "Z35SXDOTRQ7X7K",
                "CreatedTime": aws(estate.born + 4 * DAY),
                "LoadBalancerName": name,
                "Scheme": "internet-facing",
                "VpcId": vpc(estate, env),
                "State": { "Code": "active" },
                "Type": "application",
                "AvailabilityZones": zones,
                "SecurityGroups": [security_group(estate, env, "balancer")],
                "IpAddressType": "ipv4"
            })
        })
        .collect();
    json!({ "LoadBalancers": all })
}

/// `elbv2 describe-listeners`: HTTPS, and HTTP that redirects to it.
pub fn listeners(estate: &Estate, cluster: &Cluster) -> Value {
    let env = cluster.env;
    let mut all = Vec::new();
    for name in balancers(env) {
        let default = if name == "larkfield-public" { "web-storefront" } else { "old-campaign" };
        let target = target_group_arn(estate, env, default);
        all.push(json!({
            "ListenerArn": listener_arn(estate, env, name, 443),
            "LoadBalancerArn": balancer_arn(estate, env, name),
            "Port": 443,
            "Protocol": "HTTPS",
            "Certificates": [{ "CertificateArn": format!(
                "arn:aws:acm:{}:{}:certificate/{}", env.region, env.account.id,
                estate.random.uuid(&format!("certificate/{}", env.cluster))
            ) }],
            "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "DefaultActions": [forward(&target)]
        }));
        all.push(json!({
            "ListenerArn": listener_arn(estate, env, name, 80),
            "LoadBalancerArn": balancer_arn(estate, env, name),
            "Port": 80,
            "Protocol": "HTTP",
            "DefaultActions": [{
                "Type": "redirect",
                "RedirectConfig": {
                    "Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"
                }
            }]
        }));
    }
    json!({ "Listeners": all })
}

fn forward(target_group: &str) -> Value {
    json!({
        "Type": "forward",
        "TargetGroupArn": target_group,
        "ForwardConfig": {
            "TargetGroups": [{ "TargetGroupArn": target_group, "Weight": 1 }],
            "TargetGroupStickinessConfig": { "Enabled": false }
        }
    })
}

/// `elbv2 describe-rules`, one file per HTTPS listener of the public balancer.
pub fn rules(estate: &Estate, cluster: &Cluster) -> Vec<(String, Value)> {
    let env = cluster.env;
    let listener = listener_arn(estate, env, "larkfield-public", 443);
    let prefix = listener.replace(":listener/", ":listener-rule/");
    let mut all: Vec<Value> = entries(cluster)
        .enumerate()
        .map(|(position, w)| {
            let host = entry_host(w.name, env.name);
            json!({
                "RuleArn": format!("{prefix}/{}", hash(estate, env, &host)),
                "Priority": (position + 1).to_string(),
                "Conditions": [{
                    "Field": "host-header",
                    "Values": [host],
                    "HostHeaderConfig": { "Values": [host] }
                }],
                "Actions": [forward(&target_group_arn(estate, env, w.name))],
                "IsDefault": false
            })
        })
        .collect();
    all.push(json!({
        "RuleArn": format!("{prefix}/{}", hash(estate, env, "default")),
        "Priority": "default",
        "Conditions": [],
        "Actions": [forward(&target_group_arn(estate, env, "web-storefront"))],
        "IsDefault": true
    }));
    vec![(encoded("elbv2-describe-rules", &listener), json!({ "Rules": all }))]
}

/// `elbv2 describe-target-groups`.
pub fn target_groups(estate: &Estate, cluster: &Cluster) -> Value {
    let env = cluster.env;
    let mut names: Vec<(&str, &str)> =
        entries(cluster).map(|w| (w.name, "larkfield-public")).collect();
    if env.index == 0 {
        names.push(("old-campaign", "larkfield-old-campaign"));
    }
    let all: Vec<Value> = names
        .into_iter()
        .map(|(entry, balancer)| {
            json!({
                "TargetGroupArn": target_group_arn(estate, env, entry),
                "TargetGroupName": target_group_name(env, entry),
                "Protocol": "HTTP",
                "Port": 8080,
                "VpcId": vpc(estate, env),
                "HealthCheckProtocol": "HTTP",
                "HealthCheckPort": "traffic-port",
                "HealthCheckEnabled": true,
                "HealthCheckIntervalSeconds": 15,
                "HealthCheckTimeoutSeconds": 5,
                "HealthyThresholdCount": 2,
                "UnhealthyThresholdCount": 2,
                "HealthCheckPath": "/ready",
                "Matcher": { "HttpCode": "200" },
                "LoadBalancerArns": [balancer_arn(estate, env, balancer)],
                "TargetType": "ip",
                "ProtocolVersion": "HTTP1",
                "IpAddressType": "ipv4"
            })
        })
        .collect();
    json!({ "TargetGroups": all })
}

/// `elbv2 describe-target-health`, one file per target group; the left-over one has no target.
pub fn target_health(estate: &Estate, cluster: &Cluster) -> Vec<(String, Value)> {
    let env = cluster.env;
    let mut all = Vec::new();
    for w in entries(cluster) {
        let targets: Vec<Value> = cluster
            .pods
            .iter()
            .filter(|p| p.workload.is_some_and(|i| cluster.workloads[i].name == w.name))
            .filter_map(|p| p.node.map(|node| (p, node)))
            .map(|(pod, node)| {
                let healthy = pod.state == PodState::Ready;
                json!({
                    "Target": {
                        "Id": pod.address,
                        "Port": 8080,
                        "AvailabilityZone": zone_name(env, cluster.nodes[node].zone)
                    },
                    "HealthCheckPort": "8080",
                    "TargetHealth": { "State": if healthy { "healthy" } else { "unhealthy" } }
                })
            })
            .collect();
        let arn = target_group_arn(estate, env, w.name);
        let name = encoded("elbv2-describe-target-health", &arn);
        all.push((name, json!({ "TargetHealthDescriptions": targets })));
    }
    if env.index == 0 {
        let arn = target_group_arn(estate, env, "old-campaign");
        let name = encoded("elbv2-describe-target-health", &arn);
        all.push((name, json!({ "TargetHealthDescriptions": [] })));
    }
    all
}
