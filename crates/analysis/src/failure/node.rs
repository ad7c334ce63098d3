//! Nodes, groups and soft edges of the failure model. A node is an entity's ordinal, or, from the
//! number of entities on, one of the extra nodes that stand for no entity.

use ::model::kind::{Need, NeedSource, RelationKind};

/// A node that is no entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extra {
    /// A call or connection; it fails when its far end fails or cannot be reached any more.
    Call {
        /// Who calls.
        from: u32,
        /// What is called.
        to: u32,
        /// `calls` or `connects_to`.
        kind: RelationKind,
        /// Need, after rules and defaults.
        need: Need,
        /// Where the need comes from.
        need_source: NeedSource,
    },
    /// A service as outside callers reach it; it fails with the service or with all its entrances.
    Entry {
        /// The service.
        subject: u32,
    },
    /// One way in: all of these are passed.
    Entrance {
        /// Entities, from the outside in.
        through: Vec<u32>,
    },
    /// One way out of a subnet to what lies behind it.
    Way {
        /// The subnet.
        subnet: u32,
    },
    /// A declared replica that no export shows: it is nowhere.
    Replica {
        /// Of which workload.
        of: u32,
    },
    /// The standby of a database whose place is not known.
    Standby {
        /// Of which database.
        of: u32,
    },
    /// A zone that only the labels of nodes name.
    Zone {
        /// Its name.
        name: String,
    },
    /// A target that its target group takes for unhealthy.
    Target {
        /// The target.
        of: u32,
    },
}

/// What a group of dependencies stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the relation or rule of the same name")]
pub enum Cause {
    ImplementedBy,
    Replicas,
    RunsOn,
    PlacedIn,
    RoutesTo,
    Mounts,
    RootVolume,
    Call,
    Callee,
    ServedThrough,
    Egress,
    Service,
    Entrances,
    Passage,
    Parts,
}

/// Dependencies of which some must be left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Who fails when too few are left.
    pub owner: u32,
    /// How many must be left, at least 1.
    pub min_alive: u32,
    /// Distinct members, in order.
    pub members: Vec<u32>,
    /// What it stands for.
    pub cause: Cause,
}

impl Group {
    /// Members that can be lost before the owner fails.
    pub fn spare(&self) -> usize {
        self.members.len().saturating_sub(self.min_alive as usize)
    }
}

/// Why something degrades without failing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each says itself what failed")]
pub enum SoftCause {
    OptionalCall,
    AsynchronousCall,
    Cache,
    ControlPlane,
    Volume,
    StalePrimary,
    Part,
}

/// A dependency whose failure degrades its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Soft {
    /// Who degrades.
    pub owner: u32,
    /// What must fail for it.
    pub to: u32,
    /// Why.
    pub cause: SoftCause,
}
