//! Whether the internet reaches what a finding concerns, and on which path: directly, through a route
//! or an address of its own, or through calls of something that is reached directly.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use model::kind::{EntityKind as K, RelationKind as R};

use super::shape::{ExposureStep, FindingExposure, FindingExposureVerdict as Verdict};
use crate::border::OUTSIDE;
use crate::estate::Estate;
use crate::failure::ways_in;
use crate::property::text;
use crate::reach::{ExposureVerdict, Network};

/// Ports that are tried where no record names one.
const PORTS: [u16; 8] = [443, 80, 22, 3389, 8080, 8443, 5432, 3306];

/// How a service is reached.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// By the way in of this place in `ways`.
    Direct(usize),
    /// By a call of this service.
    CalledBy(u32),
}

/// What is reached from outside.
pub(super) struct Exposures<'a> {
    estate: &'a Estate,
    network: Network<'a>,
    /// Ways in, from the outside, with how far each was checked.
    ways: Vec<(Vec<u32>, Verdict)>,
    /// Services that are reached, and how.
    reached: BTreeMap<u32, Way>,
    /// What was judged by its own address.
    addressed: RefCell<BTreeMap<u32, Option<(Verdict, String)>>>,
}

impl<'a> Exposures<'a> {
    /// O(ways in + calls).
    pub fn new(estate: &'a Estate) -> Self {
        let network = Network::new(estate);
        let (mut ways, mut reached) = (Vec::new(), BTreeMap::new());
        let mut open = VecDeque::new();
        for (service, paths) in ways_in(estate) {
            let judged = paths.iter().map(|path| {
                let verdict = way_verdict(estate, &network, path);
                (path.clone(), verdict)
            });
            let best = judged
                .filter(|(_, verdict)| *verdict != Verdict::NotExposed)
                .min_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
            if let Some(best) = best {
                reached.insert(*service, Way::Direct(ways.len()));
                ways.push(best);
                open.push_back(*service);
            }
        }
        while let Some(caller) = open.pop_front() {
            let kinds = [R::Calls, R::ConnectsTo];
            for call in estate.from(caller).iter().filter(|one| kinds.contains(&one.kind)) {
                if let std::collections::btree_map::Entry::Vacant(place) = reached.entry(call.to) {
                    place.insert(Way::CalledBy(caller));
                    open.push_back(call.to);
                }
            }
        }
        Self { estate, network, ways, reached, addressed: RefCell::default() }
    }

    /// The best way to any of what is concerned.
    pub fn of(&self, ordinals: &[u32]) -> FindingExposure {
        let best = ordinals
            .iter()
            .map(|one| self.of_one(*one))
            .min_by(|a, b| (a.verdict, a.path.len()).cmp(&(b.verdict, b.path.len())));
        best.unwrap_or_else(|| FindingExposure {
            verdict: Verdict::Unknown,
            reason: "nothing of the estate is known to run it".to_owned(),
            path: Vec::new(),
        })
    }

    fn of_one(&self, ordinal: u32) -> FindingExposure {
        let estate = self.estate;
        let own = self.by_address(ordinal);
        if let Some((verdict @ (Verdict::Exposed | Verdict::PossibleNotFullyChecked), reason)) = own
        {
            return FindingExposure { verdict, reason, path: vec![self.step(ordinal)] };
        }
        let near = estate.near(ordinal, R::ImplementedBy);
        let services: Vec<u32> = std::iter::once(ordinal).chain(near).collect();
        let ways = services.iter().filter_map(|one| {
            let (path, verdict) = self.path(*one)?;
            Some((verdict, path))
        });
        let best = ways.min_by(|a, b| (a.0, a.1.len()).cmp(&(b.0, b.1.len())));
        if let Some((verdict, mut path)) = best {
            if path.last() != Some(&ordinal) {
                path.push(ordinal);
            }
            let reason = match verdict {
                Verdict::Exposed => "a way in from the internet leads to it",
                Verdict::ThroughCalls => "something that a way in leads to calls it",
                _ => "a way in leads to it; not everything on it was read",
            };
            let path = path.into_iter().map(|one| self.step(one)).collect();
            return FindingExposure { verdict, reason: reason.to_owned(), path };
        }
        let is_service = services.iter().any(|one| estate.entity(*one).kind == K::Service);
        let (verdict, reason) = match own {
            Some((verdict, reason)) => (verdict, reason),
            None if is_service && !self.ways.is_empty() => {
                (Verdict::NotExposed, "no way in leads to it, nor calls from one".to_owned())
            }
            None => (Verdict::Unknown, "no way in is known".to_owned()),
        };
        FindingExposure { verdict, reason, path: Vec::new() }
    }

