//! `cost_analysis/commitments`: what reservations and savings plans are used for, what they waste and
//! what they save. Cost: one sum over the window.

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::absence::Absence;
use model::envelope::StoreFreshness;
use model::fact::{CostDimension, CostItemRow};
use model::measure::{Measure, Money};
use model::money::{Amount, Basis, Origin};
use model::seam::DataKind;
use model::table::{Cell, Table};
use model::time::Micros;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::fetch::default_window;
use super::view::{CostViewParams, Takes, answer_window, opened, window_of};
use crate::allocation::ratio;
use crate::ask::{AskContext, AskError};
use crate::exact::{minus, plus};
use crate::question::{Draft, Question};

/// The view.
pub struct CostCommitmentsQuestion;

/// What commitments are worth.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostCommitmentsAnswer {
    /// One block for each currency, in order of currency.
    pub currencies: Vec<CommitmentCurrency>,
}

/// Commitments in one currency.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CommitmentCurrency {
    /// ISO 4217.
    pub currency: String,
    /// All of them together.
    pub total: CommitmentFigures,
    /// Price without commitments of usage that they cover, over that of all usage that one could cover:
    /// standard and committed usage without dynamic prices and marketplaces.
    pub coverage: Measure,
    /// The price without commitments of all usage that one could cover.
    pub coverable: Money,
    /// Rows of it that have only a list price, which then stands in.
    pub coverable_rows_from_list: u64,
    /// Each commitment, the greatest waste first, then in order of id.
    pub commitments: Vec<CommitmentRow>,
}

/// One commitment.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CommitmentRow {
    /// Id as billed; null where charges name none.
    pub commitment: Option<String>,
    /// Provider.
    pub provider: Option<String>,
    /// Figures.
    pub figures: CommitmentFigures,
}

/// What commitments were used for.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CommitmentFigures {
    /// Effective cost of what they paid for.
    pub used: Money,
    /// Effective cost of their unused part: the waste.
    pub unused: Money,
    /// Used over used and unused, 0 to 1.
    pub utilisation: Measure,
    /// The price without them of what they paid for (contracted, else list).
    pub used_without: Money,
    /// Rows of it that have only a list price.
    pub used_rows_from_list: u64,
    /// What they saved less what they wasted; null where a row has no price without them.
    pub net_saving: Money,
    /// Why there is no net saving.
    pub net_saving_reason: Option<Absence>,
}

#[async_trait]
impl Question for CostCommitmentsQuestion {
    const NAME: &'static str = "cost_analysis/commitments";
    const TITLE: &'static str = "Commitments";
    const ABOUT: &'static str = "How far reservations and savings plans are used, what they cover, \
                                 waste and save.";
    const READS: &'static [DataKind] = &[DataKind::Charges, DataKind::Topology];
    const STEP: Option<i64> = Some(Micros::HOUR);
    type Params = CostViewParams;
    type Answer = CostCommitmentsAnswer;

    fn fill(params: &mut CostViewParams) -> Result<(), AskError> {
        params.fill(Takes { filters: true, places: true, basis: false, reference: false })
    }

    async fn ask(
        params: CostViewParams,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<CostCommitmentsAnswer>, AskError> {
        let read = opened(&params, ctx).await?;
        let (window, chosen_by) = window_of(&params, read.held, default_window(&read.bills, now));
        let dimensions = vec![
            CostDimension::Commitment,
            CostDimension::CommitmentStatus,
            CostDimension::PricingCategory,
            CostDimension::Category,
            CostDimension::Provider,
            CostDimension::Publisher,
        ];
        let items = read.items(ctx, read.query(&params, window, dimensions)).await?;
        read.closed(ctx).await?;
        let mut answer = judged(&items)?;
        let mut draft = Draft::new((), now);
        for currency in &mut answer.currencies {
            if currency.commitments.len() > params.rows() {
                let cut = draft.truncated.entry("commitments".into()).or_default();
                *cut += currency.commitments.len() as u64;
                currency.commitments.truncate(params.rows());
            }
        }
        draft.window = answer_window(window, read.held, chosen_by);
        draft.stores = vec![StoreFreshness::of("telemetry", read.version)];
        draft.tables = tables(&answer);
        Ok(draft.with(answer))
    }
}

/// Sums of one commitment, or of all.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    used: (Amount, u64),
    used_rows: u64,
    unused: (Amount, u64),
    unused_rows: u64,
    without: (Amount, u64),
    from_list: u64,
}

