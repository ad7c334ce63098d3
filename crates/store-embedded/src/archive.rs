//! Telemetry and records as files in the form of `telemetry_rows::archive`: columns that this store keeps in
//! another way are turned by the statements that write and read the files.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use duckdb::Connection;
use flate2::Compression;
use flate2::write::GzEncoder;
use model::archive::{Archive, ArchivedRows};
use model::error::StoreResult;
use model::scope::OrgScope;
use model::seam::ReadContext;
use telemetry_rows::archive::{ArchivedTable, Form, NULL, TABLES};
use telemetry_rows::hash;
use tokio_util::sync::CancellationToken;

use crate::database::Database;
use crate::error::{Failure, Outcome};

/// How long an archive may take.
const TIME: Duration = Duration::from_secs(6 * 3_600);

/// Telemetry and records of one database.
#[derive(Debug)]
pub struct EmbeddedArchive {
    database: Arc<Database>,
}

impl EmbeddedArchive {
    /// Of an open database.
    pub fn new(database: Arc<Database>) -> Self {
        Self { database }
    }
}

/// A read that may take long.
pub fn long_context() -> ReadContext {
    ReadContext {
        as_of: None,
        org_scope: OrgScope::Everything,
        deadline: Instant::now() + TIME,
        cancel: CancellationToken::new(),
    }
}

#[async_trait]
impl Archive for EmbeddedArchive {
    async fn export(&self, folder: PathBuf) -> StoreResult<Vec<ArchivedRows>> {
        let work = move |connection: &Connection| {
            // One transaction, so that all tables are of one version.
            connection.execute_batch("BEGIN TRANSACTION READ ONLY")?;
            let written = export(connection, &folder);
            connection.execute_batch("ROLLBACK")?;
            written
        };
        self.database.read("write an archive", &long_context(), work).await
    }

    async fn import(&self, folder: PathBuf) -> StoreResult<Vec<ArchivedRows>> {
        self.database
            .write("read an archive", move |tx| {
                for table in TABLES {
                    if is_kept(table) {
                        tx.execute_batch(&taking(table, &folder.join(table.file_name())))?;
                    }
                }
                dense(tx)?;
                counts(tx)
            })
            .await
    }

    async fn rows(&self) -> StoreResult<Vec<ArchivedRows>> {
        self.database.read("count rows", &long_context(), counts).await
    }
}

fn export(connection: &Connection, folder: &Path) -> Outcome<Vec<ArchivedRows>> {
    for table in TABLES {
        let path = folder.join(table.file_name());
        match table.name {
            "series" => series(connection, table, &path)?,
            "charge_tagset" => tagsets(connection, table, &path)?,
            _ => connection.execute_batch(&giving(table, &path))?,
        }
    }
    counts(connection)
}

/// Rows of each table, as an archive counts them.
fn counts(connection: &Connection) -> Outcome<Vec<ArchivedRows>> {
    let count = |table: &ArchivedTable| -> Outcome<ArchivedRows> {
        let rows = match table.name {
            "charge_tagset" => "SELECT count(DISTINCT tagset) FROM charge_tag".to_owned(),
            _ => format!("SELECT count(*) FROM ({})", source(table)),
        };
        let rows = connection.query_row(&rows, [], |row| row.get(0))?;
        Ok(ArchivedRows { table: table.name.to_owned(), rows })
    };
    TABLES.iter().map(count).collect()
}

/// Sets of tags are no table here: they follow from the tags.
fn is_kept(table: &ArchivedTable) -> bool {
    table.name != "charge_tagset"
}

fn place(table: &ArchivedTable) -> String {
    if table.is_record { format!("records.{}", table.name) } else { table.name.to_owned() }
}

/// What of a table is archived.
fn source(table: &ArchivedTable) -> String {
    match table.name {
        // The topology's sequences are in its own writes.
        "sequence" => "SELECT * FROM sequence WHERE store = 'telemetry'".to_owned(),
        // Another store keeps the newest instant too, and no count of writes.
        "telemetry_mark" => include_str!("read/archive_mark.sql").to_owned(),
        _ => format!("SELECT * FROM {}", place(table)),
    }
}

fn quoted(path: &Path) -> String {
    path.display().to_string().replace('\'', "''")
}

/// The statement that writes a table's file.
fn giving(table: &ArchivedTable, path: &Path) -> String {
    let column = |(name, form): (&str, Form)| match form {
        Form::Plain | Form::Derived => format!("\"{name}\""),
        Form::Turned => {
            format!("(\"{name}\"::HUGEINT - 9223372036854775808)::BIGINT AS \"{name}\"")
        }
        Form::Bytes8 => format!("'\\x' || {} AS \"{name}\"", hex(name)),
        Form::Bytes16(high, low) => format!("'\\x' || {} || {} AS \"{name}\"", hex(high), hex(low)),
    };
    let columns: Vec<String> = table.columns().map(column).collect();
    format!(
        "COPY (SELECT {} FROM ({})) TO '{}' (FORMAT csv, HEADER true, NULLSTR '{NULL}', \
         COMPRESSION gzip)",
        columns.join(", "),
        source(table),
        quoted(path)
    )
}

