//! The key figures of a report, by theme.

use model::absence::Absence;
use model::money::{Basis, Origin};
use serde_json::Value;

use super::budget::{budget_figures, budget_rows};
use super::figure::{MoneyKind, absent, source};
use super::part::Parts;
use super::plan::ReportName;
use super::scene::Scene;
use super::shape::{ReportFigure, ReportGroup, ReportSource, ReportValue};
use super::worth::{downtime_figure, value_figures, value_place};

/// The themes of a report, in the order of its page.
pub fn groups(name: ReportName, scene: &Scene) -> Vec<ReportGroup> {
    match name {
        ReportName::Dashboard => {
            vec![health(scene), spend(scene), reliability(scene), risk(scene), value(scene)]
        }
        ReportName::Value => vec![value(scene), spend(scene), downtime(scene), savings(scene)],
        ReportName::Fiscal => vec![year(scene), spend(scene), savings(scene)],
        ReportName::Infrastructure => {
            vec![estate(scene), health(scene), spend(scene), risk(scene), reliability(scene)]
        }
    }
}

fn group(key: &str, title: &str, figures: Vec<ReportFigure>, link: &str) -> ReportGroup {
    ReportGroup { key: key.to_owned(), title: title.to_owned(), figures, link: link.to_owned() }
}

fn health(scene: &Scene) -> ReportGroup {
    let parts = &scene.parts;
    let of = |key: &str, title: &str| {
        parts.figure(key, title, "count", "health", &format!("/counts/{key}"))
    };
    let counts = ["/counts/healthy", "/counts/total"].map(|one| vec![source("health", one)]);
    let [healthy, total] = counts;
    let figures = vec![
        parts.ratio("healthy_share", "Healthy", healthy, total),
        of("critical", "Critical"),
        of("warning", "Warning"),
        of("unknown", "Unknown"),
        of("healthy", "Healthy"),
        of("total", "Judged"),
    ];
    group("health", "Health", figures, "/system-metrics")
}

/// The currency in which most is charged, with its place in the answer.
pub fn currency_of(parts: &Parts, part: &str) -> Option<(usize, String)> {
    let rows = |value: &Value| value.get("rows").and_then(Value::as_u64).unwrap_or(0);
    let all = parts.list(part, "/currencies").iter().enumerate();
    let most = all.max_by_key(|(at, value)| (rows(value), std::cmp::Reverse(*at)));
    most.and_then(|(at, value)| Some((at, value.get("currency")?.as_str()?.to_owned())))
}

fn spend(scene: &Scene) -> ReportGroup {
    let parts = &scene.parts;
    let mut figures = Vec::new();
    match currency_of(parts, "spend") {
        None => {
            let reason = parts.missing("spend").unwrap_or(Absence::NoData);
            figures.push(absent("spend", "Charged", "", reason));
        }
        Some((main, currency)) => {
            let of = |key: &str, title: &str, pointer: &str| {
                parts.figure(key, title, "", "spend", &format!("/currencies/{main}{pointer}"))
            };
            figures.push(of("spend", "Charged", "/total/effective"));
            figures.push(of("spend_billed", "Billed", "/total/billed"));
            let kind = MoneyKind::new(&currency, Some(Basis::Effective), Origin::Forecast);
            let pointer = format!("/currencies/{main}/days/forecast/amount");
            let mut month =
                parts.money("month_forecast", "Month's forecast", &kind, "spend", &pointer);
            if let ReportValue::Money(money) = &mut month.value {
                let end = |field: &str| {
                    let pointer = format!("/currencies/{main}/days/forecast/{field}");
                    parts.amount(&source("spend", pointer))
                };
                money.interval = end("low").zip(end("high")).map(|(low, high)| [low, high]);
            }
            figures.push(month);
            figures.push(of("unowned", "Without an owner", "/unattributed/unowned/effective"));
            for (at, other) in parts.list("spend", "/currencies").iter().enumerate() {
                let name = other.get("currency").and_then(Value::as_str).unwrap_or_default();
                if at != main {
                    let key = format!("spend_{}", name.to_lowercase());
                    let pointer = format!("/currencies/{at}/total/effective");
                    let title = format!("Charged in {name}");
                    figures.push(parts.figure(&key, &title, "", "spend", &pointer));
                }
            }
        }
    }
    let budgets = budget_figures(scene, "budgets", &budget_rows(scene, "budgets"));
    figures.splice(1..1, budgets);
    group("spend", "Spend", figures, "/cost")
}

