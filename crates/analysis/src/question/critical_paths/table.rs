//! The tables of `critical_paths`.

use model::table::{Cell, Table};
use serde_json::json;

use super::shape::{CriticalPathsAnswer, CriticalTarget, EntityRef, SinglePoint, WorkloadRiskRow};

impl CriticalPathsAnswer {
    /// The tables of the answer.
    pub fn tables(&self) -> Vec<Table> {
        vec![
            points("physical", &self.physical),
            points("logical", &self.logical),
            self.risks(),
            self.targets(),
            self.ownership(),
            self.assumptions(),
        ]
    }

    fn risks(&self) -> Table {
        let columns = [
            ("name", "Workload", Cell::Text, ""),
            ("namespace", "Namespace", Cell::Text, ""),
            ("controller", "Controller", Cell::Text, ""),
            ("class", "Class", Cell::Text, ""),
            ("replicas", "Replicas", Cell::Count, ""),
            ("min_alive", "Must be left", Cell::Count, ""),
            ("on", "All on", Cell::Text, ""),
            ("remedy", "Remedy", Cell::Text, ""),
            ("decision", "Decision", Cell::Text, ""),
            ("owner", "Owner", Cell::Text, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let row = |one: &WorkloadRiskRow| {
            vec![
                json!(one.entity.name),
                json!(one.namespace),
                json!(one.controller),
                json!(one.class),
                json!(one.replicas),
                json!(one.min_alive),
                json!(names(&one.on)),
                json!(one.remedy),
                json!(one.decision.as_ref().map(|one| one.action.as_str())),
                json!(one.entity.owner),
                json!(one.entity.id),
            ]
        };
        let rows = self.workload_risks.iter().map(row).collect();
        Table { rows, ..Table::new("workload_risks", &columns) }
    }

    fn ownership(&self) -> Table {
        let columns = [
            ("owner", "Owner", Cell::Text, ""),
            ("share", "Share of the weight", Cell::Number, "1"),
            ("is_concentrated", "More than half", Cell::Flag, ""),
        ];
        let of = &self.ownership;
        let name = of.owner.as_ref().map(|owner| &owner.name);
        let rows = vec![vec![json!(name), json!(of.share.value), json!(of.is_concentrated)]];
        Table { rows, ..Table::new("ownership", &columns) }
    }

    fn targets(&self) -> Table {
        let columns = [
            ("name", "Name", Cell::Text, ""),
            ("kind", "Kind", Cell::Text, ""),
            ("entry", "Entered by", Cell::Text, ""),
            ("environment", "Environment", Cell::Text, ""),
            ("weight", "Weight", Cell::Number, ""),
            ("is_failed", "Failed already", Cell::Flag, ""),
            ("margin", "Margin", Cell::Number, ""),
            ("margin_reason", "Why no margin", Cell::Text, ""),
            ("margin_points", "Margin by", Cell::Text, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let row = |one: &CriticalTarget| {
            vec![
                json!(one.entity.name),
                json!(one.entity.kind),
                json!(one.entry),
                json!(one.entity.environment),
                json!(one.weight.value),
                json!(one.is_failed),
                json!(one.margin.value),
                json!(one.margin.reason),
                json!(names(&one.margin_points)),
                json!(one.entity.id),
            ]
        };
        let rows = self.targets.iter().map(row).collect();
        Table { rows, ..Table::new("targets", &columns) }
    }

    fn assumptions(&self) -> Table {
        let columns = [
            ("what", "Dependencies of which no member is known", Cell::Text, ""),
            ("count", "How many", Cell::Count, ""),
        ];
        let groups = self.assumptions.unknown_groups.iter();
        let rows = groups.map(|one| vec![json!(one.of), json!(one.count)]).collect();
        Table { rows, ..Table::new("unknown_groups", &columns) }
    }
}

/// Names for one cell.
fn names(all: &[EntityRef]) -> String {
    all.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn points(name: &str, points: &[SinglePoint]) -> Table {
    let columns = [
        ("name", "Point", Cell::Text, ""),
        ("kind", "Kind", Cell::Text, ""),
        ("class", "Class", Cell::Text, ""),
        ("holds", "Holds", Cell::Text, ""),
        ("loss", "Loss", Cell::Number, "1"),
        ("takes_down", "Takes down", Cell::Text, ""),
        ("fails", "Fails", Cell::Count, ""),
        ("degrades", "Degrades", Cell::Count, ""),
        ("inside", "The same by", Cell::Text, ""),
        ("why", "Why", Cell::Text, ""),
        ("remedy", "Remedy", Cell::Text, ""),
        ("assumed", "Assumed calls", Cell::Count, ""),
        ("decision", "Decision", Cell::Text, ""),
        ("owner", "Owner", Cell::Text, ""),
        ("id", "Id", Cell::Text, ""),
    ];
    let row = |one: &SinglePoint| {
        let inside: Vec<&str> = one.inside.iter().map(|one| one.entity.name.as_str()).collect();
        vec![
            json!(one.entity.name),
            json!(one.entity.kind),
            json!(one.class),
            json!(one.holds),
            json!(one.loss.value),
            json!(names(&one.takes_down)),
            json!(one.fails),
            json!(one.degrades),
            json!(inside.join(", ")),
            json!(one.why),
            json!(one.remedy),
            json!(one.assumed),
            json!(one.decision.as_ref().map(|one| one.action.as_str())),
            json!(one.entity.owner),
            json!(one.entity.id),
        ]
    };
    Table { rows: points.iter().map(row).collect(), ..Table::new(name, &columns) }
}
