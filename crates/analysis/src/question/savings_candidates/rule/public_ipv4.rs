//! Public IPv4 addresses of instances that let nobody in: each costs by the hour.

use model::fact::EntityFact;
use model::kind::{Confidence, EntityKind as K, RelationKind as R};
use serde_json::Value;

use super::RuleDef;
use crate::property::text;
use crate::question::savings_candidates::cost::{EFFECTIVE, currency_of, mentions};
use crate::question::savings_candidates::evidence::{Case, Found, Hit, Plan, Subject};
use crate::question::savings_candidates::shape::{Grade, SavingBasis, SavingsAction};

pub(super) const RULE: RuleDef = RuleDef {
    name: "public_ipv4",
    title: "Take the public address away; reach out through a NAT gateway or an endpoint",
    about: "running instances with a public address whose security groups let nobody outside in",
    needs: "exports of instances and security groups",
    action: SavingsAction::Change,
    effort: Grade::Medium,
    risk: Grade::Medium,
    find,
};

fn find(case: &Case<'_>) -> Found {
    let instances = case.of_kind(K::Instance);
    if instances.is_empty() {
        return Found::blind("no instance is known");
    }
    let mut found = Found::default();
    let mut without_groups = 0;
    for (ordinal, instance) in instances {
        let Some(address) = text(instance, "public_ip_address") else { continue };
        let estate = case.estate();
        let groups: Vec<&EntityFact> =
            estate.far(ordinal, R::GuardedBy).map(|one| estate.entity(one)).collect();
        let is_read = |group: &&EntityFact| group.properties.contains_key("ip_permissions");
        if groups.is_empty() || !groups.iter().all(is_read) {
            without_groups += 1;
            continue;
        }
        found.looked_at += 1;
        if groups.iter().any(|group| lets_the_world_in(group)) {
            continue;
        }
        found.hits.push(Hit {
            subject: Subject::Entity(ordinal),
            evidence: format!("{address} is public, and no security group lets anyone outside in"),
            figures: Vec::new(),
            window: None,
            covered: Err("whether it reaches out by this address was not measured".to_owned()),
            plan: plan(case, instance),
            confidence: Confidence::Low,
        });
    }
    if without_groups > 0 {
        let text = "instances with public addresses have security groups that no export shows";
        found.reason = Some(format!("{without_groups} {text}"));
        found.is_blind = found.looked_at == 0;
    }
    found
}

/// Whether an ingress rule names a range outside private addresses.
fn lets_the_world_in(group: &EntityFact) -> bool {
    let rules = group.properties.get("ip_permissions").and_then(Value::as_array);
    rules.into_iter().flatten().any(|rule| {
        let ranges = |list: &str, field: &str| -> Vec<String> {
            let all = rule.get(list).and_then(Value::as_array).into_iter().flatten();
            all.filter_map(|one| Some(one.get(field)?.as_str()?.to_owned())).collect()
        };
        let has_list = rule
            .get("prefix_list_ids")
            .and_then(Value::as_array)
            .is_some_and(|lists| !lists.is_empty());
        has_list
            || ranges("ip_ranges", "cidr_ip").iter().any(|range| !is_private(range))
            || !ranges("ipv6_ranges", "cidr_ipv6").is_empty()
    })
}

fn is_private(range: &str) -> bool {
    let second = || range.split('.').nth(1).and_then(|part| part.parse::<u8>().ok());
    range.starts_with("10.")
        || range.starts_with("192.168.")
        || (range.starts_with("172.") && second().is_some_and(|part| (16..32).contains(&part)))
}

/// What the bill names as the address's own hours.
fn plan(case: &Case<'_>, instance: &EntityFact) -> Plan {
    let rows = case.charges(instance);
    let own: Vec<_> =
        rows.into_iter().filter(|row| mentions(row, &["publicipv4", "public ipv4"])).collect();
    let Ok(currency) = currency_of(&own) else {
        return Plan::Unpriced("no charge names its public address".to_owned());
    };
    let sum =
        own.iter().try_fold(model::Amount::ZERO, |sum, row| sum.checked_add(row.sums[EFFECTIVE].0));
    match sum {
        Some(amount) => Plan::Part {
            amount,
            currency,
            basis: SavingBasis::Computed,
            source: "the charges of its public address".to_owned(),
        },
        None => Plan::Unpriced("its charges are out of range".to_owned()),
    }
}
