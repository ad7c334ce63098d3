//! Which application a service belongs to: what rules and organisation data say, the label `part-of`, a
//! named tag, the namespace; what is left by the entry point that dominates it in the graph of calls.

use std::collections::{BTreeMap, BTreeSet};

use graph::{Dominators, Kinds};
use model::fact::EntityFact;
use model::kind::RelationKind;

use super::shape::ApplicationRule;
use crate::ask::AskError;
use crate::call_graph::CallGraph;
use crate::estate::Estate;

/// The label that Kubernetes recommends.
const PART_OF: &str = "app.kubernetes.io/part-of";

/// Namespaces of the platform itself: they are no application.
const SYSTEM: [&str; 4] = ["kube-system", "kube-public", "kube-node-lease", "gatekeeper-system"];

/// Where a service belongs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Belonging {
    /// To the application of this key.
    Application { key: String, name: String, rule: ApplicationRule },
    /// Several entry points lead to it.
    Shared,
    /// Nothing says or shows it.
    Unknown,
}

/// Refuses an application to which no service belongs, wherever it is.
pub(super) fn check_names(
    asked: &[String],
    belonging: &BTreeMap<u32, Belonging>,
) -> Result<(), AskError> {
    let is_known = |asked: &&String| {
        belonging.values().any(|one| match one {
            Belonging::Application { key, name, .. } => *asked == key || *asked == name,
            Belonging::Shared | Belonging::Unknown => false,
        })
    };
    match asked.iter().find(|asked| !is_known(asked)) {
        None => Ok(()),
        Some(asked) => {
            let what = format!("application `{asked}`");
            Err(AskError::NotFound { what, nearest: Vec::new() })
        }
    }
}

/// The belonging of each service, by ordinal.
pub(super) fn belongings(
    estate: &Estate,
    graph: &CallGraph<'_>,
    entries: &BTreeSet<u32>,
    tag: &str,
) -> BTreeMap<u32, Belonging> {
    let services = estate.of_kind(model::EntityKind::Service);
    let services: Vec<u32> = services.filter(|one| !estate.is_outside(*one)).collect();
    let mut found = BTreeMap::new();
    for one in &services {
        if let Some((key, name, rule)) = stated(estate, *one, tag) {
            found.insert(*one, Belonging::Application { key, name, rule });
        }
    }
    let csr = graph.csr(|link| link.kind == RelationKind::Calls);
    let roots: Vec<u32> = entries.iter().filter_map(|one| graph.node(*one)).collect();
    let dominators = Dominators::new(&csr, &roots, Kinds::ALL);
    for one in services {
        if found.contains_key(&one) {
            continue;
        }
        let node = graph.node(one).filter(|node| dominators.is_reached(*node));
        let belonging = match node {
            None => Belonging::Unknown,
            Some(node) => match dominators.entrance(node).filter(|top| roots.contains(top)) {
                Some(top) => {
                    let entity = estate.entity(graph.nodes[top as usize]);
                    Belonging::Application {
                        key: entity.id.clone(),
                        name: entity.name.clone(),
                        rule: ApplicationRule::EntryPoint,
                    }
                }
                None => Belonging::Shared,
            },
        };
        found.insert(one, belonging);
    }
    found
}

/// What is said of a service itself, or of what runs it.
fn stated(estate: &Estate, ordinal: u32, tag: &str) -> Option<(String, String, ApplicationRule)> {
    let runners = || estate.far(ordinal, RelationKind::ImplementedBy);
    let all = || std::iter::once(ordinal).chain(runners()).map(|one| estate.entity(one));
    if let Some(id) = all().find_map(|entity| entity.application.as_ref()) {
        let name = estate.find(id).map(|one| estate.entity(one).name.clone());
        let name = name.unwrap_or_else(|| id.rsplit('/').next().unwrap_or(id).to_owned());
        return Some((id.clone(), name, ApplicationRule::Organisation));
    }
    let label = |name: &str| {
        let said = all().find_map(|entity| entity.labels.get(name).cloned());
        said.filter(|value| !value.is_empty())
    };
    let place = |entity: &EntityFact| {
        let scope = &entity.scope;
        let environment = scope.environment.as_deref().unwrap_or("_");
        environment.to_owned()
    };
    let entity = estate.entity(ordinal);
    for (name, rule) in [(PART_OF, ApplicationRule::PartOf), (tag, ApplicationRule::Tag)] {
        if let Some(value) = label(name) {
            // The same word in two environments is two applications.
            return Some((format!("{name}={value}@{}", place(entity)), value, rule));
        }
    }
    let said = all().find_map(|entity| entity.scope.namespace.as_ref().map(|n| (n, entity)));
    let (namespace, of) = said?;
    if SYSTEM.contains(&namespace.as_str()) {
        return None;
    }
    let cluster = of.scope.cluster.as_deref().unwrap_or("_");
    let key = format!("namespace={cluster}/{namespace}");
    Some((key, namespace.clone(), ApplicationRule::Namespace))
}
