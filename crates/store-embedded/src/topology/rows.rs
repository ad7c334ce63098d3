//! The rows of the topology's tables, read back in the order in which they were written: by columns,
//! a range of rows at a time.

use std::collections::BTreeMap;
use std::sync::mpsc::sync_channel;

use arrow::array::{
    Array, BooleanArray, Int64Array, RecordBatch, StringArray, UInt8Array, UInt32Array, UInt64Array,
};
use duckdb::{Connection, Row};
use model::entity::{EntityId, Properties};
use model::kind::{Confidence, EntityKind, Evidence, Need, NeedSource, RelationKind};
use model::reference::{AliasKey, Claim};
use model::resolution::{EntityState, EntityWrite, Merge, Retirement, StoredClaim, VersionWrite};
use model::scope::Scope;
use model::time::Micros;
use roaring::RoaringTreemap;
use serde::de::DeserializeOwned;

use snapshot::RelationRow;

use super::take::TakeRows;
use crate::column::column;
use crate::error::{Failure, Outcome};

/// The last row of each table, -1 for none, by name.
pub type Extent = BTreeMap<String, i64>;

/// The last row of each of the topology's tables.
pub fn extent(connection: &Connection) -> Outcome<Extent> {
    let mut statement = connection.prepare(include_str!("../read/topology_extent.sql"))?;
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?.unwrap_or(-1))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many rows there are up to the last of each table.
pub fn count(extent: &Extent) -> u64 {
    extent.values().map(|last| last.saturating_add(1).unsigned_abs()).sum()
}

/// Who reads, which decides how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The store is being opened: nobody writes and nobody interrupts.
    Opening,
    /// A question does.
    Question,
}

/// Takes in the rows after those that are held, up to the last, in the order in which it must be.
pub fn each_row(
    connection: &Connection,
    reading: Reading,
    (held, last): (&Extent, &Extent),
    take: &mut impl TakeRows,
) -> Outcome<()> {
    let rows = Tables { connection, reading, held, last };
    rows.each("write", include_str!("../read/topology_write.sql"), |row| {
        take.write(row.get(0)?, row.get(1)?, Micros(row.get(2)?))
    })?;
    rows.batches("entity", include_str!("../read/topology_entity.sql"), |batch| {
        entities(batch, take)
    })?;
    rows.each("merge", include_str!("../read/topology_merge.sql"), |row| {
        take.merge(Merge {
            from: EntityId(row.get(0)?),
            into: EntityId(row.get(1)?),
            evidence: row.get(2)?,
            observed_at: Micros(row.get(3)?),
        })
    })?;
    rows.batches("version", include_str!("../read/topology_version.sql"), |batch| {
        versions(batch, take)
    })?;
    rows.each("run", include_str!("../read/topology_run.sql"), |row| {
        let seen: Vec<u8> = row.get(2)?;
        let seen = RoaringTreemap::deserialize_from(seen.as_slice())
            .map_err(|error| Failure::Row(error.to_string()))?;
        take.seen(row.get(0)?, Micros(row.get(1)?), seen)
    })?;
    each_statement(&rows, take)
}

fn each_statement(rows: &Tables<'_>, take: &mut impl TakeRows) -> Outcome<()> {
    rows.batches("claim", include_str!("../read/topology_claim.sql"), |batch| claims(batch, take))?;
    let (first, last) = rows.range("relation");
    // A relation that was seen again has several rows and one place.
    take.relations_come(usize::try_from((last - first) / 2).unwrap_or(0));
    rows.batches("relation", include_str!("../read/topology_relation.sql"), |batch| {
        relations(batch, take)
    })?;
    rows.each("reference", include_str!("../read/topology_reference.sql"), |row| {
        match row.get::<_, Option<Vec<u8>>>(1)? {
            Some(bytes) => take.reference(parsed(&bytes)?),
            None => take.withdrawn(row.get(0)?),
        }
    })?;
    rows.each("retirement", include_str!("../read/topology_retirement.sql"), |row| {
        let entity = EntityId(row.get(0)?);
        take.retirement(Retirement { entity, source: row.get(1)?, at: Micros(row.get(2)?) })
    })?;
    rows.each("held", include_str!("../read/topology_held.sql"), |row| {
        take.held(parsed(&row.get::<_, Vec<u8>>(0)?)?)
    })?;
    let mut rules = Vec::new();
    rows.each("ownership", include_str!("../read/topology_ownership.sql"), |row| {
        rules.push(parsed(&row.get::<_, Vec<u8>>(0)?)?);
        Ok(())
    })?;
    take.ownership(rules)
}

