//! Reports on hand-made answers: a company of two units, whose figures are few enough to be worked out
//! by hand.

mod decisions;

use std::collections::BTreeMap;
use std::sync::Arc;

use model::absence::Absence;
use model::envelope::{AnswerSource, Envelope};
use model::kind::{EntityKind, RelationKind};
use model::time::Micros;
use serde_json::{Map, Value, json};

use super::params::{ReportDepth, ReportParams};
use super::part::{Missing, Part, Parts, Wanted};
use super::plan::ReportName;
use super::scene::{Scene, fiscal_year_of, period_of, subject_of};
use super::shape::{
    ReportAnswer, ReportCell, ReportFigure, ReportFormula, ReportSubject, ReportUnit, ReportValue,
};
use super::{composed, source_of, table};
use crate::cache::Answered;
use crate::unit_tree::tests::{shop, tree};

fn at(text: &str) -> Micros {
    Micros::of(model::time::instant(text).unwrap())
}

fn part(key: &str, outcome: Result<Value, Missing>) -> Part {
    let wanted = Wanted { key: key.to_owned(), question: "cost_analysis", params: Map::new() };
    let outcome = outcome.map(|data| {
        let envelope = Envelope {
            question: "cost_analysis".to_owned(),
            params: json!({}),
            as_of: model::time::instant("2026-11-18").unwrap(),
            window: None,
            source: AnswerSource::Live,
            stores: Vec::new(),
            coverage: BTreeMap::new(),
            took_ms: 1.0,
            truncated: BTreeMap::new(),
            warnings: Vec::new(),
            next: None,
            data,
            tables: Vec::new(),
        };
        Arc::new(Answered { envelope, json: Vec::new(), key: key.to_owned() })
    });
    Part { wanted, outcome }
}

fn unit(id: &str, name: &str) -> ReportUnit {
    ReportUnit { id: id.to_owned(), kind: "team".to_owned(), name: name.to_owned() }
}

/// A company with two teams, on 18 November, asked about by its head.
fn scene(parts: Vec<(&str, Value)>) -> Scene {
    let mut all = Parts::default();
    for (key, data) in parts {
        all.put(part(key, Ok(data)));
    }
    let below = vec![unit("org://team/a", "Ants"), unit("org://team/b", "Bees")];
    let period = period_of(&all, at("2026-11-18"));
    Scene {
        subject: ReportSubject {
            id: Some("org://business_unit/all".to_owned()),
            kind: Some("business_unit".to_owned()),
            name: "All".to_owned(),
            above: Vec::new(),
            below: 2,
        },
        own: vec!["org://business_unit/all".to_owned()],
        below,
        depth: ReportDepth::Executive,
        fiscal_year: fiscal_year_of(period.at.plus(-1), 2),
        period,
        is_filtered: false,
        parts: all,
    }
}

fn money(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "USD", "basis": "effective", "origin": "charged",
            "rows": 1, "rows_without": 0 })
}

fn cost(amount: &str) -> Value {
    let costs = json!({ "billed": money(amount), "effective": money(amount), "list": money(amount),
                        "contracted": money(amount) });
    json!({ "currencies": [{
        "currency": "USD", "rows": 7, "total": costs, "groups": [], "over_time": [], "days": null,
        "unattributed": { "unowned": costs }
    }] })
}

fn budget(unit: &str, whole: &str, to_date: &str, actual: &str, variance: &str) -> Value {
    json!({
        "unit": unit, "kind": "team", "name": unit.rsplit('/').next(), "currency": "USD",
        "basis": "effective", "phasing": "even", "source": "budgets.csv",
        "from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z", "amount": whole,
        "to_date": to_date, "actual": actual, "variance": variance, "variance_ratio": 0.1,
        "forecast": { "amount": "130", "low": "120", "high": "140", "reason": null },
        "forecast_variance": "30", "reference": null
    })
}

fn budgets(rows: &[Value]) -> Value {
    json!({ "at": "2026-11-18T00:00:00Z", "budgets": rows })
}

fn figure<'a>(answer: &'a ReportAnswer, group: &str, key: &str) -> &'a ReportFigure {
    let group = answer.groups.iter().find(|one| one.key == group).unwrap();
    group.figures.iter().find(|one| one.key == key).unwrap()
}

fn amount_of(figure: &ReportFigure) -> Option<String> {
    figure.amount().map(|amount| amount.to_string())
}

/// A unit's own budget stands for it: 60 of 50 to date is 10 over, whatever the teams below have.
#[test]
fn the_own_budget_counts_before_those_below() {
    let rows = vec![
        budget("org://team/a", "30", "15", "5", "-10"),
        budget("org://business_unit/all", "100", "50", "60", "10"),
    ];
    let answer = composed(ReportName::Dashboard, &scene(vec![("budgets", budgets(&rows))]));
    let over = figure(&answer, "spend", "variance");
    assert_eq!(amount_of(over).as_deref(), Some("10"));
    assert_eq!(over.formula, None);
    assert_eq!(over.sources[0].pointer, "/budgets/1/variance");
}

