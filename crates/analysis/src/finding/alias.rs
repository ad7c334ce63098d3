//! One name for a weakness that several lists name: a GHSA that is reported together with one CVE is
//! that CVE. Advisories of vendors bundle several weaknesses and are never merged.

use std::collections::BTreeMap;

/// Which CVE each GHSA is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aliases(BTreeMap<String, String>);

impl Aliases {
    /// From lists of names, each of one finding. Of several CVEs for one GHSA the least is taken, so
    /// that the order does not matter. O(names · log names).
    pub fn of<'a>(lists: impl Iterator<Item = &'a [String]>) -> Self {
        let mut known: BTreeMap<String, String> = BTreeMap::new();
        for names in lists {
            let mut cves = names.iter().filter(|name| name.starts_with("CVE-"));
            let (Some(cve), None) = (cves.next(), cves.next()) else { continue };
            for name in names.iter().filter(|name| name.starts_with("GHSA-")) {
                let held = known.entry(name.clone()).or_insert_with(|| cve.clone());
                if *cve < *held {
                    held.clone_from(cve);
                }
            }
        }
        Self(known)
    }

    /// The name under which a weakness is known.
    pub fn canonical<'a>(&'a self, name: &'a str) -> &'a str {
        self.0.get(name).map_or(name, String::as_str)
    }

    /// The name of what these names are of: their one CVE, else the CVE of a GHSA, else the first.
    pub fn name<'a>(&'a self, names: &'a [String]) -> &'a str {
        let mut cves = names.iter().filter(|name| name.starts_with("CVE-"));
        if let (Some(cve), None) = (cves.next(), cves.next()) {
            return cve;
        }
        let first = names.first().map_or("unnamed", String::as_str);
        let ghsa = names.iter().find(|name| name.starts_with("GHSA-"));
        match ghsa.filter(|_| !first.starts_with("CVE-")) {
            Some(ghsa) => self.canonical(ghsa),
            None => self.canonical(first),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ghsa_is_the_cve_it_comes_with_and_bundles_are_not_merged() {
        let names = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let lists =
            [names("CVE-1 GHSA-a"), names("GHSA-b"), names("CVE-2 CVE-3 GHSA-c"), names("RULE")];
        let known = Aliases::of(lists.iter().map(Vec::as_slice));
        assert_eq!(known.name(&names("GHSA-a")), "CVE-1");
        assert_eq!(known.name(&names("SNYK-1 GHSA-a")), "CVE-1");
        assert_eq!(known.name(&names("GHSA-b")), "GHSA-b");
        assert_eq!(known.name(&names("GHSA-c")), "GHSA-c");
        assert_eq!(known.name(&names("CVE-2 CVE-3")), "CVE-2");
        assert_eq!(known.name(&names("RULE")), "RULE");
    }
}
