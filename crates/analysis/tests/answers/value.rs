//! `business_value` of a small company, every figure worked out by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::charge::BillFormat;
use model::event::IncidentObservation;
use model::fact::{
    BillFact, CostDimension, EntityFact, EstateFacts, EstateRelation, RecordFact, RelationFact,
    SubjectFact, TopologyFacts,
};
use model::kind::{Confidence, Need, NeedSource};
use model::stated::{StatedKind, StatedObservation};
use model::value::{StatedAssumption, ValueObservation};
use model::{Amount, EntityId, EntityKind, Micros, Reference, RelationKind, Scope};
use serde_json::{Value, json};

use super::fake::charges::month_of;
use super::fake::{Charge, Facts, ask, at, context};

/// Acme owns Retail, which owns Web, which owns the application Shop. Two products stand below Acme:
/// three quarters of Shop are Store's, a quarter is B2B's.
const ENTITIES: [(EntityKind, &str); 7] = [
    (EntityKind::Organisation, "org://organisation/acme"),
    (EntityKind::BusinessUnit, "org://business_unit/retail"),
    (EntityKind::Team, "org://team/web"),
    (EntityKind::Product, "product://b2b"),
    (EntityKind::Product, "product://store"),
    (EntityKind::Application, "application://shop"),
    (EntityKind::Service, "service://_/_/front"),
];

fn estate() -> EstateFacts {
    let entities = (1..)
        .zip(ENTITIES)
        .map(|(number, (kind, id))| EntityFact {
            entity: EntityId(number),
            application: (kind == EntityKind::Service).then(|| "application://shop".to_owned()),
            ..EntityFact::new(kind, id, id)
        })
        .collect();
    let part = |product: u32, share: &str| {
        let mut relation = EstateRelation::new(product, RelationKind::HasPart, 5);
        relation.properties.insert("share".to_owned(), share.into());
        relation.sources.push("organisation:organisation".to_owned());
        relation
    };
    let relations = vec![
        EstateRelation::new(0, RelationKind::Contains, 3),
        EstateRelation::new(0, RelationKind::Contains, 4),
        EstateRelation::new(0, RelationKind::Owns, 1),
        EstateRelation::new(1, RelationKind::Owns, 2),
        EstateRelation::new(2, RelationKind::Owns, 5),
        part(3, "0.25"),
        part(4, "0.75"),
    ];
    EstateFacts { entities, relations, ..EstateFacts::default() }
}

/// The same as the store gives units with their relations.
fn units() -> TopologyFacts {
    let EstateFacts { entities, relations, .. } = estate();
    let relations = relations
        .into_iter()
        .map(|one| RelationFact {
            from: entities[one.from as usize].id.clone(),
            kind: one.kind,
            to: entities[one.to as usize].id.clone(),
            evidence: Vec::new(),
            need: Need::Unknown,
            need_source: NeedSource::Unknown,
            rule: None,
            confidence: Confidence::Certain,
            sources: one.sources,
            properties: one.properties,
            valid_from: None,
            last_seen: None,
        })
        .collect();
    TopologyFacts { entities, relations, ..TopologyFacts::default() }
}

fn subject(place: usize) -> SubjectFact {
    let (kind, id) = ENTITIES[place];
    SubjectFact {
        entity: EntityId(place as u64 + 1),
        id: id.to_owned(),
        kind,
        name: id.to_owned(),
        scope: Scope::default(),
        owner: None,
        application: None,
    }
}

fn record<T: serde::Serialize>(key: &str, of: usize, body: &T) -> RecordFact<String> {
    RecordFact {
        key: key.to_owned(),
        source: "organisation:value_metrics".to_owned(),
        observed_at: at("2026-03-05"),
        subjects: vec![subject(of)],
        body: serde_json::to_string(body).unwrap(),
    }
}

