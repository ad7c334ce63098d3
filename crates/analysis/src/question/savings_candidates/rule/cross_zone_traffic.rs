//! Traffic between zones, which is charged both ways.

use std::collections::BTreeMap;

use model::kind::{Confidence, EntityKind};

use super::RuleDef;
use crate::question::savings_candidates::cost::{EFFECTIVE, is_gigabytes, mentions};
use crate::question::savings_candidates::evidence::{Case, Found, Hit, Plan, Subject, figure};
use crate::question::savings_candidates::shape::{Grade, SavingsAction};

pub(super) const RULE: RuleDef = RuleDef {
    name: "cross_zone_traffic",
    title: "Keep calls within a zone where that is possible",
    about: "accounts that pay more than 1 % of their month for traffic between zones",
    needs: "a month of charges",
    action: SavingsAction::Review,
    effort: Grade::High,
    risk: Grade::Medium,
    find,
};

/// Share of the account's month below which it is not worth the effort.
pub(super) const SHARE_MIN: f64 = 0.01;

fn find(case: &Case<'_>) -> Found {
    let words = ["datatransfer-regional", "regional data transfer", "interzone", "inter-zone"];
    by_account(case, &words, |share, gigabytes| {
        (
            format!(
                "{gigabytes:.0} GB went between zones, {:.1} % of the account's month",
                share * 100.0
            ),
            "the bill does not say whose calls cross zones; latency_heatmap shows the pairs",
        )
    })
}

/// One hit for each account that pays more than the least share for gigabytes that a word names.
pub(super) fn by_account(
    case: &Case<'_>,
    words: &[&str],
    tell: impl Fn(f64, f64) -> (String, &'static str),
) -> Found {
    let costs = &case.facts.costs;
    if costs.is_empty() {
        return Found::blind("no charges are held for the month");
    }
    #[derive(Default)]
    struct Account {
        rows: Vec<usize>,
        gigabytes: f64,
        cost: f64,
        total: f64,
    }
    let mut accounts: BTreeMap<(&str, &str), Account> = BTreeMap::new();
    for (place, row) in costs.all().iter().enumerate() {
        let account = accounts.entry((row.account.as_str(), row.currency.as_str())).or_default();
        let cost = row.sums[EFFECTIVE].0.to_f64();
        account.total += cost;
        if is_gigabytes(row) && mentions(row, words) {
            account.cost += cost;
            account.gigabytes += row.quantity.0.to_f64();
            account.rows.push(place);
        }
    }
    let mut found = Found { looked_at: accounts.len() as u64, ..Found::default() };
    for ((id, _), account) in accounts {
        let share = account.cost / account.total;
        if !(account.total > 0.0 && share > SHARE_MIN) {
            continue;
        }
        let (evidence, unpriced) = tell(share, account.gigabytes);
        found.hits.push(Hit {
            subject: Subject::Billed {
                id: id.to_owned(),
                kind: EntityKind::Account,
                account: id.to_owned(),
                rows: account.rows,
            },
            evidence,
            figures: vec![
                figure("moved", account.gigabytes, "GBy"),
                figure("share_of_cost", share, "1"),
            ],
            window: costs.window,
            covered: Ok(()),
            plan: Plan::Unpriced(unpriced.to_owned()),
            confidence: Confidence::High,
        });
    }
    found
}
