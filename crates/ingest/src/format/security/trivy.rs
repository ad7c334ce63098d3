//! Reports of Trivy: images, file systems, source repositories, and clusters (`trivy k8s`, its summary
//! and all of it), of schema 2 and the bare list of results of schema 1.
//!
//! A report names the classes of check that its results are of. Packages of the operating system and
//! of languages are one class, as they are one scanner of Trivy's; a report without any result is of
//! that class too. So is a target whose results are all of vulnerabilities that are no more.

mod row;

use std::collections::BTreeMap;

use model::Micros;
use serde_json::Value;

use super::scan::{Found, Scan};
use super::target::{Target, is_address};
use crate::error::EnvelopeError;
use crate::format::Format;
use crate::format::aws::record::{instant, list, text, texts};
use crate::input::{Input, Out};
use crate::shape::Shape;

/// Reports of Trivy.
pub const TRIVY: Format = Format { name: "trivy", title: "Trivy reports (JSON)", recognise, read };

fn recognise(input: &Input<'_>) -> Option<String> {
    let shape = Shape::of(input.bytes);
    let has = |name: &str| shape.key(name).is_some();
    match &shape {
        Shape::Json { is_stream: false, .. } if has("ClusterName") => {
            let lists = ["Resources", "Findings", "Vulnerabilities", "Misconfigurations"];
            lists.into_iter().find(|name| has(name)).map(|name| {
                format!("it has the keys ClusterName and {name} of a report of trivy k8s")
            })
        }
        Shape::Json { is_stream: false, .. } => (has("ArtifactName")
            && (has("ArtifactType") || has("Results")))
        .then(|| "it has the key ArtifactName of a report of Trivy".to_owned()),
        Shape::JsonArray { .. } => {
            let is_result = has("Target") && (has("Vulnerabilities") || has("Type"));
            is_result.then(|| "its elements have the key Target of results of Trivy".to_owned())
        }
        _ => None,
    }
}

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let document = super::document(input)?;
    out.source("trivy");
    if let Some(at) = instant(&document, "CreatedAt").filter(|at| crate::instant::is_plausible(*at))
    {
        out.observed_at(at);
    }
    let report = Report {
        at: out.batch().input.observed_at,
        version: text(&document, "Trivy.Version").map(str::to_owned),
        input,
    };
    if let Some(cluster) = document.get("ClusterName").and_then(Value::as_str) {
        report.cluster(cluster, &document, out);
    } else if let Value::Array(results) = &document {
        // Schema 1 names the target in each result only.
        let name = results.iter().find_map(|result| text(result, "Target")).unwrap_or("_");
        let name = name.rsplit_once(" (").map_or(name, |(name, _system)| name);
        let target = Target::image(&[], &[name.to_owned()]);
        report.scans(&target.unwrap_or_else(|| Target::path(name)), results, true, out);
    } else {
        let target = artifact(&document);
        report.scans(&target, list(&document, "Results"), true, out);
    }
    Ok(())
}

/// What a report is about.
fn artifact(document: &Value) -> Target {
    let name = text(document, "ArtifactName").unwrap_or("_");
    let metadata = document.get("Metadata").unwrap_or(&Value::Null);
    match text(document, "ArtifactType").unwrap_or_default() {
        "container_image" => image(metadata, name),
        _ if is_address(name) => Target::source(name),
        _ => match text(metadata, "RepoURL") {
            Some(address) => Target::source(address),
            None => Target::path(name),
        },
    }
}

/// An image by what its metadata says, else by the name that was scanned.
fn image(metadata: &Value, name: &str) -> Target {
    let digests: Vec<String> = texts(metadata, "RepoDigests").map(str::to_owned).collect();
    let mut tags: Vec<String> = texts(metadata, "RepoTags").map(str::to_owned).collect();
    if digests.is_empty() && tags.is_empty() {
        tags.extend(text(metadata, "Reference").map(str::to_owned));
    }
    // Of several repositories the one that was asked for is meant.
    let asked = super::target::repository(name);
    let is_asked = |one: &String| super::target::repository(one) == asked;
    let first = |mut all: Vec<String>| {
        all.sort_by_key(|one| (!is_asked(one), one.clone()));
        all
    };
    let (digests, tags) = (first(digests), first(tags));
    let is_file = name.ends_with(".tar") || name.ends_with(".tar.gz") || name.ends_with(".tgz");
    Target::image(&digests, &tags)
        .or_else(|| Target::image(&[], &[name.to_owned()]).filter(|_| !is_file))
        .unwrap_or_else(|| Target::path(name))
}

