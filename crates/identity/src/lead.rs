//! What keys and references lead to. A canonical id leads to its entity; any other key leads through
//! claims. Only entities that somebody's record is about (or implies) are led to.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use model::AliasKey;
use model::kind::Confidence;
use model::reference::{Cardinality, Claim, Reference};
use model::resolution::EntityState;

use crate::claim::Claims;
use crate::entity::{Entities, Slot};

/// How many claims may follow each other on the way from a key to an entity.
const DEPTH_MAX: usize = 8;
/// How many keys are visited for one reference; what needs more stays open.
const VISITS_MAX: usize = 100_000;

/// What a key leads to.
#[derive(Debug)]
struct Lead {
    /// In order of slot.
    targets: Vec<Slot>,
    confidence: Confidence,
    via: Vec<AliasKey>,
    /// Whether the way came back to a key that was being followed, or was cut: the outcome holds only
    /// for the way on which it was found.
    is_cut: bool,
}

/// What a reference leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// In order of slot; the several it could be when `is_conflict`.
    pub targets: Vec<Slot>,
    pub is_conflict: bool,
    pub rule: String,
    pub confidence: Confidence,
    pub via: BTreeSet<AliasKey>,
}

/// Follows keys; remembers what they lead to.
pub(crate) struct Leads<'a> {
    entities: &'a Entities<'a>,
    claims: &'a Claims,
    memo: RefCell<HashMap<AliasKey, Rc<Lead>>>,
}

impl<'a> Leads<'a> {
    pub fn new(entities: &'a Entities<'a>, claims: &'a Claims) -> Self {
        Self { entities, claims, memo: RefCell::new(HashMap::new()) }
    }

    /// What a reference leads to: the first candidate that leads to exactly one thing of the wanted
    /// kinds (or to any, if it may lead to many); when none does and one leads to several, these are
    /// the conflict.
    pub fn reference(&self, reference: &Reference) -> Outcome {
        let mut via = BTreeSet::new();
        let mut conflict: Option<(Vec<Slot>, &str, Confidence)> = None;
        for candidate in &reference.candidates {
            let mut visits = 0;
            let (mut targets, confidence) = self.all(&candidate.all, &mut via, &mut visits);
            if !reference.kinds.is_empty() {
                targets.retain(|slot| reference.kinds.contains(&self.entities.get(*slot).kind));
            }
            let confidence = confidence.min(candidate.confidence);
            let is_many = reference.cardinality == Cardinality::Many;
            match targets.len() {
                0 => {}
                1 => return outcome(targets, false, &candidate.rule, confidence, via),
                _ if is_many => return outcome(targets, false, &candidate.rule, confidence, via),
                _ if conflict.is_none() => conflict = Some((targets, &candidate.rule, confidence)),
                _ => {}
            }
        }
        match conflict {
            Some((targets, rule, confidence)) => outcome(targets, true, rule, confidence, via),
            None => outcome(Vec::new(), false, "", Confidence::Low, via),
        }
    }

    /// What one key leads to through claims.
    pub fn key(&self, key: &AliasKey) -> Vec<Slot> {
        self.follow(key, &mut Vec::new(), &mut 0).targets.clone()
    }

    fn all(
        &self,
        keys: &[AliasKey],
        via: &mut BTreeSet<AliasKey>,
        visits: &mut usize,
    ) -> (Vec<Slot>, Confidence) {
        let mut both: Option<Vec<Slot>> = None;
        let mut confidence = Confidence::Certain;
        for key in keys {
            let lead = self.follow(key, &mut Vec::new(), visits);
            via.extend(lead.via.iter().cloned());
            confidence = confidence.min(lead.confidence);
            both = Some(intersection(both, &lead.targets));
        }
        (both.unwrap_or_default(), confidence)
    }

    fn follow(&self, key: &AliasKey, path: &mut Vec<AliasKey>, visits: &mut usize) -> Rc<Lead> {
        if let Some(lead) = self.memo.borrow().get(key) {
            return Rc::clone(lead);
        }
        *visits += 1;
        let mut lead = Lead {
            targets: Vec::new(),
            confidence: Confidence::Certain,
            via: vec![key.clone()],
            is_cut: false,
        };
        let entity = self.entities.find(key);
        if let Some(slot) = entity.filter(|s| self.entities.get(*s).state != EntityState::Named) {
            lead.targets.push(slot);
        } else if path.len() >= DEPTH_MAX || *visits > VISITS_MAX || path.contains(key) {
            lead.is_cut = true;
            return Rc::new(lead);
        } else {
            path.push(key.clone());
            self.through_claims(key, &mut lead, path, visits);
            path.pop();
        }
        lead.via.sort_unstable();
        lead.via.dedup();
        let lead = Rc::new(lead);
        if !lead.is_cut {
            self.memo.borrow_mut().insert(key.clone(), Rc::clone(&lead));
        }
        lead
    }

    /// Of the claims on a key, those of the highest confidence that lead anywhere.
    fn through_claims(
        &self,
        key: &AliasKey,
        lead: &mut Lead,
        path: &mut Vec<AliasKey>,
        visits: &mut usize,
    ) {
        let mut claims: Vec<&Claim> = self.claims.on(key).collect();
        claims.sort_unstable_by_key(|claim| std::cmp::Reverse(claim.confidence));
        let mut level = None;
        for claim in claims {
            if !lead.targets.is_empty() && level != Some(claim.confidence) {
                break;
            }
            level = Some(claim.confidence);
            let mut both: Option<Vec<Slot>> = None;
            let mut confidence = claim.confidence;
            for to in &claim.to {
                let next = self.follow(to, path, visits);
                lead.via.extend(next.via.iter().cloned());
                lead.is_cut |= next.is_cut;
                confidence = confidence.min(next.confidence);
                both = Some(intersection(both, &next.targets));
            }
            let found = both.unwrap_or_default();
            if !found.is_empty() {
                lead.confidence = lead.confidence.min(confidence);
                lead.targets.extend(found);
            }
        }
        lead.targets.sort_unstable();
        lead.targets.dedup();
    }
}

fn outcome(
    targets: Vec<Slot>,
    is_conflict: bool,
    rule: &str,
    confidence: Confidence,
    via: BTreeSet<AliasKey>,
) -> Outcome {
    Outcome { targets, is_conflict, rule: rule.to_owned(), confidence, via }
}

/// Both lists are in order.
fn intersection(left: Option<Vec<Slot>>, right: &[Slot]) -> Vec<Slot> {
    match left {
        None => right.to_vec(),
        Some(mut left) => {
            left.retain(|slot| right.binary_search(slot).is_ok());
            left
        }
    }
}
