//! `cost_analysis/outlook`: where spend leads by the end of any period, such as a fiscal year. One-time
//! charges, purchases and tax are scheduled, not carried on. Cost: one sum by day over the period and
//! the one before.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use model::envelope::{StoreFreshness, Warning};
use model::fact::{CostDimension, CostItemRow, CostQuery, CostStep};
use model::money::Basis;
use model::seam::DataKind;
use model::table::{Cell, Table};
use model::time::{Micros, WindowParam};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::day_shape::CostForecast;
use super::days::forecast_shape;
use super::sum::place;
use super::view::{CostViewParams, Takes, answer_window, opened, window, window_of};
use crate::ask::{AskContext, AskError};
use crate::param::Text;
use crate::question::{Draft, Question};
use crate::spend::day::{Days, Nature};
use crate::spend::outlook::{Progress, outlook};
use crate::spend::phasing::{month_by, month_of};

/// The view.
pub struct CostOutlookQuestion;

/// Where spend leads.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostOutlookAnswer {
    /// Basis.
    pub basis: Basis,
    /// Start of the period.
    pub from: Micros,
    /// End of the period, not included.
    pub to: Micros,
    /// One block for each currency, in order of currency.
    pub currencies: Vec<CostOutlookCurrency>,
}

/// Where spend leads in one currency.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostOutlookCurrency {
    /// ISO 4217.
    pub currency: String,
    /// The forecast; what lies before the first charge held is not in it.
    pub forecast: CostForecast,
}

#[async_trait]
impl Question for CostOutlookQuestion {
    const NAME: &'static str = "cost_analysis/outlook";
    const TITLE: &'static str = "Cost outlook";
    const ABOUT: &'static str = "Where spend leads by the end of a period, with an 80 % interval.";
    const READS: &'static [DataKind] = &[DataKind::Charges, DataKind::Topology];
    const STEP: Option<i64> = Some(Micros::HOUR);
    type Params = CostViewParams;
    type Answer = CostOutlookAnswer;

    fn fill(params: &mut CostViewParams) -> Result<(), AskError> {
        params.fill(Takes { filters: true, places: true, basis: true, reference: false })?;
        match params.window {
            None | Some(Text(WindowParam::Range(_))) => Ok(()),
            _ => Err(AskError::bad("window", "a period FROM/TO is expected")),
        }
    }

    async fn ask(
        params: CostViewParams,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<CostOutlookAnswer>, AskError> {
        let read = opened(&params, ctx).await?;
        let basis = params.basis.unwrap_or(Basis::Effective);
        let at = read.held.map_or(now, |(_, last)| last.min(now));
        let month = month_of(at.plus(-1));
        let default = window(month, month_by(month, 1));
        let (period, chosen_by) = window_of(&params, read.held, Some(default));
        let (from, to) = period.unwrap_or(default).micros();
        let start = Progress::read_from(from, to);
        let dimensions =
            vec![CostDimension::Category, CostDimension::Frequency, CostDimension::Service];
        let query = read.query(&params, Some(window(start, to)), dimensions);
        let query = CostQuery { step: Some(CostStep::Day), ..query };
        let rows = read.items(ctx, query).await?;
        read.closed(ctx).await?;
        let progress = Progress::of(from, to, at);
        let answer =
            CostOutlookAnswer { basis, from, to, currencies: judged(&rows, basis, progress)? };
        let mut draft = Draft::new((), now);
        if answer.currencies.is_empty() {
            draft
                .warnings
                .push(Warning::new("no_data", "nothing is charged to what was asked for"));
        }
        draft.window = answer_window(Some(window(from, to)), read.held, chosen_by);
        draft.stores = vec![StoreFreshness::of("telemetry", read.version)];
        draft.tables = vec![table(&answer)];
        Ok(draft.with(answer))
    }
}

/// The forecast of each currency. A day on which anything was charged counts, also to one on which this
/// currency has nothing.
fn judged(
    rows: &[CostItemRow],
    basis: Basis,
    progress: Progress,
) -> Result<Vec<CostOutlookCurrency>, AskError> {
    let mut by_currency: BTreeMap<&str, Days> = BTreeMap::new();
    let mut held: BTreeSet<Micros> = BTreeSet::new();
    for row in rows {
        let value = |at: usize| row.cost.values.get(at).and_then(Option::as_deref);
        let nature = Nature { category: value(0), frequency: value(1), of: value(2) };
        held.extend(row.cost.at);
        let days = by_currency.entry(&row.cost.currency).or_default();
        days.add(row, nature, row.cost.sums[place(basis)].0)?;
    }
    let held: Vec<Micros> = held.into_iter().collect();
    let made = |(currency, days): (&str, Days)| {
        let forecast = forecast_shape(&outlook(&days, &held, progress)?, progress)?;
        Ok(CostOutlookCurrency { currency: currency.to_owned(), forecast })
    };
    by_currency.into_iter().map(made).collect()
}

fn table(answer: &CostOutlookAnswer) -> Table {
    let columns = [
        ("currency", "Currency", Cell::Text, ""),
        ("from", "From", Cell::Instant, ""),
        ("to", "To", Cell::Instant, ""),
        ("settled", "Settled up to", Cell::Instant, ""),
        ("actual", "Charged by then", Cell::Amount, ""),
        ("scheduled_to_come", "Scheduled to come", Cell::Amount, ""),
        ("usage_to_come", "Usage to come", Cell::Amount, ""),
        ("amount", "At the end", Cell::Amount, ""),
        ("low", "At the end, low", Cell::Amount, ""),
        ("high", "At the end, high", Cell::Amount, ""),
        ("reason", "Reason", Cell::Text, ""),
    ];
    let mut table = Table::new("outlook", &columns);
    for one in &answer.currencies {
        let of = &one.forecast;
        table.rows.push(vec![
            json!(one.currency),
            json!(of.from),
            json!(of.to),
            json!(of.settled),
            json!(of.actual),
            json!(of.scheduled_to_come),
            json!(of.usage_to_come),
            json!(of.amount),
            json!(of.low),
            json!(of.high),
            json!(of.reason),
        ]);
    }
    table
}
