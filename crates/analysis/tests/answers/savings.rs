//! `savings_candidates` on hand-made facts: what counts of alternatives, what a commitment leaves of a
//! saving, safety, decisions, and what is said where data is absent.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::decision::{Decision, DecisionAction};
use model::entity::Labels;
use model::fact::{CostDimension, EntityFact, EstateFacts, SignalFact, UsageCostRow};
use model::series::SeriesType;
use model::{Amount, EntityId, EntityKind, Micros, Scope};
use serde_json::{Value, json};

use super::fake::{Charge, Facts, ask, at, context};

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn entity(kind: EntityKind, id: &str, properties: &[(&str, Value)]) -> EntityFact {
    let mut entity = EntityFact::new(kind, id, id);
    let pairs = properties.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    entity.properties = pairs.collect();
    entity
}

fn estate(mut entities: Vec<EntityFact>) -> EstateFacts {
    entities.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
    EstateFacts { entities, first_observation: Some(at("2025-01-01")), ..EstateFacts::default() }
}

/// One kind of usage: effective and contracted cost, whether a commitment covers it.
fn usage(
    entity: &str,
    unit: &str,
    effective: &str,
    contracted: &str,
    is_covered: bool,
) -> UsageCostRow {
    let sums = [effective, effective, contracted, contracted].map(|text| (amount(text), 1));
    UsageCostRow {
        entity: Some(entity.to_owned()),
        resource_id: Some(entity.to_owned()),
        account: "1".to_owned(),
        region: Some("r".to_owned()),
        service: Some("Amazon Elastic Compute Cloud".to_owned()),
        unit: Some(unit.to_owned()),
        category: "Usage".to_owned(),
        pricing_category: Some(if is_covered { "Committed" } else { "Standard" }.to_owned()),
        commitment_id: is_covered.then(|| "arn:aws:savingsplans::1:savingsplan/p".to_owned()),
        commitment_status: is_covered.then(|| "Used".to_owned()),
        currency: "USD".to_owned(),
        rows: 1,
        sums,
        quantity: (amount("100"), 1),
        first: at("2026-02-01"),
        last: at("2026-03-01"),
        ..UsageCostRow::default()
    }
}

fn charge() -> Charge {
    Charge {
        values: BTreeMap::from([(CostDimension::Provider, "AWS".to_owned())]),
        currency: "USD",
        sums: [Some(amount("1")); 4],
        start: at("2026-02-28"),
        end: at("2026-03-01"),
        billing: at("2026-02-01"),
        quantity: None,
    }
}

fn cpu(id: &str, max: f64) -> SignalFact {
    SignalFact {
        entity: EntityId(1),
        id: id.to_owned(),
        kind: EntityKind::Instance,
        name: id.to_owned(),
        scope: Scope::default(),
        owner: None,
        application: None,
        signal: "cpu_utilization_ratio".to_owned(),
        metric: "cpu".to_owned(),
        labels: Labels::new(),
        series_type: SeriesType::Gauge,
        source: "test".to_owned(),
        count: 1_000,
        sum: max * 500.0,
        min: 0.0,
        max,
        first: (at("2026-01-01"), 0.0),
        last: (at("2026-03-15T12:00:00Z"), 0.0),
        increase: 0.0,
        bins: Vec::new(),
        newest: Micros(0),
    }
}

async fn candidates(facts: Facts, params: Value) -> Value {
    let ctx = context(&Arc::new(facts));
    ask("savings_candidates", params, &ctx).await.unwrap().data
}

fn of<'a>(data: &'a Value, rule: &str) -> &'a Value {
    let all = data["candidates"].as_array().unwrap();
    all.iter().find(|one| one["rule"] == rule).unwrap_or_else(|| panic!("no {rule} in {all:?}"))
}

