//! From the facts to the answer, pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use model::fact::{EntityFact, OpenReferenceFact, SignalFact};
use model::kind::{Confidence, EntityKind as K, RelationKind as R};
use model::scope::Place;
use model::time::Micros;

use super::client::{Candidates, Use, implementers, uses, written};
use super::connection::{Measured, Parameters, Seen, usage};
use super::params::ClientEvidence;
use super::shape::{
    Client, Database, DatabaseConnectionsAnswer, DatabaseSummary, EngineCount, Sign,
    UndeterminedHost, Usage, UsageCount,
};
use super::sql_server::{self, SqlServer};
use super::{DatabaseConnectionsParams, TABLES, connection, describe, unmatched};
use crate::calls::Calls;
use crate::estate::Estate;
use crate::property::{owned, text};
use crate::reach::Network;
use crate::table::{DatedTables, date_of};

/// What is judged.
pub(super) struct Facts<'a> {
    pub estate: &'a Estate,
    pub tables: &'a DatedTables,
    pub at: Micros,
    /// Units asked for, with those below them.
    pub units: &'a [String],
    /// Databases asked for by name, if any.
    pub roots: &'a BTreeSet<u32>,
    pub signals: &'a [SignalFact],
    pub open_references: &'a [OpenReferenceFact],
    pub calls: &'a Calls,
}

/// One page.
pub(super) struct Page {
    pub answer: DatabaseConnectionsAnswer,
    pub truncated: BTreeMap<String, u64>,
    pub next: Option<String>,
    /// Whether possible clients were left out because there are too many to judge.
    pub is_without_possible: bool,
}

/// A database with what was found of it.
pub(in crate::question) struct Found {
    pub entity: u32,
    pub sql_server: Option<SqlServer>,
}

/// Everything that judgements share.
struct Shared<'a> {
    facts: &'a Facts<'a>,
    network: Network<'a>,
    parameters: Parameters,
    measured: Measured<'a>,
    day: Date,
}

/// Judges every database that matches and gives the page asked for.
pub(super) fn page(params: &DatabaseConnectionsParams, facts: &Facts<'_>) -> Page {
    let estate = facts.estate;
    let mut measured: Measured<'_> = BTreeMap::new();
    for signal in facts.signals {
        measured.entry(signal.entity).or_default().push(signal);
    }
    let shared = Shared {
        facts,
        network: Network::new(estate),
        parameters: Parameters::new(estate),
        measured,
        day: date_of(facts.at),
    };
    let found: Vec<Found> =
        databases(estate).into_iter().filter(|one| matches(params, facts, one)).collect();
    let mut all: Vec<(u32, Database, Vec<Client>)> = found
        .iter()
        .map(|one| {
            let (database, clients) = judged(&shared, one);
            (one.entity, database, clients)
        })
        .collect();
    all.sort_by(|(_, a, _), (_, b, _)| {
        (&a.hosting, &a.name, &a.id).cmp(&(&b.hosting, &b.name, &b.id))
    });
    let undetermined = undetermined(params, facts);
    let unmatched = unmatched::of(estate, facts.open_references);
    let summary = summary(&all, undetermined.len(), unmatched.len());
    let total = all.len();
    let start = params.cursor.as_ref().and_then(|cursor| {
        all.iter().position(|(_, one, _)| one.id == *cursor).map(|place| place + 1)
    });
    let start = start.unwrap_or(0);
    let limit = params.limit.unwrap_or(1) as usize;
    let page: Vec<(u32, Database, Vec<Client>)> = all.into_iter().skip(start).take(limit).collect();
    let mut truncated = BTreeMap::new();
    if total > page.len() && params.cursor.is_none() {
        truncated.insert("databases".to_owned(), total as u64);
    }
    let is_last = start + page.len() >= total;
    let next = if is_last { None } else { page.last().map(|(_, one, _)| one.id.clone()) };
    let (databases, clients, is_without_possible) =
        with_possible(params, &shared, page, &mut truncated);
    let answer = DatabaseConnectionsAnswer {
        summary,
        databases,
        clients,
        undetermined_hosts: cut("undetermined_hosts", undetermined, &mut truncated),
        unmatched_endpoints: cut("unmatched_endpoints", unmatched, &mut truncated),
        tables: facts.tables.uses(&TABLES),
    };
    Page { answer, truncated, next, is_without_possible }
}

