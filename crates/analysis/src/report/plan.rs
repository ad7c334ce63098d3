//! Which questions each report asks. Those of the units below are asked for a few units only.

use serde_json::{Value, json};

use super::lists::services_params;
use super::params::ReportDepth;
use super::part::Wanted;
use super::scene::{Scene, Shared, UNITS_MAX, window_text};

/// The four reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportName {
    /// Value metrics against cost.
    Value,
    /// Health, spend, reliability, risk, value and decisions.
    Dashboard,
    /// Budget against actual over the fiscal year.
    Fiscal,
    /// What there is, how healthy, at which cost and risk, by branch.
    Infrastructure,
}

/// Budgets that are asked for.
const BUDGETS_MAX: usize = 1_000;

/// The question whose answer gives the period: always asked first, and always for all environments.
pub fn first(shared: &Shared<'_>, unit: Option<&str>) -> Vec<Wanted> {
    let more = json!({ "limit": BUDGETS_MAX });
    vec![shared.wanted("budgets", "cost_analysis/budget", unit, false, more)]
}

/// Everything else that a report asks.
pub fn rest(name: ReportName, shared: &Shared<'_>, scene: &Scene) -> Vec<Wanted> {
    let unit = scene.subject.id.as_deref();
    let rows = scene.depth.rows();
    let month = window_text(scene.period.from, scene.period.to);
    let ask = |key: &str, question, more: Value| shared.wanted(key, question, unit, true, more);
    let spend =
        ask("spend", "cost_analysis", json!({ "window": month, "step": "day", "limit": rows }));
    let health = ask("health", "system_metrics", json!({ "limit": rows.max(20) }));
    let incidents = ask("incidents", "incidents", json!({ "limit": rows.max(20) }));
    let risk = ask("risk", "critical_paths", json!({ "limit": rows.max(20) }));
    let security = ask("security", "security_events", json!({ "limit": rows.max(50) }));
    let savings = ask("savings", "savings_candidates", json!({ "limit": rows.max(20) }));
    // Value is of all environments: of a part of the estate there would be no return.
    let value = shared.wanted("value", "business_value", unit, false, json!({ "limit": 200 }));
    let mut all = match name {
        ReportName::Dashboard => {
            let more =
                json!({ "forecast": false, "signal": ["request_rate"], "buckets": 1, "limit": 50 });
            let objectives = ask("objectives", "service_trends", more);
            let mut all = fiscal(shared, scene);
            all.extend([spend, health, incidents, risk, security, savings, value, objectives]);
            all
        }
        ReportName::Value => vec![spend, incidents, savings, value],
        ReportName::Fiscal => {
            let mut all = fiscal(shared, scene);
            all.extend([spend, savings]);
            all
        }
        ReportName::Infrastructure => {
            let topology =
                ask("topology", "topology", json!({ "limit": 1, "aggregate_by": "none" }));
            let clusters = ask("clusters", "eks_clusters", json!({ "limit": rows }));
            vec![spend, health, incidents, risk, security, topology, clusters]
        }
    };
    if scene.below.is_empty() || scene.depth >= ReportDepth::Manager {
        let services = ask("services", "system_metrics", services_params(rows));
        all.extend(
            (name == ReportName::Dashboard || name == ReportName::Infrastructure)
                .then_some(services),
        );
    }
    for below in scene.below.iter().take(UNITS_MAX) {
        all.extend(of_unit(name, shared, scene, &below.id));
    }
    all
}

fn fiscal(shared: &Shared<'_>, scene: &Scene) -> Vec<Wanted> {
    let unit = scene.subject.id.as_deref();
    let (year, period) = (&scene.fiscal_year, &scene.period);
    let window = window_text(year.from, year.to);
    let (before, _) = crate::spend::phasing::period_before(period.from, period.to);
    let elapsed = before.plus(period.at.0 - period.from.0).min(period.from);
    let drivers = json!({
        "window": window_text(period.from, period.at),
        "reference": window_text(before, elapsed),
        "limit": scene.depth.rows(),
    });
    let year_cost = json!({ "window": window, "step": "month", "limit": scene.depth.rows() });
    let year_budgets = json!({ "window": window, "limit": BUDGETS_MAX });
    vec![
        shared.wanted("year", "cost_analysis", unit, true, year_cost),
        shared.wanted("year_budgets", "cost_analysis/budget", unit, false, year_budgets),
        shared.wanted("drivers", "cost_analysis/drivers", unit, false, drivers),
        shared.wanted("outlook", "cost_analysis/outlook", unit, true, json!({ "window": window })),
    ]
}

/// Key of a part about one of the units below.
pub fn key_of(part: &str, unit: &str) -> String {
    format!("{part}/{unit}")
}

fn of_unit(name: ReportName, shared: &Shared<'_>, scene: &Scene, unit: &str) -> Vec<Wanted> {
    let month = window_text(scene.period.from, scene.period.to);
    let ask = |part: &str, question, more: Value| {
        shared.wanted(&key_of(part, unit), question, Some(unit), true, more)
    };
    let spend =
        ask("spend", "cost_analysis", json!({ "window": month, "step": "day", "limit": 1 }));
    let health = ask("health", "system_metrics", json!({ "kind": ["service"], "limit": 1 }));
    let incidents = ask("incidents", "incidents", json!({ "limit": 1, "top": 1 }));
    match name {
        ReportName::Dashboard => vec![spend, health, incidents],
        ReportName::Value => Vec::new(),
        ReportName::Fiscal => {
            let year = window_text(scene.fiscal_year.from, scene.fiscal_year.to);
            let more = json!({ "window": year, "step": "month", "limit": 1 });
            vec![spend, ask("year", "cost_analysis", more)]
        }
        ReportName::Infrastructure => {
            let topology =
                ask("topology", "topology", json!({ "limit": 1, "aggregate_by": "none" }));
            let risk = ask("risk", "critical_paths", json!({ "limit": 1 }));
            vec![spend, health, topology, risk]
        }
    }
}
