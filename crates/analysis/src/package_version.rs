//! Versions of packages, compared by the rules of their ecosystem. A list of versions that mend a
//! weakness holds one for each line of releases; the one that mends an installed version is the least
//! that is later than it.

mod apk;
mod debian;
mod maven;
mod python;
mod rpm;
mod semantic;

use std::cmp::Ordering;

/// Rules by which versions are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionRules {
    /// Debian policy 5.6.12, as dpkg implements it.
    Debian,
    /// rpm's `rpmvercmp`, with epoch and release.
    Rpm,
    /// Alpine's apk.
    Apk,
    /// Semantic Versioning 2.0.0, read loosely: a leading `v`, fewer or more parts than three.
    Semantic,
    /// PEP 440.
    Python,
    /// Maven's `ComparableVersion`.
    Maven,
    /// Numbers by value and texts by letter: for ecosystems that are not known.
    Natural,
}

impl VersionRules {
    /// The rules of a package URL's type.
    pub fn of(ecosystem: Option<&str>) -> Self {
        match ecosystem.unwrap_or_default().to_ascii_lowercase().as_str() {
            "deb" | "debian" | "ubuntu" => Self::Debian,
            "rpm" | "redhat" | "amazon" | "centos" => Self::Rpm,
            "apk" | "alpine" => Self::Apk,
            "npm" | "golang" | "go" | "cargo" | "nuget" | "composer" | "hex" | "pub" | "swift"
            | "gem" | "semver" => Self::Semantic,
            "pypi" | "python" | "pip" => Self::Python,
            "maven" | "java" | "gradle" => Self::Maven,
            _ => Self::Natural,
        }
    }

    /// Which of two versions is later. O(length).
    pub fn compare(self, a: &str, b: &str) -> Ordering {
        let (a, b) = (a.trim(), b.trim());
        match self {
            Self::Debian => debian::compare(a, b),
            Self::Rpm => rpm::compare(a, b),
            Self::Apk => apk::compare(a, b),
            Self::Semantic => semantic::compare(a, b),
            Self::Python => python::compare(a, b),
            Self::Maven => maven::compare(a, b),
            Self::Natural => natural(a, b),
        }
    }

    /// Of the versions that mend a weakness (joined by commas) the least that is later than the
    /// installed one; `None` when there is none. Without an installed version the least of all.
    pub fn mended_by<'a>(self, installed: Option<&str>, fixed: &'a str) -> Option<&'a str> {
        let is_later = |one: &&str| {
            installed.is_none_or(|installed| self.compare(one, installed) == Ordering::Greater)
        };
        let all = fixed.split([',', '|']).map(str::trim).filter(|one| !one.is_empty());
        all.filter(is_later).min_by(|a, b| self.compare(a, b))
    }
}

/// Numbers by value, texts by letter; what is neither only divides. A version that goes on is later.
fn natural(a: &str, b: &str) -> Ordering {
    let (a, b) = (parts(a), parts(b));
    for (left, right) in a.iter().zip(&b) {
        let is_number = |part: &str| part.as_bytes().first().is_some_and(u8::is_ascii_digit);
        let order = match (is_number(left), is_number(right)) {
            (true, true) => numeric(left, right),
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => left.cmp(right),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    a.len().cmp(&b.len())
}

/// Runs of digits and of letters.
fn parts(text: &str) -> Vec<&str> {
    let kind = |byte: u8| (byte.is_ascii_digit(), byte.is_ascii_alphanumeric());
    text.as_bytes()
        .chunk_by(|a, b| kind(*a) == kind(*b))
        .scan(0, |at, run| {
            let start = *at;
            *at += run.len();
            Some(text.get(start..*at).unwrap_or_default())
        })
        .filter(|run| run.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !run.is_empty())
        .collect()
}

/// Two runs of digits by value, whatever their length.
fn numeric(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// The leading digits of a text and what follows them.
fn digits(text: &str) -> (&str, &str) {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests;
