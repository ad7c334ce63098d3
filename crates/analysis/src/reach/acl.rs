//! Network ACLs of subnets: stateless, so the way there and the way back must both be open. Rules are
//! tried in order of their number, the first that matches decides, and what none matches is denied.

use model::kind::{EntityKind as K, RelationKind as R};
use serde_json::Value;

use super::address::Cidr;
use super::decision::Decision;
use super::group::bare_id;
use super::seat::Seat;
use crate::estate::Estate;

/// Ports that a client may have, of all systems together: Windows and Linux take theirs from within.
const CLIENT_PORTS: (u16, u16) = (1024, 65_535);

/// Whether the ACLs on both sides let a connection pass.
pub(super) fn between(estate: &Estate, from: &Seat, to: &Seat, port: u16) -> Decision {
    if from.subnets.is_empty() || to.subnets.is_empty() {
        let name = if from.subnets.is_empty() { from.entity } else { to.entity };
        return Decision::maybe(format!("subnet of {}", estate.entity(name).name));
    }
    let pairs = from.subnets.iter().flat_map(|near| to.subnets.iter().map(move |far| (near, far)));
    let each = pairs.map(|(near, far)| subnets(estate, (*near, from), (*far, to), port));
    Decision::one_of(each, "which of its subnets it stands in")
}

fn subnets(
    estate: &Estate,
    (near, from): (u32, &Seat),
    (far, to): (u32, &Seat),
    port: u16,
) -> Decision {
    if near == far {
        // Within a subnet its ACL does not apply.
        return Decision::Allow;
    }
    let there = (port, port);
    let (client, server) = (&from.addresses, &to.addresses);
    one_way(estate, near, true, server, there)
        .and(one_way(estate, far, false, client, there))
        .and(one_way(estate, far, true, client, CLIENT_PORTS))
        .and(one_way(estate, near, false, server, CLIENT_PORTS))
}

/// One direction of one subnet's ACL.
fn one_way(
    estate: &Estate,
    subnet: u32,
    is_egress: bool,
    addresses: &[Cidr],
    ports: (u16, u16),
) -> Decision {
    let name = bare_id(&estate.entity(subnet).id);
    let acl =
        estate.far(subnet, R::GuardedBy).find(|one| estate.entity(*one).kind == K::NetworkAcl);
    let entries = acl.and_then(|one| estate.entity(one).properties.get("entries")?.as_array());
    let Some(entries) = entries else {
        return Decision::maybe(format!("network ACL of {name}"));
    };
    let mut rules: Vec<Rule> = entries.iter().filter_map(Rule::of).collect();
    rules.retain(|rule| rule.is_egress == is_egress);
    rules.sort_by_key(|rule| rule.number);
    if addresses.is_empty() {
        return Decision::maybe(format!("addresses behind the network ACL of {name}"));
    }
    let direction = if is_egress { "out of" } else { "into" };
    let denied = format!("the network ACL of {name} lets nothing {direction} it");
    let unclear = format!("the network ACL of {name} lets part of it {direction} it");
    match addresses.iter().map(|one| passes(&rules, one, ports)).reduce(Pass::or) {
        Some(Pass::All) => Decision::Allow,
        Some(Pass::None) | None => Decision::Deny(denied),
        Some(Pass::Part) => Decision::maybe(unclear),
    }
}

/// How much passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    All,
    Part,
    None,
}

impl Pass {
    fn or(self, other: Self) -> Self {
        if self == other { self } else { Self::Part }
    }
}

/// One rule about TCP.
struct Rule {
    number: i64,
    is_egress: bool,
    is_allow: bool,
    range: Cidr,
    ports: (u16, u16),
}

impl Rule {
    /// `None` for what is not about TCP.
    fn of(entry: &Value) -> Option<Self> {
        let protocol = entry.get("protocol")?;
        let protocol = protocol.as_str().map_or_else(|| protocol.to_string(), str::to_owned);
        if !matches!(protocol.as_str(), "-1" | "6" | "tcp" | "all") {
            return None;
        }
        let block = entry.get("cidr_block").or_else(|| entry.get("ipv6_cidr_block"))?.as_str()?;
        let port = |name: &str| {
            let number = entry.get("port_range")?.get(name)?.as_u64()?;
            u16::try_from(number).ok()
        };
        Some(Self {
            number: entry.get("rule_number").and_then(Value::as_i64).unwrap_or(i64::MAX),
            is_egress: entry.get("egress").and_then(Value::as_bool).unwrap_or(false),
            is_allow: entry.get("rule_action").and_then(Value::as_str) == Some("allow"),
            range: Cidr::parse(block)?,
            ports: (port("from").unwrap_or(0), port("to").unwrap_or(u16::MAX)),
        })
    }
}

/// How much of the ports of somebody within a range of addresses passes the rules.
fn passes(rules: &[Rule], addresses: &Cidr, ports: (u16, u16)) -> Pass {
    // Ports that no rule has decided yet, as ranges.
    let mut open = vec![(u32::from(ports.0), u32::from(ports.1))];
    let (mut allowed, mut denied) = (false, false);
    for rule in rules {
        if !rule.range.overlaps(addresses) {
            continue;
        }
        let (from, to) = (u32::from(rule.ports.0), u32::from(rule.ports.1));
        let is_hit = open.iter().any(|(first, last)| *first <= to && from <= *last);
        if !is_hit {
            continue;
        }
        if rule.is_allow {
            allowed = true
        } else {
            denied = true
        }
        if !rule.range.holds(addresses) {
            // It decides for some of the addresses only: the others go on to later rules.
            continue;
        }
        open = open.iter().flat_map(|one| without(*one, (from, to))).collect();
    }
    denied |= !open.is_empty();
    match (allowed, denied) {
        (true, false) => Pass::All,
        (true, true) => Pass::Part,
        (false, _) => Pass::None,
    }
}

/// A range of ports without another.
fn without((first, last): (u32, u32), (from, to): (u32, u32)) -> Vec<(u32, u32)> {
    if to < first || last < from {
        return vec![(first, last)];
    }
    let mut rest = Vec::new();
    if first < from {
        rest.push((first, from - 1));
    }
    if to < last {
        rest.push((to + 1, last));
    }
    rest
}

/// Whether an ACL lets the internet in on a port; `None` when it was not read.
pub(super) fn lets_in(estate: &Estate, subnet: u32, port: u16, from: &Cidr) -> Option<bool> {
    match one_way(estate, subnet, false, std::slice::from_ref(from), (port, port)) {
        Decision::Allow => Some(true),
        Decision::Deny(_) => Some(false),
        // It lets some addresses in, or it was not read.
        Decision::Maybe(_) => {
            let acl = estate.far(subnet, R::GuardedBy);
            acl.into_iter().any(|one| estate.entity(one).kind == K::NetworkAcl).then_some(true)
        }
    }
}
