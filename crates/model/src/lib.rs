//! The nouns of Ubiquitous and the seams between its rooms. Plain data and traits: no IO, no driver,
//! no judgement. One word for one thing; the fields carry their units.

pub mod absence;
pub mod account;
pub mod allocation;
pub mod archive;
pub mod batch;
pub mod charge;
pub mod commit;
pub mod decision;
pub mod entity;
pub mod envelope;
pub mod error;
pub mod event;
pub mod fact;
pub mod finding;
pub mod input;
pub mod kind;
pub mod measure;
pub mod money;
pub mod objective;
pub mod reference;
pub mod resolution;
pub mod retention;
pub mod scan;
pub mod scope;
pub mod seam;
pub mod series;
pub mod session;
pub mod signal;
pub mod span;
pub mod stated;
pub mod table;
pub mod time;
pub mod value;
pub mod workload;

pub use batch::Batch;
pub use entity::{EntityId, EntityObservation, RelationObservation};
pub use error::{Reject, StoreError};
pub use kind::{EntityKind, Evidence, Need, RelationKind};
pub use money::Amount;
pub use reference::{AliasKey, Reference};
pub use scope::Scope;
pub use time::{Micros, Window};
