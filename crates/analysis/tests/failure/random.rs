//! Random small estates: what the model says fails is what a naive reading of the table says.

use std::collections::BTreeSet;
use std::sync::Arc;

use analysis::estate::Estate;
use analysis::failure::{Extra, Model, Options, State};
use model::kind::{EntityKind as K, Need, RelationKind as R};
use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert_eq, proptest};
use serde_json::json;

use super::oracle::{Oracle, Thing};
use super::written::Paper;

const KINDS: [K; 12] = [
    K::Service,
    K::Workload,
    K::Pod,
    K::KubernetesNode,
    K::Instance,
    K::Subnet,
    K::Zone,
    K::NatGateway,
    K::Database,
    K::Cache,
    K::ExternalEndpoint,
    K::KubernetesService,
];

/// Which relation may run between two kinds.
const RELATIONS: [(K, R, K); 19] = [
    (K::Service, R::Calls, K::Service),
    (K::Service, R::Calls, K::Service),
    (K::Service, R::ConnectsTo, K::Database),
    (K::Service, R::ConnectsTo, K::Cache),
    (K::Service, R::Calls, K::ExternalEndpoint),
    (K::Service, R::ImplementedBy, K::Workload),
    (K::Service, R::ServedThrough, K::KubernetesService),
    (K::Database, R::ImplementedBy, K::Workload),
    (K::Cache, R::ImplementedBy, K::Workload),
    (K::KubernetesService, R::RoutesTo, K::Workload),
    (K::KubernetesService, R::RoutesTo, K::Pod),
    (K::Workload, R::HasReplica, K::Pod),
    (K::Workload, R::HasReplica, K::Pod),
    (K::Pod, R::RunsOn, K::KubernetesNode),
    (K::KubernetesNode, R::RunsOn, K::Instance),
    (K::Instance, R::PlacedIn, K::Subnet),
    (K::Subnet, R::PlacedIn, K::Zone),
    (K::Subnet, R::EgressThrough, K::NatGateway),
    (K::Database, R::PlacedIn, K::Zone),
];

/// An estate by lot: up to three of each kind, and relations between them.
fn paper() -> impl Strategy<Value = Paper> {
    let counts = proptest::collection::vec(1_usize..4, KINDS.len());
    let relations = proptest::collection::vec(
        (0..RELATIONS.len(), any::<u8>(), any::<u8>(), any::<u8>()),
        0..40,
    );
    (counts, relations, any::<u32>()).prop_map(|(counts, relations, lot)| {
        let mut paper = Paper::default();
        let mut of_kind: Vec<Vec<u32>> = Vec::new();
        for (place, count) in counts.into_iter().enumerate() {
            let kind = KINDS[place];
            let names = (0..count).map(|number| format!("{kind}-{number}"));
            of_kind.push(names.map(|name| paper.add(kind, &name)).collect());
        }
        for (number, one) in paper.entities.iter_mut().enumerate() {
            let odd = lot >> (number % 32) & 1 == 1;
            match one.kind {
                K::Workload => {
                    let replicas = u64::from(lot >> (number % 16)) % 4;
                    one.properties.insert("replicas".into(), json!(replicas.max(1)));
                }
                K::Database => {
                    one.properties.insert("multi_az".into(), json!(odd));
                }
                K::KubernetesService if odd => {
                    one.properties.insert("type".into(), json!("LoadBalancer"));
                }
                _ => {}
            }
        }
        for (row, from, to, lot) in relations {
            let (near, kind, far) = RELATIONS[row];
            let pick = |kind: K, number: u8| {
                let of = &of_kind
                    [KINDS.iter().position(|one| *one == kind).expect("each kind is listed")];
                of[usize::from(number) % of.len()]
            };
            let relation = paper.relate(pick(near, from), kind, pick(far, to));
            relation.need = Need::ALL[usize::from(lot) % 4];
            if kind == R::HasReplica {
                relation.min_alive = u32::from(lot % 3);
                relation.properties.insert("ready".into(), (lot % 5 != 0).into());
            }
        }
        // One pod, node or instance runs on one thing.
        let mut seen = BTreeSet::new();
        paper
            .relations
            .retain(|one| !matches!(one.kind, R::RunsOn) || seen.insert((one.from, one.kind)));
        for place in 0..paper.relations.len() {
            let one = paper.relations[place].clone();
            if one.kind == R::HasReplica {
                let ready = one.properties["ready"].clone();
                paper.entities[one.to as usize].properties.insert("ready".into(), ready);
            }
        }
        // A pod is as ready as it says itself, whoever names it.
        for one in &mut paper.relations {
            if one.kind == R::HasReplica {
                let ready = paper.entities[one.to as usize].properties["ready"].clone();
                one.properties.insert("ready".into(), ready);
            }
        }
        paper
    })
}

/// What the model says fails, as things.
fn of_model(model: &Model, nodes: impl Iterator<Item = u32>) -> BTreeSet<Thing> {
    let relations = &model.estate().facts.relations;
    let thing = |node: u32| match model.extra(node) {
        None => Some(Thing::Entity(node)),
        Some(Extra::Entry { subject }) => Some(Thing::Entry(*subject)),
        Some(Extra::Call { from, to, kind, .. }) => relations
            .iter()
            .position(|one| (one.from, one.kind, one.to) == (*from, *kind, *to))
            .map(Thing::Call),
        Some(_) => None,
    };
    nodes.filter_map(thing).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn closures_are_those_of_the_naive_reading(
        paper in paper(),
        seeds in proptest::collection::vec(any::<u16>(), 0..4),
    ) {
        let facts = paper.facts();
        let count = facts.entities.len() as u32;
        let mut seeds: Vec<u32> = seeds.into_iter().map(|one| u32::from(one) % count).collect();
        seeds.sort_unstable();
        seeds.dedup();
        let model = Model::of(Arc::new(Estate::new(facts.clone())), &Options::default());
        for (state, is_now) in [(State::ByDesign, false), (State::Now, true)] {
            let outcome = model.closure(&seeds, state);
            let oracle = Oracle { facts: &facts, is_now };
            let waiting = (0..count).filter(|one| {
                let entity = &facts.entities[*one as usize];
                is_now && entity.kind == K::Pod && entity.properties.get("ready") == Some(&false.into())
            });
            let down: Vec<u32> = waiting.collect();
            let before = oracle.fails(&down);
            let all: Vec<u32> = down.iter().chain(&seeds).copied().collect();
            let is_call_to_itself = |thing: &Thing| match thing {
                Thing::Call(place) => {
                    let one = &facts.relations[*place];
                    one.from == one.to
                }
                _ => false,
            };
            let expected: BTreeSet<Thing> = oracle
                .fails(&all)
                .difference(&before)
                .filter(|one| !is_call_to_itself(one))
                .copied()
                .collect();
            let found = of_model(&model, outcome.failed().iter().copied());
            prop_assert_eq!(found, expected, "{:?} {:?}", seeds, state);
        }
    }
}
