//! Rows of actual and of amortized cost, as the export's documentation describes them.

use std::ops::ControlFlow;

use model::Batch;

use crate::context::InputContext;

fn read(rows: &str) -> Batch {
    let head = "SubscriptionId,MeterId,MeterCategory,MeterName,ConsumedService,ChargeType,Date,\
                UnitOfMeasure,Quantity,EffectivePrice,UnitPrice,PayGPrice,CostInBillingCurrency,\
                BillingAccountId,BillingCurrencyCode,BillingPeriodStartDate,BillingPeriodEndDate,\
                PricingModel,ReservationId,PublisherType,PublisherName,Tags\n";
    let mut whole = None;
    let text = format!("{head}{rows}");
    crate::read("costs.csv", text.as_bytes(), &InputContext::default(), &mut |batch| {
        whole = Some(batch);
        ControlFlow::Continue(())
    })
    .unwrap();
    whole.unwrap()
}

/// Billed, effective, list, contracted as text.
fn costs(batch: &Batch, place: usize) -> [String; 4] {
    let one = &batch.charges[place];
    [one.billed, one.effective, one.list, one.contracted]
        .map(|amount| amount.map_or_else(|| "-".to_owned(), |amount| amount.to_string()))
}

#[test]
fn actual_and_amortized_rows_fill_their_own_bases() {
    let row = |kind: &str, quantity: &str, cost: &str, model: &str, reservation: &str| {
        format!(
            "sub,meter,Virtual Machines,D4,Microsoft.Compute,{kind},9/2/2023,1 Hour,{quantity},0,\
             0.1,0.4,{cost},42,EUR,9/1/2023,9/30/2023,{model},{reservation},Azure,,\n"
        )
    };
    let batch = read(
        &[
            row("Usage", "10", "0.9", "OnDemand", ""),
            row("Usage", "10", "0", "Reservation", "res"),
            row("Usage", "10", "0.5", "Reservation", "res"),
            row("Purchase", "1", "70", "Reservation", "res"),
            row("UnusedReservation", "2", "0.1", "Reservation", "res"),
            row("Refund", "1", "-3", "OnDemand", ""),
            row("Something", "1", "1", "OnDemand", ""),
        ]
        .concat(),
    );
    assert_eq!(costs(&batch, 0), ["0.9", "0.9", "4", "1"]);
    assert_eq!(costs(&batch, 1), ["0", "-", "4", "1"]);
    assert_eq!(costs(&batch, 2), ["-", "0.5", "4", "1"]);
    assert_eq!(costs(&batch, 3), ["70", "0", "-", "-"]);
    assert_eq!(costs(&batch, 4), ["-", "0.1", "-", "-"]);
    assert_eq!(costs(&batch, 5), ["-3", "-3", "-", "-"]);
    let status = |place: usize| batch.charges[place].commitment_status.as_deref();
    assert_eq!([0, 2, 3, 4].map(status), [None, Some("Used"), None, Some("Unused")]);
    let one = &batch.charges[0];
    assert_eq!(one.charge_period_start.to_string(), "2023-09-02T00:00:00Z");
    assert_eq!(one.charge_period_end.to_string(), "2023-09-03T00:00:00Z");
    assert_eq!(one.billing_period_end.to_string(), "2023-10-01T00:00:00Z");
    assert_eq!(one.pricing_category.as_deref(), Some("Standard"));
    assert_eq!(batch.rejects.len(), 1);
    assert!(batch.rejects[0].location.contains("row 7, column ChargeType"));
}

#[test]
fn tags_without_braces_and_the_marketplace_are_understood() {
    let batch = read(
        "sub,m,Storage,W,Microsoft.Storage,Usage,2023-09-02,1 GB,2,0.1,0.1,0.1,0.2,42,USD,,,Spot,,\
         Marketplace,Canonical,\"\"\"team\"\": \"\"shop\"\",\"\"env\"\": \"\"live\"\"\"\n",
    );
    let one = &batch.charges[0];
    assert_eq!(one.tags["team"], "shop");
    assert_eq!(one.publisher.as_deref(), Some("Canonical (Marketplace)"));
    assert_eq!(one.pricing_category.as_deref(), Some("Dynamic"));
    assert_eq!(one.billing_period_start.to_string(), "2023-09-01T00:00:00Z");
}