/// Without one, the budgets of the units directly below are added, and say so: 15 + 20.5 of budget
/// against 5 + 21 of charges is 9.5 under.
#[test]
fn budgets_below_are_added_with_their_terms() {
    let rows = vec![
        budget("org://team/a", "30", "15", "5", "-10"),
        budget("org://team/b", "41", "20.5", "21", "0.5"),
        budget("org://team/elsewhere", "9", "9", "9", "0"),
    ];
    let answer = composed(ReportName::Dashboard, &scene(vec![("budgets", budgets(&rows))]));
    let over = figure(&answer, "spend", "variance");
    assert_eq!(amount_of(over).as_deref(), Some("-9.5"));
    assert_eq!((over.formula, over.sources.len()), (Some(ReportFormula::Sum), 2));
    let percent = figure(&answer, "spend", "variance_ratio").number().unwrap();
    assert!((percent - -9.5 / 35.5).abs() < 1e-12, "{percent}");
}

/// What no question answered is absent with its reason, in figures, lists and sentences: never 0.
#[test]
fn a_missing_part_is_named_and_never_nothing() {
    let mut scene = scene(vec![("budgets", budgets(&[]))]);
    let missing =
        Missing { reason: Absence::StoreUnavailable, detail: "telemetry is gone".to_owned() };
    for key in ["spend", "health", "incidents", "risk", "security", "savings", "value"] {
        scene.parts.put(part(key, Err(missing.clone())));
    }
    let answer = composed(ReportName::Dashboard, &scene);
    for group in &answer.groups {
        for figure in &group.figures {
            assert_eq!(figure.number(), None, "{}", figure.key);
        }
    }
    let ReportValue::Measure(spend) = &figure(&answer, "spend", "spend").value else {
        panic!("money without a currency");
    };
    assert_eq!(spend.reason, Some(Absence::StoreUnavailable));
    assert_eq!((answer.sentences.len(), answer.decisions.len()), (0, 0));
    let stated = answer.parts.iter().find(|one| one.key == "health").unwrap();
    assert_eq!(stated.reason, Some(Absence::StoreUnavailable));
    assert_eq!(scene.parts.warnings().len(), 7);
}

/// The drivers (quantity 12, price −2, unexplained 0), the reference less the budget (40 − 50) and what
/// budgets leave out (60 − 50) add up to the variance of 10.
#[test]
fn drivers_add_up_to_the_variance() {
    let drivers = json!({
        "reference_from": "2026-10-01T00:00:00Z", "reference_to": "2026-10-18T00:00:00Z",
        "currencies": [{ "currency": "USD", "before": "40", "after": "50", "change": "10", "skus": [],
            "drivers": [{ "driver": "price", "amount": "-2" }, { "driver": "quantity", "amount": "12" },
                        { "driver": "unexplained", "amount": "0" }] }]
    });
    let rows = vec![budget("org://business_unit/all", "100", "50", "60", "10")];
    let scene = scene(vec![("budgets", budgets(&rows)), ("drivers", drivers)]);
    let answer = composed(ReportName::Fiscal, &scene);
    let list = answer.lists.iter().find(|one| one.key == "drivers").unwrap();
    let amounts: Vec<i128> = list
        .rows
        .iter()
        .map(|row| match &row.cells[0] {
            ReportCell::Figure(figure) => figure.amount().unwrap().0,
            ReportCell::Text(text) => panic!("{text:?}"),
        })
        .collect();
    let (total, terms) = amounts.split_last().unwrap();
    assert_eq!(terms.iter().sum::<i128>(), *total);
    assert_eq!(*total, "10".parse::<model::Amount>().unwrap().0);
}

/// The fiscal year from February holds January of the next calendar year and ends before February.
#[test]
fn a_fiscal_year_starts_where_it_is_told() {
    let of = |day: &str, month| {
        let year = fiscal_year_of(at(day), month);
        (year.from, year.to)
    };
    assert_eq!(of("2026-11-17", 2), (at("2026-02-01"), at("2027-02-01")));
    assert_eq!(of("2027-01-31", 2), (at("2026-02-01"), at("2027-02-01")));
    assert_eq!(of("2027-02-01", 2), (at("2027-02-01"), at("2028-02-01")));
    assert_eq!(of("2026-11-17", 1), (at("2026-01-01"), at("2027-01-01")));
    assert_eq!(of("2026-11-17", 12), (at("2025-12-01"), at("2026-12-01")));
}

