//! The words for what spend is summed and filtered by.

use std::fmt;
use std::str::FromStr;

use model::fact::CostDimension;

/// A dimension as a parameter: `service`, `tag:team`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DimensionParam(pub CostDimension);

/// Every dimension that has a word of its own, with its title.
const WORDS: &[(&str, CostDimension, &str)] = &[
    ("provider", CostDimension::Provider, "Provider"),
    ("service", CostDimension::Service, "Service"),
    ("service_category", CostDimension::ServiceCategory, "Service category"),
    ("billing_account", CostDimension::BillingAccount, "Billing account"),
    ("account", CostDimension::Account, "Account"),
    ("region", CostDimension::Region, "Region"),
    ("category", CostDimension::Category, "Charge category"),
    ("resource", CostDimension::Resource, "Resource"),
    ("resource_type", CostDimension::ResourceType, "Resource type"),
    ("sku", CostDimension::Sku, "SKU"),
    ("pricing_category", CostDimension::PricingCategory, "Pricing category"),
    ("commitment_status", CostDimension::CommitmentStatus, "Commitment status"),
    ("commitment", CostDimension::Commitment, "Commitment"),
    ("frequency", CostDimension::Frequency, "Charge frequency"),
    ("class", CostDimension::Class, "Charge class"),
    ("unit_of_use", CostDimension::Unit, "Unit of use"),
    ("publisher", CostDimension::Publisher, "Publisher"),
    ("account_name", CostDimension::AccountName, "Account name"),
    ("operation", CostDimension::Operation, "Operation"),
    ("owner", CostDimension::Owner, "Owner"),
    ("application", CostDimension::Application, "Application"),
    ("team", CostDimension::Team, "Team"),
    ("business_unit", CostDimension::BusinessUnit, "Business unit"),
    ("product", CostDimension::Product, "Product"),
    ("billing_period", CostDimension::BillingPeriod, "Billing period"),
    ("currency", CostDimension::Currency, "Currency"),
];

/// What marks a tag.
const TAG: &str = "tag:";

impl DimensionParam {
    /// Title for people.
    pub fn title(&self) -> String {
        match &self.0 {
            CostDimension::Tag(name) => format!("Tag {name}"),
            other => WORDS
                .iter()
                .find(|(_, dimension, _)| dimension == other)
                .map_or_else(String::new, |(_, _, title)| (*title).to_owned()),
        }
    }
}

impl FromStr for DimensionParam {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(name) = text.strip_prefix(TAG).filter(|name| !name.is_empty()) {
            return Ok(Self(CostDimension::Tag(name.to_owned())));
        }
        let found = WORDS.iter().find(|(word, _, _)| *word == text);
        found.map(|(_, dimension, _)| Self(dimension.clone())).ok_or_else(|| {
            let words: Vec<&str> = WORDS.iter().map(|(word, _, _)| *word).collect();
            format!("`{text}` is no dimension; accepted are {} and tag:NAME", words.join(", "))
        })
    }
}

impl fmt::Display for DimensionParam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            CostDimension::Tag(name) => write!(f, "{TAG}{name}"),
            other => {
                let found = WORDS.iter().find(|(_, dimension, _)| dimension == other);
                f.write_str(found.map_or("", |(word, _, _)| word))
            }
        }
    }
}

/// A filter as a parameter: `service=Amazon EC2`, `tag:team=checkout`, `owner=` for absent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CostFilter(pub CostDimension, pub String);

impl FromStr for CostFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| format!("`{text}` is not of the form DIMENSION=VALUE"))?;
        let DimensionParam(dimension) = name.parse()?;
        Ok(Self(dimension, value.trim().to_owned()))
    }
}

impl fmt::Display for CostFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", DimensionParam(self.0.clone()), self.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back() {
        let tag = DimensionParam(CostDimension::Tag("cost-center".into()));
        let words = WORDS.iter().map(|(_, dimension, _)| DimensionParam(dimension.clone()));
        for dimension in words.chain([tag]) {
            assert_eq!(dimension.to_string().parse(), Ok(dimension.clone()));
            assert!(!dimension.title().is_empty());
        }
        let filter = CostFilter(CostDimension::Tag("a=b".into()), "x".into());
        assert_ne!(filter.to_string().parse(), Ok(filter), "a tag's name cannot hold `=`");
        for wrong in ["", "tag:", "services", "service", "nothing=x"] {
            assert!(wrong.parse::<CostFilter>().is_err(), "{wrong}");
        }
    }
}
