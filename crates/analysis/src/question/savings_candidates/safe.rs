//! Whether nothing needs an entity. No: a required path from an entry point, job or consumer, a mount,
//! a replication or an image refers to it. Unknown: what the rule needs was not covered throughout, it
//! is a standby or backup by relation, tag or name, or only declared paths of unknown need exist. Yes:
//! none of these.

use std::collections::VecDeque;

use model::fact::{EntityFact, EstateRelation};
use model::kind::{EntityKind as K, Need, RelationKind as R};

use super::evidence::near;
use super::shape::{SafeAnswer, Safety};
use crate::estate::Estate;
use crate::property::text;

/// Words of names and tags that mark what is kept for a bad day.
const RESERVE_WORDS: [&str; 10] = [
    "backup",
    "standby",
    "dr",
    "disaster",
    "recovery",
    "replica",
    "failover",
    "archive",
    "retention",
    "legal-hold",
];

/// Most reasons of one kind that are listed.
const REASONS_MAX: usize = 5;

/// Who can be reached from outside, by clock or by queue, once for an estate.
pub(super) struct Entries {
    is_entry: Vec<bool>,
}

/// Why an entity counts as an entry, for people.
fn entry_word(entity: &EntityFact) -> &'static str {
    match entity.kind {
        K::Workload => "the job",
        K::Function => "the function",
        _ => "the entry",
    }
}

impl Entries {
    /// The entries of an estate: routes, ingresses and gateways that lead to something, services and
    /// functions that call without being called or read a queue, scheduled jobs. O(relations).
    pub fn new(estate: &Estate) -> Self {
        let count = u32::try_from(estate.len()).unwrap_or(u32::MAX);
        Self { is_entry: (0..count).map(|one| is_entry(estate, one)).collect() }
    }

    fn has(&self, ordinal: u32) -> bool {
        self.is_entry.get(ordinal as usize).copied().unwrap_or(false)
    }
}

fn is_entry(estate: &Estate, ordinal: u32) -> bool {
    let entity = estate.entity(ordinal);
    match entity.kind {
        K::Route | K::Ingress | K::Gateway => leads_somewhere(estate, ordinal),
        K::KubernetesService => {
            let kind = text(entity, "type").unwrap_or_default();
            matches!(kind, "LoadBalancer" | "NodePort") && leads_somewhere(estate, ordinal)
        }
        K::Workload => {
            matches!(text(entity, "controller"), Some("CronJob" | "Job"))
        }
        K::Service | K::Function => {
            let mut calls = estate.from(ordinal).iter();
            let reads_queue = calls
                .clone()
                .any(|one| one.kind == R::ConnectsTo && estate.entity(one.to).kind == K::Queue);
            let makes_calls = calls.any(|one| one.is_observed() && one.kind == R::Calls);
            let is_called = near(estate, ordinal, R::Calls)
                .any(|one| one.is_observed() && estate.entity(one.from).kind != K::Client);
            reads_queue || (makes_calls && !is_called)
        }
        _ => false,
    }
}

/// Whether a route leads to a target that exists, through target groups and services.
pub(super) fn leads_somewhere(estate: &Estate, ordinal: u32) -> bool {
    estate.far(ordinal, R::RoutesTo).any(|target| match estate.entity(target).kind {
        K::TargetGroup => estate.far(target, R::RoutesTo).next().is_some(),
        _ => true,
    })
}

/// How firmly a relation ties its near end to its far end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tie {
    /// It needs it.
    Firm,
    /// It is declared, and whether it needs it is not known.
    Loose,
}

fn tie(relation: &EstateRelation) -> Option<Tie> {
    match relation.kind {
        R::Calls | R::ConnectsTo => match relation.need {
            Need::Optional | Need::Asynchronous => None,
            Need::Required => Some(Tie::Firm),
            Need::Unknown if relation.is_observed() => Some(Tie::Firm),
            Need::Unknown => Some(Tie::Loose),
        },
        R::ImplementedBy
        | R::HasReplica
        | R::RunsOn
        | R::RoutesTo
        | R::ServedThrough
        | R::EgressThrough
        | R::Mounts
        | R::AttachedTo
        | R::PlacedIn
        | R::HasPart => Some(Tie::Firm),
        _ => None,
    }
}

