//! Incidents by hand: what was said, in any order, and what it comes to.

use std::collections::BTreeMap;

use model::event::{EPISODE_OF, IncidentObservation, MESSAGE, MESSAGE_AT, MESSAGE_OF};
use model::fact::RecordFact;
use model::time::Micros;

use super::{Incident, IncidentStatus, folded};

/// Minute of a day in September.
pub fn minute(minute: i64) -> Micros {
    let day = Micros::of(model::time::instant("2026-09-01").unwrap());
    day.plus(minute * Micros::MINUTE)
}

/// A row that says nothing but its id.
pub fn row(id: &str) -> RecordFact<IncidentObservation> {
    RecordFact {
        key: id.to_owned(),
        source: "test".to_owned(),
        observed_at: minute(0),
        subjects: Vec::new(),
        body: IncidentObservation {
            external_id: id.to_owned(),
            title: id.to_owned(),
            severity: None,
            status: "open".to_owned(),
            started_at: None,
            detected_at: None,
            acknowledged_at: None,
            mitigated_at: None,
            resolved_at: None,
            resolved_at_latest: None,
            entities: Vec::new(),
            parent: None,
            cause: None,
            labels: BTreeMap::new(),
        },
    }
}

fn message(id: &str, of: &str, what: &str, at: i64) -> RecordFact<IncidentObservation> {
    let mut row = row(id);
    for (name, value) in [
        (MESSAGE_OF, of.to_owned()),
        (MESSAGE, what.to_owned()),
        (MESSAGE_AT, minute(at).to_string()),
    ] {
        row.body.labels.insert(name.to_owned(), value);
    }
    match what {
        "acknowledged" => row.body.acknowledged_at = Some(minute(at)),
        "resolved" => row.body.resolved_at = Some(minute(at)),
        _ => {}
    }
    row.body.detected_at = Some(minute(0));
    row.body.status = match what {
        "resolved" | "acknowledged" => what,
        _ => "open",
    }
    .to_owned();
    row
}

fn alert(
    of: &str,
    group: &str,
    from: i64,
    to: Option<i64>,
) -> Vec<RecordFact<IncidentObservation>> {
    let mut firing = message(&format!("{of}-f"), of, "firing", from);
    firing.body.detected_at = Some(minute(from));
    firing.body.labels.insert(EPISODE_OF.to_owned(), group.to_owned());
    let mut all = vec![firing.clone()];
    if let Some(to) = to {
        let mut resolved = message(&format!("{of}-r"), of, "resolved", to);
        resolved.body.detected_at = Some(minute(from));
        resolved.body.labels.insert(EPISODE_OF.to_owned(), group.to_owned());
        all.push(resolved);
    }
    all
}

fn at(rows: &[RecordFact<IncidentObservation>], as_of: i64) -> Vec<Incident> {
    let found = folded(rows, minute(as_of));
    let mut turned = rows.to_vec();
    turned.reverse();
    assert_eq!(found, folded(&turned, minute(as_of)), "the order of the rows must not matter");
    found
}

#[test]
fn events_of_one_incident_are_one_incident_at_every_instant() {
    let rows = [
        message("1", "P", "triggered", 0),
        message("2", "P", "acknowledged", 4),
        message("3", "P", "resolved", 30),
    ];
    assert!(at(&rows, -1).is_empty(), "nothing had happened");
    let stages = [
        (0, IncidentStatus::Open, None, None),
        (10, IncidentStatus::Acknowledged, Some(4), None),
        (30, IncidentStatus::Resolved, Some(4), Some(30)),
    ];
    for (as_of, status, acknowledged, resolved) in stages {
        let found = at(&rows, as_of);
        assert_eq!(found.len(), 1, "{as_of}");
        assert_eq!(found[0].id, "P");
        assert_eq!(found[0].status, status, "{as_of}");
        assert_eq!(found[0].acknowledged_at, acknowledged.map(minute));
        assert_eq!(found[0].resolved_at.map(|end| end.1), resolved.map(minute));
    }
}

#[test]
fn reopened_within_thirty_minutes_it_is_the_same() {
    let soon = [
        message("1", "P", "triggered", 0),
        message("2", "P", "resolved", 30),
        message("3", "P", "reopened", 60),
        message("4", "P", "resolved", 90),
    ];
    let found = at(&soon, 1000);
    assert_eq!((found.len(), found[0].reopened), (1, 1));
    assert_eq!(found[0].resolved_at, Some((minute(90), minute(90))));
    assert!(at(&soon, 70)[0].is_open());
    let mut late = soon.clone();
    late[2] = message("3", "P", "reopened", 61);
    let found = at(&late, 1000);
    assert_eq!(found.len(), 2);
    assert_eq!((&*found[1].id, found[1].detected_at), ("P#2", Some(minute(61))));
    assert_eq!(found[0].resolved_at, Some((minute(30), minute(30))));
}

#[test]
fn alerts_of_a_group_are_one_incident_while_any_fires_and_thirty_minutes_on() {
    let mut rows = alert("a", "g", 0, Some(20));
    rows.extend(alert("b", "g", 10, Some(40)));
    rows.extend(alert("a", "g", 70, Some(75)).into_iter().map(|mut row| {
        row.body.labels.insert(MESSAGE_OF.to_owned(), "a2".to_owned());
        row.body.external_id.push('2');
        row
    }));
    rows.extend(alert("c", "g", 106, None));
    rows.extend(alert("d", "other", 10, None));
    let found = at(&rows, 1000);
    let shown: Vec<(i64, u64, Option<i64>)> = found
        .iter()
        .map(|one| {
            let since = |at: Micros| (at.0 - minute(0).0) / Micros::MINUTE;
            (since(one.began().unwrap()), one.members, one.resolved_at.map(|end| since(end.1)))
        })
        .collect();
    assert_eq!(shown, [(0, 3, Some(75)), (10, 1, None), (106, 1, None)]);
    assert_eq!(found[0].reopened, 1);
}

#[test]
fn a_range_is_open_until_its_later_bound() {
    let mut one = row("r");
    one.body.started_at = Some(minute(0));
    one.body.resolved_at = Some(minute(40));
    one.body.resolved_at_latest = Some(minute(60));
    one.body.status = "resolved".to_owned();
    let rows = [one];
    assert!(at(&rows, 50)[0].is_open());
    assert_eq!(at(&rows, 50)[0].resolved_at, None);
    assert_eq!(at(&rows, 60)[0].resolved_at, Some((minute(40), minute(60))));
}

#[test]
fn parts_count_under_the_whole_and_a_ring_counts_once() {
    let with = |id: &str, parent: &str| {
        let mut one = row(id);
        one.body.started_at = Some(minute(0));
        one.body.parent = Some(parent.to_owned()).filter(|parent| !parent.is_empty());
        one
    };
    let rows = [
        with("whole", ""),
        with("part", "whole"),
        with("grandchild", "part"),
        with("lost", "gone"),
        with("x", "y"),
        with("y", "x"),
    ];
    let found = at(&rows, 10);
    let counted: Vec<&str> =
        found.iter().filter(|one| one.counted_under.is_none()).map(|one| &*one.id).collect();
    assert_eq!(counted, ["lost", "whole", "x"]);
}

#[test]
fn an_end_that_nobody_dates_is_an_end() {
    let mut one = row("e");
    one.body.started_at = Some(minute(0));
    one.body.status = "resolved".to_owned();
    one.observed_at = minute(100);
    let rows = [one];
    assert!(at(&rows, 100)[0].has_unknown_end());
    assert!(at(&rows, 50)[0].is_open(), "at that instant nobody had said that it ended");
}
