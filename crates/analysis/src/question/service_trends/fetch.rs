//! The facts of `service_trends`: the window's series of one page of services, the same of earlier
//! periods, of the last 28 days for forecasts and of the windows of objectives.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::entity::EntityId;
use model::envelope::{AnswerWindow, ChosenBy, Warning};
use model::fact::{CallSeriesQuery, SeriesFact, SeriesQuery};
use model::objective::Objective;
use model::seam::{DataKind, ReadContext, Version};
use model::stated::StatedKind;
use model::time::{Micros, Window, WindowParam};

use super::page::{Page, matching, page};
use super::params::{ServiceTrendsParams, WINDOW};
use super::period::Period;
use super::saturation;
use crate::ask::{AskContext, AskError};
use crate::estate::{Estate, estate};
use crate::grid::{BUCKETS_MAX, Grid};
use crate::param::{Text, window_ending};
use crate::unit::{telemetry_read, with_below};

/// Longest window, which holds everything.
const ALL: i64 = 10 * 366 * Micros::DAY;

/// Most series of one read.
const SERIES_MAX: usize = 40_000;

/// How far back the baseline reads.
const PAST_MAX: i64 = 28 * Micros::DAY;

/// Periods just before the window that the baseline reads, at most.
const PERIODS_MAX: i64 = 3;

/// Everything that is judged.
pub(super) struct TrendFacts {
    /// The estate.
    pub estate: Arc<Estate>,
    /// The page.
    pub page: Page,
    /// The window as asked for, or moved.
    pub window: AnswerWindow,
    /// That it was moved, if it was.
    pub warning: Option<Warning>,
    /// The window's buckets.
    pub now: Period,
    /// Earlier periods, the nearest first; the last may be the same a week earlier.
    pub earlier: Vec<Period>,
    /// Which of them is the same period a week earlier.
    pub week_before: Option<usize>,
    /// The last 28 days, for forecasts.
    pub past: Option<Period>,
    /// Objectives by place of the service in the page, each with its source.
    pub objectives: BTreeMap<usize, Vec<(Objective, String)>>,
    /// Statements of objectives that could not be read.
    pub unread: u64,
    /// How many objectives there are at all.
    pub objectives_total: usize,
    /// Periods that objectives are judged on, by length of their window in microseconds.
    pub budgets: BTreeMap<i64, Period>,
    /// Version of the samples.
    pub samples: Version,
}

/// What is read of a period.
struct Reading<'a> {
    ctx: &'a AskContext,
    read: ReadContext,
    entities: Vec<EntityId>,
    services: Vec<EntityId>,
    signals: Vec<String>,
    metrics: Vec<String>,
}

pub(super) async fn facts(
    params: &ServiceTrendsParams,
    now: Micros,
    ctx: &AskContext,
) -> Result<TrendFacts, AskError> {
    let estate = estate(ctx, params.as_of).await?;
    let samples = ctx.telemetry.version(DataKind::Samples).await?;
    let read = ctx.read(params.as_of);
    let units = with_below(ctx.topology.as_ref(), &read, &params.unit).await?;
    let units: BTreeSet<String> = units.into_iter().collect();
    let read = telemetry_read(ctx.topology.as_ref(), read).await?;
    let (window, warning) = window_of(params, now, ctx, &read).await?;
    let grid = Grid::of(window.window(), params.buckets.unwrap_or(288));
    let services = matching(params, ctx, &estate, &units).await?;
    let page = page(params, ctx, &read, &estate, (&services, grid.window())).await?;
    let (objectives, unread, objectives_total) = objectives(ctx, &read, &estate, &page).await?;
    let entities: BTreeSet<EntityId> = page.members.iter().flatten().copied().collect();
    let reading = Reading {
        ctx,
        read,
        entities: entities.into_iter().take(5_000).collect(),
        services: page.services.iter().map(|one| estate.entity(*one).entity).collect(),
        signals: signals(),
        metrics: Vec::new(),
    };
    let (shifts, week_before) = shifts(grid);
    let (now_period, earlier) = reading.periods(grid, &shifts).await?;
    let past = match params.forecast {
        Some(true) => {
            let days = Grid::ending(grid.to(), PAST_MAX, 2 * Micros::HOUR);
            Some(reading.period(days, true).await?)
        }
        _ => None,
    };
    let budgets = budgets(&reading, &objectives, grid.to()).await?;
    Ok(TrendFacts {
        estate,
        page,
        window,
        warning,
        now: now_period,
        earlier,
        week_before,
        past,
        objectives,
        unread,
        objectives_total,
        budgets,
        samples,
    })
}

