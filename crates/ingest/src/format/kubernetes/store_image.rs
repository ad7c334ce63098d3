//! Images that are a database, a cache or a queue: a workload that runs one is such an entity instead
//! of a service.

use model::EntityKind;

use EntityKind::{Cache, Database, Queue};

/// Last part of an image's repository → what it is, and its engine.
pub const STORE_IMAGES: &[(&str, EntityKind, &str)] = &[
    ("postgres", Database, "postgresql"),
    ("postgresql", Database, "postgresql"),
    ("postgis", Database, "postgresql"),
    ("timescaledb", Database, "postgresql"),
    ("timescaledb-ha", Database, "postgresql"),
    ("spilo", Database, "postgresql"),
    ("mysql", Database, "mysql"),
    ("mysql-server", Database, "mysql"),
    ("mariadb", Database, "mariadb"),
    ("mariadb-galera", Database, "mariadb"),
    ("percona", Database, "mysql"),
    ("percona-server", Database, "mysql"),
    ("mongo", Database, "mongodb"),
    ("mongodb", Database, "mongodb"),
    ("percona-server-mongodb", Database, "mongodb"),
    ("mssql/server", Database, "sqlserver"),
    ("cockroach", Database, "cockroachdb"),
    ("yugabyte", Database, "yugabytedb"),
    ("tidb", Database, "tidb"),
    ("cassandra", Database, "cassandra"),
    ("scylla", Database, "scylladb"),
    ("elasticsearch", Database, "elasticsearch"),
    ("opensearch", Database, "opensearch"),
    ("solr", Database, "solr"),
    ("clickhouse", Database, "clickhouse"),
    ("clickhouse-server", Database, "clickhouse"),
    ("influxdb", Database, "influxdb"),
    ("couchdb", Database, "couchdb"),
    ("neo4j", Database, "neo4j"),
    ("redis", Cache, "redis"),
    ("redis-stack", Cache, "redis"),
    ("redis-stack-server", Cache, "redis"),
    ("redis-cluster", Cache, "redis"),
    ("keydb", Cache, "keydb"),
    ("dragonfly", Cache, "dragonfly"),
    ("valkey", Cache, "valkey"),
    ("valkey-cluster", Cache, "valkey"),
    ("memcached", Cache, "memcached"),
    ("hazelcast", Cache, "hazelcast"),
    ("rabbitmq", Queue, "rabbitmq"),
    ("rabbitmq-server", Queue, "rabbitmq"),
    ("kafka", Queue, "kafka"),
    ("cp-kafka", Queue, "kafka"),
    ("cp-server", Queue, "kafka"),
    ("redpanda", Queue, "kafka"),
    ("nats", Queue, "nats"),
    ("nats-streaming", Queue, "nats"),
    ("activemq", Queue, "activemq"),
    ("activemq-artemis", Queue, "activemq"),
    ("pulsar", Queue, "pulsar"),
    ("nsq", Queue, "nsq"),
];

/// Parts of the names of containers that stand beside the main one.
const SIDECARS: &[&str] = &[
    "istio-proxy",
    "linkerd-proxy",
    "exporter",
    "cloud-sql-proxy",
    "vault-agent",
    "fluent-bit",
    "fluentd",
    "config-reloader",
];

/// What the main container of these is, when it is a store; containers as (name, image).
pub fn store<'a>(
    containers: impl Iterator<Item = (&'a str, &'a str)>,
) -> Option<(EntityKind, &'static str)> {
    let is_sidecar = |name: &str| SIDECARS.iter().any(|sidecar| name.contains(sidecar));
    let (_name, image) = containers.into_iter().find(|(name, _image)| !is_sidecar(name))?;
    let repository = repository(image);
    STORE_IMAGES
        .iter()
        .find(|(name, _, _)| {
            repository.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
        })
        .map(|(_, kind, engine)| (*kind, *engine))
}

/// An image without its tag and digest.
pub fn repository(image: &str) -> &str {
    let name = image.split_once('@').map_or(image, |(name, _digest)| name);
    match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_image_itself_counts() {
        let of = |image: &str| store([("x", image)].into_iter()).map(|(kind, _)| kind);
        assert_eq!(of("redis:alpine"), Some(Cache));
        assert_eq!(of("docker.io/bitnami/postgresql:16@sha256:00"), Some(Database));
        assert_eq!(of("registry:5000/mongo"), Some(Database));
        assert_eq!(of("mcr.microsoft.com/mssql/server:2022-latest"), Some(Database));
        assert_eq!(of("mongo-express"), None);
        assert_eq!(of("oliver006/redis_exporter"), None);
        assert_eq!(of("server"), None);
        let beside = [("istio-proxy", "istio/proxyv2"), ("db", "mysql:8")];
        assert_eq!(store(beside.into_iter()), Some((Database, "mysql")));
    }
}
