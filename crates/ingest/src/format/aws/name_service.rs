//! Route 53: hosted zones and their record sets.

use model::reference::Claim;
use model::{EntityKind as K, Reference, RelationKind as R};
use serde_json::Value;

use super::reader::Reader;
use super::record::{at, list, scalar, text};
use super::thing::{Thing, by_arn, is_public_host};
use crate::key;

/// The ARN of a hosted zone, from its id with or without its prefix.
fn zone_arn(partition: &str, id: &str) -> String {
    format!("arn:{partition}:route53:::hostedzone/{}", id.trim_start_matches("/hostedzone/"))
}

/// `route53 list-hosted-zones`.
pub fn hosted_zone(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(id) = text(record, "Id") else {
        reader.reject("", "a hosted zone without Id");
        return;
    };
    zone(reader, record, id);
}

/// `route53 list-hosted-zones-by-vpc`.
pub fn hosted_zone_summary(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(id) = text(record, "HostedZoneId") else {
        reader.reject("", "a hosted zone without HostedZoneId");
        return;
    };
    zone(reader, record, id);
}

fn zone(reader: &mut Reader<'_, '_>, record: &Value, id: &str) {
    let mut place = reader.base.clone();
    place.region = None;
    let arn = zone_arn(place.partition(), id);
    let mut thing = Thing::with_id(K::Resource, &place, arn, text(record, "Name").unwrap_or(id));
    thing.property("resource_type", "hosted_zone");
    thing.claim(key::bare_id(id.trim_start_matches("/hostedzone/")));
    thing.keep(record, &["Config.PrivateZone", "Config.Comment"]);
    reader.put(thing);
}

/// `route53 list-resource-record-sets`. The response does not name its zone: the file's name may.
pub fn record_set(reader: &mut Reader<'_, '_>, record: &Value) {
    let (Some(name), Some(kind)) = (text(record, "Name"), text(record, "Type")) else {
        reader.reject("", "a record set without Name or Type");
        return;
    };
    // A star is written as an octal escape.
    let host = name.trim_end_matches('.').replace("\\052", "*").to_ascii_lowercase();
    let zone = reader.argument.map(|id| id.trim_start_matches("/hostedzone/").to_owned());
    let set = text(record, "SetIdentifier").map(|set| format!("/{set}")).unwrap_or_default();
    let id = format!("dns://{}/{host}/{kind}{set}", zone.as_deref().unwrap_or("_"));
    let mut place = reader.base.clone();
    place.region = None;
    let mut thing = Thing::with_id(K::DnsRecord, &place, id, &host);
    thing.keep(
        record,
        &[
            "Type",
            "TTL",
            "SetIdentifier",
            "Weight",
            "Region=latency_region",
            "Failover",
            "HealthCheckId",
        ],
    );
    let values: Vec<&str> =
        list(record, "ResourceRecords").iter().filter_map(|one| text(one, "Value")).collect();
    if !values.is_empty() && matches!(kind, "A" | "AAAA" | "CNAME" | "NS") {
        thing
            .property("values", values.iter().map(|value| Value::from(*value)).collect::<Vec<_>>());
    }
    if let Some(alias) = at(record, "AliasTarget") {
        thing.property("alias_target", super::record::snake_keys(alias));
    }
    if let Some(zone) = zone {
        thing.from(by_arn(&zone_arn(place.partition(), &zone)), R::Contains);
    }
    leads(&mut thing, record, &host, kind, &values);
    reader.put(thing);
}

/// An alias or a canonical name leads on: who names the record means what it leads to. An address is
/// looked up as a host.
fn leads(thing: &mut Thing, record: &Value, host: &str, kind: &str, values: &[&str]) {
    let alias = text(record, "AliasTarget.DNSName");
    let targets: Vec<&str> = match (alias, kind) {
        (Some(alias), _) => vec![alias.trim_start_matches("dualstack.")],
        (None, "CNAME" | "A" | "AAAA") => values.to_vec(),
        _ => Vec::new(),
    };
    for target in &targets {
        if is_public_host(target) || kind == "AAAA" {
            thing.to(R::RoutesTo, Reference::key("host", key::host(target)));
        }
    }
    if !matches!(kind, "A" | "AAAA" | "CNAME") || !is_public_host(host) {
        return;
    }
    let is_followed = alias.is_some() || kind == "CNAME";
    match targets.as_slice() {
        [target] if is_followed && key::host(target) != key::host(host) => {
            // Weighted and failover records of one name disagree: then it leads to neither.
            thing.entity.claims.push(Claim::alias(key::host(host), key::host(target)));
        }
        _ => {
            thing.claim(key::host(host));
        }
    }
    if let Some(time) = scalar(record, "TTL") {
        thing.property("ttl", time.into_owned());
    }
}
