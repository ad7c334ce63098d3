//! Endpoints that configuration names: `host:port`, URLs and connection strings in environment
//! variables, arguments and ConfigMaps. Nothing but host and port is ever taken from a value.

use std::net::Ipv4Addr;

use model::kind::Confidence;
use model::reference::Candidate;
use model::{AliasKey, EntityKind, Reference};

use crate::key;

/// Longest value that is looked at; what is longer is a file, not an address.
pub const VALUE_BYTES: usize = 4096;

/// A host and perhaps a port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// Lower case.
    pub host: String,
    /// As named, else the scheme's.
    pub port: Option<u16>,
}

/// Endings of variables whose value is a host also when it has no port.
const HOST_ENDINGS: &[&str] = &[
    "HOST",
    "HOSTNAME",
    "HOST_NAME",
    "ADDR",
    "ADDRESS",
    "ENDPOINT",
    "URL",
    "URI",
    "BROKER",
    "BROKERS",
    "BOOTSTRAP_SERVERS",
    "COLLECTOR_NAME",
    "UPSTREAM",
];

/// Endings of variables whose values look like endpoints and are none (`redis:7`).
const NO_ENDPOINT_ENDINGS: &[&str] = &["IMAGE", "IMAGE_NAME", "VERSION", "_TAG"];

/// Parts of the names of variables that say where the process itself listens.
const LISTENING: &[&str] = &["LISTEN", "BIND"];

/// Ports that a scheme implies.
const SCHEMES: &[(&str, u16)] = &[
    ("http", 80),
    ("https", 443),
    ("ws", 80),
    ("wss", 443),
    ("postgres", 5432),
    ("postgresql", 5432),
    ("mysql", 3306),
    ("mariadb", 3306),
    ("sqlserver", 1433),
    ("mongodb", 27017),
    ("redis", 6379),
    ("rediss", 6379),
    ("amqp", 5672),
    ("amqps", 5671),
    ("nats", 4222),
    ("memcached", 11211),
];

/// Whether a variable of this name may hold a bare host.
pub fn names_host(variable: &str) -> bool {
    let upper = variable.to_ascii_uppercase().replace(['.', '-'], "_");
    !is_excluded(&upper)
        && HOST_ENDINGS.iter().any(|ending| {
            upper.strip_suffix(ending).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
        })
}

fn is_excluded(upper: &str) -> bool {
    NO_ENDPOINT_ENDINGS.iter().any(|ending| upper.ends_with(ending))
        || LISTENING.iter().any(|part| upper.contains(part))
}

/// The endpoints that the value of a variable names; `port_of` gives the value of another variable,
/// for `X_HOST` beside `X_PORT`.
pub fn in_variable(
    variable: &str,
    value: &str,
    port_of: impl Fn(&str) -> Option<u16>,
) -> Vec<Endpoint> {
    let upper = variable.to_ascii_uppercase();
    if value.len() > VALUE_BYTES || value.contains('\n') || is_excluded(&upper) {
        return Vec::new();
    }
    let found = in_text(value);
    if !found.is_empty() || !names_host(variable) {
        return found;
    }
    let Some(host) = host(value.trim()) else { return Vec::new() };
    let stem = HOST_ENDINGS.iter().find_map(|ending| variable.strip_suffix(ending));
    let port = stem.and_then(|stem| port_of(&format!("{stem}PORT")));
    vec![Endpoint { host, port }]
}

/// The endpoints that an argument names; scripts are not searched.
pub fn in_argument(argument: &str) -> Vec<Endpoint> {
    if argument.len() > VALUE_BYTES || argument.contains(['\n', ' ']) {
        return Vec::new();
    }
    let value = match argument.strip_prefix('-') {
        Some(flag) => flag.split_once('=').map_or("", |(_flag, value)| value),
        None => argument,
    };
    in_text(value)
}

/// `host:port`, URLs and connection strings in a value.
pub fn in_text(value: &str) -> Vec<Endpoint> {
    let mut found = Vec::new();
    if let Some(endpoint) = connection_string(value) {
        found.push(endpoint);
    } else {
        let separators = [',', ';', ' ', '\t', '"', '\'', '|', '(', ')'];
        found.extend(value.split(separators).filter_map(token));
    }
    found.sort();
    found.dedup();
    found
}