/// Most entries of a list beside the databases.
const LISTED_MAX: usize = 1_000;

fn cut<T>(name: &str, mut list: Vec<T>, truncated: &mut BTreeMap<String, u64>) -> Vec<T> {
    if list.len() > LISTED_MAX {
        truncated.insert(name.to_owned(), list.len() as u64);
        list.truncate(LISTED_MAX);
    }
    list
}

/// Everything that is a database: entities that are one, and machines that show SQL Server.
pub(in crate::question) fn databases(estate: &Estate) -> Vec<Found> {
    let kinds = [K::Database, K::DatabaseCluster, K::Cache];
    let entities = kinds.into_iter().flat_map(|kind| estate.of_kind(kind));
    let is_seen = |one: &u32| !estate.is_outside(*one);
    let mut all: Vec<Found> =
        entities.filter(is_seen).map(|entity| Found { entity, sql_server: None }).collect();
    for instance in estate.of_kind(K::Instance).filter(is_seen) {
        // What is known as a database that runs on it already is told there.
        let runs = estate.near(instance, R::RunsOn).chain(estate.near(instance, R::ImplementedBy));
        if runs.into_iter().any(|one| estate.entity(one).kind == K::Database) {
            continue;
        }
        if let Some(found) = sql_server::of(estate, instance) {
            all.push(Found { entity: instance, sql_server: Some(found) });
        }
    }
    all
}

fn matches(params: &DatabaseConnectionsParams, facts: &Facts<'_>, found: &Found) -> bool {
    let fact = facts.estate.entity(found.entity);
    let engine = if found.sql_server.is_some() { Some("sqlserver") } else { text(fact, "engine") };
    let is_root = facts.roots.is_empty() || facts.roots.contains(&found.entity);
    let is_engine = params.engine.is_empty()
        || engine.is_some_and(|engine| params.engine.iter().any(|one| one == engine));
    is_root && is_engine && is_placed(&params.place(), facts.units, fact)
}

/// Whether a database is in the places and units asked for.
pub(in crate::question) fn is_placed(place: &Place, units: &[String], fact: &EntityFact) -> bool {
    let scope = &fact.scope;
    let is_in = |asked: &[String], values: &[Option<&String>]| {
        asked.is_empty() || values.iter().flatten().any(|value| asked.contains(value))
    };
    is_in(&place.account, &[scope.account.as_ref()])
        && is_in(&place.region, &[scope.region.as_ref()])
        && is_in(&place.cluster, &[scope.cluster.as_ref(), fact.cluster_name.as_ref()])
        && is_in(&place.namespace, &[scope.namespace.as_ref()])
        && is_in(&place.environment, &[scope.environment.as_ref(), fact.labels.get("environment")])
        && is_in(units, &[fact.owner.as_ref(), fact.application.as_ref()])
}

/// The clients of a database: those seen first, then by kind and name.
fn clients(shared: &Shared<'_>, entity: u32, uses: &[Use]) -> Vec<Client> {
    let facts = shared.facts;
    let written = |one| written(facts.estate, entity, one, &shared.network, facts.calls);
    let mut clients: Vec<Client> = uses.iter().map(written).collect();
    clients.sort_by_cached_key(|one| {
        let is_seen = one.evidence.first() == Some(&ClientEvidence::Observed);
        (!is_seen, one.kind, one.name.clone(), one.id.clone())
    });
    clients
}