fn signals() -> Vec<String> {
    let requests =
        ["request_count", "error_count", "request_rate", "error_ratio", "latency_seconds"];
    requests.iter().chain(&saturation::SIGNALS).map(|one| (*one).to_owned()).collect()
}

/// How much earlier the compared periods are, the nearest first, and which is a week earlier.
fn shifts(grid: Grid) -> (Vec<i64>, Option<usize>) {
    let length = grid.length().max(1);
    let week = 7 * Micros::DAY;
    let periods = (PAST_MAX / length).clamp(1, PERIODS_MAX);
    let mut shifts: Vec<i64> = (1..=periods).map(|k| k * length).collect();
    if !shifts.contains(&week) {
        shifts.push(week);
    }
    let place = shifts.iter().position(|shift| *shift == week);
    (shifts, place)
}

impl Reading<'_> {
    /// The window and the same this much earlier. One read serves the window and all that lie just before
    /// it, one after the other.
    async fn periods(&self, grid: Grid, shifts: &[i64]) -> Result<(Period, Vec<Period>), AskError> {
        let is_next =
            |(place, shift): &(usize, &i64)| **shift == grid.length() * (*place as i64 + 1);
        let joined = shifts.iter().enumerate().take_while(is_next).count();
        let whole = Grid {
            from: grid.earlier(grid.length() * joined as i64).from,
            count: grid.count * (joined + 1),
            ..grid
        };
        let whole = self.period(whole, true).await?;
        let mut earlier = Vec::new();
        for (place, shift) in shifts.iter().enumerate() {
            let grid = grid.earlier(*shift);
            let period =
                if place < joined { whole.part(grid) } else { self.period(grid, true).await? };
            earlier.push(period);
        }
        Ok((whole.part(grid), earlier))
    }

    /// Everything of one stretch of time; nothing of a page without services.
    async fn period(&self, grid: Grid, with_bins: bool) -> Result<Period, AskError> {
        if self.services.is_empty() {
            return Ok(Period { grid: Some(grid), ..Period::default() });
        }
        let telemetry = &self.ctx.telemetry;
        let query = SeriesQuery {
            entities: self.entities.clone(),
            signals: self.signals.clone(),
            metrics: self.metrics.clone(),
            window: grid.window(),
            step: grid.step,
            limit: SERIES_MAX,
        };
        let series = telemetry.series(&self.read, query.clone()).await?;
        let latency = SeriesQuery { signals: vec!["latency_seconds".to_owned()], ..query };
        let durations = telemetry.duration_series(&self.read, latency).await?;
        let query = CallSeriesQuery {
            window: grid.window(),
            step: grid.step,
            clients: Vec::new(),
            servers: self.services.clone(),
            with_bins,
        };
        let calls = telemetry.call_series(&self.read, query.clone()).await?;
        let roots = telemetry.root_series(&self.read, query).await?;
        Ok(Period { grid: Some(grid), series, durations, calls, roots })
    }
}

/// The window asked for; the default one ends at the newest datum when it would hold none.
async fn window_of(
    params: &ServiceTrendsParams,
    now: Micros,
    ctx: &AskContext,
    read: &ReadContext,
) -> Result<(AnswerWindow, Option<Warning>), AskError> {
    let plain =
        |window: Window, chosen_by| AnswerWindow { from: window.from, to: window.to, chosen_by };
    let end = params.as_of.unwrap_or(now);
    let (micros, chosen_by) = match &params.window {
        Some(Text(WindowParam::Range(window))) => {
            return Ok((plain(*window, ChosenBy::Request), None));
        }
        Some(Text(WindowParam::All)) => {
            let (first, last) = held(ctx, read).await?.unwrap_or((end.plus(-WINDOW), end));
            let to = last.plus(Micros::MINUTE).min(end.plus(1));
            let from = first.max(to.plus(-ALL));
            let window = Window { from: from.timestamp(), to: to.timestamp() };
            return Ok((plain(window, ChosenBy::All), None));
        }
        Some(Text(WindowParam::Last(micros))) if *micros != WINDOW => (*micros, ChosenBy::Request),
        _ => (WINDOW, ChosenBy::Default),
    };
    let window = window_ending(end, micros);
    let newest = held(ctx, read).await?.map(|(_, last)| last);
    let Some(newest) = newest.filter(|newest| *newest < window.micros().0) else {
        return Ok((plain(window, chosen_by), None));
    };
    let to = newest.floor_to(Micros::MINUTE).plus(Micros::MINUTE);
    let message = format!(
        "nothing was measured in the window that ends at {end}; the window ends at {to}, after the \
         newest value"
    );
    let moved = plain(window_ending(to, micros), ChosenBy::NewestData);
    Ok((moved, Some(Warning::new("newest_data", message))))
}

