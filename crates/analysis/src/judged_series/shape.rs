//! What answers say of a series.

use jiff::Timestamp;
use model::absence::{Absence, Absent};
use model::measure::Measure;
use model::time::Micros;
use schemars::JsonSchema;
use serde::Serialize;

use super::SeriesInput;
use crate::series::anomaly::Anomaly;
use crate::series::change_point::ChangePoint;
use crate::series::trend::Trend;

/// What is found of one series over its window.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SeriesSummary {
    /// Buckets that hold a value.
    pub buckets: u64,
    /// Buckets that hold none.
    pub gaps: u64,
    /// Mean of the buckets.
    pub mean: Measure,
    /// Standard deviation of the buckets.
    pub deviation: Measure,
    /// Median of the buckets.
    pub p50: Measure,
    /// 95th percentile of the buckets; needs 100.
    pub p95: Measure,
    /// 99th percentile of the buckets; needs 500.
    pub p99: Measure,
    /// What is usual.
    pub baseline: SeriesBaseline,
    /// Whether it rises or falls.
    pub trend: SeriesTrend,
    /// Where its level changed, in order of time.
    pub changes: Vec<SeriesChange>,
    /// Why no changes were looked for.
    pub changes_reason: Option<Absence>,
    /// More of that, for people.
    pub changes_detail: Option<String>,
    /// What is far from usual, in order of time.
    pub anomalies: Vec<SeriesAnomaly>,
}

impl SeriesSummary {
    pub(super) fn nothing(unit: &str) -> Self {
        let absent = || Measure::absent(unit, Absence::NoData);
        Self {
            buckets: 0,
            gaps: 0,
            mean: absent(),
            deviation: absent(),
            p50: absent(),
            p95: absent(),
            p99: absent(),
            baseline: SeriesBaseline {
                level: absent(),
                deviation: absent(),
                season: "none".to_owned(),
                season_strength: 0.0,
                from: None,
                to: None,
                with_window: false,
            },
            trend: SeriesTrend::pending(),
            changes: Vec::new(),
            changes_reason: None,
            changes_detail: None,
            anomalies: Vec::new(),
        }
    }
}

/// What is usual of a series.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SeriesBaseline {
    /// Median.
    pub level: Measure,
    /// 1.4826 times the median distance from what is usual at each instant.
    pub deviation: Measure,
    /// `none`, `hour of day` or `hour of week`.
    pub season: String,
    /// How much of the deviation the season takes away, 0 to 1.
    pub season_strength: f64,
    /// First instant of the values it is made from.
    pub from: Option<Micros>,
    /// Last instant of them.
    pub to: Option<Micros>,
    /// Whether values of the window itself are among them, because too few came before.
    pub with_window: bool,
}

/// Which way a series goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeriesDirection {
    /// Up.
    Rising,
    /// Down.
    Falling,
    /// Neither, or by too little.
    Steady,
}

/// Whether a series rises or falls over the window.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SeriesTrend {
    /// Which way; null when it cannot be told, with the reason beside the change.
    pub direction: Option<SeriesDirection>,
    /// From the window's first to its last value on the line.
    pub change: Measure,
    /// Lower bound of the change at 95 %.
    pub change_low: Option<f64>,
    /// Upper bound of the change at 95 %.
    pub change_high: Option<f64>,
    /// The change as a share of the line at the start.
    pub change_ratio: Measure,
    /// p-value, adjusted over all trends of the answer.
    pub p_adjusted: Option<f64>,
}

impl SeriesTrend {
    pub(super) fn pending() -> Self {
        Self::absent("1", &Absence::NoData.into())
    }

    pub(super) fn absent(unit: &str, why: &Absent) -> Self {
        Self {
            direction: None,
            change: Measure::absent(unit, why.clone()),
            change_low: None,
            change_high: None,
            change_ratio: Measure::absent("1", why.clone()),
            p_adjusted: None,
        }
    }
}

pub(super) fn trend(trend: &Trend, p: f64, is_real: bool, unit: &str) -> SeriesTrend {
    let direction = match is_real {
        true if trend.change.value > 0.0 => SeriesDirection::Rising,
        true => SeriesDirection::Falling,
        false => SeriesDirection::Steady,
    };
    let ratio = trend.change_ratio();
    let finite = |value: f64| Some(value).filter(|value| value.is_finite());
    SeriesTrend {
        direction: Some(direction),
        change: Measure::new(trend.change.value, unit).of(trend.blocks as u64),
        change_low: finite(trend.change.low),
        change_high: finite(trend.change.high),
        change_ratio: ratio
            .map_or_else(|| Measure::absent("1", Absence::NotApplicable), |r| Measure::new(r, "1")),
        p_adjusted: finite(p),
    }
}

