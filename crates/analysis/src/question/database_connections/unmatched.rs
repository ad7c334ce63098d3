//! Endpoints that mean a database by their port or host, and that no known database answers to.

use std::collections::BTreeSet;

use model::fact::OpenReferenceFact;
use model::kind::{EntityKind as K, RelationKind as R};
use serde_json::Value;

use super::shape::UnmatchedEndpoint;
use crate::estate::Estate;

/// Ports that databases and caches listen on.
const PORTS: [(u16, &str); 14] = [
    (1433, "sqlserver"),
    (1521, "oracle"),
    (3306, "mysql"),
    (5432, "postgresql"),
    (5439, "redshift"),
    (6379, "redis"),
    (8123, "clickhouse"),
    (8182, "neptune"),
    (9042, "cassandra"),
    (9200, "elasticsearch"),
    (11_211, "memcached"),
    (26_257, "cockroachdb"),
    (27_017, "mongodb"),
    (50_000, "db2"),
];

/// Ends of the names of managed databases.
const HOSTS: [(&str, &str); 9] = [
    (".rds.amazonaws.com", "rds"),
    (".rds.amazonaws.com.cn", "rds"),
    (".docdb.amazonaws.com", "docdb"),
    (".neptune.amazonaws.com", "neptune"),
    (".cache.amazonaws.com", "elasticache"),
    (".redshift.amazonaws.com", "redshift"),
    (".database.windows.net", "sqlserver"),
    (".mongodb.net", "mongodb"),
    (".documents.azure.com", "cosmosdb"),
];

/// The engine that an endpoint stands for.
fn engine_of(host: &str, port: Option<u16>) -> Option<&'static str> {
    let by_host = HOSTS.iter().find(|(end, _)| host.ends_with(end));
    let by_port =
        || PORTS.iter().find(|(number, _)| Some(*number) == port).map(|(_, engine)| *engine);
    by_host.map(|(_, engine)| *engine).or_else(by_port)
}

/// Endpoints in order, those of the viewer's things only.
pub(super) fn of(estate: &Estate, open: &[OpenReferenceFact]) -> Vec<UnmatchedEndpoint> {
    let mut found: BTreeSet<UnmatchedEndpoint> = BTreeSet::new();
    let is_use = |purpose: &str| matches!(purpose, "calls" | "connects_to");
    for reference in open.iter().filter(|one| is_use(&one.purpose) && one.candidates.is_empty()) {
        let Some((host, port)) = endpoint_in(&reference.label) else { continue };
        let Some(engine) = engine_of(&host, port) else { continue };
        found.insert(UnmatchedEndpoint {
            endpoint: written(&host, port),
            from: reference.stated_by.clone(),
            engine: Some(engine.to_owned()),
            why: "open_reference".to_owned(),
        });
    }
    for external in estate.of_kind(K::ExternalEndpoint) {
        for relation in
            estate.to(external).filter(|one| matches!(one.kind, R::Calls | R::ConnectsTo))
        {
            let stated = relation.properties.get("endpoint").and_then(Value::as_str);
            let name = stated.unwrap_or(&estate.entity(external).name);
            for one in name.split(',').map(str::trim) {
                let (host, port) = split(one);
                let port = port.or_else(|| {
                    let port = relation.properties.get("port").and_then(Value::as_u64);
                    port.and_then(|port| u16::try_from(port).ok())
                });
                let Some(engine) = engine_of(&host, port) else { continue };
                let is_seen = !estate.is_outside(relation.from);
                found.insert(UnmatchedEndpoint {
                    endpoint: written(&host, port),
                    from: is_seen.then(|| estate.entity(relation.from).id.clone()),
                    engine: Some(engine.to_owned()),
                    why: "external".to_owned(),
                });
            }
        }
    }
    found.into_iter().collect()
}

/// `endpoint:cluster/namespace/host:port`, `endpoint:host:port` or `host:name`, of the first key.
fn endpoint_in(label: &str) -> Option<(String, Option<u16>)> {
    let first = label.split(" + ").next()?;
    let rest = first.strip_prefix("endpoint:").or_else(|| first.strip_prefix("host:"))?;
    Some(split(rest.rsplit('/').next().unwrap_or(rest)))
}

fn split(endpoint: &str) -> (String, Option<u16>) {
    match endpoint.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => (host.to_owned(), port.parse().ok()),
        _ => (endpoint.to_owned(), None),
    }
}

fn written(host: &str, port: Option<u16>) -> String {
    port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_or_a_host_shows_a_database() {
        let of = |label: &str| {
            let (host, port) = endpoint_in(label)?;
            engine_of(&host, port)
        };
        assert_eq!(of("endpoint:uid/shop/old-db:5432"), Some("postgresql"));
        assert_eq!(of("endpoint:legacy.example.org:1433"), Some("sqlserver"));
        assert_eq!(of("host:x.abc.eu-west-1.rds.amazonaws.com"), Some("rds"));
        assert_eq!(of("endpoint:uid/shop/cart:8080"), None);
        assert_eq!(of("image://redis:6379"), None);
    }
}
