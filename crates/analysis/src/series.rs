//! Statistics of series, one idea a file: pure functions of numbers, the same for every question. With
//! too little data each answers nothing and says why.

pub mod anomaly;
pub mod apdex;
pub mod baseline;
pub mod bootstrap;
pub mod burn;
pub mod change_point;
pub mod cumulative;
pub mod false_discovery;
pub mod forecast;
pub mod kaplan_meier;
pub mod mann_kendall;
pub mod normal;
pub mod percentile;
pub mod poisson;
#[cfg(test)]
mod quiet;
pub mod random;
pub mod theil_sen;
pub mod trend;

use std::fmt;

use model::absence::{Absence, Absent};
use model::time::Micros;

/// One value of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// When it was measured, or the start of its bucket.
    pub at: Micros,
    /// The value; what is not finite is passed over.
    pub value: f64,
}

/// Why a figure cannot be given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NoAnswer {
    /// Fewer values than the method needs.
    TooFew {
        /// Values there are.
        n: usize,
        /// Values it takes.
        needed: usize,
    },
    /// A shorter time than the method needs.
    TooShort {
        /// Days there are.
        days: f64,
        /// Days it takes.
        needed: f64,
    },
    /// More are still open than the figure allows.
    NotReached,
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFew { n, .. } => write!(f, "too few, n = {n}"),
            Self::TooShort { days, needed } => {
                write!(f, "too short, {days:.1} of {needed:.0} days")
            }
            Self::NotReached => f.write_str("not reached, too many are still open"),
        }
    }
}

impl From<NoAnswer> for Absent {
    fn from(why: NoAnswer) -> Self {
        Absence::TooLittleData.because(why.to_string())
    }
}

/// Nothing when there are fewer than `needed` values.
pub(crate) fn at_least(n: usize, needed: usize) -> Result<(), NoAnswer> {
    if n < needed { Err(NoAnswer::TooFew { n, needed }) } else { Ok(()) }
}

/// A figure with the range it lies in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}
