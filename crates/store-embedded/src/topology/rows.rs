//! The rows of the topology's tables: appended in bulk inside the transaction, read back in the order
//! in which they were written.

use std::collections::HashMap;

use duckdb::{Connection, Row, ToSql, Transaction};
use model::entity::EntityId;
use model::kind::{Confidence, EntityKind, Evidence, Need, NeedSource, RelationKind};
use model::reference::{AliasKey, Claim};
use model::resolution::{
    EntityState, EntityWrite, Merge, RelationWrite, Retirement, StoredClaim, TopologyWrite,
    VersionWrite,
};
use model::scope::Scope;
use model::time::Micros;
use roaring::RoaringTreemap;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::estate::Estate;
use crate::error::{Failure, Outcome};

/// Appends everything of a write.
pub fn append(tx: &Transaction<'_>, write: &TopologyWrite, number: u64) -> Outcome<()> {
    let input = &write.input;
    put(tx, "write", [()], |(), put| put(&[&number, &input.source, &input.observed_at.0]))?;
    put(tx, "entity", &write.entities, |one, put| {
        put(&[&one.id.0, &one.canonical.as_str(), &one.kind.code(), &state_code(one.state)])
    })?;
    put(tx, "merge", &write.merges, |one, put| {
        put(&[&one.from.0, &one.into.0, &one.evidence, &one.observed_at.0])
    })?;
    put(tx, "version", &write.versions, append_version)?;
    if !write.seen.is_empty() {
        let seen: RoaringTreemap = write.seen.iter().map(|id| id.0).collect();
        let mut bytes = Vec::new();
        seen.serialize_into(&mut bytes).map_err(|error| Failure::Row(error.to_string()))?;
        put(tx, "run", [bytes], |bytes, put| put(&[&input.source, &input.observed_at.0, &bytes]))?;
    }
    put(tx, "claim", &write.claims, |one, put| {
        let keys: Vec<&str> = one.claim.to.iter().map(AliasKey::as_str).collect();
        put(&[
            &one.claim.key.as_str(),
            &serde_json::to_string(&keys)?,
            &one.claim.confidence.code(),
            &one.source,
            &one.stated_by.map(|id| id.0),
            &one.observed_from.0,
            &one.observed_to.map(|at| at.0),
        ])
    })?;
    put(tx, "relation", &write.relations, append_relation)?;
    put(tx, "reference", &write.references_withdrawn, |id, put| put(&[id, &None::<Vec<u8>>]))?;
    put(tx, "reference", &write.references, |one, put| put(&[&one.id, &document(one)?]))?;
    put(tx, "retirement", &write.retirements, |one, put| {
        put(&[&one.entity.0, &one.source, &one.at.0])
    })?;
    put(tx, "held", &write.held, |one, put| put(&[&document(one)?]))?;
    put(tx, "ownership", &write.ownership, |one, put| put(&[&document(one)?]))
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

fn append_version(one: &VersionWrite, put: Put<'_>) -> Outcome<()> {
    let scope = &one.scope;
    put(&[
        &one.entity.0,
        &one.source,
        &one.observed_at.0,
        &one.fingerprint,
        &one.name,
        &scope.account,
        &scope.region,
        &scope.zone,
        &scope.cluster,
        &scope.namespace,
        &scope.environment,
        &serde_json::to_string(&one.labels)?,
        &serde_json::to_string(&one.properties)?,
        &one.created_at.map(|at| at.0),
        &one.ended_at.map(|at| at.0),
        &one.incarnation,
        &one.observed_to.map(|at| at.0),
        &one.is_implied,
        &one.owner,
        &one.application,
    ])
}

fn append_relation(row: &RelationWrite, put: Put<'_>) -> Outcome<()> {
    put(&[
        &row.from.0,
        &row.kind.code(),
        &row.to.0,
        &row.evidence.code(),
        &row.source,
        &row.stated_by.map(|id| id.0),
        &row.statement,
        &row.need.code(),
        &row.need_source.code(),
        &row.group,
        &row.min_alive,
        &row.rule,
        &row.confidence.code(),
        &serde_json::to_string(&row.properties)?,
        &row.valid_from.0,
        &row.valid_to.map(|at| at.0),
        &row.seen_at.0,
    ])
}

/// The estate as the rows give it, at an instant or now.
pub fn load(connection: &Connection, at: Option<Micros>) -> Outcome<Estate> {
    let mut estate = Estate::new(at);
    let rows = Tables::new(connection)?;
    rows.each("write", include_str!("../read/topology_write.sql"), |row| {
        estate.apply_write(row.get(0)?, &row.get::<_, String>(1)?, Micros(row.get(2)?));
        Ok(())
    })?;
    rows.each("entity", include_str!("../read/topology_entity.sql"), |row| {
        estate.apply_entity(&entity(row)?);
        Ok(())
    })?;
    rows.each("merge", include_str!("../read/topology_merge.sql"), |row| {
        estate.apply_merge(&Merge {
            from: EntityId(row.get(0)?),
            into: EntityId(row.get(1)?),
            evidence: row.get(2)?,
            observed_at: Micros(row.get(3)?),
        });
        Ok(())
    })?;
    rows.each("version", include_str!("../read/topology_version.sql"), |row| {
        estate.apply_version(&version(row)?);
        Ok(())
    })?;
    rows.each("run", include_str!("../read/topology_run.sql"), |row| {
        let source: String = row.get(0)?;
        let seen: Vec<u8> = row.get(2)?;
        let seen = RoaringTreemap::deserialize_from(seen.as_slice())
            .map_err(|error| Failure::Row(error.to_string()))?;
        let at = Micros(row.get(1)?);
        seen.iter().for_each(|id| estate.apply_seen(&source, at, EntityId(id)));
        Ok(())
    })?;
    load_statements(&rows, &mut estate)?;
    Ok(estate)
}

fn load_statements(rows: &Tables<'_>, estate: &mut Estate) -> Outcome<()> {
    rows.each("claim", include_str!("../read/topology_claim.sql"), |row| {
        estate.apply_claim(&claim(row)?);
        Ok(())
    })?;
    rows.each("relation", include_str!("../read/topology_relation.sql"), |row| {
        estate.apply_relation(&relation(row)?);
        Ok(())
    })?;
    rows.each("reference", include_str!("../read/topology_reference.sql"), |row| {
        match row.get::<_, Option<Vec<u8>>>(1)? {
            Some(bytes) => estate.apply_reference(&parsed(&bytes)?),
            None => estate.withdraw_reference(row.get(0)?),
        }
        Ok(())
    })?;
    rows.each("retirement", include_str!("../read/topology_retirement.sql"), |row| {
        let entity = EntityId(row.get(0)?);
        let write = Retirement { entity, source: row.get(1)?, at: Micros(row.get(2)?) };
        estate.apply_retirement(&write);
        Ok(())
    })?;
    rows.each("held", include_str!("../read/topology_held.sql"), |row| {
        estate.apply_held(&parsed(&row.get::<_, Vec<u8>>(0)?)?);
        Ok(())
    })?;
    let mut rules = Vec::new();
    rows.each("ownership", include_str!("../read/topology_ownership.sql"), |row| {
        rules.push(parsed(&row.get::<_, Vec<u8>>(0)?)?);
        Ok(())
    })?;
    estate.apply_ownership(&rules);
    Ok(())
}

/// Rows of a table that are in memory at a time.
const RANGE: i64 = 1 << 18;

/// The tables, each with its last row.
struct Tables<'a> {
    connection: &'a Connection,
    last: HashMap<String, i64>,
}