impl Sums {
    fn add(&mut self, row: &CostItemRow, is_used: bool) -> Result<(), AskError> {
        let (amount, rows) = row.cost.sums[1];
        let (sum, all) = match is_used {
            true => (&mut self.used, &mut self.used_rows),
            false => (&mut self.unused, &mut self.unused_rows),
        };
        *sum = (plus(sum.0, amount)?, sum.1 + rows);
        *all += row.cost.rows;
        if is_used {
            let (amount, rows) = row.before_commitment;
            self.without = (plus(self.without.0, amount)?, self.without.1 + rows);
            self.from_list += row.from_list;
        }
        Ok(())
    }

    fn figures(&self, currency: &str) -> Result<CommitmentFigures, AskError> {
        let money = |(amount, rows): (Amount, u64), all: u64, basis: Basis| Money {
            amount: (rows > 0 || all == 0).then_some(amount),
            currency: currency.to_owned(),
            basis,
            origin: Origin::Charged,
            rows,
            rows_without: all - rows.min(all),
            reason: (rows == 0 && all > 0).then_some(Absence::NotCollected),
        };
        let used = money(self.used, self.used_rows, Basis::Effective);
        let unused = money(self.unused, self.unused_rows, Basis::Effective);
        let without = money(self.without, self.used_rows, Basis::Contracted);
        let whole = plus(self.used.0, self.unused.0)?;
        let utilisation = match ratio(self.used.0, whole) {
            Some(share) => Measure::new(share, "1").of(self.used_rows + self.unused_rows),
            None => Measure::absent("1", Absence::NotApplicable),
        };
        let is_told = self.without.1 == self.used_rows && self.used.1 == self.used_rows;
        let saved = minus(minus(self.without.0, self.used.0)?, self.unused.0)?;
        let net_saving = Money {
            amount: is_told.then_some(saved),
            origin: Origin::Estimated,
            basis: Basis::Effective,
            reason: (!is_told).then_some(Absence::NoData),
            ..without.clone()
        };
        Ok(CommitmentFigures {
            used,
            unused,
            utilisation,
            used_without: without,
            used_rows_from_list: self.from_list,
            net_saving,
            net_saving_reason: (!is_told).then_some(Absence::NoData),
        })
    }
}

#[derive(Default)]
struct Currency {
    total: Sums,
    each: BTreeMap<(Option<String>, Option<String>), Sums>,
    covered: Amount,
    coverable: (Amount, u64),
    coverable_rows: u64,
    from_list: u64,
}

/// Judges items by commitment, status, pricing category, category, provider and publisher.
fn judged(items: &[CostItemRow]) -> Result<CostCommitmentsAnswer, AskError> {
    let mut all: BTreeMap<&str, Currency> = BTreeMap::new();
    for row in items {
        let value = |at: usize| row.cost.values.get(at).and_then(Option::as_deref);
        let of = all.entry(&row.cost.currency).or_default();
        let is_used = value(1) == Some("Used");
        if is_used || value(1) == Some("Unused") {
            of.total.add(row, is_used)?;
            let key = (value(0).map(str::to_owned), value(4).map(str::to_owned));
            of.each.entry(key).or_default().add(row, is_used)?;
        }
        if is_coverable(value(2), value(3), value(1), [value(4), value(5)]) {
            let (amount, rows) = row.before_commitment;
            of.coverable = (plus(of.coverable.0, amount)?, of.coverable.1 + rows);
            of.coverable_rows += row.cost.rows;
            of.from_list += row.from_list;
            if is_used {
                of.covered = plus(of.covered, amount)?;
            }
        }
    }
    let mut currencies = Vec::new();
    for (name, of) in all {
        currencies.push(currency_of(name, &of)?);
    }
    Ok(CostCommitmentsAnswer { currencies })
}

/// Whether a commitment could cover it.
fn is_coverable(
    pricing: Option<&str>,
    category: Option<&str>,
    status: Option<&str>,
    sellers: [Option<&str>; 2],
) -> bool {
    let is_marketplace =
        sellers.into_iter().flatten().any(|seller| seller.to_lowercase().contains("marketplace"));
    category == Some("Usage")
        && status != Some("Unused")
        && matches!(pricing, Some("Standard" | "Committed"))
        && !is_marketplace
}

