//! A scan with what it found, as findings and as one statement.

use std::collections::BTreeMap;

use model::entity::Labels;
use model::finding::FindingObservation;
use model::scan::{ScanBody, ScanItem};
use model::stated::{StatedKind, StatedObservation};
use model::{Micros, Reference};

use super::target::Target;
use crate::input::Out;

/// One scan of one target for one class of check.
pub struct Scan {
    /// Name of the scanner, lower case.
    pub scanner: String,
    /// Its version.
    pub version: Option<String>,
    /// What was checked.
    pub class: String,
    /// What was scanned.
    pub target: Target,
    /// Whether everything of the class is listed.
    pub is_complete: bool,
    /// What it found.
    pub found: Vec<Found>,
}

/// One row of a report.
pub struct Found {
    /// What was found.
    pub item: ScanItem,
    /// The scanner's own id of the finding.
    pub external_id: Option<String>,
    /// `open`, `suppressed`, or `fixed` when the report says that it is gone.
    pub status: &'static str,
    /// What else it touches.
    pub entities: Vec<Reference>,
    /// First seen, as the report says.
    pub first_seen: Option<Micros>,
    /// Everything else that is kept.
    pub labels: Labels,
}

impl Found {
    /// A row that is open unless its item says otherwise.
    pub fn new(item: ScanItem) -> Self {
        let status = if item.suppression.is_some() { "suppressed" } else { "open" };
        Self {
            item,
            external_id: None,
            status,
            entities: Vec::new(),
            first_seen: None,
            labels: Labels::new(),
        }
    }

    /// The same with a label, when there is a value.
    pub fn label(mut self, name: &str, value: Option<impl Into<String>>) -> Self {
        if let Some(value) = value {
            self.labels.insert(name.to_owned(), value.into());
        }
        self
    }
}

impl Scan {
    /// Puts out the findings and the statement. Returns whether to go on.
    pub fn put(mut self, at: Micros, out: &mut Out<'_>) -> bool {
        self.tell_apart();
        let mut items = Vec::with_capacity(self.found.len());
        for found in std::mem::take(&mut self.found) {
            let finding = self.finding(&found, at);
            out.batch().findings.push(finding);
            if found.status != "fixed" {
                items.push(found.item);
            }
            if !out.added(1) {
                return false;
            }
        }
        let Self { scanner, version, class, target, is_complete, .. } = self;
        let Target { id, reference, workload, runner, digest, tags } = target;
        let parts = [
            scanner.as_str(),
            &class,
            &id,
            workload.as_deref().unwrap_or_default(),
            digest.as_deref().or(tags.first().map(String::as_str)).unwrap_or_default(),
            &at.to_string(),
        ];
        let key = parts.join("\u{1f}");
        let title = format!("{scanner}: {class} of {id}");
        let body = ScanBody {
            scanner,
            scanner_version: version,
            class,
            target: id,
            workload,
            digest,
            tags,
            is_complete,
            items,
        };
        let Ok(stated) = StatedObservation::new(StatedKind::Scan, key, &body) else {
            return true;
        };
        let subjects = std::iter::once(reference).chain(runner).collect();
        let stated = StatedObservation { title, from: Some(at), subjects, ..stated };
        out.batch().stated.push(stated);
        out.added(1)
    }

    /// Numbers rows that nothing else tells apart, in their order.
    fn tell_apart(&mut self) {
        let mut seen: BTreeMap<(String, String, String), u32> = BTreeMap::new();
        for found in &mut self.found {
            let item = &mut found.item;
            let weakness = item.weaknesses.first().cloned().unwrap_or_default();
            let key = (weakness, item.package.clone(), item.place.clone());
            let count = seen.entry(key).or_default();
            *count += 1;
            if *count > 1 {
                item.place = format!("{}~{count}", item.place);
            }
        }
    }

    fn finding(&self, found: &Found, at: Micros) -> FindingObservation {
        let item = &found.item;
        let weakness = item.weaknesses.first().cloned().unwrap_or_default();
        let own = format!("{weakness}/{}/{}/{}", item.package, item.place, self.target.id);
        let mut labels = found.labels.clone();
        labels.insert("scanner".to_owned(), self.scanner.clone());
        labels.insert("scan_class".to_owned(), self.class.clone());
        labels.insert("scan_target".to_owned(), self.target.id.clone());
        let mut put = |name: &str, value: &Option<String>| {
            if let Some(value) = value {
                labels.insert(name.to_owned(), value.clone());
            }
        };
        put("digest", &self.target.digest);
        put("workload", &self.target.workload);
        put("ecosystem", &item.ecosystem);
        if let Some(suppression) = &item.suppression {
            put("suppressed_by", &suppression.author);
            put("suppressed_because", &suppression.reason);
        }
        FindingObservation {
            external_id: found.external_id.clone().unwrap_or(own),
            kind: item.kind.clone(),
            weaknesses: item.weaknesses.clone(),
            title: item.title.clone(),
            severity: item.severity.clone(),
            status: found.status.to_owned(),
            package: item.package.clone(),
            installed_version: item.installed.clone(),
            fixed_version: item.fixed.clone(),
            target: self.target.reference.clone(),
            entities: found.entities.iter().chain(&self.target.runner).cloned().collect(),
            first_seen: found.first_seen.or(Some(at)),
            last_seen: Some(at),
            labels,
            place: item.place.clone(),
        }
    }
}