fn month(
    metric: &str,
    of: usize,
    month: &str,
    value: &str,
    currency: Option<&str>,
) -> RecordFact<String> {
    let from = at(&format!("{month}-01"));
    let body = ValueObservation {
        metric: metric.to_owned(),
        of: Reference::id(ENTITIES[of].1),
        from,
        to: month_of(from.plus(32 * Micros::DAY)),
        value: value.parse().unwrap(),
        share: None,
        currency: currency.map(str::to_owned),
        unit: None,
        stated_source: Some("order ledger".to_owned()),
    };
    record(&format!("{metric}/{of}/{month}/{currency:?}"), of, &body)
}

fn charge(day: Micros, owner: Option<&str>, application: Option<&str>, cost: &str) -> Charge {
    let amount: Amount = cost.parse().unwrap();
    let mut values = BTreeMap::from([(CostDimension::Provider, "AWS".to_owned())]);
    values.extend(owner.map(|owner| (CostDimension::Owner, owner.to_owned())));
    values.extend(application.map(|one| (CostDimension::Application, one.to_owned())));
    Charge {
        values,
        currency: "USD",
        sums: [Some(amount), Some(amount), None, None],
        start: day,
        end: day.plus(Micros::DAY),
        billing: month_of(day),
        quantity: None,
    }
}

fn bill(month: &str) -> BillFact {
    BillFact {
        format: BillFormat::Focus,
        billing_account: "1".into(),
        billing_period: at(&format!("{month}-01")).timestamp(),
        name: "run".into(),
        exported_at: at("2026-03-02").timestamp(),
        rows: 1,
        billed: Vec::new(),
        state: "counted".into(),
        reason: None,
    }
}

/// Shop costs 40 a day in January and 50 in February; Web's own wiki 100 on the first of January; 7 on the
/// first of February are nobody's.
fn company() -> Arc<Facts> {
    let facts = Facts::default();
    *facts.estate.lock().unwrap() = estate();
    *facts.topology.lock().unwrap() = units();
    *facts.bills.lock().unwrap() = vec![bill("2026-02"), bill("2026-01")];
    let (web, shop) = (Some("org://team/web"), Some("application://shop"));
    let mut charges =
        vec![charge(at("2026-01-01"), web, None, "100"), charge(at("2026-02-01"), None, None, "7")];
    for day in 0..59 {
        let cost = if day < 31 { "40" } else { "50" };
        charges.push(charge(at("2026-01-01").plus(day * Micros::DAY), web, shop, cost));
    }
    *facts.charges.lock().unwrap() = charges;
    let values = vec![
        month("orders", 4, "2026-01", "310", None),
        month("revenue", 4, "2026-01", "2790", Some("USD")),
        month("revenue", 4, "2026-02", "1050", Some("USD")),
        month("revenue", 3, "2026-01", "500", Some("EUR")),
    ];
    facts.records.lock().unwrap().insert("value".into(), values);
    Arc::new(facts)
}

async fn answer(facts: &Arc<Facts>, params: Value) -> Value {
    ask("business_value", params, &context(facts)).await.unwrap().data
}

fn of<'a>(data: &'a Value, id: &str) -> &'a Value {
    let subjects = data["subjects"].as_array().unwrap();
    subjects.iter().find(|one| one["id"] == id).unwrap()
}

fn metric<'a>(subject: &'a Value, name: &str, currency: Option<&str>) -> &'a Value {
    let metrics = subject["metrics"].as_array().unwrap();
    metrics.iter().find(|one| one["metric"] == name && one["currency"] == json!(currency)).unwrap()
}

