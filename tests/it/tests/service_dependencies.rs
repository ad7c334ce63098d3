//! `service_dependencies` on a real shop with its traces: which edges are declared and which observed,
//! what requests need, and what their time is owed to.

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::program::{Program, data, expect, with_data};

const BOUTIQUE: &str = "kubernetes/online-boutique";
const DAY: &str = "root-cause/online-boutique-2022-08-23";
const OTEL_DEMO: &str = "kubernetes/otel-demo";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    let both = &[BOUTIQUE, DAY];
    vec![
        with_data("service_dependencies::a_shop_is_declared_and_observed", both, sets),
        with_data("service_dependencies::impact_is_counted_and_estimated", both, impact),
        with_data("service_dependencies::time_of_requests_adds_up", both, paths),
        with_data("service_dependencies::callers_and_callees_to_a_depth", both, depth),
        with_data("service_dependencies::a_failure_takes_down_its_callers", both, blast),
        with_data("service_dependencies::a_manifest_declares_its_edges", &[OTEL_DEMO], manifest),
        Trial::test("service_dependencies::odd_estates_have_honest_answers", odd),
    ]
}

fn path(set: &str) -> String {
    data(set).display().to_string()
}

/// The shop: its manifests, and its traces alone, so that calls come from nothing else.
fn shop() -> Result<Program, Failed> {
    let program = Program::new()?;
    let traces = format!("{}/traces.otlp.json", path(DAY));
    for input in [path(BOUTIQUE), traces] {
        let place = ["--cluster", "boutique", "--namespace", "online-boutique"];
        program.json(&[&["ingest"][..], &place[..], &[input.as_str()][..]].concat())?;
    }
    Ok(program)
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn number(value: &Value) -> Result<f64, Failed> {
    value.as_f64().ok_or_else(|| format!("{value} is no number").into())
}

fn sets() -> Result<(), Failed> {
    let program = shop()?;
    let answer = program.ask(&["service-dependencies"])?;
    let edges = list(&answer["edges"]);
    let of = |set: &str| edges.iter().filter(|edge| edge["set"] == set).count();
    expect("declared and observed", of("declared_and_observed"), 13)?;
    expect("declared only", of("declared_only"), 3)?;
    expect("observed only", of("observed_only"), 0)?;
    expect("summary", answer["summary"]["edges"].as_u64(), Some(16))?;
    // Traces of an unknown sample are ratios: nothing is given per second.
    for edge in edges.iter().filter(|edge| edge["set"] == "declared_and_observed") {
        expect("a rate", &edge["figures"]["request_rate"]["value"], &Value::Null)?;
        expect("reason", &edge["figures"]["request_rate"]["reason"], &"not_collected".into())?;
        expect("detail", &edge["figures"]["request_rate"]["detail"], &"sampled".into())?;
    }
    let of_manifests = edges.iter().filter(|edge| edge["set"] == "declared_only");
    for edge in of_manifests {
        expect("calls without traffic", &edge["figures"]["calls"]["value"], &Value::Null)?;
    }
    // 16,812 calls and 372 requests from outside are every span but those within one service.
    let entries = list(&answer["entry_points"]);
    expect("entry points", entries.len(), 1)?;
    expect("the entry", &entries[0]["name"], &"frontend".into())?;
    expect("requests", number(&entries[0]["requests"]["value"])?, 372.0)?;
    let answer = program.ask(&["service-dependencies", "--set", "declared_only"])?;
    expect("only declared", list(&answer["edges"]).len(), 3)
}

/// Of the frontend's 372 traces so many reach each service; counted in the file by hand.
const REACHED: [(&str, u64); 10] = [
    ("frontend", 372),
    ("cartservice", 342),
    ("productcatalogservice", 342),
    ("currencyservice", 309),
    ("recommendationservice", 264),
    ("adservice", 233),
    ("shippingservice", 76),
    ("checkoutservice", 11),
    ("emailservice", 11),
    ("paymentservice", 11),
];

fn impact() -> Result<(), Failed> {
    let program = shop()?;
    let counted = program.ask(&["service-dependencies"])?;
    let estimated = program.ask(&["service-dependencies", "--traces", "0"])?;
    let row = |answer: &Value, name: &str| -> Result<Value, Failed> {
        let rows = list(&answer["impact"]);
        let row = rows.iter().find(|row| row["name"] == name).cloned();
        row.ok_or_else(|| format!("{name} has no impact").into())
    };
    for (name, traces) in REACHED {
        let truth = 100.0 * traces as f64 / 372.0;
        let one = row(&counted, name)?;
        expect(name, one["basis"].as_str(), Some("counted"))?;
        let score = number(&one["score"]["value"])?;
        if (score - truth).abs() > 1e-9 {
            return Err(format!("{name}: {score} instead of {truth}").into());
        }
        let (low, high) = (number(&one["low"])?, number(&one["high"])?);
        expect("its interval holds it", low <= score && score <= high, true)?;
        let other = row(&estimated, name)?;
        expect("labelled", other["basis"].as_str(), Some("estimated"))?;
        expect("no lower bound of means", &other["low"], &Value::Null)?;
        let bound = number(&other["high"])?;
        if bound + 1e-9 < truth {
            return Err(format!("{name}: {truth} is above the bound {bound}").into());
        }
    }
    expect("services", list(&counted["impact"]).len(), REACHED.len())
}

fn paths() -> Result<(), Failed> {
    let program = shop()?;
    let answer = program.ask(&["service-dependencies"])?;
    let path = &answer["critical_paths"][0];
    expect("traces", path["traces"].as_u64(), Some(372))?;
    expect("incomplete", path["incomplete"].as_u64(), Some(0))?;
    expect("of the slowest", path["slowest"]["traces"].as_u64(), Some(19))?;
    for part in ["all", "slowest"] {
        let shares = &path[part];
        let sum = |of: &str| -> f64 {
            list(&shares[of]).iter().filter_map(|one| one["share"].as_f64()).sum()
        };
        if (sum("services") - 1.0).abs() > 1e-9 {
            return Err(format!("{part}: shares add up to {}", sum("services")).into());
        }
        // The list of operations ends after fifty.
        expect("operations", sum("operations") > 0.99 && sum("operations") < 1.0 + 1e-9, true)?;
    }
    let means = program.ask(&["service-dependencies", "--traces", "0"])?;
    let path = &means["critical_paths"][0];
    expect("labelled", path["basis"].as_str(), Some("estimated from means"))?;
    let steps = list(&path["estimated"]["steps"]);
    expect("it begins at the entry", steps.is_empty(), false)?;
    expect("no shares without traces", &path["all"], &Value::Null)
}

fn depth() -> Result<(), Failed> {
    let program = shop()?;
    let names = |args: &[&str]| -> Result<Vec<String>, Failed> {
        let answer = program.ask(&[&["service-dependencies"][..], args].concat())?;
        let services = list(&answer["services"]);
        let mut names: Vec<String> =
            services.iter().filter_map(|one| one["name"].as_str().map(str::to_owned)).collect();
        names.sort();
        Ok(names)
    };
    let callers = names(&["--root", "emailservice", "--direction", "dependents", "--depth", "2"])?;
    expect(
        "callers of callers",
        callers,
        vec!["checkoutservice".to_owned(), "emailservice".to_owned(), "frontend".to_owned()],
    )?;
    let callees =
        names(&["--root", "recommendationservice", "--direction", "dependencies", "--depth", "1"])?;
    let both = ["productcatalogservice", "recommendationservice"].map(str::to_owned).to_vec();
    expect("callees", callees, both)?;
    let ran = program.run(&["ask", "service-dependencies", "--root", "nosuchservice"])?;
    expect("an unknown root", ran.code == 0, false)?;
    expect("what is missing", ran.stderr.contains("nosuchservice"), true)
}

/// Nobody states what these calls are needed for, so each is taken to be required: payment takes
/// checkout down and checkout the shop's front, by two assumed calls; what generates load takes nothing.
fn blast() -> Result<(), Failed> {
    let program = shop()?;
    let fails = |root: &str| -> Result<(Value, Vec<String>), Failed> {
        let answer = program.ask(&["service-dependencies", "--blast-radius", "--root", root])?;
        let services = list(&answer["fails"]);
        let services = services.iter().filter(|one| one["entity"]["kind"] == "service");
        let services = services.filter(|one| one["is_entry"] == false);
        let mut names: Vec<String> =
            services.filter_map(|one| one["entity"]["name"].as_str().map(str::to_owned)).collect();
        names.sort();
        Ok((answer, names))
    };
    let (answer, names) = fails("service://_/_/paymentservice")?;
    for name in ["checkoutservice", "frontend"] {
        expect(name, names.iter().any(|one| one == name), true)?;
    }
    expect("cartservice goes on", names.iter().any(|one| one == "cartservice"), false)?;
    expect("loss", answer["loss"]["value"].as_f64(), Some(1.0))?;
    expect("assumed", answer["assumed_on_the_way"].as_u64() >= Some(2), true)?;
    let (_, names) = fails("service://_/online-boutique/loadgenerator")?;
    expect("nothing needs a client", names.iter().any(|one| one == "frontend"), false)?;
    let ran = program.run(&["ask", "service-dependencies", "--blast-radius"])?;
    expect("a root is needed", ran.code, 2)
}

/// The demo's environment variables name 58 pairs of callers and what they call.
fn manifest() -> Result<(), Failed> {
    let program = Program::new()?;
    let file = format!("{}/opentelemetry-demo.yaml", path(OTEL_DEMO));
    // Part of the manifest names the namespace that the whole of it is applied to.
    program.json(&["ingest", "--cluster", "demo", "--namespace", "otel-demo", &file])?;
    let answer = program.ask(&["service-dependencies"])?;
    let edges = list(&answer["edges"]);
    let declared = edges.iter().filter(|edge| edge["set"] == "declared_only").count();
    expect("declared", declared, 58)
}

fn odd() -> Result<(), Failed> {
    let program = Program::new()?;
    let empty = program.ask(&["service-dependencies"])?;
    expect("an empty estate", list(&empty["services"]).len(), 0)?;
    expect("no impact without entries", list(&empty["impact"]).len(), 0)?;
    let span = |id: &str, parent: &str, name: &str| {
        format!(
            r#"{{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"{id}","parentSpanId":"{parent}",
            "name":"{name}","kind":2,"startTimeUnixNano":"1700000000000000000",
            "endTimeUnixNano":"1700000001000000000"}}"#
        )
    };
    // One service that calls itself: it is the entry, its whole time is its own, and it is no pair.
    let spans =
        [span("b7ad6b7169203331", "", "a"), span("b7ad6b7169203332", "b7ad6b7169203331", "b")];
    let document = format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name",
        "value":{{"stringValue":"alone"}}}}]}},"scopeSpans":[{{"spans":[{}]}}]}}]}}"#,
        spans.join(",")
    );
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("spans.json");
    std::fs::write(&file, document)?;
    program.json(&["ingest", &file.display().to_string()])?;
    let answer = program.ask(&["service-dependencies", "--window", "all"])?;
    expect("one service", list(&answer["services"]).len(), 1)?;
    expect("no edge", list(&answer["edges"]).len(), 0)?;
    let before = program.ask(&["service-dependencies", "--as-of", "2001-01-01"])?;
    expect("before anything was known", list(&before["impact"]).len(), 0)
}
