//! The exported rows as CSV files for `neo4j-admin database import`: one of entities, one of relations, with
//! the labels and types that the program's own graph has (docs/stores/neo4j.md).

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use model::{EntityKind, RelationKind};
use serde::Deserialize;
use serde_json::Value;
use store_server::neo4j::{label, relationship_type};

/// Names of the files.
pub const ENTITIES: &str = "entities.csv";
pub const RELATIONS: &str = "relations.csv";

/// What an entity's row says of where it is, in the order of the columns.
const SCOPE: &[&str] = &["account", "region", "zone", "cluster", "namespace", "environment"];
/// Columns of the entities.
const ENTITY_COLUMNS: &[&str] = &[
    "canonical:ID",
    ":LABEL",
    "kind",
    "name",
    "account",
    "region",
    "zone",
    "cluster",
    "namespace",
    "environment",
    "labels",
    "properties",
    "valid_from:datetime",
    "last_seen:datetime",
];
/// Columns of the relations.
const RELATION_COLUMNS: &[&str] = &[
    ":START_ID",
    ":END_ID",
    ":TYPE",
    "evidence",
    "need",
    "need_source",
    "group",
    "min_alive:long",
    "properties",
    "valid_from:datetime",
    "last_seen:datetime",
];

/// Takes lines of ndjson, in pieces of any size, and writes both files.
pub struct Neo4jCsv {
    entities: csv::Writer<File>,
    relations: csv::Writer<File>,
    /// A line of which the end has not come.
    begun: Vec<u8>,
    /// Rows of the entities' file.
    pub entity_count: u64,
    /// Rows of the relations' file.
    pub relation_count: u64,
}

/// What tells rows apart.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Row {
    Entity { kind: EntityKind, id: String },
    Relation { kind: RelationKind, from: String, to: String },
}

impl Neo4jCsv {
    /// In a folder, which is made; files that are there are not written over.
    ///
    /// # Errors
    /// When the folder or the files cannot be made.
    pub fn new(folder: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).create(folder)?;
        let writer = |name: &str, columns: &[&str]| -> io::Result<csv::Writer<File>> {
            let file = OpenOptions::new().write(true).create_new(true).open(folder.join(name))?;
            let mut writer = csv::Writer::from_writer(file);
            writer.write_record(columns)?;
            Ok(writer)
        };
        Ok(Self {
            entities: writer(ENTITIES, ENTITY_COLUMNS)?,
            relations: writer(RELATIONS, RELATION_COLUMNS)?,
            begun: Vec::new(),
            entity_count: 0,
            relation_count: 0,
        })
    }

    fn line(&mut self, line: &[u8]) -> io::Result<()> {
        let whole: Value = serde_json::from_slice(line)?;
        let text = |name: &str| cell(&whole[name]);
        match Row::deserialize(&whole)? {
            Row::Entity { kind, id } => {
                let labels = format!("Entity;{}", label(kind));
                let mut cells = vec![id, labels, kind.as_str().to_owned(), text("name")];
                cells.extend(SCOPE.iter().map(|part| cell(&whole["scope"][*part])));
                cells.extend(["labels", "properties", "valid_from", "observed_at"].map(text));
                self.entities.write_record(cells)?;
                self.entity_count += 1;
            }
            Row::Relation { kind, from, to } => {
                let mut cells = vec![from, to, relationship_type(kind)];
                let rest = ["evidence", "need", "need_source", "group", "min_alive", "properties"];
                cells.extend(rest.map(text));
                cells.extend(["valid_from", "observed_at"].map(text));
                self.relations.write_record(cells)?;
                self.relation_count += 1;
            }
        }
        Ok(())
    }
}

/// Nothing for what is not said; an object as JSON.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl Write for Neo4jCsv {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let mut rest = piece;
        while let Some(end) = rest.iter().position(|one| *one == b'\n') {
            let mut line = std::mem::take(&mut self.begun);
            line.extend_from_slice(&rest[..end]);
            self.line(&line)?;
            rest = &rest[end + 1..];
        }
        self.begun.extend_from_slice(rest);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.entities.flush()?;
        self.relations.flush()
    }
}
