//! The examples of docs/formats/organisation.md, and rows that are wrong.

use std::ops::ControlFlow;

use model::{Batch, RelationKind};
use proptest::prelude::*;

use crate::context::InputContext;

fn read(text: &str) -> Batch {
    let mut whole = None;
    crate::read("table", text.as_bytes(), &InputContext::default(), &mut |batch| {
        whole = Some(batch);
        ControlFlow::Continue(())
    })
    .unwrap();
    whole.unwrap()
}

const TREE: &str = "unit,parent,parent_kind,kind,name,cost_centre,email,share
larkfield,,,organisation,Larkfield,,,
retail,larkfield,organisation,business_unit,Online Retail,CC-100,retail@larkfield.example,
checkout-team,retail,business_unit,team,Checkout,CC-110,NULL,
shop,larkfield,organisation,product,Larkfield Shop,,,
checkout,checkout-team,team,application,Checkout,,,
checkout,shop,product,application,Checkout,,,0.8
";

#[test]
fn both_trees_share_their_leaves() {
    let batch = read(TREE);
    assert_eq!((batch.entities.len(), batch.rejects.len()), (5, 0));
    let find = |id: &str| batch.entities.iter().find(|one| one.id.as_str() == id).unwrap();
    let checkout = find("application://checkout");
    let kinds: Vec<RelationKind> = checkout.relations.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [RelationKind::Owns, RelationKind::HasPart]);
    assert_eq!(checkout.relations[1].properties["share"], "0.8");
    assert_eq!(find("org://business_unit/retail").name, "Online Retail");
    assert!(!find("org://team/checkout-team").properties.contains_key("email"));
    assert_eq!(find("product://shop").relations[0].kind, RelationKind::Contains);
}

#[test]
fn a_cycle_of_parents_is_a_reject_of_its_rows_only() {
    let batch = read(
        "parent,unit,kind\nb,a,team\na,b,team\n,root,organisation\nroot,x,team\nx,below,team\n\
         a,child,team\n",
    );
    assert_eq!(batch.rejects.len(), 2, "{:?}", batch.rejects);
    assert!(batch.rejects[0].location.contains("row 2, column parent"));
    assert_eq!(batch.entities.len(), 4);
}

#[test]
fn rows_that_are_wrong_name_row_and_column() {
    let batch = read(
        "unit,period_start,period_end,currency,basis,amount\n\
         a,2026-07,,USD,,90000.00\n\
         a,2026-07-01,2026-10-01,usd,effective,1\n\
         a,2026-07-01,2026-06-01,USD,effective,1\n\
         a,2026-07-01,2026-10-01,USD,effective,\n\
         a,2026-07-01T00:00:00Z,,USD,effective,1\n\
         a,2026-07-01,,EUR,list,0\n",
    );
    assert_eq!(batch.budgets.len(), 2);
    assert_eq!(batch.budgets[0].to.to_string(), "2026-08-01T00:00:00Z");
    assert_eq!(batch.budgets[1].to.to_string(), "2026-07-02T00:00:00Z");
    let places: Vec<&str> = batch.rejects.iter().map(|one| one.location.as_str()).collect();
    assert_eq!(
        places,
        [
            "row 3, column currency",
            "row 4, column period_end",
            "row 5, column amount",
            "row 6, column period_end"
        ]
    );
}

#[test]
fn rules_and_values_are_read_from_csv_and_yaml_alike() {
    let csv =
        read("match,owner,application,tier\nname=ledger;namespace=payments,,ledger,critical\n");
    let yaml = read(
        "ownership:\n  - match: { namespace: payments, name: ledger }\n    application: ledger\n    tier: critical\n\
         value_metrics:\n  - { metric: orders, product: shop, period_start: 2026-09-01, value: 18342 }\n",
    );
    assert_eq!(csv.ownership, yaml.ownership);
    assert_eq!(csv.ownership[0].application.as_deref(), Some("application://ledger"));
    let value = read("metric,product,period_start,value,unit\norders,shop,2026-09-01,18342,\n");
    assert_eq!(value.values, yaml.values);
    let wrong = read("match,owner\ncolour=red,x\nname,x\nname=a,\n");
    assert_eq!((wrong.ownership.len(), wrong.rejects.len()), (0, 3));
}

