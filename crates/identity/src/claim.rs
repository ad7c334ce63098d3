//! Claims in force while a batch is resolved: those the store knows, without what the batch
//! withdraws, with what it makes.

use std::collections::{HashMap, HashSet};

use model::AliasKey;
use model::Micros;
use model::entity::EntityId;
use model::reference::Claim;
use model::resolution::{Known, StoredClaim};

/// One claim.
#[derive(Debug)]
struct Entry {
    stored: StoredClaim,
    /// Not in the store yet.
    is_new: bool,
}

/// All claims, by key.
pub(crate) struct Claims {
    by_key: HashMap<AliasKey, Vec<Entry>>,
    /// Keys whose claims the batch changes.
    pub changed: HashSet<AliasKey>,
    /// Keys of which it withdraws a claim.
    pub withdrawn: HashSet<AliasKey>,
}

impl Claims {
    pub fn new(known: &Known) -> Self {
        let mut by_key: HashMap<AliasKey, Vec<Entry>> = HashMap::with_capacity(known.claims.len());
        for (key, claims) in &known.claims {
            let entries =
                claims.iter().map(|stored| Entry { stored: stored.clone(), is_new: false });
            by_key.insert(key.clone(), entries.collect());
        }
        Self { by_key, changed: HashSet::new(), withdrawn: HashSet::new() }
    }

    /// Claims in force on a key.
    pub fn on(&self, key: &AliasKey) -> impl Iterator<Item = &Claim> {
        let entries = self.by_key.get(key).map(Vec::as_slice).unwrap_or_default();
        entries.iter().filter(|entry| entry.stored.observed_to.is_none()).map(|e| &e.stored.claim)
    }

    /// Makes a claim, unless the same source makes it already for the same record.
    pub fn make(&mut self, claim: &Claim, source: &str, stated_by: Option<EntityId>, at: Micros) {
        if claim.to.is_empty() {
            return;
        }
        let entries = self.by_key.entry(claim.key.clone()).or_default();
        let same = entries.iter_mut().find(|entry| {
            entry.stored.claim == *claim
                && entry.stored.source == source
                && entry.stored.stated_by == stated_by
        });
        match same {
            Some(entry) if entry.stored.observed_to.is_none() => return,
            Some(entry) => {
                entry.stored.observed_to = None;
                entry.is_new = true;
            }
            None => entries.push(Entry {
                stored: StoredClaim {
                    claim: claim.clone(),
                    source: source.to_owned(),
                    stated_by,
                    observed_from: at,
                    observed_to: None,
                },
                is_new: true,
            }),
        }
        self.changed.insert(claim.key.clone());
    }

    /// Withdraws a claim that a newer record does not make any more.
    pub fn withdraw(&mut self, claim: &StoredClaim, at: Micros) {
        let entries = self.by_key.entry(claim.claim.key.clone()).or_default();
        let is_same = |stored: &StoredClaim| {
            stored.claim == claim.claim
                && stored.source == claim.source
                && stored.stated_by == claim.stated_by
        };
        match entries.iter_mut().find(|entry| is_same(&entry.stored)) {
            Some(entry) => {
                entry.stored.observed_to = Some(at);
                entry.is_new = true;
            }
            None => {
                let stored = StoredClaim { observed_to: Some(at), ..claim.clone() };
                entries.push(Entry { stored, is_new: true });
            }
        }
        self.changed.insert(claim.claim.key.clone());
        self.withdrawn.insert(claim.claim.key.clone());
    }

    /// What the store must write, in order.
    pub fn writes(&self) -> Vec<StoredClaim> {
        let mut keys: Vec<&AliasKey> = self.changed.iter().collect();
        keys.sort_unstable();
        let entries = keys.into_iter().filter_map(|key| self.by_key.get(key)).flatten();
        let mut writes: Vec<StoredClaim> =
            entries.filter(|entry| entry.is_new).map(|entry| entry.stored.clone()).collect();
        writes.sort_unstable();
        writes
    }
}
