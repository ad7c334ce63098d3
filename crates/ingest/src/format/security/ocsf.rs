//! OCSF findings: vulnerability (2002), compliance (2003), detection (2004) and the older security
//! finding (2001), as one object, a list, or one a line.
//!
//! They are events of single findings, not scans: each says itself whether it is open.

use model::entity::Labels;
use model::finding::FindingObservation;
use model::{Micros, Reference};
use serde_json::Value;

use super::package::PackageUrl;
use super::{is_shared_id, severity, title};
use crate::error::EnvelopeError;
use crate::format::Format;
use crate::format::aws::record::{at, instant, list, text, texts};
use crate::input::{Input, Out};
use crate::key;
use crate::outline;
use crate::shape::{Shape, without_mark};

/// Findings of OCSF.
pub const OCSF: Format = Format { name: "ocsf", title: "OCSF findings (JSON)", recognise, read };

/// Classes of findings.
const CLASSES: [(u64, &str); 4] =
    [(2001, "threat"), (2002, "vulnerability"), (2003, "misconfiguration"), (2004, "threat")];

fn recognise(input: &Input<'_>) -> Option<String> {
    let shape = Shape::of(input.bytes);
    let has = |name: &str| shape.key(name).is_some();
    (has("class_uid") && (has("category_uid") || has("metadata") || has("activity_id")))
        .then(|| "it has the key class_uid of OCSF".to_owned())
}

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    out.source("ocsf");
    let bytes = without_mark(input.bytes);
    let is_list = matches!(Shape::of(bytes), Shape::JsonArray { .. });
    let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
    let records: Vec<Result<&[u8], outline::Cut>> = if is_list {
        outline::elements(&bytes[start..]).collect()
    } else {
        outline::values(bytes).map(|one| one.map(|(_, value)| value)).collect()
    };
    for (position, record) in records.into_iter().enumerate() {
        let place = format!("record {}", position + 1);
        let Ok(record) = record else {
            out.reject(place, "the JSON is cut off; export it again");
            break;
        };
        match serde_json::from_slice::<Value>(record) {
            Ok(record) => event(&record, &place, out),
            Err(error) => out.reject(place, crate::error::json_place(&error).1),
        }
        if !out.added(0) {
            break;
        }
    }
    Ok(())
}

fn event(record: &Value, place: &str, out: &mut Out<'_>) {
    let class = record.get("class_uid").and_then(Value::as_u64).unwrap_or_default();
    let Some((_, kind)) = CLASSES.into_iter().find(|(known, _)| *known == class) else {
        out.reject(place, format!("class {class} is no class of findings; 2001 to 2004 are"));
        return;
    };
    let info = at(record, "finding_info").or(at(record, "finding")).unwrap_or(&Value::Null);
    let Some(id) = text(info, "uid") else {
        out.reject(place, "finding_info.uid is missing; every finding has one");
        return;
    };
    let resources = match list(record, "resources") {
        [] => at(record, "resource").into_iter().collect::<Vec<_>>(),
        all => all.iter().collect(),
    };
    let Some(first) = resources.first() else {
        out.reject(place, format!("finding {id} names no resource"));
        return;
    };
    let one = One { record, info, id, kind, target: reference(first), resources: &resources };
    let vulnerabilities = list(record, "vulnerabilities");
    if vulnerabilities.is_empty() {
        one.put(&[control(record, info, id)], &Value::Null, out);
    }
    for vulnerability in vulnerabilities {
        let weaknesses = weaknesses(vulnerability, id);
        let packages = match list(vulnerability, "affected_packages") {
            [] => list(vulnerability, "packages"),
            all => all,
        };
        if packages.is_empty() {
            one.put(&weaknesses, &Value::Null, out);
        }
        for package in packages {
            one.put(&weaknesses, package, out);
        }
    }
}

/// The control that failed, the rule that matched, else the finding's own id.
fn control(record: &Value, info: &Value, id: &str) -> String {
    let types = texts(info, "types").next();
    let named = text(record, "compliance.control").or(text(info, "analytic.uid")).or(types);
    named.unwrap_or(id).to_owned()
}

