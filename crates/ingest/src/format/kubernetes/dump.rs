//! Dumps of a whole cluster: the uid that names the cluster, the index that says what was listed in
//! full, and the files of a dump that hold no objects.

use std::collections::BTreeSet;

use model::EntityKind;
use model::input::Completeness;
use serde::Deserialize;

use super::document;
use super::object::{Meta, part};
use super::place::Cluster;
use crate::context::{InputContext, Seen, nearest_unique};
use crate::error::EnvelopeError;
use crate::format::Format;
use crate::input::{Input, Out};
use crate::shape::{Shape, without_mark};
use crate::{key, outline};

/// Fact of a context: the file is inside a recognised dump.
const IN_DUMP: &str = "kubernetes_dump";

/// What a cluster can do, as dumps keep it: versions, API groups, permissions.
pub const DUMP_INDEX: Format = Format {
    name: "kubernetes-dump-index",
    title: "the index of a cluster dump (version, API resources, permissions)",
    recognise: recognise_index,
    read: read_index,
};

/// Another file of a recognised dump (logs, host facts): read as nothing, since it holds no objects.
pub const DUMP_OTHER: Format = Format {
    name: "kubernetes-dump-other",
    title: "",
    recognise: |input| {
        let is_in_dump = input.context.facts.contains_key(IN_DUMP);
        is_in_dump.then(|| "another file of a cluster dump; it holds no objects".to_owned())
    },
    read: |_input, _out| Ok(()),
};

fn recognise_index(input: &Input<'_>) -> Option<String> {
    let shape = Shape::of(input.bytes);
    let has = |name: &str| shape.key(name).is_some();
    let what = if has("info") && shape.text("string").is_some_and(|text| text.starts_with('v')) {
        "the version of a cluster"
    } else if has("groupVersion") && has("resources") {
        "a list of API resources"
    } else if has("versions") && has("preferredVersion") {
        "a list of API groups"
    } else if has("verbs") && (has("resources") || has("nonResourceURLs")) {
        "a list of permissions"
    } else {
        return None;
    };
    Some(what.to_owned())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Version {
    string: String,
}

/// The version is a fact about the cluster; the other lists are only for reading the dump.
fn read_index(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    if Shape::of(input.bytes).key("info").is_none() {
        return Ok(());
    }
    let version: Version = serde_json::from_slice(input.bytes)
        .map_err(|error| EnvelopeError::json(input.name, &error))?;
    let cluster = Cluster::of(input.name, input.context)?;
    out.source(&cluster.source());
    let mut entity = cluster.cluster_entity();
    entity.presence = model::entity::Presence::Observed;
    entity.properties.insert("version".to_owned(), version.string.into());
    out.batch().entities.push(entity);
    out.added(1);
    Ok(())
}

/// Cluster uids by folder, and what the dumps among the inputs list in full.
pub fn learn(inputs: &[Seen<'_>], contexts: &mut [InputContext]) {
    let uids: Vec<Option<String>> = inputs.iter().map(|input| cluster_uid(input.bytes)).collect();
    let all: BTreeSet<&String> = uids.iter().flatten().collect();
    let only = (all.len() == 1).then(|| all.first().map(|uid| (*uid).clone())).flatten();
    let by_folder = nearest_unique(inputs, &uids);
    for (context, uid) in contexts.iter_mut().zip(by_folder) {
        // `--cluster` says that all inputs of the run are of one cluster.
        let uid = uid.or_else(|| context.cluster.is_some().then(|| only.clone()).flatten());
        context.cluster_uid = context.cluster_uid.take().or(uid);
    }
    for root in roots(inputs) {
        let failed = failed_lists(inputs, &root);
        for (input, context) in inputs.iter().zip(contexts.iter_mut()) {
            let Some(path) = below(input.path, &root.folder) else { continue };
            context.facts.insert(IN_DUMP.to_owned(), root.tool.to_owned());
            let Some(cluster) = context.cluster_part().map(str::to_owned) else { continue };
            context.complete.extend(listed(&root, path, &cluster, &failed));
        }
    }
}

/// A recognised dump.
struct Root {
    folder: String,
    tool: &'static str,
    /// Folder of the lists below the dump's.
    lists: &'static str,
    is_kind_first: bool,
}

/// Names of lists in dumps, and what they list.
const LISTS: &[(&str, EntityKind, &str)] = &[
    ("pods", EntityKind::Pod, ""),
    ("deployments", EntityKind::Workload, "Deployment"),
    ("statefulsets", EntityKind::Workload, "StatefulSet"),
    ("daemonsets", EntityKind::Workload, "DaemonSet"),
    ("replicasets", EntityKind::Workload, "ReplicaSet"),
    ("replication-controllers", EntityKind::Workload, "ReplicationController"),
    ("jobs", EntityKind::Workload, "Job"),
    ("cronjobs", EntityKind::Workload, "CronJob"),
    ("services", EntityKind::KubernetesService, ""),
    ("ingress", EntityKind::Ingress, ""),
    ("pvcs", EntityKind::PersistentVolumeClaim, ""),
    ("configmaps", EntityKind::ConfigurationMap, ""),
    ("pvs", EntityKind::PersistentVolume, ""),
    ("nodes", EntityKind::KubernetesNode, ""),
    ("namespaces", EntityKind::KubernetesNamespace, ""),
];

/// The dumps among the inputs: a support bundle (`cluster-info/cluster_version.json` beside
/// `cluster-resources` or `resources`, one file a kind and namespace), or the output folder of
/// `kubectl cluster-info dump` (`nodes.json` beside one folder a namespace).
fn roots(inputs: &[Seen<'_>]) -> Vec<Root> {
    let paths: BTreeSet<&str> = inputs.iter().map(|input| input.path).collect();
    let mut roots = Vec::new();
    for path in &paths {
        if let Some(folder) = path.strip_suffix("cluster-info/cluster_version.json") {
            for lists in ["resources/", "cluster-resources/"] {
                if paths.contains(&*format!("{folder}{lists}namespaces.json")) {
                    let folder = folder.to_owned();
                    roots.push(Root { folder, tool: "support bundle", lists, is_kind_first: true });
                }
            }
        }
        let Some(folder) = path.strip_suffix("/kube-system/replication-controllers.json") else {
            continue;
        };
        if paths.contains(&*format!("{folder}/nodes.json")) {
            roots.push(Root {
                folder: format!("{folder}/"),
                tool: "kubectl cluster-info dump",
                lists: "",
                is_kind_first: false,
            });
        }
    }
    roots
}

fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    path.strip_prefix(folder)
}

/// Lists that the dump's own index says it could not read in full.
fn failed_lists<'a>(inputs: &[Seen<'a>], root: &Root) -> BTreeSet<&'a str> {
    inputs
        .iter()
        .filter_map(|input| {
            let list = below(input.path, &root.folder)?.strip_prefix(root.lists)?;
            let list = list.strip_suffix("-errors.json")?;
            let is_empty = matches!(input.bytes.trim_ascii(), b"" | b"[]" | b"{}" | b"null");
            (!is_empty).then_some(list)
        })
        .collect()
}

