//! What a caller chooses: the seed, the end of the history, its length, and how much of it to write.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The parameters of one demonstration estate. Equal options give equal bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// Everything that is drawn depends on it.
    pub seed: u64,
    /// End of the history; cut to the whole minute. Live emission goes on from here.
    pub until: Timestamp,
    /// Days of history before `until`, 2 to 400.
    pub days: u32,
    /// How much to write.
    pub size: Size,
    /// Whether nothing ever goes wrong: no faults and no days of unusual spend, for trials of what must
    /// not be reported.
    #[serde(default)]
    pub is_quiet: bool,
}

impl Options {
    /// The demonstration: seed 1, 90 days, ready in under a minute.
    pub fn demo(until: Timestamp) -> Self {
        Self { seed: 1, until, days: 90, size: Size::demo(), is_quiet: false }
    }

    /// End of the history in seconds, on a whole minute.
    pub fn until_second(&self) -> i64 {
        let second = self.until.as_second();
        second - second.rem_euclid(60)
    }

    /// Start of the history in seconds.
    pub fn from_second(&self) -> i64 {
        self.until_second() - i64::from(self.days.clamp(2, 400)) * crate::clock::DAY
    }
}

/// How finely the history is sampled and how many traces and logs there are. Metrics have one
/// sample per minute in the last `minute_hours`, one per five minutes before that in the last
/// `five_minute_hours`, one per fifteen minutes in the last `quarter_days`, one per hour before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Hours before `until` with a sample a minute.
    pub minute_hours: u32,
    /// Hours before `until` with at least a sample every five minutes.
    pub five_minute_hours: u32,
    /// Days before `until` with at least a sample every fifteen minutes.
    pub quarter_days: u32,
    /// Whether services that are not on a path of revenue also have their whole history.
    pub all_services_long: bool,
    /// Traces of the last hour in production; the other environments have a share of it.
    pub traces: u32,
    /// Log records of the last hour.
    pub logs: u32,
}

impl Size {
    /// What `demo` uses: about 1.5 million samples.
    pub fn demo() -> Self {
        Self {
            minute_hours: 1,
            five_minute_hours: 24,
            quarter_days: 7,
            all_services_long: false,
            traces: 900,
            logs: 1500,
        }
    }

    /// For tests: the same estate with few samples and traces.
    pub fn small() -> Self {
        Self {
            minute_hours: 0,
            five_minute_hours: 1,
            quarter_days: 0,
            all_services_long: false,
            traces: 60,
            logs: 40,
        }
    }

    /// Minute steps for a day and five-minute steps for a week, for every service.
    pub fn full() -> Self {
        Self {
            minute_hours: 24,
            five_minute_hours: 7 * 24,
            quarter_days: 7,
            all_services_long: true,
            traces: 4000,
            logs: 20_000,
        }
    }
}
