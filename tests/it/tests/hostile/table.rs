//! Bills, metrics and organisation tables with impossible values, orders and columns.

use libtest_mimic::Failed;
use serde_json::Value;

use super::{Case, Program, SOUND, expect, kind_count, nothing_more};

pub const CASES: &[Case] = &[
    Case {
        name: "a_bill_without_a_mandatory_column_is_refused",
        file: || {
            let bill = bill(&[ROW, ROW]);
            let without = bill.lines().map(|line| line.split_once(',').map_or("", |parts| parts.1));
            ("bill.csv", without.collect::<Vec<_>>().join("\n").into_bytes())
        },
        says: &["BilledCost", "the header"],
        rejects: 1,
        code_alone: 2,
        holds: nothing_more,
    },
    Case {
        name: "null_text_in_a_bill_is_no_value",
        file: || {
            let row = ROW.replace(",3.5,", ",NULL,");
            ("bill.csv", bill(&[ROW, &row]).into_bytes())
        },
        says: &[],
        rejects: 0,
        code_alone: 0,
        holds: |program, _report| {
            let total = &costs(program)?[0]["total"];
            let text = total.to_string();
            expect("rows", total["contracted"]["rows"].as_u64(), Some(1), &text)?;
            expect("without", total["contracted"]["rows_without"].as_u64(), Some(1), &text)?;
            expect("sum", total["contracted"]["amount"].as_str(), Some("3.5"), &text)
        },
    },
    Case {
        name: "currencies_are_never_added_up",
        file: || {
            let euro = ROW.replace("USD", "EUR");
            ("bill.csv", bill(&[ROW, &euro, ROW]).into_bytes())
        },
        says: &[],
        rejects: 0,
        code_alone: 0,
        holds: |program, _report| {
            let currencies = costs(program)?;
            let billed = |currency: &str| {
                let found = currencies.iter().find(|one| one["currency"] == currency);
                found.and_then(|one| one["total"]["billed"]["amount"].as_str().map(str::to_owned))
            };
            expect("dollars", billed("USD").as_deref(), Some("2.5"), "")?;
            expect("euros", billed("EUR").as_deref(), Some("1.25"), "")
        },
    },
    Case {
        name: "an_amount_that_is_none_costs_its_row_only",
        file: || {
            let rows = ["NaN", "1e400", "12,5", "--1", "0x10"]
                .map(|amount| ROW.replacen("1.25", &format!("\"{amount}\""), 1));
            let all: Vec<&str> = rows.iter().map(String::as_str).chain([ROW]).collect();
            ("bill.csv", bill(&all).into_bytes())
        },
        says: &["row 1", "row 5", "BilledCost"],
        rejects: 5,
        code_alone: 0,
        holds: |program, _report| {
            let total = &costs(program)?[0]["total"];
            expect("billed", total["billed"]["amount"].as_str(), Some("1.25"), &total.to_string())
        },
    },
    Case {
        name: "a_bill_of_years_1_and_9999_is_refused_by_row",
        file: || {
            let rows = ["0001", "9999"].map(|year| ROW.replace("2026-", &format!("{year}-")));
            ("bill.csv", bill(&[&rows[0], &rows[1], ROW]).into_bytes())
        },
        says: &["row 1", "row 2", "BillingPeriodStart"],
        rejects: 2,
        code_alone: 0,
        holds: |program, _report| {
            let rows = costs(program)?[0]["rows"].as_u64();
            expect("rows", rows, Some(1), "")
        },
    },
    Case {
        name: "not_a_number_and_infinities_are_rejected",
        file: || {
            let text = "# TYPE queue_depth gauge\nqueue_depth{pod=\"a\"} NaN 1788220800\n\
                queue_depth{pod=\"a\"} +Inf 1788220860\nqueue_depth{pod=\"a\"} -Inf 1788220920\n\
                queue_depth{pod=\"a\"} 3 1788220980\nqueue_depth{pod=\"a\"} 4 253402300799\n\
                queue_depth{pod=\"a\"} 5 -62135596800\n# EOF\n";
            ("metrics.om", text.into())
        },
        says: &["NaN"],
        rejects: 5,
        code_alone: 0,
        holds: |_program, report| {
            expect("samples", samples(report), 1, &report["inputs"].to_string())
        },
    },
    Case {
        name: "out_of_order_and_repeated_samples_and_resets_are_one_series",
        file: || ("metrics.om", counter(&[2, 0, 3, 1, 2, 2, 0]).into_bytes()),
        says: &[],
        rejects: 0,
        code_alone: 0,
        holds: one_series,
    },
    Case {
        name: "a_cycle_of_owners_is_rejected",
        file: || {
            let table = "unit,parent,kind\nacme,,organisation\na,b,business_unit\nb,c,business_unit\n\
                c,a,business_unit\nretail,acme,business_unit\n";
            ("organisation.csv", table.into())
        },
        says: &["cycle"],
        rejects: 3,
        code_alone: 0,
        holds: |program, _report| expect("units", kind_count(program, "business_unit")?, 1, ""),
    },
];