#[test]
fn a_value_that_several_share_states_how() {
    let header = "metric,product,period_start,value,currency\n";
    let batch = read(&format!("{header}revenue,shop=0.7;market=0.3,2026-09-01,1203456.21,USD\n"));
    let parts: Vec<(String, String)> = batch
        .values
        .iter()
        .map(|one| (one.of.label(), one.share.unwrap_or_default().to_string()))
        .collect();
    assert_eq!(
        parts,
        [("product://shop".into(), "0.7".into()), ("product://market".into(), "0.3".into())]
    );
    assert!(batch.values.iter().all(|one| one.value.to_string() == "1203456.21"));
    let yaml = read(
        "value_metrics:\n  - { metric: revenue, product: { shop: 0.7, market: 0.3 }, \
         period_start: 2026-09-01, value: 1203456.21, currency: USD }\n",
    );
    assert_eq!(yaml.values.len(), 2);
    for (cell, why) in [
        ("shop;market", "states no share"),
        ("shop=0.7;market=0.2", "add up to 0.9"),
        ("shop=0.5;shop=0.5", "twice"),
        ("shop=1.5;market=-0.5", "above 0"),
        ("shop=0.3333333333333333333;market=0.6666666666666666667", "no number above 0"),
    ] {
        let batch = read(&format!("{header}revenue,{cell},2026-09-01,1,USD\n"));
        assert_eq!((batch.values.len(), batch.rejects.len()), (0, 1), "{cell}");
        assert!(batch.rejects[0].reason.contains(why), "{}", batch.rejects[0].reason);
        assert!(batch.rejects[0].location.contains("column product"));
    }
}

#[test]
fn assumptions_say_who_set_them() {
    let header = "assumption,product,value,currency,share,set_by,set_at\n";
    let text = format!(
        "{header}value_per_minute,shop,85.50,USD,0.4,ana@larkfield.example,2026-08-01\n\
         value_per_minute,market,9,USD,1.5,ana,\nvalue_per_minute,market,9,USD,,,\n\
         value_per_hour,market,9,USD,,ana,\n"
    );
    let batch = read(&text);
    let [stated] = batch.stated.as_slice() else { panic!("{}", batch.stated.len()) };
    let says: model::value::StatedAssumption = stated.says().unwrap();
    assert_eq!(
        (says.value.to_string(), says.set_by.as_str()),
        ("85.5".into(), "ana@larkfield.example")
    );
    assert_eq!(stated.subjects[0].label(), "product://shop");
    let places: Vec<&str> = batch.rejects.iter().map(|one| one.location.as_str()).collect();
    assert_eq!(places, ["row 3, column share", "row 4, column set_by", "row 5, column assumption"]);
}

#[test]
fn objectives_are_a_ratio_or_a_latency() {
    use model::objective::{Indicator, Objective};
    let header =
        "service,name,good,bad,total,latency_seconds,objective,window,owner,apdex_seconds\n";
    let text = format!(
        "{header}cart,,,,,,99.9%,,cart-team,0.3\n\
         cart,fast,,,,0.25,0.95,4w,,\n\
         cart,orders,\"placed{{result=\"\"ok\"\"}}\",,placed,,0.99,28d,,\n\
         cart,both,a,,b,0.25,0.95,,,\ncart,half,a,,,,0.95,,,\ncart,,,,,,1,,,\n"
    );
    let batch = read(&text);
    let read: Vec<Objective> = batch.stated.iter().map(|one| one.says().unwrap()).collect();
    let names: Vec<&str> = read.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["cart availability", "fast", "orders"]);
    assert_eq!((read[0].apdex_seconds, read[0].window_seconds), (Some(0.3), 30.0 * 86_400.0));
    assert!((read[0].target - 0.999).abs() < 1e-12);
    let none = Indicator::Ratio { good: None, bad: None, total: None };
    assert_eq!(read[0].indicator, none);
    assert!(matches!(read[1].indicator, Indicator::Latency { bound_seconds: 0.25, .. }));
    assert!(matches!(&read[2].indicator, Indicator::Ratio { good: Some(good), .. }
        if good.labels["result"] == "ok"));
    let places: Vec<&str> = batch.rejects.iter().map(|one| one.location.as_str()).collect();
    assert_eq!(
        places,
        ["row 5, column latency_seconds", "row 6, column total", "row 7, column objective"]
    );
}

proptest! {
    #[test]
    fn no_table_panics(rows in proptest::collection::vec("[a-c,;=0-9é\"-]{0,20}", 0..6)) {
        for header in [
            "unit,parent,kind", "match,owner", "unit,amount,basis,period_start,phasing",
            "metric,value,unit,period_start,period_end", "assumption,value,product,set_by,currency",
            "service,objective,good,total,latency_seconds",
        ] {
            let text = format!("{header}\n{}\n", rows.join("\n"));
            read(&text);
        }
    }
}
