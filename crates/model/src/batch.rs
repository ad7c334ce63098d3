//! What `ingest` gives and the journal keeps: observations of one input, a bounded number at a time.

use serde::{Deserialize, Serialize};

use crate::charge::{ChargeObservation, DeliveryObservation};
use crate::entity::{EntityObservation, RelationObservation};
use crate::error::Reject;
use crate::event::{ChangeObservation, IncidentObservation};
use crate::finding::FindingObservation;
use crate::input::{Completeness, InputRecord};
use crate::reference::Claim;
use crate::series::SeriesObservation;
use crate::span::{EdgeMinute, LogCount, SpanObservation};
use crate::stated::StatedObservation;
use crate::value::{BudgetObservation, OwnershipRule, ValueObservation};

/// Observations of one input. An input gives one batch or several; the last has `is_last`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// The input.
    pub input: InputRecord,
    /// Entities with the relations that their records state.
    pub entities: Vec<EntityObservation>,
    /// Relations that no entity's record states (rows of their own, edges of a service graph).
    pub relations: Vec<RelationObservation>,
    /// Claims that no entity's record makes.
    pub claims: Vec<Claim>,
    /// Series with their values.
    pub series: Vec<SeriesObservation>,
    /// Spans.
    pub spans: Vec<SpanObservation>,
    /// Calls counted by another tool.
    pub edges: Vec<EdgeMinute>,
    /// Log records, counted.
    pub logs: Vec<LogCount>,
    /// The delivery of `charges`; present when there are any.
    pub delivery: Option<DeliveryObservation>,
    /// Billed rows.
    pub charges: Vec<ChargeObservation>,
    /// Incidents.
    pub incidents: Vec<IncidentObservation>,
    /// Changes.
    pub changes: Vec<ChangeObservation>,
    /// Findings.
    pub findings: Vec<FindingObservation>,
    /// Value metrics.
    pub values: Vec<ValueObservation>,
    /// Budgets.
    pub budgets: Vec<BudgetObservation>,
    /// Everything else that is stated.
    #[serde(default)]
    pub stated: Vec<StatedObservation>,
    /// Rows of ownership tables.
    pub ownership: Vec<OwnershipRule>,
    /// What the input says it lists in full; only in the last batch.
    pub completes: Vec<Completeness>,
    /// What could not be read.
    pub rejects: Vec<Reject>,
    /// Whether the input ends with this batch.
    pub is_last: bool,
}

impl Batch {
    /// A batch of `input` with nothing in it, not the last.
    pub fn new(input: InputRecord) -> Self {
        Self {
            input,
            entities: Vec::new(),
            relations: Vec::new(),
            claims: Vec::new(),
            series: Vec::new(),
            spans: Vec::new(),
            edges: Vec::new(),
            logs: Vec::new(),
            delivery: None,
            charges: Vec::new(),
            incidents: Vec::new(),
            changes: Vec::new(),
            findings: Vec::new(),
            values: Vec::new(),
            budgets: Vec::new(),
            stated: Vec::new(),
            ownership: Vec::new(),
            completes: Vec::new(),
            rejects: Vec::new(),
            is_last: false,
        }
    }

    /// How many observations it holds; a sample counts as one.
    pub fn observation_count(&self) -> usize {
        let points: usize =
            self.series.iter().map(|series| series.points.len() + series.histograms.len()).sum();
        self.entities.len()
            + self.relations.len()
            + points
            + self.spans.len()
            + self.edges.len()
            + self.logs.len()
            + self.charges.len()
            + self.incidents.len()
            + self.changes.len()
            + self.findings.len()
            + self.values.len()
            + self.budgets.len()
            + self.stated.len()
            + self.ownership.len()
    }
}
