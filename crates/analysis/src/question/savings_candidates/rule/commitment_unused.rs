//! Commitments that were paid and not used.

use std::collections::BTreeMap;

use model::fact::UsageCostRow;
use model::kind::{Confidence, EntityKind};

use super::RuleDef;
use crate::question::savings_candidates::cost::{EFFECTIVE, is_covered};
use crate::question::savings_candidates::evidence::{Case, Found, Hit, Plan, Subject, figure};
use crate::question::savings_candidates::shape::{Grade, SavingsAction};

pub(super) const RULE: RuleDef = RuleDef {
    name: "commitment_unused",
    title: "Use the commitment up, exchange or sell it, or let it end",
    about: "reservations and savings plans of which more than 5 % was paid and not used",
    needs: "a month of charges with the status of commitments",
    action: SavingsAction::Review,
    effort: Grade::Medium,
    risk: Grade::Low,
    find,
};

/// Less is rounding of hours.
const WASTE_MIN: f64 = 0.05;

#[derive(Default)]
struct Commitment {
    rows: Vec<usize>,
    used: f64,
    unused: f64,
    account: String,
}

fn find(case: &Case<'_>) -> Found {
    let rows = case.facts.costs.all();
    if case.facts.costs.is_empty() {
        return Found::blind("no charges are held for the month");
    }
    if rows.iter().all(|row| row.commitment_status.is_none()) {
        return Found::blind("the bill names no commitment");
    }
    let mut commitments: BTreeMap<&str, Commitment> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        let Some(id) = row.commitment_id.as_deref() else { continue };
        let one = commitments.entry(id).or_default();
        let effective = row.sums[EFFECTIVE].0.to_f64();
        if is_covered(row) {
            one.used += effective;
        } else if is_unused(row) {
            one.unused += effective;
            one.rows.push(place);
            one.account.clone_from(&row.account);
        }
    }
    let mut found = Found { looked_at: commitments.len() as u64, ..Found::default() };
    for (id, one) in commitments {
        let paid = one.used + one.unused;
        if paid <= 0.0 || one.unused / paid <= WASTE_MIN {
            continue;
        }
        let share = one.unused / paid;
        found.hits.push(Hit {
            subject: Subject::Billed {
                id: id.to_owned(),
                kind: EntityKind::Commitment,
                account: one.account,
                rows: one.rows,
            },
            evidence: format!("{:.0} % of it was paid and not used", share * 100.0),
            figures: vec![figure("use", 1.0 - share, "1"), figure("waste_share", share, "1")],
            window: case.facts.costs.window,
            covered: Ok(()),
            plan: Plan::Unpriced(
                "it is paid until it ends; using it up saves what other usage then costs less"
                    .to_owned(),
            ),
            confidence: Confidence::Certain,
        });
    }
    found
}

fn is_unused(row: &UsageCostRow) -> bool {
    row.commitment_status.as_deref() == Some("Unused")
}
