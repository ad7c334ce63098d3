//! Lists of money: units, months of the fiscal year, drivers, services, value, savings.

use model::absence::Absence;
use model::money::Origin;
use model::time::Micros;
use serde_json::Value;

use super::budget::{budget_money, budget_rows, budget_terms, in_one_currency};
use super::driver_lists::{drivers, skus};
use super::figure::{absent, source, text};
use super::groups::currency_of;
use super::lists::{because, cell, list, query, why, word};
use super::params::ReportDepth;
use super::plan::key_of;
use super::scene::{Scene, UNITS_MAX, instant_of};
use super::shape::{ReportCell, ReportFigure, ReportList, ReportRow, ReportUnit};
use crate::spend::phasing::month_by;

/// Lists of the fiscal report.
pub fn fiscal_lists(scene: &Scene) -> Vec<ReportList> {
    let mut all = vec![periods(scene)];
    if !scene.below.is_empty() {
        all.push(units(scene, "year_budgets", "year"));
    }
    all.extend([drivers(scene), services(scene)]);
    if scene.depth >= ReportDepth::Director {
        all.extend([skus(scene), savings(scene)]);
    }
    all
}

/// A unit as a row that leads to its own report.
pub fn unit_row(unit: &ReportUnit, page: &str, cells: Vec<ReportFigure>) -> ReportRow {
    ReportRow {
        key: unit.id.clone(),
        name: unit.name.clone(),
        link: Some(format!("{page}?{}", query("unit", &unit.id))),
        status: None,
        cells: cells.into_iter().map(ReportCell::Figure).collect(),
    }
}

/// Which units are not asked about.
pub fn cut_note(scene: &Scene) -> Option<String> {
    let cut = scene.below.len().saturating_sub(UNITS_MAX);
    (cut > 0).then(|| format!("the first {UNITS_MAX} by name are asked about, {cut} are not"))
}

/// What is charged, in the currency in which most is.
pub fn spend_of(scene: &Scene, part: &str) -> ReportFigure {
    match currency_of(&scene.parts, part) {
        Some((main, _)) => {
            let pointer = format!("/currencies/{main}/total/effective");
            scene.parts.figure("spend", "Charged", "", part, &pointer)
        }
        None => {
            absent("spend", "Charged", "", scene.parts.missing(part).unwrap_or(Absence::NoData))
        }
    }
}

/// The units below: spend, budget, incidents and services.
pub fn units(scene: &Scene, budgets: &str, spend: &str) -> ReportList {
    let is_year = spend == "year";
    let mut rows: Vec<((bool, f64), ReportRow)> = Vec::new();
    for unit in scene.below.iter().take(UNITS_MAX) {
        let figure = |key: &str, title: &str, part: &str, pointer: &str| {
            scene.parts.figure(key, title, "count", &key_of(part, &unit.id), pointer)
        };
        let mut cells = vec![spend_of(scene, &key_of(spend, &unit.id))];
        cells.extend(budget_cells(scene, budgets, &unit.id));
        let order = (
            cells[2].number().is_none(),
            -cells[2].number().or(cells[0].number()).unwrap_or(f64::MIN),
        );
        if !is_year {
            let part = key_of("health", &unit.id);
            let [healthy, total] =
                ["/counts/healthy", "/counts/total"].map(|one| vec![source(&part, one)]);
            cells.push(figure("incidents", "Incidents open", "incidents", "/total/open"));
            cells.push(figure("services", "Services", "health", "/counts/total"));
            cells.push(scene.parts.ratio("healthy", "Healthy", healthy, total));
        }
        let page = if is_year { "/executive/fiscal" } else { "/executive" };
        rows.push((order, unit_row(unit, page, cells)));
    }
    rows.sort_by(|a, b| {
        let by = a.0.0.cmp(&b.0.0).then(a.0.1.total_cmp(&b.0.1));
        by.then(a.1.key.cmp(&b.1.key))
    });
    let mut rows: Vec<ReportRow> = rows.into_iter().map(|(_, row)| row).collect();
    rows.extend(unowned(scene, spend, is_year));
    let mut columns = vec![
        ("spend", "Charged", "money"),
        ("budget", "Budget to date", "money"),
        ("variance", "Over", "change"),
        ("variance_ratio", "in %", "ratio"),
    ];
    if !is_year {
        columns.extend([
            ("incidents", "Incidents open", "count"),
            ("services", "Services", "count"),
            ("healthy", "Healthy", "ratio"),
        ]);
    }
    let title = if is_year { "By unit, fiscal year" } else { "By unit" };
    let head = ["units", title, "most over budget first, then the largest spend"];
    let total = scene.below.len() as u64;
    let mut found = list(scene, head, &columns, rows, Some(total));
    found.note = cut_note(scene);
    found
}

