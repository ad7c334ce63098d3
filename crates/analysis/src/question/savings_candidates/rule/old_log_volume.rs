//! Logs that are kept and paid for.

use std::collections::BTreeMap;

use model::kind::{Confidence, EntityKind};

use super::RuleDef;
use super::cross_zone_traffic::SHARE_MIN;
use crate::question::savings_candidates::cost::{EFFECTIVE, is_storage, mentions};
use crate::question::savings_candidates::evidence::{Case, Found, Hit, Plan, Subject, figure};
use crate::question::savings_candidates::shape::{Grade, SavingsAction};

pub(super) const RULE: RuleDef = RuleDef {
    name: "old_log_volume",
    title: "Set a retention for the logs",
    about: "stored logs that cost more than 1 % of their account's month",
    needs: "a month of charges with the storage of logs",
    action: SavingsAction::Review,
    effort: Grade::Low,
    risk: Grade::Medium,
    find,
};

fn find(case: &Case<'_>) -> Found {
    let costs = &case.facts.costs;
    if costs.is_empty() {
        return Found::blind("no charges are held for the month");
    }
    let mut totals: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    // Rows, cost and bytes by account, currency and where they are stored.
    type Stored = (Vec<usize>, f64, f64);
    let mut logs: BTreeMap<(&str, &str, &str), Stored> = BTreeMap::new();
    for (place, row) in costs.all().iter().enumerate() {
        let cost = row.sums[EFFECTIVE].0.to_f64();
        *totals.entry((&row.account, &row.currency)).or_default() += cost;
        let is_log = mentions(row, &["cloudwatch", "log analytics", "cloud logging"]);
        if is_log && is_storage(row) {
            let id = row.resource_id.as_deref().unwrap_or(&row.account);
            let held = logs.entry((&row.account, &row.currency, id)).or_default();
            held.0.push(place);
            held.1 += cost;
            held.2 += row.quantity.0.to_f64();
        }
    }
    if logs.is_empty() {
        return Found::blind("the bill shows no stored logs");
    }
    let mut found = Found { looked_at: logs.len() as u64, ..Found::default() };
    for ((account, currency, id), (rows, cost, stored)) in logs {
        let total = totals.get(&(account, currency)).copied().unwrap_or(0.0);
        if !(total > 0.0 && cost / total > SHARE_MIN) {
            continue;
        }
        let kind = if id == account { EntityKind::Account } else { EntityKind::Resource };
        let account = account.to_owned();
        found.hits.push(Hit {
            subject: Subject::Billed { id: id.to_owned(), kind, account, rows },
            evidence: format!(
                "{stored:.0} GB of logs are kept, {:.1} % of the account's month",
                cost / total * 100.0
            ),
            figures: vec![
                figure("stored", stored, "GBy"),
                figure("share_of_cost", cost / total, "1"),
            ],
            window: costs.window,
            covered: Err("how old they are is not in the data".to_owned()),
            plan: Plan::Unpriced("how much a retention would drop is not in the data".to_owned()),
            confidence: Confidence::Medium,
        });
    }
    found
}
