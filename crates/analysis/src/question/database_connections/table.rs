//! The tables of `database_connections`.

use model::table::{Cell, Table};
use serde_json::json;

use super::params::ClientEvidence;
use super::shape::{Client, Database, DatabaseConnectionsAnswer};

impl DatabaseConnectionsAnswer {
    /// The tables of the answer.
    pub fn tables(&self) -> Vec<Table> {
        vec![
            self.database_table(),
            self.client_table(),
            self.engine_table(),
            self.usage_table(),
            self.sign_table(),
            self.exposure_table(),
            self.host_table(),
            self.endpoint_table(),
            Table { rows: crate::table::rows(&self.tables), ..crate::table::shape("dated_tables") },
        ]
    }

    fn database_table(&self) -> Table {
        let columns = [
            ("hosting", "Hosting", Cell::Text, ""),
            ("name", "Name", Cell::Text, ""),
            ("engine", "Engine", Cell::Text, ""),
            ("version", "Version", Cell::Text, ""),
            ("support", "Support", Cell::Text, ""),
            ("standard_support_end", "Standard support ends", Cell::Text, ""),
            ("extended_support_end", "Extended support ends", Cell::Text, ""),
            ("edition", "Edition", Cell::Text, ""),
            ("licence_model", "Licence", Cell::Text, ""),
            ("class", "Class", Cell::Text, ""),
            ("storage_type", "Storage", Cell::Text, ""),
            ("allocated_gib", "Allocated", Cell::Count, "GiB"),
            ("is_encrypted", "Encrypted", Cell::Flag, ""),
            ("standby", "Takes over", Cell::Text, ""),
            ("survives_zone", "Survives its zone", Cell::Flag, ""),
            ("replicas", "Read replicas", Cell::Count, ""),
            ("backup_retention_days", "Backups kept", Cell::Count, "d"),
            ("exposure", "Internet", Cell::Text, ""),
            ("open_max", "Connections", Cell::Number, ""),
            ("limit", "Limit", Cell::Number, ""),
            ("limit_from", "Limit from", Cell::Text, ""),
            ("limit_formula", "Limit as written", Cell::Text, ""),
            ("clients", "Clients", Cell::Count, ""),
            ("usage", "Used", Cell::Text, ""),
            ("usage_reason", "Why", Cell::Text, ""),
            ("confidence", "Confidence", Cell::Text, ""),
            ("status", "Status", Cell::Text, ""),
            ("owner", "Owner", Cell::Text, ""),
            ("account", "Account", Cell::Text, ""),
            ("region", "Region", Cell::Text, ""),
            ("zones", "Zones", Cell::Text, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let row = |one: &Database| {
            let connections = &one.connections;
            vec![
                json!(one.hosting),
                json!(one.name),
                json!(one.engine),
                json!(one.version),
                json!(one.support.status),
                json!(one.support.standard_support_end),
                json!(one.support.extended_support_end),
                json!(one.edition),
                json!(one.licence_model),
                json!(one.class),
                json!(one.storage.storage_type),
                json!(one.storage.allocated_gib),
                json!(one.storage.is_encrypted),
                json!(one.standby.detail),
                json!(one.standby.survives_zone),
                json!(one.replicas.len()),
                json!(one.backup_retention_days),
                json!(one.exposure.as_ref().map(|exposure| exposure.verdict)),
                json!(connections.open_max.value),
                json!(connections.limit.value),
                json!(connections.limit_from),
                json!(connections.limit_formula),
                json!(one.clients),
                json!(one.usage),
                json!(one.usage_reason),
                json!(one.confidence),
                json!(one.status),
                json!(one.owner),
                json!(one.place.account),
                json!(one.place.region),
                json!(one.place.zones.join(", ")),
                json!(one.id),
            ]
        };
        let rows = self.databases.iter().map(row).collect();
        Table { rows, ..Table::new("databases", &columns) }
    }

    fn client_table(&self) -> Table {
        let columns = [
            ("database", "Database", Cell::Text, ""),
            ("kind", "Kind", Cell::Text, ""),
            ("name", "Client", Cell::Text, ""),
            ("namespace", "Namespace", Cell::Text, ""),
            ("evidence", "Evidence", Cell::Text, ""),
            ("confidence", "Confidence", Cell::Text, ""),
            ("named_by", "Named by", Cell::Text, ""),
            ("endpoint", "Endpoint", Cell::Text, ""),
            ("via", "Through", Cell::Text, ""),
            ("need", "Need", Cell::Text, ""),
            ("call_rate", "Calls", Cell::Number, "/s"),
            ("error_ratio", "Errors", Cell::Number, "1"),
            ("latency_p95", "p95", Cell::Number, "s"),
            ("reach", "Network", Cell::Text, ""),
            ("denied_by", "Denied by", Cell::Text, ""),
            ("missing", "Not read", Cell::Text, ""),
            ("last_seen", "Last seen", Cell::Instant, ""),
            ("owner", "Owner", Cell::Text, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let row = |one: &Client| {
            let reach = one.reach.as_ref();
            vec![
                json!(one.database),
                json!(one.kind),
                json!(one.name),
                json!(one.namespace),
                json!(evidence(one)),
                json!(one.confidence),
                json!(one.named_by),
                json!(one.endpoint),
                json!(one.via.join(", ")),
                json!(one.need),
                json!(one.call_rate.value),
                json!(one.error_ratio.value),
                json!(one.latency_p95.value),
                json!(reach.map(|reach| reach.verdict)),
                json!(reach.and_then(|reach| reach.denied_by.as_ref())),
                json!(reach.map(|reach| reach.missing.join(", "))),
                json!(one.last_seen),
                json!(one.owner),
                json!(one.id),
            ]
        };
        Table { rows: self.clients.iter().map(row).collect(), ..Table::new("clients", &columns) }
    }

    fn engine_table(&self) -> Table {
        let columns = [
            ("hosting", "Hosting", Cell::Text, ""),
            ("engine", "Engine", Cell::Text, ""),
            ("count", "Databases", Cell::Count, ""),
        ];
        let all = self.summary.by_engine.iter();
        let rows = all.map(|one| vec![json!(one.hosting), json!(one.engine), json!(one.count)]);
        Table { rows: rows.collect(), ..Table::new("by_engine", &columns) }
    }

    fn usage_table(&self) -> Table {
        let columns = [("usage", "Used", Cell::Text, ""), ("count", "Databases", Cell::Count, "")];
        let all = self.summary.by_usage.iter();
        let rows = all.map(|one| vec![json!(one.usage), json!(one.count)]);
        Table { rows: rows.collect(), ..Table::new("by_usage", &columns) }
    }

    fn sign_table(&self) -> Table {
        let columns = [
            ("database", "Host", Cell::Text, ""),
            ("sign", "Sign", Cell::Text, ""),
            ("detail", "What was seen", Cell::Text, ""),
            ("confidence", "Confidence", Cell::Text, ""),
        ];
        let hosts = self.databases.iter().filter(|one| one.kind == model::EntityKind::Instance);
        let rows = hosts.flat_map(|one| {
            let row = |sign: &super::shape::Sign| {
                vec![json!(one.name), json!(sign.sign), json!(sign.detail), json!(sign.confidence)]
            };
            one.detected_by.iter().map(row).collect::<Vec<_>>()
        });
        Table { rows: rows.collect(), ..Table::new("signs", &columns) }
    }

    fn exposure_table(&self) -> Table {
        let columns = [
            ("database", "Database", Cell::Text, ""),
            ("port", "Port", Cell::Count, ""),
            ("verdict", "Internet", Cell::Text, ""),
            ("check", "It takes", Cell::Text, ""),
            ("holds", "Holds", Cell::Flag, ""),
            ("detail", "What was seen", Cell::Text, ""),
        ];
        let exposed = self.databases.iter().filter_map(|one| Some((one, one.exposure.as_ref()?)));
        let rows = exposed.flat_map(|(one, exposure)| {
            let row = |check: &crate::reach::ExposureCheck| {
                vec![
                    json!(one.name),
                    json!(exposure.port),
                    json!(exposure.verdict),
                    json!(check.check),
                    json!(check.holds),
                    json!(check.detail),
                ]
            };
            exposure.checks.iter().map(row).collect::<Vec<_>>()
        });
        Table { rows: rows.collect(), ..Table::new("exposure", &columns) }
    }

    fn host_table(&self) -> Table {
        let columns = [
            ("name", "Host", Cell::Text, ""),
            ("platform", "Platform", Cell::Text, ""),
            ("usage_operation", "Billing code", Cell::Text, ""),
            ("reason", "Why it cannot be told", Cell::Text, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let row = |one: &super::shape::UndeterminedHost| {
            vec![
                json!(one.name),
                json!(one.platform),
                json!(one.usage_operation),
                json!(one.reason),
                json!(one.id),
            ]
        };
        let rows = self.undetermined_hosts.iter().map(row).collect();
        Table { rows, ..Table::new("undetermined_hosts", &columns) }
    }

    fn endpoint_table(&self) -> Table {
        let columns = [
            ("endpoint", "Endpoint", Cell::Text, ""),
            ("engine", "Engine", Cell::Text, ""),
            ("why", "Why", Cell::Text, ""),
            ("from", "Named by", Cell::Text, ""),
        ];
        let row = |one: &super::shape::UnmatchedEndpoint| {
            vec![json!(one.endpoint), json!(one.engine), json!(one.why), json!(one.from)]
        };
        let rows = self.unmatched_endpoints.iter().map(row).collect();
        Table { rows, ..Table::new("unmatched_endpoints", &columns) }
    }
}

/// Evidence of a client as one text.
fn evidence(client: &Client) -> String {
    let words = client.evidence.iter().map(|one| match one {
        ClientEvidence::Observed => "observed",
        ClientEvidence::Declared => "declared",
        ClientEvidence::Possible => "possible",
    });
    words.collect::<Vec<_>>().join(", ")
}
