//! From incidents to the answer of `incidents`, pure.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use model::absence::Absence;
use model::envelope::{Coverage, Warning};
use model::time::Micros;

use super::figure::{Span, seconds};
use super::group::{breakdown, group, harmed, rates, teams};
use super::params::IncidentsParams;
use super::period::{IncidentPeriodStep, periods};
use super::recurrence::recurrences;
use super::select::{passes, touches, window_of};
use super::shape::{IncidentDowntime, IncidentPeriod, IncidentRates, IncidentRow, IncidentsAnswer};
use crate::ask::AskError;
use crate::incident::{Incident, rank};
use crate::question::Draft;

/// Most things in the list of what recurs.
const RECURRENCES_MAX: usize = 50;

/// Judges the incidents held.
pub(super) fn judged(
    params: &IncidentsParams,
    units: &[String],
    held: &[Incident],
    as_of: Micros,
) -> Result<Draft<IncidentsAnswer>, AskError> {
    let passing: Vec<&Incident> = held.iter().filter(|one| passes(one, params, units)).collect();
    let (counted, parts): (Vec<&Incident>, Vec<&Incident>) =
        passing.iter().copied().partition(|one| one.counted_under.is_none());
    let all: Vec<&Incident> = held.iter().collect();
    let (window, warning) = window_of(params.window.as_ref(), &all, as_of);
    let (from, to) = window.window().micros();
    let span = Span { from, to, as_of };
    let in_window = |all: &[&'_ Incident]| -> Vec<usize> {
        (0..all.len()).filter(|at| touches(all[*at], (from, to), as_of)).collect()
    };
    let concerned: Vec<&Incident> = in_window(&counted).into_iter().map(|at| counted[at]).collect();
    let recurring = recurrences(&counted, span);
    let top = params.top.unwrap_or(20) as usize;
    let step = params.step.unwrap_or_else(|| IncidentPeriodStep::of_window(from, to));
    let first = held.iter().filter_map(Incident::began).min();
    let mut answer = IncidentsAnswer {
        total: group((None, "all".to_owned()), &concerned, span),
        rates: rates_of(&counted, first, span),
        step,
        periods: periods_of(&counted, step, span)?,
        breakdowns: params.by.iter().map(|by| breakdown(*by, &concerned, span, top)).collect(),
        incidents: Vec::new(),
        recurrence: recurring.list,
        downtime: downtime(&concerned, span),
        downtime_cost: Vec::new(),
        parts: in_window(&parts).len() as u64,
        undated: passing.iter().filter(|one| one.began().is_none()).count() as u64,
    };
    let mut draft = Draft::new((), as_of);
    draft.window = Some(window);
    draft.warnings.extend(warning);
    if held.is_empty() {
        let message = "no incidents are held; ingest a table of them or send webhooks";
        draft.warnings.push(Warning::new("no_data", message));
    }
    if answer.recurrence.len() > RECURRENCES_MAX {
        draft.truncated.insert("recurrence".into(), answer.recurrence.len() as u64);
        answer.recurrence.truncate(RECURRENCES_MAX);
    }
    for one in &answer.breakdowns {
        if one.groups_total > one.groups.len() as u64 {
            draft.truncated.insert(format!("by_{}", one.by.as_str()), one.groups_total);
        }
    }
    let start = start_of(params)?;
    let limit = params.limit.unwrap_or(50) as usize;
    let ordered = ordered(&concerned);
    let parts = count_parts(held);
    let shown = ordered.iter().skip(start).take(limit);
    answer.incidents = shown
        .map(|one| {
            let key = (one.source.clone(), one.id.clone());
            let is_recurrence = recurring.recurred.contains(&key);
            row(one, parts.get(&key).copied().unwrap_or(0), is_recurrence, as_of)
        })
        .collect();
    if start + answer.incidents.len() < ordered.len() {
        draft.next = Some((start + answer.incidents.len()).to_string());
        draft.truncated.insert("incidents".into(), ordered.len() as u64);
    }
    draft.coverage = coverage(&concerned);
    let tables = answer.tables();
    let mut draft = draft.with(answer);
    draft.tables = tables;
    Ok(draft)
}

fn start_of(params: &IncidentsParams) -> Result<usize, AskError> {
    let Some(cursor) = &params.cursor else { return Ok(0) };
    cursor
        .parse()
        .map_err(|_error| AskError::bad("cursor", "is not the `next` of an earlier answer"))
}

/// Open ones first, the worst before others; then the newest.
fn ordered<'i>(incidents: &[&'i Incident]) -> Vec<&'i Incident> {
    let mut ordered = incidents.to_vec();
    ordered.sort_by_key(|one| {
        let severity = if one.is_open() { rank(one.severity.as_deref()) } else { 0 };
        (!one.is_open(), severity, Reverse(one.began()), one.source.clone(), one.id.clone())
    });
    ordered
}

/// How many parts each incident has.
pub(super) fn count_parts(held: &[Incident]) -> BTreeMap<(String, String), u64> {
    let mut parts = BTreeMap::new();
    for one in held {
        if let Some(whole) = &one.counted_under {
            *parts.entry((one.source.clone(), whole.clone())).or_default() += 1;
        }
    }
    parts
}

