//! What the dated tables say of a version at an instant. Dates are those on which support ends: from
//! the beginning of that day in UTC it has ended.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::parse::{DatabaseVersion, EksVersion, RemovedApi, SqlServerVersion};
use super::{DatedTables, days_between};

/// How a version is supported at an instant.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SupportStatus {
    /// Under standard support.
    Standard,
    /// Only under extended support, which costs extra.
    Extended,
    /// Under none.
    Unsupported,
    /// The table has no row for it, or the version is not known.
    Unknown,
}

impl SupportStatus {
    /// The word on every wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Extended => "extended",
            Self::Unsupported => "unsupported",
            Self::Unknown => "unknown",
        }
    }
}

/// What a table says of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Support {
    /// Status at the instant asked about.
    pub status: SupportStatus,
    /// Day on which standard support ends.
    pub standard_support_end: Option<Date>,
    /// Day on which extended support ends; null where there is none.
    pub extended_support_end: Option<Date>,
    /// Where the row is from.
    pub source: Option<String>,
    /// When the row was checked.
    pub checked: Option<Date>,
    /// Why the status is unknown.
    pub reason: Option<String>,
}

impl Support {
    /// A status that nothing is known of.
    pub fn unknown(reason: impl Into<String>) -> Self {
        Self {
            status: SupportStatus::Unknown,
            standard_support_end: None,
            extended_support_end: None,
            source: None,
            checked: None,
            reason: Some(reason.into()),
        }
    }

    fn at(at: Date, standard: Date, extended: Option<Date>, source: &str, checked: Date) -> Self {
        let status = if at < standard {
            SupportStatus::Standard
        } else if extended.is_some_and(|end| at < end) {
            SupportStatus::Extended
        } else {
            SupportStatus::Unsupported
        };
        Self {
            status,
            standard_support_end: Some(standard),
            extended_support_end: extended,
            source: Some(source.to_owned()),
            checked: Some(checked),
            reason: None,
        }
    }
}

/// How far a machine image is behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AmiLag {
    /// Releases after it, up to the instant asked about.
    pub releases: u64,
    /// Days between it and the newest of them; 0 when there is none.
    pub days: i64,
    /// Newest release that the table knows at the instant.
    pub newest: Date,
}

/// Minor of a Kubernetes version, however it is written: `1.30`, `v1.30.4-eks-a737599`, `1.30+`.
pub fn minor_of(version: &str) -> Option<u32> {
    let mut parts = version.trim().trim_start_matches('v').split('.');
    if parts.next()? != "1" {
        return None;
    }
    let minor = parts.next()?;
    let digits = minor.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    let digits = digits.split(|letter: char| !letter.is_ascii_digit()).next()?;
    digits.parse().ok()
}

impl EksVersion {
    /// Its minor.
    pub fn minor(&self) -> Option<u32> {
        minor_of(&self.version)
    }
}

impl RemovedApi {
    /// Minor of the first version that no longer serves it.
    pub fn minor(&self) -> Option<u32> {
        minor_of(&self.removed_in)
    }
}

impl DatedTables {
    /// Support of a Kubernetes version on EKS.
    pub fn eks_support(&self, version: &str, at: Date) -> Support {
        let Some(minor) = minor_of(version) else {
            return Support::unknown(format!("`{version}` is no version of Kubernetes"));
        };
        match self.eks.iter().find(|row| row.minor() == Some(minor)) {
            Some(row) => Support::at(
                at,
                row.standard_support_end,
                row.extended_support_end,
                &row.source,
                row.checked,
            ),
            None => Support::unknown(format!("the table has no row for 1.{minor}")),
        }
    }

