//! Security Hub findings (ASFF).

use model::entity::Labels;
use model::finding::FindingObservation;
use model::{EntityKind as K, Reference};
use serde_json::Value;

use super::place::Arn;
use super::reader::Reader;
use super::record::{instant, list, text};
use super::thing::bare;
use super::{malformed, place_of};
use crate::error::EnvelopeError;
use crate::format::Format;
use crate::input::{Input, Out};
use crate::key;
use crate::shape::{Shape, without_mark};

/// Findings as a bare list, and as the event that EventBridge hands on; the command line's answer is
/// read like any other of its answers.
pub const FINDINGS: Format = Format {
    name: "asff",
    title: "Security Hub findings (ASFF lists and events)",
    recognise,
    read,
};

fn recognise(input: &Input<'_>) -> Option<String> {
    let shape = Shape::of(input.bytes);
    let has = |name: &str| shape.key(name).is_some();
    match &shape {
        Shape::JsonArray { .. } => (has("ProductArn") && has("AwsAccountId"))
            .then(|| "its elements have the key ProductArn of Security Hub".to_owned()),
        Shape::Json { is_stream: false, .. } => {
            let detail = shape.text("detail-type")?;
            detail
                .starts_with("Security Hub Findings")
                .then(|| format!("it is an event of the type {detail}"))
        }
        _ => None,
    }
}

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let document: Value = serde_json::from_slice(without_mark(input.bytes))
        .map_err(|error| malformed(input, &error))?;
    let records =
        document.as_array().map_or_else(|| list(&document, "detail.findings"), Vec::as_slice);
    let mut reader = Reader::new(out, place_of(input.context), None);
    for (position, record) in records.iter().enumerate() {
        reader.record("Findings", position);
        finding(&mut reader, record);
        if reader.is_stopped() {
            break;
        }
    }
    Ok(())
}

/// `securityhub get-findings`: one finding, on its first resource.
pub fn finding(reader: &mut Reader<'_, '_>, record: &Value) {
    let resources = list(record, "Resources");
    let (Some(id), Some(first)) = (text(record, "Id"), resources.first()) else {
        reader.reject("", "a finding without Id or Resources");
        return;
    };
    let packages = list(record, "Vulnerabilities");
    let package = packages.iter().flat_map(|one| list(one, "VulnerablePackages")).next();
    let of_package = |field: &str| package.and_then(|one| text(one, field)).map(str::to_owned);
    let mut weaknesses: Vec<String> =
        packages.iter().filter_map(|one| text(one, "Id")).map(str::to_owned).collect();
    let title = text(record, "Title").unwrap_or(id);
    if weaknesses.is_empty() {
        weaknesses.extend(cve(title).map(str::to_owned));
    }
    if weaknesses.is_empty() {
        weaknesses.push(text(record, "GeneratorId").unwrap_or(id).to_owned());
    }
    let mut labels = Labels::new();
    let fields = [
        "ProductName",
        "CompanyName",
        "GeneratorId",
        "Region",
        "AwsAccountId",
        "Description",
        "RecordState",
    ];
    for name in fields {
        if let Some(value) = text(record, name) {
            labels.insert(super::record::snake_case(name), value.to_owned());
        }
    }
    let notes = [("suppressed_by", "Note.UpdatedBy"), ("suppressed_because", "Note.Text")];
    for (name, path) in notes.into_iter().filter(|_| status(record) == "suppressed") {
        if let Some(value) = text(record, path) {
            labels.insert(name.to_owned(), value.to_owned());
        }
    }
    let finding = FindingObservation {
        external_id: id.to_owned(),
        kind: kind(record, &weaknesses).to_owned(),
        weaknesses,
        title: title.to_owned(),
        severity: severity(record).to_owned(),
        status: status(record).to_owned(),
        package: of_package("Name").unwrap_or_default(),
        installed_version: of_package("Version"),
        fixed_version: of_package("FixedInVersion"),
        target: resource(first),
        entities: resources.iter().skip(1).map(resource).collect(),
        first_seen: instant(record, "FirstObservedAt").or(instant(record, "CreatedAt")),
        last_seen: last_seen(record),
        labels,
        place: String::new(),
    };
    reader.batch(|batch| batch.findings.push(finding));
}

