//! PromQL's own golden tests of `histogram_quantile` on classic buckets, read in place: those whose
//! expression is a plain quantile of a bucket series at an instant. We ask for enough values behind a
//! percentile (n·(1−q) ≥ 5), which PromQL does not: cases below that are null here by design.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{is_enough, of_classic};

type LabelSet = BTreeMap<String, String>;

/// Series of one test file as they are loaded: metric, labels, values a step apart.
struct Loaded {
    metric: String,
    labels: LabelSet,
    step: f64,
    values: Vec<Option<f64>>,
}

fn labels(text: &str) -> LabelSet {
    let inner = text.trim().trim_start_matches('{').trim_end_matches('}');
    let pairs = inner.split(',').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (name.trim().to_owned(), value.trim().trim_matches('"').to_owned()))
        .collect()
}

fn name_and_labels(text: &str) -> (String, LabelSet) {
    let (name, rest) = text.split_once('{').unwrap_or((text, ""));
    (name.trim().to_owned(), labels(rest))
}

fn seconds(text: &str) -> Option<f64> {
    let (number, unit) = text.split_at(text.len().checked_sub(1)?);
    let times = match unit {
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        _ => return text.parse().ok(),
    };
    Some(number.parse::<f64>().ok()? * times)
}

/// `0+5x10`, `1`, `_`, `3x4`.
fn values(text: &str) -> Option<Vec<Option<f64>>> {
    let mut all = Vec::new();
    for word in text.split_ascii_whitespace() {
        if word == "_" {
            all.push(None);
            continue;
        }
        let Some((head, times)) = word.rsplit_once('x') else {
            all.push(Some(word.parse().ok()?));
            continue;
        };
        let times: u32 = times.parse().ok()?;
        let sign = head.get(1..)?.find(['+', '-']).map(|at| at + 1);
        let (start, step) = match sign {
            Some(at) => (head[..at].parse::<f64>().ok()?, head[at..].parse::<f64>().ok()?),
            None => (head.parse().ok()?, 0.0),
        };
        all.extend((0..=times).map(|place| Some(start + step * f64::from(place))));
    }
    Some(all)
}

/// `histogram_quantile(0.8, name_bucket{…})`: the quantile, the metric and its matchers.
fn quantile_of(expression: &str) -> Option<(f64, String, LabelSet)> {
    let inner = expression.strip_prefix("histogram_quantile(")?.strip_suffix(')')?;
    let (quantile, series) = inner.split_once(',')?;
    let (metric, matchers) = name_and_labels(series);
    let is_plain = metric.ends_with("_bucket")
        && metric.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && !series.contains(['~', '!', '[']);
    let quantile = match quantile.trim().split_once('/') {
        Some((part, whole)) => part.parse::<f64>().ok()? / whole.parse::<f64>().ok()?,
        None => quantile.trim().parse().ok()?,
    };
    is_plain.then_some((quantile, metric, matchers))
}

/// Compares one file; counts (equal, too few by design).
fn compared(text: &str) -> (usize, usize) {
    let (mut loaded, mut step) = (Vec::<Loaded>::new(), 0.0);
    let (mut equal, mut too_few) = (0, 0);
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let words = line.trim();
        if words == "clear" {
            loaded.clear();
        } else if let Some(rest) = words.strip_prefix("load") {
            step = rest.split_ascii_whitespace().last().and_then(seconds).unwrap_or(0.0);
        } else if let Some(rest) = line.strip_prefix("eval instant at ") {
            let Some((when, expression)) = rest.split_once(' ') else { continue };
            let (Some(when), Some(asked)) = (seconds(when), quantile_of(expression)) else {
                continue;
            };
            let block = lines[at + 1..].iter().take_while(|one| one.starts_with(['\t', ' ']));
            for expected in block.filter(|one| one.trim_start().starts_with('{')) {
                match agrees(&loaded, when, &asked, expected.trim()) {
                    Some(true) => equal += 1,
                    Some(false) => too_few += 1,
                    None => {}
                }
            }
        } else if step > 0.0 && line.starts_with(['\t', ' ']) && !words.starts_with("expect") {
            let end = words.find('}').map_or_else(|| words.find(' '), |at| Some(at + 1));
            let Some((series, rest)) = end.map(|end| words.split_at(end)) else { continue };
            let (metric, labels) = name_and_labels(series);
            if let Some(values) = values(rest).filter(|all| !all.is_empty()) {
                loaded.push(Loaded { metric, labels, step, values });
            }
        }
    }
    (equal, too_few)
}

/// Whether our quantile is the expected one; false where there are too few values; none where the data
/// are not what a histogram of ours is.
fn agrees(
    loaded: &[Loaded],
    when: f64,
    (quantile, metric, matchers): &(f64, String, LabelSet),
    expected: &str,
) -> Option<bool> {
    let (of, value) = expected.rsplit_once(' ')?;
    let (of, wanted) = (labels(of), value.parse::<f64>().ok()?);
    let mut bounds: Vec<(f64, f64)> = Vec::new();
    for series in loaded.iter().filter(|one| one.metric == *metric) {
        let mut rest = series.labels.clone();
        let bound: f64 = rest.remove("le")?.parse().ok()?;
        let is_asked = matchers.iter().all(|(name, value)| rest.get(name) == Some(value));
        let place = (when / series.step) as usize;
        if rest != of || !is_asked {
            continue;
        }
        bounds.push((bound, series.values.get(place).copied().flatten()?));
    }
    bounds.sort_by(|a, b| a.0.total_cmp(&b.0));
    if bounds.is_empty() || bounds.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return None;
    }
    let n = bounds.iter().map(|(_, count)| *count).fold(0.0, f64::max).round() as u64;
    if !(0.0..=1.0).contains(quantile) || !is_enough(n, *quantile) {
        return Some(false);
    }
    let found = of_classic(&bounds, *quantile).0.value;
    let is_near = found.is_some_and(|found| (found - wanted).abs() <= 1e-9 * wanted.abs().max(1.0));
    assert!(
        is_near,
        "{metric} {of:?} at {when} s, quantile {quantile}: {found:?}, PromQL {wanted}"
    );
    Some(true)
}

#[test]
fn classic_quantiles_are_those_of_promql() {
    let folder =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/metrics/prometheus");
    let Ok(text) = std::fs::read_to_string(folder.join("histograms.test")) else { return };
    let (equal, too_few) = compared(&text);
    // Whoever brings another version of the file sees here how many cases still apply.
    assert_eq!((equal, too_few), (18, 14), "cases that apply, and those with too few values");
}

#[test]
fn a_case_is_read_as_it_is_written() {
    let text = "load 5m\n\tx_bucket{le=\"1\"} 0+5x10\n\tx_bucket{le=\"+Inf\"} 0+10x10\n\n\
                eval instant at 50m histogram_quantile(0.25, x_bucket)\n\t{} 0.5\n\
                eval instant at 50m histogram_quantile(0.99, x_bucket)\n\t{} 1\n";
    assert_eq!(compared(text), (1, 1));
}
