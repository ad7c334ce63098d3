//! Network policies of Kubernetes: a pod that no policy selects for a direction is open in it; one
//! that some select is closed but for what one of them allows.

use model::fact::EntityFact;
use model::kind::EntityKind as K;
use serde_json::Value;

use super::Network;
use super::address::{Cidr, Cover, cover};
use super::decision::Decision;
use super::seat::Seat;

/// Whether the policies of the near end's pod let it out.
pub(super) fn egress(network: &Network<'_>, from: &Seat, to: &Seat, port: u16) -> Decision {
    direction(network, from, to, port, ("Egress", "egress", "to"))
}

/// Whether the policies of the far end's pod let the near end in.
pub(super) fn ingress(network: &Network<'_>, from: &Seat, to: &Seat, port: u16) -> Decision {
    direction(network, to, from, port, ("Ingress", "ingress", "from"))
}

fn direction(
    network: &Network<'_>,
    own: &Seat,
    other: &Seat,
    port: u16,
    (kind, field, peer): (&str, &str, &str),
) -> Decision {
    let Some(pod) = own.pod else { return Decision::Allow };
    let fact = network.estate.entity(pod);
    let cluster = fact.scope.cluster.as_deref().unwrap_or_default();
    let namespace = fact.scope.namespace.as_deref().unwrap_or_default();
    if !network.policies.keys().any(|(of, _)| *of == cluster) {
        // No policy of the cluster was read: there may be none, or nobody exported them.
        return Decision::maybe("network policies of the cluster");
    }
    let of_namespace = network.policies.get(&(cluster, namespace));
    let policies = of_namespace.into_iter().flatten().map(|one| network.estate.entity(*one));
    let selecting: Vec<&EntityFact> =
        policies.filter(|policy| selects(policy, fact) && is_about(policy, kind)).collect();
    if selecting.is_empty() {
        return Decision::Allow;
    }
    let each = selecting.iter().map(|policy| match policy.properties.get(field) {
        Some(rules) => Decision::any(
            rules
                .as_array()
                .into_iter()
                .flatten()
                .map(|rule| rule_of(network, rule, (peer, namespace), other, port)),
            String::new(),
        ),
        None if policy.properties.contains_key("rules_read") => Decision::Deny(String::new()),
        None => Decision::maybe(format!("rules of network policy {}", policy.name)),
    });
    let denied =
        format!("no network policy that selects {} allows {field} on port {port}", fact.name);
    Decision::any(each, denied)
}

/// Whether a policy is about a direction; without a list it is about what comes in, and about what
/// goes out when it has such rules.
fn is_about(policy: &EntityFact, kind: &str) -> bool {
    let types = policy.properties.get("policy_types").and_then(Value::as_array);
    match types.filter(|types| !types.is_empty()) {
        Some(types) => types.iter().any(|one| one.as_str() == Some(kind)),
        None => kind == "Ingress" || policy.properties.contains_key("egress"),
    }
}

fn selects(policy: &EntityFact, pod: &EntityFact) -> bool {
    let labels = policy.properties.get("selector").unwrap_or(&Value::Null);
    let expressions = policy.properties.get("selector_expressions").unwrap_or(&Value::Null);
    matches_labels(labels, pod) && matches_expressions(expressions, pod)
}

fn matches_labels(labels: &Value, fact: &EntityFact) -> bool {
    labels
        .as_object()
        .into_iter()
        .flatten()
        .all(|(name, value)| fact.labels.get(name).map(String::as_str) == value.as_str())
}

/// The four operators of label selectors.
fn matches_expressions(expressions: &Value, fact: &EntityFact) -> bool {
    expressions.as_array().into_iter().flatten().all(|one| {
        let name = one.get("key").and_then(Value::as_str).unwrap_or_default();
        let value = fact.labels.get(name).map(String::as_str);
        let values = one.get("values").and_then(Value::as_array);
        let is_among =
            || values.into_iter().flatten().any(|one| one.as_str() == value && value.is_some());
        match one.get("operator").and_then(Value::as_str) {
            Some("In") => is_among(),
            Some("NotIn") => !is_among(),
            Some("Exists") => value.is_some(),
            Some("DoesNotExist") => value.is_none(),
            _ => false,
        }
    })
}

