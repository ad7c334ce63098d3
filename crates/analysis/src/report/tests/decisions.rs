//! Which decisions a report gives, and in which order, on hand-made answers.

use serde_json::{Value, json};

use super::super::composed;
use super::super::decision::{candidates, chosen};
use super::super::plan::ReportName;
use super::super::shape::{ReportDecisionKind, ReportHarm};
use super::{amount_of, budget, budgets, money, scene};

fn candidate(name: &str, saves: &str, more: &Value) -> Value {
    let mut one = json!({
        "target": format!("savings:idle_instance:{name}"), "title": "Stop it",
        "entity": { "id": name, "name": name }, "evidence": "no use", "risk": "low", "effort": "low",
        "is_counted": true, "decision": null, "safe": { "answer": "yes", "reasons": [] },
        "monthly_cost": { "effective": money(saves) }, "saving": { "now": money(saves) }
    });
    for (key, value) in more.as_object().unwrap() {
        one[key] = value.clone();
    }
    one
}

fn savings(candidates: &[Value]) -> Value {
    json!({ "totals": [{ "total_cost": money("1000"), "saving": money("200"),
                         "safe_saving": money("200") }], "candidates": candidates })
}

/// What is dismissed, not safe, not counted, or saves nothing is no decision; two are left, and two are
/// given: the list is never filled up.
#[test]
fn only_what_is_worth_deciding_is_a_decision() {
    let list = vec![
        candidate("a", "150", &json!({})),
        candidate("b", "120", &json!({ "decision": { "action": "dismiss" } })),
        candidate("c", "110", &json!({ "safe": { "answer": "no", "reasons": ["it is called"] } })),
        candidate("d", "100", &json!({ "is_counted": false })),
        candidate("e", "0", &json!({})),
        candidate("f", "5", &json!({})),
    ];
    let answer = composed(ReportName::Dashboard, &scene(vec![("savings", savings(&list))]));
    let names: Vec<&str> =
        answer.decisions.iter().map(|one| one.title.as_str()).collect::<Vec<_>>();
    assert_eq!(names, ["Stop it: a", "Stop it: f"]);
    // 150 of 1,000 is 15 %, 5 is half a percent.
    let harms: Vec<ReportHarm> = answer.decisions.iter().map(|one| one.harm).collect();
    assert_eq!(harms, [ReportHarm::High, ReportHarm::Low]);
    assert_eq!(answer.decisions_considered, 2);
    assert_eq!(answer.decisions[0].link, "/savings?sel=savings:idle_instance:a");
}

/// Five savings of 15 % each do not hide a budget that ends over, nor a single point: of each kind the
/// first comes before the second of any.
#[test]
fn each_kind_is_heard_before_any_is_heard_twice() {
    let list = (0..5).map(|at| candidate(&format!("s{at}"), "150", &json!({}))).collect::<Vec<_>>();
    let rows = vec![budget("org://team/a", "1000", "50", "60", "10")];
    let risk = json!({ "summary": { "physical": 1 }, "physical": [{
        "entity": { "id": "db", "name": "db", "owner": null }, "class": "data", "why": "no standby",
        "remedy": "add a standby of db", "loss": { "value": 0.2, "unit": "1", "n": 5, "reason": null },
        "takes_down": [{ "id": "web" }], "fails": 3, "decision": null
    }] });
    let value = json!({ "assumptions": [], "downtime": [], "subjects": [{ "id": "org://business_unit/all",
        "name": "All", "metrics": [{ "metric": "revenue", "currency": "USD", "value": "2400",
            "days": 10, "compared": { "value": "2400", "days": 10, "costs": [money("100")],
            "return_ratio": { "value": 23.0, "unit": "1", "n": null, "reason": null }, "net": null } }] }] });
    let parts = vec![
        ("savings", savings(&list)),
        ("budgets", budgets(&rows)),
        ("risk", risk),
        ("value", value),
    ];
    let answer = composed(ReportName::Dashboard, &scene(parts));
    let kinds: Vec<ReportDecisionKind> = answer.decisions.iter().map(|one| one.kind).collect();
    use ReportDecisionKind as K;
    assert_eq!(kinds, [K::Saving, K::Budget, K::SinglePoint]);
    // 2,400 in 10 days is 10 an hour; a fifth of what enters is lost.
    let point = &answer.decisions[2];
    assert_eq!(amount_of(&point.money).as_deref(), Some("2"));
    assert_eq!(point.target.as_deref(), Some("risk:data:db"));
    // The budget of 1,000 ends 30 over: 3 %, so medium.
    assert_eq!(answer.decisions[1].harm, ReportHarm::Medium);
    assert_eq!(amount_of(&answer.decisions[1].money).as_deref(), Some("30"));
}

/// An open incident is first; what came back three times is as pressing; a recurrence that never came
/// back within 30 days is none.
#[test]
fn what_is_broken_now_comes_first() {
    let incidents = json!({
        "total": { "open": 1, "count": 4 },
        "incidents": [
            { "id": "INC-1", "title": "Payments fail", "status": "open", "severity": "major",
              "began_at": "2026-11-18T01:00:00Z", "lasted_seconds": [60.0, 60.0],
              "harmed": [{ "id": "service://pay", "name": "pay" }] },
            { "id": "INC-0", "title": "Over", "status": "resolved", "harmed": [] }
        ],
        "recurrence": [
            { "id": "service://pay", "name": "pay", "count": 4, "returned": 1, "share": 0.25 },
            { "id": "service://ship", "name": "ship", "count": 2, "returned": 0, "share": 0.0 }
        ]
    });
    let found = candidates(&scene(vec![("incidents", incidents)]));
    let titles: Vec<&str> = found.iter().map(|one| one.title.as_str()).collect();
    assert_eq!(titles, ["End INC-1: Payments fail", "Find out why pay keeps breaking"]);
    assert_eq!(found[0].entities, ["service://pay"]);
    assert_eq!(chosen(found).len(), 2);
}

/// One update that mends three targets is one decision; without a fixed version there is none to make.
#[test]
fn findings_that_one_update_mends_are_one_decision() {
    let finding = |target: &str, weakness: &str, fixed: Value| {
        json!({ "id": format!("finding:{weakness}/lib@{target}"), "weakness": weakness, "package": "lib",
            "severity": "critical", "fixed_version": fixed, "is_overdue": true, "known_exploited": null,
            "exposure": { "verdict": "through_calls" }, "entities": [target], "owners": [],
            "age_seconds": 86400 })
    };
    let findings = vec![
        finding("x", "CVE-1", json!("2.0")),
        finding("y", "CVE-2", Value::Null),
        finding("z", "CVE-1", json!("2.0")),
    ];
    let security = json!({ "summary": {}, "scans": [{}], "findings": findings });
    let found = candidates(&scene(vec![("security", security)]));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].title, "Update lib to 2.0: CVE-1");
    assert_eq!((found[0].entities.join(" "), found[0].harm), ("x z".to_owned(), ReportHarm::High));
    assert!(found[0].why.contains("2 scanned targets"), "{}", found[0].why);
}
