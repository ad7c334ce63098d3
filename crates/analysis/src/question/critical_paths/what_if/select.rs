//! What is taken away: a selection as text, and the nodes that it means.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use model::fact::EntityFact;
use model::kind::{EntityKind as K, RelationKind as R};
use serde_json::Value;

use crate::failure::{Extra, Model, expanded};

/// One selection: an id or name, or terms that must all hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selection {
    text: String,
    terms: Vec<Term>,
}

/// One term of a selection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term {
    /// What is compared (`zone`, `label.tier`).
    pub key: String,
    /// With what; a `*` at its end matches any rest.
    pub value: String,
}

/// Keys of terms, but for labels and properties.
const KEYS: [&str; 12] = [
    "id",
    "kind",
    "name",
    "account",
    "region",
    "zone",
    "cluster",
    "namespace",
    "environment",
    "image",
    "version",
    "owner",
];

fn is_key(key: &str) -> bool {
    let of = |prefix: &str| key.strip_prefix(prefix).is_some_and(|name| !name.is_empty());
    KEYS.contains(&key) || of("label.") || of("property.")
}

impl FromStr for Selection {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("an empty selection means nothing".to_owned());
        }
        let first = text.split_once('=').map(|(key, _)| key.trim());
        if !first.is_some_and(is_key) {
            // An id may have an equals sign in it, but a word before one is meant as a key.
            let is_word =
                |key: &str| key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if let Some(key) = first.filter(|key| is_word(key)) {
                let known = KEYS.join(", ");
                return Err(format!(
                    "`{key}` is no key of a selection; keys are {known}, label.K and property.K"
                ));
            }
            return Ok(Self { text: text.to_owned(), terms: Vec::new() });
        }
        let mut terms = Vec::new();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (key, value) =
                part.split_once('=').ok_or_else(|| format!("`{part}` is not KEY=VALUE"))?;
            let (key, value) = (key.trim(), value.trim());
            if !is_key(key) {
                return Err(format!("`{key}` is no key of a selection"));
            }
            if value.is_empty() {
                return Err(format!("`{key}` has no value"));
            }
            if key == "kind" {
                value.parse::<K>()?;
            }
            terms.push(Term { key: key.to_owned(), value: value.to_owned() });
        }
        Ok(Self { text: text.to_owned(), terms })
    }
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Selection {
    /// The id or name, when it is one.
    pub fn plain(&self) -> Option<&str> {
        match self.terms.as_slice() {
            [] => Some(&self.text),
            [Term { key, value }] if key == "id" => Some(value),
            _ => None,
        }
    }

    /// Whether what replaces a pod of it would be the same again: a bad image, a bad version.
    pub fn is_of_content(&self) -> bool {
        self.terms.iter().any(|term| matches!(term.key.as_str(), "image" | "version"))
    }
}

/// The nodes that a selection takes away, with what they cover; `plain` is the entity of an id.
pub(super) fn nodes(model: &Model, selection: &Selection, plain: Option<u32>) -> BTreeSet<u32> {
    let estate = model.estate();
    if let Some(one) = plain {
        return expanded(estate, one).into_iter().collect();
    }
    let is_scope = |term: &Term| {
        matches!(term.key.as_str(), "account" | "region" | "zone" | "cluster" | "namespace")
    };
    // A place alone is taken away itself; what stands in it follows.
    if let [term] = selection.terms.as_slice()
        && is_scope(term)
    {
        let places = places(model, term);
        if !places.is_empty() {
            return places;
        }
    }
    let is_only_scope = selection.terms.iter().all(is_scope);
    let mut found = BTreeSet::new();
    for one in (0_u32..).take(estate.len()).filter(|one| !estate.is_outside(*one)) {
        let entity = estate.entity(one);
        let can_break = !is_only_scope || breaks(entity.kind);
        if can_break && selection.terms.iter().all(|term| holds(model, one, term)) {
            found.extend(expanded(estate, one));
        }
    }
    found
}

