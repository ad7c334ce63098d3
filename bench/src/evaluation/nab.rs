//! The Numenta Anomaly Benchmark's score (Lavin and Ahmad, 2015) with its standard profile: the earliest
//! detection in each labelled window counts by a sigmoid of its place, each one outside costs 0.11 by its
//! distance past the last window, each missed window costs 1; 100 is perfect, 0 detects nothing. The first
//! 15 % of a series, at most 750 values, are not scored. Judgement is streaming: what is expected of a
//! value is worked out from earlier ones only, and a stretch is reported when its third far value comes.

use std::collections::BTreeMap;
use std::path::Path;

use analysis::series::Sample;
use analysis::series::anomaly::{FAR, Judged, anomalies, judged};
use analysis::series::baseline::Baseline;
use anyhow::{Context, Result};
use model::time::{Micros, instant};

/// The folder below the data.
pub const FOLDER: &str = "metrics/nab";
/// Cost of a detection outside every window, in the standard profile.
const FALSE_ALARM: f64 = 0.11;
/// Values between two baselines.
const RENEWED: usize = 12;
/// Least relevant deviation as a share of the level, as in service trends.
const RESOLUTION: f64 = 0.1;

/// The score of one series, as it is added up.
#[derive(Debug, Clone, Copy, Default)]
pub struct Score {
    /// Sum of the detections' and misses' values.
    pub raw: f64,
    /// Labelled windows.
    pub windows: usize,
    /// Windows in which something was detected.
    pub hit: usize,
    /// Detections outside windows.
    pub false_alarms: usize,
}

impl Score {
    /// Between 0 (nothing detected) and 100 (perfect); below 0 for many false alarms.
    pub fn normalised(&self) -> f64 {
        let windows = self.windows as f64;
        100.0 * (self.raw + windows) / (2.0 * windows)
    }
}

/// Scores every series.
pub fn run(data: &Path) -> Result<BTreeMap<String, Score>> {
    let folder = data.join(FOLDER);
    let text = std::fs::read_to_string(folder.join("windows.json"))?;
    let labels: BTreeMap<String, Vec<[String; 2]>> = serde_json::from_str(&text)?;
    let mut all = BTreeMap::new();
    for (path, windows) in labels {
        let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
        let file = folder.join(&name);
        if !file.exists() {
            continue;
        }
        let samples = samples(&file)?;
        let ends = windows.iter().map(|[from, to]| Ok((at(from)?, at(to)?)));
        let ends = ends.collect::<Result<Vec<_>>>()?;
        all.insert(name, scored(&samples, &ends, &detections(&samples)));
    }
    Ok(all)
}

/// The table.
pub fn print(scores: &BTreeMap<String, Score>) {
    println!("{:<58} {:>6} {:>8} {:>8}", "nab, standard profile", "score", "windows", "false");
    let line = |name: &str, one: &Score| {
        let hit = format!("{} of {}", one.hit, one.windows);
        println!("{name:<58} {:>6.1} {hit:>8} {:>8}", one.normalised(), one.false_alarms);
    };
    let mut total = Score::default();
    for (name, one) in scores {
        line(name, one);
        total.raw += one.raw;
        total.windows += one.windows;
        total.hit += one.hit;
        total.false_alarms += one.false_alarms;
    }
    line("all seven", &total);
}

fn at(text: &str) -> Result<Micros> {
    let text = format!("{}Z", text.trim().replace(' ', "T"));
    instant(&text).map(Micros::of).map_err(anyhow::Error::msg)
}

fn samples(path: &Path) -> Result<Vec<Sample>> {
    let text = std::fs::read_to_string(path)?;
    let sample = |line: &str| -> Result<Sample> {
        let (time, value) = line.split_once(',').context("two cells")?;
        Ok(Sample { at: at(time)?, value: value.trim().parse()? })
    };
    text.lines().skip(1).map(sample).collect()
}

/// Places at which a stretch is reported.
fn detections(samples: &[Sample]) -> Vec<usize> {
    let mut scores: Vec<Judged> = Vec::new();
    let mut usual: Option<Baseline> = None;
    for (place, sample) in samples.iter().enumerate() {
        if place % RENEWED == 0 {
            usual = Baseline::of(&samples[..place]).ok();
        }
        let Some(usual) = &usual else { continue };
        let resolution = RESOLUTION * usual.expected(sample.at).abs();
        let scale = usual.scale(resolution);
        scores.extend(judged(std::slice::from_ref(sample), |at| usual.expected(at), scale));
    }
    let found = anomalies(&scores, 5 * Micros::MINUTE);
    let third = |from: Micros, sign: f64| {
        let far = scores.iter().filter(|one| one.at >= from && one.score * sign > FAR);
        far.map(|one| one.at).nth(2)
    };
    let at = found.iter().filter_map(|one| third(one.from, one.peak.score.signum()));
    let mut places: Vec<usize> =
        at.map(|at| samples.partition_point(|sample| sample.at < at)).collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// Numenta's sigmoid: 1 well before 0, -1 well after; -1 beyond 3.
fn sigmoid(position: f64) -> f64 {
    if position > 3.0 { -1.0 } else { 2.0 / (1.0 + (5.0 * position).exp()) - 1.0 }
}

fn scored(samples: &[Sample], windows: &[(Micros, Micros)], detected: &[usize]) -> Score {
    let probation = (samples.len() * 15 / 100).min(750);
    let place = |at: Micros| samples.partition_point(|sample| sample.at < at);
    // First and last place of each window.
    let ends: Vec<(usize, usize)> = windows
        .iter()
        .map(|(from, to)| (place(*from), place(to.plus(1)).saturating_sub(1)))
        .collect();
    let mut score = Score { windows: ends.len(), ..Score::default() };
    let mut best: Vec<Option<f64>> = vec![None; ends.len()];
    for at in detected.iter().copied().filter(|at| *at >= probation) {
        if let Some(window) = ends.iter().position(|(from, to)| (*from..=*to).contains(&at)) {
            let (from, to) = ends[window];
            let width = (to - from + 1) as f64;
            let value = sigmoid(-((to - at + 1) as f64) / width) / sigmoid(-1.0);
            best[window] = Some(best[window].map_or(value, |held| held.max(value)));
            continue;
        }
        score.false_alarms += 1;
        let before = ends.iter().filter(|(_, to)| *to < at).max_by_key(|(_, to)| *to);
        let cost =
            before.map_or(-1.0, |(from, to)| sigmoid((at - to) as f64 / (to - from).max(1) as f64));
        score.raw += FALSE_ALARM * cost;
    }
    score.hit = best.iter().flatten().count();
    score.raw += best.into_iter().map(|one| one.unwrap_or(-1.0)).sum::<f64>();
    score
}
