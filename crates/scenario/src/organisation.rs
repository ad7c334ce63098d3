//! Organisation, ownership, budgets and value metrics as the CSV files of
//! `docs/formats/organisation.md`.

use crate::behaviour::{Behaviour, Outcome};
use crate::clock::{DAY, date, day_start, month_end, month_start, rfc3339};
use crate::company::{APPLICATIONS, NONPRODUCTION, UNITS};
use crate::cost::{Amount, months};
use crate::estate::Estate;
use crate::files::Files;
use crate::outcome::{InputStep, ScenarioError};
use crate::services::service;

/// Writes the four tables.
pub fn write(files: &mut Files, estate: &Estate) -> Result<InputStep, ScenarioError> {
    table(files, "organisation", &units())?;
    table(files, "ownership", &ownership())?;
    table(files, "budgets", &budgets(estate))?;
    table(files, "value_metrics", &value_metrics(estate))?;
    Ok(InputStep {
        path: "organisation".to_owned(),
        observed_at: Some(rfc3339(estate.until)),
        ..InputStep::default()
    })
}

fn table(files: &mut Files, name: &str, rows: &[Vec<String>]) -> Result<(), ScenarioError> {
    files.stream(&format!("organisation/{name}.csv"), |out| {
        let mut writer = csv::Writer::from_writer(out);
        for row in rows {
            writer.write_record(row)?;
        }
        writer.flush()
    })
}

fn texts(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|c| (*c).to_owned()).collect()
}

/// The organisation and product trees.
fn units() -> Vec<Vec<String>> {
    let mut rows = vec![texts(&[
        "unit",
        "parent",
        "parent_kind",
        "kind",
        "name",
        "cost_centre",
        "email",
        "share",
    ])];
    for (position, unit) in UNITS.iter().enumerate() {
        let parent_kind =
            UNITS.iter().find(|u| u.id == unit.parent).map_or("", |parent| parent.kind);
        let owns = matches!(unit.kind, "business_unit" | "team");
        let centre = if owns { format!("CC-{}", 100 + position) } else { String::new() };
        let email = if owns { format!("{}@larkfield.example", unit.id) } else { String::new() };
        rows.push(texts(&[
            unit.id,
            unit.parent,
            parent_kind,
            unit.kind,
            unit.name,
            &centre,
            &email,
            "",
        ]));
    }
    for application in APPLICATIONS {
        let (id, name) = (application.id, application.name);
        rows.push(texts(&[id, application.team, "team", "application", name, "", "", ""]));
        for (product, share) in application.products {
            rows.push(texts(&[id, product, "product", "application", name, "", "", share]));
        }
    }
    rows
}

/// Rules that tie entities to owners: by label, by tag, one by name, one by account.
fn ownership() -> Vec<Vec<String>> {
    let mut rows = vec![texts(&["match", "owner", "application", "environment", "tier", "note"])];
    for application in APPLICATIONS {
        let rule = format!("label.app.kubernetes.io/part-of={}", application.id);
        let tier = match application.id {
            "checkout" | "payments" | "storefront" | "identity" => "critical",
            "catalogue" | "inventory" | "search" => "high",
            _ => "",
        };
        rows.push(texts(&[&rule, "", application.id, "", tier, ""]));
    }
    for team in UNITS.iter().filter(|u| u.kind == "team") {
        // What a team of one application runs is of that application.
        let mut of_team = APPLICATIONS.iter().filter(|one| one.team == team.id).map(|one| one.id);
        let only = of_team.next().filter(|_| of_team.next().is_none()).unwrap_or_default();
        rows.push(texts(&[&format!("tag.team={}", team.id), team.id, only, "", "", ""]));
    }
    let account = format!("account={}", NONPRODUCTION.id);
    rows.push(texts(&[&account, "platform-team", "", "staging", "low", "shared account"]));
    rows.push(texts(&["namespace=kube-system", "platform-team", "", "", "", ""]));
    rows.push(texts(&["namespace=monitoring", "platform-team", "", "", "", ""]));
    rows
}

