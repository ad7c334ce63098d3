//! Every statement of the PostgreSQL store, found in its files: the server parses, types and plans each.

use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use store_server::postgres::Postgres;

use crate::contract::postgres::Database;
use crate::store_base::block_on;

/// Where the statements are.
const FOLDER: &str = "../../crates/store-server/src/postgres";
/// Statements that DuckDB shares; the sources name those that are used.
const SHARED: &str = "../../crates/store-embedded/src";

/// Prepares and explains each.
pub fn explained() -> Result<(), Failed> {
    let mut files = Vec::new();
    let mut sources = Vec::new();
    for path in below(Path::new(FOLDER))? {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("sql") if !path.components().any(|part| part.as_os_str() == "migration") => {
                files.push(path);
            }
            Some("rs") => sources.push(std::fs::read_to_string(&path)?),
            _ => {}
        }
    }
    for source in &sources {
        for rest in source.split("shared_statement!(\"").skip(1) {
            let name = rest.split('"').next().unwrap_or_default();
            files.push(Path::new(SHARED).join(format!("{name}.sql")));
        }
    }
    let stage = std::fs::read_to_string(Path::new(FOLDER).join("telemetry/stage.sql"))?;
    // The one makes tables of transactions, the other asks what TimescaleDB alone knows.
    files.retain(|path| !path.ends_with("stage.sql") && !path.ends_with("optimization_chunk.sql"));
    assert!(files.len() > 100, "only {} statements", files.len());
    block_on(async {
        let database = Database::new().await?;
        Postgres::open(database.options()).await?;
        let client = database.client().await?;
        client
            .batch_execute(
                "SET search_path = ubiquitous, ubiquitous_records; \
                 SET plan_cache_mode = force_generic_plan",
            )
            .await?;
        client.batch_execute(&stage).await?;
        // As copying an estate makes it for its transaction.
        client.batch_execute("CREATE TEMP TABLE archived_sample (LIKE sample)").await?;
        for path in &files {
            let (sql, parameters) = positioned(&std::fs::read_to_string(path)?);
            let nothing = vec!["NULL"; parameters].join(", ");
            let call = if parameters == 0 { String::new() } else { format!("({nothing})") };
            let said = client.batch_execute(&format!("PREPARE one AS {sql}")).await;
            // What is no query (TRUNCATE) has no plan.
            let said = match said {
                Err(_) if sql.trim_start().starts_with("TRUNCATE") => {
                    client.batch_execute(&sql).await
                }
                Err(error) => Err(error),
                Ok(()) => {
                    client
                        .batch_execute(&format!("EXPLAIN EXECUTE one{call}; DEALLOCATE one"))
                        .await
                }
            };
            said.map_err(|error| format!("{}: {error:?}", path.display()))?;
        }
        Ok(())
    })
}

/// The statement with positions for names, and how many parameters it has.
fn positioned(sql: &str) -> (String, usize) {
    let mut names: Vec<String> = Vec::new();
    let mut text = String::new();
    for line in sql.lines().filter(|line| !line.trim_start().starts_with("--")) {
        let mut parts = line.split('$');
        text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let is_end = |letter: char| !letter.is_ascii_alphanumeric() && letter != '_';
            let (name, rest) = part.split_at(part.find(is_end).unwrap_or(part.len()));
            let place = names.iter().position(|known| known == name).unwrap_or_else(|| {
                names.push(name.to_owned());
                names.len() - 1
            });
            text.push_str(&format!("${}{rest}", place + 1));
        }
        text.push('\n');
    }
    (text.trim().trim_end_matches(';').to_owned(), names.len())
}

fn below(folder: &Path) -> Result<Vec<PathBuf>, Failed> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(below(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
