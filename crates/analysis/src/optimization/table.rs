//! Statements, tables and indexes as the answer gives them, and the answer's own tables for the terminal,
//! CSV, NDJSON and Parquet.

use model::absence::Absence;
use model::fact::{OperatorKind, Plan};
use model::measure::Measure;
use model::table::{Cell, Table};
use model::workload::WorkloadParameter;
use serde_json::Value;

use super::facts::{OptimizationFacts, StatementFact};
use super::growth::{bytes_per_day, rows_per_day};
use super::report::{
    OptimizationAnswer, OptimizationFault, OptimizationIndexUse, OptimizationStatement,
    OptimizationTable, OptimizationVerdict,
};
use super::verdict::faults;

/// Longest value of a parameter that is shown.
const VALUE_MAX: usize = 120;

/// Statements of the workload, the greater time in all first.
pub fn statements(facts: &OptimizationFacts) -> Vec<OptimizationStatement> {
    let all = facts.seconds_total();
    let mut found: Vec<_> = facts.statements.iter().map(|one| statement(facts, one, all)).collect();
    found.sort_by(|one, other| {
        let by_time = other.seconds_total.total_cmp(&one.seconds_total);
        by_time.then_with(|| (&one.store, &one.name).cmp(&(&other.store, &other.name)))
    });
    found
}

fn statement(facts: &OptimizationFacts, one: &StatementFact, all: f64) -> OptimizationStatement {
    let ran = &one.statement;
    let plan = one.plan();
    let found = plan.map(|plan| faults(plan, &ran.text)).unwrap_or_default();
    let verdict = match (plan, found.is_empty()) {
        (None, _) => OptimizationVerdict::Unknown,
        (Some(_), true) => OptimizationVerdict::Passes,
        (Some(_), false) if found.iter().all(|fault| fault.allowed.is_some()) => {
            OptimizationVerdict::Allowed
        }
        (Some(_), false) => OptimizationVerdict::Fails,
    };
    let measured = one.measured.as_ref();
    let unmeasured = measured.and_then(|one| one.plan.as_ref().err());
    let unexplained = one.explained.as_ref().err().filter(|_| plan.is_none());
    let p95 = ran.seconds_p95();
    OptimizationStatement {
        store: ran.store.clone(),
        name: ran.name.clone(),
        kind: ran.kind,
        count: ran.count,
        error_count: ran.error_count,
        rows: (ran.store != "embedded").then_some(ran.rows),
        seconds_total: ran.seconds_total,
        share: if all > 0.0 { ran.seconds_total / all } else { 0.0 },
        seconds_p95: p95.map_or_else(
            || Measure::absent("s", Absence::NoData),
            |p95| Measure::new(p95, "s").of(ran.count),
        ),
        seconds_longest: ran.seconds_longest,
        parameters: ran.parameters.iter().map(cut).collect(),
        plan: plan.cloned(),
        plan_reason: unexplained.or(unmeasured).cloned(),
        measured_at: measured.filter(|one| one.plan.is_ok()).map(|one| one.at),
        verdict,
        faults: found
            .into_iter()
            .map(|fault| OptimizationFault {
                rule: fault.rule.to_owned(),
                what: fault.what,
                allowed: fault.allowed,
            })
            .collect(),
        rows_skipped: plan.and_then(|plan| rows_skipped(facts, &ran.store, plan)),
    }
}

fn cut(parameter: &WorkloadParameter) -> WorkloadParameter {
    let value = &parameter.value;
    let shown: String = value.chars().take(VALUE_MAX).collect();
    let value = if shown.len() < value.len() { format!("{shown}…") } else { shown };
    WorkloadParameter { name: parameter.name.clone(), value }
}

/// Share of the rows of the scanned tables that row groups kept a scan from looking at.
fn rows_skipped(facts: &OptimizationFacts, store: &str, plan: &Plan) -> Option<f64> {
    let (mut read, mut all) = (0.0, 0.0);
    for node in plan.nodes.iter().filter(|node| node.kind == OperatorKind::TableScan) {
        let rows = facts.table(store, node.table.as_deref()?).and_then(|table| table.rows);
        if let (Some(taken), Some(rows)) = (node.rows_read, rows) {
            read += taken.min(rows as f64);
            all += rows as f64;
        }
    }
    (plan.is_measured && store == "embedded" && all > 0.0).then(|| 1.0 - read / all)
}

