//! Prometheus: exposition and OpenMetrics text with timestamps, and remote write 1.0 and 2.0.

mod label;
mod line;
pub mod remote_write;
mod series;
mod text;

pub(crate) use series::{Filling, open, point};

use super::Format;
use crate::shape::Shape;

/// Text files.
pub const TEXT: Format = Format {
    name: "prometheus-text",
    title: "Prometheus and OpenMetrics text",
    recognise: |input| match Shape::of(input.bytes) {
        Shape::Text(head) => text::why(head),
        _ => None,
    },
    read: text::read,
};

/// A text that is a series of Prometheus, `name{label="value"}`: its name and labels.
pub(crate) fn series_name(text: &str) -> Option<(String, model::entity::Labels)> {
    let is_series = text.contains('{') && text.ends_with('}');
    let name = label::parse(text).ok().filter(|_| is_series)?;
    Some((name.metric, name.labels))
}