/// Store's part of Shop costs 30 a day in January, 930, and 37.50 in February, 1,050. Revenue of 2,790 is a
/// return of 2, 1,050 one of 0; both months together 3,840 on 1,980. An order costs 3.
#[tokio::test]
async fn a_product_is_compared_with_its_part_of_the_cost_of_the_same_days() {
    let data = answer(&company(), json!({})).await;
    assert_eq!(data["step"], "month");
    let store = of(&data, "product://store");
    assert_eq!(store["costs"][0]["amount"], "1980");
    assert_eq!(store["costs"][0]["origin"], "allocated");
    let revenue = metric(store, "revenue", Some("USD"));
    assert_eq!((&revenue["value"], &revenue["days"]), (&json!("3840"), &json!(59)));
    let returned = revenue["compared"]["return_ratio"]["value"].as_f64().unwrap();
    assert!((returned - (3840.0 - 1980.0) / 1980.0).abs() < 1e-12);
    assert_eq!(revenue["compared"]["net"]["amount"], "1860");
    let periods = revenue["periods"].as_array().unwrap();
    let figures: Vec<(&Value, &Value, f64)> = periods
        .iter()
        .map(|one| {
            let compared = &one["compared"];
            let returned = compared["return_ratio"]["value"].as_f64().unwrap();
            (&one["value"], &compared["costs"][0]["amount"], returned)
        })
        .collect();
    assert_eq!(
        figures,
        [(&json!("2790"), &json!("930"), 2.0), (&json!("1050"), &json!("1050"), 0.0)]
    );
    // 1,050 of 2,790; 1,050 of 930; a unit cost of 1 where it was a third.
    let change = &revenue["change"];
    for (name, wanted) in [("value", 1050.0 / 2790.0 - 1.0), ("cost", 1050.0 / 930.0 - 1.0)] {
        assert!((change[name]["value"].as_f64().unwrap() - wanted).abs() < 1e-12, "{name}");
    }
    assert!((change["unit_cost"]["value"].as_f64().unwrap() - 2.0).abs() < 1e-12);
    assert_eq!(revenue["trend"]["value"]["reason"], "too_little_data");
    let orders = metric(store, "orders", None);
    assert_eq!(orders["compared"]["unit_costs"][0]["amount"], "3");
    assert_eq!(orders["compared"]["return_ratio"]["value"], Value::Null);
    assert_eq!(orders["compared"]["return_ratio"]["reason"], "not_applicable");
}

/// Acme states nothing itself: revenue in dollars is Store's, against all that Web costs, 1,240 and the
/// wiki's 100 in January. Euros stay apart, and have no return.
#[tokio::test]
async fn a_unit_adds_up_what_stands_below_and_never_mixes_currencies() {
    let data = answer(&company(), json!({})).await;
    let acme = of(&data, "org://organisation/acme");
    assert_eq!(acme["costs"][0]["amount"], "2740");
    let dollars = metric(acme, "revenue", Some("USD"));
    assert_eq!(dollars["added_up_from"], json!(["product://store"]));
    assert_eq!(dollars["periods"][0]["compared"]["costs"][0]["amount"], "1340");
    let euros = metric(acme, "revenue", Some("EUR"));
    assert_eq!(euros["value"], "500");
    assert_eq!(euros["compared"]["return_ratio"]["value"], Value::Null);
    assert!(euros["compared"]["return_note"].as_str().unwrap().contains("currencies"));
    assert_eq!(euros["compared"]["unit_costs"][0]["currency"], "USD");
    let web = of(&data, "org://team/web");
    assert_eq!((&web["costs"][0]["amount"], &web["metrics"]), (&json!("2740"), &json!([])));
    assert_eq!(web["metrics_reason"], "not_configured");
    assert_eq!(data["unowned"][0]["amount"], "7");
    let shares: Vec<&Value> = data["assumptions"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["name"] == "product_share")
        .map(|one| &one["value"])
        .collect();
    assert_eq!(shares, [&json!("0.25"), &json!("0.75")]);
}

/// Cost of one account only says nothing about the return of the whole.
#[tokio::test]
async fn a_place_takes_the_return_away() {
    let data = answer(&company(), json!({"account": ["1"]})).await;
    let revenue = metric(of(&data, "product://store"), "revenue", Some("USD"));
    assert_eq!(revenue["compared"]["return_ratio"]["reason"], "not_applicable");
    assert!(revenue["compared"]["return_note"].as_str().unwrap().contains("place"));
    assert_eq!(revenue["compared"]["costs"][0]["amount"], "1980");
}

