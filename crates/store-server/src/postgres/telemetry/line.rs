//! Lines of charges, what many of them have in common, and their sets of tags: each once, known by a hash.

use std::collections::{BTreeMap, HashMap};

use model::charge::ChargeObservation;
use model::entity::Labels;
use telemetry_rows::hash;
use tokio_postgres::types::Type;

use super::charge::Charge;
use crate::postgres::connection::{Copy, Session};
use crate::postgres::error::Outcome;
use crate::postgres::number::{Text, text_of};
use crate::postgres::read::row::bytes;
use crate::postgres::statement::{Statement, statement};

const TAGSET_KNOWN: Statement = statement!("tagset_known");
const TAGSET_NEXT: Statement = statement!("tagset_next");
const LINE_KNOWN: Statement = statement!("line_known");
const LINE_NEXT: Statement = statement!("line_next");
const TAGSET_ADD: Copy = Copy {
    name: "charge_tagset",
    sql: "COPY charge_tagset FROM STDIN (FORMAT binary)",
    types: &[Type::INT4, Type::BYTEA],
};
const TAG_ADD: Copy = Copy {
    name: "charge_tag",
    sql: "COPY charge_tag FROM STDIN (FORMAT binary)",
    types: &[Type::INT4, Type::TEXT, Type::TEXT],
};
const LINE_ADD: Copy = Copy {
    name: "charge_line",
    sql: "COPY charge_line FROM STDIN (FORMAT binary)",
    types: &[
        Type::INT4,
        Type::BYTEA,
        Type::INT8,
        Type::INT4,
        Type::TEXT,
        Type::INT8,
        Type::INT8,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
    ],
};

type Hash = [u8; 16];

/// Hashes that are held at once in one look-up.
const HASHES: usize = 50_000;

/// The line of each charge, in their order; new ones are made.
pub async fn ids(session: &Session, charges: &[&Charge]) -> Outcome<Vec<i32>> {
    let tagsets = tagsets(session, charges).await?;
    let mut hashes = Vec::with_capacity(charges.len());
    // The first charge of each line, with its tag set.
    let mut wanted: BTreeMap<Hash, (&Charge, i32)> = BTreeMap::new();
    for charge in charges.iter().copied() {
        let tagset =
            tagsets.get(&hash::pairs_hash(&charge.1.tags).to_be_bytes()).copied().unwrap_or(0);
        let hash = hash::line_hash(charge.0.map(|id| id.0), tagset.cast_unsigned(), &charge.1)
            .to_be_bytes();
        wanted.entry(hash).or_insert((charge, tagset));
        hashes.push(hash);
    }
    let mut known = known(session, LINE_KNOWN, wanted.keys()).await?;
    wanted.retain(|hash, _| !known.contains_key(hash));
    if !wanted.is_empty() {
        let mut next: i32 = session.row(LINE_NEXT, &[]).await?.try_get(0)?;
        let mut rows = session.copy(LINE_ADD).await?;
        for (hash, (charge, tagset)) in &wanted {
            let resource = charge.0.map(|id| id.0 as i64);
            add(&mut rows, next, hash, resource, *tagset, &charge.1).await?;
            known.insert(*hash, next);
            next += 1;
        }
        rows.finish().await?;
    }
    Ok(hashes.iter().map(|hash| known.get(hash).copied().unwrap_or(0)).collect())
}

async fn add(
    rows: &mut crate::postgres::connection::CopyIn<'_>,
    id: i32,
    hash: &Hash,
    resource: Option<i64>,
    tagset: i32,
    charge: &ChargeObservation,
) -> Outcome<()> {
    rows.write(&[
        &id,
        &hash.as_slice(),
        &resource,
        &tagset,
        &Text(&charge.billing_account),
        &charge.billing_period_start.0,
        &charge.billing_period_end.0,
        &text_of(&charge.sub_account),
        &text_of(&charge.sub_account_name),
        &Text(&charge.provider),
        &text_of(&charge.publisher),
        &text_of(&charge.service),
        &text_of(&charge.service_category),
        &text_of(&charge.region),
        &text_of(&charge.zone),
        &Text(&charge.category),
        &text_of(&charge.class),
        &text_of(&charge.frequency),
        &text_of(&charge.description),
        &text_of(&charge.pricing_category),
        &text_of(&charge.commitment_id),
        &text_of(&charge.commitment_status),
        &text_of(&charge.sku),
        &text_of(&charge.resource_id),
        &text_of(&charge.resource_name),
        &text_of(&charge.resource_type),
        &Text(&charge.currency),
        &text_of(&charge.unit),
        &text_of(&charge.operation),
    ])
    .await
}

/// The tag sets of charges by hash; new ones are made, the empty one is 0.
async fn tagsets(session: &Session, charges: &[&Charge]) -> Outcome<HashMap<Hash, i32>> {
    let mut wanted: BTreeMap<Hash, &Labels> = BTreeMap::new();
    for (_, charge) in charges.iter().copied().filter(|(_, charge)| !charge.tags.is_empty()) {
        wanted.entry(hash::pairs_hash(&charge.tags).to_be_bytes()).or_insert(&charge.tags);
    }
    let mut known = known(session, TAGSET_KNOWN, wanted.keys()).await?;
    wanted.retain(|hash, _| !known.contains_key(hash));
    if wanted.is_empty() {
        return Ok(known);
    }
    let first: i32 = session.row(TAGSET_NEXT, &[]).await?.try_get(0)?;
    let mut rows = session.copy(TAGSET_ADD).await?;
    for (id, hash) in (first..).zip(wanted.keys()) {
        rows.write(&[&id, &hash.as_slice()]).await?;
        known.insert(*hash, id);
    }
    rows.finish().await?;
    let mut rows = session.copy(TAG_ADD).await?;
    for (id, tags) in (first..).zip(wanted.values()) {
        for (name, value) in *tags {
            rows.write(&[&id, &Text(name), &Text(value)]).await?;
        }
    }
    rows.finish().await?;
    Ok(known)
}

/// What is held of these hashes.
async fn known<'a>(
    session: &Session,
    statement: Statement,
    hashes: impl Iterator<Item = &'a Hash>,
) -> Outcome<HashMap<Hash, i32>> {
    let all: Vec<&[u8]> = hashes.map(<[u8; 16]>::as_slice).collect();
    let mut known = HashMap::with_capacity(all.len());
    for some in all.chunks(HASHES) {
        for row in session.rows(statement, &[("hashes", &some)]).await? {
            known.insert(bytes(&row, 0)?, row.try_get(1)?);
        }
    }
    Ok(known)
}
