//! Spans, calls, incidents, changes, findings, values and budgets through the seam.

use std::collections::BTreeMap;

use libtest_mimic::Failed;
use model::entity::Labels;
use model::event::{ChangeObservation, IncidentObservation};
use model::finding::FindingObservation;
use model::money::Basis;
use model::resolution::{SubjectWrite, TelemetryWrite};
use model::scope::OrgScope;
use model::seam::ReadContext;
use model::span::{EdgeMinute, SpanKind, SpanObservation};
use model::stated::{StatedKind, StatedObservation};
use model::value::{BudgetObservation, ValueObservation};
use model::{EntityId, Micros, Reference, Window};

use super::{Bench, START, context, write_of};
use crate::contract::{Done, Pair};

fn rows(bench: &Bench) -> Result<BTreeMap<String, u64>, Failed> {
    let found = bench.runtime.block_on(bench.telemetry.presence(&context()))?;
    Ok(found.into_iter().map(|one| (one.data, one.rows)).collect())
}

fn is_unchanged(bench: &mut Bench, write: &TelemetryWrite, what: &str) -> Done {
    let again = bench.write(write.clone())?;
    if again.added.is_empty() && again.changed.is_empty() {
        return Ok(());
    }
    Err(format!("{what} again: {again:?}").into())
}

pub fn spans(pair: Pair) -> Done {
    let span = |trace: u8, id: u8, start: i64| SpanObservation {
        trace_id: [trace; 16],
        span_id: [id; 8],
        parent_id: [0; 8],
        service: "service://_/_/one".into(),
        name: format!("GET /{id}"),
        kind: SpanKind::Server,
        start: Micros(start),
        end: Micros(start + 500),
        is_error: id == 2,
        peer: Some(Reference::id("service://_/_/two")),
        sampling_probability: Some(0.25),
        attributes: vec![("http.route".into(), "/".into())],
    };
    let mut bench = Bench::new(pair)?;
    let mut write = write_of("spans", 5);
    let all = [span(1, 2, START + 50), span(1, 1, START), span(9, 1, START), span(7, 1, START)];
    write.spans = all.iter().map(|span| (EntityId(1), span.clone())).collect();
    bench.write(write.clone())?;
    is_unchanged(&mut bench, &write, "spans")?;
    let asked = [[1; 16], [9; 16], [200; 16]];
    let mut found = bench.runtime.block_on(bench.telemetry.trace_spans(&asked))?;
    found.sort_by_key(|span| (span.trace_id, span.start));
    if found == [all[1].clone(), all[0].clone(), all[2].clone()] {
        return Ok(());
    }
    Err(format!("{found:?}").into())
}

pub fn edges(pair: Pair) -> Done {
    let edge = |minute: i64, calls: u64| EdgeMinute {
        at: Micros(START + minute * Micros::MINUTE),
        client: Reference::id("service://_/_/one"),
        server: Reference::id("service://_/_/two"),
        operation: String::new(),
        is_asynchronous: false,
        calls,
        errors: 1,
        client_seconds: Vec::new(),
        server_seconds: Vec::new(),
        is_scaled: false,
        outcome: Default::default(),
    };
    let mut bench = Bench::new(pair)?;
    let mut write = write_of("edges", 5);
    write.edges = vec![
        (EntityId(1), EntityId(2), edge(0, 5)),
        (EntityId(1), EntityId(2), edge(1, 6)),
        (EntityId(1), EntityId(3), edge(0, 7)),
    ];
    bench.write(write.clone())?;
    is_unchanged(&mut bench, &write, "calls")?;
    // Counts of another tool are set, not added.
    let mut later = write_of("edges", 6);
    later.edges = vec![(EntityId(1), EntityId(2), edge(0, 50))];
    bench.write(later)?;
    let held = rows(&bench)?;
    if held.get("edges") == Some(&3) { Ok(()) } else { Err(format!("{held:?}").into()) }
}

