//! The tables of `security_events`.

use model::table::{Cell, Table};
use serde_json::{Value, json};

use super::shape::{SecurityEventsAnswer, SecurityFinding};

impl SecurityEventsAnswer {
    /// Findings, counts, groups, trend, times, targets, and what stands beside them.
    pub(super) fn tables(&self) -> Vec<Table> {
        vec![
            self.finding_table(),
            self.severity_table(),
            self.group_table(),
            self.trend_table(),
            self.remediation_table(),
            self.target_table(),
            self.suppressed_table(),
            self.incident_table(),
            self.scan_table(),
        ]
    }

    fn finding_table(&self) -> Table {
        let mut table = Table::new(
            "findings",
            &[
                ("weakness", "Weakness", Cell::Text, ""),
                ("severity", "Severity", Cell::Text, ""),
                ("state", "State", Cell::Text, ""),
                ("package", "Package", Cell::Text, ""),
                ("installed", "Installed", Cell::Text, ""),
                ("fixed_version", "Fixed in", Cell::Text, ""),
                ("target", "Target", Cell::Text, ""),
                ("workload", "Workload", Cell::Text, ""),
                ("owner", "Owner", Cell::Text, ""),
                ("known_exploited", "Known exploited", Cell::Flag, ""),
                ("probability", "Exploit likelihood", Cell::Number, "1"),
                ("exposure", "Exposure", Cell::Text, ""),
                ("path", "Path", Cell::Text, ""),
                ("first_seen", "First seen", Cell::Instant, ""),
                ("age_seconds", "Age", Cell::Count, "s"),
                ("fix_age_seconds", "Fix known for", Cell::Count, "s"),
                ("due", "Due", Cell::Instant, ""),
                ("is_overdue", "Overdue", Cell::Flag, ""),
                ("scanners", "Found by", Cell::Text, ""),
                ("title", "Title", Cell::Text, ""),
                ("id", "Id", Cell::Text, ""),
            ],
        );
        table.rows.extend(self.findings.iter().map(row));
        table
    }

    fn severity_table(&self) -> Table {
        let mut table = Table::new(
            "severities",
            &[
                ("severity", "Severity", Cell::Text, ""),
                ("open", "Open", Cell::Count, ""),
                ("known_exploited", "Known exploited", Cell::Count, ""),
                ("fix_available", "With a fix", Cell::Count, ""),
                ("exposed", "Exposed", Cell::Count, ""),
                ("overdue", "Overdue", Cell::Count, ""),
                ("days_7", "Up to 7 days", Cell::Count, ""),
                ("days_30", "Up to 30 days", Cell::Count, ""),
                ("days_90", "Up to 90 days", Cell::Count, ""),
                ("days_180", "Up to 180 days", Cell::Count, ""),
                ("older", "Older", Cell::Count, ""),
            ],
        );
        for one in &self.summary.severities {
            let mut row = vec![
                word(&one.severity),
                one.open.into(),
                one.known_exploited.into(),
                one.fix_available.into(),
                one.exposed.into(),
                one.overdue.into(),
            ];
            row.extend(one.by_age.iter().map(|count| Value::from(*count)));
            table.rows.push(row);
        }
        table
    }

    fn group_table(&self) -> Table {
        let mut table = Table::new(
            "groups",
            &[
                ("name", "Group", Cell::Text, ""),
                ("open", "Open", Cell::Count, ""),
                ("critical", "Critical", Cell::Count, ""),
                ("high", "High", Cell::Count, ""),
                ("medium", "Medium", Cell::Count, ""),
                ("low", "Low", Cell::Count, ""),
                ("unknown", "Unknown", Cell::Count, ""),
                ("known_exploited", "Known exploited", Cell::Count, ""),
                ("fix_available", "With a fix", Cell::Count, ""),
                ("exposed", "Exposed", Cell::Count, ""),
                ("overdue", "Overdue", Cell::Count, ""),
                ("oldest_seconds", "Oldest", Cell::Count, "s"),
                ("key", "Id", Cell::Text, ""),
            ],
        );
        for one in &self.groups {
            table.rows.push(vec![
                one.name.clone().into(),
                one.open.into(),
                one.critical.into(),
                one.high.into(),
                one.medium.into(),
                one.low.into(),
                one.unknown.into(),
                one.known_exploited.into(),
                one.fix_available.into(),
                one.exposed.into(),
                one.overdue.into(),
                one.oldest_seconds.into(),
                one.key.clone().into(),
            ]);
        }
        table
    }

    fn trend_table(&self) -> Table {
        let mut table = Table::new(
            "trend",
            &[
                ("from", "From", Cell::Instant, ""),
                ("to", "To", Cell::Instant, ""),
                ("new", "New", Cell::Count, ""),
                ("fixed", "Fixed", Cell::Count, ""),
                ("reopened", "Reopened", Cell::Count, ""),
                ("open", "Open at the end", Cell::Count, ""),
                ("open_severe", "Of them critical and high", Cell::Count, ""),
            ],
        );
        for one in &self.trend {
            table.rows.push(vec![
                one.from.to_string().into(),
                one.to.to_string().into(),
                one.new.into(),
                one.fixed.into(),
                one.reopened.into(),
                one.open.into(),
                one.open_severe.into(),
            ]);
        }
        table
    }

