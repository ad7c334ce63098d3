//! The tables of `service_dependencies`.

use model::measure::Measure;
use model::table::{Cell, Table};
use serde_json::{Value, json};

use super::shape::{CriticalPath, PathShares, ServiceDependenciesAnswer};

fn value(measure: &Measure) -> Value {
    json!(measure.value)
}

impl ServiceDependenciesAnswer {
    /// The tables of the answer.
    pub fn tables(&self) -> Vec<Table> {
        let mut tables =
            vec![self.service_table(), self.edge_table(), self.entry_table(), self.impact_table()];
        tables.push(self.cycle_table());
        tables.push(self.share_table());
        tables.push(self.operation_table());
        tables.push(self.estimated_table());
        tables
    }

    fn service_table(&self) -> Table {
        let columns = [
            ("kind", "Kind", Cell::Text, ""),
            ("name", "Name", Cell::Text, ""),
            ("namespace", "Namespace", Cell::Text, ""),
            ("distance", "Steps", Cell::Count, ""),
            ("is_entry", "Entry point", Cell::Flag, ""),
            ("calls", "Requests", Cell::Number, ""),
            ("request_rate", "Requests per second", Cell::Number, "/s"),
            ("error_ratio", "Errors", Cell::Number, "1"),
            ("latency_seconds_p50", "p50", Cell::Number, "s"),
            ("latency_seconds_p95", "p95", Cell::Number, "s"),
            ("latency_seconds_p99", "p99", Cell::Number, "s"),
            ("callers", "Callers", Cell::Count, ""),
            ("callees", "Callees", Cell::Count, ""),
            ("outside", "Outside your scope", Cell::Count, ""),
            ("cycle", "Cycle", Cell::Count, ""),
            ("owner", "Owner", Cell::Text, ""),
            ("application", "Application", Cell::Text, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let rows = self.services.iter().map(|one| {
            vec![
                json!(one.kind),
                json!(one.name),
                json!(one.scope.namespace),
                json!(one.distance),
                json!(one.is_entry),
                value(&one.figures.calls),
                value(&one.figures.request_rate),
                value(&one.figures.error_ratio),
                value(&one.latency.p50),
                value(&one.latency.p95),
                value(&one.latency.p99),
                json!(one.callers),
                json!(one.callees),
                json!(one.outside),
                json!(one.cycle),
                json!(one.owner),
                json!(one.application),
                json!(one.id),
            ]
        });
        Table { rows: rows.collect(), ..Table::new("services", &columns) }
    }

    fn edge_table(&self) -> Table {
        let columns = [
            ("from", "Caller", Cell::Text, ""),
            ("relation", "Relation", Cell::Text, ""),
            ("to", "Callee", Cell::Text, ""),
            ("set", "Known by", Cell::Text, ""),
            ("need", "Need", Cell::Text, ""),
            ("need_source", "Need known by", Cell::Text, ""),
            ("calls", "Calls", Cell::Number, ""),
            ("request_rate", "Calls per second", Cell::Number, "/s"),
            ("error_ratio", "Errors", Cell::Number, "1"),
            ("client_seconds_p50", "Caller p50", Cell::Number, "s"),
            ("client_seconds_p95", "Caller p95", Cell::Number, "s"),
            ("client_seconds_p99", "Caller p99", Cell::Number, "s"),
            ("server_seconds_p50", "Callee p50", Cell::Number, "s"),
            ("server_seconds_p95", "Callee p95", Cell::Number, "s"),
            ("server_seconds_p99", "Callee p99", Cell::Number, "s"),
            ("network_seconds", "Network", Cell::Number, "s"),
            ("source", "Source", Cell::Text, ""),
            ("confidence", "Confidence", Cell::Text, ""),
            ("last_seen", "Last seen", Cell::Instant, ""),
        ];
        let rows = self.edges.iter().map(|one| {
            vec![
                json!(one.from),
                json!(one.relation),
                json!(one.to),
                json!(one.set),
                json!(one.need),
                json!(one.need_source),
                value(&one.figures.calls),
                value(&one.figures.request_rate),
                value(&one.figures.error_ratio),
                value(&one.client_latency.p50),
                value(&one.client_latency.p95),
                value(&one.client_latency.p99),
                value(&one.server_latency.p50),
                value(&one.server_latency.p95),
                value(&one.server_latency.p99),
                value(&one.network_seconds),
                json!(one.figures.source),
                json!(one.confidence),
                json!(one.last_seen),
            ]
        });
        Table { rows: rows.collect(), ..Table::new("edges", &columns) }
    }

    fn entry_table(&self) -> Table {
        let columns = [
            ("service", "Entry point", Cell::Text, ""),
            ("rule", "Known by", Cell::Text, ""),
            ("kind", "Kind", Cell::Text, ""),
            ("through", "Through", Cell::Text, ""),
            ("requests", "Requests", Cell::Number, ""),
            ("weight", "Weight", Cell::Number, "1"),
        ];
        let rows = self.entry_points.iter().map(|one| {
            vec![
                json!(one.service),
                json!(one.rule),
                json!(one.kind),
                json!(one.through.join(", ")),
                value(&one.requests),
                value(&one.weight),
            ]
        });
        Table { rows: rows.collect(), ..Table::new("entry_points", &columns) }
    }

    fn impact_table(&self) -> Table {
        let columns = [
            ("service", "Service", Cell::Text, ""),
            ("score", "Impact", Cell::Number, "%"),
            ("basis", "Basis", Cell::Text, ""),
            ("low", "At least", Cell::Number, "%"),
            ("high", "At most", Cell::Number, "%"),
            ("traces", "Requests counted", Cell::Count, ""),
            ("estimated", "Estimate", Cell::Number, "%"),
            ("estimated_high", "Estimate at most", Cell::Number, "%"),
        ];
        let rows = self.impact.iter().map(|one| {
            vec![
                json!(one.service),
                value(&one.score),
                json!(one.basis),
                json!(one.low),
                json!(one.high),
                json!(one.traces),
                value(&one.estimated),
                json!(one.estimated_high),
            ]
        });
        Table { rows: rows.collect(), ..Table::new("impact", &columns) }
    }

    fn cycle_table(&self) -> Table {
        let columns = [("cycle", "Cycle", Cell::Count, ""), ("service", "Service", Cell::Text, "")];
        let rows = self.cycles.iter().enumerate().flat_map(|(place, members)| {
            members.iter().map(move |member| vec![json!(place), json!(member)])
        });
        Table { rows: rows.collect(), ..Table::new("cycles", &columns) }
    }

    /// Each path's shares, of all requests and of the slowest.
    fn parts(&self) -> impl Iterator<Item = (&CriticalPath, &'static str, &PathShares)> {
        self.critical_paths.iter().flat_map(|path| {
            let all = path.all.iter().map(move |shares| (path, "all", shares));
            all.chain(path.slowest.iter().map(move |shares| (path, "slowest", shares)))
        })
    }

    fn share_table(&self) -> Table {
        let columns = [
            ("entry", "Entry point", Cell::Text, ""),
            ("requests", "Of requests", Cell::Text, ""),
            ("traces", "Requests", Cell::Count, ""),
            ("service", "Service", Cell::Text, ""),
            ("seconds", "Time", Cell::Number, "s"),
            ("share", "Share", Cell::Number, "1"),
        ];
        let rows = self.parts().flat_map(|(path, of, shares)| {
            shares.services.iter().map(move |one| {
                vec![
                    json!(path.entry),
                    json!(of),
                    json!(shares.traces),
                    json!(one.service),
                    json!(one.seconds),
                    json!(one.share),
                ]
            })
        });
        Table { rows: rows.collect(), ..Table::new("critical_path_services", &columns) }
    }

    fn operation_table(&self) -> Table {
        let columns = [
            ("entry", "Entry point", Cell::Text, ""),
            ("requests", "Of requests", Cell::Text, ""),
            ("service", "Service", Cell::Text, ""),
            ("operation", "Operation", Cell::Text, ""),
            ("seconds", "Time", Cell::Number, "s"),
            ("share", "Share", Cell::Number, "1"),
            ("traces", "On the path of", Cell::Count, ""),
        ];
        let rows = self.parts().flat_map(|(path, of, shares)| {
            shares.operations.iter().map(move |one| {
                vec![
                    json!(path.entry),
                    json!(of),
                    json!(one.service),
                    json!(one.operation),
                    json!(one.seconds),
                    json!(one.share),
                    json!(one.traces),
                ]
            })
        });
        Table { rows: rows.collect(), ..Table::new("critical_path_operations", &columns) }
    }

    fn estimated_table(&self) -> Table {
        let columns = [
            ("entry", "Entry point", Cell::Text, ""),
            ("step", "Step", Cell::Count, ""),
            ("services", "Services", Cell::Text, ""),
            ("visits", "Visits per request", Cell::Number, ""),
            ("own_seconds", "Own time", Cell::Number, "s"),
            ("network_seconds", "Network", Cell::Number, "s"),
        ];
        let rows = self.critical_paths.iter().flat_map(|path| {
            let steps = path.estimated.iter().flat_map(|estimated| &estimated.steps);
            steps.enumerate().map(move |(place, step)| {
                vec![
                    json!(path.entry),
                    json!(place + 1),
                    json!(step.services.join(", ")),
                    json!(step.visits),
                    json!(step.own_seconds),
                    json!(step.network_seconds),
                ]
            })
        });
        Table { rows: rows.collect(), ..Table::new("estimated_paths", &columns) }
    }
}
