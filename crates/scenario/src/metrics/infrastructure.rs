//! What kube-state-metrics, cAdvisor and node_exporter say of a cluster.

use std::io;

use super::exposition::{Exposition, Kind, rounded, whole};
use super::noise::Noise;
use super::times::Times;
use crate::behaviour::Behaviour;
use crate::clock::DAY;
use crate::demand::{Shape, Wave};
use crate::estate::{Cluster, Controller, Estate, Pod, PodState, Workload};
use crate::services::Service;

const GIB: f64 = 1_073_741_824.0;

/// Replicas of Deployments, wanted and available.
pub fn deployments(
    out: &mut Exposition<'_>,
    cluster: &Cluster,
    b: &Behaviour,
    times: &Times,
) -> io::Result<()> {
    let grid = if cluster.env.index == 2 { &times.short } else { &times.medium };
    let chosen = || {
        cluster
            .workloads
            .iter()
            .enumerate()
            .filter(|(_, w)| w.controller == Controller::Deployment && w.service.is_some())
    };
    let name = "kube_deployment_spec_replicas";
    out.family(name, Kind::Gauge, "Number of desired pods for a deployment.")?;
    for (_, w) in chosen() {
        let series = format!("{name}{{namespace=\"{}\",deployment=\"{}\"}}", w.namespace, w.name);
        for at in grid {
            // The autoscaler follows a rush of traffic.
            let extra = if b.traffic(*at) > 1.5 && w.replicas >= 4 { w.replicas } else { 0 };
            out.sample(&series, w.replicas + extra, *at)?;
        }
    }
    let name = "kube_deployment_status_replicas_available";
    out.family(name, Kind::Gauge, "The number of available replicas per deployment.")?;
    for (index, w) in chosen() {
        let series = format!("{name}{{namespace=\"{}\",deployment=\"{}\"}}", w.namespace, w.name);
        let down = cluster
            .pods
            .iter()
            .filter(|p| p.workload == Some(index) && p.state != PodState::Ready)
            .count() as u32;
        for at in grid {
            let extra = if b.traffic(*at) > 1.5 && w.replicas >= 4 { w.replicas } else { 0 };
            out.sample(&series, w.replicas + extra - down, *at)?;
        }
    }
    Ok(())
}

/// The pods of services that are on a node, with their workload and service.
fn service_pods(cluster: &Cluster) -> Vec<(&Pod, &Workload, &'static Service)> {
    cluster
        .pods
        .iter()
        .filter(|p| p.node.is_some())
        .filter_map(|p| {
            let w = &cluster.workloads[p.workload?];
            w.service.map(|s| (p, w, s))
        })
        .collect()
}

/// CPU and memory of the pods of services.
pub fn pod_resources(
    out: &mut Exposition<'_>,
    estate: &Estate,
    cluster: &Cluster,
    b: &Behaviour,
    times: &Times,
) -> io::Result<()> {
    let grid = &times.short;
    let chosen = service_pods(cluster);
    let name = "container_cpu_usage_seconds";
    out.family(name, Kind::Counter, "Cumulative cpu time consumed.")?;
    for (p, w, s) in &chosen {
        let series = format!(
            "{name}_total{{namespace=\"{}\",pod=\"{}\",container=\"{}\"}}",
            w.namespace, p.name, w.name
        );
        let per_pod = b.nominal_rate(s) / f64::from(w.replicas);
        let level = 0.02 + per_pod * s.latency_ms / 1000.0 * 2.5;
        let shape = Shape { level, daily: 0.4, growth: 0.1 };
        let wave = Wave::new(estate.random, cluster.env, p.created, &p.uid, shape);
        for at in grid.iter().filter(|at| **at >= p.created) {
            out.sample(&series, rounded(wave.total(*at), 3), *at)?;
        }
    }
    let name = "container_memory_working_set_bytes";
    out.family(name, Kind::Gauge, "Current working set.")?;
    for (p, w, s) in &chosen {
        let series = format!(
            "{name}{{namespace=\"{}\",pod=\"{}\",container=\"{}\"}}",
            w.namespace, p.name, w.name
        );
        let base = match s.language {
            "java" => 0.55,
            "dotnet" => 0.4,
            "python" | "nodejs" => 0.25,
            _ => 0.09,
        } * GIB;
        let noise = Noise::new(estate.random, &p.uid);
        for at in grid.iter().filter(|at| **at >= p.created) {
            let age = (at - p.created) as f64 / DAY as f64;
            // Search leaks since its release; the others settle.
            let grown =
                if s.name == "search" { 1.0 + 0.04 * age } else { 1.0 + 0.1 * age.min(1.0) };
            let value = base * grown * (1.0 + 0.03 * noise.at(*at));
            out.sample(&series, whole(value), *at)?;
        }
    }
    Ok(())
}

