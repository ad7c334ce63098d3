//! `cost_analysis/budget`: what units may spend against what they are charged: variance to date,
//! forecast against the whole, and the drivers of the variance. Cost: one sum by day, owner and
//! application over the periods, and two sums by SKU for each budget whose drivers are given.

use std::collections::BTreeSet;

use async_trait::async_trait;
use model::envelope::{StoreFreshness, Warning};
use model::fact::{CostDimension, CostItemRow, CostQuery, CostStep, RecordFact};
use model::kind::EntityKind;
use model::money::Amount;
use model::seam::DataKind;
use model::time::{Micros, WindowParam};
use model::value::BudgetObservation;

use super::budget_shape::{BudgetReference, BudgetRow, CostBudgetAnswer};
use super::days::forecast_shape;
use super::driver_shape::{CostDriver, driver_dimensions, driver_item, drivers_of, skus_of};
use super::sum::place;
use super::view::{CostViewParams, Takes, ViewRead, answer_window, opened, query_of, window};
use crate::allocation::ratio;
use crate::ask::{AskContext, AskError};
use crate::exact::{minus, plus};
use crate::param::Text;
use crate::question::{Draft, Question};
use crate::spend::day::{Days, Nature};
use crate::spend::driver::{DriverItem, difference};
use crate::spend::outlook::{Progress, outlook};
use crate::spend::phasing::{budget_to_date, period_before};
use crate::unit::with_below;
use crate::unit_tree::{UnitTree, unit_tree};

/// The view.
pub struct CostBudgetQuestion;

/// Budgets whose drivers are worked out, the most over first.
const DRIVERS_MAX: usize = 5;

/// SKUs that are given of each.
const SKUS_MAX: usize = 5;

#[async_trait]
impl Question for CostBudgetQuestion {
    const NAME: &'static str = "cost_analysis/budget";
    const TITLE: &'static str = "Budgets";
    const ABOUT: &'static str = "Budgets against charges: variance to date, forecast at the end, and \
                                 what drives the variance.";
    const READS: &'static [DataKind] = &[DataKind::Charges, DataKind::Topology, DataKind::Values];
    const STEP: Option<i64> = Some(Micros::HOUR);
    type Params = CostViewParams;
    type Answer = CostBudgetAnswer;

    fn fill(params: &mut CostViewParams) -> Result<(), AskError> {
        params.fill(Takes { filters: false, places: false, basis: false, reference: true })
    }

    async fn ask(
        params: CostViewParams,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<CostBudgetAnswer>, AskError> {
        let read = opened(&params, ctx).await?;
        let tree = unit_tree(ctx.topology.as_ref(), &read.read).await?;
        let at = read.held.map_or(now, |(_, last)| last.min(now));
        let mut budgets = ctx.telemetry.budgets(&read.read).await?;
        let stated = budgets.len();
        budgets.retain(|one| is_asked(one, &params, at) && is_of(one, &read.unit));
        let facts = BudgetFacts { tree: &tree, at, rows: rows(&budgets, &read, ctx).await? };
        let mut found = Vec::new();
        for budget in budgets {
            found.push((judged(&budget, &facts)?, budget));
        }
        let over = |one: &BudgetRow| one.variance.map_or(i128::MIN, |variance| variance.0);
        found.sort_by(|(a, _), (b, _)| {
            (over(b), &a.currency, &a.unit, a.from).cmp(&(over(a), &b.currency, &b.unit, b.from))
        });
        let mut draft = Draft::new((), now);
        if found.len() > params.rows() {
            draft.truncated.insert("budgets".into(), found.len() as u64);
            found.truncate(params.rows());
        }
        for (row, budget) in found.iter_mut().take(DRIVERS_MAX) {
            row.reference = reference(row, budget, &params, &read, ctx).await?;
        }
        read.closed(ctx).await?;
        let budgets: Vec<BudgetRow> = found.into_iter().map(|(row, _)| row).collect();
        if budgets.is_empty() {
            let message = match stated {
                0 => "no budgets are held; ingest a budget table".to_owned(),
                _ => format!("none of {stated} budgets is of what was asked for at {at}"),
            };
            draft.warnings.push(Warning::new("no_data", message));
        }
        let from = budgets.iter().map(|one| one.from).min().unwrap_or(at);
        let to = budgets.iter().map(|one| one.to).max().unwrap_or(at);
        let chosen_by = match params.window {
            Some(_) => model::envelope::ChosenBy::Request,
            None => model::envelope::ChosenBy::Default,
        };
        draft.window = answer_window(Some(window(from, to)), read.held, chosen_by);
        draft.stores = vec![StoreFreshness::of("telemetry", read.version)];
        let answer = CostBudgetAnswer { at, budgets };
        draft.tables = answer.tables();
        Ok(draft.with(answer))
    }
}

/// Whether a budget's period is asked for.
fn is_asked(one: &RecordFact<BudgetObservation>, params: &CostViewParams, at: Micros) -> bool {
    let (from, to) = (one.body.from, one.body.to);
    match params.window {
        Some(Text(WindowParam::Range(window))) => {
            let (start, end) = window.micros();
            from < end && to > start
        }
        Some(Text(WindowParam::All)) => true,
        Some(Text(WindowParam::Last(micros))) => from < at && to > at.plus(micros.saturating_neg()),
        // The last instant that charges are held of.
        None => from < at && to >= at,
    }
}

/// Whether it is a budget of one of the units.
fn is_of(one: &RecordFact<BudgetObservation>, units: &[String]) -> bool {
    let of = one.subjects.first().map(|subject| subject.id.as_str());
    units.is_empty() || of.is_some_and(|of| units.iter().any(|unit| unit == of))
}

/// What budgets are judged by.
struct BudgetFacts<'a> {
    tree: &'a UnitTree,
    at: Micros,
    /// By day, owner, application, category, frequency, service and class.
    rows: Vec<CostItemRow>,
}

