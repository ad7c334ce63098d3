//! What an input does not say itself: flags of the user, and what the other inputs of the same run
//! say about it (the cluster's uid, the account of a folder, the index of a dump).

use std::collections::BTreeMap;

use model::Micros;
use model::input::Completeness;

/// Context of one input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
