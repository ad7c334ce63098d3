//! Facts that age: support dates, image releases, previous generations, removed APIs. Each is a CSV
//! file beside this one with a source and the date it was checked in every row; a user can replace
//! any of them. A row that is not known for sure is not there, and the answer says `unknown`.

mod parse;
mod support;

use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use model::envelope::Warning;
use model::table::{Cell, Table};
use model::time::Micros;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

pub use parse::{DatabaseVersion, EksVersion, PreviousGeneration, RemovedApi, SqlServerVersion};
pub use support::{AmiLag, Support, SupportStatus, minor_of};

/// A table that is older than this warns.
const AGE_DAYS_MAX: i64 = 90;

/// File names of the tables with what stands in them when nobody replaces them.
const BUILT_IN: [(&str, &str); 6] = [
    ("ami_releases.csv", include_str!("table/ami_releases.csv")),
    ("database_versions.csv", include_str!("table/database_versions.csv")),
    ("eks_versions.csv", include_str!("table/eks_versions.csv")),
    ("previous_generation.csv", include_str!("table/previous_generation.csv")),
    ("removed_apis.csv", include_str!("table/removed_apis.csv")),
    ("sql_server_versions.csv", include_str!("table/sql_server_versions.csv")),
];

/// One of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DatedTable {
    /// Releases of machine images.
    AmiReleases,
    /// Support of database engines.
    DatabaseVersions,
    /// Support of Kubernetes versions on EKS.
    EksVersions,
    /// Classes with a successor.
    PreviousGeneration,
    /// Kubernetes APIs by the version that no longer serves them.
    RemovedApis,
    /// Support of SQL Server.
    SqlServerVersions,
}

/// How a table stands, as answers show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TableUse {
    /// File name.
    pub name: String,
    /// Rows.
    pub rows: u64,
    /// Newest date at which a row was checked; null when the table has no row.
    pub checked: Option<Date>,
    /// Whether a user's file stands in for the program's own.
    pub is_replaced: bool,
}

/// All tables.
#[derive(Debug, Clone, Default)]
pub struct DatedTables {
    /// Support of Kubernetes versions on EKS.
    pub eks: Vec<EksVersion>,
    /// Support of database engines.
    pub databases: Vec<DatabaseVersion>,
    /// Support of SQL Server.
    pub sql_server: Vec<SqlServerVersion>,
    /// Kubernetes APIs that are no longer served.
    pub removed_apis: Vec<RemovedApi>,
    previous: Vec<PreviousGeneration>,
    amis: Vec<parse::AmiRelease>,
    uses: Vec<TableUse>,
}

impl DatedTables {
    /// The tables that the program brings.
    pub fn built_in() -> Arc<Self> {
        static TABLES: OnceLock<Arc<DatedTables>> = OnceLock::new();
        let read = || {
            let mut tables = Self::default();
            for (name, text) in BUILT_IN {
                tables.read(name, text, false).expect("a test reads every table that is built in");
            }
            Arc::new(tables)
        };
        Arc::clone(TABLES.get_or_init(read))
    }

    /// Names of the files that can be replaced, in order.
    pub fn file_names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// Takes a user's file in place of the program's own.
    ///
    /// # Errors
    /// When the name is none of [`Self::file_names`], a column is missing or a row cannot be read;
    /// the message names the file and the line.
    pub fn replace(&mut self, name: &str, text: &str) -> Result<(), String> {
        self.read(name, text, true)
    }

    fn read(&mut self, name: &str, text: &str, is_replaced: bool) -> Result<(), String> {
        let (rows, checked) = match name {
            "ami_releases.csv" => parse::into(&mut self.amis, name, text)?,
            "database_versions.csv" => parse::into(&mut self.databases, name, text)?,
            "eks_versions.csv" => parse::into(&mut self.eks, name, text)?,
            "previous_generation.csv" => parse::into(&mut self.previous, name, text)?,
            "removed_apis.csv" => parse::into(&mut self.removed_apis, name, text)?,
            "sql_server_versions.csv" => parse::into(&mut self.sql_server, name, text)?,
            other => return Err(format!("{other} is none of the tables that can be replaced")),
        };
        self.uses.retain(|one| one.name != name);
        self.uses.push(TableUse { name: name.to_owned(), rows, checked, is_replaced });
        self.uses.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(())
    }

    /// How the asked tables stand, in order of name.
    pub fn uses(&self, tables: &[DatedTable]) -> Vec<TableUse> {
        let asked = |one: &&TableUse| tables.iter().any(|table| file_name(*table) == one.name);
        self.uses.iter().filter(asked).cloned().collect()
    }

    /// A warning for each of the asked tables that is older than 90 days at an instant.
    pub fn age_warnings(&self, tables: &[DatedTable], at: Micros) -> Vec<Warning> {
        let at = date_of(at);
        let warning = |one: TableUse| {
            let checked = one.checked?;
            let days = days_between(checked, at);
            let message = format!(
                "the table {} was last checked on {checked}, {days} days before the instant asked \
                 about; replace it with a newer one (setting tables_dir)",
                one.name
            );
            (days > AGE_DAYS_MAX).then(|| Warning::new("table_age", message))
        };
        self.uses(tables).into_iter().filter_map(warning).collect()
    }