/// Tables, by store, the larger first.
pub fn table_statistics(facts: &OptimizationFacts) -> Vec<OptimizationTable> {
    let mut found = Vec::new();
    for report in facts.told() {
        for table in &report.tables {
            let index_use = match (table.index_scans, table.scans) {
                (Some(index), Some(plain)) if index + plain > 0 => {
                    Some(index as f64 / (index + plain) as f64)
                }
                _ => None,
            };
            found.push(OptimizationTable {
                store: report.store.clone(),
                name: table.name.clone(),
                rows: table.rows,
                bytes: table.bytes,
                index_bytes: table.index_bytes,
                index_use,
                dead_rows: table.dead_rows,
                bytes_per_day: bytes_per_day(facts, &report.store, table),
                rows_per_day: rows_per_day(facts, &report.store, table),
                cache_hit: table.cache_hit,
                parts: table.parts,
                compressed: table.compressed,
                sort_key: table.sort_key.clone(),
            });
        }
    }
    let size = |one: &OptimizationTable| {
        let bytes = one.bytes.map(|bytes| bytes.saturating_add(one.index_bytes.unwrap_or(0)));
        (bytes, one.rows)
    };
    found.sort_by(|one, other| {
        let by_size = size(other).cmp(&size(one));
        one.store.cmp(&other.store).then(by_size).then_with(|| one.name.cmp(&other.name))
    });
    found
}

/// Indexes, by store, table and name, with the statements whose plans use them.
pub fn index_use(facts: &OptimizationFacts) -> Vec<OptimizationIndexUse> {
    let mut found = Vec::new();
    for report in facts.told() {
        for index in &report.indexes {
            let graph_name = format!("{}({})", index.table, index.columns.join(", "));
            let uses = |one: &&StatementFact| {
                let is_of = |name: &String| *name == index.name || *name == graph_name;
                one.statement.store == report.store
                    && one.plan().is_some_and(|plan| {
                        plan.nodes.iter().any(|node| node.index.as_ref().is_some_and(is_of))
                    })
            };
            let statements = facts.statements.iter().filter(uses);
            found.push(OptimizationIndexUse {
                store: report.store.clone(),
                table: index.table.clone(),
                name: index.name.clone(),
                definition: index.definition.clone(),
                scans: index.scans,
                bytes: index.bytes,
                is_constraint: index.is_constraint,
                is_valid: index.is_valid,
                statements: statements.map(|one| one.statement.name.clone()).collect(),
            });
        }
    }
    let key = |one: &OptimizationIndexUse| (one.store.clone(), one.table.clone(), one.name.clone());
    found.sort_by_key(key);
    found
}

/// The answer's own tables.
pub fn tables(answer: &OptimizationAnswer) -> Vec<Table> {
    vec![recommended(answer), workload(answer), sizes(answer), indexes(answer), applied(answer)]
}

fn recommended(answer: &OptimizationAnswer) -> Table {
    let mut table = Table::new(
        "recommendations",
        &[
            ("id", "Id", Cell::Text, ""),
            ("seconds_saved", "Saves", Cell::Number, "s"),
            ("seconds_of_writes", "Costs writes", Cell::Number, "s"),
            ("statements", "Statements", Cell::Text, ""),
            ("what", "What", Cell::Text, ""),
            ("reason", "Reason", Cell::Text, ""),
            ("action", "Do", Cell::Text, ""),
            ("is_applicable", "Can be applied", Cell::Flag, ""),
        ],
    );
    for one in &answer.recommendations {
        table.rows.push(vec![
            one.id.clone().into(),
            one.seconds_saved.value.into(),
            one.seconds_of_writes.value.into(),
            one.statements.join(", ").into(),
            one.what.clone().into(),
            one.reason.clone().into(),
            one.action.clone().into(),
            one.is_applicable().into(),
        ]);
    }
    table
}

