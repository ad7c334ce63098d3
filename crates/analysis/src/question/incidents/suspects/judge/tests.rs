//! Small estates with one planted cause each, made by hand.

use super::super::facts::{
    SeriesOwner, SeriesRole, SuspectSeries, SuspectSubject, SuspectedChange,
};
use super::*;
use SeriesOwner::{Call, Subject};
use SeriesRole::{CallerLatency, Errors, Latency, Resource};

const NAMES: [&str; 5] = ["shop", "cart", "orders", "stock", "mail"];
/// shop → cart, shop → orders, orders → stock, orders → mail.
const CALLS: [(usize, usize); 4] = [(0, 1), (0, 2), (2, 3), (2, 4)];
const BEFORE: i64 = 120;
const WITHIN: i64 = 5;

fn start() -> Micros {
    Micros((BEFORE + 5) * Micros::MINUTE)
}

fn series(owner: SeriesOwner, role: SeriesRole, usual: f64, window: f64) -> SuspectSeries {
    let wave = |minute: i64| 1.0 + ((minute * 7 + 3) % 11 - 5) as f64 * 0.01;
    let points = (0..BEFORE + 5 + WITHIN).map(|minute| {
        let level = if minute >= BEFORE + 5 { window } else { usual };
        (Micros(minute * Micros::MINUTE), level * wave(minute))
    });
    let is_ratio = matches!(role, Errors | SeriesRole::Success);
    SuspectSeries {
        owner,
        role,
        name: format!("{role:?}"),
        statistic: String::new(),
        unit: String::new(),
        is_ratio,
        points: points.collect(),
        step: Micros::MINUTE,
    }
}

/// A quiet shop, in which some series take another level in the window.
fn shop(levels: &[(SeriesOwner, SeriesRole, f64)]) -> SuspectFacts {
    let subject = |name: &&str| SuspectSubject {
        id: (*name).to_owned(),
        name: (*name).to_owned(),
        kind: "service".to_owned(),
        is_callers_view: false,
    };
    let mut all = Vec::new();
    let mut add = |owner: SeriesOwner, role: SeriesRole, usual: f64| {
        let changed = levels.iter().find(|one| one.0 == owner && one.1 == role);
        all.push(series(owner, role, usual, changed.map_or(usual, |one| one.2)));
    };
    for place in 0..NAMES.len() {
        let owner = Subject(place);
        add(owner, Latency, 0.1);
        add(owner, Resource, 50.0);
        add(owner, Errors, 0.01);
    }
    for (from, to) in CALLS {
        add(Call(from, to), CallerLatency, 0.1);
        add(Call(from, to), Latency, 0.1);
    }
    SuspectFacts {
        subjects: NAMES.iter().map(subject).collect(),
        calls: CALLS.into_iter().collect(),
        series: all,
        ..SuspectFacts::default()
    }
}

fn ranking(facts: &SuspectFacts) -> Ranking {
    suspects(facts, (start(), start().plus(WITHIN * Micros::MINUTE)))
}

fn names(facts: &SuspectFacts) -> Vec<&'static str> {
    ranking(facts).ranked.iter().map(|one| NAMES[one.subject]).collect()
}

#[test]
fn a_quiet_shop_has_no_suspects() {
    assert_eq!(names(&shop(&[])), [""; 0]);
}

/// stock works two seconds longer; orders and the shop wait for it.
#[test]
fn a_slow_callee_explains_its_callers() {
    let facts = shop(&[
        (Subject(3), Latency, 2.1),
        (Call(2, 3), Latency, 2.1),
        (Call(2, 3), CallerLatency, 2.1),
        (Subject(2), Latency, 2.1),
        (Call(0, 2), Latency, 2.1),
        (Call(0, 2), CallerLatency, 2.1),
        (Subject(0), Latency, 2.1),
    ]);
    let found = ranking(&facts);
    assert_eq!(NAMES[found.ranked[0].subject], "stock");
    assert_eq!(found.ranked[0].path, [0, 2, 3]);
    assert_eq!(found.ranked[0].pieces[0].clue, Clue::Latency);
    assert!(found.ranked.len() == 1 || found.ranked[1].score < found.ranked[0].score / 3.0);
}