fn budget_cells(scene: &Scene, part: &str, unit: &str) -> [ReportFigure; 3] {
    let rows = scene.parts.list(part, "/budgets");
    let of = (0..rows.len()).filter(|at| word(&rows[*at], "/unit") == Some(unit)).collect();
    let of = in_one_currency(scene, part, of);
    let Some(first) = of.first() else {
        let reason = scene.parts.missing(part).unwrap_or(Absence::NotConfigured);
        return [("budget", "Budget to date"), ("variance", "Over"), ("variance_ratio", "in %")]
            .map(|(key, title)| absent(key, title, "", reason));
    };
    let kind = budget_money(scene, part, *first);
    let sum = |key: &str, title: &str, field: &str, origin| {
        scene.parts.sum(key, title, &kind.of(origin), budget_terms(part, &of, field))
    };
    let (over, under) = (budget_terms(part, &of, "variance"), budget_terms(part, &of, "to_date"));
    [
        sum("budget", "Budget to date", "to_date", Origin::Stated),
        sum("variance", "Over", "variance", Origin::Charged),
        scene.parts.ratio("variance_ratio", "in %", over, under),
    ]
}

/// What nobody owns, of the whole estate.
fn unowned(scene: &Scene, spend: &str, is_year: bool) -> Option<ReportRow> {
    if scene.subject.id.is_some() {
        return None;
    }
    let (main, _) = currency_of(&scene.parts, spend)?;
    let pointer = format!("/currencies/{main}/unattributed/unowned/effective");
    let figure = scene.parts.figure("spend", "Charged", "", spend, &pointer);
    figure.number().filter(|number| *number != 0.0)?;
    let none = |key: &str| ReportCell::Figure(absent(key, key, "", Absence::NotApplicable));
    let mut cells = vec![ReportCell::Figure(figure)];
    let rest = ["budget", "variance", "variance_ratio", "incidents", "services", "healthy"];
    cells.extend(rest.iter().take(if is_year { 3 } else { 6 }).map(|key| none(key)));
    Some(ReportRow {
        key: "no owner".to_owned(),
        name: "No owner".to_owned(),
        link: Some("/cost?by=owner".to_owned()),
        status: None,
        cells,
    })
}

/// The months of the fiscal year: charged, budgeted, forecast.
pub fn periods(scene: &Scene) -> ReportList {
    let year = &scene.fiscal_year;
    let main = currency_of(&scene.parts, "year");
    let charged = main.as_ref().map_or(&[][..], |(main, _)| {
        scene.parts.list("year", &format!("/currencies/{main}/over_time"))
    });
    let subject_rows = budget_rows(scene, "year_budgets");
    let mut rows = Vec::new();
    for month in 0..12 {
        let (from, to) = (month_by(year.from, month), month_by(year.from, month + 1));
        let is_at = |one: &Value| one.get("at").and_then(instant_of) == Some(from);
        let place = charged.iter().position(is_at);
        let actual = match (&main, place) {
            (Some((main, _)), Some(place)) => {
                let pointer = format!("/currencies/{main}/over_time/{place}/costs/effective");
                scene.parts.figure("actual", "Charged", "", "year", &pointer)
            }
            _ => absent(
                "actual",
                "Charged",
                "",
                scene.parts.missing("year").unwrap_or(Absence::NoData),
            ),
        };
        let cells = month_cells(scene, &subject_rows, (from, to), actual);
        rows.push(ReportRow {
            key: from.to_string(),
            name: month_name(from),
            link: Some(format!("/cost?window={from}/{to}")),
            status: None,
            cells,
        });
    }
    let columns = [
        ("actual", "Charged", "money"),
        ("budget", "Budget", "money"),
        ("budgeted", "Charged against it", "money"),
        ("variance", "Over to date", "change"),
        ("forecast", "Forecast", "money"),
        ("state", "State", "text"),
    ];
    let head = ["periods", "Fiscal year by month", "in order of time"];
    because(list(scene, head, &columns, rows, None), scene, "year", Absence::NoData)
}

