//! Parameters of every report.

use model::time::Micros;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ask::AskError;
use crate::param::{tidy_list, within};

/// Of whom, at which instant, and for which reader.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReportParams {
    /// Unit of the ownership tree (organisation, business unit, team or application) by canonical id
    /// or name; the report covers it and everything below it (default the whole estate).
    pub unit: Option<String>,
    /// The same for a product; give one of both.
    pub product: Option<String>,
    /// Environment; any of the given ones. Budgets and value are of all environments.
    pub environment: Vec<String>,
    /// Instant asked about, RFC 3339 or a date; without it now.
    pub as_of: Option<Micros>,
    /// For whom: how long the lists are and how far they go down (default executive).
    pub depth: Option<ReportDepth>,
    /// Month in which the fiscal year starts, 1 to 12 (default as configured, else 1).
    pub fiscal_start: Option<u32>,
    /// Oldest answer in seconds that may stand in for a part while a store is down; 0 refuses any.
    pub max_stale: Option<u64>,
}

/// For whom a report is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ReportDepth {
    /// One page: figures, decisions, the units below, four rows a list.
    #[default]
    Executive,
    /// Also incidents, findings and savings; eight rows a list.
    Director,
    /// Also the services; 20 rows a list.
    Manager,
    /// Also every entity that is not healthy, and workload risks; 50 rows a list.
    Engineer,
}

impl ReportDepth {
    /// Rows of a list.
    pub fn rows(self) -> usize {
        match self {
            Self::Executive => 4,
            Self::Director => 8,
            Self::Manager => 20,
            Self::Engineer => 50,
        }
    }

    /// The word on every wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Executive => "executive",
            Self::Director => "director",
            Self::Manager => "manager",
            Self::Engineer => "engineer",
        }
    }
}

impl ReportParams {
    /// Fills in the defaults and holds the bounds.
    pub(super) fn fill(&mut self) -> Result<(), AskError> {
        if self.unit.is_some() && self.product.is_some() {
            return Err(AskError::bad("product", "give a unit or a product, not both"));
        }
        for (field, text) in [("unit", &self.unit), ("product", &self.product)] {
            if let Some(text) = text {
                tidy_list(field, &mut vec![text.clone()])?;
            }
        }
        tidy_list("environment", &mut self.environment)?;
        self.depth = Some(self.depth.unwrap_or_default());
        self.fiscal_start = Some(within("fiscal_start", self.fiscal_start, 1, 12)?);
        Ok(())
    }

    /// The unit or product as it was asked for.
    pub(super) fn of(&self) -> Option<&str> {
        self.unit.as_deref().or(self.product.as_deref())
    }

    /// The depth after defaults.
    pub(super) fn depth(&self) -> ReportDepth {
        self.depth.unwrap_or_default()
    }
}
