//! What was read of an input, counted.

use std::collections::BTreeMap;

use model::Batch;
use model::entity::Presence;
use model::input::InputRecord;

/// What became of one input, with its members when it was an archive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// One for each input that was read: one, or each member of an archive.
    pub inputs: Vec<InputSummary>,
    /// Whether the reader asked to stop before the end.
    pub is_stopped: bool,
}

/// What was read of one input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputSummary {
    /// The input, with format, source, content hash and observation time.
    pub record: InputRecord,
    /// Why it was recognised as that format.
    pub why: String,
    /// Observations by what they are (`pod`, `sample`, `charge`), in order of name.
    pub read: BTreeMap<String, u64>,
    /// Records that were rejected.
    pub rejects: u64,
}

/// Adds what a batch holds to the counts, by what it is; things that are only implied do not count.
pub fn count(batch: &Batch, read: &mut BTreeMap<String, u64>) {
    let mut add = |what: &str, more: u64| {
        if more > 0 {
            *read.entry(what.to_owned()).or_default() += more;
        }
    };
    for entity in batch.entities.iter().filter(|one| one.presence == Presence::Observed) {
        add(entity.kind.as_str(), 1);
    }
    let samples: usize =
        batch.series.iter().map(|one| one.points.len() + one.histograms.len()).sum();
    let counts: [(&str, usize); 13] = [
        ("relation", batch.relations.len()),
        ("series", batch.series.len()),
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
    ];
    for (what, more) in counts {
        add(what, more as u64);
    }
    add("log_record", batch.logs.iter().map(|one| one.count).fold(0, u64::saturating_add));
}
