//! Durations of incidents: mean, median and p90 with their intervals, and the median that counts open
//! ones too. Ends known as a range give two figures each.

use model::absence::Absence;
use model::time::Micros;

use super::shape::{IncidentDuration, IncidentDurations, IncidentFigure};
use crate::incident::Incident;
use crate::series::bootstrap::{bootstrap, mean};
use crate::series::kaplan_meier::{Lifetime, median_lifetime};
use crate::series::percentile::{median, nearest_rank};

/// Incidents that an interval takes.
const INTERVAL_MIN: usize = 5;
/// Incidents that a p90 takes.
const P90_MIN: usize = 20;
/// Share of resamples inside an interval.
const LEVEL: f64 = 0.95;

/// The time that is judged, and the instant asked about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub from: Micros,
    pub to: Micros,
    pub as_of: Micros,
}

impl Span {
    pub fn holds(&self, at: Micros) -> bool {
        self.from <= at && at < self.to
    }
}

/// Two instants of an incident, the later one earliest and latest.
type Ends = (Option<Micros>, Option<(Micros, Micros)>);

/// The durations of incidents that touch the span.
pub(super) fn durations(incidents: &[&Incident], span: Span) -> IncidentDurations {
    let exact = |at: Option<Micros>| at.map(|at| (at, at));
    let of =
        |ends: &dyn Fn(&Incident) -> Ends, is_end: bool| duration(incidents, span, ends, is_end);
    IncidentDurations {
        detect: of(&|one| (one.started_at, exact(one.detected_at)), false),
        acknowledge: of(&|one| (one.detected_at, exact(one.acknowledged_at)), false),
        resolve: of(&|one| (one.started_at, one.resolved_at), true),
        resolve_from_detected: of(&|one| (one.detected_at, one.resolved_at), true),
    }
}

fn duration(
    incidents: &[&Incident],
    span: Span,
    ends: &dyn Fn(&Incident) -> Ends,
    is_end: bool,
) -> IncidentDuration {
    let (mut low, mut high) = (Vec::new(), Vec::new());
    let (mut lives_low, mut lives_high) = (Vec::new(), Vec::new());
    let (mut without, mut contradictory, mut ranges) = (0, 0, 0);
    for one in incidents {
        let (begin, end) = ends(one);
        if let (Some(begin), true) = (begin.filter(|at| span.holds(*at)), is_end) {
            live(one, begin, end, span.as_of, (&mut lives_low, &mut lives_high));
        }
        let (Some(begin), Some((earliest, latest))) = (begin, end) else {
            without += 1;
            continue;
        };
        if !span.holds(latest) {
            continue;
        }
        if earliest < begin {
            contradictory += 1;
            continue;
        }
        ranges += u64::from(earliest < latest);
        low.push(seconds(begin, earliest));
        high.push(seconds(begin, latest));
    }
    let figure =
        |needed: usize, statistic: fn(&[f64]) -> f64| figure((&low, &high), needed, statistic);
    IncidentDuration {
        n: low.len() as u64,
        n_without: without,
        n_contradictory: contradictory,
        n_range: ranges,
        mean: figure(1, mean),
        median: figure(1, |sorted| median(sorted).unwrap_or_default()),
        p90: figure(P90_MIN, |sorted| nearest_rank(sorted, 0.9).unwrap_or_default()),
        n_censored: lives_low.iter().filter(|one: &&Lifetime| !one.has_ended).count() as u64,
        median_with_open: if is_end {
            lifetime_figure(&lives_low, &lives_high)
        } else {
            absent(0, Absence::NotApplicable)
        },
    }
}

/// An incident as a lifetime: ended, or censored while it goes on; one whose end nobody dates is none.
fn live(
    one: &Incident,
    begin: Micros,
    end: Option<(Micros, Micros)>,
    as_of: Micros,
    (low, high): (&mut Vec<Lifetime>, &mut Vec<Lifetime>),
) {
    let has_ended = end.is_some();
    let Some((earliest, latest)) = end.or(one.is_open().then_some((as_of, as_of))) else { return };
    if earliest < begin {
        return;
    }
    low.push(Lifetime { duration: seconds(begin, earliest), has_ended });
    high.push(Lifetime { duration: seconds(begin, latest), has_ended });
}

pub(super) fn seconds(from: Micros, to: Micros) -> f64 {
    to.0.saturating_sub(from.0) as f64 / Micros::SECOND as f64
}

fn absent(n: usize, reason: Absence) -> IncidentFigure {
    IncidentFigure {
        low: None,
        high: None,
        unit: "s".to_owned(),
        basis: "computed".to_owned(),
        interval: None,
        n: n as u64,
        reason: Some(reason),
    }
}

fn figure(
    (low, high): (&[f64], &[f64]),
    needed: usize,
    statistic: fn(&[f64]) -> f64,
) -> IncidentFigure {
    let n = low.len();
    if n < needed.max(1) {
        return absent(n, if n == 0 { Absence::NoData } else { Absence::TooLittleData });
    }
    let of = |values: &[f64]| {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        statistic(&sorted)
    };
    let interval = |values: &[f64]| bootstrap(values, LEVEL, INTERVAL_MIN, statistic).ok();
    let ends = interval(low).map(|lower| {
        let upper = if low == high { Some(lower) } else { interval(high) };
        [Some(lower.low), upper.map(|upper| upper.high)]
    });
    IncidentFigure {
        low: Some(of(low)),
        high: Some(of(high)),
        interval: ends,
        reason: None,
        ..absent(n, Absence::NoData)
    }
}

fn lifetime_figure(low: &[Lifetime], high: &[Lifetime]) -> IncidentFigure {
    let n = low.len();
    match (median_lifetime(low), median_lifetime(high)) {
        (Ok(lower), Ok(upper)) => IncidentFigure {
            low: Some(lower.median),
            high: Some(upper.median),
            interval: (n >= INTERVAL_MIN).then_some([lower.low, upper.high]),
            reason: None,
            ..absent(n, Absence::NoData)
        },
        // More than half are still open.
        _ if n > 0 => absent(n, Absence::TooLittleData),
        _ => absent(n, Absence::NoData),
    }
}