/// The place that a term names, as nodes with what they cover.
fn places(model: &Model, term: &Term) -> BTreeSet<u32> {
    let estate = model.estate();
    let kind = match term.key.as_str() {
        "account" => K::Account,
        "region" => K::Region,
        "cluster" => K::KubernetesCluster,
        "namespace" => K::KubernetesNamespace,
        _ => K::Zone,
    };
    let mut found = BTreeSet::new();
    for place in estate.of_kind(kind).filter(|one| !estate.is_outside(*one)) {
        let entity = estate.entity(place);
        let scope = match kind {
            K::Account => entity.scope.account.as_deref(),
            K::Region => entity.scope.region.as_deref(),
            K::KubernetesCluster => entity.scope.cluster.as_deref(),
            K::Zone => entity.scope.zone.as_deref(),
            _ => None,
        };
        let last = entity.id.rsplit('/').next();
        let names = [Some(entity.name.as_str()), Some(entity.id.as_str()), last, scope];
        if names.into_iter().flatten().any(|name| matches(&term.value, name)) {
            found.extend(expanded(estate, place));
        }
    }
    if kind == K::Zone {
        let extra = (estate.len()..model.len()).map(|node| node as u32);
        found.extend(extra.filter(|node| match model.extra(*node) {
            Some(Extra::Zone { name }) => matches(&term.value, name),
            _ => false,
        }));
    }
    found
}

/// Kinds that a place takes with it.
fn breaks(kind: K) -> bool {
    !matches!(
        kind,
        K::Organisation
            | K::BusinessUnit
            | K::Team
            | K::Product
            | K::Application
            | K::Image
            | K::Client
            | K::ExternalEndpoint
            | K::Commitment
            | K::Snapshot
    )
}

fn matches(pattern: &str, value: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => value.starts_with(start),
        None => value == pattern,
    }
}

fn holds(model: &Model, one: u32, term: &Term) -> bool {
    let estate = model.estate();
    let entity = estate.entity(one);
    let scope = &entity.scope;
    let is = |value: Option<&str>| value.is_some_and(|value| matches(&term.value, value));
    match term.key.as_str() {
        "id" => is(Some(&entity.id)),
        "kind" => entity.kind.as_str() == term.value,
        "name" => is(Some(&entity.name)),
        "account" => is(scope.account.as_deref()),
        "region" => is(scope.region.as_deref()),
        "zone" => is(scope.zone.as_deref()),
        "cluster" => is(scope.cluster.as_deref()) || is(entity.cluster_name.as_deref()),
        "namespace" => is(scope.namespace.as_deref()),
        "environment" => {
            let id = entity.id.strip_prefix("service://").and_then(|rest| rest.split('/').next());
            is(scope.environment.as_deref()) || is(id)
        }
        "image" => has_image(model, one, &term.value),
        "version" => has_version(entity, &term.value),
        "owner" => {
            let name = entity.owner.as_deref().and_then(|owner| estate.find(owner));
            is(entity.owner.as_deref()) || is(name.map(|owner| estate.entity(owner).name.as_str()))
        }
        key => match (key.strip_prefix("label."), key.strip_prefix("property.")) {
            (Some(label), _) => is(entity.labels.get(label).map(String::as_str)),
            (_, Some(property)) => entity.properties.get(property).is_some_and(|value| {
                let text = match value {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                matches(&term.value, &text)
            }),
            _ => false,
        },
    }
}

/// Whether a pod, task or instance runs an image, by its id, its name or as its pod names it.
fn has_image(model: &Model, one: u32, image: &str) -> bool {
    let estate = model.estate();
    let entity = estate.entity(one);
    if !matches!(entity.kind, K::Pod | K::Task | K::Instance | K::Function) {
        return false;
    }
    let of = |far: u32| {
        let far = estate.entity(far);
        matches(image, &far.id) || matches(image, &far.name)
    };
    estate.far(one, R::UsesImage).any(of) || named_images(entity).any(|name| matches(image, name))
}

fn named_images(entity: &EntityFact) -> impl Iterator<Item = &str> {
    let images = entity.properties.get("images").and_then(Value::as_array);
    images.into_iter().flatten().filter_map(Value::as_str)
}

/// Whether something has a version: its own, its engine's, its label's, or its image's tag.
fn has_version(entity: &EntityFact, version: &str) -> bool {
    const PROPERTIES: [&str; 5] =
        ["version", "engine_version", "kubelet_version", "addon_version", "service_version"];
    let stated = PROPERTIES.iter().filter_map(|name| entity.properties.get(*name)?.as_str());
    let label = entity.labels.get("app.kubernetes.io/version").map(String::as_str);
    let tags = named_images(entity).filter_map(|image| {
        let last = image.rsplit('/').next()?;
        last.split('@').next()?.split_once(':').map(|(_, tag)| tag)
    });
    stated.chain(label).chain(tags).any(|one| matches(version, one))
}
