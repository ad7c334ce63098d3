//! The deterministic demonstration estate: Larkfield, an online retailer, written as the native
//! files of every format that the product reads, so that it passes through the same ingest as a
//! user's own; its truth, kept apart, for tests; live emission that goes on where the history ends;
//! and the large estate and the series load that the figures are measured on.

mod add_ons;
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
pub mod large;
mod live;
mod metrics;
mod options;
mod organisation;
mod otlp;
mod otlp_metrics;
mod outcome;
mod own;
mod placement;
mod planted;
mod random;
mod releases;
mod remote_write;
pub mod series;
mod service_list;
mod services;
mod stores;
mod telemetry;
mod traces;
mod truth;
mod wiring;
mod write;

pub use cost::CostSpikeTruth;
pub use live::{Emission, EmittedBatch, LONGEST_TICK, emit};
pub use options::{Options, Size};
pub use outcome::{InputPlan, InputStep, ScenarioError, Written, WrittenFile};
pub use truth::{
    BillTruth, ClusterTruth, EdgeTruth, FaultTruth, OpenReference, Planted, SqlServerTruth, Truth,
    truth,
};
pub use write::write;
