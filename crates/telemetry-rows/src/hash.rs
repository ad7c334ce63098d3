//! Hashes by which stores know what they hold already. They are on disk: none may change.

use model::charge::ChargeObservation;
use model::series::SeriesObservation;
use xxhash_rust::xxh3::Xxh3;

/// Hash of what names a series beside its entity.
pub fn name_hash(source: &str, metric: &str, labels: &str) -> u128 {
    let mut hash = Xxh3::new();
    for part in [source, metric, labels] {
        text_into(&mut hash, part);
    }
    hash.digest128()
}

/// Hash of names and values in order.
pub fn pairs_hash<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> u128 {
    let mut hash = Xxh3::new();
    for (name, value) in pairs {
        text_into(&mut hash, name.as_ref());
        text_into(&mut hash, value.as_ref());
    }
    hash.digest128()
}

/// A text with its length, so that two texts in a row cannot be taken for two others.
pub fn text_into(hash: &mut Xxh3, text: &str) {
    hash.update(&(text.len() as u64).to_le_bytes());
    hash.update(text.as_bytes());
}

/// Hash of what a series says of itself: signal, unit, factor and type.
pub fn description(observation: &SeriesObservation) -> u64 {
    let mut hash = Xxh3::new();
    text_into(&mut hash, observation.signal.as_deref().unwrap_or_default());
    text_into(&mut hash, observation.unit.as_deref().unwrap_or_default());
    hash.update(&observation.signal_factor.to_bits().to_le_bytes());
    hash.update(&[observation.series_type as u8]);
    hash.digest()
}

/// Hash of what charges of one line have in common.
pub fn line_hash(resource: Option<u64>, tagset: u32, charge: &ChargeObservation) -> u128 {
    let mut hash = Xxh3::new();
    // Internal ids begin anywhere, so none of them can stand for "no resource".
    hash.update(&[u8::from(resource.is_some())]);
    hash.update(&resource.unwrap_or(0).to_le_bytes());
    hash.update(&tagset.to_le_bytes());
    hash.update(&charge.billing_period_start.0.to_le_bytes());
    hash.update(&charge.billing_period_end.0.to_le_bytes());
    for text in [&charge.billing_account, &charge.provider, &charge.category, &charge.currency] {
        text_into(&mut hash, text);
    }
    let optional = [
        &charge.sub_account,
        &charge.sub_account_name,
        &charge.publisher,
        &charge.service,
        &charge.service_category,
        &charge.region,
        &charge.zone,
        &charge.class,
        &charge.frequency,
        &charge.description,
        &charge.pricing_category,
        &charge.commitment_id,
        &charge.commitment_status,
        &charge.sku,
        &charge.resource_id,
        &charge.resource_name,
        &charge.resource_type,
        &charge.unit,
        &charge.operation,
    ];
    for text in optional {
        hash.update(&[u8::from(text.is_some())]);
        text_into(&mut hash, text.as_deref().unwrap_or_default());
    }
    hash.digest128()
}
