//! What moved spend: drivers against a reference period, up to the variance against budget, and SKUs.

use model::absence::Absence;
use model::money::{Basis, Origin};
use serde_json::Value;

use super::budget::{budget_money, budget_rows, budget_terms};
use super::figure::{MoneyKind, source};
use super::groups::currency_of;
use super::lists::{because, list, word};
use super::scene::Scene;
use super::shape::{ReportCell, ReportFigure, ReportList, ReportRow};

/// What makes up the variance: the drivers against the reference period, the reference against the
/// budget, and what no budget counts. They add up to the variance to the last digit.
pub fn drivers(scene: &Scene) -> ReportList {
    let Some((main, currency)) = currency_of_drivers(scene) else {
        let head = ["drivers", "What moved spend", "in the order of the rule"];
        return because(
            list(scene, head, &[], Vec::new(), None),
            scene,
            "drivers",
            Absence::NoData,
        );
    };
    let kind = MoneyKind::new(&currency, Some(Basis::Effective), Origin::Charged);
    let of = |field: &str| format!("/currencies/{main}/{field}");
    let row = |key: &str, name: &str, figure: ReportFigure| ReportRow {
        key: key.to_owned(),
        name: name.to_owned(),
        link: None,
        status: None,
        cells: vec![ReportCell::Figure(figure)],
    };
    let mut rows = Vec::new();
    for (at, one) in scene.parts.list("drivers", &of("drivers")).iter().enumerate() {
        let name = word(one, "/driver").unwrap_or_default();
        let pointer = of(&format!("drivers/{at}/amount"));
        let figure = scene.parts.money("amount", "Adds", &kind, "drivers", &pointer);
        if figure.number() != Some(0.0) || name == "unexplained" {
            rows.push(row(name, &titled(name), figure));
        }
    }
    let budgets = budget_rows(scene, "budgets");
    let title = if budgets.is_empty() { "What moved spend" } else { "What makes up the variance" };
    if !budgets.is_empty() {
        let mut terms = vec![source("drivers", of("before"))];
        terms.extend(budget_terms("budgets", &budgets, "to_date"));
        let before = scene.parts.difference("amount", "Adds", &kind, terms);
        rows.insert(0, row("reference", "Reference period less budget to date", before));
        let charged = budget_terms("budgets", &budgets, "actual");
        let after = source("drivers", of("after"));
        let outside = scene.parts.less("amount", "Adds", &kind, charged, after);
        rows.push(row("outside", "Charged outside these budgets", outside));
        let total = budget_terms("budgets", &budgets, "variance");
        let total = scene.parts.sum("amount", "Adds", &kind, total);
        rows.push(row("variance", "Over budget to date", total));
    } else {
        let change = scene.parts.money("amount", "Adds", &kind, "drivers", &of("change"));
        rows.push(row("change", "Change", change));
    }
    let head = ["drivers", title, "in the order of the rule; they add up to the last row"];
    let columns = [("amount", "Adds", "change")];
    let mut found = list(scene, head, &columns, rows, None);
    let ends = ["/reference_from", "/reference_to"].map(|one| scene.parts.at("drivers", one));
    if let [Some(from), Some(to)] = ends.map(|one| one.and_then(Value::as_str)) {
        found.note = Some(format!("against {from} to {to}"));
    }
    found
}

fn currency_of_drivers(scene: &Scene) -> Option<(usize, String)> {
    let wanted = budget_rows(scene, "budgets")
        .first()
        .map(|row| budget_money(scene, "budgets", *row).currency);
    let wanted = wanted.or_else(|| currency_of(&scene.parts, "spend").map(|one| one.1));
    let all = scene.parts.list("drivers", "/currencies").iter().enumerate();
    let mut named = all.filter_map(|(at, one)| Some((at, word(one, "/currency")?.to_owned())));
    named.find(|(_, name)| wanted.as_ref().is_none_or(|wanted| wanted == name))
}

fn titled(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// SKUs whose charges moved most.
pub fn skus(scene: &Scene) -> ReportList {
    let head = ["skus", "What moved most", "largest difference first"];
    let columns = [
        ("before", "Before", "money"),
        ("after", "After", "money"),
        ("change", "Change", "change"),
    ];
    let Some((main, currency)) = currency_of_drivers(scene) else {
        return because(
            list(scene, head, &columns, Vec::new(), None),
            scene,
            "drivers",
            Absence::NoData,
        );
    };
    let kind = MoneyKind::new(&currency, Some(Basis::Effective), Origin::Charged);
    let all = scene.parts.list("drivers", &format!("/currencies/{main}/skus"));
    let rows = all.iter().enumerate().map(|(at, one)| {
        let others = one.get("others").and_then(Value::as_u64).unwrap_or(0);
        let sku = word(one, "/sku").unwrap_or_default();
        let name = match others {
            0 => format!("{} {sku}", word(one, "/service").unwrap_or_default()),
            others => format!("{others} others"),
        };
        let cells = columns.map(|(key, title, _)| {
            let pointer = format!("/currencies/{main}/skus/{at}/{key}");
            ReportCell::Figure(scene.parts.money(key, title, &kind, "drivers", &pointer))
        });
        ReportRow { key: name.clone(), name, link: None, status: None, cells: cells.to_vec() }
    });
    because(list(scene, head, &columns, rows.collect(), None), scene, "drivers", Absence::NoData)
}