/// What the file at this path of a dump lists in full.
fn listed(root: &Root, path: &str, cluster: &str, failed: &BTreeSet<&str>) -> Option<Completeness> {
    let path = path.strip_prefix(root.lists)?.strip_suffix(".json")?;
    let (list, namespace) = match (path.split_once('/'), root.is_kind_first) {
        (None, _) => (path, "_"),
        (Some((list, namespace)), true) => (list, namespace),
        (Some((namespace, list)), false) => (list, namespace),
    };
    if failed.contains(list) || namespace.contains('/') {
        return None;
    }
    let (_, kind, class) = LISTS.iter().find(|(name, _, _)| *name == list)?;
    let id_prefix = format!("{}/{namespace}/", key::kubernetes_cluster(cluster));
    Some(Completeness { kind: *kind, class: (*class).to_owned(), id_prefix })
}

/// The uid of `kube-system`, when these bytes (or their beginning) hold its object.
pub fn cluster_uid(bytes: &[u8]) -> Option<String> {
    let bytes = without_mark(bytes);
    match Shape::of(bytes) {
        shape @ Shape::Json { .. } => {
            // The kind of a long list stands behind its items.
            let kind = shape.text("kind").unwrap_or("List");
            let may_hold = matches!(kind, "Namespace" | "NamespaceList" | "List");
            let is_there = may_hold && document::contains(bytes, b"kube-system");
            is_there.then(|| uid_in_json(bytes)).flatten()
        }
        Shape::Text(text) => {
            document::first_header(text)?;
            let documents = document::split(bytes).into_iter().map(|(_line, document)| document);
            documents
                .filter(|document| document::contains(document, b"kind: Namespace"))
                .filter(|document| document::contains(document, b"kube-system"))
                .find_map(|document| {
                    let value: serde_json::Value = serde_yaml_ng::from_slice(document).ok()?;
                    uid_in_json(value.to_string().as_bytes())
                })
        }
        _ => None,
    }
}

fn uid_in_json(bytes: &[u8]) -> Option<String> {
    for value in outline::values(bytes) {
        let raw = value.map_or(bytes, |(_at, raw)| raw);
        let mut members = outline::members(raw);
        let parts: Vec<(&str, &[u8])> = members.by_ref().flatten().collect();
        let unfinished = members.unfinished();
        let find = |name: &str| {
            parts.iter().copied().chain(unfinished).find(|(key, _)| *key == name).map(|part| part.1)
        };
        let list_kind = find("kind").unwrap_or(b"");
        let found = match find("items") {
            Some(items) => outline::elements(items).flatten().find_map(|item| {
                let kind = outline::members(item).flatten().find(|(key, _)| *key == "kind");
                let kind = kind.map_or(list_kind, |(_key, kind)| kind);
                let meta = outline::members(item).flatten().find(|(key, _)| *key == "metadata")?;
                uid_of(kind, meta.1)
            }),
            None => find("metadata").and_then(|meta| uid_of(list_kind, meta)),
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

fn uid_of(kind: &[u8], meta: &[u8]) -> Option<String> {
    if !matches!(kind, b"\"Namespace\"" | b"\"NamespaceList\"") {
        return None;
    }
    let meta: Meta = part(Some(meta)).ok()?;
    meta.uid.filter(|uid| meta.name == "kube-system" && !uid.is_empty())
}
