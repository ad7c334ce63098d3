//! The reports: every figure is that of the question behind it, a unit's report is of its subtree, and
//! an empty estate has a report too.

use std::collections::BTreeSet;

use libtest_mimic::{Failed, Trial};
use model::Amount;
use serde_json::Value;

use super::larkfield::{self, UNTIL};
use super::program::{Program, expect};
use super::server::Server;

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("report::figures_are_those_of_the_questions", figures),
        Trial::test("report::an_empty_estate_has_a_report", empty),
    ]
}

const REPORTS: [&str; 4] = ["dashboard", "value", "fiscal", "infrastructure"];

/// Every figure in a report, wherever it stands.
fn all_figures<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(object) => {
            if object.contains_key("sources") && object.contains_key("formula") {
                found.push(value);
            }
            object.values().for_each(|one| all_figures(one, found));
        }
        Value::Array(list) => list.iter().for_each(|one| all_figures(one, found)),
        _ => {}
    }
}

/// A number or an amount as text: what both have on the wire.
fn digits(value: &Value) -> Option<String> {
    match value {
        Value::Object(object) => {
            object.get("amount").or_else(|| object.get("value")).and_then(digits)
        }
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(format!("{}", number.as_f64()?)),
        Value::Bool(is) => Some(is.to_string()),
        _ => None,
    }
}

/// Asks the questions behind a report again, each by itself, and holds every figure against them.
struct Behind<'a> {
    server: &'a Server,
    answers: Vec<(String, Value)>,
}

impl Behind<'_> {
    fn ask(&mut self, parts: &Value) -> Result<(), Failed> {
        self.answers.clear();
        for part in parts.as_array().ok_or("no parts")? {
            let key = part["key"].as_str().unwrap_or_default().to_owned();
            expect(
                &format!("{key} is answered: {}", part["detail"]),
                part["reason"].is_null(),
                true,
            )?;
            let mut params = part["params"].clone();
            if let Some(params) = params.as_object_mut() {
                params.retain(|_, value| !value.is_null());
            }
            let path = format!("/api/v1/{}", part["question"].as_str().unwrap_or_default());
            let path = path.replace('_', "-");
            let body = serde_json::to_vec(&params)?;
            let headers = [("content-type", "application/json")];
            let (status, answer) = self.server.send("POST", &path, &headers, &body)?;
            expect(&format!("{path}: {answer}"), status, 200)?;
            let answer: Value = serde_json::from_str(&answer)?;
            self.answers.push((key, answer["data"].clone()));
        }
        Ok(())
    }

    fn at(&self, source: &Value) -> Result<&Value, Failed> {
        let (part, pointer) = (source["part"].as_str(), source["pointer"].as_str());
        let found = self.answers.iter().find(|(key, _)| Some(key.as_str()) == part);
        let found = found.and_then(|(_, data)| data.pointer(pointer?));
        found.ok_or_else(|| format!("nothing stands at {source}").into())
    }

    fn amounts(&self, sources: &[Value]) -> Result<Vec<Amount>, Failed> {
        let parsed = |source: &Value| -> Result<Amount, Failed> {
            let text = digits(self.at(source)?).ok_or("no digits")?;
            text.parse::<Amount>().map_err(Failed::from)
        };
        sources.iter().map(parsed).collect()
    }

    /// Whether a figure is what its sources come to.
    fn check(&self, figure: &Value) -> Result<bool, Failed> {
        let Some(shown) = digits(&figure["value"]) else { return Ok(false) };
        let sources = figure["sources"].as_array().ok_or("no sources")?;
        let add = |amounts: &[Amount]| Amount(amounts.iter().map(|one| one.0).sum());
        let name = format!("{} {sources:?}", figure["key"]);
        match figure["formula"].as_str() {
            None => {
                let [one] = &sources[..] else {
                    return Err(format!("{name}: no one source").into());
                };
                let found = digits(self.at(one)?).unwrap_or_default();
                let is_equal =
                    found == shown || found.parse::<f64>().ok() == shown.parse::<f64>().ok();
                expect(&name, (is_equal, &found), (true, &found))?;
            }
            Some("sum") => {
                expect(&name, shown, add(&self.amounts(sources)?).to_string())?;
            }
            Some("difference") => {
                let amounts = self.amounts(sources)?;
                let (first, rest) = amounts.split_first().ok_or("no terms")?;
                expect(&name, shown, Amount(first.0 - add(rest).0).to_string())?;
            }
            Some("sum_less_last") => {
                let amounts = self.amounts(sources)?;
                let (last, rest) = amounts.split_last().ok_or("no terms")?;
                expect(&name, shown, Amount(add(rest).0 - last.0).to_string())?;
            }
            Some("ratio") => {
                let amounts = self.amounts(sources)?;
                let (over, under) = amounts.split_at(amounts.len() / 2);
                let ratio = add(over).to_f64() / add(under).to_f64();
                let apart = (shown.parse::<f64>()? - ratio).abs();
                expect(&format!("{name}: {shown}, {ratio}"), apart < 1e-9, true)?;
            }
            Some("count") => {
                let is = |source: &&Value| self.at(source).is_ok_and(|one| *one == true);
                expect(&name, shown, sources.iter().filter(is).count().to_string())?;
            }
            Some(_) => {
                // An estimate that its note explains: its terms must stand where it says.
                self.amounts(sources)?;
            }
        }
        Ok(true)
    }
}

