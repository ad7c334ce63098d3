//! Incidents: status-page exports and plain tables of them (CSV), Statuspage's own JSON, and what the
//! senders of messages about incidents have in common. See docs/formats/incidents.md.

pub mod message;
mod page;
mod table;

#[cfg(test)]
pub mod tests;

pub use page::STATUS_PAGE;
pub use table::CSV;
