//! `ubiquitous doctor`: what is there, what is missing, and what would remedy it.

use model::table::{Cell, Table};
use serde::Serialize;

use super::Everywhere;
use crate::configuration::Configuration;
use crate::exit::{Exit, Failure};
use crate::{http, output, owner};

/// One finding.
#[derive(Debug, Serialize)]
struct Check {
    check: &'static str,
    is_good: bool,
    found: String,
    remedy: &'static str,
}

/// Runs the command.
pub fn run(configuration: &Configuration, everywhere: &Everywhere) -> Result<Exit, Failure> {
    let folder = configuration.data_dir();
    let owner = owner::find(&folder)?;
    let mut checks = Vec::new();
    let is_there = folder.is_dir();
    checks.push(Check {
        check: "data folder",
        is_good: true,
        found: format!("{}{}", folder.display(), if is_there { "" } else { " (made when needed)" }),
        remedy: "",
    });
    checks.push(Check {
        check: "server",
        is_good: true,
        found: match &owner {
            Some(owner) => format!("serves http://{}", owner.address()),
            None => "none on this folder; `ubiquitous serve` starts one".to_owned(),
        },
        remedy: "",
    });
    checks.push(Check {
        check: "dashboard",
        is_good: http::assets::is_built(),
        found: if http::assets::is_built() { "embedded" } else { "not embedded" }.to_owned(),
        remedy: "run `cargo xtask setup` and build again",
    });
    let memory = configuration.number("memory_limit_mib").unwrap_or(0);
    checks.push(Check {
        check: "memory limit",
        is_good: memory >= 512,
        found: format!("{memory} MiB for DuckDB"),
        remedy: "set memory_limit_mib to 512 or more",
    });
    if owner.is_none() && is_there {
        let opened = super::runtime()?.block_on(async {
            let estate = crate::estate::Estate::open_to_read(configuration).await?;
            let status = estate.store_status().await;
            estate.close().await;
            status.map_err(Failure::from)
        });
        checks.push(match opened {
            Ok(status) => Check {
                check: "store",
                is_good: true,
                found: status.map_or_else(
                    || "opens; servers hold everything".to_owned(),
                    |status| format!("opens; DuckDB {}", status.engine),
                ),
                remedy: "",
            },
            Err(failure) => Check {
                check: "store",
                is_good: false,
                found: failure.problem.detail,
                remedy: "the message names the remedy",
            },
        });
    }
    let columns = [
        ("check", "Check", Cell::Text, ""),
        ("state", "State", Cell::Text, ""),
        ("found", "Found", Cell::Text, ""),
        ("remedy", "Remedy", Cell::Text, ""),
    ];
    let mut table = Table::new("checks", &columns);
    for check in &checks {
        let (state, remedy) = if check.is_good { ("good", "") } else { ("wrong", check.remedy) };
        let found = check.found.clone();
        table.rows.push(vec![check.check.into(), state.into(), found.into(), remedy.into()]);
    }
    output::tables(&checks, &[table], everywhere.output, &everywhere.tables)?;
    let is_all_good = checks.iter().all(|check| check.is_good);
    Ok(if is_all_good { Exit::Done } else { Exit::Breached })
}
