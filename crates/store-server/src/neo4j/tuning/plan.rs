//! A plan as Neo4j explains or profiles it, in the words that all stores share.

use std::collections::HashMap;
use std::time::Duration;

use model::fact::{OperatorKind, Plan, PlanCondition, PlanNode};
use neo4j::ValueReceive;
use neo4j::summary::{Plan as Estimate, Profile};

/// Longest text of conditions that is kept.
const DETAIL_MAX: usize = 400;

/// What both forms say of an operator.
struct Said<'a> {
    operator: &'a str,
    args: &'a HashMap<String, ValueReceive>,
    /// Rows, seconds.
    measured: Option<(f64, Option<f64>)>,
}

/// Of a statement that did not run.
pub fn plan_from_estimate(root: &Estimate) -> Plan {
    let mut nodes = Vec::new();
    let mut open = vec![(root, 0)];
    while let Some((one, depth)) = open.pop() {
        nodes.push(node(&Said { operator: &one.op_type, args: &one.args, measured: None }, depth));
        open.extend(one.children.iter().rev().map(|child| (child, depth + 1)));
    }
    // What an operator is expected to give is what it is expected to take.
    let weights = nodes.iter().map(|node| node.rows_estimated.unwrap_or(0.0)).collect();
    finished(nodes, weights, None)
}

/// Of a statement that ran, and took so long as its caller saw it.
pub fn plan_from_profile(root: &Profile, took: Duration) -> Plan {
    let (mut nodes, mut weights) = (Vec::new(), Vec::new());
    let mut open = vec![(root, 0)];
    while let Some((one, depth)) = open.pop() {
        // Some runtimes give no time; then there is none, and not 0.
        let seconds = (one.time > 0).then(|| one.time as f64 / 1e9);
        let measured = Some((one.rows as f64, seconds));
        nodes.push(node(&Said { operator: &one.op_type, args: &one.args, measured }, depth));
        // Where the runtime gives no time, an operator's share is that of its work in the store.
        weights.push(one.db_hits as f64);
        open.extend(one.children.iter().rev().map(|child| (child, depth + 1)));
    }
    let seconds: f64 = nodes.iter().filter_map(|node| node.seconds).sum();
    let seconds = if seconds > 0.0 { seconds } else { took.as_secs_f64() };
    finished(nodes, weights, Some(seconds))
}

fn finished(mut nodes: Vec<PlanNode>, weights: Vec<f64>, seconds: Option<f64>) -> Plan {
    // A filter stands above the scan that it narrows: what it asks for is said of the scan.
    for place in 1..nodes.len() {
        let (above, below) = nodes.split_at_mut(place);
        let (filter, scan) = (&above[place - 1], &mut below[0]);
        let is_scan = matches!(scan.kind, OperatorKind::LabelScan | OperatorKind::AllNodesScan);
        if is_scan && filter.kind == OperatorKind::Filter && filter.depth + 1 == scan.depth {
            scan.conditions = conditions(filter.detail.as_deref().unwrap_or_default());
        }
    }
    let all: f64 = weights.iter().sum();
    if all > 0.0 {
        for (node, weight) in nodes.iter_mut().zip(weights) {
            node.cost_share = Some(weight / all);
        }
    }
    Plan { is_measured: seconds.is_some(), seconds, nodes }
}

fn node(said: &Said<'_>, depth: u32) -> PlanNode {
    let operator = said.operator.split('@').next().unwrap_or_default();
    let kind = kind(operator);
    let mut made = PlanNode::new(depth, kind, operator);
    let details = said.args.get("Details").and_then(ValueReceive::as_string);
    made.detail = details.map(|text| text.chars().take(DETAIL_MAX).collect());
    let details = details.map(String::as_str).unwrap_or_default();
    made.table = label(details)
        .filter(|_| matches!(kind, OperatorKind::LabelScan | OperatorKind::IndexScan));
    if kind == OperatorKind::IndexScan {
        made.index = index(details);
    }
    made.rows_estimated = said.args.get("EstimatedRows").and_then(ValueReceive::as_float);
    made.rows = said.measured.map(|(rows, _)| rows);
    made.seconds = said.measured.and_then(|(_, seconds)| seconds);
    let is_scan = matches!(
        kind,
        OperatorKind::LabelScan | OperatorKind::AllNodesScan | OperatorKind::IndexScan
    );
    made.rows_read = made.rows.filter(|_| is_scan);
    made
}