    /// The row of a class (`m3.large`, `db.m3.medium`, `gp2`) that has a successor; `service` is
    /// `ec2`, `rds`, `elasticache` or `ebs`. `None` says only that the table names none.
    pub fn previous_generation(&self, service: &str, class: &str) -> Option<&PreviousGeneration> {
        self.previous.iter().filter(|row| row.service == service).find(|row| {
            let rest = class.strip_prefix(row.class.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }
}

fn file_name(table: DatedTable) -> &'static str {
    BUILT_IN[table as usize].0
}

/// The dated tables as a table of an answer, without rows.
pub(crate) fn shape(name: &str) -> Table {
    let columns = [
        ("name", "Table", Cell::Text, ""),
        ("rows", "Rows", Cell::Count, ""),
        ("checked", "Last checked", Cell::Text, ""),
        ("is_replaced", "Replaced by the user", Cell::Flag, ""),
    ];
    Table::new(name, &columns)
}

/// Its rows.
pub(crate) fn rows(uses: &[TableUse]) -> Vec<Vec<serde_json::Value>> {
    let row = |one: &TableUse| {
        vec![json!(one.name), json!(one.rows), json!(one.checked), json!(one.is_replaced)]
    };
    uses.iter().map(row).collect()
}

/// The day in UTC that holds an instant.
pub fn date_of(at: Micros) -> Date {
    at.timestamp().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// Whole days from one date to a later one; negative the other way.
pub fn days_between(from: Date, to: Date) -> i64 {
    let since = to.since((jiff::Unit::Day, from));
    since.map_or(0, |span| i64::from(span.get_days()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Micros {
        Micros::of(model::time::instant(text).unwrap())
    }

    #[test]
    fn every_built_in_table_has_rows_with_source_and_date() {
        let tables = DatedTables::built_in();
        assert_eq!(tables.uses.len(), BUILT_IN.len());
        for (place, one) in tables.uses.iter().enumerate() {
            assert_eq!(one.name, BUILT_IN[place].0, "the enumeration is in order of name");
            assert!(one.rows > 0 && one.checked.is_some() && !one.is_replaced, "{one:?}");
        }
        for (name, text) in BUILT_IN {
            let mut lines = text.lines();
            let header: Vec<&str> = lines.next().unwrap().split(',').collect();
            assert_eq!(&header[header.len() - 2..], ["source", "checked"], "{name}");
            let source = header.len() - 2;
            for line in lines {
                let cells: Vec<&str> = line.split(',').collect();
                assert_eq!(cells.len(), header.len(), "{name}: {line}");
                assert!(cells[source].starts_with("https://"), "{name}: {line}");
            }
        }
    }

    #[test]
    fn every_minor_from_1_10_on_is_in_the_table_in_order() {
        let tables = DatedTables::built_in();
        let minors: Vec<u32> = tables.eks.iter().map(|row| row.minor().unwrap()).collect();
        let expected: Vec<u32> = (10..10 + minors.len() as u32).collect();
        assert_eq!(minors, expected);
        for pair in tables.eks.windows(2) {
            assert!(pair[0].standard_support_end < pair[1].standard_support_end, "{pair:?}");
        }
    }

    #[test]
    fn a_users_file_stands_in_and_a_wrong_one_is_refused() {
        let mut tables = DatedTables::clone(&DatedTables::built_in());
        let text = "version,standard_support_end,extended_support_end,source,checked\n\
                    1.99,2030-01-01,,https://example.org,2029-01-01\n";
        tables.replace("eks_versions.csv", text).unwrap();
        let uses = tables.uses(&[DatedTable::EksVersions]);
        assert_eq!((uses[0].rows, uses[0].is_replaced), (1, true));
        assert_eq!(tables.uses.len(), BUILT_IN.len());
        let wrong = "version,source\n1.99,https://example.org\n";
        assert!(tables.replace("eks_versions.csv", wrong).unwrap_err().contains("line 1"));
        let wrong = text.replace("2030-01-01", "soon");
        assert!(tables.replace("eks_versions.csv", &wrong).unwrap_err().contains("line 2"));
        assert!(tables.replace("other.csv", text).is_err());
        assert_eq!(tables.eks.len(), 1, "a refused file changes nothing");
    }

    #[test]
    fn a_table_warns_after_ninety_days() {
        let mut tables = DatedTables::default();
        let text = "version,standard_support_end,extended_support_end,source,checked\n\
                    1.30,2025-07-23,2026-07-23,https://example.org,2026-01-01\n";
        tables.replace("eks_versions.csv", text).unwrap();
        let asked = [DatedTable::EksVersions];
        assert!(tables.age_warnings(&asked, at("2026-04-01T23:00:00Z")).is_empty());
        assert_eq!(tables.age_warnings(&asked, at("2026-04-02")).len(), 1);
        assert!(tables.age_warnings(&asked, at("2020-01-01")).is_empty());
    }

    #[test]
    fn a_class_matches_by_its_family_alone() {
        let tables = DatedTables::built_in();
        let of = |service: &str, class: &str| {
            tables.previous_generation(service, class).map(|row| row.successor.as_str())
        };
        assert_eq!(of("ec2", "m3.large"), Some("m6i"));
        assert_eq!(of("ec2", "m3"), Some("m6i"));
        assert_eq!(of("ec2", "m33.large"), None);
        assert_eq!(of("rds", "db.m3.medium"), Some("db.m6i"));
        assert_eq!(of("ec2", "db.m3.medium"), None);
        assert_eq!(of("ebs", "gp2"), Some("gp3"));
        assert_eq!(of("ebs", "gp3"), None);
    }
}
