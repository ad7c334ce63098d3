//! The far end of a span, by the attributes of its caller: old and new conventions.

use model::kind::Confidence;
use model::{EntityKind, Reference};
use opentelemetry_proto::tonic::common::v1::KeyValue;

use super::attribute;
use crate::format::subject::{Candidates, Place, services};
use crate::key;

/// Ports of databases when the span names none.
const PORTS: &[(&str, u16)] = &[
    ("postgresql", 5432),
    ("mysql", 3306),
    ("mariadb", 3306),
    ("microsoft.sql_server", 1433),
    ("mssql", 1433),
    ("redis", 6379),
    ("valkey", 6379),
    ("mongodb", 27017),
    ("cassandra", 9042),
    ("elasticsearch", 9200),
    ("opensearch", 9200),
    ("memcached", 11211),
];
/// Kinds behind a message.
const QUEUES: &[EntityKind] = &[EntityKind::Queue, EntityKind::Service, EntityKind::Resource];

/// Where the span's kind or attributes say that there is a far end: its names.
pub fn of(
    attributes: &[KeyValue],
    place: Place<'_>,
    environment: Option<&str>,
) -> Option<Reference> {
    let text = |names: &[&str]| attribute::text(attributes, names);
    let mut all = Candidates::default();
    let mut kinds: &[EntityKind] = &[];
    if let Some(arn) = text(&["aws.sqs.queue.arn", "aws.sns.topic.arn", "aws.dynamodb.table_arn"]) {
        all.add("aws arn", key::arn(&arn), Confidence::Certain);
    }
    let destination = text(&["messaging.destination.name", "messaging.destination"]);
    if text(&["messaging.system"]).is_some() || destination.is_some() {
        kinds = QUEUES;
        if let Some(url) = text(&["aws.sqs.queue.url", "messaging.url"]) {
            all.add("queue url", key::bare_id(&url), Confidence::High);
        }
        if let Some(name) = destination {
            all.add("messaging.destination.name", key::bare_id(&name), Confidence::Medium);
        }
        return all.reference(kinds);
    }
    if let Some(peer) = text(&["peer.service", "service.peer.name"]) {
        let namespace = text(&["service.peer.namespace"]);
        services(&mut all, "peer.service", &peer, namespace.as_deref(), environment);
    }
    let system = text(&["db.system.name", "db.system"]);
    let host = text(&[
        "server.address",
        "net.peer.name",
        "net.sock.peer.name",
        "db.connection_string.host",
        "network.peer.address",
        "net.peer.ip",
        "net.sock.peer.addr",
    ]);
    if let Some(host) = host {
        let port = text(&["server.port", "net.peer.port", "network.peer.port"])
            .and_then(|port| port.parse::<u16>().ok());
        // `host:port` in one attribute, as some gRPC clients send it.
        let (host, port) = match (host.rsplit_once(':'), port) {
            (Some((name, port)), None) if !name.contains(':') => {
                (name.to_owned(), port.parse().ok())
            }
            (_, port) => (host.clone(), port),
        };
        endpoint(&mut all, &host, port.or_else(|| usual_port(system.as_deref())), place);
        let reference = all.reference(kinds)?;
        return Some(external(reference, &host));
    }
    if system.is_none() {
        return all.reference(kinds);
    }
    // A database that names no address is known at most by its instance.
    if let Some(name) = text(&["db.instance.id", "db.mssql.instance_name"]) {
        all.add("db.instance.id", key::bare_id(&name), Confidence::Medium);
    }
    all.reference(kinds)
}

fn usual_port(system: Option<&str>) -> Option<u16> {
    let system = system?;
    PORTS.iter().find(|(name, _)| *name == system).map(|(_, port)| *port)
}

fn endpoint(all: &mut Candidates, host: &str, port: Option<u16>, place: Place<'_>) {
    let (cluster, namespace) = (place.cluster.unwrap_or("*"), place.namespace);
    if let (Some(port), Some(namespace)) = (port, namespace) {
        let key = key::endpoint(cluster, namespace, host, port);
        all.add("server.address", key, place.confidence());
    }
    if let Some(port) = port {
        all.add("server.address", key::public_endpoint(host, port), Confidence::Certain);
    }
    if host.parse::<std::net::IpAddr>().is_ok() {
        if let Some(cluster) = place.cluster {
            all.add("server.address", key::address(cluster, host), Confidence::Medium);
        }
    } else {
        all.add("server.address", key::host(host), Confidence::High);
    }
}

/// Only a public name may become an external endpoint; a bare or cluster-local one stays open.
fn external(reference: Reference, host: &str) -> Reference {
    let host = host.trim_end_matches('.');
    let is_public = match host.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(address)) => {
            !(address.is_private() || address.is_loopback() || address.is_link_local())
        }
        Ok(std::net::IpAddr::V6(address)) => {
            !(address.is_loopback() || (address.segments()[0] & 0xfe00) == 0xfc00)
        }
        Err(_) => {
            host.contains('.')
                && ![".svc", ".local", ".internal", ".cluster", ".localdomain", ".lan"]
                    .iter()
                    .any(|end| host.ends_with(end))
                && !host.contains(".svc.")
        }
    };
    Reference { otherwise: is_public.then_some(EntityKind::ExternalEndpoint), ..reference }
}
