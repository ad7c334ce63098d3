//! One relation of the large estate, and relations as columns.

/// Kind of a relation, named as in the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each variant is the relation of the same name")]
pub enum RelationKind {
    Allows,
    AttachedTo,
    Calls,
    ConnectsTo,
    Contains,
    GuardedBy,
    HasReplica,
    ImplementedBy,
    Mounts,
    Owns,
    PlacedIn,
    RoutesTo,
    RunsOn,
    ServedThrough,
    UsesImage,
}

use RelationKind as R;

impl RelationKind {
    /// The relation as the model writes it.
    pub fn label(self) -> &'static str {
        match self {
            R::Allows => "allows",
            R::AttachedTo => "attached_to",
            R::Calls => "calls",
            R::ConnectsTo => "connects_to",
            R::Contains => "contains",
            R::GuardedBy => "guarded_by",
            R::HasReplica => "has_replica",
            R::ImplementedBy => "implemented_by",
            R::Mounts => "mounts",
            R::Owns => "owns",
            R::PlacedIn => "placed_in",
            R::RoutesTo => "routes_to",
            R::RunsOn => "runs_on",
            R::ServedThrough => "served_through",
            R::UsesImage => "uses_image",
        }
    }

    /// Whether failure travels along it.
    pub fn carries_failure(self) -> bool {
        !matches!(self, R::Allows | R::Contains | R::GuardedBy | R::Owns | R::UsesImage)
    }
}

/// One relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LargeRelation {
    /// Ordinal of the entity it leads from.
    pub from: u32,
    /// Kind.
    pub kind: RelationKind,
    /// Ordinal of the entity it leads to.
    pub to: u32,
    /// For calls and connections: `required`, `optional` or `asynchronous`; empty otherwise.
    pub need: &'static str,
    /// Seconds since 1970.
    pub valid_from: i64,
    /// Seconds since 1970 when it ended; `i64::MAX` while in force.
    pub valid_to: i64,
}

/// Relations as columns.
#[derive(Debug, Clone, Default)]
pub struct RelationChunk {
    /// Ordinals.
    pub from: Vec<u32>,
    /// Kinds.
    pub kind: Vec<RelationKind>,
    /// Ordinals.
    pub to: Vec<u32>,
    /// Needs.
    pub need: Vec<&'static str>,
    /// Seconds since 1970.
    pub valid_from: Vec<i64>,
    /// Seconds since 1970; `i64::MAX` while in force.
    pub valid_to: Vec<i64>,
}

impl RelationChunk {
    /// Columns from rows.
    pub fn from_rows(rows: impl Iterator<Item = LargeRelation>) -> Self {
        let mut chunk = Self::default();
        for row in rows {
            chunk.from.push(row.from);
            chunk.kind.push(row.kind);
            chunk.to.push(row.to);
            chunk.need.push(row.need);
            chunk.valid_from.push(row.valid_from);
            chunk.valid_to.push(row.valid_to);
        }
        chunk
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.from.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.from.is_empty()
    }
}
