//! FOCUS and CUR: sums known independently, and files that are broken on purpose.

use std::collections::BTreeMap;

use libtest_mimic::{Failed, Trial};
use model::Amount;
use model::charge::{BillFormat, ChargeObservation};

use crate::{ensure, on_data, read};

const FOCUS: &str = "cost/focus-1.0/FOCUS-1.0/focus_sample.csv";
const CUR: &str = "cost/aws-cur/sample-anonymous-aws-export-dataset.csv";

pub fn trials() -> Vec<Trial> {
    vec![
        on_data("the_sums_of_a_real_focus_bill", FOCUS, focus_sums),
        on_data("one_row_is_used_in_september_and_billed_in_october", FOCUS, focus_periods),
        on_data("a_focus_bill_without_a_mandatory_column_is_refused", FOCUS, focus_without_column),
        on_data("a_bad_cell_costs_its_row_only", FOCUS, focus_bad_cell),
        on_data("a_cut_focus_bill_loses_its_last_row_only", FOCUS, focus_cut),
        on_data("the_sum_of_a_real_cur", CUR, cur_sums),
        Trial::test("the_effective_cost_of_each_type_of_line_item", cur_rules),
        Trial::test("focus_columns_of_later_versions_and_stray_ones", focus_later),
        Trial::test("a_parquet_bill_equals_the_csv", parquet_equals_csv),
    ]
}

fn sum(
    charges: &[ChargeObservation],
    of: impl Fn(&ChargeObservation) -> Option<Amount>,
) -> (String, usize) {
    let all: Vec<Amount> = charges.iter().filter_map(of).collect();
    let total = all
        .iter()
        .fold(Amount::ZERO, |sum, one| sum.checked_add(*one).expect("the sums of tests are small"));
    (total.to_string(), all.len())
}

fn same<T: PartialEq + std::fmt::Debug>(found: &T, expected: &T) -> Result<(), Failed> {
    ensure(found == expected, format!("found {found:?}, expected {expected:?}"))
}

fn focus_sums(bytes: &[u8]) -> Result<(), Failed> {
    let (summary, batch) = read("focus.csv", bytes)?;
    same(&batch.rejects, &Vec::new())?;
    same(&summary.inputs[0].record.format.as_str(), &"focus-csv")?;
    let charges = &batch.charges;
    same(&charges.len(), &1000)?;
    same(&sum(charges, |c| c.billed), &("20.52022672899".to_owned(), 1000))?;
    same(&sum(charges, |c| c.effective), &("14.97651418586".to_owned(), 1000))?;
    same(&sum(charges, |c| c.list), &("20.39090575119".to_owned(), 1000))?;
    same(&sum(charges, |c| c.contracted), &("14.97626039326".to_owned(), 993))?;
    let mut providers: BTreeMap<&str, Vec<ChargeObservation>> = BTreeMap::new();
    for charge in charges {
        providers.entry(&charge.provider).or_default().push(charge.clone());
    }
    let found: Vec<(&str, String)> =
        providers.iter().map(|(name, rows)| (*name, sum(rows, |c| c.billed).0)).collect();
    let expected = vec![
        ("AWS", "18.0066386184".to_owned()),
        ("Microsoft", "1.97651418586".to_owned()),
        ("Oracle", "0.53707392473".to_owned()),
    ];
    same(&found, &expected)?;
    let delivery = batch.delivery.ok_or("no delivery")?;
    same(&(delivery.format, delivery.name.as_str()), &(BillFormat::Focus, "delivery-1"))?;
    let tagged = charges.iter().filter(|c| c.tags.contains_key("business_unit")).count();
    ensure(tagged > 100, format!("only {tagged} rows have the tag business_unit"))?;
    let arns = charges.iter().filter(|c| {
        c.resource_id.as_deref().is_some_and(|id| id.starts_with("arn:"))
            && c.resource.as_ref().is_some_and(|one| one.label().starts_with("arn:"))
    });
    ensure(arns.count() > 100, "ARNs lead nowhere")
}

