//! The tables of `service_dependencies/blast_radius`.

use model::table::{Cell, Table};
use serde_json::json;

use super::shape::BlastRadiusAnswer;

impl BlastRadiusAnswer {
    /// The tables of the answer.
    pub fn tables(&self) -> Vec<Table> {
        vec![self.failing_table(), self.degrading_table(), self.owner_table()]
    }

    fn failing_table(&self) -> Table {
        let columns = [
            ("kind", "Kind", Cell::Text, ""),
            ("name", "Fails", Cell::Text, ""),
            ("is_entry", "As an entry point", Cell::Flag, ""),
            ("path", "Path", Cell::Text, ""),
            ("owner", "Owner", Cell::Text, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let rows = self.fails.iter().map(|one| {
            let path: Vec<&str> = one.path.iter().map(|step| step.entity.name.as_str()).collect();
            vec![
                json!(one.entity.kind),
                json!(one.entity.name),
                json!(one.is_entry),
                json!(path.join(" → ")),
                json!(one.entity.owner),
                json!(one.entity.id),
            ]
        });
        Table { rows: rows.collect(), ..Table::new("fails", &columns) }
    }

    fn degrading_table(&self) -> Table {
        let columns = [
            ("kind", "Kind", Cell::Text, ""),
            ("name", "Degrades", Cell::Text, ""),
            ("distance", "Steps", Cell::Count, ""),
            ("reasons", "Why", Cell::Text, ""),
            ("owner", "Owner", Cell::Text, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let rows = self.degrades.iter().map(|one| {
            vec![
                json!(one.entity.kind),
                json!(one.entity.name),
                json!(one.distance),
                json!(one.reasons.join("; ")),
                json!(one.entity.owner),
                json!(one.entity.id),
            ]
        });
        Table { rows: rows.collect(), ..Table::new("degrades", &columns) }
    }

    fn owner_table(&self) -> Table {
        let columns = [
            ("owner", "Owner", Cell::Text, ""),
            ("name", "Name", Cell::Text, ""),
            ("fails", "Fail", Cell::Count, ""),
            ("degrades", "Degrade", Cell::Count, ""),
        ];
        let rows = self.owners.iter().map(|one| {
            vec![json!(one.owner), json!(one.name), json!(one.fails), json!(one.degrades)]
        });
        Table { rows: rows.collect(), ..Table::new("owners", &columns) }
    }
}