fn figures() -> Result<(), Failed> {
    let (program, _) = larkfield::whole()?;
    let server = Server::start(&program)?;
    let mut behind = Behind { server: &server, answers: Vec::new() };
    for report in REPORTS {
        let path = format!("/api/v1/reports/{report}?as_of={UNTIL}&depth=director&fiscal_start=8");
        let (status, answer) = server.get(&path)?;
        expect(&format!("{report}: {answer}"), status, 200)?;
        let data = &answer["data"];
        behind.ask(&data["parts"])?;
        let mut found = Vec::new();
        all_figures(data, &mut found);
        let mut checked = 0;
        for figure in &found {
            checked += usize::from(behind.check(figure)?);
        }
        expect(
            &format!("{report}: {checked} of {} have a value", found.len()),
            checked > 15,
            true,
        )?;
        let decisions = data["decisions"].as_array().map_or(0, Vec::len);
        expect(&format!("{report}: decisions"), (1..=3).contains(&decisions), true)?;
    }
    whole(&server)?;
    subtree(&server)
}

/// What the units below and nobody own adds up to what is charged.
fn whole(server: &Server) -> Result<(), Failed> {
    let (_, answer) = server.get(&format!("/api/v1/reports/dashboard?as_of={UNTIL}"))?;
    let data = &answer["data"];
    let lists = data["lists"].as_array().ok_or("no lists")?;
    let units = lists.iter().find(|list| list["key"] == "units").ok_or("no units")?;
    let mut sum = 0;
    for row in units["rows"].as_array().ok_or("no rows")? {
        let text = digits(&row["cells"][0]["value"]).ok_or(format!("no spend: {row}"))?;
        sum += text.parse::<Amount>().map_err(Failed::from)?.0;
    }
    let spend =
        data["groups"].as_array().and_then(|all| all.iter().find(|one| one["key"] == "spend"));
    let spend = spend.and_then(|group| digits(&group["figures"][0]["value"])).ok_or("no spend")?;
    expect("units and no owner", Amount(sum).to_string(), spend)?;
    expect("source", answer["source"].as_str(), Some("live"))
}

/// A unit's report holds the units below it, and services of its own only.
fn subtree(server: &Server) -> Result<(), Failed> {
    let unit = "org://business_unit/retail";
    let path = format!("/api/v1/reports/dashboard?as_of={UNTIL}&unit={unit}&depth=manager");
    let (status, answer) = server.get(&path)?;
    expect(&format!("{unit}: {answer}"), status, 200)?;
    let data = &answer["data"];
    let lists = data["lists"].as_array().ok_or("no lists")?;
    let keys = |list: &str| -> BTreeSet<String> {
        let found = lists.iter().find(|one| one["key"] == list);
        let rows = found.and_then(|one| one["rows"].as_array()).map_or(&[][..], Vec::as_slice);
        rows.iter().filter_map(|row| row["key"].as_str()).map(str::to_owned).collect()
    };
    let teams = ["catalogue", "checkout", "loyalty", "search", "storefront"];
    let teams: BTreeSet<String> =
        teams.iter().map(|one| format!("org://team/{one}-team")).collect();
    expect("teams of the unit", keys("units"), teams)?;
    let (_, own) = server.get(&format!(
        "/api/v1/topology?as_of={UNTIL}&unit={unit}&kind=service&aggregate_by=none&limit=5000"
    ))?;
    let own: BTreeSet<String> = own["data"]["entities"]
        .as_array()
        .map_or(&[][..], Vec::as_slice)
        .iter()
        .filter_map(|one| one["id"].as_str())
        .map(str::to_owned)
        .collect();
    let shown = keys("services");
    expect("services are shown", shown.is_empty(), false)?;
    expect("services of others", shown.difference(&own).next(), None)?;
    for part in data["parts"].as_array().ok_or("no parts")? {
        let units = part["params"]["unit"].as_array();
        let is_narrowed = units.is_some_and(|units| !units.is_empty());
        expect(&format!("{} is narrowed", part["key"]), is_narrowed, true)?;
    }
    let (status, problem) = server.get("/api/v1/reports/dashboard?unit=nobody")?;
    expect(&format!("an unknown unit: {problem}"), status, 404)
}

fn empty() -> Result<(), Failed> {
    let program = Program::new()?;
    for report in REPORTS {
        let answer = program.json(&["report", report, "--depth", "engineer"])?;
        let data = &answer["data"];
        expect("decisions", data["decisions"].as_array().map(Vec::len), Some(0))?;
        let mut found = Vec::new();
        all_figures(data, &mut found);
        for figure in found {
            let value = &figure["value"];
            let is_money = value.get("currency").is_some();
            let is_stated = value["reason"].is_string() || value["value"].is_number();
            // Money of an estate without charges is unknown, never 0.
            expect(&format!("{report} {figure}"), !is_money && is_stated, true)?;
        }
    }
    let ran = program.run(&["report", "fiscal", "--output", "csv", "--table", "periods"])?;
    expect(&ran.stderr, (ran.code, ran.stdout.lines().count()), (0, 13))?;
    let ran = program.run(&["report", "dashboard", "--output", "parquet"])?;
    expect(&ran.stderr, (ran.code, ran.stdout.starts_with("PAR1")), (0, true))?;
    let ran = program.run(&["report", "dashboard", "--unit", "nobody"])?;
    expect(&ran.stderr, ran.code, 3)
}
