//! Calls of spans and of tools that count them, as series: the calls of consecutive slots of time, each
//! slot one value.

use std::collections::BTreeMap;

use model::fact::CallFact;
use model::seam::ReadContext;
use model::series::Bin;
use model::time::{Micros, Window};

use super::facts::{SeriesOwner, SeriesRole, SuspectSeries};
use super::roster::Roster;
use crate::ask::{AskContext, AskError};

/// Slots before the window.
const SLOTS_BEFORE: i64 = 45;
/// Slots of the window, at most.
const SLOTS_WITHIN: i64 = 5;

/// Calls of one pair or of one callee in one slot.
#[derive(Debug, Clone, Default)]
struct Tally {
    calls: u64,
    errors: u64,
    waited: (f64, u64),
    served: (f64, u64),
    is_scaled: bool,
}

impl Tally {
    fn add(&mut self, fact: &CallFact) {
        self.calls = self.calls.saturating_add(fact.calls);
        self.errors = self.errors.saturating_add(fact.errors);
        self.is_scaled |= fact.is_scaled;
        for (sum, bins) in
            [(&mut self.waited, &fact.client_bins), (&mut self.served, &fact.server_bins)]
        {
            for (bin, count) in bins {
                sum.0 += seconds(*bin) * *count as f64;
                sum.1 = sum.1.saturating_add(*count);
            }
        }
    }
}

fn seconds(bin: Bin) -> f64 {
    bin.value().max(0.0)
}

/// The slots: each with its ends, in order of time; those of the window last.
fn slots(start: Micros, end: Micros, guard: i64) -> (i64, Vec<(Micros, Micros)>) {
    let length = end.0.saturating_sub(start.0).max(Micros::MINUTE);
    let minutes = (length / Micros::MINUTE).max(1);
    let step = ((minutes + SLOTS_WITHIN - 1) / SLOTS_WITHIN).max(1) * Micros::MINUTE;
    let mut all = Vec::new();
    let before = start.plus(-guard);
    for place in (1..=SLOTS_BEFORE).rev() {
        all.push((before.plus(-place * step), before.plus(-(place - 1) * step)));
    }
    let mut at = start;
    while at < end {
        let to = at.plus(step).min(end);
        // A last slot much shorter than the others is not like them.
        if to.0 - at.0 >= step / 2 {
            all.push((at, to));
        }
        at = at.plus(step);
    }
    (step, all)
}

/// Series of the calls among subjects. Reads one fact a pair and slot.
pub(super) async fn traced(
    ctx: &AskContext,
    read: &ReadContext,
    roster: &mut Roster,
    (start, end): (Micros, Micros),
    guard: i64,
) -> Result<Vec<SuspectSeries>, AskError> {
    let (step, slots) = slots(start, end, guard);
    let mut pairs: BTreeMap<(usize, usize), Vec<(Micros, Tally)>> = BTreeMap::new();
    let mut callees: BTreeMap<usize, Vec<(Micros, Tally)>> = BTreeMap::new();
    let whole =
        Window { from: slots.first().map_or(start, |one| one.0).timestamp(), to: end.timestamp() };
    if ctx.telemetry.calls(read, whole).await?.is_empty() {
        return Ok(Vec::new());
    }
    for (from, to) in slots {
        let window = Window { from: from.timestamp(), to: to.timestamp() };
        for fact in ctx.telemetry.calls(read, window).await? {
            let client = roster.of_entity(fact.client);
            let Some(server) = roster.of_entity(fact.server) else { continue };
            add(callees.entry(server).or_default(), from, &fact);
            if let Some(client) = client.filter(|client| *client != server) {
                roster.calls.insert((client, server));
                add(pairs.entry((client, server)).or_default(), from, &fact);
            }
        }
    }
    let mut all = Vec::new();
    for ((from, to), tallies) in pairs {
        all.extend(series(SeriesOwner::Call(from, to), &tallies, step));
    }
    for (one, tallies) in callees {
        all.extend(series(SeriesOwner::Subject(one), &tallies, step));
    }
    Ok(all)
}

fn add(tallies: &mut Vec<(Micros, Tally)>, at: Micros, fact: &CallFact) {
    if tallies.last().is_none_or(|last| last.0 != at) {
        tallies.push((at, Tally::default()));
    }
    if let Some((_, tally)) = tallies.last_mut() {
        tally.add(fact);
    }
}

/// Waiting, work, failures and rate of what was tallied.
fn series(owner: SeriesOwner, tallies: &[(Micros, Tally)], step: i64) -> Vec<SuspectSeries> {
    let of = |role: SeriesRole, name: &str, unit: &str, value: &dyn Fn(&Tally) -> Option<f64>| {
        let points = tallies.iter().filter_map(|(at, tally)| Some((*at, value(tally)?)));
        SuspectSeries {
            owner,
            role,
            name: name.to_owned(),
            statistic: if unit == "s" { "mean".to_owned() } else { String::new() },
            unit: unit.to_owned(),
            is_ratio: unit == "1",
            points: points.collect(),
            step,
        }
    };
    let mean = |(sum, count): (f64, u64)| (count > 0).then(|| sum / count as f64);
    let failed = |one: &Tally| (one.calls > 0).then(|| one.errors as f64 / one.calls as f64);
    let rate = |one: &Tally| one.is_scaled.then(|| one.calls as f64 / (step as f64 / 1e6));
    let waited = |one: &Tally| mean(one.waited);
    let served = |one: &Tally| mean(one.served);
    let mut all = vec![
        of(SeriesRole::Latency, "calls, callee's time", "s", &served),
        of(SeriesRole::Errors, "calls that failed", "1", &failed),
    ];
    match owner {
        SeriesOwner::Call(..) => {
            all.push(of(SeriesRole::CallerLatency, "calls, caller's time", "s", &waited));
        }
        SeriesOwner::Subject(_) => all.push(of(SeriesRole::Rate, "calls", "/s", &rate)),
    }
    all.retain(|one| !one.points.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_of_a_window_are_of_one_length_and_leave_the_time_before_it() {
        let start = Micros(100 * Micros::HOUR);
        let (step, all) = slots(start, start.plus(10 * Micros::MINUTE), 5 * Micros::MINUTE);
        assert_eq!(step, 2 * Micros::MINUTE);
        assert_eq!(all.len() as i64, SLOTS_BEFORE + 5);
        assert_eq!(all[SLOTS_BEFORE as usize - 1].1, start.plus(-5 * Micros::MINUTE));
        assert_eq!(all[SLOTS_BEFORE as usize].0, start);
    }
}
