//! Open findings by owner, application, image and the like.

use std::collections::BTreeMap;

use model::time::Micros;

use super::item::Item;
use super::params::SecurityGrouping;
use super::shape::{FindingSeverity, SecurityGroup};
use crate::estate::Estate;

/// The groups, the most critical, high, medium and low findings first, then by name.
pub(super) fn groups(
    items: &[Item],
    by: SecurityGrouping,
    estate: &Estate,
    at: Micros,
) -> Vec<SecurityGroup> {
    let mut all: BTreeMap<Option<String>, SecurityGroup> = BTreeMap::new();
    for item in items.iter().filter(|one| one.is_open()) {
        for key in keys(item, by) {
            let group = all.entry(key.clone()).or_insert_with(|| empty(key, by, estate));
            add(group, item, at);
        }
    }
    let mut groups: Vec<SecurityGroup> = all.into_values().collect();
    groups.sort_by(|a, b| {
        let worst =
            |one: &SecurityGroup| (one.critical, one.high, one.medium, one.low, one.unknown);
        worst(b).cmp(&worst(a)).then_with(|| (&a.name, &a.key).cmp(&(&b.name, &b.key)))
    });
    groups
}

/// The groups that a finding is of.
fn keys(item: &Item, by: SecurityGrouping) -> Vec<Option<String>> {
    let key = &item.finding.key;
    let several = |all: &mut dyn Iterator<Item = &String>| {
        let all: Vec<Option<String>> = all.map(|one| Some(one.clone())).collect();
        if all.is_empty() { vec![None] } else { all }
    };
    match by {
        SecurityGrouping::Owner => several(&mut item.concerned.owners.iter()),
        SecurityGrouping::Application => several(&mut item.concerned.applications.iter()),
        SecurityGrouping::Namespace => several(&mut item.concerned.namespaces.iter()),
        SecurityGrouping::Scanner => several(&mut item.finding.scanners.iter()),
        SecurityGrouping::Image => {
            vec![Some(key.target.clone()).filter(|target| target.starts_with("image://"))]
        }
        SecurityGrouping::Target => vec![Some(key.target.clone())],
        SecurityGrouping::Kind => vec![Some(item.finding.item.kind.clone())],
        SecurityGrouping::Weakness => vec![Some(key.weakness.clone())],
    }
}

fn empty(key: Option<String>, by: SecurityGrouping, estate: &Estate) -> SecurityGroup {
    let name = match &key {
        None => match by {
            SecurityGrouping::Owner => "unowned".to_owned(),
            SecurityGrouping::Image => "not an image".to_owned(),
            _ => "none".to_owned(),
        },
        Some(key) => {
            let entity = estate.find(key).filter(|one| !estate.is_outside(*one));
            let short = key.strip_prefix("image://").unwrap_or(key);
            entity.map_or_else(|| short.to_owned(), |one| estate.entity(one).name.clone())
        }
    };
    SecurityGroup {
        key,
        name,
        open: 0,
        critical: 0,
        high: 0,
        medium: 0,
        low: 0,
        unknown: 0,
        known_exploited: 0,
        fix_available: 0,
        exposed: 0,
        overdue: 0,
        oldest_seconds: 0,
    }
}

fn add(group: &mut SecurityGroup, item: &Item, at: Micros) {
    group.open += 1;
    let of_severity = match item.severity {
        FindingSeverity::Critical => &mut group.critical,
        FindingSeverity::High => &mut group.high,
        FindingSeverity::Medium => &mut group.medium,
        FindingSeverity::Low => &mut group.low,
        FindingSeverity::Unknown => &mut group.unknown,
    };
    *of_severity += 1;
    group.known_exploited += u64::from(item.exploited.is_some());
    group.fix_available += u64::from(item.finding.fixed_version.is_some());
    group.exposed += u64::from(item.is_exposed());
    group.overdue += u64::from(item.is_overdue(at));
    let age = at.0.saturating_sub(item.finding.first_seen().0) / Micros::SECOND;
    group.oldest_seconds = group.oldest_seconds.max(age);
}