fn year(scene: &Scene) -> ReportGroup {
    let parts = &scene.parts;
    let mut figures = Vec::new();
    match currency_of(parts, "year") {
        None => {
            let reason = parts.missing("year").unwrap_or(Absence::NoData);
            figures.push(absent("year_spend", "Charged in the fiscal year", "", reason));
        }
        Some((main, _)) => {
            let pointer = format!("/currencies/{main}/total/effective");
            let title = "Charged in the fiscal year";
            figures.push(parts.figure("year_spend", title, "", "year", &pointer));
        }
    }
    figures.push(outlook(scene));
    let rows = budget_rows(scene, "year_budgets");
    for mut figure in budget_figures(scene, "year_budgets", &rows) {
        figure.key = format!("year_{}", figure.key);
        figures.push(figure);
    }
    group("year", "Fiscal year", figures, "/cost")
}

/// Where all spend leads by the end of the fiscal year.
fn outlook(scene: &Scene) -> ReportFigure {
    let (key, title) = ("year_outlook", "All spend at the year's end");
    let Some((main, currency)) = currency_of(&scene.parts, "outlook") else {
        return absent(key, title, "", scene.parts.missing("outlook").unwrap_or(Absence::NoData));
    };
    let kind = MoneyKind::new(&currency, Some(Basis::Effective), Origin::Forecast);
    let of = |field: &str| format!("/currencies/{main}/forecast/{field}");
    let mut figure = scene.parts.money(key, title, &kind, "outlook", &of("amount"));
    let end = |field: &str| scene.parts.amount(&source("outlook", of(field)));
    if let ReportValue::Money(money) = &mut figure.value {
        money.interval = end("low").zip(end("high")).map(|(low, high)| [low, high]);
        if money.amount.is_none() && money.reason == Some(Absence::NoData) {
            money.reason = Some(Absence::TooLittleData);
        }
    }
    let why = scene.parts.at("outlook", &of("reason")).or(scene.parts.at("outlook", &of("method")));
    match why.and_then(Value::as_str) {
        Some(why) => figure.noted(why),
        None => figure,
    }
}

fn reliability(scene: &Scene) -> ReportGroup {
    let parts = &scene.parts;
    let of = |key: &str, title: &str, unit: &str, pointer: &str| {
        parts.figure(key, title, unit, "incidents", pointer)
    };
    let mut figures = vec![
        of("incidents_open", "Incidents open", "count", "/total/open"),
        of("incidents", "Incidents", "count", "/total/count"),
    ];
    let resolve = "/total/durations/resolve";
    let n = parts.at("incidents", &format!("{resolve}/n")).and_then(Value::as_u64).unwrap_or(0);
    let high = parts.at("incidents", &format!("{resolve}/median/high"));
    let low = parts.at("incidents", &format!("{resolve}/median/low"));
    let median = of("resolve_median", "Median to resolve", "s", &format!("{resolve}/median/low"));
    figures.push(match high {
        Some(high) if low != Some(high) => median.noted(format!("n = {n}, up to {high} s")),
        _ => median.noted(format!("n = {n}")),
    });
    if parts.missing("objectives") != Some(Absence::NotApplicable) {
        let missed = objective_sources(scene, "is_missed");
        let total =
            parts.figure("objectives", "Objectives", "count", "objectives", "/summary/objectives");
        if missed.is_empty() {
            let reason = parts.missing("objectives").unwrap_or(Absence::NotConfigured);
            figures.push(absent("objectives_missed", "Objectives missed", "count", reason));
        } else {
            figures.push(parts.count("objectives_missed", "Objectives missed", missed));
            figures.push(total);
        }
    }
    group("reliability", "Reliability", figures, "/incidents")
}

