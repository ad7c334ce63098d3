//! What a write did, while it is counted.

use std::collections::BTreeMap;

use model::resolution::WriteOutcome;
use model::seam::DataKind;

/// What a write did, while it is counted.
#[derive(Debug, Default)]
pub struct Tally {
    /// What is told.
    pub outcome: WriteOutcome,
    /// Kinds that changed, with the newest instant written.
    pub kinds: BTreeMap<DataKind, i64>,
}

impl Tally {
    /// New rows.
    pub fn added(&mut self, what: &str, rows: u64) {
        add(&mut self.outcome.added, what, rows);
    }

    /// Changed rows.
    pub fn changed(&mut self, what: &str, rows: u64) {
        add(&mut self.outcome.changed, what, rows);
    }

    /// Rows that are held.
    pub fn held(&mut self, what: &str, rows: u64) {
        add(&mut self.outcome.held, what, rows);
    }

    /// Rows that came too late.
    pub fn too_late(&mut self, what: &str, rows: u64) {
        add(&mut self.outcome.too_late, what, rows);
    }

    /// Something of this kind is different now; `at` is its instant.
    pub fn touch(&mut self, kind: DataKind, at: i64) {
        let newest = self.kinds.entry(kind).or_insert(at);
        *newest = (*newest).max(at);
    }
}

fn add(counts: &mut BTreeMap<String, u64>, what: &str, rows: u64) {
    if rows > 0 {
        let count = counts.entry(what.to_owned()).or_default();
        *count = count.saturating_add(rows);
    }
}
