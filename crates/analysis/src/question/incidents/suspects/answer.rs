//! The answer in words and figures from a ranking.

use model::absence::Absence;
use model::measure::Measure;

use super::deviation::Deviation;
use super::facts::{SeriesOwner, SeriesRole, SuspectFacts};
use super::judge::{Clue, Piece, Ranked, Ranking};
use super::shape::{Suspect, SuspectCall, SuspectChange, SuspectEntity, SuspectEvidence};

/// Score from which evidence is strong.
const STRONG: f64 = 1.5;
/// Score from which it is more than a hint.
const NOTABLE: f64 = 0.7;
/// How far ahead of the next a suspect is that stands out.
const AHEAD: f64 = 1.5;
/// Changes that are listed of one suspect.
const CHANGES_MAX: usize = 5;

/// An entity by its names.
pub(super) fn entity_of(facts: &SuspectFacts, subject: usize) -> SuspectEntity {
    let subject = &facts.subjects[subject];
    SuspectEntity { id: subject.id.clone(), name: subject.name.clone(), kind: subject.kind.clone() }
}

/// The first of the suspects.
pub(super) fn suspects_of(
    facts: &SuspectFacts,
    ranking: &Ranking,
    kept: &[&Ranked],
) -> Vec<Suspect> {
    let top = kept.first().map_or(0.0, |one| one.score);
    let suspect = |(place, one): (usize, &&Ranked)| {
        let next = kept.get(place + 1).map_or(0.0, |next| next.score);
        // Nothing leads from the symptom to what it does not depend on: that stays a hint.
        let is_reached = !one.path.is_empty();
        let is_ahead = place == 0 && one.score >= AHEAD * next;
        let confidence = match one.score {
            score if is_reached && score >= STRONG && is_ahead && !ranking.is_weak => "high",
            score if is_reached && score >= NOTABLE && score * AHEAD >= top => "medium",
            _ => "low",
        };
        let changes = one.changes.iter().take(CHANGES_MAX).map(|(place, weight)| {
            let change = &facts.changes[*place];
            SuspectChange {
                at: change.at,
                kind: change.kind.clone(),
                title: change.title.clone(),
                source: change.source.clone(),
                weight: rounded(*weight),
            }
        });
        Suspect {
            rank: place as u64 + 1,
            entity: entity_of(facts, one.subject),
            score: rounded(one.score),
            confidence: confidence.to_owned(),
            path: one.path.iter().map(|at| entity_of(facts, *at)).collect(),
            evidence: one.pieces.iter().map(|piece| evidence(facts, ranking, piece)).collect(),
            changes: changes.collect(),
        }
    };
    kept.iter().enumerate().map(suspect).collect()
}

fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

fn evidence(facts: &SuspectFacts, ranking: &Ranking, piece: &Piece) -> SuspectEvidence {
    let series = piece.series.map(|place| &facts.series[place]);
    let found: Option<&Deviation> = piece.series.and_then(|at| ranking.deviations[at].as_ref());
    let unit = series.map_or("", |one| one.unit.as_str());
    // Of what went well the share that failed is compared.
    let turned = |value: f64| match series.map(|one| one.role) {
        Some(SeriesRole::Success) => 1.0 - value,
        _ => value,
    };
    let measure = |value: Option<f64>, n: Option<usize>| match value {
        Some(value) => Measure::new(turned(value), unit).of(n.unwrap_or(0) as u64),
        None => Measure::absent(unit, Absence::NoData),
    };
    let is_there = |one: &&Deviation| one.points > 0;
    let name = |subject: usize| facts.subjects[subject].name.clone();
    SuspectEvidence {
        clue: word(piece.clue).to_owned(),
        meaning: meaning(piece.clue).to_owned(),
        strength: rounded(piece.strength),
        metric: series.map(|one| one.name.clone()),
        statistic: series.map(|one| one.statistic.clone()).filter(|text| !text.is_empty()),
        call: series.and_then(|one| match one.owner {
            SeriesOwner::Call(from, to) => Some(SuspectCall { from: name(from), to: name(to) }),
            SeriesOwner::Subject(_) => None,
        }),
        expected: measure(found.map(|one| one.expected), found.map(|one| one.baseline_points)),
        observed: measure(
            found.filter(is_there).map(|one| one.observed),
            found.map(|one| one.points),
        ),
        distance: found.filter(is_there).map(|one| rounded(one.distance)),
    }
}

fn word(clue: Clue) -> &'static str {
    match clue {
        Clue::Latency => "latency",
        Clue::Network => "network",
        Clue::Resource => "resource",
        Clue::Errors => "errors",
        Clue::EarlyAnswers => "early_answers",
        Clue::StoppedCalls => "stopped_calls",
        Clue::Change => "change",
    }
}

fn meaning(clue: Clue) -> &'static str {
    match clue {
        Clue::Latency => "answers more slowly, and what it calls does not account for it",
        Clue::Network => "its calls take longer on the way, while nobody works longer",
        Clue::Resource => "something it uses deviates",
        Clue::Errors => "fails, and what it calls does not account for it",
        Clue::EarlyAnswers => "answers faster than before, as early failures do",
        Clue::StoppedCalls => "is still called and stopped calling",
        Clue::Change => "was altered before the start",
    }
}
