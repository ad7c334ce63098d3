//! What the business gets: value metrics as series, the products and applications they are of, and what
//! downtime costs by them. Shared by the questions about value and about incidents.

mod assumption;
mod book;
mod downtime;
mod harm;
mod series;
mod share;

pub use assumption::ValueAssumption;
pub use book::ValueBook;
pub(crate) use book::applications_of;
pub use downtime::{DowntimeCost, DowntimeMethod, Interval, StatedMinute, downtime_cost, union_of};
pub(crate) use harm::{HarmScope, value_downtime};
pub use harm::{ValueDowntime, downtime_table};
pub use series::{ValuePoint, ValueSeries};
pub use share::{ProductShare, products_of};