/// One field of every objective of the services asked about.
pub fn objective_sources(scene: &Scene, field: &str) -> Vec<ReportSource> {
    let services = scene.parts.list("objectives", "/services");
    let mut all = Vec::new();
    for (at, service) in services.iter().enumerate() {
        let count = service.get("objectives").and_then(Value::as_array).map_or(0, Vec::len);
        for place in 0..count {
            let pointer = format!("/services/{at}/objectives/{place}/{field}");
            all.push(source("objectives", pointer));
        }
    }
    all
}

fn risk(scene: &Scene) -> ReportGroup {
    let parts = &scene.parts;
    let of = |key: &str, title: &str, part: &str, pointer: &str| {
        parts.figure(key, title, "count", part, pointer)
    };
    let mut loss = parts.figure("largest_loss", "Largest loss", "1", "risk", "/physical/0/loss");
    if let Some(name) = parts.at("risk", "/physical/0/entity/name").and_then(Value::as_str) {
        loss.note = Some(name.to_owned());
    }
    let is_scanned =
        ["/scans", "/findings"].iter().any(|one| !parts.list("security", one).is_empty());
    let findings = |key: &str, title: &str, pointer: &str| match parts.missing("security") {
        // Nothing scanned is not nothing found.
        None if !is_scanned => absent(key, title, "count", Absence::NotCollected),
        _ => of(key, title, "security", pointer),
    };
    let exploited = match parts.number(&source("security", "/lists/known_exploited")) {
        Some(0.0) => absent("known_exploited", "Known exploited", "count", Absence::NotCollected),
        _ => findings("known_exploited", "Known exploited", "/summary/known_exploited"),
    };
    let figures = vec![
        of("single_points", "Single points of failure", "risk", "/summary/physical"),
        loss,
        findings("findings_critical", "Critical findings", "/summary/severities/0/open"),
        exploited,
        findings("findings_overdue", "Past their target", "/summary/overdue"),
    ];
    group("risk", "Risk", figures, "/single-points")
}

fn value(scene: &Scene) -> ReportGroup {
    let figures = match value_place(scene) {
        Some(place) => value_figures(scene, place),
        None => {
            let reason = scene.parts.missing("value").unwrap_or(Absence::NotConfigured);
            vec![absent("value", "Value", "", reason)]
        }
    };
    group("value", "Value", figures, "/value")
}

fn downtime(scene: &Scene) -> ReportGroup {
    let open = scene.parts.figure("incidents", "Incidents", "count", "incidents", "/total/count");
    group("downtime", "Downtime", vec![downtime_figure(scene), open], "/value")
}

fn savings(scene: &Scene) -> ReportGroup {
    let parts = &scene.parts;
    let of =
        |key: &str, title: &str, pointer: &str| parts.figure(key, title, "", "savings", pointer);
    let mut figures = vec![
        of("saving", "Could be saved a month", "/totals/0/saving"),
        of("safe_saving", "Of it safe", "/totals/0/safe_saving"),
    ];
    if parts.missing("value").is_none() {
        let kind = parts.at("value", "/savings/totals/0/currency").and_then(Value::as_str);
        figures.push(match kind {
            Some(currency) => {
                let kind = MoneyKind::new(currency, Some(Basis::Effective), Origin::Charged);
                let pointer = "/savings/totals/0/verified";
                parts.money("saved", "Saved, verified", &kind, "value", pointer)
            }
            None => absent("saved", "Saved, verified", "", Absence::NotConfigured),
        });
    }
    group("savings", "Savings", figures, "/savings")
}

fn estate(scene: &Scene) -> ReportGroup {
    let parts = &scene.parts;
    let of = |key: &str, title: &str, pointer: &str| {
        parts.figure(key, title, "count", "topology", pointer)
    };
    let figures = vec![
        of("entities", "Entities", "/summary/entities"),
        of("relations", "Relations", "/summary/relations"),
    ];
    group("estate", "Estate", figures, "/topology")
}