/// Rows of a table that are in memory at a time.
const RANGE: i64 = 1 << 18;
/// Parts of a range that wait to be taken in while more is read.
const BATCHES_AHEAD: usize = 64;

/// The tables, each with the last row that is held, and the last that there is.
struct Tables<'a> {
    connection: &'a Connection,
    reading: Reading,
    held: &'a Extent,
    last: &'a Extent,
}

impl Tables<'_> {
    /// First and last row of a table that are not held.
    fn range(&self, table: &str) -> (i64, i64) {
        let of = |extent: &Extent| extent.get(table).copied().unwrap_or(-1);
        (of(self.held).saturating_add(1), of(self.last))
    }

    /// Calls `take` for the rows of a table, in order, many at a time. At opening another connection
    /// reads ahead: nothing is written then, and nobody interrupts it.
    fn batches(
        &self,
        table: &str,
        statement: &str,
        mut take: impl FnMut(&RecordBatch) -> Outcome<()>,
    ) -> Outcome<()> {
        let range = self.range(table);
        if self.reading == Reading::Question || range.1 - range.0 < RANGE {
            return ranges(self.connection, statement, range, |batch| take(&batch));
        }
        let ahead = self.connection.try_clone()?;
        std::thread::scope(|scope| {
            let (send, batches) = sync_channel(BATCHES_AHEAD);
            scope.spawn(move || {
                // Who does not listen any more has failed, and says so.
                let gone = |_gone| Failure::Row("the reading stopped".to_owned());
                let read =
                    ranges(&ahead, statement, range, |batch| send.send(Ok(batch)).map_err(gone));
                if let Err(failure) = read {
                    let _unheard = send.send(Err(failure));
                }
            });
            batches.into_iter().try_for_each(|batch| take(&batch?))
        })
    }

    /// Calls `take` for every row of a table, in order.
    fn each(
        &self,
        table: &str,
        statement: &str,
        mut take: impl FnMut(&Row<'_>) -> Outcome<()>,
    ) -> Outcome<()> {
        let (mut first, last) = self.range(table);
        let mut statement = self.connection.prepare(statement)?;
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

/// Calls `take` for every row from the first to the last, in order, many at a time.
fn ranges(
    connection: &Connection,
    statement: &str,
    (mut first, last): (i64, i64),
    mut take: impl FnMut(RecordBatch) -> Outcome<()>,
) -> Outcome<()> {
    let mut statement = connection.prepare(statement)?;
    while first <= last {
        let after = first.saturating_add(RANGE);
        for batch in statement.query_arrow([first, after])? {
            take(batch)?;
        }
        first = after;
    }
    Ok(())
}

fn entities(batch: &RecordBatch, take: &mut impl TakeRows) -> Outcome<()> {
    let (id, canonical) = (column::<UInt64Array>(batch, 0)?, column::<StringArray>(batch, 1)?);
    let (kind, state) = (column::<UInt8Array>(batch, 2)?, column::<UInt8Array>(batch, 3)?);
    for row in 0..batch.num_rows() {
        take.entity(EntityWrite {
            id: EntityId(id.value(row)),
            canonical: canonical.value(row).into(),
            kind: code(kind.value(row), EntityKind::from_code)?,
            state: code(state.value(row), state_of)?,
        })?;
    }
    Ok(())
}

fn versions(batch: &RecordBatch, take: &mut impl TakeRows) -> Outcome<()> {
    let (entity, fingerprint) =
        (column::<UInt64Array>(batch, 0)?, column::<UInt64Array>(batch, 3)?);
    let (source, name) = (column::<StringArray>(batch, 1)?, column::<StringArray>(batch, 4)?);
    let observed_at = column::<Int64Array>(batch, 2)?;
    let (labels, properties) =
        (column::<StringArray>(batch, 11)?, column::<StringArray>(batch, 12)?);
    let is_implied = column::<BooleanArray>(batch, 17)?;
    for row in 0..batch.num_rows() {
        let text = |place| maybe_text(batch, place, row);
        take.version(VersionWrite {
            entity: EntityId(entity.value(row)),
            source: source.value(row).to_owned(),
            observed_at: Micros(observed_at.value(row)),
            fingerprint: fingerprint.value(row),
            name: name.value(row).to_owned(),
            scope: Scope {
                account: text(5)?,
                region: text(6)?,
                zone: text(7)?,
                cluster: text(8)?,
                namespace: text(9)?,
                environment: text(10)?,
            },
            labels: serde_json::from_str(labels.value(row))?,
            properties: serde_json::from_str(properties.value(row))?,
            created_at: maybe_micros(batch, 13, row)?,
            ended_at: maybe_micros(batch, 14, row)?,
            incarnation: text(15)?,
            observed_to: maybe_micros(batch, 16, row)?,
            is_implied: is_implied.value(row),
            owner: text(18)?,
            application: text(19)?,
        })?;
    }
    Ok(())
}

fn claims(batch: &RecordBatch, take: &mut impl TakeRows) -> Outcome<()> {
    let (key, leads_to) = (column::<StringArray>(batch, 0)?, column::<StringArray>(batch, 1)?);
    let (confidence, source) = (column::<UInt8Array>(batch, 2)?, column::<StringArray>(batch, 3)?);
    let (by, from) = (column::<UInt64Array>(batch, 4)?, column::<Int64Array>(batch, 5)?);
    for row in 0..batch.num_rows() {
        let to: Vec<String> = serde_json::from_str(leads_to.value(row))?;
        take.claim(StoredClaim {
            claim: Claim {
                key: key.value(row).into(),
                to: to.into_iter().map(AliasKey::from).collect(),
                confidence: code(confidence.value(row), Confidence::from_code)?,
            },
            source: source.value(row).to_owned(),
            stated_by: by.is_valid(row).then(|| EntityId(by.value(row))),
            observed_from: Micros(from.value(row)),
            observed_to: maybe_micros(batch, 6, row)?,
        })?;
    }
    Ok(())
}

fn relations(batch: &RecordBatch, take: &mut impl TakeRows) -> Outcome<()> {
    let (near, far) = (column::<UInt64Array>(batch, 0)?, column::<UInt64Array>(batch, 2)?);
    let (kind, evidence) = (column::<UInt8Array>(batch, 1)?, column::<UInt8Array>(batch, 3)?);
    let (source, group) = (column::<StringArray>(batch, 4)?, column::<StringArray>(batch, 9)?);
    let (by, statement) = (column::<UInt64Array>(batch, 5)?, column::<UInt64Array>(batch, 6)?);
    let (need, need_source) = (column::<UInt8Array>(batch, 7)?, column::<UInt8Array>(batch, 8)?);
    let (min_alive, rule) = (column::<UInt32Array>(batch, 10)?, column::<StringArray>(batch, 11)?);
    let (confidence, said) = (column::<UInt8Array>(batch, 12)?, column::<StringArray>(batch, 13)?);
    let (from, seen) = (column::<Int64Array>(batch, 14)?, column::<Int64Array>(batch, 16)?);
    // Most rows have the properties of the row before.
    let (mut last, mut properties) = (String::from("{}"), Properties::new());
    for row in 0..batch.num_rows() {
        if last != said.value(row) {
            said.value(row).clone_into(&mut last);
            properties = serde_json::from_str(&last)?;
        }
        take.relation(RelationRow {
            from: EntityId(near.value(row)),
            kind: code(kind.value(row), RelationKind::from_code)?,
            to: EntityId(far.value(row)),
            evidence: code(evidence.value(row), Evidence::from_code)?,
            source: source.value(row),
            stated_by: by.is_valid(row).then(|| EntityId(by.value(row))),
            statement: statement.value(row),
            need: code(need.value(row), Need::from_code)?,
            need_source: code(need_source.value(row), NeedSource::from_code)?,
            group: group.value(row),
            min_alive: min_alive.value(row),
            rule: rule.value(row),
            confidence: code(confidence.value(row), Confidence::from_code)?,
            properties: &properties,
            valid_from: Micros(from.value(row)),
            valid_to: maybe_micros(batch, 15, row)?,
            seen_at: Micros(seen.value(row)),
        })?;
    }
    Ok(())
}

fn maybe_text(batch: &RecordBatch, place: usize, row: usize) -> Outcome<Option<String>> {
    let column = column::<StringArray>(batch, place)?;
    Ok(column.is_valid(row).then(|| column.value(row).to_owned()))
}

fn maybe_micros(batch: &RecordBatch, place: usize, row: usize) -> Outcome<Option<Micros>> {
    let column = column::<Int64Array>(batch, place)?;
    Ok(column.is_valid(row).then(|| Micros(column.value(row))))
}

fn code<T>(code: u8, of: impl Fn(u8) -> Option<T>) -> Outcome<T> {
    of(code)
        .ok_or_else(|| Failure::Row(format!("{code} is the code of nothing this program knows")))
}

fn state_of(code: u8) -> Option<EntityState> {
    [EntityState::Named, EntityState::Implied, EntityState::Present].get(usize::from(code)).copied()
}

fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Outcome<T> {
    rmp_serde::from_slice(bytes)
        .map_err(|error| Failure::Row(format!("a stored document cannot be read: {error}")))
}