/// `Host=db;Port=5432;Password=…`, `host=db port=5432`, `Server=tcp:db,1433;…`.
fn connection_string(value: &str) -> Option<Endpoint> {
    let separator = if value.contains(';') { ';' } else { ' ' };
    let (mut named, mut port) = (None, None);
    for pair in value.split(separator) {
        let Some((name, value)) = pair.split_once('=') else { continue };
        match name.trim().to_ascii_lowercase().as_str() {
            "host" | "server" | "data source" | "hostname" | "addr" | "address" => {
                named = Some(value.trim());
            }
            "port" => port = value.trim().parse().ok(),
            _ => {}
        }
    }
    let named = named?;
    let named = named.strip_prefix("tcp:").unwrap_or(named);
    let (name, own_port) = named.split_once([',', ':']).unwrap_or((named, ""));
    Some(Endpoint { host: host(name)?, port: own_port.parse().ok().or(port) })
}

/// One URL or `host:port`.
fn token(token: &str) -> Option<Endpoint> {
    let (scheme, rest) = token.split_once("://").map_or((None, token), |(scheme, rest)| {
        (Some(scheme.rsplit(':').next().unwrap_or(scheme).to_ascii_lowercase()), rest)
    });
    let authority = rest.split(['/', '?', '#']).next()?;
    let authority = authority.rsplit_once('@').map_or(authority, |(_user, host)| host);
    let (name, port) = match authority.split_once(':') {
        Some((name, port)) => (name, Some(port.parse::<u16>().ok().filter(|port| *port > 0)?)),
        None => (authority, None),
    };
    let implied = scheme.as_deref().map(|scheme| {
        SCHEMES.iter().find(|(name, _port)| *name == scheme).map(|(_name, port)| *port)
    });
    let port = match (port, implied) {
        (Some(port), _) => Some(port),
        // A scheme without a port of its own (`s3://bucket`) names no host.
        (None, Some(implied)) => Some(implied?),
        (None, None) => return None,
    };
    Some(Endpoint { host: host(name)?, port })
}

/// A host in lower case, when it is one and not this machine.
fn host(name: &str) -> Option<String> {
    let name = name.trim_end_matches('.');
    if let Ok(address) = name.parse::<Ipv4Addr>() {
        let is_here = address.is_loopback() || address.is_unspecified();
        return (!is_here).then(|| address.to_string());
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            && label.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric())
    };
    let is_host = name.len() <= 253
        && name.split('.').all(is_label)
        && name.bytes().any(|byte| byte.is_ascii_alphabetic());
    let lower = name.to_ascii_lowercase();
    let is_other = !matches!(lower.as_str(), "localhost" | "true" | "false" | "none" | "null");
    (is_host && is_other && !lower.ends_with(".localhost")).then_some(lower)
}

/// What an endpoint named inside a namespace leads to.
pub fn reference(cluster: &str, namespace: &str, endpoints: &[Endpoint], rule: &str) -> Reference {
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut add = |key: AliasKey| {
        let candidate =
            Candidate { all: vec![key], rule: rule.into(), confidence: Confidence::Certain };
        if !candidates.contains(&candidate) {
            candidates.push(candidate);
        }
    };
    let mut is_external = false;
    for Endpoint { host, port } in endpoints {
        let of = key::endpoint_namespace(host, namespace);
        let is_dotted = host.contains('.');
        match port {
            Some(port) => {
                add(key::endpoint(cluster, of, host, *port));
                if is_dotted {
                    add(key::public_endpoint(host, *port));
                }
            }
            None => add(key::endpoint_host(cluster, of, host)),
        }
        if host.parse::<Ipv4Addr>().is_ok() {
            add(key::address(cluster, host));
        } else if is_dotted {
            add(key::host(host));
        }
        is_external |= is_public(host);
    }
    let otherwise = is_external.then_some(EntityKind::ExternalEndpoint);
    Reference { candidates, kinds: Vec::new(), cardinality: Default::default(), otherwise }
}

/// Last labels that the public DNS does not have.
const PRIVATE_ZONES: &[&str] = &[
    "local",
    "internal",
    "lan",
    "corp",
    "home",
    "intranet",
    "private",
    "svc",
    "cluster",
    "test",
    "invalid",
    "localdomain",
    "arpa",
];

/// Last labels with which a name of two labels is taken for public; `name.namespace` has two as well.
const COMMON_ZONES: &[&str] =
    &["com", "net", "org", "io", "dev", "app", "cloud", "gov", "edu", "ai", "eu", "uk", "de"];

