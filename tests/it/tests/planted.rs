//! What is planted in the demonstration's telemetry, asked for through the built program: causes of
//! incidents, unusual stretches and a slow regression. Recall and precision are printed.

use jiff::{Timestamp, ToSpan};
use libtest_mimic::{Failed, Trial};
use scenario::{Options, Size, Truth};
use serde_json::Value;

use super::larkfield::read_steps;
use super::program::{Program, expect};

/// When the files end.
const UNTIL: &str = "2026-11-18T13:00:00Z";

/// Most suspects that are looked at.
const FIRST: [usize; 3] = [1, 3, 5];

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    vec![Trial::test("planted::causes_and_regressions_are_found_and_decoys_are_not", found)]
}

/// A month of the company's telemetry, a week of it by the quarter of an hour; no bills and no logs.
fn estate(seed: u64) -> Result<(Program, Truth), Failed> {
    let program = Program::new()?;
    let size = Size { minute_hours: 1, traces: 300, logs: 20, ..Size::demo() };
    let options = Options { seed, days: 30, size, ..Options::demo(UNTIL.parse()?) };
    read_steps(&program, &options, |path| !path.starts_with("cost/"))?;
    Ok((program, scenario::truth(&options)))
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A period in which something was wrong.
struct Spell {
    environment: String,
    service: String,
    from: Timestamp,
    to: Timestamp,
    key: String,
}

fn spells(truth: &Truth) -> Result<Vec<Spell>, Failed> {
    let until: Timestamp = UNTIL.parse()?;
    let spell = |fault: &scenario::FaultTruth| -> Result<Spell, Failed> {
        Ok(Spell {
            environment: fault.environment.clone(),
            service: fault.service.clone(),
            from: fault.start.parse()?,
            to: fault.end.as_ref().map_or(Ok(until), |end| end.parse())?,
            key: fault.key.clone(),
        })
    };
    truth.faults.iter().map(spell).collect()
}

/// A service that nobody calls and that leads to the one at fault, by the calls that exist.
fn entry(truth: &Truth, spell: &Spell) -> String {
    let mut open = vec![spell.service.clone()];
    let mut seen: Vec<String> = open.clone();
    while let Some(one) = open.pop() {
        let callers: Vec<&String> = truth
            .edges
            .iter()
            .filter(|edge| edge.environment == spell.environment && edge.relation == "calls")
            .filter(|edge| edge.to == one && edge.need != "asynchronous")
            .map(|edge| &edge.from)
            .collect();
        if callers.is_empty() {
            return one;
        }
        for caller in callers
            .into_iter()
            .rev()
            .filter(|caller| !seen.contains(caller))
            .cloned()
            .collect::<Vec<_>>()
        {
            seen.push(caller.clone());
            open.push(caller);
        }
    }
    spell.service.clone()
}

/// Ids of services by environment and name.
fn ids(program: &Program) -> Result<Vec<(String, String, String)>, Failed> {
    let mut all = Vec::new();
    for environment in ["production", "production-eu", "staging"] {
        let place = ["--environment", environment, "--limit", "50", "--as-of", UNTIL];
        let answer = program.ask(&[&["service-trends"][..], &place[..]].concat())?;
        for one in list(&answer["services"]) {
            all.push((
                environment.to_owned(),
                text(&one["name"]).to_owned(),
                text(&one["id"]).to_owned(),
            ));
        }
    }
    Ok(all)
}

fn id<'a>(ids: &'a [(String, String, String)], environment: &str, name: &str) -> Option<&'a str> {
    ids.iter().find(|one| one.0 == environment && one.1 == name).map(|one| one.2.as_str())
}

#[derive(Default)]
struct Score {
    causes: usize,
    first: [usize; 3],
    moments: usize,
    accused: usize,
    stretches: usize,
    recalled: usize,
    reported: usize,
    right: usize,
}

#[expect(clippy::print_stdout, reason = "recall and precision are the result of this trial")]
fn found() -> Result<(), Failed> {
    let mut score = Score::default();
    for seed in [1, 2] {
        let (program, truth) = estate(seed)?;
        let spells = spells(&truth)?;
        let ids = ids(&program)?;
        causes(&program, &truth, &spells, &ids, &mut score)?;
        decoys(&program, &spells, &ids, &mut score)?;
        stretches(&program, &spells, &ids, &mut score)?;
        regression(&program, &ids)?;
    }
    let Score { causes, first, moments, accused, stretches, recalled, reported, right } = score;
    println!("causes: {first:?} of {causes} among the first {FIRST:?}");
    println!("moments without a fault: {accused} of {moments} accuse somebody");
    println!(
        "faults: {recalled} of {stretches} are unusual; {right} of {reported} anomalies are faults"
    );
    expect("incidents to explain", causes >= 6, true)?;
    expect("first of all", first[0] * 2 >= causes, true)?;
    expect("among the first three", first[1] * 10 >= causes * 7, true)?;
    expect("accusations without a fault", accused * 10 <= moments, true)?;
    expect("faults that are unusual", recalled * 10 >= stretches * 7, true)?;
    expect("anomalies that are faults", right * 2 >= reported, true)
}

