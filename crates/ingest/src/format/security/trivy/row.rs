//! The rows of one result: vulnerabilities, misconfigurations, secrets, licences, and what Trivy was
//! told to leave out.

use model::scan::{ScanItem, Suppression};
use serde_json::Value;

use super::super::package::PackageUrl;
use super::super::scan::Found;
use super::super::{is_shared_id, severity, title};
use crate::format::aws::record::{at, list, scalar, text, texts};

/// Whether a result is about what is in an image, not about the object that runs it.
pub fn is_of_image(result: &Value) -> bool {
    matches!(text(result, "Class"), Some("os-pkgs" | "lang-pkgs" | "secret" | "license"))
        || (text(result, "Class").is_none() && !list(result, "Vulnerabilities").is_empty())
}

/// The classes of check that a result is of, also when it found nothing.
pub fn classes(result: &Value) -> Vec<&'static str> {
    match text(result, "Class").unwrap_or_default() {
        "os-pkgs" | "lang-pkgs" => vec!["vulnerability"],
        "config" => vec!["misconfiguration"],
        "secret" => vec!["secret"],
        "license" | "license-file" => vec!["licence"],
        // Schema 1 has packages only.
        "" => vec!["vulnerability"],
        _ => Vec::new(),
    }
}

/// Everything that a result lists, with its class.
pub fn found(result: &Value) -> Vec<(&'static str, Found)> {
    let mut all = Vec::new();
    for row in list(result, "Vulnerabilities") {
        all.push(("vulnerability", vulnerability(result, row)));
    }
    for row in list(result, "Misconfigurations") {
        match text(row, "Status") {
            Some("PASS") => {}
            Some("EXCEPTION") => {
                let mut found = misconfiguration(result, row);
                found.item.suppression = Some(Suppression::default());
                found.status = "suppressed";
                all.push(("misconfiguration", found));
            }
            _ => all.push(("misconfiguration", misconfiguration(result, row))),
        }
    }
    for row in list(result, "Secrets") {
        all.push(("secret", secret(result, row)));
    }
    for row in list(result, "Licenses") {
        all.push(("licence", licence(row)));
    }
    for row in list(result, "ExperimentalModifiedFindings") {
        all.extend(left_out(result, row));
    }
    all
}

/// What Trivy found and was told not to list.
fn left_out(result: &Value, row: &Value) -> Option<(&'static str, Found)> {
    let finding = at(row, "Finding")?;
    let (class, mut found) = match text(row, "Type")? {
        "vulnerability" => ("vulnerability", vulnerability(result, finding)),
        "misconfiguration" => ("misconfiguration", misconfiguration(result, finding)),
        "secret" => ("secret", secret(result, finding)),
        "license" => ("licence", licence(finding)),
        _ => return None,
    };
    let status = text(row, "Status").unwrap_or("ignored");
    let statement = text(row, "Statement").unwrap_or(status);
    found.status = if status == "fixed" { "fixed" } else { "suppressed" };
    found.item.suppression = Some(Suppression {
        author: text(row, "Source").map(str::to_owned),
        reason: Some(title(statement)),
    });
    Some((class, found))
}

fn severity_of(row: &Value) -> String {
    severity(text(row, "Severity").unwrap_or_default()).to_owned()
}

fn vulnerability(result: &Value, row: &Value) -> Found {
    let id = text(row, "VulnerabilityID").unwrap_or("unknown");
    let mut weaknesses = vec![id.to_owned()];
    let others = texts(row, "VendorIDs").filter(|other| is_shared_id(other));
    weaknesses.extend(others.filter(|other| *other != id).map(str::to_owned));
    let url = text(row, "PkgIdentifier.PURL").and_then(PackageUrl::parse);
    let kind = text(result, "Type").unwrap_or_default();
    let item = ScanItem {
        weaknesses,
        kind: "vulnerability".to_owned(),
        title: title(text(row, "Title").unwrap_or(id)),
        severity: severity_of(row),
        package: text(row, "PkgName").unwrap_or_default().to_owned(),
        ecosystem: url.map(|url| url.kind).or_else(|| ecosystem(kind).map(str::to_owned)),
        installed: text(row, "InstalledVersion").map(str::to_owned),
        fixed: text(row, "FixedVersion").map(str::to_owned),
        place: text(row, "PkgPath").unwrap_or_default().to_owned(),
        suppression: None,
    };
    let mut found = Found::new(item)
        .label("link", text(row, "PrimaryURL"))
        .label("vendor_status", text(row, "Status"))
        .label("published", text(row, "PublishedDate"))
        .label("cvss_score", score(row).map(|score| score.to_string()));
    found.external_id = text(row, "Fingerprint").map(str::to_owned);
    found
}

