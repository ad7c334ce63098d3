//! Why a point takes something down, and what would remedy it, in words.

use model::kind::EntityKind as K;

use super::shape::{FailureStep, PointClass};
use crate::border::spoken;
use crate::failure::{Cause, SoftCause};

/// A dependency in words: what the near end does with the far end.
pub fn by(cause: Cause) -> &'static str {
    match cause {
        Cause::ImplementedBy => "implemented by",
        Cause::Replicas => "replicas",
        Cause::RunsOn => "runs on",
        Cause::PlacedIn => "placed in",
        Cause::RoutesTo => "routes to",
        Cause::Mounts => "mounts",
        Cause::RootVolume => "root volume",
        Cause::Call => "needs",
        Cause::Callee => "calls",
        Cause::ServedThrough => "reached through",
        Cause::Egress => "leaves through",
        Cause::Service => "entry of",
        Cause::Entrances => "entered through",
        Cause::Passage => "passes",
        Cause::Parts => "entry points",
    }
}

/// Why something degrades, in words.
pub fn soft(cause: SoftCause) -> &'static str {
    match cause {
        SoftCause::OptionalCall => "optional call",
        SoftCause::AsynchronousCall => "asynchronous call",
        SoftCause::Cache => "cache",
        SoftCause::ControlPlane => "no scheduling, scaling or healing",
        SoftCause::Volume => "attached volume",
        SoftCause::StalePrimary => "its primary is lost: reads grow stale",
        SoftCause::Part => "a part failed",
    }
}

/// The way of a failure as a sentence.
pub(super) fn why(path: &[FailureStep]) -> String {
    let Some((first, rest)) = path.split_first() else { return String::new() };
    let mut text = spoken(&first.entity.name).to_owned();
    for (number, step) in rest.iter().enumerate() {
        let by = step.by.as_deref().unwrap_or("needs");
        let link = match by {
            "entry of" | "entered through" => "closes the entry point of",
            "needs" => "is needed by",
            "runs on" | "placed in" => "carries",
            "replicas" => "leaves too few replicas of",
            "implemented by" => "stops",
            "mounts" | "root volume" => "is mounted by",
            "routes to" => "is all that is behind",
            "reached through" => "is the way to",
            "entry points" => "takes the last entry point of",
            _ => "takes down",
        };
        let comma = if number == 0 { "" } else { "," };
        let assumed = if step.is_assumed { " (need assumed)" } else { "" };
        text = format!("{text}{comma} {link} {}{assumed}", spoken(&step.entity.name));
    }
    text
}

/// What would remedy a point.
pub(super) fn remedy(class: PointClass, kind: K, name: &str) -> String {
    let name = spoken(name);
    match (class, kind) {
        (PointClass::Capacity, K::DatabaseCluster) => {
            format!("add a second member to {name}, in another zone")
        }
        (PointClass::Capacity, K::Instance) => {
            format!("run a second instance beside {name}, in another zone, behind a balancer")
        }
        (PointClass::Capacity, _) => {
            format!("run at least two replicas of {name}, on different nodes")
        }
        (PointClass::Placement, K::Zone) => {
            format!("spread what runs in {name} over a second zone")
        }
        (PointClass::Placement, K::Volume) => {
            format!("keep a replica of the data on {name} on another volume in another zone")
        }
        (PointClass::Placement, _) => {
            format!(
                "spread the replicas on {name} over more nodes (topology spread or anti-affinity)"
            )
        }
        (PointClass::Data, K::Cache) => {
            format!("enable automatic failover of {name} with a replica in another zone")
        }
        (PointClass::Data, K::Instance) => {
            format!("add a standby of {name} in another zone that takes over by itself")
        }
        (PointClass::Data, _) => {
            format!("give {name} a standby in another zone that takes over by itself (Multi-AZ)")
        }
        (PointClass::Network, K::NatGateway) => {
            "give each zone its own NAT gateway, or use a regional one".to_owned()
        }
        (PointClass::Network, K::LoadBalancer) => {
            format!("add a subnet in another zone to {name}")
        }
        (PointClass::Network, _) => format!("add a second one beside {name}, in another zone"),
        (PointClass::Place, _) => format!("run what is needed in a second place beside {name}"),
        (PointClass::Dependency, _) => format!(
            "let callers go on without {name} (timeout and fallback), and release it step by step"
        ),
    }
}

/// What would remedy a workload risk.
pub(super) fn workload_remedy(is_capacity: bool, on: &[&str], is_zone: bool) -> String {
    if is_capacity {
        return "run at least two replicas on different nodes".to_owned();
    }
    let places = on.iter().map(|one| spoken(one)).collect::<Vec<_>>().join(", ");
    match is_zone {
        true => format!("spread the replicas over more zones than {places}"),
        false => format!("spread the replicas over more nodes than {places}"),
    }
}
