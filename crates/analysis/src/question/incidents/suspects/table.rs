//! The tables of `incidents/suspects`.

use model::table::{Cell, Table};
use serde_json::{Value, json};

use super::shape::{Suspect, SuspectEntity, SuspectsAnswer};

impl SuspectsAnswer {
    /// The tables of the answer.
    pub fn tables(&self) -> Vec<Table> {
        vec![self.ranking(), self.evidence()]
    }

    fn ranking(&self) -> Table {
        let columns = [
            ("rank", "Rank", Cell::Count, ""),
            ("name", "Suspect", Cell::Text, ""),
            ("kind", "Kind", Cell::Text, ""),
            ("score", "Score", Cell::Number, ""),
            ("confidence", "Confidence", Cell::Text, ""),
            ("path", "Path from the symptom", Cell::Text, ""),
            ("why", "Strongest evidence", Cell::Text, ""),
            ("change", "Last change", Cell::Text, ""),
            ("id", "Id", Cell::Text, ""),
        ];
        let row = |one: &Suspect| {
            vec![
                json!(one.rank),
                json!(one.entity.name),
                json!(one.entity.kind),
                json!(one.score),
                json!(one.confidence),
                json!(path(&one.path)),
                json!(one.evidence.first().map(|first| &first.meaning)),
                json!(one.changes.first().map(|change| &change.title)),
                json!(one.entity.id),
            ]
        };
        let rows = self.suspects.iter().map(row).collect();
        Table { rows, ..Table::new("suspects", &columns) }
    }

    fn evidence(&self) -> Table {
        let columns = [
            ("rank", "Rank", Cell::Count, ""),
            ("name", "Suspect", Cell::Text, ""),
            ("clue", "Clue", Cell::Text, ""),
            ("strength", "Strength", Cell::Number, ""),
            ("metric", "Metric", Cell::Text, ""),
            ("statistic", "Statistic", Cell::Text, ""),
            ("call", "Call", Cell::Text, ""),
            ("expected", "Expected", Cell::Number, ""),
            ("observed", "Observed", Cell::Number, ""),
            ("unit", "Unit", Cell::Text, ""),
            ("distance", "Distance", Cell::Number, ""),
        ];
        let rows = self.suspects.iter().flat_map(|one| {
            one.evidence.iter().map(move |piece| -> Vec<Value> {
                let call = piece.call.as_ref().map(|call| format!("{} → {}", call.from, call.to));
                vec![
                    json!(one.rank),
                    json!(one.entity.name),
                    json!(piece.clue),
                    json!(piece.strength),
                    json!(piece.metric),
                    json!(piece.statistic),
                    json!(call),
                    json!(piece.expected.value),
                    json!(piece.observed.value),
                    json!(piece.observed.unit),
                    json!(piece.distance),
                ]
            })
        });
        Table { rows: rows.collect(), ..Table::new("evidence", &columns) }
    }
}

fn path(entities: &[SuspectEntity]) -> String {
    entities.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(" → ")
}
