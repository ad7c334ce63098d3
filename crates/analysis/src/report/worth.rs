//! Value on a report: which metric stands for the subject, and what incidents cost.

use model::absence::Absence;
use model::measure::Measure;
use model::money::{Amount, Origin};
use serde_json::Value;

use super::figure::{MoneyKind, absent, source};
use super::scene::Scene;
use super::shape::{ReportFigure, ReportSource, ReportValue};

/// The value metric that stands for the subject: its own, in money before other units, with a return
/// before one without; else the first of anything below it.
pub fn value_place(scene: &Scene) -> Option<(usize, usize)> {
    let subjects = scene.parts.list("value", "/subjects");
    let is_own = |subject: &Value| {
        let id = subject.get("id").and_then(Value::as_str);
        id.is_some_and(|id| scene.own.iter().any(|own| own == id))
    };
    let metrics =
        |subject: &Value| subject.get("metrics").and_then(Value::as_array).map_or(0, Vec::len);
    let mut places = Vec::new();
    for (at, subject) in subjects.iter().enumerate() {
        for metric in 0..metrics(subject) {
            let of = format!("/subjects/{at}/metrics/{metric}");
            let has_return =
                scene.parts.at("value", &format!("{of}/compared/return_ratio/value")).is_some();
            let is_money = scene.parts.at("value", &format!("{of}/currency")).is_some();
            places.push((!is_own(subject), !is_money, !has_return, at, metric));
        }
    }
    places.sort_unstable();
    places.first().map(|(.., at, metric)| (*at, *metric))
}

/// The figures of one value metric.
pub fn value_figures(scene: &Scene, (at, metric): (usize, usize)) -> Vec<ReportFigure> {
    let parts = &scene.parts;
    let of = |field: &str| format!("/subjects/{at}/metrics/{metric}/{field}");
    let word = |field: &str| parts.at("value", &of(field)).and_then(Value::as_str);
    let name = word("metric").unwrap_or("value").replace('_', " ");
    let subject = parts.at("value", &format!("/subjects/{at}/name")).and_then(Value::as_str);
    let value = match word("currency") {
        Some(currency) => {
            let kind = MoneyKind::new(currency, None, Origin::Stated);
            parts.money("value", &name, &kind, "value", &of("compared/value"))
        }
        None => {
            let unit = word("value_unit").unwrap_or("count");
            let stated = word("compared/value").and_then(|text| text.parse::<Amount>().ok());
            let sources = vec![source("value", of("compared/value"))];
            match stated.map(|amount| Measure::new(amount.to_f64(), unit)) {
                Some(measure) => ReportFigure {
                    value: ReportValue::Measure(measure),
                    sources,
                    ..absent("value", &name, unit, Absence::NoData)
                },
                None => absent("value", &name, unit, Absence::NoData),
            }
        }
    };
    let days = parts.number(&source("value", of("compared/days"))).unwrap_or(0.0);
    let value = value.noted(format!("{}, {days} days", subject.unwrap_or_default()));
    vec![
        value,
        parts.figure("value_cost", "Cost, same days", "", "value", &of("compared/costs/0")),
        parts.figure("return", "Return", "1", "value", &of("compared/return_ratio")),
        parts.figure("net", "Net", "", "value", &of("compared/net")),
    ]
}

/// What incidents cost, of the rows in one currency.
pub fn downtime_figure(scene: &Scene) -> ReportFigure {
    let (key, title) = ("downtime_cost", "Lost by incidents");
    let parts = &scene.parts;
    if let Some(reason) = parts.missing("value") {
        return absent(key, title, "", reason);
    }
    let rows = parts.list("value", "/downtime");
    let currency = |row: &Value| Some(row.pointer("/cost/currency")?.as_str()?.to_owned());
    let Some(first) = rows.iter().find_map(currency) else {
        let reason = match rows.is_empty() {
            true => Absence::NoData,
            false => Absence::NotConfigured,
        };
        return absent(key, title, "", reason);
    };
    let is_in = |at: &usize| currency(&rows[*at]).as_deref() == Some(&first);
    let terms = (0..rows.len()).filter(is_in);
    let terms: Vec<ReportSource> =
        terms.map(|at| source("value", format!("/downtime/{at}/cost/amount"))).collect();
    let without = rows.len() - terms.len();
    let kind = MoneyKind::new(&first, None, Origin::Estimated);
    let figure = parts.sum(key, title, &kind, terms);
    match without {
        0 => figure,
        _ => figure.noted(format!("{without} more whose value nobody states")),
    }
}