fn focus_periods(bytes: &[u8]) -> Result<(), Failed> {
    let (_, batch) = read("focus.csv", bytes)?;
    let october = model::Micros(1_727_740_800_000_000);
    let late = batch
        .charges
        .iter()
        .filter(|c| c.billing_period_start == october && c.charge_period_start < october);
    same(&late.count(), &1)
}

fn focus_without_column(bytes: &[u8]) -> Result<(), Failed> {
    let text = String::from_utf8_lossy(bytes).replacen("\"BillingCurrency\"", "\"Stray\"", 1);
    let error = read("focus.csv", text.as_bytes()).err().ok_or("it was read")?.to_string();
    ensure(
        error.contains("BillingCurrency") && error.contains("add it to the export"),
        format!("no column and remedy in: {error}"),
    )
}

fn focus_bad_cell(bytes: &[u8]) -> Result<(), Failed> {
    let text = String::from_utf8_lossy(bytes).replacen("0.00000080000", "a few", 1);
    let (_, batch) = read("focus.csv", text.as_bytes())?;
    same(&batch.charges.len(), &999)?;
    same(&batch.rejects.len(), &1)?;
    same(&batch.rejects[0].location.as_str(), &"row 1, column BilledCost")
}

fn focus_cut(bytes: &[u8]) -> Result<(), Failed> {
    let (_, batch) = read("focus.csv", &bytes[..bytes.len() - 300])?;
    ensure(batch.charges.len() >= 998, format!("{} rows", batch.charges.len()))?;
    same(&batch.rejects.len(), &1)?;
    ensure(batch.rejects[0].reason.contains("cut off"), batch.rejects[0].reason.clone())
}

fn cur_sums(bytes: &[u8]) -> Result<(), Failed> {
    let (summary, batch) = read("cur.csv", bytes)?;
    same(&batch.rejects, &Vec::new())?;
    same(&summary.inputs[0].record.format.as_str(), &"cur-csv")?;
    same(&sum(&batch.charges, |c| c.billed), &("1.6823086974".to_owned(), 1281))?;
    let tax = batch.charges.iter().filter(|c| c.category == "Tax").count();
    same(&tax, &12)?;
    same(&batch.delivery.ok_or("no delivery")?.format, &BillFormat::Cur)
}

fn cur_rules() -> Result<(), Failed> {
    let header = "bill/PayerAccountId,bill/BillingPeriodStartDate,bill/BillingPeriodEndDate,\
        lineItem/LineItemType,lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/ProductCode,\
        lineItem/CurrencyCode,lineItem/UnblendedCost,reservation/EffectiveCost,\
        reservation/UnusedAmortizedUpfrontFeeForBillingPeriod,reservation/UnusedRecurringFee,\
        savingsPlan/SavingsPlanEffectiveCost,savingsPlan/TotalCommitmentToDate,\
        savingsPlan/UsedCommitment,splitLineItem/SplitCost,resourceTags/user:team\n";
    let cases = [
        ("Usage", "1.5,,,,,,,9,a", Some("1.5")),
        ("DiscountedUsage", "0,0.25,,,,,,9,a", Some("0.25")),
        ("SavingsPlanCoveredUsage", "3,,,,0.75,,,9,a", Some("0.75")),
        ("SavingsPlanNegation", "-3,,,,,,,9,a", Some("0")),
        ("SavingsPlanUpfrontFee", "100,,,,,,,9,a", Some("0")),
        ("RIFee", "10,,2,3,,,,9,a", Some("5")),
        ("SavingsPlanRecurringFee", "10,,,,,10,7.5,9,a", Some("2.5")),
        ("SavingsPlanRecurringFee", "10,,,,,,7.5,9,a", None),
        ("Tax", "0.2,,,,,,,9,a", Some("0.2")),
        ("Credit", "-1,,,,,,,9,a", Some("-1")),
    ];
    let mut text = header.to_owned();
    for (kind, rest, _) in &cases {
        text.push_str(&format!(
            "1,2026-09-01T00:00:00Z,2026-10-01T00:00:00Z,{kind},2026-09-01T00:00:00Z,\
             2026-09-02T00:00:00Z,AmazonEC2,USD,{rest}\n"
        ));
    }
    let (_, batch) = read("cur.csv", text.as_bytes())?;
    same(&batch.rejects, &Vec::new())?;
    let found: Vec<Option<String>> =
        batch.charges.iter().map(|c| c.effective.map(|amount| amount.to_string())).collect();
    let expected: Vec<Option<String>> =
        cases.iter().map(|(_, _, effective)| effective.map(str::to_owned)).collect();
    same(&found, &expected)?;
    same(&batch.charges[0].tags.get("team").map(String::as_str), &Some("a"))
}

