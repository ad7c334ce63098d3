//! `cost_analysis/allocation`: what each unit is charged, what the rules in force give it of shared
//! charges, and what stays with nobody. Cost: one sum over the window.

use async_trait::async_trait;
use model::envelope::{StoreFreshness, Warning};
use model::money::{Amount, Basis};
use model::seam::DataKind;
use model::table::{Cell, Table};
use model::time::Micros;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::fetch::default_window;
use super::view::{CostViewParams, Takes, answer_window, opened, window, window_of};
use crate::allocation::{Allocation, ratio};
use crate::ask::{AskContext, AskError};
use crate::question::{Draft, Question};
use crate::unit_cost::{UnitCosts, cost_of_units, rules_in_force};

/// The view.
pub struct CostAllocationQuestion;

/// Shared charges split among units.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostAllocationAnswer {
    /// Basis.
    pub basis: Basis,
    /// Name of the rules in force; null when none are.
    pub rules: Option<String>,
    /// Their version, as stated.
    pub version: Option<String>,
    /// One block for each currency, in order of currency.
    pub currencies: Vec<AllocationCurrency>,
}

/// Charges of one currency; direct, allocated and unallocated add up to charged to the last digit.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AllocationCurrency {
    /// ISO 4217.
    pub currency: String,
    /// Everything.
    pub charged: Amount,
    /// What has an owner or application and no rule splits.
    pub direct: Amount,
    /// What rules gave to units.
    pub allocated: Amount,
    /// Nobody's, and what rules left over.
    pub unallocated: Amount,
    /// Its share of everything; null where that is 0.
    pub unallocated_share: Option<f64>,
    /// Rules that matched something, in order of name.
    pub rules: Vec<AllocationRuleRow>,
    /// Rules of equal rank that disagree: none of them splits.
    pub conflicts: Vec<AllocationConflict>,
    /// Units, by kind and id. A unit holds what is below it, so they do not add up.
    pub units: Vec<AllocationUnitRow>,
}

/// What one rule did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AllocationRuleRow {
    /// Name.
    pub rule: String,
    /// What it matched.
    pub matched: Amount,
    /// What it left over.
    pub left: Amount,
    /// Who got what, in order of unit.
    pub parts: Vec<AllocationPart>,
}

/// What one unit got from one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AllocationPart {
    /// Canonical id of the unit.
    pub unit: String,
    /// Its part.
    pub amount: Amount,
}

/// Rules that disagree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AllocationConflict {
    /// Their names.
    pub rules: Vec<String>,
    /// What none of them splits.
    pub amount: Amount,
}

/// What one unit costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AllocationUnitRow {
    /// Canonical id.
    pub unit: String,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Charged to it and everything below it; of a product its shares of its applications.
    pub charged: Amount,
    /// Given to it and everything below it by rules.
    pub allocated: Amount,
    /// Both: the fully loaded cost.
    pub loaded: Amount,
    /// Whether some of it is a stated share of an application's cost.
    pub is_shared: bool,
}

#[async_trait]
impl Question for CostAllocationQuestion {
    const NAME: &'static str = "cost_analysis/allocation";
    const TITLE: &'static str = "Cost allocation";
    const ABOUT: &'static str = "What each unit costs fully loaded: charged, its part of shared \
                                 charges by stated rules, and what is left with nobody.";
    const READS: &'static [DataKind] = &[DataKind::Charges, DataKind::Topology, DataKind::Values];
    const STEP: Option<i64> = Some(Micros::HOUR);
    type Params = CostViewParams;
    type Answer = CostAllocationAnswer;

    fn fill(params: &mut CostViewParams) -> Result<(), AskError> {
        params.fill(Takes { filters: false, places: false, basis: true, reference: false })
    }