/// Readiness and restarts of the pods of services.
pub fn pod_states(
    out: &mut Exposition<'_>,
    estate: &Estate,
    cluster: &Cluster,
    times: &Times,
) -> io::Result<()> {
    let grid = &times.short;
    let chosen = service_pods(cluster);
    let name = "kube_pod_status_ready";
    out.family(name, Kind::Gauge, "Describes whether the pod is ready to serve requests.")?;
    for (p, w, _) in &chosen {
        let series = format!(
            "{name}{{namespace=\"{}\",pod=\"{}\",condition=\"true\"}}",
            w.namespace, p.name
        );
        for at in grid.iter().filter(|at| **at >= p.created) {
            out.sample(&series, u8::from(p.state == PodState::Ready), *at)?;
        }
    }
    let name = "kube_pod_container_status_restarts";
    out.family(name, Kind::Counter, "The number of container restarts per container.")?;
    for (p, w, _) in &chosen {
        let series = format!(
            "{name}_total{{namespace=\"{}\",pod=\"{}\",container=\"{}\"}}",
            w.namespace, p.name, w.name
        );
        for at in grid.iter().filter(|at| **at >= p.created) {
            let crashing = p.state == PodState::Crashing;
            // A crash every five minutes; one restart long ago otherwise.
            let missed = if crashing { (estate.until - at).div_euclid(300) } else { 0 };
            out.sample(&series, (i64::from(p.restarts) - missed).max(0), *at)?;
        }
    }
    Ok(())
}

/// CPU, memory and disk of the nodes.
pub fn nodes(
    out: &mut Exposition<'_>,
    estate: &Estate,
    cluster: &Cluster,
    times: &Times,
) -> io::Result<()> {
    let env = cluster.env;
    let grid = if env.index == 2 { &times.short } else { &times.medium };
    let (cores, memory) = if env.node_type == "m6i.2xlarge" { (8.0, 31.0) } else { (4.0, 15.4) };
    let label = |node: &crate::estate::Node| {
        format!("instance=\"{}:9100\",node=\"{}\"", node.address, node.name)
    };
    let name = "node_cpu_seconds";
    out.family(name, Kind::Counter, "Seconds the CPUs spent in each mode.")?;
    for node in &cluster.nodes {
        let used = cores * (0.26 + 0.14 * estate.random.unit(&node.name));
        let shape = Shape { level: used, daily: 0.4, growth: 0.12 };
        let wave = Wave::new(estate.random, env, node.launched, &node.name, shape);
        for mode in ["user", "idle"] {
            let series = format!("{name}_total{{{},mode=\"{mode}\"}}", label(node));
            for at in grid.iter().filter(|at| **at >= node.launched) {
                let user = wave.total(*at);
                let value =
                    if mode == "user" { user } else { cores * (at - node.launched) as f64 - user };
                out.sample(&series, rounded(value, 2), *at)?;
            }
        }
    }
    for (name, help, total) in [
        ("node_memory_MemTotal_bytes", "Memory information field MemTotal_bytes.", true),
        ("node_memory_MemAvailable_bytes", "Memory information field MemAvailable_bytes.", false),
    ] {
        out.family(name, Kind::Gauge, help)?;
        for node in &cluster.nodes {
            let series = format!("{name}{{{}}}", label(node));
            let noise = Noise::new(estate.random, &node.name);
            let used = 0.45 + 0.2 * estate.random.unit(&format!("{}/memory", node.name));
            for at in grid.iter().filter(|at| **at >= node.launched) {
                let free = 1.0 - used * (1.0 + 0.04 * noise.at(*at));
                let value = memory * GIB * if total { 1.0 } else { free };
                out.sample(&series, whole(value), *at)?;
            }
        }
    }
    let name = "node_filesystem_avail_bytes";
    out.family(name, Kind::Gauge, "Filesystem space available to non-root users in bytes.")?;
    for node in &cluster.nodes {
        let series = format!("{name}{{{},mountpoint=\"/\"}}", label(node));
        for at in times.short.iter().filter(|at| **at >= node.launched) {
            let age = (at - node.launched) as f64 / DAY as f64;
            out.sample(&series, whole((61.0 - 0.4 * age) * GIB), *at)?;
        }
    }
    Ok(())
}