/// Judges an entity that would be removed; `covered` says why what the rule needs was not covered.
pub(super) fn safety(
    estate: &Estate,
    entries: &Entries,
    ordinal: u32,
    covered: &Result<(), String>,
) -> Safety {
    let entity = estate.entity(ordinal);
    let mut firm = direct(estate, ordinal);
    let (path, loose_path) = path_from_entry(estate, entries, ordinal);
    firm.extend(path);
    if !firm.is_empty() {
        firm.truncate(REASONS_MAX);
        return Safety { answer: SafeAnswer::No, reasons: firm };
    }
    let mut open = Vec::new();
    if let Err(reason) = covered {
        open.push(format!("not covered for the whole look-back: {reason}"));
    }
    open.extend(reserve(estate, ordinal, entity));
    open.extend(loose_path);
    if open.is_empty() {
        let reasons =
            vec!["covered for the whole look-back, and nothing that is known needs it".to_owned()];
        return Safety { answer: SafeAnswer::Yes, reasons };
    }
    open.truncate(REASONS_MAX);
    Safety { answer: SafeAnswer::Unknown, reasons: open }
}

/// Mounts, replications and images that refer to it.
fn direct(estate: &Estate, ordinal: u32) -> Vec<String> {
    let mut reasons = Vec::new();
    for one in estate.to(ordinal) {
        let from = estate.entity(one.from);
        let reason = match one.kind {
            R::Mounts => format!("{} `{}` mounts it", from.kind, from.name),
            R::AttachedTo if estate.entity(ordinal).kind == K::Volume => {
                format!("{} `{}` has it attached", from.kind, from.name)
            }
            R::Replicates => format!("{} `{}` replicates it", from.kind, from.name),
            R::UsesImage => format!("{} `{}` was made from it", from.kind, from.name),
            R::Contains if from.kind == K::Image => {
                format!("image `{}` is made of it", from.name)
            }
            _ => continue,
        };
        if reasons.len() < REASONS_MAX && !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    reasons
}

/// The nearest entry that needs it over firm ties; and that over declared ties of unknown need.
fn path_from_entry(
    estate: &Estate,
    entries: &Entries,
    start: u32,
) -> (Option<String>, Option<String>) {
    let firm = reached_entry(estate, entries, start, |tie| tie == Tie::Firm);
    if let Some(entry) = firm {
        let entity = estate.entity(entry);
        let word = entry_word(entity);
        return (Some(format!("{word} {} `{}` needs it", entity.kind, entity.name)), None);
    }
    let any = reached_entry(estate, entries, start, |_| true);
    let loose = any.map(|entry| {
        let entity = estate.entity(entry);
        format!(
            "a declared path from {} {} `{}` leads to it; whether it is needed is not known",
            entry_word(entity),
            entity.kind,
            entity.name
        )
    });
    (None, loose)
}

fn reached_entry(
    estate: &Estate,
    entries: &Entries,
    start: u32,
    passes: impl Fn(Tie) -> bool,
) -> Option<u32> {
    let mut seen = vec![false; estate.len()];
    seen[start as usize] = true;
    let mut open = VecDeque::from([start]);
    while let Some(one) = open.pop_front() {
        if one != start && entries.has(one) {
            return Some(one);
        }
        for relation in estate.to(one).filter(|relation| tie(relation).is_some_and(&passes)) {
            // What lies in a place needs it only where the place itself would go.
            if relation.kind == R::PlacedIn && estate.entity(one).kind != K::Subnet {
                continue;
            }
            if !std::mem::replace(&mut seen[relation.from as usize], true) {
                open.push_back(relation.from);
            }
        }
    }
    None
}

/// Why it may be kept for a bad day.
fn reserve(estate: &Estate, ordinal: u32, entity: &EntityFact) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Some(primary) = estate.far(ordinal, R::Replicates).next() {
        reasons.push(format!("it is a replica of `{}`", estate.entity(primary).name));
    }
    if let Some(word) = reserve_word(&entity.name) {
        reasons.push(format!("its name says `{word}`"));
    }
    let tags = entity.labels.iter().filter(|(name, _)| name.as_str() != "Name");
    for (name, value) in tags {
        if let Some(word) = reserve_word(name).or_else(|| reserve_word(value)) {
            reasons.push(format!("its tag `{name}` says `{word}`"));
            break;
        }
    }
    let mut near = estate.to(ordinal).map(|one| estate.entity(one.from));
    if let Some(record) = near.find(|from| from.kind == K::DnsRecord) {
        reasons.push(format!("the DNS record `{}` names it", record.name));
    }
    if let Some(word) = text(entity, "description").and_then(reserve_word) {
        reasons.push(format!("its description says `{word}`"));
    }
    reasons
}

