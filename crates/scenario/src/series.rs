//! The series load: 2,400 series of 200 services at one sample a minute over 30 days, 5 million
//! charges and 5,000 incidents at scale 1, as streams of column chunks in time order.

use crate::random::Sequence;

/// Signals of each service, and the unit and level of each.
pub const SIGNALS: [(&str, f64); 12] = [
    ("request_rate", 120.0),
    ("error_rate", 0.4),
    ("latency_seconds_p50", 0.03),
    ("latency_seconds_p95", 0.12),
    ("cpu_utilization_ratio", 0.45),
    ("memory_utilization_ratio", 0.6),
    ("network_receive_bytes_rate", 4.0e6),
    ("network_transmit_bytes_rate", 6.0e6),
    ("restart_rate", 0.001),
    ("saturation_ratio", 0.35),
    ("queue_length", 14.0),
    ("open_connections", 80.0),
];

/// The load of a given scale.
#[derive(Debug, Clone)]
pub struct SeriesLoad {
    seed: u64,
    services: u32,
    minutes: u32,
    charges: u64,
    incidents: u32,
    end: i64,
}

/// Samples as columns, in time order; row `n` is of series `series[n]`.
#[derive(Debug, Clone, Default)]
pub struct SampleChunk {
    /// Position of the series in [`SeriesLoad::series`].
    pub series: Vec<u32>,
    /// Microseconds since 1970.
    pub time: Vec<i64>,
    /// Values.
    pub value: Vec<f64>,
}

/// Charges as columns.
#[derive(Debug, Clone, Default)]
pub struct ChargeChunk {
    /// Seconds since 1970 of the start of the charge period, a day.
    pub day: Vec<i64>,
    /// Account number.
    pub account: Vec<u32>,
    /// Number of the provider's service, below 40.
    pub product: Vec<u32>,
    /// Number of the service of the estate that it belongs to.
    pub service: Vec<u32>,
    /// Resource number.
    pub resource: Vec<u64>,
    /// Billed cost in 10⁻¹⁰ of the currency.
    pub billed: Vec<i64>,
    /// Effective cost in 10⁻¹⁰ of the currency.
    pub effective: Vec<i64>,
}

/// One incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadIncident {
    /// Number, from 0.
    pub number: u32,
    /// Number of the service.
    pub service: u32,
    /// Seconds since 1970.
    pub start: i64,
    /// Seconds since 1970; `None` while open.
    pub end: Option<i64>,
    /// `critical`, `major` or `minor`.
    pub severity: &'static str,
}

impl SeriesLoad {
    /// The load for `seed` that ends at `end` (seconds since 1970, cut to the minute). `scale` 1 is
    /// the stated load; it multiplies services, charges and incidents.
    pub fn new(seed: u64, scale: f64, end: i64) -> Self {
        let scale = scale.clamp(0.001, 10.0);
        Self {
            seed,
            services: ((200.0 * scale).round() as u32).max(1),
            minutes: 30 * 24 * 60,
            charges: ((5_000_000.0 * scale).round() as u64).max(100),
            incidents: ((5_000.0 * scale).round() as u32).max(5),
            end: end - end.rem_euclid(60),
        }
    }