async fn rows(
    budgets: &[RecordFact<BudgetObservation>],
    read: &ViewRead,
    ctx: &AskContext,
) -> Result<Vec<CostItemRow>, AskError> {
    let from = budgets.iter().map(|one| one.body.from).min();
    let to = budgets.iter().map(|one| one.body.to).max();
    let Some((from, to)) = from.zip(to) else { return Ok(Vec::new()) };
    let before = Progress::read_from(from, to);
    let query = CostQuery {
        step: Some(CostStep::Day),
        ..query_of(
            Some(window(before, to)),
            vec![
                CostDimension::Owner,
                CostDimension::Application,
                CostDimension::Category,
                CostDimension::Frequency,
                CostDimension::Service,
                CostDimension::Class,
            ],
        )
    };
    read.items(ctx, query).await
}

/// Whether charges of a category count against a budget.
fn counts(budget: &BudgetObservation, category: &str, is_correction: bool) -> bool {
    match category {
        "Tax" => budget.has_tax,
        "Credit" | "Adjustment" => budget.has_credits,
        _ => budget.has_credits || !is_correction,
    }
}

/// What of a row's amount is the unit's: all of what it or something below it owns, the product's share
/// of an application.
fn part_of(
    tree: &UnitTree,
    unit: &str,
    kind: EntityKind,
    row: &CostItemRow,
    amount: Amount,
) -> Option<Amount> {
    let value = |at: usize| row.cost.values.get(at).and_then(Option::as_deref);
    if kind == EntityKind::Product {
        let parts = tree.by_product(value(1)?, amount);
        return parts.into_iter().find(|(product, _)| *product == unit).map(|(_, part)| part);
    }
    tree.holders(value(0), value(1)).contains(unit).then_some(amount)
}