struct Report<'a> {
    at: Micros,
    version: Option<String>,
    input: &'a Input<'a>,
}

impl Report<'_> {
    /// Every object of a cluster. Older versions list vulnerabilities and misconfigurations apart.
    fn cluster(&self, cluster: &str, document: &Value, out: &mut Out<'_>) {
        for part in ["Resources", "Findings", "Vulnerabilities", "Misconfigurations"] {
            for (position, resource) in list(document, part).iter().enumerate() {
                let place = format!("/{part}/{position}");
                let Some(name) = text(resource, "Name") else {
                    out.reject(place, "Name is missing; every object has one");
                    continue;
                };
                if let Some(error) = text(resource, "Error") {
                    out.reject(place, format!("{name} was not scanned: {error}"));
                    continue;
                }
                self.object(cluster, resource, name, out);
            }
        }
    }

    fn object(&self, cluster: &str, resource: &Value, name: &str, out: &mut Out<'_>) {
        let namespace = text(resource, "Namespace").unwrap_or_default();
        let kind = text(resource, "Kind").unwrap_or("_");
        let object = Target::kubernetes(self.input.context, cluster, (namespace, kind, name));
        let (packages, rest): (Vec<&Value>, Vec<&Value>) =
            list(resource, "Results").iter().partition(|result| row::is_of_image(result));
        let own: Vec<Value> = rest.into_iter().cloned().collect();
        self.scans(&object, &own, false, out);
        for (image, results) in self.by_image(resource, &packages) {
            let target = match image {
                Some(image) => image.run_by(&object, (namespace, kind, name)),
                None => object.clone(),
            };
            let results: Vec<Value> = results.into_iter().cloned().collect();
            self.scans(&target, &results, false, out);
        }
    }

    /// Results of packages by the image they are of. A result's target begins with the image's name;
    /// with one image all are of it.
    fn by_image<'v>(
        &self,
        resource: &Value,
        results: &[&'v Value],
    ) -> Vec<(Option<Target>, Vec<&'v Value>)> {
        let metadata = resource.get("Metadata").unwrap_or(&Value::Null);
        let all: Vec<&Value> = match metadata {
            Value::Array(all) => all.iter().collect(),
            Value::Object(_) => vec![metadata],
            _ => Vec::new(),
        };
        let mut images: BTreeMap<String, Target> = BTreeMap::new();
        for one in all {
            let target = image(one, "");
            if target.id.starts_with("image://") {
                images.insert(target.id.clone(), target);
            }
        }
        let mut found: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
        let mut last = None;
        for result in results {
            let label = text(result, "Target").unwrap_or_default();
            let named = label.split_once(" (").map(|(name, _system)| name);
            let stated = named.and_then(|name| Target::image(&[], &[name.to_owned()]));
            let mut id = match (&stated, images.len()) {
                (_, 1) => images.keys().next().cloned(),
                (Some(stated), _) => Some(stated.id.clone()),
                (None, _) => None,
            };
            if let (Some(id), Some(stated)) = (&id, stated) {
                images.entry(id.clone()).or_insert(stated);
            }
            // Results of languages follow those of the system of their image.
            id = id.or_else(|| last.clone());
            last.clone_from(&id);
            found.entry(id.unwrap_or_default()).or_default().push(result);
        }
        found.into_iter().map(|(id, results)| (images.get(&id).cloned(), results)).collect()
    }

    /// One scan for each class that the results are of.
    fn scans(&self, target: &Target, results: &[Value], is_whole: bool, out: &mut Out<'_>) {
        let mut classes: BTreeMap<&str, Vec<Found>> = BTreeMap::new();
        for result in results {
            for class in row::classes(result) {
                classes.entry(class).or_default();
            }
            for (class, found) in row::found(result) {
                classes.entry(class).or_default().push(found);
            }
        }
        if is_whole && results.is_empty() {
            classes.entry("vulnerability").or_default();
        }
        for (class, found) in classes {
            let scan = Scan {
                scanner: "trivy".to_owned(),
                version: self.version.clone(),
                class: class.to_owned(),
                target: target.clone(),
                is_complete: true,
                found,
            };
            if !scan.put(self.at, out) {
                return;
            }
        }
    }
}
