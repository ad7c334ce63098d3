//! `cost_analysis` against sums made charge by charge: parts always add up to the total.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::fact::{BillFact, CostDimension};
use model::{Amount, EntityKind, Micros};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::fake::charges::month_of;
use super::fake::{Charge, Facts, ask, at, context, entity};

fn charge(service: &str, day: &str, cost: &str) -> Charge {
    let start = at(day);
    let amount: Amount = cost.parse().unwrap();
    Charge {
        values: BTreeMap::from([
            (CostDimension::Service, service.to_owned()),
            (CostDimension::Provider, "AWS".to_owned()),
            (CostDimension::Category, "Usage".to_owned()),
        ]),
        currency: "USD",
        sums: [Some(amount), Some(amount), None, Some(amount)],
        start,
        end: start.plus(Micros::DAY),
        billing: month_of(start),
        quantity: None,
    }
}

fn holding(charges: Vec<Charge>) -> Arc<Facts> {
    let facts = Facts::default();
    *facts.charges.lock().unwrap() = charges;
    Arc::new(facts)
}

fn amount(value: &Value) -> Amount {
    value.as_str().map_or(Amount::ZERO, |text| text.parse().unwrap())
}

fn sum(amounts: impl Iterator<Item = Amount>) -> Amount {
    amounts.fold(Amount::ZERO, |sum, amount| sum.checked_add(amount).unwrap())
}

#[tokio::test]
async fn movers_compare_the_last_two_complete_months() {
    let mut charges = vec![
        charge("EC2", "2026-01-01", "10"),
        charge("EC2", "2026-01-31", "1"),
        charge("EC2", "2026-02-10", "7.5"),
        charge("S3", "2026-02-28", "0.25"),
        charge("RDS", "2026-01-05", "2"),
    ];
    // March has begun, so February is whole; its own charges are too new and of half a month.
    charges.push(charge("EC2", "2026-03-14", "99"));
    let envelope = ask("cost_analysis", json!({}), &context(&holding(charges))).await.unwrap();
    let usd = &envelope.data["currencies"][0];
    assert_eq!(envelope.data["step"], "month");
    let movers = &usd["movers"];
    assert_eq!(movers["before"], "2026-01-01T00:00:00Z");
    assert_eq!(
        (amount(&movers["amount_before"]), amount(&movers["amount_after"])),
        ("13".parse().unwrap(), "7.75".parse().unwrap())
    );
    let rows = movers["movers"].as_array().unwrap();
    let ec2 = &rows[0];
    assert_eq!((&ec2["values"][0], &ec2["change"]), (&json!("EC2"), &json!("-3.5")));
    assert_eq!(ec2["change_ratio"], json!(-3.5 / 11.0));
    let s3 = rows.iter().find(|row| row["values"][0] == "S3").unwrap();
    assert_eq!((&s3["before"], &s3["change_ratio"]), (&Value::Null, &Value::Null));
    let points = usd["over_time"].as_array().unwrap();
    let flags = |name: &str| points.iter().map(|p| p[name].as_bool().unwrap()).collect::<Vec<_>>();
    assert_eq!(flags("is_complete"), [true, true, false]);
    assert_eq!(flags("is_provisional"), [false, false, true]);
    // No row has a list price: absent, not zero.
    assert_eq!(usd["total"]["list"]["amount"], Value::Null);
    assert_eq!(usd["total"]["list"]["rows_without"], 6);
}