const HEADER: &str = "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingAccountId,\
    BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,\
    ChargeCategory,ServiceName,ProviderName";

const ROW: &str = "1.25,1.5,2,3.5,123,USD,2026-09-01T00:00:00Z,2026-10-01T00:00:00Z,\
    2026-09-02T00:00:00Z,2026-09-03T00:00:00Z,Usage,Storage,AWS";

fn bill(rows: &[&str]) -> String {
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

fn costs(program: &Program) -> Result<Vec<Value>, Failed> {
    let answer = program.ask(&["cost-analysis", "--window", "all"])?;
    Ok(answer["currencies"].as_array().cloned().unwrap_or_default())
}

fn samples(report: &Value) -> u64 {
    super::super::program::sum_of(report, "read", "sample")
}

/// A counter that starts anew between its second and third minute, sample by sample in this order.
fn counter(order: &[usize]) -> String {
    let values = [100, 220, 30, 90];
    let lines = order.iter().map(|&minute| {
        let at = 1_788_220_800 + 60 * minute;
        let count = "http_server_request_duration_seconds_count";
        format!("{count}{{namespace=\"n\",pod=\"sound-0\"}} {} {at}\n", values[minute])
    });
    let lines: String = lines.collect();
    format!("# TYPE http_server_request_duration_seconds histogram\n{lines}# EOF\n")
}

/// Whatever the order, the estate answers as with the samples in order, and the restart is no
/// negative rate.
fn one_series(program: &Program, report: &Value) -> Result<(), Failed> {
    expect("read", samples(report), 7, &report["inputs"].to_string())?;
    let ordered = Program::new()?;
    let args = ["ingest", "--cluster", "c", "-"];
    for input in [SOUND, &counter(&[0, 1, 2, 3])] {
        let ran = ordered.run_with(&args, Some(input.as_bytes()))?;
        expect("exit code", ran.code, 0, &ran.stderr)?;
    }
    let ask = ["system-metrics", "--as-of", "2026-09-01T00:05:00Z", "--window", "PT5M"];
    let (found, wanted) = (program.ask(&ask)?, ordered.ask(&ask)?);
    let pod = |answer: &Value| {
        let all = answer["entities"].as_array().cloned().unwrap_or_default();
        all.into_iter().find(|one| one["id"].to_string().contains("sound-0")).unwrap_or_default()
    };
    let (found, wanted) = (pod(&found)["checks"].clone(), pod(&wanted)["checks"].clone());
    expect("figures in any order", found == wanted, true, &format!("{found} {wanted}"))?;
    let rates = found.as_array().cloned().unwrap_or_default();
    let rate = rates.iter().find_map(|check| check["value"]["value"].as_f64());
    // 120 up to the restart, 30 since it, 60 more; over the three minutes that were measured.
    let text = found.to_string();
    expect("a rate", rate.is_some_and(|rate| (rate - 210.0 / 180.0).abs() < 1e-9), true, &text)
}
