//! Charges and deliveries: sums to the last digit, and which delivery counts.

use std::collections::BTreeMap;

use libtest_mimic::Failed;
use model::charge::{BillFormat, ChargeObservation, DeliveryObservation};
use model::entity::Labels;
use model::fact::{CostDimension, CostQuery, CostStep};
use model::resolution::TelemetryWrite;
use model::{Amount, EntityId, Micros, Window};

use super::{Bench, START, context, draws, write_of};
use crate::contract::{Done, Pair};

fn charge(row: u64, day: i64, billed: Option<&str>) -> ChargeObservation {
    let start = START - START.rem_euclid(Micros::DAY);
    ChargeObservation {
        row,
        billing_account: "111".into(),
        sub_account: Some("222".into()),
        sub_account_name: None,
        billing_period_start: Micros(start),
        billing_period_end: Micros(start + 30 * Micros::DAY),
        charge_period_start: Micros(start + day * Micros::DAY),
        charge_period_end: Micros(start + (day + 1) * Micros::DAY),
        provider: "AWS".into(),
        publisher: None,
        service: Some(if row.is_multiple_of(2) { "compute" } else { "storage" }.into()),
        service_category: None,
        region: None,
        zone: None,
        category: "Usage".into(),
        class: None,
        frequency: None,
        description: None,
        pricing_category: None,
        commitment_id: None,
        commitment_status: None,
        sku: None,
        resource_id: Some(format!("r-{}", row % 5)),
        resource_name: None,
        resource_type: None,
        resource: None,
        currency: "USD".into(),
        billed: billed.and_then(|text| text.parse().ok()),
        effective: None,
        list: None,
        contracted: None,
        quantity: None,
        unit: None,
        operation: None,
        tags: Labels::from([("team".to_owned(), format!("t{}", row % 3))]),
    }
}

/// A file of `rows` charges of 1 each, of one delivery.
pub fn bill(format: BillFormat, name: &str, exported_at: i64, rows: u64) -> TelemetryWrite {
    let mut write = write_of(name, exported_at);
    let exported_at = Some(Micros(exported_at));
    write.delivery = Some(DeliveryObservation { format, name: name.into(), exported_at });
    write.charges = (1..=rows)
        .map(|row| (Some(EntityId(1)), charge(row, row as i64 % 10, Some("1"))))
        .collect();
    write
}

fn cost(
    bench: &Bench,
    by: Vec<CostDimension>,
    step: Option<CostStep>,
    filters: Vec<(CostDimension, String)>,
) -> Result<Vec<model::fact::CostRow>, Failed> {
    let query = CostQuery { filters, dimensions: by, step, ..CostQuery::default() };
    Ok(bench.runtime.block_on(bench.telemetry.cost(&context(), query))?)
}

pub fn deliveries(pair: Pair) -> Done {
    let files = [("first", 10, 100), ("second", 20, 95), ("short", 30, 50), ("third", 40, 90)];
    for turn in 0..files.len() {
        let mut bench = Bench::new(pair)?;
        let mut order = files;
        order.rotate_left(turn);
        if turn % 2 == 1 {
            order.reverse();
        }
        for (name, exported_at, rows) in order {
            bench.write(bill(BillFormat::Focus, name, exported_at, rows))?;
        }
        bench.write(bill(BillFormat::Cur, "other", 50, 200))?;
        let again = bench.write(bill(BillFormat::Focus, "third", 40, 90))?;
        if !again.added.is_empty() || !again.changed.is_empty() {
            return Err(format!("known bytes changed {again:?}").into());
        }
        let bills = bench.runtime.block_on(bench.telemetry.bills(&context()))?;
        let states: BTreeMap<&str, &str> =
            bills.iter().map(|bill| (bill.name.as_str(), bill.state.as_str())).collect();
        let expected = BTreeMap::from([
            ("first", "superseded"),
            ("second", "superseded"),
            ("short", "held"),
            ("third", "counted"),
            ("other", "other_format"),
        ]);
        let rows: u64 =
            cost(&bench, Vec::new(), None, Vec::new())?.iter().map(|row| row.rows).sum();
        if states != expected || rows != 90 {
            return Err(format!("turn {turn}: {rows} rows, {states:?}").into());
        }
    }
    Ok(())
}

