//! The tables of `latency_matrix`.

use model::table::{Cell, Table};
use serde_json::json;

use super::shape::{LatencyMatrixAnswer, MatrixPair};

impl LatencyMatrixAnswer {
    /// The tables of the answer.
    pub fn tables(&self) -> Vec<Table> {
        vec![
            pair_table("pairs", &self.pairs),
            pair_table("asynchronous", &self.asynchronous),
            pair_table("reported", &self.reported),
            self.change_table(),
            self.anomaly_table(),
        ]
    }

    fn all(&self) -> impl Iterator<Item = &MatrixPair> {
        self.pairs.iter().chain(&self.asynchronous).chain(&self.reported)
    }

    fn change_table(&self) -> Table {
        let columns = [
            ("from_name", "Caller", Cell::Text, ""),
            ("to_name", "Callee", Cell::Text, ""),
            ("at", "At", Cell::Instant, ""),
            ("earliest", "Earliest", Cell::Instant, ""),
            ("latest", "Latest", Cell::Instant, ""),
            ("before", "Before", Cell::Number, "s"),
            ("after", "After", Cell::Number, "s"),
            ("change_ratio", "Change", Cell::Number, "1"),
            ("from", "Caller's id", Cell::Text, ""),
            ("to", "Callee's id", Cell::Text, ""),
        ];
        let mut table = Table::new("changes", &columns);
        for pair in self.all() {
            for one in &pair.summary.changes {
                table.rows.push(vec![
                    json!(pair.from_name),
                    json!(pair.to_name),
                    json!(one.at),
                    json!(one.earliest),
                    json!(one.latest),
                    json!(one.before.value),
                    json!(one.after.value),
                    json!(one.change_ratio.value),
                    json!(pair.from),
                    json!(pair.to),
                ]);
            }
        }
        table
    }

    fn anomaly_table(&self) -> Table {
        let columns = [
            ("from_name", "Caller", Cell::Text, ""),
            ("to_name", "Callee", Cell::Text, ""),
            ("what", "What", Cell::Text, ""),
            ("start", "From", Cell::Instant, ""),
            ("end", "To", Cell::Instant, ""),
            ("value", "Value", Cell::Number, ""),
            ("expected", "Expected", Cell::Number, ""),
            ("score", "Deviations", Cell::Number, "1"),
            ("reason", "Why", Cell::Text, ""),
            ("from", "Caller's id", Cell::Text, ""),
            ("to", "Callee's id", Cell::Text, ""),
        ];
        let mut table = Table::new("anomalies", &columns);
        for pair in self.all() {
            let latency = pair.summary.anomalies.iter().map(|one| ("latency", one));
            let errors = pair.error_anomalies.iter().map(|one| ("errors", one));
            for (what, one) in latency.chain(errors) {
                table.rows.push(vec![
                    json!(pair.from_name),
                    json!(pair.to_name),
                    json!(what),
                    json!(one.from),
                    json!(one.to),
                    json!(one.value.value),
                    json!(one.expected.value),
                    json!(one.score),
                    json!(one.reason),
                    json!(pair.from),
                    json!(pair.to),
                ]);
            }
        }
        table
    }
}

fn pair_table(name: &str, pairs: &[MatrixPair]) -> Table {
    let columns = [
        ("from_name", "Caller", Cell::Text, ""),
        ("to_name", "Callee", Cell::Text, ""),
        ("state", "State", Cell::Text, ""),
        ("harmed", "Harmed", Cell::Number, "count"),
        ("slow", "Slow", Cell::Number, "count"),
        ("failed", "Failed", Cell::Number, "count"),
        ("since", "Since", Cell::Instant, ""),
        ("until", "Until", Cell::Instant, ""),
        ("change_ratio", "Change", Cell::Number, "1"),
        ("calls", "Calls", Cell::Count, ""),
        ("request_rate", "Calls per second", Cell::Number, "/s"),
        ("error_ratio", "Errors", Cell::Number, "1"),
        ("usual_error_ratio", "Usual errors", Cell::Number, "1"),
        ("seconds_p50", "p50", Cell::Number, "s"),
        ("seconds_p95", "p95", Cell::Number, "s"),
        ("seconds_p99", "p99", Cell::Number, "s"),
        ("usual_seconds_p50", "Usual p50", Cell::Number, "s"),
        ("usual_seconds_p95", "Usual p95", Cell::Number, "s"),
        ("reason", "Why", Cell::Text, ""),
        ("side", "Side", Cell::Text, ""),
        ("source", "Source", Cell::Text, ""),
        ("from", "Caller's id", Cell::Text, ""),
        ("to", "Callee's id", Cell::Text, ""),
    ];
    let row = |one: &MatrixPair| {
        vec![
            json!(one.from_name),
            json!(one.to_name),
            json!(one.state),
            json!(one.harm.total.value),
            json!(one.harm.slow.value),
            json!(one.harm.failed.value),
            json!(one.since),
            json!(one.until),
            json!(one.change_ratio.value),
            json!(one.calls),
            json!(one.request_rate.value),
            json!(one.error_ratio.value),
            json!(one.usual.error_ratio.value),
            json!(one.latency.p50.value),
            json!(one.latency.p95.value),
            json!(one.latency.p99.value),
            json!(one.usual.latency.p50.value),
            json!(one.usual.latency.p95.value),
            json!(one.reason),
            json!(one.side),
            json!(one.source),
            json!(one.from),
            json!(one.to),
        ]
    };
    Table { rows: pairs.iter().map(row).collect(), ..Table::new(name, &columns) }
}
