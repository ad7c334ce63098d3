//! `business_value` of the demonstration: every figure worked out again from its own files.

use std::collections::BTreeMap;

use libtest_mimic::{Failed, Trial};
use model::Amount;
use serde_json::Value;

use super::larkfield::{UNTIL, read_files};
use super::program::{Program, expect};

/// A whole month of the demonstration, and the one before.
const MONTH: &str = "2026-10";
const NEXT: &str = "2026-11-01";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("business_value::values_and_costs_are_those_of_the_files", larkfield),
        Trial::test("business_value::splits_objectives_and_catalogs_are_read", formats),
    ]
}

/// Sums of the value metrics of one month, by product (or unit) and metric, from the file itself.
fn stated(folder: &std::path::Path) -> Result<BTreeMap<(String, String), Amount>, Failed> {
    let text = std::fs::read_to_string(folder.join("organisation/value_metrics.csv"))?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let mut sums: BTreeMap<(String, String), Amount> = BTreeMap::new();
    for line in lines {
        let cells: BTreeMap<&str, &str> = header.iter().copied().zip(line.split(',')).collect();
        if !cells["period_start"].starts_with(MONTH) {
            continue;
        }
        let of = if cells["product"].is_empty() { cells["unit"] } else { cells["product"] };
        let sum = sums.entry((of.to_owned(), cells["metric"].to_owned())).or_default();
        let value: Amount =
            cells["value"].parse().map_err(|reason: String| Failed::from(reason))?;
        *sum = sum.checked_add(value).ok_or("a sum is too large")?;
    }
    Ok(sums)
}

fn find<'a>(list: &'a Value, key: &str, wanted: &str) -> Result<&'a Value, Failed> {
    let found = list.as_array().and_then(|list| list.iter().find(|one| one[key] == wanted));
    found.ok_or_else(|| format!("no {key} {wanted} in {list}").into())
}

fn amount(value: &Value) -> Result<Amount, Failed> {
    let text = value.as_str().ok_or_else(|| Failed::from(format!("{value} is no amount")))?;
    text.parse().map_err(|reason: String| reason.into())
}

fn larkfield() -> Result<(), Failed> {
    let program = Program::new()?;
    let wanted = |path: &str| ["organisation", "cost", "aws"].iter().any(|one| path.contains(one));
    let (options, _) = read_files(&program, wanted)?;
    let folder = tempfile::tempdir()?;
    scenario::write(folder.path(), &options)?;
    let sums = stated(folder.path())?;
    let window = format!("{MONTH}-01/{NEXT}");
    let ask = ["business-value", "--as-of", UNTIL, "--window", &window, "--step", "month"];
    let answer = program.ask(&ask)?;
    let mut of_all: BTreeMap<String, Amount> = BTreeMap::new();
    for product in ["shop", "market", "ship", "rewards-club"] {
        let id = format!("product://{product}");
        let subject = find(&answer["subjects"], "id", &id)?;
        for metric in ["orders", "revenue", "active_customers"] {
            let found = find(&subject["metrics"], "metric", metric)?;
            let sum = sums[&(product.to_owned(), metric.to_owned())];
            expect(&format!("{metric} of {product}"), amount(&found["value"])?, sum)?;
            expect("days", found["days"].as_u64(), Some(31))?;
            let all = of_all.entry(metric.to_owned()).or_default();
            *all = all.checked_add(sum).ok_or("a sum is too large")?;
        }
    }
    let whole = find(&answer["subjects"], "id", "org://organisation/larkfield")?;
    for (metric, sum) in &of_all {
        let found = find(&whole["metrics"], "metric", metric)?;
        expect(&format!("{metric} of all products"), amount(&found["value"])?, *sum)?;
        expect("products", found["added_up_from"].as_array().map(Vec::len), Some(4))?;
    }
    compared(whole)?;
    same_as_cost_analysis(&program, &answer, &window)?;
    done(&program)
}

/// A candidate is done only once it is accepted; without a day billed since there is no amount.
fn done(program: &Program) -> Result<(), Failed> {
    let candidates = program.ask(&["savings-candidates", "--as-of", UNTIL])?;
    let volume = find(&candidates["candidates"], "rule", "unattached_volume")?;
    let target = volume["target"].as_str().unwrap_or_default().to_owned();
    let decide = |action: &str, who: &str| {
        program.run(&["decide", action, &target, "--reason", "unused", "--author", who])
    };
    expect("done before it is accepted", decide("done", "ben")?.code == 0, false)?;
    expect("accept", decide("accept", "ana")?.code, 0)?;
    expect("done", decide("done", "ben")?.code, 0)?;
    let savings = program.ask(&["business-value"])?["savings"].clone();
    let one = &savings["realised"][0];
    let who = [&one["target"], &one["accepted_by"], &one["done_by"], &one["status"]];
    expect(
        "saving",
        who.map(Value::to_string),
        [&target, "ana", "ben", "claimed"].map(|text| format!("{text:?}")),
    )?;
    expect(
        "amounts",
        (&one["amounts"], &one["reason"]),
        (&Value::from(Vec::<u8>::new()), &Value::from("no_data")),
    )
}

