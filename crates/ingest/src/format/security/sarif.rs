//! SARIF 2.1: results of code scanners. A run is a scan by its tool; the category of its automation
//! details is the class of check, so that two analyses of one tool do not close each other's findings.
//!
//! A run without `results` did not scan; one with an empty list found nothing. A run closes findings
//! only when it says what it scanned and that it ended well. Results of another kind than `fail`,
//! `open` and `review` are no findings.

mod result;
mod rule;

use model::Micros;
use serde_json::Value;

use super::scan::Scan;
use super::target::Target;
use crate::error::EnvelopeError;
use crate::format::Format;
use crate::format::aws::record::{instant, list, text, texts};
use crate::input::{Input, Out};
use crate::shape::Shape;

/// Runs of code scanners.
pub const SARIF: Format =
    Format { name: "sarif", title: "SARIF 2.1 results (JSON)", recognise, read };

fn recognise(input: &Input<'_>) -> Option<String> {
    let shape = Shape::of(input.bytes);
    if !matches!(shape, Shape::Json { is_stream: false, .. }) {
        return None;
    }
    let is_schema = shape.text("$schema").is_some_and(|schema| schema.contains("sarif"));
    let is_version = shape.text("version").is_some_and(|version| version.starts_with("2."));
    let has_runs = shape.key("runs").is_some();
    let is_tool = || {
        let head = String::from_utf8_lossy(&input.bytes[..input.bytes.len().min(64 << 10)]);
        head.contains("\"driver\"") && head.contains("\"tool\"")
    };
    if is_schema {
        return Some("its schema is that of SARIF".to_owned());
    }
    (has_runs && (is_version || is_tool())).then(|| "it has the runs of SARIF".to_owned())
}

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let document = super::document(input)?;
    let runs = list(&document, "runs");
    let ends = runs.iter().flat_map(|run| list(run, "invocations"));
    if let Some(end) = ends.filter_map(|one| instant(one, "endTimeUtc")).max() {
        out.observed_at(end);
    }
    out.source("sarif");
    for (position, run) in runs.iter().enumerate() {
        let Some(tool) = text(run, "tool.driver.name") else {
            let reason = "tool.driver.name is missing; every run names its tool";
            out.reject(format!("/runs/{position}"), reason);
            continue;
        };
        if !read_run(run, tool, out) {
            break;
        }
    }
    Ok(())
}

/// Reads one run. Returns whether to go on.
fn read_run(run: &Value, tool: &str, out: &mut Out<'_>) -> bool {
    let Some(results) = run.get("results").and_then(Value::as_array) else {
        for reason in failures(run) {
            out.reject(format!("the run of {tool}"), reason);
        }
        return true;
    };
    let at = end(run).unwrap_or(out.batch().input.observed_at);
    let rules = rule::Rules::of(run);
    let found = results.iter().filter_map(|one| result::found(run, &rules, one)).collect();
    let stated = target(run);
    let is_whole = list(run, "externalPropertyFileReferences.results").is_empty();
    let scan = Scan {
        scanner: tool.to_lowercase(),
        version: text(run, "tool.driver.semanticVersion")
            .or(text(run, "tool.driver.version"))
            .map(str::to_owned),
        class: format!("sarif/{}", category(run)),
        is_complete: stated.is_some() && is_whole && failures(run).is_empty(),
        target: stated.unwrap_or_else(|| Target::path("_")),
        found,
    };
    scan.put(at, out)
}

fn end(run: &Value) -> Option<Micros> {
    let ends = list(run, "invocations").iter();
    let ends = ends.filter_map(|one| instant(one, "endTimeUtc").or(instant(one, "startTimeUtc")));
    ends.filter(|at| crate::instant::is_plausible(*at)).max()
}

/// Why a run did not end well.
fn failures(run: &Value) -> Vec<String> {
    let failed = list(run, "invocations")
        .iter()
        .filter(|one| one.get("executionSuccessful").and_then(Value::as_bool) == Some(false));
    failed
        .map(|one| {
            let lists = ["toolConfigurationNotifications", "toolExecutionNotifications"];
            let notes = lists.iter().flat_map(|name| list(one, name));
            let said = notes.filter_map(|note| text(note, "message.text")).next();
            format!("the scan failed: {}", said.unwrap_or("it does not say why"))
        })
        .collect()
}

/// The category: the id of the automation details without its last part, which tells runs apart.
fn category(run: &Value) -> String {
    let id = text(run, "automationDetails.id").unwrap_or_default();
    id.rsplit_once('/').map_or("", |(category, _run)| category).to_owned()
}

/// What the run says that it scanned: an image, a repository, an absolute path.
fn target(run: &Value) -> Option<Target> {
    let all = |name: &str| texts(run, name).map(str::to_owned).collect::<Vec<_>>();
    let image = Target::image(&all("properties.repoDigests"), &all("properties.repoTags"));
    if image.is_some() {
        return image;
    }
    let controlled = list(run, "versionControlProvenance");
    if let Some(address) = controlled.iter().find_map(|one| text(one, "repositoryUri")) {
        return Some(Target::source(address));
    }
    let bases = run.get("originalUriBaseIds").and_then(Value::as_object)?;
    let mut roots: Vec<&str> = bases
        .values()
        .filter_map(|base| text(base, "uri"))
        .filter(|uri| uri.contains(':'))
        .collect();
    roots.sort_unstable_by_key(|uri| (uri.len(), *uri));
    roots.first().map(|uri| Target::path(uri.trim_start_matches("file://")))
}
