//! Calls that another tool counted: service-graph metrics of Tempo, Grafana Alloy and the OpenTelemetry
//! collector, and those of Istio, Linkerd and Cilium's Hubble, however they arrive.

mod count;
mod tool;

pub use count::Graph;
pub use tool::call_of;

use model::kind::Confidence;
use model::{EntityKind, Reference};

use super::subject::{Candidates, Place, services};
use crate::context::InputContext;
use crate::key;

/// Controllers that a workload's name may be of.
const KINDS: &[&str] = &["deployment", "statefulset", "daemonset", "rollout.argoproj.io"];

/// One end of a call, by the names that the tool gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Side {
    /// Name of the service as telemetry sees it.
    pub service: Option<String>,
    /// Name of the workload.
    pub workload: Option<String>,
    /// Kind of the workload, where the tool says it.
    pub kind: Option<&'static str>,
    /// Pod, where the tool names no workload.
    pub pod: Option<String>,
    /// Host that was called.
    pub host: Option<String>,
    /// Namespace.
    pub namespace: Option<String>,
    /// Cluster by name or uid.
    pub cluster: Option<String>,
    /// Environment.
    pub environment: Option<String>,
}

impl Side {
    /// What it leads to: the service of its workload, else the service of its name; a host that is
    /// public may be outside. A name without a namespace leads somewhere only when it is unique.
    pub fn reference(&self, context: &InputContext) -> Option<Reference> {
        let place = Place::new(self.cluster.as_deref(), self.namespace.as_deref(), context);
        let environment = self.environment.as_deref().or(context.environment.as_deref());
        let mut all = Candidates::default();
        if let Some(workload) = &self.workload {
            let kinds = self.kind.as_ref().map_or(KINDS, std::slice::from_ref);
            for kind in kinds {
                let key = key::service_of(&place.object(kind, workload));
                all.add("workload of the call", key, place.confidence());
            }
        }
        if let Some(pod) = &self.pod {
            let pod = place.object("pod", pod);
            all.add("pod of the call", key::workload_of(&pod), place.confidence());
        }
        for name in [&self.service, &self.workload].into_iter().flatten() {
            services(&mut all, "service of the call", name, self.namespace.as_deref(), environment);
        }
        let mut is_outside = false;
        if let Some(host) = &self.host {
            if let (Some(cluster), Some(namespace)) = (place.cluster, place.namespace) {
                let of = key::endpoint_namespace(host, namespace);
                let key = key::endpoint_host(cluster, of, host);
                all.add("host of the call", key, Confidence::High);
            }
            all.add("host of the call", key::host(host), Confidence::Medium);
            is_outside = super::kubernetes::is_public(host);
        }
        let reference = all.reference(&[])?;
        let otherwise = is_outside.then_some(EntityKind::ExternalEndpoint);
        Some(Reference { otherwise, ..reference })
    }
}

/// A call between two services, and in what way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ends {
    /// Caller.
    pub client: Side,
    /// Callee.
    pub server: Side,
    /// Whether it goes through a message.
    pub is_asynchronous: bool,
}

#[cfg(test)]
mod tests;