/// A selector as an object has it.
fn matches_selector(selector: &Value, fact: &EntityFact) -> bool {
    let part = |name: &str| selector.get(name).unwrap_or(&Value::Null);
    matches_labels(part("matchLabels"), fact) && matches_expressions(part("matchExpressions"), fact)
}

fn rule_of(
    network: &Network<'_>,
    rule: &Value,
    (peer, namespace): (&str, &str),
    other: &Seat,
    port: u16,
) -> Decision {
    let peers = rule.get(peer).and_then(Value::as_array).filter(|all| !all.is_empty());
    let by_peer = match peers {
        None => Decision::Allow,
        Some(all) => Decision::any(
            all.iter().map(|one| peer_of(network, one, namespace, other)),
            String::new(),
        ),
    };
    by_peer.and(ports_of(rule, port))
}

fn ports_of(rule: &Value, port: u16) -> Decision {
    let Some(ports) = rule.get("ports").and_then(Value::as_array).filter(|all| !all.is_empty())
    else {
        return Decision::Allow;
    };
    let is_tcp = |one: &&Value| {
        one.get("protocol").and_then(Value::as_str).is_none_or(|protocol| protocol == "TCP")
    };
    let each = ports.iter().filter(is_tcp).map(|one| match one.get("port") {
        None => Decision::Allow,
        Some(Value::String(name)) if name.parse::<u16>().is_err() => {
            Decision::maybe(format!("number of the port named {name}"))
        }
        Some(value) => {
            let number = value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(0);
            let end = one.get("endPort").and_then(Value::as_u64).unwrap_or(number);
            if (number..=end).contains(&u64::from(port)) {
                Decision::Allow
            } else {
                Decision::Deny(String::new())
            }
        }
    });
    Decision::any(each, String::new())
}

fn peer_of(network: &Network<'_>, peer: &Value, own: &str, other: &Seat) -> Decision {
    if let Some(block) = peer.get("ipBlock") {
        return block_of(network, block, other);
    }
    let Some(pod) = other.pod else {
        return Decision::Deny(String::new());
    };
    let fact = network.estate.entity(pod);
    let by_pod = peer.get("podSelector").is_none_or(|one| matches_selector(one, fact));
    let is_there = match peer.get("namespaceSelector") {
        Some(selector) => {
            let namespace = network.estate.of_kind(K::KubernetesNamespace);
            let namespace = namespace.map(|one| network.estate.entity(one)).find(|one| {
                one.scope.cluster == fact.scope.cluster
                    && Some(one.name.as_str()) == fact.scope.namespace.as_deref()
            });
            match namespace {
                Some(namespace) => matches_selector(selector, namespace),
                None => return Decision::maybe("labels of the namespace"),
            }
        }
        // Without one it means the policy's own namespace.
        None => fact.scope.namespace.as_deref() == Some(own),
    };
    if by_pod && is_there { Decision::Allow } else { Decision::Deny(String::new()) }
}

fn block_of(network: &Network<'_>, block: &Value, other: &Seat) -> Decision {
    let name = &network.estate.entity(other.entity).name;
    let Some(range) = block.get("cidr").and_then(Value::as_str).and_then(Cidr::parse) else {
        return Decision::Deny(String::new());
    };
    let excepts = block.get("except").and_then(Value::as_array).into_iter().flatten();
    let is_except = excepts.filter_map(Value::as_str).filter_map(Cidr::parse);
    let mut worst = Cover::None;
    for except in is_except {
        match cover(&except, &other.addresses) {
            Cover::All => return Decision::Deny(String::new()),
            Cover::Part => worst = Cover::Part,
            Cover::None => {}
        }
    }
    match (cover(&range, &other.addresses), worst) {
        (Cover::None, _) if other.addresses.is_empty() => {
            Decision::maybe(format!("address of {name}"))
        }
        (Cover::None, _) => Decision::Deny(String::new()),
        // Whether a block means pods, too, is up to the network plugin.
        (Cover::All, Cover::None) if other.pod.is_none() => Decision::Allow,
        _ => Decision::maybe(format!("whether the block of the policy holds {name}")),
    }
}
