//! The answer of `topology/overlay`.

use model::absence::Absence;
use model::kind::EntityKind;
use model::measure::Money;
use model::table::{Cell, Table};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use crate::question::security_events::OpenFindingCount;
use crate::question::system_metrics::Status;

/// What lies over the entities of `topology`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TopologyOverlayAnswer {
    /// One row an entity, in the order of `topology`.
    pub entities: Vec<OverlayRow>,
}

/// What lies over one entity.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct OverlayRow {
    /// Canonical id.
    pub id: String,
    /// Kind.
    pub kind: EntityKind,
    /// Name.
    pub name: String,
    /// Health; null with `health_reason`.
    pub health: Option<Status>,
    /// `no_data`: nothing was measured that health is told by.
    pub health_reason: Option<Absence>,
    /// Effective cost of the thirty days before the newest charge, of charges that name the entity, by
    /// currency; empty with `cost_reason`.
    pub cost: Vec<Money>,
    /// `no_data` without any charge, `not_collected` when no charge names it.
    pub cost_reason: Option<Absence>,
    /// Incidents that go on and name the entity.
    pub open_incidents: u64,
    /// Open findings that concern it, by severity, the worst first.
    pub findings: Vec<OpenFindingCount>,
}

impl TopologyOverlayAnswer {
    /// The tables of the answer.
    pub fn tables(&self) -> Vec<Table> {
        let columns = [
            ("kind", "Kind", Cell::Text, ""),
            ("name", "Name", Cell::Text, ""),
            ("health", "Health", Cell::Text, ""),
            ("cost", "Effective cost of 30 days", Cell::Text, ""),
            ("open_incidents", "Open incidents", Cell::Count, ""),
            ("findings", "Open findings", Cell::Text, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let joined = |texts: Vec<String>| texts.join(", ");
        let row = |one: &OverlayRow| {
            let cost = one.cost.iter();
            let cost = cost.filter_map(|of| Some(format!("{} {}", of.amount?, of.currency)));
            let findings = one.findings.iter();
            let findings = findings.map(|of| format!("{} {}", of.count, of.severity.as_str()));
            vec![
                json!(one.kind),
                json!(one.name),
                json!(one.health),
                json!(joined(cost.collect())),
                json!(one.open_incidents),
                json!(joined(findings.collect())),
                json!(one.id),
            ]
        };
        let rows = self.entities.iter().map(row).collect();
        vec![Table { rows, ..Table::new("overlay", &columns) }]
    }
}
