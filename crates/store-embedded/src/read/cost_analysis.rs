//! Facts of `cost_analysis`: sums of charges, and the deliveries.

use duckdb::types::Decimal;
use duckdb::{Connection, Row, ToSql};
use model::charge::BillFormat;
use model::fact::{BillFact, CostDimension, CostItemRow, CostQuery, CostRow, CostStep};
use model::scope::OrgScope;
use model::seam::ReadContext;
use model::{Amount, Micros, StoreError};

use crate::error::{Failure, Outcome, STORE};
use crate::recorded::cached;

/// Most dimensions of one read.
pub const SLOTS: usize = 8;

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

/// Parameters of a statement by name.
type Parameters = Vec<(String, Box<dyn ToSql>)>;

/// One row a combination of the asked dimensions.
pub fn rows(conn: &Connection, ctx: &ReadContext, query: &CostQuery) -> Outcome<Vec<CostRow>> {
    read(conn, &parameters(ctx, query, false), query, |row| cost_row(row, &query.dimensions))
}

/// The same with quantities, long charge periods apart.
pub fn items(conn: &Connection, ctx: &ReadContext, query: &CostQuery) -> Outcome<Vec<CostItemRow>> {
    read(conn, &parameters(ctx, query, true), query, |row| {
        Ok(CostItemRow {
            cost: cost_row(row, &query.dimensions)?,
            is_long: row.get(13 + SLOTS)?,
            quantity: (amount(row.get(14 + SLOTS)?), row.get(15 + SLOTS)?),
            before_commitment: (amount(row.get(16 + SLOTS)?), row.get(17 + SLOTS)?),
            from_list: row.get(18 + SLOTS)?,
        })
    })
}

fn read<T>(
    conn: &Connection,
    parameters: &[(String, Box<dyn ToSql>)],
    query: &CostQuery,
    made: impl Fn(&Row<'_>) -> Outcome<T>,
) -> Outcome<Vec<T>> {
    if query.dimensions.len() > SLOTS {
        return Err(StoreError::Exhausted {
            store: STORE.to_owned(),
            resource: "dimensions of one read".to_owned(),
            limit: SLOTS.to_string(),
        }
        .into());
    }
    let bound: Vec<(&str, &dyn ToSql)> =
        parameters.iter().map(|(name, value)| (name.as_str(), value.as_ref())).collect();
    let sql = include_str!("cost_analysis.sql");
    let mut statement = cached(conn, "cost_analysis", sql, &bound)?;
    let mut rows = statement.query(bound.as_slice())?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(made(row)?);
    }
    Ok(found)
}

fn parameters(ctx: &ReadContext, query: &CostQuery, with_items: bool) -> Parameters {
    let mut all: Parameters = Vec::new();
    let mut put = |name: &str, value: Box<dyn ToSql>| all.push((name.to_owned(), value));
    let (from, to) = query.window.map_or((i64::MIN, i64::MAX), |window| {
        let (from, to) = window.micros();
        (from.0, to.0)
    });
    put("from", Box::new(from));
    put("to", Box::new(to));
    put("until", Box::new(ctx.as_of.map_or(i64::MAX, |at| at.0)));
    put("by_billing_period", Box::new(query.by_billing_period));
    let step = match query.step {
        None => "",
        Some(CostStep::Day) => "day",
        Some(CostStep::Month) => "month",
    };
    put("step", Box::new(step));
    let mut tags = Vec::new();
    for slot in 0..SLOTS {
        let number = slot + 1;
        let (position, tag) = query.dimensions.get(slot).map_or((0, NO_TAG), position_of);
        tags.push(tag.to_owned());
        put(&format!("dimension{number}"), Box::new(position));
        put(&format!("tag{number}"), Box::new(tag.to_owned()));
    }
    let (mut positions, mut filter_tags, mut filter_values) = (Vec::new(), Vec::new(), Vec::new());
    for (dimension, value) in &query.filters {
        let (position, tag) = position_of(dimension);
        positions.push(position.to_string());
        filter_tags.push(tag.to_owned());
        filter_values.push(filter_value(dimension, value));
    }
    tags.extend(filter_tags.iter().cloned());
    put("tags", Box::new(joined(&tags)));
    put("filters", Box::new(positions.join(",")));
    put("filter_tags", Box::new(joined(&filter_tags)));
    put("filter_values", Box::new(joined(&filter_values)));
    for (name, values) in [
        ("account", &query.place.account),
        ("region", &query.place.region),
        ("cluster", &query.place.cluster),
        ("namespace", &query.place.namespace),
        ("environment", &query.place.environment),
        ("unit", &query.unit),
    ] {
        put(name, Box::new(joined(values)));
    }
    put("org", Box::new(org(ctx)));
    put("with_items", Box::new(with_items));
    all
}