/// Whether a host is a public address or a name of the public DNS.
pub fn is_public(host: &str) -> bool {
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        let [first, second, ..] = address.octets();
        let is_shared = first == 100 && (64..128).contains(&second);
        return !(address.is_private()
            || address.is_loopback()
            || address.is_link_local()
            || address.is_unspecified()
            || address.is_multicast()
            || address.is_broadcast()
            || address.is_documentation()
            || is_shared
            || first >= 240);
    }
    let labels: Vec<&str> = host.split('.').collect();
    let Some(zone) = labels.last() else { return false };
    let is_zone = zone.len() >= 2 && zone.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_in_cluster = labels.contains(&"svc");
    match labels.len() {
        0 | 1 => false,
        2 => COMMON_ZONES.contains(zone),
        _ => is_zone && !is_in_cluster && !PRIVATE_ZONES.contains(zone),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(name: &str, value: &str) -> Vec<String> {
        let port_of = |name: &str| (name == "FLAGD_PORT").then_some(8013);
        in_variable(name, value, port_of)
            .into_iter()
            .map(|one| match one.port {
                Some(port) => format!("{}:{port}", one.host),
                None => one.host,
            })
            .collect()
    }

    #[test]
    fn endpoints_are_found_in_the_forms_that_manifests_use() {
        assert_eq!(found("CART_ADDR", "cart:7070"), ["cart:7070"]);
        assert_eq!(
            found("X", "http://Email.shop.svc.cluster.local.:8080/a?b=c:1"),
            ["email.shop.svc.cluster.local:8080"]
        );
        assert_eq!(found("X", "postgres://user:p%40ss@db/orders?sslmode=disable"), ["db:5432"]);
        assert_eq!(found("X", "jdbc:postgresql://db:5433/x"), ["db:5433"]);
        assert_eq!(found("X", "k1:9092,k2:9092"), ["k1:9092", "k2:9092"]);
        assert_eq!(found("X", "Host=postgresql;Username=u;Password=a:1"), ["postgresql"]);
        assert_eq!(
            found("X", "Server=tcp:sql.example.com,1433;Database=x"),
            ["sql.example.com:1433"]
        );
        assert_eq!(found("X", "host=db port=5432 password=secret"), ["db:5432"]);
        assert_eq!(found("FLAGD_HOST", "flagd"), ["flagd:8013"]);
        assert_eq!(found("QUORUM", "1@kafka:9093"), ["kafka:9093"]);
        assert_eq!(found("DB_HOST", "10.0.0.7"), ["10.0.0.7"]);
    }

    #[test]
    fn what_only_looks_like_an_endpoint_is_none() {
        for (name, value) in [
            ("PORT", "8080"),
            ("LISTEN_ADDR", "grpc:9090"),
            ("ADDR", "0.0.0.0:80"),
            ("ADDR", ":8080"),
            ("URL", "http://localhost:3000/x"),
            ("URL", "http://$(NAME):80"),
            ("IMAGE", "redis:7"),
            ("TIME", "12:30"),
            ("OPTS", "-Djava.security.egd=file:/dev/urandom"),
            ("PREFERENCE", "cumulative"),
            ("BUCKET_URL", "s3://bucket/path"),
            ("HOST", "true"),
            ("URL", "a:99999"),
            ("ADDR", "nginx:1.25"),
        ] {
            assert_eq!(found(name, value), Vec::<String>::new(), "{name}={value}");
        }
    }

    #[test]
    fn only_public_names_may_become_external() {
        for host in ["api.example.com", "example.com", "8.8.8.8", "a.b.amazonaws.com"] {
            assert!(is_public(host), "{host}");
        }
        for host in [
            "cart",
            "cart.shop",
            "cart.shop.svc",
            "db.prod.internal",
            "10.1.2.3",
            "100.64.0.1",
            "a.b.svc.cluster.local",
            "192.168.1.1",
        ] {
            assert!(!is_public(host), "{host}");
        }
    }

    proptest! {
        #[test]
        fn no_value_panics(name in ".{0,12}", value in ".{0,80}") {
            for endpoint in in_variable(&name, &value, |_| None) {
                prop_assert!(!endpoint.host.is_empty());
                reference("c", "n", &[endpoint], "environment");
            }
            in_argument(&value);
        }
    }
}