fn judged(shared: &Shared<'_>, found: &Found) -> (Database, Vec<Client>) {
    let estate = shared.facts.estate;
    let entity = found.entity;
    let fact = estate.entity(entity);
    let (uses, proxies) = uses(estate, entity);
    let clients = clients(shared, entity, &uses);
    let hosting = describe::hosting(fact);
    let (engine, version) = describe::engine_version(estate, entity, found.sql_server.as_ref());
    let connections = connection::of(estate, entity, &shared.parameters, &shared.measured);
    let is_observed = |one: &&Client| one.evidence.contains(&ClientEvidence::Observed);
    let observed = clients.iter().filter(is_observed).count() as u64;
    let seen = Seen {
        observed,
        declared: clients.len() as u64 - observed,
        open_max: connections.open_max.value,
    };
    let (usage, usage_reason) = usage(seen);
    let exposure = describe::port(fact)
        // What a cluster lets in from outside is its Services and balancers, not its nodes.
        .filter(|_| hosting != "kubernetes" && !shared.network.seats(entity).is_empty())
        .map(|port| shared.network.exposure(entity, port));
    let names = |all: Vec<u32>| -> Vec<String> {
        let mut all: Vec<String> =
            all.into_iter().map(|one| estate.entity(one).id.clone()).collect();
        all.sort();
        all
    };
    let member_of = estate
        .near(entity, R::HasReplica)
        .find(|one| matches!(estate.entity(*one).kind, K::DatabaseCluster | K::Cache));
    let database = Database {
        id: fact.id.clone(),
        kind: fact.kind,
        name: fact.name.clone(),
        hosting: hosting.to_owned(),
        support: describe::support(
            shared.facts.tables,
            hosting,
            engine.as_deref(),
            version.as_deref(),
            shared.day,
        ),
        support_policy: owned(fact, "engine_lifecycle_support"),
        edition: edition(found, engine.as_deref()),
        licence_model: licence(fact, found),
        engine,
        version,
        class: describe::class(fact).or_else(|| describe::serverless(fact)),
        status: describe::status(fact),
        storage: describe::storage(fact),
        standby: describe::standby(estate, entity, hosting),
        replicas: names(estate.near(entity, R::Replicates).collect()),
        replica_of: estate
            .far(entity, R::Replicates)
            .next()
            .map(|one| estate.entity(one).id.clone()),
        member_of: member_of.map(|one| estate.entity(one).id.clone()),
        backup_retention_days: describe::backup_days(fact),
        endpoints: describe::endpoints(estate, entity),
        place: describe::place(estate, entity),
        owner: fact.owner.clone(),
        application: fact.application.clone(),
        detected_by: signs(fact, found),
        confidence: found.sql_server.as_ref().map_or(Confidence::Certain, SqlServer::confidence),
        exposure,
        connections,
        proxies: names(proxies),
        clients: clients.len() as u64,
        usage,
        usage_reason,
    };
    (database, clients)
}

fn edition(found: &Found, engine: Option<&str>) -> Option<String> {
    match &found.sql_server {
        Some(sql_server) => sql_server.edition.clone(),
        None => describe::edition(engine?).map(str::to_owned),
    }
}

fn licence(fact: &EntityFact, found: &Found) -> Option<String> {
    match &found.sql_server {
        Some(sql_server) if sql_server.is_licence_included => Some("license-included".to_owned()),
        // What is not in the price may be the customer's own, or free of charge.
        Some(_) => None,
        None => owned(fact, "license_model"),
    }
}

fn signs(fact: &EntityFact, found: &Found) -> Vec<Sign> {
    match &found.sql_server {
        Some(sql_server) => sql_server.signs.clone(),
        None => vec![Sign {
            sign: "entity".to_owned(),
            detail: format!("reported by {}", fact.sources.join(", ")),
            confidence: Confidence::Certain,
        }],
    }
}

