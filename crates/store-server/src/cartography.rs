//! Reading the graph that Cartography keeps in a Neo4j of its own: every statement in READ access mode,
//! so that the server itself refuses a write, and the rows as they are. What they mean is decided where
//! every other input is understood.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use model::error::{StoreError, StoreResult};
use serde_json::{Map, Value, json};

use crate::neo4j::{Cell, Cypher, Neo4jOptions};

/// A graph that Cartography fills.
#[derive(Debug)]
pub struct Cartography {
    cypher: Cypher,
    url: String,
    /// Labels and types that are read.
    wanted: Map<String, Value>,
}

/// An account or cluster, by which everything else hangs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    number: i64,
    /// `AWSAccount` or `KubernetesCluster`.
    pub label: String,
    /// Number of the account, uid of the cluster.
    pub id: String,
}

/// What is read at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// An account or cluster with all that hangs by it.
    Tenant(&'a Tenant),
    /// What hangs by none.
    Free,
    /// How much there is that is not read.
    Unread,
}

impl Cartography {
    /// Of a server; the labels and types name what is read of it.
    ///
    /// # Errors
    /// When the address is none.
    pub fn new<'a>(
        options: Neo4jOptions,
        labels: impl Iterator<Item = &'a str>,
        types: impl Iterator<Item = &'a str>,
    ) -> StoreResult<Self> {
        let all = |names: Vec<&str>| Value::from(names);
        let wanted = Map::from_iter([
            ("labels".to_owned(), all(labels.collect())),
            ("types".to_owned(), all(types.collect())),
        ]);
        let url = options.url.clone();
        Ok(Self { cypher: Cypher::new(options)?, url, wanted })
    }

    /// Every account and cluster, in order of label and id.
    ///
    /// # Errors
    /// `Incompatible` when the graph has none, else as any read.
    pub async fn tenants(&self) -> StoreResult<Vec<Tenant>> {
        let rows = self.cypher.ask(include_str!("cartography/tenants.cypher"), Map::new()).await?;
        let tenant = |row: Vec<Cell>| {
            let text = |at: usize| row.get(at)?.as_str().map(str::to_owned);
            Some(Tenant { number: row.first()?.as_i64()?, label: text(1)?, id: text(2)? })
        };
        let tenants: Vec<Tenant> = rows.into_iter().filter_map(tenant).collect();
        if tenants.is_empty() {
            return Err(StoreError::Incompatible {
                found: format!(
                    "a graph at {} with neither an AWSAccount nor a KubernetesCluster; name the \
                     server that Cartography writes to",
                    self.url
                ),
                supported: "a graph that Cartography fills".to_owned(),
            });
        }
        Ok(tenants)
    }

    /// A name for a part, for people and the ledger.
    pub fn name(&self, part: Part<'_>) -> String {
        match part {
            Part::Tenant(tenant) => format!("{} {} {}", self.url, tenant.label, tenant.id),
            Part::Free => format!("{} without account or cluster", self.url),
            Part::Unread => format!("{} what is not read", self.url),
        }
    }

    /// The rows of a part, one a line in the order of their text, packed with gzip: the same graph gives
    /// the same bytes, and a part without rows none.
    ///
    /// # Errors
    /// As any read.
    pub async fn rows(&self, part: Part<'_>) -> StoreResult<Vec<u8>> {
        let mut lines = match part {
            Part::Tenant(tenant) => self.of_tenant(tenant).await?,
            Part::Free => {
                let nodes = self.ask(include_str!("cartography/free_nodes.cypher"), None).await?;
                let relations = include_str!("cartography/free_relations.cypher");
                let relations = self.ask(relations, None).await?;
                let nodes = nodes.iter().map(|row| node(row));
                nodes.chain(relations.iter().map(|row| relation(row))).collect()
            }
            Part::Unread => self.unread().await?,
        };
        lines.sort_unstable();
        if lines.is_empty() { Ok(Vec::new()) } else { packed(&lines) }
    }

    async fn of_tenant(&self, tenant: &Tenant) -> StoreResult<Vec<String>> {
        let number = Some(tenant.number);
        let own = self.ask(include_str!("cartography/tenant.cypher"), number).await?;
        let nodes = self.ask(include_str!("cartography/nodes.cypher"), number).await?;
        let relations = self.ask(include_str!("cartography/relations.cypher"), number).await?;
        let Some(start) = own.first() else { return Ok(Vec::new()) };
        let held = nodes.iter().map(|row| {
            let (id, labels) = (&row[0], &row[1]);
            let start = json!({ "id": start[0], "labels": start[1] });
            let end = json!({ "id": id, "labels": labels });
            line(&json!({ "type": "relationship", "label": "RESOURCE", "properties": row[3],
                "start": start, "end": end }))
        });
        let rows = own.iter().chain(&nodes).map(|row| node(row)).chain(held);
        Ok(rows.chain(relations.iter().map(|row| relation(row))).collect())
    }

    async fn unread(&self) -> StoreResult<Vec<String>> {
        let nodes = self.ask(include_str!("cartography/unread_nodes.cypher"), None).await?;
        let relations = self.ask(include_str!("cartography/unread_relations.cypher"), None).await?;
        let nodes = nodes
            .iter()
            .map(|row| line(&json!({ "type": "count", "labels": row[0], "count": row[1] })));
        let relations = relations
            .iter()
            .map(|row| line(&json!({ "type": "count", "label": row[0], "count": row[1] })));
        Ok(nodes.chain(relations).collect())
    }

    async fn ask(&self, statement: &str, tenant: Option<i64>) -> StoreResult<Vec<Vec<Cell>>> {
        let mut parameters = self.wanted.clone();
        parameters.extend(tenant.map(|tenant| ("tenant".to_owned(), tenant.into())));
        self.cypher.ask(statement, parameters).await
    }
}

fn node(row: &[Cell]) -> String {
    line(&json!({ "type": "node", "id": row[0], "labels": row[1], "properties": row[2] }))
}

/// The start is a row of its own; of the end only what names it is told.
fn relation(row: &[Cell]) -> String {
    let named: Map<String, Value> = match &row[6] {
        Value::Object(named) => named
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect(),
        _ => Map::new(),
    };
    line(&json!({
        "type": "relationship",
        "label": row[2],
        "properties": row[3],
        "start": { "id": row[0], "labels": row[1] },
        "end": { "id": row[4], "labels": row[5], "properties": named },
    }))
}

fn line(row: &Value) -> String {
    row.to_string()
}

fn packed(lines: &[String]) -> StoreResult<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = lines.iter().try_for_each(|line| {
        encoder.write_all(line.as_bytes())?;
        encoder.write_all(b"\n")
    });
    written.and_then(|()| encoder.finish()).map_err(|error| StoreError::Internal {
        operation: "pack the rows".to_owned(),
        reason: error.to_string(),
    })
}
