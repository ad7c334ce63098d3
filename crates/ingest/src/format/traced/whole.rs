//! Traces looked at whole: short ids that mean a long one, halves of a span without a time, and spans
//! that share their id and kind.

use std::collections::{BTreeMap, HashMap};

use model::span::DURATION_UNKNOWN;
use xxhash_rust::xxh3::xxh3_64;

use super::{Traced, skew};
use crate::format::tally::Tally;

/// Parents that are asked for a time before the trace is.
const PARENTS_MAX: usize = 64;

/// The spans with a time each, put right; in order of trace. What has no time at all is a reject.
pub fn mended(mut spans: Vec<Traced>, tally: &mut Tally) -> Vec<Traced> {
    lengthen(&mut spans);
    // Whatever the order of the input, equal spans come out equal.
    spans.sort_by(|a, b| order(a).cmp(&order(b)));
    let mut all = Vec::with_capacity(spans.len());
    let mut rest = spans.into_iter().peekable();
    while let Some(first) = rest.next() {
        let mut trace = vec![first];
        while let Some(next) = rest.next_if(|next| next.trace == trace[0].trace) {
            trace.push(next);
        }
        negative(&mut trace, tally);
        fill_times(&mut trace, tally);
        skew::correct(&mut trace);
        set_apart(&mut trace);
        all.append(&mut trace);
    }
    all
}

type Order<'a> = ([u8; 16], [u8; 8], i32, Option<i64>, Option<i64>, &'a str, &'a str, &'a str);

fn order(span: &Traced) -> Order<'_> {
    let (service, host) = (span.service(), span.host.as_str());
    (span.trace, span.id, span.kind, span.start, span.duration, service, host, &span.name)
}

/// A trace that some services know by the lower 64 bits of its id is the one of 128 bits, when there
/// is exactly one.
fn lengthen(spans: &mut [Traced]) {
    let mut long: HashMap<[u8; 8], Option<[u8; 16]>> = HashMap::new();
    let half = |trace: &[u8; 16]| -> [u8; 8] {
        let mut low = [0; 8];
        low.copy_from_slice(&trace[8..]);
        low
    };
    for span in spans.iter().filter(|span| span.trace[..8] != [0; 8]) {
        let known = long.entry(half(&span.trace)).or_insert(Some(span.trace));
        if *known != Some(span.trace) {
            *known = None;
        }
    }
    for span in spans.iter_mut().filter(|span| span.trace[..8] == [0; 8]) {
        if let Some(Some(trace)) = long.get(&half(&span.trace)) {
            span.trace = *trace;
        }
    }
}

/// A duration below zero is none.
fn negative(trace: &mut [Traced], tally: &mut Tally) {
    for span in trace.iter_mut().filter(|span| span.duration.is_some_and(|time| time < 0)) {
        tally.add("the duration is below zero; kept without it", 1, || span.location());
        span.duration = None;
    }
}

/// A span without a start has that of its other half, else of its parent, else of its trace. What has
/// no duration says so.
fn fill_times(trace: &mut Vec<Traced>, tally: &mut Tally) {
    let mut known: BTreeMap<[u8; 8], Vec<(i64, usize)>> = BTreeMap::new();
    for (index, span) in trace.iter().enumerate() {
        if let Some(start) = span.start.filter(|start| *start > 0) {
            known.entry(span.id).or_default().push((start, index));
        }
    }
    let parents: HashMap<[u8; 8], [u8; 8]> =
        trace.iter().map(|span| (span.id, span.parent)).collect();
    let earliest = known.values().flatten().map(|(start, _)| *start).min();
    let found: Vec<Option<i64>> = trace
        .iter()
        .map(|span| {
            if let Some(start) = span.start.filter(|start| *start > 0) {
                return Some(start);
            }
            let halves = known.get(&span.id).map_or(&[][..], Vec::as_slice);
            let same = halves.iter().find(|(_, other)| trace[*other].service() == span.service());
            let mut above = span.parent;
            let mut inherited = None;
            for _ in 0..PARENTS_MAX {
                inherited = known.get(&above).and_then(|all| all.first());
                match parents.get(&above) {
                    Some(next) if inherited.is_none() && *next != above => above = *next,
                    _ => break,
                }
            }
            same.or(halves.first()).or(inherited).map(|(start, _)| *start).or(earliest)
        })
        .collect();
    for (span, found) in trace.iter_mut().zip(found) {
        span.start = found;
        if span.duration.is_none() {
            // First, so that it is among the attributes that are kept.
            span.attributes.insert(0, (DURATION_UNKNOWN.to_owned(), "true".to_owned()));
        }
    }
    trace.retain(|span| {
        if span.start.is_none() {
            let reason = "the timestamp is missing, and no span of the trace has one";
            tally.add(reason, 1, || span.location());
        }
        span.start.is_some()
    });
}