fn month_cells(
    scene: &Scene,
    subject_rows: &[usize],
    (from, to): (Micros, Micros),
    actual: ReportFigure,
) -> Vec<ReportCell> {
    let part = "year_budgets";
    let ends = |at: usize| {
        let of = |field: &str| {
            scene.parts.at(part, &format!("/budgets/{at}/{field}")).and_then(instant_of)
        };
        Some((of("from")?, of("to")?))
    };
    let of: Vec<usize> =
        subject_rows.iter().copied().filter(|at| ends(*at) == Some((from, to))).collect();
    let state = match scene.period.at {
        at if to <= at => "closed",
        at if from < at => "in progress",
        _ => "to come",
    };
    let mut cells = vec![ReportCell::Figure(actual)];
    let fields = [
        ("budget", "Budget", "amount", Origin::Stated),
        ("budgeted", "Charged against it", "actual", Origin::Charged),
        ("variance", "Over to date", "variance", Origin::Charged),
        ("forecast", "Forecast", "forecast/amount", Origin::Forecast),
    ];
    for (key, title, field, origin) in fields {
        let Some(first) = of.first() else {
            let reason = scene.parts.missing(part).unwrap_or(Absence::NotConfigured);
            cells.push(ReportCell::Figure(absent(key, title, "", reason)));
            continue;
        };
        // A month that has not begun has no charge to compare.
        if state == "to come" && matches!(field, "actual" | "variance") {
            cells.push(ReportCell::Figure(absent(key, title, "", Absence::NotApplicable)));
            continue;
        }
        let kind = budget_money(scene, part, *first).of(origin);
        let terms = budget_terms(part, &of, field);
        cells.push(ReportCell::Figure(scene.parts.sum(key, title, &kind, terms)));
    }
    cells.push(text(state));
    cells
}

/// `November 2026`.
fn month_name(at: Micros) -> String {
    at.timestamp().to_zoned(jiff::tz::TimeZone::UTC).strftime("%B %Y").to_string()
}

/// Spend by service.
fn services(scene: &Scene) -> ReportList {
    let head = ["services", "Spend by service, fiscal year", "largest first"];
    let columns = [("spend", "Charged", "money")];
    let Some((main, _)) = currency_of(&scene.parts, "year") else {
        return because(
            list(scene, head, &columns, Vec::new(), None),
            scene,
            "year",
            Absence::NoData,
        );
    };
    let groups = scene.parts.list("year", &format!("/currencies/{main}/groups"));
    let rows = groups.iter().enumerate().map(|(at, one)| {
        let others = one.get("others").and_then(Value::as_u64).unwrap_or(0);
        let name = match others {
            0 => word(one, "/values/0").unwrap_or("not told").to_owned(),
            others => format!("{others} others"),
        };
        let pointer = format!("/currencies/{main}/groups/{at}/costs/effective");
        let figure = scene.parts.figure("spend", "Charged", "", "year", &pointer);
        let filter = format!("service={name}");
        ReportRow {
            key: name.clone(),
            link: (others == 0).then(|| format!("/cost?{}", query("filter", &filter))),
            name,
            status: None,
            cells: vec![ReportCell::Figure(figure)],
        }
    });
    let mut found = list(scene, head, &columns, Vec::new(), None);
    // The last row sums the rest, so that the rows add up.
    found.rows = rows.collect();
    found.total = found.rows.len() as u64;
    found.reason = found.rows.is_empty().then_some(Absence::NoData);
    found
}

/// Savings candidates, largest first.
pub fn savings(scene: &Scene) -> ReportList {
    let all = scene.parts.list("savings", "/candidates").iter().enumerate();
    let rows = all.map(|(at, one)| {
        let target = word(one, "/target").unwrap_or_default();
        let pointer = format!("/candidates/{at}/saving/now");
        let saving = match scene.parts.at("savings", &pointer) {
            Some(_) => scene.parts.figure("saving", "Saving a month", "", "savings", &pointer),
            None => absent(
                "saving",
                "Saving a month",
                "",
                why(one, "/saving_reason").unwrap_or(Absence::NoData),
            ),
        };
        ReportRow {
            key: target.to_owned(),
            name: word(one, "/entity/name").unwrap_or(target).to_owned(),
            link: Some(format!("/savings?{}", query("sel", target))),
            status: None,
            cells: vec![
                cell(one, "/title"),
                ReportCell::Figure(saving),
                cell(one, "/risk"),
                cell(one, "/safe/answer"),
            ],
        }
    });
    let columns = [
        ("title", "What could be done", "text"),
        ("saving", "A month", "money"),
        ("risk", "Risk", "text"),
        ("safe", "Safe", "text"),
    ];
    let head = ["savings", "Savings candidates", "largest saving first"];
    let cut = scene.parts.envelope("savings").and_then(|one| one.truncated.get("candidates"));
    let total = cut.copied();
    because(list(scene, head, &columns, rows.collect(), total), scene, "savings", Absence::NoData)
}

/// Lists of the value report.
pub fn value_lists(scene: &Scene) -> Vec<ReportList> {
    let mut all = super::value_lists::lists(scene);
    if scene.depth >= ReportDepth::Director {
        all.push(savings(scene));
    }
    all
}
