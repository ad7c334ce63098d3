//! What an input does not say itself: flags of the user, and what the other inputs of the same run
//! say about it (the cluster's uid, the account of a folder, the index of a dump).

mod folder;
mod manifest;

use std::collections::BTreeMap;

use model::Micros;
use model::input::Completeness;
use serde::{Deserialize, Serialize};

pub use folder::{folders, nearest_unique};
pub use manifest::MANIFEST;

/// Context of one input.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputContext {
    /// `--cluster`: a name for the cluster; an alias once its uid is known.
    pub cluster: Option<String>,
    /// Uid of `kube-system`, when any input of the run shows it.
    pub cluster_uid: Option<String>,
    /// `--namespace`, for records that name none.
    pub namespace: Option<String>,
    /// `--environment`.
    pub environment: Option<String>,
    /// `--account`, or the folder's.
    pub account: Option<String>,
    /// `--region`, or the folder's.
    pub region: Option<String>,
    /// `--dimension`: of CloudWatch statistics whose request is not there, by name.
    #[serde(default)]
    pub dimensions: BTreeMap<String, String>,
    /// `--signal`: what a metric of a plain table means (`cpu_utilization_percent`), by the metric's
    /// name; empty for every metric of it.
    #[serde(default)]
    pub signals: BTreeMap<String, String>,
    /// `--entity`: what a plain table is about where it does not say so.
    #[serde(default)]
    pub entity: Option<String>,
    /// `--observed-at`.
    pub observed_at: Option<Micros>,
    /// Modification time of the file.
    pub file_time: Option<Micros>,
    /// When it was received.
    pub received_at: Micros,
    /// `--complete`, a manifest's, or a recognised dump's own index.
    pub complete: Vec<Completeness>,
    /// `--delivery`, or a manifest's; else the id of the run.
    pub delivery: String,
    /// Whatever else a format needs from the other inputs of the run, by a name of its own.
    pub facts: BTreeMap<String, String>,
}

impl InputContext {
    /// The cluster part of ids: the uid when known, else the name.
    pub fn cluster_part(&self) -> Option<&str> {
        self.cluster_uid.as_deref().or(self.cluster.as_deref())
    }
}

/// One input of a run, as far as the other inputs may need to know it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The path the user gave: the input itself, or a folder above it.
    pub root: &'a str,
    /// Path of the input, with `/` between folders.
    pub path: &'a str,
    /// Its bytes, or as many of them as the caller holds: at least the first mebibyte.
    pub bytes: &'a [u8],
    /// Modification time of the file.
    pub file_time: Option<Micros>,
}

/// What one family of formats learns from the inputs of a run: the contexts are in the order of the
/// inputs, and hold the flags at first.
type Learn = fn(&[Seen<'_>], &mut [InputContext]);

/// Every family that learns. A manifest is first: what it states is known to the others.
const LEARNERS: &[Learn] = &[
    manifest::learn,
    crate::format::kubernetes::learn,
    crate::format::aws::folder::learn,
    crate::format::cloudwatch::learn,
];

/// What the inputs of one run say about each other, on top of the flags: one context an input, in
/// their order. Pure: the caller walks the folders and gives the bytes.
pub fn learn(inputs: &[Seen<'_>], flags: &InputContext) -> Vec<InputContext> {
    let mut contexts: Vec<InputContext> = inputs
        .iter()
        .map(|input| InputContext { file_time: input.file_time, ..flags.clone() })
        .collect();
    for learn in LEARNERS {
        learn(inputs, &mut contexts);
    }
    contexts
}