/// Where the level of a series changed for good.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SeriesChange {
    /// Start of the first bucket at the new level.
    pub at: Micros,
    /// Earliest that it may have been, at 95 %.
    pub earliest: Micros,
    /// Latest that it may have been, at 95 %.
    pub latest: Micros,
    /// Level before.
    pub before: Measure,
    /// Level after.
    pub after: Measure,
    /// Change as a share of the level before.
    pub change_ratio: Measure,
}

pub(super) fn change(change: &ChangePoint, input: &SeriesInput<'_>) -> SeriesChange {
    let ratio = match change.before {
        before if before.abs() > 0.0 => Measure::new(change.after / before - 1.0, "1"),
        _ => Measure::absent("1", Absence::NotApplicable),
    };
    SeriesChange {
        at: change.at,
        earliest: change.low,
        latest: change.high,
        before: Measure::new(change.before, input.unit),
        after: Measure::new(change.after, input.unit),
        change_ratio: ratio,
    }
}

/// A stretch of buckets that are far from usual.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SeriesAnomaly {
    /// Start of the first of them.
    pub from: Micros,
    /// End of the last of them.
    pub to: Micros,
    /// How many buckets are far.
    pub buckets: u64,
    /// The farthest bucket.
    pub peak_at: Micros,
    /// What was measured there.
    pub value: Measure,
    /// What was expected there.
    pub expected: Measure,
    /// Signed distance in scales; beyond 4 is far.
    pub score: f64,
    /// Why, for people.
    pub reason: String,
}

pub(super) fn anomaly(anomaly: &Anomaly, input: &SeriesInput<'_>) -> SeriesAnomaly {
    let peak = anomaly.peak;
    let scales = peak.score.abs();
    let side = if peak.score < 0.0 { "below" } else { "above" };
    let reason = format!(
        "{} of {} buckets far from usual; at the farthest {} where {} is usual, {scales:.1} \
         deviations {side}",
        anomaly.buckets,
        spanned(anomaly, input),
        figure(peak.value, input.unit),
        figure(peak.expected, input.unit),
    );
    said(anomaly, input, (peak.value, peak.expected), reason)
}

/// The same of rare events: the peak's value and expectation are counts.
pub(super) fn anomaly_of_counts(anomaly: &Anomaly, input: &SeriesInput<'_>) -> SeriesAnomaly {
    let peak = anomaly.peak;
    let place = input.grid.place(peak.at);
    let exposure = place
        .and_then(|place| input.counts.and_then(|counts| counts.exposure.get(place).copied()))
        .flatten()
        .filter(|exposure| *exposure > 0.0)
        .unwrap_or(1.0);
    let side = if peak.score < 0.0 { "below" } else { "above" };
    let reason = format!(
        "{} of {} buckets far from usual; at the farthest {:.0} events where {:.1} are usual, {side} \
         what chance explains",
        anomaly.buckets,
        spanned(anomaly, input),
        peak.value,
        peak.expected,
    );
    said(anomaly, input, (peak.value / exposure, peak.expected / exposure), reason)
}

fn spanned(anomaly: &Anomaly, input: &SeriesInput<'_>) -> i64 {
    (anomaly.to.0 - anomaly.from.0) / input.grid.step.max(1)
}

fn said(
    anomaly: &Anomaly,
    input: &SeriesInput<'_>,
    (value, expected): (f64, f64),
    reason: String,
) -> SeriesAnomaly {
    SeriesAnomaly {
        from: anomaly.from,
        to: anomaly.to,
        buckets: anomaly.buckets as u64,
        peak_at: anomaly.peak.at,
        value: Measure::measured(value, input.unit),
        expected: Measure::new(expected, input.unit),
        score: anomaly.peak.score.clamp(-1e6, 1e6),
        reason,
    }
}

/// A figure for people: three digits, shares in percent.
pub(crate) fn figure(value: f64, unit: &str) -> String {
    let digits = |value: f64| match value.abs() {
        x if x >= 100.0 => format!("{value:.0}"),
        x if x >= 10.0 => format!("{value:.1}"),
        x if x >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    };
    match unit {
        "1" => format!("{} %", digits(100.0 * value)),
        "s" if value.abs() < 1.0 => format!("{} ms", digits(1_000.0 * value)),
        "/s" => format!("{}/s", digits(value)),
        unit => format!("{} {unit}", digits(value)).trim_end().to_owned(),
    }
}

/// How an answer compares with an earlier period.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SeriesComparison {
    /// `previous`: just before, equally long; `week_before`: the same a week earlier.
    pub period: String,
    /// Its start.
    pub from: Timestamp,
    /// Its end, not included.
    pub to: Timestamp,
    /// The value then.
    pub value: Measure,
    /// The window's value against it: 0.1 is a tenth more.
    pub change_ratio: Measure,
}
