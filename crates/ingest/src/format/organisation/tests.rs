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

proptest! {
    #[test]
    fn no_table_panics(rows in proptest::collection::vec("[a-c,;=0-9é\"-]{0,20}", 0..6)) {
        for header in [
            "unit,parent,kind", "match,owner", "unit,amount,basis,period_start,phasing",
            "metric,value,unit,period_start,period_end",
        ] {
            let text = format!("{header}\n{}\n", rows.join("\n"));
            read(&text);
        }
    }
}
