//! Who is to blame: evidence of each subject, cleared of what others explain. Latency and failures travel
//! from callee to caller, so what callees account for is taken off the caller. A call whose caller waits
//! longer while the callee is no slower accuses the way between them: that of the subject most of whose
//! calls show it. What is too small to have caused the symptom's trouble counts less.

use std::collections::{BTreeMap, BTreeSet};

use model::time::Micros;

use super::condense::{Condensed, LatencyChange, condensed};
use super::deviation::{Deviation, Ends, STRONG_MIN};
use super::facts::SuspectFacts;
use super::position::{changes, paths};

/// Longest baseline before the window.
pub(super) const BASELINE: i64 = 7 * Micros::DAY;
/// Time before the start that is in neither.
pub(super) const GUARD: i64 = 5 * Micros::MINUTE;
/// Severity below which callees explain nothing and the symptom has no kind.
const NOTICED: f64 = 0.3;
/// Least score of a suspect.
const SCORE_MIN: f64 = 0.05;
/// Share of the symptom's trouble that a cause must be able to account for, at least.
const IMPACT_MIN: f64 = 0.2;
/// What remains of evidence that cannot account for it, and of what is of another kind of trouble.
const REST: f64 = 0.2;
/// Weights of a subject's kinds of evidence, strongest first: agreement adds, repetition little.
const WEIGHTS: [f64; 6] = [1.0, 0.5, 0.25, 0.1, 0.1, 0.1];
/// Factor for subjects that the symptom does not depend on.
const UNREACHED: f64 = 0.3;
/// How near to the first of these it may come.
const BEHIND: f64 = 0.9;
/// Factor for hops that only their callers know.
const CALLERS_VIEW: f64 = 0.6;

/// What a piece of evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Clue {
    /// It answers more slowly, and what it calls does not account for it.
    Latency,
    /// Its callers or callees wait, and nobody works longer.
    Network,
    /// Something it uses deviates.
    Resource,
    /// It fails, and what it calls does not account for it.
    Errors,
    /// It answers faster than ever: early failures do.
    EarlyAnswers,
    /// It is still called and stopped calling.
    StoppedCalls,
    /// It was altered.
    Change,
}

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    /// What it is.
    pub clue: Clue,
    /// What it adds before weighting.
    pub strength: f64,
    /// The series that shows it best.
    pub series: Option<usize>,
}

/// One suspect.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ranked {
    /// Place in the facts.
    pub subject: usize,
    /// Sum of its weighted evidence.
    pub score: f64,
    /// Evidence, strongest first.
    pub pieces: Vec<Piece>,
    /// From the symptom to the suspect; empty when the symptom does not depend on it.
    pub path: Vec<usize>,
    /// Changes that count, by place in the facts, with their weights.
    pub changes: Vec<(usize, f64)>,
}

/// The ranking.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Ranking {
    /// Suspects, worst first; ties by name.
    pub ranked: Vec<Ranked>,
    /// Deviation of each series.
    pub deviations: Vec<Option<Deviation>>,
    /// Median number of baseline points of the series that could be judged.
    pub baseline_points: usize,
    /// Whether these are too few.
    pub is_weak: bool,
}

