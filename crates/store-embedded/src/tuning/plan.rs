//! A plan as DuckDB explains it (FORMAT JSON, with ANALYZE when it ran) in the words that all stores share.

use model::fact::{OperatorKind, Plan, PlanCondition, PlanNode};
use serde_json::{Map, Value};

/// Longest text of conditions that is kept.
const DETAIL_MAX: usize = 400;
/// Keys that say what an operator works on.
const TEXTS: &[&str] = &["Filters", "Expression", "Conditions", "Groups", "Order By"];

/// The plan: a list of operators of what did not run, else one document with their measures.
pub fn plan_from_json(text: &str) -> Result<Plan, String> {
    let whole: Value =
        serde_json::from_str(text).map_err(|error| format!("a plan cannot be read: {error}"))?;
    let mut nodes = Vec::new();
    let Some(measured) = whole.as_object() else {
        for root in whole.as_array().into_iter().flatten().filter_map(Value::as_object) {
            walk(root, 0, false, &mut nodes);
        }
        return Ok(finished(nodes, None));
    };
    for root in inputs(measured) {
        // The explanation is an operator itself, above the statement's own.
        match text_of(root, "operator_type").as_str() {
            "EXPLAIN_ANALYZE" => {
                inputs(root).into_iter().for_each(|one| walk(one, 0, true, &mut nodes));
            }
            _ => walk(root, 0, true, &mut nodes),
        }
    }
    let spilled = number(measured, "system_peak_temp_dir_size").unwrap_or(0.0) as u64;
    if let Some(root) = nodes.first_mut() {
        // It is said of the whole only.
        root.spilled_bytes = Some(spilled);
    }
    Ok(finished(nodes, number(measured, "latency")))
}

fn finished(mut nodes: Vec<PlanNode>, seconds: Option<f64>) -> Plan {
    let rows = |node: &PlanNode| node.rows_estimated.unwrap_or(0.0).max(0.0);
    let all: f64 = nodes.iter().map(rows).sum();
    if all > 0.0 {
        for node in &mut nodes {
            node.cost_share = Some(rows(node) / all);
        }
    }
    Plan { is_measured: seconds.is_some(), seconds, nodes }
}

fn walk(node: &Map<String, Value>, depth: u32, is_measured: bool, nodes: &mut Vec<PlanNode>) {
    let empty = Map::new();
    let extra = node.get("extra_info").and_then(Value::as_object).unwrap_or(&empty);
    let operator = match is_measured {
        true => text_of(node, "operator_name"),
        false => text_of(node, "name"),
    };
    let operator = operator.trim();
    let mut made = PlanNode::new(depth, kind(operator), operator);
    made.table = extra.get("Table").and_then(Value::as_str).map(table);
    made.detail = detail(extra);
    let estimated = extra.get("Estimated Cardinality").and_then(Value::as_str);
    made.rows_estimated = estimated.and_then(|rows| rows.parse().ok());
    if is_measured {
        made.rows = number(node, "operator_cardinality");
        made.seconds = number(node, "operator_timing");
        made.runs = Some(1.0);
        if made.kind == OperatorKind::TableScan {
            made.rows_read = number(node, "operator_rows_scanned");
        }
    }
    made.conditions = conditions(extra);
    nodes.push(made);
    for input in inputs(node) {
        walk(input, depth + 1, is_measured, nodes);
    }
}

fn inputs(node: &Map<String, Value>) -> Vec<&Map<String, Value>> {
    let all = node.get("children").and_then(Value::as_array);
    all.into_iter().flatten().filter_map(Value::as_object).collect()
}

fn number(node: &Map<String, Value>, key: &str) -> Option<f64> {
    node.get(key).and_then(Value::as_f64)
}

