//! What went wrong at Larkfield, when and why: the planted incidents with their causes, minor ones
//! drawn from the seed (in the past and, under live emission, in the future), and the releases that
//! caused some of them.

use crate::clock::{DAY, HOUR, MINUTE};
use crate::random::Keyed;
use crate::services::SERVICES;

/// A release that must exist because something follows from it.
#[derive(Debug, Clone, Copy)]
pub struct PlantedRelease {
    /// Service.
    pub service: &'static str,
    /// Seconds before `until`.
    pub before_until: i64,
    /// What it did.
    pub note: &'static str,
}

/// Releases that cause or end a fault.
pub const PLANTED_RELEASES: &[PlantedRelease] = &[
    PlantedRelease {
        service: "promotions",
        before_until: 67 * DAY + 20 * MINUTE,
        note: "Rule engine rewritten; returns 500 for stacked promotions",
    },
    PlantedRelease {
        service: "promotions",
        before_until: 67 * DAY - 90 * MINUTE,
        note: "Rule engine rolled back",
    },
    PlantedRelease {
        service: "search",
        before_until: 18 * DAY,
        note: "Result cache keyed by session: grows without bound",
    },
    PlantedRelease {
        service: "fraud",
        before_until: 12 * DAY + 10 * MINUTE,
        note: "Second model scored in line with the first",
    },
    PlantedRelease {
        service: "orders",
        before_until: 3 * HOUR + 10 * MINUTE,
        note: "Order timeline endpoint",
    },
];

/// A period in which a service behaved otherwise than it should.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Stable key, such as `bad-release-promotions`.
    pub key: String,
    /// Environment index.
    pub environment: usize,
    /// Start.
    pub start: i64,
    /// End; `i64::MAX` while it lasts.
    pub end: i64,
    /// Where it sits: the service at fault.
    pub service: &'static str,
    /// Only calls from this caller are hit: the fault lies on the edge.
    pub only_from: Option<&'static str>,
    /// Share of requests that fail through it, 0 to 1.
    pub error_ratio: f64,
    /// Factor on the service's own time; 1 for none.
    pub latency_factor: f64,
    /// Added to the factor per day since the start, for slow regressions.
    pub latency_factor_per_day: f64,
    /// Factor on all traffic of the environment.
    pub traffic_factor: f64,
    /// Title of the incident; `None` when nobody opened one.
    pub incident: Option<String>,
    /// `critical`, `major` or `minor`.
    pub severity: &'static str,
    /// Why, as the review found it.
    pub cause: &'static str,
}

struct Planted {
    key: &'static str,
    environment: usize,
    before: i64,
    lasts: Option<i64>,
    service: &'static str,
    only_from: Option<&'static str>,
    effect: (f64, f64, f64, f64),
    incident: Option<&'static str>,
    severity: &'static str,
    cause: &'static str,
}

/// Effects: error ratio, latency factor, latency factor per day, traffic factor.
const PLANTED: &[Planted] = &[
    Planted {
        key: "bad-release-promotions",
        environment: 0,
        before: 67 * DAY,
        lasts: Some(95 * MINUTE),
        service: "promotions",
        only_from: None,
        effect: (0.31, 1.0, 0.0, 1.0),
        incident: Some("Checkout fails for baskets with two promotions"),
        severity: "major",
        cause: "release of promotions",
    },
    Planted {
        key: "inventory-db-storage-full",
        environment: 0,
        before: 41 * DAY + 3 * HOUR,
        lasts: Some(130 * MINUTE),
        service: "inventory",
        only_from: None,
        effect: (0.55, 3.0, 0.0, 1.0),
        incident: Some("Stock levels unavailable; checkout down"),
        severity: "critical",
        cause: "storage of larkfield-inventory full",
    },
    Planted {
        key: "nat-packet-loss",
        environment: 0,
        before: 26 * DAY + 7 * HOUR,
        lasts: Some(48 * MINUTE),
        service: "payment-gateway",
        only_from: None,
        effect: (0.08, 6.0, 0.0, 1.0),
        incident: Some("Card payments slow and partly declined"),
        severity: "major",
        cause: "packet loss on the NAT gateway of zone a",
    },
    // Slow from the inside, seen best on the search latency: nobody opened an incident for weeks.
    Planted {
        key: "search-regression",
        environment: 0,
        before: 18 * DAY,
        lasts: None,
        service: "search",
        only_from: None,
        effect: (0.0, 1.0, 0.06, 1.0),
        incident: None,
        severity: "minor",
        cause: "release of search: a cache that grows without bound",
    },
    Planted {
        key: "fraud-second-model",
        environment: 0,
        before: 12 * DAY,
        lasts: Some(210 * MINUTE),
        service: "fraud",
        only_from: Some("checkout"),
        effect: (0.01, 9.0, 0.0, 1.0),
        incident: Some("Checkout p95 above two seconds"),
        severity: "major",
        cause: "release of fraud: second model scored in line for checkout",
    },
    Planted {
        key: "campaign-load",
        environment: 0,
        before: 3 * DAY + 5 * HOUR,
        lasts: Some(40 * MINUTE),
        service: "web-storefront",
        only_from: None,
        effect: (0.06, 2.4, 0.0, 1.9),
        incident: Some("Storefront saturated by the autumn campaign"),
        severity: "minor",
        cause: "twice the usual traffic, autoscaler at its maximum",
    },
    Planted {
        key: "cart-cache-latency",
        environment: 0,
        before: 95 * MINUTE,
        lasts: Some(40 * MINUTE),
        service: "cart",
        only_from: Some("checkout"),
        effect: (0.004, 7.0, 0.0, 1.0),
        incident: Some("Basket slow when checking out"),
        severity: "minor",
        cause: "larkfield-cart out of memory, evicting",
    },
    Planted {
        key: "recommendations-out-of-memory",
        environment: 0,
        before: 205 * MINUTE,
        lasts: None,
        service: "recommendations",
        only_from: None,
        effect: (0.02, 1.15, 0.0, 1.0),
        incident: Some("A recommendations pod keeps restarting"),
        severity: "minor",
        cause: "memory limit too low for the new model",
    },
];

