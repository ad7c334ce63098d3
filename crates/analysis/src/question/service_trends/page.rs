//! Which services a page of `service_trends` holds: those that match, by requests in the window, with
//! what runs each of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::entity::EntityId;
use model::fact::{CallSeriesQuery, SignalQuery};
use model::kind::{EntityKind, RelationKind};
use model::seam::ReadContext;
use model::series::SeriesType;
use model::time::Window;

use super::params::ServiceTrendsParams;
use crate::ask::{AskContext, AskError};
use crate::estate::{Estate, named};
use crate::place::holds;

/// Kinds that answer requests.
const KINDS: [EntityKind; 2] = [EntityKind::Service, EntityKind::Function];

/// What leads from a service to what runs it.
const WAYS: [RelationKind; 2] = [RelationKind::ImplementedBy, RelationKind::HasReplica];

/// Most entities that one read of series takes.
const ENTITIES_MAX: usize = 5_000;

/// Services of a page.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Page {
    /// Ordinals, in order.
    pub services: Vec<u32>,
    /// Entities of each service's own series: itself and what runs it.
    pub members: Vec<Vec<EntityId>>,
    /// How many match.
    pub total: u64,
    /// How many of them have requests in the window.
    pub measured: u64,
    /// Where to go on.
    pub next: Option<String>,
}

/// The services that match, before the page is cut.
pub(super) async fn matching(
    params: &ServiceTrendsParams,
    ctx: &AskContext,
    estate: &Estate,
    units: &BTreeSet<String>,
) -> Result<Vec<u32>, AskError> {
    if !params.entity.is_empty() {
        let mut found = BTreeSet::new();
        for name in &params.entity {
            let one = named(ctx, params.as_of, estate, name).await?;
            if !KINDS.contains(&estate.entity(one).kind) {
                let kind = estate.entity(one).kind.as_str();
                let reason = format!("`{name}` is a {kind}; services and functions have trends");
                return Err(AskError::bad("entity", reason));
            }
            found.insert(one);
        }
        return Ok(found.into_iter().collect());
    }
    let place = params.place();
    let matches = |one: &u32| {
        let entity = estate.entity(*one);
        let is_of = |unit: &Option<String>| unit.as_ref().is_some_and(|unit| units.contains(unit));
        !estate.is_outside(*one)
            && holds(&place, entity)
            && (units.is_empty() || is_of(&entity.owner) || is_of(&entity.application))
    };
    Ok(KINDS.iter().flat_map(|kind| estate.of_kind(*kind)).filter(matches).collect())
}

/// The page: the services with the most requests first, then in order of id.
pub(super) async fn page(
    params: &ServiceTrendsParams,
    ctx: &AskContext,
    read: &ReadContext,
    estate: &Estate,
    (services, window): (&[u32], Window),
) -> Result<Page, AskError> {
    let members: HashMap<u32, Vec<EntityId>> =
        services.iter().map(|one| (*one, members(estate, *one))).collect();
    let requests = volumes(ctx, read, estate, &members, window).await?;
    let volume = |one: u32| requests.get(&one).copied().unwrap_or(0.0);
    let mut ranked: Vec<u32> = services.to_vec();
    ranked.sort_by(|a, b| {
        let id = |one: u32| &estate.entity(one).id;
        volume(*b).total_cmp(&volume(*a)).then_with(|| id(*a).cmp(id(*b)))
    });
    let start = match &params.cursor {
        None => 0,
        Some(cursor) => cursor
            .parse::<usize>()
            .map_err(|_error| AskError::bad("cursor", "is not the `next` of an earlier answer"))?,
    };
    let total = ranked.len();
    let end = start.saturating_add(params.limit.unwrap_or(1) as usize).min(total);
    let measured = ranked.iter().filter(|one| volume(**one) > 0.0).count() as u64;
    let services = ranked.get(start.min(end)..end).unwrap_or_default().to_vec();
    let members = services.iter().map(|one| members.get(one).cloned().unwrap_or_default());
    let next = (end < total).then(|| end.to_string());
    Ok(Page { members: members.collect(), total: total as u64, measured, next, services })
}

/// A service and what runs it, as far as one read takes.
fn members(estate: &Estate, service: u32) -> Vec<EntityId> {
    let mut seen = BTreeSet::from([service]);
    let mut open = vec![service];
    while let Some(one) = open.pop() {
        let far = estate.from(one).iter().filter(|relation| WAYS.contains(&relation.kind));
        open.extend(far.map(|relation| relation.to).filter(|to| seen.insert(*to)));
    }
    let mut found: Vec<EntityId> =
        seen.into_iter().map(|one| estate.entity(one).entity).take(ENTITIES_MAX).collect();
    // The service itself is never the one that is cut.
    found.push(estate.entity(service).entity);
    found.sort_unstable();
    found.dedup();
    found
}

/// Requests of each service in the window, from whatever counts most of them: good enough to rank.
async fn volumes(
    ctx: &AskContext,
    read: &ReadContext,
    estate: &Estate,
    members: &HashMap<u32, Vec<EntityId>>,
    window: Window,
) -> Result<BTreeMap<u32, f64>, AskError> {
    let mut owner: HashMap<EntityId, u32> = HashMap::new();
    let mut services: Vec<&u32> = members.keys().collect();
    services.sort_unstable();
    for service in services {
        for member in members.get(service).into_iter().flatten() {
            owner.entry(*member).or_insert(*service);
        }
        owner.insert(estate.entity(*service).entity, *service);
    }
    let query = SignalQuery {
        place: model::scope::Place::default(),
        unit: Vec::new(),
        kinds: Vec::new(),
        entities: Vec::new(),
        signals: vec!["request_count".to_owned(), "request_rate".to_owned()],
        window,
    };
    let mut by_source: BTreeMap<(u32, String), f64> = BTreeMap::new();
    for fact in ctx.telemetry.signals(read, query).await? {
        let Some(service) = owner.get(&fact.entity) else { continue };
        let requests = match (fact.signal.as_str(), fact.series_type) {
            ("request_rate", _) => fact.sum / fact.count.max(1) as f64 * window.seconds(),
            (_, SeriesType::Delta) => fact.sum,
            _ => fact.increase,
        };
        *by_source.entry((*service, fact.source)).or_default() += requests.max(0.0);
    }
    let calls = CallSeriesQuery {
        window,
        step: i64::MAX / 4,
        clients: Vec::new(),
        servers: Vec::new(),
        with_bins: false,
    };
    for fact in ctx.telemetry.call_series(read, calls).await? {
        let Some(service) = owner.get(&fact.server) else { continue };
        let calls: u64 = fact.buckets.iter().map(|bucket| bucket.calls).sum();
        *by_source.entry((*service, fact.origin)).or_default() += calls as f64;
    }
    for fact in ctx.telemetry.roots(read, window).await? {
        let Some(service) = owner.get(&fact.service) else { continue };
        *by_source.entry((*service, String::new())).or_default() += fact.requests as f64;
    }
    let mut most = BTreeMap::new();
    for ((service, _), requests) in by_source {
        let held: &mut f64 = most.entry(service).or_default();
        *held = held.max(requests);
    }
    Ok(most)
}
