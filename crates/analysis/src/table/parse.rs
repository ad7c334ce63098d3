//! Rows of the dated tables, and reading them from CSV.

use jiff::civil::Date;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Most rows of one table.
const ROWS_MAX: usize = 100_000;

/// A row with the date at which it was checked.
pub(super) trait Checked: DeserializeOwned {
    /// The date.
    fn checked(&self) -> Date;
}

/// Declares rows that all end with their source and date.
macro_rules! rows {
    ($($(#[$doc:meta])* $vis:vis $name:ident {
        $($(#[$of:meta])* $field:ident: $type:ty),* $(,)?
    })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
            $vis struct $name {
                $($(#[$of])* pub $field: $type,)*
                /// Where the row is from.
                pub source: String,
                /// When it was checked there.
                pub checked: Date,
            }

            impl Checked for $name {
                fn checked(&self) -> Date {
                    self.checked
                }
            }
        )*
    };
}

rows! {
    /// One Kubernetes version on EKS.
    pub EksVersion {
        /// `1.30`.
        version: String,
        /// Standard support ends when this day begins in UTC.
        standard_support_end: Date,
        /// Extended support ends when this day begins; none where there was none.
        extended_support_end: Option<Date>,
    }
    /// One version of a database engine.
    pub DatabaseVersion {
        /// `rds` (Aurora, Neptune and DocumentDB among it) or `self_managed`.
        hosting: String,
        /// Engine as its host names it.
        engine: String,
        /// Beginning of the version that the row is about.
        version: String,
        /// Standard support ends when this day begins.
        standard_support_end: Date,
        /// Paid extended support ends when this day begins; none where there is none.
        extended_support_end: Option<Date>,
    }
    /// One release of SQL Server.
    pub SqlServerVersion {
        /// `2019`.
        release: String,
        /// Beginning of the version number (`15`).
        version: String,
        /// End of mainstream support.
        mainstream_support_end: Date,
        /// End of extended support, which is the end of support.
        extended_support_end: Date,
        /// End of paid security updates, where they are sold.
        security_updates_end: Option<Date>,
    }
    /// One release of a family of machine images.
    pub(super) AmiRelease {
        /// Family.
        image: String,
        /// Day of the release, which its version carries.
        released: Date,
    }
    /// A class that has a successor.
    pub PreviousGeneration {
        /// `ec2`, `rds`, `elasticache` or `ebs`.
        service: String,
        /// Family (`m3`, `db.m3`) or type (`gp2`).
        class: String,
        /// What is offered instead.
        successor: String,
    }
    /// A Kubernetes API that a version no longer serves.
    pub RemovedApi {
        /// First version without it.
        removed_in: String,
        /// `apiVersion` of the objects.
        api_version: String,
        /// `kind` of the objects.
        kind: String,
        /// `apiVersion` to write instead; empty when there is none.
        replacement: String,
    }
}

/// Reads a whole table in place of what `rows` held; nothing is changed when a row is wrong. Gives
/// the number of rows and the newest date.
pub(super) fn into<T: Checked>(
    rows: &mut Vec<T>,
    name: &str,
    text: &str,
) -> Result<(u64, Option<Date>), String> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let mut all: Vec<T> = Vec::new();
    for (place, row) in reader.deserialize().enumerate() {
        if place >= ROWS_MAX {
            return Err(format!("{name} has more than {ROWS_MAX} rows"));
        }
        match row {
            Ok(row) => all.push(row),
            Err(error) => {
                // A missing column shows at the first row, but is the header's fault.
                let is_header = error.to_string().contains("missing field");
                let line = if is_header { 1 } else { place + 2 };
                return Err(format!("{name} line {line}: {error}"));
            }
        }
    }
    *rows = all;
    Ok((rows.len() as u64, rows.iter().map(Checked::checked).max()))
}
