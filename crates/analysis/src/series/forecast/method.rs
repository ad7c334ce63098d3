//! How next values are worked out from past ones: plain methods, none of which follows one wild value.

use model::time::Micros;

use crate::series::Sample;
use crate::series::baseline::Baseline;
use crate::series::percentile::{median, sorted};
use crate::series::theil_sen::theil_sen;

/// Values that a line is drawn through.
const LINE_MAX: usize = 60;

/// Last values that make a level when they are a day apart.
const LEVEL_MIN: usize = 3;

/// How the next values are worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// What is usual at that hour.
    Usual,
    /// The same, moved to the level of the last day.
    Level,
    /// The line through all, with what is usual at that hour.
    Line,
    /// The line through the last half.
    RecentLine,
}

impl Method {
    pub(super) const ALL: [Self; 4] = [Self::Usual, Self::Level, Self::Line, Self::RecentLine];

    /// As said to people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Usual => "usual value of the hour",
            Self::Level => "level of the last day",
            Self::Line => "line through all",
            Self::RecentLine => "line through the last half",
        }
    }
}

/// Past values, and what they are without their season.
pub(super) struct Past {
    usual: Baseline,
    plain: Vec<Sample>,
    last: Micros,
}

impl Past {
    /// `None` of too few values.
    pub(super) fn of(past: &[Sample]) -> Option<Self> {
        let usual =
            Baseline::of(past).or_else(|_few| Baseline::of(&[past, past, past].concat())).ok()?;
        let plain = past.iter().map(|one| usual.deseasonalised(*one)).collect();
        Some(Self { usual, plain, last: past.last()?.at })
    }

    /// What a method gives at instants after the past; NaN where it gives nothing.
    pub(super) fn values_at(&self, instants: &[Micros], method: Method) -> Vec<f64> {
        let usual = &self.usual;
        let wave = |at: &Micros| usual.expected(*at) - usual.level;
        let (start, rise) = match method {
            Method::Usual => (usual.level, 0.0),
            Method::Level => (self.level(), 0.0),
            Method::Line => self.line(0),
            Method::RecentLine => self.line(self.plain.len() / 2),
        };
        let ahead = |at: &Micros| (at.0 - self.last.0) as f64;
        instants.iter().map(|at| start + rise * ahead(at) + wave(at)).collect()
    }

    fn level(&self) -> f64 {
        let since = self.last.plus(-Micros::DAY);
        let count = self.plain.iter().rev().take_while(|one| one.at > since).count();
        let last = self.plain.iter().rev().take(count.max(LEVEL_MIN)).map(|one| one.value);
        median(&sorted(last)).unwrap_or(self.usual.level)
    }

    /// A robust line through the values from a place on: its value at the last instant, and its rise per
    /// microsecond.
    fn line(&self, from: usize) -> (f64, f64) {
        let plain = self.plain.get(from..).unwrap_or_default();
        let points: Vec<(f64, f64)> = plain
            .chunks(plain.len().div_ceil(LINE_MAX).max(1))
            .filter_map(|block| {
                let ahead = block.iter().map(|one| (one.at.0 - self.last.0) as f64).sum::<f64>();
                let value = median(&sorted(block.iter().map(|one| one.value)))?;
                Some((ahead / block.len() as f64, value))
            })
            .collect();
        let line = theil_sen(&points, 0.95);
        line.map_or((f64::NAN, f64::NAN), |line| (line.intercept, line.slope.value))
    }
}
