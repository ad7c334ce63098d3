//! Which deliveries count. All of one account and period are put in order of the export's own time, else the
//! observation's, ties by content hash, never by arrival; in that order each one replaces the one before,
//! unless it is much smaller than it, which is held.

use std::collections::BTreeMap;

use model::decision::DeliveryChoice;

/// A delivery with fewer rows or days than this share of what it would replace is held.
const HELD_BELOW_PERCENT: u64 = 80;

/// One delivery of one account and period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill<I> {
    /// Number in the store.
    pub id: I,
    /// Format.
    pub format: String,
    /// Export's own time, else the observation's.
    pub exported_at: i64,
    /// Hash of its last file.
    pub content_hash: String,
    /// Rows.
    pub rows: u64,
    /// Days with a row.
    pub days: u64,
    /// Whether every file of it has arrived.
    pub is_complete: bool,
    /// `counted`, `held`, `superseded` or `other_format`.
    pub state: String,
    /// Why.
    pub reason: Option<String>,
    /// What a user chose for it, should it be held.
    pub choice: Option<DeliveryChoice>,
}

/// The states of all deliveries of one account and period.
pub fn settled<I: Copy + Ord>(mut bills: Vec<Bill<I>>) -> Vec<Bill<I>> {
    bills.sort_by(|a, b| {
        (&a.format, a.exported_at, &a.content_hash, a.id).cmp(&(
            &b.format,
            b.exported_at,
            &b.content_hash,
            b.id,
        ))
    });
    // What counts so far, by format: one delivery, and those that a user added to it.
    let mut counted: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for position in 0..bills.len() {
        let format = bills[position].format.clone();
        let before = counted.get(&format).cloned().unwrap_or_default();
        let held =
            hold(&bills[position], &before.iter().map(|one| &bills[*one]).collect::<Vec<_>>());
        let bill = &mut bills[position];
        let choice = bill.choice.filter(|_| bill.is_complete && held.is_some());
        match (held, choice) {
            (Some(reason), None) => {
                bill.state = "held".to_owned();
                bill.reason = Some(reason);
                continue;
            }
            (_, Some(DeliveryChoice::Add)) => {
                bill.state = "counted".to_owned();
                bill.reason = None;
                counted.entry(format).or_default().push(position);
                continue;
            }
            _ => {}
        }
        bill.state = "counted".to_owned();
        bill.reason = None;
        for one in before {
            bills[one].state = "superseded".to_owned();
            bills[one].reason = Some("a newer delivery replaces it".to_owned());
        }
        counted.insert(format, vec![position]);
    }
    // FOCUS goes before every other format.
    let winner = if counted.contains_key("focus") { Some("focus") } else { None };
    let winner = winner.map(str::to_owned).or_else(|| counted.keys().next().cloned());
    for (format, positions) in &counted {
        if Some(format) == winner.as_ref() {
            continue;
        }
        for position in positions {
            bills[*position].state = "other_format".to_owned();
            let reason = format!("{} counts", winner.as_deref().unwrap_or_default());
            bills[*position].reason = Some(reason);
        }
    }
    bills
}

/// Why a delivery does not replace what counts before it, if so: the rows of several add up, their
/// days are taken as those of the one with most.
fn hold<I>(bill: &Bill<I>, before: &[&Bill<I>]) -> Option<String> {
    if !bill.is_complete {
        return Some("a file of it is still arriving".to_owned());
    }
    let rows = before.iter().map(|one| one.rows).sum::<u64>();
    let days = before.iter().map(|one| one.days).max()?;
    let is_short =
        |now: u64, before: u64| now.saturating_mul(100) < before.saturating_mul(HELD_BELOW_PERCENT);
    for (what, now, before) in [("rows", bill.rows, rows), ("days", bill.days, days)] {
        if is_short(now, before) {
            return Some(format!(
                "{now} {what}, under {HELD_BELOW_PERCENT} % of the {before} it would replace"
            ));
        }
    }
    None
}
