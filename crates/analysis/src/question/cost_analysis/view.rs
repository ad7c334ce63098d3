//! What the views of `cost_analysis` share: parameters, the window, and reading items in one version.

use model::envelope::{AnswerWindow, ChosenBy};
use model::error::StoreError;
use model::fact::{BillFact, CostDimension, CostItemRow, CostQuery, CostRow};
use model::money::Basis;
use model::seam::{DataKind, ReadContext, Version};
use model::time::{Micros, Window, WindowParam};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dimension::CostFilter;
use super::fetch::extent;
use super::roll_up::is_of_units;
use crate::ask::{AskContext, AskError};
use crate::param::{CommonDefaults, Text, common_params, fill_common};
use crate::unit::{telemetry_read, with_below};

/// Which charges a view is about.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CostViewParams {
    /// Instant asked about, RFC 3339 or a date: charges whose period has ended by then; without it
    /// all charges held.
    pub as_of: Option<Micros>,
    /// Charges whose period starts in here; the default is each view's own.
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
    /// Owning unit, team or product by canonical id, with everything below it; of budgets, whose.
    pub unit: Vec<String>,
    /// Only charges with DIMENSION=VALUE; an empty value stands for absent; all must hold. Budgets and
    /// allocations are of all charges.
    pub filter: Vec<Text<CostFilter>>,
    /// Basis of drivers and allocations (default effective). A budget states its own.
    pub basis: Option<Basis>,
    /// The period that drivers compare with, FROM/TO (default the period before).
    pub reference: Option<Text<WindowParam>>,
    /// Rows of each list (default 20, at most 1,000).
    pub limit: Option<u32>,
    /// Oldest answer in seconds that may stand in while a store is down; 0 refuses any.
    pub max_stale: Option<u64>,
}

common_params!(CostViewParams, place);

/// Which of the parameters that not every view has a view takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Takes {
    pub filters: bool,
    pub places: bool,
    pub basis: bool,
    pub reference: bool,
}

impl CostViewParams {
    /// Fills in the defaults, holds the bounds, and refuses what the view does not take.
    pub(super) fn fill(&mut self, takes: Takes) -> Result<(), AskError> {
        let defaults = CommonDefaults { limit: 20, limit_max: 1_000, window: None };
        fill_common(self.common_mut(), defaults)?;
        let refused = [
            ("filter", !takes.filters && !self.filter.is_empty()),
            ("account", !takes.places && !self.place().is_everywhere()),
            ("basis", !takes.basis && self.basis.is_some()),
            ("reference", !takes.reference && self.reference.is_some()),
        ];
        if let Some((field, _)) = refused.into_iter().find(|(_, is_refused)| *is_refused) {
            return Err(AskError::bad(field, "is not a parameter of this view"));
        }
        if self.filter.iter().any(|one| is_of_units(&one.0.0)) {
            let reason = "a team, business unit or product is asked for with unit=";
            return Err(AskError::bad("filter", reason));
        }
        if let Some(Text(window)) = self.reference
            && !matches!(window, WindowParam::Range(_))
        {
            return Err(AskError::bad("reference", "a period FROM/TO is expected"));
        }
        self.filter.sort();
        self.filter.dedup();
        if takes.basis {
            self.basis = Some(self.basis.unwrap_or(Basis::Effective));
        }
        Ok(())
    }

    /// Rows of each list.
    pub(super) fn rows(&self) -> usize {
        self.limit.unwrap_or(20) as usize
    }
}

/// What a view reads with.
pub(super) struct ViewRead {
    pub read: ReadContext,
    pub version: Version,
    pub bills: Vec<BillFact>,
    /// Earliest start and latest end of all charges held.
    pub held: Option<(Micros, Micros)>,
    /// The units asked for and everything below them.
    pub unit: Vec<String>,
}

/// Opens a read.
pub(super) async fn opened(
    params: &CostViewParams,
    ctx: &AskContext,
) -> Result<ViewRead, AskError> {
    let read = telemetry_read(ctx.topology.as_ref(), ctx.read(params.as_of)).await?;
    let unit = with_below(ctx.topology.as_ref(), &read, &params.unit).await?;
    let version = ctx.telemetry.version(DataKind::Charges).await?;
    let bills = ctx.telemetry.bills(&read).await?;
    let all = query_of(None, Vec::new());
    let held: Vec<CostRow> = ctx.telemetry.cost(&read, all).await?;
    Ok(ViewRead { read, version, bills, held: extent(&held), unit })
}

/// Everything that starts in a window.
pub(super) fn query_of(window: Option<Window>, dimensions: Vec<CostDimension>) -> CostQuery {
    CostQuery { window, dimensions, ..CostQuery::default() }
}

impl ViewRead {
    /// What the parameters narrow to, in a window.
    pub fn query(
        &self,
        params: &CostViewParams,
        window: Option<Window>,
        dimensions: Vec<CostDimension>,
    ) -> CostQuery {
        CostQuery {
            place: params.place(),
            unit: self.unit.clone(),
            filters: params.filter.iter().map(|one| (one.0.0.clone(), one.0.1.clone())).collect(),
            ..query_of(window, dimensions)
        }
    }

    /// Items of a query.
    pub async fn items(
        &self,
        ctx: &AskContext,
        query: CostQuery,
    ) -> Result<Vec<CostItemRow>, AskError> {
        Ok(ctx.telemetry.cost_items(&self.read, query).await?)
    }

    /// Refuses to answer from two versions of the charges.
    pub async fn closed(&self, ctx: &AskContext) -> Result<(), AskError> {
        if ctx.telemetry.version(DataKind::Charges).await?.number == self.version.number {
            return Ok(());
        }
        Err(AskError::Store(StoreError::Exhausted {
            store: "telemetry".into(),
            resource: "tries to read all sums of one version of the charges".into(),
            limit: "1".into(),
        }))
    }
}

/// The window of a view: as asked, a length back from the newest charge, or `default`.
pub(super) fn window_of(
    params: &CostViewParams,
    held: Option<(Micros, Micros)>,
    default: Option<Window>,
) -> (Option<Window>, ChosenBy) {
    match params.window {
        None => (default, ChosenBy::Default),
        Some(Text(WindowParam::All)) => (None, ChosenBy::All),
        Some(Text(WindowParam::Range(window))) => (Some(window), ChosenBy::Request),
        Some(Text(WindowParam::Last(micros))) => {
            let end = held.map_or(Micros(0), |(_, last)| last);
            (Some(crate::param::window_ending(end, micros)), ChosenBy::NewestData)
        }
    }
}

/// The window as it stands in the envelope.
pub(super) fn answer_window(
    window: Option<Window>,
    held: Option<(Micros, Micros)>,
    chosen_by: ChosenBy,
) -> Option<AnswerWindow> {
    let (from, to) = match window {
        Some(window) => window.micros(),
        None => held?,
    };
    let to = to.max(from.plus(1));
    Some(AnswerWindow { from: from.timestamp(), to: to.timestamp(), chosen_by })
}

/// A window of two instants, at least a microsecond long.
pub(super) fn window(from: Micros, to: Micros) -> Window {
    Window { from: from.timestamp(), to: to.max(from.plus(1)).timestamp() }
}
