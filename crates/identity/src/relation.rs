//! Relations: ends to entities, statements to rows, and what changes against the rows that the same
//! statement gave before.

use std::collections::{BTreeMap, BTreeSet};

use model::entity::EntityId;
use model::kind::Confidence;
use model::reference::Reference;
use model::resolution::{
    EntityState, ReferencePurpose, RelationTemplate, RelationWrite, StoredReference,
};
use model::{AliasKey, EntityKind, Micros, RelationKind, RelationObservation};

use crate::endpoint;
use crate::entity::{Entities, Slot};
use crate::fingerprint::hash_of;
use crate::lead::{Leads, Outcome};

/// A stored reference that is tried in this resolution.
pub(crate) struct Pending {
    pub stored: StoredReference,
    /// What it led to as stored; `None` for a new one.
    pub before: Option<StoredReference>,
    /// The row's end, when the source says so or it is of the past; such a row is not stored as a
    /// reference.
    pub ends_at: Option<Micros>,
    pub is_past: bool,
    from: Outcome,
    to: Outcome,
}

impl Pending {
    pub fn new(stored: StoredReference, before: Option<StoredReference>) -> Self {
        let none = || Outcome {
            targets: Vec::new(),
            is_conflict: false,
            rule: String::new(),
            confidence: Confidence::Low,
            via: BTreeSet::new(),
        };
        Self { stored, before, ends_at: None, is_past: false, from: none(), to: none() }
    }

    fn template(&self) -> Option<&RelationTemplate> {
        match &self.stored.purpose {
            ReferencePurpose::Relation(template) => Some(template),
            ReferencePurpose::Subject(_) => None,
        }
    }

    /// What the far end (or the subject) leads to, unless it is a conflict.
    pub fn target(&self) -> Option<Slot> {
        self.to.targets.first().copied().filter(|_| !self.to.is_conflict)
    }

    /// Makes entities of plain ids that nothing has yet.
    pub fn name_ends(&self, entities: &mut Entities<'_>) {
        if let Some(template) = self.template() {
            name_end(entities, &template.from);
            name_end(entities, &template.to);
        }
    }

    /// Follows both ends.
    pub fn follow(&mut self, leads: &Leads<'_>, entities: &Entities<'_>) {
        let end = |reference: &Reference| match reference.as_id().map(|id| entities.find(id)) {
            Some(slot) => Outcome {
                targets: slot.into_iter().collect(),
                is_conflict: false,
                rule: String::new(),
                confidence: Confidence::Certain,
                via: reference.as_id().into_iter().cloned().collect(),
            },
            None => leads.reference(reference),
        };
        if let ReferencePurpose::Relation(template) = &self.stored.purpose {
            self.from = end(&template.from);
            self.to = end(&template.to);
        } else {
            self.to = leads.reference(&self.stored.reference);
        }
    }

    /// Makes the external endpoint that the far end means when nothing else answers.
    pub fn otherwise(&mut self, entities: &mut Entities<'_>) -> Option<Slot> {
        let template = self.template()?;
        let kind = template.to.otherwise.filter(|_| self.to.targets.is_empty())?;
        if self.from.targets.is_empty() || self.from.is_conflict {
            return None;
        }
        let (id, _) = endpoint::external(&template.to)?;
        let slot = entities.ensure(&id, kind);
        let entity = entities.get_mut(slot);
        entity.state = EntityState::Present;
        entity.kind = kind;
        self.to.targets = vec![slot];
        self.to.rule = "public name".to_owned();
        self.to.confidence = Confidence::Medium;
        Some(slot)
    }

    /// Whether the outcome differs from what is stored.
    pub fn is_changed(&self) -> bool {
        self.before.as_ref() != Some(&self.stored)
    }

