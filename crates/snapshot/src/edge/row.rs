//! A row as it is asked for, and what it becomes when it is written again.

use model::entity::EntityId;
use model::kind::{Evidence, RelationKind};
use model::resolution::RelationWrite;
use model::time::Micros;

use crate::relation::RelationRow;
use crate::said::Said;

/// A row as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row<'a> {
    pub from: EntityId,
    pub kind: RelationKind,
    pub to: EntityId,
    pub evidence: Evidence,
    pub stated_by: Option<EntityId>,
    pub statement: u64,
    pub valid_from: Micros,
    pub valid_to: Option<Micros>,
    pub seen_at: Micros,
    pub said: &'a Said,
}

impl Row<'_> {
    /// The row as it was written.
    pub fn write(&self) -> RelationWrite {
        RelationWrite {
            from: self.from,
            kind: self.kind,
            to: self.to,
            evidence: self.evidence,
            source: self.said.source.clone(),
            stated_by: self.stated_by,
            statement: self.statement,
            need: self.said.need,
            need_source: self.said.need_source,
            group: self.said.group.clone(),
            min_alive: self.said.min_alive,
            rule: self.said.rule.clone(),
            confidence: self.said.confidence,
            properties: self.said.properties.clone(),
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            seen_at: self.seen_at,
        }
    }
}

/// Start, end and newest sighting of a row after a write that says the same.
pub fn period(held: &Row<'_>, write: &RelationRow<'_>) -> (Micros, Option<Micros>, Micros) {
    if held.stated_by.is_some() {
        return (write.valid_from, write.valid_to, write.seen_at);
    }
    let from = held.valid_from.min(write.valid_from);
    match write.seen_at >= held.seen_at {
        true => (from, write.valid_to, write.seen_at),
        false => (from, held.valid_to, held.seen_at),
    }
}

/// The row after a write. A stated row is replaced; of a row of its own the start is the least, the
/// newest sighting the greatest, the rest of the newest, ties by what it says.
pub fn folded(held: &RelationWrite, write: &RelationWrite) -> RelationWrite {
    if held.stated_by.is_some() {
        return write.clone();
    }
    let rank = |row: &RelationWrite| {
        (
            row.seen_at,
            row.need,
            format!("{:?}{}{:?}{:?}", row.need_source, row.rule, row.confidence, row.properties),
        )
    };
    let mut next = if rank(write) >= rank(held) { write.clone() } else { held.clone() };
    next.valid_from = held.valid_from.min(write.valid_from);
    next
}