/// Return and unit cost are what value and cost of the same answer come to.
fn compared(subject: &Value) -> Result<(), Failed> {
    let revenue = &find(&subject["metrics"], "metric", "revenue")?["compared"];
    let (value, cost) = (amount(&revenue["value"])?, amount(&revenue["costs"][0]["amount"])?);
    let returned = revenue["return_ratio"]["value"].as_f64().unwrap_or(f64::NAN);
    let wanted = (value.to_f64() - cost.to_f64()) / cost.to_f64();
    expect("return", (returned - wanted).abs() < 1e-9 * wanted.abs(), true)?;
    let net = value.checked_sub(cost).ok_or("a difference is too large")?;
    expect("net", amount(&revenue["net"]["amount"])?, net)?;
    let orders = &find(&subject["metrics"], "metric", "orders")?["compared"];
    let unit_cost = amount(&orders["unit_costs"][0]["amount"])?.to_f64();
    let wanted =
        amount(&orders["costs"][0]["amount"])?.to_f64() / amount(&orders["value"])?.to_f64();
    expect("unit cost", (unit_cost - wanted).abs() < 1e-12, true)?;
    expect("return of a count", &orders["return_ratio"]["reason"], &Value::from("not_applicable"))
}

/// Without rules that split shared charges a unit's cost is that of `cost_analysis`.
fn same_as_cost_analysis(program: &Program, answer: &Value, window: &str) -> Result<(), Failed> {
    let mut compared = 0;
    for unit in ["org://team/checkout-team", "org://business_unit/retail"] {
        let subject = find(&answer["subjects"], "id", unit)?;
        let by = ["cost-analysis", "--as-of", UNTIL, "--window", window, "--unit", unit];
        let cost = program.ask(&by)?;
        let currency = &cost["currencies"][0]["total"]["effective"]["amount"];
        expect(unit, &subject["costs"][0]["amount"], currency)?;
        compared += u64::from(currency.is_string());
    }
    expect("units with cost", compared, 2)
}

fn formats() -> Result<(), Failed> {
    let program = Program::new()?;
    let folder = tempfile::tempdir()?;
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text);
    write(
        "catalog-info.yaml",
        "apiVersion: backstage.io/v1alpha1\nkind: Domain\nmetadata: { name: shop }\nspec: {}\n---\n\
         apiVersion: backstage.io/v1alpha1\nkind: Domain\nmetadata: { name: market }\nspec: {}\n---\n\
         apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: { name: web }\n\
         spec: { type: team, children: [] }\n---\n\
         apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: { name: checkout }\n\
         spec: { owner: web, domain: shop }\n---\n\
         apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: { name: cart }\n\
         spec: { type: service, owner: web, system: checkout, dependsOn: ['component:prices'] }\n---\n\
         apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: { name: prices }\n\
         spec: { type: service, owner: web, system: checkout }\n",
    )?;
    write(
        "values.csv",
        "metric,product,period_start,value,currency,source\n\
         revenue,shop=0.7;market=0.3,2026-09-01,1000.10,USD,ledger\n\
         revenue,shop;market,2026-09-02,1,USD,ledger\n",
    )?;
    write("objectives.csv", "service,objective,latency_seconds\ncart,99.9%,0.3\n")?;
    let report = program.json(&["ingest", &folder.path().display().to_string()])?;
    expect("unread", report["unread"].as_array().map_or(0, Vec::len), 0)?;
    expect("rejects", report["rejects"].as_array().map_or(0, Vec::len), 1)?;
    let answer = program.ask(&["business-value", "--window", "2026-09-01/2026-10-01"])?;
    for (product, value) in [("shop", "700.07"), ("market", "300.03")] {
        let subject = find(&answer["subjects"], "id", &format!("product://{product}"))?;
        let revenue = find(&subject["metrics"], "metric", "revenue")?;
        expect(product, &revenue["value"], &Value::from(value))?;
    }
    let splits = answer["assumptions"].as_array().map_or(0, |list| {
        list.iter().filter(|one| one["name"] == "split" && one["set_by"] == "ledger").count()
    });
    expect("splits", splits, 2)?;
    let calls = program.ask(&["topology", "--root", "service://_/_/cart"])?.to_string();
    expect("the declared call", calls.contains("prices"), true)
}
