//! The tables of `latency_heatmap`.

use model::measure::Measure;
use model::table::{Cell, Table};
use serde_json::{Value, json};

use super::shape::LatencyHeatmapAnswer;

fn value(measure: &Measure) -> Value {
    json!(measure.value)
}

impl LatencyHeatmapAnswer {
    /// The tables of the answer.
    pub fn tables(&self) -> Vec<Table> {
        vec![self.cell_table(), self.row_table(), self.hot_table(), self.reported_table()]
    }

    fn id(&self, row: u32) -> Value {
        json!(self.rows.get(row as usize).map(|row| &row.id))
    }

    fn cell_table(&self) -> Table {
        let columns = [
            ("from", "Caller", Cell::Text, ""),
            ("to", "Callee", Cell::Text, ""),
            ("calls", "Calls", Cell::Count, ""),
            ("request_rate", "Calls per second", Cell::Number, "/s"),
            ("error_ratio", "Errors", Cell::Number, "1"),
            ("client_seconds_p50", "Caller p50", Cell::Number, "s"),
            ("client_seconds_p95", "Caller p95", Cell::Number, "s"),
            ("client_seconds_p99", "Caller p99", Cell::Number, "s"),
            ("server_seconds_p50", "Callee p50", Cell::Number, "s"),
            ("server_seconds_p95", "Callee p95", Cell::Number, "s"),
            ("server_seconds_p99", "Callee p99", Cell::Number, "s"),
            ("network_seconds", "Network", Cell::Number, "s"),
            ("zone_crossing_ratio", "Crossing zones", Cell::Number, "1"),
            ("zone_coverage_ratio", "Zones known", Cell::Number, "1"),
            ("pairs", "Pairs of services", Cell::Count, ""),
            ("sources", "Sources", Cell::Text, ""),
            ("last_call", "Newest call", Cell::Instant, ""),
        ];
        let rows = self.cells.iter().map(|one| {
            vec![
                self.id(one.row),
                self.id(one.column),
                json!(one.calls),
                value(&one.request_rate),
                value(&one.error_ratio),
                value(&one.client_latency.p50),
                value(&one.client_latency.p95),
                value(&one.client_latency.p99),
                value(&one.server_latency.p50),
                value(&one.server_latency.p95),
                value(&one.server_latency.p99),
                value(&one.network_seconds),
                value(&one.zone_crossing.share),
                value(&one.zone_crossing.coverage),
                json!(one.pairs),
                json!(one.sources.join(", ")),
                json!(one.last_call),
            ]
        });
        Table { rows: rows.collect(), ..Table::new("cells", &columns) }
    }

    fn row_table(&self) -> Table {
        let columns = [
            ("place", "Place", Cell::Count, ""),
            ("id", "Id", Cell::Text, ""),
            ("name", "Name", Cell::Text, ""),
            ("members", "Services", Cell::Count, ""),
            ("calls_made", "Calls made", Cell::Count, ""),
            ("calls_answered", "Calls answered", Cell::Count, ""),
            ("part", "Part", Cell::Count, ""),
        ];
        let rows = self.rows.iter().enumerate().map(|(place, one)| {
            vec![
                json!(place),
                json!(one.id),
                json!(one.name),
                json!(one.members),
                json!(one.calls_made),
                json!(one.calls_answered),
                json!(one.part),
            ]
        });
        Table { rows: rows.collect(), ..Table::new("rows", &columns) }
    }

    fn hot_table(&self) -> Table {
        let columns = [
            ("from", "Caller", Cell::Text, ""),
            ("to", "Callee", Cell::Text, ""),
            ("calls", "Calls", Cell::Count, ""),
            ("mean_seconds", "Mean", Cell::Number, "s"),
            ("seconds_p95", "p95", Cell::Number, "s"),
            ("time_share", "Share of all time", Cell::Number, "1"),
            ("error_ratio", "Errors", Cell::Number, "1"),
        ];
        let rows = self.hot_pairs.iter().map(|one| {
            vec![
                json!(one.from),
                json!(one.to),
                json!(one.calls),
                json!(one.mean_seconds),
                value(&one.p95),
                json!(one.time_share),
                value(&one.error_ratio),
            ]
        });
        Table { rows: rows.collect(), ..Table::new("hot_pairs", &columns) }
    }

    fn reported_table(&self) -> Table {
        let columns = [
            ("from", "Caller", Cell::Text, ""),
            ("to", "Callee", Cell::Text, ""),
            ("side", "Side", Cell::Text, ""),
            ("quantile", "Quantile", Cell::Number, "1"),
            ("min", "Least", Cell::Number, "s"),
            ("last", "Latest", Cell::Number, "s"),
            ("max", "Greatest", Cell::Number, "s"),
            ("source", "Source", Cell::Text, ""),
        ];
        let rows = self.reported.iter().map(|one| {
            vec![
                json!(one.from),
                json!(one.to),
                json!(one.side),
                json!(one.quantile),
                json!(one.min),
                json!(one.last),
                json!(one.max),
                json!(one.source),
            ]
        });
        Table { rows: rows.collect(), ..Table::new("reported", &columns) }
    }
}