pub fn sums(pair: Pair) -> Done {
    let mut bench = Bench::new(pair)?;
    let mut write = bill(BillFormat::Focus, "exact", 10, 0);
    let mut expected: BTreeMap<(String, String), (i128, u64, u64)> = BTreeMap::new();
    for (row, draw) in (1..=3_000_u64).zip(draws(3_000)) {
        let amount = format!("-{}.{:018}", draw % 1_000_000, draw % 1_000_000_000_000_000_000);
        let billed = (draw % 7 != 0).then_some(amount.as_str());
        let one = charge(row, row as i64 % 10, billed);
        let team = one.tags.get("team").cloned().unwrap_or_default();
        let sum = expected.entry((one.service.clone().unwrap_or_default(), team)).or_default();
        sum.0 += one.billed.map_or(0, |billed| billed.0);
        sum.1 += u64::from(one.billed.is_some());
        sum.2 += 1;
        write.charges.push((Some(EntityId(1)), one));
    }
    bench.write(write)?;
    let by = vec![CostDimension::Service, CostDimension::Tag("team".into())];
    let found: BTreeMap<(String, String), (i128, u64, u64)> = cost(&bench, by, None, Vec::new())?
        .into_iter()
        .map(|row| {
            let value = |at: usize| row.values[at].clone().unwrap_or_default();
            ((value(0), value(1)), (row.sums[0].0.0, row.sums[0].1, row.rows))
        })
        .collect();
    if found != expected {
        return Err(format!("{found:?} for {expected:?}").into());
    }
    let filters = vec![
        (CostDimension::Tag("team".into()), "t1".to_owned()),
        (CostDimension::Service, "compute".to_owned()),
        (CostDimension::Tag("absent".into()), String::new()),
    ];
    let days = cost(&bench, Vec::new(), Some(CostStep::Day), filters)?;
    let total: i128 = days.iter().map(|row| row.sums[0].0.0).sum();
    let exact = expected.get(&("compute".into(), "t1".into())).map(|sum| sum.0);
    if Some(total) != exact || days.iter().any(|row| row.sums[1] != (Amount::ZERO, 0)) {
        return Err(format!("{total} for {exact:?}").into());
    }
    let owner = cost(&bench, vec![CostDimension::Owner], None, Vec::new())?;
    match owner.as_slice() {
        [one] if one.values == [Some("org://team/one".to_owned())] => Ok(()),
        other => Err(format!("{other:?}").into()),
    }
}

pub fn past(pair: Pair) -> Done {
    let mut bench = Bench::new(pair)?;
    bench.write(bill(BillFormat::Focus, "one", 10, 100))?;
    let start = START - START.rem_euclid(Micros::DAY);
    // Ten charges of 1 a day; a day counts once it has ended.
    for day in 0..=10 {
        let as_of = Some(Micros(start + day * Micros::DAY));
        let ctx = model::seam::ReadContext { as_of, ..context() };
        let query = CostQuery::default();
        let found = bench.runtime.block_on(bench.telemetry.cost(&ctx, query))?;
        let rows: u64 = found.iter().map(|row| row.rows).sum();
        if rows != day as u64 * 10 {
            return Err(format!("after {day} days {rows} rows").into());
        }
    }
    Ok(())
}

/// Sums are those of the charges in the window, wherever in a day it begins or ends, and of whoever owns the
/// resource now; asked between the writes, so that nothing older is told.
pub fn followed(pair: Pair) -> Done {
    let mut bench = Bench::new(pair)?;
    bench.write(bill(BillFormat::Focus, "one", 10, 100))?;
    let day = START - START.rem_euclid(Micros::DAY);
    for (from, to) in [(0, 240), (24, 72), (36, 120), (36, 130), (0, 1), (-50, 500), (72, 72)] {
        let (from, to) = (day + from * Micros::HOUR, day + to * Micros::HOUR);
        let window = Some(Window { from: Micros(from).timestamp(), to: Micros(to).timestamp() });
        let query = CostQuery { window, step: Some(CostStep::Day), ..CostQuery::default() };
        let found = bench.runtime.block_on(bench.telemetry.cost(&context(), query))?;
        let days: Vec<(i64, u64)> =
            found.iter().map(|row| (row.at.map_or(0, |at| at.0), row.rows)).collect();
        // Ten charges begin with each of ten days.
        let begun = (0..10).map(|number| day + number * Micros::DAY);
        let wanted: Vec<(i64, u64)> =
            begun.filter(|at| (from..to).contains(at)).map(|at| (at, 10)).collect();
        if days != wanted {
            return Err(format!("{from} to {to}: {days:?} for {wanted:?}").into());
        }
    }
    for team in ["org://team/one", "org://team/two", "org://team/one"] {
        let mut write = write_of(team, 20);
        write.subjects[0].owner = Some(team.into());
        bench.write(write)?;
        let found = cost(&bench, vec![CostDimension::Owner], None, Vec::new())?;
        let owners: Vec<_> = found.iter().map(|row| (row.values[0].as_deref(), row.rows)).collect();
        if owners != [(Some(team), 100)] {
            return Err(format!("{owners:?} for {team}").into());
        }
    }
    bench.write(bill(BillFormat::Focus, "two", 30, 110))?;
    let rows: u64 = cost(&bench, Vec::new(), None, Vec::new())?.iter().map(|row| row.rows).sum();
    if rows != 110 {
        return Err(format!("{rows} rows after the newer delivery").into());
    }
    Ok(())
}
