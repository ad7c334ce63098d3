//! A write as nodes and relationships: what a person sees in Neo4j Browser and what Cypher counts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::entity::EntityId;
use model::fact::EntityFact;
use model::kind::{EntityKind, RelationKind};
use model::resolution::{EntityState, Merge, RelationWrite, VersionWrite};
use neo4j::ValueSend;
use serde::Serialize;
use snapshot::{Estate, News, RelationAfter};
use xxhash_rust::xxh3::xxh3_64;

use super::connection::{Parameters, Tx};
use super::error::{Outcome, unreadable};

/// Rows of one statement.
pub const ROWS_MAX: usize = 10_000;

/// What a write changes of the relationships.
#[derive(Debug, Default)]
pub struct Relationships {
    /// New ones.
    pub added: Vec<RelationWrite>,
    /// Those that are there and are now so; without a row where one was merged.
    pub changed: Vec<RelationWrite>,
    /// Those that are taken back, as if they had never been.
    pub taken_back: Vec<RelationWrite>,
}

/// What becomes of the relationships, by the fold before the write.
pub fn relationships(estate: &Estate, news: &News) -> Relationships {
    let mut all = Relationships::default();
    let mut keys = BTreeSet::new();
    for row in &news.write.relations {
        let is_first = keys.insert((row.from, key(row)));
        match estate.relation_after(row) {
            RelationAfter::New(row) if is_first => all.added.push(row),
            RelationAfter::New(row) | RelationAfter::Changed(row) => all.changed.push(row),
            RelationAfter::TakenBack(row) => all.taken_back.push(row),
            RelationAfter::Nothing => {}
        }
    }
    for merge in &news.write.merges {
        all.changed.extend(estate.moved(merge));
    }
    all
}

/// Entities and their versions.
pub fn put_entities(tx: &Tx<'_, '_>, news: &News) -> Outcome<()> {
    let number = ValueSend::Integer(integer(news.number));
    let entities = news.write.entities.iter().map(|one| {
        ValueSend::List(vec![
            id(one.id),
            one.canonical.as_str().into(),
            one.kind.as_str().into(),
            state(one.state).into(),
            label(one.kind).into(),
        ])
    });
    batches(tx, include_str!("write/entity_put.cypher"), entities, Some(&number))?;
    let versions = news.write.versions.iter().map(version).collect::<Outcome<Vec<_>>>()?;
    batches(tx, include_str!("write/version_add.cypher"), versions, Some(&number))
}

/// Relationships, and what was merged.
pub fn put_relationships(tx: &Tx<'_, '_>, news: &News, all: &Relationships) -> Outcome<()> {
    let number = ValueSend::Integer(integer(news.number));
    let rows = |rows: &[RelationWrite]| rows.iter().map(relation).collect::<Outcome<Vec<_>>>();
    let merges = news.write.merges.iter().map(merged);
    batches(tx, include_str!("write/merge_put.cypher"), merges, Some(&number))?;
    let statement = include_str!("write/relation_add.cypher");
    batches(tx, statement, rows(&all.added)?, Some(&number))?;
    let statement = include_str!("write/relation_put.cypher");
    batches(tx, statement, rows(&all.changed)?, Some(&number))?;
    let statement = include_str!("write/relation_take_back.cypher");
    batches(tx, statement, rows(&all.taken_back)?, Some(&number))
}

/// What entities are, as the fold has it.
pub fn describe(tx: &Tx<'_, '_>, facts: &[(EntityId, Option<EntityFact>)]) -> Outcome<()> {
    let rows = facts.iter().map(|(entity, fact)| {
        let shown = match fact {
            Some(fact) => shown(fact)?,
            None => HashMap::from([("is_present".to_owned(), ValueSend::Boolean(false))]),
        };
        Ok(ValueSend::List(vec![id(*entity), ValueSend::Map(shown)]))
    });
    let rows = rows.collect::<Outcome<Vec<_>>>()?;
    batches(tx, include_str!("write/entity_describe.cypher"), rows, None)
}

/// Runs a statement for rows, so many at a time.
pub fn batches(
    tx: &Tx<'_, '_>,
    statement: &str,
    rows: impl IntoIterator<Item = ValueSend>,
    number: Option<&ValueSend>,
) -> Outcome<()> {
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let batch: Vec<ValueSend> = rows.by_ref().take(ROWS_MAX).collect();
        let mut parameters = Parameters::from([("rows".to_owned(), ValueSend::List(batch))]);
        if let Some(number) = number {
            parameters.insert("write".to_owned(), number.clone());
        }
        tx.run(statement, &parameters)?;
    }
    Ok(())
}

