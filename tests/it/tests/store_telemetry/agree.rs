//! Facts that two stores give of the same batches, drawn at random: the embedded one's are the reference.

use std::fmt::Debug;

use libtest_mimic::Failed;
use model::error::StoreResult;
use model::fact::{
    CallSeriesQuery, CostDimension, CostQuery, CostStep, TraceQuery, UsageCostQuery,
};
use model::resolution::{SubjectWrite, TelemetryWrite};
use model::seam::Telemetry;
use model::series::{Bin, SeriesType};
use model::span::{CallOutcome, EdgeMinute, SpanKind, SpanObservation};
use model::{EntityId, Micros, Reference, Window};

use super::charges::bill;
use super::{Bench, START, context, draws, samples, write_of};
use crate::contract::{Done, EMBEDDED, Pair};

const KINDS: [SpanKind; 6] = [
    SpanKind::Unspecified,
    SpanKind::Internal,
    SpanKind::Server,
    SpanKind::Client,
    SpanKind::Producer,
    SpanKind::Consumer,
];

/// Subjects 1 to 4; 4 stands for 2.
fn subjects(write: &mut TelemetryWrite) {
    let first = write.subjects[0].clone();
    let of = |id: u64, entity: u64| SubjectWrite {
        id: EntityId(id),
        entity: EntityId(entity),
        canonical: format!("service://_/_/{entity}").as_str().into(),
        name: format!("s{entity}"),
        ..first.clone()
    };
    write.subjects = vec![of(1, 1), of(2, 2), of(3, 3), of(4, 2)];
}

fn spans() -> TelemetryWrite {
    let mut write = write_of("spans", 5);
    subjects(&mut write);
    let all: Vec<u64> = draws(400).collect();
    for (place, draw) in all.iter().enumerate() {
        let trace = (draw % 60) as u8;
        let mut trace_id = [trace; 16];
        trace_id[8] = trace.wrapping_mul(101);
        let start = START + (draw >> 8) as i64 % (3 * Micros::HOUR);
        let length = (draw >> 20) as i64 % 5_000_000 * i64::from(draw % 11 != 0);
        let span = SpanObservation {
            trace_id,
            // Few ids, so that halves share one.
            span_id: ((draw >> 32) % 6 + 1).to_be_bytes(),
            parent_id: ((draw >> 40) % 3).to_be_bytes(),
            service: "service://_/_/1".into(),
            name: format!("GET /{}", draw % 5),
            kind: KINDS[place % 6],
            start: Micros(start),
            end: Micros(start + length),
            is_error: draw % 9 == 0,
            peer: None,
            sampling_probability: [None, Some(0.3), Some(0.4), Some(1e-9)]
                [(draw >> 50) as usize % 4],
            attributes: Vec::new(),
        };
        write.spans.push((EntityId(draw % 4 + 1), span));
    }
    write
}

fn edges() -> TelemetryWrite {
    let mut write = write_of("edges", 6);
    subjects(&mut write);
    for draw in draws(300) {
        let calls = draw % 20 + 1;
        let edge = EdgeMinute {
            at: Micros(START + (draw >> 8) as i64 % 180 * Micros::MINUTE),
            client: Reference::id("service://_/_/1"),
            server: Reference::id("service://_/_/2"),
            operation: format!("op{}", draw % 3),
            is_asynchronous: draw % 5 == 0,
            calls,
            errors: calls / 3,
            client_seconds: vec![(Bin((draw >> 20) as i32 % 40 - 20), calls), (Bin::ZERO, 1)],
            server_seconds: vec![(Bin((draw >> 30) as i32 % 40 - 20), calls)],
            is_scaled: draw % 2 == 0,
            outcome: CallOutcome { failures: draw % 3, requests: draw % 2, survived: draw % 2 },
        };
        let ends = (EntityId(draw % 4 + 1), EntityId((draw >> 4) % 4 + 1));
        match draw % 4 {
            0 => write.edges.push((ends.0, ends.1, edge)),
            1 => {
                // What was counted and is taken off again.
                write.edges_paired.push((ends.0, ends.1, edge.clone()));
                write.edges_unpaired.push((ends.0, ends.1, edge));
            }
            _ => write.edges_paired.push((ends.0, ends.1, edge)),
        }
    }
    write
}

fn charges() -> TelemetryWrite {
    let mut write = bill(model::charge::BillFormat::Focus, "bill", 10, 200);
    for ((_, charge), draw) in write.charges.iter_mut().zip(draws(200)) {
        let amount = |shift: u32| format!("{}.{:09}", (draw >> shift) % 50, draw % 999_999_999);
        charge.effective = amount(3).parse().ok().filter(|_| draw % 3 > 0);
        charge.list = amount(5).parse().ok().filter(|_| draw % 5 > 0);
        charge.contracted = amount(7).parse().ok().filter(|_| draw % 4 > 0);
        charge.quantity = amount(9).parse().ok().filter(|_| draw % 2 > 0);
        charge.region = Some(format!("r{}", draw % 3)).filter(|_| draw % 4 > 0);
        charge.sku = Some(format!("sku{}", draw % 7));
        if draw % 5 == 0 {
            charge.charge_period_end = charge.charge_period_end.plus(2 * Micros::DAY);
        }
    }
    write
}