fn kind(operator: &str) -> OperatorKind {
    let has = |part: &str| operator.contains(part);
    match operator {
        "CartesianProduct" => OperatorKind::CartesianProduct,
        "Eager" => OperatorKind::Eager,
        "Limit" => OperatorKind::Limit,
        "Filter" => OperatorKind::Filter,
        _ if has("AllNodesScan") || has("AllRelationshipsScan") => OperatorKind::AllNodesScan,
        _ if has("IndexSeek") || has("IndexScan") || has("ContainsScan") => OperatorKind::IndexScan,
        _ if has("LabelScan") || has("TypeScan") => OperatorKind::LabelScan,
        _ if has("Expand") => OperatorKind::Expand,
        _ if has("HashJoin") => OperatorKind::HashJoin,
        _ if has("Apply") => OperatorKind::NestedLoop,
        _ if has("Aggregation") || has("Distinct") => OperatorKind::Aggregate,
        _ if has("Sort") || has("Top") => OperatorKind::Sort,
        _ if has("Union") => OperatorKind::Append,
        _ if ["Create", "Merge", "Set", "Delete", "Remove"]
            .iter()
            .any(|word| operator.starts_with(word)) =>
        {
            OperatorKind::Write
        }
        _ => OperatorKind::Other,
    }
}

/// `e:Entity` or `RANGE INDEX e:Entity(name) WHERE …` → `Entity`.
fn label(details: &str) -> Option<String> {
    let (_, rest) = details.split_once(':')?;
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '`';
    let end = rest.find(|letter: char| !is_name(letter)).unwrap_or(rest.len());
    Some(rest[..end].trim_matches('`').to_owned()).filter(|name| !name.is_empty())
}

/// `RANGE INDEX e:Entity(name) WHERE …` → `Entity(name)`: the server does not say its name.
fn index(details: &str) -> Option<String> {
    let (_, rest) = details.split_once(':')?;
    let end = rest.find(')')?;
    Some(rest[..=end].to_owned())
}

/// Properties that a filter compares: `e.name = $name AND e.kind IN $kinds`.
fn conditions(details: &str) -> Vec<PlanCondition> {
    if details.contains(" OR ") {
        return Vec::new();
    }
    let mut found: Vec<PlanCondition> = Vec::new();
    for part in details.split(" AND ") {
        let mut words = part.trim().trim_matches(['(', ')']).split_whitespace();
        let (Some(left), Some(word)) = (words.next(), words.next()) else { continue };
        let Some((_, property)) = left.split_once('.') else { continue };
        let is_equality = match word {
            "=" | "IN" => true,
            "<" | "<=" | ">" | ">=" | "STARTS" => false,
            _ => continue,
        };
        let column = property.trim_matches('`').to_owned();
        // What a function gives is no property.
        if !column.chars().all(|letter| letter.is_alphanumeric() || letter == '_') {
            continue;
        }
        if !found.iter().any(|held| held.column == column) {
            found.push(PlanCondition { column, is_equality });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_have_their_kind() {
        let kinds = [
            ("NodeUniqueIndexSeek", OperatorKind::IndexScan),
            ("UndirectedRelationshipTypeScan", OperatorKind::LabelScan),
            ("EagerAggregation", OperatorKind::Aggregate),
            ("AllNodesScan", OperatorKind::AllNodesScan),
            ("SemiApply", OperatorKind::NestedLoop),
            ("VarLengthExpand(Pruning,BFS)", OperatorKind::Expand),
        ];
        for (operator, expected) in kinds {
            assert_eq!(kind(operator), expected, "{operator}");
        }
    }

    #[test]
    fn details_name_label_index_and_conditions() {
        let details = "RANGE INDEX e:Entity(name) WHERE name = $name";
        assert_eq!(label(details).as_deref(), Some("Entity"));
        assert_eq!(index(details).as_deref(), Some("Entity(name)"));
        let found = conditions("e.name = $name AND e.alive > $at AND size(e.x) = 1");
        let columns: Vec<_> =
            found.iter().map(|one| (one.column.as_str(), one.is_equality)).collect();
        assert_eq!(columns, [("name", true), ("alive", false)]);
        assert!(conditions("e.a = 1 OR e.b = 2").is_empty());
    }
}
