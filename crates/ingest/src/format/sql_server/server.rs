//! The servers that tables name: each is a database that runs on a machine of its name.

use std::collections::BTreeSet;

use model::entity::RelationObservation;
use model::kind::Confidence;
use model::reference::Claim;
use model::{EntityKind, EntityObservation, Reference, RelationKind};

use crate::context::InputContext;
use crate::format::csv_series;
use crate::format::subject::unattached;
use crate::input::Out;
use crate::key;

/// Port of the default instance.
const PORT: u16 = 1433;

/// Servers seen in one table.
#[derive(Debug, Default)]
pub struct Servers {
    named: BTreeSet<String>,
}

/// Host and instance of a server's name: `HOST`, `HOST\INSTANCE`, or `HOST:INSTANCE` as collectors write
/// it.
fn parts(name: &str) -> (&str, Option<&str>) {
    match name.split_once(['\\', ':']) {
        Some((host, instance)) if !instance.is_empty() => (host, Some(instance)),
        _ => (name, None),
    }
}

impl Servers {
    /// What values of a server are about; a table that names none is about `--entity`.
    pub fn subject(&mut self, name: &str, context: &InputContext) -> Reference {
        if name.is_empty() {
            return match context.entity.as_deref() {
                Some(entity) => csv_series::reference(entity, context),
                None => unattached(context),
            };
        }
        self.named.insert(name.to_owned());
        let (host, instance) = parts(name);
        Reference::id(key::sql_server(host, instance))
    }

    /// Whether a value of a table without servers has something to be about.
    pub fn is_known(&self, name: &str, context: &InputContext) -> bool {
        !name.is_empty() || context.entity.is_some()
    }

    /// Puts the servers out.
    pub fn close(self, context: &InputContext, out: &mut Out<'_>) {
        let first = self.named.first().map_or("_", |name| name.as_str());
        out.source(&format!("sql-server:{}", first.to_lowercase()));
        if self.named.is_empty() {
            csv_series::state(context, out);
        }
        for name in self.named {
            let (host, instance) = parts(&name);
            let id = key::sql_server(host, instance);
            let mut entity = EntityObservation::new(id.clone(), EntityKind::Database, name.clone());
            entity.scope.environment.clone_from(&context.environment);
            entity.scope.account.clone_from(&context.account);
            entity.scope.region.clone_from(&context.region);
            entity.properties.insert("engine".to_owned(), "sqlserver".into());
            if instance.is_none() {
                // A named instance listens on a port of its own.
                let claim =
                    |key| Claim { confidence: Confidence::High, ..Claim::alias(key, id.clone()) };
                entity.claims.push(claim(key::host(host)));
                entity.claims.push(claim(key::public_endpoint(host, PORT)));
            }
            let machine = Reference::key("name of the machine", key::computer(host))
                .or("name of the machine", key::bare_id(host), Confidence::High)
                .of_kinds(&[EntityKind::Instance]);
            entity.relations.push(RelationObservation::declared(
                Reference::id(id),
                RelationKind::RunsOn,
                machine,
            ));
            out.batch().entities.push(entity);
            out.added(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_a_host_and_perhaps_an_instance() {
        assert_eq!(parts("WIN8-DEV"), ("WIN8-DEV", None));
        assert_eq!(parts(r"WIN8-DEV\SALES"), ("WIN8-DEV", Some("SALES")));
        assert_eq!(parts("WIN8-DEV:SALES"), ("WIN8-DEV", Some("SALES")));
    }
}
