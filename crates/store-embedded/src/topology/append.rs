//! What a write puts into the topology's tables, in the writer's transaction. The tables that grow with
//! the estate are appended to by columns, the others row by row.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray, UInt8Array, UInt32Array,
    UInt64Array,
};
use duckdb::{ToSql, Transaction};
use model::reference::AliasKey;
use model::resolution::{
    EntityState, EntityWrite, RelationWrite, StoredClaim, TopologyWrite, VersionWrite,
};
use model::time::Micros;
use roaring::RoaringTreemap;
use serde::Serialize;

use crate::error::{Failure, Outcome};

/// Appends everything of a write.
pub fn append(tx: &Transaction<'_>, write: &TopologyWrite, number: u64) -> Outcome<()> {
    let input = &write.input;
    put(tx, "write", [()], |(), put| put(&[&number, &input.source, &input.observed_at.0]))?;
    columns(tx, "entity", &write.entities, entities)?;
    put(tx, "merge", &write.merges, |one, put| {
        put(&[&one.from.0, &one.into.0, &one.evidence, &one.observed_at.0])
    })?;
    columns(tx, "version", &write.versions, versions)?;
    if !write.seen.is_empty() {
        let seen: RoaringTreemap = write.seen.iter().map(|id| id.0).collect();
        let mut bytes = Vec::new();
        seen.serialize_into(&mut bytes).map_err(|error| Failure::Row(error.to_string()))?;
        put(tx, "run", [bytes], |bytes, put| put(&[&input.source, &input.observed_at.0, &bytes]))?;
    }
    columns(tx, "claim", &write.claims, claims)?;
    columns(tx, "relation", &write.relations, relations)?;
    put(tx, "reference", &write.references_withdrawn, |id, put| put(&[id, &None::<Vec<u8>>]))?;
    put(tx, "reference", &write.references, |one, put| put(&[&one.id, &document(one)?]))?;
    put(tx, "retirement", &write.retirements, |one, put| {
        put(&[&one.entity.0, &one.source, &one.at.0])
    })?;
    put(tx, "held", &write.held, |one, put| put(&[&document(one)?]))?;
    put(tx, "ownership", &write.ownership, |one, put| put(&[&document(one)?]))
}

/// How many rows a write has, as [`append`] makes them.
pub fn rows(write: &TopologyWrite) -> u64 {
    let rows = [
        1 + usize::from(!write.seen.is_empty()),
        write.entities.len(),
        write.merges.len(),
        write.versions.len(),
        write.claims.len(),
        write.relations.len(),
        write.references_withdrawn.len(),
        write.references.len(),
        write.retirements.len(),
        write.held.len(),
        write.ownership.len(),
    ];
    rows.iter().map(|count| *count as u64).sum()
}

type Put<'a> = &'a mut dyn FnMut(&[&dyn ToSql]) -> Outcome<()>;