fn currency_of(name: &str, of: &Currency) -> Result<CommitmentCurrency, AskError> {
    let mut commitments = Vec::new();
    for ((commitment, provider), sums) in &of.each {
        commitments.push(CommitmentRow {
            commitment: commitment.clone(),
            provider: provider.clone(),
            figures: sums.figures(name)?,
        });
    }
    commitments.sort_by_key(|one| std::cmp::Reverse(one.figures.unused.amount));
    let coverage = match ratio(of.covered, of.coverable.0).filter(|_| of.coverable.1 > 0) {
        Some(share) => Measure::new(share, "1").of(of.coverable.1),
        None => Measure::absent("1", Absence::NoData),
    };
    Ok(CommitmentCurrency {
        currency: name.to_owned(),
        total: of.total.figures(name)?,
        coverage,
        coverable: Money {
            amount: (of.coverable.1 > 0).then_some(of.coverable.0),
            currency: name.to_owned(),
            basis: Basis::Contracted,
            origin: Origin::Charged,
            rows: of.coverable.1,
            rows_without: of.coverable_rows - of.coverable.1.min(of.coverable_rows),
            reason: (of.coverable.1 == 0).then_some(Absence::NoData),
        },
        coverable_rows_from_list: of.from_list,
        commitments,
    })
}

fn tables(answer: &CostCommitmentsAnswer) -> Vec<Table> {
    let columns = [
        ("currency", "Currency", Cell::Text, ""),
        ("commitment", "Commitment", Cell::Text, ""),
        ("provider", "Provider", Cell::Text, ""),
        ("used", "Used", Cell::Amount, ""),
        ("unused", "Unused", Cell::Amount, ""),
        ("utilisation", "Utilisation", Cell::Number, "1"),
        ("used_without", "Price without", Cell::Amount, ""),
        ("net_saving", "Net saving", Cell::Amount, ""),
        ("coverage", "Coverage", Cell::Number, "1"),
    ];
    let mut table = Table::new("commitments", &columns);
    for currency in &answer.currencies {
        let mut add = |name: &str, provider: Option<&str>, of: &CommitmentFigures, coverage| {
            table.rows.push(vec![
                json!(currency.currency),
                json!(name),
                json!(provider),
                json!(of.used.amount),
                json!(of.unused.amount),
                json!(of.utilisation.value),
                json!(of.used_without.amount),
                json!(of.net_saving.amount),
                json!(coverage),
            ]);
        };
        for one in &currency.commitments {
            let name = one.commitment.as_deref().unwrap_or_default();
            add(name, one.provider.as_deref(), &one.figures, None);
        }
        add("total", None, &currency.total, currency.coverage.value);
    }
    vec![table]
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::fact::CostRow;

    fn row(values: [&str; 6], effective: &str, without: &str) -> CostItemRow {
        let amount = |text: &str| text.parse().map_or((Amount::ZERO, 0), |one| (one, 1));
        CostItemRow {
            cost: CostRow {
                at: None,
                values: values.map(|one| (!one.is_empty()).then(|| one.to_owned())).to_vec(),
                currency: "USD".into(),
                rows: 1,
                sums: [amount(""), amount(effective), amount(""), amount("")],
                first: Micros(0),
                last: Micros(1),
            },
            is_long: false,
            quantity: (Amount::ZERO, 0),
            before_commitment: amount(without),
            from_list: 0,
        }
    }

    #[test]
    fn use_coverage_waste_and_net_saving_are_as_defined() {
        // A plan pays 6 for what would cost 10, and 2 of it is unused. 30 more is bought at standard
        // prices, 5 at dynamic ones, 7 on a marketplace, 4 is tax.
        let items = [
            row(["plan", "Used", "Committed", "Usage", "AWS", ""], "6", "10"),
            row(["plan", "Unused", "Committed", "Usage", "AWS", ""], "2", ""),
            row(["", "", "Standard", "Usage", "AWS", ""], "30", "30"),
            row(["", "", "Dynamic", "Usage", "AWS", ""], "5", "5"),
            row(["", "", "Standard", "Usage", "AWS Marketplace", ""], "7", "7"),
            row(["", "", "", "Tax", "AWS", ""], "4", ""),
        ];
        let answer = judged(&items).unwrap();
        let usd = &answer.currencies[0];
        assert_eq!(usd.total.utilisation.value, Some(0.75));
        assert_eq!(usd.coverage.value, Some(0.25));
        assert_eq!(usd.total.unused.amount.unwrap().to_string(), "2");
        assert_eq!(usd.total.net_saving.amount.unwrap().to_string(), "2");
        assert_eq!(usd.commitments[0].commitment.as_deref(), Some("plan"));
        // Without a price for what it paid there is no saving to tell.
        let none = judged(&[row(["plan", "Used", "", "Usage", "AWS", ""], "6", "")]).unwrap();
        assert_eq!(none.currencies[0].total.net_saving.amount, None);
        assert_eq!(none.currencies[0].total.utilisation.value, Some(1.0));
        assert_eq!(none.currencies[0].coverage.value, None);
    }
}
