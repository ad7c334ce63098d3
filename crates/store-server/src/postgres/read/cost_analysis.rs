//! Facts of `cost_analysis`: sums of charges, and the deliveries.

use model::charge::BillFormat;
use model::fact::{BillFact, CostDimension, CostItemRow, CostQuery, CostRow, CostStep};
use model::seam::ReadContext;
use model::{Micros, StoreError};
use tokio_postgres::Row;

use super::row::{count, org, sum};
use crate::postgres::connection::Session;
use crate::postgres::error::{Failure, Outcome, STORE};
use crate::postgres::number::{Text, texts};
use crate::postgres::statement::{Parameter, Statement, shared_statement, statement};

const ROWS: Statement = statement!("cost_analysis");
const BILLS: Statement = shared_statement!("read/cost_analysis_bills");

/// Most dimensions of one read.
const SLOTS: usize = 8;

/// Where the statement's list `parts` holds each dimension; tags are found by name.
const POSITIONS: [(CostDimension, i32); 26] = [
    (CostDimension::Provider, 1),
    (CostDimension::Service, 2),
    (CostDimension::ServiceCategory, 3),
    (CostDimension::BillingAccount, 4),
    (CostDimension::Account, 5),
    (CostDimension::Region, 6),
    (CostDimension::Category, 7),
    (CostDimension::Resource, 8),
    (CostDimension::ResourceType, 9),
    (CostDimension::Sku, 10),
    (CostDimension::PricingCategory, 11),
    (CostDimension::CommitmentStatus, 12),
    (CostDimension::Owner, 13),
    (CostDimension::Application, 14),
    (CostDimension::BillingPeriod, 15),
    (CostDimension::Currency, 16),
    (CostDimension::Commitment, 17),
    (CostDimension::Frequency, 18),
    (CostDimension::Class, 19),
    (CostDimension::Unit, 20),
    (CostDimension::Publisher, 21),
    (CostDimension::AccountName, 22),
    (CostDimension::Operation, 23),
    // What units are worked out from.
    (CostDimension::Team, 13),
    (CostDimension::BusinessUnit, 13),
    (CostDimension::Product, 14),
];

/// The name of no tag; a tag without a name cannot be asked for.
const NO_TAG: &str = "";

/// One row a combination of the asked dimensions.
pub async fn rows(
    session: &Session,
    ctx: &ReadContext,
    query: &CostQuery,
) -> Outcome<Vec<CostRow>> {
    let rows = read(session, ctx, query, false).await?;
    rows.iter().map(|row| cost_row(row, &query.dimensions)).collect()
}

/// The same with quantities, long charge periods apart.
pub async fn items(
    session: &Session,
    ctx: &ReadContext,
    query: &CostQuery,
) -> Outcome<Vec<CostItemRow>> {
    let rows = read(session, ctx, query, true).await?;
    let item = |row: &Row| -> Outcome<CostItemRow> {
        Ok(CostItemRow {
            cost: cost_row(row, &query.dimensions)?,
            is_long: row.try_get(14)?,
            quantity: sum(row, 15)?,
            before_commitment: sum(row, 17)?,
            from_list: count(row, 19)?,
        })
    };
    rows.iter().map(item).collect()
}

async fn read(
    session: &Session,
    ctx: &ReadContext,
    query: &CostQuery,
    with_items: bool,
) -> Outcome<Vec<Row>> {
    if query.dimensions.len() > SLOTS {
        return Err(StoreError::Exhausted {
            store: STORE.to_owned(),
            resource: "dimensions of one read".to_owned(),
            limit: SLOTS.to_string(),
        }
        .into());
    }
    let (from, to) = query.window.map_or((i64::MIN, i64::MAX), |window| {
        let (from, to) = window.micros();
        (from.0, to.0)
    });
    let until = ctx.as_of.map_or(i64::MAX, |at| at.0);
    let step = match query.step {
        None => "",
        Some(CostStep::Day) => "day",
        Some(CostStep::Month) => "month",
    };
    let slot = |slot: usize| query.dimensions.get(slot).map_or((0, NO_TAG), position_of);
    let dimensions: Vec<i32> = (0..SLOTS).map(|one| slot(one).0).collect();
    let dimension_tags: Vec<Text<'_>> = (0..SLOTS).map(|one| Text(slot(one).1)).collect();
    let filters: Vec<i32> = query.filters.iter().map(|(one, _)| position_of(one).0).collect();
    let filter_tags: Vec<Text<'_>> =
        query.filters.iter().map(|(one, _)| Text(position_of(one).1)).collect();
    let filter_values: Vec<String> =
        query.filters.iter().map(|(one, value)| filter_value(one, value)).collect();
    let filter_values = texts(&filter_values);
    let tags: Vec<Text<'_>> = dimension_tags.iter().chain(&filter_tags).copied().collect();
    let units = org(ctx);
    let units = texts(&units);
    let parameters: [Parameter<'_>; 18] = [
        ("from", &from),
        ("to", &to),
        ("until", &until),
        ("by_billing_period", &query.by_billing_period),
        ("step", &step),
        ("dimensions", &dimensions),
        ("dimension_tags", &dimension_tags),
        ("tags", &tags),
        ("filters", &filters),
        ("filter_tags", &filter_tags),
        ("filter_values", &filter_values),
        ("account", &query.place.account),
        ("region", &query.place.region),
        ("cluster", &query.place.cluster),
        ("namespace", &query.place.namespace),
        ("environment", &query.place.environment),
        ("unit", &query.unit),
        ("org", &units),
    ];
    let items: Parameter<'_> = ("with_items", &with_items);
    let parameters: Vec<Parameter<'_>> = parameters.into_iter().chain([items]).collect();
    session.rows(ROWS, &parameters).await
}

