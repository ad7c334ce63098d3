//! Lists of the value report: subjects with their metrics, value per request, downtime, what was saved.

use model::absence::Absence;
use model::money::{Basis, Origin};
use serde_json::Value;

use super::figure::{MoneyKind, absent, no_text, text};
use super::lists::{because, cell, list, query, why, word};
use super::scene::Scene;
use super::shape::{ReportCell, ReportFigure, ReportList, ReportRow};
use super::worth::value_figures;

/// The lists, in the order of the page.
pub fn lists(scene: &Scene) -> Vec<ReportList> {
    vec![subjects(scene), downtime(scene), requests(scene), saved(scene)]
}

fn subjects(scene: &Scene) -> ReportList {
    let mut rows = Vec::new();
    for (at, one) in scene.parts.list("value", "/subjects").iter().enumerate() {
        let id = word(one, "/id").unwrap_or_default();
        let name = word(one, "/name").unwrap_or(id);
        let metrics = one.get("metrics").and_then(Value::as_array).map_or(0, Vec::len);
        let cost = match scene.parts.at("value", &format!("/subjects/{at}/costs/0")) {
            Some(_) => {
                let pointer = format!("/subjects/{at}/costs/0");
                scene.parts.figure("value_cost", "Cost", "", "value", &pointer)
            }
            None => absent(
                "value_cost",
                "Cost",
                "",
                why(one, "/cost_reason").unwrap_or(Absence::NoData),
            ),
        };
        if metrics == 0 {
            let none = |key: &str| ReportCell::Figure(absent(key, key, "", Absence::NotConfigured));
            let cells = vec![
                no_text(Absence::NotConfigured),
                none("value"),
                ReportCell::Figure(cost),
                none("return"),
                none("net"),
            ];
            rows.push(row(id, name, id.to_owned(), cells));
            continue;
        }
        for metric in 0..metrics {
            let named = word(one, &format!("/metrics/{metric}/metric")).unwrap_or_default();
            let mut cells = vec![text(named.replace('_', " "))];
            let figures = value_figures(scene, (at, metric));
            cells.extend(figures.into_iter().map(ReportCell::Figure));
            rows.push(row(id, name, format!("{id} {named} {metric}"), cells));
        }
    }
    let columns = [
        ("metric", "Metric", "text"),
        ("value", "Value", "money"),
        ("value_cost", "Cost of the same days", "money"),
        ("return", "Return", "ratio"),
        ("net", "Value less cost", "change"),
    ];
    let head =
        ["subjects", "Value against cost", "those with a value first, then the largest cost"];
    because(list(scene, head, &columns, rows, None), scene, "value", Absence::NotConfigured)
}

fn row(id: &str, name: &str, key: String, cells: Vec<ReportCell>) -> ReportRow {
    let link = Some(format!("/executive/value?{}", query("unit", id)));
    ReportRow { key, name: name.to_owned(), link, status: None, cells }
}

fn downtime(scene: &Scene) -> ReportList {
    let all = scene.parts.list("value", "/downtime").iter().enumerate();
    let rows = all.map(|(at, one)| {
        let of = |field: &str| format!("/downtime/{at}/{field}");
        let lost = match word(one, "/cost/currency") {
            Some(currency) => {
                let kind = MoneyKind::new(currency, None, Origin::Estimated);
                scene.parts.money("lost", "Lost", &kind, "value", &of("cost/amount"))
            }
            None => absent("lost", "Lost", "", why(one, "/cost/reason").unwrap_or(Absence::NoData)),
        };
        let figure = |key: &str, title: &str, unit: &str, field: &str| -> ReportFigure {
            scene.parts.figure(key, title, unit, "value", &of(field))
        };
        ReportRow {
            key: word(one, "/of").unwrap_or("none").to_owned(),
            name: word(one, "/name").unwrap_or("Without a stated value").to_owned(),
            link: Some("/incidents".to_owned()),
            status: None,
            cells: vec![
                ReportCell::Figure(figure("incidents", "Incidents", "count", "incidents")),
                ReportCell::Figure(figure("minutes", "Minutes", "min", "cost/minutes")),
                ReportCell::Figure(lost),
                cell(one, "/cost/method"),
            ],
        }
    });
    let columns = [
        ("incidents", "Incidents", "count"),
        ("minutes", "Minutes", "measure"),
        ("lost", "Lost", "money"),
        ("method", "How known", "text"),
    ];
    let head = ["downtime", "What incidents cost", "most minutes first"];
    because(list(scene, head, &columns, rows.collect(), None), scene, "value", Absence::NoData)
}

fn requests(scene: &Scene) -> ReportList {
    let all = scene.parts.list("value", "/requests").iter().enumerate();
    let rows = all.map(|(at, one)| {
        let pointer = format!("/requests/{at}/per_request");
        let figure = match (word(one, "/currency"), why(one, "/reason")) {
            (Some(currency), None) => {
                let kind = MoneyKind::new(currency, None, Origin::Stated);
                scene.parts.money("per_request", "A request", &kind, "value", &pointer)
            }
            (_, reason) => {
                absent("per_request", "A request", "", reason.unwrap_or(Absence::NotApplicable))
            }
        };
        let id = word(one, "/entry").unwrap_or_default();
        ReportRow {
            key: format!("{id} {}", word(one, "/metric").unwrap_or_default()),
            name: word(one, "/name").unwrap_or(id).to_owned(),
            link: Some(super::lists::link_of("service", id)),
            status: None,
            cells: vec![cell(one, "/metric"), ReportCell::Figure(figure)],
        }
    });
    let columns = [("metric", "Metric", "text"), ("per_request", "Value of a request", "money")];
    let head = ["requests", "Value of a request", "entry, then metric"];
    because(
        list(scene, head, &columns, rows.collect(), None),
        scene,
        "value",
        Absence::NotConfigured,
    )
}

fn saved(scene: &Scene) -> ReportList {
    let all = scene.parts.list("value", "/savings/realised").iter().enumerate();
    let rows = all.map(|(at, one)| {
        let target = word(one, "/target").unwrap_or_default();
        let pointer = format!("/savings/realised/{at}/amounts/0/saving");
        let figure = match word(one, "/amounts/0/currency") {
            Some(currency) => {
                let kind = MoneyKind::new(currency, Some(Basis::Effective), Origin::Charged);
                scene.parts.money("saved", "Saved", &kind, "value", &pointer)
            }
            None => absent("saved", "Saved", "", why(one, "/reason").unwrap_or(Absence::NoData)),
        };
        ReportRow {
            key: target.to_owned(),
            name: target.to_owned(),
            link: Some(format!("/savings?{}", query("sel", target))),
            status: None,
            cells: vec![
                ReportCell::Figure(figure),
                cell(one, "/status"),
                cell(one, "/accepted_by"),
            ],
        }
    });
    let columns = [
        ("saved", "Saved", "change"),
        ("status", "Known how", "text"),
        ("accepted_by", "Accepted by", "text"),
    ];
    let head = ["saved", "Savings carried out", "newest first"];
    because(
        list(scene, head, &columns, rows.collect(), None),
        scene,
        "value",
        Absence::NotConfigured,
    )
}
