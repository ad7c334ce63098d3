//! Package URLs: `pkg:maven/org.springframework/spring-beans@5.3.15?type=jar`.

/// The parts of a package URL that say which package it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageUrl {
    /// Type, lower case (`deb`, `npm`, `maven`, `oci`).
    pub kind: String,
    /// The name as scanners print it: with the group for Maven (`group:name`), npm (`@scope/name`), Go
    /// and the like; without the distribution for packages of an operating system.
    pub name: String,
    /// Version.
    pub version: Option<String>,
    /// Qualifiers, in order.
    pub qualifiers: Vec<(String, String)>,
}

impl PackageUrl {
    /// Reads a package URL; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("pkg:")?.trim_start_matches('/');
        let rest = rest.split_once('#').map_or(rest, |(rest, _subpath)| rest);
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (kind, path) = rest.split_once('/')?;
        let (path, version) = match path.rsplit_once('@') {
            Some((path, version)) if !path.is_empty() && !version.contains('/') => {
                (path, Some(decoded(version)))
            }
            _ => (path, None),
        };
        let kind = kind.to_ascii_lowercase();
        let parts: Vec<String> =
            path.split('/').filter(|part| !part.is_empty()).map(decoded).collect();
        let (last, group) = parts.split_last()?;
        let is_system = matches!(kind.as_str(), "deb" | "rpm" | "apk" | "alpm" | "oci" | "docker");
        let name = match kind.as_str() {
            _ if group.is_empty() || (is_system && kind != "docker") => last.clone(),
            "maven" => format!("{}:{last}", group.join(".")),
            _ => format!("{}/{last}", group.join("/")),
        };
        let qualifiers = query.split('&').filter_map(|pair| pair.split_once('='));
        let qualifiers =
            qualifiers.map(|(name, value)| (name.to_owned(), decoded(value))).collect();
        Some(Self { kind, name, version, qualifiers })
    }

    /// A qualifier.
    pub fn qualifier(&self, name: &str) -> Option<&str> {
        self.qualifiers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Percent-decoded; what is no code stays as it is.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let code = bytes.get(at + 1..at + 3).filter(|_| *byte == b'%');
        let code = code.and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(code) => {
                out.push(code);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