/// One incident as a row.
pub(super) fn row(one: &Incident, parts: u64, is_recurrence: bool, as_of: Micros) -> IncidentRow {
    let lasted = match (one.began(), one.resolved_at) {
        (Some(began), Some((earliest, latest))) => {
            Some([seconds(began, earliest).max(0.0), seconds(began, latest).max(0.0)])
        }
        (Some(began), None) if one.is_open() => {
            let age = seconds(began, as_of).max(0.0);
            Some([age, age])
        }
        _ => None,
    };
    let mut teams = teams(one);
    teams.extend(one.teams.iter().cloned());
    teams.sort();
    teams.dedup();
    IncidentRow {
        id: one.id.clone(),
        source: one.source.clone(),
        title: one.title.clone(),
        severity: one.severity.clone(),
        status: one.status,
        began_at: one.began(),
        started_at: one.started_at,
        detected_at: one.detected_at,
        acknowledged_at: one.acknowledged_at,
        mitigated_at: one.mitigated_at,
        resolved_at: one.resolved_at.map(|(earliest, _)| earliest),
        resolved_at_latest: one.resolved_at.map(|(_, latest)| latest),
        lasted_seconds: lasted,
        harmed: harmed(one),
        teams,
        part_of: one.counted_under.clone(),
        parts,
        alerts: one.members,
        reopened: one.reopened,
        is_recurrence,
        cause: one.cause.clone(),
        link: one.link.clone(),
    }
}

fn began_in(incidents: &[&Incident], from: Micros, to: Micros) -> u64 {
    let is_in = |at: Micros| from <= at && at < to;
    incidents.iter().filter(|one| one.began().is_some_and(is_in)).count() as u64
}

/// The window against the one of equal length before it, when something is held of that.
fn rates_of(incidents: &[&Incident], first: Option<Micros>, span: Span) -> IncidentRates {
    let (from, to) = (span.from, span.to);
    let before = from.plus(-(to.0 - from.0));
    let count = began_in(incidents, from, to);
    let earlier = match first {
        Some(first) if first <= before => Ok((began_in(incidents, before, from), before, from)),
        Some(first) if first < from => Err(Absence::TooLittleData),
        Some(_) => Err(Absence::NotApplicable),
        None => Err(Absence::NoData),
    };
    rates((count, from, to), earlier)
}

fn periods_of(
    incidents: &[&Incident],
    step: IncidentPeriodStep,
    window: Span,
) -> Result<Vec<IncidentPeriod>, AskError> {
    let mut all: Vec<IncidentPeriod> = Vec::new();
    let mut before: Option<(u64, Micros, Micros)> = None;
    for (start, end) in periods(step, window.from, window.to)? {
        let (from, to) = (start.max(window.from), end.min(window.to));
        let span = Span { from, to, ..window };
        let concerned: Vec<&Incident> = incidents
            .iter()
            .copied()
            .filter(|one| touches(one, (from, to), window.as_of))
            .collect();
        let count = (began_in(incidents, from, to), from, to);
        let name = start.to_string().chars().take(10).collect();
        all.push(IncidentPeriod {
            from: start,
            to: end,
            is_complete: from == start && to == end,
            group: group((None, name), &concerned, span),
            rates: rates(count, before.ok_or(Absence::NotApplicable)),
        });
        before = Some(count);
    }
    Ok(all)
}

/// Time of the window in which anything was broken.
fn downtime(incidents: &[&Incident], span: Span) -> IncidentDowntime {
    let mut low = Vec::new();
    let mut high = Vec::new();
    for one in incidents {
        let Some((began, latest)) = one.interval(span.as_of) else { continue };
        let earliest = one.resolved_at.map_or(latest, |(earliest, _)| earliest.max(began));
        low.push((began.max(span.from), earliest.min(span.to)));
        high.push((began.max(span.from), latest.min(span.to)));
    }
    IncidentDowntime {
        n: high.len() as u64,
        n_without: (incidents.len() - high.len()) as u64,
        low_seconds: covered(low),
        high_seconds: covered(high),
    }
}

/// Seconds that the union of intervals covers.
fn covered(mut intervals: Vec<(Micros, Micros)>) -> f64 {
    intervals.sort_unstable();
    let (mut total, mut until) = (0_i64, Micros(i64::MIN));
    for (from, to) in intervals {
        let from = from.max(until);
        if to > from {
            total += to.0 - from.0;
            until = to;
        }
    }
    total as f64 / Micros::SECOND as f64
}

fn coverage(concerned: &[&Incident]) -> BTreeMap<String, Coverage> {
    let of = concerned.len() as u64;
    let with = |is: &dyn Fn(&Incident) -> bool| {
        Coverage::new(concerned.iter().filter(|one| is(one)).count() as u64, of)
    };
    BTreeMap::from([
        ("started_at".to_owned(), with(&|one| one.started_at.is_some())),
        ("detected_at".to_owned(), with(&|one| one.detected_at.is_some())),
        ("acknowledged_at".to_owned(), with(&|one| one.acknowledged_at.is_some())),
        ("harmed".to_owned(), with(&|one| harmed(one).iter().any(|one| one.id.is_some()))),
    ])
}
