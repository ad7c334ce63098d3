//! Use over the look-back: signals of one entity put together over their series.

use std::collections::BTreeMap;

use model::fact::SignalFact;
use model::time::{Micros, Window};

/// A signal of one entity over the look-back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Usage {
    /// Values.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// Rise of counters.
    pub increase: f64,
    /// Instants of the first and last value.
    pub first: Micros,
    pub last: Micros,
}

impl Usage {
    /// The mean of the values.
    pub fn mean(&self) -> f64 {
        self.sum / self.count.max(1) as f64
    }

    /// Whether it covers a window: from its first day to its last, with a value a day on average.
    pub fn covers(&self, window: &Window) -> bool {
        let (from, to) = window.micros();
        let days = (to.0.saturating_sub(from.0) / Micros::DAY).max(1);
        self.first <= from.plus(Micros::DAY)
            && self.last.plus(Micros::DAY) >= to
            && self.count >= days.unsigned_abs()
    }

    /// Seconds between the first and the last value.
    pub fn seconds(&self) -> f64 {
        (self.last.0.saturating_sub(self.first.0)) as f64 / Micros::SECOND as f64
    }
}

/// Signals by entity.
#[derive(Debug, Default)]
pub(super) struct Usages(BTreeMap<String, BTreeMap<String, Usage>>);

impl Usages {
    /// Puts series of one entity and signal together: extremes over all, rises added up.
    pub fn new(facts: &[SignalFact]) -> Self {
        let mut all: BTreeMap<String, BTreeMap<String, Usage>> = BTreeMap::new();
        for fact in facts.iter().filter(|fact| fact.count > 0) {
            let one = Usage {
                count: fact.count,
                sum: fact.sum,
                min: fact.min,
                max: fact.max,
                increase: fact.increase,
                first: fact.first.0,
                last: fact.last.0,
            };
            all.entry(fact.id.clone())
                .or_default()
                .entry(fact.signal.clone())
                .and_modify(|held| {
                    held.count += one.count;
                    held.sum += one.sum;
                    held.min = held.min.min(one.min);
                    held.max = held.max.max(one.max);
                    held.increase += one.increase;
                    held.first = held.first.min(one.first);
                    held.last = held.last.max(one.last);
                })
                .or_insert(one);
        }
        Self(all)
    }

    /// A signal of an entity.
    pub fn of(&self, id: &str, signal: &str) -> Option<&Usage> {
        self.0.get(id)?.get(signal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(first: i64, last: i64, count: u64) -> Usage {
        let (first, last) = (Micros(first * Micros::DAY), Micros(last * Micros::DAY));
        Usage { count, sum: 0.0, min: 0.0, max: 0.0, increase: 0.0, first, last }
    }

    #[test]
    fn covered_is_from_end_to_end_and_every_day() {
        let at = |day: i64| Micros(day * Micros::DAY).timestamp();
        let window = Window { from: at(100), to: at(135) };
        assert!(usage(100, 135, 35).covers(&window));
        assert!(!usage(102, 135, 400).covers(&window), "begins late");
        assert!(!usage(100, 133, 400).covers(&window), "ends early");
        assert!(!usage(100, 135, 34).covers(&window), "has holes");
    }
}
