//! What a question is, and the one list of them that every interface walks.

pub mod application_architecture;
pub mod business_value;
pub mod cost_analysis;
pub mod critical_paths;
pub mod database_connections;
pub mod database_performance;
pub mod eks_clusters;
pub mod incidents;
pub mod latency_heatmap;
pub mod latency_matrix;
pub mod savings_candidates;
pub mod security_events;
pub mod service_dependencies;
pub mod service_trends;
pub mod system_metrics;
pub mod topology;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use async_trait::async_trait;
use model::envelope::{AnswerWindow, Coverage, StoreFreshness, Warning};
use model::seam::DataKind;
use model::table::Table;
use model::time::Micros;
use schemars::{JsonSchema, schema_for};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::ask::{AskContext, AskError};
use crate::parameter::{Parameter, coerced, parameters_of};

/// What a question computed, before the envelope.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft<A> {
    /// The answer.
    pub answer: A,
    /// The instant it is about.
    pub as_of: Micros,
    /// The range of time it is about.
    pub window: Option<AnswerWindow>,
    /// Stores as they were read.
    pub stores: Vec<StoreFreshness>,
    /// Share of the entities concerned with each kind of data.
    pub coverage: BTreeMap<String, Coverage>,
    /// Totals of what was cut.
    pub truncated: BTreeMap<String, u64>,
    /// What a reader must know.
    pub warnings: Vec<Warning>,
    /// Where to go on.
    pub next: Option<String>,
    /// The tables of the answer.
    pub tables: Vec<Table>,
}

impl<A> Draft<A> {
    /// An answer about `as_of`, with nothing else to say.
    pub fn new(answer: A, as_of: Micros) -> Self {
        Self {
            answer,
            as_of,
            window: None,
            stores: Vec::new(),
            coverage: BTreeMap::new(),
            truncated: BTreeMap::new(),
            warnings: Vec::new(),
            next: None,
            tables: Vec::new(),
        }
    }

    /// The same about another answer.
    pub fn with<B>(self, answer: B) -> Draft<B> {
        let Self { as_of, window, stores, coverage, truncated, warnings, next, tables, .. } = self;
        Draft { answer, as_of, window, stores, coverage, truncated, warnings, next, tables }
    }
}

/// One question.
#[async_trait]
pub trait Question: Send + Sync + 'static {
    /// Stem (`system_metrics`), for a view with its own after it (`critical_paths/what_if`).
    const NAME: &'static str;
    /// Title for people.
    const TITLE: &'static str;
    /// What it answers, in a sentence.
    const ABOUT: &'static str;
    /// Kinds of data whose versions are part of the cache key.
    const READS: &'static [DataKind];
    /// A default `now` is rounded down to this many microseconds; `None`: the state in force, so
    /// that only the versions matter.
    const STEP: Option<i64>;
    /// How old a last good answer may be, in microseconds.
    const STALE_MAX: i64 = Micros::DAY;
    /// Whether it reads the whole graph: it is answered by a job where that takes long.
    const IS_WHOLE: bool = false;
    /// Parameters: flat, every field `Option` or `Vec`.
    type Params: Serialize + DeserializeOwned + JsonSchema + Default + Send + Sync;
    /// The answer.
    type Answer: Serialize + JsonSchema + Send + Sync;

    /// Fills in the defaults and holds the bounds.
    ///
    /// # Errors
    /// `AskError::BadParams`.
    fn fill(params: &mut Self::Params) -> Result<(), AskError>;
    /// Fetches the facts and judges them. `now` is already rounded.
    async fn ask(
        params: Self::Params,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<Self::Answer>, AskError>;
}

/// A question without its types: JSON in, JSON out.
#[async_trait]
pub trait AnyQuestion: Send + Sync {
    /// Stem (`system_metrics`), for a view with its own after it (`critical_paths/what_if`).
    fn name(&self) -> &'static str;
    /// The view's own name as it stands on the command line (`what-if`), of a question that is one.
    fn view(&self) -> Option<String> {
        self.kebab().split_once('/').map(|(_, view)| view.to_owned())
    }
    /// The stem as it stands in routes and commands (`system-metrics`).
    fn kebab(&self) -> String {
        self.name().replace('_', "-")
    }
    /// Title for people.
    fn title(&self) -> &'static str;
    /// What it answers, in a sentence.
    fn about(&self) -> &'static str;
    /// Kinds of data it reads.
    fn reads(&self) -> &'static [DataKind];
    /// Step of a rounded `now` in microseconds.
    fn step(&self) -> Option<i64>;
    /// How old a last good answer may be, in microseconds.
    fn stale_max(&self) -> i64;
    /// Whether it reads the whole graph.
    fn is_whole(&self) -> bool;
    /// Its parameters, in order.
    fn parameters(&self) -> Vec<Parameter>;
    /// JSON schema of the parameters.
    fn params_schema(&self) -> Value;
    /// JSON schema of the answer (`data` of the envelope).
    fn answer_schema(&self) -> Value;
    /// The parameters after defaults and bounds.
    ///
    /// # Errors
    /// `AskError::BadParams` that names the field.
    fn filled(&self, params: Value) -> Result<Value, AskError>;
    /// Answers parameters that `filled` gave.
    async fn ask_any(
        &self,
        params: Value,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<Value>, AskError>;
}

#[async_trait]
impl<Q: Question> AnyQuestion for Q {
    fn name(&self) -> &'static str {
        Q::NAME
    }

