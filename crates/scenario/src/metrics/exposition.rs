//! OpenMetrics text with timestamps.

use std::fmt::{Display, Write as _};
use std::io::{self, Write};

/// Writes families one after the other.
pub struct Exposition<'a> {
    out: &'a mut dyn Write,
    line: String,
    samples: u64,
}

/// Kind of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Counter; its samples end in `_total`.
    Counter,
    /// Gauge.
    Gauge,
    /// Classic histogram.
    Histogram,
}

impl<'a> Exposition<'a> {
    /// Writes to `out`.
    pub fn new(out: &'a mut dyn Write) -> Self {
        Self { out, line: String::with_capacity(256), samples: 0 }
    }

    /// Opens a family; `name` without `_total`.
    pub fn family(&mut self, name: &str, kind: Kind, help: &str) -> io::Result<()> {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        writeln!(self.out, "# TYPE {name} {kind}")?;
        writeln!(self.out, "# HELP {name} {help}")
    }

    /// One sample; `series` is the name with its labels.
    pub fn sample(&mut self, series: &str, value: impl Display, at: i64) -> io::Result<()> {
        self.line.clear();
        self.line.push_str(series);
        // Writing to a String cannot fail.
        let _ = writeln!(self.line, " {value} {at}");
        self.samples += 1;
        self.out.write_all(self.line.as_bytes())
    }

    /// Closes the text and gives the number of samples.
    pub fn finish(self) -> io::Result<u64> {
        self.out.write_all(b"# EOF\n")?;
        Ok(self.samples)
    }
}

/// A counter's or bucket's whole value.
pub fn whole(value: f64) -> u64 {
    value.max(0.0) as u64
}

/// A value with at most `digits` decimals.
pub fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (value * scale).round() / scale
}
