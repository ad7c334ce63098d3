//! Whether one thing can reach another on a TCP port, and whether the internet can: worked out from
//! network rules when asked, never stored. A path needs an egress rule of a group of A, an ingress
//! rule of a group of B, network ACLs that let it pass in both directions, a route, and for pods the
//! network policies. What was not read is named and makes the result `possible, not fully checked`;
//! a part that was read and denies settles it.

mod acl;
mod address;
#[cfg(test)]
mod case;
mod decision;
mod exposure;
mod group;
mod policy;
mod route;
mod seat;
#[cfg(test)]
mod sketch;

use std::collections::BTreeMap;

use model::kind::EntityKind;
use schemars::JsonSchema;
use serde::Serialize;

use crate::estate::Estate;
use decision::Decision;

pub use address::Cidr;
pub use exposure::{Exposure, ExposureCheck, ExposureVerdict};
pub use seat::Seat;

/// What is known of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReachVerdict {
    /// Everything was read, and all of it allows the path.
    Reachable,
    /// Nothing that was read denies it, but not everything was read.
    PossibleNotFullyChecked,
    /// Where one of the two stands in the network is not known.
    Unknown,
    /// Something that was read denies it.
    Blocked,
}

/// A judged path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reach {
    /// The verdict: the best one of any place of the near end to any place of the far end.
    pub verdict: ReachVerdict,
    /// What denies it, when it is blocked.
    pub denied_by: Option<String>,
    /// What was not read.
    pub missing: Vec<String>,
}

impl Reach {
    fn unknown(missing: &str) -> Self {
        Self { verdict: ReachVerdict::Unknown, denied_by: None, missing: vec![missing.to_owned()] }
    }
}

/// The rules of an estate, with what is looked up for every path.
#[derive(Debug)]
pub struct Network<'a> {
    estate: &'a Estate,
    /// Network policies by cluster and namespace.
    policies: BTreeMap<(&'a str, &'a str), Vec<u32>>,
}

impl<'a> Network<'a> {
    /// O(network policies).
    pub fn new(estate: &'a Estate) -> Self {
        let mut policies: BTreeMap<(&str, &str), Vec<u32>> = BTreeMap::new();
        for one in estate.of_kind(EntityKind::NetworkPolicy) {
            let scope = &estate.entity(one).scope;
            let key = (
                scope.cluster.as_deref().unwrap_or_default(),
                scope.namespace.as_deref().unwrap_or_default(),
            );
            policies.entry(key).or_default().push(one);
        }
        Self { estate, policies }
    }

    /// Where an entity stands in the network; a workload stands where each of its pods does.
    pub fn seats(&self, entity: u32) -> Vec<Seat> {
        seat::of(self.estate, entity)
    }

    /// Whether one entity can reach another on a TCP port.
    pub fn reach(&self, from: u32, to: u32, port: u16) -> Reach {
        self.reach_between(&self.seats(from), &self.seats(to), port)
    }

    /// The same for places that are known already.
    pub fn reach_between(&self, from: &[Seat], to: &[Seat], port: u16) -> Reach {
        if from.is_empty() {
            return Reach::unknown("where the near end stands in the network");
        }
        if to.is_empty() {
            return Reach::unknown("where the far end stands in the network");
        }
        let pairs = from.iter().flat_map(|near| to.iter().map(move |far| (near, far)));
        let all = pairs.map(|(near, far)| self.path(near, far, port));
        all.min_by_key(|reach| (reach.verdict, reach.missing.len()))
            .unwrap_or_else(|| Reach::unknown("a path"))
    }

    fn path(&self, from: &Seat, to: &Seat, port: u16) -> Reach {
        let estate = self.estate;
        let mut parts =
            vec![policy::egress(self, from, to, port), policy::ingress(self, from, to, port)];
        // What stays on one machine meets no rule of the network.
        if from.entity != to.entity {
            parts.extend([
                group::egress(estate, from, to, port),
                group::ingress(estate, from, to, port),
                acl::between(estate, from, to, port),
                route::between(estate, from, to),
            ]);
        }
        let mut missing = Vec::new();
        for part in parts {
            match part {
                Decision::Allow => {}
                Decision::Maybe(reasons) => missing.extend(reasons),
                Decision::Deny(reason) => {
                    return Reach {
                        verdict: ReachVerdict::Blocked,
                        denied_by: Some(reason),
                        missing: Vec::new(),
                    };
                }
            }
        }
        missing.sort();
        missing.dedup();
        let verdict = if missing.is_empty() {
            ReachVerdict::Reachable
        } else {
            ReachVerdict::PossibleNotFullyChecked
        };
        Reach { verdict, denied_by: None, missing }
    }
}
