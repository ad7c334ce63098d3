//! The facts of `security_events`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::decision::Decision;
use model::entity::Labels;
use model::error::{StoreError, StoreResult};
use model::event::IncidentObservation;
use model::fact::{RecordFact, SubjectFact};
use model::finding::FindingObservation;
use model::kind::EntityKind;
use model::scan::{Exclusion, ExploitLikelihood, KnownExploited, ScanBody, ScanItem, Suppression};
use model::scope::OrgScope;
use model::seam::{DataKind, ReadContext, Version};
use model::stated::{StatedKind, StatedObservation};
use model::time::{Micros, Window};

use super::params::SecurityEventsParams;
use crate::ask::{AskContext, AskError};
use crate::estate::{Estate, estate, named};
use crate::finding::exclusion::Said;
use crate::finding::life::Known;
use crate::finding::{Followed, Report};
use crate::unit::{telemetry_read, with_below};

/// Everything that is judged.
pub(super) struct SecurityFacts {
    /// The instant.
    pub at: Micros,
    /// The estate at it.
    pub estate: Arc<Estate>,
    /// Scans and findings that sources follow themselves.
    pub known: Known,
    /// What each target (and each object that runs an image) is, as it was resolved.
    pub subjects: BTreeMap<String, Vec<SubjectFact>>,
    /// Words on whether weaknesses apply.
    pub said: Vec<Said>,
    /// Known exploited weaknesses.
    pub exploited: BTreeMap<String, KnownExploited>,
    /// Likelihoods by weakness: probability, percentile, day.
    pub likelihood: BTreeMap<String, (f64, f64, Option<Micros>)>,
    /// Every decision.
    pub decisions: Vec<Decision>,
    /// Incidents.
    pub incidents: Vec<RecordFact<IncidentObservation>>,
    /// Canonical ids of what existed and had ended by the instant.
    pub ended: BTreeSet<String>,
    /// Ordinals asked for by name; names that are targets stay texts.
    pub asked: Option<(BTreeSet<u32>, BTreeSet<String>)>,
    /// Units asked for and below; empty for all.
    pub units: Vec<String>,
    /// Whether the viewer sees some units only.
    pub is_scoped: bool,
    /// Version of the findings.
    pub version: Version,
}

/// Most targets that are looked up to see whether they still exist.
const LOOKED_UP_MAX: usize = 500;

pub(super) async fn facts(
    params: &SecurityEventsParams,
    ctx: &AskContext,
) -> Result<SecurityFacts, AskError> {
    let at = ctx.at(params.as_of);
    let estate = estate(ctx, params.as_of).await?;
    let version = ctx.telemetry.version(DataKind::Findings).await?;
    // Images and lists have no owner, so records are read whole; what a viewer of some units may see
    // is told by what of the estate is concerned, before anything is counted.
    let whole = ReadContext { org_scope: OrgScope::Everything, ..ctx.read(Some(at)) };
    let mut subjects = BTreeMap::new();
    let mut reports = Vec::new();
    for record in ctx.telemetry.stated(&whole, StatedKind::Scan).await? {
        reports.extend(report(record, &mut subjects)?);
    }
    let mut followed = Vec::new();
    for record in ctx.telemetry.findings(&whole).await? {
        followed.extend(self_followed(record, &mut subjects));
    }
    let window = Window { from: Micros(0).timestamp(), to: at.plus(1).timestamp() };
    let read = telemetry_read(ctx.topology.as_ref(), ctx.read(Some(at))).await?;
    let incidents = ctx.telemetry.incidents(&read, window).await?;
    let known = Known { reports, followed };
    let asked = asked(params, ctx, &estate, &known).await?;
    Ok(SecurityFacts {
        ended: ended(ctx, &estate, &subjects, at).await?,
        said: said(ctx, &whole).await?,
        exploited: exploited(ctx, &whole).await?,
        likelihood: likelihood(ctx, &whole).await?,
        decisions: ctx.records.decisions().await?,
        units: with_below(ctx.topology.as_ref(), &ctx.read(params.as_of), &params.unit).await?,
        is_scoped: ctx.viewer.org_scope != OrgScope::Everything,
        at,
        estate,
        known,
        subjects,
        incidents,
        asked,
        version,
    })
}

