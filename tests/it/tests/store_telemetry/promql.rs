//! PromQL's own golden tests of `rate` and `increase`, on what the store says of a counter over a window:
//! first, last, how many and the rise with its resets. What PromQL adds, the extension to the ends of the
//! window (`extrapolatedRate` of Prometheus 3), is written here as published; the product gives the rise
//! per second between the first and the last value.

use std::collections::BTreeMap;

use libtest_mimic::{Failed, Trial};
use model::Micros;
use model::series::SeriesType;

use super::{Bench, START, samples, signals};
use crate::contract::{self, Done, Pair, TELEMETRIES};
use crate::program::{data, with_data};

const SET: &str = "metrics/prometheus";

/// This module's trials.
pub fn trials() -> Vec<Trial> {
    let name = "store_telemetry: rates are those of PromQL's golden tests";
    match data(SET).exists() {
        true => contract::trials(TELEMETRIES, name, golden),
        false => vec![with_data(name, &[SET], || Ok(()))],
    }
}

/// Series of the file by name with labels; a value a step, `None` for a gap.
#[derive(Default)]
struct Loaded {
    step: i64,
    series: BTreeMap<String, Vec<Option<f64>>>,
}

/// One `eval instant` of a rate or an increase.
struct Asked<'a> {
    at: i64,
    is_rate: bool,
    metric: &'a str,
    range: i64,
    offset: i64,
}

/// `5m`, `1m30s`, in microseconds.
fn duration(text: &str) -> Option<i64> {
    let (mut total, mut number) = (0, 0);
    for letter in text.chars() {
        match letter {
            '0'..='9' => number = number * 10 + i64::from(letter.to_digit(10)?),
            's' | 'm' | 'h' => {
                let unit = match letter {
                    's' => Micros::SECOND,
                    'm' => Micros::MINUTE,
                    _ => Micros::HOUR,
                };
                (total, number) = (total + number * unit, 0);
            }
            _ => return None,
        }
    }
    Some(total + number * Micros::SECOND)
}

/// `0+10x3 5 _ _x2` as values; nothing of what is no plain number.
fn values(text: &str) -> Option<Vec<Option<f64>>> {
    let mut all = Vec::new();
    for word in text.split_whitespace() {
        let (value, times) = match word.split_once('x') {
            Some((value, times)) => (value, times.parse::<usize>().ok()?),
            None => (word, 0),
        };
        if value == "_" {
            all.extend(std::iter::repeat_n(None, times.max(1)));
            continue;
        }
        let split = value.char_indices().skip(1).find(|(_, letter)| matches!(letter, '+' | '-'));
        let (first, rise) = match split {
            Some((place, _)) => (value[..place].parse::<f64>().ok()?, value[place..].parse().ok()?),
            None => (value.parse::<f64>().ok()?, 0.0),
        };
        all.extend((0..=times).map(|n| Some(first + rise * n as f64)));
    }
    all.iter().flatten().all(|value| value.is_finite()).then_some(all)
}

/// A series with its values, where these are plain numbers.
fn of_line(line: &str) -> Option<(String, Vec<Option<f64>>)> {
    let line = line.trim();
    let end = match line.find('}') {
        Some(end) => end + 1,
        None => line.find(char::is_whitespace)?,
    };
    let (name, rest) = line.split_at(end);
    Some((name.to_owned(), values(rest)?))
}

fn asked(line: &str) -> Option<Asked<'_>> {
    let (at, query) = line.strip_prefix("eval instant at ")?.split_once(' ')?;
    let (is_rate, rest) = match query.trim().strip_prefix("rate(") {
        Some(rest) => (true, rest),
        None => (false, query.trim().strip_prefix("increase(")?),
    };
    let (metric, rest) = rest.split_once('[')?;
    let (range, rest) = rest.split_once(']')?;
    let offset = match rest {
        ")" => 0,
        other => duration(other.strip_prefix(" offset ")?.strip_suffix(')')?)?,
    };
    let is_plain = metric.chars().all(|one| one.is_ascii_alphanumeric() || one == '_');
    let (at, range) = (duration(at)?, duration(range)?);
    is_plain.then_some(Asked { at, is_rate, metric, range, offset })
}

