//! A relation's row as it is written, by parts that others own: millions are taken in at opening, and
//! none needs a copy of its texts.

use model::entity::{EntityId, Properties};
use model::kind::{Confidence, Evidence, Need, NeedSource, RelationKind};
use model::resolution::RelationWrite;
use model::time::Micros;

/// A row as it is written; as [`RelationWrite`].
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "the parts are those of `RelationWrite`")]
pub struct RelationRow<'a> {
    pub from: EntityId,
    pub kind: RelationKind,
    pub to: EntityId,
    pub evidence: Evidence,
    pub source: &'a str,
    pub stated_by: Option<EntityId>,
    pub statement: u64,
    pub need: Need,
    pub need_source: NeedSource,
    pub group: &'a str,
    pub min_alive: u32,
    pub rule: &'a str,
    pub confidence: Confidence,
    pub properties: &'a Properties,
    pub valid_from: Micros,
    pub valid_to: Option<Micros>,
    pub seen_at: Micros,
}

impl<'a> From<&'a RelationWrite> for RelationRow<'a> {
    fn from(write: &'a RelationWrite) -> Self {
        Self {
            from: write.from,
            kind: write.kind,
            to: write.to,
            evidence: write.evidence,
            source: &write.source,
            stated_by: write.stated_by,
            statement: write.statement,
            need: write.need,
            need_source: write.need_source,
            group: &write.group,
            min_alive: write.min_alive,
            rule: &write.rule,
            confidence: write.confidence,
            properties: &write.properties,
            valid_from: write.valid_from,
            valid_to: write.valid_to,
            seen_at: write.seen_at,
        }
    }
}

impl RelationRow<'_> {
    /// The row with texts of its own.
    pub fn write(&self) -> RelationWrite {
        RelationWrite {
            from: self.from,
            kind: self.kind,
            to: self.to,
            evidence: self.evidence,
            source: self.source.to_owned(),
            stated_by: self.stated_by,
            statement: self.statement,
            need: self.need,
            need_source: self.need_source,
            group: self.group.to_owned(),
            min_alive: self.min_alive,
            rule: self.rule.to_owned(),
            confidence: self.confidence,
            properties: self.properties.clone(),
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            seen_at: self.seen_at,
        }
    }

    /// Whether it says that a row is as if it had never been.
    pub fn is_taken_back(&self) -> bool {
        self.valid_to == Some(self.valid_from)
    }
}