    /// Support of a database engine; `hosting` is `rds` or `self_managed`.
    pub fn database_support(
        &self,
        hosting: &str,
        engine: &str,
        version: &str,
        at: Date,
    ) -> Support {
        if engine.starts_with("sqlserver") {
            return self.sql_server_support(version, at);
        }
        // Aurora's first name for its MySQL.
        let engine = if engine == "aurora" { "aurora-mysql" } else { engine };
        let of_engine = |row: &&DatabaseVersion| row.hosting == hosting && row.engine == engine;
        let rows = self.databases.iter().filter(of_engine);
        let matching = rows.filter_map(|row| Some((begins(version, &row.version)?, row)));
        match matching.max_by_key(|(parts, _)| *parts) {
            Some((_, row)) => Support::at(
                at,
                row.standard_support_end,
                row.extended_support_end,
                &row.source,
                row.checked,
            ),
            None => Support::unknown(format!("the table has no row for {engine} {version}")),
        }
    }

    /// Support of SQL Server by its version number (`15.00.4322`) or its release (`2019`): extended
    /// support is support; what is sold after its end counts as extended.
    pub fn sql_server_support(&self, version: &str, at: Date) -> Support {
        match self.sql_server_row(version) {
            Some(row) => Support::at(
                at,
                row.extended_support_end,
                row.security_updates_end,
                &row.source,
                row.checked,
            ),
            None => Support::unknown(format!("the table has no row for SQL Server {version}")),
        }
    }

    /// The release of SQL Server that a version number or a year names.
    pub fn sql_server_row(&self, version: &str) -> Option<&SqlServerVersion> {
        if let Some(row) = self.sql_server.iter().find(|row| row.release == version) {
            return Some(row);
        }
        let rows = self.sql_server.iter();
        let matching = rows.filter_map(|row| Some((begins(version, &row.version)?, row)));
        matching.max_by_key(|(parts, _)| *parts).map(|(_, row)| row)
    }

    /// How far an image of a family is behind at an instant; `None` when the table has no row for its
    /// release.
    pub fn ami_lag(&self, image: &str, released: Date, at: Date) -> Option<AmiLag> {
        let known = || self.amis.iter().filter(|row| row.image == image && row.released <= at);
        if !known().any(|row| row.released == released) {
            return None;
        }
        let newest = known().map(|row| row.released).max()?;
        let releases = known().filter(|row| row.released > released).count() as u64;
        Some(AmiLag { releases, days: days_between(released, newest), newest })
    }
}

