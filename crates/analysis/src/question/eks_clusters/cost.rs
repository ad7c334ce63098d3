//! What a cluster cost in the newest month of charges: its control plane by its ARN, its nodes by the
//! ids of their instances and volumes.

use std::collections::{BTreeMap, BTreeSet};

use model::absence::Absence;
use model::fact::{CostDimension, CostQuery, CostRow, CostStep};
use model::kind::{EntityKind as K, RelationKind as R};
use model::measure::Money;
use model::money::{Amount, Basis, Origin};
use model::seam::ReadContext;
use model::time::{Micros, Window};

use super::member::{Members, instance_of};
use super::shape::ClusterCost;
use crate::ask::{AskContext, AskError};
use crate::estate::Estate;
use crate::table::date_of;

/// Charges of one month, by resource.
#[derive(Debug, Clone, Default)]
pub(super) struct MonthCharges {
    /// Start of the month; `None` when there are no charges.
    month: Option<Micros>,
    /// Whether it had not ended at the instant asked about.
    is_partial: bool,
    /// Rows by the resource they are billed for.
    rows: BTreeMap<String, Vec<CostRow>>,
}

/// Place of the effective cost among the sums of a row.
const EFFECTIVE: usize = 1;

/// Fetches the newest month that had ended at the instant, else the newest that had begun.
pub(super) async fn charges(
    ctx: &AskContext,
    read: &ReadContext,
    at: Micros,
) -> Result<MonthCharges, AskError> {
    let query = CostQuery { step: Some(CostStep::Month), ..CostQuery::default() };
    let months = ctx.telemetry.cost(read, query.clone()).await?;
    let months: BTreeSet<Micros> = months.iter().filter_map(|row| row.at).collect();
    let ended = months.iter().rev().find(|month| month_end(**month) <= at);
    let Some(month) = ended.or_else(|| months.last()).copied() else {
        return Ok(MonthCharges::default());
    };
    let end = month_end(month);
    let window = Window { from: month.timestamp(), to: end.timestamp() };
    let by_resource = CostQuery {
        window: Some(window),
        dimensions: vec![CostDimension::Resource],
        step: None,
        ..query
    };
    let mut rows: BTreeMap<String, Vec<CostRow>> = BTreeMap::new();
    for row in ctx.telemetry.cost(read, by_resource).await? {
        if let Some(Some(resource)) = row.values.first().cloned() {
            rows.entry(resource).or_default().push(row);
        }
    }
    Ok(MonthCharges { month: Some(month), is_partial: end > at, rows })
}

/// The end of the month that begins at an instant.
fn month_end(month: Micros) -> Micros {
    let next = date_of(month).first_of_month().checked_add(jiff::Span::new().months(1));
    let zoned = next.ok().and_then(|next| next.to_zoned(jiff::tz::TimeZone::UTC).ok());
    zoned.map_or(Micros(i64::MAX), |zoned| Micros::of(zoned.timestamp()))
}

/// What one cluster cost.
pub(super) fn of(estate: &Estate, cluster: &Members, charges: &MonthCharges) -> ClusterCost {
    let resources = machines(estate, cluster);
    let found: Vec<&[CostRow]> =
        resources.iter().filter_map(|one| rows_of(estate, *one, charges)).collect();
    let control: Vec<&[CostRow]> =
        cluster.own().filter_map(|one| rows_of(estate, one, charges)).collect();
    let why = if charges.month.is_none() {
        Some(Absence::NoData.because("no charges are held"))
    } else if found.is_empty() && control.is_empty() {
        let why = "no charge names the control plane or a machine of the cluster";
        Some(Absence::NotCollected.because(why))
    } else {
        None
    };
    ClusterCost {
        month: charges.month.map(date_of),
        is_partial: charges.is_partial,
        control_plane: summed(&control),
        nodes: summed(&found),
        charged: found.len() as u64,
        chargeable: resources.len() as u64,
        reason: why.as_ref().map(|why| why.reason),
        detail: why.and_then(|why| why.detail),
    }
}

/// Instances of the nodes, with their volumes.
fn machines(estate: &Estate, cluster: &Members) -> BTreeSet<u32> {
    let mut all = BTreeSet::new();
    let of_nodes =
        cluster.kind(K::KubernetesNode).iter().filter_map(|one| instance_of(estate, *one));
    let of_groups = cluster
        .kind(K::NodeGroup)
        .iter()
        .flat_map(|one| estate.far(*one, R::HasReplica))
        .filter(|one| estate.entity(*one).kind == K::Instance);
    for instance in of_nodes.chain(of_groups) {
        let volumes = estate.far(instance, R::AttachedTo);
        all.extend(volumes.filter(|one| estate.entity(*one).kind == K::Volume));
        all.insert(instance);
    }
    all
}

/// Charges of an entity: the bill names it by its ARN or by the bare id at the ARN's end.
fn rows_of<'c>(estate: &Estate, entity: u32, charges: &'c MonthCharges) -> Option<&'c [CostRow]> {
    let id = estate.entity(entity).id.as_str();
    let bare = id.rsplit('/').next().unwrap_or(id);
    let by_bare = || charges.rows.get(bare).filter(|_| bare.contains('-') && bare != id);
    let rows = charges.rows.get(id);
    // A cluster's name is no id of its own.
    let is_cluster = estate.entity(entity).kind == K::KubernetesCluster;
    rows.or_else(|| if is_cluster { None } else { by_bare() }).map(Vec::as_slice)
}

/// Effective cost by currency, in order of currency.
fn summed(all: &[&[CostRow]]) -> Vec<Money> {
    let mut sums: BTreeMap<&str, Money> = BTreeMap::new();
    for row in all.iter().copied().flatten() {
        let (amount, with) = row.sums[EFFECTIVE];
        let sum = sums.entry(&row.currency).or_insert_with(|| Money {
            amount: None,
            currency: row.currency.clone(),
            basis: Basis::Effective,
            origin: Origin::Charged,
            rows: 0,
            rows_without: 0,
            reason: None,
        });
        sum.rows += row.rows;
        sum.rows_without += row.rows.saturating_sub(with);
        if with > 0 {
            sum.amount = sum.amount.unwrap_or(Amount::ZERO).checked_add(amount);
        }
        sum.reason = sum.amount.is_none().then_some(Absence::NotCollected);
    }
    sums.into_values().collect()
}
