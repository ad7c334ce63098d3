//! What the inputs of one run say together, and what a reference leads to by the definition of
//! `model::reference`, worked out as plainly as possible.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use ingest::context::{Seen, learn};
use ingest::{EnvelopeError, InputContext};
use model::entity::{EntityObservation, Presence, RelationObservation};
use model::{AliasKey, Batch, EntityKind, Micros, Reference, RelationKind};

/// Batches of one run.
#[derive(Default)]
pub struct Estate {
    pub batches: Vec<Batch>,
    pub errors: Vec<EnvelopeError>,
}

/// Context with a cluster's name.
pub fn context(cluster: &str) -> InputContext {
    InputContext {
        cluster: Some(cluster.to_owned()),
        received_at: Micros(1_700_000_000_000_000),
        ..InputContext::default()
    }
}

/// The folder of the real data, when it is there.
pub fn data(folder: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(folder);
    if !root.exists() {
        eprintln!("skipped: data set {folder} is absent");
    }
    root.exists().then_some(root)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.push(path);
        }
    }
}

impl Estate {
    /// Everything below a folder whose name passes.
    pub fn of(root: &Path, flags: &InputContext, is_wanted: fn(&str) -> bool) -> Self {
        let mut paths = Vec::new();
        walk(root, &mut paths);
        let root = root.to_str().unwrap().to_owned();
        let files: Vec<(String, Vec<u8>)> = paths
            .iter()
            .map(|path| (path.to_str().unwrap().to_owned(), std::fs::read(path).unwrap()))
            .filter(|(path, _)| is_wanted(path))
            .collect();
        Self::of_files(&root, &files, flags)
    }

    /// These files.
    pub fn of_files(root: &str, files: &[(String, Vec<u8>)], flags: &InputContext) -> Self {
        let seen: Vec<Seen<'_>> =
            files.iter().map(|(path, bytes)| Seen { root, path, bytes, file_time: None }).collect();
        let contexts = learn(&seen, flags);
        let mut estate = Self::default();
        for ((path, bytes), context) in files.iter().zip(&contexts) {
            let outcome = ingest::read(path, bytes, context, &mut |batch| {
                estate.batches.push(batch);
                ControlFlow::Continue(())
            });
            estate.errors.extend(outcome.err());
        }
        estate
    }

    /// One input of these bytes.
    pub fn of_text(name: &str, text: &str, flags: &InputContext) -> Self {
        Self::of_files(name, &[(name.to_owned(), text.as_bytes().to_vec())], flags)
    }

    pub fn rejects(&self) -> Vec<String> {
        let all = self.batches.iter().flat_map(|batch| &batch.rejects);
        all.map(|one| format!("{}: {}: {}", one.source, one.location, one.reason)).collect()
    }

    pub fn entities(&self) -> impl Iterator<Item = &EntityObservation> {
        self.batches.iter().flat_map(|batch| &batch.entities)
    }

    pub fn observed(&self, kind: EntityKind) -> Vec<&EntityObservation> {
        self.entities()
            .filter(|one| one.kind == kind && one.presence == Presence::Observed)
            .collect()
    }

    pub fn controllers(&self, controller: &str) -> usize {
        let all = self.observed(EntityKind::Workload);
        all.iter().filter(|one| one.properties["controller"] == controller).count()
    }

    pub fn events(&self) -> usize {
        self.batches.iter().map(|batch| batch.changes.len()).sum()
    }

    pub fn relations(&self) -> impl Iterator<Item = &RelationObservation> {
        let stated = self.batches.iter().flat_map(|batch| &batch.relations);
        self.entities().flat_map(|one| &one.relations).chain(stated)
    }

    /// Resolved pairs of one kind of relation, as names of kind and entity.
    pub fn pairs(&self, kind: RelationKind) -> BTreeSet<(String, String)> {
        let known = Known::of(self);
        let mut pairs = BTreeSet::new();
        for relation in self.relations().filter(|one| one.kind == kind) {
            for from in known.resolve(&relation.from) {
                for to in known.resolve(&relation.to) {
                    pairs.insert((known.name(&from), known.name(&to)));
                }
            }
        }
        pairs
    }

    /// Labels of far ends that lead nowhere.
    pub fn open(&self, kind: RelationKind) -> BTreeSet<String> {
        let known = Known::of(self);
        let of_kind = self.relations().filter(|one| one.kind == kind);
        of_kind.filter(|one| known.resolve(&one.to).is_empty()).map(|one| one.to.label()).collect()
    }
}

/// Everything that is claimed.
pub struct Known {
    kinds: BTreeMap<AliasKey, EntityKind>,
    names: BTreeMap<AliasKey, String>,
    claims: BTreeMap<AliasKey, BTreeSet<Vec<AliasKey>>>,
}

impl Known {
    pub fn of(estate: &Estate) -> Self {
        let mut known =
            Self { kinds: BTreeMap::new(), names: BTreeMap::new(), claims: BTreeMap::new() };
        for entity in estate.entities() {
            known.kinds.insert(entity.id.clone(), entity.kind);
            known.names.insert(entity.id.clone(), format!("{} {}", entity.kind, entity.name));
            for claim in &entity.claims {
                known.claims.entry(claim.key.clone()).or_default().insert(claim.to.clone());
            }
        }
        known
    }

    pub fn name(&self, id: &AliasKey) -> String {
        self.names.get(id).cloned().unwrap_or_else(|| id.to_string())
    }

    fn leads(&self, key: &AliasKey, depth: usize) -> BTreeSet<AliasKey> {
        let mut found = BTreeSet::new();
        if self.kinds.contains_key(key) {
            found.insert(key.clone());
        }
        if depth < 8 {
            for to in self.claims.get(key).into_iter().flatten() {
                found.extend(self.all(to, depth + 1));
            }
        }
        found
    }

    fn all(&self, keys: &[AliasKey], depth: usize) -> BTreeSet<AliasKey> {
        let mut sets = keys.iter().map(|key| self.leads(key, depth));
        let first = sets.next().unwrap_or_default();
        sets.fold(first, |left, right| left.intersection(&right).cloned().collect())
    }

    pub fn resolve(&self, reference: &Reference) -> BTreeSet<AliasKey> {
        for candidate in &reference.candidates {
            let mut found = self.all(&candidate.all, 0);
            found.retain(|id| {
                reference.kinds.is_empty() || reference.kinds.contains(&self.kinds[id])
            });
            if !found.is_empty() {
                return found;
            }
        }
        BTreeSet::new()
    }
}