impl<'a> Tables<'a> {
    fn new(connection: &'a Connection) -> Outcome<Self> {
        let mut last = HashMap::new();
        let mut statement = connection.prepare(include_str!("../read/topology_extent.sql"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            last.insert(row.get(0)?, row.get::<_, Option<i64>>(1)?.unwrap_or(-1));
        }
        Ok(Self { connection, last })
    }

    /// Calls `take` for every row of a table, in order.
    fn each(
        &self,
        table: &str,
        statement: &str,
        mut take: impl FnMut(&Row<'_>) -> Outcome<()>,
    ) -> Outcome<()> {
        let last = self.last.get(table).copied().unwrap_or(-1);
        let mut statement = self.connection.prepare(statement)?;
        let mut first = 0;
        while first <= last {
            let after = first.saturating_add(RANGE);
            let mut rows = statement.query([first, after])?;
            while let Some(row) = rows.next()? {
                take(row)?;
            }
            first = after;
        }
        Ok(())
    }
}

fn entity(row: &Row<'_>) -> Outcome<EntityWrite> {
    Ok(EntityWrite {
        id: EntityId(row.get(0)?),
        canonical: row.get::<_, String>(1)?.into(),
        kind: code(row.get(2)?, EntityKind::from_code)?,
        state: code(row.get(3)?, state_of)?,
    })
}

fn version(row: &Row<'_>) -> Outcome<VersionWrite> {
    let micros = |column| Ok::<_, Failure>(row.get::<_, Option<i64>>(column)?.map(Micros));
    Ok(VersionWrite {
        entity: EntityId(row.get(0)?),
        source: row.get(1)?,
        observed_at: Micros(row.get(2)?),
        fingerprint: row.get(3)?,
        name: row.get(4)?,
        scope: Scope {
            account: row.get(5)?,
            region: row.get(6)?,
            zone: row.get(7)?,
            cluster: row.get(8)?,
            namespace: row.get(9)?,
            environment: row.get(10)?,
        },
        labels: serde_json::from_str(&row.get::<_, String>(11)?)?,
        properties: serde_json::from_str(&row.get::<_, String>(12)?)?,
        created_at: micros(13)?,
        ended_at: micros(14)?,
        incarnation: row.get(15)?,
        observed_to: micros(16)?,
        is_implied: row.get(17)?,
        owner: row.get(18)?,
        application: row.get(19)?,
    })
}

fn claim(row: &Row<'_>) -> Outcome<StoredClaim> {
    let to: Vec<String> = serde_json::from_str(&row.get::<_, String>(1)?)?;
    Ok(StoredClaim {
        claim: Claim {
            key: row.get::<_, String>(0)?.into(),
            to: to.into_iter().map(AliasKey::from).collect(),
            confidence: code(row.get(2)?, Confidence::from_code)?,
        },
        source: row.get(3)?,
        stated_by: row.get::<_, Option<u64>>(4)?.map(EntityId),
        observed_from: Micros(row.get(5)?),
        observed_to: row.get::<_, Option<i64>>(6)?.map(Micros),
    })
}

fn relation(row: &Row<'_>) -> Outcome<RelationWrite> {
    Ok(RelationWrite {
        from: EntityId(row.get(0)?),
        kind: code(row.get(1)?, RelationKind::from_code)?,
        to: EntityId(row.get(2)?),
        evidence: code(row.get(3)?, Evidence::from_code)?,
        source: row.get(4)?,
        stated_by: row.get::<_, Option<u64>>(5)?.map(EntityId),
        statement: row.get(6)?,
        need: code(row.get(7)?, Need::from_code)?,
        need_source: code(row.get(8)?, NeedSource::from_code)?,
        group: row.get(9)?,
        min_alive: row.get(10)?,
        rule: row.get(11)?,
        confidence: code(row.get(12)?, Confidence::from_code)?,
        properties: serde_json::from_str(&row.get::<_, String>(13)?)?,
        valid_from: Micros(row.get(14)?),
        valid_to: row.get::<_, Option<i64>>(15)?.map(Micros),
        seen_at: Micros(row.get(16)?),
    })
}

fn code<T>(code: u8, of: impl Fn(u8) -> Option<T>) -> Outcome<T> {
    of(code)
        .ok_or_else(|| Failure::Row(format!("{code} is the code of nothing this program knows")))
}

fn state_code(state: EntityState) -> u8 {
    match state {
        EntityState::Named => 0,
        EntityState::Implied => 1,
        EntityState::Present => 2,
    }
}

fn state_of(code: u8) -> Option<EntityState> {
    [EntityState::Named, EntityState::Implied, EntityState::Present].get(usize::from(code)).copied()
}

fn document<T: Serialize>(value: &T) -> Outcome<Vec<u8>> {
    rmp_serde::to_vec_named(value).map_err(|error| Failure::Row(error.to_string()))
}

fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Outcome<T> {
    rmp_serde::from_slice(bytes)
        .map_err(|error| Failure::Row(format!("a stored document cannot be read: {error}")))
}
