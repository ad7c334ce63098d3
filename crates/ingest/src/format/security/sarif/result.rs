//! One result as a row.

use model::scan::{ScanItem, Suppression};
use serde_json::Value;

use super::super::package::PackageUrl;
use super::super::scan::Found;
use super::super::{is_shared_id, severity, title};
use super::rule::Rules;
use crate::format::aws::record::{list, scalar, text};

/// The row of a result; `None` when it is no finding.
pub fn found(run: &Value, rules: &Rules<'_>, result: &Value) -> Option<Found> {
    if !matches!(text(result, "kind"), None | Some("fail" | "open" | "review")) {
        return None;
    }
    let rule = rules.rule(result);
    let id = text(result, "ruleId").or(text(result, "rule.id"));
    let id = id.or_else(|| rule.and_then(|rule| text(rule, "id"))).unwrap_or("unnamed");
    let message = rules.message(result, rule);
    let named = rule.and_then(|rule| {
        text(rule, "shortDescription.text").or(text(rule, "fullDescription.text"))
    });
    let stated = message.as_deref().map(Stated::of).unwrap_or_default();
    let package = Package::of(result, &stated);
    let is_package = !package.name.is_empty();
    let mut item = ScanItem {
        weaknesses: weaknesses(id, rule),
        kind: kind(id, rule, is_package).to_owned(),
        title: title(if is_package { named } else { None }.or(message.as_deref()).unwrap_or(id)),
        severity: stated.severity.unwrap_or_else(|| rules.severity(result, rule)).to_owned(),
        package: package.name,
        ecosystem: package.ecosystem,
        installed: package.version,
        fixed: stated.fixed.map(str::to_owned),
        place: String::new(),
        suppression: suppression(result),
    };
    if !is_package {
        item.place = place(run, result);
    }
    let mut found = Found::new(item)
        .label("rule", Some(id).filter(|_| rule.is_some()))
        .label("link", rule.and_then(|rule| text(rule, "helpUri")))
        .label("level", Some(rules.level(result, rule)))
        .label("baseline", text(result, "baselineState"));
    found.external_id = text(result, "guid").map(str::to_owned);
    if text(result, "baselineState") == Some("absent") {
        found.status = "fixed";
    }
    Some(found)
}

/// The rule's id, and a CVE and a GHSA that it is said to be.
fn weaknesses(id: &str, rule: Option<&Value>) -> Vec<String> {
    let tags = rule.map(|rule| list(rule, "properties.tags")).unwrap_or_default();
    let tags = tags.iter().filter_map(Value::as_str);
    let mut all: Vec<String> = tags.filter(|tag| is_shared_id(tag)).map(str::to_owned).collect();
    // Grype: `CVE-2022-22965-spring-beans`.
    let cut = |from: &str| shared_id(from).map(str::to_owned);
    match cut(id) {
        Some(shared) => all.insert(0, shared),
        None if all.is_empty() => all.push(id.to_owned()),
        None => {}
    }
    all.dedup();
    all
}

/// The CVE or GHSA that a text begins with.
fn shared_id(text: &str) -> Option<&str> {
    let end = if text.starts_with("CVE-") {
        let digits = text.get(4..)?.bytes().take_while(|b| b.is_ascii_digit() || *b == b'-');
        4 + digits.count()
    } else if text.starts_with("GHSA-") {
        19
    } else {
        return None;
    };
    Some(text.get(..end)?.trim_end_matches('-')).filter(|id| id.len() > 8)
}

fn kind(id: &str, rule: Option<&Value>, is_package: bool) -> &'static str {
    let tags = rule.map(|rule| list(rule, "properties.tags")).unwrap_or_default();
    let has = |name: &str| {
        tags.iter().filter_map(Value::as_str).any(|tag| tag.eq_ignore_ascii_case(name))
    };
    if is_package || has("vulnerability") || shared_id(id).is_some() {
        "vulnerability"
    } else if has("misconfiguration") {
        "misconfiguration"
    } else if has("secret") {
        "secret"
    } else {
        "code"
    }
}

