//! Counts of what an input held and of what it changed.

use std::collections::{BTreeMap, HashMap};

use identity::Resolution;
use model::Batch;
use model::entity::Presence;
use model::input::InputOutcome;
use model::resolution::WriteOutcome;

/// Counts so far.
#[derive(Debug, Default, Clone)]
pub(crate) struct Counts {
    read: BTreeMap<String, u64>,
    added: BTreeMap<String, u64>,
    changed: BTreeMap<String, u64>,
    retired: BTreeMap<String, u64>,
    held: BTreeMap<String, u64>,
    pub open_references: u64,
    pub rejects: u64,
}

impl Counts {
    /// Counts what a batch holds. What is only implied was not read.
    pub fn read(&mut self, batch: &Batch) {
        for entity in batch.entities.iter().filter(|one| one.presence == Presence::Observed) {
            add(&mut self.read, entity.kind.as_str(), 1);
        }
        let samples: usize =
            batch.series.iter().map(|one| one.points.len() + one.histograms.len()).sum();
        let logs = batch.logs.iter().fold(0, |sum: u64, log| sum.saturating_add(log.count));
        for (what, count) in [
            ("relation", batch.relations.len()),
            ("sample", samples),
            ("span", batch.spans.len()),
            ("edge", batch.edges.len()),
            ("charge", batch.charges.len()),
            ("incident", batch.incidents.len()),
            ("change", batch.changes.len()),
            ("finding", batch.findings.len()),
            ("value", batch.values.len()),
            ("budget", batch.budgets.len()),
            ("statement", batch.stated.len()),
            ("ownership_rule", batch.ownership.len()),
        ] {
            add(&mut self.read, what, count as u64);
        }
        add(&mut self.read, "log_record", logs);
        let rejects = batch.rejects.iter().map(|reject| reject.count);
        self.rejects = rejects.fold(self.rejects, u64::saturating_add);
    }

    /// Counts what a store did.
    pub fn written(&mut self, outcome: &WriteOutcome) {
        let all = [
            (&mut self.added, &outcome.added),
            (&mut self.changed, &outcome.changed),
            (&mut self.retired, &outcome.retired),
            (&mut self.held, &outcome.held),
        ];
        for (into, from) in all {
            from.iter().for_each(|(what, count)| add(into, what, *count));
        }
        let late = outcome.too_late.values().copied();
        self.rejects = late.fold(self.rejects, u64::saturating_add);
    }

    /// Counts what a resolution would change: entities, relations, and rows of measured data, which are
    /// all counted as new.
    pub fn would(&mut self, resolution: &Resolution, batch: &Batch) {
        let write = &resolution.topology;
        let new: HashMap<_, _> = write.entities.iter().map(|one| (one.id, one.kind)).collect();
        for version in write.versions.iter().filter(|one| one.observed_to.is_none()) {
            match new.get(&version.entity) {
                Some(kind) => add(&mut self.added, kind.as_str(), 1),
                None => add(&mut self.changed, "entity", 1),
            }
        }
        for relation in write.relations.iter().filter(|one| one.valid_to.is_none()) {
            add(&mut self.added, relation.kind.as_str(), 1);
        }
        add(&mut self.changed, "relation_ended", {
            write.relations.iter().filter(|one| one.valid_to.is_some()).count() as u64
        });
        let samples: usize =
            batch.series.iter().map(|one| one.points.len() + one.histograms.len()).sum();
        for (what, count) in [
            ("sample", samples),
            ("span", batch.spans.len()),
            ("charge", batch.charges.len()),
            ("incident", batch.incidents.len()),
            ("change", batch.changes.len()),
            ("finding", batch.findings.len()),
            ("value", batch.values.len()),
            ("budget", batch.budgets.len()),
            ("statement", batch.stated.len()),
        ] {
            add(&mut self.added, what, count as u64);
        }
        self.open_references = self.open_references.saturating_add(resolution.open_references);
    }

    /// As the ledger keeps it.
    pub fn outcome(&self, is_known: bool) -> InputOutcome {
        let list = |counts: &BTreeMap<String, u64>| {
            counts.iter().map(|(what, count)| (what.clone(), *count)).collect()
        };
        InputOutcome {
            read: list(&self.read),
            added: list(&self.added),
            changed: list(&self.changed),
            retired: list(&self.retired),
            held: list(&self.held),
            open_references: self.open_references,
            rejects: self.rejects,
            is_known,
        }
    }
}

fn add(counts: &mut BTreeMap<String, u64>, what: &str, count: u64) {
    if count == 0 {
        return;
    }
    match counts.get_mut(what) {
        Some(sum) => *sum = sum.saturating_add(count),
        None => drop(counts.insert(what.to_owned(), count)),
    }
}
