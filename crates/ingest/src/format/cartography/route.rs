//! Where load balancers send: by target groups, by the default routes of listeners, and by the routes that
//! stand for the listeners of classic ones.

use std::collections::BTreeMap;

use model::entity::RelationObservation;
use model::{AliasKey, EntityKind, Reference, RelationKind as R};

use super::aws;
use super::gather::{Gather, add};
use super::graph::{Graph, Link};
use super::label::Family;
use super::relation::Meaning;

/// What a load balancer has.
#[derive(Debug, Default)]
pub struct Balancer {
    /// Its listeners.
    pub listeners: Vec<usize>,
    /// What it sends to.
    pub targets: Vec<usize>,
}

/// Every load balancer that has a listener or sends anywhere. A target that is stale is none.
pub fn balancers(graph: &Graph) -> BTreeMap<usize, Balancer> {
    let mut all: BTreeMap<usize, Balancer> = BTreeMap::new();
    for link in graph.links.iter().filter(|link| !graph.nodes[link.end].is_stale) {
        let is_listener = matches!(
            graph.nodes[link.end].family(),
            Some(Family::ClassicListener | Family::Arn(EntityKind::Listener, _))
        );
        match link.meaning {
            Meaning::Is(R::Contains) if is_listener => {
                all.entry(link.start).or_default().listeners.push(link.end);
            }
            Meaning::Expose => all.entry(link.start).or_default().targets.push(link.end),
            _ => {}
        }
    }
    all
}

impl Gather<'_> {
    /// By its target group; a classic load balancer has routes of its own.
    pub(super) fn expose(&mut self, link: &Link) {
        let is_classic = self.graph.nodes[link.start].family() == Some(Family::ClassicBalancer);
        let group = link.properties.get("target_group_arn").and_then(|arn| arn.as_str());
        let balancer = self.balancers.get(&link.start);
        if is_classic && balancer.is_some_and(|one| !one.listeners.is_empty()) {
            return;
        }
        let from = group.map(Reference::id).or_else(|| self.references[link.start].clone());
        let Some((from, to)) = from.zip(self.references[link.end].clone()) else {
            self.unplaced += 1;
            return;
        };
        let mut relation = RelationObservation::declared(from, R::RoutesTo, to);
        if let Some(port) = link.properties.get("port").filter(|port| !port.is_null()) {
            relation = relation.with("port", port.clone());
        }
        self.put_on([link.start, link.end], relation);
    }

    /// The routes of listeners: of a network or application load balancer the default one, of a classic
    /// one the only one.
    pub(super) fn routes(&mut self) {
        let graph = self.graph;
        for (at, balancer_of) in std::mem::take(&mut self.balancers) {
            let is_classic = graph.nodes[at].family() == Some(Family::ClassicBalancer);
            let Some(id) = self.records[at].as_ref().map(|record| record.id.clone()) else {
                continue;
            };
            let balancer = Reference::id(id.clone());
            for one in balancer_of.listeners {
                if is_classic {
                    self.classic((at, one), &id, &balancer, &balancer_of.targets);
                    continue;
                }
                let node = &graph.nodes[one];
                let to = node.text(&["targetgrouparn"]);
                let record = self.records[one].as_ref();
                let (Some(to), Some(listener)) = (to, record) else { continue };
                let route = aws::route(
                    &aws::place(graph, node),
                    &format!("{}#default", listener.id),
                    &format!("{} default", listener.name),
                    (&Reference::id(listener.id.clone()), &balancer),
                    std::iter::once(Reference::id(to)),
                );
                self.others.push((one, route));
            }
        }
    }

    fn classic(
        &mut self,
        (at, one): (usize, usize),
        id: &AliasKey,
        balancer: &Reference,
        targets: &[usize],
    ) {
        let graph = self.graph;
        let place = aws::place(graph, &graph.nodes[at]);
        let listener = aws::classic_listener(&place, id, &graph.nodes[one]);
        let (Some(mut listener), Some(port)) = (listener, graph.nodes[one].text(&["port"])) else {
            self.unplaced += 1;
            return;
        };
        let own = Reference::id(listener.id.clone());
        add(
            &mut listener,
            RelationObservation::declared(balancer.clone(), R::Contains, own.clone()),
        );
        let targets: Vec<Reference> =
            targets.iter().filter_map(|target| self.references[*target].clone()).collect();
        let route = aws::route(
            &place,
            &format!("{id}#route/{port}"),
            &listener.name,
            (&own, balancer),
            targets.into_iter(),
        );
        self.others.extend([(at, listener), (at, route)]);
    }
}
