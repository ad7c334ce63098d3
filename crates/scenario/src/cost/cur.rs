//! Charges as rows of an AWS Cost and Usage Report.

use super::charge::{Category, Charge};
use super::month::Month;
use crate::clock::{millis, rfc3339};
use crate::estate::Estate;

/// Columns.
pub const COLUMNS: &[&str] = &[
    "identity/LineItemId",
    "identity/TimeInterval",
    "bill/InvoiceId",
    "bill/InvoicingEntity",
    "bill/BillingEntity",
    "bill/BillType",
    "bill/PayerAccountId",
    "bill/BillingPeriodStartDate",
    "bill/BillingPeriodEndDate",
    "lineItem/UsageAccountId",
    "lineItem/LineItemType",
    "lineItem/UsageStartDate",
    "lineItem/UsageEndDate",
    "lineItem/ProductCode",
    "lineItem/UsageType",
    "lineItem/Operation",
    "lineItem/AvailabilityZone",
    "lineItem/ResourceId",
    "lineItem/UsageAmount",
    "lineItem/CurrencyCode",
    "lineItem/UnblendedRate",
    "lineItem/UnblendedCost",
    "lineItem/BlendedCost",
    "lineItem/LineItemDescription",
    "lineItem/TaxType",
    "product/ProductName",
    "product/region",
    "product/sku",
    "pricing/currency",
    "pricing/publicOnDemandCost",
    "pricing/publicOnDemandRate",
    "pricing/term",
    "pricing/unit",
    "reservation/EffectiveCost",
    "savingsPlan/SavingsPlanARN",
    "savingsPlan/SavingsPlanEffectiveCost",
    "resourceTags/user:environment",
    "resourceTags/user:team",
];

/// One row in the order of [`COLUMNS`].
pub fn row(estate: &Estate, month: &Month, c: &Charge, position: usize) -> Vec<String> {
    let text = |value: Option<String>| value.unwrap_or_default();
    let tag = |key: &str| text(c.tags.iter().find(|t| t.0 == key).map(|t| t.1.clone()));
    let is_tax = c.category == Category::Tax;
    let kind = match c.category {
        Category::Tax => "Tax",
        Category::Credit => "Credit",
        _ => "Usage",
    };
    vec![
        estate.random.suffix(&format!("line/{}/{position}", month.start), 52),
        format!("{}/{}", rfc3339(c.start), rfc3339(c.end)),
        String::new(),
        "Amazon Web Services, Inc.".to_owned(),
        "AWS".to_owned(),
        "Anniversary".to_owned(),
        c.account.id.to_owned(),
        millis(month.start),
        millis(month.end),
        c.account.id.to_owned(),
        kind.to_owned(),
        millis(c.start),
        millis(c.end),
        c.product.code.to_owned(),
        c.usage_type.clone(),
        c.operation.to_owned(),
        text(c.zone.clone()),
        text(c.resource.clone()),
        c.quantity.to_string(),
        "USD".to_owned(),
        text(c.list_price.map(|a| a.to_string())),
        c.billed.to_string(),
        c.billed.to_string(),
        c.description.clone(),
        if is_tax { "Sales Tax".to_owned() } else { String::new() },
        c.product.name.to_owned(),
        text(c.place.map(|p| p.region.to_owned())),
        estate.random.suffix(&format!("sku/{}", c.usage_type), 16).to_uppercase(),
        "USD".to_owned(),
        text(c.list.map(|a| a.to_string())),
        text(c.list_price.map(|a| a.to_string())),
        if is_tax { String::new() } else { "OnDemand".to_owned() },
        if is_tax { String::new() } else { c.unit.to_owned() },
        String::new(),
        String::new(),
        String::new(),
        tag("environment"),
        tag("team"),
    ]
}
