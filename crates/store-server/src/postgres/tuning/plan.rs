//! A plan as PostgreSQL explains it (FORMAT JSON, VERBOSE, with ANALYZE and BUFFERS when it ran) in the words
//! that all stores share.

use std::collections::{BTreeMap, BTreeSet};

use model::fact::{OperatorKind, Plan, PlanCondition, PlanNode};
use serde_json::{Map, Value};

/// Bytes of a page.
const PAGE: f64 = 8_192.0;
/// Keys that hold conditions or calls, in which another side may be named.
const TEXTS: &[&str] = &[
    "Index Cond",
    "Recheck Cond",
    "Filter",
    "Join Filter",
    "Hash Cond",
    "Merge Cond",
    "Function Call",
];
/// Longest text of conditions that is kept.
const DETAIL_MAX: usize = 400;

/// The plan; partitions are named by what they are of.
pub fn plan_from_json(text: &str, roots: &BTreeMap<String, String>) -> Result<Plan, String> {
    let whole: Value =
        serde_json::from_str(text).map_err(|error| format!("a plan cannot be read: {error}"))?;
    let top = whole.get(0).and_then(Value::as_object).ok_or("a plan without its head")?;
    let root = top.get("Plan").and_then(Value::as_object).ok_or("a plan without operators")?;
    let milliseconds = top.get("Execution Time").and_then(Value::as_f64);
    let mut reader =
        Reader { roots, nodes: Vec::new(), cost: number(root, "Total Cost").max(1e-9) };
    reader.node(root, 0, 1.0);
    Ok(Plan {
        is_measured: milliseconds.is_some(),
        seconds: milliseconds.map(|all| all / 1e3),
        nodes: reader.nodes,
    })
}

struct Reader<'a> {
    roots: &'a BTreeMap<String, String>,
    nodes: Vec<PlanNode>,
    cost: f64,
}

impl Reader<'_> {
    /// One operator and what is below it; `times` is how often it is expected to run.
    fn node(&mut self, node: &Map<String, Value>, depth: u32, times: f64) {
        let inputs = inputs(node);
        let runs = node.get("Actual Loops").and_then(Value::as_f64);
        let all = runs.unwrap_or(times);
        let mut made = PlanNode::new(depth, kind(node, &inputs), text(node, "Node Type"));
        let relation = text(node, "Relation Name");
        if !relation.is_empty() {
            made.table = Some(self.roots.get(&relation).cloned().unwrap_or(relation));
        }
        made.index = Some(text(node, "Index Name")).filter(|name| !name.is_empty());
        made.detail = detail(node);
        made.rows_estimated = Some(number(node, "Plan Rows") * all);
        made.runs = runs;
        made.rows = runs.map(|runs| number(node, "Actual Rows") * runs);
        let is_scan = matches!(made.kind, OperatorKind::TableScan | OperatorKind::IndexScan);
        let left_out = ["Rows Removed by Filter", "Rows Removed by Index Recheck"];
        let left_out: f64 = left_out.iter().map(|key| number(node, key)).sum();
        made.rows_read = match (is_scan, made.rows, runs) {
            (true, Some(rows), Some(runs)) => Some(rows + left_out * runs),
            _ => None,
        };
        let below =
            |of: fn(&Map<String, Value>) -> f64| inputs.iter().map(|one| of(one)).sum::<f64>();
        let took = |one: &Map<String, Value>| {
            number(one, "Actual Total Time") * number(one, "Actual Loops") / 1e3
        };
        made.seconds = runs.map(|_| (took(node) - below(took)).max(0.0));
        let own = (number(node, "Total Cost") - below(|one| number(one, "Total Cost"))).max(0.0);
        made.cost_share = Some((own * times / self.cost).clamp(0.0, 1.0));
        let written = |one: &Map<String, Value>| number(one, "Temp Written Blocks") * PAGE;
        made.spilled_bytes = runs.map(|_| spilled(node, written(node) - below(written)));
        made.conditions = conditions(node);
        self.nodes.push(made);
        let is_loop = text(node, "Node Type") == "Nested Loop";
        let outer = inputs.first().map_or(1.0, |one| number(one, "Plan Rows").max(1.0));
        for (place, input) in inputs.iter().enumerate() {
            let again = is_loop && place == 1 && text(input, "Node Type") != "Materialize";
            self.node(input, depth + 1, if again { times * outer } else { times });
        }
    }
}

fn inputs(node: &Map<String, Value>) -> Vec<&Map<String, Value>> {
    let all = node.get("Plans").and_then(Value::as_array);
    all.into_iter().flatten().filter_map(Value::as_object).collect()
}

fn number(node: &Map<String, Value>, key: &str) -> f64 {
    node.get(key).and_then(Value::as_f64).unwrap_or(0.0)
}

