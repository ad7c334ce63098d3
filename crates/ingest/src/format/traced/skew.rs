//! Clocks of hosts that run apart. As Zipkin does it (`zipkin2.internal.CorrectForClockSkew`): the
//! answer to a request lies within the request; where it does not, the time between is taken to be the
//! same there and back, and everything on the answering host below it is moved.

use std::collections::HashMap;

use super::Traced;

/// Attribute that keeps by how much a span was moved, in microseconds.
const MOVED: &str = "clock.skew_us";

/// Moves the spans of one trace that a wrong clock put outside their callers.
pub fn correct(trace: &mut [Traced]) {
    let parents = parents(trace);
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); trace.len()];
    let mut stack: Vec<(usize, i64)> = Vec::new();
    for (index, parent) in parents.iter().enumerate() {
        match parent {
            Some(parent) => children[*parent].push(index),
            None => stack.push((index, 0)),
        }
    }
    // Each span is reached once: from the root above it; spans in a loop stay as they are.
    while let Some((index, inherited)) = stack.pop() {
        let apart = parents[index].and_then(|parent| skew(&trace[parent], &trace[index]));
        let is_moved_with = parents[index].is_some_and(|p| trace[p].host == trace[index].host);
        let shift = apart.unwrap_or(if is_moved_with { inherited } else { 0 });
        let span = &mut trace[index];
        if shift != 0
            && let Some(start) = span.start
        {
            span.start = Some(start.saturating_sub(shift));
            span.attributes.push((MOVED.to_owned(), shift.to_string()));
        }
        stack.extend(children[index].iter().map(|child| (*child, shift)));
    }
}

/// The span above each: the caller's half of a shared span, else a span with the parent's id; a half
/// without a kind belongs to the half of its own host.
fn parents(trace: &[Traced]) -> Vec<Option<usize>> {
    let mut by_id: HashMap<[u8; 8], Vec<usize>> = HashMap::new();
    for (index, span) in trace.iter().enumerate() {
        by_id.entry(span.id).or_default().push(index);
    }
    let of = |id: &[u8; 8]| by_id.get(id).map_or(&[][..], Vec::as_slice);
    trace
        .iter()
        .enumerate()
        .map(|(index, span)| {
            let halves = || of(&span.id).iter().copied().filter(|other| *other != index);
            let half = if span.is_callee() {
                halves().find(|other| trace[*other].is_caller())
            } else if span.kind == 0 {
                halves().find(|other| trace[*other].kind != 0 && trace[*other].host == span.host)
            } else {
                None
            };
            if half.is_some() || span.parent == [0; 8] || span.parent == span.id {
                return half;
            }
            let above = of(&span.parent);
            let working = above.iter().find(|other| !trace[**other].is_caller());
            working.or(above.first()).copied()
        })
        .collect()
}

/// By how much the callee's clock is ahead of the caller's, when its span is not within the caller's.
fn skew(caller: &Traced, callee: &Traced) -> Option<i64> {
    let are_apart =
        !caller.host.is_empty() && !callee.host.is_empty() && caller.host != callee.host;
    // A message may be taken long after it was put.
    let is_request =
        caller.kind == super::kind_of("client") && callee.kind == super::kind_of("server");
    if !are_apart || !is_request {
        return None;
    }
    let (from, to) = (caller.start?, callee.start?);
    match (caller.duration, callee.duration) {
        (Some(waited), Some(worked)) if worked <= waited => {
            let is_within = to >= from && to.saturating_add(worked) <= from.saturating_add(waited);
            let latency = (waited - worked) / 2;
            (!is_within).then(|| to - latency - from)
        }
        _ => (to < from).then(|| to - from),
    }
    .filter(|skew| *skew != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span(id: u8, parent: u8, kind: &str, host: &str, start: i64, duration: i64) -> Traced {
        Traced {
            id: [id; 8],
            parent: [parent; 8],
            kind: super::super::kind_of(kind),
            host: host.to_owned(),
            start: Some(start),
            duration: Some(duration),
            ..Traced::default()
        }
    }

    #[test]
    fn the_example_of_zipkin() {
        // The numbers of zipkin-lens' skew.json, less their common beginning.
        let mut trace = vec![
            span(3, 2, "", "b", 8_762, 65_000),
            span(2, 1, "server", "b", 8_761, 93_577),
            span(1, 0, "server", "a", 71_068, 99_411),
            span(2, 1, "client", "a", 74_202, 94_539),
        ];
        correct(&mut trace);
        // (94539 − 93577) / 2 = 481 on either way.
        let starts: Vec<i64> = trace.iter().map(|span| span.start.unwrap()).collect();
        assert_eq!(starts, [74_684, 74_683, 71_068, 74_202]);
        assert_eq!(trace[0].attribute(MOVED), Some("-65922"));
    }

    #[test]
    fn a_message_that_waits_is_no_skew() {
        let mut trace = vec![
            span(1, 0, "producer", "a", 100, 10),
            span(2, 1, "consumer", "b", 5_000, 10),
            span(3, 0, "client", "a", 100, 50),
            span(4, 3, "server", "b", 110, 20),
        ];
        let before: Vec<_> = trace.iter().map(|span| span.start).collect();
        correct(&mut trace);
        assert_eq!(trace.iter().map(|span| span.start).collect::<Vec<_>>(), before);
    }

    proptest! {
        #[test]
        fn every_answer_is_within_its_request(
            starts in proptest::collection::vec((0_i64..10_000, 1_i64..1_000), 12),
            worked in 1_i64..500,
        ) {
            // A chain of requests from host to host, each host with a clock of its own.
            let mut trace = Vec::new();
            for (hop, (start, longer)) in starts.iter().enumerate() {
                let id = hop as u8 + 1;
                let hosts = (format!("h{hop}"), format!("h{}", hop + 1));
                let times = (*start, worked + longer, *start * 3 % 7_919, worked);
                trace.push(span(2 * id, 2 * id - 1, "client", &hosts.0, times.0, times.1));
                trace.push(span(2 * id + 1, 2 * id, "server", &hosts.1, times.2, times.3));
            }
            correct(&mut trace);
            for pair in trace.chunks(2) {
                let (client, server) = (&pair[0], &pair[1]);
                prop_assert!(server.start >= client.start);
                let end = |span: &Traced| span.start.unwrap() + span.duration.unwrap();
                prop_assert!(end(server) <= end(client));
            }
        }
    }
}