/// The rise or rate that the store's fact gives with the published extension; `None` for no answer.
fn answered(
    pair: Pair,
    loaded: &Loaded,
    series: &str,
    asked: &Asked<'_>,
) -> Result<Option<f64>, Failed> {
    let values = loaded.series.get(series).ok_or("an unknown series")?;
    let points: Vec<(i64, f64)> = values
        .iter()
        .enumerate()
        .filter_map(|(place, value)| Some((START + place as i64 * loaded.step, (*value)?)))
        .collect();
    let mut bench = Bench::new(pair)?;
    bench.write(samples(&points, SeriesType::Counter, 5))?;
    // A range of PromQL holds its end and not its start.
    let (from, to) =
        (START + asked.at - asked.offset - asked.range, START + asked.at - asked.offset);
    let facts = signals(&bench, from + 1, to + 1)?;
    let Some(fact) = facts.first().filter(|fact| fact.count >= 2) else { return Ok(None) };
    let second = |micros: i64| micros as f64 / Micros::SECOND as f64;
    let sampled = second(fact.last.0.0 - fact.first.0.0);
    let between = sampled / (fact.count - 1) as f64;
    let near = |micros: i64| {
        let seconds = second(micros);
        if seconds >= between * 1.1 { between / 2.0 } else { seconds }
    };
    let mut before = near(fact.first.0.0 - from);
    if fact.increase > 0.0 && fact.first.1 >= 0.0 {
        before = before.min(sampled * fact.first.1 / fact.increase);
    }
    let extended = (sampled + before + near(to - fact.last.0.0)) / sampled;
    let rise = fact.increase * extended;
    Ok(Some(if asked.is_rate { rise / second(asked.range) } else { rise }))
}

#[expect(clippy::print_stdout, reason = "how many cases apply is part of the result")]
fn golden(pair: Pair) -> Done {
    let text = std::fs::read_to_string(data(SET).join("functions.test"))?;
    let (mut loaded, mut is_loading, mut count) = (Loaded::default(), false, 0);
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(step) = line.strip_prefix("load ") {
            is_loading = true;
            loaded.step = duration(step.trim()).ok_or("a step")?;
            continue;
        }
        if line.trim() == "clear" {
            loaded = Loaded::default();
        }
        is_loading &= line.starts_with([' ', '\t']);
        if is_loading {
            loaded.series.extend(of_line(line));
            continue;
        }
        let Some(asked) = asked(line) else { continue };
        let of_metric = |name: &&String| name.split('{').next() == Some(asked.metric);
        let names: Vec<String> = loaded.series.keys().filter(of_metric).cloned().collect();
        let mut expected: BTreeMap<String, f64> = BTreeMap::new();
        while let Some(row) = lines.next_if(|row| row.starts_with([' ', '\t'])) {
            let (labels, value) = row.trim().rsplit_once(' ').ok_or("a row")?;
            let labels = if labels.trim() == "{}" { "" } else { labels.trim() };
            expected.insert(format!("{}{labels}", asked.metric), value.parse()?);
        }
        for name in names {
            let found = answered(pair, &loaded, &name, &asked)?;
            let is_same = match (found, expected.get(&name)) {
                (None, None) => true,
                (Some(found), Some(value)) => (found - value).abs() <= 1e-9 * value.abs().max(1e-9),
                _ => false,
            };
            if !is_same {
                return Err(format!(
                    "{line}: {name} gives {found:?}, not {:?}",
                    expected.get(&name)
                )
                .into());
            }
            count += 1;
        }
    }
    println!("{count} rates and increases agree");
    if count >= 20 { Ok(()) } else { Err(format!("only {count} cases apply").into()) }
}