fn text(node: &Map<String, Value>, key: &str) -> String {
    node.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn spilled(node: &Map<String, Value>, written: f64) -> u64 {
    let sorted = match text(node, "Sort Space Type").as_str() {
        "Disk" => number(node, "Sort Space Used") * 1024.0,
        _ => 0.0,
    };
    written.max(sorted).max(number(node, "Disk Usage") * 1024.0) as u64
}

fn kind(node: &Map<String, Value>, inputs: &[&Map<String, Value>]) -> OperatorKind {
    match text(node, "Node Type").as_str() {
        "Seq Scan" | "Sample Scan" => OperatorKind::TableScan,
        "Index Scan" | "Index Only Scan" | "Bitmap Heap Scan" => OperatorKind::IndexScan,
        "Nested Loop" if is_product(node, inputs) => OperatorKind::CartesianProduct,
        "Nested Loop" => OperatorKind::NestedLoop,
        "Hash Join" => OperatorKind::HashJoin,
        "Merge Join" => OperatorKind::MergeJoin,
        "Aggregate" | "Group" | "WindowAgg" | "Unique" => OperatorKind::Aggregate,
        "Sort" | "Incremental Sort" => OperatorKind::Sort,
        "Limit" => OperatorKind::Limit,
        "Append" | "Merge Append" => OperatorKind::Append,
        "ModifyTable" => OperatorKind::Write,
        _ => OperatorKind::Other,
    }
}

/// Whether a loop pairs everything with everything: it has no condition, its inner side names nothing of
/// the outer one, and neither side is a single row.
fn is_product(node: &Map<String, Value>, inputs: &[&Map<String, Value>]) -> bool {
    let &[outer, inner] = inputs else { return false };
    let is_plain = matches!(text(node, "Join Type").as_str(), "Inner" | "Left" | "Full");
    if !is_plain || node.contains_key("Join Filter") {
        return false;
    }
    let rows = |one: &Map<String, Value>| number(one, "Plan Rows").max(number(one, "Actual Rows"));
    if rows(outer) <= 1.0 || rows(inner) <= 1.0 {
        return false;
    }
    let mut names = BTreeSet::new();
    aliases(outer, &mut names);
    !mentions(inner, &names)
}

fn aliases(node: &Map<String, Value>, names: &mut BTreeSet<String>) {
    let alias = text(node, "Alias");
    if !alias.is_empty() {
        names.insert(alias);
    }
    for input in inputs(node) {
        aliases(input, names);
    }
}

fn mentions(node: &Map<String, Value>, names: &BTreeSet<String>) -> bool {
    let said = TEXTS.iter().map(|key| text(node, key)).collect::<Vec<_>>().join(" ");
    let is_named = |name: &String| {
        said.contains(&format!("{name}.")) || said.contains(&format!("\"{name}\"."))
    };
    // A key of a cache and a function of a row name the other side in their own keys.
    names.iter().any(is_named)
        || node.contains_key("Cache Key")
        || inputs(node).iter().any(|input| mentions(input, names))
}

fn detail(node: &Map<String, Value>) -> Option<String> {
    let said = TEXTS.iter().filter_map(|key| {
        let said = text(node, key);
        (!said.is_empty()).then(|| format!("{key}: {said}"))
    });
    let whole = said.collect::<Vec<_>>().join("; ");
    let cut: String = whole.chars().take(DETAIL_MAX).collect();
    Some(cut).filter(|said| !said.is_empty())
}

/// Columns of the scanned table that the filter of a scan compares, in order of their place in it.
fn conditions(node: &Map<String, Value>) -> Vec<PlanCondition> {
    let alias = text(node, "Alias");
    if alias.is_empty() || !node.contains_key("Relation Name") {
        return Vec::new();
    }
    let mut found: Vec<PlanCondition> = Vec::new();
    for part in conjuncts(&text(node, "Filter")) {
        if let Some(one) = condition(&part, &alias) {
            match found.iter_mut().find(|held| held.column == one.column) {
                Some(held) => held.is_equality |= one.is_equality,
                None => found.push(one),
            }
        }
    }
    found
}

/// The parts of a condition that must all hold.
fn conjuncts(filter: &str) -> Vec<String> {
    let filter = stripped(filter);
    let bytes = filter.as_bytes();
    let (mut depth, mut is_quoted, mut start, mut found) = (0_i32, false, 0, Vec::new());
    for (place, byte) in bytes.iter().enumerate() {
        match byte {
            b'\'' => is_quoted = !is_quoted,
            b'(' | b'[' if !is_quoted => depth += 1,
            b')' | b']' if !is_quoted => depth -= 1,
            b' ' if !is_quoted && depth == 0 => {
                let rest = &filter[place..];
                if rest.starts_with(" OR ") {
                    return Vec::new();
                }
                if rest.starts_with(" AND ") {
                    found.push(filter[start..place].to_owned());
                    start = place + " AND ".len();
                }
            }
            _ => {}
        }
    }
    found.push(filter[start..].to_owned());
    found
}

/// Without the brackets around the whole.
fn stripped(text: &str) -> &str {
    let mut text = text.trim();
    loop {
        let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
            return text;
        };
        let mut depth = 0_i32;
        let is_whole = inner.chars().all(|letter| {
            depth += i32::from(letter == '(') - i32::from(letter == ')');
            depth >= 0
        });
        if !is_whole {
            return text;
        }
        text = inner.trim();
    }
}

