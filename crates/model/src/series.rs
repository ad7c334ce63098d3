//! Measured values as received: series, samples, histograms, and their rollups.

use serde::{Deserialize, Serialize};

use crate::entity::Labels;
use crate::reference::Reference;
use crate::time::Micros;

/// How the values of a series are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SeriesType {
    /// A level.
    Gauge,
    /// A total that only rises, and falls only when it starts anew.
    Counter,
    /// An amount per period, as delta temporality sends it.
    Delta,
    /// One bucket, sum or count of a classic histogram, cumulative; `le` stands in the labels.
    Bucket,
    /// A quantile that the sender computed; `quantile` stands in the labels. Never merged.
    Quantile,
}

/// One series and values of it, as one input sends them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesObservation {
    /// What is measured.
    pub subject: Reference,
    /// The metric's own name (`container_cpu_usage_seconds_total`).
    pub metric: String,
    /// All labels as received, but the metric's name.
    pub labels: Labels,
    /// Canonical meaning (`cpu_utilization_ratio`), when the table of signals has one.
    pub signal: Option<String>,
    /// Factor that turns a value into the signal's unit (0.01 for percent); 1 without a signal.
    pub signal_factor: f64,
    /// Unit as received.
    pub unit: Option<String>,
    /// How to read the values.
    pub series_type: SeriesType,
    /// Points in order of time; the values are as received.
    pub points: Vec<Point>,
    /// Native and exponential histograms in order of time.
    pub histograms: Vec<HistogramPoint>,
}

/// One value. NaN and infinities are rejects, not points; Prometheus' stale marker is `is_stale`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// When it was measured.
    pub at: Micros,
    /// As received; 0 when stale.
    pub value: f64,
    /// The series ended here.
    pub is_stale: bool,
}

/// A distribution over one period, in our bins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistogramPoint {
    /// End of the period.
    pub at: Micros,
    /// Length of the period in microseconds; 0 when cumulative since the start of the series.
    pub period: i64,
    /// How many values.
    pub count: u64,
    /// Their sum, if sent.
    pub sum: Option<f64>,
    /// Counts by bin, in order of bin.
    pub bins: Vec<(Bin, u64)>,
}

/// A logarithmic bin: bin b holds values in (1.02^(b−1), 1.02^b], so that its middle is within 1 % of
/// each of them. Zero and negative values are apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bin(pub i32);

impl Bin {
    /// Base of the logarithm; relative error of a bin's middle is below 1 %.
    pub const BASE: f64 = 1.02;
    /// The bin of values that are zero.
    pub const ZERO: Self = Self(i32::MIN);
    /// The bin of values below zero.
    pub const NEGATIVE: Self = Self(i32::MIN + 1);

    /// The bin of a finite value.
    pub fn of(value: f64) -> Self {
        if value > 0.0 {
            Self((value.ln() / Self::BASE.ln()).ceil() as i32)
        } else if value == 0.0 {
            Self::ZERO
        } else {
            Self::NEGATIVE
        }
    }

    /// The value that stands for the bin: 2·1.02^b / (1 + 1.02), as in DDSketch (Masson et al. 2019).
    pub fn value(self) -> f64 {
        match self {
            Self::ZERO => 0.0,
            Self::NEGATIVE => f64::NEG_INFINITY,
            Self(bin) => 2.0 * Self::BASE.powi(bin) / (1.0 + Self::BASE),
        }
    }
}

/// Values of one series in one bucket of time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rollup {
    /// Start of the bucket.
    pub at: Micros,
    /// How many values.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// The earliest, and when.
    pub first: (Micros, f64),
    /// The latest, and when.
    pub last: (Micros, f64),
    /// For counters: the rise inside the bucket with resets mended (a fall is a start from zero).
    pub increase: f64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_bin_is_within_one_percent(value in 1e-9_f64..1e12) {
            let middle = Bin::of(value).value();
            prop_assert!((middle - value).abs() / value < 0.01001, "{value} {middle}");
        }
    }

    #[test]
    fn zero_and_negative_are_apart() {
        assert_eq!(Bin::of(0.0), Bin::ZERO);
        assert_eq!(Bin::of(-3.0), Bin::NEGATIVE);
        assert_eq!(Bin::of(1.0), Bin(0));
    }
}
