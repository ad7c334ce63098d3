//! How samples arrive and what they say.

pub mod counter_resets;
pub mod duplicates;
pub mod flat_lines;
pub mod future_samples;
pub mod missing_samples;
pub mod rollups;
pub mod stale_sources;
pub mod units;

use model::Micros;

/// A length of time for people: `45 s`, `20 min`, `3.5 h`, `2.0 d`.
fn length(micros: i64) -> String {
    let of = |unit: i64| micros as f64 / unit as f64;
    match micros {
        ..=0 => "0 s".to_owned(),
        1..Micros::MINUTE => format!("{:.0} s", of(Micros::SECOND)),
        Micros::MINUTE..Micros::HOUR => format!("{:.0} min", of(Micros::MINUTE)),
        Micros::HOUR..Micros::DAY => format!("{:.1} h", of(Micros::HOUR)),
        _ => format!("{:.1} d", of(Micros::DAY)),
    }
}
