//! The large estate as files of our own ndjson, in parts of bounded size.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Result;
use scenario::large::Large;
use serde_json::json;

/// Rows in one file: below the bound of what one input may have.
const ROWS_MAX: u64 = 2_000_000;

/// Writes the entities and relations of an estate into a folder, entities first in order of name;
/// gives the number of rows.
pub fn write(large: &Large, folder: &Path) -> Result<u64> {
    std::fs::create_dir_all(folder)?;
    let entities = u64::from(large.entity_count());
    let mut parts = Parts::new(folder, "a-entities");
    for ordinal in 0..large.entity_count() {
        let entity = large.entity(ordinal);
        let labels: serde_json::Value = serde_json::from_str(&entity.labels)?;
        parts.put(&json!({
            "type": "entity",
            "kind": entity.kind.label(),
            "id": entity.id,
            "name": entity.name,
            "labels": labels,
            "aliases": entity.aliases,
            "created_at": instant(entity.valid_from),
            "observed_at": "2026-11-01T00:00:00Z",
            "source": "large"
        }))?;
    }
    parts.end()?;
    let relations = large.relation_count() + large.ended_count();
    let mut parts = Parts::new(folder, "b-relations");
    for position in 0..relations {
        let relation = large.relation(position);
        let mut row = json!({
            "type": "relation",
            "kind": relation.kind.label(),
            "from": large.entity(relation.from).id,
            "to": large.entity(relation.to).id,
            "evidence": "declared",
            "started_at": instant(relation.valid_from),
            "observed_at": "2026-11-01T00:00:00Z",
            "source": "large"
        });
        if !relation.need.is_empty() {
            row["need"] = relation.need.into();
        }
        if relation.valid_to != i64::MAX {
            row["ended_at"] = instant(relation.valid_to).into();
        }
        parts.put(&row)?;
    }
    parts.end()?;
    Ok(entities + relations)
}

struct Parts<'a> {
    folder: &'a Path,
    stem: &'static str,
    count: u64,
    out: Option<BufWriter<File>>,
}

impl<'a> Parts<'a> {
    fn new(folder: &'a Path, stem: &'static str) -> Self {
        Self { folder, stem, count: 0, out: None }
    }

    fn put(&mut self, row: &serde_json::Value) -> Result<()> {
        if self.count.is_multiple_of(ROWS_MAX) {
            self.end()?;
            let name = format!("{}-{:04}.ndjson", self.stem, self.count / ROWS_MAX);
            let file = File::create(self.folder.join(name))?;
            self.out = Some(BufWriter::with_capacity(1 << 20, file));
        }
        self.count += 1;
        if let Some(out) = &mut self.out {
            serde_json::to_writer(&mut *out, row)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        Ok(self.out.take().map_or(Ok(()), |mut out| out.flush())?)
    }
}

fn instant(second: i64) -> String {
    jiff::Timestamp::from_second(second).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
}
