//! Security groups: a path needs an egress rule of any group of the near end and an ingress rule of
//! any group of the far end. Rules name addresses of both families, groups (their own among them) and
//! prefix lists.

use model::kind::EntityKind as K;
use serde_json::Value;

use super::address::{Cidr, Cover, cover};
use super::decision::Decision;
use super::seat::Seat;
use crate::estate::Estate;

/// Whether a group of the near end lets it out to the far end.
pub(super) fn egress(estate: &Estate, from: &Seat, to: &Seat, port: u16) -> Decision {
    side(estate, from, to, port, "ip_permissions_egress", "egress")
}

/// Whether a group of the far end lets the near end in.
pub(super) fn ingress(estate: &Estate, from: &Seat, to: &Seat, port: u16) -> Decision {
    side(estate, to, from, port, "ip_permissions", "ingress")
}

fn side(
    estate: &Estate,
    own: &Seat,
    other: &Seat,
    port: u16,
    property: &str,
    direction: &str,
) -> Decision {
    let name = &estate.entity(own.entity).name;
    let denied = format!("no {direction} rule of {name}'s security groups allows port {port}");
    let rules = own.groups.iter().flat_map(|group| {
        let rules = estate.entity(*group).properties.get(property).and_then(Value::as_array);
        rules.into_iter().flatten()
    });
    let open = rules.filter(|rule| allows_port(rule, port));
    let decided = Decision::any(open.map(|rule| peers(estate, rule, other)), denied);
    // What was not read can only allow more, so it matters only where nothing allows yet.
    let is_read = |group: &u32| estate.entity(*group).properties.contains_key(property);
    match decided {
        Decision::Deny(_) if own.has_unread_groups || !own.groups.iter().all(is_read) => {
            Decision::maybe(format!("security groups of {name}"))
        }
        other => other,
    }
}

/// Whether a rule is about a TCP port.
pub(super) fn allows_port(rule: &Value, port: u16) -> bool {
    let protocol = rule.get("ip_protocol").map(text_of).unwrap_or_default();
    match protocol.as_str() {
        "-1" | "all" => true,
        "tcp" | "6" => {
            let number = |name: &str| rule.get(name).and_then(Value::as_i64);
            let (from, to) = (number("from_port"), number("to_port"));
            match (from, to) {
                (Some(-1), _) | (None, None) => true,
                (from, to) => {
                    let from = from.or(to).unwrap_or(0);
                    let to = to.or(Some(from)).unwrap_or(from);
                    (from..=to).contains(&i64::from(port))
                }
            }
        }
        _ => false,
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The ranges that a rule names directly.
pub(super) fn rule_ranges(rule: &Value) -> Vec<Cidr> {
    let lists = [("ip_ranges", "cidr_ip"), ("ipv6_ranges", "cidr_ipv6")];
    let of = |(list, field): (&str, &str)| -> Vec<Cidr> {
        let all = rule.get(list).and_then(Value::as_array).into_iter().flatten();
        all.filter_map(|one| one.get(field)?.as_str()).filter_map(Cidr::parse).collect()
    };
    lists.into_iter().flat_map(of).collect()
}

/// Whether a rule is about where the other end stands.
fn peers(estate: &Estate, rule: &Value, other: &Seat) -> Decision {
    let by_range = rule_ranges(rule).into_iter().map(|range| by_range(estate, &range, other));
    let groups = rule.get("user_id_group_pairs").and_then(Value::as_array).into_iter().flatten();
    let by_group = groups.filter_map(|pair| pair.get("group_id")?.as_str());
    let by_group = by_group.map(|id| by_group_id(estate, id, other));
    let lists = rule.get("prefix_list_ids").and_then(Value::as_array).into_iter().flatten();
    let by_list = lists.filter_map(|one| one.get("prefix_list_id")?.as_str());
    let by_list = by_list.map(|id| by_prefix_list(estate, id, other));
    Decision::any(by_range.chain(by_group).chain(by_list), "the rule names others")
}

fn by_range(estate: &Estate, range: &Cidr, other: &Seat) -> Decision {
    let name = &estate.entity(other.entity).name;
    if other.addresses.is_empty() {
        // A range that holds everything of IPv4 holds it wherever it is.
        return if *range == Cidr::EVERY_V4 {
            Decision::Allow
        } else {
            Decision::maybe(format!("address of {name}"))
        };
    }
    match cover(range, &other.addresses) {
        Cover::All => Decision::Allow,
        Cover::Part => Decision::maybe(format!("address of {name} within its subnets")),
        Cover::None => Decision::Deny(String::new()),
    }
}

fn by_group_id(estate: &Estate, id: &str, other: &Seat) -> Decision {
    if other.groups.iter().any(|group| bare_id(&estate.entity(*group).id) == id) {
        Decision::Allow
    } else if other.has_unread_groups {
        Decision::maybe(format!("security groups of {}", estate.entity(other.entity).name))
    } else {
        Decision::Deny(String::new())
    }
}

fn by_prefix_list(estate: &Estate, id: &str, other: &Seat) -> Decision {
    let list = estate
        .of_kind(K::PrefixList)
        .map(|one| estate.entity(one))
        .find(|one| bare_id(&one.id) == id);
    let cidrs = list.and_then(|list| list.properties.get("cidrs")?.as_array());
    let Some(cidrs) = cidrs else {
        return Decision::maybe(format!("entries of prefix list {id}"));
    };
    let ranges = cidrs.iter().filter_map(Value::as_str).filter_map(Cidr::parse);
    Decision::any(ranges.map(|range| by_range(estate, &range, other)), String::new())
}

/// The bare id at the end of an ARN.
pub(super) fn bare_id(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}
