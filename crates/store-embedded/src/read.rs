//! Facts of the questions that the telemetry answers, one file a question, with its statements beside.

pub mod call_series;
pub mod cost_analysis;
pub mod cost_cube;
pub mod records;
pub mod savings_candidates;
pub mod service_dependencies;
pub mod statement;
pub mod system_metrics;
pub mod validation;