/// Two incidents of Shop's front on 10 February, 10:00 to 10:30 and 10:20 to 10:50: 50 minutes. Store's
/// minute is stated at 2 dollars, half of it lost: 50. B2B states none: the mean of its 500 euros in
/// January's 44,640 minutes, all of it.
#[tokio::test]
async fn downtime_costs_what_is_stated_or_the_mean_of_what_is() {
    let facts = company();
    let incident = |id: &str, from: &str, to: &str| {
        let body = IncidentObservation {
            external_id: id.to_owned(),
            title: id.to_owned(),
            severity: None,
            status: "resolved".to_owned(),
            started_at: Some(at(&format!("2026-02-10T{from}:00Z"))),
            detected_at: None,
            acknowledged_at: None,
            mitigated_at: None,
            resolved_at: Some(at(&format!("2026-02-10T{to}:00Z"))),
            resolved_at_latest: None,
            entities: vec![Reference::id("service://_/_/front")],
            parent: None,
            cause: None,
            labels: model::entity::Labels::new(),
        };
        record(id, 6, &body)
    };
    let incidents = vec![incident("a", "10:00", "10:30"), incident("b", "10:20", "10:50")];
    let assumption = StatedAssumption {
        name: "value_per_minute".to_owned(),
        value: "2".parse().unwrap(),
        currency: Some("USD".to_owned()),
        share: Some("0.5".parse().unwrap()),
        set_by: "ana".to_owned(),
        set_at: Some(at("2026-01-02")),
        note: None,
    };
    let stated = StatedObservation::new(StatedKind::Assumption, "one", &assumption).unwrap();
    {
        let mut records = facts.records.lock().unwrap();
        records.insert("incident".into(), incidents);
        records.insert("assumption".into(), vec![record("one", 4, &stated)]);
    }
    let data = answer(&facts, json!({})).await;
    let downtime = data["downtime"].as_array().unwrap();
    let shown: Vec<(&Value, &Value, &Value)> = downtime
        .iter()
        .map(|one| (&one["of"], &one["incidents"], &one["cost"]["minutes"]))
        .collect();
    let (two, minutes) = (json!(2), json!(50.0));
    assert_eq!(
        shown,
        [(&json!("product://b2b"), &two, &minutes), (&json!("product://store"), &two, &minutes)]
    );
    let b2b = &downtime[0]["cost"];
    assert_eq!((&b2b["method"], &b2b["currency"]), (&json!("assumed"), &json!("EUR")));
    let cost: f64 = b2b["amount"].as_str().unwrap().parse().unwrap();
    assert!((cost - 50.0 * 500.0 / 44_640.0).abs() < 1e-12);
    assert_eq!(downtime[1]["cost"]["amount"], "50");
    let who: Vec<(&Value, &Value, &Value)> = downtime[1]["cost"]["assumptions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["name"], &one["set_by"], &one["set_at"]))
        .collect();
    let (ana, when) = (json!("ana"), json!("2026-01-02T00:00:00Z"));
    assert_eq!(
        who,
        [(&json!("value_per_minute"), &ana, &when), (&json!("harmed_share"), &ana, &when)]
    );
}

#[tokio::test]
async fn nothing_stated_is_nothing_made_up() {
    let facts = company();
    facts.records.lock().unwrap().clear();
    let data = answer(&facts, json!({})).await;
    assert_eq!(data["savings"]["reason"], "not_configured");
    assert_eq!(data["automation"]["reason"], "not_configured");
    assert_eq!((&data["downtime"], &data["requests"]), (&json!([]), &json!([])));
    assert!(data["subjects"].as_array().unwrap().iter().all(|one| one["metrics"] == json!([])));
}