/// The base score of the source that the severity is from, else NVD's, else the highest.
fn score(row: &Value) -> Option<f64> {
    let cvss = row.get("CVSS")?.as_object()?;
    let of = |source: &str| {
        let scores = cvss.get(source)?;
        ["V40Score", "V3Score", "V2Score"].iter().find_map(|name| scores.get(*name)?.as_f64())
    };
    let stated = text(row, "SeveritySource").and_then(of);
    let highest = cvss.keys().filter_map(|source| of(source)).max_by(f64::total_cmp);
    stated.or_else(|| of("nvd")).or(highest)
}

/// The package URL's type of what Trivy calls a result's type.
fn ecosystem(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "debian" | "ubuntu" => "deb",
        "alpine" | "wolfi" | "chainguard" => "apk",
        "amazon"
        | "centos"
        | "redhat"
        | "oracle"
        | "rocky"
        | "alma"
        | "fedora"
        | "photon"
        | "suse linux enterprise server"
        | "opensuse.leap"
        | "opensuse-leap"
        | "azurelinux"
        | "cbl-mariner" => "rpm",
        "jar" | "pom" | "gradle" | "sbt" => "maven",
        "npm" | "yarn" | "pnpm" | "node-pkg" | "javascript" | "bun" => "npm",
        "gomod" | "gobinary" => "golang",
        "pip" | "pipenv" | "poetry" | "python-pkg" | "uv" => "pypi",
        "bundler" | "gemspec" => "gem",
        "cargo" | "rustbinary" => "cargo",
        "composer" | "composer-vendor" => "composer",
        "nuget" | "dotnet-core" | "packages-props" => "nuget",
        _ => return None,
    })
}

fn misconfiguration(result: &Value, row: &Value) -> Found {
    let id = text(row, "AVDID").or(text(row, "ID")).unwrap_or("unknown");
    let id = text(row, "ID").unwrap_or(id);
    let file = text(result, "Target").unwrap_or_default();
    let resource = text(row, "CauseMetadata.Resource");
    // Lines move with every edit; the message names the part of the file.
    let part = resource.or(text(row, "Message")).unwrap_or_default();
    let place = if part.is_empty() { file.to_owned() } else { format!("{file}#{}", title(part)) };
    let item = ScanItem {
        weaknesses: vec![id.to_owned()],
        kind: "misconfiguration".to_owned(),
        title: title(text(row, "Title").unwrap_or(id)),
        severity: severity_of(row),
        place,
        ..ScanItem::default()
    };
    Found::new(item)
        .label("link", text(row, "PrimaryURL"))
        .label("message", text(row, "Message").map(title))
        .label("resolution", text(row, "Resolution").map(title))
        .label("line", scalar(row, "CauseMetadata.StartLine").filter(|line| line != "0"))
}

/// Where a secret lies; never the secret.
fn secret(result: &Value, row: &Value) -> Found {
    let id = text(row, "RuleID").unwrap_or("secret");
    let file = text(result, "Target").unwrap_or_default();
    let line = scalar(row, "StartLine").map(|line| format!(":{line}")).unwrap_or_default();
    let item = ScanItem {
        weaknesses: vec![id.to_owned()],
        kind: "secret".to_owned(),
        title: title(text(row, "Title").unwrap_or(id)),
        severity: severity_of(row),
        place: format!("{file}{line}"),
        ..ScanItem::default()
    };
    Found::new(item).label("category", text(row, "Category"))
}

fn licence(row: &Value) -> Found {
    let name = text(row, "Name").unwrap_or("unknown");
    let item = ScanItem {
        weaknesses: vec![format!("licence:{name}")],
        kind: "licence".to_owned(),
        title: format!("licence {name}"),
        severity: severity_of(row),
        package: text(row, "PkgName").unwrap_or_default().to_owned(),
        place: text(row, "FilePath").unwrap_or_default().to_owned(),
        ..ScanItem::default()
    };
    Found::new(item).label("category", text(row, "Category"))
}
