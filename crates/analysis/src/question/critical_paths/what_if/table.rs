//! The tables of `critical_paths/what_if`.

use model::table::{Cell, Table};
use serde_json::json;

use super::shape::{Recovery, Survivor, Unrecovered, WhatIfAnswer, WhatIfOutcome};

impl WhatIfAnswer {
    /// The tables of the answer.
    pub fn tables(&self) -> Vec<Table> {
        vec![
            self.summary(),
            failed("failed_at_once", &self.at_once),
            degraded("degraded_at_once", &self.at_once),
            failed("failed_after_recovery", &self.after_recovery),
            self.recoveries(),
            self.unrecovered(),
            self.survivors(),
            self.selection(),
        ]
    }

    fn summary(&self) -> Table {
        let columns = [
            ("when", "When", Cell::Text, ""),
            ("loss", "Loss", Cell::Number, "1"),
            ("entry_points", "Entry points lost", Cell::Count, ""),
            ("products", "Products lost", Cell::Count, ""),
            ("fails", "Fails", Cell::Count, ""),
            ("degrades", "Degrades", Cell::Count, ""),
            ("degrades_indirectly", "Degrades indirectly", Cell::Count, ""),
            ("assumed", "Assumed calls", Cell::Count, ""),
        ];
        let row = |when: &str, one: &WhatIfOutcome| {
            vec![
                json!(when),
                json!(one.loss.value),
                json!(one.entry_points.len()),
                json!(one.products.len()),
                json!(one.fails),
                json!(one.degrades),
                json!(one.degrades_indirectly),
                json!(one.assumed),
            ]
        };
        let rows = vec![row("at once", &self.at_once), row("after recovery", &self.after_recovery)];
        Table { rows, ..Table::new("outcomes", &columns) }
    }

    fn recoveries(&self) -> Table {
        let columns = [
            ("name", "Comes back", Cell::Text, ""),
            ("kind", "Kind", Cell::Text, ""),
            ("by", "By", Cell::Text, ""),
            ("to", "To", Cell::Text, ""),
            ("delay_seconds", "After", Cell::Number, "s"),
            ("id", "Id", Cell::Text, ""),
        ];
        let row = |one: &Recovery| {
            vec![
                json!(one.entity.name),
                json!(one.entity.kind),
                json!(one.by.name),
                json!(one.to.as_ref().map(|to| &to.name)),
                json!(one.delay.value),
                json!(one.entity.id),
            ]
        };
        let rows = self.recoveries.iter().map(row).collect();
        Table { rows, ..Table::new("recoveries", &columns) }
    }

    fn unrecovered(&self) -> Table {
        let columns = [
            ("name", "Does not come back", Cell::Text, ""),
            ("kind", "Kind", Cell::Text, ""),
            ("reason", "Why", Cell::Text, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let row = |one: &Unrecovered| {
            vec![
                json!(one.entity.name),
                json!(one.entity.kind),
                json!(one.reason),
                json!(one.entity.id),
            ]
        };
        let rows = self.unrecovered.iter().map(row).collect();
        Table { rows, ..Table::new("unrecovered", &columns) }
    }

    fn survivors(&self) -> Table {
        let columns = [
            ("name", "Carries on", Cell::Text, ""),
            ("kind", "Kind", Cell::Text, ""),
            ("replicas_left", "Replicas left", Cell::Count, ""),
            ("replicas", "Replicas", Cell::Count, ""),
            ("cpu_requests", "CPU requested", Cell::Number, "1"),
            ("memory_requests", "Memory requested", Cell::Number, "1"),
            ("peak", "Peak", Cell::Number, "1"),
            ("id", "Id", Cell::Text, ""),
        ];
        let row = |one: &Survivor| {
            vec![
                json!(one.entity.name),
                json!(one.entity.kind),
                json!(one.replicas_left),
                json!(one.replicas),
                json!(one.cpu_requests.value),
                json!(one.memory_requests.value),
                json!(one.peak.value),
                json!(one.entity.id),
            ]
        };
        let rows = self.survivors.iter().map(row).collect();
        Table { rows, ..Table::new("survivors", &columns) }
    }

    fn selection(&self) -> Table {
        let columns = [
            ("select", "Selection", Cell::Text, ""),
            ("entities", "Taken away", Cell::Count, ""),
            ("first", "The first of them", Cell::Text, ""),
        ];
        let rows = self.selection.iter().map(|one| {
            let first: Vec<&str> = one.first.iter().map(|one| one.name.as_str()).collect();
            vec![json!(one.select), json!(one.entities), json!(first.join(", "))]
        });
        Table { rows: rows.collect(), ..Table::new("selection", &columns) }
    }
}

fn failed(name: &str, outcome: &WhatIfOutcome) -> Table {
    let columns = [
        ("name", "Fails", Cell::Text, ""),
        ("kind", "Kind", Cell::Text, ""),
        ("is_entry", "Entry point", Cell::Flag, ""),
        ("why", "Why", Cell::Text, ""),
        ("owner", "Owner", Cell::Text, ""),
        ("id", "Id", Cell::Text, ""),
    ];
    let rows = outcome.failed.iter().map(|one| {
        let entity = &one.entity;
        vec![
            json!(entity.name),
            json!(entity.kind),
            json!(one.is_entry),
            json!(one.why),
            json!(entity.owner),
            json!(entity.id),
        ]
    });
    Table { rows: rows.collect(), ..Table::new(name, &columns) }
}

fn degraded(name: &str, outcome: &WhatIfOutcome) -> Table {
    let columns = [
        ("name", "Degrades", Cell::Text, ""),
        ("kind", "Kind", Cell::Text, ""),
        ("distance", "Distance", Cell::Count, ""),
        ("why", "Why", Cell::Text, ""),
        ("owner", "Owner", Cell::Text, ""),
        ("id", "Id", Cell::Text, ""),
    ];
    let rows = outcome.degraded.iter().map(|one| {
        let entity = &one.entity;
        vec![
            json!(entity.name),
            json!(entity.kind),
            json!(one.distance),
            json!(one.why),
            json!(entity.owner),
            json!(entity.id),
        ]
    });
    Table { rows: rows.collect(), ..Table::new(name, &columns) }
}
