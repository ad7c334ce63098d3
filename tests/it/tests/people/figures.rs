//! What a unit reads is right: the answers to an account of one unit are those that everybody gets where
//! nothing but that unit's data was ever ingested; and where other units call its services, they are what
//! who sees everything reads of the same services.

use libtest_mimic::Failed;
use serde_json::Value;

use super::units::{UNITS, Unit};
use super::{by_cookie, login, scope};
use crate::program::expect;
use crate::server::Server;

/// What differs by nature: versions of the stores, when somebody decided, what stands above the unit, what of a
/// delivery is of the whole bill, and the note that something is left out.
const OF_THE_WHOLE: [&str; 13] = [
    "took_ms",
    "stores",
    "as_of",
    "next",
    "tables",
    "decided_at",
    "accepted_at",
    "done_at",
    "parent",
    "above",
    "billed_rows",
    "version",
    "newest",
];

/// A document without what differs by nature.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(all) => {
            let kept = all.into_iter().filter(|(name, _)| !OF_THE_WHOLE.contains(&name.as_str()));
            kept.map(|(name, value)| (name, plain(value))).collect()
        }
        Value::Array(all) => {
            let is_note = |one: &Value| one["code"] == "scope";
            all.into_iter().filter(|one| !is_note(one)).map(plain).collect()
        }
        other => other,
    }
}

/// The envelope, of whose deliveries only what is not of the whole bill is left.
fn comparable(mut envelope: Value) -> Value {
    for bill in envelope["data"]["counted"].as_array_mut().into_iter().flatten() {
        for field in ["name", "rows", "billed", "reason"] {
            bill[field] = Value::Null;
        }
    }
    plain(envelope)
}

/// Where two documents differ.
fn differences(path: &str, one: &Value, two: &Value, found: &mut Vec<String>) {
    match (one, two) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                differences(&format!("{path}/{key}"), &one[key], &two[key], found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (place, (one, two)) in a.iter().zip(b).enumerate() {
                differences(&format!("{path}/{place}"), one, two, found);
            }
        }
        _ if one == two => {}
        _ => {
            let short = |value: &Value| value.to_string().chars().take(200).collect::<String>();
            found.push(format!("{path}: {} instead of {}", short(one), short(two)));
        }
    }
}

/// Questions about what nobody else has to do with: money, incidents, findings, savings, databases by their own
/// measurements.
fn own_alone(unit: &Unit) -> Vec<String> {
    let mut paths: Vec<String> = [
        "cost-analysis?window=all&by=service",
        "cost-analysis?window=all&by=owner&step=day",
        "cost-analysis?window=all&by=team&by=tag:note",
        "cost-analysis?window=all&by=account&period=billing",
        "cost-analysis?window=all&by=resource&by=sku&as_of=2026-02-10",
        "cost-analysis/drivers?window=2026-02-01/2026-03-01",
        "cost-analysis/budget?window=all",
        "cost-analysis/outlook",
        "incidents?window=all&by=service&by=team&step=month",
        "incidents?window=all&as_of=2026-03-01T08:15:00Z",
        "incidents/timeline",
        "incidents/timeline?id=both-incident",
        "security-events?as_of=2026-03-01T12:00:00Z&group_by=owner",
        "security-events?as_of=2026-03-01T12:00:00Z&group_by=image",
        "savings-candidates?limit=1000&with_dismissed=true&wait=60",
        "database-performance?limit=100",
    ]
    .iter()
    .map(|one| format!("/api/v1/{one}"))
    .collect();
    paths.push(format!("/api/v1/cost-analysis?window=all&by=region&unit={}", unit.id()));
    paths.push(format!("/api/v1/incidents/timeline?id={}-incident", unit.word));
    let window = "window=2026-01-01/2026-04-01&step=month";
    paths.push(format!("/api/v1/business-value?{window}&unit={}", unit.id()));
    for report in ["fiscal", "value"] {
        let at = "as_of=2026-03-20T12:00:00Z&depth=engineer";
        paths.push(format!("/api/v1/reports/{report}?{at}&unit={}", unit.id()));
    }
    paths
}

