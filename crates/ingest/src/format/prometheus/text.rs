//! Exposition text: one pass over the lines. Name and labels of a line are parsed when they are new;
//! a line that repeats them costs a comparison and two numbers.

use std::collections::HashMap;

use model::Micros;
use model::entity::Labels;

use super::series::{self, Declared, Filling};
use super::{label, line};
use crate::context::InputContext;
use crate::error::EnvelopeError;
use crate::format::tally::Tally;
use crate::input::{Input, Out};
use crate::shape::without_mark;

/// Series of one family that are held open.
const SERIES_MAX: usize = 50_000;
/// Families whose type is remembered.
const FAMILIES_MAX: usize = 100_000;

/// Why this is exposition text, if it is.
pub fn why(head: &str) -> Option<String> {
    let mut described = None;
    for text in head.lines().map(str::trim).filter(|text| !text.is_empty()).take(200) {
        if let Some(rest) = text.strip_prefix('#') {
            let mut words = rest.split_ascii_whitespace();
            if matches!(words.next(), Some("TYPE" | "HELP" | "UNIT")) && words.next().is_some() {
                described = Some(text);
            } else if rest.trim() == "EOF" {
                return Some("the end mark of OpenMetrics".to_owned());
            }
            continue;
        }
        // A line that the head cuts has no end; then what describes the family decides.
        let end = label::end(text.as_bytes()).unwrap_or(text.len());
        let name = text.get(..end)?;
        let is_sample = label::parse(name)
            .is_ok_and(|name| !name.metric.ends_with(':') && is_name(&name.metric))
            && line::parse(&text[end..], false).is_ok();
        return match described {
            _ if is_sample => Some(format!("the first line is a sample: {}", cut(text))),
            Some(line) => Some(format!("it describes a family: {}", cut(line))),
            None => None,
        };
    }
    described.map(|line| format!("it describes a family: {}", cut(line)))
}

fn is_name(metric: &str) -> bool {
    metric.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.' | '/' | '-'))
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(80)]
}

/// Reads the text.
///
/// # Errors
/// Never as a whole: a line that cannot be read is a reject.
pub fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let bytes = without_mark(input.bytes);
    let mut reader = Reader {
        context: input.context,
        is_open_metrics: bytes.trim_ascii_end().ends_with(b"# EOF"),
        observed_at: out.batch().input.observed_at,
        declared: HashMap::new(),
        units: HashMap::new(),
        family: String::new(),
        numbers: HashMap::new(),
        last: (&[], 0),
        filling: Filling::default(),
        tally: Tally::default(),
    };
    out.source(&source(input.context));
    let mut rest = bytes;
    let mut number = 0_u64;
    while !rest.is_empty() {
        number += 1;
        let end = memchr_newline(rest);
        let text = &rest[..end];
        rest = rest.get(end + 1..).unwrap_or_default();
        let text = text.trim_ascii();
        if text.is_empty() {
            continue;
        }
        if text == b"# EOF" {
            break;
        }
        let is_open = if text[0] == b'#' {
            reader.comment(text, out)
        } else {
            reader.sample(text, number, out)
        };
        if !is_open {
            break;
        }
    }
    let Reader { filling, mut tally, .. } = reader;
    filling.finish(input.context, &mut tally, out);
    tally.close(out);
    Ok(())
}

fn memchr_newline(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len())
}

fn source(context: &InputContext) -> String {
    context.cluster_part().map_or("prometheus".to_owned(), |part| format!("prometheus:{part}"))
}

struct Reader<'a> {
    context: &'a InputContext,
    is_open_metrics: bool,
    observed_at: Micros,
    declared: HashMap<String, Declared>,
    units: HashMap<String, String>,
    /// Family that is being read.
    family: String,
    /// Series of the family by their text; `None` for one that cannot be read.
    numbers: HashMap<&'a [u8], Option<usize>>,
    /// The series of the line before.
    last: (&'a [u8], usize),
    filling: Filling,
    tally: Tally,
}