/// Budgets of one period give the time of a report; mixed ones leave it to the month of the last charge.
#[test]
fn the_period_is_that_of_the_budgets_in_force() {
    let row = budget("org://team/a", "1", "1", "1", "0");
    let mut quarter = row.clone();
    quarter["from"] = json!("2026-10-01T00:00:00Z");
    quarter["to"] = json!("2027-01-01T00:00:00Z");
    let of = |rows: Vec<Value>| {
        let mut parts = Parts::default();
        parts.put(part("budgets", Ok(budgets(&rows))));
        let period = period_of(&parts, at("2026-12-24"));
        (period.from, period.to, period.chosen_by)
    };
    let october = (at("2026-10-01"), at("2027-01-01"), "budget".to_owned());
    assert_eq!(of(vec![quarter.clone()]), october);
    let november = (at("2026-11-01"), at("2026-12-01"), "calendar_month".to_owned());
    assert_eq!(of(vec![row, quarter]), november);
    assert_eq!(of(Vec::new()), november);
}

/// A unit is found by id or short name with what is above and below; a product holds its applications;
/// what is not there is not found.
#[test]
fn a_subject_has_what_is_above_and_below() {
    let of = |unit: Option<&str>, product: Option<&str>| {
        let params = ReportParams {
            unit: unit.map(str::to_owned),
            product: product.map(str::to_owned),
            ..ReportParams::default()
        };
        subject_of(&shop(), &params, "Whole estate")
    };
    let team = of(Some("org://team/cart"), None).unwrap();
    assert_eq!(team.subject.above[0].id, "org://business_unit/retail");
    assert_eq!(team.below[0].id, "application://cart");
    let product = of(None, Some("shop")).unwrap();
    assert_eq!(product.below[0].id, "application://cart");
    assert!(of(None, Some("org://team/cart")).is_err(), "a team is no product");
    assert!(of(Some("nobody"), None).is_err());
    let whole = of(None, None).unwrap();
    assert_eq!(whole.subject.id, None);
    assert_eq!(whole.own, ["org://business_unit/retail"]);
    assert_eq!(whole.below.len(), 2);
    let empty = subject_of(&tree(&[], &[]), &ReportParams::default(), "Whole estate").unwrap();
    assert!(empty.below.is_empty() && empty.own.is_empty());
    let two = tree(
        &[("a", EntityKind::Team), ("b", EntityKind::Team), ("c", EntityKind::Team)],
        &[("b", RelationKind::Owns, "c", None)],
    );
    let two = subject_of(&two, &ReportParams::default(), "Whole estate").unwrap();
    assert_eq!((two.below.len(), two.own.len()), (2, 0));
}

/// Rows of a table are as long as its columns, in every report and depth; amounts stay exact.
#[test]
fn tables_hold_what_the_lists_hold() {
    let rows = vec![budget("org://team/a", "30.000000000000000001", "15", "5", "-10")];
    let parts = || {
        vec![
            ("budgets", budgets(&rows)),
            ("year_budgets", budgets(&rows)),
            ("spend", cost("12.5")),
            ("year", cost("99")),
            ("spend/org://team/a", cost("5")),
            ("year/org://team/a", cost("5")),
        ]
    };
    for name in
        [ReportName::Dashboard, ReportName::Value, ReportName::Fiscal, ReportName::Infrastructure]
    {
        for depth in [ReportDepth::Executive, ReportDepth::Engineer] {
            let answer = composed(name, &Scene { depth, ..scene(parts()) });
            for table in table::tables(&answer) {
                for row in &table.rows {
                    assert_eq!(row.len(), table.columns.len(), "{}", table.name);
                }
            }
        }
    }
    let answer = composed(ReportName::Fiscal, &scene(parts()));
    let tables = table::tables(&answer);
    let periods = tables.iter().find(|one| one.name == "periods").unwrap();
    let november = periods.rows.iter().find(|row| row[1] == "November 2026").unwrap();
    assert!(november.contains(&json!("30.000000000000000001")), "{november:?}");
    assert_eq!(periods.rows.len(), 12);
}

/// Part by part: one stale part makes the whole stale, and is the one that says so.
#[test]
fn the_whole_is_as_fresh_as_its_least_fresh_part() {
    let of = |sources: &[&str]| {
        let parts: Vec<Value> = sources.iter().map(|one| json!({ "source": one })).collect();
        source_of(&json!({ "parts": parts }))
    };
    assert_eq!(of(&["live", "live"]), AnswerSource::Live);
    assert_eq!(of(&["live", "demonstration"]), AnswerSource::Demonstration);
    assert_eq!(of(&["demonstration", "stale", "cached"]), AnswerSource::Stale);
    assert_eq!(of(&["live", "cached"]), AnswerSource::Cached);
}
