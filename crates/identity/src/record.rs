//! One record of one source against what the source said before: new, unchanged, changed, another
//! record of the same instant, or one that fills the past.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use model::entity::Presence;
use model::resolution::{EntityState, KnownRecord, KnownVersion, VersionWrite};
use model::{AliasKey, EntityId, EntityKind, EntityObservation, Micros, RelationObservation};

use crate::claim::Claims;
use crate::entity::{Entities, Entity, Slot};
use crate::ownership::{Decision, Rules, Subject};

/// Source of the names of external endpoints, which only references show.
const EXTERNAL_SOURCE: &str = "references";

/// What a batch says about the relations of one entity.
#[derive(Default)]
pub(crate) struct Record<'a> {
    /// What the source stated until now.
    pub known: Option<&'a KnownRecord>,
    /// What it states now, with the id under which the record says so.
    pub stated: Vec<(&'a AliasKey, &'a RelationObservation)>,
    /// What it stated in the past, and until when.
    pub past: Vec<(&'a RelationObservation, Micros)>,
    /// Whether what is not stated any more ends.
    pub is_newer: bool,
    claims: HashSet<(AliasKey, Vec<AliasKey>)>,
}

impl<'a> Record<'a> {
    fn know(&mut self, known: &KnownRecords<'a>, id: EntityId) {
        if self.known.is_none() {
            self.known = known.get(&id).copied();
        }
    }
}

/// What the batch's source stated until now, by entity.
pub(crate) type KnownRecords<'a> = HashMap<EntityId, &'a KnownRecord>;

/// Records of the batch, by entity.
pub(crate) type Records<'a> = BTreeMap<Slot, Record<'a>>;

/// What a record is beside the newest that its source gave.
enum Rank {
    Newer,
    /// Same instant as the newest: both hold; the richer describes the entity.
    Equal {
        is_richer: bool,
    },
    Unchanged {
        is_later: bool,
    },
    /// Fills the past, until the instant given.
    Past(Micros),
    /// Fills the past with what is known of it.
    Known,
    /// Only implied, where the source has a record of its own.
    Ignored,
}

fn rank(known: Option<&KnownVersion>, fingerprint: u64, at: Micros, is_implied: bool) -> Rank {
    let Some(known) = known else { return Rank::Newer };
    match (known.is_implied, is_implied) {
        (false, true) => return Rank::Ignored,
        (true, false) => return Rank::Newer,
        _ => {}
    }
    if known.retired_at.is_some_and(|retired| at >= retired) {
        return Rank::Newer;
    }
    let is_same = known.fingerprint == fingerprint && !known.is_mixed;
    if at < known.observed_at {
        past(known, fingerprint, at)
    } else if is_same {
        Rank::Unchanged { is_later: at > known.seen_at }
    } else if at > known.seen_at {
        Rank::Newer
    } else if at == known.seen_at {
        Rank::Equal { is_richer: fingerprint > known.fingerprint }
    } else {
        Rank::Past(known.seen_at)
    }
}

fn past(known: &KnownVersion, fingerprint: u64, at: Micros) -> Rank {
    let Some(past) = &known.past else { return Rank::Past(known.observed_at) };
    let is_known = past.fingerprints.contains(&fingerprint)
        && (past.fingerprints.len() == 1 || past.observed_at == Some(at));
    match is_known {
        true => Rank::Known,
        false => Rank::Past(past.next_at.unwrap_or(known.observed_at)),
    }
}

/// Takes one record in.
pub(crate) fn take<'a>(
    entities: &mut Entities<'_>,
    claims: &mut Claims,
    records: &mut Records<'a>,
    known: &KnownRecords<'a>,
    rules: &Rules<'_>,
    (record, fingerprint): (&'a EntityObservation, u64),
    (source, at): (&str, Micros),
) {
    let is_implied = record.presence == Presence::Implied;
    let slot = entities.ensure(&record.id, record.kind);
    exist(entities, slot, record.kind, is_implied);
    let entity = entities.get_mut(slot);
    let rank = rank(entity.sources.get(source), fingerprint, at, is_implied);
    let is_loaded = records.contains_key(&slot);
    let decision = rules.decide(&Subject {
        id: &entity.canonical,
        kind: record.kind,
        name: &record.name,
        scope: &record.scope,
        labels: &record.labels,
    });
    match rank {
        Rank::Ignored | Rank::Known => return,
        Rank::Unchanged { is_later } => {
            seen(entity, record, (fingerprint, source, at), decision, is_later);
            if !is_loaded {
                return;
            }
        }
        Rank::Past(until) => {
            let write = version(record, fingerprint, source, at, Some(until));
            entity.versions.push(owned(write, decision));
            let id = entity.id;
            let relations = record.relations.iter().map(|relation| (relation, until));
            let entry = records.entry(slot).or_default();
            entry.past.extend(relations);
            entry.know(known, id);
            return;
        }
        Rank::Newer | Rank::Equal { is_richer: true } => {
            let write = owned(version(record, fingerprint, source, at, None), decision);
            let mut version = known_version(&write);
            let earlier = entity.sources.get(source).map(|known| known.observed_at);
            version.is_mixed = matches!(rank, Rank::Equal { .. }) && earlier == Some(at);
            entity.sources.to_mut().insert(source.into(), version);
            entity.versions.push(write);
            entity.is_subject_changed = true;
        }
        Rank::Equal { is_richer: false } => {
            if let Some(known) = entity.sources.to_mut().get_mut(source) {
                // A version that was only seen again at this instant has no row of it to stand beside.
                if known.fingerprint != fingerprint && known.observed_at == at {
                    known.is_mixed = true;
                    let write = version(record, fingerprint, source, at, None);
                    entity.versions.push(owned(write, decision));
                }
            }
        }
    }
    let id = entity.id;
    let entry = records.entry(slot).or_default();
    entry.know(known, id);
    entry.is_newer |= matches!(rank, Rank::Newer);
    entry.stated.extend(record.relations.iter().map(|relation| (&record.id, relation)));
    for claim in &record.claims {
        claims.make(claim, source, Some(id), at);
        entry.claims.insert((claim.key.clone(), claim.to.clone()));
    }
}

