//! Facts of the questions that the telemetry answers, one file a question, with its statements beside.

pub mod cost_analysis;
pub mod service_dependencies;
pub mod savings_candidates;
mod statement;
pub mod system_metrics;