/// The body of a statement.
fn says<T: serde::de::DeserializeOwned>(record: &RecordFact<StatedObservation>) -> StoreResult<T> {
    record.body.says().map_err(|error| StoreError::Internal {
        operation: format!("read the statement `{}`", record.key),
        reason: error.to_string(),
    })
}

fn report(
    record: RecordFact<StatedObservation>,
    subjects: &mut BTreeMap<String, Vec<SubjectFact>>,
) -> StoreResult<Option<Report>> {
    let body: ScanBody = says(&record)?;
    let Some(at) = record.body.from else { return Ok(None) };
    let mut named = record.subjects.into_iter();
    if let Some(target) = named.next() {
        note(subjects, &body.target, target);
    }
    if let (Some(workload), Some(subject)) = (&body.workload, named.next()) {
        note(subjects, workload, subject);
    }
    let builds = body.digest.into_iter().collect::<Vec<_>>();
    let builds = if builds.is_empty() { body.tags } else { builds };
    Ok(Some(Report {
        scanner: body.scanner,
        class: body.class,
        target: body.target,
        workload: body.workload,
        builds,
        at,
        is_complete: body.is_complete,
        items: body.items,
    }))
}

/// Keeps what a name was resolved to, each once.
fn note(subjects: &mut BTreeMap<String, Vec<SubjectFact>>, name: &str, subject: SubjectFact) {
    let held = subjects.entry(name.to_owned()).or_default();
    if !held.iter().any(|one| one.id == subject.id) {
        held.push(subject);
    }
}

/// A finding of a source that sends no scans: it says itself since when it is open.
fn self_followed(
    record: RecordFact<FindingObservation>,
    subjects: &mut BTreeMap<String, Vec<SubjectFact>>,
) -> Option<Followed> {
    let body = record.body;
    if body.labels.contains_key("scan_target") {
        return None;
    }
    let (target, builds) = target_of(&body);
    for subject in record.subjects {
        note(subjects, &target, subject);
    }
    let seen = body.last_seen.unwrap_or(record.observed_at);
    let label = |name: &str| body.labels.get(name).cloned();
    let suppression = (body.status == "suppressed").then(|| Suppression {
        author: label("suppressed_by"),
        reason: label("suppressed_because"),
    });
    Some(Followed {
        scanner: scanner(&record.source, &body.labels),
        target,
        builds,
        from: body.first_seen.unwrap_or(seen),
        until: (body.status == "fixed").then_some(seen),
        seen,
        item: ScanItem {
            weaknesses: body.weaknesses,
            kind: body.kind,
            title: body.title,
            severity: body.severity,
            ecosystem: label("ecosystem"),
            package: body.package,
            installed: body.installed_version,
            fixed: body.fixed_version,
            place: body.place,
            suppression,
        },
    })
}

/// An image by its repository, anything else by the name it was given.
fn target_of(finding: &FindingObservation) -> (String, Vec<String>) {
    let name = finding.target.label();
    let Some(image) = name.strip_prefix("image://") else { return (name, Vec::new()) };
    let (repository, digest) = image.split_once('@').unwrap_or((image, ""));
    let repository = match repository.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => repository,
    };
    let builds = Some(digest.to_owned()).filter(|digest| !digest.is_empty());
    (format!("image://{repository}"), builds.into_iter().collect())
}

/// The product that the finding names, else its source without the prefix of its format.
fn scanner(source: &str, labels: &Labels) -> String {
    let named = labels.get("scanner").or(labels.get("product_name"));
    let source = source.strip_prefix("own:").unwrap_or(source);
    named.map_or_else(|| source.to_owned(), |name| name.to_lowercase())
}

