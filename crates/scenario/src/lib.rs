//! The deterministic demonstration estate: Larkfield, an online retailer, written as the native
//! files of every format that the product reads, so that it passes through the same ingest as a
//! user's own; its truth, kept apart, for tests; live emission that goes on where the history ends;
//! and the large estate and the series load that the figures are measured on.

mod aws;
mod behaviour;
mod clock;
mod company;
mod cost;
mod demand;
mod estate;
mod faults;
mod files;
mod kubernetes;
mod metrics;
mod options;
mod organisation;
mod otlp;
mod outcome;
mod random;
mod releases;
mod services;
mod stores;
mod telemetry;
mod traces;
mod wiring;
mod write;

pub use options::{Options, Size};
pub use outcome::{InputPlan, InputStep, ScenarioError, Written, WrittenFile};
pub use write::write;
