//! Allocation rules as YAML: docs/formats/allocation.md. The file is one version of one list; a rule
//! that cannot be understood is a reject, and the others go in.

use std::collections::{BTreeMap, BTreeSet};

use model::Amount;
use model::allocation::{AllocationList, AllocationRule, AllocationSplit, AllocationTarget};
use model::stated::{StatedKind, StatedObservation};
use model::time::{Micros, instant};
use serde_json::Value;

use crate::error::EnvelopeError;
use crate::format::Format;
use crate::input::{Input, Out};
use crate::shape::{Shape, without_mark};

/// Allocation rules.
pub const YAML: Format = Format {
    name: "allocation-yaml",
    title: "allocation rules (YAML)",
    recognise: |input| {
        let Shape::Text(head) = Shape::of(input.bytes) else { return None };
        let is_key = |line: &str| line.trim_end() == KEY.to_owned() + ":";
        head.lines().any(is_key).then(|| format!("it has the key {KEY}"))
    },
    read,
};

const KEY: &str = "allocation_rules";

/// Most rules of one list.
const RULES_MAX: usize = 500;

/// Words for what a charge has, besides `tag:NAME`.
const TERMS: &[&str] = &[
    "provider",
    "service",
    "service_category",
    "billing_account",
    "account",
    "region",
    "category",
    "resource",
    "resource_type",
    "sku",
    "publisher",
    "operation",
    "owner",
    "application",
];

/// Most different terms of one list: as many as charges can be summed by at once.
const TERMS_MAX: usize = 6;

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let document: Value = serde_yaml_ng::from_slice(without_mark(input.bytes))
        .map_err(|error| EnvelopeError::malformed(input.name, "the YAML", error))?;
    let list = &document[KEY];
    let wrong = |reason: &str| EnvelopeError::malformed(input.name, KEY, reason);
    let stated = list["rules"].as_array().ok_or_else(|| wrong("`rules` is no list"))?;
    if stated.len() > RULES_MAX {
        return Err(wrong("has more than 500 rules"));
    }
    let text = |name: &str| text_of(&list[name]);
    let name = text("name").unwrap_or_else(|| KEY.to_owned());
    let version = text("version").ok_or_else(|| wrong("`version` is missing"))?;
    let from = match text("from") {
        None => None,
        Some(from) => Some(Micros::of(instant(&from).map_err(|reason| wrong(&reason))?)),
    };
    out.source(&format!("allocation:{name}"));
    let mut rules: Vec<AllocationRule> = Vec::new();
    for (number, one) in (1..).zip(stated) {
        match rule(one, &rules) {
            Ok(rule) => rules.push(rule),
            Err(reason) => out.reject(format!("rule {number}"), reason),
        }
    }
    let all = AllocationList { name: name.clone(), version: version.clone(), rules };
    let statement =
        StatedObservation::new(StatedKind::AllocationRule, format!("{name}@{version}"), &all);
    let mut statement =
        statement.map_err(|error| EnvelopeError::malformed(input.name, KEY, error))?;
    statement.from = from;
    statement.title = format!("{name}, version {version}");
    out.batch().stated.push(statement);
    out.added(1);
    Ok(())
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// One rule; `before` are those understood already.
fn rule(value: &Value, before: &[AllocationRule]) -> Result<AllocationRule, String> {
    let name = text_of(&value["name"]).ok_or("`name` is missing")?;
    if before.iter().any(|one| one.name == name) {
        return Err(format!("`{name}` is the name of two rules"));
    }
    let object = value["match"].as_object().filter(|terms| !terms.is_empty());
    let mut terms = BTreeMap::new();
    for (key, value) in object.ok_or("`match` is missing or empty")? {
        let is_tag = key.strip_prefix("tag:").is_some_and(|tag| !tag.is_empty());
        if !is_tag && !TERMS.contains(&key.as_str()) {
            return Err(format!("`{key}` is none of {} and tag:NAME", TERMS.join(", ")));
        }
        let value = match value {
            Value::String(text) if text.is_empty() => String::new(),
            Value::Null => String::new(),
            other => text_of(other).ok_or_else(|| format!("`{key}` has no text"))?,
        };
        terms.insert(key.clone(), value);
    }
    let all: BTreeSet<&String> =
        before.iter().flat_map(|one| one.terms.keys()).chain(terms.keys()).collect();
    if all.len() > TERMS_MAX {
        return Err(format!("the rules ask about more than {TERMS_MAX} different things"));
    }
    let to = targets(&value["to"])?;
    let split = split(value, &to)?;
    Ok(AllocationRule { name, terms, split, to })
}