fn incident(status: &str, title: &str) -> IncidentObservation {
    IncidentObservation {
        external_id: "INC-1".into(),
        title: title.into(),
        severity: Some("major".into()),
        status: status.into(),
        started_at: Some(Micros(START)),
        detected_at: None,
        acknowledged_at: None,
        mitigated_at: None,
        resolved_at: None,
        resolved_at_latest: None,
        entities: Vec::new(),
        parent: None,
        cause: None,
        labels: Labels::new(),
    }
}

fn change(id: &str, hour: i64) -> ChangeObservation {
    ChangeObservation {
        external_id: id.into(),
        kind: "deployment".into(),
        title: id.into(),
        at: Micros(START + hour * Micros::HOUR),
        actor: None,
        link: None,
        entities: Vec::new(),
        count: 3,
        labels: Labels::new(),
    }
}

fn finding() -> FindingObservation {
    FindingObservation {
        external_id: "F-1".into(),
        kind: "vulnerability".into(),
        weaknesses: vec!["CVE-2021-44228".into()],
        title: "log4j".into(),
        severity: "critical".into(),
        status: "open".into(),
        package: "log4j-core".into(),
        place: String::new(),
        installed_version: None,
        fixed_version: None,
        target: Reference::id("service://_/_/one"),
        entities: Vec::new(),
        first_seen: Some(Micros(START + 5 * Micros::HOUR)),
        last_seen: None,
        labels: Labels::new(),
    }
}

pub fn events(pair: Pair) -> Done {
    // Whichever version arrives first, the later observed one is told.
    for turn in [false, true] {
        let mut versions =
            vec![(5, incident("open", "slow")), (9, incident("resolved", "was slow"))];
        if turn {
            versions.reverse();
        }
        let mut bench = Bench::new(pair)?;
        for (observed_at, incident) in versions {
            let mut write = write_of("incidents", observed_at);
            write.incidents = vec![(vec![EntityId(1)], incident)];
            bench.write(write)?;
        }
        let mut write = write_of("others", 5);
        write.changes = vec![
            (vec![EntityId(1)], change("before", 1)),
            (vec![EntityId(1)], change("after", 9)),
            (vec![EntityId(2)], change("of another", 2)),
        ];
        write.findings = vec![(vec![EntityId(1)], finding())];
        bench.write(write.clone())?;
        is_unchanged(&mut bench, &write, "events")?;
        let told = |as_of: Option<i64>, limit: usize| -> Result<Vec<String>, Failed> {
            let ctx = ReadContext { as_of: as_of.map(Micros), ..context() };
            let found = bench.telemetry.events(&ctx, EntityId(1), limit);
            let found = bench.runtime.block_on(found)?;
            Ok(found.into_iter().map(|one| format!("{} {}", one.event, one.title)).collect())
        };
        let all = ["change after", "finding log4j", "change before", "incident was slow"];
        let past = told(Some(START + 2 * Micros::HOUR), 10)?;
        if told(None, 10)? != all || told(None, 2)? != all[..2] || past != all[2..] {
            return Err(format!("{:?}, past {past:?}", told(None, 10)?).into());
        }
    }
    Ok(())
}

pub fn stated(pair: Pair) -> Done {
    let value = |from: i64, value: &str| ValueObservation {
        metric: "orders".into(),
        of: Reference::id("service://_/_/one"),
        from: Micros(START + from * Micros::DAY),
        to: Micros(START + (from + 1) * Micros::DAY),
        value: value.parse().unwrap_or_default(),
        share: None,
        currency: None,
        unit: None,
        stated_source: None,
    };
    let budget = |amount: &str| BudgetObservation {
        unit: Reference::id("org://team/one"),
        from: Micros(START),
        to: Micros(START + 30 * Micros::DAY),
        currency: "EUR".into(),
        basis: Basis::Effective,
        amount: amount.parse().unwrap_or_default(),
        has_tax: false,
        has_credits: true,
        phasing: "even".into(),
    };
    let mut bench = Bench::new(pair)?;
    let mut write = write_of("values", 5);
    write.values = vec![(EntityId(1), value(0, "10")), (EntityId(1), value(1, "12"))];
    write.budgets = vec![(EntityId(1), budget("1000"))];
    bench.write(write.clone())?;
    is_unchanged(&mut bench, &write, "values")?;
    let mut later = write_of("values", 6);
    later.values = vec![(EntityId(1), value(1, "13"))];
    later.budgets = vec![(EntityId(1), budget("900"))];
    let changed = bench.write(later)?;
    let held = rows(&bench)?;
    let counts = (held.get("values"), held.get("budgets"));
    if counts == (Some(&2), Some(&1)) && changed.added.is_empty() && changed.changed.len() == 2 {
        return Ok(());
    }
    Err(format!("{held:?}, {changed:?}").into())
}

