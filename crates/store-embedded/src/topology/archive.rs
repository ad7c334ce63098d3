//! The rows as writes that make an empty topology this one: first what was written when, then the rows in
//! the order in which they are taken in, many in one write. No two rows of one key are in one write, since
//! a write is compared with what is held before it.

use std::collections::HashSet;

use duckdb::Connection;
use model::archive::TakeWrite;
use model::entity::EntityId;
use model::input::{InputRecord, ObservedBy};
use model::resolution::{
    EntityWrite, HeldRetirement, Merge, Retirement, Sequence, StoredClaim, StoredReference,
    StoredRule, TopologyWrite, VersionWrite,
};
use model::time::Micros;
use roaring::RoaringTreemap;
use snapshot::RelationRow;
use xxhash_rust::xxh3::xxh3_64;

use super::rows::{self, Extent, Reading};
use super::take::TakeRows;
use crate::error::Outcome;

/// Rows in one write.
const ROWS_MAX: usize = 50_000;
/// Name of the journal that the writes of an archive are of.
const JOURNAL: &str = "archive";

/// Gives every write, and last the sequences.
pub fn give(connection: &Connection, sequences: Vec<Sequence>, take: TakeWrite) -> Outcome<()> {
    let input = record("archive", Micros(0));
    let mut writes =
        Writes { take, number: 0, open: empty(0, input), keys: HashSet::new(), rows: 0 };
    let last = rows::extent(connection)?;
    rows::each_row(connection, Reading::Question, (&Extent::new(), &last), &mut writes)?;
    writes.flush()?;
    for sequence in sequences.into_iter().filter(|one| one.journal != JOURNAL) {
        let input = writes.open.input.clone();
        (writes.take)(TopologyWrite::empty(sequence, input))?;
    }
    Ok(())
}

/// What of a row tells it from the others.
type Key<'a> = (&'static str, u64, &'a str);

struct Writes {
    take: TakeWrite,
    number: u64,
    /// The write that is being filled, under the newest input.
    open: TopologyWrite,
    keys: HashSet<u64>,
    rows: usize,
}

impl Writes {
    fn give(&mut self, input: InputRecord, fill: impl FnOnce(&mut TopologyWrite)) -> Outcome<()> {
        self.flush()?;
        self.number += 1;
        let mut write = empty(self.number, input);
        fill(&mut write);
        (self.take)(write)?;
        Ok(())
    }

    fn flush(&mut self) -> Outcome<()> {
        self.keys.clear();
        if std::mem::take(&mut self.rows) == 0 {
            return Ok(());
        }
        self.number += 1;
        let next = empty(0, self.open.input.clone());
        let mut full = std::mem::replace(&mut self.open, next);
        full.sequence.number = self.number;
        (self.take)(full)?;
        Ok(())
    }

    /// Room for a row of this key.
    fn room(&mut self, (of, number, text): Key<'_>) -> Outcome<()> {
        let hash = xxh3_64(format!("{of}|{number}|{text}").as_bytes());
        if self.rows >= ROWS_MAX || self.keys.contains(&hash) {
            self.flush()?;
        }
        self.keys.insert(hash);
        self.rows += 1;
        Ok(())
    }
}

impl TakeRows for Writes {
    fn write(&mut self, _number: u64, source: String, at: Micros) -> Outcome<()> {
        self.open.input = record(&source, at);
        self.give(record(&source, at), |_write| {})
    }

    fn entity(&mut self, row: EntityWrite) -> Outcome<()> {
        self.room(("entity", row.id.0, ""))?;
        self.open.entities.push(row);
        Ok(())
    }

    fn merge(&mut self, row: Merge) -> Outcome<()> {
        self.room(("merge", row.from.0, ""))?;
        self.open.merges.push(row);
        Ok(())
    }

    fn version(&mut self, row: VersionWrite) -> Outcome<()> {
        self.room(("version", row.entity.0, &format!("{}|{}", row.source, row.observed_at.0)))?;
        self.open.versions.push(row);
        Ok(())
    }

    fn seen(&mut self, source: String, at: Micros, ids: RoaringTreemap) -> Outcome<()> {
        self.give(record(&source, at), |write| write.seen = ids.iter().map(EntityId).collect())
    }

    fn claim(&mut self, row: StoredClaim) -> Outcome<()> {
        let by = row.stated_by.map_or(0, |by| by.0);
        self.room(("claim", by, &format!("{}|{}", row.claim.key, row.source)))?;
        self.open.claims.push(row);
        Ok(())
    }

    fn relation(&mut self, row: RelationRow<'_>) -> Outcome<()> {
        let key = format!("{}|{}|{}|{}", row.kind, row.to.0, row.evidence, row.source);
        self.room(("relation", row.from.0, &key))?;
        self.open.relations.push(row.write());
        Ok(())
    }

    fn reference(&mut self, row: StoredReference) -> Outcome<()> {
        self.room(("reference", row.id, ""))?;
        self.open.references.push(row);
        Ok(())
    }

    fn withdrawn(&mut self, id: u64) -> Outcome<()> {
        self.room(("reference", id, ""))?;
        self.open.references_withdrawn.push(id);
        Ok(())
    }

    fn retirement(&mut self, row: Retirement) -> Outcome<()> {
        self.room(("retirement", row.entity.0, &format!("{}|{}", row.source, row.at.0)))?;
        self.open.retirements.push(row);
        Ok(())
    }

    fn held(&mut self, row: HeldRetirement) -> Outcome<()> {
        self.flush()?;
        self.room(("held", 0, ""))?;
        self.open.held.push(row);
        Ok(())
    }

    fn ownership(&mut self, rules: Vec<StoredRule>) -> Outcome<()> {
        if !rules.is_empty() {
            self.room(("ownership", 0, ""))?;
            self.open.ownership = rules;
        }
        Ok(())
    }
}

fn empty(number: u64, input: InputRecord) -> TopologyWrite {
    TopologyWrite::empty(Sequence { journal: JOURNAL.to_owned(), number }, input)
}

/// An input as far as the topology keeps it: who said it, and when it was true.
fn record(source: &str, at: Micros) -> InputRecord {
    InputRecord {
        name: JOURNAL.to_owned(),
        content_hash: String::new(),
        format: JOURNAL.to_owned(),
        source: source.to_owned(),
        observed_at: at,
        observed_by: ObservedBy::Content,
        received_at: at,
    }
}
