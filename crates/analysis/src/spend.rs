//! Statistics of spend: days, what is unusual, where it leads by the end of a period, and what makes
//! two periods differ. Pure functions of exact sums, shared by the questions about money.

pub mod day;
pub mod driver;
pub mod outlook;
pub mod phasing;
pub mod unusual;

use model::time::Micros;

/// How long charges may still change after they first appear.
pub const PROVISIONAL: i64 = 48 * Micros::HOUR;
