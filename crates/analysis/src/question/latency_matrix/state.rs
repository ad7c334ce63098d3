//! What became of a pair: slower, faster, as usual or unknown, since when and why. Pure.

use model::measure::Measure;

use super::shape::{MatrixPair, MatrixState};
use crate::judged_series::{SeriesChange, SeriesDirection, SeriesSummary};

/// The pair with its adjusted summary, and what became of it.
pub(super) fn with_state(mut pair: MatrixPair, least: f64, summary: SeriesSummary) -> MatrixPair {
    pair.summary = summary;
    let found = &pair.summary;
    if found.buckets == 0 || found.baseline.level.value.is_none() {
        pair.state = MatrixState::Unknown;
        pair.reason = match found.buckets {
            0 => "too few calls in every bucket".to_owned(),
            _ => "too few buckets with calls".to_owned(),
        };
        return pair;
    }
    let quantile = if pair.values.quantile > 0.9 { "95th percentile" } else { "median" };
    let relevant = |change: &&SeriesChange| {
        change.change_ratio.value.is_some_and(|ratio| ratio.abs() >= least)
    };
    let anomaly = found.anomalies.iter().max_by(|a, b| a.score.abs().total_cmp(&b.score.abs()));
    // The last change decides: what changed and changed back is as it was, and an anomaly between.
    let net = found.changes.iter().rfind(relevant).filter(|change| is_lasting(change, found));
    if let Some(change) = net {
        let is_slower = change.change_ratio.value.is_some_and(|ratio| ratio > 0.0);
        pair.state = if is_slower { MatrixState::Slower } else { MatrixState::Faster };
        pair.since = Some(change.at);
        pair.since_earliest = Some(change.earliest);
        pair.since_latest = Some(change.latest);
        let said = |measure: &Measure| figure(measure);
        pair.reason = format!(
            "the {quantile} went from {} to {} at {}",
            said(&change.before),
            said(&change.after),
            change.at
        );
    } else if let Some(one) = anomaly {
        pair.state = if one.score > 0.0 { MatrixState::Slower } else { MatrixState::Faster };
        pair.since = Some(one.from);
        let end = pair
            .values
            .from
            .plus((pair.values.step_seconds * 1e6) as i64 * pair.values.latency.len() as i64);
        pair.until = Some(one.to).filter(|to| *to < end);
        pair.reason = format!("{quantile}: {}", one.reason);
    } else {
        let (state, reason) = match found.trend.direction {
            Some(SeriesDirection::Rising) => (MatrixState::Slower, "rises over the window"),
            Some(SeriesDirection::Falling) => (MatrixState::Faster, "falls over the window"),
            _ => (MatrixState::Steady, "is as usual"),
        };
        pair.state = state;
        pair.reason = format!("the {quantile} {reason}");
        if state != MatrixState::Steady {
            pair.since = Some(pair.values.from);
        }
    }
    pair
}

/// Whether a level after a change is still away from what is usual.
fn is_lasting(change: &SeriesChange, found: &SeriesSummary) -> bool {
    let level = found.baseline.level.value.unwrap_or_default();
    let deviation = found.baseline.deviation.value.unwrap_or_default();
    let (before, after) = (change.before.value, change.after.value);
    let (Some(before), Some(after)) = (before, after) else { return false };
    // Where the window is its own baseline the level lies between the two and says nothing.
    found.baseline.with_window
        || (after - level).abs() > (before - level).abs()
        || (after - level).abs() > deviation
}

fn figure(measure: &Measure) -> String {
    match measure.value {
        Some(value) if value < 1.0 => format!("{:.1} ms", value * 1e3),
        Some(value) => format!("{value:.2} s"),
        None => "unknown".to_owned(),
    }
}