    async fn ask(
        params: CostViewParams,
        now: Micros,
        ctx: &AskContext,
    ) -> Result<Draft<CostAllocationAnswer>, AskError> {
        let read = opened(&params, ctx).await?;
        let (asked, chosen_by) = window_of(&params, read.held, default_window(&read.bills, now));
        // Drivers by value need ends.
        let whole = read.held.map(|(first, last)| window(first, last));
        let over = asked.or(whole);
        let basis = params.basis.unwrap_or(Basis::Effective);
        let costs = cost_of_units(ctx, &read.read, over, basis).await?;
        let end = over.map_or(now, |over| over.micros().1);
        let rules = rules_in_force(ctx, &read.read, end).await?;
        read.closed(ctx).await?;
        let mut draft = Draft::new((), now);
        if rules.is_none() {
            let message = "no allocation rules are in force; shared charges stay unallocated";
            draft.warnings.push(Warning::new("no_rules", message));
        }
        let mut answer = CostAllocationAnswer {
            basis,
            rules: rules.as_ref().map(|list| list.name.clone()),
            version: rules.map(|list| list.version),
            currencies: currencies(&costs, &read.unit)?,
        };
        for currency in &mut answer.currencies {
            if currency.units.len() > params.rows() {
                *draft.truncated.entry("units".into()).or_default() += currency.units.len() as u64;
                currency.units.truncate(params.rows());
            }
            if !currency.conflicts.is_empty() {
                let message =
                    "allocation rules of equal rank disagree; what they match is not split";
                draft.warnings.push(Warning::new("rule_conflict", message));
            }
        }
        draft.window = answer_window(over, read.held, chosen_by);
        draft.stores = vec![StoreFreshness::of("telemetry", read.version)];
        draft.tables = tables(&answer);
        Ok(draft.with(answer))
    }
}

fn currencies(costs: &UnitCosts, asked: &[String]) -> Result<Vec<AllocationCurrency>, AskError> {
    let mut all = Vec::new();
    for (name, one) in &costs.allocations {
        let mut units = Vec::new();
        for unit in costs.units.iter().filter(|unit| unit.currency == *name) {
            if !asked.is_empty() && !asked.contains(&unit.unit) {
                continue;
            }
            units.push(AllocationUnitRow {
                loaded: unit.loaded()?,
                unit: unit.unit.clone(),
                kind: unit.kind.as_str().to_owned(),
                name: unit.name.clone(),
                charged: unit.charged,
                allocated: unit.allocated,
                is_shared: unit.is_shared,
            });
        }
        all.push(AllocationCurrency {
            currency: name.clone(),
            charged: one.charged,
            direct: one.direct,
            allocated: one.allocated,
            unallocated: one.unallocated,
            unallocated_share: ratio(one.unallocated, one.charged),
            rules: rules(one),
            conflicts: one
                .conflicts
                .iter()
                .map(|(rules, amount)| AllocationConflict { rules: rules.clone(), amount: *amount })
                .collect(),
            units,
        });
    }
    Ok(all)
}

fn rules(one: &Allocation) -> Vec<AllocationRuleRow> {
    let parts = |rule: &String| {
        let of = one.lines.iter().filter(|((name, _), _)| name == rule);
        of.map(|((_, unit), amount)| AllocationPart { unit: unit.clone(), amount: *amount })
            .collect()
    };
    one.rules
        .iter()
        .map(|(rule, (matched, left))| AllocationRuleRow {
            rule: rule.clone(),
            matched: *matched,
            left: *left,
            parts: parts(rule),
        })
        .collect()
}

fn tables(answer: &CostAllocationAnswer) -> Vec<Table> {
    let amount = |name, title| (name, title, Cell::Amount, "");
    let mut sums = Table::new(
        "allocation",
        &[
            ("currency", "Currency", Cell::Text, ""),
            amount("charged", "Charged"),
            amount("direct", "Direct"),
            amount("allocated", "Allocated"),
            amount("unallocated", "Unallocated"),
        ],
    );
    let mut rules = Table::new(
        "rules",
        &[
            ("rule", "Rule", Cell::Text, ""),
            ("currency", "Currency", Cell::Text, ""),
            ("unit", "Unit", Cell::Text, ""),
            amount("amount", "Amount"),
        ],
    );
    let mut units = Table::new(
        "units",
        &[
            ("unit", "Unit", Cell::Text, ""),
            ("kind", "Kind", Cell::Text, ""),
            ("currency", "Currency", Cell::Text, ""),
            amount("charged", "Charged"),
            amount("allocated", "Allocated"),
            amount("loaded", "Fully loaded"),
        ],
    );
    for one in &answer.currencies {
        let name = json!(one.currency);
        sums.rows.push(vec![
            name.clone(),
            json!(one.charged),
            json!(one.direct),
            json!(one.allocated),
            json!(one.unallocated),
        ]);
        for rule in &one.rules {
            for part in &rule.parts {
                let cells = [json!(rule.rule), name.clone(), json!(part.unit), json!(part.amount)];
                rules.rows.push(cells.into());
            }
            rules.rows.push(
                [json!(rule.rule), name.clone(), json!("unallocated"), json!(rule.left)].into(),
            );
        }
        for unit in &one.units {
            units.rows.push(vec![
                json!(unit.name),
                json!(unit.kind),
                name.clone(),
                json!(unit.charged),
                json!(unit.allocated),
                json!(unit.loaded),
            ]);
        }
    }
    vec![sums, rules, units]
}
