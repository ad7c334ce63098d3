//! The tables of `system_metrics`.

use model::table::{Cell, Table};
use serde_json::{Value, json};

use super::shape::{StatusCounts, SystemMetricsAnswer};

impl SystemMetricsAnswer {
    /// The tables of the answer.
    pub fn tables(&self) -> Vec<Table> {
        let mut tables =
            vec![self.entities(), self.checks(), self.counts(), self.thresholds(), self.sources()];
        if self.entities.iter().any(|one| one.checks.iter().any(|c| !c.reported.is_empty())) {
            tables.push(self.reported());
        }
        if self.series.is_some() {
            tables.push(self.series());
        }
        tables
    }

    fn entities(&self) -> Table {
        let columns = [
            ("status", "Status", Cell::Text, ""),
            ("kind", "Kind", Cell::Text, ""),
            ("name", "Name", Cell::Text, ""),
            ("reason", "Reason", Cell::Text, ""),
            ("cluster", "Cluster", Cell::Text, ""),
            ("namespace", "Namespace", Cell::Text, ""),
            ("account", "Account", Cell::Text, ""),
            ("region", "Region", Cell::Text, ""),
            ("owner", "Owner", Cell::Text, ""),
            ("newest", "Newest", Cell::Instant, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let mut table = Table::new("entities", &columns);
        for one in &self.entities {
            table.rows.push(vec![
                json!(one.status),
                json!(one.kind),
                json!(one.name),
                json!(one.reason),
                json!(one.scope.cluster),
                json!(one.scope.namespace),
                json!(one.scope.account),
                json!(one.scope.region),
                json!(one.owner),
                json!(one.newest),
                json!(one.id),
            ]);
        }
        table
    }

    fn checks(&self) -> Table {
        let columns = [
            ("name", "Name", Cell::Text, ""),
            ("check", "Check", Cell::Text, ""),
            ("title", "Figure", Cell::Text, ""),
            ("status", "Status", Cell::Text, ""),
            ("value", "Value", Cell::Number, ""),
            ("unit", "Unit", Cell::Text, ""),
            ("limit", "Limit", Cell::Number, ""),
            ("low", "At least", Cell::Number, ""),
            ("high", "At most", Cell::Number, ""),
            ("n", "Values", Cell::Count, ""),
            ("reason", "Reason", Cell::Text, ""),
            ("source", "Source", Cell::Text, ""),
            ("metrics", "Metrics", Cell::Text, ""),
            ("newest", "Newest", Cell::Instant, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let mut table = Table::new("checks", &columns);
        for one in &self.entities {
            for check in &one.checks {
                table.rows.push(vec![
                    json!(one.name),
                    json!(check.check),
                    json!(check.title),
                    json!(check.status),
                    json!(check.value.value),
                    json!(check.value.unit),
                    json!(check.limit),
                    json!(check.bound.map(|bound| bound.low)),
                    json!(check.bound.map(|bound| bound.high)),
                    json!(check.value.n),
                    json!(check.reason),
                    json!(check.source),
                    json!(check.metrics.join(", ")),
                    json!(check.newest),
                    json!(one.id),
                ]);
            }
        }
        table
    }

    fn counts(&self) -> Table {
        let columns = [
            ("dimension", "By", Cell::Text, ""),
            ("value", "Value", Cell::Text, ""),
            ("total", "Entities", Cell::Count, ""),
            ("critical", "Critical", Cell::Count, ""),
            ("warning", "Warning", Cell::Count, ""),
            ("unknown", "Unknown", Cell::Count, ""),
            ("healthy", "Healthy", Cell::Count, ""),
        ];
        let row = |dimension: Value, value: Value, counts: &StatusCounts| {
            vec![
                dimension,
                value,
                json!(counts.total),
                json!(counts.critical),
                json!(counts.warning),
                json!(counts.unknown),
                json!(counts.healthy),
            ]
        };
        let mut table = Table::new("counts", &columns);
        table.rows.push(row(json!("all"), json!(null), &self.counts));
        let scopes = self.by_scope.iter();
        table.rows.extend(scopes.map(|s| row(json!(s.dimension), json!(s.value), &s.counts)));
        table
    }

    fn thresholds(&self) -> Table {
        let columns = [
            ("check", "Check", Cell::Text, ""),
            ("title", "Figure", Cell::Text, ""),
            ("definition", "Definition", Cell::Text, ""),
            ("unit", "Unit", Cell::Text, ""),
            ("warning", "Warning", Cell::Number, ""),
            ("critical", "Critical", Cell::Number, ""),
            ("is_floor", "Bad when low", Cell::Flag, ""),
        ];
        let mut table = Table::new("thresholds", &columns);
        for one in &self.thresholds {
            table.rows.push(vec![
                json!(one.check),
                json!(one.title),
                json!(one.definition),
                json!(one.unit),
                json!(one.warning),
                json!(one.critical),
                json!(one.is_floor),
            ]);
        }
        table
    }

    fn sources(&self) -> Table {
        let columns = [
            ("source", "Source", Cell::Text, ""),
            ("entities", "Entities", Cell::Count, ""),
            ("series", "Series in the window", Cell::Count, ""),
            ("newest", "Newest", Cell::Instant, ""),
            ("age_seconds", "Age", Cell::Number, "s"),
        ];
        let mut table = Table::new("sources", &columns);
        for one in &self.sources {
            table.rows.push(vec![
                json!(one.source),
                json!(one.entities),
                json!(one.series),
                json!(one.newest),
                json!(one.age_seconds),
            ]);
        }
        table
    }

    fn reported(&self) -> Table {
        let columns = [
            ("name", "Name", Cell::Text, ""),
            ("quantile", "Quantile", Cell::Number, "1"),
            ("min", "Least reported", Cell::Number, "s"),
            ("median", "Median of the latest", Cell::Number, "s"),
            ("max", "Greatest reported", Cell::Number, "s"),
            ("series", "Series", Cell::Count, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let mut table = Table::new("reported", &columns);
        for one in &self.entities {
            for quantile in one.checks.iter().flat_map(|check| &check.reported) {
                table.rows.push(vec![
                    json!(one.name),
                    json!(quantile.quantile),
                    json!(quantile.min),
                    json!(quantile.median),
                    json!(quantile.max),
                    json!(quantile.series),
                    json!(one.id),
                ]);
            }
        }
        table
    }

    fn series(&self) -> Table {
        let columns = [
            ("at", "At", Cell::Instant, ""),
            ("signal", "Signal", Cell::Text, ""),
            ("metric", "Metric", Cell::Text, ""),
            ("labels", "Labels", Cell::Text, ""),
            ("value", "Value", Cell::Number, ""),
            ("min", "Least", Cell::Number, ""),
            ("max", "Greatest", Cell::Number, ""),
            ("unit", "Unit", Cell::Text, ""),
            ("source", "Source", Cell::Text, ""),
            ("entity", "Id", Cell::Text, ""),
        ];
        let mut table = Table::new("series", &columns);
        for chart in self.series.iter().flatten() {
            let labels: Vec<String> =
                chart.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let labels = labels.join(", ");
            for point in &chart.points {
                table.rows.push(vec![
                    json!(point.at),
                    json!(chart.signal),
                    json!(chart.metric),
                    json!(labels),
                    json!(point.value),
                    json!(point.min),
                    json!(point.max),
                    json!(chart.unit),
                    json!(chart.source),
                    json!(chart.entity),
                ]);
            }
        }
        table
    }
}
