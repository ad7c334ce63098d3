//! Three decisions worth making: candidates from what the questions found, each with money, risk and
//! evidence, in one stated order. Pure. Nothing is filled up: where fewer are worth making, fewer are
//! given.
//!
//! The order: harm of waiting (high, medium, low), then money (a saving or an overrun as it is, one hour
//! of failure), what has no price after that, then kind, then the question's own order. Of each kind the
//! first is taken before the second of any, so that one long list does not hide the others.

use model::absence::Absence;
use model::money::Origin;
use serde_json::Value;

use super::budget::budget_money;
use super::decision_money::{hour_lost, monthly};
use super::figure::absent;
use super::incident_decisions::incidents;
use super::lists::{query, word};
use super::scene::Scene;
use super::sentence::{money_text, ratio_text};
use super::shape::{ReportDecision, ReportDecisionKind, ReportHarm};

/// Most decisions of a report.
const DECISIONS_MAX: usize = 3;

/// Candidates of one kind that are considered.
pub const KIND_MAX: usize = 10;

/// Every decision that could be made, in the order above.
pub fn candidates(scene: &Scene) -> Vec<ReportDecision> {
    let mut all = incidents(scene);
    all.extend(findings(scene));
    all.extend(points(scene));
    all.extend(budgets(scene));
    all.extend(savings(scene));
    let worth = |one: &ReportDecision| monthly(one).map(|amount| amount.abs());
    all.sort_by(|a, b| {
        let harm = b.harm.cmp(&a.harm);
        let money = worth(b).unwrap_or(-1.0).total_cmp(&worth(a).unwrap_or(-1.0));
        harm.then(money).then(a.kind.cmp(&b.kind))
    });
    all
}

/// The first of each kind, then the second, at most three, in the order of the candidates.
pub fn chosen(candidates: Vec<ReportDecision>) -> Vec<ReportDecision> {
    let mut seen: Vec<ReportDecisionKind> = Vec::new();
    let mut ranked: Vec<(usize, usize, ReportDecision)> = Vec::new();
    for (at, one) in candidates.into_iter().enumerate() {
        let earlier = seen.iter().filter(|kind| **kind == one.kind).count();
        seen.push(one.kind);
        ranked.push((earlier, at, one));
    }
    ranked.sort_by_key(|(earlier, at, _)| (*earlier, *at));
    ranked.truncate(DECISIONS_MAX);
    ranked.sort_by_key(|(_, at, _)| *at);
    ranked.into_iter().map(|(.., one)| one).collect()
}

/// What is decided on already is no decision to make.
fn is_open(one: &Value) -> bool {
    one.get("decision").is_none_or(Value::is_null)
}

fn savings(scene: &Scene) -> Vec<ReportDecision> {
    let all = scene.parts.list("savings", "/candidates").iter().enumerate();
    let worth = all.filter(|(_, one)| {
        let saves = one.pointer("/saving/now/amount").and_then(Value::as_str);
        let is_counted = one.get("is_counted").and_then(Value::as_bool) == Some(true);
        let is_more = saves.is_some_and(|text| text != "0" && !text.starts_with('-'));
        is_counted && is_more && is_open(one) && word(one, "/safe/answer") != Some("no")
    });
    worth.take(KIND_MAX).map(|(at, one)| saving(scene, at, one)).collect()
}

fn saving(scene: &Scene, at: usize, one: &Value) -> ReportDecision {
    let of = |key: &str, title: &str, pointer: &str| {
        scene.parts.figure(key, title, "", "savings", &format!("/candidates/{at}/{pointer}"))
    };
    let money = of("saving", "Saved a month", "saving/now");
    let cost =
        scene.parts.figure("bill", "Bill of the month", "", "savings", "/totals/0/total_cost");
    let share = money.number().zip(cost.number()).filter(|(_, all)| *all > 0.0).map(|(a, b)| a / b);
    let harm = match share {
        Some(share) if share >= 0.1 => ReportHarm::High,
        Some(share) if share >= 0.01 => ReportHarm::Medium,
        _ => ReportHarm::Low,
    };
    let target = word(one, "/target").unwrap_or_default();
    let name = word(one, "/entity/name").unwrap_or(target);
    let text = |pointer: &str| word(one, pointer).map(str::to_owned);
    let safe = match word(one, "/safe/answer") {
        Some("yes") => "nothing needed it in the whole look-back",
        _ => word(one, "/safe/reasons/0").unwrap_or("whether anything needs it cannot be told"),
    };
    ReportDecision {
        kind: ReportDecisionKind::Saving,
        title: format!("{}: {name}", word(one, "/title").unwrap_or_default()),
        why: format!("{}; {safe}", word(one, "/evidence").unwrap_or_default()),
        money,
        harm,
        harm_rule: "a saving is high from 10 % of the month's bill, medium from 1 %".to_owned(),
        risk: text("/risk"),
        effort: text("/effort"),
        evidence: vec![of("monthly_cost", "Costs a month", "monthly_cost/effective"), cost],
        entities: text("/entity/id").into_iter().collect(),
        owner: text("/owner"),
        link: format!("/savings?{}", query("sel", target)),
        target: Some(target.to_owned()),
    }
}