/// What began and ended when is read by window, by the past and by whose it is.
pub fn read(pair: Pair) -> Done {
    let at = |hour: i64| Micros(START + hour * Micros::HOUR);
    let lasting = |id: &str, from: i64, to: Option<i64>| IncidentObservation {
        external_id: id.into(),
        started_at: Some(at(from)),
        resolved_at: to.map(at),
        ..incident("open", id)
    };
    let stated = |key: &str, says: &[u32]| StatedObservation {
        subjects: vec![Reference::id("service://_/_/one")],
        ..StatedObservation::new(StatedKind::Scan, key, &says).expect("numbers are JSON")
    };
    let mut bench = Bench::new(pair)?;
    let mut write = write_of("records", 5);
    let other = SubjectWrite {
        id: EntityId(2),
        entity: EntityId(2),
        canonical: "service://_/_/two".into(),
        name: "two".into(),
        owner: Some("org://team/two".into()),
        ..write.subjects[0].clone()
    };
    let stand_in = SubjectWrite { id: EntityId(3), ..write.subjects[0].clone() };
    write.subjects.extend([other, stand_in]);
    write.incidents = vec![
        (vec![EntityId(2), EntityId(3)], lasting("short", 1, Some(2))),
        (vec![EntityId(2)], lasting("open", 3, None)),
        (vec![EntityId(1)], lasting("long", 0, Some(30))),
    ];
    write.changes = vec![(vec![EntityId(1)], change("early", 1)), (vec![], change("late", 9))];
    write.stated = vec![(vec![EntityId(1)], stated("a", &[1])), (vec![], stated("b", &[]))];
    bench.write(write)?;
    let mut later = write_of("records", 6);
    later.stated = vec![(vec![EntityId(1)], stated("a", &[1, 2]))];
    bench.write(later)?;

    let window = |from: i64, to: i64| Window { from: at(from).timestamp(), to: at(to).timestamp() };
    let names = |ctx: &ReadContext, window: Window| -> Result<String, Failed> {
        let found = bench.runtime.block_on(bench.telemetry.incidents(ctx, window))?;
        Ok(found.iter().map(|one| one.body.title.as_str()).collect::<Vec<_>>().join(" "))
    };
    let past = ReadContext { as_of: Some(at(2)), ..context() };
    let units = OrgScope::Units(vec!["org://team/one".into()]);
    let scoped = ReadContext { org_scope: units, ..context() };
    let told = [
        names(&context(), window(0, 40))?,
        names(&context(), window(2, 3))?,
        names(&context(), window(31, 40))?,
        names(&past, window(0, 40))?,
        names(&scoped, window(0, 40))?,
    ];
    let expected = ["long short open", "long", "open", "long short", "long short"];
    if told != expected {
        return Err(format!("{told:?}").into());
    }
    let all = bench.runtime.block_on(bench.telemetry.incidents(&context(), window(1, 2)))?;
    let whose: Vec<_> = all[1].subjects.iter().map(|one| (one.entity.0, &*one.name)).collect();
    let changes = bench.runtime.block_on(bench.telemetry.changes(&context(), window(2, 10)))?;
    let scans = bench.runtime.block_on(bench.telemetry.stated(&context(), StatedKind::Scan))?;
    let says: Vec<Vec<u32>> = scans.iter().map(|one| one.body.says()).collect::<Result<_, _>>()?;
    let is_right = whose == [(2, "two"), (1, "one")]
        && changes.len() == 1
        && says == [vec![1, 2], vec![]]
        && scans[1].subjects.is_empty();
    if is_right { Ok(()) } else { Err(format!("{whose:?} {changes:?} {scans:?}").into()) }
}
