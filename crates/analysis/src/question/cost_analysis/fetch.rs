//! The facts of `cost_analysis`, all of one version of the charges.

use model::envelope::{AnswerWindow, ChosenBy};
use model::error::StoreError;
use model::fact::{BillFact, CostDimension, CostItemRow, CostQuery, CostRow, CostStep};
use model::seam::{DataKind, Version};
use model::time::{Micros, Window, WindowParam};

use super::params::{CostAnalysisParams, CostPeriod};
use super::roll_up::{is_of_units, roll_up};
use crate::ask::{AskContext, AskError};
use crate::param::{Text, window_ending};
use crate::unit::{telemetry_read, with_below};
use crate::unit_tree::unit_tree;

/// Everything that is judged.
#[derive(Debug, Clone, Default)]
pub(super) struct CostFacts {
    /// Version of the charges.
    pub version: Version,
    /// Deliveries.
    pub bills: Vec<BillFact>,
    /// All that is held, by provider, without place, filter or window.
    pub held: Vec<CostRow>,
    /// The range asked about; `None` for all that is held.
    pub window: Option<Window>,
    /// Who chose it.
    pub chosen_by: Option<ChosenBy>,
    /// Where the window was moved to: (asked end, newest datum).
    pub moved: Option<(Micros, Micros)>,
    /// Length of a bucket.
    pub step: Option<CostStep>,
    /// Sums by the dimensions.
    pub groups: Vec<CostRow>,
    /// Sums by charge category.
    pub categories: Vec<CostRow>,
    /// Sums by bucket, and by the dimensions where `is_split`.
    pub over_time: Vec<CostRow>,
    /// Whether `over_time` is by the dimensions too.
    pub is_split: bool,
    /// Daily items by the dimensions (where `is_daily_split`), category, frequency and service; `None`
    /// when asked by billing period.
    pub daily: Option<Vec<CostItemRow>>,
    /// Whether `daily` is by the dimensions too.
    pub is_daily_split: bool,
    /// Sums of what has no owner.
    pub unowned: Vec<CostRow>,
    /// Sums of what has no application.
    pub without_application: Vec<CostRow>,
}

/// Billing periods of the default window.
const PERIODS_MAX: usize = 13;

/// Windows of up to this many microseconds are cut into days unless asked otherwise.
const DAILY_MAX: i64 = 35 * Micros::DAY;

/// Most buckets over time.
const BUCKETS_MAX: i64 = 1_100;

/// Most groups that are also given over time.
const SPLIT_MAX: usize = 2_000;

/// Most groups that are also looked at day by day.
const DAILY_SPLIT_MAX: usize = 300;

/// Most days that are looked at one by one.
const DAILY_MAX_DAYS: i64 = 400;

/// Tries to read all facts of one version while charges come in.
const TRIES: usize = 4;

/// Reads until no charge came in between.
pub(super) async fn facts(
    params: &CostAnalysisParams,
    now: Micros,
    ctx: &AskContext,
) -> Result<CostFacts, AskError> {
    for _ in 0..TRIES {
        let before = ctx.telemetry.version(DataKind::Charges).await?;
        let mut facts = facts_once(params, now, ctx).await?;
        if ctx.telemetry.version(DataKind::Charges).await?.number == before.number {
            facts.version = before;
            return Ok(facts);
        }
    }
    Err(AskError::Store(StoreError::Exhausted {
        store: "telemetry".into(),
        resource: "tries to read all sums of one version of the charges".into(),
        limit: TRIES.to_string(),
    }))
}

async fn facts_once(
    params: &CostAnalysisParams,
    now: Micros,
    ctx: &AskContext,
) -> Result<CostFacts, AskError> {
    let read = telemetry_read(ctx.topology.as_ref(), ctx.read(params.as_of)).await?;
    let unit = with_below(ctx.topology.as_ref(), &read, &params.unit).await?;
    let mut facts = CostFacts { bills: ctx.telemetry.bills(&read).await?, ..CostFacts::default() };
    let held = CostQuery {
        by_billing_period: params.period == Some(CostPeriod::Billing),
        dimensions: vec![CostDimension::Provider],
        ..CostQuery::default()
    };
    facts.held = ctx.telemetry.cost(&read, held.clone()).await?;
    set_window(&mut facts, params, now);
    let query = CostQuery {
        place: params.place(),
        unit,
        window: facts.window,
        filters: params.filter.iter().map(|one| (one.0.0.clone(), one.0.1.clone())).collect(),
        dimensions: params.by.iter().map(|one| one.0.0.clone()).collect(),
        ..held
    };
    let with = |dimensions: Vec<CostDimension>| CostQuery { dimensions, ..query.clone() };
    facts.groups = ctx.telemetry.cost(&read, query.clone()).await?;
    facts.categories = ctx.telemetry.cost(&read, with(vec![CostDimension::Category])).await?;
    facts.unowned = ctx.telemetry.cost(&read, without(&query, CostDimension::Owner)).await?;
    let application = without(&query, CostDimension::Application);
    facts.without_application = ctx.telemetry.cost(&read, application).await?;
    let step = step_of(&facts, params)?;
    facts.step = Some(step);
    facts.is_split = facts.groups.len() <= SPLIT_MAX;
    let dimensions = if facts.is_split { query.dimensions.clone() } else { Vec::new() };
    let over_time = CostQuery { step: Some(step), dimensions, ..query.clone() };
    facts.over_time = ctx.telemetry.cost(&read, over_time).await?;
    if params.period != Some(CostPeriod::Billing) {
        facts.is_daily_split = facts.groups.len() <= DAILY_SPLIT_MAX;
        let daily = daily_query(&facts, query, now);
        facts.daily = Some(ctx.telemetry.cost_items(&read, daily).await?);
    }
    if params.by.iter().any(|one| is_of_units(&one.0.0)) {
        let tree = unit_tree(ctx.topology.as_ref(), &read).await?;
        roll_up(&mut facts, params, &tree)?;
    }
    Ok(facts)
}