/// When it was observed last; of what is resolved, when that was said.
fn last_seen(record: &Value) -> Option<model::Micros> {
    let (observed, updated) = (instant(record, "LastObservedAt"), instant(record, "UpdatedAt"));
    if status(record) == "fixed" { updated.or(observed) } else { observed.or(updated) }
}

/// The first CVE that a title names.
fn cve(title: &str) -> Option<&str> {
    let start = title.find("CVE-")?;
    let rest = title.get(start..)?;
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
    Some(&rest[..end.unwrap_or(rest.len())])
}

fn kind(record: &Value, weaknesses: &[String]) -> &'static str {
    let types: Vec<&str> = list(record, "Types").iter().filter_map(Value::as_str).collect();
    let has = |part: &str| types.iter().any(|one| one.contains(part));
    if has("Vulnerabilities") || weaknesses.iter().any(|one| one.starts_with("CVE-")) {
        "vulnerability"
    } else if has("Sensitive Data") {
        "exposure"
    } else if has("TTPs") || has("Unusual Behaviors") || has("Effects") {
        "threat"
    } else {
        "misconfiguration"
    }
}

/// The label, else the normalised figure by ASFF's own bounds.
fn severity(record: &Value) -> &'static str {
    match text(record, "Severity.Label") {
        Some("CRITICAL") => return "critical",
        Some("HIGH") => return "high",
        Some("MEDIUM") => return "medium",
        Some("LOW" | "INFORMATIONAL") => return "low",
        _ => {}
    }
    match record.pointer("/Severity/Normalized").and_then(Value::as_f64) {
        Some(figure) if figure >= 90.0 => "critical",
        Some(figure) if figure >= 70.0 => "high",
        Some(figure) if figure >= 40.0 => "medium",
        Some(_) => "low",
        None => "unknown",
    }
}

fn status(record: &Value) -> &'static str {
    let workflow = text(record, "Workflow.Status").or(text(record, "WorkflowState"));
    match workflow {
        Some("RESOLVED") => "fixed",
        Some("SUPPRESSED") => "suppressed",
        _ if text(record, "RecordState") == Some("ARCHIVED") => "fixed",
        _ if text(record, "Compliance.Status") == Some("PASSED") => "fixed",
        _ => "open",
    }
}

/// An image by its digest, an account by its number, anything else by its ARN or id.
fn resource(record: &Value) -> Reference {
    let id = text(record, "Id").unwrap_or_default();
    let image = record.pointer("/Details/AwsEcrContainerImage");
    if let Some(image) = image
        && let (Some(registry), Some(name), Some(digest)) =
            (text(image, "RegistryId"), text(image, "RepositoryName"), text(image, "ImageDigest"))
        && let Some(region) = text(record, "Region")
    {
        let repository = format!("{registry}.dkr.ecr.{region}.amazonaws.com/{name}");
        return Reference::id(key::image(&format!("{repository}@{digest}"))).of_kinds(&[K::Image]);
    }
    if text(record, "Type") == Some("AwsAccount") {
        let number = id.rsplit(':').find(|part| !part.is_empty()).unwrap_or(id);
        return Reference::id(key::account(number));
    }
    match Arn::parse(id) {
        // arn:aws:ec2:us-east-1:1:instance/i-0 may be printed with another account; the id is enough.
        Some(arn) if arn.service == "ec2" => match arn.resource.rsplit_once('/') {
            Some((_, bare_id)) => Reference::id(id).or(
                "bare id",
                key::bare_id(bare_id),
                model::kind::Confidence::High,
            ),
            None => Reference::id(id),
        },
        Some(_) => Reference::id(id),
        None => bare(id),
    }
}