/// A list of units, or units with their shares.
fn targets(value: &Value) -> Result<Vec<AllocationTarget>, String> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(list) => {
            let target = |one: &Value| -> Result<AllocationTarget, String> {
                let unit = text_of(one).ok_or("`to` has an entry that is no unit")?;
                Ok(AllocationTarget { unit, share: None })
            };
            list.iter().map(target).collect()
        }
        Value::Object(map) => {
            let target = |(unit, share): (&String, &Value)| -> Result<AllocationTarget, String> {
                let text = text_of(share).ok_or_else(|| format!("`{unit}` has no share"))?;
                let share: Amount = text.parse()?;
                if !(0..=Amount::ONE).contains(&share.0) {
                    return Err(format!("the share of `{unit}` is not between 0 and 1"));
                }
                Ok(AllocationTarget { unit: unit.clone(), share: Some(share) })
            };
            map.iter().map(target).collect()
        }
        _ => Err("`to` is neither a list of units nor units with shares".to_owned()),
    }
}

fn split(value: &Value, to: &[AllocationTarget]) -> Result<AllocationSplit, String> {
    let word = text_of(&value["split"]).ok_or("`split` is missing: fixed, even or driver")?;
    match word.as_str() {
        "even" => Ok(AllocationSplit::Even),
        "fixed" => {
            if to.is_empty() || to.iter().any(|target| target.share.is_none()) {
                return Err("a fixed split needs `to` with a share for each unit".to_owned());
            }
            let sum: i128 = to.iter().map(|target| target.share.unwrap_or_default().0).sum();
            if sum > Amount::ONE {
                return Err("the shares add up to more than 1".to_owned());
            }
            Ok(AllocationSplit::Fixed)
        }
        "driver" => match text_of(&value["driver"]).as_deref() {
            Some("cost") => Ok(AllocationSplit::Cost),
            Some(driver) => match driver.strip_prefix("value:").filter(|name| !name.is_empty()) {
                Some(metric) => Ok(AllocationSplit::Value(metric.to_owned())),
                None => Err(format!("`{driver}` is no driver: cost or value:METRIC")),
            },
            None => Err("`driver` is missing: cost or value:METRIC".to_owned()),
        },
        other => Err(format!("`{other}` is none of fixed, even, driver")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::InputContext;
    use model::Batch;
    use std::ops::ControlFlow;

    fn read(text: &str) -> Batch {
        let mut whole = None;
        crate::read("rules.yaml", text.as_bytes(), &InputContext::default(), &mut |batch| {
            whole = Some(batch);
            ControlFlow::Continue(())
        })
        .unwrap();
        whole.unwrap()
    }

    #[test]
    fn a_list_is_one_statement_and_a_wrong_rule_costs_itself_only() {
        let batch = read(
            "allocation_rules:\n  version: 3\n  from: 2026-01-01\n  rules:\n\
             \x20 - name: support\n    match: {service: AWS Support*}\n    split: driver\n    driver: cost\n\
             \x20 - name: network\n    match: {'tag:team': '', resource_type: NAT gateway}\n\
             \x20   split: fixed\n    to: {search-team: 0.25, cart-team: 0.5}\n\
             \x20 - name: wrong\n    match: {service: x}\n    split: fixed\n    to: {a: 0.6, b: 0.6}\n\
             \x20 - name: support\n    match: {service: y}\n    split: even\n\
             \x20 - name: other\n    match: {colour: y}\n    split: even\n",
        );
        let reasons: Vec<&str> = batch.rejects.iter().map(|one| one.reason.as_str()).collect();
        assert_eq!(reasons.len(), 3, "{reasons:?}");
        assert!(reasons[0].contains("more than 1") && reasons[1].contains("two rules"));
        let stated = &batch.stated[0];
        assert_eq!(stated.key, "allocation_rules@3");
        assert_eq!(stated.from.unwrap().to_string(), "2026-01-01T00:00:00Z");
        let list: AllocationList = stated.says().unwrap();
        assert_eq!(list.rules.len(), 2);
        assert_eq!(list.rules[0].split, AllocationSplit::Cost);
        assert_eq!(list.rules[1].terms["tag:team"], "");
        assert_eq!(list.rules[1].to[0].share, "0.25".parse().ok());
    }
}