/// Ranks the suspects for trouble of `facts.symptom` in the window, which is half-open.
pub(super) fn suspects(facts: &SuspectFacts, (start, end): (Micros, Micros)) -> Ranking {
    let baseline = (start.plus(-BASELINE), start.plus(-GUARD));
    let ends = Ends { baseline, window: (start, end), masked: &facts.masked };
    let found = condensed(facts, &ends);
    let court = Court::new(facts, &found);
    let paths = paths(facts);
    let is_rooted = facts.calls.iter().any(|call| call.0 == facts.symptom);
    let mut ranked = Vec::new();
    for subject in 0..facts.subjects.len() {
        let mut pieces = court.pieces(subject);
        pieces.sort_by(|a, b| b.strength.total_cmp(&a.strength).then(a.clue.cmp(&b.clue)));
        let weighted = pieces.iter().zip(WEIGHTS).map(|(piece, weight)| piece.strength * weight);
        let mut score: f64 = weighted.sum();
        let changes = changes(facts, subject, start);
        let change = changes.iter().map(|one| one.1).fold(0.0, f64::max);
        if change > 0.0 {
            let strength = change * (0.2 + 0.5 * score.min(1.0));
            score += strength;
            pieces.push(Piece { clue: Clue::Change, strength, series: None });
        }
        let path = paths.get(&subject).cloned().unwrap_or_default();
        if path.is_empty() && is_rooted {
            score *= UNREACHED;
        }
        if facts.subjects[subject].is_callers_view {
            score *= CALLERS_VIEW;
        }
        pieces.retain(|piece| piece.strength >= SCORE_MIN);
        if score >= SCORE_MIN {
            ranked.push(Ranked { subject, score, pieces, path, changes });
        }
    }
    hold_back(&mut ranked, is_rooted);
    ranked.sort_by(|a, b| {
        let subject = |one: &Ranked| &facts.subjects[one.subject];
        let name = |one: &Ranked| (&subject(one).name, &subject(one).id);
        b.score.total_cmp(&a.score).then_with(|| name(a).cmp(&name(b)))
    });
    let mut points: Vec<usize> =
        found.deviations.iter().flatten().map(|one| one.baseline_points).collect();
    points.sort_unstable();
    let baseline_points = points.get(points.len() / 2).copied().unwrap_or(0);
    let is_weak = baseline_points < STRONG_MIN;
    Ranking { ranked, deviations: found.deviations, baseline_points, is_weak }
}

/// What the symptom does not depend on stays behind whatever it depends on and is noticed.
fn hold_back(ranked: &mut [Ranked], is_rooted: bool) {
    let reached = ranked.iter().filter(|one| !one.path.is_empty());
    let top = reached.map(|one| one.score).fold(0.0, f64::max);
    if is_rooted && top > NOTICED {
        for one in ranked.iter_mut().filter(|one| one.path.is_empty()) {
            one.score = one.score.min(BEHIND * top);
        }
    }
}

/// What is known while subjects are judged.
struct Court<'a> {
    found: &'a Condensed,
    callees: BTreeMap<usize, BTreeSet<usize>>,
    callers: BTreeMap<usize, BTreeSet<usize>>,
    /// How much of the symptom's trouble is latency, and how much failures; 1 for all.
    kinds: (f64, f64),
    /// Seconds of waiting per second, and failures per second, that the symptom has in excess.
    trouble: (f64, f64),
    /// Waiting that nobody works for, over all calls.
    gaps: f64,
}

impl<'a> Court<'a> {
    fn new(facts: &'a SuspectFacts, found: &'a Condensed) -> Self {
        let mut callees: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        let mut callers: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for (from, to) in facts.calls.iter().filter(|(from, to)| from != to) {
            callees.entry(*from).or_default().insert(*to);
            callers.entry(*to).or_default().insert(*from);
        }
        let kinds = (1.0, 1.0);
        let mut court = Self { found, callees, callers, kinds, trouble: (0.0, 0.0), gaps: 0.0 };
        court.gaps = found.waited.keys().filter_map(|call| court.gap(*call)).map(|one| one.0).sum();
        let symptom = facts.symptom;
        let slow = found.latency.get(&symptom).map_or(0.0, |one| one.up);
        let failing = found.errors.get(&symptom).map_or(0.0, |one| one.severity);
        let rate = found.rates.get(&symptom).copied().unwrap_or(0.0);
        let top = slow.max(failing);
        if top > NOTICED {
            court.kinds = ((slow / top).max(REST), (failing / top).max(REST));
        }
        if slow > NOTICED {
            court.trouble.0 = court.waited_more(symptom) * rate;
        }
        if failing > NOTICED {
            court.trouble.1 = found.errors[&symptom].delta * rate;
        }
        court
    }

