//! Who uses a database: what names its endpoint, what was seen talking to it, what network rules would
//! let in. Proxies and poolers are transparent: their clients are the database's.

use std::collections::{BTreeMap, BTreeSet};

use model::absence::Absence;
use model::fact::EstateRelation;
use model::kind::{Confidence, EntityKind as K, RelationKind as R};
use model::measure::Measure;
use serde_json::Value;

use super::params::ClientEvidence;
use super::shape::Client;
use crate::calls::Calls;
use crate::estate::Estate;
use crate::property::texts;
use crate::reach::{Network, Reach, ReachVerdict, Seat};

/// Longest chain of proxies.
const CHAIN_MAX: usize = 4;

/// Images that pass connections on.
const POOLERS: [&str; 8] = [
    "pgbouncer",
    "pgpool",
    "proxysql",
    "odyssey",
    "pgcat",
    "maxscale",
    "mysql-router",
    "twemproxy",
];

/// A client before it is written down.
#[derive(Debug, Clone)]
pub(super) struct Use {
    pub client: u32,
    pub relation: EstateRelation,
    /// Proxies between, nearest the client first.
    pub via: Vec<u32>,
}

fn is_use(kind: R) -> bool {
    matches!(kind, R::Calls | R::ConnectsTo)
}

/// Whether an entity passes connections on: a database proxy, or a service whose workload runs a
/// pooler's image.
fn is_proxy(estate: &Estate, entity: u32) -> bool {
    let fact = estate.entity(entity);
    if fact.kind == K::DatabaseProxy {
        return true;
    }
    if !matches!(fact.kind, K::Service | K::Workload) {
        return false;
    }
    let workloads = estate.far(entity, R::ImplementedBy).chain([entity]);
    let images: Vec<String> =
        workloads.flat_map(|one| texts(estate.entity(one), "images")).collect();
    images.iter().any(|image| POOLERS.iter().any(|pooler| image.contains(pooler)))
}

/// Every use of a database, through proxies too, and the proxies.
pub(super) fn uses(estate: &Estate, database: u32) -> (Vec<Use>, Vec<u32>) {
    let mut uses: Vec<Use> = Vec::new();
    let mut proxies: BTreeSet<u32> = BTreeSet::new();
    let mut open: Vec<(u32, Vec<u32>)> = vec![(database, Vec::new())];
    while let Some((target, via)) = open.pop() {
        for relation in estate.to(target).filter(|one| is_use(one.kind)) {
            let client = relation.from;
            if client == database || via.contains(&client) {
                continue;
            }
            if is_proxy(estate, client) && via.len() < CHAIN_MAX {
                proxies.insert(client);
                let chain = std::iter::once(client).chain(via.iter().copied()).collect();
                open.push((client, chain));
                continue;
            }
            uses.push(Use { client, relation: relation.clone(), via: via.clone() });
        }
    }
    // Of two ways of one client the direct one is told.
    uses.sort_by(|a, b| (a.client, a.via.len(), &a.via).cmp(&(b.client, b.via.len(), &b.via)));
    uses.dedup_by(|next, first| {
        let is_same = next.client == first.client;
        if is_same {
            for evidence in &next.relation.evidence {
                if !first.relation.evidence.contains(evidence) {
                    first.relation.evidence.push(*evidence);
                }
            }
        }
        is_same
    });
    (uses, proxies.into_iter().collect())
}

/// Why calls are not measured.
fn unmeasured(unit: &str) -> Measure {
    Measure::absent(unit, Absence::NoData)
}

/// A client as the answer gives it.
pub(super) fn written(
    estate: &Estate,
    database: u32,
    one: &Use,
    network: &Network<'_>,
    calls: &Calls,
) -> Client {
    let relation = &one.relation;
    let says =
        |name: &str| relation.properties.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut evidence = Vec::new();
    if relation.is_observed() {
        evidence.push(ClientEvidence::Observed);
    }
    if relation.is_declared() {
        evidence.push(ClientEvidence::Declared);
    }
    let named_by = says("variable")
        .or_else(|| says("secret").map(|name| format!("secret {name}")))
        .or_else(|| says("configuration_map").map(|name| format!("configuration {name}")));
    let seen = relation.last_seen.filter(|_| relation.is_observed());
    let mut client = bare(estate, database, one.client);
    client.evidence = evidence;
    client.confidence = relation.confidence;
    client.named_by = named_by;
    client.endpoint = says("endpoint");
    client.via = one.via.iter().map(|proxy| estate.entity(*proxy).id.clone()).collect();
    client.need = relation.need;
    client.last_seen = seen.map(model::time::Micros::timestamp);
    // Traffic through a proxy is seen as that to the proxy, unless the client names the database.
    let target = one.via.first().copied().unwrap_or(database);
    let pair = calls.pairs.get(&(one.client, database)).or(calls.pairs.get(&(one.client, target)));
    if let Some(pair) = pair {
        client.call_rate = calls.rate(pair.calls, pair.is_scaled, &pair.source);
        client.error_ratio = pair.error_ratio();
        client.latency_p95 = pair.client.latency().p95;
    }
    // The rules between client and proxy are other rules than those of the database.
    if one.via.is_empty() {
        client.reach = reach(estate, network, one.client, database);
    }
    client
}