const LATER: &str = "ServiceProviderName,BilledCost,EffectiveCost,ListCost,ContractedCost,\
    BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,\
    ChargePeriodEnd,ChargeCategory,ServiceName,Tags,x_Operation,Whatever,PricingCurrency\n\
    AWS,1,2,NULL,,1,USD,2026-09-01,2026-10-01,2026-09-03 01:00:00,2026-09-03T02:00:00Z,Usage,\
    Amazon EC2,\"{\"\"team\"\": \"\"shop\"\"}\",RunInstances:0002,x,EUR\n\
    AWS,0.12345678901234567895,2,1,1,1,USD,2026-09-01,2026-10-01,2026-09-03,2026-09-04,Usage,\
    Amazon EC2,not json,,,\n\
    AWS,1,2,1,1,1,USD,0001-01-01,2026-10-01,2026-09-03,2026-09-04,Usage,Amazon EC2,,,,\n\
    AWS,1,2,1,1,1,USD,2026-09-01,2026-10-01,2026-09-05,2026-09-04,Usage,Amazon EC2,,,,\n";

fn focus_later() -> Result<(), Failed> {
    let (_, batch) = read("focus.csv", LATER.as_bytes())?;
    same(&batch.charges.len(), &2)?;
    let first = &batch.charges[0];
    same(&(first.list, first.contracted), &(None, None))?;
    same(&first.operation.as_deref(), &Some("RunInstances:0002"))?;
    same(&first.tags.get("team").map(String::as_str), &Some("shop"))?;
    same(
        &batch.charges[1].billed.map(|a| a.to_string()).as_deref(),
        &Some("0.123456789012345679"),
    )?;
    let places: Vec<&str> = batch.rejects.iter().map(|one| one.location.as_str()).collect();
    same(
        &places,
        &vec![
            "row 2, column Tags",
            "row 3, column BillingPeriodStart",
            "row 4, column ChargePeriodEnd",
            "column BilledCost",
        ],
    )
}

fn parquet_equals_csv() -> Result<(), Failed> {
    use arrow::array::{ArrayRef, Decimal128Array, Float64Array, StringArray};
    use arrow::record_batch::RecordBatch;
    use std::sync::Arc;
    let csv = "ProviderName,BilledCost,EffectiveCost,ListCost,ContractedCost,BillingAccountId,\
        BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,\
        ChargeCategory,ServiceName\n\
        AWS,-12.3400,0.1,0.1,,1,USD,2026-09-01,2026-10-01,2026-09-03,2026-09-04,Usage,EC2\n";
    let (_, expected) = read("focus.csv", csv.as_bytes())?;
    let mut lines = csv.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let cells: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let billed = Decimal128Array::from(vec![-123_400]).with_precision_and_scale(38, 4)?;
    let columns = names.iter().zip(cells).map(|(name, cell)| {
        let array: ArrayRef = match *name {
            "BilledCost" => Arc::new(billed.clone()),
            "EffectiveCost" | "ListCost" => Arc::new(Float64Array::from(vec![0.1])),
            _ => Arc::new(StringArray::from(vec![Some(cell).filter(|cell| !cell.is_empty())])),
        };
        (*name, array, true)
    });
    let batch = RecordBatch::try_from_iter_with_nullable(columns)?;
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None)?;
    writer.write(&batch)?;
    writer.close()?;
    let (summary, found) = read("focus.parquet", &bytes)?;
    same(&summary.inputs[0].record.format.as_str(), &"focus-parquet")?;
    same(&found.charges, &expected.charges)?;
    for cut in (0..bytes.len()).step_by(7) {
        let _ = read("cut.parquet", &bytes[..cut]);
    }
    Ok(())
}
