//! Rejects of telemetry, counted by reason: a million bad samples are one line that says so.

use std::collections::BTreeMap;

use model::Reject;

use crate::input::Out;

/// Reasons that are told apart.
const REASONS_MAX: usize = 500;
/// Bytes of a reason that are told apart.
const REASON_BYTES: usize = 300;

/// Rejects by reason, each with the place of the first.
#[derive(Debug, Default)]
pub struct Tally {
    by_reason: BTreeMap<String, (String, u64)>,
}

impl Tally {
    /// Counts `count` records that were not taken.
    pub fn add(&mut self, reason: &str, count: u64, place: impl FnOnce() -> String) {
        let reason = &reason[..reason.floor_char_boundary(REASON_BYTES)];
        if let Some((_, known)) = self.by_reason.get_mut(reason) {
            *known = known.saturating_add(count);
            return;
        }
        let reason = if self.by_reason.len() < REASONS_MAX { reason } else { "and other reasons" };
        let entry = self.by_reason.entry(reason.to_owned()).or_insert_with(|| (place(), 0));
        entry.1 = entry.1.saturating_add(count);
    }

    /// Puts them out.
    pub fn close(self, out: &mut Out<'_>) {
        for (reason, (place, count)) in self.by_reason {
            if count > 0 {
                let name = out.batch().input.name.clone();
                out.batch().rejects.push(Reject { count, ..Reject::new(name, place, reason) });
                out.added(1);
            }
        }
    }
}