#[tokio::test]
async fn the_rest_is_one_row_and_currencies_stay_apart() {
    let mut charges: Vec<Charge> =
        (1..=7).map(|n| charge(&format!("s{n}"), "2026-02-01", &format!("{n}"))).collect();
    charges.push(Charge { currency: "EUR", ..charge("s1", "2026-02-01", "1000") });
    let params = json!({"top": 2});
    let envelope = ask("cost_analysis", params, &context(&holding(charges))).await.unwrap();
    let currencies = envelope.data["currencies"].as_array().unwrap();
    assert_eq!(currencies.len(), 2);
    assert!(envelope.warnings.iter().any(|warning| warning.code == "mixed_currencies"));
    let groups = currencies[1]["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 3);
    assert_eq!((&groups[0]["values"][0], &groups[2]["others"]), (&json!("s7"), &json!(5)));
    assert_eq!(groups[2]["costs"]["billed"]["amount"], "15");
    assert_eq!(groups[2]["share"], json!(15.0 / 28.0));
    let shown = &envelope.tables[0];
    assert!(shown.rows.iter().any(|row| row[0] == "5 others"));
}

#[tokio::test]
async fn a_window_without_charges_ends_at_the_newest() {
    let charges = vec![charge("EC2", "2025-06-01", "3")];
    let ctx = context(&holding(charges));
    let envelope = ask("cost_analysis", json!({"window": "P30D"}), &ctx).await.unwrap();
    let window = envelope.window.unwrap();
    assert_eq!(window.to.to_string(), "2025-06-02T00:00:00Z");
    assert_eq!(envelope.warnings[0].code, "newest_data");
    assert_eq!(envelope.data["currencies"][0]["rows"], 1);
    let stated = json!({"window": "2026-01-01/2026-02-01"});
    let none = ask("cost_analysis", stated, &ctx).await.unwrap();
    assert_eq!(none.data["currencies"], json!([]));
    assert!(none.warnings.iter().any(|warning| warning.code == "no_data"));
}

#[tokio::test]
async fn what_does_not_count_is_told_with_its_reason() {
    let facts = holding(vec![charge("EC2", "2026-02-01", "3")]);
    let bill = |name: &str, state: &str, reason: Option<&str>| BillFact {
        format: model::charge::BillFormat::Focus,
        billing_account: "1".into(),
        billing_period: "2026-02-01T00:00:00Z".parse().unwrap(),
        name: name.into(),
        exported_at: "2026-03-02T00:00:00Z".parse().unwrap(),
        rows: 1,
        billed: vec![("USD".into(), "3".parse().unwrap())],
        state: state.into(),
        reason: reason.map(str::to_owned),
    };
    *facts.bills.lock().unwrap() = vec![
        bill("a", "counted", None),
        bill("b", "held", Some("12 rows of 1,000")),
        bill("c", "superseded", None),
    ];
    let envelope = ask("cost_analysis", json!({}), &context(&facts)).await.unwrap();
    let not_counted = envelope.data["not_counted"].as_array().unwrap();
    assert_eq!(not_counted.len(), 2);
    assert_eq!(not_counted[0]["reason"], "12 rows of 1,000");
    assert!(not_counted[1]["reason"].as_str().unwrap().contains("newer delivery"));
    assert!(envelope.warnings.iter().any(|warning| warning.code == "held_delivery"));
}

/// Charges of a few services, tags and days; amounts with up to 18 decimals and both signs.
fn charges() -> impl Strategy<Value = Vec<Charge>> {
    let one = (0..6_u8, 0..100_i64, -10_i128.pow(22)..10_i128.pow(22), any::<[bool; 4]>());
    let charge = |(service, day, units, has): (u8, i64, i128, [bool; 4])| {
        let mut values = BTreeMap::from([
            (CostDimension::Provider, "AWS".to_owned()),
            (
                CostDimension::Category,
                ["Usage", "Tax", "Credit"][units.rem_euclid(3) as usize].into(),
            ),
        ]);
        if service > 0 {
            values.insert(CostDimension::Service, format!("s{service}"));
        }
        if service % 2 == 0 {
            values.insert(CostDimension::Tag("team".into()), format!("t{}", day % 3));
            values.insert(CostDimension::Owner, "unit".into());
        }
        let start = at("2025-11-20").plus(day * Micros::DAY);
        let basis = |place: usize| has[place].then_some(Amount(units + place as i128));
        Charge {
            values,
            currency: if day % 7 == 0 { "EUR" } else { "USD" },
            sums: [basis(0), basis(1), basis(2), basis(3)],
            start,
            end: start.plus(Micros::DAY),
            billing: month_of(start),
            quantity: None,
        }
    };
    proptest::collection::vec(one.prop_map(charge), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn every_split_adds_up_to_the_last_digit(
        charges in charges(),
        top in 1..5_u32,
        basis in prop::sample::select(vec!["billed", "effective", "list", "contracted"]),
        by in prop::sample::select(vec![vec!["service"], vec!["tag:team"], vec!["service", "tag:team"]]),
        step in prop::sample::select(vec!["day", "month"]),
    ) {
        let place = ["billed", "effective", "list", "contracted"].iter().position(|b| *b == basis);
        let naive = |currency: &str| {
            let of = charges.iter().filter(|charge| charge.currency == currency);
            sum(of.filter_map(|charge| charge.sums[place.unwrap()]))
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let params = json!({"top": top, "basis": basis, "by": by, "step": step});
        let asked = ask("cost_analysis", params, &context(&holding(charges.clone()))).await_on(&runtime);
        for block in asked["currencies"].as_array().unwrap() {
            let currency = block["currency"].as_str().unwrap();
            let total = naive(currency);
            prop_assert_eq!(amount(&block["total"][basis]["amount"]), total);
            let over = |list: &Value, cost: &str| {
                let rows = list.as_array().unwrap().iter();
                sum(rows.map(|row| amount(&row[cost][basis]["amount"])))
            };
            prop_assert_eq!(over(&block["groups"], "costs"), total);
            prop_assert_eq!(over(&block["categories"], "costs"), total);
            prop_assert_eq!(over(&block["over_time"], "costs"), total);
            prop_assert!(block["groups"].as_array().unwrap().len() <= top as usize + 1);
            let points = block["over_time"].as_array().unwrap();
            let split = points.iter().flat_map(|point| point["groups"].as_array().unwrap());
            prop_assert_eq!(sum(split.map(amount)), total);
            let unowned = charges.iter().filter(|one| {
                one.currency == currency && !one.values.contains_key(&CostDimension::Owner)
            });
            let unowned = sum(unowned.filter_map(|one| one.sums[place.unwrap()]));
            prop_assert_eq!(amount(&block["unattributed"]["unowned"][basis]["amount"]), unowned);
            if !block["movers"].is_null() {
                let rows = block["movers"]["movers"].as_array().unwrap();
                let change = sum(rows.iter().map(|row| amount(&row["change"])));
                prop_assert_eq!(change, amount(&block["movers"]["change"]));
            }
        }
    }
}

/// Waits for an answer's data.
trait AwaitOn {
    fn await_on(self, runtime: &tokio::runtime::Runtime) -> Value;
}

impl<F: Future<Output = Result<model::envelope::Envelope, analysis::AskError>>> AwaitOn for F {
    fn await_on(self, runtime: &tokio::runtime::Runtime) -> Value {
        runtime.block_on(self).unwrap().data
    }
}

#[tokio::test]
async fn a_unit_is_everything_below_it() {
    let owned = |owner: &str, cost: &str| {
        let mut one = charge("EC2", "2026-01-05", cost);
        one.values.insert(CostDimension::Owner, owner.to_owned());
        one
    };
    let facts = holding(vec![
        owned("org://team/orders", "10"),
        owned("org://team/search", "5"),
        owned("org://business_unit/retail", "1"),
        owned("org://team/elsewhere", "100"),
    ]);
    // The topology gives what hangs below the unit asked for, services too.
    let below = [
        ("org://business_unit/retail", EntityKind::BusinessUnit),
        ("org://team/orders", EntityKind::Team),
        ("org://team/search", EntityKind::Team),
        ("service://_/_/orders", EntityKind::Service),
    ];
    facts.topology.lock().unwrap().entities =
        below.into_iter().map(|(id, kind)| entity(id, kind)).collect();
    let params = json!({"unit": ["org://business_unit/retail"]});
    let envelope = ask("cost_analysis", params, &context(&facts)).await.unwrap();
    let total = &envelope.data["currencies"][0]["total"];
    assert_eq!(amount(&total["billed"]["amount"]), "16".parse().unwrap());
    let envelope = ask("cost_analysis", json!({}), &context(&facts)).await.unwrap();
    let total = &envelope.data["currencies"][0]["total"];
    assert_eq!(amount(&total["billed"]["amount"]), "116".parse().unwrap());
}