/// Asks at each incident of the last week, from the way in, who caused it.
#[expect(clippy::print_stdout, reason = "recall and precision are the result of this trial")]
fn causes(
    program: &Program,
    truth: &Truth,
    spells: &[Spell],
    ids: &[(String, String, String)],
    score: &mut Score,
) -> Result<(), Failed> {
    let until: Timestamp = UNTIL.parse()?;
    let week = until - 156.hours();
    for spell in spells.iter().filter(|one| one.from > week && one.to > one.from + 25.minutes()) {
        let Some(symptom) = id(ids, &spell.environment, &entry(truth, spell)) else { continue };
        let end = spell.to.min(spell.from + 60.minutes());
        let (from, to) = (spell.from.to_string(), end.to_string());
        let args = ["incidents", "--suspects", "--entity", symptom, "--at", &from, "--until", &to];
        let answer = program.ask(&args)?;
        let suspects = list(&answer["suspects"]);
        let place = suspects.iter().position(|one| one["entity"]["name"] == spell.service.as_str());
        score.causes += 1;
        for (count, first) in score.first.iter_mut().zip(FIRST) {
            *count += usize::from(place.is_some_and(|place| place < first));
        }
        let top: Vec<String> = suspects
            .iter()
            .take(3)
            .map(|one| {
                format!(
                    "{} {} {}",
                    text(&one["entity"]["name"]),
                    one["score"],
                    text(&one["confidence"])
                )
            })
            .collect();
        println!("{} of {} from {symptom}: {place:?} {top:?}", spell.key, spell.service);
    }
    Ok(())
}

/// Asks where nothing was wrong, three hours from every fault that ends, beside those that go on.
#[expect(clippy::print_stdout, reason = "recall and precision are the result of this trial")]
fn decoys(
    program: &Program,
    spells: &[Spell],
    ids: &[(String, String, String)],
    score: &mut Score,
) -> Result<(), Failed> {
    let until: Timestamp = UNTIL.parse()?;
    for hours in (8..120).step_by(11) {
        let at = until - i64::from(hours).hours();
        let is_near = |one: &Spell| {
            one.environment == "production" && one.from < at + 3.hours() && one.to > at - 3.hours()
        };
        if spells.iter().any(|one| one.to < until && is_near(one)) {
            continue;
        }
        for name in ["web-storefront", "checkout"] {
            let Some(symptom) = id(ids, "production", name) else { continue };
            let (from, to) = (at.to_string(), (at + 45.minutes()).to_string());
            let args =
                ["incidents", "--suspects", "--entity", symptom, "--at", &from, "--until", &to];
            let answer = program.ask(&args)?;
            let is_sure =
                |one: &&Value| one["confidence"] == "high" || one["confidence"] == "medium";
            let accused: Vec<String> = list(&answer["suspects"])
                .iter()
                .filter(is_sure)
                .map(|one| {
                    format!(
                        "{} {} {}",
                        text(&one["entity"]["name"]),
                        one["score"],
                        one["evidence"][0]
                    )
                })
                .collect();
            score.moments += 1;
            score.accused += usize::from(!accused.is_empty());
            if !accused.is_empty() {
                println!("{from} {name}: {accused:?}");
            }
        }
    }
    Ok(())
}

/// The day around each fault: the service at fault is unusual in it, and what is unusual is a fault.
#[expect(clippy::print_stdout, reason = "recall and precision are the result of this trial")]
fn stretches(
    program: &Program,
    spells: &[Spell],
    ids: &[(String, String, String)],
    score: &mut Score,
) -> Result<(), Failed> {
    let until: Timestamp = UNTIL.parse()?;
    let week = until - 132.hours();
    for spell in spells.iter().filter(|one| one.from > week && one.to > one.from + 25.minutes()) {
        let Some(service) = id(ids, &spell.environment, &spell.service) else { continue };
        let end = until.min(spell.to + 4.hours());
        let window = format!("{}/{end}", end - 24.hours());
        let args = [
            "service-trends",
            "--window",
            &window,
            "--environment",
            &spell.environment,
            "--limit",
            "50",
        ];
        let answer = program.ask(&args)?;
        let mut is_found = false;
        for one in list(&answer["services"]) {
            for signal in list(&one["signals"]) {
                for anomaly in list(&signal["summary"]["anomalies"]) {
                    let from: Timestamp = text(&anomaly["from"]).parse()?;
                    let to: Timestamp = text(&anomaly["to"]).parse()?;
                    let is_on = |spell: &Spell| {
                        from < spell.to + 20.minutes() && to > spell.from - 20.minutes()
                    };
                    let of_fault = spells.iter().any(|other| {
                        // What lasts for days is felt where it is; what is short also by others.
                        let is_short = other.to < other.from + 20.hours();
                        other.environment == spell.environment
                            && (is_short || one["name"] == other.service.as_str())
                            && is_on(other)
                    });
                    score.reported += 1;
                    score.right += usize::from(of_fault);
                    is_found |= one["id"] == service && is_on(spell);
                    if !of_fault {
                        println!("  {} {}: {anomaly}", text(&one["name"]), signal["signal"]);
                    }
                }
            }
        }
        println!("{} of {}: unusual {is_found}", spell.key, spell.service);
        score.stretches += 1;
        score.recalled += usize::from(is_found);
    }
    Ok(())
}

/// Search slows down for weeks; nobody else does.
#[expect(clippy::print_stdout, reason = "recall and precision are the result of this trial")]
fn regression(program: &Program, ids: &[(String, String, String)]) -> Result<(), Failed> {
    let search = id(ids, "production", "search").ok_or("no search")?;
    let args = [
        "service-trends",
        "--window",
        "P14D",
        "--as-of",
        UNTIL,
        "--environment",
        "production",
        "--limit",
        "50",
    ];
    let answer = program.ask(&args)?;
    let mut rising = Vec::new();
    for one in list(&answer["services"]) {
        for signal in list(&one["signals"]) {
            let is_latency = text(&signal["signal"]).starts_with("latency");
            if is_latency && signal["summary"]["trend"]["direction"] == "rising" {
                rising.push((text(&one["id"]).to_owned(), text(&signal["signal"]).to_owned()));
            }
        }
    }
    println!("slower over two weeks: {rising:?}");
    expect("search slows down", rising.iter().any(|one| one.0 == search), true)
}
