//! The large estate put into two stores: into Neo4j by statements that only fill an empty graph, into
//! the embedded store by the writes that `intake` makes.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use model::entity::{EntityId, Properties};
use model::input::{InputRecord, ObservedBy};
use model::kind::{Confidence, EntityKind, Evidence, Need, NeedSource, RelationKind};
use model::resolution::{
    EntityState, EntityWrite, RelationWrite, Sequence, TopologyWrite, VersionWrite,
};
use model::scope::Scope;
use model::seam::Topology;
use model::time::Micros;
use scenario::large::Large;
use serde_json::{Map, Value, json};
use store_server::neo4j::{BULK_ENTITIES, BULK_RELATIONS, Cypher, label, relationship_type};

/// Rows of one statement.
const ROWS: usize = 10_000;
/// Rows of one write.
const WRITE_ROWS: usize = 200_000;
/// When everything was observed; nothing of the estate is younger.
const OBSERVED: Micros = Micros(1_790_000_000_000_000);

/// Fills an empty graph.
pub async fn fill_neo4j(cypher: &Cypher, large: &Large) -> Result<()> {
    cypher.migrate().await?;
    let held = cypher.ask("MATCH (e:Entity) RETURN count(e)", Map::new()).await?;
    let is_empty = held.first().and_then(|row| row.first()) == Some(&json!(0));
    ensure!(is_empty, "the graph holds entities already; give an empty one");
    let begun = Instant::now();
    for chunk in large.entities(ROWS) {
        let rows = (0..chunk.len()).map(|row| {
            let kind: EntityKind = chunk.kind[row].parse().map_err(anyhow::Error::msg)?;
            let id = u64::from(chunk.first) + row as u64 + 1;
            Ok(json!([id, chunk.id[row], chunk.kind[row], chunk.name[row], label(kind)]))
        });
        load(cypher, BULK_ENTITIES, rows.collect::<Result<Vec<Value>>>()?).await?;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let rate = f64::from(large.entity_count()) / seconds;
    println!("Neo4j: entities in {seconds:.1} s, {rate:.0}/s");
    let begun = Instant::now();
    let total = large.relation_count();
    for first in (0..total).step_by(ROWS) {
        let last = (first + ROWS as u64).min(total);
        let rows = (first..last).map(|position| {
            let one = large.relation(position);
            let kind: RelationKind = one.kind.label().parse().map_err(anyhow::Error::msg)?;
            let (from, to) = (u64::from(one.from) + 1, u64::from(one.to) + 1);
            Ok(json!([from, to, relationship_type(kind), one.need]))
        });
        load(cypher, BULK_RELATIONS, rows.collect::<Result<Vec<Value>>>()?).await?;
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!("Neo4j: relations in {seconds:.1} s, {:.0}/s", total as f64 / seconds);
    cypher.ask("CALL db.awaitIndexes(600)", Map::new()).await?;
    Ok(())
}

async fn load(cypher: &Cypher, statement: &str, rows: Vec<Value>) -> Result<()> {
    let parameters = Map::from_iter([("rows".to_owned(), Value::Array(rows))]);
    cypher.load(statement, parameters).await.context("fill the graph")
}

/// Fills a store.
pub async fn fill_embedded(topology: &Arc<dyn Topology>, large: &Large) -> Result<()> {
    let begun = Instant::now();
    let mut number = 0;
    for chunk in large.entities(WRITE_ROWS) {
        let mut write = next(&mut number);
        for row in 0..chunk.len() {
            let id = EntityId(u64::from(chunk.first) + row as u64 + 1);
            write.entities.push(EntityWrite {
                id,
                canonical: chunk.id[row].as_str().into(),
                kind: chunk.kind[row].parse().map_err(anyhow::Error::msg)?,
                state: EntityState::Present,
            });
            write.versions.push(version(id, &chunk.name[row], &chunk.labels[row])?);
        }
        topology.write(write).await?;
    }
    let total = large.relation_count();
    for first in (0..total).step_by(WRITE_ROWS) {
        let mut write = next(&mut number);
        for position in first..(first + WRITE_ROWS as u64).min(total) {
            write.relations.push(relation(large, position)?);
        }
        topology.write(write).await?;
    }
    println!("embedded: entities and relations in {:.1} s", begun.elapsed().as_secs_f64());
    Ok(())
}

fn next(number: &mut u64) -> TopologyWrite {
    *number += 1;
    let input = InputRecord {
        name: "large".to_owned(),
        content_hash: number.to_string(),
        format: "own".to_owned(),
        source: "own:large".to_owned(),
        observed_at: OBSERVED,
        observed_by: ObservedBy::Content,
        received_at: OBSERVED,
    };
    TopologyWrite::empty(Sequence { journal: "bench".to_owned(), number: *number }, input)
}

fn version(id: EntityId, name: &str, labels: &str) -> Result<VersionWrite> {
    Ok(VersionWrite {
        entity: id,
        source: "own:large".to_owned(),
        observed_at: OBSERVED,
        fingerprint: id.0,
        name: name.to_owned(),
        scope: Scope::default(),
        labels: serde_json::from_str(labels)?,
        properties: Properties::new(),
        created_at: None,
        ended_at: None,
        incarnation: None,
        observed_to: None,
        is_implied: false,
        owner: None,
        application: None,
    })
}

fn relation(large: &Large, position: u64) -> Result<RelationWrite> {
    let one = large.relation(position);
    let from = EntityId(u64::from(one.from) + 1);
    let need = if one.need.is_empty() { "unknown" } else { one.need };
    Ok(RelationWrite {
        from,
        kind: one.kind.label().parse().map_err(anyhow::Error::msg)?,
        to: EntityId(u64::from(one.to) + 1),
        evidence: Evidence::Declared,
        source: "own:large".to_owned(),
        stated_by: Some(from),
        statement: 0,
        need: need.parse::<Need>().map_err(anyhow::Error::msg)?,
        need_source: NeedSource::Unknown,
        group: String::new(),
        min_alive: 0,
        rule: String::new(),
        confidence: Confidence::Certain,
        properties: Properties::new(),
        valid_from: OBSERVED,
        valid_to: None,
        seen_at: OBSERVED,
    })
}
