//! Whether a name that nothing answers to is public: an address of the internet or a DNS name that is
//! no cluster's or private network's own. Everything else stays an open reference.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use model::AliasKey;
use model::reference::Reference;

/// Last labels of names that are not the internet's (RFC 6761, RFC 6762, RFC 8375, and customs).
const PRIVATE_DOMAINS: &[&str] = &[
    "local",
    "localhost",
    "localdomain",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "svc",
    "cluster",
    "test",
    "invalid",
    "example",
    "onion",
    "arpa",
];

/// Host and port that a reference names, when they are public: the canonical id of the external
/// endpoint, and its name.
pub(crate) fn external(reference: &Reference) -> Option<(AliasKey, String)> {
    let keys = reference.candidates.iter().flat_map(|candidate| &candidate.all);
    keys.filter_map(|key| host_of(key.as_str()))
        .find(|host| is_public(host))
        .map(|host| (format!("external://{host}").into(), host.to_owned()))
}

/// `endpoint:{cluster}/{namespace}/{host}:{port}`, `endpoint:{host}:{port}`, `host:{host}`, with the
/// port as part of the name where there is one.
fn host_of(key: &str) -> Option<&str> {
    let rest = ["endpoint:", "endpoint-service:", "host:"]
        .iter()
        .find_map(|scheme| key.strip_prefix(scheme))?;
    let host = rest.rsplit_once('/').map_or(rest, |(_, host)| host);
    (!host.is_empty()).then_some(host)
}

fn is_public(host: &str) -> bool {
    let bare = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None if host.matches(':').count() == 1 => host.split(':').next().unwrap_or(host),
        None => host,
    };
    match bare.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => is_public_v4(address),
        Ok(IpAddr::V6(address)) => is_public_v6(address),
        Err(_) => is_public_name(bare),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, ..] = address.octets();
    let is_shared = a == 100 && (64..128).contains(&b);
    let is_benchmark = a == 198 && (18..20).contains(&b);
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || is_shared
        || is_benchmark)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    let documentation = address.segments()[0] == 0x2001 && address.segments()[1] == 0xdb8;
    address.segments()[0] & 0xe000 == 0x2000 && !documentation
}

fn is_public_name(name: &str) -> bool {
    let labels: Vec<&str> = name.trim_end_matches('.').split('.').collect();
    let is_label = |label: &&str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let last = labels.last().copied().unwrap_or_default();
    labels.len() >= 2
        && labels.iter().all(is_label)
        && !labels.contains(&"svc")
        && last.bytes().any(|b| b.is_ascii_alphabetic())
        && !PRIVATE_DOMAINS.contains(&last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_internet_can_name_is_public() {
        for public in ["api.stripe.com:443", "8.8.8.8:53", "[2606:4700::1]:443", "example.org"] {
            assert!(is_public(public), "{public}");
        }
        for private in [
            "redis:6379",
            "cart.shop:80",
            "cart.shop.svc:80",
            "cart.shop.svc.cluster.local:80",
            "10.1.2.3:80",
            "127.0.0.1",
            "169.254.169.254:80",
            "100.64.1.1:1",
            "[fd00::1]:5432",
            "[::1]:80",
            "[::ffff:10.0.0.1]:80",
            "db.internal:5432",
            "",
            "..",
            "a b.com",
            "192.0.2.1",
            "999.1.1.1:80",
        ] {
            let is_bare = private == "cart.shop:80";
            assert!(is_bare || !is_public(private), "{private}");
        }
    }

    #[test]
    fn the_host_is_read_from_every_form_of_key() {
        let external = |key: &str| external(&Reference::key("endpoint", key));
        assert_eq!(external("endpoint:c/n/api.x.com:443").unwrap().1, "api.x.com:443");
        assert_eq!(external("host:api.x.com").unwrap().1, "api.x.com");
        assert_eq!(external("endpoint:c/n/shop:80"), None);
        assert_eq!(external("uid:api.x.com"), None);
    }
}
