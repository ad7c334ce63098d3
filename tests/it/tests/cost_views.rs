//! The days of `cost_analysis` and its views on the demonstration's bills: planted spend is found,
//! budgets, drivers, commitments and allocations add up to the last digit.

use libtest_mimic::{Failed, Trial};
use model::Amount;
use serde_json::Value;

use super::larkfield::read_files;
use super::program::{Program, expect};

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![Trial::test("cost_views::larkfield_is_found_and_adds_up", larkfield)]
}

fn amount(value: &Value) -> Result<Amount, Failed> {
    let text = value.as_str().ok_or_else(|| format!("{value} is no amount"))?;
    Ok(text.parse::<Amount>()?)
}

fn sum<'a>(values: impl Iterator<Item = &'a Value>) -> Result<Amount, Failed> {
    let mut sum = Amount::ZERO;
    for value in values {
        sum = sum.checked_add(amount(value)?).ok_or("a sum is out of range")?;
    }
    Ok(sum)
}

fn larkfield() -> Result<(), Failed> {
    let program = Program::new()?;
    let wanted = ["cost/", "organisation", "aws"];
    let (options, _) =
        read_files(&program, |path| wanted.iter().any(|start| path.starts_with(start)))?;
    let rules = "allocation_rules:\n  version: 1\n  rules:\n  - name: tax\n    match: {category: Tax}\n\
                 \x20   split: driver\n    driver: cost\n  - name: support\n\
                 \x20   match: {service: AWS Support*}\n    split: even\n";
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("rules.yaml");
    std::fs::write(&path, rules)?;
    program.json(&["ingest", &path.display().to_string()])?;
    spikes(&program, &scenario::truth(&options))?;
    drivers(&program)?;
    budgets(&program)?;
    commitments(&program)?;
    allocation(&program)
}