fn merged(merge: &Merge) -> ValueSend {
    ValueSend::List(vec![
        id(merge.from),
        id(merge.into),
        merge.evidence.as_str().into(),
        merge.observed_at.0.into(),
    ])
}

fn version(row: &VersionWrite) -> Outcome<ValueSend> {
    Ok(ValueSend::List(vec![
        id(row.entity),
        row.source.as_str().into(),
        row.observed_at.0.into(),
        // Unsigned, so that the order of the texts is that of the numbers.
        format!("{:016x}", row.fingerprint).into(),
        row.name.as_str().into(),
        document(&row.labels)?,
        document(&row.properties)?,
        row.created_at.map(|at| at.0).into(),
        row.ended_at.map(|at| at.0).into(),
        row.observed_to.map(|at| at.0).into(),
        row.is_implied.into(),
    ]))
}

fn relation(row: &RelationWrite) -> Outcome<ValueSend> {
    Ok(ValueSend::List(vec![
        id(row.from),
        id(row.to),
        relationship_type(row.kind).into(),
        key(row).into(),
        row.evidence.as_str().into(),
        row.source.clone().into(),
        row.stated_by.map(|by| integer(by.0)).into(),
        row.need.as_str().into(),
        row.need_source.as_str().into(),
        row.group.clone().into(),
        row.min_alive.into(),
        row.rule.clone().into(),
        row.confidence.as_str().into(),
        document(&row.properties)?,
        row.valid_from.0.into(),
        row.valid_to.map(|at| at.0).into(),
        row.seen_at.0.into(),
    ]))
}

fn shown(fact: &EntityFact) -> Outcome<HashMap<String, ValueSend>> {
    let micros = |at: Option<jiff::Timestamp>| at.map(|at| at.as_microsecond());
    let labels: Vec<ValueSend> =
        fact.labels.iter().map(|(name, value)| format!("{name}={value}").into()).collect();
    let mut shown = BTreeMap::from([
        ("is_present", ValueSend::Boolean(true)),
        ("name", fact.name.as_str().into()),
        ("account", fact.scope.account.clone().into()),
        ("region", fact.scope.region.clone().into()),
        ("zone", fact.scope.zone.clone().into()),
        ("cluster", fact.scope.cluster.clone().into()),
        ("namespace", fact.scope.namespace.clone().into()),
        ("environment", fact.scope.environment.clone().into()),
        ("owner", fact.owner.clone().into()),
        ("application", fact.application.clone().into()),
        ("labels", ValueSend::List(labels)),
        ("sources", fact.sources.clone().into()),
        ("valid_from", micros(fact.valid_from).into()),
        ("valid_to", micros(fact.valid_to).into()),
    ]);
    shown.insert("properties", document(&fact.properties)?);
    Ok(shown.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// What tells a relationship from the others between the same two.
fn key(row: &RelationWrite) -> i64 {
    let from = row.stated_by.map(|_| row.valid_from.0);
    let text = format!(
        "{}|{}|{}|{}|{}|{:?}|{}|{from:?}",
        row.from.0,
        row.kind,
        row.to.0,
        row.evidence,
        row.source,
        row.stated_by.map(|by| by.0),
        row.statement,
    );
    xxh3_64(text.as_bytes()).cast_signed()
}

fn state(state: EntityState) -> &'static str {
    match state {
        EntityState::Named => "named",
        EntityState::Implied => "implied",
        EntityState::Present => "present",
    }
}

/// Label of a kind: `kubernetes_node` is `KubernetesNode`.
pub fn label(kind: EntityKind) -> String {
    let words = kind.as_str().split('_').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    });
    words.collect()
}

/// Type of a kind of relation: `placed_in` is `PLACED_IN`.
pub fn relationship_type(kind: RelationKind) -> String {
    kind.as_str().to_uppercase()
}

fn id(id: EntityId) -> ValueSend {
    ValueSend::Integer(integer(id.0))
}

/// A number as the graph holds it; ids and numbers of writes are counted up from one.
pub fn integer(number: u64) -> i64 {
    number.cast_signed()
}

fn document<T: Serialize>(value: &T) -> Outcome<ValueSend> {
    serde_json::to_string(value).map(ValueSend::from).map_err(|error| unreadable("a row", error))
}
