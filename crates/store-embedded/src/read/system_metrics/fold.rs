//! Buckets from rows: values as received and rolled up hours are put into buckets one by one, and the rise
//! of a counter is followed from row to row. A database would sort and window for that; rows lie in order
//! of time already, and series of which they do not are given back.

use super::bucket::Bucket;
use crate::telemetry::state::NEVER;

/// One row: a value, or what an hour was rolled up to.
#[derive(Debug, Clone, Copy)]
pub struct Piece {
    /// How many values.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// The earliest, and when.
    pub first: (i64, f64),
    /// The latest, and when.
    pub last: (i64, f64),
    /// The rise from the earliest to the latest.
    pub increase: f64,
}

impl Piece {
    /// One value.
    pub fn of(at: i64, value: f64) -> Self {
        let end = (at, value);
        Self { count: 1, sum: value, min: value, max: value, first: end, last: end, increase: 0.0 }
    }
}

/// One series on its way into buckets.
#[derive(Debug, Clone)]
struct Folding {
    series: u32,
    is_counter: bool,
    is_late: bool,
    last: (i64, f64),
    buckets: Vec<Bucket>,
}

/// Series on their way into buckets.
#[derive(Debug, Clone)]
pub struct Fold {
    from: i64,
    step: i64,
    /// Place of each series by its id, one more than it; 0 of those that were not asked for.
    places: Vec<u32>,
    series: Vec<Folding>,
}

impl Fold {
    /// Nothing yet, of these series in buckets of `step`; what lies before `from` counts only for the rise
    /// into the first bucket.
    pub fn new(counters: &[u32], levels: &[u32], from: i64, step: i64) -> Self {
        let counters = counters.iter().map(|series| (*series, true));
        let series: Vec<Folding> = counters
            .chain(levels.iter().map(|series| (*series, false)))
            .map(|(series, is_counter)| Folding {
                series,
                is_counter,
                is_late: false,
                last: (NEVER, 0.0),
                buckets: Vec::new(),
            })
            .collect();
        let ids = series.iter().map(|one| one.series as usize + 1).max().unwrap_or_default();
        let mut places = vec![0; ids];
        for (place, one) in series.iter().enumerate() {
            if let Some(held) = places.get_mut(one.series as usize) {
                *held = place as u32 + 1;
            }
        }
        Self { from, step: step.max(1), places, series }
    }

    /// Puts the next row of a series into its bucket.
    pub fn add(&mut self, series: u32, piece: &Piece) {
        let Some(place) = self.places.get(series as usize).and_then(|one| one.checked_sub(1))
        else {
            return;
        };
        let (from, step) = (self.from, self.step);
        if let Some(one) = self.series.get_mut(place as usize).filter(|one| !one.is_late) {
            one.add(piece, from, step);
        }
    }

    /// Says that rows of a series do not lie in order.
    pub fn leave(&mut self, series: u32) {
        let place = self.places.get(series as usize).and_then(|one| one.checked_sub(1));
        if let Some(one) = place.and_then(|place| self.series.get_mut(place as usize)) {
            one.is_late = true;
        }
    }

    /// Counters and other series whose rows did not come in order; they have no buckets.
    pub fn late(&self) -> (Vec<u32>, Vec<u32>) {
        let late = |is_counter: bool| {
            let is_of = |one: &&Folding| one.is_late && one.is_counter == is_counter;
            self.series.iter().filter(is_of).map(|one| one.series).collect()
        };
        (late(true), late(false))
    }

    /// The buckets of those that did, by series as asked for, then by time.
    pub fn buckets(self) -> impl Iterator<Item = Bucket> {
        self.series.into_iter().filter(|one| !one.is_late).flat_map(|one| one.buckets)
    }
}

impl Folding {
    fn add(&mut self, piece: &Piece, from: i64, step: i64) {
        let mut increase = 0.0;
        if self.is_counter {
            if piece.first.0 <= self.last.0 {
                self.is_late = true;
                self.buckets = Vec::new();
                return;
            }
            increase = piece.increase;
            if self.last.0 != NEVER {
                let (before, first) = (self.last.1, piece.first.1);
                increase += if first >= before { first - before } else { first };
            }
            self.last = piece.last;
        }
        if piece.first.0 < from {
            return;
        }
        let at = piece.first.0 - piece.first.0.rem_euclid(step);
        match self.buckets.last_mut() {
            Some(last) if last.at == at => add(last, piece, increase),
            Some(last) if last.at > at => self.insert(at, piece, increase),
            _ => self.buckets.push(fresh(self.series, at, piece, increase)),
        }
    }

    /// Puts a row into a bucket that is not the last one.
    fn insert(&mut self, at: i64, piece: &Piece, increase: f64) {
        match self.buckets.binary_search_by_key(&at, |bucket| bucket.at) {
            Ok(place) => {
                if let Some(held) = self.buckets.get_mut(place) {
                    add(held, piece, increase);
                }
            }
            Err(place) => {
                self.buckets.insert(place, fresh(self.series, at, piece, increase));
            }
        }
    }
}

fn fresh(series: u32, at: i64, piece: &Piece, increase: f64) -> Bucket {
    Bucket {
        series,
        at,
        count: piece.count,
        sum: piece.sum,
        min: piece.min,
        max: piece.max,
        first: piece.first,
        last: piece.last,
        increase,
    }
}

fn add(bucket: &mut Bucket, piece: &Piece, increase: f64) {
    bucket.count += piece.count;
    bucket.sum += piece.sum;
    bucket.min = bucket.min.min(piece.min);
    bucket.max = bucket.max.max(piece.max);
    bucket.increase += increase;
    if piece.first.0 < bucket.first.0 {
        bucket.first = piece.first;
    }
    if piece.last.0 > bucket.last.0 {
        bucket.last = piece.last;
    }
}
