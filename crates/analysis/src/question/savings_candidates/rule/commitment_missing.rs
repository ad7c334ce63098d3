//! Steady usage at on-demand prices that no commitment covers.

use std::collections::BTreeMap;

use model::kind::{Confidence, EntityKind};
use model::money::Amount;

use super::RuleDef;
use crate::question::savings_candidates::cost::{
    EFFECTIVE, amount_from, is_covered, is_hours, is_on_demand, mentions, undiscounted,
};
use crate::question::savings_candidates::evidence::{Case, Found, Hit, Plan, Subject, figure};
use crate::question::savings_candidates::shape::{Grade, SavingBasis, SavingsAction};

pub(super) const RULE: RuleDef = RuleDef {
    name: "commitment_missing",
    title: "Commit to what runs all the time anyway",
    about: "accounts of which less than half of the instance hours that a commitment could cover is \
            covered",
    needs: "a month of charges by the hour",
    action: SavingsAction::Commit,
    effort: Grade::Low,
    risk: Grade::Medium,
    find,
};

/// Share that is covered below which it is worth a look.
const COVERAGE_MAX: f64 = 0.5;
/// Share of the month's days on which a resource must have run to count as steady.
const STEADY: f64 = 0.95;

#[derive(Default)]
struct Account {
    rows: Vec<usize>,
    steady: f64,
    open: f64,
    covered: f64,
}

fn find(case: &Case<'_>) -> Found {
    let costs = &case.facts.costs;
    let Some(window) = costs.window.filter(|_| !costs.is_empty()) else {
        return Found::blind("no charges are held for the month");
    };
    let mut accounts: BTreeMap<(&str, &str), Account> = BTreeMap::new();
    let (mut paid, mut would_have) = (0.0, 0.0);
    for (place, row) in costs.all().iter().enumerate() {
        let is_coverable = is_hours(row) && mentions(row, COVERABLE);
        let Some(price) = undiscounted(row).filter(|price| is_coverable && price.0 > 0) else {
            continue;
        };
        let account = accounts.entry((row.account.as_str(), row.currency.as_str())).or_default();
        if is_covered(row) {
            account.covered += price.to_f64();
            paid += row.sums[EFFECTIVE].0.to_f64();
            would_have += price.to_f64();
        } else if is_on_demand(row) {
            account.open += price.to_f64();
            account.rows.push(place);
            let seconds = (row.last.0 - row.first.0) as f64 / 1e6;
            if seconds >= window.seconds() * STEADY {
                account.steady += price.to_f64();
            }
        }
    }
    let mut found = Found { looked_at: accounts.len() as u64, ..Found::default() };
    let discount = (would_have > 0.0).then(|| 1.0 - paid / would_have).filter(|one| *one > 0.0);
    for ((id, currency), account) in accounts {
        let coverage = account.covered / (account.covered + account.open);
        if account.steady <= 0.0 || coverage >= COVERAGE_MAX {
            continue;
        }
        found.hits.push(Hit {
            subject: Subject::Billed {
                id: id.to_owned(),
                kind: EntityKind::Account,
                account: id.to_owned(),
                rows: account.rows,
            },
            evidence: format!(
                "{:.0} % of the hours that a commitment could cover are covered; {:.2} {currency} a \
                 month ran all the time at on-demand prices",
                coverage * 100.0,
                account.steady
            ),
            figures: vec![
                figure("coverage", coverage, "1"),
                figure("steady_on_demand_cost", account.steady, currency),
            ],
            window: Some(window),
            covered: Ok(()),
            plan: plan(account.steady, currency, discount),
            confidence: Confidence::Medium,
        });
    }
    if found.looked_at == 0 {
        return Found::blind("the bill shows no hours of instances, databases or caches");
    }
    found
}

/// Products whose hours savings plans or reservations cover.
const COVERABLE: &[&str] =
    &["elastic compute", "ec2", "rds", "relational database", "elasticache", "fargate"];

/// By the discount that commitments gave in the same bill; there is no other price.
fn plan(steady: f64, currency: &str, discount: Option<f64>) -> Plan {
    let amount = discount.and_then(|discount| amount_from(steady * discount));
    match (discount, amount.filter(|amount| *amount > Amount::ZERO)) {
        (Some(discount), Some(amount)) => Plan::Part {
            amount,
            currency: currency.to_owned(),
            basis: SavingBasis::Estimated,
            source: format!(
                "the {:.0} % that commitments take off covered hours in the same bill",
                discount * 100.0
            ),
        },
        _ => Plan::Unpriced("the bill shows no covered hour, so no discount is known".to_owned()),
    }
}