/// A client of which nothing but its place is known.
fn bare(estate: &Estate, database: u32, client: u32) -> Client {
    let fact = estate.entity(client);
    let is_seen = !estate.is_outside(client);
    Client {
        database: estate.entity(database).id.clone(),
        id: is_seen.then(|| fact.id.clone()),
        kind: fact.kind,
        name: is_seen.then(|| fact.name.clone()),
        namespace: fact.scope.namespace.clone().filter(|_| is_seen),
        owner: fact.owner.clone().filter(|_| is_seen),
        evidence: Vec::new(),
        confidence: Confidence::Certain,
        named_by: None,
        endpoint: None,
        via: Vec::new(),
        need: model::kind::Need::Unknown,
        last_seen: None,
        call_rate: unmeasured("/s"),
        error_ratio: unmeasured("1"),
        latency_p95: unmeasured("s"),
        reach: None,
    }
}

fn reach(estate: &Estate, network: &Network<'_>, client: u32, database: u32) -> Option<Reach> {
    let port = super::describe::port(estate.entity(database))?;
    let (from, to) = (network.seats(client), network.seats(database));
    if from.is_empty() || to.is_empty() {
        return None;
    }
    Some(network.reach_between(&from, &to, port))
}

/// Things that could be clients, by where they stand: one judgement serves all that stand alike.
pub(super) struct Candidates {
    by_place: BTreeMap<Vec<Seat>, Vec<u32>>,
}

/// Most judgements of possible paths in one answer.
const JUDGEMENTS_MAX: usize = 20_000;

/// Most possible clients of one database that are listed.
const POSSIBLE_MAX: usize = 50;

impl Candidates {
    /// Workloads, machines that are no nodes, functions and container services, with their places.
    pub(super) fn of(estate: &Estate, network: &Network<'_>) -> Self {
        let mut by_place: BTreeMap<Vec<Seat>, Vec<u32>> = BTreeMap::new();
        let kinds = [K::Workload, K::Instance, K::Function, K::ContainerService];
        for entity in kinds.into_iter().flat_map(|kind| estate.of_kind(kind)) {
            if estate.is_outside(entity) || !is_candidate(estate, entity) {
                continue;
            }
            let mut seats = network.seats(entity);
            // Pods of one place are told apart by their policies alone.
            seats.dedup_by(|a, b| a.entity == b.entity && a.pod == b.pod);
            seats.truncate(3);
            if !seats.is_empty() {
                by_place.entry(seats).or_default().push(entity);
            }
        }
        Self { by_place }
    }

    /// Whether judging so many databases is too much for one answer.
    pub(super) fn is_too_many(&self, databases: usize) -> bool {
        self.by_place.len().saturating_mul(databases) > JUDGEMENTS_MAX
    }

    /// Possible clients of a database besides the known ones, at most fifty, with how many there are.
    pub(super) fn possible(
        &self,
        estate: &Estate,
        network: &Network<'_>,
        database: u32,
        known: &BTreeSet<u32>,
    ) -> (Vec<Client>, u64) {
        let to = network.seats(database);
        let port = super::describe::port(estate.entity(database));
        let Some(port) = port.filter(|_| !to.is_empty()) else {
            return (Vec::new(), 0);
        };
        let mut found: Vec<Client> = Vec::new();
        let mut total = 0;
        for (seats, entities) in &self.by_place {
            let reach = network.reach_between(seats, &to, port);
            if matches!(reach.verdict, ReachVerdict::Blocked | ReachVerdict::Unknown)
                || !is_told_by_groups(&reach)
            {
                continue;
            }
            for entity in entities.iter().filter(|one| !known.contains(one) && **one != database) {
                total += 1;
                let mut client = bare(estate, database, *entity);
                client.evidence = vec![ClientEvidence::Possible];
                client.confidence = Confidence::Low;
                client.reach = Some(reach.clone());
                found.push(client);
            }
        }
        found.sort_by(|a, b| {
            let key = |one: &Client| {
                let verdict = one.reach.as_ref().map(|reach| reach.verdict);
                (verdict, one.kind, one.name.clone(), one.id.clone())
            };
            key(a).cmp(&key(b))
        });
        found.truncate(POSSIBLE_MAX);
        (found, total)
    }
}

