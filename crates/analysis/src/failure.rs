//! How failure travels through an estate: its entities, entries and calls as an AND/OR graph (section
//! 1.4 of the model). An entity has groups; it fails when one of them has fewer than `min_alive`
//! members left. What follows from a set of failures is the least fixed point that contains it, so a
//! cycle alone never fails. Every closure is asked in two states: by design, where all declared
//! replicas are up, and now, where what is not ready has already failed.

mod balance;
mod call;
mod draft;
mod egress;
mod entry;
mod expand;
mod model;
mod node;
mod outcome;
mod place;
mod property;
mod replica;
mod risk;
mod store;
mod unit;

pub use call::{Needs, need_of};
pub use entry::{Entry, EntryKind};
pub(crate) use entry::{environment, jobs, ways_in};
pub use expand::expanded;
pub use model::{Model, Options, State};
pub use node::{Cause, Extra, Group, Soft, SoftCause};
pub use outcome::{Degraded, Outcome, Step};
pub use risk::{RiskClass, WorkloadRisk};