    fn callees(&self, subject: usize) -> impl Iterator<Item = usize> + '_ {
        self.callees.get(&subject).into_iter().flatten().copied()
    }

    fn callers(&self, subject: usize) -> impl Iterator<Item = usize> + '_ {
        self.callers.get(&subject).into_iter().flatten().copied()
    }

    /// Seconds that a request to a subject takes longer.
    fn waited_more(&self, subject: usize) -> f64 {
        let own = self.found.latency.get(&subject).map_or(0.0, |one| one.delta_mean);
        let seen: Vec<f64> = self
            .callers(subject)
            .filter_map(|from| self.found.waited.get(&(from, subject)))
            .map(|one| one.delta_mean)
            .collect();
        own.max(mean(&seen))
    }

    /// Seconds that a call takes longer, as either end or the callee as a whole sees it.
    fn slower(&self, from: usize, to: usize) -> f64 {
        let all = [
            self.found.waited.get(&(from, to)),
            self.found.served.get(&(from, to)),
            self.found.latency.get(&to),
        ];
        let noticed = all.into_iter().flatten().filter(|one| one.up > NOTICED);
        noticed.map(|one| one.delta).fold(0.0, f64::max)
    }

    /// What a subject's evidence counts, given how much trouble it can account for.
    fn impact(&self, part: f64, whole: f64) -> f64 {
        if whole <= 0.0 { 1.0 } else { (part / (IMPACT_MIN * whole)).clamp(REST, 1.0) }
    }

    fn pieces(&self, subject: usize) -> Vec<Piece> {
        let rate = self.found.rates.get(&subject).copied();
        let of_latency = self.kinds.0
            * rate
                .map_or(1.0, |rate| self.impact(self.waited_more(subject) * rate, self.trouble.0));
        let failing = self.found.errors.get(&subject);
        let of_errors = self.kinds.1
            * rate.map_or(1.0, |rate| {
                self.impact(failing.map_or(0.0, |one| one.delta) * rate, self.trouble.1)
            });
        let all = [
            scaled(self.own_latency(subject), of_latency),
            scaled(self.network(subject), of_latency),
            self.resource(subject),
            scaled(self.own_errors(subject), of_errors),
            scaled(self.early_answers(subject), self.kinds.1),
            self.stopped_calls(subject),
        ];
        all.into_iter().flatten().filter(|piece| piece.strength > 0.0).collect()
    }

    /// Slower answers, less what callees account for.
    fn own_latency(&self, subject: usize) -> Option<Piece> {
        let own = self.found.latency.get(&subject);
        let served: Vec<&LatencyChange> = self
            .callers(subject)
            .filter_map(|from| self.found.served.get(&(from, subject)))
            .collect();
        let seen = mean(&served.iter().map(|one| one.up).collect::<Vec<f64>>());
        let severity = own.map_or(0.0, |one| one.up).max(seen);
        let slower = own.into_iter().chain(served.iter().copied()).filter(|one| one.up > 0.0);
        let delta = slower.map(|one| one.delta).fold(0.0, f64::max);
        let explained: f64 = self.callees(subject).map(|to| self.slower(subject, to)).sum();
        let share = if delta > 0.0 { (1.0 - explained / delta).max(0.0) } else { 1.0 };
        let worst = own.into_iter().chain(served).max_by(|a, b| a.up.total_cmp(&b.up))?;
        Some(Piece { clue: Clue::Latency, strength: severity * share, series: Some(worst.worst) })
    }

    /// What a caller waits longer without the callee working longer.
    fn gap(&self, call: (usize, usize)) -> Option<(f64, usize)> {
        let waited = self.found.waited.get(&call)?;
        let worked = self.found.served.get(&call).or_else(|| self.found.latency.get(&call.1));
        let worked = worked.filter(|one| one.up > 0.0).map_or(0.0, |one| one.delta);
        let share = if waited.up > 0.0 && waited.delta > 0.0 {
            (1.0 - worked / waited.delta).max(0.0)
        } else {
            0.0
        };
        Some((waited.up * share, waited.worst))
    }

    /// Waiting that nobody works for, averaged over the subject's calls in both directions. Who accounts
    /// for all such waiting is a better explanation than who accounts for a part of it.
    fn network(&self, subject: usize) -> Option<Piece> {
        let inward = self.callers(subject).map(|from| (from, subject));
        let calls = inward.chain(self.callees(subject).map(|to| (subject, to)));
        let gaps: Vec<(f64, usize)> = calls.filter_map(|call| self.gap(call)).collect();
        let worst = gaps.iter().max_by(|a, b| a.0.total_cmp(&b.0))?.1;
        let sum: f64 = gaps.iter().map(|gap| gap.0).sum();
        let covered = if self.gaps > 0.0 { sum / self.gaps } else { 0.0 };
        let strength = sum / gaps.len() as f64 * (1.0 + covered) / 2.0;
        Some(Piece { clue: Clue::Network, strength, series: Some(worst) })
    }

    fn resource(&self, subject: usize) -> Option<Piece> {
        let worst = self.found.resources.get(&subject)?.first()?;
        let series = Some(worst.series);
        Some(Piece { clue: Clue::Resource, strength: worst.severity, series })
    }

    /// Failures, less what failures of callees account for.
    fn own_errors(&self, subject: usize) -> Option<Piece> {
        let own = self.found.errors.get(&subject).filter(|one| one.delta > 0.0)?;
        let rates = &self.found.rates;
        let explained: f64 = self
            .callees(subject)
            .filter_map(|to| Some((to, self.found.errors.get(&to)?)))
            .filter(|(_, one)| one.severity > NOTICED)
            .map(|(to, one)| {
                let share = match (rates.get(&to), rates.get(&subject)) {
                    (Some(to), Some(from)) if *from > 0.0 => (to / from).min(1.0),
                    _ => 1.0,
                };
                one.delta * share
            })
            .sum();
        let strength = own.severity * (1.0 - explained / own.delta).max(0.0);
        Some(Piece { clue: Clue::Errors, strength, series: Some(own.series) })
    }

    fn early_answers(&self, subject: usize) -> Option<Piece> {
        let own = self.found.latency.get(&subject);
        let served: Vec<&LatencyChange> = self
            .callers(subject)
            .filter_map(|from| self.found.served.get(&(from, subject)))
            .collect();
        let seen = mean(&served.iter().map(|one| one.down).collect::<Vec<f64>>());
        let strength = 0.7 * own.map_or(0.0, |one| one.down).max(seen);
        let fastest = own.into_iter().chain(served).max_by(|a, b| a.down.total_cmp(&b.down))?;
        Some(Piece { clue: Clue::EarlyAnswers, strength, series: Some(fastest.fastest) })
    }

    /// Calls that always came and did not come, of a subject that is still called itself.
    fn stopped_calls(&self, subject: usize) -> Option<Piece> {
        let is_seen = |call: (usize, usize)| self.found.waited.get(&call);
        let mut callers = self.callers(subject).peekable();
        let is_alive = callers.peek().is_none()
            || callers.any(|from| is_seen((from, subject)).is_some_and(|one| !one.is_missing));
        let stopped: Vec<&LatencyChange> = self
            .callees(subject)
            .filter_map(|to| is_seen((subject, to)))
            .filter(|one| one.is_missing)
            .collect();
        let first = stopped.first().filter(|_| is_alive)?;
        let share = stopped.len() as f64 / self.callees(subject).count().max(1) as f64;
        Some(Piece { clue: Clue::StoppedCalls, strength: 3.0 * share, series: Some(first.worst) })
    }
}

fn scaled(piece: Option<Piece>, factor: f64) -> Option<Piece> {
    piece.map(|piece| Piece { strength: piece.strength * factor, ..piece })
}

fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

#[cfg(test)]
mod tests;