    /// Name of the service and signal of each series, by position.
    pub fn series(&self) -> impl Iterator<Item = (String, &'static str)> + '_ {
        (0..self.series_count()).map(|n| {
            let service = n / SIGNALS.len() as u32;
            (service_name(service), SIGNALS[n as usize % SIGNALS.len()].0)
        })
    }

    /// Number of series.
    pub fn series_count(&self) -> u32 {
        self.services * SIGNALS.len() as u32
    }

    /// Number of samples.
    pub fn sample_count(&self) -> u64 {
        u64::from(self.series_count()) * u64::from(self.minutes)
    }

    /// All samples, whole minutes of all series at a time, about `size` in a chunk.
    pub fn samples(&self, size: usize) -> impl Iterator<Item = SampleChunk> + '_ {
        let per_minute = self.series_count().max(1);
        let minutes = (size as u32 / per_minute).clamp(1, self.minutes);
        (0..self.minutes.div_ceil(minutes)).map(move |chunk| {
            let first = chunk * minutes;
            let last = (first + minutes).min(self.minutes);
            let rows = ((last - first) * per_minute) as usize;
            let mut out = SampleChunk {
                series: Vec::with_capacity(rows),
                time: Vec::with_capacity(rows),
                value: Vec::with_capacity(rows),
            };
            for minute in first..last {
                let at = self.end - i64::from(self.minutes - 1 - minute) * 60;
                // The time of day is shared by all series of a minute.
                let angle = (at.rem_euclid(86_400) as f64 / 86_400.0) * std::f64::consts::TAU;
                let day = angle.sin();
                for series in 0..per_minute {
                    out.series.push(series);
                    out.time.push(at * 1_000_000);
                    out.value.push(self.value(series, minute, day));
                }
            }
            out
        })
    }

    fn value(&self, series: u32, minute: u32, day: f64) -> f64 {
        let (_, level) = SIGNALS[series as usize % SIGNALS.len()];
        let key = self.seed ^ (u64::from(series) << 32 | u64::from(minute));
        let noise = Sequence::new(key).unit() - 0.5;
        let own = 0.5 + f64::from(series % 17) / 17.0;
        level * own * (1.0 + 0.35 * day + 0.15 * noise)
    }

    /// Number of charges.
    pub fn charge_count(&self) -> u64 {
        self.charges
    }

    /// All charges, at most `size` at a time, by day.
    pub fn charges(&self, size: usize) -> impl Iterator<Item = ChargeChunk> + '_ {
        let size = size.max(1) as u64;
        (0..self.charges.div_ceil(size)).map(move |chunk| {
            let mut out = ChargeChunk::default();
            for n in chunk * size..((chunk + 1) * size).min(self.charges) {
                self.push_charge(&mut out, n);
            }
            out
        })
    }

    fn push_charge(&self, out: &mut ChargeChunk, n: u64) {
        const DAYS: u64 = 90;
        let mut draw = Sequence::new(self.seed.wrapping_mul(31).wrapping_add(n));
        let day = (n * DAYS / self.charges) as i64;
        let today = self.end - self.end.rem_euclid(86_400);
        let billed = (draw.unit().powi(4) * 9e11) as i64;
        out.day.push(today - (DAYS as i64 - day) * 86_400);
        // A resource is of one account, one product and one service, as on a bill.
        let resource = draw.below(self.charges / 60 + 1);
        let mut of = Sequence::new(self.seed.wrapping_mul(37).wrapping_add(resource));
        out.account.push(of.below(60) as u32);
        out.product.push(of.below(40) as u32);
        out.service.push(of.below(u64::from(self.services)) as u32);
        out.resource.push(resource);
        out.billed.push(billed);
        out.effective.push(billed - billed / 20);
    }

    /// All incidents, by start, over five years.
    pub fn incidents(&self) -> impl Iterator<Item = LoadIncident> + '_ {
        let span = 5 * 365 * 86_400i64;
        let slot = span / i64::from(self.incidents);
        (0..self.incidents).map(move |number| {
            let mut draw = Sequence::new(self.seed ^ 0xabcd ^ (u64::from(number) << 20));
            let start = self.end - span
                + i64::from(number) * slot
                + draw.below(slot.max(1).unsigned_abs()) as i64;
            let lasts = (1500.0 * (draw.normal() * 1.1).exp()) as i64 + 60;
            // A few services have most of the incidents.
            let place = draw.unit();
            let service = (place * place * place * f64::from(self.services)) as u32;
            LoadIncident {
                number,
                service,
                start,
                end: (start + lasts <= self.end).then_some(start + lasts),
                severity: ["critical", "major", "major", "minor", "minor", "minor"]
                    [draw.below(6) as usize],
            }
        })
    }
}

/// Name of a service of the load.
pub fn service_name(service: u32) -> String {
    format!("service-{service:05}")
}