/// Windows machines that show nothing of SQL Server.
fn undetermined(params: &DatabaseConnectionsParams, facts: &Facts<'_>) -> Vec<UndeterminedHost> {
    let estate = facts.estate;
    let mut hosts: Vec<UndeterminedHost> = estate
        .of_kind(K::Instance)
        .filter(|one| {
            !estate.is_outside(*one) && is_placed(&params.place(), facts.units, estate.entity(*one))
        })
        .filter(|one| facts.roots.is_empty() || facts.roots.contains(one))
        .filter(|one| sql_server::of(estate, *one).is_none())
        .filter_map(|one| {
            let reason = sql_server::undetermined(estate, one)?;
            let fact = estate.entity(one);
            Some(UndeterminedHost {
                id: fact.id.clone(),
                name: fact.name.clone(),
                platform: owned(fact, "platform_details").or_else(|| owned(fact, "platform")),
                usage_operation: owned(fact, "usage_operation"),
                reason: reason.to_owned(),
            })
        })
        .collect();
    hosts.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    hosts
}

/// The databases of a page with their clients, and those that network rules would let in.
fn with_possible(
    params: &DatabaseConnectionsParams,
    shared: &Shared<'_>,
    page: Vec<(u32, Database, Vec<Client>)>,
    truncated: &mut BTreeMap<String, u64>,
) -> (Vec<Database>, Vec<Client>, bool) {
    let estate = shared.facts.estate;
    let candidates = (params.is_asked(ClientEvidence::Possible) && !page.is_empty())
        .then(|| Candidates::of(estate, &shared.network));
    let is_too_many = candidates.as_ref().is_some_and(|all| all.is_too_many(page.len()));
    let candidates = candidates.filter(|_| !is_too_many);
    let mut databases = Vec::new();
    let mut clients = Vec::new();
    let mut possible_total = 0;
    let mut possible_given = 0;
    let is_asked = |one: &Client| one.evidence.iter().any(|evidence| params.is_asked(*evidence));
    for (entity, database, known) in page {
        if let Some(candidates) = &candidates {
            let named = known.iter().filter_map(|one| estate.find(one.id.as_deref()?));
            let named: BTreeSet<u32> = named.flat_map(|one| implementers(estate, one)).collect();
            let (possible, total) = candidates.possible(estate, &shared.network, entity, &named);
            possible_total += total;
            possible_given += possible.len() as u64;
            clients.extend(known.into_iter().filter(&is_asked).chain(possible));
        } else {
            clients.extend(known.into_iter().filter(&is_asked));
        }
        databases.push(database);
    }
    if possible_total > possible_given {
        truncated.insert("possible_clients".to_owned(), possible_total);
    }
    (databases, clients, is_too_many)
}

fn summary(
    all: &[(u32, Database, Vec<Client>)],
    undetermined: usize,
    unmatched: usize,
) -> DatabaseSummary {
    let mut by_engine: BTreeMap<(String, String), u64> = BTreeMap::new();
    for (_, one, _) in all {
        let engine = one.engine.clone().unwrap_or_else(|| "unknown".to_owned());
        *by_engine.entry((one.hosting.clone(), engine)).or_default() += 1;
    }
    let usages = [Usage::Used, Usage::Unused, Usage::Unknown];
    let usage = |wanted: Usage| UsageCount {
        usage: wanted,
        count: all.iter().filter(|(_, one, _)| one.usage == wanted).count() as u64,
    };
    DatabaseSummary {
        databases: all.len() as u64,
        by_engine: by_engine
            .into_iter()
            .map(|((hosting, engine), count)| EngineCount { hosting, engine, count })
            .collect(),
        by_usage: usages.into_iter().map(usage).collect(),
        sql_server_hosts: all.iter().filter(|(_, one, _)| one.kind == K::Instance).count() as u64,
        undetermined_hosts: undetermined as u64,
        clients: all.iter().map(|(_, _, clients)| clients.len() as u64).sum(),
        unmatched_endpoints: unmatched as u64,
    }
}
