// Question: none; adds what sources said about entities.
// Parameters: rows (LIST of [entity, source, observed_at, fingerprint, name, labels, properties,
//   created_at, ended_at, observed_to, is_implied]), at most 10,000; write (INTEGER).
// Uses the constraint on the id.
UNWIND $rows AS row
MATCH (e:Entity {id: row[0]})
CREATE (e)-[:HAS_VERSION]->(:Version {
  entity: row[0], source: row[1], observed_at: row[2], fingerprint: row[3], name: row[4],
  labels: row[5], properties: row[6], created_at: row[7], ended_at: row[8], observed_to: row[9],
  is_implied: row[10], write: $write
})
