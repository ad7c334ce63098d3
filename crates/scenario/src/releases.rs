//! When each service was released, and as which version: about one release in ten days, in working
//! hours, plus the planted ones that cause incidents. A pure function of time, so that it also
//! covers what comes after `until`.

use crate::clock::{DAY, HOUR, MINUTE, weekday};
use crate::faults;
use crate::random::Keyed;
use crate::services::Service;

/// One release of one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// When the rollout began.
    pub at: i64,
    /// Version, the image's tag.
    pub version: String,
    /// Kubernetes revision, 1 for the first.
    pub revision: u32,
    /// Planted: why it matters.
    pub note: Option<&'static str>,
}

const SLOT: i64 = 10 * DAY;

/// The releases of `service` in `[from, to)`, oldest first, counted from `origin`, which must not
/// be later than `from`. `until` anchors the planted ones.
pub fn releases(
    random: Keyed,
    service: &Service,
    until: i64,
    origin: i64,
    window: (i64, i64),
) -> Vec<Release> {
    let mut times: Vec<(i64, Option<&'static str>)> = Vec::new();
    let mut slot = origin.div_euclid(SLOT);
    while slot * SLOT < window.1 {
        let key = format!("release/{}/{slot}", service.name);
        if random.unit(&key) < 0.85 {
            let mut day = slot * 10 + random.below(&format!("{key}/day"), 10) as i64;
            while weekday(day * DAY) > 3 {
                day -= 1;
            }
            let minute = random.below(&format!("{key}/minute"), 7 * 60) as i64;
            times.push((day * DAY + 9 * HOUR + minute * MINUTE, None));
        }
        slot += 1;
    }
    for planted in faults::PLANTED_RELEASES.iter().filter(|p| p.service == service.name) {
        times.push((until - planted.before_until, Some(planted.note)));
    }
    times.sort_unstable();
    times.retain(|t| t.0 >= origin && t.0 < window.1);
    if times.is_empty() {
        times.push((origin, None));
    }
    let mut all = Vec::with_capacity(times.len());
    for (index, (at, note)) in times.into_iter().enumerate() {
        let minor = 8 + index / 3;
        let version = format!("{}.{minor}.{}", 1 + service.name.len() % 4, index % 3);
        all.push(Release { at, version, revision: index as u32 + 1, note });
    }
    all.retain(|r| r.at >= window.0);
    all
}
