//! Tables and pages of incidents as tools write them, and rows that are wrong.

use std::ops::ControlFlow;

use model::Batch;
use proptest::prelude::*;

use super::message::{HARMED, LINK, TEAM};
use crate::context::InputContext;

/// What is read of a text, as one batch.
pub fn read_whole(text: &str) -> Batch {
    let mut whole: Option<Batch> = None;
    let context = InputContext::default();
    let read = crate::read("input", text.as_bytes(), &context, &mut |batch| {
        match &mut whole {
            None => whole = Some(batch),
            Some(whole) => {
                whole.incidents.extend(batch.incidents);
                whole.changes.extend(batch.changes);
                whole.rejects.extend(batch.rejects);
            }
        }
        ControlFlow::Continue(())
    });
    read.unwrap();
    whole.unwrap()
}

#[test]
fn a_status_page_gives_ends_as_ranges() {
    let batch = read_whole(
        "id,name,impact,created_at,started_at,monitoring_at,last_seen_open_at,first_seen_gone_at,\
         duration_min_upper_bound,n_updates,components,shortlink\n\
         a1,Delays,minor,2021-08-10T20:09:03.904Z,2021-08-10T20:09:03.894Z,\
         2021-08-10T22:37:02.850Z,2021-08-10T22:53:08Z,2021-08-10T23:10:00Z,181,4,\
         Git Operations|Pages,https://stspg.io/x\n",
    );
    assert_eq!(batch.rejects, []);
    assert_eq!(batch.input.source, "status-page");
    let one = &batch.incidents[0];
    assert_eq!(one.started_at.unwrap().to_string(), "2021-08-10T20:09:03.894Z");
    assert_eq!((one.detected_at, one.acknowledged_at), (None, None));
    assert_eq!(one.mitigated_at.unwrap().to_string(), "2021-08-10T22:37:02.85Z");
    assert_eq!(one.resolved_at.unwrap().to_string(), "2021-08-10T22:53:08Z");
    assert_eq!(one.resolved_at_latest.unwrap().to_string(), "2021-08-10T23:10:00Z");
    assert_eq!((&*one.status, one.severity.as_deref()), ("resolved", Some("minor")));
    assert_eq!(one.labels[HARMED], "Git Operations|Pages");
    assert_eq!(one.labels[LINK], "https://stspg.io/x");
    assert_eq!(one.labels["n_updates"], "4");
    assert_eq!(one.entities.len(), 2);
}

#[test]
fn a_table_of_tickets_has_other_names_and_missing_ends() {
    let batch = read_whole(
        "Number;Short Description;Priority;State;Opened At;Acknowledged At;Resolved At;Team;Service\n\
         INC1;Disk full;P2;In Progress;2026-01-05 08:00:00;2026-01-05 08:04:00;;SRE;ledger\n\
         INC2;Slow;P3;Closed;2026-01-06 08:00:00;;2026-01-06 09:00:00;SRE, Web;\n\
         ;No id;P3;Closed;2026-01-06 08:00:00;;;;\n\
         INC4;No begin;P3;Closed;;;2026-01-06 09:00:00;;\n\
         INC5;Not a time;P3;Closed;yesterday;;;;\n",
    );
    assert_eq!(batch.input.source, "incident-csv");
    let [open, closed] = batch.incidents.as_slice() else { panic!("{:?}", batch.rejects) };
    assert_eq!((&*open.status, &*open.labels["stated_status"]), ("open", "in progress"));
    assert_eq!(open.started_at, None, "when harm began, a ticket does not say");
    assert_eq!(open.detected_at.unwrap().to_string(), "2026-01-05T08:00:00Z");
    assert_eq!(open.acknowledged_at.unwrap().to_string(), "2026-01-05T08:04:00Z");
    assert_eq!((&*closed.status, &*closed.labels[TEAM]), ("resolved", "SRE|Web"));
    let places: Vec<&str> = batch.rejects.iter().map(|one| one.location.as_str()).collect();
    assert_eq!(places, ["row 4, column id", "row 5, column started_at", "row 6, column opened_at"]);
}

#[test]
fn a_range_that_ends_before_it_begins_is_a_reject() {
    let batch = read_whole(
        "id,started_at,resolved_at,resolved_at_latest,severity\n\
         1,2026-01-01T00:00:00Z,2026-01-01T02:00:00Z,2026-01-01T01:00:00Z,sev1\n\
         2,2026-01-01T00:00:00Z,,2026-01-01T01:00:00Z,sev1\n",
    );
    assert_eq!(batch.rejects[0].location, "row 2, column resolved_at_latest");
    assert_eq!(batch.incidents[0].resolved_at, batch.incidents[0].started_at);
}

#[test]
fn a_page_says_in_its_updates_when_it_only_watched() {
    let batch = read_whole(
        r#"{"page":{"id":"kctbh9vrtdwd","name":"GitHub"},"incidents":[
        {"id":"p1","name":"Errors","status":"postmortem","impact":"major",
         "created_at":"2026-01-05T10:00:00Z","started_at":"2026-01-05T09:50:00Z","monitoring_at":null,
         "resolved_at":"2026-01-05T11:00:00Z","shortlink":"https://stspg.io/y",
         "components":[{"id":"c","name":"Actions"}],
         "incident_updates":[{"status":"monitoring","created_at":"2026-01-05T10:40:00Z"},
                             {"status":"investigating","created_at":"2026-01-05T10:00:00Z"}]},
        {"id":"p2","name":"Now","status":"investigating","impact":"minor",
         "created_at":"2026-01-06T10:00:00Z","resolved_at":null},
        {"name":"nothing"}]}"#,
    );
    assert_eq!(batch.input.source, "status-page:kctbh9vrtdwd");
    let [past, now] = batch.incidents.as_slice() else { panic!("{:?}", batch.rejects) };
    assert_eq!(past.mitigated_at.unwrap().to_string(), "2026-01-05T10:40:00Z");
    assert_eq!((&*past.status, &*now.status), ("resolved", "open"));
    assert_eq!((now.started_at, now.detected_at.is_some()), (None, true));
    assert_eq!(batch.rejects.len(), 1);
}

proptest! {
    #[test]
    fn no_table_and_no_message_panics(rows in proptest::collection::vec("[a-c,;=0-9é\"|:-]{0,24}", 0..6)) {
        for header in ["id,started_at,resolved_at,severity", "at,entity,kind,who"] {
            read_whole(&format!("{header}\n{}\n", rows.join("\n")));
        }
        let cell = rows.join(" ").replace('"', "'");
        read_whole(&format!(
            r#"{{"receiver":"x","status":"firing","groupKey":"{cell}","alerts":[{{"status":"{cell}",
            "startsAt":"{cell}","labels":{{"service":"{cell}"}}}}]}}"#
        ));
        read_whole(&format!(
            r#"{{"event":{{"id":"{cell}","event_type":"incident.{cell}","occurred_at":"{cell}",
            "data":{{"type":"incident","id":"{cell}"}}}}}}"#
        ));
        read_whole(&format!(
            r#"{{"specversion":"1.0","id":"{cell}","type":"{cell}","source":"{cell}","time":"{cell}"}}"#
        ));
    }
}
