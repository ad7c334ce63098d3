//! Charges as FOCUS rows: the columns of 1.0 and 1.2, and what stands in each.

use super::charge::{Category, Charge, Commitment};
use super::month::Month;
use crate::aws::savings_plan_arn;
use crate::clock::{rfc3339, spaced};
use crate::estate::Estate;

/// Version of the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 1.0, with the text `NULL` and blanks in times, as many exports write it.
    V10,
    /// 1.2, with empty cells and ISO 8601.
    V12,
}

/// Columns of 1.0, then AWS' own.
pub const COLUMNS: &[&str] = &[
    "AvailabilityZone",
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "RegionId",
    "RegionName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "SkuId",
    "SkuPriceId",
    "SubAccountId",
    "SubAccountName",
    "Tags",
    "x_Operation",
    "x_ServiceCode",
    "x_UsageType",
];

/// Columns that 1.2 adds.
pub const COLUMNS_12: &[&str] = &[
    "BillingAccountType",
    "SubAccountType",
    "InvoiceId",
    "PricingCurrency",
    "PricingCurrencyEffectiveCost",
    "ServiceSubcategory",
    "SkuMeter",
    "CommitmentDiscountQuantity",
    "CommitmentDiscountUnit",
];

/// The columns of a version.
pub fn columns(version: Version) -> Vec<&'static str> {
    let mut all = COLUMNS.to_vec();
    if version == Version::V12 {
        all.extend(COLUMNS_12);
    }
    all
}

/// One row in the order of [`columns`]; `None` is a missing value.
pub fn row(estate: &Estate, month: &Month, c: &Charge, version: Version) -> Vec<Option<String>> {
    let time = if version == Version::V10 { spaced } else { rfc3339 };
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let commitment = c.commitment.map(|_| savings_plan_arn(estate));
    let sku = estate.random.suffix(&format!("sku/{}", c.usage_type), 16).to_uppercase();
    let is_usage = matches!(c.category, Category::Usage | Category::Purchase);
    let status = match c.commitment {
        Some(Commitment::Used) => Some("Used".to_owned()),
        Some(Commitment::Unused) => Some("Unused".to_owned()),
        _ => None,
    };
    let unit_price = match (c.contracted, c.list, c.list_price) {
        (Some(contracted), Some(list), Some(price)) if list.0 != 0 => {
            Some(super::amount::Amount(price.0 * contracted.0 / list.0))
        }
        _ => None,
    };
    let mut all = vec![
        c.zone.clone(),
        Some(c.billed.to_string()),
        Some(c.account.id.to_owned()),
        Some(c.account.name.to_owned()),
        Some("USD".to_owned()),
        Some(time(month.end)),
        Some(time(month.start)),
        Some(c.category.label().to_owned()),
        c.correction.then(|| "Correction".to_owned()),
        some(&c.description),
        Some(c.frequency().to_owned()),
        Some(time(c.end)),
        Some(time(c.start)),
        commitment.as_ref().map(|_| "Spend".to_owned()),
        commitment.clone(),
        None,
        status,
        commitment.map(|_| "Savings Plan".to_owned()),
        is_usage.then(|| c.quantity.to_string()),
        is_usage.then(|| c.unit.to_owned()),
        c.contracted.map(|a| a.to_string()),
        unit_price.map(|a| a.to_string()),
        Some(c.effective.to_string()),
        Some("Amazon Web Services, Inc.".to_owned()),
        c.list.map(|a| a.to_string()),
        c.list_price.map(|a| a.to_string()),
        c.pricing_category().map(str::to_owned),
        is_usage.then(|| c.quantity.to_string()),
        is_usage.then(|| c.unit.to_owned()),
        Some("AWS".to_owned()),
        Some("Amazon Web Services, Inc.".to_owned()),
        c.place.map(|p| p.region.to_owned()),
        c.place.map(|p| p.region_name.to_owned()),
        c.resource.clone(),
        None,
        c.resource_type.map(str::to_owned),
        Some(c.product.category.to_owned()),
        Some(c.product.name.to_owned()),
        is_usage.then(|| sku.clone()),
        is_usage.then(|| format!("{sku}.JRTCKXETXF.6YS6EN2CT7")),
        Some(c.account.id.to_owned()),
        Some(c.account.name.to_owned()),
        tags(c),
        some(c.operation),
        Some(c.product.code.to_owned()),
        some(&c.usage_type),
    ];
    if version == Version::V12 {
        all.extend([
            Some("Billing account".to_owned()),
            Some("Account".to_owned()),
            None,
            Some("USD".to_owned()),
            Some(c.effective.to_string()),
            None,
            some(&c.usage_type),
            None,
            None,
        ]);
    }
    all
}

/// Tags as a JSON object, `None` when there is none.
pub fn tags(c: &Charge) -> Option<String> {
    if c.tags.is_empty() {
        return None;
    }
    let mut map = serde_json::Map::new();
    for (key, value) in &c.tags {
        map.insert((*key).to_owned(), value.clone().into());
    }
    Some(serde_json::Value::Object(map).to_string())
}