fn put<T>(
    tx: &Transaction<'_>,
    table: &str,
    rows: impl IntoIterator<Item = T>,
    mut encode: impl FnMut(T, Put<'_>) -> Outcome<()>,
) -> Outcome<()> {
    let mut rows = rows.into_iter().peekable();
    if rows.peek().is_none() {
        return Ok(());
    }
    let mut appender = tx.appender_to_db(table, "topology")?;
    for row in rows {
        encode(row, &mut |values| Ok(appender.append_row(values)?))?;
    }
    Ok(appender.flush()?)
}

/// Columns of a table, in its order, each with its name.
type Columns = Vec<(&'static str, ArrayRef)>;

fn columns<T>(
    tx: &Transaction<'_>,
    table: &str,
    rows: &[T],
    of: impl FnOnce(&[T]) -> Outcome<Columns>,
) -> Outcome<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let batch = RecordBatch::try_from_iter(of(rows)?)?;
    let mut appender = tx.appender_to_db(table, "topology")?;
    appender.append_record_batch(batch)?;
    Ok(appender.flush()?)
}

fn entities(rows: &[EntityWrite]) -> Outcome<Columns> {
    Ok(vec![
        ("id", u64s(rows, |one| one.id.0)),
        ("canonical", texts(rows, |one| one.canonical.as_str())),
        ("kind", u8s(rows, |one| one.kind.code())),
        ("state", u8s(rows, |one| state_code(one.state))),
    ])
}

fn versions(rows: &[VersionWrite]) -> Outcome<Columns> {
    Ok(vec![
        ("entity", u64s(rows, |one| one.entity.0)),
        ("source", texts(rows, |one| &one.source)),
        ("observed_at", micros(rows, |one| one.observed_at)),
        ("fingerprint", u64s(rows, |one| one.fingerprint)),
        ("name", texts(rows, |one| &one.name)),
        ("account", maybe_texts(rows, |one| one.scope.account.as_deref())),
        ("region", maybe_texts(rows, |one| one.scope.region.as_deref())),
        ("zone", maybe_texts(rows, |one| one.scope.zone.as_deref())),
        ("cluster", maybe_texts(rows, |one| one.scope.cluster.as_deref())),
        ("namespace", maybe_texts(rows, |one| one.scope.namespace.as_deref())),
        ("environment", maybe_texts(rows, |one| one.scope.environment.as_deref())),
        ("labels", documents(rows, |one| &one.labels)?),
        ("properties", documents(rows, |one| &one.properties)?),
        ("created_at", maybe_micros(rows, |one| one.created_at)),
        ("ended_at", maybe_micros(rows, |one| one.ended_at)),
        ("incarnation", maybe_texts(rows, |one| one.incarnation.as_deref())),
        ("observed_to", maybe_micros(rows, |one| one.observed_to)),
        (
            "is_implied",
            Arc::new(rows.iter().map(|one| Some(one.is_implied)).collect::<BooleanArray>()),
        ),
        ("owner", maybe_texts(rows, |one| one.owner.as_deref())),
        ("application", maybe_texts(rows, |one| one.application.as_deref())),
    ])
}

fn claims(rows: &[StoredClaim]) -> Outcome<Columns> {
    let leads_to = rows.iter().map(|one| {
        let keys: Vec<&str> = one.claim.to.iter().map(AliasKey::as_str).collect();
        serde_json::to_string(&keys)
    });
    let leads_to = leads_to.collect::<Result<Vec<String>, _>>()?;
    let stated_by = rows.iter().map(|one| one.stated_by.map(|id| id.0));
    Ok(vec![
        ("key", texts(rows, |one| one.claim.key.as_str())),
        ("leads_to", Arc::new(StringArray::from(leads_to))),
        ("confidence", u8s(rows, |one| one.claim.confidence.code())),
        ("source", texts(rows, |one| &one.source)),
        ("stated_by", Arc::new(stated_by.collect::<UInt64Array>())),
        ("observed_from", micros(rows, |one| one.observed_from)),
        ("observed_to", maybe_micros(rows, |one| one.observed_to)),
    ])
}

fn relations(rows: &[RelationWrite]) -> Outcome<Columns> {
    let stated_by = rows.iter().map(|one| one.stated_by.map(|id| id.0));
    Ok(vec![
        ("near", u64s(rows, |one| one.from.0)),
        ("kind", u8s(rows, |one| one.kind.code())),
        ("far", u64s(rows, |one| one.to.0)),
        ("evidence", u8s(rows, |one| one.evidence.code())),
        ("source", texts(rows, |one| &one.source)),
        ("stated_by", Arc::new(stated_by.collect::<UInt64Array>())),
        ("statement", u64s(rows, |one| one.statement)),
        ("need", u8s(rows, |one| one.need.code())),
        ("need_source", u8s(rows, |one| one.need_source.code())),
        ("group_name", texts(rows, |one| &one.group)),
        (
            "min_alive",
            Arc::new(rows.iter().map(|one| Some(one.min_alive)).collect::<UInt32Array>()),
        ),
        ("rule", texts(rows, |one| &one.rule)),
        ("confidence", u8s(rows, |one| one.confidence.code())),
        ("properties", documents(rows, |one| &one.properties)?),
        ("valid_from", micros(rows, |one| one.valid_from)),
        ("valid_to", maybe_micros(rows, |one| one.valid_to)),
        ("seen_at", micros(rows, |one| one.seen_at)),
    ])
}

fn u64s<T>(rows: &[T], of: impl Fn(&T) -> u64) -> ArrayRef {
    Arc::new(UInt64Array::from_iter_values(rows.iter().map(of)))
}

fn u8s<T>(rows: &[T], of: impl Fn(&T) -> u8) -> ArrayRef {
    Arc::new(UInt8Array::from_iter_values(rows.iter().map(of)))
}

fn micros<T>(rows: &[T], of: impl Fn(&T) -> Micros) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| of(row).0)))
}

fn maybe_micros<T>(rows: &[T], of: impl Fn(&T) -> Option<Micros>) -> ArrayRef {
    Arc::new(rows.iter().map(|row| of(row).map(|at| at.0)).collect::<Int64Array>())
}

fn texts<'a, T>(rows: &'a [T], of: impl Fn(&'a T) -> &'a str) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(rows.iter().map(of)))
}

fn maybe_texts<'a, T>(rows: &'a [T], of: impl Fn(&'a T) -> Option<&'a str>) -> ArrayRef {
    Arc::new(rows.iter().map(of).collect::<StringArray>())
}

/// Values as JSON.
fn documents<'a, T, D: Serialize + 'a>(
    rows: &'a [T],
    of: impl Fn(&'a T) -> &'a D,
) -> Outcome<ArrayRef> {
    let documents = rows.iter().map(|row| serde_json::to_string(of(row)));
    Ok(Arc::new(StringArray::from(documents.collect::<Result<Vec<String>, _>>()?)))
}

fn state_code(state: EntityState) -> u8 {
    match state {
        EntityState::Named => 0,
        EntityState::Implied => 1,
        EntityState::Present => 2,
    }
}

fn document<T: Serialize>(value: &T) -> Outcome<Vec<u8>> {
    rmp_serde::to_vec_named(value).map_err(|error| Failure::Row(error.to_string()))
}
