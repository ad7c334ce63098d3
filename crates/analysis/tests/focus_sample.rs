//! `cost_analysis` over the published FOCUS 1.0 sample, read cell by cell by the test itself: the sums
//! that are known independently, by every dimension, to the last digit.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "answers/fake.rs"]
#[expect(dead_code, reason = "the stores are shared with the other tests")]
mod fake;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use model::Amount;
use model::fact::CostDimension;
use serde_json::{Value, json};

use fake::{Charge, Facts, ask, at, context};

/// Basis and its published sum.
const PUBLISHED: [(&str, &str); 4] = [
    ("billed", "20.52022672899"),
    ("effective", "14.97651418586"),
    ("list", "20.39090575119"),
    ("contracted", "14.97626039326"),
];

/// Billed by provider, as published.
const PROVIDERS: [(&str, &str); 3] =
    [("AWS", "18.0066386184"), ("Microsoft", "1.97651418586"), ("Oracle", "0.53707392473")];

fn sample() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    root.join("shared/data/cost/focus-1.0/FOCUS-1.0/focus_sample.csv")
}

type Test = (&'static str, fn() -> Result<(), Failed>);

fn main() {
    let tests: [Test; 3] = [
        ("focus_sample::sums_are_the_published_ones_by_every_dimension", sums),
        ("focus_sample::providers_are_billed_as_published", providers),
        ("focus_sample::one_row_is_used_in_september_and_billed_in_october", periods),
    ];
    let is_there = sample().exists();
    let trial = |(name, run): Test| {
        let reason = " [skipped: data set cost/focus-1.0 is absent]";
        let name = if is_there { name.to_owned() } else { format!("{name}{reason}") };
        Trial::test(name, run).with_ignored_flag(!is_there)
    };
    libtest_mimic::run(&Arguments::from_args(), tests.map(trial).into()).exit();
}

fn facts() -> Arc<Facts> {
    let mut reader = csv::Reader::from_path(sample()).unwrap();
    let headers = reader.headers().unwrap().clone();
    let place = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let columns = [
        (CostDimension::Provider, place("ProviderName")),
        (CostDimension::Service, place("ServiceName")),
        (CostDimension::ServiceCategory, place("ServiceCategory")),
        (CostDimension::BillingAccount, place("BillingAccountId")),
        (CostDimension::Account, place("SubAccountId")),
        (CostDimension::Region, place("RegionId")),
        (CostDimension::Category, place("ChargeCategory")),
        (CostDimension::Resource, place("ResourceId")),
        (CostDimension::ResourceType, place("ResourceType")),
        (CostDimension::Sku, place("SkuId")),
        (CostDimension::PricingCategory, place("PricingCategory")),
        (CostDimension::CommitmentStatus, place("CommitmentDiscountStatus")),
    ];
    let costs = ["BilledCost", "EffectiveCost", "ListCost", "ContractedCost"].map(place);
    let instants = ["ChargePeriodStart", "ChargePeriodEnd", "BillingPeriodStart"].map(place);
    let mut charges = Vec::new();
    for record in reader.records() {
        let record = record.unwrap();
        let cell = |place: usize| {
            Some(record[place].trim()).filter(|text| !text.is_empty() && *text != "NULL")
        };
        let values = columns
            .iter()
            .filter_map(|(dimension, place)| Some((dimension.clone(), cell(*place)?.to_owned())));
        let [start, end, billing] = instants.map(|place| at(&written(cell(place).unwrap())));
        charges.push(Charge {
            values: values.collect::<BTreeMap<_, _>>(),
            currency: "USD",
            sums: costs.map(|place| cell(place).map(|text| text.parse::<Amount>().unwrap())),
            start,
            end,
            billing,
            quantity: None,
        });
    }
    assert_eq!(charges.len(), 1_000);
    let facts = Facts::default();
    *facts.charges.lock().unwrap() = charges;
    Arc::new(facts)
}

/// The sample writes `2024-09-01 00:00:00`.
fn written(text: &str) -> String {
    let text = text.trim_end_matches(" UTC").replace(' ', "T");
    if text.ends_with('Z') || text.len() <= 10 { text } else { format!("{text}Z") }
}

fn asked(params: Value) -> Value {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(ask("cost_analysis", params, &context(&facts()))).unwrap().data
}

fn amount(value: &Value) -> Amount {
    value.as_str().map_or(Amount::ZERO, |text| text.parse().unwrap())
}

fn sum(rows: &Value, basis: &str) -> Amount {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| amount(&row["costs"][basis]["amount"]))
        .fold(Amount::ZERO, |sum, one| sum.checked_add(one).unwrap())
}

fn sums() -> Result<(), Failed> {
    let dimensions = [
        "provider",
        "service",
        "service_category",
        "billing_account",
        "account",
        "region",
        "category",
        "resource",
        "resource_type",
        "sku",
        "pricing_category",
        "commitment_status",
        "owner",
        "tag:team",
    ];
    for by in dimensions {
        let data = asked(json!({"by": by, "top": 7}));
        let usd = &data["currencies"][0];
        for (basis, published) in PUBLISHED {
            let published: Amount = published.parse()?;
            assert_eq!(amount(&usd["total"][basis]["amount"]), published, "{basis}");
            for part in ["groups", "categories", "over_time"] {
                assert_eq!(sum(&usd[part], basis), published, "{part} of {basis} by {by}");
            }
        }
        assert_eq!(usd["total"]["contracted"]["rows"], 993);
        assert_eq!(usd["total"]["contracted"]["rows_without"], 7);
    }
    Ok(())
}

fn providers() -> Result<(), Failed> {
    let data = asked(json!({"by": "provider", "basis": "billed"}));
    let groups = data["currencies"][0]["groups"].as_array().unwrap();
    assert_eq!(groups.len(), PROVIDERS.len());
    for (group, (provider, billed)) in groups.iter().zip(PROVIDERS) {
        assert_eq!(group["values"][0], provider);
        assert_eq!(group["costs"]["billed"]["amount"], billed);
    }
    Ok(())
}

fn periods() -> Result<(), Failed> {
    let months = |period: &str| {
        let data = asked(json!({"period": period, "step": "month"}));
        let points = data["currencies"][0]["over_time"].as_array().unwrap().clone();
        points
            .iter()
            .map(|point| {
                let billed = &point["costs"]["billed"];
                let month = point["at"].as_str().unwrap()[..7].to_owned();
                (month, billed["rows"].as_u64().unwrap())
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(months("charge"), [("2024-09".to_owned(), 1_000)]);
    assert_eq!(months("billing"), [("2024-09".to_owned(), 999), ("2024-10".to_owned(), 1)]);
    Ok(())
}
