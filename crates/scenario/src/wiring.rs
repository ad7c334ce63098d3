//! The environment variables by which a workload names what it talks to, in the several ways that
//! real manifests do it, beside variables that name nothing.

use crate::estate::{Cluster, Estate};
use crate::services::{Service, service};
use crate::stores::{Store, StoreKind, queue_url, store_of};

/// One environment variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// Whether the variables of this service stand in a ConfigMap that the container reads with
/// `envFrom`, instead of in the container itself.
pub fn is_configured_by_map(service: &Service) -> bool {
    matches!(service.name, "checkout" | "listings" | "notifications" | "returns")
}

/// An endpoint that nothing in the estate answers to.
pub const DANGLING: &str = "chat-assistant:8080";

/// Everything that the workload of `service` is told about its surroundings, by name.
pub fn variables(estate: &Estate, cluster: &Cluster, service_of: &Service) -> Vec<Variable> {
    let env = cluster.env;
    let mut all = Vec::new();
    let mut add = |name: String, value: String| all.push(Variable { name, value });
    for call in service_of.calls.iter().filter(|c| c.known.is_declared()) {
        let Some(callee) = service(call.to).filter(|s| s.runs_in(env.index)) else { continue };
        add(
            format!("{}_ADDR", screaming(callee.name)),
            service_address(estate, service_of, callee),
        );
    }
    for role in service_of.stores {
        if let Some(store) = store_of(role, env.index) {
            add(store_variable(role), store_address(estate, service_of, role, store));
        }
    }
    for queue in service_of.sends.iter().chain(service_of.receives) {
        add(format!("{}_QUEUE_URL", screaming(queue)), queue_url(queue, env));
    }
    if service_of.name == "web-storefront" && env.index == 0 {
        add("CHAT_ASSISTANT_ADDR".to_owned(), DANGLING.to_owned());
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

/// Variables that name no endpoint, though some look as if they did.
pub fn plain_variables(service: &Service, environment: &str) -> Vec<Variable> {
    let mut all = vec![
        ("PORT", "8080".to_owned()),
        ("LOG_LEVEL", "info".to_owned()),
        ("OTEL_SERVICE_NAME", service.name.to_owned()),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            format!(
                "service.namespace={},deployment.environment.name={environment}",
                service.namespace
            ),
        ),
    ];
    match service.language {
        "java" => all.push(("JAVA_TOOL_OPTIONS", "-XX:MaxRAMPercentage=70".to_owned())),
        "go" => all.push(("GOMEMLIMIT", "400MiB".to_owned())),
        "nodejs" => all.push(("NODE_ENV", "production".to_owned())),
        _ => {}
    }
    all.into_iter().map(|(name, value)| Variable { name: name.to_owned(), value }).collect()
}

fn service_address(estate: &Estate, caller: &Service, callee: &Service) -> String {
    let (name, namespace) = (callee.name, callee.namespace);
    let style = estate.random.below(&format!("address/{}/{name}", caller.name), 3);
    match (style, caller.namespace == namespace) {
        (0, true) => format!("{name}:8080"),
        (0, false) => format!("{name}.{namespace}:8080"),
        (1, _) => format!("http://{name}.{namespace}.svc.cluster.local:8080"),
        _ => format!("{name}.{namespace}.svc:8080"),
    }
}

fn store_variable(role: &str) -> String {
    match role {
        "card-network" => "CARD_NETWORK_URL".to_owned(),
        "carrier-rates" => "CARRIER_RATES_URL".to_owned(),
        "mail-relay" => "SMTP_ADDR".to_owned(),
        _ => format!("{}_URL", screaming(role)),
    }
}

fn store_address(estate: &Estate, caller: &Service, role: &str, store: &Store) -> String {
    let host = store.host(estate.random);
    let port = store.port;
    match store.kind {
        StoreKind::Aurora { .. } if caller.name == "pricing" => {
            format!("postgres://{}:{port}/catalogue", store.reader_host(estate.random))
        }
        StoreKind::Rds { engine: "mysql", .. } => format!("mysql://{host}:{port}/accounts"),
        StoreKind::Rds { engine: "sqlserver-se", .. } | StoreKind::SqlServerOnEc2 => {
            format!("{host}:{port}")
        }
        StoreKind::Rds { .. } | StoreKind::Aurora { .. } | StoreKind::PostgresInCluster => {
            format!("postgres://{host}:{port}/{}?sslmode=require", role.replace("-db", ""))
        }
        StoreKind::Cache { .. } => format!("rediss://{host}:{port}"),
        StoreKind::RedisInCluster => format!("{host}:{port}"),
        StoreKind::Bucket => format!("https://{host}"),
        StoreKind::External if port == 443 => format!("https://{host}:443/v2"),
        StoreKind::External => format!("{host}:{port}"),
    }
}

fn screaming(name: &str) -> String {
    name.to_uppercase().replace('-', "_")
}