/// Monthly budgets of every business unit and team for the months of the bills and the two after.
/// Teams get what their tags cost in the first month, rounded up; search got none: its budget is 0.
fn budgets(estate: &Estate) -> Vec<Vec<String>> {
    let mut rows = vec![texts(&[
        "unit",
        "period_start",
        "period_end",
        "currency",
        "basis",
        "amount",
        "include_tax",
        "include_credits",
        "phasing",
    ])];
    let all = months(estate);
    let Some(first) = all.first() else { return rows };
    let spent = |team: &str| -> Amount {
        first
            .charges
            .iter()
            .filter(|c| c.tags.iter().any(|t| t.0 == "team" && t.1 == team))
            .map(|c| c.effective)
            .sum()
    };
    let mut amounts: Vec<(&str, i64)> = Vec::new();
    for unit in UNITS.iter().filter(|u| u.kind == "team") {
        let whole = (spent(unit.id).0 / Amount::whole(1).0) as i64;
        let rounded = if unit.id == "search-team" { 0 } else { (whole / 50 + 2) * 50 };
        amounts.push((unit.id, rounded));
    }
    for unit in UNITS.iter().filter(|u| u.kind == "business_unit") {
        let sum = UNITS
            .iter()
            .filter(|u| u.parent == unit.id)
            .filter_map(|u| amounts.iter().find(|a| a.0 == u.id))
            .map(|a| a.1)
            .sum();
        amounts.push((unit.id, sum));
    }
    let mut start = month_start(estate.from);
    let last = month_end(month_end(month_end(estate.until)));
    while start < last {
        let end = month_end(start);
        for (unit, amount) in &amounts {
            let amount = format!("{amount}.00");
            rows.push(texts(&[
                unit,
                &date(start),
                &date(end),
                "USD",
                "effective",
                &amount,
                "false",
                "true",
                "even",
            ]));
        }
        start = end;
    }
    rows
}

/// Orders, revenue and active customers a day and product, tickets a week and unit. An order is
/// placed by 85 of 100 checkouts that succeed in production, so orders dip while checkout fails.
fn value_metrics(estate: &Estate) -> Vec<Vec<String>> {
    let mut rows = vec![texts(&[
        "metric",
        "product",
        "application",
        "entry",
        "unit",
        "period_start",
        "period_end",
        "value",
        "currency",
        "value_unit",
        "source",
    ])];
    let production: Vec<Behaviour> =
        estate.clusters[..2].iter().map(|c| Behaviour::new(estate, c.env, estate.until)).collect();
    let Some(checkout) = service("checkout") else { return rows };
    let streams: Vec<_> = production.iter().map(|b| b.counters(checkout, None)).collect();
    let placed: Vec<_> =
        streams.iter().map(|c| c.bucket(Outcome::Succeeded, f64::INFINITY)).collect();
    let until_then =
        |at: i64| -> f64 { streams.iter().zip(&placed).map(|(c, q)| q.value(c.at(at))).sum() };
    let mut day = day_start(estate.from) + DAY;
    while day + DAY <= estate.until {
        let all = until_then(day + DAY) - until_then(day);
        let (start, end) = (date(day), date(day + DAY));
        for (product, share, basket) in [
            ("shop", 0.62, 64.20),
            ("market", 0.2, 41.75),
            ("ship", 0.13, 11.30),
            ("rewards-club", 0.05, 8.90),
        ] {
            let count = (all * 0.85 * share) as i64;
            let key = format!("basket/{product}/{day}");
            let cents = (count as f64 * basket * (0.97 + 0.06 * estate.random.unit(&key)) * 100.0)
                .round() as i64;
            let customers = (count as f64 * 3.7) as i64;
            let mut row = |metric: &str, value: String, currency: &str, unit: &str| {
                rows.push(texts(&[
                    metric,
                    product,
                    "",
                    "",
                    "",
                    &start,
                    &end,
                    &value,
                    currency,
                    unit,
                    "order ledger",
                ]));
            };
            row("orders", count.to_string(), "", "orders");
            row("revenue", format!("{}.{:02}", cents / 100, cents % 100), "USD", "");
            row("active_customers", customers.to_string(), "", "customers");
        }
        if crate::clock::weekday(day) == 0 && day + 7 * DAY <= estate.until {
            for unit in UNITS.iter().filter(|u| u.kind == "business_unit") {
                let key = format!("tickets/{}/{day}", unit.id);
                let tickets = 40 + estate.random.below(&key, 60);
                rows.push(texts(&[
                    "tickets",
                    "",
                    "",
                    "",
                    unit.id,
                    &start,
                    &date(day + 7 * DAY),
                    &tickets.to_string(),
                    "",
                    "tickets",
                    "service desk",
                ]));
            }
        }
        day += DAY;
    }
    rows
}