fn hex(name: &str) -> String {
    format!("lower(lpad(to_hex(\"{name}\"), 16, '0'))")
}

/// The statement that takes a table's file in.
fn taking(table: &ArchivedTable, path: &Path) -> String {
    let (mut into, mut values, mut read) = (Vec::new(), Vec::new(), Vec::new());
    for (name, form) in table.columns() {
        read.push(format!("'{name}': 'VARCHAR'"));
        let half = |from: u32| format!("('0x' || substr(\"{name}\", {from}, 16))::UBIGINT");
        match form {
            Form::Derived => continue,
            Form::Plain => values.push(format!("\"{name}\"")),
            Form::Turned => {
                values.push(format!("(\"{name}\"::HUGEINT + 9223372036854775808)::UBIGINT"));
            }
            Form::Bytes8 => values.push(half(3)),
            Form::Bytes16(high, low) => {
                into.push(format!("\"{high}\""));
                into.push(format!("\"{low}\""));
                values.extend([half(3), half(19)]);
                continue;
            }
        }
        into.push(format!("\"{name}\""));
    }
    format!(
        "INSERT INTO {} ({}) SELECT {} FROM read_csv('{}', columns = {{{}}}, header = true, \
         nullstr = '{NULL}', allow_quoted_nulls = false, delim = ',', quote = '\"', escape = '\"', \
         new_line = '\\n', compression = 'gzip', max_line_size = 33554432, \
         buffer_size = 67108864, auto_detect = false)",
        place(table),
        into.join(", "),
        values.join(", "),
        quoted(path),
        read.join(", ")
    )
}

/// Series are found by their place: an archive with gaps is of no store.
fn dense(connection: &Connection) -> Outcome<()> {
    let sql = "SELECT count(*) = coalesce(max(id) + 1, 0) FROM series";
    if connection.query_row(sql, [], |row| row.get::<_, bool>(0))? {
        return Ok(());
    }
    Err(Failure::Row("the series of the archive have gaps; make the archive again".to_owned()))
}

type Csv = csv::Writer<GzEncoder<File>>;

fn file(table: &ArchivedTable, path: &Path) -> Outcome<Csv> {
    let file = File::create(path).map_err(|error| io(path, &error))?;
    let mut csv = csv::Writer::from_writer(GzEncoder::new(file, Compression::fast()));
    let names: Vec<&str> = table.columns().map(|(name, _form)| name).collect();
    put(&mut csv, path, names)?;
    Ok(csv)
}

fn put<T: AsRef<[u8]>>(csv: &mut Csv, path: &Path, row: Vec<T>) -> Outcome<()> {
    csv.write_record(row).map_err(|error| io(path, &std::io::Error::other(error)))
}

fn finish(csv: Csv, path: &Path) -> Outcome<()> {
    let packed = csv.into_inner().map_err(|error| io(path, error.error()))?;
    packed.finish().map_err(|error| io(path, &error)).map(|_file| ())
}

fn io(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Store(crate::error::io_error("write", path, error))
}

/// With the hash of what names each, which this store works out when it opens.
fn series(connection: &Connection, table: &ArchivedTable, path: &Path) -> Outcome<()> {
    let mut csv = file(table, path)?;
    let mut statement = connection.prepare(include_str!("read/archive_series.sql"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let text = |at: usize| row.get::<_, Option<String>>(at);
        let mut cells = Vec::with_capacity(11);
        for at in 0..10 {
            cells.push(text(at)?.unwrap_or_else(|| NULL.to_owned()));
        }
        let name = hash::name_hash(&cells[2], &cells[3], &cells[4]);
        cells.insert(2, format!("\\x{name:032x}"));
        put(&mut csv, path, cells)?;
    }
    finish(csv, path)
}

fn tagsets(connection: &Connection, table: &ArchivedTable, path: &Path) -> Outcome<()> {
    let mut csv = file(table, path)?;
    let mut statement = connection.prepare(include_str!("telemetry/state_tagsets.sql"))?;
    let mut rows = statement.query([])?;
    let mut open: Option<(u32, Vec<(String, String)>)> = None;
    let mut close = |open: Option<(u32, Vec<(String, String)>)>| match open {
        None => Ok(()),
        Some((id, pairs)) => {
            let hash = hash::pairs_hash(pairs);
            put(&mut csv, path, vec![id.to_string(), format!("\\x{hash:032x}")])
        }
    };
    while let Some(row) = rows.next()? {
        let id: u32 = row.get(0)?;
        if open.as_ref().is_none_or(|(held, _)| *held != id) {
            close(open.take())?;
            open = Some((id, Vec::new()));
        }
        if let Some((_, pairs)) = &mut open {
            pairs.push((row.get(1)?, row.get(2)?));
        }
    }
    close(open)?;
    finish(csv, path)
}
