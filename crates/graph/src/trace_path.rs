//! The critical path of a trace: which span each instant of the root is owed to.
//!
//! Definition: first clocks are corrected: a child of another host that lies outside its parent is moved
//! inside and centred; one that lasts longer than its parent is moved to the parent's start if it begins
//! before. Spans of one host move together. Then each child is clipped to its parent. From the root's end
//! walk back: of the synchronous children that end at or before the cursor take the one that ends last
//! (ties: latest start, then greatest id); the time between its end and the cursor belongs to the parent;
//! the child is walked in the same way; the cursor becomes its start. Asynchronous spans and spans that
//! start after their parent ended are not on the path, nor is what lies below them. The pieces cover the
//! root exactly once.
//! Complexity: O(spans · log spans).
//! Source: the walk is that of Zhang et al., CRISP: Critical Path Analysis of Large-Scale Microservice
//! Architectures (USENIX ATC 2022); the correction that of Jaeger's clock-skew adjuster.

use std::cmp::Reverse;

/// One span. Times are in one unit, whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// Place of the parent among the spans; `None` for a root.
    pub parent: Option<u32>,
    /// Settles ties.
    pub id: u64,
    /// Spans of one host share a clock.
    pub host: u64,
    /// Start.
    pub start: i64,
    /// End, not before the start.
    pub end: i64,
    /// Whether the parent does not wait for it.
    pub is_asynchronous: bool,
}

/// A piece of the root's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Piece {
    /// Start.
    pub start: i64,
    /// End, after the start.
    pub end: i64,
    /// Place of the span that it belongs to.
    pub span: u32,
}

/// The critical path of one root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TracePath {
    /// The pieces, in order of time; they cover the root without gap or overlap.
    pub pieces: Vec<Piece>,
    /// Spans that were moved because their clock is wrong.
    pub adjusted: u64,
}

/// The spans that each span caused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Children {
    offsets: Vec<u32>,
    places: Vec<u32>,
}

impl Children {
    /// Of spans by the place of their parent. O(spans).
    pub fn new(parents: impl ExactSizeIterator<Item = Option<u32>> + Clone) -> Self {
        let count = parents.len();
        let mut offsets = vec![0_u32; count + 1];
        for parent in parents.clone().flatten() {
            offsets[parent as usize + 1] += 1;
        }
        for place in 0..count {
            offsets[place + 1] += offsets[place];
        }
        let mut next = offsets.clone();
        let mut places = vec![0_u32; offsets[count] as usize];
        for (place, parent) in (0_u32..).zip(parents) {
            if let Some(parent) = parent {
                let slot = &mut next[parent as usize];
                places[*slot as usize] = place;
                *slot += 1;
            }
        }
        Self { offsets, places }
    }

    /// The children of a span, in order of place.
    pub fn of(&self, span: u32) -> &[u32] {
        let place = span as usize;
        &self.places[self.offsets[place] as usize..self.offsets[place + 1] as usize]
    }
}

/// The path of the trace below `root`, which keeps its own clock. Parents lead to no loop below a root
/// that has none itself.
pub fn trace_path(spans: &[Interval], children: &Children, root: u32) -> TracePath {
    let (times, adjusted) = corrected(spans, children, root);
    let mut pieces = Vec::new();
    let mut open = vec![(root, times[root as usize])];
    let mut waited: Vec<(i64, i64, u64, u32)> = Vec::new();
    while let Some((span, (start, end))) = open.pop() {
        waited.clear();
        for child in children.of(span) {
            let own = &spans[*child as usize];
            let (from, to) = times[*child as usize];
            // What began after the parent's own end was not waited for; clipping comes after that.
            let is_later = from > times[span as usize].1;
            if own.is_asynchronous || is_later || to < start || from > end {
                continue;
            }
            waited.push((to.min(end), from.max(start), own.id, *child));
        }
        waited.sort_unstable_by_key(|one| Reverse(*one));
        let mut cursor = end;
        for (to, from, _, child) in &waited {
            if *to > cursor {
                continue;
            }
            if *to < cursor {
                pieces.push(Piece { start: *to, end: cursor, span });
            }
            open.push((*child, (*from, *to)));
            cursor = *from;
        }
        if start < cursor {
            pieces.push(Piece { start, end: cursor, span });
        }
    }
    pieces.sort_unstable();
    TracePath { pieces, adjusted }
}

/// Start and end of each span by the root's clock, and how many spans were moved.
fn corrected(spans: &[Interval], children: &Children, root: u32) -> (Vec<(i64, i64)>, u64) {
    let mut times: Vec<(i64, i64)> = spans.iter().map(|one| (one.start, one.end)).collect();
    let mut adjusted = 0;
    let mut open = vec![(root, 0_i64)];
    while let Some((span, offset)) = open.pop() {
        let (start, end) = times[span as usize];
        let parent = &spans[span as usize];
        for child in children.of(span) {
            let own = &spans[*child as usize];
            let is_same_clock = own.host == parent.host;
            let mut moved = if is_same_clock { offset } else { 0 };
            if !is_same_clock && !own.is_asynchronous {
                let by = skew((start, end), (own.start, own.end));
                adjusted += u64::from(by != 0);
                moved = by;
            }
            let time = &mut times[*child as usize];
            *time = (own.start.saturating_add(moved), own.end.saturating_add(moved));
            open.push((*child, moved));
        }
    }
    (times, adjusted)
}

/// How far a child must be moved so that it lies inside its parent.
fn skew(parent: (i64, i64), child: (i64, i64)) -> i64 {
    let length = |(start, end): (i64, i64)| end.saturating_sub(start);
    if length(child) > length(parent) {
        return parent.0.saturating_sub(child.0).max(0);
    }
    if child.0 >= parent.0 && child.1 <= parent.1 {
        return 0;
    }
    let spare = length(parent).saturating_sub(length(child)) / 2;
    parent.0.saturating_add(spare).saturating_sub(child.0)
}
