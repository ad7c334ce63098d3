//! Parameters of `cost_analysis`.

use model::fact::CostStep;
use model::money::Basis;
use model::time::{Micros, WindowParam};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dimension::{CostFilter, DimensionParam};
use super::roll_up::is_of_units;
use crate::ask::AskError;
use crate::param::{CommonDefaults, Text, common_params, fill_common};

/// Which charges, summed by what.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CostAnalysisParams {
    /// Instant asked about, RFC 3339 or a date: charges whose period has ended by then; without it
    /// all charges held.
    pub as_of: Option<Micros>,
    /// Charges whose period starts in here (default the billing periods held, at most 13).
    pub window: Option<Text<WindowParam>>,
    /// Account, subscription or project that is charged; any of the given ones.
    pub account: Vec<String>,
    /// Region of the charge; any of the given ones.
    pub region: Vec<String>,
    /// Cluster of the charged resource; any of the given ones.
    pub cluster: Vec<String>,
    /// Namespace of the charged resource; any of the given ones.
    pub namespace: Vec<String>,
    /// Environment of the charged resource; any of the given ones.
    pub environment: Vec<String>,
    /// Owning unit, team or product by canonical id, with everything below it.
    pub unit: Vec<String>,
    /// Sum by provider, service, service_category, billing_account, account, region, category,
    /// resource, resource_type, sku, pricing_category, commitment_status, commitment, frequency, class,
    /// unit_of_use, publisher, account_name, operation, owner, application, team, business_unit,
    /// product, billing_period, currency or tag:NAME; may be repeated, at most 4 (default service).
    pub by: Vec<Text<DimensionParam>>,
    /// Only charges with DIMENSION=VALUE; an empty value stands for absent; all must hold.
    pub filter: Vec<Text<CostFilter>>,
    /// Basis that ranks groups and moves (default effective); all four are given.
    pub basis: Option<Basis>,
    /// Length of a bucket over time (default day for charges of up to 35 days, else
    /// month).
    pub step: Option<CostStep>,
    /// Whether a charge belongs to the time it was used or to the period that bills it (default
    /// charge).
    pub period: Option<CostPeriod>,
    /// Groups that are given one by one, the rest as one row (default 10, at most 1,000).
    pub top: Option<u32>,
    /// The same as top, as every question has it.
    pub limit: Option<u32>,
    /// Oldest answer in seconds that may stand in while a store is down; 0 refuses any.
    pub max_stale: Option<u64>,
}

common_params!(CostAnalysisParams, place);

/// Where in time a charge belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CostPeriod {
    /// To the start of its charge period.
    #[default]
    Charge,
    /// To the start of its billing period.
    Billing,
}

/// Most dimensions at once.
const DIMENSIONS_MAX: usize = 4;

/// Most filters at once.
const FILTERS_MAX: usize = 50;

impl CostAnalysisParams {
    /// Fills in the defaults and holds the bounds.
    pub(super) fn fill(&mut self) -> Result<(), AskError> {
        if let (Some(top), Some(limit)) = (self.top, self.limit)
            && top != limit
        {
            return Err(AskError::bad("limit", "is the same as top; give one of them"));
        }
        self.limit = self.top.or(self.limit);
        let defaults = CommonDefaults { limit: 10, limit_max: 1_000, window: None };
        fill_common(self.common_mut(), defaults)?;
        self.top = self.limit;
        if self.by.is_empty() {
            self.by = vec![Text(DimensionParam(model::fact::CostDimension::Service))];
        }
        let mut seen = Vec::new();
        for Text(dimension) in &self.by {
            if seen.contains(&dimension) {
                return Err(AskError::bad("by", format!("{dimension} is given twice")));
            }
            seen.push(dimension);
        }
        if self.by.len() > DIMENSIONS_MAX {
            let reason = format!("at most {DIMENSIONS_MAX} dimensions are accepted");
            return Err(AskError::bad("by", reason));
        }
        if self.filter.len() > FILTERS_MAX {
            let reason = format!("at most {FILTERS_MAX} filters are accepted");
            return Err(AskError::bad("filter", reason));
        }
        let dimensions = self.by.iter().map(|one| one.0.to_string());
        let filters = self.filter.iter().map(|one| one.0.to_string());
        if dimensions.chain(filters).any(|text| text.chars().any(char::is_control)) {
            return Err(AskError::bad("filter", "control characters are refused, also in by"));
        }
        let of_units = |one: &Text<CostFilter>| is_of_units(&one.0.0);
        if self.filter.iter().any(of_units) {
            let reason = "a team, business unit or product is asked for with unit=";
            return Err(AskError::bad("filter", reason));
        }
        self.filter.sort();
        self.filter.dedup();
        self.basis = Some(self.basis.unwrap_or(Basis::Effective));
        self.period = Some(self.period.unwrap_or_default());
        if self.period == Some(CostPeriod::Billing) && self.step == Some(CostStep::Day) {
            let reason = "a billing period is no day; ask with step=month or period=charge";
            return Err(AskError::bad("step", reason));
        }
        Ok(())
    }
}
