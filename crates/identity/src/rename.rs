//! Clusters that are known by a name first and by their uid later, or the other way round: every id
//! below the name becomes the id below the uid. Learned from claims: that of the cluster itself, or
//! those by which objects under their uid answer to their former ids.
//!
//! Exports under the uid that never mention the name are of another cluster until one does; what the
//! two said of one thing before that stands side by side, each as long as its own record.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use model::reference::Claim;
use model::resolution::{Known, Lookup};
use model::{AliasKey, Batch};

use crate::lookup::keys;
use crate::resolve::Observations;

const CLUSTER: &str = "k8s://";
/// Schemes of ids whose first part is a cluster.
const SCHEMES: &[&str] = &[CLUSTER, "store://"];
/// What stands for any cluster in keys.
const ANY: &str = "*";

/// Names of clusters with the uids that they turned out to be.
#[derive(Debug, Default)]
pub(crate) struct Renames {
    clusters: BTreeMap<String, String>,
}

impl Renames {
    /// What claims in force and those of a batch say. A name of two clusters stands for neither, and
    /// one that stands for another name does not either.
    pub fn new(known: &Known, batch: &Batch) -> Self {
        let stored = known.claims.values().flatten().filter(|one| one.observed_to.is_none());
        let records = batch.entities.iter().flat_map(|one| &one.claims).chain(&batch.claims);
        let mut said: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (from, to) in stored.map(|one| &one.claim).chain(records).filter_map(clusters) {
            said.entry(from).or_default().insert(to);
        }
        let sure = said.iter().filter_map(|(from, to)| {
            let only = to.first().filter(|_| to.len() == 1)?;
            (!said.contains_key(only)).then(|| ((*from).to_owned(), (*only).to_owned()))
        });
        Self { clusters: sure.collect() }
    }

    /// The id that this id turned out to be.
    pub fn of(&self, key: &AliasKey) -> Option<AliasKey> {
        if self.clusters.is_empty() {
            return None;
        }
        let (scheme, cluster, rest) = parts(key.as_str())?;
        let to = self.clusters.get(cluster)?;
        Some(format!("{scheme}{to}{rest}").into())
    }

    /// The claims that hold what was learned.
    pub fn claims(&self) -> impl Iterator<Item = Claim> {
        self.clusters
            .iter()
            .map(|(from, to)| Claim::alias(format!("{CLUSTER}{from}"), format!("{CLUSTER}{to}")))
    }
}

/// Keys of the clusters that ids of a batch are below: what they are renamed to must be known.
pub(crate) fn cluster_keys<'a>(all: impl Iterator<Item = &'a AliasKey>) -> BTreeSet<AliasKey> {
    let clusters: HashSet<&str> =
        all.filter_map(|key| parts(key.as_str())).map(|(_, cluster, _)| cluster).collect();
    clusters
        .into_iter()
        .filter(|one| *one != ANY)
        .map(|one| format!("{CLUSTER}{one}").into())
        .collect()
}

/// What to ask about clusters that changed their id: everything below a name that a batch is the first
/// to rename, and the ids that the keys asked for so far turn into. `None` when there is nothing to ask.
pub fn rename_lookup(observations: &Observations, known: &Known) -> Option<Lookup> {
    let renames = Renames::new(known, &observations.batch);
    if renames.clusters.is_empty() {
        return None;
    }
    let is_stored = |claim: &Claim| {
        let stored = known.claims.get(&claim.key).into_iter().flatten();
        stored.filter(|one| one.observed_to.is_none()).any(|one| one.claim.to == claim.to)
    };
    let news = renames.claims().filter(|claim| !is_stored(claim));
    let prefixes = news.flat_map(|claim| {
        let name = claim.key.as_str().trim_start_matches(CLUSTER).to_owned();
        SCHEMES.iter().map(move |scheme| format!("{scheme}{name}/"))
    });
    let prefixes = prefixes.collect();
    let named = keys(observations);
    let all = named.iter().chain(known.entities.keys());
    let wanted: BTreeSet<AliasKey> = all.filter_map(|key| renames.of(key)).collect();
    let is_new = |key: &AliasKey| !known.entities.contains_key(key);
    let keys = wanted.into_iter().filter(is_new).collect();
    Some(Lookup { keys, prefixes, ..Lookup::default() })
}

/// Two names of one cluster, when a claim says that.
fn clusters(claim: &Claim) -> Option<(&str, &str)> {
    let [to] = claim.to.as_slice() else { return None };
    let (scheme, from, rest) = parts(claim.key.as_str())?;
    let (other_scheme, to, other_rest) = parts(to.as_str())?;
    let is_same = scheme == CLUSTER && other_scheme == CLUSTER && rest == other_rest;
    (is_same && from != to && from != ANY && to != ANY).then_some((from, to))
}

/// Scheme, cluster, and what follows with its slash.
fn parts(key: &str) -> Option<(&'static str, &str, &str)> {
    SCHEMES.iter().find_map(|scheme| {
        let below = key.strip_prefix(*scheme)?;
        let (cluster, rest) = below.split_at(below.find('/').unwrap_or(below.len()));
        (!cluster.is_empty()).then_some((*scheme, cluster, rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::EntityKind;
    use model::EntityObservation;
    use model::Micros;
    use model::input::{InputRecord, ObservedBy};

    fn renames(claims: &[(&str, &str)]) -> Renames {
        let mut batch = Batch::new(InputRecord {
            name: "a".to_owned(),
            content_hash: String::new(),
            format: "kubernetes".to_owned(),
            source: "kubernetes:demo".to_owned(),
            observed_at: Micros(0),
            observed_by: ObservedBy::Stated,
            received_at: Micros(0),
        });
        let mut entity = EntityObservation::new("k8s://u/n/pod/p", EntityKind::Pod, "p");
        entity.claims = claims.iter().map(|(key, to)| Claim::alias(key, to)).collect();
        batch.entities.push(entity);
        Renames::new(&Known::default(), &batch)
    }

    #[test]
    fn a_cluster_is_renamed_by_its_own_claim_and_by_those_of_its_objects() {
        for (key, to) in [("k8s://demo", "k8s://u"), ("k8s://demo/n/pod/p", "k8s://u/n/pod/p")] {
            let renames = renames(&[(key, to), ("k8s://*/n/pod/p", "k8s://u/n/pod/p")]);
            assert_eq!(renames.of(&"k8s://demo/n/pod/q".into()), Some("k8s://u/n/pod/q".into()));
            assert_eq!(renames.of(&"store://demo/n/q".into()), Some("store://u/n/q".into()));
            assert_eq!(renames.of(&"k8s://demo".into()), Some("k8s://u".into()));
            assert_eq!(renames.of(&"k8s://demolition/n/pod/q".into()), None);
            assert_eq!(renames.of(&"k8s://u/n/pod/q".into()), None);
        }
    }

    #[test]
    fn a_name_of_two_clusters_or_of_another_name_stands_for_neither() {
        let two = renames(&[("k8s://demo", "k8s://u"), ("k8s://demo", "k8s://v")]);
        assert_eq!(two.of(&"k8s://demo/n/pod/q".into()), None);
        let circle = renames(&[("k8s://a", "k8s://b"), ("k8s://b", "k8s://a")]);
        assert_eq!(circle.of(&"k8s://a/n/pod/q".into()), None);
        let other = renames(&[("k8s://demo/n/pod/p", "k8s://u/n/pod/q")]);
        assert_eq!(other.of(&"k8s://demo/n/pod/q".into()), None);
    }
}
