//! What of a series is far from usual: by its deviation, or as rare events where few of them make a
//! bucket.

use model::time::Micros;

use super::{SeriesAnomaly, SeriesInput, shape};
use crate::series::Sample;
use crate::series::anomaly::{EVENTS_MIN, Judged, anomalies, judged, judged_counts, usual_share};
use crate::series::baseline::{Baseline, Season};
use crate::series::percentile::{MAD_SCALE, median, sorted};

/// What is far from usual, as said to people.
pub(super) fn far(
    input: &SeriesInput<'_>,
    window: &[Sample],
    usual: Option<&Baseline>,
) -> Vec<SeriesAnomaly> {
    let step = input.grid.step;
    if let Some(rare) = rare(input, usual) {
        return anomalies(&rare, step)
            .iter()
            .map(|one| shape::anomaly_of_counts(one, input))
            .collect();
    }
    let Some(usual) = usual else { return Vec::new() };
    let judged = judged(window, |at| usual.expected(at), usual.scale(input.resolution));
    anomalies(&judged, step).iter().map(|one| shape::anomaly(one, input)).collect()
}

/// Buckets judged as rare events, when usually fewer than 30 make a bucket.
fn rare(input: &SeriesInput<'_>, usual: Option<&Baseline>) -> Option<Vec<Judged>> {
    let counts = input.counts?;
    let pair = |(events, exposure): (&Option<f64>, &Option<f64>)| Some(((*events)?, (*exposure)?));
    let own: Vec<(f64, f64)> = counts.events.iter().zip(counts.exposure).filter_map(pair).collect();
    let is_past_enough = counts.earlier.len() * 4 >= own.len() * 3;
    let share = match is_past_enough {
        true => usual_share(counts.earlier),
        false => usual_share(&[counts.earlier, &own].concat()),
    };
    let share = share.ok()?;
    let exposures = sorted(own.iter().map(|pair| pair.1));
    if share * median(&exposures)? >= EVENTS_MIN {
        return None;
    }
    // A season of the values is a season of the events.
    let expected = |place: usize, exposure: f64| match usual {
        Some(usual) if usual.season != Season::None => {
            usual.expected(input.grid.at(place)).max(0.0) * exposure
        }
        _ => share * exposure,
    };
    let mut samples = Vec::new();
    let mut means = Vec::new();
    for place in 0..input.grid.count {
        let events = counts.events.get(place).copied().flatten();
        let exposure = counts.exposure.get(place).copied().flatten();
        let (Some(events), Some(exposure)) = (events, exposure) else { continue };
        samples.push(Sample { at: input.grid.at(place), value: events });
        means.push(expected(place, exposure));
    }
    let distances = samples.iter().zip(&means).map(|(one, mean)| (one.value - mean).abs());
    let spread = MAD_SCALE * median(&sorted(distances))?;
    let mean_at = |at: Micros| {
        let place = samples.binary_search_by_key(&at, |one| one.at).ok();
        place.and_then(|place| means.get(place).copied()).unwrap_or_default()
    };
    // A deviation that the rarity itself explains does not count as spread.
    let chance = median(&sorted(means.iter().copied()))?.sqrt();
    let spread = if spread > 2.0 * chance { spread } else { 0.0 };
    Some(judged_counts(&samples, mean_at, spread))
}