    fn title(&self) -> &'static str {
        Q::TITLE
    }

    fn about(&self) -> &'static str {
        Q::ABOUT
    }

    fn reads(&self) -> &'static [DataKind] {
        Q::READS
    }

    fn step(&self) -> Option<i64> {
        Q::STEP
    }

    fn stale_max(&self) -> i64 {
        Q::STALE_MAX
    }

    fn is_whole(&self) -> bool {
        Q::IS_WHOLE
    }

    fn parameters(&self) -> Vec<Parameter> {
        known_parameters(self)
            .map_or_else(|| parameters_of(&self.params_schema()), <[Parameter]>::to_vec)
    }

    fn params_schema(&self) -> Value {
        schema_for!(Q::Params).to_value()
    }

    fn answer_schema(&self) -> Value {
        schema_for!(Q::Answer).to_value()
    }

    fn filled(&self, params: Value) -> Result<Value, AskError> {
        let object = match known_parameters(self) {
            Some(parameters) => coerced(parameters, params)?,
            None => coerced(&self.parameters(), params)?,
        };
        for (key, value) in &object {
            let alone = Map::from_iter([(key.clone(), value.clone())]);
            if let Err(error) = serde_json::from_value::<Q::Params>(Value::Object(alone)) {
                return Err(AskError::bad(key, error.to_string()));
            }
        }
        let mut typed: Q::Params = from_object(object)?;
        Q::fill(&mut typed)?;
        serde_json::to_value(&typed).map_err(|error| AskError::bad("params", error.to_string()))
    }

    async fn ask_any(
        &self,
        params: Value,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<Value>, AskError> {
        let Value::Object(object) = params else {
            return Err(AskError::bad("params", "an object of parameters is expected"));
        };
        let draft = Q::ask(from_object(object)?, now, ctx).await?;
        let answer = serde_json::to_value(&draft.answer).map_err(|error| {
            let reason = error.to_string();
            model::StoreError::Internal { operation: format!("write {}", Q::NAME), reason }
        })?;
        Ok(draft.with(answer))
    }
}

/// The parameters of a question on the list, worked out once: its schema is the same for every ask.
fn known_parameters(question: &dyn AnyQuestion) -> Option<&'static [Parameter]> {
    static KNOWN: OnceLock<BTreeMap<&'static str, Vec<Parameter>>> = OnceLock::new();
    let parameters = |one: &&dyn AnyQuestion| (one.name(), parameters_of(&one.params_schema()));
    let known = KNOWN.get_or_init(|| QUESTIONS.iter().map(parameters).collect());
    known.get(question.name()).map(Vec::as_slice)
}

fn from_object<P: DeserializeOwned>(object: Map<String, Value>) -> Result<P, AskError> {
    serde_json::from_value(Value::Object(object))
        .map_err(|error| AskError::bad("params", error.to_string()))
}

/// Every question, in the order of the menu.
pub const QUESTIONS: &[&dyn AnyQuestion] = &[
    &topology::TopologyQuestion,
    &topology::overlay::TopologyOverlayQuestion,
    &service_dependencies::ServiceDependenciesQuestion,
    &service_dependencies::blast_radius::BlastRadiusQuestion,
    &latency_heatmap::LatencyHeatmapQuestion,
    &application_architecture::ApplicationArchitectureQuestion,
    &system_metrics::SystemMetricsQuestion,
    &service_trends::ServiceTrendsQuestion,
    &latency_matrix::LatencyMatrixQuestion,
    &cost_analysis::CostAnalysisQuestion,
    &cost_analysis::budget::CostBudgetQuestion,
    &cost_analysis::drivers::CostDriversQuestion,
    &cost_analysis::outlook::CostOutlookQuestion,
    &cost_analysis::commitments::CostCommitmentsQuestion,
    &cost_analysis::allocation::CostAllocationQuestion,
    &incidents::IncidentsQuestion,
    &incidents::timeline::IncidentTimelineQuestion,
    &incidents::suspects::SuspectsQuestion,
    &business_value::BusinessValueQuestion,
    &eks_clusters::EksClustersQuestion,
    &database_connections::DatabaseConnectionsQuestion,
    &database_performance::DatabasePerformanceQuestion,
    &critical_paths::CriticalPathsQuestion,
    &critical_paths::WhatIfQuestion,
    &savings_candidates::SavingsCandidatesQuestion,
    &security_events::SecurityEventsQuestion,
];

/// The question of this name, in either spelling.
pub fn question_of(name: &str) -> Option<&'static dyn AnyQuestion> {
    let stem = name.replace('-', "_");
    QUESTIONS.iter().copied().find(|question| question.name() == stem)
}
