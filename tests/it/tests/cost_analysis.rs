//! `cost_analysis` on real bills: sums that agree with the file to the last digit, by any dimension.

use libtest_mimic::{Failed, Trial};
use model::Amount;
use serde_json::Value;

use super::program::{Program, data, expect, with_data};

const FOCUS: &str = "cost/focus-1.0";
const CUR: &str = "cost/aws-cur";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        with_data("cost_analysis::a_focus_bill_adds_up", &[FOCUS], focus),
        with_data("cost_analysis::a_cur_bill_adds_up", &[CUR], cur),
    ]
}

fn loaded(set: &str) -> Result<Program, Failed> {
    let program = Program::new()?;
    program.json(&["ingest", &data(set).display().to_string()])?;
    Ok(program)
}

fn amount<'a>(costs: &'a Value, basis: &str) -> &'a str {
    costs[basis]["amount"].as_str().unwrap_or("absent")
}

fn focus() -> Result<(), Failed> {
    let program = loaded(FOCUS)?;
    let answer = program.ask(&["cost-analysis", "--window", "all"])?;
    expect("currencies", answer["currencies"].as_array().map(Vec::len), Some(1))?;
    let total = &answer["currencies"][0]["total"];
    expect("billed", amount(total, "billed"), "20.52022672899")?;
    expect("effective", amount(total, "effective"), "14.97651418586")?;
    expect("list", amount(total, "list"), "20.39090575119")?;
    expect("contracted", amount(total, "contracted"), "14.97626039326")?;
    expect("rows with contracted", total["contracted"]["rows"].as_u64(), Some(993))?;
    expect("rows without", total["contracted"]["rows_without"].as_u64(), Some(7))?;
    for dimension in
        ["provider", "service", "account", "region", "category", "resource", "resource_type", "sku"]
    {
        let by = ["cost-analysis", "--window", "all", "--by", dimension];
        let answer = program.ask(&by)?;
        for basis in ["billed", "effective", "list", "contracted"] {
            let groups = answer["currencies"][0]["groups"].as_array().cloned().unwrap_or_default();
            let sum = groups.iter().try_fold(Amount::ZERO, |sum, group| {
                let text = group["costs"][basis]["amount"].as_str().unwrap_or("0");
                sum.checked_add(text.parse::<Amount>().ok()?)
            });
            let sum = sum.map(|sum| sum.to_string()).unwrap_or_default();
            expect(&format!("{basis} by {dimension}"), sum.as_str(), amount(total, basis))?;
        }
    }
    by_provider(&program)?;
    by_month_tag_and_resource(&program)?;
    // One row is used in September and billed in October.
    let september = "2024-09-01/2024-10-01";
    let used = program.ask(&["cost-analysis", "--window", september, "--period", "charge"])?;
    let billed = program.ask(&["cost-analysis", "--window", september, "--period", "billing"])?;
    let rows = |answer: &Value| answer["currencies"][0]["rows"].as_u64().unwrap_or(0);
    expect("rows used in September", rows(&used), 1_000)?;
    expect("rows billed in September", rows(&billed), 999)
}

/// Sums of the file by billing month and by tag, as another program makes them.
fn by_month_tag_and_resource(program: &Program) -> Result<(), Failed> {
    for (dimension, expected) in [
        (
            "billing_period",
            &[("2024-09-01T00:00:00Z", "20.28022672899"), ("2024-10-01T00:00:00Z", "0.24")][..],
        ),
        (
            "tag:environment",
            &[("dev", "18.20324140013"), ("prod", "2.0428208422"), ("", "0.27416448666")][..],
        ),
    ] {
        let answer = program.ask(&[
            "cost-analysis",
            "--window",
            "all",
            "--by",
            dimension,
            "--basis",
            "billed",
        ])?;
        let groups = answer["currencies"][0]["groups"].as_array().cloned().unwrap_or_default();
        expect(&format!("groups by {dimension}"), groups.len(), expected.len())?;
        for (value, billed) in expected {
            let is_it = |group: &&Value| group["values"][0].as_str().unwrap_or("") == *value;
            let costs = groups.iter().find(is_it).map(|group| group["costs"].clone());
            let costs = costs.unwrap_or_default();
            expect(&format!("{dimension} {value}"), amount(&costs, "billed"), *billed)?;
        }
    }
    // One resource alone is the resource's own line.
    let by = ["cost-analysis", "--window", "all", "--by", "resource", "--basis", "billed"];
    let answer = program.ask(&by)?;
    let first = &answer["currencies"][0]["groups"][0];
    let resource = first["values"][0].as_str().unwrap_or("");
    let filter = format!("resource={resource}");
    let alone = program.ask(&["cost-analysis", "--window", "all", "--filter", &filter])?;
    let total = &alone["currencies"][0]["total"];
    expect(resource, amount(total, "billed"), amount(&first["costs"], "billed"))
}

fn by_provider(program: &Program) -> Result<(), Failed> {
    let answer = program.ask(&["cost-analysis", "--window", "all", "--by", "provider"])?;
    let groups = answer["currencies"][0]["groups"].as_array().cloned().unwrap_or_default();
    for (provider, billed) in
        [("AWS", "18.0066386184"), ("Microsoft", "1.97651418586"), ("Oracle", "0.53707392473")]
    {
        let found = groups.iter().find(|group| group["values"][0] == provider);
        let costs = found.map(|group| group["costs"].clone()).unwrap_or_default();
        expect(provider, amount(&costs, "billed"), billed)?;
    }
    Ok(())
}

fn cur() -> Result<(), Failed> {
    let program = loaded(CUR)?;
    let answer = program.ask(&["cost-analysis", "--window", "all"])?;
    let total = &answer["currencies"][0]["total"];
    expect("unblended", amount(total, "billed"), "1.6823086974")?;
    expect("rows", answer["currencies"][0]["rows"].as_u64(), Some(1_281))
}
