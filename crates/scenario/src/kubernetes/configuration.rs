//! Services, Ingresses and ConfigMaps.

use serde_json::{Map, Value, json};

use super::objects::{Identity, labels, metadata, selector};
use crate::aws::balancer_host;
use crate::estate::{Cluster, Controller, Estate, Workload};
use crate::services::ENTRIES;
use crate::wiring::{is_configured_by_map, variables};

/// Whether a Kubernetes Service stands before the workload.
fn is_served(w: &Workload) -> bool {
    match w.service {
        Some(service) => !service.is_client(),
        None => {
            w.controller == Controller::StatefulSet
                || matches!(w.name, "coredns" | "metrics-server" | "otel-collector")
        }
    }
}

/// Every Service: one per workload that listens, under the workload's name (`kube-dns` for
/// CoreDNS), and `kubernetes` of the API server, which selects nothing.
pub fn services(estate: &Estate, cluster: &Cluster) -> Vec<Value> {
    let mut all = vec![api_server(estate, cluster)];
    for w in cluster.workloads.iter().filter(|w| is_served(w)) {
        let name = if w.name == "coredns" { "kube-dns" } else { w.name };
        let id =
            Identity { kind: "Service", namespace: w.namespace, name, created: w.releases[0].at };
        let stateful = w.controller == Controller::StatefulSet;
        let address = if stateful {
            "None".to_owned()
        } else {
            cluster_address(estate, &format!("{}/{}/{name}", cluster.env.cluster, w.namespace))
        };
        all.push(json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata(estate, cluster, &id, labels(w)),
            "spec": {
                "clusterIP": address,
                "clusterIPs": [address],
                "ipFamilies": ["IPv4"],
                "ports": [{
                    "name": "main", "port": w.port, "protocol": "TCP", "targetPort": "main"
                }],
                "selector": selector(w),
                "sessionAffinity": "None",
                "type": "ClusterIP"
            },
            "status": { "loadBalancer": {} }
        }));
    }
    all
}

fn api_server(estate: &Estate, cluster: &Cluster) -> Value {
    let id = Identity {
        kind: "Service",
        namespace: "default",
        name: "kubernetes",
        created: estate.born,
    };
    let labels = json!({ "component": "apiserver", "provider": "kubernetes" });
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(estate, cluster, &id, labels),
        "spec": {
            "clusterIP": "172.20.0.1",
            "clusterIPs": ["172.20.0.1"],
            "ports": [{ "name": "https", "port": 443, "protocol": "TCP", "targetPort": 443 }],
            "sessionAffinity": "None",
            "type": "ClusterIP"
        },
        "status": { "loadBalancer": {} }
    })
}

fn cluster_address(estate: &Estate, key: &str) -> String {
    let n = 256 + estate.random.below(&format!("clusterip/{key}"), 60_000);
    format!("172.20.{}.{}", n / 250, 1 + n % 250)
}

/// One Ingress per entry, served by the public load balancer.
pub fn ingresses(estate: &Estate, cluster: &Cluster) -> Vec<Value> {
    let mut all = Vec::new();
    for w in cluster.workloads.iter().filter(|w| ENTRIES.contains(&w.name)) {
        let id = Identity {
            kind: "Ingress",
            namespace: w.namespace,
            name: w.name,
            created: w.releases[0].at,
        };
        let mut meta = metadata(estate, cluster, &id, labels(w));
        super::objects::put(
            &mut meta,
            "annotations",
            json!({
                "alb.ingress.kubernetes.io/group.name": "public",
                "alb.ingress.kubernetes.io/scheme": "internet-facing",
                "alb.ingress.kubernetes.io/target-type": "ip"
            }),
        );
        all.push(json!({
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": meta,
            "spec": {
                "ingressClassName": "alb",
                "rules": [{
                    "host": entry_host(w.name, cluster.env.name),
                    "http": { "paths": [{
                        "backend": { "service": {
                            "name": w.name, "port": { "number": w.port }
                        } },
                        "path": "/",
                        "pathType": "Prefix"
                    }] }
                }]
            },
            "status": { "loadBalancer": { "ingress": [{
                "hostname": balancer_host(estate, cluster.env)
            }] } }
        }));
    }
    all
}

/// Public host name of an entry.
pub fn entry_host(entry: &str, environment: &str) -> String {
    let label = match entry {
        "web-storefront" => "www",
        "mobile-bff" => "api",
        "seller-portal" => "sellers",
        "analytics-collector" => "collect",
        other => other,
    };
    match environment {
        "production" => format!("{label}.larkfield.example"),
        "production-eu" => format!("{label}.eu.larkfield.example"),
        _ => format!("{label}.staging.larkfield.example"),
    }
}

/// The ConfigMaps that workloads read, and the root certificate that every namespace has.
pub fn configmaps(estate: &Estate, cluster: &Cluster) -> Vec<Value> {
    let mut all = Vec::new();
    for w in &cluster.workloads {
        let Some(service) = w.service.filter(|s| is_configured_by_map(s)) else { continue };
        let name = format!("{}-config", w.name);
        let id = Identity {
            kind: "ConfigMap",
            namespace: w.namespace,
            name: &name,
            created: w.releases[0].at,
        };
        let mut data = Map::new();
        for v in variables(estate, cluster, service) {
            data.insert(v.name, v.value.into());
        }
        data.insert("REQUEST_TIMEOUT_MS".into(), "2500".into());
        all.push(json!({
            "apiVersion": "v1",
            "data": data,
            "kind": "ConfigMap",
            "metadata": metadata(estate, cluster, &id, labels(w))
        }));
    }
    all
}
