//! Whether the internet can reach a thing on a port. It takes a public address, a route from its
//! subnet to an internet gateway, an ingress rule from everywhere, and for RDS that it is made
//! publicly accessible; a flag alone is no exposure.

use model::kind::{EntityKind as K, RelationKind as R};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::address::Cidr;
use super::seat::{Seat, interfaces};
use super::{Network, acl, group, route};
use crate::estate::Estate;
use crate::property::text;

/// Whether the internet can reach it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExposureVerdict {
    /// Everything that it takes is there.
    Exposed,
    /// Something that it takes was not read, and nothing that was read is missing.
    PossibleNotFullyChecked,
    /// Something that it takes is not there.
    NotExposed,
}

/// One thing that it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExposureCheck {
    /// `public_address`, `internet_route`, `ingress_rule`, `publicly_accessible` or `network_acl`.
    pub check: String,
    /// Whether it is there; null when it was not read.
    pub holds: Option<bool>,
    /// What was seen, or what was not read.
    pub detail: String,
}

/// A judged exposure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Exposure {
    /// The port.
    pub port: u16,
    /// The verdict.
    pub verdict: ExposureVerdict,
    /// What it takes, in a fixed order.
    pub checks: Vec<ExposureCheck>,
}

impl Network<'_> {
    /// Whether the internet can reach an entity on a TCP port.
    pub fn exposure(&self, entity: u32, port: u16) -> Exposure {
        let estate = self.estate;
        let seats = self.seats(entity);
        let mut checks = vec![
            public_address(estate, entity, &seats),
            internet_route(estate, &seats),
            ingress_rule(estate, &seats, port),
        ];
        checks.extend(publicly_accessible(estate, entity));
        checks.extend(network_acl(estate, &seats, port));
        let verdict = if checks.iter().any(|one| one.holds == Some(false)) {
            ExposureVerdict::NotExposed
        } else if checks.iter().any(|one| one.holds.is_none()) {
            ExposureVerdict::PossibleNotFullyChecked
        } else {
            ExposureVerdict::Exposed
        };
        Exposure { port, verdict, checks }
    }
}

fn check(name: &str, holds: Option<bool>, detail: impl Into<String>) -> ExposureCheck {
    ExposureCheck { check: name.to_owned(), holds, detail: detail.into() }
}

/// Whether the entity is a database or cluster of RDS, which has the flag.
fn flag(estate: &Estate, entity: u32) -> Option<bool> {
    estate.entity(entity).properties.get("publicly_accessible").and_then(Value::as_bool)
}

fn public_address(estate: &Estate, entity: u32, seats: &[Seat]) -> ExposureCheck {
    let name = "public_address";
    if let Some(scheme) = text(estate.entity(entity), "scheme") {
        return check(name, Some(scheme == "internet-facing"), format!("scheme {scheme}"));
    }
    if let Some(is_public) = flag(estate, entity) {
        let detail = if is_public {
            "a publicly accessible database resolves to a public address outside its VPC"
        } else {
            "it has a private address only"
        };
        return check(name, Some(is_public), detail);
    }
    let places: Vec<u32> = if seats.is_empty() {
        vec![entity]
    } else {
        seats.iter().map(|seat| seat.entity).collect()
    };
    let of = |one: u32| -> Option<String> {
        let own =
            ["public_ip_address", "public_ip"].iter().find_map(|p| text(estate.entity(one), p));
        let addresses = estate.near(one, R::AttachedTo);
        let elastic = addresses
            .filter(|end| estate.entity(*end).kind == K::ElasticIp)
            .find_map(|end| text(estate.entity(end), "public_ip"));
        own.or(elastic).map(str::to_owned)
    };
    let all = places
        .iter()
        .flat_map(|one| std::iter::once(*one).chain(interfaces(estate, *one)).collect::<Vec<_>>());
    let found = all.into_iter().find_map(of);
    let is_described = places
        .iter()
        .any(|one| matches!(estate.entity(*one).kind, K::Instance | K::NetworkInterface));
    match found {
        Some(address) => check(name, Some(true), address),
        None if is_described => check(name, Some(false), "no public address is attached"),
        None => check(name, None, "its addresses were not read"),
    }
}

fn internet_route(estate: &Estate, seats: &[Seat]) -> ExposureCheck {
    let name = "internet_route";
    let subnets: Vec<u32> = seats.iter().flat_map(|seat| seat.subnets.iter().copied()).collect();
    if subnets.is_empty() {
        return check(name, None, "its subnet was not read");
    }
    let mut unread = None;
    for subnet in subnets {
        let id = group::bare_id(&estate.entity(subnet).id);
        match route::leads_to_internet(estate, subnet) {
            Some((false, false)) => {}
            Some(_) => {
                return check(name, Some(true), format!("{id} routes to an internet gateway"));
            }
            None => unread = Some(format!("the route table of {id} was not read")),
        }
    }
    match unread {
        Some(unread) => check(name, None, unread),
        None => check(name, Some(false), "no subnet of it routes to an internet gateway"),
    }
}

fn ingress_rule(estate: &Estate, seats: &[Seat], port: u16) -> ExposureCheck {
    let name = "ingress_rule";
    let everywhere = [Cidr::EVERY_V4, Cidr::EVERY_V6];
    for group in seats.iter().flat_map(|seat| &seat.groups) {
        let rules =
            estate.entity(*group).properties.get("ip_permissions").and_then(Value::as_array);
        for rule in rules.into_iter().flatten().filter(|rule| group::allows_port(rule, port)) {
            if group::rule_ranges(rule).iter().any(|range| everywhere.contains(range)) {
                let detail = format!("{} lets everybody in", estate.entity(*group).name);
                return check(name, Some(true), detail);
            }
        }
    }
    if seats.is_empty() || seats.iter().any(|seat| seat.has_unread_groups) {
        return check(name, None, "its security groups were not read");
    }
    check(name, Some(false), "no rule lets 0.0.0.0/0 or ::/0 in on the port")
}

fn publicly_accessible(estate: &Estate, entity: u32) -> Option<ExposureCheck> {
    let fact = estate.entity(entity);
    let is_rds = matches!(fact.kind, K::Database | K::DatabaseCluster)
        && (fact.id.contains(":rds:") || fact.properties.contains_key("publicly_accessible"));
    is_rds.then(|| match flag(estate, entity) {
        Some(flag) => check("publicly_accessible", Some(flag), format!("the flag is {flag}")),
        None => check("publicly_accessible", None, "the flag was not read"),
    })
}

/// An ACL that was read and closes the port settles it; one that was not read is no reason for doubt,
/// since a default one is open.
fn network_acl(estate: &Estate, seats: &[Seat], port: u16) -> Option<ExposureCheck> {
    let subnets = seats.iter().flat_map(|seat| seat.subnets.iter().copied());
    let known: Vec<bool> =
        subnets.filter_map(|one| acl::lets_in(estate, one, port, &Cidr::EVERY_V4)).collect();
    let is_open = known.iter().any(|open| *open);
    (!known.is_empty()).then(|| {
        let detail = if is_open { "lets the internet in" } else { "lets nobody in" };
        check("network_acl", Some(is_open), detail)
    })
}