impl<'a> Reader<'a> {
    fn comment(&mut self, text: &[u8], out: &mut Out<'_>) -> bool {
        let Ok(text) = std::str::from_utf8(text) else { return true };
        let mut words = text[1..].split_ascii_whitespace();
        let (Some(what), Some(name)) = (words.next(), words.next()) else { return true };
        if !matches!(what, "TYPE" | "HELP" | "UNIT") {
            return true;
        }
        let name = name.trim_matches('"');
        if what == "TYPE" && self.declared.len() < FAMILIES_MAX {
            let declared = Declared::of(words.next().unwrap_or_default());
            self.declared.insert(name.to_owned(), declared);
        }
        if what == "UNIT" && self.units.len() < FAMILIES_MAX {
            let unit = words.next().unwrap_or_default();
            self.units.insert(name.to_owned(), unit.to_owned());
        }
        if self.family == name {
            return true;
        }
        name.clone_into(&mut self.family);
        self.close(out)
    }

    fn close(&mut self, out: &mut Out<'_>) -> bool {
        self.numbers.clear();
        self.last = (&[], 0);
        self.filling.close(out)
    }

    fn sample(&mut self, text: &'a [u8], number: u64, out: &mut Out<'_>) -> bool {
        let place = || format!("line {number}");
        // Most lines repeat the series of the line before.
        let known = self.last.0;
        let is_same = !known.is_empty()
            && text.starts_with(known)
            && (known.ends_with(b"}") || matches!(text.get(known.len()), Some(b' ' | b'\t')));
        let series = if is_same {
            self.last.1
        } else {
            let Some(end) = label::end(text) else {
                self.tally.add("a line is no sample: it has no value", 1, place);
                return true;
            };
            match self.series(&text[..end], out) {
                Ok(series) => {
                    self.last = (&text[..end], series);
                    series
                }
                Err(reason) => {
                    self.tally.add(reason, 1, place);
                    return true;
                }
            }
        };
        let rest = &text[self.last.0.len()..];
        let Ok(rest) = std::str::from_utf8(rest) else {
            self.tally.add("a line is not UTF-8", 1, place);
            return true;
        };
        let point = line::parse(rest, self.is_open_metrics)
            .and_then(|sample| series::point(sample.at.unwrap_or(self.observed_at), sample.value));
        match point {
            Ok(point) if self.filling.point(series, point) => self.filling.hand_on(out),
            Ok(_) => true,
            Err(reason) => {
                self.tally.add(reason, 1, place);
                true
            }
        }
    }

    /// The number of the series of this text.
    fn series(&mut self, text: &'a [u8], out: &mut Out<'_>) -> Result<usize, &'static str> {
        const UNREADABLE: &str = "name and labels cannot be read";
        if let Some(known) = self.numbers.get(text) {
            return known.ok_or(UNREADABLE);
        }
        if self.numbers.len() >= SERIES_MAX || self.filling.len() >= SERIES_MAX {
            self.close(out);
        }
        let parsed = std::str::from_utf8(text)
            .map_err(|_error| "name and labels are not UTF-8")
            .and_then(label::parse);
        let name = match parsed {
            Ok(name) => name,
            Err(reason) => {
                self.numbers.insert(text, None);
                return Err(reason);
            }
        };
        let series = self.open(name.metric, name.labels);
        let number = self.filling.add(series);
        self.numbers.insert(text, Some(number));
        Ok(number)
    }

    fn open(&self, metric: String, labels: Labels) -> model::series::SeriesObservation {
        let family = series::family(&metric);
        let of = |name: &str| self.declared.get(name).copied();
        let declared = of(&metric).or_else(|| of(family)).unwrap_or(Declared::Unknown);
        let unit = self.units.get(&metric).or_else(|| self.units.get(family)).cloned();
        let declared = series::series_type(declared, &metric, &labels);
        series::open_by_labels(metric, labels, declared, unit, self.context)
    }
}