/// First and last instant of what was measured.
async fn held(ctx: &AskContext, read: &ReadContext) -> Result<Option<(Micros, Micros)>, AskError> {
    let presence = ctx.telemetry.presence(read).await?;
    let kinds = ["samples", "spans", "edges"];
    let ends = presence
        .into_iter()
        .filter(|one| kinds.contains(&one.data.as_str()))
        .filter_map(|one| Some((Micros::of(one.first?), Micros::of(one.last?))));
    Ok(ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))))
}

type Objectives = BTreeMap<usize, Vec<(Objective, String)>>;

/// Objectives of the page's services, in order of name; how many could not be read, and how many there
/// are at all.
async fn objectives(
    ctx: &AskContext,
    read: &ReadContext,
    estate: &Estate,
    page: &Page,
) -> Result<(Objectives, u64, usize), AskError> {
    let stated = ctx.telemetry.stated(read, StatedKind::Objective).await?;
    let total = stated.len();
    let mut unread = 0;
    let mut found = Objectives::new();
    for fact in stated {
        let Some(subject) = fact.subjects.first() else { continue };
        let is_of = |one: &u32| estate.entity(*one).id == subject.id;
        let Some(place) = page.services.iter().position(is_of) else { continue };
        match fact.body.says::<Objective>() {
            Ok(objective) => found.entry(place).or_default().push((objective, fact.source)),
            Err(_error) => unread += 1,
        }
    }
    for list in found.values_mut() {
        list.sort_by(|a, b| (&a.0.name, &a.1).cmp(&(&b.0.name, &b.1)));
    }
    Ok((found, unread, total))
}

/// What objectives are judged on: the last 6 hours by the minute, 3 days, and each rolling window.
async fn budgets(
    reading: &Reading<'_>,
    objectives: &Objectives,
    end: Micros,
) -> Result<BTreeMap<i64, Period>, AskError> {
    let mut periods = BTreeMap::new();
    if objectives.is_empty() {
        return Ok(periods);
    }
    let mut lengths = BTreeSet::from([6 * Micros::HOUR, 3 * Micros::DAY]);
    let mut metrics = BTreeSet::new();
    for (objective, _) in objectives.values().flatten() {
        lengths.insert(super::objective::window_micros(objective));
        metrics.extend(super::objective::metrics(objective));
    }
    // Series that an objective names may be of anything.
    let named = Reading {
        ctx: reading.ctx,
        read: reading.read.clone(),
        entities: Vec::new(),
        services: Vec::new(),
        signals: Vec::new(),
        metrics: metrics.into_iter().collect(),
    };
    for length in lengths {
        let window = window_ending(end, length);
        // Days are counted by whole hours, which are rolled up.
        let hours = u32::try_from(length / Micros::HOUR).unwrap_or(BUCKETS_MAX);
        let buckets = if length < 3 * Micros::DAY { BUCKETS_MAX } else { hours.min(BUCKETS_MAX) };
        let grid = Grid::of(window, buckets);
        let mut period = reading.period(grid, true).await?;
        period.series.extend(named.named_series(grid, &period.series).await?);
        periods.insert(length, period);
    }
    Ok(periods)
}

impl Reading<'_> {
    /// Series by their own name, but those already held.
    async fn named_series(
        &self,
        grid: Grid,
        held: &[SeriesFact],
    ) -> Result<Vec<SeriesFact>, AskError> {
        if self.metrics.is_empty() {
            return Ok(Vec::new());
        }
        let query = SeriesQuery {
            entities: Vec::new(),
            signals: Vec::new(),
            metrics: self.metrics.clone(),
            window: grid.window(),
            step: grid.step,
            limit: SERIES_MAX,
        };
        let key = |one: &SeriesFact| {
            (one.entity, one.metric.clone(), one.labels.clone(), one.source.clone())
        };
        let known: BTreeSet<_> = held.iter().map(key).collect();
        let found = self.ctx.telemetry.series(&self.read, query).await?;
        Ok(found.into_iter().filter(|one| !known.contains(&key(one))).collect())
    }
}