fn points(scene: &Scene) -> Vec<ReportDecision> {
    let all = scene.parts.list("risk", "/physical").iter().enumerate();
    let worth = all.filter(|(_, one)| {
        let loss = one.pointer("/loss/value").and_then(Value::as_f64);
        loss.is_some_and(|loss| loss > 0.0) && is_open(one)
    });
    worth.take(KIND_MAX).map(|(at, one)| point(scene, at, one)).collect()
}

fn point(scene: &Scene, at: usize, one: &Value) -> ReportDecision {
    let pointer = format!("/physical/{at}/loss");
    let loss = scene.parts.figure("loss", "Share of the entry points lost", "1", "risk", &pointer);
    let share = loss.number().unwrap_or(0.0);
    let harm = match share {
        share if share >= 0.5 => ReportHarm::High,
        share if share >= 0.1 => ReportHarm::Medium,
        _ => ReportHarm::Low,
    };
    let name = word(one, "/entity/name").unwrap_or_default();
    let class = word(one, "/class").unwrap_or_default();
    let id = word(one, "/entity/id");
    let down = one.get("takes_down").and_then(Value::as_array).map_or(0, Vec::len);
    let fails = format!("/physical/{at}/fails");
    let fails = scene.parts.figure("fails", "Fail with it", "count", "risk", &fails);
    ReportDecision {
        kind: ReportDecisionKind::SinglePoint,
        title: first_upper(word(one, "/remedy").unwrap_or(name)),
        why: format!(
            "{} one failure takes {} of what enters, {down} entry points and products",
            why_of(class),
            ratio_text(share)
        ),
        money: hour_lost(scene, &pointer),
        harm,
        harm_rule:
            "a single point is high from half of the entry points' weight, medium from a tenth"
                .to_owned(),
        risk: None,
        effort: None,
        evidence: vec![loss, fails],
        entities: id.map(str::to_owned).into_iter().collect(),
        owner: word(one, "/entity/owner").map(str::to_owned),
        link: format!(
            "/single-points?{}",
            query("sel", &format!("{class} {}", id.unwrap_or(name)))
        ),
        target: id.map(|id| format!("risk:{class}:{id}")),
    }
}

/// Why a point of a class takes something down, for people.
fn why_of(class: &str) -> &'static str {
    match class {
        "capacity" => "no spare member is there:",
        "placement" => "everything stands on it:",
        "data" => "no standby takes over by itself:",
        "network" => "nothing else serves the way:",
        _ => "everything needs it:",
    }
}

/// One decision a weakness and package: updating it mends all its targets.
fn findings(scene: &Scene) -> Vec<ReportDecision> {
    let all = scene.parts.list("security", "/findings");
    let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
    for (at, one) in all.iter().enumerate() {
        let is_bad = matches!(word(one, "/severity"), Some("critical" | "high"));
        if !is_bad || word(one, "/fixed_version").is_none() {
            continue;
        }
        let of = |pointer| word(one, pointer).unwrap_or_default();
        let key = format!("{} {}", of("/weakness"), of("/package"));
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, places)) => places.push(at),
            None => groups.push((key, vec![at])),
        }
    }
    groups.truncate(KIND_MAX);
    groups.into_iter().map(|(_, places)| finding(scene, all, &places)).collect()
}

