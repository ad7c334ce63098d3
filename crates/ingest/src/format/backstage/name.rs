//! Names of a catalog: `[kind:][namespace/]name`, whatever the case.

use std::fmt;

use crate::format::documents::Document;

/// The namespace of what names none.
const DEFAULT: &str = "default";

/// Longest part of a name in bytes, twice what Backstage allows.
const PART_BYTES_MAX: usize = 126;

/// One name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Kind, in lower case.
    pub kind: String,
    /// Namespace, in lower case.
    pub namespace: String,
    /// Name, as written.
    pub name: String,
}

impl Name {
    /// The name of a document.
    pub fn of(document: &Document) -> Result<Self, (&'static str, String)> {
        let name = document.name().ok_or_else(|| ("metadata.name", "is missing".to_owned()))?;
        let namespace = document.text(&["metadata", "namespace"]).unwrap_or(DEFAULT);
        let text = format!("{}:{namespace}/{name}", document.kind);
        Self::parse(&text, "component").map_err(|reason| ("metadata.name", reason))
    }

    /// A name as another document writes it.
    pub fn parse(text: &str, default_kind: &str) -> Result<Self, String> {
        let (kind, rest) = text.split_once(':').unwrap_or((default_kind, text));
        let (namespace, name) = rest.split_once('/').unwrap_or((DEFAULT, rest));
        let is_part = |part: &str| {
            !part.is_empty()
                && part.len() <= PART_BYTES_MAX
                && part.chars().all(|letter| letter.is_alphanumeric() || "-_.".contains(letter))
        };
        if ![kind, namespace, name].into_iter().all(is_part) {
            return Err(format!("`{text}` is not [kind:][namespace/]name"));
        }
        Ok(Self {
            kind: kind.to_lowercase(),
            namespace: namespace.to_lowercase(),
            name: name.to_owned(),
        })
    }

    /// The name, with its namespace where that is not the default.
    pub fn local(&self) -> String {
        match self.namespace.as_str() {
            DEFAULT => self.name.clone(),
            namespace => format!("{namespace}/{}", self.name),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}/{}", self.kind, self.namespace, self.name.to_lowercase())
    }
}
