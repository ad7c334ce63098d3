//! The metrics of each tool: which of its series count calls, and who calls whom by their labels.

use model::entity::Labels;

use super::{Ends, Side};

/// What the values of a series are of a call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Role {
    /// Calls; failed ones when `is_error`.
    Calls {
        /// Whether all of them failed.
        is_error: bool,
    },
    /// Failed calls, which are among those of another series.
    Errors,
    /// A bucket of the caller's durations; `factor` turns its bound into seconds.
    ClientSeconds {
        /// Seconds a unit.
        factor: f64,
    },
    /// A bucket of the callee's durations.
    ServerSeconds {
        /// Seconds a unit.
        factor: f64,
    },
    /// That there are calls, not how many, with every sample.
    Seen,
    /// Connections, each of which may stand for many calls: that there are calls while it rises.
    Opened,
}

/// Which end reported. Both ends may report one call; it is not added twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum View {
    /// The caller's, or a tool that knows both.
    Client,
    /// The callee's.
    Server,
}

/// One series of calls.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Who calls whom.
    pub ends: Ends,
    /// What the values are.
    pub role: Role,
    /// Who reported them.
    pub view: View,
}

const SERVICE_GRAPH: &str = "traces_service_graph_request_";

/// What a series says about calls, when it is one of a tool that counts them and names both ends.
pub fn call_of(metric: &str, labels: &Labels) -> Option<Call> {
    if let Some(rest) = metric.strip_prefix(SERVICE_GRAPH) {
        return service_graph(rest, labels);
    }
    match metric {
        "istio_requests_total"
        | "istio_request_duration_milliseconds_bucket"
        | "istio_tcp_connections_opened_total" => istio(metric, labels),
        "response_total" | "response_latency_ms_bucket" => linkerd(metric, labels),
        "hubble_http_requests_total" | "hubble_http_request_duration_seconds_bucket" => {
            hubble(metric, labels)
        }
        _ => None,
    }
}

fn label<'l>(labels: &'l Labels, names: &[&str]) -> Option<&'l str> {
    let found = names.iter().find_map(|name| labels.get(*name)).map(|value| value.trim());
    found.filter(|value| !matches!(*value, "" | "unknown" | "-"))
}

fn owned(labels: &Labels, names: &[&str]) -> Option<String> {
    label(labels, names).map(str::to_owned)
}

/// Tempo, Alloy and the collector: `client` and `server`, each with dimensions of its own.
fn service_graph(rest: &str, labels: &Labels) -> Option<Call> {
    let is_bucket = labels.contains_key("le");
    let role = match rest {
        "total" => Role::Calls { is_error: false },
        "failed_total" => Role::Errors,
        "client_seconds_bucket" | "client_bucket" if is_bucket => {
            Role::ClientSeconds { factor: 1.0 }
        }
        "server_seconds_bucket" | "server_bucket" if is_bucket => {
            Role::ServerSeconds { factor: 1.0 }
        }
        "client_milliseconds_bucket" if is_bucket => Role::ClientSeconds { factor: 0.001 },
        "server_milliseconds_bucket" if is_bucket => Role::ServerSeconds { factor: 0.001 },
        "client_seconds" | "server_seconds" if labels.contains_key("quantile") => Role::Seen,
        _ => return None,
    };
    let side = |end: &str| -> Option<Side> {
        let of = |names: &[&str]| {
            names.iter().find_map(|name| owned(labels, &[format!("{end}_{name}").as_str()]))
        };
        let name = owned(labels, &[end])?;
        Some(Side {
            namespace: of(&["service_namespace", "k8s_namespace_name", "namespace"]),
            cluster: of(&["k8s_cluster_uid", "k8s_cluster_name"]),
            environment: of(&["deployment_environment_name", "deployment_environment"]),
            host: Some(name.clone()).filter(|name| end == "server" && name.contains('.')),
            service: Some(name),
            ..Side::default()
        })
    };
    let is_asynchronous = label(labels, &["connection_type"]) == Some("messaging_system");
    let ends = Ends { client: side("client")?, server: side("server")?, is_asynchronous };
    Some(Call { ends, role, view: View::Client })
}

/// Names that Istio gives to what it does not know.
const NOWHERE: &[&str] = &["PassthroughCluster", "BlackHoleCluster", "InboundPassthroughCluster"];