fn judged(
    budget: &RecordFact<BudgetObservation>,
    facts: &BudgetFacts<'_>,
) -> Result<BudgetRow, AskError> {
    let body = &budget.body;
    let subject = budget.subjects.first();
    let unit = subject.map_or("", |subject| subject.id.as_str());
    let kind = subject.map_or(EntityKind::Unknown, |subject| subject.kind);
    let at = facts.at.clamp(body.from, body.to);
    let (mut days, mut held) = (Days::default(), BTreeSet::new());
    let (mut actual, mut rows_without) = (Amount::ZERO, 0);
    for row in facts.rows.iter().filter(|row| row.cost.currency == body.currency) {
        let value = |at: usize| row.cost.values.get(at).and_then(Option::as_deref);
        let Some(day) = row.cost.at else { continue };
        held.insert(day);
        let (amount, rows_with) = row.cost.sums[place(body.basis)];
        let category = value(2).unwrap_or_default();
        if !counts(body, category, value(5) == Some("Correction")) {
            continue;
        }
        let Some(amount) = part_of(facts.tree, unit, kind, row, amount) else { continue };
        let nature = Nature { category: value(2), frequency: value(3), of: value(4) };
        days.add(row, nature, amount)?;
        if body.from <= day && day < at {
            actual = plus(actual, amount)?;
            rows_without += row.cost.rows - rows_with;
        }
    }
    let to_date = budget_to_date(body.amount, &body.phasing, (body.from, body.to), at);
    let variance = to_date.map(|to_date| minus(actual, to_date)).transpose()?;
    let progress = Progress::of(body.from, body.to, facts.at);
    let held: Vec<Micros> = held.into_iter().collect();
    let forecast = forecast_shape(&outlook(&days, &held, progress)?, progress)?;
    let forecast_variance = forecast.amount.map(|amount| minus(amount, body.amount)).transpose()?;
    let is_zero = body.amount.0 == 0;
    Ok(BudgetRow {
        unit: unit.to_owned(),
        kind: kind.as_str().to_owned(),
        name: subject.map_or_else(String::new, |subject| subject.name.clone()),
        from: body.from,
        to: body.to,
        currency: body.currency.clone(),
        basis: body.basis,
        has_tax: body.has_tax,
        has_credits: body.has_credits,
        phasing: body.phasing.clone(),
        source: budget.source.clone(),
        amount: body.amount,
        to_date,
        actual,
        rows_without,
        variance,
        variance_ratio: variance.zip(to_date).filter(|_| !is_zero).and_then(|(a, b)| ratio(a, b)),
        state: variance.map(|variance| {
            match variance.0.signum() {
                1 => "over",
                -1 => "under",
                _ => "on",
            }
            .to_owned()
        }),
        forecast,
        forecast_variance,
        reference: None,
    })
}

/// The drivers from the reference period to the actual; none for a product, whose charges are shares.
async fn reference(
    row: &BudgetRow,
    budget: &RecordFact<BudgetObservation>,
    params: &CostViewParams,
    read: &ViewRead,
    ctx: &AskContext,
) -> Result<Option<BudgetReference>, AskError> {
    let body = &budget.body;
    let at = read.held.map_or(body.to, |(_, last)| last).clamp(body.from, body.to);
    let (Some(to_date), false) = (row.to_date, row.kind == EntityKind::Product.as_str()) else {
        return Ok(None);
    };
    let (from, to) = match params.reference {
        Some(Text(WindowParam::Range(reference))) => reference.micros(),
        // As far into the period before as the actual is into this one.
        _ => {
            let (from, to) = period_before(body.from, body.to);
            let elapsed = from.plus(at.0 - body.from.0);
            (from, if at == body.to { to } else { elapsed.min(to) })
        }
    };
    let unit =
        with_below(ctx.topology.as_ref(), &read.read, std::slice::from_ref(&row.unit)).await?;
    let mut both = Vec::new();
    for (from, to) in [(from, to), (body.from, at)] {
        let query = query_of(Some(window(from, to)), driver_dimensions());
        let items = read.items(ctx, CostQuery { unit: unit.clone(), ..query }).await?;
        let counted: Vec<DriverItem> = items
            .iter()
            .filter(|item| item.cost.currency == body.currency)
            .map(|item| driver_item(item, body.basis))
            .filter(|item| counts(body, &item.category, item.is_correction))
            .collect();
        both.push(counted);
    }
    let [before, after] = both.try_into().unwrap_or_default();
    let found = difference(&before, &after)?;
    let mut drivers = drivers_of(&found);
    // The two sums are of the same charges; should they ever differ, that is said, not hidden.
    let apart = minus(row.actual, found.after)?;
    if let Some(unexplained) = drivers.last_mut() {
        unexplained.amount = plus(unexplained.amount, apart)?;
    }
    let amount = minus(found.before, to_date)?;
    drivers.push(CostDriver { driver: "reference_against_budget".to_owned(), amount });
    Ok(Some(BudgetReference {
        from,
        to,
        amount: found.before,
        drivers,
        skus: skus_of(&found, SKUS_MAX),
    }))
}
