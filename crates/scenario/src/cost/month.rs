//! All charges of the months that the history touches, month by month, with what is billed once a
//! month: support, tax, a credit, a correction of the month before, and the savings plan's fee and
//! its unused part.

use super::amount::Amount;
use super::charge::{Category, Charge, Commitment};
use super::prices::{EC2, PLAN_COMMITMENT, PLAN_HOUR, PLANS, SUPPORT};
use super::usage;
use crate::aws::{nat_zones, plan_end, resource_id, savings_plan_arn};
use crate::clock::{DAY, HOUR, day_start, month_end, month_start, weekday};
use crate::company::{Account, ENVIRONMENTS, NONPRODUCTION, PRODUCTION};
use crate::estate::Estate;

/// The charges that one month bills.
#[derive(Debug, Clone)]
pub struct Month {
    /// First instant of the month.
    pub start: i64,
    /// First instant after it.
    pub end: i64,
    /// Its charges, by day, then account, then kind.
    pub charges: Vec<Charge>,
}

/// Every month from the one that holds the start of the history to the one that holds its end.
/// The newest ends with the last whole day.
pub fn months(estate: &Estate) -> Vec<Month> {
    let mut all = Vec::new();
    let mut start = month_start(estate.from);
    while start < estate.until {
        let end = month_end(start);
        all.push(month(estate, start, end, all.len()));
        start = end;
    }
    all
}

fn month(estate: &Estate, start: i64, end: i64, position: usize) -> Month {
    let mut charges = Vec::new();
    let mut day = start;
    while day < end && day + DAY <= day_start(estate.until) {
        for cluster in &estate.clusters {
            charges.extend(usage::day(estate, cluster, day));
        }
        if day < plan_end(estate) {
            charges.extend(plan(estate, day));
        }
        day += DAY;
    }
    let last_day = day - DAY;
    if last_day >= start {
        charges.push(support(&charges, start, end));
        if position == 1 {
            charges.push(credit(start));
        }
        if position == 2 {
            charges.push(correction(estate, start));
        }
        for account in [PRODUCTION, NONPRODUCTION] {
            charges.push(tax(&charges, account, start, end));
        }
    }
    Month { start, end, charges }
}

/// The savings plan's fee of a day, and what of it was not used.
fn plan(estate: &Estate, day: i64) -> Vec<Charge> {
    let nodes = if weekday(day) == 6 { 6 } else { 8 };
    let fee = PLAN_COMMITMENT.times(Amount::whole(24));
    let used = PLAN_HOUR.times(Amount::whole(24 * nodes));
    let base = Charge {
        resource: Some(savings_plan_arn(estate)),
        resource_type: Some("Savings plan"),
        quantity: Amount::whole(24),
        unit: "Hours",
        description: "1 year No Upfront Compute Savings Plan".to_owned(),
        ..monthly(PRODUCTION, (day, day + DAY), Category::Usage)
    };
    let bought = Charge {
        category: Category::Purchase,
        product: PLANS,
        billed: fee,
        commitment: Some(Commitment::Bought),
        usage_type: "ComputeSP:1yrNoUpfront".to_owned(),
        ..base.clone()
    };
    let unused = Charge {
        product: PLANS,
        effective: fee - used,
        commitment: Some(Commitment::Unused),
        usage_type: "ComputeSP:1yrNoUpfront".to_owned(),
        ..base
    };
    vec![bought, unused]
}

fn monthly(account: Account, period: (i64, i64), category: Category) -> Charge {
    Charge {
        account,
        place: None,
        zone: None,
        start: period.0,
        end: period.1,
        category,
        correction: false,
        product: SUPPORT,
        usage_type: String::new(),
        operation: "",
        description: String::new(),
        resource: None,
        resource_type: None,
        quantity: Amount::whole(1),
        unit: "Quantity",
        list_price: None,
        list: None,
        contracted: None,
        billed: Amount::default(),
        effective: Amount::default(),
        commitment: None,
        tags: Vec::new(),
    }
}

/// Support costs a part of what production bills in the month.
fn support(charges: &[Charge], start: i64, end: i64) -> Charge {
    let billed: Amount =
        charges.iter().filter(|c| c.account.id == PRODUCTION.id).map(|c| c.billed).sum();
    let amount = billed.share(7, 100);
    Charge {
        description: "7% of monthly AWS usage".to_owned(),
        unit: "Dollar",
        list: Some(amount),
        contracted: Some(amount),
        billed: amount,
        effective: amount,
        usage_type: "Dollar".to_owned(),
        ..monthly(PRODUCTION, (start, end), Category::Usage)
    }
}

fn tax(charges: &[Charge], account: Account, start: i64, end: i64) -> Charge {
    let billed: Amount = charges
        .iter()
        .filter(|c| c.account.id == account.id && c.category != Category::Credit)
        .map(|c| c.billed)
        .sum();
    let amount = billed.share(6, 100);
    Charge {
        description: "Tax for usage in the month".to_owned(),
        product: EC2,
        billed: amount,
        effective: amount,
        ..monthly(account, (start, end), Category::Tax)
    }
}

fn credit(start: i64) -> Charge {
    let amount = -Amount::whole(500);
    Charge {
        description: "Migration programme credit".to_owned(),
        product: EC2,
        billed: amount,
        effective: amount,
        ..monthly(PRODUCTION, (start, start + HOUR), Category::Credit)
    }
}

/// Takes back a part of the gateway's traffic of the month before.
fn correction(estate: &Estate, start: i64) -> Charge {
    let env = &ENVIRONMENTS[0];
    let zone = nat_zones(env)[0];
    let amount = -Amount::micros(87_250_000);
    let before = month_start(start - DAY);
    Charge {
        place: Some(env),
        correction: true,
        product: EC2,
        usage_type: "NatGateway-Bytes".to_owned(),
        operation: "NatGateway",
        description: "Correction of NAT gateway bytes of the previous month".to_owned(),
        resource: Some(format!(
            "arn:aws:ec2:{}:{}:natgateway/{}",
            env.region,
            env.account.id,
            resource_id(estate, env, "nat", &zone.to_string())
        )),
        resource_type: Some("NAT gateway"),
        list: Some(amount),
        contracted: Some(amount),
        billed: amount,
        effective: amount,
        tags: vec![("team", "platform-team".to_owned())],
        ..monthly(PRODUCTION, (before + 9 * DAY, before + 10 * DAY), Category::Usage)
    }
}
