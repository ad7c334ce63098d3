//! `cost_analysis/drivers`: what makes a period differ from a reference period, SKU by SKU, exactly.
//! Cost: two sums by SKU and resource.

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::envelope::{StoreFreshness, Warning};
use model::fact::CostItemRow;
use model::money::{Amount, Basis};
use model::seam::DataKind;
use model::table::Cell;
use model::time::{Micros, WindowParam};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::driver_shape::{
    CostDriver, CostSkuDriver, driver_dimensions, driver_item, drivers_of, drivers_table, skus_of,
    skus_table,
};
use super::view::{CostViewParams, Takes, answer_window, opened, window, window_of};
use crate::ask::{AskContext, AskError};
use crate::exact::minus;
use crate::param::Text;
use crate::question::{Draft, Question};
use crate::spend::driver::{DriverItem, difference, turnover};
use crate::spend::phasing::{month_by, month_of, period_before};

/// The view.
pub struct CostDriversQuestion;

/// What makes two periods differ.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostDriversAnswer {
    /// Basis.
    pub basis: Basis,
    /// Start of the period.
    pub from: Micros,
    /// End of the period, not included.
    pub to: Micros,
    /// Start of the reference period.
    pub reference_from: Micros,
    /// End of the reference period, not included.
    pub reference_to: Micros,
    /// One block for each currency, in order of currency.
    pub currencies: Vec<CostDriversCurrency>,
}

/// What makes two periods differ in one currency.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostDriversCurrency {
    /// ISO 4217.
    pub currency: String,
    /// Charged in the reference period.
    pub before: Amount,
    /// Charged in the period.
    pub after: Amount,
    /// The exact difference.
    pub change: Amount,
    /// What makes it up, in a fixed order; adds up to it to the last digit.
    pub drivers: Vec<CostDriver>,
    /// Resources charged in the period only.
    pub new_resources: u64,
    /// Resources charged in the reference period only.
    pub ended_resources: u64,
    /// SKUs by size of their difference, then in order of SKU; the last may be the rest.
    pub skus: Vec<CostSkuDriver>,
}

#[async_trait]
impl Question for CostDriversQuestion {
    const NAME: &'static str = "cost_analysis/drivers";
    const TITLE: &'static str = "Cost drivers";
    const ABOUT: &'static str = "What makes a period cost more or less than another: price, quantity, \
                                 new and ended resources, commitments, credits and tax.";
    const READS: &'static [DataKind] = &[DataKind::Charges, DataKind::Topology];
    const STEP: Option<i64> = Some(Micros::HOUR);
    type Params = CostViewParams;
    type Answer = CostDriversAnswer;

    fn fill(params: &mut CostViewParams) -> Result<(), AskError> {
        params.fill(Takes { filters: true, places: true, basis: true, reference: true })?;
        if let Some(Text(WindowParam::All)) = params.window {
            return Err(AskError::bad("window", "a period is expected, not everything"));
        }
        Ok(())
    }

    async fn ask(
        params: CostViewParams,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<CostDriversAnswer>, AskError> {
        let read = opened(&params, ctx).await?;
        let basis = params.basis.unwrap_or(Basis::Effective);
        // The last calendar month that is whole in what is held.
        let end = read.held.map_or(now, |(_, last)| last.min(now));
        let last = month_of(end);
        let default = window(month_by(last, -1), last);
        let (period, chosen_by) = window_of(&params, read.held, Some(default));
        let (from, to) = period.unwrap_or(default).micros();
        let before = match params.reference {
            Some(Text(WindowParam::Range(reference))) => reference.micros(),
            _ => period_before(from, to),
        };
        let mut items = Vec::new();
        for (from, to) in [before, (from, to)] {
            let query = read.query(&params, Some(window(from, to)), driver_dimensions());
            items.push(read.items(ctx, query).await?);
        }
        read.closed(ctx).await?;
        let [reference, period] = items.try_into().unwrap_or_default();
        let answer = CostDriversAnswer {
            basis,
            from,
            to,
            reference_from: before.0,
            reference_to: before.1,
            currencies: judged(&reference, &period, basis, params.rows())?,
        };
        let mut draft = Draft::new((), now);
        if answer.currencies.iter().any(|one| one.skus.iter().any(|sku| sku.others > 0)) {
            let skus = answer.currencies.iter().map(|one| one.skus.len() as u64);
            draft.truncated.insert("skus".into(), skus.sum());
        }
        if reference.is_empty() || period.is_empty() {
            let message =
                "nothing is charged in one of the periods; all of the other is its difference";
            draft.warnings.push(Warning::new("no_data", message));
        }
        draft.window = answer_window(Some(window(from, to)), read.held, chosen_by);
        draft.stores = vec![StoreFreshness::of("telemetry", read.version)];
        draft.tables = tables(&answer);
        Ok(draft.with(answer))
    }
}

/// Items of one currency.
fn by_currency(rows: &[CostItemRow], basis: Basis) -> BTreeMap<&str, Vec<DriverItem>> {
    let mut all: BTreeMap<&str, Vec<DriverItem>> = BTreeMap::new();
    for row in rows {
        all.entry(&row.cost.currency).or_default().push(driver_item(row, basis));
    }
    all
}

fn judged(
    reference: &[CostItemRow],
    period: &[CostItemRow],
    basis: Basis,
    limit: usize,
) -> Result<Vec<CostDriversCurrency>, AskError> {
    let mut before = by_currency(reference, basis);
    let mut after = by_currency(period, basis);
    let mut names: Vec<&str> = before.keys().chain(after.keys()).copied().collect();
    names.sort_unstable();
    names.dedup();
    let mut currencies = Vec::new();
    for name in names {
        let (before, after) =
            (before.remove(name).unwrap_or_default(), after.remove(name).unwrap_or_default());
        let found = difference(&before, &after)?;
        let (new_resources, ended_resources) = turnover(&before, &after);
        currencies.push(CostDriversCurrency {
            currency: name.to_owned(),
            before: found.before,
            after: found.after,
            change: minus(found.after, found.before)?,
            drivers: drivers_of(&found),
            new_resources,
            ended_resources,
            skus: skus_of(&found, limit),
        });
    }
    Ok(currencies)
}

fn tables(answer: &CostDriversAnswer) -> Vec<model::table::Table> {
    let first = [("currency", "Currency", Cell::Text, "")];
    let drivers = answer.currencies.iter().map(|one| (vec![json!(one.currency)], &one.drivers[..]));
    let skus = answer.currencies.iter().map(|one| (vec![json!(one.currency)], &one.skus[..]));
    vec![drivers_table(drivers, &first), skus_table(skus, &first)]
}