    fn remediation_table(&self) -> Table {
        let mut table = Table::new(
            "remediation",
            &[
                ("severity", "Severity", Cell::Text, ""),
                ("appeared", "Appeared", Cell::Count, ""),
                ("fixed", "Fixed", Cell::Count, ""),
                ("censored", "Not fixed yet", Cell::Count, ""),
                ("median", "Median", Cell::Number, "s"),
                ("median_low", "From", Cell::Number, "s"),
                ("median_high", "To", Cell::Number, "s"),
                ("median_since_fix", "Median since a fix", Cell::Number, "s"),
                ("mean_fixed", "Mean of the fixed", Cell::Number, "s"),
                ("median_fixed", "Median of the fixed", Cell::Number, "s"),
                ("reason", "Why there is no median", Cell::Text, ""),
            ],
        );
        for one in &self.remediation {
            let [low, high] = one.median_interval.unwrap_or_default();
            table.rows.push(vec![
                one.severity.map_or_else(|| "all".into(), |severity| word(&severity)),
                one.appeared.into(),
                one.fixed.into(),
                one.censored.into(),
                one.median.value.into(),
                low.into(),
                high.into(),
                one.median_since_fix.value.into(),
                one.mean_fixed.value.into(),
                one.median_fixed.value.into(),
                json!(one.median.reason),
            ]);
        }
        table
    }

    fn target_table(&self) -> Table {
        let mut table = Table::new(
            "targets",
            &[
                ("target", "Target", Cell::Text, ""),
                ("days", "Days", Cell::Count, "d"),
                ("open", "Open", Cell::Count, ""),
                ("overdue", "Overdue", Cell::Count, ""),
                ("due_soon", "Due within 7 days", Cell::Count, ""),
                ("fixed_in_time", "Fixed in time", Cell::Count, ""),
                ("fixed_late", "Fixed late", Cell::Count, ""),
                ("kept", "Kept", Cell::Number, "1"),
            ],
        );
        for one in &self.targets {
            table.rows.push(vec![
                one.target.clone().into(),
                one.days.into(),
                one.open.into(),
                one.overdue.into(),
                one.due_soon.into(),
                one.fixed_in_time.into(),
                one.fixed_late.into(),
                one.kept.value.into(),
            ]);
        }
        table
    }

    fn suppressed_table(&self) -> Table {
        let mut table = Table::new(
            "suppressed",
            &[
                ("weakness", "Weakness", Cell::Text, ""),
                ("severity", "Severity", Cell::Text, ""),
                ("part", "Package or place", Cell::Text, ""),
                ("target", "Target", Cell::Text, ""),
                ("by", "By", Cell::Text, ""),
                ("author", "Author", Cell::Text, ""),
                ("reason", "Reason", Cell::Text, ""),
                ("since", "Since", Cell::Instant, ""),
                ("until", "Until", Cell::Instant, ""),
                ("id", "Id", Cell::Text, ""),
            ],
        );
        for one in &self.suppressed {
            let why = &one.suppression;
            table.rows.push(vec![
                one.weakness.clone().into(),
                word(&one.severity),
                one.part.clone().into(),
                one.target.clone().into(),
                why.by.clone().into(),
                why.author.clone().into(),
                why.reason.clone().into(),
                instant(why.since),
                instant(why.until),
                one.id.clone().into(),
            ]);
        }
        table
    }

    fn incident_table(&self) -> Table {
        let mut table = Table::new(
            "incidents",
            &[
                ("from", "From", Cell::Instant, ""),
                ("to", "To", Cell::Instant, ""),
                ("kind", "Kind", Cell::Text, ""),
                ("title", "Title", Cell::Text, ""),
                ("severity", "Severity", Cell::Text, ""),
                ("status", "Status", Cell::Text, ""),
                ("source", "Source", Cell::Text, ""),
                ("entities", "Concerns", Cell::Text, ""),
            ],
        );
        for one in &self.incidents {
            table.rows.push(vec![
                one.from.to_string().into(),
                instant(one.to),
                one.kind.clone().into(),
                one.title.clone().into(),
                one.severity.clone().into(),
                one.status.clone().into(),
                one.source.clone().into(),
                one.entities.join(", ").into(),
            ]);
        }
        table
    }

    fn scan_table(&self) -> Table {
        let mut table = Table::new(
            "scans",
            &[
                ("at", "Newest scan", Cell::Instant, ""),
                ("scanner", "Scanner", Cell::Text, ""),
                ("class", "Class", Cell::Text, ""),
                ("target", "Target", Cell::Text, ""),
                ("workload", "Workload", Cell::Text, ""),
                ("is_complete", "Complete", Cell::Flag, ""),
                ("listed", "Listed", Cell::Count, ""),
                ("scans", "Scans held", Cell::Count, ""),
            ],
        );
        for one in &self.scans {
            table.rows.push(vec![
                one.at.to_string().into(),
                one.scanner.clone().into(),
                one.class.clone().into(),
                one.target.clone().into(),
                one.workload.clone().into(),
                one.is_complete.into(),
                one.listed.into(),
                one.scans.into(),
            ]);
        }
        table
    }
}

fn row(one: &SecurityFinding) -> Vec<Value> {
    let path: Vec<&str> = one.exposure.path.iter().map(|step| step.name.as_str()).collect();
    vec![
        one.weakness.clone().into(),
        word(&one.severity),
        word(&one.state),
        one.package.clone().into(),
        one.installed_versions.join(", ").into(),
        one.fixed_version.clone().into(),
        one.target.clone().into(),
        one.workload.clone().into(),
        one.owners.join(", ").into(),
        one.known_exploited.is_some().into(),
        one.exploit_likelihood.as_ref().map(|one| one.probability).into(),
        word(&one.exposure.verdict),
        path.join(" → ").into(),
        one.first_seen.to_string().into(),
        one.age_seconds.into(),
        one.fix_age_seconds.into(),
        instant(one.due),
        one.is_overdue.into(),
        one.scanners.join(", ").into(),
        one.title.clone().into(),
        one.id.clone().into(),
    ]
}

fn instant(at: Option<jiff::Timestamp>) -> Value {
    at.map(|at| at.to_string()).into()
}

/// The word of a value on every wire.
fn word<T: serde::Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}
