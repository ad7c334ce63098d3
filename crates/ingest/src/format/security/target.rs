//! What was scanned. An image is its repository; digest and tags say which build was seen. A Kubernetes
//! object is its kind, namespace and name; a source tree its repository, else its path.

use model::kind::Confidence;
use model::reference::{Candidate, Cardinality};
use model::{AliasKey, EntityKind, Reference};

use crate::context::InputContext;
use crate::key;

/// What was scanned.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Without what changes from build to build.
    pub id: String,
    /// What it is in the estate.
    pub reference: Reference,
    /// Kubernetes object that runs the image: `{namespace}/{kind}/{name}`.
    pub workload: Option<String>,
    /// What that object is in the estate.
    pub runner: Option<Reference>,
    /// Digest of the image.
    pub digest: Option<String>,
    /// Names of the image.
    pub tags: Vec<String>,
}

impl Target {
    /// Something with one name.
    pub fn of(id: impl Into<String>, reference: Reference) -> Self {
        Self {
            id: id.into(),
            reference,
            workload: None,
            runner: None,
            digest: None,
            tags: Vec::new(),
        }
    }

    /// An image by its digests (`repository@sha256:…`) and tags (`repository:tag`); `None` without any.
    pub fn image(digests: &[String], tags: &[String]) -> Option<Self> {
        let first = digests.first().or(tags.first())?;
        let id = key::image(repository(first));
        let mut candidates = Vec::new();
        for (names, rule, confidence) in
            [(digests, "image digest", Confidence::Certain), (tags, "image tag", Confidence::High)]
        {
            for name in names {
                let all = vec![key::image(name)];
                candidates.push(Candidate { all, rule: rule.into(), confidence });
            }
        }
        let reference = Reference {
            candidates,
            kinds: vec![EntityKind::Image],
            cardinality: Cardinality::One,
            otherwise: None,
        };
        let digest = digests.first().and_then(|one| one.split_once('@')).map(|(_, digest)| digest);
        let mut tags = tags.to_vec();
        tags.sort();
        Some(Self {
            id: id.as_str().to_owned(),
            reference,
            workload: None,
            runner: None,
            digest: digest.map(str::to_owned),
            tags,
        })
    }

    /// A Kubernetes object. The cluster is the one the context names, else the report's own name of it,
    /// else any in which the object is the only one of its name.
    pub fn kubernetes(
        context: &InputContext,
        cluster: &str,
        (namespace, kind, name): (&str, &str, &str),
    ) -> Self {
        let kind = kind.to_ascii_lowercase();
        let namespace = Some(namespace).filter(|namespace| !namespace.is_empty());
        let stated = context.cluster_part().filter(|part| !part.is_empty());
        let part = stated.or(Some(cluster).filter(|name| !name.is_empty())).unwrap_or("*");
        let exact = key::kubernetes(part, namespace, &kind, name);
        let anywhere: AliasKey = key::kubernetes("*", namespace, &kind, name);
        let mut reference = Reference::key("kubernetes object", exact.clone());
        if part != "*" {
            reference = reference.or("kubernetes object", anywhere, Confidence::Medium);
        }
        Self::of(exact.as_str(), reference)
    }

    /// A source repository by its address, whatever the way to it.
    pub fn source(address: &str) -> Self {
        let id = format!("repository://{}", source_name(address));
        Self::of(id.clone(), Reference::key("repository", id))
    }

    /// Files below a path.
    pub fn path(path: &str) -> Self {
        let id = format!("path://{}", path.trim_end_matches('/'));
        Self::of(id.clone(), Reference::key("path", id))
    }

    /// The same image as one Kubernetes object runs it.
    pub fn run_by(mut self, object: &Self, (namespace, kind, name): (&str, &str, &str)) -> Self {
        self.runner = Some(object.reference.clone());
        let namespace = if namespace.is_empty() { "_" } else { namespace };
        self.workload = Some(format!("{namespace}/{}/{name}", kind.to_ascii_lowercase()));
        self
    }
}

/// An image's name without its tag and digest.
pub fn repository(image: &str) -> &str {
    let name = image.split_once('@').map_or(image, |(name, _digest)| name);
    match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => name,
    }
}

/// `git@github.com:a/b.git`, `https://user@github.com/a/b` and `github.com/a/b` are one name.
fn source_name(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let rest = rest.split_once('@').map_or(rest, |(user, host)| match user.contains('/') {
        true => rest,
        false => host,
    });
    let rest = match rest.split_once(':') {
        // scp's way of writing a path; a port is kept.
        Some((host, path)) if !path.starts_with(|c: char| c.is_ascii_digit()) => {
            format!("{host}/{path}")
        }
        _ => rest.to_owned(),
    };
    let rest = rest.trim_end_matches('/');
    rest.strip_suffix(".git").unwrap_or(rest).to_owned()
}

/// Whether a text is the address of a repository.
pub fn is_address(text: &str) -> bool {
    text.contains("://") && !text.starts_with("file:") || text.starts_with("git@")
}
