//! CycloneDX: a bill of materials with its vulnerabilities, and VEX documents, whose analysis says
//! which of them apply.
//!
//! A vulnerability that affects several components is a finding for each. A list without any says
//! nothing: a plain bill of materials has one too. A document whose components are elsewhere (linked
//! by `urn:cdx:`) finds nothing itself; it only says what applies.

use std::collections::HashMap;

use model::scan::{Exclusion, ScanItem, Suppression};
use serde_json::Value;

use super::exclusion;
use super::package::PackageUrl;
use super::scan::{Found, Scan};
use super::target::{Target, is_address};
use super::{is_shared_id, severity, title};
use crate::error::EnvelopeError;
use crate::format::Format;
use crate::format::aws::record::{instant, list, text};
use crate::input::{Input, Out};
use crate::shape::Shape;

/// Bills of materials with vulnerabilities, and VEX.
pub const CYCLONEDX: Format = Format {
    name: "cyclonedx",
    title: "CycloneDX bills of materials and VEX (JSON)",
    recognise,
    read,
};

fn recognise(input: &Input<'_>) -> Option<String> {
    let shape = Shape::of(input.bytes);
    let is_named = shape.text("bomFormat") == Some("CycloneDX");
    let is_schema = shape.text("$schema").is_some_and(|schema| schema.contains("cyclonedx"));
    (is_named || is_schema).then(|| "its format is CycloneDX".to_owned())
}

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let document = super::document(input)?;
    let at = instant(&document, "metadata.timestamp");
    if let Some(at) = at.filter(|at| crate::instant::is_plausible(*at)) {
        out.observed_at(at);
    }
    let (scanner, version) = scanner(&document);
    out.source(&format!("cyclonedx:{scanner}"));
    let at = out.batch().input.observed_at;
    let target = target(&document);
    let parts = components(&document);
    let mut found = Vec::new();
    for vulnerability in list(&document, "vulnerabilities") {
        let affects = list(vulnerability, "affects");
        if affects.is_empty() {
            stated(&document, vulnerability, None, (at, &target), out);
        }
        for one in affects {
            let Some(reference) = text(one, "ref") else { continue };
            let component = parts.get(reference).copied();
            // A link to another bill of materials says what applies there.
            let url = reference.rsplit_once('#').map_or(reference, |(_, fragment)| fragment);
            let package = component.map(package_of).or_else(|| url_package(url));
            if reference.starts_with("urn:cdx:") || component.is_none() {
                stated(&document, vulnerability, package, (at, &None), out);
            } else if let Some(package) = package {
                stated(&document, vulnerability, Some(package.clone()), (at, &target), out);
                found.push(row(vulnerability, one, package));
            }
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    let scan = Scan {
        scanner,
        version,
        class: "vulnerability".to_owned(),
        is_complete: target.is_some(),
        target: target.unwrap_or_else(|| Target::path("_")),
        found,
    };
    scan.put(at, out);
    Ok(())
}

/// The tool that wrote the document, lower case, with its version.
fn scanner(document: &Value) -> (String, Option<String>) {
    let components = list(document, "metadata.tools.components");
    let tool = components.first().or(list(document, "metadata.tools").first());
    let name = tool.and_then(|tool| text(tool, "name")).unwrap_or("cyclonedx");
    let version = tool.and_then(|tool| text(tool, "version")).map(str::to_owned);
    (name.to_lowercase(), version)
}

/// What the bill of materials is of.
fn target(document: &Value) -> Option<Target> {
    let component = document.pointer("/metadata/component")?;
    let name = text(component, "name")?;
    let properties = |of: &str| -> Vec<String> {
        let all = list(component, "properties").iter();
        let named = all.filter(|one| text(one, "name").is_some_and(|name| name.ends_with(of)));
        named.filter_map(|one| text(one, "value")).map(str::to_owned).collect()
    };
    if text(component, "type") == Some("container") {
        let url = text(component, "purl").and_then(PackageUrl::parse);
        let mut digests = properties(":RepoDigest");
        let mut tags = properties(":RepoTag");
        if let Some(url) = url.filter(|url| url.kind == "oci") {
            let repository = url.qualifier("repository_url").unwrap_or(&url.name);
            digests.extend(url.version.iter().map(|digest| format!("{repository}@{digest}")));
            tags.extend(url.qualifier("tag").map(|tag| format!("{repository}:{tag}")));
        }
        if digests.is_empty() && tags.is_empty() {
            tags.push(name.to_owned());
        }
        digests.sort();
        digests.dedup();
        return Target::image(&digests, &tags);
    }
    let links = list(component, "externalReferences");
    let source = links.iter().find(|one| text(one, "type") == Some("vcs"));
    Some(match source.and_then(|one| text(one, "url")) {
        Some(address) => Target::source(address),
        None if is_address(name) => Target::source(name),
        None => Target::path(name),
    })
}

/// Every component, also those inside others, by its reference.
fn components(document: &Value) -> HashMap<&str, &Value> {
    let mut all = HashMap::new();
    let mut open: Vec<&Value> = list(document, "components").iter().collect();
    open.extend(document.pointer("/metadata/component"));
    while let Some(one) = open.pop() {
        if let Some(reference) = text(one, "bom-ref") {
            all.insert(reference, one);
        }
        open.extend(list(one, "components"));
    }
    all
}

/// Name, version and ecosystem of a component.
type Package = (String, Option<String>, Option<String>);

fn package_of(component: &Value) -> Package {
    if let Some(url) = text(component, "purl").and_then(PackageUrl::parse) {
        return (url.name, url.version, Some(url.kind));
    }
    let name = text(component, "name").unwrap_or_default();
    let name = match text(component, "group") {
        Some(group) => format!("{group}/{name}"),
        None => name.to_owned(),
    };
    (name, text(component, "version").map(str::to_owned), None)
}

fn url_package(url: &str) -> Option<Package> {
    let url = PackageUrl::parse(url)?;
    Some((url.name, url.version, Some(url.kind)))
}

fn weaknesses(vulnerability: &Value) -> Vec<String> {
    let id = text(vulnerability, "id").unwrap_or("unknown");
    let mut all = vec![id.to_owned()];
    let others = list(vulnerability, "references").iter().filter_map(|one| text(one, "id"));
    all.extend(others.filter(|other| is_shared_id(other) && *other != id).map(str::to_owned));
    all
}

fn row(vulnerability: &Value, affected: &Value, package: Package) -> Found {
    let (name, version, ecosystem) = package;
    let id = text(vulnerability, "id").unwrap_or("unknown");
    let mends = list(affected, "versions").iter();
    let mends = mends.filter(|one| text(one, "status") == Some("unaffected"));
    let mut fixed: Vec<String> =
        mends.filter_map(|one| text(one, "version")).map(str::to_owned).collect();
    if fixed.is_empty() {
        fixed.extend(recommended(vulnerability, &name));
    }
    let suppression = suppression(vulnerability);
    let item = ScanItem {
        weaknesses: weaknesses(vulnerability),
        kind: "vulnerability".to_owned(),
        title: title(text(vulnerability, "description").unwrap_or(id)),
        severity: rated(vulnerability).to_owned(),
        package: name,
        ecosystem,
        installed: version,
        fixed: Some(fixed.join(", ")).filter(|fixed| !fixed.is_empty()),
        place: String::new(),
        suppression,
    };
    let state = text(vulnerability, "analysis.state");
    let mut found = Found::new(item)
        .label("analysis", state)
        .label("published", text(vulnerability, "published"))
        .label("link", text(vulnerability, "source.url"));
    if matches!(state, Some("resolved" | "resolved_with_pedigree")) {
        found.status = "fixed";
    }
    found
}

/// The rating of the source that the vulnerability is of, else the worst.
fn rated(vulnerability: &Value) -> &'static str {
    const ORDER: [&str; 5] = ["critical", "high", "medium", "low", "unknown"];
    let ratings = list(vulnerability, "ratings");
    let word = |rating: &Value| severity(text(rating, "severity").unwrap_or_default());
    let source = text(vulnerability, "source.name");
    let own = ratings
        .iter()
        .filter(|one| source.is_some() && text(one, "source.name") == source)
        .map(word)
        .find(|word| *word != "unknown");
    let rank = |word: &&str| ORDER.iter().position(|one| one == word);
    own.or_else(|| ratings.iter().map(word).min_by_key(rank)).unwrap_or("unknown")
}

