//! The critical path of a trace against hand-made traces and a walk over single instants.

use graph::trace_path::{Children, Interval, Piece, TracePath, trace_path};
use proptest::prelude::*;

fn span(parent: Option<u32>, host: u64, start: i64, end: i64) -> Interval {
    Interval { parent, id: 0, host, start, end, is_asynchronous: false }
}

fn path(spans: &[Interval]) -> TracePath {
    let spans: Vec<Interval> = (1..).zip(spans).map(|(id, one)| Interval { id, ..*one }).collect();
    trace_path(&spans, &Children::new(spans.iter().map(|one| one.parent)), 0)
}

fn pieces(path: &TracePath) -> Vec<(u32, i64, i64)> {
    path.pieces.iter().map(|one| (one.span, one.start, one.end)).collect()
}

/// A request of 100 waits for one call from 10 to 40, then for another from 50 to 90 that itself waits
/// from 60 to 80: each instant belongs to the deepest span that is waited for.
#[test]
fn time_between_calls_belongs_to_the_caller() {
    let spans = [
        span(None, 1, 0, 100),
        span(Some(0), 2, 10, 40),
        span(Some(0), 3, 50, 90),
        span(Some(2), 4, 60, 80),
    ];
    let expected =
        [(0, 0, 10), (1, 10, 40), (0, 40, 50), (2, 50, 60), (3, 60, 80), (2, 80, 90), (0, 90, 100)];
    assert_eq!(pieces(&path(&spans)), expected);
}

/// Two calls at once: only the one that ends last is waited for, and of the other what ends before the
/// first began is not there.
#[test]
fn of_parallel_calls_the_last_to_end_is_waited_for() {
    let spans = [span(None, 1, 0, 100), span(Some(0), 2, 10, 60), span(Some(0), 3, 10, 80)];
    assert_eq!(pieces(&path(&spans)), [(0, 0, 10), (2, 10, 80), (0, 80, 100)]);
}

/// A message that is taken later, and a call that begins after its caller ended, hold nobody up.
#[test]
fn what_is_not_waited_for_is_not_on_the_path() {
    let mut taken = span(Some(0), 2, 20, 70);
    taken.is_asynchronous = true;
    let later = span(Some(0), 1, 120, 150);
    let below = span(Some(1), 2, 30, 60);
    let spans = [span(None, 1, 0, 100), taken, later, below];
    assert_eq!(pieces(&path(&spans)), [(0, 0, 100)]);
}

/// The callee's clock is 1,000 ahead: its span of 40 is put into the middle of the caller's 100, and what
/// shares its clock moves with it.
#[test]
fn a_wrong_clock_is_corrected_before_anything_is_clipped() {
    let spans =
        [span(None, 1, 0, 100), span(Some(0), 2, 1_010, 1_050), span(Some(1), 2, 1_020, 1_030)];
    let path = path(&spans);
    assert_eq!(path.adjusted, 1);
    let expected = [(0, 0, 30), (1, 30, 40), (2, 40, 50), (1, 50, 70), (0, 70, 100)];
    assert_eq!(pieces(&path), expected);
}

/// On one host there is one clock: what lies outside its parent is cut off, not moved.
#[test]
fn what_lasts_longer_than_its_parent_is_clipped() {
    let spans = [span(None, 1, 0, 100), span(Some(0), 1, 60, 130)];
    let path = path(&spans);
    assert_eq!((path.adjusted, pieces(&path)), (0, vec![(0, 0, 60), (1, 60, 100)]));
}

/// The owner of the instant between `at` and `at + 1`, by the definition alone; spans share one clock.
fn owner(spans: &[Interval], span: usize, (start, end): (i64, i64), at: i64) -> usize {
    let mut cursor = end;
    let mut left: Vec<usize> = (0..spans.len())
        .filter(|child| spans[*child].parent == Some(span as u32))
        .filter(|child| !spans[*child].is_asynchronous && spans[*child].start <= spans[span].end)
        .filter(|child| spans[*child].start <= end && spans[*child].end >= start)
        .collect();
    loop {
        let clipped = |child: usize| (spans[child].start.max(start), spans[child].end.min(end));
        let next = left
            .iter()
            .copied()
            .filter(|child| clipped(*child).1 <= cursor)
            .max_by_key(|child| (clipped(*child).1, clipped(*child).0, spans[*child].id));
        let Some(child) = next else { return span };
        left.retain(|one| *one != child);
        let (from, to) = clipped(child);
        if at >= to {
            return span;
        }
        if at >= from {
            return owner(spans, child, (from, to), at);
        }
        cursor = from;
    }
}

proptest! {
    #[test]
    fn every_instant_belongs_to_the_span_that_the_definition_names(
        raw in proptest::collection::vec((0_u32..12, 0_i64..30, 0_i64..14, any::<bool>()), 1..12),
    ) {
        let spans: Vec<Interval> = (0_u32..).zip(&raw).map(|(place, (parent, start, length, quiet))| {
            Interval {
                parent: (place > 0).then(|| parent % place),
                id: u64::from(place * 7 % 11),
                host: 1,
                start: *start,
                end: start + length,
                is_asynchronous: *quiet && place % 3 == 0 && place > 0,
            }
        }).collect();
        let children = Children::new(spans.iter().map(|one| one.parent));
        let found = trace_path(&spans, &children, 0);
        let root = (spans[0].start, spans[0].end);
        for at in root.0..root.1 {
            let covering: Vec<&Piece> =
                found.pieces.iter().filter(|one| one.start <= at && at < one.end).collect();
            prop_assert_eq!(covering.len(), 1);
            prop_assert_eq!(covering[0].span as usize, owner(&spans, 0, root, at));
        }
        prop_assert!(found.pieces.iter().all(|one| one.start >= root.0 && one.end <= root.1));
    }

    #[test]
    fn pieces_cover_the_root_whatever_the_clocks_say(
        raw in proptest::collection::vec(
            (0_u32..40, -1_000_i64..1_000, 0_i64..300, 0_u64..4, any::<bool>()), 1..40),
    ) {
        let spans: Vec<Interval> = (0_u32..).zip(&raw).map(|(place, (parent, start, length, host, quiet))| {
            let parent = (place > 0).then(|| parent % place);
            let is_asynchronous = *quiet && place % 5 == 0;
            Interval { parent, id: 0, host: *host, start: *start, end: start + length, is_asynchronous }
        }).collect();
        let children = Children::new(spans.iter().map(|one| one.parent));
        let found = trace_path(&spans, &children, 0);
        let mut at = spans[0].start;
        for piece in &found.pieces {
            prop_assert_eq!(piece.start, at);
            prop_assert!(piece.end > piece.start);
            at = piece.end;
        }
        prop_assert_eq!(at, spans[0].end);
    }
}
