//! The questions, from facts to answers. `answer` is the only way to an answer, for every interface;
//! all IO goes through the seams of `model`.

pub mod allocation;
mod answer;
mod ask;
mod border;
mod cache;
mod call_graph;
mod calls;
pub mod decision;
mod entry_point;
pub mod estate;
pub mod exact;
mod explain;
pub mod failure;
pub mod finding;
pub mod grid;
mod incident;
mod job;
pub mod judged_series;
mod last_good;
mod layout;
mod measured;
mod measured_options;
mod need;
pub mod optimization;
pub mod package_version;
mod parallel;
mod param;
mod parameter;
mod place;
mod property;
pub mod question;
pub mod reach;
pub mod report;
pub mod rule;
pub mod series;
pub mod spend;
pub mod table;
mod trace_tally;
mod traced_entry;
mod unit;
pub mod unit_cost;
pub mod unit_tree;
pub mod validation;
pub mod value;
mod zone;

pub use answer::{answer, answer_shared, job_key};
pub use ask::{AskContext, AskError, Limits, Viewer};
pub use border::NOT_NARROWED;
pub use cache::{AnswerCache, Answered};
pub use estate::{Estate, EstateCache};
pub use explain::{EXPLAIN, is_explained};
pub use job::{JobKey, JobStart, Progress, at_hand, earlier};
pub use last_good::{KeptAnswer, LastGood};
pub use layout::{Layout, LayoutNode, layered};
pub use param::Text;
pub use parameter::{Parameter, ParameterType};
pub use question::application_architecture::{
    ApplicationArchitectureAnswer, ApplicationArchitectureParams, ApplicationArchitectureQuestion,
};
pub use question::business_value::{
    BusinessValueAnswer, BusinessValueParams, BusinessValueQuestion,
};
pub use question::cost_analysis::{CostAnalysisAnswer, CostAnalysisParams, CostAnalysisQuestion};
pub use question::critical_paths::{
    CriticalPathsAnswer, CriticalPathsParams, CriticalPathsQuestion,
};
pub use question::latency_heatmap::{
    LatencyHeatmapAnswer, LatencyHeatmapParams, LatencyHeatmapQuestion,
};
pub use question::savings_candidates::{
    SavingsCandidatesAnswer, SavingsCandidatesParams, SavingsCandidatesQuestion,
};
pub use question::security_events::{
    SecurityEventsAnswer, SecurityEventsParams, SecurityEventsQuestion,
};
pub use question::service_dependencies::{
    ServiceDependenciesAnswer, ServiceDependenciesParams, ServiceDependenciesQuestion,
};
pub use question::system_metrics::{
    SystemMetricsAnswer, SystemMetricsParams, SystemMetricsQuestion,
};
pub use question::topology::{TopologyAnswer, TopologyParams, TopologyQuestion};
pub use question::{AnyQuestion, Draft, QUESTIONS, Question, question_of};
pub use report::{REPORTS, report, report_of};
pub use table::DatedTables;
