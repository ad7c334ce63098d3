//! EPSS: how likely each weakness is exploited within 30 days. The list has a row for every CVE there
//! is, so a thousand neighbours are one statement; of a month the newest list is kept.

use std::collections::BTreeMap;

use model::Micros;
use model::scan::ExploitLikelihood;
use model::stated::{StatedKind, StatedObservation};

use crate::error::EnvelopeError;
use crate::format::Format;
use crate::input::{Input, Out};
use crate::instant::civil;
use crate::shape::{Shape, without_mark};

/// Scores by CVE.
pub const EXPLOIT_LIKELIHOOD: Format =
    Format { name: "epss", title: "EPSS scores (CSV)", recognise, read };

fn recognise(input: &Input<'_>) -> Option<String> {
    let shape = Shape::of(input.bytes);
    let Shape::Text(text) = &shape else { return None };
    let head = text.lines().find(|line| !line.starts_with('#'))?;
    let has = |name: &str| head.split(',').any(|one| one.trim().eq_ignore_ascii_case(name));
    (has("cve") && has("epss")).then(|| "it has the columns cve and epss".to_owned())
}

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    out.source("epss");
    let bytes = without_mark(input.bytes);
    let scored = scored(bytes);
    if let Some(at) = scored {
        out.observed_at(at);
    }
    let scored = scored.unwrap_or(out.batch().input.observed_at);
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).comment(Some(b'#')).from_reader(bytes);
    let head = reader.headers().map_err(|error| {
        EnvelopeError::malformed(input.name, "the first line", format!("{error}; it names columns"))
    })?;
    let column = |name: &str| head.iter().position(|one| one.trim().eq_ignore_ascii_case(name));
    let (cve, epss, percentile) = (column("cve"), column("epss"), column("percentile"));
    let mut blocks: BTreeMap<String, BTreeMap<String, (f64, f64)>> = BTreeMap::new();
    for (position, row) in reader.records().enumerate() {
        let score = row.ok().and_then(|row| {
            let field = |at: Option<usize>| row.get(at?).map(|text| text.trim().to_owned());
            let share = |at| field(at)?.parse::<f64>().ok().filter(|one| (0.0..=1.0).contains(one));
            let id = field(cve).filter(|id| id.starts_with("CVE-"))?;
            Some((id, share(epss)?, share(percentile).unwrap_or(0.0)))
        });
        match score {
            Some((id, epss, percentile)) => {
                blocks.entry(block(&id)).or_default().insert(id, (epss, percentile));
            }
            None => out.reject(
                format!("row {}", position + 1),
                "no CVE with a probability between 0 and 1",
            ),
        }
    }
    let month = scored.timestamp().strftime("%Y-%m").to_string();
    for (block, scores) in blocks {
        let body = ExploitLikelihood { scored: Some(scored), scores };
        let key = format!("{block}\u{1f}{month}");
        let stated = StatedObservation::new(StatedKind::ExploitLikelihood, key, &body);
        let Ok(stated) = stated else { continue };
        let title = format!("exploit likelihood of {block}…");
        out.batch().stated.push(StatedObservation { title, from: Some(scored), ..stated });
        if !out.added(1) {
            break;
        }
    }
    Ok(())
}

/// The day that the first line states: `#model_version:v2025.03.14,score_date:2026-01-01T00:00:00+0000`.
fn scored(bytes: &[u8]) -> Option<Micros> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(500)]).into_owned();
    let line = head.lines().next()?.strip_prefix('#')?.to_owned();
    let date = line.split(',').find_map(|part| part.trim().strip_prefix("score_date:"))?;
    civil(date.get(..10)?)
}

/// The year and the thousand of a CVE: `CVE-2022-22` of `CVE-2022-22965`.
fn block(id: &str) -> String {
    let cut = id.len().saturating_sub(3).max(id.len().min(9));
    id.get(..cut).unwrap_or(id).to_owned()
}
