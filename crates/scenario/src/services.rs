//! The services of Larkfield: who runs what, who calls whom, how often, and how each call is
//! known (named in the configuration, seen in traffic, or both).

pub use crate::service_list::SERVICES;

/// How the caller needs the callee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The request fails without it.
    Required,
    /// The request goes on without it.
    Optional,
    /// Through a queue.
    Asynchronous,
}

/// Where the relation leaves traces of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// Named in the environment of the caller, and used.
    Both,
    /// Named in the configuration, never used.
    DeclaredOnly,
    /// Used, but its address comes from code or a registry.
    ObservedOnly,
}

impl Known {
    /// Whether a manifest names it.
    pub fn is_declared(self) -> bool {
        self != Known::ObservedOnly
    }
    /// Whether traffic shows it.
    pub fn is_observed(self) -> bool {
        self != Known::DeclaredOnly
    }
}

/// One call from a service to another.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// Callee.
    pub to: &'static str,
    /// Calls per request of the caller.
    pub per_request: f64,
    /// Need.
    pub need: Need,
    /// How it is known.
    pub known: Known,
}

/// A service and the workload that runs it; the two share their name.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// Name of the service, its workload and its Kubernetes Service.
    pub name: &'static str,
    /// Namespace.
    pub namespace: &'static str,
    /// Owning team.
    pub team: &'static str,
    /// Application it belongs to.
    pub application: &'static str,
    /// Runtime, as `telemetry.sdk.language`.
    pub language: &'static str,
    /// Replicas in production, production-eu and staging; 0 where it does not run.
    pub replicas: [u32; 3],
    /// Own time of one request in milliseconds (median).
    pub latency_ms: f64,
    /// Requests per second from outside, in production, averaged over a week.
    pub outside: f64,
    /// Calls to other services.
    pub calls: &'static [Call],
    /// Databases, caches, buckets and external endpoints, by the names of `stores`.
    pub stores: &'static [&'static str],
    /// Queues it sends to and receives from.
    pub sends: &'static [&'static str],
    /// Queues it receives from.
    pub receives: &'static [&'static str],
}

impl Service {
    /// Whether the service runs in this environment.
    pub fn runs_in(&self, environment: usize) -> bool {
        self.replicas[environment] > 0
    }
    /// Whether it only calls and serves nobody.
    pub fn is_client(&self) -> bool {
        self.name == "synthetic-prober"
    }
}

/// The service of that name.
pub fn service(name: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|s| s.name == name)
}

/// Services that outside callers reach through the load balancer.
pub const ENTRIES: &[&str] = &[
    "web-storefront",
    "mobile-bff",
    "seller-portal",
    "rewards",
    "tracking",
    "analytics-collector",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_call_names_a_service_and_no_name_is_used_twice() {
        let names: BTreeSet<&str> = SERVICES.iter().map(|s| s.name).collect();
        assert_eq!(names.len(), SERVICES.len());
        for s in SERVICES {
            for c in s.calls {
                assert!(names.contains(c.to), "{} calls {}", s.name, c.to);
            }
        }
        for e in ENTRIES {
            assert!(names.contains(e));
        }
    }

    #[test]
    fn pricing_and_promotions_are_the_only_cycle() {
        // Remove what has no callee left until nothing changes: what remains is cyclic.
        let mut left: BTreeSet<&str> = SERVICES.iter().map(|s| s.name).collect();
        loop {
            let keep: BTreeSet<&str> = left
                .iter()
                .copied()
                .filter(|n| {
                    let s = service(n).unwrap();
                    s.calls.iter().any(|c| left.contains(c.to))
                })
                .collect();
            if keep.len() == left.len() {
                break;
            }
            left = keep;
        }
        // Callers of the cycle remain too; the cycle itself is what is also called from the rest.
        let called_back: BTreeSet<&str> = left
            .iter()
            .copied()
            .filter(|n| {
                let mut seen = BTreeSet::new();
                let mut todo: Vec<&str> = service(n).unwrap().calls.iter().map(|c| c.to).collect();
                while let Some(x) = todo.pop() {
                    if seen.insert(x) {
                        todo.extend(service(x).unwrap().calls.iter().map(|c| c.to));
                    }
                }
                seen.contains(n)
            })
            .collect();
        assert_eq!(called_back.into_iter().collect::<Vec<_>>(), ["pricing", "promotions"]);
    }
}
