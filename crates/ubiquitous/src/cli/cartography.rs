//! `ubiquitous ingest --cartography`: the graph that Cartography keeps, one input for each account and
//! cluster, read and never written.

use std::io::IsTerminal;

use ingest::InputContext;
use ingest::format::cartography::{labels, types};
use model::StoreError;
use model::error::StoreResult;
use store_server::cartography::{Cartography, Part};
use store_server::neo4j::Neo4jOptions;

use crate::configuration::Configuration;
use crate::estate::neo4j_options;
use crate::exit::Failure;
use crate::load::{self, InputFile};
use crate::output;

/// Name of the setting with the password.
const PASSWORD: &str = "cartography_password";

/// Reads the graph at an address; its parts in the order of their names.
///
/// # Errors
/// When the server cannot be reached, refuses the user, or holds no graph of Cartography's.
pub fn inputs(
    url: &str,
    configuration: &Configuration,
    flags: &InputContext,
) -> Result<Vec<InputFile>, Failure> {
    let options = with_password(neo4j_options(url), configuration)?;
    Ok(super::runtime()?.block_on(read(options, flags))?)
}

async fn read(options: Neo4jOptions, flags: &InputContext) -> StoreResult<Vec<InputFile>> {
    let graph = Cartography::new(options, labels(), types())?;
    let tenants = graph.tenants().await?;
    let parts = tenants.iter().map(Part::Tenant).chain([Part::Free, Part::Unread]);
    let mut inputs = Vec::new();
    for part in parts {
        let rows = graph.rows(part).await?;
        if !rows.is_empty() {
            inputs.push(load::body(&graph.name(part), rows.into(), flags));
        }
    }
    Ok(inputs)
}

/// The password of the address, else of the setting, else what is typed.
fn with_password(
    mut options: Neo4jOptions,
    configuration: &Configuration,
) -> StoreResult<Neo4jOptions> {
    if options.password.is_empty() {
        configuration.text(PASSWORD).clone_into(&mut options.password);
    }
    if options.password.is_empty() && !options.user.is_empty() && std::io::stdin().is_terminal() {
        output::say(&format!("password of {} at {}:", options.user, options.url));
        let typed = console::Term::stderr().read_secure_line();
        options.password = typed.map_err(|error| StoreError::Internal {
            operation: "read the password".to_owned(),
            reason: error.to_string(),
        })?;
    }
    Ok(options)
}