/// The days of the window, at most the newest 400 of them.
fn daily_query(facts: &CostFacts, query: CostQuery, now: Micros) -> CostQuery {
    let newest = extent(&facts.groups).map_or(now, |(_, last)| last);
    let least = newest.plus(-DAILY_MAX_DAYS * Micros::DAY);
    let (from, to) =
        facts.window.map_or((least, newest.plus(Micros::DAY)), |window| window.micros());
    let window = Window { from: from.max(least).min(to).timestamp(), to: to.timestamp() };
    let mut dimensions = if facts.is_daily_split { query.dimensions.clone() } else { Vec::new() };
    dimensions.extend([CostDimension::Category, CostDimension::Frequency, CostDimension::Service]);
    CostQuery { window: Some(window), step: Some(CostStep::Day), dimensions, ..query }
}

/// The same charges, only those that lack a value of one dimension.
fn without(query: &CostQuery, dimension: CostDimension) -> CostQuery {
    let mut query = CostQuery { dimensions: Vec::new(), ..query.clone() };
    query.filters.push((dimension, String::new()));
    query
}

/// Earliest start and latest end of some rows.
pub(super) fn extent(rows: &[CostRow]) -> Option<(Micros, Micros)> {
    let first = rows.iter().map(|row| row.first).min()?;
    let last = rows.iter().map(|row| row.last).max()?;
    Some((first, last))
}

fn set_window(facts: &mut CostFacts, params: &CostAnalysisParams, now: Micros) {
    let newest = extent(&facts.held).map(|(_, last)| last.min(now));
    let (window, chosen_by) = match params.window {
        None => (default_window(&facts.bills, now), ChosenBy::Default),
        Some(Text(WindowParam::All)) => (None, ChosenBy::All),
        Some(Text(WindowParam::Range(window))) => (Some(window), ChosenBy::Request),
        Some(Text(WindowParam::Last(micros))) => match newest {
            Some(newest) if newest <= now.plus(micros.saturating_neg()) => {
                facts.moved = Some((now, newest));
                (Some(window_ending(newest, micros)), ChosenBy::NewestData)
            }
            _ => (Some(window_ending(now, micros)), ChosenBy::Request),
        },
    };
    facts.window = window;
    facts.chosen_by = Some(chosen_by);
}

/// From the thirteenth newest billing period that counts; everything when there are fewer.
pub(super) fn default_window(bills: &[BillFact], now: Micros) -> Option<Window> {
    let counted = bills.iter().filter(|bill| bill.state == "counted");
    let mut periods: Vec<jiff::Timestamp> = counted.map(|bill| bill.billing_period).collect();
    periods.sort_unstable();
    periods.dedup();
    if periods.len() <= PERIODS_MAX {
        return None;
    }
    let from = *periods.get(periods.len() - PERIODS_MAX)?;
    let newest = Micros::of(*periods.last()?).plus(32 * Micros::DAY);
    Some(Window { from, to: newest.max(now).timestamp() })
}

/// The range the answer is about, also when everything held was asked for.
pub(super) fn answer_window(facts: &CostFacts) -> Option<AnswerWindow> {
    let chosen_by = facts.chosen_by?;
    let window = match facts.window {
        Some(window) => window,
        None => {
            let (first, last) = extent(&facts.groups)?;
            Window { from: first.timestamp(), to: last.max(first.plus(1)).timestamp() }
        }
    };
    Some(AnswerWindow { from: window.from, to: window.to, chosen_by })
}

fn step_of(facts: &CostFacts, params: &CostAnalysisParams) -> Result<CostStep, AskError> {
    // Charges may start in a much smaller range than the window, so that decides.
    let span = extent(&facts.groups).map_or(0, |(first, last)| last.0.saturating_sub(first.0));
    if params.period == Some(CostPeriod::Billing) {
        return Ok(CostStep::Month);
    }
    let automatic = if span <= DAILY_MAX { CostStep::Day } else { CostStep::Month };
    let step = params.step.unwrap_or(automatic);
    if step == CostStep::Day && span / Micros::DAY > BUCKETS_MAX {
        let reason = format!("gives more than {BUCKETS_MAX} days; narrow the window or use month");
        return Err(AskError::bad("step", reason));
    }
    Ok(step)
}