/// The version that a recommendation names for a package: `Upgrade NAME to version VERSION`.
fn recommended(vulnerability: &Value, package: &str) -> Option<String> {
    let all = text(vulnerability, "recommendation")?;
    all.split(';').find_map(|one| {
        let rest = one.trim().strip_prefix("Upgrade ")?.strip_prefix(package)?;
        let version = rest.strip_prefix(" to version ")?.trim();
        (!version.is_empty()).then(|| version.trim_end_matches('.').to_owned())
    })
}

fn suppression(vulnerability: &Value) -> Option<Suppression> {
    let state = text(vulnerability, "analysis.state")?;
    matches!(state, "not_affected" | "false_positive")
        .then(|| Suppression { author: None, reason: Some(reason(vulnerability, state)) })
}

fn reason(vulnerability: &Value, state: &str) -> String {
    let parts =
        [text(vulnerability, "analysis.justification"), text(vulnerability, "analysis.detail")];
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    if parts.is_empty() { state.to_owned() } else { title(&parts.join(": ")) }
}

/// States what the analysis says, when it says something.
fn stated(
    document: &Value,
    vulnerability: &Value,
    package: Option<Package>,
    (at, target): (model::Micros, &Option<Target>),
    out: &mut Out<'_>,
) {
    let Some(state) = text(vulnerability, "analysis.state") else { return };
    let status = match state {
        "not_affected" => "not_affected",
        "false_positive" => "false_positive",
        "resolved" | "resolved_with_pedigree" => "fixed",
        "exploitable" => "affected",
        _ => "under_investigation",
    };
    let author = ["metadata.supplier.name", "metadata.manufacturer.name"];
    let author = author.iter().find_map(|path| text(document, path));
    let people = list(document, "metadata.authors").first();
    let author = author.or_else(|| people.and_then(|one| text(one, "name")));
    let (package, version, _) = package.unwrap_or_default();
    let exclusion = Exclusion {
        weaknesses: weaknesses(vulnerability),
        package,
        version,
        target: target.as_ref().map(|target| target.id.clone()),
        status: status.to_owned(),
        author: author.map(str::to_owned),
        reason: Some(reason(vulnerability, state)),
    };
    let changed = ["analysis.lastUpdated", "analysis.firstIssued"];
    let from = changed.iter().find_map(|path| instant(vulnerability, path)).unwrap_or(at);
    exclusion::put(&exclusion, from, out);
}