fn finding(scene: &Scene, all: &[Value], places: &[usize]) -> ReportDecision {
    let found: Vec<&Value> = places.iter().filter_map(|at| all.get(*at)).collect();
    let any = |is: fn(&Value) -> bool| found.iter().any(|one| is(one));
    let is_exploited = any(|one| one.get("known_exploited").is_some_and(|one| !one.is_null()));
    let is_overdue = any(|one| one.get("is_overdue").and_then(Value::as_bool) == Some(true));
    let is_exposed =
        any(|one| matches!(word(one, "/exposure/verdict"), Some("exposed" | "through_calls")));
    let is_critical = any(|one| word(one, "/severity") == Some("critical"));
    let harm = match (is_exploited, is_critical && is_overdue && is_exposed) {
        (true, _) | (_, true) => ReportHarm::High,
        _ if is_critical || is_overdue => ReportHarm::Medium,
        _ => ReportHarm::Low,
    };
    let of = |pointer| found.first().and_then(|one| word(one, pointer)).unwrap_or_default();
    let mut entities: Vec<String> = Vec::new();
    for one in &found {
        let ids = one.get("entities").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        entities.extend(ids.iter().filter_map(Value::as_str).map(str::to_owned));
    }
    entities.sort();
    entities.dedup();
    let facts = [
        (is_exploited, "known to be exploited"),
        (is_exposed, "the internet reaches it"),
        (is_overdue, "past its target"),
    ];
    let facts = facts.into_iter().filter(|(is, _)| *is).map(|(_, word)| word.to_owned());
    let scanned = [format!("{} in {} scanned targets", of("/severity"), found.len())];
    let why: Vec<String> = scanned.into_iter().chain(facts).collect();
    let first = places.first().copied().unwrap_or(0);
    let age = scene.parts.figure(
        "age",
        "Known for",
        "s",
        "security",
        &format!("/findings/{first}/age_seconds"),
    );
    ReportDecision {
        kind: ReportDecisionKind::Finding,
        title: format!(
            "Update {} to {}: {}",
            of("/package"),
            of("/fixed_version"),
            of("/weakness")
        ),
        why: why.join("; "),
        money: absent("money", "What it costs", "", Absence::NotConfigured)
            .noted("nobody states what mending or an attack costs"),
        harm,
        harm_rule:
            "a finding is high when known exploited, or critical, past its target and reached \
                    from the internet; medium when critical or past its target"
                .to_owned(),
        risk: None,
        effort: None,
        evidence: vec![age],
        entities,
        owner: found.first().and_then(|one| word(one, "/owners/0")).map(str::to_owned),
        link: format!("/security?{}", query("sel", of("/id"))),
        target: (found.len() == 1).then(|| of("/id").to_owned()),
    }
}

/// Budgets that are overrun, or will be at their end.
fn budgets(scene: &Scene) -> Vec<ReportDecision> {
    let all = scene.parts.list("budgets", "/budgets").iter().enumerate();
    let is_over = |one: &Value, field: &str| {
        let text = one.get(field).and_then(Value::as_str);
        text.is_some_and(|text| text != "0" && !text.starts_with('-'))
    };
    let over = all.filter(|(_, one)| is_over(one, "variance") || is_over(one, "forecast_variance"));
    over.take(KIND_MAX).map(|(at, one)| budget(scene, at, one)).collect()
}

fn budget(scene: &Scene, at: usize, one: &Value) -> ReportDecision {
    let kind = budget_money(scene, "budgets", at);
    let figure = |key: &str, title: &str, field: &str, origin| {
        let pointer = format!("/budgets/{at}/{field}");
        scene.parts.money(key, title, &kind.of(origin), "budgets", &pointer)
    };
    let end =
        figure("over_at_end", "Over at the period's end", "forecast_variance", Origin::Forecast);
    let now = figure("over", "Over to date", "variance", Origin::Charged);
    let whole = figure("budget", "Whole budget", "amount", Origin::Stated);
    let over = end.number().or(now.number()).unwrap_or(0.0);
    let harm = match whole.number() {
        Some(whole) if whole > 0.0 && over / whole < 0.1 => ReportHarm::Medium,
        _ => ReportHarm::High,
    };
    let name = word(one, "/name").unwrap_or_default();
    let driver = largest_driver(one);
    let unit = word(one, "/unit").unwrap_or_default();
    let mut why = format!(
        "charged {} against {} to date",
        money_text(figure("actual", "Charged", "actual", Origin::Charged).amount(), &kind.currency),
        money_text(
            figure("to_date", "Budget to date", "to_date", Origin::Stated).amount(),
            &kind.currency
        ),
    );
    if let Some((driver, amount)) = driver {
        why.push_str(&format!("; most of it is {driver}, {amount} {}", kind.currency));
    }
    let money = if end.number().is_some() { end } else { now.clone() };
    ReportDecision {
        kind: ReportDecisionKind::Budget,
        title: format!("Bring {name} back to its budget, or raise it"),
        why,
        money,
        harm,
        harm_rule: "a budget is high when it ends 10 % over or more, else medium".to_owned(),
        risk: None,
        effort: None,
        evidence: vec![now, whole],
        entities: vec![unit.to_owned()],
        owner: Some(unit.to_owned()),
        link: format!("/cost?{}", query("unit", unit)),
        target: None,
    }
}

/// The driver that adds most to the variance, beside the reference itself.
fn largest_driver(one: &Value) -> Option<(String, String)> {
    let all = one.pointer("/reference/drivers").and_then(Value::as_array)?;
    let amount = |one: &Value| word(one, "/amount")?.parse::<model::Amount>().ok();
    let own = all.iter().filter(|one| word(one, "/driver") != Some("reference_against_budget"));
    let largest = own.max_by_key(|one| amount(one))?;
    let amount = amount(largest).filter(|amount| amount.0 > 0)?;
    Some((word(largest, "/driver")?.replace('_', " "), amount.to_string()))
}

fn first_upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
