//! Deliveries of bills through the program: a newer one replaces the older of its account and period and
//! touches nothing else, two formats of one period count once, and a half-empty one is held.

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::program::{Program, data, expect, with_data};

const AZURE: &str = "cost/azure-ea";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("cost_delivery::a_newer_delivery_replaces_its_own_only", replaced),
        Trial::test("cost_delivery::two_formats_of_a_period_count_once", formats),
        Trial::test("cost_delivery::a_half_empty_delivery_is_held", held),
        with_data("cost_delivery::an_azure_export_adds_up", &[AZURE], azure),
    ]
}

const HEAD: &str = "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingAccountId,BillingCurrency,\
                    BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,\
                    ChargeCategory,ServiceName,ProviderName,ResourceId,Tags";

/// Days of charges of one account and month, each of `cost`.
fn focus(account: &str, month: u32, days: u32, cost: &str) -> String {
    let mut text = String::new();
    for day in 1..=days {
        text.push_str(&format!(
            "{cost},{cost},{cost},{cost},{account},USD,2026-{month:02}-01,2026-{:02}-01,\
             2026-{month:02}-{day:02},2026-{month:02}-{:02},Usage,Compute,AWS,vm-{account},\
             \"{{\"\"team\"\": \"\"t{account}\"\"}}\"\n",
            month + 1,
            day + 1
        ));
    }
    text
}

fn ingest(program: &Program, text: &str, observed_at: &str) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("bill.csv");
    std::fs::write(&path, text)?;
    let path = path.display().to_string();
    program.json(&["ingest", "--observed-at", observed_at, &path])?;
    Ok(())
}

/// Billed by account and billing month, as `account month amount`.
fn billed(program: &Program) -> Result<Vec<String>, Failed> {
    let by = ["cost-analysis", "--window", "all", "--by", "billing_account", "--by"];
    let answer = program.ask(&[&by[..], &["billing_period"]].concat())?;
    let groups = answer["currencies"][0]["groups"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut found: Vec<String> = groups
        .iter()
        .map(|group| {
            let month = text(&group["values"][1]);
            let amount = text(&group["costs"]["billed"]["amount"]);
            format!("{} {} {amount}", text(&group["values"][0]), &month[..7.min(month.len())])
        })
        .collect();
    found.sort();
    Ok(found)
}

fn states(program: &Program) -> Result<Vec<String>, Failed> {
    let answer = program.ask(&["cost-analysis", "--window", "all"])?;
    let lists = [&answer["counted"], &answer["not_counted"]];
    let bills = lists.into_iter().filter_map(Value::as_array).flatten();
    let mut states: Vec<String> = bills
        .map(|one| {
            one["state"].as_str().or(one["bill"]["state"].as_str()).unwrap_or("?").to_owned()
        })
        .collect();
    states.sort();
    Ok(states)
}

fn replaced() -> Result<(), Failed> {
    let program = Program::new()?;
    let all = [focus("a", 3, 20, "1"), focus("a", 4, 20, "2"), focus("b", 3, 20, "4")].concat();
    ingest(&program, &format!("{HEAD}\n{all}"), "2026-05-01T00:00:00Z")?;
    let first = ["a 2026-03 20", "a 2026-04 40", "b 2026-03 80"].map(str::to_owned);
    expect("first", billed(&program)?, first.to_vec())?;
    // The newer delivery has one account and one month, at another price.
    let newer = format!("{HEAD}\n{}", focus("a", 3, 20, "1.5"));
    ingest(&program, &newer, "2026-05-03T00:00:00Z")?;
    let then = ["a 2026-03 30", "a 2026-04 40", "b 2026-03 80"].map(str::to_owned);
    expect("replaced", billed(&program)?, then.to_vec())?;
    // One that was made before both comes late and changes nothing; nor do known bytes.
    let older = format!("{HEAD}\n{}", focus("a", 3, 20, "9"));
    ingest(&program, &older, "2026-04-20T00:00:00Z")?;
    ingest(&program, &newer, "2026-05-09T00:00:00Z")?;
    expect("late", billed(&program)?, then.to_vec())?;
    // Every split still adds up.
    let answer = program.ask(&["cost-analysis", "--window", "all", "--by", "tag:team"])?;
    let groups = answer["currencies"][0]["groups"].as_array().map_or(0, Vec::len);
    expect("teams", groups, 2)
}

fn formats() -> Result<(), Failed> {
    let program = Program::new()?;
    let cur = "bill/PayerAccountId,bill/BillingPeriodStartDate,bill/BillingPeriodEndDate,\
               lineItem/LineItemType,lineItem/UsageStartDate,lineItem/UsageEndDate,\
               lineItem/ProductCode,lineItem/CurrencyCode,lineItem/UnblendedCost,\
               lineItem/UsageAccountId\n";
    let line = |day: u32| {
        format!(
            "a,2026-03-01,2026-04-01,Usage,2026-03-{day:02},2026-03-{:02},AmazonEC2,USD,1.5,a\n",
            day + 1
        )
    };
    let lines: String = (1..=20).map(line).collect();
    ingest(&program, &format!("{cur}{lines}"), "2026-05-05T00:00:00Z")?;
    expect("the report alone", billed(&program)?, vec!["a 2026-03 30".to_owned()])?;
    let focus = format!("{HEAD}\n{}", focus("a", 3, 20, "1"));
    ingest(&program, &focus, "2026-05-01T00:00:00Z")?;
    expect("FOCUS counts", billed(&program)?, vec!["a 2026-03 20".to_owned()])?;
    expect("states", states(&program)?, vec!["counted".to_owned(), "other_format".to_owned()])
}

fn held() -> Result<(), Failed> {
    let program = Program::new()?;
    let full = format!("{HEAD}\n{}", focus("a", 3, 20, "1"));
    ingest(&program, &full, "2026-05-01T00:00:00Z")?;
    let half = format!("{HEAD}\n{}", focus("a", 3, 10, "1"));
    ingest(&program, &half, "2026-05-02T00:00:00Z")?;
    expect("the full one counts", billed(&program)?, vec!["a 2026-03 20".to_owned()])?;
    expect("states", states(&program)?, vec!["counted".to_owned(), "held".to_owned()])?;
    let answer = program.ask(&["cost-analysis", "--window", "all"])?;
    let reason = answer["not_counted"][0]["reason"].as_str().unwrap_or_default().to_owned();
    expect(&reason, reason.contains("10 rows, under 80 %"), true)
}

fn azure() -> Result<(), Failed> {
    let program = Program::new()?;
    program.json(&["ingest", &data(AZURE).display().to_string()])?;
    let answer = program.ask(&["cost-analysis", "--window", "all", "--by", "service"])?;
    let cad = &answer["currencies"][0];
    expect("currency", cad["currency"].as_str(), Some("CAD"))?;
    expect("rows", cad["rows"].as_u64(), Some(27))?;
    let amount = |value: &Value| value["amount"].as_str().unwrap_or("absent").to_owned();
    expect("billed", amount(&cad["total"]["billed"]), "1.26136926505726".to_owned())?;
    expect("effective", amount(&cad["total"]["effective"]), "1.26136926505726".to_owned())?;
    let groups = cad["groups"].as_array().cloned().unwrap_or_default();
    for (service, billed) in
        [("Virtual Network", "0.32855099435726"), ("Azure Data Factory v2", "0.479356887")]
    {
        let found = groups.iter().find(|group| group["values"][0] == service);
        let costs = found.map(|group| group["costs"]["billed"].clone()).unwrap_or_default();
        expect(service, amount(&costs), billed.to_owned())?;
    }
    Ok(())
}
