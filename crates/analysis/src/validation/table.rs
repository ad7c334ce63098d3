//! The tables of a result: for the terminal, CSV, NDJSON and Parquet.

use model::table::{Cell, Table};
use serde_json::Value;

use super::report::ValidationReport;

/// Summary, issues and checks.
pub fn tables(report: &ValidationReport) -> Vec<Table> {
    vec![summary(report), issues(report), checks(report)]
}

fn summary(report: &ValidationReport) -> Table {
    let mut table = Table::new(
        "families",
        &[
            ("family", "Family", Cell::Text, ""),
            ("score", "Score", Cell::Number, "1"),
            ("passed", "Passed", Cell::Count, ""),
            ("warning", "Warning", Cell::Count, ""),
            ("failed", "Failed", Cell::Count, ""),
            ("error", "Error", Cell::Count, ""),
            ("skipped", "Skipped", Cell::Count, ""),
            ("consequence", "Consequence", Cell::Count, ""),
        ],
    );
    let all = report.families.iter().map(|one| (one.title.as_str(), one.score, one.counts));
    for (title, score, counts) in all.chain([("All", report.score, report.counts)]) {
        table.rows.push(vec![
            title.into(),
            score.map_or(Value::Null, Value::from),
            counts.passed.into(),
            counts.warning.into(),
            counts.failed.into(),
            counts.error.into(),
            counts.skipped.into(),
            counts.consequence.into(),
        ]);
    }
    table
}

fn issues(report: &ValidationReport) -> Table {
    let mut table = Table::new(
        "issues",
        &[
            ("check", "Check", Cell::Text, ""),
            ("severity", "Severity", Cell::Text, ""),
            ("status", "Status", Cell::Text, ""),
            ("what", "What is wrong", Cell::Text, ""),
            ("action", "What to do", Cell::Text, ""),
            ("affected", "Concerns", Cell::Text, ""),
            ("affected_total", "How many", Cell::Count, ""),
            ("caused_by", "Caused by", Cell::Text, ""),
        ],
    );
    for one in &report.issues {
        table.rows.push(vec![
            one.check.clone().into(),
            word(&one.severity),
            word(&one.status),
            one.what.clone().into(),
            one.action.clone().into(),
            one.affected.join(", ").into(),
            one.affected_total.into(),
            one.caused_by.clone().into(),
        ]);
    }
    table
}

fn checks(report: &ValidationReport) -> Table {
    let mut table = Table::new(
        "checks",
        &[
            ("check", "Check", Cell::Text, ""),
            ("family", "Family", Cell::Text, ""),
            ("severity", "Severity", Cell::Text, ""),
            ("status", "Status", Cell::Text, ""),
            ("checked", "Looked at", Cell::Count, ""),
            ("issues", "Issues", Cell::Count, ""),
            ("reason", "Why not", Cell::Text, ""),
            ("caused_by", "Caused by", Cell::Text, ""),
        ],
    );
    for one in &report.checks {
        table.rows.push(vec![
            one.name.clone().into(),
            word(&one.family),
            word(&one.severity),
            word(&one.status),
            one.checked.into(),
            one.issues.into(),
            one.reason.clone().into(),
            one.caused_by.clone().into(),
        ]);
    }
    table
}

/// The word that stands for it on every wire.
fn word(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
