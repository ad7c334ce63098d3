//! The one write path: journal, look-ups, identity, store writes, commit notice.
//!
//! Pushed input is journalled before it is acknowledged and applied in order by one task; a file that
//! the owner reads itself is its own journal. Everything goes through [`Intake`].

mod apply;
mod commit;
mod input;
mod intake;
pub mod journal;
mod outcome;
mod retire;
mod trace;

pub use intake::{Ack, Intake, Options, Pause, Status, Stores};