fn workload(answer: &OptimizationAnswer) -> Table {
    let mut table = Table::new(
        "statements",
        &[
            ("store", "Store", Cell::Text, ""),
            ("statement", "Statement", Cell::Text, ""),
            ("kind", "Kind", Cell::Text, ""),
            ("count", "Runs", Cell::Count, ""),
            ("seconds_total", "In all", Cell::Number, "s"),
            ("share", "Share", Cell::Number, "1"),
            ("seconds_p95", "p95", Cell::Number, "s"),
            ("rows", "Rows", Cell::Count, ""),
            ("rows_skipped", "Rows skipped", Cell::Number, "1"),
            ("verdict", "Plan", Cell::Text, ""),
            ("faults", "What is wrong", Cell::Text, ""),
            ("plan_reason", "Why no plan", Cell::Text, ""),
        ],
    );
    for one in &answer.statements {
        let faults: Vec<String> =
            one.faults.iter().map(|fault| format!("{}: {}", fault.rule, fault.what)).collect();
        table.rows.push(vec![
            one.store.clone().into(),
            one.name.clone().into(),
            word(&one.kind),
            one.count.into(),
            one.seconds_total.into(),
            one.share.into(),
            one.seconds_p95.value.into(),
            one.rows.into(),
            one.rows_skipped.into(),
            word(&one.verdict),
            faults.join("; ").into(),
            one.plan_reason.clone().into(),
        ]);
    }
    table
}

fn sizes(answer: &OptimizationAnswer) -> Table {
    let mut table = Table::new(
        "table_statistics",
        &[
            ("store", "Store", Cell::Text, ""),
            ("table", "Table", Cell::Text, ""),
            ("rows", "Rows", Cell::Count, ""),
            ("bytes", "Size", Cell::Count, "By"),
            ("index_bytes", "Indexes", Cell::Count, "By"),
            ("index_use", "Index use", Cell::Number, "1"),
            ("dead_rows", "Dead rows", Cell::Count, ""),
            ("bytes_per_day", "Growth", Cell::Number, "By/d"),
            ("rows_per_day", "Rows a day", Cell::Number, "1/d"),
            ("cache_hit", "In memory", Cell::Number, "1"),
            ("parts", "Parts", Cell::Count, ""),
            ("compressed", "Compressed", Cell::Number, "1"),
            ("sort_key", "Written by", Cell::Text, ""),
        ],
    );
    for one in &answer.table_statistics {
        table.rows.push(vec![
            one.store.clone().into(),
            one.name.clone().into(),
            one.rows.into(),
            one.bytes.into(),
            one.index_bytes.into(),
            one.index_use.into(),
            one.dead_rows.into(),
            one.bytes_per_day.value.into(),
            one.rows_per_day.value.into(),
            one.cache_hit.into(),
            one.parts.into(),
            one.compressed.into(),
            one.sort_key.clone().into(),
        ]);
    }
    table
}

fn indexes(answer: &OptimizationAnswer) -> Table {
    let mut table = Table::new(
        "index_use",
        &[
            ("store", "Store", Cell::Text, ""),
            ("table", "Table", Cell::Text, ""),
            ("index", "Index", Cell::Text, ""),
            ("scans", "Uses", Cell::Count, ""),
            ("bytes", "Size", Cell::Count, "By"),
            ("is_constraint", "Constraint", Cell::Flag, ""),
            ("statements", "Serves", Cell::Text, ""),
        ],
    );
    for one in &answer.index_use {
        table.rows.push(vec![
            one.store.clone().into(),
            one.table.clone().into(),
            one.name.clone().into(),
            one.scans.into(),
            one.bytes.into(),
            one.is_constraint.into(),
            one.statements.join(", ").into(),
        ]);
    }
    table
}

fn applied(answer: &OptimizationAnswer) -> Table {
    let mut table = Table::new(
        "applied",
        &[
            ("at", "At", Cell::Instant, ""),
            ("id", "Id", Cell::Text, ""),
            ("statements", "Ran", Cell::Text, ""),
            ("undo", "Taken back by", Cell::Text, ""),
            ("effect", "Effect", Cell::Text, ""),
            ("error", "Error", Cell::Text, ""),
            ("undone_at", "Taken back", Cell::Instant, ""),
        ],
    );
    for one in &answer.applied {
        let seconds = |value: Option<f64>| {
            value.map_or_else(|| "not measured".to_owned(), |value| format!("{value:.4} s"))
        };
        let effects = one.effects.iter().map(|effect| {
            let (before, after) = (seconds(effect.seconds_before), seconds(effect.seconds_after));
            format!("{}: {before} → {after}", effect.statement)
        });
        table.rows.push(vec![
            one.at.to_string().into(),
            one.id.clone().into(),
            one.steps.statements.join("; ").into(),
            one.steps.undo.join("; ").into(),
            effects.collect::<Vec<_>>().join("; ").into(),
            one.error.clone().into(),
            one.undone_at.map(|at| at.to_string()).into(),
        ]);
    }
    table
}

/// The word that stands for it on every wire.
fn word(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