/// How many parts of a version a row's version is the beginning of, all of them being equal: `10`
/// begins `10.7`, `15` begins `15.00.4322`, `1` does not begin `16`.
fn begins(version: &str, row: &str) -> Option<usize> {
    let parts = |text: &str| -> Vec<String> {
        let parts = text.split(|letter: char| !letter.is_ascii_alphanumeric());
        let plain = |part: &str| part.parse::<u64>().map_or(part.to_owned(), |n| n.to_string());
        parts.map(plain).collect()
    };
    let (version, row) = (parts(version), parts(row));
    version.starts_with(&row).then_some(row.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use SupportStatus as S;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_of_end_is_the_first_without() {
        let tables = DatedTables::built_in();
        // EKS 1.30: standard until 23 July 2025, extended until 23 July 2026.
        let status = |at: &str| tables.eks_support("1.30", day(at)).status;
        assert_eq!(status("2025-07-22"), S::Standard);
        assert_eq!(status("2025-07-23"), S::Extended);
        assert_eq!(status("2026-07-22"), S::Extended);
        assert_eq!(status("2026-07-23"), S::Unsupported);
    }

    #[test]
    fn versions_without_extended_support_end_at_once() {
        let tables = DatedTables::built_in();
        for version in ["1.10", "1.14", "1.20"] {
            assert_eq!(tables.eks_support(version, day("2023-01-01")).status, S::Unsupported);
        }
        assert_eq!(tables.eks_support("1.10", day("2019-07-21")).status, S::Standard);
    }

    #[test]
    fn what_the_table_does_not_hold_is_unknown() {
        let tables = DatedTables::built_in();
        let of = |version: &str| tables.eks_support(version, day("2026-01-01"));
        assert_eq!(of("1.99").status, S::Unknown);
        assert_eq!(of("1.9").status, S::Unknown);
        assert_eq!(of("soon").status, S::Unknown);
        assert!(of("1.99").reason.is_some());
        let database = |engine: &str, version: &str| {
            tables.database_support("rds", engine, version, day("2026-01-01")).status
        };
        assert_eq!(database("oracle-ee", "19.0.0.0.ru-2022-10.rur-2022-10.r1"), S::Unknown);
        assert_eq!(database("postgres", "postgres"), S::Unknown);
        assert_eq!(database("postgres", "9.4.7"), S::Unknown);
        assert_eq!(database("mysql", ""), S::Unknown);
    }

    #[test]
    fn database_versions_match_at_their_parts() {
        let tables = DatedTables::built_in();
        let database = |engine: &str, version: &str, at: &str| {
            tables.database_support("rds", engine, version, day(at)).status
        };
        assert_eq!(database("postgres", "13.7", "2026-02-27"), S::Standard);
        assert_eq!(database("postgres", "13.7", "2026-02-28"), S::Extended);
        assert_eq!(database("aurora-mysql", "5.7.mysql_aurora.2.11.2", "2025-01-01"), S::Extended);
        assert_eq!(database("aurora", "5.6.10a", "2023-02-28"), S::Unsupported);
        assert_eq!(database("mysql", "8.0.28", "2026-07-30"), S::Standard);
        assert_eq!(database("mariadb", "10.3.39", "2024-01-01"), S::Unsupported);
        // 10.11 is not 10.1, and 1 is no beginning of 16.
        assert_eq!(begins("10.11.4", "10.1"), None);
        assert_eq!(begins("16.3", "1"), None);
        assert_eq!(begins("16-alpine", "16"), Some(1));
    }

    #[test]
    fn sql_server_goes_by_number_or_year() {
        let tables = DatedTables::built_in();
        let of = |version: &str, at: &str| tables.sql_server_support(version, day(at)).status;
        assert_eq!(of("15.00.4322.2.v1", "2026-01-01"), S::Standard);
        assert_eq!(of("2019", "2030-01-08"), S::Unsupported);
        assert_eq!(of("2016", "2026-07-14"), S::Extended);
        assert_eq!(of("10.50.6000.34.v1", "2026-01-01"), S::Unsupported);
        assert_eq!(tables.sql_server_row("10.50.6000.34").unwrap().release, "2008 R2");
        assert_eq!(tables.sql_server_row("10.00.6000").unwrap().release, "2008");
        assert_eq!(of("Standard", "2026-01-01"), S::Unknown);
    }

    #[test]
    fn minors_are_read_however_they_are_written() {
        for text in ["1.30", "v1.30.4-eks-a737599", "1.30+", "v1.30.0"] {
            assert_eq!(minor_of(text), Some(30), "{text}");
        }
        for text in ["", "2.30", "1", "1.", "1.x", "latest"] {
            assert_eq!(minor_of(text), None, "{text}");
        }
    }

    #[test]
    fn lag_counts_the_releases_after() {
        let mut tables = DatedTables::default();
        let text = "image,released,source,checked\n\
                    a,2025-01-01,https://example.org,2025-06-01\n\
                    a,2025-02-01,https://example.org,2025-06-01\n\
                    a,2025-03-01,https://example.org,2025-06-01\n\
                    b,2025-03-05,https://example.org,2025-06-01\n";
        tables.replace("ami_releases.csv", text).unwrap();
        let lag = |released: &str, at: &str| {
            tables.ami_lag("a", day(released), day(at)).map(|lag| (lag.releases, lag.days))
        };
        assert_eq!(lag("2025-01-01", "2025-06-01"), Some((2, 59)));
        assert_eq!(lag("2025-01-01", "2025-02-15"), Some((1, 31)));
        assert_eq!(lag("2025-03-01", "2025-06-01"), Some((0, 0)));
        assert_eq!(lag("2025-01-15", "2025-06-01"), None);
        assert_eq!(lag("2025-03-01", "2025-02-01"), None);
    }
}