/// Istio: source and destination by workload, each reported by the source's proxy, the destination's,
/// or both.
fn istio(metric: &str, labels: &Labels) -> Option<Call> {
    let view = match label(labels, &["reporter"]) {
        Some("source") | None => View::Client,
        Some(_) => View::Server,
    };
    let role = match (metric, view) {
        ("istio_tcp_connections_opened_total", _) => Role::Opened,
        ("istio_requests_total", _) => Role::Calls { is_error: is_istio_error(labels) },
        (_, View::Client) => Role::ClientSeconds { factor: 0.001 },
        (_, View::Server) => Role::ServerSeconds { factor: 0.001 },
    };
    let cluster = |name: &str| owned(labels, &[name]).filter(|name| name != "Kubernetes");
    let client = Side {
        workload: owned(labels, &["source_workload"]),
        service: owned(labels, &["source_canonical_service", "source_app"]),
        namespace: owned(labels, &["source_workload_namespace"]),
        cluster: cluster("source_cluster"),
        ..Side::default()
    };
    let known = |name: &&str| !NOWHERE.contains(name);
    let host = label(labels, &["destination_service"]).filter(known).map(host_of);
    let server = Side {
        workload: owned(labels, &["destination_workload"]),
        service: owned(labels, &["destination_canonical_service", "destination_app"]),
        namespace: owned(
            labels,
            &["destination_workload_namespace", "destination_service_namespace"],
        ),
        cluster: cluster("destination_cluster"),
        host,
        ..Side::default()
    };
    let is_named = |side: &Side| side.workload.is_some() || side.service.is_some();
    let is_called = is_named(&server) || server.host.is_some();
    (is_named(&client) && is_called).then_some(Call {
        ends: Ends { client, server, is_asynchronous: false },
        role,
        view,
    })
}

/// No answer, an answer 5xx, or a code of gRPC that is the server's fault by OpenTelemetry's
/// conventions.
fn is_istio_error(labels: &Labels) -> bool {
    let code = label(labels, &["response_code"]).and_then(|code| code.parse::<u16>().ok());
    let grpc = label(labels, &["grpc_response_status"]).and_then(|code| code.parse::<u16>().ok());
    code.is_some_and(|code| code == 0 || code >= 500)
        || grpc.is_some_and(|code| matches!(code, 2 | 4 | 12..=15))
}

fn host_of(host: &str) -> String {
    let bare = host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok());
    bare.map_or(host, |(host, _)| host).to_ascii_lowercase()
}

/// Controllers by the labels of Linkerd.
const LINKERD_KINDS: &[(&str, &str)] = &[
    ("deployment", "deployment"),
    ("statefulset", "statefulset"),
    ("daemonset", "daemonset"),
    ("cronjob", "cronjob"),
    ("k8s_job", "job"),
];

/// Linkerd: the caller is what the proxy stands beside, the callee has labels with `dst_`. Only what
/// goes out names both.
fn linkerd(metric: &str, labels: &Labels) -> Option<Call> {
    if label(labels, &["direction"]) != Some("outbound") {
        return None;
    }
    let role = if metric == "response_total" {
        Role::Calls { is_error: label(labels, &["classification"]) == Some("failure") }
    } else {
        Role::ClientSeconds { factor: 0.001 }
    };
    let side = |before: &str| {
        let of = |name: &str| owned(labels, &[format!("{before}{name}").as_str()]);
        let known = LINKERD_KINDS.iter().find_map(|(name, kind)| Some((of(name)?, *kind)));
        let (workload, kind) = known.map_or((None, None), |(name, kind)| (Some(name), Some(kind)));
        Side { workload, kind, pod: of("pod"), namespace: of("namespace"), ..Side::default() }
    };
    let (client, mut server) = (side(""), side("dst_"));
    if server.workload.is_none() {
        server.service = owned(labels, &["dst_service"]);
        server.host = label(labels, &["authority"]).map(host_of);
    }
    let is_named = |side: &Side| side.workload.is_some() || side.pod.is_some();
    let is_called = is_named(&server) || server.service.is_some() || server.host.is_some();
    (is_named(&client) && is_called).then_some(Call {
        ends: Ends { client, server, is_asynchronous: false },
        role,
        view: View::Client,
    })
}

/// Hubble: `source_workload` and its like when they are configured, else `source` as
/// `namespace/name`.
fn hubble(metric: &str, labels: &Labels) -> Option<Call> {
    let view = match label(labels, &["reporter"]) {
        Some("client") | None => View::Client,
        Some(_) => View::Server,
    };
    let role = match (metric, view) {
        ("hubble_http_requests_total", _) => {
            let status = label(labels, &["status"]).and_then(|code| code.parse::<u16>().ok());
            Role::Calls { is_error: status.is_some_and(|code| code >= 500) }
        }
        (_, View::Client) => Role::ClientSeconds { factor: 1.0 },
        (_, View::Server) => Role::ServerSeconds { factor: 1.0 },
    };
    let side = |end: &str| -> Option<Side> {
        let of = |name: &str| owned(labels, &[format!("{end}_{name}").as_str()]);
        let mut side = Side {
            workload: of("workload").or_else(|| of("app")),
            pod: of("pod"),
            namespace: of("namespace"),
            ..Side::default()
        };
        if side.workload.is_none() && side.pod.is_none() {
            let name = label(labels, &[end]).filter(|name| !name.starts_with("reserved:"))?;
            let (namespace, name) = match name.split_once('/') {
                Some((namespace, name)) => (Some(namespace.to_owned()), name),
                None => (None, name),
            };
            side.namespace = side.namespace.or(namespace);
            side.workload = Some(name.to_owned());
            side.pod = Some(name.to_owned());
        }
        Some(side)
    };
    let ends =
        Ends { client: side("source")?, server: side("destination")?, is_asynchronous: false };
    Some(Call { ends, role, view })
}
