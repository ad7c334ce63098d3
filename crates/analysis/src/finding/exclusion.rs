//! What does not count, and why: words of vendors (VEX), of the report itself, and of people who
//! dismissed a finding.

use model::scan::Exclusion;
use model::time::Micros;

use super::Finding;
use super::alias::Aliases;

/// Somebody's word with the instant from which it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Since when.
    pub from: Micros,
    /// Until when, not included.
    pub until: Option<Micros>,
    /// Who brought it (`openvex:…`, `cyclonedx:…`).
    pub source: String,
    /// What.
    pub exclusion: Exclusion,
}

/// The words that are about a finding.
pub fn about(all: &[Said], finding: &Finding, aliases: &Aliases) -> Vec<Said> {
    all.iter().filter(|said| is_about(&said.exclusion, finding, aliases)).cloned().collect()
}

/// Of the words about one finding the one in force at an instant: the newest, and of two of one instant
/// the narrower; `None` when it says that the weakness applies, or nothing was said.
pub fn in_force(said: &[Said], at: Micros) -> Option<&Said> {
    let newest = said
        .iter()
        .filter(|said| said.from <= at && said.until.is_none_or(|until| until > at))
        .max_by_key(|said| (said.from, narrowness(&said.exclusion)))?;
    let status = newest.exclusion.status.as_str();
    matches!(status, "not_affected" | "false_positive" | "fixed").then_some(newest)
}

fn is_about(said: &Exclusion, finding: &Finding, aliases: &Aliases) -> bool {
    let key = &finding.key;
    let is_named = said
        .weaknesses
        .iter()
        .any(|name| aliases.canonical(name) == key.weakness || finding.aliases.contains(name));
    is_named
        && (said.package.is_empty() || said.package.to_lowercase() == key.part)
        && said.target.as_ref().is_none_or(|target| *target == key.target)
        && said.version.as_ref().is_none_or(|version| finding.installed.contains(version))
}

/// How many of package, version and target it names.
fn narrowness(said: &Exclusion) -> u8 {
    u8::from(!said.package.is_empty())
        + u8::from(said.version.is_some())
        + u8::from(said.target.is_some())
}

#[cfg(test)]
mod tests {
    use model::scan::ScanItem;

    use super::super::life::{Known, findings};
    use super::super::{Followed, Report};
    use super::*;

    fn said(from: i64, status: &str, package: &str, target: Option<&str>) -> Said {
        Said {
            from: Micros(from),
            until: None,
            source: "openvex:a".into(),
            exclusion: Exclusion {
                weaknesses: vec!["GHSA-x".into()],
                package: package.into(),
                target: target.map(str::to_owned),
                status: status.into(),
                ..Exclusion::default()
            },
        }
    }

    #[test]
    fn the_newest_word_about_it_holds_and_a_later_one_takes_it_back() {
        let item = ScanItem {
            weaknesses: vec!["CVE-1".into(), "GHSA-x".into()],
            package: "Beans".into(),
            ..ScanItem::default()
        };
        let report = Report {
            scanner: "trivy".into(),
            class: "vulnerability".into(),
            target: "image://a".into(),
            workload: None,
            builds: Vec::new(),
            at: Micros(1),
            is_complete: true,
            items: vec![item],
        };
        let followed: Vec<Followed> = Vec::new();
        let (found, aliases) = findings(&Known { reports: vec![report], followed }, Micros(9));
        let holds =
            |all: &[Said], at| in_force(&about(all, &found[0], &aliases), Micros(at)).is_some();
        let no = [said(3, "not_affected", "beans", Some("image://a"))];
        assert!(!holds(&no, 2) && holds(&no, 3));
        assert!(!holds(&[said(3, "not_affected", "other", None)], 9));
        assert!(!holds(&[said(3, "not_affected", "", Some("image://b"))], 9));
        let back = [said(3, "not_affected", "", None), said(5, "affected", "", None)];
        assert!(holds(&back, 4) && !holds(&back, 5));
        let until = [Said { until: Some(Micros(7)), ..said(3, "fixed", "", None) }];
        assert!(holds(&until, 6) && !holds(&until, 7));
    }
}
