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
    /// Positions of the claims of one record on a key: keys that thousands claim stay fast.
    by_record: HashMap<(AliasKey, Option<EntityId>), Vec<usize>>,
    /// Keys whose claims the batch changes.
    pub changed: HashSet<AliasKey>,
    /// Keys of which it withdraws a claim.
    pub withdrawn: HashSet<AliasKey>,
}

impl Claims {
    pub fn new(known: &Known) -> Self {
        let mut by_key: HashMap<AliasKey, Vec<Entry>> = HashMap::with_capacity(known.claims.len());
        let mut by_record: HashMap<_, Vec<usize>> = HashMap::new();
        for (key, claims) in &known.claims {
            let entries =
                claims.iter().map(|stored| Entry { stored: stored.clone(), is_new: false });
            by_key.insert(key.clone(), entries.collect());
            for (position, stored) in claims.iter().enumerate() {
                by_record.entry((key.clone(), stored.stated_by)).or_default().push(position);
            }
        }
        Self { by_key, by_record, changed: HashSet::new(), withdrawn: HashSet::new() }
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
        let positions = self.by_record.entry((claim.key.clone(), stated_by)).or_default();
        let is_same = |position: &&usize| {
            let stored = &entries[**position].stored;
            stored.claim == *claim && stored.source == source
        };
        let same = positions.iter().find(is_same).copied();
        match same.map(|position| &mut entries[position]) {
            Some(entry) if entry.stored.observed_to.is_none() => return,
            Some(entry) => {
                entry.stored.observed_to = None;
                entry.is_new = true;
            }
            None => {
                positions.push(entries.len());
                entries.push(Entry {
                    stored: StoredClaim {
                        claim: claim.clone(),
                        source: source.to_owned(),
                        stated_by,
                        observed_from: at,
                        observed_to: None,
                    },
                    is_new: true,
                });
            }
        }
        self.changed.insert(claim.key.clone());
    }

    /// Withdraws a claim that a newer record does not make any more.
    pub fn withdraw(&mut self, claim: &StoredClaim, at: Micros) {
        let key = &claim.claim.key;
        let entries = self.by_key.entry(key.clone()).or_default();
        let positions = self.by_record.entry((key.clone(), claim.stated_by)).or_default();
        let is_same = |position: &&usize| {
            let stored = &entries[**position].stored;
            stored.claim == claim.claim && stored.source == claim.source
        };
        match positions.iter().find(is_same).copied() {
            Some(position) => {
                entries[position].stored.observed_to = Some(at);
                entries[position].is_new = true;
            }
            None => {
                positions.push(entries.len());
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