fn text_of(node: &Map<String, Value>, key: &str) -> String {
    node.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// `estate.telemetry."sample"` → `telemetry.sample`.
fn table(name: &str) -> String {
    let parts: Vec<&str> = name.split('.').map(|part| part.trim_matches('"')).collect();
    parts[parts.len().saturating_sub(2)..].join(".")
}

fn kind(operator: &str) -> OperatorKind {
    match operator {
        "SEQ_SCAN" | "TABLE_SCAN" => OperatorKind::TableScan,
        "INDEX_SCAN" => OperatorKind::IndexScan,
        "CROSS_PRODUCT" => OperatorKind::CartesianProduct,
        "NESTED_LOOP_JOIN" | "BLOCKWISE_NL_JOIN" => OperatorKind::NestedLoop,
        "HASH_JOIN" | "RIGHT_DELIM_JOIN" | "LEFT_DELIM_JOIN" => OperatorKind::HashJoin,
        "PIECEWISE_MERGE_JOIN" | "IE_JOIN" | "ASOF_JOIN" => OperatorKind::MergeJoin,
        "FILTER" => OperatorKind::Filter,
        "ORDER_BY" | "TOP_N" => OperatorKind::Sort,
        "LIMIT" | "STREAMING_LIMIT" => OperatorKind::Limit,
        "UNION" => OperatorKind::Append,
        "INSERT" | "BATCH_INSERT" | "DELETE" | "UPDATE" => OperatorKind::Write,
        _ if operator.contains("GROUP_BY")
            || operator.contains("AGGREGATE")
            || operator.contains("WINDOW") =>
        {
            OperatorKind::Aggregate
        }
        _ => OperatorKind::Other,
    }
}

/// One text or a list of them.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(all)) => {
            all.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

fn detail(extra: &Map<String, Value>) -> Option<String> {
    let said = TEXTS.iter().filter_map(|key| {
        let said = texts(extra.get(*key)).join(" AND ");
        (!said.is_empty()).then(|| format!("{key}: {said}"))
    });
    let cut: String = said.collect::<Vec<_>>().join("; ").chars().take(DETAIL_MAX).collect();
    Some(cut).filter(|said| !said.is_empty())
}

/// Columns that a scan's filters compare: `instant>=900 AND instant<910`, `series=5`.
fn conditions(extra: &Map<String, Value>) -> Vec<PlanCondition> {
    let mut found: Vec<PlanCondition> = Vec::new();
    for filter in texts(extra.get("Filters")) {
        let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let end = filter.find(|letter: char| !is_name(letter)).unwrap_or(0);
        let (column, rest) = filter.split_at(end);
        let rest = rest.trim_start();
        let is_equality = rest.starts_with('=') || rest.starts_with("IN ");
        if column.is_empty() || !(is_equality || rest.starts_with(['<', '>'])) {
            continue;
        }
        if !found.iter().any(|held| held.column == column) {
            found.push(PlanCondition { column: column.to_owned(), is_equality });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use duckdb::Connection;

    fn said(conn: &Connection, how: &str, sql: &str) -> Plan {
        let sql = format!("EXPLAIN ({how}) {sql}");
        let text: String = conn.query_row(&sql, [], |row| row.get(1)).unwrap();
        plan_from_json(&text).unwrap()
    }

    #[test]
    fn a_sorted_table_lets_row_groups_be_skipped() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(
            "CREATE SCHEMA telemetry; \
             CREATE TABLE telemetry.sample AS \
             SELECT (i % 100)::UINTEGER AS series, i * 1000 AS instant, random() AS value \
             FROM range(1000000) t(i)",
        )
        .unwrap();
        let sql = "SELECT count(*) FROM telemetry.sample \
                   WHERE instant >= 900000000 AND instant < 910000000 AND value > 0.5";
        let plan = said(&conn, "ANALYZE, FORMAT JSON", sql);
        assert!(plan.is_measured && plan.seconds.is_some(), "{plan:?}");
        let scan = plan.nodes.iter().find(|node| node.kind == OperatorKind::TableScan).unwrap();
        assert_eq!(scan.table.as_deref(), Some("telemetry.sample"));
        // One of nine row groups of 122,880 rows holds the range.
        let read = scan.rows_read.unwrap();
        assert!((1.0..250_000.0).contains(&read), "{read} of 1,000,000 rows were looked at");
        assert!(scan.conditions.iter().any(|one| one.column == "instant"), "{scan:?}");
        let plan = said(&conn, "FORMAT JSON", sql);
        assert!(!plan.is_measured && !plan.nodes.is_empty(), "{plan:?}");
    }

    #[test]
    fn everything_with_everything_is_a_product() {
        let conn = Connection::open_in_memory().unwrap();
        let sql = "SELECT a.range + b.range FROM range(10) a, range(20) b";
        let plan = said(&conn, "FORMAT JSON", sql);
        let is_product = |node: &PlanNode| node.kind == OperatorKind::CartesianProduct;
        assert!(plan.nodes.iter().any(is_product), "{plan:?}");
    }
}