    /// Writes the outcome into the reference.
    pub fn settle(&mut self, entities: &Entities<'_>) {
        let ids = |slots: &[Slot]| {
            let mut ids: Vec<EntityId> = slots.iter().map(|slot| entities.get(*slot).id).collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        self.stored.is_conflict = self.from.is_conflict || self.to.is_conflict;
        self.stored.targets = ids(&self.to.targets);
        self.stored.from_targets = ids(&self.from.targets);
        self.stored.rule = self.rule();
        self.stored.via = self.from.via.union(&self.to.via).cloned().collect();
    }

    fn rule(&self) -> String {
        match (self.from.rule.is_empty(), self.to.rule.is_empty()) {
            (_, false) => self.to.rule.clone(),
            (false, true) => self.from.rule.clone(),
            (true, true) => String::new(),
        }
    }

    /// Ends of the rows it gives, as slots.
    pub fn pairs(&self) -> Vec<(Slot, Slot)> {
        if self.from.is_conflict || self.to.is_conflict || self.template().is_none() {
            return Vec::new();
        }
        let pairs = self.from.targets.iter().flat_map(|from| {
            self.to.targets.iter().map(move |to| (*from, *to)).filter(|(from, to)| from != to)
        });
        pairs.collect()
    }

    /// The relation's kind, when it is one.
    pub fn kind(&self) -> Option<RelationKind> {
        self.template().map(|template| template.kind)
    }

    /// Rows that change: those it gives now, and those it gave and does not give any more. The latter
    /// are taken back, or end at `withdrawn_at` when a newer record took away what led there.
    pub fn rows(
        &mut self,
        entities: &Entities<'_>,
        withdrawn_at: Option<Micros>,
    ) -> Vec<RelationWrite> {
        let mut late = Vec::new();
        let rows = self.changed_rows(entities, withdrawn_at, &mut late);
        self.stored.late = late;
        rows
    }

    fn changed_rows(
        &self,
        entities: &Entities<'_>,
        withdrawn_at: Option<Micros>,
        late: &mut Vec<(EntityId, EntityId, Micros)>,
    ) -> Vec<RelationWrite> {
        let Some(template) = self.template() else { return Vec::new() };
        let begun = begun(self.before.as_ref(), entities);
        let mut old: BTreeMap<(EntityId, RelationKind, EntityId), bool> = BTreeMap::new();
        for (from, to) in self.before.iter().flat_map(|before| products(before, entities)) {
            for kind in kinds_of(template.kind, entities.find_id(to).map(|s| entities.get(s).kind))
            {
                old.insert((from, kind, to), true);
            }
        }
        let is_same = self.before.as_ref().is_some_and(|before| before.rule == self.stored.rule);
        let start = template.started_at.unwrap_or(self.stored.observed_at);
        let mut rows = Vec::new();
        for (from, to) in self.pairs() {
            let (from, to) = (entities.get(from), entities.get(to));
            for kind in kinds_of(template.kind, Some(to.kind)) {
                let is_old = old.remove(&(from.id, kind, to.id)).is_some();
                let since = match is_old {
                    true => begun.get(&(from.id, to.id)).copied(),
                    false => withdrawn_at.filter(|at| self.before.is_some() && *at > start),
                };
                late.extend(since.map(|since| (from.id, to.id, since)));
                if is_old && is_same {
                    continue;
                }
                let mut row = self.row(template, from.id, kind, to.id);
                row.valid_from = since.unwrap_or(row.valid_from);
                rows.push(row);
            }
        }
        for (from, kind, to) in old.into_keys() {
            let mut row = self.row(template, from, kind, to);
            row.valid_from = begun.get(&(from, to)).copied().unwrap_or(row.valid_from);
            row.valid_to = Some(withdrawn_at.unwrap_or(row.valid_from).max(row.valid_from));
            rows.push(row);
        }
        rows
    }

    fn row(
        &self,
        template: &RelationTemplate,
        from: EntityId,
        kind: RelationKind,
        to: EntityId,
    ) -> RelationWrite {
        RelationWrite {
            from,
            kind,
            to,
            evidence: template.evidence,
            source: self.stored.source.clone(),
            stated_by: template.stated_by,
            statement: self.stored.id,
            need: template.need,
            need_source: template.need_source,
            group: template.group.clone(),
            min_alive: template.min_alive,
            rule: self.stored.rule.clone(),
            confidence: self.from.confidence.min(self.to.confidence),
            properties: template.properties.clone(),
            valid_from: template.started_at.unwrap_or(self.stored.observed_at),
            valid_to: self.ends_at,
            seen_at: self.stored.observed_at,
        }
    }

    /// Rows that end because no record states the reference any more.
    pub fn ended(
        stored: &StoredReference,
        entities: &Entities<'_>,
        at: Micros,
    ) -> Vec<RelationWrite> {
        let pending = Self::new(stored.clone(), None);
        let Some(template) = pending.template() else { return Vec::new() };
        let begun = begun(Some(stored), entities);
        let mut rows = Vec::new();
        for (from, to) in products(stored, entities) {
            for kind in kinds_of(template.kind, entities.find_id(to).map(|s| entities.get(s).kind))
            {
                let mut row = pending.row(template, from, kind, to);
                row.valid_from = begun.get(&(from, to)).copied().unwrap_or(row.valid_from);
                row.valid_to = Some(at.max(row.valid_from));
                rows.push(row);
            }
        }
        rows
    }
}

/// Ends of the rows that a reference gave as stored.
fn products(stored: &StoredReference, entities: &Entities<'_>) -> Vec<(EntityId, EntityId)> {
    if stored.is_conflict {
        return Vec::new();
    }
    let from = stored.from_targets.iter().map(|id| entities.root_id(*id));
    from.flat_map(|from| stored.targets.iter().map(move |to| (from, *to)))
        .map(|(from, to)| (from, entities.root_id(to)))
        .filter(|(from, to)| from != to)
        .collect()
}

/// Instants of the rows that began later than the reference's statement.
fn begun(
    stored: Option<&StoredReference>,
    entities: &Entities<'_>,
) -> BTreeMap<(EntityId, EntityId), Micros> {
    let late = stored.iter().flat_map(|stored| &stored.late);
    late.map(|(from, to, at)| ((entities.root_id(*from), entities.root_id(*to)), *at)).collect()
}

/// A call of a store is a connection. Where the far end's kind is not known, the row may be either.
pub(crate) fn kinds_of(kind: RelationKind, to: Option<EntityKind>) -> Vec<RelationKind> {
    match (kind, to) {
        (RelationKind::Calls, Some(to)) if to.is_store() => vec![RelationKind::ConnectsTo],
        (RelationKind::Calls, None) => vec![RelationKind::Calls, RelationKind::ConnectsTo],
        (kind, _) => vec![kind],
    }
}

/// The entity of a plain id, made when nothing has the id yet.
pub(crate) fn name_end(entities: &mut Entities<'_>, reference: &Reference) -> Option<Slot> {
    let id = reference.as_id()?;
    let kind = reference.kinds.first().copied().unwrap_or(EntityKind::Unknown);
    Some(entities.ensure(id, kind))
}

/// The reference to keep for a relation of which an end is no plain id.
pub(crate) fn stored(
    relation: &RelationObservation,
    source: &str,
    stated_by: Option<(&AliasKey, EntityId)>,
    observed_at: Micros,
) -> StoredReference {
    let template = RelationTemplate {
        from: relation.from.clone(),
        kind: relation.kind,
        to: relation.to.clone(),
        evidence: relation.evidence,
        need: relation.need,
        need_source: relation.need_source,
        group: relation.group.clone(),
        min_alive: relation.min_alive,
        properties: relation.properties.clone(),
        stated_by: stated_by.map(|(_, id)| id),
        started_at: relation.started_at,
    };
    let content = (&template.from, template.kind, &template.to, template.evidence);
    let rest = (&template.group, template.min_alive, &template.properties, template.need);
    // 0 stands for rows of plain ids.
    let id = hash_of(&(source, stated_by.map(|(key, _)| key), content, rest)).max(1);
    let reference = match relation.to.as_id() {
        Some(_) => relation.from.clone(),
        None => relation.to.clone(),
    };
    StoredReference {
        id,
        purpose: ReferencePurpose::Relation(Box::new(template)),
        reference,
        source: source.to_owned(),
        observed_at,
        targets: Vec::new(),
        from_targets: Vec::new(),
        via: Vec::new(),
        is_conflict: false,
        rule: String::new(),
        late: Vec::new(),
    }
}

/// The row of a relation between two plain ids.
pub(crate) fn direct(
    relation: &RelationObservation,
    (from, to): (EntityId, EntityId),
    kind: RelationKind,
    source: &str,
    stated_by: Option<EntityId>,
    at: Micros,
) -> RelationWrite {
    RelationWrite {
        from,
        kind,
        to,
        evidence: relation.evidence,
        source: source.to_owned(),
        stated_by,
        statement: 0,
        need: relation.need,
        need_source: relation.need_source,
        group: relation.group.clone(),
        min_alive: relation.min_alive,
        rule: String::new(),
        confidence: Confidence::Certain,
        properties: relation.properties.clone(),
        valid_from: relation.started_at.unwrap_or(at),
        valid_to: relation.ended_at,
        seen_at: at,
    }
}