/// The same record again; when the rules changed since, it is the same record with another owner.
fn seen(
    entity: &mut Entity<'_>,
    record: &EntityObservation,
    (fingerprint, source, at): (u64, &str, Micros),
    decision: Decision,
    is_later: bool,
) {
    entity.is_seen |= is_later;
    let is_news = |known: &KnownVersion| {
        let owner = (&known.owner, &known.application);
        at > known.seen_at || is_later && owner != (&decision.owner, &decision.application)
    };
    if !entity.sources.get(source).is_some_and(is_news) {
        return;
    }
    let Some(known) = entity.sources.to_mut().get_mut(source) else { return };
    known.seen_at = known.seen_at.max(at);
    let owner = (&known.owner, &known.application);
    if is_later && owner != (&decision.owner, &decision.application) {
        let write = owned(version(record, fingerprint, source, at, None), decision);
        *known = known_version(&write);
        entity.versions.push(write);
        entity.is_subject_changed = true;
    }
}

/// Withdraws the claims that newer records do not make any more.
pub(crate) fn withdraw_claims(records: &Records<'_>, claims: &mut Claims, at: Micros) {
    for record in records.values().filter(|record| record.is_newer) {
        let Some(known) = record.known else { continue };
        for stored in &known.claims {
            let claim = (stored.claim.key.clone(), stored.claim.to.clone());
            if !record.claims.contains(&claim) {
                claims.withdraw(stored, at);
            }
        }
    }
}

/// The entity exists, as far as the record says; the kind that a record gives goes before a name's.
fn exist(entities: &mut Entities<'_>, slot: Slot, kind: EntityKind, is_implied: bool) {
    let entity = entities.get_mut(slot);
    let is_vague = |kind: EntityKind| matches!(kind, EntityKind::Unknown | EntityKind::Resource);
    if entity.state == EntityState::Named || is_vague(entity.kind) {
        entity.kind = kind;
    } else if !is_vague(kind) {
        entity.kind = entity.kind.min(kind);
    }
    let state = match is_implied {
        true => EntityState::Implied,
        false => EntityState::Present,
    };
    entity.state = entity.state.max(state);
}

fn version(
    record: &EntityObservation,
    fingerprint: u64,
    source: &str,
    observed_at: Micros,
    observed_to: Option<Micros>,
) -> VersionWrite {
    VersionWrite {
        entity: EntityId::default(),
        source: source.to_owned(),
        observed_at,
        fingerprint,
        name: record.name.clone(),
        scope: record.scope.clone(),
        labels: record.labels.clone(),
        properties: record.properties.clone(),
        created_at: record.created_at,
        ended_at: record.ended_at,
        incarnation: record.incarnation.clone(),
        observed_to,
        is_implied: record.presence == Presence::Implied,
        owner: None,
        application: None,
    }
}

fn owned(mut write: VersionWrite, decision: Decision) -> VersionWrite {
    (write.owner, write.application) = (decision.owner, decision.application);
    write
}

/// The version of an external endpoint: nobody's record is about it.
pub(crate) fn external(id: &AliasKey, at: Micros) -> VersionWrite {
    let name = id.as_str().trim_start_matches("external://");
    let record = EntityObservation::new(id.clone(), EntityKind::ExternalEndpoint, name);
    version(&record, crate::fingerprint::fingerprint(&record), EXTERNAL_SOURCE, at, None)
}

fn known_version(write: &VersionWrite) -> KnownVersion {
    KnownVersion {
        observed_at: write.observed_at,
        seen_at: write.observed_at,
        fingerprint: write.fingerprint,
        retired_at: None,
        is_mixed: false,
        past: None,
        is_implied: write.is_implied,
        name: write.name.clone(),
        scope: Arc::new(write.scope.clone()),
        owner: write.owner.clone(),
        application: write.application.clone(),
    }
}