/// `alias.column = …`, `alias.column >= …`, `alias.column = ANY (…)`; anything else is none.
fn condition(part: &str, alias: &str) -> Option<PlanCondition> {
    let part = stripped(part);
    let rest = part.strip_prefix('(').unwrap_or(part);
    let rest = rest.strip_prefix(alias).or_else(|| rest.strip_prefix(&format!("\"{alias}\"")))?;
    let rest = rest.strip_prefix('.')?;
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '"';
    let end = rest.find(|letter: char| !is_name(letter))?;
    let (column, rest) = rest.split_at(end);
    // A cast keeps the column comparable: `(a.b)::text = …`.
    let rest = rest.strip_prefix(')').unwrap_or(rest);
    let rest = match rest.strip_prefix("::") {
        Some(cast) => &cast[cast.find(' ')?..],
        None => rest,
    };
    let word = rest.split_whitespace().next()?;
    let is_equality = match word {
        "=" => true,
        "<" | "<=" | ">" | ">=" => false,
        _ => return None,
    };
    Some(PlanCondition { column: column.trim_matches('"').to_owned(), is_equality })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Plan {
        let roots = BTreeMap::from([("sample_w2900".to_owned(), "sample".to_owned())]);
        plan_from_json(text, &roots).unwrap()
    }

    #[test]
    fn a_scan_says_what_it_read_and_what_no_index_served() {
        let plan = read(
            r#"[{"Plan": {"Node Type": "Aggregate", "Total Cost": 200, "Plan Rows": 1,
                "Actual Rows": 1, "Actual Loops": 1, "Actual Total Time": 12.0, "Plans": [
                {"Node Type": "Seq Scan", "Relation Name": "sample_w2900", "Alias": "s",
                 "Filter": "(((s.instant >= '5'::bigint)) AND (s.series = ANY ('{1,2}'::integer[])) AND (abs(s.value) > 1))",
                 "Rows Removed by Filter": 90, "Actual Rows": 10, "Actual Loops": 2,
                 "Actual Total Time": 5.0, "Plan Rows": 40, "Total Cost": 150}]},
                "Execution Time": 12.5}]"#,
        );
        assert_eq!((plan.is_measured, plan.seconds), (true, Some(0.0125)));
        let scan = &plan.nodes[1];
        assert_eq!(scan.table.as_deref(), Some("sample"));
        assert_eq!(
            (scan.rows, scan.rows_read, scan.rows_estimated),
            (Some(20.0), Some(200.0), Some(80.0))
        );
        assert_eq!(scan.cost_share, Some(0.75));
        assert!((scan.seconds.unwrap() - 0.010).abs() < 1e-9);
        let columns: Vec<_> =
            scan.conditions.iter().map(|one| (one.column.as_str(), one.is_equality)).collect();
        assert_eq!(columns, [("instant", false), ("series", true)]);
    }

    #[test]
    fn either_or_serves_no_index() {
        assert!(conjuncts("((a.b = 1) OR (a.c = 2))").is_empty());
        assert_eq!(conjuncts("((a.b = ' AND ') AND (a.c = 2))").len(), 2);
    }

    #[test]
    fn a_loop_without_a_condition_is_a_product_unless_its_inner_side_names_the_outer() {
        let loops = |inner: &str| {
            let text = format!(
                r#"[{{"Plan": {{"Node Type": "Nested Loop", "Join Type": "Inner", "Total Cost": 9,
                    "Plans": [{{"Node Type": "Seq Scan", "Alias": "a", "Relation Name": "t",
                    "Plan Rows": 50}}, {inner}]}}}}]"#
            );
            read(&text).nodes[0].kind
        };
        let seek = r#"{"Node Type": "Index Scan", "Alias": "b", "Index Cond": "(b.x = a.x)", "Plan Rows": 3}"#;
        assert_eq!(loops(seek), OperatorKind::NestedLoop);
        let all =
            r#"{"Node Type": "Seq Scan", "Alias": "b", "Relation Name": "u", "Plan Rows": 30}"#;
        assert_eq!(loops(all), OperatorKind::CartesianProduct);
        let one = r#"{"Node Type": "Result", "Plan Rows": 1}"#;
        assert_eq!(loops(one), OperatorKind::NestedLoop);
    }

    #[test]
    fn what_did_not_fit_is_counted_where_it_was() {
        let plan = read(
            r#"[{"Plan": {"Node Type": "Sort", "Sort Space Type": "Disk", "Sort Space Used": 100,
                "Temp Written Blocks": 20, "Actual Loops": 1, "Plans": [
                {"Node Type": "Hash Join", "Temp Written Blocks": 5, "Actual Loops": 1}]},
                "Execution Time": 1}]"#,
        );
        assert_eq!(plan.nodes[0].spilled_bytes, Some(15 * 8_192));
        assert_eq!(plan.nodes[1].spilled_bytes, Some(5 * 8_192));
    }
}