/// Recall of planted spikes, and the precision of what is reported, by days.
#[expect(clippy::print_stdout, reason = "recall and precision are the result of this trial")]
fn spikes(program: &Program, truth: &scenario::Truth) -> Result<(), Failed> {
    let answer = program.ask(&["cost-analysis", "--window", "all", "--by", "tag:team"])?;
    let days = &answer["currencies"][0]["days"];
    let found = days["anomalies"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let touches = |one: &Value, spike: &scenario::CostSpikeTruth| {
        text(&one["from"]) < spike.to && text(&one["to"]) > spike.from
    };
    let recalled = |spike: &&scenario::CostSpikeTruth| {
        found.iter().any(|one| touches(one, spike) && one["values"][0] == spike.team.as_str())
    };
    let planted = truth.cost_spikes.len();
    let recalled = truth.cost_spikes.iter().filter(recalled).count();
    let right = found
        .iter()
        .filter(|one| truth.cost_spikes.iter().any(|spike| touches(one, spike)))
        .count();
    println!(
        "cost spikes: {recalled} of {planted} found, {right} of {} reported are planted",
        found.len()
    );
    for one in &found {
        println!("  {} {} to {}: {}", one["values"], one["from"], one["to"], one["excess"]);
    }
    expect("planted spikes found", recalled, planted)?;
    expect("reported spikes that are planted", right * 2 >= found.len(), true)?;
    let forecast = &days["forecast"];
    let end = amount(&forecast["amount"])?;
    let (low, high) = (amount(&forecast["low"])?, amount(&forecast["high"])?);
    expect("the forecast lies in its interval", low <= end && end <= high, true)?;
    expect("it is at least what is charged", end >= amount(&forecast["actual"])?, true)
}

fn drivers(program: &Program) -> Result<(), Failed> {
    for basis in ["billed", "effective"] {
        let answer = program.ask(&["cost-analysis", "--drivers", "--basis", basis])?;
        let usd = &answer["currencies"][0];
        let list = usd["drivers"].as_array().cloned().unwrap_or_default();
        let total = sum(list.iter().map(|one| &one["amount"]))?;
        expect(&format!("{basis} drivers"), total, amount(&usd["change"])?)?;
        let skus = usd["skus"].as_array().cloned().unwrap_or_default();
        let total = sum(skus.iter().map(|one| &one["change"]))?;
        expect(&format!("{basis} by SKU"), total, amount(&usd["change"])?)?;
        let all = program.ask(&[
            "cost-analysis",
            "--basis",
            basis,
            "--window",
            &format!("{}/{}", plain(&answer["from"]), plain(&answer["to"])),
        ])?;
        let charged = amount(&all["currencies"][0]["total"][basis]["amount"])?;
        expect(&format!("{basis} charged"), amount(&usd["after"])?, charged)?;
    }
    Ok(())
}

fn plain(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn budgets(program: &Program) -> Result<(), Failed> {
    let answer = program.ask(&["cost-analysis", "--budget"])?;
    let budgets = answer["budgets"].as_array().cloned().unwrap_or_default();
    expect("budgets of teams and business units", budgets.len() >= 15, true)?;
    let mut with_drivers = 0;
    for budget in &budgets {
        let variance = amount(&budget["variance"])?;
        let actual = amount(&budget["actual"])?;
        let to_date = amount(&budget["to_date"])?;
        expect("variance", actual.checked_sub(to_date), Some(variance))?;
        if budget["amount"] == "0" {
            expect("percent of a budget of 0", budget["variance_ratio"].is_null(), true)?;
        }
        let Some(list) = budget["reference"]["drivers"].as_array() else { continue };
        with_drivers += 1;
        let total = sum(list.iter().map(|one| &one["amount"]))?;
        expect(&format!("drivers of {}", budget["unit"]), total, variance)?;
    }
    expect("budgets with drivers", with_drivers, 5)
}

fn commitments(program: &Program) -> Result<(), Failed> {
    let answer = program.ask(&["cost-analysis", "--commitments", "--window", "all"])?;
    let usd = &answer["currencies"][0];
    let share = |value: &Value| value["value"].as_f64().unwrap_or(-1.0);
    let (utilisation, coverage) = (share(&usd["total"]["utilisation"]), share(&usd["coverage"]));
    expect(&format!("coverage {coverage}"), coverage > 0.0 && coverage < 1.0, true)?;
    let total = &usd["total"];
    let cost = |name: &str| amount(&total[name]["amount"]);
    let (used, unused) = (cost("used")?.to_f64(), cost("unused")?.to_f64());
    if unused <= 0.0 || (utilisation - used / (used + unused)).abs() > 1e-9 {
        return Err(format!("utilisation {utilisation} of {used} used, {unused} unused").into());
    }
    let saved = cost("used_without")?.checked_sub(cost("used")?);
    let saved = saved.and_then(|saved| saved.checked_sub(cost("unused").ok()?));
    expect("net saving", saved, Some(cost("net_saving")?))
}

fn allocation(program: &Program) -> Result<(), Failed> {
    let answer = program.ask(&["cost-analysis", "--allocation", "--window", "all"])?;
    let usd = &answer["currencies"][0];
    let parts = ["direct", "allocated", "unallocated"].map(|name| &usd[name]);
    expect("parts", sum(parts.into_iter())?, amount(&usd["charged"])?)?;
    let rules = usd["rules"].as_array().cloned().unwrap_or_default();
    expect("rules that matched", rules.len(), 2)?;
    for rule in &rules {
        let parts = rule["parts"].as_array().cloned().unwrap_or_default();
        let given = sum(parts.iter().map(|part| &part["amount"]))?;
        let left = amount(&rule["left"])?;
        expect("parts of a rule", given.checked_add(left), Some(amount(&rule["matched"])?))?;
    }
    let all = program.ask(&["cost-analysis", "--window", "all"])?;
    let charged = amount(&all["currencies"][0]["total"]["effective"]["amount"])?;
    expect("charged", amount(&usd["charged"])?, charged)
}