/// Every call of orders waits while nobody works longer: the way to and from orders.
#[test]
fn waiting_without_work_accuses_what_all_slow_calls_share() {
    let facts = shop(&[
        (Call(0, 2), CallerLatency, 0.6),
        (Call(2, 3), CallerLatency, 0.6),
        (Call(2, 4), CallerLatency, 0.6),
    ]);
    let found = ranking(&facts);
    assert_eq!(NAMES[found.ranked[0].subject], "orders");
    assert_eq!(found.ranked[0].pieces[0].clue, Clue::Network);
    // One slow call of several accuses its far end.
    assert_eq!(names(&shop(&[(Call(2, 3), CallerLatency, 0.6)]))[0], "stock");
}

#[test]
fn failures_are_pushed_to_the_callee_that_fails() {
    let facts =
        shop(&[(Subject(0), Errors, 0.4), (Subject(2), Errors, 0.4), (Subject(4), Errors, 0.4)]);
    assert_eq!(names(&facts)[0], "mail");
    assert_eq!(names(&shop(&[(Subject(0), Errors, 0.4)])), ["shop"]);
}

#[test]
fn a_change_adds_to_evidence_and_fades_by_the_hour() {
    let mut facts = shop(&[(Subject(1), Resource, 80.0), (Subject(3), Resource, 80.0)]);
    assert_eq!(names(&facts), ["cart", "stock"], "ties by name");
    let change = |subject: usize, hours: i64| SuspectedChange {
        subject,
        at: start().plus(-hours * Micros::HOUR),
        kind: "deployment".to_owned(),
        title: "release".to_owned(),
        source: "ci".to_owned(),
    };
    facts.changes = vec![change(3, 1), change(1, 5)];
    let found = ranking(&facts);
    assert_eq!(NAMES[found.ranked[0].subject], "stock");
    assert!((found.ranked[0].changes[0].1 - 0.5).abs() < 1e-12);
    assert!(found.ranked[1].changes.is_empty(), "older than four hours");
    // A change alone is a hint, weaker than what deviates.
    facts.changes = vec![change(4, 0)];
    assert_ne!(NAMES[ranking(&facts).ranked[0].subject], "mail");
}

/// What comes after the window changes nothing, nor do the five minutes before it.
/// The shop is slow by its stock; the mail, which it does not depend on, uses far more than usual.
#[test]
fn what_the_symptom_does_not_depend_on_stays_behind_what_it_does() {
    let slow = [
        (Subject(0), Latency, 0.3),
        (Subject(2), Latency, 0.3),
        (Subject(3), Latency, 0.3),
        (Subject(4), Resource, 5_000.0),
    ];
    let mut facts = shop(&slow);
    facts.calls.remove(&(2, 4));
    assert_eq!(names(&facts).first(), Some(&"stock"), "{:?}", names(&facts));
    assert!(names(&facts).contains(&"mail"));
}

#[test]
fn nothing_after_the_window_is_read() {
    let facts = shop(&[(Subject(3), Latency, 2.1)]);
    let mut more = facts.clone();
    for series in &mut more.series {
        series.points.push((start().plus(WITHIN * Micros::MINUTE), 1e9));
        series.points.insert(BEFORE as usize, (start().plus(-Micros::MINUTE), -1e9));
    }
    let score = |facts: &SuspectFacts| ranking(facts).ranked[0].score;
    assert!((score(&facts) - score(&more)).abs() < 1e-12);
}

#[test]
fn few_points_are_weak_and_masked_windows_are_left_out() {
    let mut facts = shop(&[(Subject(3), Latency, 2.1)]);
    assert!(!ranking(&facts).is_weak);
    facts.masked = vec![(Micros(0), Micros(100 * Micros::MINUTE))];
    let found = ranking(&facts);
    assert!(found.is_weak && found.baseline_points == 20, "{}", found.baseline_points);
}
