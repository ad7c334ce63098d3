//! Facts: what a store gives a question, joined and windowed, not yet judged. One file a question.

mod call_series;
mod calls;
mod cost;
mod entity;
mod estate;
mod metrics;
mod picture;
mod plan;
mod record;
mod saving;
mod topology;
mod tuning;
mod validation;

pub use call_series::{
    CallBucket, CallSeriesFact, CallSeriesQuery, DurationSeriesFact, RootBucket, RootSeriesFact,
};
pub use calls::{CallFact, CallOutcomeFact, RootFact, SpanFact, TraceFact, TraceIds, TraceQuery};
pub use cost::{BillFact, CostDimension, CostItemRow, CostQuery, CostRow, CostStep};
pub use entity::{EntityMatch, EntityPage, EventFact, OpenReferenceFact, SourceFact, VersionFact};
pub use estate::{EstateFacts, EstateRelation};
pub use metrics::{DataPresence, SeriesBucket, SeriesFact, SeriesQuery, SignalFact, SignalQuery};
pub use picture::is_picture;
pub use plan::{OperatorKind, Plan, PlanCondition, PlanNode};
pub use record::{RecordFact, RecordKind, RecordQuery, SubjectFact};
pub use saving::{UsageCostQuery, UsageCostRow};
pub use topology::{
    AggregateBy, Direction, EntityChange, EntityFact, GroupFact, GroupRelationFact, LabelFilter,
    RelationFact, TopologyComparison, TopologyFacts, TopologyQuery,
};
pub use tuning::{IndexFact, TableFact, TableReport, TuningChange, TuningIndex, TuningSteps};
pub use validation::{
    CadenceFact, DanglingFact, GapFact, RollupFact, SchemaPart, SchemaPartKind, SchemaReport,
    SeriesConditionFact, TelemetrySubjectFact,
};
