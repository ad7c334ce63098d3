//! Fingerprints: 64 bits over everything tracked of a record. The top byte is how much the record
//! says, so that of two records of one source and instant the greater fingerprint is the richer one,
//! in whatever order they come.

use std::io;

use model::EntityObservation;
use model::entity::Presence;
use serde::Serialize;
use serde_json::Value;
use xxhash_rust::xxh3::Xxh3;

/// The fingerprint of a record. The order of claims and relations does not matter.
pub fn fingerprint(record: &EntityObservation) -> u64 {
    let mut hash = Hash(Xxh3::new());
    hash.add(&(record.kind, &record.name, &record.scope, &record.labels));
    for (name, value) in &record.properties {
        hash.0.update(name.as_bytes());
        hash.value(value);
    }
    hash.add(&(record.created_at, record.ended_at, &record.incarnation));
    hash.0.update(&[u8::from(record.presence == Presence::Implied)]);
    let mut parts: Vec<u64> = record.claims.iter().map(hash_of).collect();
    parts.extend(record.relations.iter().map(hash_of));
    parts.sort_unstable();
    for part in &parts {
        hash.0.update(&part.to_le_bytes());
    }
    let said = record.labels.len() + record.properties.len() + parts.len();
    let richness = u64::try_from(said.min(255)).unwrap_or(255);
    (richness << 56) | (hash.0.digest() >> 8)
}

/// A hash of anything that can be written as JSON; stable between runs.
pub(crate) fn hash_of<T: Serialize>(value: &T) -> u64 {
    let mut hash = Hash(Xxh3::new());
    hash.add(value);
    hash.0.digest()
}

struct Hash(Xxh3);

impl Hash {
    fn add<T: Serialize>(&mut self, value: &T) {
        let mut writer = HashWriter(&mut self.0);
        // A value that JSON cannot hold (none of ours) counts as far as it was written.
        if serde_json::to_writer(&mut writer, value).is_err() {
            self.0.update(b"?");
        }
    }

    /// Objects in order of name: formats need not keep it.
    fn value(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => {
                let mut names: Vec<&String> = fields.keys().collect();
                names.sort_unstable();
                self.0.update(b"{");
                for name in names {
                    self.0.update(name.as_bytes());
                    self.0.update(b":");
                    self.value(&fields[name]);
                }
                self.0.update(b"}");
            }
            Value::Array(items) => {
                self.0.update(b"[");
                for item in items {
                    self.value(item);
                    self.0.update(b",");
                }
                self.0.update(b"]");
            }
            other => self.add(other),
        }
    }
}

struct HashWriter<'a>(&'a mut Xxh3);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::EntityKind;
    use model::reference::Claim;

    fn pod() -> EntityObservation {
        let mut pod = EntityObservation::new("k8s://c/n/pod/p", EntityKind::Pod, "p");
        pod.claims = vec![Claim::alias("uid:1", "k8s://c/n/pod/p"), Claim::alias("a:2", "x")];
        pod
    }

    #[test]
    fn order_of_claims_and_fields_does_not_matter() {
        let mut other = pod();
        other.claims.reverse();
        assert_eq!(fingerprint(&pod()), fingerprint(&other));
        let with = |text: &str| {
            let mut pod = pod();
            pod.properties.insert("x".into(), serde_json::from_str(text).unwrap());
            fingerprint(&pod)
        };
        assert_eq!(with(r#"{"a":1,"b":[2]}"#), with(r#"{"b":[2],"a":1}"#));
        assert_ne!(with(r#"{"a":1,"b":[2]}"#), with(r#"{"a":1,"b":[3]}"#));
    }

    #[test]
    fn a_richer_record_has_the_greater_fingerprint() {
        let mut richer = pod();
        richer.labels.insert("app".into(), "x".into());
        assert!(fingerprint(&richer) > fingerprint(&pod()));
    }
}
