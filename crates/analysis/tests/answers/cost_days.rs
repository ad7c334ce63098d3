//! What the days of `cost_analysis` show, and its views, on charges made by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::fact::CostDimension;
use model::{Amount, Micros};
use serde_json::{Value, json};

use super::fake::charges::month_of;
use super::fake::{Charge, Facts, ask, at, context};

/// A charge of one day that costs `cost`, with its service, category and resource.
fn charge(day: Micros, service: &str, category: &str, cost: i64) -> Charge {
    let amount = Amount(i128::from(cost) * Amount::ONE);
    Charge {
        values: BTreeMap::from([
            (CostDimension::Service, service.to_owned()),
            (CostDimension::Provider, "AWS".to_owned()),
            (CostDimension::Category, category.to_owned()),
            (CostDimension::Resource, format!("{service}-1")),
            (CostDimension::PricingCategory, "Standard".to_owned()),
        ]),
        currency: "USD",
        sums: [Some(amount); 4],
        start: day,
        end: day.plus(Micros::DAY),
        billing: month_of(day),
        quantity: Some(Amount(i128::from(cost) * Amount::ONE)),
    }
}

/// From December to 14 March: compute 100 a day, storage 20; search 30 with 200 from 20 to 25 February;
/// a tax of 60 on the first of each month.
fn history() -> Arc<Facts> {
    let mut charges = Vec::new();
    let first = at("2025-12-01");
    for day in 0..104 {
        let day = first.plus(day * Micros::DAY);
        let is_surge = (at("2026-02-20")..at("2026-02-26")).contains(&day);
        charges.push(charge(day, "compute", "Usage", 100));
        charges.push(charge(day, "storage", "Usage", 20));
        charges.push(charge(day, "search", "Usage", if is_surge { 200 } else { 30 }));
        if month_of(day) == day {
            charges.push(charge(day, "tax", "Tax", 60));
        }
    }
    let facts = Facts::default();
    *facts.charges.lock().unwrap() = charges;
    Arc::new(facts)
}

async fn data(name: &str, params: Value) -> Value {
    ask(name, params, &context(&history())).await.unwrap().data
}

fn amount(value: &Value) -> Amount {
    value.as_str().unwrap_or_else(|| panic!("{value} is no amount")).parse().unwrap()
}

#[tokio::test]
async fn a_surge_is_found_with_its_driver_and_tax_is_no_anomaly() {
    let answer = data("cost_analysis", json!({})).await;
    let days = &answer["currencies"][0]["days"];
    let found = days["anomalies"].as_array().unwrap();
    assert_eq!(found.len(), 2, "{found:?}");
    for one in found {
        assert_eq!(one["from"], "2026-02-20T00:00:00Z");
        assert_eq!(one["to"], "2026-02-26T00:00:00Z");
        assert_eq!(amount(&one["excess"]).to_string(), "1020");
    }
    let total = found.iter().find(|one| one["is_total"] == true).unwrap();
    assert_eq!(total["driver"]["values"], json!(["search"]));
    assert_eq!(days["trends"][0]["is_trend"], false);
}

#[tokio::test]
async fn a_month_is_carried_on_and_its_tax_is_not() {
    // 14 March is the last day charged, so the 13th and 14th may still change. By the end of the 12th 12
    // days of 150 and the tax of 60 are charged; 19 days of 150 are to come.
    let answer = data("cost_analysis", json!({})).await;
    let forecast = &answer["currencies"][0]["days"]["forecast"];
    assert_eq!(forecast["settled"], "2026-03-13T00:00:00Z");
    assert_eq!(amount(&forecast["actual"]).to_string(), "1860");
    assert_eq!(amount(&forecast["usage_to_come"]).to_string(), "2850");
    assert_eq!(amount(&forecast["scheduled_to_come"]), Amount::ZERO);
    assert_eq!(amount(&forecast["amount"]).to_string(), "4710");
    assert_eq!(forecast["scheduled"][0]["category"], "Tax");
    let short = data("cost_analysis", json!({"window": "2026-03-05/2026-03-15"})).await;
    let none = &short["currencies"][0]["days"]["forecast"];
    assert_eq!(none["amount"], Value::Null);
    assert!(none["detail"].as_str().unwrap().contains("of 14 days"), "{none}");
}

#[tokio::test]
async fn drivers_of_a_month_add_up_and_name_the_quantity() {
    let answer = data("cost_analysis/drivers", json!({})).await;
    let usd = &answer["currencies"][0];
    assert_eq!(answer["from"], "2026-02-01T00:00:00Z");
    assert_eq!(answer["reference_from"], "2026-01-01T00:00:00Z");
    // 28 days of 150 and 1,020 more against 31 days of 150; a unit costs 1 in both.
    assert_eq!(amount(&usd["change"]).to_string(), "570");
    let drivers = usd["drivers"].as_array().unwrap();
    let of = |name: &str| {
        let one = drivers.iter().find(|one| one["driver"] == name).unwrap();
        amount(&one["amount"]).to_string()
    };
    assert_eq!(of("quantity"), "570");
    assert_eq!((of("price"), of("tax"), of("unexplained")), ("0".into(), "0".into(), "0".into()));
}

#[tokio::test]
async fn views_say_what_is_not_there() {
    let facts = history();
    let ctx = context(&facts);
    let commitments = ask("cost_analysis/commitments", json!({}), &ctx).await.unwrap();
    let usd = &commitments.data["currencies"][0];
    assert_eq!(usd["total"]["utilisation"]["reason"], "not_applicable");
    assert_eq!(usd["coverage"]["value"], 0.0);
    let allocation = ask("cost_analysis/allocation", json!({}), &ctx).await.unwrap();
    assert!(allocation.warnings.iter().any(|one| one.code == "no_rules"));
    let usd = &allocation.data["currencies"][0];
    assert_eq!(usd["charged"], usd["unallocated"]);
    let budget = ask("cost_analysis/budget", json!({}), &ctx).await.unwrap();
    assert!(budget.warnings.iter().any(|one| one.code == "no_data"));
    let refused = ask("cost_analysis/budget", json!({"basis": "list"}), &ctx).await;
    assert!(refused.is_err());
}