/// See the module.
pub fn own() -> Result<(), Failed> {
    let unit = &UNITS[0];
    let (_both, server) = scope::company(&UNITS)?;
    let (_alone, only) = scope::company(std::slice::from_ref(unit))?;
    let cookie = login(&server, unit.team)?;
    let everything = login(&only, "root")?;
    let mut wrong = Vec::new();
    for path in own_alone(unit) {
        let part = by_cookie(&server, &cookie, "GET", &path, "")?;
        let whole = by_cookie(&only, &everything, "GET", &path, "")?;
        expect(&format!("{path} {}", part.text), (part.status, whole.status), (200, 200))?;
        let mut found = Vec::new();
        differences("", &comparable(part.json()), &comparable(whole.json()), &mut found);
        wrong.extend(found.into_iter().take(8).map(|one| format!("{path} {one}")));
    }
    expect("differences", wrong.join("\n"), String::new())?;
    // The figures are there at all: two resources over 81 days, a budget and a value.
    let cost = data(&server, &cookie, "cost-analysis?window=all&by=resource")?;
    expect("resources", cost["currencies"][0]["groups"].as_array().map(Vec::len), Some(2))?;
    expect("rows", cost["currencies"][0]["rows"].as_u64(), Some(162))?;
    let budget = data(&server, &cookie, "cost-analysis/budget?window=all")?;
    expect("budgets", budget["budgets"].as_array().map(Vec::len), Some(1))?;
    let value = format!("business-value?window=2026-01-01/2026-04-01&unit={}", unit.id());
    let value = data(&server, &cookie, &value)?;
    expect("value", &value["subjects"][0]["metrics"][0]["value"], &Value::from("900"))?;
    entwined(&server, unit, &cookie)
}

fn data(server: &Server, cookie: &str, path: &str) -> Result<Value, Failed> {
    let answer = by_cookie(server, cookie, "GET", &format!("/api/v1/{path}"), "")?;
    expect(&format!("{path} {}", answer.text), answer.status, 200)?;
    Ok(answer.json()["data"].clone())
}

/// What the unit reads where others take part, beside what who sees everything reads of the same.
fn entwined(server: &Server, unit: &Unit, cookie: &str) -> Result<(), Failed> {
    let root = login(server, "root")?;
    let both = |path: &str| -> Result<(Value, Value), Failed> {
        Ok((data(server, cookie, path)?, data(server, &root, path)?))
    };
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let back = unit.service("back");
    let path = format!("service-trends?window=2026-03-01/2026-03-02&entity={back}");
    let (part, whole) = both(&path)?;
    expect("trends", &part["services"], &whole["services"])?;
    expect("called by both", &part["services"][0]["requests"]["value"], &Value::from(2.0))?;
    let (part, whole) = both("service-dependencies?window=all&traces=1000&wait=60")?;
    expect("services", list(&part["services"]).len(), 3)?;
    for mut one in list(&part["services"]) {
        let same = list(&whole["services"]).into_iter().find(|other| other["id"] == one["id"]);
        let outside = one["outside"].take();
        let mut same = same.ok_or("a service that nobody knows")?;
        same["outside"].take();
        expect("a service", &one, &same)?;
        expect("neighbours outside", outside.as_u64() > Some(0), true)?;
    }
    let path = format!("critical-paths?limit=1000&wait=60&target={}", unit.service("front"));
    let (part, whole) = both(&path)?;
    let classes = |of: &Value| {
        let mut all: Vec<String> =
            list(&of["physical"]).iter().map(|one| one["class"].to_string()).collect();
        all.sort();
        all
    };
    expect("single points", classes(&part), classes(&whole))?;
    expect("some are outside", classes(&part).len() > 1, true)?;
    expect("margin", &part["targets"][0]["margin"], &whole["targets"][0]["margin"])?;
    let path = format!("service-dependencies/blast-radius?wait=60&root={}", unit.database());
    let (part, whole) = both(&path)?;
    let fails = |of: &Value, owner: Option<&str>| {
        let all = list(&of["fails"]).into_iter().map(|one| one["entity"].clone());
        let own = all.filter(|one| owner.is_none_or(|owner| one["owner"] == *owner));
        let mut ids: Vec<String> = own.map(|one| one["id"].to_string()).collect();
        ids.sort();
        ids
    };
    expect("fails with it", fails(&part, None), fails(&whole, Some(&unit.id())))?;
    expect("and beyond", fails(&part, None).len() < fails(&whole, None).len(), true)?;
    let path = format!("database-connections?wait=60&database={}", unit.database());
    let (part, whole) = both(&path)?;
    expect("databases", &part["databases"], &whole["databases"])?;
    let (part, whole) = both("eks-clusters?wait=60&limit=100")?;
    let own =
        list(&whole["clusters"]).into_iter().find(|one| one["id"] == part["clusters"][0]["id"]);
    let mut own = own.ok_or("no cluster")?;
    let mut cluster = part["clusters"][0].clone();
    for one in [&mut own, &mut cluster] {
        one["depends_on"].take();
    }
    expect("clusters", list(&part["clusters"]).len(), 1)?;
    expect("cluster", cluster, own)
}