const MINOR: &[(&str, &str, f64, f64)] = &[
    ("A node was drained while the service had no budget for it", "minor", 0.03, 1.3),
    ("Connection pool exhausted", "minor", 0.05, 2.5),
    ("Configuration pushed with a typing error", "minor", 0.12, 1.0),
    ("Certificate of an internal endpoint expired", "major", 0.35, 1.0),
    ("Slow query after statistics went stale", "minor", 0.0, 3.5),
    ("Out-of-memory kills after a traffic peak", "minor", 0.04, 1.6),
];

/// The planted faults, anchored at `until`, and the drawn ones that start in `[from, to)`; by start.
pub fn faults(random: Keyed, until: i64, from: i64, to: i64) -> Vec<Fault> {
    let mut all: Vec<Fault> = PLANTED.iter().map(|p| fault_from_planted(p, until)).collect();
    let mut slot = from.div_euclid(4 * DAY);
    while slot * 4 * DAY < to {
        if let Some(minor) = minor_fault(random, slot) {
            let clear = all.iter().all(|f| {
                f.environment != minor.environment
                    || f.end == i64::MAX
                    || minor.end + HOUR < f.start
                    || minor.start > f.end.saturating_add(HOUR)
            });
            if clear && minor.start >= from && minor.start < to {
                all.push(minor);
            }
        }
        slot += 1;
    }
    all.sort_by(|a, b| (a.start, &a.key).cmp(&(b.start, &b.key)));
    all
}

fn fault_from_planted(p: &Planted, until: i64) -> Fault {
    let start = until - p.before;
    Fault {
        key: p.key.to_owned(),
        environment: p.environment,
        start,
        end: p.lasts.map_or(i64::MAX, |l| start + l),
        service: p.service,
        only_from: p.only_from,
        error_ratio: p.effect.0,
        latency_factor: p.effect.1,
        latency_factor_per_day: p.effect.2,
        traffic_factor: p.effect.3,
        incident: p.incident.map(str::to_owned),
        severity: p.severity,
        cause: p.cause,
    }
}

/// The fault of one four-day slot, if it has one. Faults recur on services, as they do in life:
/// a third of them fall on five services.
fn minor_fault(random: Keyed, slot: i64) -> Option<Fault> {
    const WEAK: [&str; 5] =
        ["warehouse", "listings", "notifications", "reviews", "carrier-adapter"];
    let key = format!("fault/{slot}");
    let mut draw = random.sequence(&key);
    if draw.unit() > 0.8 {
        return None;
    }
    let environment = usize::from(draw.unit() < 0.25);
    let name = if draw.unit() < 0.33 {
        WEAK[draw.below(5) as usize]
    } else {
        let candidates: Vec<&str> = SERVICES
            .iter()
            .filter(|s| s.runs_in(environment) && !s.is_client() && s.name != "legacy-banner")
            .map(|s| s.name)
            .collect();
        candidates[draw.below(candidates.len() as u64) as usize]
    };
    let service = SERVICES.iter().find(|s| s.name == name && s.runs_in(environment))?;
    let (cause, severity, error_ratio, latency_factor) = MINOR[draw.below(6) as usize];
    let start = slot * 4 * DAY + draw.below(4 * 24 * 60 - 240) as i64 * MINUTE;
    let lasts = (8.0 * (draw.normal() * 0.8 + 1.1).exp()).clamp(6.0, 230.0) as i64;
    Some(Fault {
        key: format!("minor-{slot}"),
        environment,
        start,
        end: start + lasts * MINUTE,
        service: service.name,
        only_from: None,
        error_ratio,
        latency_factor,
        latency_factor_per_day: 0.0,
        traffic_factor: 1.0,
        incident: Some(format!("{} degraded", service.name)),
        severity,
        cause,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_and_future_agree_on_the_faults_of_a_day() {
        let random = Keyed::new(1);
        let until = 1_790_000_000;
        let all = faults(random, until, until - 90 * DAY, until + 30 * DAY);
        let later = faults(random, until, until - 10 * DAY, until + 30 * DAY);
        let recent = |f: &&Fault| f.start >= until - 9 * DAY;
        assert_eq!(
            all.iter().filter(recent).collect::<Vec<_>>(),
            later.iter().filter(recent).collect::<Vec<_>>()
        );
        assert!(all.len() > 15 && all.iter().any(|f| f.start > until));
    }
}
