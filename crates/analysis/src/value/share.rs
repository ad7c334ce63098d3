//! Which products an application serves, and which part of it each gets.

use model::kind::{EntityKind, RelationKind};
use model::money::Amount;
use serde_json::Value;

use crate::estate::Estate;
use crate::exact::split;

/// A product's part of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProductShare {
    /// Ordinal of the product.
    pub product: u32,
    /// Part, 0 to 1.
    pub share: Amount,
    /// Whether a file states it.
    pub is_stated: bool,
}

/// The products of an application in order of ordinal, with the parts that their stated shares are of all
/// that are stated; equal parts when none is. Parts add up to 1 to the last digit.
pub fn products_of(estate: &Estate, application: u32) -> Vec<ProductShare> {
    let parts = estate.to(application).filter(|one| {
        one.kind == RelationKind::HasPart && estate.entity(one.from).kind == EntityKind::Product
    });
    let mut shares: Vec<(u32, Option<Amount>)> =
        parts.map(|one| (one.from, one.properties.get("share").and_then(share_from))).collect();
    shares.sort_unstable_by_key(|one| one.0);
    let is_stated = shares.iter().any(|one| one.1.is_some());
    let weight = |share: Option<Amount>| match share {
        Some(share) => share,
        None if is_stated => Amount::ZERO,
        None => Amount(Amount::ONE),
    };
    let weights: Vec<Amount> = shares.iter().map(|one| weight(one.1)).collect();
    let parts = split(Amount(Amount::ONE), &weights).unwrap_or_default();
    let part = |((product, stated), share): ((u32, Option<Amount>), Amount)| ProductShare {
        product,
        share,
        is_stated: stated.is_some(),
    };
    shares.into_iter().zip(parts).map(part).collect()
}

fn share_from(value: &Value) -> Option<Amount> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.parse().ok().filter(|share: &Amount| share.0 >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::fact::{EntityFact, EstateFacts, EstateRelation};

    fn shares(stated: &[Option<&str>]) -> Vec<String> {
        let mut entities: Vec<EntityFact> = (0..stated.len())
            .map(|one| {
                let id = format!("product://{one}");
                EntityFact::new(EntityKind::Product, &id, &id)
            })
            .collect();
        entities.push(EntityFact::new(EntityKind::Application, "application://a", "a"));
        let application = u32::try_from(stated.len()).unwrap();
        let relations = (0_u32..)
            .zip(stated)
            .map(|(product, share)| {
                let mut relation = EstateRelation::new(product, RelationKind::HasPart, application);
                let share = share.map(|share| ("share".to_owned(), Value::from(share)));
                relation.properties.extend(share);
                relation
            })
            .collect();
        let estate = Estate::new(EstateFacts { entities, relations, ..Default::default() });
        products_of(&estate, application).iter().map(|one| one.share.to_string()).collect()
    }

    #[test]
    fn parts_are_as_stated_else_equal() {
        assert_eq!(shares(&[Some("0.8"), Some("0.2")]), ["0.8", "0.2"]);
        assert_eq!(shares(&[Some("0.3"), Some("0.1"), None]), ["0.75", "0.25", "0"]);
        assert_eq!(
            shares(&[None, None, None]),
            ["0.333333333333333334", "0.333333333333333333", "0.333333333333333333"]
        );
        assert!(shares(&[]).is_empty());
    }
}