    /// From the outside to a service.
    fn path(&self, service: u32) -> Option<(Vec<u32>, Verdict)> {
        let mut calls = vec![service];
        let mut one = service;
        loop {
            match *self.reached.get(&one)? {
                Way::CalledBy(caller) => {
                    calls.push(caller);
                    one = caller;
                }
                Way::Direct(place) => {
                    let (way, direct) = &self.ways[place];
                    let verdict = if calls.len() > 1 { Verdict::ThroughCalls } else { *direct };
                    let mut path = way.clone();
                    path.extend(calls.into_iter().rev());
                    path.dedup();
                    return Some((path, verdict));
                }
            }
        }
    }

    /// By an address of its own, for what has one.
    fn by_address(&self, ordinal: u32) -> Option<(Verdict, String)> {
        if let Some(held) = self.addressed.borrow().get(&ordinal) {
            return held.clone();
        }
        let entity = self.estate.entity(ordinal);
        let has_address = matches!(
            entity.kind,
            K::Instance | K::Database | K::DatabaseCluster | K::LoadBalancer | K::NetworkInterface
        );
        let judged = has_address.then(|| {
            let stated = entity.properties.get("port").and_then(serde_json::Value::as_u64);
            let stated = stated.and_then(|port| u16::try_from(port).ok());
            let ports = stated.map_or_else(|| PORTS.to_vec(), |port| vec![port]);
            let all = ports.into_iter().map(|port| self.network.exposure(ordinal, port));
            let best = all.min_by_key(|one| (one.verdict, one.port));
            best.map_or((Verdict::Unknown, String::new()), |best| {
                let failed = best.checks.iter().find(|one| one.holds != Some(true));
                let reason = failed.map_or_else(
                    || format!("its own address is open to the internet on port {}", best.port),
                    |one| format!("{}: {}", one.check, one.detail),
                );
                (verdict(best.verdict), reason)
            })
        });
        self.addressed.borrow_mut().insert(ordinal, judged.clone());
        judged
    }

    fn step(&self, ordinal: u32) -> ExposureStep {
        let entity = self.estate.entity(ordinal);
        if self.estate.is_outside(ordinal) {
            let name = OUTSIDE.to_owned();
            return ExposureStep { id: String::new(), kind: entity.kind, name };
        }
        ExposureStep { id: entity.id.clone(), kind: entity.kind, name: entity.name.clone() }
    }
}

fn verdict(of: ExposureVerdict) -> Verdict {
    match of {
        ExposureVerdict::Exposed => Verdict::Exposed,
        ExposureVerdict::PossibleNotFullyChecked => Verdict::PossibleNotFullyChecked,
        ExposureVerdict::NotExposed => Verdict::NotExposed,
    }
}

/// How far a way in is open: that of the load balancer it runs on, on the port it names.
fn way_verdict(estate: &Estate, network: &Network<'_>, path: &[u32]) -> Verdict {
    let balancers = path.iter().flat_map(|one| {
        let own = (estate.entity(*one).kind == K::LoadBalancer).then_some(*one);
        let under = estate.far(*one, R::RunsOn);
        own.into_iter().chain(under.filter(|one| estate.entity(*one).kind == K::LoadBalancer))
    });
    let stated = path.iter().find_map(|one| {
        let entity = estate.entity(*one);
        let number = entity.properties.get("port").and_then(serde_json::Value::as_u64);
        number.or_else(|| text(entity, "port")?.parse().ok())
    });
    let stated = stated.and_then(|port| u16::try_from(port).ok());
    let ports = stated.map_or_else(|| vec![443, 80], |port| vec![port]);
    let all = balancers
        .flat_map(|balancer| ports.iter().map(move |port| (balancer, *port)).collect::<Vec<_>>());
    let verdicts = all.map(|(balancer, port)| verdict(network.exposure(balancer, port).verdict));
    verdicts.min().unwrap_or(Verdict::PossibleNotFullyChecked)
}