async fn said(ctx: &AskContext, read: &ReadContext) -> Result<Vec<Said>, AskError> {
    let mut all = Vec::new();
    for record in ctx.telemetry.stated(read, StatedKind::Exclusion).await? {
        let exclusion: Exclusion = says(&record)?;
        let from = record.body.from.unwrap_or(record.observed_at);
        all.push(Said { from, until: record.body.to, source: record.source, exclusion });
    }
    all.sort_by(|a, b| (a.from, &a.source).cmp(&(b.from, &b.source)));
    Ok(all)
}

async fn exploited(
    ctx: &AskContext,
    read: &ReadContext,
) -> Result<BTreeMap<String, KnownExploited>, AskError> {
    let mut all = BTreeMap::new();
    for record in ctx.telemetry.stated(read, StatedKind::KnownExploited).await? {
        let known: KnownExploited = says(&record)?;
        all.insert(known.weakness.clone(), known);
    }
    Ok(all)
}

/// Scores, of several lists the newest of each weakness.
async fn likelihood(
    ctx: &AskContext,
    read: &ReadContext,
) -> Result<BTreeMap<String, (f64, f64, Option<Micros>)>, AskError> {
    let mut all: BTreeMap<String, (f64, f64, Option<Micros>)> = BTreeMap::new();
    for record in ctx.telemetry.stated(read, StatedKind::ExploitLikelihood).await? {
        let block: ExploitLikelihood = says(&record)?;
        for (weakness, (probability, percentile)) in block.scores {
            let is_newer = all.get(&weakness).is_none_or(|held| held.2 <= block.scored);
            if is_newer {
                all.insert(weakness, (probability, percentile, block.scored));
            }
        }
    }
    Ok(all)
}

/// What the user asked for: names of scanned targets as they are, anything else in the estate.
async fn asked(
    params: &SecurityEventsParams,
    ctx: &AskContext,
    estate: &Estate,
    known: &Known,
) -> Result<Option<(BTreeSet<u32>, BTreeSet<String>)>, AskError> {
    if params.entity.is_empty() {
        return Ok(None);
    }
    let reports = known.reports.iter().map(|one| one.target.as_str());
    let targets: BTreeSet<&str> =
        reports.chain(known.followed.iter().map(|one| one.target.as_str())).collect();
    let (mut ordinals, mut texts) = (BTreeSet::new(), BTreeSet::new());
    for name in &params.entity {
        if targets.contains(name.as_str()) {
            texts.insert(name.clone());
            ordinals.extend(estate.find(name));
        } else {
            ordinals.insert(named(ctx, params.as_of, estate, name).await?);
        }
    }
    Ok(Some((ordinals, texts)))
}

/// Which of the targets existed and have ended: they are known, but not of the estate at the instant.
async fn ended(
    ctx: &AskContext,
    estate: &Estate,
    subjects: &BTreeMap<String, Vec<SubjectFact>>,
    at: Micros,
) -> Result<BTreeSet<String>, AskError> {
    let all = subjects.values().flatten();
    let missing: BTreeSet<&str> = all
        .filter(|one| !matches!(one.kind, EntityKind::Unknown | EntityKind::Image))
        .map(|one| one.id.as_str())
        .filter(|id| estate.find(id).is_none())
        .collect();
    let mut ended = BTreeSet::new();
    let read = ReadContext { org_scope: OrgScope::Everything, ..ctx.read(None) };
    for id in missing.into_iter().take(LOOKED_UP_MAX) {
        match ctx.topology.entity(&read, id, 1).await {
            Ok(page) => {
                let end = page.entity.valid_to.map(Micros::of);
                if end.is_some_and(|end| end <= at) {
                    ended.insert(id.to_owned());
                }
            }
            Err(StoreError::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(ended)
}