/// A word of the list in a text, as a whole word: `orders-dr` says `dr`, `drinks` does not.
fn reserve_word(text: &str) -> Option<&'static str> {
    let lower = text.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(|letter: char| !letter.is_ascii_alphanumeric()).collect();
    RESERVE_WORDS
        .into_iter()
        .find(|word| words.contains(word) || (word.contains('-') && lower.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::fact::EstateFacts;
    use model::kind::Evidence;

    fn estate(entities: Vec<EntityFact>, relations: Vec<EstateRelation>) -> Estate {
        Estate::new(EstateFacts { entities, relations, ..EstateFacts::default() })
    }

    fn entity(kind: K, id: &str) -> EntityFact {
        EntityFact::new(kind, id, id)
    }

    fn answer(estate: &Estate, id: &str, covered: &Result<(), String>) -> SafeAnswer {
        let ordinal = estate.find(id).unwrap();
        safety(estate, &Entries::new(estate), ordinal, covered).answer
    }

    #[test]
    fn nothing_that_refers_to_it_and_full_cover_is_safe() {
        let estate = estate(vec![entity(K::Volume, "vol")], vec![]);
        assert_eq!(answer(&estate, "vol", &Ok(())), SafeAnswer::Yes);
        assert_eq!(answer(&estate, "vol", &Err("new".into())), SafeAnswer::Unknown);
    }

    #[test]
    fn a_mount_a_replication_or_an_image_makes_it_unsafe() {
        for (kind, relation) in
            [(K::PersistentVolume, R::Mounts), (K::Volume, R::Replicates), (K::Image, R::UsesImage)]
        {
            let mut entities = vec![entity(kind, "a"), entity(K::Snapshot, "x")];
            entities.sort_by_key(|one| one.kind);
            let at = |id: &str| entities.iter().position(|one| one.id == id).unwrap() as u32;
            let relations = vec![EstateRelation::new(at("a"), relation, at("x"))];
            let estate = estate(entities.clone(), relations);
            assert_eq!(answer(&estate, "x", &Ok(())), SafeAnswer::No, "{relation}");
        }
    }

    #[test]
    fn a_path_from_an_entry_counts_by_its_need_and_evidence() {
        let entities =
            vec![entity(K::Service, "web"), entity(K::Route, "r"), entity(K::Database, "db")];
        let path = |need: Need, evidence: Evidence| {
            let mut call = EstateRelation::new(0, R::ConnectsTo, 2);
            call.need = need;
            call.evidence = vec![evidence];
            let relations = vec![call, EstateRelation::new(1, R::RoutesTo, 0)];
            answer(&estate(entities.clone(), relations), "db", &Ok(()))
        };
        assert_eq!(path(Need::Required, Evidence::Declared), SafeAnswer::No);
        assert_eq!(path(Need::Unknown, Evidence::Observed), SafeAnswer::No);
        assert_eq!(path(Need::Unknown, Evidence::Declared), SafeAnswer::Unknown);
        assert_eq!(path(Need::Optional, Evidence::Observed), SafeAnswer::Yes);
    }

    #[test]
    fn what_is_kept_for_a_bad_day_is_never_safe() {
        for name in ["orders-dr", "nightly backup", "db_replica", "legal-hold-2024"] {
            let mut one = entity(K::Volume, "v");
            one.name = name.into();
            assert_eq!(answer(&estate(vec![one], vec![]), "v", &Ok(())), SafeAnswer::Unknown);
        }
        let mut drinks = entity(K::Volume, "v");
        drinks.name = "drinks".into();
        assert_eq!(answer(&estate(vec![drinks], vec![]), "v", &Ok(())), SafeAnswer::Yes);
    }
}