/// Position in `parts`, and the tag's name; 0 for a tag.
pub fn position_of(dimension: &CostDimension) -> (i32, &str) {
    if let CostDimension::Tag(name) = dimension {
        return (0, name);
    }
    let position = POSITIONS.iter().find(|(known, _)| known == dimension);
    (position.map_or(0, |(_, position)| *position), NO_TAG)
}

/// A filter's value as the column holds it: billing periods are instants.
pub fn filter_value(dimension: &CostDimension, value: &str) -> String {
    match dimension {
        CostDimension::BillingPeriod => value
            .parse::<jiff::Timestamp>()
            .or_else(|_| format!("{value}T00:00:00Z").parse())
            .map_or_else(|_| value.to_owned(), |at| at.as_microsecond().to_string()),
        _ => value.to_owned(),
    }
}

/// Values as one parameter.
pub fn joined(values: &[String]) -> String {
    values.join("\u{1f}")
}

/// The units that the viewer may see, as one parameter; nobody's when there are none.
pub fn org(ctx: &ReadContext) -> String {
    match &ctx.org_scope {
        OrgScope::Everything => String::new(),
        OrgScope::Units(units) if units.is_empty() => "\u{1f}".to_owned(),
        OrgScope::Units(units) => joined(units),
    }
}

fn cost_row(row: &Row<'_>, dimensions: &[CostDimension]) -> Outcome<CostRow> {
    let mut values = Vec::with_capacity(dimensions.len());
    for (slot, dimension) in dimensions.iter().enumerate() {
        let value: Option<String> = row.get(13 + slot)?;
        values.push(value_of(dimension, value)?);
    }
    let sum = |at: usize| -> Outcome<(Amount, u64)> {
        let amount = amount(row.get(at)?);
        Ok((amount, row.get(at + 1)?))
    };
    Ok(CostRow {
        at: row.get::<_, Option<i64>>(0)?.map(Micros),
        values,
        currency: row.get(1)?,
        rows: row.get(2)?,
        sums: [sum(3)?, sum(5)?, sum(7)?, sum(9)?],
        first: Micros(row.get(11)?),
        last: Micros(row.get(12)?),
    })
}

/// A value as questions give it.
pub fn value_of(dimension: &CostDimension, value: Option<String>) -> Outcome<Option<String>> {
    match dimension {
        CostDimension::BillingPeriod => value.map(|at| instant(&at)).transpose(),
        _ => Ok(value),
    }
}

/// A billing period as questions name it: its first instant.
fn instant(micros: &str) -> Outcome<String> {
    let at: i64 =
        micros.parse().map_err(|_error| Failure::Row(format!("`{micros}` is no time")))?;
    Ok(Micros(at).to_string())
}

/// An amount as the driver gives it; `None` is the sum of no value, and the rows beside it say so.
fn amount(decimal: Option<Decimal>) -> Amount {
    Amount(decimal.map_or(0, |decimal| decimal.value()))
}

/// Every delivery with what became of it.
pub fn bills(conn: &Connection) -> Outcome<Vec<BillFact>> {
    let sql = include_str!("cost_analysis_bills.sql");
    let mut statement = cached(conn, "cost_analysis_bills", sql, &[])?;
    let mut rows = statement.query([])?;
    let mut found: Vec<(u32, BillFact)> = Vec::new();
    while let Some(row) = rows.next()? {
        let id: u32 = row.get(0)?;
        if found.last().is_none_or(|(last, _)| *last != id) {
            found.push((id, bill(row)?));
        }
        let (currency, rows): (Option<String>, Option<u64>) = (row.get(9)?, row.get(11)?);
        if let (Some(currency), Some(1..), Some((_, bill))) = (currency, rows, found.last_mut()) {
            bill.billed.push((currency, amount(row.get(10)?)));
        }
    }
    Ok(found.into_iter().map(|(_, bill)| bill).collect())
}

fn bill(row: &Row<'_>) -> Outcome<BillFact> {
    let format: String = row.get(1)?;
    let formats = [BillFormat::Focus, BillFormat::Cur, BillFormat::Azure];
    Ok(BillFact {
        format: formats
            .into_iter()
            .find(|known| known.as_str() == format)
            .ok_or_else(|| Failure::Row(format!("`{format}` is no format of bills")))?,
        billing_account: row.get(2)?,
        billing_period: Micros(row.get(3)?).timestamp(),
        name: row.get(4)?,
        exported_at: Micros(row.get(5)?).timestamp(),
        rows: row.get(6)?,
        billed: Vec::new(),
        state: row.get(7)?,
        reason: row.get(8)?,
    })
}
