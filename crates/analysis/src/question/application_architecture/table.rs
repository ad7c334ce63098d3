//! The tables of `application_architecture`.

use model::table::{Cell, Table};
use serde_json::json;

use super::shape::{Application, ApplicationArchitectureAnswer};

impl ApplicationArchitectureAnswer {
    /// The tables of the answer.
    pub fn tables(&self) -> Vec<Table> {
        vec![
            self.application_table(),
            self.service_table(),
            self.workload_table(),
            self.store_table(),
        ]
    }

    fn application_table(&self) -> Table {
        let columns = [
            ("id", "Id", Cell::Text, ""),
            ("name", "Application", Cell::Text, ""),
            ("rule", "Known by", Cell::Text, ""),
            ("services", "Services", Cell::Count, ""),
            ("entry_points", "Entry points", Cell::Count, ""),
            ("layers", "Layers", Cell::Count, ""),
            ("synchronous_depth", "Calls that wait", Cell::Count, ""),
            ("stores", "Stores", Cell::Count, ""),
            ("queues", "Queues", Cell::Count, ""),
            ("external_endpoints", "External", Cell::Count, ""),
            ("cycles", "Cycles", Cell::Count, ""),
            ("critical", "Critical", Cell::Count, ""),
            ("warning", "Warning", Cell::Count, ""),
            ("owners", "Owners", Cell::Text, ""),
            ("languages", "Languages", Cell::Text, ""),
            ("zones", "Zones", Cell::Text, ""),
            ("cost", "Effective cost of 30 days", Cell::Text, ""),
            ("open_incidents", "Open incidents", Cell::Count, ""),
            ("findings", "Open findings", Cell::Text, ""),
        ];
        let names = |all: &[super::shape::NamedCount]| {
            all.iter().map(|one| one.name.clone()).collect::<Vec<_>>().join(", ")
        };
        let cost = |one: &Application| {
            let sums = one
                .cost
                .iter()
                .filter_map(|money| Some(format!("{} {}", money.amount?, money.currency)));
            sums.collect::<Vec<_>>().join(", ")
        };
        let findings = |one: &Application| {
            let counts = one.findings.iter();
            let texts = counts.map(|of| format!("{} {}", of.count, of.severity.as_str()));
            texts.collect::<Vec<_>>().join(", ")
        };
        let rows = self.applications.iter().map(|one| {
            vec![
                json!(one.id),
                json!(one.name),
                json!(one.rule),
                json!(one.service_count),
                json!(one.entry_points.len()),
                json!(one.layers.len()),
                json!(one.synchronous_depth),
                json!(one.stores.len()),
                json!(one.queues.len()),
                json!(one.external_endpoints.len()),
                json!(one.cycles.len()),
                json!(one.health.critical),
                json!(one.health.warning),
                json!(names(&one.owners)),
                json!(names(&one.languages)),
                json!(names(&one.zones)),
                json!(cost(one)),
                json!(one.open_incidents),
                json!(findings(one)),
            ]
        });
        Table { rows: rows.collect(), ..Table::new("applications", &columns) }
    }

    fn service_table(&self) -> Table {
        let columns = [
            ("application", "Application", Cell::Text, ""),
            ("layer", "Layer", Cell::Count, ""),
            ("id", "Service", Cell::Text, ""),
            ("fan_in", "Callers", Cell::Count, ""),
            ("fan_out", "Callees", Cell::Count, ""),
            ("requests", "Requests", Cell::Number, ""),
            ("health", "Health", Cell::Text, ""),
            ("is_cyclic", "On a cycle", Cell::Flag, ""),
            ("owner", "Owner", Cell::Text, ""),
            ("language", "Language", Cell::Text, ""),
            ("zones", "Zones", Cell::Text, ""),
        ];
        let rows = self.applications.iter().flat_map(|application| {
            application.services.iter().map(|one| {
                vec![
                    json!(application.name),
                    json!(one.layer),
                    json!(one.id),
                    json!(one.fan_in),
                    json!(one.fan_out),
                    json!(one.requests.value),
                    json!(one.health),
                    json!(one.is_cyclic),
                    json!(one.owner),
                    json!(one.language),
                    json!(one.zones.join(", ")),
                ]
            })
        });
        Table { rows: rows.collect(), ..Table::new("services", &columns) }
    }

    fn workload_table(&self) -> Table {
        let columns = [
            ("service", "Service", Cell::Text, ""),
            ("id", "Workload", Cell::Text, ""),
            ("controller", "Controller", Cell::Text, ""),
            ("replicas_wanted", "Replicas wanted", Cell::Count, ""),
            ("replicas", "Replicas", Cell::Count, ""),
        ];
        let services = self.applications.iter().flat_map(|one| &one.services);
        let rows = services.flat_map(|service| {
            service.workloads.iter().map(|one| {
                vec![
                    json!(service.id),
                    json!(one.id),
                    json!(one.controller),
                    json!(one.replicas_wanted),
                    json!(one.replicas),
                ]
            })
        });
        Table { rows: rows.collect(), ..Table::new("workloads", &columns) }
    }

    fn store_table(&self) -> Table {
        let columns = [
            ("application", "Application", Cell::Text, ""),
            ("kind", "Kind", Cell::Text, ""),
            ("id", "Store", Cell::Text, ""),
            ("engine", "Engine", Cell::Text, ""),
            ("clients", "Used by", Cell::Text, ""),
            ("other_applications", "Also used by", Cell::Text, ""),
            ("is_shared", "Shared", Cell::Flag, ""),
        ];
        let rows = self.applications.iter().flat_map(|application| {
            application.stores.iter().chain(&application.queues).map(|one| {
                vec![
                    json!(application.name),
                    json!(one.kind),
                    json!(one.id),
                    json!(one.engine),
                    json!(one.clients.join(", ")),
                    json!(one.other_applications.join(", ")),
                    json!(one.is_shared),
                ]
            })
        });
        Table { rows: rows.collect(), ..Table::new("stores", &columns) }
    }
}
