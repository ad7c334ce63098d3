//! Budgets on a report: whose rows count, and what they come to.

use model::absence::Absence;
use model::money::Origin;
use serde_json::Value;

use super::figure::{MoneyKind, absent, source};
use super::scene::Scene;
use super::shape::{ReportFigure, ReportSource, ReportValue};

/// The rows of a budget part that are the subject's: its own, else those of the units directly below.
pub fn budget_rows(scene: &Scene, part: &str) -> Vec<usize> {
    let rows = scene.parts.list(part, "/budgets");
    let of = |ids: &[&str]| -> Vec<usize> {
        let is_of = |row: &Value| {
            row.get("unit").and_then(Value::as_str).is_some_and(|unit| ids.contains(&unit))
        };
        (0..rows.len()).filter(|at| is_of(&rows[*at])).collect()
    };
    let own: Vec<&str> = scene.own.iter().map(String::as_str).collect();
    let found = of(&own);
    if !found.is_empty() {
        return in_one_currency(scene, part, found);
    }
    let below: Vec<&str> = scene.below.iter().map(|one| one.id.as_str()).collect();
    in_one_currency(scene, part, of(&below))
}

/// Sums never mix currencies: the rows in that of the first.
pub fn in_one_currency(scene: &Scene, part: &str, rows: Vec<usize>) -> Vec<usize> {
    let currency = |at: &usize| scene.parts.at(part, &format!("/budgets/{at}/currency"));
    let Some(first) = rows.first().and_then(currency) else { return rows };
    rows.into_iter().filter(|at| currency(at) == Some(first)).collect()
}

/// The kind of money of a budget row.
pub fn budget_money(scene: &Scene, part: &str, row: usize) -> MoneyKind {
    let of = |field: &str| {
        let value = scene.parts.at(part, &format!("/budgets/{row}/{field}"));
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    MoneyKind::new(&of("currency"), of("basis").parse().ok(), Origin::Charged)
}

/// One field of several budget rows.
pub fn budget_terms(part: &str, rows: &[usize], field: &str) -> Vec<ReportSource> {
    rows.iter().map(|at| source(part, format!("/budgets/{at}/{field}"))).collect()
}

/// Budget to date, what is charged against it, and where that leads.
pub fn budget_figures(scene: &Scene, part: &str, rows: &[usize]) -> Vec<ReportFigure> {
    let Some(first) = rows.first() else {
        let reason = scene.parts.missing(part).unwrap_or(Absence::NotConfigured);
        let titles = [("variance", "Against budget"), ("budget_to_date", "Budget to date")];
        return titles.map(|(key, title)| absent(key, title, "", reason)).to_vec();
    };
    let kind = budget_money(scene, part, *first);
    let sum = |key: &str, title: &str, field: &str, origin| {
        scene.parts.sum(key, title, &kind.of(origin), budget_terms(part, rows, field))
    };
    let (over, under) = (budget_terms(part, rows, "variance"), budget_terms(part, rows, "to_date"));
    vec![
        sum("variance", "Against budget", "variance", Origin::Charged),
        scene.parts.ratio("variance_ratio", "In percent", over, under),
        sum("budget_to_date", "Budget to date", "to_date", Origin::Stated),
        sum("budgeted_actual", "Charged against it", "actual", Origin::Charged),
        sum("budget", "Whole budget", "amount", Origin::Stated),
        forecast(
            sum("forecast", "Forecast at end", "forecast/amount", Origin::Forecast),
            scene,
            part,
            rows,
        ),
        sum("forecast_variance", "Over at end", "forecast_variance", Origin::Forecast),
    ]
}

/// Of one budget the forecast has its interval.
fn forecast(mut figure: ReportFigure, scene: &Scene, part: &str, rows: &[usize]) -> ReportFigure {
    if let ([row], ReportValue::Money(money)) = (rows, &mut figure.value) {
        let end = |field: &str| {
            scene.parts.amount(&source(part, format!("/budgets/{row}/forecast/{field}")))
        };
        money.interval = end("low").zip(end("high")).map(|(low, high)| [low, high]);
    }
    figure
}
