//! How healthy is what runs, now? One read of the signals in the window and one of the entities
//! concerned; the judgement is a readable table of thresholds. Cost: that of both reads.

mod params;
mod shape;

pub use params::SystemMetricsParams;
pub use shape::{
    Bound, ChartPoint, ChartSeries, CheckResult, EntityHealth, HealthCheck, ReportedQuantile,
    ScopeHealth, SourceFreshness, Status, StatusCounts, SystemMetricsAnswer, ThresholdRow,
};

/// The question.
pub struct SystemMetricsQuestion;