fn weaknesses(vulnerability: &Value, id: &str) -> Vec<String> {
    let named = text(vulnerability, "cve.uid").or(text(vulnerability, "advisory.uid"));
    let named = named.or(text(vulnerability, "uid")).unwrap_or(id);
    let related = texts(vulnerability, "related_vulnerabilities");
    let aliases = related.filter(|other| other.starts_with("GHSA-") && is_shared_id(named));
    std::iter::once(named).chain(aliases).map(str::to_owned).collect()
}

struct One<'a> {
    record: &'a Value,
    info: &'a Value,
    id: &'a str,
    kind: &'static str,
    target: Reference,
    resources: &'a [&'a Value],
}

impl One<'_> {
    fn put(&self, weaknesses: &[String], package: &Value, out: &mut Out<'_>) {
        let (record, info) = (self.record, self.info);
        let url = text(package, "purl").and_then(PackageUrl::parse);
        let name = url.as_ref().map(|url| url.name.clone());
        let name = name.or_else(|| text(package, "name").map(str::to_owned)).unwrap_or_default();
        let mut labels = Labels::new();
        let mut put = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                labels.insert(name.to_owned(), value.to_owned());
            }
        };
        put("scanner", text(record, "metadata.product.name"));
        put("ecosystem", url.as_ref().map(|url| url.kind.as_str()));
        put("suppressed_because", text(record, "comment"));
        put("link", text(info, "src_url"));
        let seen = |names: [&str; 2]| names.iter().find_map(|name| instant_of(info, name));
        let finding = FindingObservation {
            external_id: self.id.to_owned(),
            kind: self.kind.to_owned(),
            weaknesses: weaknesses.to_vec(),
            title: title(text(info, "title").unwrap_or(self.id)),
            severity: severity_of(record).to_owned(),
            status: status(record).to_owned(),
            installed_version: text(package, "version").map(str::to_owned),
            fixed_version: text(package, "fixed_in_version").map(str::to_owned),
            package: name,
            target: self.target.clone(),
            entities: self.resources.iter().skip(1).map(|one| reference(one)).collect(),
            first_seen: seen(["first_seen_time", "created_time"]),
            last_seen: seen(["last_seen_time", "modified_time"])
                .or_else(|| instant_of(record, "time")),
            labels,
            place: String::new(),
        };
        out.batch().findings.push(finding);
        out.added(1);
    }
}

/// Milliseconds since 1970, or RFC 3339 in the field's twin (`time_dt`).
fn instant_of(record: &Value, name: &str) -> Option<Micros> {
    let number = record.get(name).and_then(Value::as_i64);
    let millis = number.and_then(|millis| millis.checked_mul(1_000)).map(Micros);
    millis.or_else(|| instant(record, &format!("{name}_dt")))
}

fn severity_of(record: &Value) -> &'static str {
    match record.get("severity_id").and_then(Value::as_u64) {
        Some(5 | 6) => "critical",
        Some(4) => "high",
        Some(3) => "medium",
        Some(1 | 2) => "low",
        _ => severity(text(record, "severity").unwrap_or_default()),
    }
}

/// What became of it: closed by activity, by status, or a check that passed.
fn status(record: &Value) -> &'static str {
    let number = |path: &str| at(record, path).and_then(Value::as_u64);
    match (number("status_id"), number("activity_id"), number("compliance.status_id")) {
        (Some(3), ..) => "suppressed",
        (Some(4), ..) | (_, Some(3), _) | (_, _, Some(1)) => "fixed",
        _ => "open",
    }
}

/// A resource by its ARN, its image or its bare id.
fn reference(resource: &Value) -> Reference {
    let uid = text(resource, "uid").or(text(resource, "name")).unwrap_or("_");
    if uid.contains("@sha256:") {
        return Reference::key("image digest", key::image(uid));
    }
    if uid.starts_with("arn:") || uid.contains("://") {
        return Reference::id(uid);
    }
    Reference::key("bare id", key::bare_id(uid))
}