/// Different spans that share id and kind (one message that several hosts took) are told apart: the
/// first keeps the id, each other has one of its own, the same whenever it is read.
fn set_apart(trace: &mut [Traced]) {
    let mut from = 0;
    while from < trace.len() {
        let is_twin =
            |other: &&Traced| other.id == trace[from].id && other.kind == trace[from].kind;
        let to = from + trace[from..].iter().take_while(is_twin).count();
        let first = content(&trace[from]);
        for span in &mut trace[from + 1..to] {
            let own = content(span);
            if own != first {
                span.id = xxh3_64(own.as_bytes()).max(1).to_be_bytes();
            }
        }
        from = to;
    }
}

/// What tells a span from another of its id and kind.
fn content(span: &Traced) -> String {
    let Traced { id, kind, host, name, start, duration, .. } = span;
    format!("{id:x?} {kind} {} {host} {start:?} {duration:?} {name}", span.service())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(id: u8, parent: u8, kind: i32, service: &str, start: Option<i64>) -> Traced {
        Traced {
            trace: [1; 16],
            id: [id; 8],
            parent: [parent; 8],
            kind,
            start,
            duration: start.map(|_| 10),
            resource: vec![("service.name".to_owned(), service.to_owned())],
            host: service.to_owned(),
            ..Traced::default()
        }
    }

    #[test]
    fn a_half_without_a_time_has_that_of_the_other_and_says_that_it_has_no_duration() {
        let mut tally = Tally::default();
        let spans = vec![span(1, 0, 3, "a", Some(1_000)), span(1, 0, 0, "b", None)];
        let mended = mended(spans, &mut tally);
        assert_eq!(mended.len(), 2);
        let half = mended.iter().find(|span| span.kind == 0).unwrap();
        assert_eq!(half.start, Some(1_000));
        assert_eq!(half.attribute(DURATION_UNKNOWN), Some("true"));
    }

    #[test]
    fn a_time_is_found_through_parents_without_one() {
        let spans = vec![
            span(1, 0, 2, "a", Some(500)),
            span(9, 0, 2, "z", Some(100)),
            span(2, 1, 0, "a", None),
            span(3, 2, 0, "a", None),
        ];
        let mended = mended(spans, &mut Tally::default());
        assert!(mended.iter().filter(|one| one.service() == "a").all(|s| s.start == Some(500)));
    }

    #[test]
    fn spans_that_share_id_and_kind_are_all_kept_and_the_same_twice() {
        let shared = |host: &str, start| Traced {
            host: host.to_owned(),
            ..span(1, 0, 2, "pusher", Some(start))
        };
        let once = vec![shared("h1", 10), shared("h2", 11), shared("h3", 12), shared("h1", 10)];
        let ids = |spans: Vec<Traced>| {
            let mut ids: Vec<[u8; 8]> =
                mended(spans, &mut Tally::default()).iter().map(|span| span.id).collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        let first = ids(once.clone());
        assert_eq!(first.len(), 3);
        assert_eq!(ids(once.into_iter().rev().collect()), first);
    }

    #[test]
    fn a_short_id_is_the_long_one_only_when_that_is_unique() {
        let with = |trace: [u8; 16]| Traced { trace, ..span(1, 0, 2, "a", Some(1)) };
        let (mut long, mut other, mut short) = ([7; 16], [7; 16], [7; 16]);
        long[0] = 1;
        other[0] = 2;
        short[..8].fill(0);
        let mut one = vec![with(long), with(short)];
        lengthen(&mut one);
        assert_eq!(one[1].trace, long);
        let mut two = vec![with(long), with(other), with(short)];
        lengthen(&mut two);
        assert_eq!(two[2].trace, short);
    }
}