/// Position in `parts`, and the tag's name; 0 for a tag.
fn position_of(dimension: &CostDimension) -> (i32, &str) {
    if let CostDimension::Tag(name) = dimension {
        return (0, name);
    }
    let position = POSITIONS.iter().find(|(known, _)| known == dimension);
    (position.map_or(0, |(_, position)| *position), NO_TAG)
}

/// A filter's value as the column holds it: billing periods are instants.
fn filter_value(dimension: &CostDimension, value: &str) -> String {
    match dimension {
        CostDimension::BillingPeriod => value
            .parse::<jiff::Timestamp>()
            .or_else(|_| format!("{value}T00:00:00Z").parse())
            .map_or_else(|_| value.to_owned(), |at| at.as_microsecond().to_string()),
        _ => value.to_owned(),
    }
}

fn cost_row(row: &Row, dimensions: &[CostDimension]) -> Outcome<CostRow> {
    let found: Vec<Option<String>> = row.try_get(13)?;
    let values = dimensions.iter().zip(found).map(|(dimension, value)| match dimension {
        CostDimension::BillingPeriod => value.map(|at| instant(&at)).transpose(),
        _ => Ok(value),
    });
    Ok(CostRow {
        at: row.try_get::<_, Option<i64>>(0)?.map(Micros),
        values: values.collect::<Outcome<_>>()?,
        currency: row.try_get(1)?,
        rows: count(row, 2)?,
        sums: [sum(row, 3)?, sum(row, 5)?, sum(row, 7)?, sum(row, 9)?],
        first: Micros(row.try_get(11)?),
        last: Micros(row.try_get(12)?),
    })
}

/// A billing period as questions name it: its first instant.
fn instant(micros: &str) -> Outcome<String> {
    let at: i64 =
        micros.parse().map_err(|_error| Failure::Row(format!("`{micros}` is no time")))?;
    Ok(Micros(at).to_string())
}

/// Every delivery with what became of it.
pub async fn bills(session: &Session) -> Outcome<Vec<BillFact>> {
    let mut found: Vec<(i32, BillFact)> = Vec::new();
    for row in session.rows(BILLS, &[]).await? {
        let id: i32 = row.try_get(0)?;
        if found.last().is_none_or(|(last, _)| *last != id) {
            found.push((id, bill(&row)?));
        }
        let currency: Option<String> = row.try_get(9)?;
        let rows: Option<i64> = row.try_get(11)?;
        if let (Some(currency), Some(1..), Some((_, bill))) = (currency, rows, found.last_mut()) {
            bill.billed.push((currency, sum(&row, 10)?.0));
        }
    }
    Ok(found.into_iter().map(|(_, bill)| bill).collect())
}

fn bill(row: &Row) -> Outcome<BillFact> {
    let format: &str = row.try_get(1)?;
    let formats = [BillFormat::Focus, BillFormat::Cur, BillFormat::Azure];
    Ok(BillFact {
        format: formats
            .into_iter()
            .find(|known| known.as_str() == format)
            .ok_or_else(|| Failure::Row(format!("`{format}` is no format of bills")))?,
        billing_account: row.try_get(2)?,
        billing_period: Micros(row.try_get(3)?).timestamp(),
        name: row.try_get(4)?,
        exported_at: Micros(row.try_get(5)?).timestamp(),
        rows: count(row, 6)?,
        billed: Vec::new(),
        state: row.try_get(7)?,
        reason: row.try_get(8)?,
    })
}