/// A second of the two stores gives what the first does.
fn same<T: Debug + PartialEq>(
    (bench, reference): &(Bench, Bench),
    what: &str,
    ask: &impl AsyncFn(&dyn Telemetry) -> StoreResult<T>,
) -> Done {
    let expected = reference.runtime.block_on(ask(reference.telemetry.as_ref()))?;
    let found = bench.runtime.block_on(ask(bench.telemetry.as_ref()))?;
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}:\n{found:?}\nfor\n{expected:?}").into())
}

/// The store under trial and an embedded one, with the same batches in both.
fn filled(pair: Pair) -> Result<(Bench, Bench), Failed> {
    let (mut bench, mut reference) = (Bench::new(pair)?, Bench::new(EMBEDDED)?);
    let points: Vec<(i64, f64)> = draws(300)
        .enumerate()
        .map(|(place, draw)| {
            let at = START + place as i64 * 7 * Micros::MINUTE;
            (at, (draw % 9_000) as f64 / 1_000.0 - 1.0)
        })
        .collect();
    let gauges = samples(&points, SeriesType::Gauge, 5);
    for write in [spans(), edges(), charges(), spans(), gauges] {
        let found = bench.write(write.clone())?;
        let expected = reference.write(write)?;
        if found != expected {
            return Err(format!("written {found:?} for {expected:?}").into());
        }
    }
    Ok((bench, reference))
}

/// Calls, requests and traces.
pub fn calls(pair: Pair) -> Done {
    let both = filled(pair)?;
    let ctx = &context();
    let window = |from: i64, to: i64| Window {
        from: Micros(START + from * Micros::MINUTE).timestamp(),
        to: Micros(START + to * Micros::MINUTE).timestamp(),
    };
    for window in [window(0, 180), window(17, 95), window(-500, 9_000)] {
        same(&both, "calls", &async |store| store.calls(ctx, window).await)?;
        same(&both, "outcomes", &async |store| store.call_outcomes(ctx, window).await)?;
        same(&both, "roots", &async |store| store.roots(ctx, window).await)?;
        for limit in [7, 1_000] {
            let query = TraceQuery { window, limit };
            same(&both, "trace ids", &async |store| store.trace_ids(ctx, query).await)?;
        }
        for (clients, servers) in [(vec![], vec![]), (vec![EntityId(2)], vec![EntityId(1)])] {
            let query = CallSeriesQuery {
                window,
                step: 10 * Micros::MINUTE,
                clients,
                servers,
                with_bins: true,
            };
            same(&both, "call series", &async |store| store.call_series(ctx, query.clone()).await)?;
            same(&both, "root series", &async |store| store.root_series(ctx, query.clone()).await)?;
        }
    }
    let query = TraceQuery { window: window(0, 300), limit: 1_000 };
    let (bench, _) = &both;
    let traces = bench.runtime.block_on(bench.telemetry.trace_ids(ctx, query))?.traces;
    same(&both, "traces", &async |store| store.traces(ctx, &traces).await)?;
    same(&both, "spans", &async |store| store.trace_spans(&traces).await)?;
    same(&both, "presence", &async |store| store.presence(ctx).await)
}

/// Charges and durations.
pub fn amounts(pair: Pair) -> Done {
    let both = filled(pair)?;
    let ctx = &context();
    let tag = || CostDimension::Tag("team".into());
    let dimensions = [
        vec![],
        vec![CostDimension::Region, tag(), CostDimension::Sku],
        vec![CostDimension::Owner, CostDimension::BillingPeriod, CostDimension::Resource],
    ];
    for dimensions in dimensions {
        for step in [None, Some(CostStep::Day), Some(CostStep::Month)] {
            for filters in
                [vec![], vec![(tag(), "t1".to_owned()), (CostDimension::Region, "".into())]]
            {
                let query = CostQuery {
                    by_billing_period: step == Some(CostStep::Month),
                    filters,
                    dimensions: dimensions.clone(),
                    step,
                    ..CostQuery::default()
                };
                same(&both, "cost", &async |store| store.cost(ctx, query.clone()).await)?;
                same(&both, "items", &async |store| store.cost_items(ctx, query.clone()).await)?;
            }
        }
    }
    let window = Window {
        from: Micros(START - 40 * Micros::DAY).timestamp(),
        to: Micros(START + 40 * Micros::DAY).timestamp(),
    };
    let query = UsageCostQuery { window, limit: 10_000 };
    same(&both, "usage", &async |store| store.usage_cost(ctx, query).await)?;
    same(&both, "bills", &async |store| store.bills(ctx).await)?;
    for step in [Micros::HOUR, 20 * Micros::MINUTE] {
        let query = model::fact::SeriesQuery {
            entities: vec![EntityId(1)],
            signals: vec!["latency_seconds".into()],
            metrics: Vec::new(),
            window,
            step,
            limit: 10,
        };
        same(&both, "durations", &async |store| store.duration_series(ctx, query.clone()).await)?;
    }
    Ok(())
}