/// What scanners of packages write into their messages, one `Name: value` a line.
#[derive(Default)]
struct Stated<'a> {
    package: Option<&'a str>,
    installed: Option<&'a str>,
    fixed: Option<&'a str>,
    severity: Option<&'static str>,
}

impl<'a> Stated<'a> {
    fn of(message: &'a str) -> Self {
        let value = |name: &str| {
            let mut values = message.lines().filter_map(|line| {
                let (key, value) = line.split_once(':')?;
                (key.trim() == name).then_some(value.trim())
            });
            values.find(|value| !value.is_empty())
        };
        let package = value("Package");
        let word = value("Severity").map(severity);
        Self {
            package,
            installed: value("Installed Version"),
            fixed: value("Fixed Version"),
            severity: word.filter(|word| package.is_some() && *word != "unknown"),
        }
    }
}

/// The package of a result: by its package URL, else by its message.
struct Package {
    name: String,
    version: Option<String>,
    ecosystem: Option<String>,
}

impl Package {
    fn of(result: &Value, stated: &Stated<'_>) -> Self {
        let url = ["properties.purl", "properties.packageURL"];
        let url = url.iter().find_map(|path| text(result, path)).and_then(PackageUrl::parse);
        let (name, version, ecosystem) = match url {
            Some(url) => (Some(url.name), url.version, Some(url.kind)),
            None => (None, None, None),
        };
        let installed = stated.installed.map(str::to_owned);
        Self {
            name: name.or_else(|| stated.package.map(str::to_owned)).unwrap_or_default(),
            version: version.or(installed),
            ecosystem,
        }
    }
}

/// Where a result is: its fingerprint, which outlives edits, else its region.
fn place(run: &Value, result: &Value) -> String {
    let location = list(result, "locations").first();
    let file = location.and_then(|location| file(run, location)).unwrap_or_default();
    for name in ["fingerprints", "partialFingerprints"] {
        let prints = result.get(name).and_then(Value::as_object);
        let mut prints: Vec<(&String, &str)> = prints
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name, value.as_str()?)))
            .collect();
        prints.sort_unstable();
        if let Some((_, print)) = prints.first() {
            return format!("{file}#{print}");
        }
    }
    let Some(location) = location else { return file };
    let region = ["startLine", "startColumn", "charOffset", "byteOffset"]
        .iter()
        .filter_map(|name| {
            let value = scalar(location, &format!("physicalLocation.region.{name}"))?;
            Some(match *name {
                "charOffset" => format!("@{value}"),
                "byteOffset" => format!("@{value}b"),
                _ => format!(":{value}"),
            })
        })
        .collect::<String>();
    if file.is_empty() {
        let logical = list(location, "logicalLocations").first();
        let named = logical.and_then(|one| text(one, "fullyQualifiedName").or(text(one, "name")));
        return named.unwrap_or_default().to_owned();
    }
    format!("{file}{region}")
}

/// The file of a location: by address, else by its place in the run's list of artifacts.
fn file(run: &Value, location: &Value) -> Option<String> {
    let artifact = location.pointer("/physicalLocation/artifactLocation")?;
    if let Some(uri) = text(artifact, "uri") {
        return Some(uri.to_owned());
    }
    let index = usize::try_from(artifact.get("index")?.as_i64()?).ok()?;
    Some(text(list(run, "artifacts").get(index)?, "location.uri")?.to_owned())
}

/// A result is suppressed when at least one suppression is accepted, or says nothing of review.
fn suppression(result: &Value) -> Option<Suppression> {
    let accepted = list(result, "suppressions")
        .iter()
        .find(|one| matches!(text(one, "status"), None | Some("accepted")))?;
    let by = match text(accepted, "kind") {
        Some("inSource") => "the source code",
        _ => "the scanner's own list",
    };
    Some(Suppression {
        author: Some(text(accepted, "properties.author").unwrap_or(by).to_owned()),
        reason: text(accepted, "justification").map(title),
    })
}