/// A volume of gp2 that nothing has attached costs 10 a month: to delete it saves 10, to change it a
/// fifth of that, and only the larger counts.
#[tokio::test]
async fn alternatives_count_once() {
    let properties =
        [("state", json!("available")), ("volume_type", json!("gp2")), ("size", json!(100))];
    let facts = Facts::default();
    *facts.estate.lock().unwrap() = estate(vec![entity(EntityKind::Volume, "v", &properties)]);
    *facts.usage.lock().unwrap() = vec![usage("v", "GB-Mo", "10", "10", false)];
    *facts.charges.lock().unwrap() = vec![charge()];
    let data = candidates(facts, json!({})).await;
    let (delete, change) =
        (of(&data, "unattached_volume"), of(&data, "previous_generation_storage"));
    assert_eq!(delete["saving"]["now"]["amount"], "10");
    assert_eq!(change["saving"]["now"]["amount"], "2");
    assert_eq!(change["saving"]["basis"], "estimated");
    assert_eq!((&delete["is_counted"], &change["is_counted"]), (&json!(true), &json!(false)));
    assert_eq!(delete["alternatives"], json!([change["target"]]));
    assert_eq!(data["totals"][0]["saving"]["amount"], "10");
    // The estate was the same when the look-back began, and nothing refers to the volume.
    assert_eq!(delete["safe"]["answer"], "yes", "{}", delete["safe"]);
    assert_eq!(data["totals"][0]["safe_saving"]["amount"], "10");
}

/// An idle instance whose hours a savings plan covers: at list they are worth 10. Another instance pays
/// 4 on demand, so that the plan is used up to 4 elsewhere: the bill falls by 4 now, by 10 later.
#[tokio::test]
async fn covered_hours_count_as_far_as_others_take_them_up() {
    let running = [("state", json!("running")), ("instance_type", json!("m6i.large"))];
    let facts = Facts::default();
    let instances = ["i-idle", "i-busy"].map(|id| entity(EntityKind::Instance, id, &running));
    *facts.estate.lock().unwrap() = estate(instances.to_vec());
    *facts.usage.lock().unwrap() =
        vec![usage("i-idle", "Hours", "6", "10", true), usage("i-busy", "Hours", "4", "4", false)];
    *facts.charges.lock().unwrap() = vec![charge()];
    *facts.signals.lock().unwrap() = vec![cpu("i-idle", 0.02), cpu("i-busy", 0.9)];
    let data = candidates(facts, json!({"rule": ["idle_instance"]})).await;
    assert_eq!(data["candidates"].as_array().unwrap().len(), 1);
    let idle = of(&data, "idle_instance");
    assert_eq!(idle["monthly_cost"]["effective"]["amount"], "6");
    assert_eq!(idle["saving"]["now"]["amount"], "4");
    assert_eq!(idle["saving"]["after_commitment"]["amount"], "10");
}

#[tokio::test]
async fn dismissed_ones_are_hidden_and_count_nowhere() {
    let facts = Facts::default();
    let properties = [("state", json!("available"))];
    *facts.estate.lock().unwrap() = estate(vec![entity(EntityKind::Volume, "v", &properties)]);
    *facts.usage.lock().unwrap() = vec![usage("v", "GB-Mo", "10", "10", false)];
    *facts.charges.lock().unwrap() = vec![charge()];
    *facts.decisions.lock().unwrap() = vec![Decision {
        id: 1,
        target: "savings:unattached_volume:v".parse().unwrap(),
        action: DecisionAction::Dismiss,
        author: "ana".into(),
        reason: "kept".into(),
        decided_at: model::time::instant("2026-03-01").unwrap(),
        until: None,
    }];
    let facts = Arc::new(facts);
    let ctx = context(&facts);
    let data = ask("savings_candidates", json!({}), &ctx).await.unwrap().data;
    assert_eq!(data["candidates"], json!([]));
    assert_eq!(data["totals"][0]["saving"]["amount"], "0");
    let shown = json!({"with_dismissed": true});
    let data = ask("savings_candidates", shown, &ctx).await.unwrap().data;
    assert_eq!(of(&data, "unattached_volume")["decision"]["reason"], "kept");
    // Before it was decided it was a candidate.
    let before = json!({"as_of": "2026-02-20"});
    let data = ask("savings_candidates", before, &ctx).await.unwrap().data;
    assert_eq!(data["candidates"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_absent_is_null_with_a_reason() {
    let facts = Facts::default();
    let properties = [("state", json!("available"))];
    *facts.estate.lock().unwrap() = estate(vec![entity(EntityKind::Volume, "v", &properties)]);
    let data = candidates(facts, json!({})).await;
    let one = of(&data, "unattached_volume");
    assert_eq!((&one["saving"], &one["monthly_cost"]), (&Value::Null, &Value::Null));
    assert_eq!(one["saving_reason"], "not_collected");
    assert_eq!(one["saving_detail"], "no charges are held");
    let rules = data["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 21);
    for rule in rules.iter().filter(|rule| rule["is_evaluated"] == false) {
        assert!(rule["reason"].is_string(), "{rule}");
    }
}
