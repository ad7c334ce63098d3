//! The tables of `topology`.

use model::fact::{EntityFact, GroupRelationFact, RelationFact};
use model::table::{Cell, Table};
use serde_json::json;

use super::shape::{KindCount, TopologyAnswer, TopologyChanges};

impl TopologyAnswer {
    /// The tables of the answer.
    pub fn tables(&self) -> Vec<Table> {
        let mut tables =
            vec![self.kind_table(), self.controller_table(), self.relation_kind_table()];
        if self.aggregated_by.is_some() {
            tables.push(self.group_table());
            tables.push(self.group_relation_table());
        } else {
            tables.insert(0, self.entity_table());
            tables.push(relation_table("relations", &self.relations));
        }
        if let Some(changes) = &self.changes {
            tables.push(change_table(changes));
            tables.push(relation_table("relations_added", &changes.relations_added));
            tables.push(relation_table("relations_removed", &changes.relations_removed));
        }
        tables
    }

    fn entity_table(&self) -> Table {
        let columns = [
            ("kind", "Kind", Cell::Text, ""),
            ("name", "Name", Cell::Text, ""),
            ("cluster", "Cluster", Cell::Text, ""),
            ("namespace", "Namespace", Cell::Text, ""),
            ("account", "Account", Cell::Text, ""),
            ("region", "Region", Cell::Text, ""),
            ("zone", "Zone", Cell::Text, ""),
            ("environment", "Environment", Cell::Text, ""),
            ("owner", "Owner", Cell::Text, ""),
            ("application", "Application", Cell::Text, ""),
            ("state", "State", Cell::Text, ""),
            ("last_seen", "Last seen", Cell::Instant, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let row = |one: &EntityFact| {
            let scope = &one.scope;
            let cluster = one.cluster_name.as_ref().or(scope.cluster.as_ref());
            vec![
                json!(one.kind),
                json!(one.name),
                json!(cluster),
                json!(scope.namespace),
                json!(scope.account),
                json!(scope.region),
                json!(scope.zone),
                json!(scope.environment),
                json!(one.owner),
                json!(one.application),
                json!(one.state),
                json!(one.last_seen),
                json!(one.id),
            ]
        };
        let rows = self.entities.iter().map(row).collect();
        Table { rows, ..Table::new("entities", &columns) }
    }

    fn kind_table(&self) -> Table {
        let columns = [("kind", "Kind", Cell::Text, ""), ("count", "Entities", Cell::Count, "")];
        let rows = self.kinds.iter().map(|one| vec![json!(one.kind), json!(one.count)]).collect();
        Table { rows, ..Table::new("kinds", &columns) }
    }

    fn controller_table(&self) -> Table {
        let columns =
            [("controller", "Controller", Cell::Text, ""), ("count", "Workloads", Cell::Count, "")];
        let rows = self.controllers.iter().map(|one| vec![json!(one.controller), json!(one.count)]);
        Table { rows: rows.collect(), ..Table::new("controllers", &columns) }
    }

    fn relation_kind_table(&self) -> Table {
        let columns =
            [("relation", "Relation", Cell::Text, ""), ("count", "Relations", Cell::Count, "")];
        let rows =
            self.relation_kinds.iter().map(|one| vec![json!(one.relation), json!(one.count)]);
        Table { rows: rows.collect(), ..Table::new("relation_kinds", &columns) }
    }

    fn group_table(&self) -> Table {
        let columns = [
            ("group", "Group", Cell::Text, ""),
            ("name", "Name", Cell::Text, ""),
            ("kind", "Kind", Cell::Text, ""),
            ("count", "Entities", Cell::Count, ""),
        ];
        let rows = self.groups.iter().flat_map(|group| {
            let row = |one: &KindCount| {
                vec![json!(group.group), json!(group.name), json!(one.kind), json!(one.count)]
            };
            group.kinds.iter().map(row).collect::<Vec<_>>()
        });
        Table { rows: rows.collect(), ..Table::new("groups", &columns) }
    }

    fn group_relation_table(&self) -> Table {
        let columns = [
            ("from", "From", Cell::Text, ""),
            ("relation", "Relation", Cell::Text, ""),
            ("to", "To", Cell::Text, ""),
            ("count", "Relations", Cell::Count, ""),
        ];
        let row = |one: &GroupRelationFact| {
            vec![json!(one.from), json!(one.kind), json!(one.to), json!(one.count)]
        };
        let rows = self.group_relations.iter().map(row).collect();
        Table { rows, ..Table::new("group_relations", &columns) }
    }
}

fn relation_table(name: &str, relations: &[RelationFact]) -> Table {
    let columns = [
        ("from", "From", Cell::Text, ""),
        ("relation", "Relation", Cell::Text, ""),
        ("to", "To", Cell::Text, ""),
        ("need", "Need", Cell::Text, ""),
        ("evidence", "Evidence", Cell::Text, ""),
        ("confidence", "Confidence", Cell::Text, ""),
        ("rule", "Joined by", Cell::Text, ""),
        ("last_seen", "Last seen", Cell::Instant, ""),
    ];
    let row = |one: &RelationFact| {
        let evidence: Vec<&str> = one.evidence.iter().map(|evidence| evidence.as_str()).collect();
        vec![
            json!(one.from),
            json!(one.kind),
            json!(one.to),
            json!(one.need),
            json!(evidence.join(", ")),
            json!(one.confidence),
            json!(one.rule),
            json!(one.last_seen),
        ]
    };
    Table { rows: relations.iter().map(row).collect(), ..Table::new(name, &columns) }
}

fn change_table(changes: &TopologyChanges) -> Table {
    let columns = [
        ("change", "Change", Cell::Text, ""),
        ("kind", "Kind", Cell::Text, ""),
        ("name", "Name", Cell::Text, ""),
        ("field", "Field", Cell::Text, ""),
        ("before", "Before", Cell::Text, ""),
        ("after", "After", Cell::Text, ""),
        ("id", "Id", Cell::Text, ""),
    ];
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::Null => json!(null),
        serde_json::Value::String(text) => json!(text),
        other => json!(other.to_string()),
    };
    let rows = changes.entities.iter().flat_map(|one| {
        let line = |field: serde_json::Value, before, after| {
            vec![
                json!(one.change),
                json!(one.kind),
                json!(one.name),
                field,
                before,
                after,
                json!(one.id),
            ]
        };
        if one.fields.is_empty() {
            return vec![line(json!(null), json!(null), json!(null))];
        }
        let each = |(field, before, after): &(String, serde_json::Value, serde_json::Value)| {
            line(json!(field), text(before), text(after))
        };
        one.fields.iter().map(each).collect()
    });
    Table { rows: rows.collect(), ..Table::new("changes", &columns) }
}
