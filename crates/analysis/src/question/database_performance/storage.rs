//! Storage of a database: what is used and free now, and when it is full if it goes on as it did.

use model::absence::{Absence, Absent};
use model::entity::Labels;
use model::fact::{EntityFact, SeriesFact, SignalFact};
use model::measure::{Measure, MeasureBasis};
use model::time::Micros;

use super::PAST_STEP;
use super::read::{Readings, newest};
use super::shape::{DatabaseFill, DatabaseSpace};
use crate::property::number;
use crate::series::Sample;
use crate::series::forecast::{Forecast, forecast};

/// Signals whose past is read.
pub(super) const SIGNALS: [&str; 1] = ["disk_free_bytes"];

/// Longest look ahead, in days.
const HORIZON_DAYS: i64 = 90;
/// Bytes of a GiB, in which AWS states sizes.
const GIB: f64 = 1_073_741_824.0;

/// A volume: its free bytes, its size, and the labels of its series.
struct Volume<'a> {
    free: f64,
    size: Option<f64>,
    labels: &'a Labels,
    count: u64,
}

impl Volume<'_> {
    fn share(&self) -> Option<f64> {
        let size = self.size.filter(|size| *size > 0.0)?;
        Some((1.0 - self.free / size).clamp(0.0, 1.0))
    }
}

fn volumes<'a>(readings: &Readings<'a>, fact: &EntityFact) -> Vec<Volume<'a>> {
    let sizes = readings.all("disk_size_bytes");
    let free = readings.all("disk_free_bytes");
    let stated = number(fact, "allocated_storage").map(|gib| gib * GIB);
    let size_of = |one: &SignalFact| {
        let same = sizes.iter().find(|size| size.labels == one.labels);
        let only = sizes.first().filter(|_| sizes.len() == 1 && free.len() == 1);
        same.or(only).map(|size| size.last.1).or(stated.filter(|_| free.len() == 1))
    };
    free.iter()
        .map(|one| Volume {
            free: one.last.1,
            size: size_of(one),
            labels: &one.labels,
            count: one.count,
        })
        .collect()
}

/// The storage of a database; `past` are the series of its free space.
pub(super) fn of(
    readings: &Readings<'_>,
    fact: &EntityFact,
    past: &[&SeriesFact],
) -> DatabaseSpace {
    let volumes = volumes(readings, fact);
    // The fullest; without sizes the one with least free.
    let worst = volumes.iter().min_by(|a, b| {
        let key = |one: &Volume<'_>| (-one.share().unwrap_or(-1.0), one.free);
        key(a).0.total_cmp(&key(b).0).then(key(a).1.total_cmp(&key(b).1))
    });
    let own = newest(&readings.whole("storage_used_bytes"), "By", true);
    let ratio = newest(readings.all("disk_utilization_ratio"), "1", false);
    let Some(worst) = worst else {
        let size = number(fact, "allocated_storage").map(|gib| Measure::new(gib * GIB, "By"));
        return DatabaseSpace {
            used: own,
            free: Measure::absent("By", Absence::NotCollected),
            size: size.unwrap_or_else(|| Measure::absent("By", Absence::NotCollected)),
            share: ratio,
            volume: None,
            full: absent(Absence::NotCollected),
        };
    };
    let name = ["volume", "device", "mountpoint"].iter().find_map(|name| worst.labels.get(*name));
    let size = worst.size.map(|size| Measure::new(size, "By"));
    let used = match (own.value, worst.size) {
        (None, Some(size)) => Measure::new((size - worst.free).max(0.0), "By").of(worst.count),
        _ => own,
    };
    let of_volume = past.iter().find(|series| series.labels == *worst.labels).or(past.first());
    DatabaseSpace {
        used,
        free: Measure::measured(worst.free, "By").of(worst.count),
        size: size.unwrap_or_else(|| Measure::absent("By", Absence::NotCollected)),
        share: worst.share().map_or(ratio, |share| Measure::new(share, "1").of(worst.count)),
        volume: name.cloned(),
        full: of_volume.map_or_else(|| absent(Absence::NoData), |series| fill(series)),
    }
}

fn absent(why: impl Into<Absent>) -> DatabaseFill {
    DatabaseFill {
        days: Measure::absent("d", why),
        days_low: None,
        days_high: None,
        horizon_days: None,
        coverage: None,
    }
}

/// When free space is gone: a forecast as far ahead as the past is long, at most 90 days.
fn fill(series: &SeriesFact) -> DatabaseFill {
    let samples: Vec<Sample> =
        series.buckets.iter().map(|bucket| Sample { at: bucket.at, value: bucket.last }).collect();
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
        return absent(Absence::NoData);
    };
    let past_days = (last.at.0 - first.at.0) / Micros::DAY;
    let horizon_days = past_days.clamp(14, HORIZON_DAYS);
    let horizon = (horizon_days * Micros::DAY / PAST_STEP) as usize;
    match forecast(&samples, PAST_STEP, horizon) {
        Ok(found) => reached(&found, last.at, horizon_days as f64, samples.len() as u64),
        Err(why) => absent(why),
    }
}

fn reached(found: &Forecast, last: Micros, horizon_days: f64, n: u64) -> DatabaseFill {
    let reached = found.reached(0.0, true);
    let days = |at: Micros| (at.0 - last.0) as f64 / Micros::DAY as f64;
    DatabaseFill {
        days: match reached.expected {
            Some(at) => Measure::new(days(at), "d").of(n).by(MeasureBasis::Forecast),
            None => {
                let why = Absence::NotApplicable.because("not within the days looked ahead");
                Measure::absent("d", why).of(n)
            }
        },
        days_low: reached.earliest.map(days),
        days_high: reached.latest.map(days),
        horizon_days: Some(horizon_days),
        coverage: Some(found.coverage),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::entity::EntityId;
    use model::fact::SeriesBucket;
    use model::series::SeriesType;

    fn series(days: i64, free: impl Fn(f64) -> f64) -> SeriesFact {
        let bucket = |place: i64| {
            let at = Micros(place * PAST_STEP);
            let value = free(at.0 as f64 / Micros::DAY as f64);
            SeriesBucket {
                at,
                count: 1,
                sum: value,
                min: value,
                max: value,
                last: value,
                increase: 0.0,
            }
        };
        SeriesFact {
            entity: EntityId(1),
            id: "db".to_owned(),
            signal: Some("disk_free_bytes".to_owned()),
            metric: "free".to_owned(),
            labels: Labels::new(),
            series_type: SeriesType::Gauge,
            unit: "By".to_owned(),
            source: "s".to_owned(),
            buckets: (0..days * 4).map(bucket).collect(),
        }
    }

    /// 100 GB free thirty days ago, 2 GB less each day: 20 days from the end.
    #[test]
    fn a_steady_fall_is_full_when_the_line_says() {
        let found = fill(&series(40, |day| 100e9 - 2e9 * day));
        let days = found.days.value.unwrap();
        assert!((days - 10.25).abs() < 0.6, "{found:?}");
        assert!(found.days_low.unwrap() <= days && found.coverage.unwrap() >= 0.8);
    }

    #[test]
    fn a_short_past_and_a_level_give_no_day_and_say_why() {
        let short = fill(&series(10, |day| 100e9 - 2e9 * day));
        assert_eq!(short.days.reason, Some(Absence::TooLittleData), "ten days");
        let level = fill(&series(40, |_| 100e9));
        assert!(level.days.value.is_none() && level.days_low.is_none(), "{level:?}");
        assert_eq!(level.horizon_days, Some(39.0));
    }
}