/// Whether security groups that were read tell of a path: where they were not, everything would be
/// possible.
fn is_told_by_groups(reach: &Reach) -> bool {
    let is_unread =
        |one: &String| one.starts_with("security groups of") || one.starts_with("VPC of");
    !reach.missing.iter().any(is_unread)
}

/// Whether a thing runs something of its own: nodes run pods, which stand for themselves, and a
/// workload that only another one contains is its part.
fn is_candidate(estate: &Estate, entity: u32) -> bool {
    match estate.entity(entity).kind {
        K::Instance => {
            !estate.near(entity, R::RunsOn).any(|one| estate.entity(one).kind == K::KubernetesNode)
        }
        K::Workload => {
            !estate.near(entity, R::Contains).any(|one| estate.entity(one).kind == K::Workload)
        }
        _ => true,
    }
}

/// What stands for a known client among the candidates: a service's workloads, functions, machines.
pub(super) fn implementers(estate: &Estate, client: u32) -> Vec<u32> {
    estate.far(client, R::ImplementedBy).chain([client]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::fact::{EntityFact, EstateFacts};
    use model::kind::Evidence;
    use serde_json::json;

    /// `shop` (seen) and `billing` (declared) use `orders` through the proxy `gate`; `shop` also
    /// directly, as declared. A pooler stands before the proxy for `reports`.
    fn estate() -> Estate {
        let mut bouncer = EntityFact::new(K::Workload, "bouncer", "bouncer");
        bouncer.properties.insert("images".into(), json!(["bitnami/pgbouncer:1.22"]));
        let mut entities = vec![
            EntityFact::new(K::Service, "billing", "billing"),
            EntityFact::new(K::Service, "pool", "pool"),
            EntityFact::new(K::Service, "reports", "reports"),
            EntityFact::new(K::Service, "shop", "shop"),
            bouncer,
            EntityFact::new(K::Database, "orders", "orders"),
            EntityFact::new(K::DatabaseProxy, "gate", "gate"),
        ];
        entities.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
        let place = |id: &str| entities.iter().position(|one| one.id == id).unwrap() as u32;
        let relation = |from: &str, kind: R, to: &str, evidence: Evidence| {
            let mut one = EstateRelation::new(place(from), kind, place(to));
            one.evidence = vec![evidence];
            one
        };
        let mut relations = vec![
            relation("gate", R::ConnectsTo, "orders", Evidence::Declared),
            relation("shop", R::ConnectsTo, "gate", Evidence::Observed),
            relation("shop", R::ConnectsTo, "orders", Evidence::Declared),
            relation("billing", R::ConnectsTo, "gate", Evidence::Declared),
            relation("pool", R::ConnectsTo, "gate", Evidence::Declared),
            relation("pool", R::ImplementedBy, "bouncer", Evidence::Declared),
            relation("reports", R::Calls, "pool", Evidence::Declared),
        ];
        relations.sort_by_key(|one| (one.from, one.kind, one.to));
        Estate::new(EstateFacts { entities, relations, ..EstateFacts::default() })
    }

    #[test]
    fn clients_of_proxies_are_clients_of_the_database() {
        let estate = estate();
        let orders = estate.find("orders").unwrap();
        let (uses, proxies) = uses(&estate, orders);
        let name = |one: u32| estate.entity(one).name.as_str();
        let told: Vec<(&str, Vec<&str>, usize)> = uses
            .iter()
            .map(|one| {
                let via = one.via.iter().map(|proxy| name(*proxy)).collect();
                (name(one.client), via, one.relation.evidence.len())
            })
            .collect();
        assert_eq!(
            told,
            [
                ("billing", vec!["gate"], 1),
                ("reports", vec!["pool", "gate"], 1),
                // Told once, by the direct way, with the evidence of both.
                ("shop", vec![], 2),
            ]
        );
        let mut proxies: Vec<&str> = proxies.into_iter().map(name).collect();
        proxies.sort_unstable();
        assert_eq!(proxies, ["gate", "pool"]);
    }
}
